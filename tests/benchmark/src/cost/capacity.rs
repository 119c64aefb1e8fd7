//! The request units that a call of DynamoDB consumes (DynamoDB Developer Guide, "Read and write operations").

use std::collections::BTreeMap;

use serde_json::Value;

const WRITE_UNIT_BYTES: f64 = 1024.0;
const READ_UNIT_BYTES: f64 = 4096.0;

/// Request units.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Units {
    pub(super) read: f64,
    pub(super) write: f64,
}

/// The sizes of the table's items in bytes, by subject and item. An item counts with its size at the end of the case, which is
/// its largest.
#[derive(Debug, Default)]
pub(super) struct Sizes(BTreeMap<(String, String), f64>);

impl Sizes {
    /// Of items as a Scan returns them.
    pub(super) fn of(items: &[Value]) -> Self {
        Self(items.iter().map(|item| (key(item), size(item))).collect())
    }

    fn get(&self, item: &Value) -> f64 {
        self.0.get(&key(item)).copied().unwrap_or_default()
    }

    /// The total size of the last `limit` items of a subject whose name begins with a prefix.
    fn together(&self, subject: &str, prefix: &str, limit: usize) -> f64 {
        let fits = |(of, item): &(String, String)| of == subject && item.starts_with(prefix);
        self.0.iter().rev().filter(|(key, _)| fits(key)).take(limit).map(|(_, size)| size).sum()
    }
}

/// The units of one call. A write whose condition fails consumes the same.
pub(super) fn of_call(operation: &str, body: &Value, sizes: &Sizes) -> Units {
    let read = |bytes: f64| {
        let consistent = body["ConsistentRead"].as_bool().unwrap_or_default();
        Units { read: (bytes / READ_UNIT_BYTES).ceil().max(1.0) * if consistent { 1.0 } else { 0.5 }, write: 0.0 }
    };
    let written = |bytes: f64| (bytes / WRITE_UNIT_BYTES).ceil().max(1.0);
    match operation {
        "GetItem" => read(sizes.get(&body["Key"])),
        "Query" => {
            let value = |name: &str| body["ExpressionAttributeValues"][name]["S"].as_str().unwrap_or_default();
            let limit = body["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
            read(sizes.together(value(":subject"), value(":prefix"), limit))
        }
        "PutItem" => Units { read: 0.0, write: written(size(&body["Item"])) },
        "UpdateItem" | "DeleteItem" => Units { read: 0.0, write: written(sizes.get(&body["Key"])) },
        "TransactWriteItems" => {
            let writes = body["TransactItems"].as_array().into_iter().flatten();
            let each = writes.flat_map(|write| write.as_object().into_iter().flatten()).map(|(kind, write)| {
                2.0 * written(if kind == "Put" { size(&write["Item"]) } else { sizes.get(&write["Key"]) })
            });
            Units { read: 0.0, write: each.sum() }
        }
        _ => Units::default(),
    }
}

fn key(item: &Value) -> (String, String) {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    (text("subject"), text("item"))
}

/// An item's size in bytes: the names of its attributes and their values ("DynamoDB item sizes and formats").
fn size(item: &Value) -> f64 {
    let value = |value: &Value| match value.as_object().and_then(|typed| typed.iter().next()) {
        Some((kind, value)) if kind == "N" => value.as_str().map_or(1, |digits| digits.len().div_ceil(2) + 1),
        Some((_, Value::String(text))) => text.len(),
        Some((_, other)) => other.to_string().len(),
        None => 0,
    };
    let bytes: usize = item.as_object().into_iter().flatten().map(|(name, it)| name.len() + value(it)).sum();
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(subject: &str, name: &str, bytes: usize) -> Value {
        // The names take 7 + 4 + 1 bytes.
        let filler = "x".repeat(bytes - 12 - subject.len() - name.len());
        json!({"subject": {"S": subject}, "item": {"S": name}, "f": {"S": filler}})
    }

    fn units(operation: &str, body: &Value) -> Units {
        let sizes = Sizes::of(&[item("s", "case#1", 1500), item("s", "finding#1", 3000), item("s", "finding#2", 3000)]);
        of_call(operation, body, &sizes)
    }

    #[test]
    fn sizes_are_names_and_values() {
        assert!((size(&item("s", "case#1", 1500)) - 1500.0).abs() < 1e-9);
        assert!((size(&json!({"ab": {"N": "12345"}})) - 6.0).abs() < 1e-9);
    }

    #[test]
    fn reads_count_4_kb_units_and_half_if_eventually_consistent() {
        let key = json!({"subject": {"S": "s"}, "item": {"S": "case#1"}});
        assert_eq!(units("GetItem", &json!({"Key": key, "ConsistentRead": true})), Units { read: 1.0, write: 0.0 });
        assert_eq!(units("GetItem", &json!({"Key": key})), Units { read: 0.5, write: 0.0 });
        let query = json!({"ConsistentRead": true,
            "ExpressionAttributeValues": {":subject": {"S": "s"}, ":prefix": {"S": "finding#"}}});
        assert_eq!(units("Query", &query), Units { read: 2.0, write: 0.0 });
    }

    #[test]
    fn writes_count_1_kb_units_and_twice_in_transactions() {
        let key = json!({"subject": {"S": "s"}, "item": {"S": "case#1"}});
        assert_eq!(units("UpdateItem", &json!({"Key": key})), Units { read: 0.0, write: 2.0 });
        let both =
            json!({"TransactItems": [{"Put": {"Item": item("s", "finding#3", 1025)}}, {"Update": {"Key": key}}]});
        assert_eq!(units("TransactWriteItems", &both), Units { read: 0.0, write: 8.0 });
    }
}
