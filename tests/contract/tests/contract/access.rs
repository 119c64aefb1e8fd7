//! The resource policies and the roles' trust policies. tests/iam evaluates their decisions; the local cloud applies some of them.

use crate::policies::strings;
use crate::project;
use serde_json::{Value, json};

/// The maximum length of a role's name (IAM API Reference, CreateRole).
const MAX_ROLE_NAME_CHARS: usize = 64;
/// The maximum length of a stack's name with which its roles' names are valid in every Region.
const MAX_STACK_NAME_CHARS: usize = 38;
/// One of the Regions with the longest names.
const LONGEST_REGION: &str = "ap-southeast-1";

/// The Deny statements of the policies of queues, topics and buckets.
fn denials() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for file in project::TEMPLATES {
        let template = project::yaml(file);
        for (id, resource) in template["Resources"].as_object().unwrap() {
            for statement in resource["Properties"]["PolicyDocument"]["Statement"].as_array().into_iter().flatten() {
                if statement["Effect"] == "Deny" {
                    all.push((format!("{file} {id} {}", statement["Sid"]), statement.clone()));
                }
            }
        }
    }
    assert!(all.len() > 20, "{}", all.len());
    all
}

/// A service has no `aws:PrincipalArn`, so a Deny with a condition on that key would deny services as well.
#[test]
fn denials_by_principal_do_not_apply_to_services() {
    let operators = json!({"Fn::If": ["HasOperators",
        {"aws:PrincipalArn": {"Fn::Split": [",", {"Ref": "OperatorRoleArns"}]}}, {"Ref": "AWS::NoValue"}]});
    // The roles of other stacks, in addition to those of the case stack.
    let publishers = json!({"Fn::If": ["HasPublishers",
        {"aws:PrincipalArn": {"Fn::Split": [",", {"Ref": "PublisherRoleArns"}]}}, {"Ref": "AWS::NoValue"}]});
    let mut count = 0;
    for (name, statement) in denials() {
        let condition = &statement["Condition"];
        assert_eq!(statement["Principal"], "*", "{name}");
        if condition["Bool"]["aws:SecureTransport"] == "false" {
            continue;
        }
        count += 1;
        assert_eq!(condition["Bool"], json!({"aws:PrincipalIsAWSService": "false"}), "{name}");
        let spared = &condition["ArnNotEquals"];
        let roles =
            spared["aws:PrincipalArn"].as_array().cloned().unwrap_or_else(|| vec![spared["aws:PrincipalArn"].clone()]);
        let names_roles = roles.iter().all(|it| it["Fn::GetAtt"].as_str().is_some_and(|it| it.ends_with("Role.Arn")));
        assert!(*spared == operators || names_roles, "{name}: {spared}");
        let publishes = name.starts_with(project::CASE) && strings(&statement["Action"]) == ["sns:Publish"];
        assert_eq!(condition["StringNotEquals"], if publishes { publishers.clone() } else { Value::Null }, "{name}");
        assert_eq!(condition.as_object().unwrap().len(), if publishes { 3 } else { 2 }, "{name}");
    }
    assert!(count > 15, "{count}");
}

/// Every queue, topic and bucket: only the named principals send, receive, publish or write.
#[test]
fn writes_by_other_principals_are_denied_on_every_resource() {
    for file in project::TEMPLATES {
        let template = project::yaml(file);
        for (id, resource) in template["Resources"].as_object().unwrap() {
            let actions: &[&str] = match resource["Type"].as_str().unwrap() {
                "AWS::SQS::Queue" => &["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue"],
                "AWS::SNS::Topic" => &["sns:Publish"],
                "AWS::S3::Bucket" => &["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
                _ => continue,
            };
            for action in actions {
                let denied = denials().into_iter().any(|(name, it)| {
                    let resources = it["Resource"].to_string();
                    name.starts_with(file)
                        && it["Condition"]["Bool"]["aws:PrincipalIsAWSService"] == "false"
                        && it["Condition"]["Bool"]["aws:SecureTransport"].is_null()
                        && strings(&it["Action"]).iter().any(|it| it == action)
                        && (resources.contains(&format!("\"{id}.Arn\""))
                            || resources.contains(&format!("{{\"Ref\":\"{id}\"}}"))
                            || resources.contains(&format!("${{{id}.Arn}}")))
                });
                assert!(denied, "{file}: {action} on {id}");
            }
        }
    }
}

/// A redrive needs these actions on the dead-letter queue.
#[test]
fn only_operators_may_move_dead_letters() {
    for (name, statement) in denials().iter().filter(|(_, it)| it["Sid"] == "OnlyOperatorsMoveDeadLetters") {
        let actions = strings(&statement["Action"]);
        for action in ["StartMessageMoveTask", "CancelMessageMoveTask", "ReceiveMessage", "DeleteMessage"] {
            assert!(actions.contains(&format!("sqs:{action}")), "{name}: {action}");
        }
        assert_eq!(statement["Condition"]["ArnNotEquals"]["Fn::If"][0], "HasOperators", "{name}");
    }
    for file in [project::CASE, project::GRAPH, project::MEMBER, "infra/case/forward.yaml"] {
        let parameter = &project::yaml(file)["Parameters"]["OperatorRoleArns"];
        assert_eq!(parameter["Default"], "", "{file}");
        assert!(!parameter["AllowedPattern"].as_str().unwrap().contains("[*"), "{file}: ArnNotEquals takes wildcards");
    }
}

/// The roles in other accounts trust one role by its full ARN, which does not change if the role is deleted and created again.
#[test]
fn roles_in_other_accounts_trust_one_role_of_the_stack() {
    for (stack, file, role, parameter, caller, suffix) in [
        (
            project::template(),
            "infra/case/member-role.yaml",
            "PrincipalsRole",
            "OpenCaseRoleArn",
            "OpenCaseFunctionRole",
            "open-case",
        ),
        (
            project::graph_template(),
            "infra/graph/management-role.yaml",
            "ManagementRole",
            "KeepGraphRoleArn",
            "KeepGraphFunctionRole",
            "keep-graph",
        ),
    ] {
        let template = project::yaml(file);
        let trust = &template["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"];
        let expected = json!([{
            "Effect": "Allow",
            "Principal": {"AWS": {"Fn::Select": [4, {"Fn::Split": [":", {"Ref": parameter}]}]}},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {
                    "sts:ExternalId": {"Ref": "ExternalId"},
                    "aws:PrincipalOrgID": {"Fn::If": ["HasOrganization", {"Ref": "OrganizationId"}, {"Ref": "AWS::NoValue"}]},
                },
                "ArnEquals": {"aws:PrincipalArn": {"Ref": parameter}},
            },
        }]);
        assert_eq!(*trust, expected, "{file}");
        assert!(template["Parameters"][parameter]["Default"].is_null(), "{file}");
        let pattern = template["Parameters"][parameter]["AllowedPattern"].as_str().unwrap();
        assert!(!pattern.contains("[*") && pattern.ends_with('$'), "{file}: ArnEquals takes wildcards");
        let name = &stack["Resources"][caller]["Properties"]["RoleName"]["Fn::Sub"];
        assert_eq!(*name, format!("${{AWS::StackName}}-{suffix}-${{AWS::Region}}"));
        assert_eq!(stack["Outputs"][parameter]["Value"]["Fn::GetAtt"], format!("{caller}.Arn"));
    }
}

#[test]
fn role_names_are_valid_in_every_region() {
    let templates = [project::template(), project::graph_template()];
    let resources = templates.iter().flat_map(|it| it["Resources"].as_object().unwrap().values());
    let names = resources.filter_map(|it| it["Properties"]["RoleName"]["Fn::Sub"].as_str());
    let mut count = 0;
    for name in names {
        assert!(name.contains("${AWS::Region}"), "{name}: names of roles hold for all Regions of an account");
        let longest = name
            .replace("${AWS::StackName}", &"s".repeat(MAX_STACK_NAME_CHARS))
            .replace("${AWS::Region}", LONGEST_REGION);
        assert!(longest.len() <= MAX_ROLE_NAME_CHARS, "{longest} has {} characters", longest.len());
        count += 1;
    }
    assert_eq!(count, 2);
    for environment in ["local", "dev", "prod", "graph-local", "graph-dev", "graph-prod"] {
        let samconfig = project::text("samconfig.toml");
        let section = samconfig.split("\n[").find(|it| it.starts_with(&format!("{environment}.deploy"))).unwrap();
        assert!(section.contains("capabilities = \"CAPABILITY_NAMED_IAM\""), "{environment}");
    }
}

#[test]
fn external_ids_are_hidden_parameters() {
    for (file, parameter) in [
        (project::CASE, "MemberRoleExternalId"),
        (project::GRAPH, "ManagementRoleExternalId"),
        ("infra/case/member-role.yaml", "ExternalId"),
        ("infra/graph/management-role.yaml", "ExternalId"),
    ] {
        assert_eq!(project::yaml(file)["Parameters"][parameter]["NoEcho"], true, "{file}: {parameter}");
    }
}

#[test]
fn open_case_assumes_roles_of_the_configured_organization_only() {
    let role = &project::template()["Resources"]["OpenCaseFunctionRole"]["Properties"]["Policies"][0]["PolicyDocument"];
    let statements = role["Statement"].as_array().unwrap();
    let assumes = statements.iter().find(|it| it["Fn::If"][0] == "HasMemberRole").unwrap();
    let condition = json!({"Fn::If": ["HasOrganization",
        {"StringEquals": {"aws:ResourceOrgID": {"Ref": "OrganizationId"}}}, {"Ref": "AWS::NoValue"}]});
    assert_eq!(assumes["Fn::If"][1]["Condition"], condition);
}

/// What only the emulator needs depends on a parameter, and is in no policy.
#[test]
fn the_exception_for_the_emulator_is_not_in_production() {
    let template = project::template();
    assert_eq!(template["Parameters"]["LocalCloud"]["Default"], "false");
    let variables = &template["Resources"]["RelayAlertFunction"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["LOCAL_CLOUD"]["Ref"], "LocalCloud");
    let used = [template["Resources"].to_string(), template["Conditions"].to_string()].concat();
    assert_eq!(used.matches("\"LocalCloud\"").count(), 1, "the relay alone knows of it");
    for file in project::TEMPLATES.into_iter().chain(project::PARTS) {
        assert!(!project::text(file).contains("000000000000"), "{file}");
    }
    for function in project::function_folders() {
        for file in project::rust_files(&function.join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            assert!(
                file.to_string_lossy().contains("/tests") || !code.contains("\"000000000000\""),
                "{}",
                file.display()
            );
        }
    }
    let samconfig = project::text("samconfig.toml");
    assert_eq!(samconfig.matches("LocalCloud=true").count(), 1);
    let local = samconfig.split("\n[").find(|it| it.contains("LocalCloud=true")).unwrap();
    assert!(local.starts_with("local."), "{local}");
}

/// The partition keys that each function may write. A case, its findings and its investigation share one.
#[test]
fn writes_are_limited_by_partition_key() {
    let (case, graph) = (project::template(), project::graph_template());
    let cases = json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["arn:*", "finding/*"]}});
    let budget = json!({"Fn::If": ["HasGuardDuty", "guardduty", {"Ref": "AWS::NoValue"}]});
    let expected = [
        ("OpenCase", cases.clone()),
        ("AssessCase", cases.clone()),
        ("SendAlert", cases),
        (
            "StartInvestigation",
            json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["arn:*", "finding/*", budget]}}),
        ),
        ("CheckInvestigation", json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["guardduty"]}})),
        ("RelayAlert", json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["relay/*"]}})),
        ("KeepGraph", json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["graph"]}})),
    ];
    for (function, condition) in &expected {
        let template = if *function == "KeepGraph" { &graph } else { &case };
        let role = &template["Resources"][format!("{function}FunctionRole")];
        let writes = crate::policies::statements(role).into_iter().filter(|it| {
            strings(&it["Action"]).iter().any(|it| ["dynamodb:PutItem", "dynamodb:UpdateItem"].contains(&it.as_str()))
        });
        let writes: Vec<Value> = writes.collect();
        assert_eq!(writes.len(), 1, "{function}");
        assert_eq!(writes[0]["Condition"], *condition, "{function}");
    }
    // The keys, as the adapters write them.
    let adapter = |file: &str| project::text(&format!("shared/aws/src/case_table/{file}.rs"));
    assert!(adapter("deliveries").contains("format!(\"relay/{key}\")"));
    assert!(adapter("budget").contains("partition_key: \"guardduty\""));
    assert!(project::text("shared/graph/src/aws/notified_state_table.rs").contains("partition_key: \"graph\""));
    let subjects = project::text("shared/domain/src/case/record.rs");
    assert!(subjects.contains("format!(\"arn:{partition}:iam::") && subjects.contains("format!(\"finding/{}/"));
}
