//! Every dead letter triggers an alarm, also while an earlier one is still in the queue.

use crate::project;
use serde_json::{Map, Value, json};

/// The metric math that counts messages which arrive while others are in the queue.
const EXPRESSIONS: [(&str, &str); 2] = [
    ("more", "IF(messages > DIFF(messages), DIFF(messages), 0)"),
    ("messages", "FILL(visible, 0) + FILL(received, 0)"),
];
const METRICS: [(&str, &str); 2] =
    [("visible", "ApproximateNumberOfMessagesVisible"), ("received", "ApproximateNumberOfMessagesNotVisible")];

/// The targets of `deadLetterTargetArn` and `DeadLetterConfig`.
fn dead_letter_queues(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let here = ["deadLetterTargetArn", "DeadLetterConfig"].iter().filter_map(|name| members.get(*name));
            let arns = here.filter_map(|it| it.pointer("/Fn::GetAtt").or_else(|| it.pointer("/Arn/Fn::GetAtt")));
            let named = arns.filter_map(|arn| Some(arn.as_str()?.strip_suffix(".Arn")?.to_owned()));
            named.chain(members.values().flat_map(dead_letter_queues)).collect()
        }
        Value::Array(items) => items.iter().flat_map(dead_letter_queues).collect(),
        _ => Vec::new(),
    }
}

fn alarms(resources: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    resources.values().filter(|it| it["Type"] == "AWS::CloudWatch::Alarm")
}

#[test]
fn every_dead_letter_triggers_an_alarm() {
    for (file, queues) in
        [(project::CASE, 2), (project::GRAPH, 1), (project::MEMBER, 1), ("infra/case/forward.yaml", 1)]
    {
        let template = project::yaml(file);
        let resources = template["Resources"].as_object().unwrap();
        let mut names = dead_letter_queues(&template);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), queues, "{file}: {names:?}");
        for queue in names {
            let dimensions = json!([{"Name": "QueueName", "Value": {"Fn::GetAtt": format!("{queue}.QueueName")}}]);
            let first = alarms(resources)
                .find(|it| {
                    it["Properties"]["MetricName"] == METRICS[0].1 && it["Properties"]["Dimensions"] == dimensions
                })
                .unwrap_or_else(|| panic!("{file}: no alarm of {queue}"));
            let metric_of = |alarm: &Value, id: &str| {
                let metrics = alarm["Properties"]["Metrics"].as_array().cloned().unwrap_or_default();
                metrics.into_iter().find(|it| it["Id"] == id).unwrap_or_default()
            };
            let further = alarms(resources)
                .find(|it| metric_of(it, "visible")["MetricStat"]["Metric"]["Dimensions"] == dimensions)
                .unwrap_or_else(|| panic!("{file}: no alarm of further messages in {queue}"));
            for (id, expression) in EXPRESSIONS {
                assert_eq!(metric_of(further, id)["Expression"], expression, "{file}: {queue}");
            }
            for (id, name) in METRICS {
                let metric = metric_of(further, id);
                let expected = json!({"Namespace": "AWS/SQS", "MetricName": name, "Dimensions": dimensions});
                assert_eq!(metric["MetricStat"]["Metric"], expected, "{file}: {queue}");
                assert_eq!((&metric["ReturnData"], &metric["MetricStat"]["Period"]), (&json!(false), &json!(60)));
            }
            assert_eq!(further["Condition"], first["Condition"], "{file}: {queue}");
            for name in ["Threshold", "EvaluationPeriods", "ComparisonOperator", "TreatMissingData", "AlarmActions"] {
                assert_eq!(further["Properties"][name], first["Properties"][name], "{file}: {queue}: {name}");
            }
        }
    }
}
