//! DynamoDB with one table, whose keys are `subject` and `item`. Items are in DynamoDB's JSON: `{"name": {"S": "text"}}`.

mod expression;
#[cfg(test)]
mod tests;

use expression::{Expression, InvalidExpression};
use http::Response;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use wire::{Bytes, error_response};

pub(super) type Item = Map<String, Value>;

/// How many writes a transaction may have (DynamoDB API Reference, TransactWriteItems).
const TRANSACTION_MAX_ITEMS: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Table {
    /// The items by partition key and sort key.
    items: BTreeMap<(String, String), Item>,
    pub(super) page_size: Option<usize>,
}

/// Why an operation fails.
#[derive(Debug)]
pub(super) enum TableError {
    /// The request is invalid.
    InvalidExpression(String),
    /// The condition of a write does not hold.
    ConditionFailed,
    /// A transaction is cancelled, with a code for each of its writes.
    Cancelled(Vec<&'static str>),
}

impl From<InvalidExpression> for TableError {
    fn from(invalid: InvalidExpression) -> Self {
        Self::InvalidExpression(invalid.0)
    }
}

impl TableError {
    /// DynamoDB's response for the error.
    pub(super) fn answer(self) -> Response<Bytes> {
        match self {
            Self::InvalidExpression(why) => error_response::dynamodb("ValidationException", &why),
            Self::ConditionFailed => {
                error_response::dynamodb("ConditionalCheckFailedException", "The conditional request failed")
            }
            Self::Cancelled(codes) => error_response::transaction_cancelled(codes),
        }
    }
}

/// The attributes of an item that a call requests: all, if it has no projection.
fn projected(item: &Item, call: &Value) -> Item {
    let Some(names) = call["ProjectionExpression"].as_str() else { return item.clone() };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    item.iter()
        .filter(|(name, _)| names.contains(&name.as_str()))
        .map(|(name, it)| (name.clone(), it.clone()))
        .collect()
}

impl Table {
    pub(super) fn put(&mut self, item: Item) {
        self.items.insert(key_of(&item), item);
    }

    pub(super) fn get(&self, subject: &str, item: &str) -> Option<&Item> {
        self.items.get(&(subject.to_owned(), item.to_owned()))
    }

    /// Executes an operation and returns the response's JSON.
    pub(super) fn execute(&mut self, operation: &str, call: &Value) -> Result<Value, TableError> {
        match operation {
            "GetItem" => {
                consistent(call)?;
                let found = self.items.get(&key_of(object(&call["Key"])?));
                Ok(found.map_or_else(|| json!({}), |item| json!({ "Item": projected(item, call) })))
            }
            "Query" => self.query(call),
            "UpdateItem" => match self.updated(call)? {
                Some(item) => {
                    self.put(item.clone());
                    let all = call["ReturnValues"] == "ALL_NEW";
                    Ok(if all { json!({ "Attributes": item }) } else { json!({}) })
                }
                None => Err(TableError::ConditionFailed),
            },
            "TransactWriteItems" => self.transact(call),
            other => Err(InvalidExpression(format!("testkit does not have {other}")).into()),
        }
    }

    /// The item after an update. `None` if the condition does not hold.
    fn updated(&self, update: &Value) -> Result<Option<Item>, TableError> {
        let key = object(&update["Key"])?;
        let before = self.items.get(&key_of(key)).cloned().unwrap_or_default();
        let expression = Expression::of(update);
        if !expression.holds(&update["ConditionExpression"], &before)? {
            return Ok(None);
        }
        let mut after = before.clone();
        after.extend(key.clone());
        expression.update(&update["UpdateExpression"], &before, &mut after)?;
        expression.all_used()?;
        Ok(Some(after))
    }

    /// The item after a put. `None` if the condition does not hold.
    fn replaced(&self, put: &Value) -> Result<Option<Item>, TableError> {
        let item = object(&put["Item"])?;
        let before = self.items.get(&key_of(item)).cloned().unwrap_or_default();
        let expression = Expression::of(put);
        let holds = expression.holds(&put["ConditionExpression"], &before)?;
        expression.all_used()?;
        Ok(holds.then(|| item.clone()))
    }

    /// Makes all writes, or none if the condition of one does not hold.
    fn transact(&mut self, call: &Value) -> Result<Value, TableError> {
        let writes = call["TransactItems"].as_array().map(Vec::as_slice).unwrap_or_default();
        if writes.is_empty() || writes.len() > TRANSACTION_MAX_ITEMS {
            return Err(InvalidExpression(format!("{} writes in a transaction", writes.len())).into());
        }
        let mut results = Vec::new();
        for write in writes {
            results.push(match (&write["Put"], &write["Update"]) {
                (put @ Value::Object(_), _) => self.replaced(put)?,
                (_, update @ Value::Object(_)) => self.updated(update)?,
                _ => return Err(InvalidExpression("testkit has Put and Update in transactions".to_owned()).into()),
            });
        }
        if results.iter().any(Option::is_none) {
            let code = |result: &Option<Item>| if result.is_some() { "None" } else { "ConditionalCheckFailed" };
            return Err(TableError::Cancelled(results.iter().map(code).collect()));
        }
        results.into_iter().flatten().for_each(|item| self.put(item));
        Ok(json!({}))
    }

    /// A page of the items under a key condition, in the order of their sort keys. Items that the filter excludes
    /// count towards the limit, as in DynamoDB.
    fn query(&self, call: &Value) -> Result<Value, TableError> {
        let by_index = call["IndexName"].is_string();
        if !by_index {
            consistent(call)?;
        }
        let expression = Expression::of(call);
        let mut items = Vec::new();
        for item in self.items.values() {
            if expression.holds(&call["KeyConditionExpression"], item)? {
                items.push(item);
            }
        }
        if by_index {
            index(call, &mut items)?;
        }
        if call["ScanIndexForward"] == false {
            items.reverse();
        }
        if let Some(start) = call["ExclusiveStartKey"].as_object() {
            let at = items.iter().position(|item| key_of(item) == key_of(start));
            items.drain(..at.map_or(0, |at| at + 1));
        }
        let asked = call["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
        let limit = [asked, self.page_size].into_iter().flatten().min().unwrap_or(usize::MAX);
        let last = (items.len() > limit).then(|| limit.checked_sub(1).and_then(|last| items.get(last))).flatten();
        let last = last.map(|item| json!({"subject": item["subject"], "item": item["item"]}));
        items.truncate(limit);
        let mut page = Vec::new();
        for item in items {
            if expression.holds(&call["FilterExpression"], item)? {
                page.push(item);
            }
        }
        // Validate the expressions, also if the table has no items.
        let nothing = Item::new();
        expression.holds(&call["KeyConditionExpression"], &nothing)?;
        expression.holds(&call["FilterExpression"], &nothing)?;
        expression.all_used()?;
        let mut answer = json!({"Count": page.len(), "Items": page});
        if let Some(last) = last {
            answer["LastEvaluatedKey"] = last;
        }
        Ok(answer)
    }
}

/// Keeps the items of an index, in its order. An item without its keys is not in it.
fn index(call: &Value, items: &mut Vec<&Item>) -> Result<(), InvalidExpression> {
    let keys = match call["IndexName"].as_str() {
        Some("second-looks") => Some(["listed", "watch_until"]),
        Some("cases-by-status") => Some(["status", "opened_at"]),
        _ => None,
    };
    let [partition, sort] = keys
        .filter(|_| call["ConsistentRead"] != true)
        .ok_or_else(|| InvalidExpression(format!("testkit does not have such a query: {call}")))?;
    items.retain(|item| item.contains_key(partition) && item.contains_key(sort));
    items.sort_by_key(|item| item[sort]["S"].as_str().unwrap_or_default().to_owned());
    Ok(())
}

/// Requires a strongly consistent read, because decisions are made from what was read.
fn consistent(call: &Value) -> Result<(), InvalidExpression> {
    match &call["ConsistentRead"] {
        Value::Bool(true) => Ok(()),
        _ => Err(InvalidExpression("the table must be read with ConsistentRead".to_owned())),
    }
}

fn object(value: &Value) -> Result<&Item, InvalidExpression> {
    value.as_object().ok_or_else(|| InvalidExpression("a key or an item is missing".to_owned()))
}

fn key_of(item: &Item) -> (String, String) {
    let text = |name: &str| item.get(name).and_then(|it| it["S"].as_str()).unwrap_or_default().to_owned();
    (text("subject"), text("item"))
}
