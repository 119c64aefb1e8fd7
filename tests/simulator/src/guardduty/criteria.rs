//! FindingCriteria: which findings a listing is of.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::finding::{self, Finding};

/// FindingCriteria: conditions by attribute, all of which a finding must meet.
// assumed: an attribute is any path through a finding, also one that the reference does not list; a path that does
// not exist has no value.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Criteria {
    criterion: Option<BTreeMap<String, Condition>>,
}

/// Condition: what an attribute's value must be. All that is given must hold.
// assumed: of an attribute with several values, as of a list, one that fits is enough, and one is enough to break what
// is not to be; an attribute without a value breaks no negation and meets nothing else.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Condition {
    eq: Option<Vec<String>>,
    neq: Option<Vec<String>>,
    gt: Option<i64>,
    gte: Option<i64>,
    lt: Option<i64>,
    lte: Option<i64>,
    equals: Option<Vec<String>>,
    not_equals: Option<Vec<String>>,
    greater_than: Option<i64>,
    greater_than_or_equal: Option<i64>,
    less_than: Option<i64>,
    less_than_or_equal: Option<i64>,
    // assumed: the reference says of these two that only CreateFilter and UpdateFilter have them, and accepts them in
    // ListFindings all the same; here they do what their names say.
    matches: Option<Vec<String>>,
    not_matches: Option<Vec<String>>,
}

impl Criteria {
    /// Whether a finding meets all conditions.
    pub(super) fn meets(&self, finding: &Finding) -> bool {
        self.criterion.iter().flatten().all(|(attribute, condition)| {
            let path: Vec<&str> = attribute.split('.').collect();
            condition.is_met_by(&finding::values(&finding.document, &path))
        })
    }
}

impl Condition {
    fn is_met_by(&self, values: &[&Value]) -> bool {
        let one_of = |wanted: &Option<Vec<String>>, fits: fn(&Value, &str) -> bool| {
            wanted.as_ref().map(|wanted| values.iter().any(|value| wanted.iter().any(|text| fits(value, text))))
        };
        let bounded = |bound: Option<i64>, holds: fn(f64, f64) -> bool| {
            bound.is_none_or(|bound| {
                values.iter().filter_map(|value| compared(value)).any(|number| holds(number, bound as f64))
            })
        };
        one_of(&self.eq, equals) != Some(false)
            && one_of(&self.equals, equals) != Some(false)
            && one_of(&self.neq, equals) != Some(true)
            && one_of(&self.not_equals, equals) != Some(true)
            && one_of(&self.matches, matches) != Some(false)
            && one_of(&self.not_matches, matches) != Some(true)
            && bounded(self.gt, |number, bound| number > bound)
            && bounded(self.greater_than, |number, bound| number > bound)
            && bounded(self.gte, |number, bound| number >= bound)
            && bounded(self.greater_than_or_equal, |number, bound| number >= bound)
            && bounded(self.lt, |number, bound| number < bound)
            && bounded(self.less_than, |number, bound| number < bound)
            && bounded(self.lte, |number, bound| number <= bound)
            && bounded(self.less_than_or_equal, |number, bound| number <= bound)
    }
}

/// Whether a value is the one that a condition names: the same text, or the same number or time.
fn equals(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) if text == wanted => true,
        Value::Bool(value) => wanted == if *value { "true" } else { "false" },
        value => finding::number(value).is_some_and(|number| wanted.parse() == Ok(number)),
    }
}

/// Whether a value's text fits a pattern in which `*` matches any characters and `?` for one.
fn matches(value: &Value, pattern: &str) -> bool {
    match value {
        Value::String(text) => fits(pattern, text),
        Value::Bool(_) | Value::Number(_) => fits(pattern, &value.to_string()),
        _ => false,
    }
}

/// What a bound is compared with: a number, a time in milliseconds, or a text that is a number.
fn compared(value: &Value) -> Option<f64> {
    finding::number(value).or_else(|| value.as_str()?.parse().ok())
}

fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut place) = (0, 0);
    // The index of the last star, and how much of the text it has matched so far.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((before, taken)) = star else { return false };
                star = Some((before, taken + 1));
                at = before + 1;
                place = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn meets(document: Value, criterion: Value) -> bool {
        let criteria: Criteria = serde_json::from_value(json!({ "criterion": criterion })).unwrap();
        criteria.meets(&Finding { number: 0, document })
    }

    #[test]
    fn values_are_compared_as_what_they_are() {
        let document = json!({
            "severity": 8.0, "type": "Recon:EC2/Portscan", "updatedAt": "2017-02-10T00:09:35Z",
            "service": { "archived": false }, "list": [{ "name": "a" }, { "name": "b" }],
        });
        for (attribute, condition, expected) in [
            ("severity", json!({ "eq": ["8"] }), true),
            ("severity", json!({ "eq": ["8.0", "1"] }), true),
            ("severity", json!({ "neq": ["8"] }), false),
            ("severity", json!({ "gte": 8, "lt": 9 }), true),
            ("severity", json!({ "gt": 8 }), false),
            ("updatedAt", json!({ "gte": 1_486_685_375_000_i64, "lessThanOrEqual": 1_486_685_375_000_i64 }), true),
            ("updatedAt", json!({ "greaterThan": 1_486_685_375_000_i64 }), false),
            ("service.archived", json!({ "eq": ["false"] }), true),
            ("service.archived", json!({ "equals": ["true"] }), false),
            ("list.name", json!({ "eq": ["b"] }), true),
            ("list.name", json!({ "neq": ["b"] }), false),
            ("list.name", json!({ "notEquals": ["c"] }), true),
            ("type", json!({ "matches": ["*:EC2/Port?can"] }), true),
            ("type", json!({ "notMatches": ["Recon*"] }), false),
            ("nothing", json!({ "neq": ["x"], "notMatches": ["*"] }), true),
            ("nothing", json!({ "lt": 1 }), false),
            ("nothing", json!({ "matches": ["*"] }), false),
            ("service", json!({ "eq": ["{}"] }), false),
            ("type", json!({ "eq": [] }), false),
            ("type", json!({ "neq": [] }), true),
            ("type", json!({}), true),
        ] {
            assert_eq!(meets(document.clone(), json!({ attribute: condition })), expected, "{attribute} {condition}");
        }
    }

    #[test]
    fn all_criteria_must_be_met() {
        let document = json!({ "a": 1, "b": 2 });
        assert!(meets(document.clone(), json!({ "a": { "eq": ["1"] }, "b": { "eq": ["2"] } })));
        assert!(!meets(document, json!({ "a": { "eq": ["1"] }, "b": { "eq": ["1"] } })));
    }

    proptest! {
        #[test]
        fn a_pattern_made_from_a_text_fits_it(before in "[ab?*]{0,5}", text in "[ab]{0,5}", after in "[ab]{0,5}") {
            let whole = format!("{before}{text}{after}");
            let with_star = format!("{before}*{after}");
            prop_assert!(fits(&with_star, &whole));
            let one_each: String = whole.chars().map(|_| '?').collect();
            prop_assert!(fits(&one_each, &whole));
            let more = format!("{one_each}?");
            prop_assert!(!fits(&more, &whole));
        }
    }
}
