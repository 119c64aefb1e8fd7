use super::*;

fn item(members: Value) -> Item {
    let mut item = json!({"subject": {"S": "s"}, "item": {"S": "case#1"}});
    for (name, value) in members.as_object().unwrap() {
        item[name] = value.clone();
    }
    item.as_object().unwrap().clone()
}

fn table(members: Value) -> Table {
    let mut table = Table::default();
    table.put(item(members));
    table
}

fn key() -> Value {
    json!({"subject": {"S": "s"}, "item": {"S": "case#1"}})
}

/// The code of the error; empty if there is none.
fn code(answer: Result<Value, TableError>) -> String {
    let body = |refused: TableError| serde_json::from_slice::<Value>(refused.answer().body()).unwrap();
    answer
        .err()
        .map_or_else(String::new, |it| body(it)["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned())
}

fn holds(condition: &str) -> bool {
    let table = table(json!({"n": {"N": "10"}, "t": {"S": "text"}}));
    let values = json!({":9": {"N": "9"}, ":10": {"N": "10"}, ":t": {"S": "te"}});
    let values = values.as_object().unwrap().iter().filter(|(name, _)| condition.contains(name.as_str()));
    let update = json!({"Key": key(), "ConditionExpression": condition, "ExpressionAttributeNames": {"#n": "n"},
        "ExpressionAttributeValues": values.map(|(name, it)| (name.clone(), it.clone())).collect::<Item>(),
        "UpdateExpression": "REMOVE #n"});
    table.updated(&update).unwrap().is_some()
}

#[test]
fn conditions_are_evaluated() {
    for (condition, expected) in [
        ("#n = :10", true),
        ("n = :9", false),
        ("n <> :9", true),
        ("n > :9", true), // as numbers, not as text
        ("n < :9", false),
        ("n >= :10 AND n <= :10", true),
        ("gone = :9", false),
        ("gone <> :9", true),
        ("gone < :9", false),
        ("t > :9", false), // of different types
        ("attribute_exists(t) AND attribute_not_exists(gone)", true),
        ("begins_with(t, :t)", true),
        ("begins_with(n, :t)", false),
        ("n = :9 OR n = :10", true),
        ("n = :9 OR n = :10 AND n = :9", false),
        ("(n = :9 OR n = :10) AND NOT n = :9", true),
    ] {
        assert_eq!(holds(condition), expected, "{condition}");
    }
}

#[test]
fn an_update_changes_the_item_only_if_its_condition_holds() {
    let mut table = table(json!({"n": {"N": "10"}, "t": {"S": "text"}}));
    let mut update = json!({"Key": key(), "UpdateExpression": "SET n = n + :1, m = if_not_exists(m, :1), #s = t REMOVE t",
        "ConditionExpression": "n = :n", "ReturnValues": "ALL_NEW", "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {":1": {"N": "1"}, ":n": {"N": "10"}}});
    let expected = item(json!({"n": {"N": "11"}, "m": {"N": "1"}, "status": {"S": "text"}}));
    assert_eq!(table.execute("UpdateItem", &update).unwrap()["Attributes"], json!(expected));
    assert_eq!(code(table.execute("UpdateItem", &update)), "ConditionalCheckFailedException");
    assert_eq!(table.get("s", "case#1"), Some(&expected));
    update["ConditionExpression"] = json!("n > :n");
    assert_eq!(code(table.execute("UpdateItem", &update)), "ValidationException", "t is gone");
}

#[test]
fn requests_that_dynamodb_rejects_are_rejected() {
    let update = |more: Value| {
        let mut update =
            json!({"Key": key(), "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": ""}}});
        more.as_object().unwrap().iter().for_each(|(name, value)| update[name] = value.clone());
        code(table(json!({})).execute("UpdateItem", &update))
    };
    assert_eq!(update(json!({})), "");
    for wrong in [
        json!({"ConditionExpression": "b = :b"}),
        json!({"ConditionExpression": "#b = :a"}),
        json!({"ConditionExpression": "b = :a c"}),
        json!({"ConditionExpression": "size(b) = :a"}),
        json!({"UpdateExpression": "SET a = b"}),
        json!({"UpdateExpression": "ADD a :a"}),
        json!({"UpdateExpression": "REMOVE a"}), // :a is not used
        json!({"ExpressionAttributeNames": {"#a": "a"}}),
    ] {
        assert_eq!(update(wrong.clone()), "ValidationException", "{wrong}");
    }
    let get = json!({"Key": key()});
    assert_eq!(code(table(json!({})).execute("GetItem", &get)), "ValidationException", "not strongly consistent");
}

#[test]
fn a_transaction_writes_all_or_nothing_and_returns_the_reasons() {
    let mut table = table(json!({"n": {"N": "1"}}));
    let put = json!({"Put": {"Item": {"subject": {"S": "s"}, "item": {"S": "finding#1"}},
        "ConditionExpression": "attribute_not_exists(subject)"}});
    let update = json!({"Update": {"Key": key(), "UpdateExpression": "SET n = n + :1", "ConditionExpression": "n = :1",
        "ExpressionAttributeValues": {":1": {"N": "1"}}}});
    let both = json!({"TransactItems": [update, put]});
    assert_eq!(code(table.execute("TransactWriteItems", &both)), "");
    assert_eq!(table.get("s", "case#1").unwrap()["n"], json!({"N": "2"}));
    let again = table.execute("TransactWriteItems", &both).unwrap_err();
    let body: Value = serde_json::from_slice(again.answer().body()).unwrap();
    let codes: Vec<&Value> = body["CancellationReasons"].as_array().unwrap().iter().map(|it| &it["Code"]).collect();
    assert_eq!(codes, ["ConditionalCheckFailed", "ConditionalCheckFailed"]);
    let only_one = json!({"TransactItems": [put, {"Update": {"Key": key(), "UpdateExpression": "REMOVE n"}}]});
    assert_eq!(code(table.execute("TransactWriteItems", &only_one)), "TransactionCanceledException");
    assert!(table.get("s", "case#1").unwrap().contains_key("n"), "nothing was written");
}

#[test]
fn a_query_returns_items_in_order_and_in_pages() {
    let mut table = Table::default();
    for (subject, name, kept) in
        [("s", "case#2", "y"), ("s", "case#1", "n"), ("s", "finding#1", "y"), ("r", "case#1", "y")]
    {
        let item = json!({"subject": {"S": subject}, "item": {"S": name}, "kept": {"S": kept}});
        table.put(item.as_object().unwrap().clone());
    }
    let mut query = json!({"KeyConditionExpression": "subject = :s AND begins_with(#item, :prefix)", "ConsistentRead": true,
        "ExpressionAttributeNames": {"#item": "item"},
        "ExpressionAttributeValues": {":s": {"S": "s"}, ":prefix": {"S": "case#"}}});
    let mut names = |query: &Value| {
        let answer = table.execute("Query", query).unwrap();
        let names = answer["Items"].as_array().unwrap().iter().map(|it| it["item"]["S"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), answer["LastEvaluatedKey"].clone())
    };
    assert_eq!(names(&query), (vec!["case#1".to_owned(), "case#2".to_owned()], Value::Null));
    query["ScanIndexForward"] = json!(false);
    query["Limit"] = json!(1);
    let (first, last) = names(&query);
    assert_eq!(first, ["case#2"]);
    query["ExclusiveStartKey"] = last;
    assert_eq!(names(&query), (vec!["case#1".to_owned()], Value::Null));
    query["FilterExpression"] = json!("kept = :yes");
    query["ExpressionAttributeValues"][":yes"] = json!({"S": "y"});
    assert_eq!(names(&query), (vec![], Value::Null), "excluded items count towards the limit");
}
