//! Details of the findings in the fixtures. Their rendered text is tested in shared/alerts.

use crate::fixtures::{documents, findings_folder};
use crate::spelling::{respelt, upper};
use gumshoe_domain::{Finding, ParsedFinding};
use serde_json::Value;

fn read(document: &Value) -> Finding {
    ParsedFinding::from_json(document).unwrap().into_finding_without_lookups()
}

#[test]
fn both_spellings_give_the_same_details() {
    for (name, document) in documents(&findings_folder()) {
        let detail = document.get("detail").unwrap_or(&document);
        let region = document.get("region").cloned().unwrap_or(Value::Null);
        let wrap = |detail: Value| serde_json::json!({"region": region, "detail": detail});
        let (own, respelt) = (read(&wrap(detail.clone())), read(&wrap(respelt(detail, &upper, 0))));
        assert_eq!(own.details, respelt.details, "{name}");
        assert_eq!(own.activity, respelt.activity, "{name}");
    }
}
