//! The stack that administers the behavior graph: permissions by mode, the role in the management account, and the document's schema.

use crate::policies::{QUEUE_TRIGGER_ACTIONS, statements, strings};
use crate::project;
use gumshoe_graph::DesiredState;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

fn resources() -> Value {
    project::graph_template()["Resources"].clone()
}

/// The actions that a role's statements grant under a condition of the template.
fn granted_under(role: &Value, condition: Option<&str>) -> BTreeSet<String> {
    let policies = role["Properties"]["Policies"].as_array().unwrap().iter();
    let all = policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap().clone());
    let under = all.filter_map(|it| match (&it["Fn::If"], condition) {
        (Value::Array(parts), Some(name)) if parts[0] == name => Some(parts[1].clone()),
        (Value::Null, None) => Some(it.clone()),
        _ => None,
    });
    under.flat_map(|it| strings(&it["Action"])).collect()
}

#[test]
fn permissions_to_change_the_graph_depend_on_the_mode() {
    let role = &resources()["KeepGraphFunctionRole"];
    let always = granted_under(role, None);
    let reads = |action: &String| {
        let operation = action.split(':').nth(1).unwrap();
        ["List", "Get", "BatchGet", "Describe"].iter().any(|verb| operation.starts_with(verb))
    };
    assert!(always.iter().filter(|it| it.starts_with("detective:")).all(reads), "{always:?}");
    assert!(always.iter().filter(|it| it.starts_with("organizations:")).all(reads), "{always:?}");
    let changes = granted_under(role, Some("ChangesGraph"));
    assert!(changes.contains("detective:DeleteMembers") && !changes.contains("detective:DeleteGraph"));
    assert_eq!(granted_under(role, Some("DeletesGraph")), ["detective:DeleteGraph".to_owned()].into());
    assert_eq!(granted_under(role, Some("HasManagementRole")), ["sts:AssumeRole".to_owned()].into());
    let conditions = &project::graph_template()["Conditions"];
    assert_eq!(conditions["DeletesGraph"], json!({"Fn::Equals": [{"Ref": "KeepGraph"}, "destroy"]}));
    assert_eq!(project::graph_template()["Parameters"]["KeepGraph"]["Default"], "plan");
}

/// The case stack has no function, permission or parameter of the graph stack.
#[test]
fn the_case_stack_contains_nothing_of_the_graph_stack() {
    let template = project::template();
    let names = |section: &str| template[section].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for name in ["Parameters", "Conditions", "Resources", "Outputs"].into_iter().flat_map(names) {
        assert!(!name.contains("KeepGraph") && !name.contains("Management") && !name.starts_with("GraphQ"), "{name}");
    }
    let granted: BTreeSet<String> = template["Resources"]
        .as_object()
        .unwrap()
        .values()
        .filter(|it| it["Type"] == "AWS::IAM::Role")
        .flat_map(|role| statements(role).into_iter().flat_map(|it| strings(&it["Action"])).collect::<Vec<_>>())
        .filter(|action| action.starts_with("detective:"))
        .collect();
    let about_graph = ["Member", "Graph", "Tag", "Datasource", "Organization", "Invitation"];
    let of_it = granted.iter().filter(|it| about_graph.iter().any(|word| it.contains(word)));
    let of_it: Vec<&String> = of_it.collect();
    assert_eq!(
        of_it,
        ["detective:GetMembers", "detective:ListGraphs"],
        "only whether an account is a member, and of which graph"
    );
}

/// The stack creates a topic unless it is given one, and publishes to either.
#[test]
fn notices_go_to_its_own_topic_or_to_that_of_another_stack() {
    let template = project::graph_template();
    let resources = &template["Resources"];
    let conditions = &template["Conditions"];
    assert_eq!(conditions["HasOwnTopic"], json!({"Fn::Equals": [{"Ref": "AlertTopicArn"}, ""]}));
    assert_eq!(conditions["HasEmail"]["Fn::And"][0]["Fn::Condition"], "HasOwnTopic");
    for (id, condition) in [
        ("TopicKey", "HasOwnTopic"),
        ("AlertTopic", "HasOwnTopic"),
        ("AlertTopicPolicy", "HasOwnTopic"),
        ("EmailSubscription", "HasEmail"),
    ] {
        assert_eq!(resources[id]["Condition"], condition, "{id}");
    }
    let topic = json!({"Fn::If": ["HasOwnTopic", {"Ref": "AlertTopic"}, {"Ref": "AlertTopicArn"}]});
    assert_eq!(resources["KeepGraphFunction"]["Properties"]["Environment"]["Variables"]["TOPIC_ARN"], topic);
    assert_eq!(template["Outputs"]["AlertTopicArn"]["Value"], topic);
    let role = &resources["KeepGraphFunctionRole"];
    let publish = statements(role).into_iter().find(|it| it["Action"] == "sns:Publish").unwrap();
    assert_eq!(publish["Resource"], topic);
    for condition in ["HasOwnTopic", "HasOtherTopicKey"] {
        let key = granted_under(role, Some(condition));
        assert_eq!(key, BTreeSet::from(["kms:Decrypt".to_owned(), "kms:GenerateDataKey".to_owned()]), "{condition}");
    }
    // What the case stack gives out has the names of the parameters that take it.
    let case = project::template();
    for parameter in ["AlertTopicArn", "AlertTopicKeyArn"] {
        assert!(case["Outputs"][parameter].is_object() && template["Parameters"][parameter].is_object(), "{parameter}");
        assert_eq!(template["Parameters"][parameter]["Default"], "", "{parameter}: the stack can be deployed alone");
    }
    assert_eq!(case["Parameters"]["PublisherRoleArns"]["Default"], "");
    let pattern = regex_lite::Regex::new(case["Parameters"]["PublisherRoleArns"]["AllowedPattern"].as_str().unwrap());
    let role = "arn:aws:iam::111122223333:role/gumshoe-graph-keep-graph-us-east-1";
    let pattern = pattern.unwrap();
    assert!(pattern.is_match(role) && pattern.is_match(&format!("{role},{role}")) && pattern.is_match(""));
    assert!(!pattern.is_match(&role.replace("keep-graph-us", "*")) && !pattern.is_match(&format!("{role}, {role}")));
}

/// What people were notified of before the graph had a stack of its own is read from the table of cases, whose keys are the same.
#[test]
fn the_stack_has_its_own_table_and_only_reads_an_earlier_one() {
    let (resources, case) = (resources(), project::template());
    let own = &resources["Notified"]["Properties"];
    assert_eq!(own["KeySchema"], case["Resources"]["Cases"]["Properties"]["KeySchema"]);
    assert_eq!(own["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(own["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    let role = &resources["KeepGraphFunctionRole"];
    assert_eq!(granted_under(role, Some("HasEarlierTable")), BTreeSet::from(["dynamodb:GetItem".to_owned()]));
    let of_tables = |it: &Value| strings(&it["Action"]).iter().any(|action| action.starts_with("dynamodb:"));
    let statements: Vec<Value> = statements(role).into_iter().filter(of_tables).collect();
    let table = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${EarlierTable}";
    let tables: Vec<&Value> = statements.iter().map(|it| &it["Resource"]).collect();
    assert_eq!(tables, [&json!({"Fn::GetAtt": "Notified.Arn"}), &json!({"Fn::Sub": table})]);
    let keys = json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["graph"]}});
    assert!(statements.iter().all(|it| it["Condition"] == keys), "{statements:?}");
}

#[test]
fn every_trigger_reaches_the_queue_and_no_run_is_lost() {
    let resources = resources();
    let sources = &resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"];
    let mut allowed = BTreeSet::new();
    for arn in sources["ArnEquals"]["aws:SourceArn"].as_array().unwrap() {
        allowed.insert(arn["Fn::GetAtt"].as_str().unwrap().to_owned());
    }
    for rule in ["GraphScheduleRule", "GraphDocumentRule", "OrganizationRule"] {
        assert!(allowed.contains(&format!("{rule}.Arn")), "{rule}");
        let target = &resources[rule]["Properties"]["Targets"][0];
        assert_eq!(target["Arn"]["Fn::GetAtt"], "GraphQueue.Arn", "{rule}");
        assert_eq!(target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"], "DeadLetterQueue.Arn", "{rule}");
    }
    assert_eq!(allowed.len(), 3);
    let queue = &resources["GraphQueue"]["Properties"];
    assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"], "DeadLetterQueue.Arn");
    let timeout = project::graph_template()["Globals"]["Function"]["Timeout"].as_i64().unwrap();
    assert!(queue["VisibilityTimeout"].as_i64().unwrap() >= 6 * timeout, "as AWS advises");
    assert!(gumshoe_graph::NOTIFY_CLAIM_TTL.as_secs() > timeout, "the claim holder has ended by then");
    let watched = &resources["DeadLettersAlarm"]["Properties"]["Dimensions"][0]["Value"]["Fn::GetAtt"];
    assert_eq!(watched, "DeadLetterQueue.QueueName");
    assert_eq!(QUEUE_TRIGGER_ACTIONS.len(), 3);
}

/// IAM has ListOrganizationAdminAccounts in the singular.
#[test]
fn the_management_role_may_delegate_the_administrator() {
    let role = &project::yaml("infra/graph/management-role.yaml")["Resources"]["ManagementRole"];
    let actions: BTreeSet<String> = statements(role).iter().flat_map(|it| strings(&it["Action"])).collect();
    let of_detective: Vec<&str> = actions.iter().filter_map(|action| action.strip_prefix("detective:")).collect();
    assert_eq!(
        of_detective,
        ["DisableOrganizationAdminAccount", "EnableOrganizationAdminAccount", "ListOrganizationAdminAccount"]
    );
    let unasked = granted_under(role, None);
    assert_eq!(unasked.len(), 3, "it only reads unless MayChange is true: {unasked:?}");
    for statement in statements(role).iter().filter(|it| it["Resource"] == "*") {
        assert!(
            statement["Sid"].as_str().unwrap().contains("TakeNoResource")
                || statement["Sid"].as_str().unwrap().contains("TakesNoResource"),
            "{statement}"
        );
    }
}

/// The errors that jsonschema reports for each of these documents by the published schema; `None` if it is valid.
fn by_schema(documents: &[String]) -> Vec<Option<String>> {
    let script = "import json, sys, jsonschema\n\
        schema = json.load(open(sys.argv[1]))\n\
        jsonschema.Draft202012Validator.check_schema(schema)\n\
        validator = jsonschema.Draft202012Validator(schema)\n\
        print(json.dumps([next((e.message for e in validator.iter_errors(json.loads(d))), None) for d in json.load(sys.stdin)]))";
    let mut child = Command::new(project::path(".venv/bin/python"))
        .args(["-c", script])
        .arg(project::path("infra/graph/graph.schema.json"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), documents).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A document is changed in many ways: the schema and the function agree about each.
#[test]
fn the_schema_and_the_function_accept_the_same_documents() {
    let example: Value = serde_json::from_str(&project::text("infra/graph/graph.example.json")).unwrap();
    let mut documents =
        vec![example.clone(), json!({"graph": {"enabled": true}}), json!({}), json!([]), json!({"graph": null})];
    let paths = ["", "/graph", "/organization", "/members", "/members/accounts/0"];
    for path in paths {
        let mut with_more = example.clone();
        with_more.pointer_mut(path).unwrap()["unknown"] = json!(1);
        documents.push(with_more);
        for name in example.pointer(path).unwrap().as_object().unwrap().keys() {
            let mut without = example.clone();
            without.pointer_mut(path).unwrap().as_object_mut().unwrap().remove(name);
            documents.push(without);
            for wrong in [
                json!(null),
                json!("x"),
                json!(-1),
                json!(0),
                json!(366),
                json!(1.5),
                json!(true),
                json!(["x"]),
                json!([]),
                json!({}),
                json!({"aws:x": "y"}),
                json!({"k": 1}),
                json!({"": "y"}),
                json!("111122223333"),
                json!("a@b.example"),
                json!("full"),
            ] {
                let mut changed = example.clone();
                changed.pointer_mut(path).unwrap()[name] = wrong;
                documents.push(changed);
            }
        }
    }
    let texts: Vec<String> = documents.iter().map(Value::to_string).collect();
    let by_schema = by_schema(&texts);
    assert_eq!(by_schema[1], None, "the example");
    let mut taken = 0;
    for (text, by_schema) in texts.iter().zip(by_schema) {
        let by_function = DesiredState::from_json(text, &[]);
        assert_eq!(
            by_schema.is_none(),
            by_function.is_ok(),
            "{text}\nschema: {by_schema:?}\nfunction: {by_function:?}"
        );
        taken += usize::from(by_function.is_ok());
    }
    assert!(taken > 20 && texts.len() - taken > 100, "{taken} of {}", texts.len());
}
