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
    /// OPEN, SEALED or CLOSED.
    pub status: String,
    /// How often something joined.
    pub joined: u64,
    /// The last revision that is known to be published.
    pub published_revision: u32,
    /// The investigation, as JSON; null before it is noted.
    pub investigation: Value,
    /// The assessment, as JSON; null before the first.
    pub assessment: Value,
}

/// The subject's cases, oldest first.
pub(crate) async fn of(api: &Api, table: &str, subject: &str) -> Result<Vec<CaseItem>, CloudError> {
    Ok(items(api, table, subject, "case#").await?.iter().map(case).collect())
}

/// All cases of all subjects.
pub(crate) async fn all(api: &Api, table: &str) -> Result<Vec<CaseItem>, CloudError> {
    let scan = json!({
        "TableName": table,
        "ConsistentRead": true,
        "FilterExpression": "begins_with(#item, :prefix)",
        "ExpressionAttributeNames": {"#item": "item"},
        "ExpressionAttributeValues": {":prefix": {"S": "case#"}},
    });
    let answer = api.json("dynamodb", "DynamoDB_20120810.Scan", &scan).await?;
    Ok(answer["Items"].as_array().into_iter().flatten().map(case).collect())
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
    CaseItem {
        subject: text("subject"),
        case_id: text("case_id"),
        sequence: u32::try_from(number(item, "case_sequence")).unwrap_or_default(),
        status: text("status"),
        joined: number(item, "joined"),
        published_revision: u32::try_from(number(item, "published_revision")).unwrap_or_default(),
        investigation: json("investigation"),
        assessment: json("assessment"),
    }
}

fn number(item: &Value, name: &str) -> u64 {
    item[name]["N"].as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}
