//! Each role has exactly the permissions that its function needs.

use crate::{authorization, project};
use serde_json::Value;
use std::collections::BTreeSet;

/// The IAM actions that each adapter method needs. TransactWriteItems needs the actions of its writes, and a topic with a
/// customer-managed key needs the key's actions as well.
pub(crate) const METHODS: &[(&str, &[&str])] = &[
    (".table.latest_case(", &["dynamodb:Query"]),
    (".table.case(", &["dynamodb:GetItem"]),
    (".table.case_by_sequence(", &["dynamodb:GetItem"]),
    (".table.finding(", &["dynamodb:GetItem"]),
    (".table.findings(", &["dynamodb:Query"]),
    (".table.due_follow_ups(", &["dynamodb:Query"]),
    (".table.write_finding(", &["dynamodb:PutItem", "dynamodb:UpdateItem"]),
    (".table.write(", &["dynamodb:UpdateItem"]),
    (".table.record_investigation(", &["dynamodb:UpdateItem"]),
    (".table.record_guardduty_request(", &["dynamodb:UpdateItem"]),
    (".table.budget(", &["dynamodb:GetItem"]),
    (".table.write_budget(", &["dynamodb:UpdateItem"]),
    ("guardduty.investigation_detector(", &["guardduty:ListDetectors", "guardduty:GetDetector"]),
    ("guardduty.create(", &["guardduty:CreateInvestigation"]),
    ("guardduty.list(", &["guardduty:ListInvestigations"]),
    ("guardduty.investigation(", &["guardduty:GetInvestigation"]),
    (".last_seen(", &["guardduty:ListDetectors", "guardduty:GetFindings"]),
    (".detective.graph_arn(", &["detective:ListGraphs"]),
    (".detective.find_reusable(", &["detective:ListInvestigations", "detective:GetInvestigation"]),
    (".detective.start(", &["detective:StartInvestigation"]),
    (".detective.investigation(", &["detective:GetInvestigation"]),
    (".detective.indicators(", &["detective:ListIndicators"]),
    (".detective.membership(", &["detective:GetMembers"]),
    (".detective.set_state(", &["detective:UpdateInvestigationState"]),
    (".executions.ensure_started(", &["states:StartExecution", "states:DescribeExecution"]),
    (".principals.resolve_all(", &LOOKUP_ACTIONS),
    (".table.acquire_delivery_lease(", &["dynamodb:UpdateItem"]),
    (".table.alert_claims(", &["dynamodb:GetItem"]),
    (".evidence.store(", &["s3:PutObject"]),
    (".account_names.resolve(", &["organizations:DescribeAccount"]),
    (".events.put(", &["events:PutEvents"]),
    (".secret.read(", &["secretsmanager:GetSecretValue"]),
    (".dead_letters.send(", &["sqs:SendMessage"]),
    (".dead_letters.send_if_attempts_exhausted(", &["sqs:SendMessage"]),
    (".queue.set_redelivery_delay(", &["sqs:ChangeMessageVisibility"]),
    (".topic.publish(", &["sns:Publish", "kms:GenerateDataKey", "kms:Decrypt"]),
    ("app.graph.arn(", &["detective:ListGraphs"]),
    ("app.graph.tags(", &["detective:ListTagsForResource"]),
    ("app.graph.members(", &["detective:ListMembers"]),
    ("app.graph.members_of(", &["detective:GetMembers"]),
    ("app.graph.packages(", &["detective:ListDatasourcePackages"]),
    ("app.graph.package_state_times(", &["detective:BatchGetGraphMemberDatasources"]),
    ("app.graph.auto_enable(", &["detective:DescribeOrganizationConfiguration"]),
    ("app.graph.create(", &["detective:CreateGraph", "iam:CreateServiceLinkedRole"]),
    ("app.graph.delete(", &["detective:DeleteGraph"]),
    ("app.graph.tag(", &["detective:TagResource"]),
    ("app.graph.untag(", &["detective:UntagResource"]),
    ("app.graph.start_packages(", &["detective:UpdateDatasourcePackages"]),
    ("app.graph.set_auto_enable(", &["detective:UpdateOrganizationConfiguration"]),
    ("app.graph.add_members(", &["detective:CreateMembers"]),
    ("app.graph.remove_members(", &["detective:DeleteMembers"]),
    ("app.graph.start_monitoring(", &["detective:StartMonitoringMember"]),
    ("management.administrator(", &["sts:AssumeRole"]),
    (".organization.active_accounts(", &["organizations:ListAccounts"]),
    (".document.value(", &["ssm:GetParameter"]),
    (".document.children(", &["ssm:GetParametersByPath"]),
    (".notified_table.read_notified(", &["dynamodb:GetItem"]),
    (".notified_table.write_notified(", &["dynamodb:UpdateItem"]),
];

/// The actions of principal lookups, in the own account and in member accounts.
const LOOKUP_ACTIONS: [&str; 8] = [
    "iam:GetUser",
    "iam:GetRole",
    "iam:GetInstanceProfile",
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "eks:ListPodIdentityAssociations",
    "eks:DescribePodIdentityAssociation",
    "sts:AssumeRole",
];

/// The actions that Lambda needs to poll a function's queue.
pub(crate) const QUEUE_TRIGGER_ACTIONS: [&str; 3] =
    ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

/// The actions of the adapter methods that a function's code calls.
fn called_by(function: &str) -> BTreeSet<String> {
    let folder = project::function_folder(function).join("src");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let code: String =
        files.flat_map(|path| std::fs::read_to_string(path).unwrap().into_bytes()).map(char::from).collect();
    let code: String = code.split_whitespace().collect();
    let called: BTreeSet<String> = METHODS
        .iter()
        .filter(|(method, _)| code.contains(method))
        .flat_map(|(_, actions)| actions.iter().map(|action| (*action).to_owned()))
        .collect();
    let dependent: Vec<String> = called.iter().flat_map(|action| authorization::dependent(action)).collect();
    called.into_iter().chain(dependent).collect()
}

/// The actions that every function needs for logs and traces.
pub(crate) const COMMON_ACTIONS: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];

/// The statements of a role's policies, those under a condition too.
pub(crate) fn statements(role: &Value) -> Vec<Value> {
    let policies = role["Properties"]["Policies"].as_array().unwrap().iter();
    let all = policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap().clone());
    all.map(|it| if it["Fn::If"].is_array() { it["Fn::If"][1].clone() } else { it }).collect()
}

pub(crate) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    }
}

#[test]
fn every_function_has_the_permissions_that_it_needs_and_no_others() {
    let templates = [project::template(), project::graph_template()];
    let functions = templates.iter().flat_map(|it| project::functions_of(it).into_iter().map(move |named| (it, named)));
    for (template, (id, name)) in functions {
        let role = &template["Resources"][format!("{id}Role")];
        assert_eq!(template["Resources"][&id]["Properties"]["Role"]["Fn::GetAtt"], format!("{id}Role.Arn"));
        assert!(role["Properties"]["ManagedPolicyArns"].is_null(), "{name} has a managed policy");
        let granted: BTreeSet<String> = statements(role).iter().flat_map(|it| strings(&it["Action"])).collect();
        let mut expected = called_by(&name);
        let events = template["Resources"][&id]["Properties"]["Events"].as_object().into_iter().flatten();
        if events.into_iter().any(|(_, event)| event["Type"] == "SQS") {
            expected.extend(QUEUE_TRIGGER_ACTIONS.map(str::to_owned));
        }
        expected.extend(COMMON_ACTIONS.map(str::to_owned));
        assert_eq!(granted, expected, "{name}");
    }
}

/// For each action in [`METHODS`] the adapters' code calls the SDK's method.
#[test]
fn every_action_in_the_table_is_called_by_an_adapter() {
    let of_all = [
        "case_table/queries.rs",
        "case_table/case_updates.rs",
        "dead_letters.rs",
        "detective/graphs.rs",
        "detective/mod.rs",
        "case_table/versioned.rs",
        "events.rs",
        "evidence.rs",
        "executions.rs",
        "guardduty/findings.rs",
        "guardduty/mod.rs",
        "account_names.rs",
        "secret.rs",
        "principals/lookups.rs",
        "queue.rs",
        "topic.rs",
    ];
    let of_graph = ["behavior_graph/changes.rs", "behavior_graph/mod.rs", "organization.rs", "parameters.rs"];
    let of_all = of_all.map(|file| format!("shared/aws/src/{file}"));
    let of_graph = of_graph.map(|file| format!("shared/graph/src/aws/{file}"));
    let sources: String = of_all.iter().chain(&of_graph).map(|file| project::text(file)).collect();
    for action in METHODS.iter().flat_map(|(_, actions)| *actions) {
        let (service, operation) = action.split_once(':').unwrap();
        let mut method = String::new();
        for letter in operation.chars() {
            if letter.is_uppercase() && !method.is_empty() {
                method.push('_');
            }
            method.extend(letter.to_lowercase());
        }
        let within_another = ["kms", "sts", "iam"].contains(&service) && !operation.starts_with("Get")
            || ["PutItem", "GetFindings"].contains(&operation);
        assert!(within_another || sources.contains(&format!(".{method}()")), "{action}: nothing calls {method}");
    }
    assert!(project::text("shared/aws/src/case_table/finding_write.rs").contains("Put::builder()"));
    assert!(project::text("shared/aws/src/assume_role.rs").contains(".assume_role()"));
    assert!(
        project::text("shared/aws/src/guardduty/findings.rs").contains(".list_findings()"),
        "GetFindings is sent as ListFindings"
    );
}

/// The role in member accounts has the permissions for lookups, and no others.
#[test]
fn the_member_role_has_lookup_permissions_only() {
    let role = &project::yaml("infra/case/member-role.yaml")["Resources"]["PrincipalsRole"];
    let granted: BTreeSet<String> = statements(role).iter().flat_map(|it| strings(&it["Action"])).collect();
    let expected = LOOKUP_ACTIONS.iter().filter(|action| !action.starts_with("sts:"));
    assert_eq!(granted, expected.map(|action| (*action).to_owned()).collect());
    for statement in statements(role).iter().filter(|it| it["Resource"] == "*") {
        assert!(statement["Sid"].as_str().unwrap().ends_with("TakeNoResource"), "{statement}");
    }
}

#[test]
fn only_actions_without_a_resource_are_granted_on_a_wildcard() {
    for file in project::TEMPLATES {
        let template = project::yaml(file);
        let resources = template["Resources"].as_object().unwrap();
        for (id, role) in resources.iter().filter(|(_, it)| it["Type"] == "AWS::IAM::Role") {
            for statement in statements(role) {
                for action in strings(&statement["Action"]) {
                    assert!(!action.contains('*'), "{file}: {id}: {action}");
                }
                let says_so = statement["Sid"].as_str().unwrap_or_default();
                let says_so = says_so.ends_with("TakesNoResource") || says_so.ends_with("TakeNoResource");
                assert!(statement["Resource"] != "*" || says_so, "{file}: {id}: {statement}");
            }
        }
    }
}

#[test]
fn the_state_machine_may_invoke_its_functions_and_publish_to_its_topic() {
    let template = project::template();
    let statements = statements(&template["Resources"]["CaseStateMachineRole"]);
    let invoke = statements.iter().find(|it| it["Action"] == "lambda:InvokeFunction").unwrap();
    let arn =
        |name: &str| format!("arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{name}");
    let invoked: BTreeSet<String> =
        invoke["Resource"].as_array().unwrap().iter().map(|it| it["Fn::Sub"].as_str().unwrap().to_owned()).collect();
    let given = &template["Resources"]["CaseStateMachine"]["Properties"]["DefinitionSubstitutions"];
    let named = given.as_object().unwrap().values().filter_map(|it| it["Fn::GetAtt"].as_str());
    let named = named.map(|it| {
        let function = &template["Resources"][it.strip_suffix(".Arn").unwrap()];
        arn(function["Properties"]["FunctionName"]["Fn::Sub"].as_str().unwrap())
    });
    assert_eq!(invoked, named.collect());
    assert!(statements.iter().any(|it| it["Action"] == "sns:Publish" && it["Resource"]["Ref"] == "AlertTopic"));
}
