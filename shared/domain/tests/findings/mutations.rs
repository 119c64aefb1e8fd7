//! Randomly mutated findings: `MUTATIONS=1000000 cargo test -p gumshoe-domain --release --test findings mutations`.

use crate::fixtures::{corpus_folder, documents, findings_folder};
use crate::invariants;
use crate::mutator::{Rng, mutate};
use gumshoe_domain::{FindingError, ParsedFinding};
use serde_json::Value;

/// The default number of mutated documents.
const MUTATIONS: u64 = 4000;

#[test]
fn mutated_documents_neither_panic_nor_violate_invariants() {
    let count = std::env::var("MUTATIONS").map_or(MUTATIONS, |text| text.parse().expect("MUTATIONS is a number"));
    let mut originals: Vec<Value> = documents(&findings_folder()).into_values().collect();
    originals.extend(corpus_folder().into_iter().flat_map(|folder| documents(&folder).into_values()));
    let (mut parsed_count, mut rejected) = (0_u64, 0_u64);
    for seed in 0..count {
        let mut rng = Rng::new(seed);
        let mut document = rng.one_of(&originals).clone();
        for _ in 0..=rng.below(6) {
            mutate(&mut document, &mut rng);
        }
        let outcome = std::panic::catch_unwind(|| match ParsedFinding::from_json(&document) {
            Ok(parsed) => {
                invariants::check(&document, parsed);
                true
            }
            Err(error) => {
                check_error(&document, &error);
                false
            }
        });
        match outcome {
            Ok(true) => parsed_count += 1,
            Ok(false) => rejected += 1,
            Err(_) => {
                panic!(
                    "mutation with seed {seed} failed: {}",
                    document.to_string().chars().take(4000).collect::<String>()
                )
            }
        }
    }
    println!("{parsed_count} parsed, {rejected} rejected");
    assert!(
        count < 1000 || parsed_count > rejected,
        "most mutated documents are still findings, but only {parsed_count} of {count} were parsed"
    );
}

/// An error names a required member that is missing or invalid.
fn check_error(document: &Value, error: &FindingError) {
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
