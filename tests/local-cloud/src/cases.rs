//! Reads case and finding items of the table, as an operator would.

use crate::api::Api;
use crate::error::CloudError;
use serde_json::{Value, json};

/// A case's item.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseItem {
    /// The principal's ARN, or the finding if it has no principal.
    pub subject: String,
    /// The case ID, which is also the name of its execution.
    pub case_id: String,
    /// The number of the case among the subject's cases, from 1.
    pub sequence: u32,
    /// OPEN, SEALED, WATCHING or CLOSED.
    pub status: String,
    /// How often a finding joined the case (attribute `joined`).
    pub join_count: u64,
    /// How often one of its findings was updated (attribute `renewed`).
    pub renewal_count: u64,
    /// Execution attempts; 1 for the first.
    pub execution_attempt: u32,
    /// The first execution attempt since the case was opened or reopened from WATCHING.
    pub first_attempt: u32,
    /// When its follow-up investigation is due, while it is listed for one; empty otherwise.
    pub watch_until: String,
    /// When its follow-up investigation began; empty before.
    pub second_look_at: String,
    /// What people had been notified of before the case was opened to investigate the activity again, as JSON; null for other cases.
    pub notified_before: Value,
    /// The last revision that send-alert claimed.
    pub claimed_revision: u32,
    /// The last revision that is recorded as published.
    pub published_revision: u32,
    /// The investigation, as JSON; null before it is recorded.
    pub investigation: Value,
    /// The assessment, as JSON; null before the first.
    pub assessment: Value,
}

/// A finding's item.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingItem {
    /// The principal's ARN, or the finding if it has no principal.
    pub subject: String,
    /// GuardDuty's finding ID.
    pub finding_id: String,
    /// The number of the subject's case that contains the finding.
    pub case_sequence: u32,
    /// How many of its updates were suppressed.
    pub suppressed: u64,
    /// Its latest version, as JSON.
    pub finding: Value,
}

/// The subject's cases, oldest first.
pub(crate) async fn cases_of_subject(api: &Api, table: &str, subject: &str) -> Result<Vec<CaseItem>, CloudError> {
    Ok(query_items(api, table, subject, "case#").await?.iter().map(case).collect())
}

/// All cases of all subjects.
pub(crate) async fn all_cases(api: &Api, table: &str) -> Result<Vec<CaseItem>, CloudError> {
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

/// How many of a finding's updates were suppressed; `None` if the table does not have the finding.
pub(crate) async fn suppressed_count(
    api: &Api,
    table: &str,
    subject: &str,
    finding_id: &str,
) -> Result<Option<u64>, CloudError> {
    let found = query_items(api, table, subject, &format!("finding#{finding_id}")).await?;
    Ok(found.first().map(|item| number(item, "suppressed")))
}

async fn query_items(api: &Api, table: &str, subject: &str, prefix: &str) -> Result<Vec<Value>, CloudError> {
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
