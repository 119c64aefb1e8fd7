use super::*;
use crate::channels::{chat, email, pagerduty, slack};
use crate::fixtures;
use crate::notification::Notification;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Messages of version 1, as the release before codes sent them.
fn stored() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/version-1");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 10);
    files
}

/// Those, with the case that each is of and what was sent of it. One was too long to be sent whole.
fn whole() -> Vec<(String, fixtures::Case, String)> {
    let mut cases: std::collections::BTreeMap<_, _> = fixtures::all().into_iter().collect();
    let of_case = |file: PathBuf| {
        let name = file.file_stem()?.to_str()?.to_owned();
        let case = cases.remove(name.as_str()).filter(|_| name != "hostile")?;
        Some((name, case, std::fs::read_to_string(&file).ok()?))
    };
    stored().into_iter().filter_map(of_case).collect()
}

/// All members of `old` are in `new`, with the same values. Lists have the same members in the same order.
fn contains(new: &Value, old: &Value, path: &str) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            for (name, value) in old {
                let of_new = new.get(name).unwrap_or_else(|| panic!("{path}/{name} is gone"));
                contains(of_new, value, &format!("{path}/{name}"));
            }
        }
        (Value::Array(new), Value::Array(old)) => {
            assert_eq!(new.len(), old.len(), "{path}");
            new.iter().zip(old).for_each(|(new, old)| contains(new, old, path));
        }
        _ => assert_eq!(new, old, "{path}"),
    }
}

#[test]
fn what_an_earlier_release_sent_is_read_and_nothing_of_it_is_lost() {
    for file in stored() {
        let text = std::fs::read_to_string(&file).unwrap();
        let Notification::Alert(alert) = Notification::from_json(&text).unwrap() else { panic!("{file:?}") };
        contains(&serde_json::to_value(&alert).unwrap(), &serde_json::from_str(&text).unwrap(), "");
    }
}

#[test]
fn what_is_sent_now_has_all_that_an_earlier_release_sent() {
    assert!(whole().len() > 10);
    for (name, case, old) in whole() {
        contains(&serde_json::to_value(case.alert()).unwrap(), &serde_json::from_str(&old).unwrap(), &name);
    }
}

#[test]
fn channels_say_the_same_of_what_an_earlier_release_sent() {
    for (name, case, old) in whole() {
        let old: Alert = serde_json::from_str(&old).unwrap();
        let now = case.alert();
        for (old, now) in [(email::body(&old), email::body(&now)), (chat::body(&old), chat::body(&now))] {
            assert_eq!(old, now, "{name}");
        }
        let relayed = |alert: Alert| {
            let notification = Notification::Alert(Box::new(alert));
            (slack::message(&notification), pagerduty::event(&notification, "k"))
        };
        assert_eq!(relayed(old), relayed(now), "{name}");
    }
}
