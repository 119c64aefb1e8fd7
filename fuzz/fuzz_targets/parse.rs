//! Any text is either a finding or an error with a message. A finding is unchanged after serialization and deserialization.

#![no_main]

use gumshoe_domain::Finding;
use gumshoe_domain::case::{FailedExecution, case_subject};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(document) = serde_json::from_str(&text) {
        let _ = FailedExecution::from_json(&document);
    }
    match Finding::from_text(&text) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(finding) => {
            assert!((0.0..=10.0).contains(&finding.severity.value()));
            assert!(!finding.id.is_empty() && !case_subject(&finding).is_empty());
            let written = serde_json::to_string(&finding).expect("a finding can be serialized");
            let read: Finding = serde_json::from_str(&written).expect("a serialized finding can be deserialized");
            assert_eq!(read, finding);
        }
    }
});
