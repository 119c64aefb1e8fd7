//! Damaged findings: `MUTATIONS=1000000 cargo test -p gumshoe-domain --release --test findings mutations`.

use crate::mutator::{Dice, damage};
use crate::sound;
use crate::stored::{corpus, documents, fixtures};
use gumshoe_domain::{FindingError, ParsedFinding};
use serde_json::Value;

/// How many documents are damaged where `MUTATIONS` does not say.
const MUTATIONS: u64 = 4000;

#[test]
fn whatever_is_damaged_nothing_breaks_and_nothing_is_made_up() {
    let count = std::env::var("MUTATIONS").map_or(MUTATIONS, |text| text.parse().expect("MUTATIONS is a number"));
    let mut originals: Vec<Value> = documents(&fixtures()).into_values().collect();
    originals.extend(corpus().into_iter().flat_map(|folder| documents(&folder).into_values()));
    let (mut read, mut refused) = (0_u64, 0_u64);
    for seed in 0..count {
        let mut dice = Dice::new(seed);
        let mut document = dice.one_of(&originals).clone();
        for _ in 0..=dice.below(6) {
            damage(&mut document, &mut dice);
        }
        let outcome = std::panic::catch_unwind(|| match ParsedFinding::from_json(&document) {
            Ok(parsed) => {
                sound::check(&document, parsed);
                true
            }
            Err(error) => {
                named(&document, &error);
                false
            }
        });
        match outcome {
            Ok(true) => read += 1,
            Ok(false) => refused += 1,
            Err(_) => {
                panic!("MUTATIONS: seed {seed} gives {}", document.to_string().chars().take(4000).collect::<String>())
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(count < 1000 || read > refused, "most of what is damaged is still a finding: {read} of {count}");
}

/// Only what every finding has may be missing, and it is named.
fn named(document: &Value, error: &FindingError) {
    let FindingError::NotAFinding { path, .. } = error else {
        assert_ne!(document["detail-type"], "GuardDuty Finding", "{error}");
        return;
    };
    let member = path.strip_prefix("detail.").unwrap_or(path);
    let essential = ["id", "type", "severity", "accountId", "region", "detail"];
    assert!(essential.contains(&member), "{path}");
    let detail = document.get("detail").unwrap_or(document);
    let arn = detail["arn"].as_str().filter(|arn| arn.starts_with("arn:aws:guardduty:eu-west-1:111122223333:"));
    match member {
        "accountId" => assert!(arn.is_none() && detail["accountId"] != "111122223333", "{error}"),
        "region" => assert!(arn.is_none() && detail["region"] != "eu-west-1", "{error}"),
        "type" => assert_ne!(detail["type"], "Recon:IAMUser/TorIPCaller", "{error}"),
        "severity" => assert!(detail["severity"].as_f64().is_none_or(|it| !(0.0..=10.0).contains(&it)), "{error}"),
        _ => {}
    }
}
