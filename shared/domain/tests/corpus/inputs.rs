//! Inputs about which earlier releases decided wrongly, in the folder `cases` next to the corpus.

use crate::attacker_text::{DecisionOutcome, decide};
use crate::fixtures::corpus_folder;
use gumshoe_domain::case::{case_subject, uncovered_findings};
use gumshoe_domain::investigation::Scope;
use gumshoe_domain::principal::LookupError;
use gumshoe_domain::{Finding, ParsedFinding, Regions};
use jiff::{SignedDuration, Timestamp};
use libtest_mimic::Completion;
use requirements::Outcome;
use std::path::Path;

pub(crate) fn formerly_misparsed_inputs_are_parsed_correctly() -> Outcome {
    let folder = corpus_folder().map(|it| it.join("../cases")).filter(|it| it.is_dir());
    let Some(folder) = folder else {
        return requirements::missing("corpus", "put the folder `cases` next to the folder of FINDINGS_CORPUS");
    };
    of_another_region(&folder);
    details_are_parsed(&folder);
    without_a_role(&folder);
    several_findings_in_one_text(&folder);
    names_like_samples(&folder);
    Ok(Completion::Completed)
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn finding(folder: &Path, name: &str) -> Finding {
    Finding::from_text(&text(folder, name)).unwrap()
}

fn details_json(finding: &Finding) -> String {
    serde_json::to_string(&finding.details).unwrap()
}

/// The outcome if every lookup is denied and every investigation finds nothing.
fn outcome(folder: &Path, name: &str) -> DecisionOutcome {
    decide(&serde_json::from_str(&text(folder, name)).unwrap(), &|_| Err(LookupError::Denied))
}

fn of_another_region(folder: &Path) {
    let name = "01-other-region.json";
    let finding = finding(folder, name);
    assert_eq!(finding.region, "ap-southeast-2");
    let now: Timestamp = "2026-11-28T02:00:00Z".parse().unwrap();
    let scope = Scope::up_to(now, SignedDuration::from_hours(24), None);
    let regions: Regions = "eu-west-1,ap-southeast-2".parse().unwrap();
    let seen = |region| uncovered_findings(std::slice::from_ref(&finding), &[(region, scope)], &regions).is_none();
    assert!(
        !seen("eu-west-1") && seen("ap-southeast-2"),
        "only the graph of the finding's Region contains the activity"
    );
    let own = Regions::only("eu-west-1");
    let unseen = uncovered_findings(std::slice::from_ref(&finding), &[("eu-west-1", scope)], &own).unwrap();
    assert_eq!(unseen.not_investigated_reason(&own).error.as_str(), "RegionNotListed");
    assert_eq!(outcome(folder, name), DecisionOutcome::Alerted("PRINCIPAL_UNCERTAIN".to_owned()));
}

fn details_are_parsed(folder: &Path) {
    let name = "03-runtime-process.json";
    let details = details_json(&finding(folder, name));
    for part in ["/usr/bin/bash", "www-data", "php-fpm8.2", "/tmp/.x.sh", "4711"] {
        assert!(details.contains(part), "{part} is missing in\n{details}");
    }
    assert_eq!(outcome(folder, name), DecisionOutcome::Alerted("NOT_INVESTIGATED".to_owned()), "its role is not known");

    let of_cluster = finding(folder, "05a-eks-source-ips-only.json");
    let remote = of_cluster.activity[0].remote.as_ref().unwrap();
    assert_eq!(remote.ip_address.as_deref(), Some("2001:db8:77::10"));
    let caller = details_json(&of_cluster);
    assert!(caller.contains("AROAEXAMPLE0VIEWER01") && caller.contains("irene"), "{caller}");

    let remote = details_json(&finding(folder, "14-remote-account.json"));
    assert!(remote.contains("777788889999"), "{remote}");
}

/// Each has a case of its own and is alerted, because there is no principal to investigate.
fn without_a_role(folder: &Path) {
    let names = ["06a-crawler-without-role.json", "06b-crawler-without-role.json"];
    let [one, other] = names.map(|name| case_subject(&finding(folder, name)));
    assert_ne!(one, other);
    for name in names {
        assert_eq!(outcome(folder, name), DecisionOutcome::Alerted("NOT_INVESTIGATED".to_owned()), "{name}");
    }
}

fn several_findings_in_one_text(folder: &Path) {
    for name in ["07a-s3-export.jsonl", "07d-get-findings-answer.json"] {
        let text = text(folder, name);
        let read = ParsedFinding::parse_all(&text);
        assert!(read.len() == 2 && read.iter().all(Result::is_ok), "{name}: {read:?}");
        let error = ParsedFinding::from_text(&text).unwrap_err().to_string();
        assert!(error.contains("expected one finding"), "{name}: {error}");
    }
}

fn names_like_samples(folder: &Path) {
    let name = "20-names-like-samples.json";
    let finding = finding(folder, name);
    assert!(!finding.is_sample && !finding.has_sample_ids);
    assert_eq!(
        outcome(folder, name),
        DecisionOutcome::Alerted("NOT_INVESTIGATED".to_owned()),
        "its task's role is not known"
    );
}
