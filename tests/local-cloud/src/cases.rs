//! What the table holds of a case, as an operator sees it.

use crate::api::Api;
use crate::error::CloudError;
use serde_json::{Value, json};

/// A case's item.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseItem {
    /// Who or what it is about.
    pub subject: String,
    /// The case's id and the name of its execution.
    pub case_id: String,
    /// Counts the subject's cases.
    pub sequence: u32,
    /// OPEN, SEALED, WATCHING or CLOSED.
    pub status: String,
    /// How often something joined.
    pub join_count: u64,
    /// How often a finding of it came again.
    pub renewal_count: u64,
    /// How often its execution had to be started under another name, and once.
    pub execution_attempt: u32,
    /// The first of its executions since it was opened, or opened again after it was watched.
    pub first_attempt: u32,
    /// Until when it is watched, while it is listed for its second look; empty where it is not.
    pub watch_until: String,
    /// When its second look began; empty before.
    pub second_look_at: String,
    /// What people were notified of before it was opened, as JSON; null where it is not opened again.
    pub notified_before: Value,
    /// The last revision that send-alert set out to publish.
    pub claimed_revision: u32,
    /// The last revision that is known to be published.
    pub published_revision: u32,
    /// The investigation, as JSON; null before it is noted.
    pub investigation: Value,
    /// The assessment, as JSON; null before the first.
    pub assessment: Value,
}

/// A finding's item.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingItem {
    /// Who or what it is about.
    pub subject: String,
    /// GuardDuty's id.
    pub finding_id: String,
    /// The number of the subject's case that it is part of.
    pub case_sequence: u32,
    /// How many of its re-publications were suppressed.
    pub suppressed: u64,
    /// Its latest state, as JSON.
    pub finding: Value,
}

/// The subject's cases, oldest first.
pub(crate) async fn of(api: &Api, table: &str, subject: &str) -> Result<Vec<CaseItem>, CloudError> {
    Ok(items(api, table, subject, "case#").await?.iter().map(case).collect())
}

/// All cases of all subjects.
pub(crate) async fn all(api: &Api, table: &str) -> Result<Vec<CaseItem>, CloudError> {
    Ok(scan(api, table, "case#").await?.iter().map(case).collect())
}

/// All findings of all subjects.
pub(crate) async fn all_findings(api: &Api, table: &str) -> Result<Vec<FindingItem>, CloudError> {
    Ok(scan(api, table, "finding#").await?.iter().map(finding).collect())
}

async fn scan(api: &Api, table: &str, prefix: &str) -> Result<Vec<Value>, CloudError> {
    let mut scan = json!({
        "TableName": table,
        "ConsistentRead": true,
        "FilterExpression": "begins_with(#item, :prefix)",
        "ExpressionAttributeNames": {"#item": "item"},
        "ExpressionAttributeValues": {":prefix": {"S": prefix}},
    });
    let mut items = Vec::new();
    loop {
        let answer = api.json("dynamodb", "DynamoDB_20120810.Scan", &scan).await?;
        items.extend(answer["Items"].as_array().into_iter().flatten().cloned());
        if !answer["LastEvaluatedKey"].is_object() {
            return Ok(items);
        }
        scan["ExclusiveStartKey"] = answer["LastEvaluatedKey"].clone();
    }
}

/// How many of a finding's re-publications were suppressed; nothing when the finding is not known.
pub(crate) async fn suppressed(
    api: &Api,
    table: &str,
    subject: &str,
    finding_id: &str,
) -> Result<Option<u64>, CloudError> {
    let found = items(api, table, subject, &format!("finding#{finding_id}")).await?;
    Ok(found.first().map(|item| number(item, "suppressed")))
}

async fn items(api: &Api, table: &str, subject: &str, prefix: &str) -> Result<Vec<Value>, CloudError> {
    let query = json!({
        "TableName": table,
        "ConsistentRead": true,
        "KeyConditionExpression": "subject = :subject AND begins_with(#item, :prefix)",
        "ExpressionAttributeNames": {"#item": "item"},
        "ExpressionAttributeValues": {":subject": {"S": subject}, ":prefix": {"S": prefix}},
    });
    let answer = api.json("dynamodb", "DynamoDB_20120810.Query", &query).await?;
    Ok(answer["Items"].as_array().cloned().unwrap_or_default())
}

fn case(item: &Value) -> CaseItem {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    let json = |name: &str| serde_json::from_str(&text(name)).unwrap_or(Value::Null);
    let small = |name: &str| u32::try_from(number(item, name)).unwrap_or_default();
    CaseItem {
        subject: text("subject"),
        case_id: text("case_id"),
        sequence: small("case_sequence"),
        status: text("status"),
        join_count: number(item, "joined"),
        renewal_count: number(item, "renewed"),
        execution_attempt: small("execution_attempt"),
        first_attempt: small("first_attempt").max(1),
        watch_until: text("watch_until"),
        second_look_at: text("second_look_at"),
        notified_before: json("notified_before"),
        claimed_revision: small("claimed_revision"),
        published_revision: small("published_revision"),
        investigation: json("investigation"),
        assessment: json("assessment"),
    }
}

fn finding(item: &Value) -> FindingItem {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
    FindingItem {
        subject: text("subject").to_owned(),
        finding_id: text("item").trim_start_matches("finding#").to_owned(),
        case_sequence: u32::try_from(number(item, "case_sequence")).unwrap_or_default(),
        suppressed: number(item, "suppressed"),
        finding: serde_json::from_str(text("finding")).unwrap_or(Value::Null),
    }
}

fn number(item: &Value, name: &str) -> u64 {
    item[name]["N"].as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}
