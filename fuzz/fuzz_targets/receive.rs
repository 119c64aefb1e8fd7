//! The complete decision of open-case for messages, one in each line: parser, admission rules and intake, with a table in memory.
//! Every message reaches a final outcome, and a second delivery changes nothing.

#![no_main]

use gumshoe_domain::admission::{AdmissionRules, PatternFilter};
use gumshoe_domain::assessment::AssessmentSummary;
use gumshoe_domain::case::flows::{ExecutionState, IntakeFlow, IntakeStep};
use gumshoe_domain::case::{
    CaseChange, CaseProgress, CaseStatus, Change, FindingProgress, FollowUpRule, IntakeRules, IntakeWrite, case_subject,
};
use gumshoe_domain::verdict::AlertCause;
use gumshoe_domain::{Finding, ParsedFinding, Severity};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

/// The defaults of the template's parameters.
const RULES: IntakeRules = IntakeRules {
    realert_after: SignedDuration::from_hours(24),
    follow_up: FollowUpRule::after(SignedDuration::from_hours(6)),
};

#[derive(Default)]
struct Rows {
    cases: BTreeMap<u32, CaseProgress>,
    findings: BTreeMap<String, FindingProgress>,
}

impl Rows {
    fn write_intake(&mut self, id: &str, write: &IntakeWrite) -> bool {
        if self.findings.get(id).map(|it| it.version) != write.expected_version {
            return false;
        }
        match &write.case {
            CaseChange::Unchanged => {}
            CaseChange::Open(case) => {
                assert!(self.cases.insert(case.number.sequence, *case).is_none(), "a case was opened twice");
            }
            CaseChange::Update(number, write) => {
                let case = self.cases.get_mut(&number.sequence).expect("the case that was read exists");
                assert!(write.is_satisfied_by(case), "the condition is satisfied without other writers");
                write.apply(case);
            }
        }
        self.findings.insert(id.to_owned(), write.finding);
        true
    }

    /// Processes a finding; returns whether anything was written.
    fn receive(&mut self, finding: &Finding, now: Timestamp) -> bool {
        let mut flow = IntakeFlow::begin(finding.state(), now, RULES);
        let mut wrote = false;
        for _ in 0..20 {
            flow = match flow.step() {
                IntakeStep::ReadLatest => flow.read_case(self.cases.values().next_back().copied()),
                IntakeStep::ReadFinding => flow.read_finding(self.findings.get(&finding.id).copied()),
                IntakeStep::ReadCase(sequence) => flow.read_case(self.cases.get(&sequence).copied()),
                IntakeStep::Write(write) => {
                    wrote = true;
                    flow.wrote(self.write_intake(&finding.id, &write))
                }
                IntakeStep::Start(_) => flow.started(ExecutionState::RunningOrSucceeded),
                IntakeStep::Done(received) => {
                    let case = received.case.expect("a finding that has not expired has a case");
                    assert!(self.cases.contains_key(&case.sequence));
                    return wrote;
                }
                step => panic!("unexpected step without other writers: {step:?}"),
            };
        }
        panic!("no final step after 20 steps");
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (settings, bytes) = bytes.split_at(bytes.len().min(2));
    let setting = |index: usize| settings.get(index).copied().unwrap_or_default();
    let admission = AdmissionRules {
        minimum_severity: Severity::new(f64::from(setting(0) % 10)).expect("0 to 9 is a valid severity"),
        is_rehearsal: setting(1) & 1 == 1,
        finding_types: PatternFilter::new("", if setting(1) & 2 == 2 { "Policy:*" } else { "" }),
        accounts: PatternFilter::new("", if setting(1) & 4 == 4 { "1*" } else { "" }),
    };
    let mut table: BTreeMap<String, Rows> = BTreeMap::new();
    let mut now = Timestamp::from_second(1_800_000_000).expect("the constant is a valid timestamp");
    for line in bytes.split(|byte| *byte == b'\n') {
        now += SignedDuration::from_secs(600);
        let Ok(mut parsed) = ParsedFinding::from_text(&String::from_utf8_lossy(line)) else { continue };
        if admission.ignore_reason_before_lookup(parsed.finding()).is_some() {
            continue;
        }
        let candidates = parsed.take_candidates();
        let principals = candidates.into_iter().map(|candidate| candidate.into_current_principal()).collect();
        for finding in parsed.into_findings(principals) {
            if admission.ignore_reason(&finding).is_some() {
                continue;
            }
            let rows = table.entry(case_subject(&finding)).or_default();
            rows.receive(&finding, now);
            assert!(!rows.receive(&finding, now), "a second delivery changes nothing");
        }
        // For some lines a case ends: alerted permanently or for a transient reason, closed without an alert, watched, or sealed.
        if let Some(case) = table.values_mut().filter_map(|rows| rows.cases.values_mut().next_back()).next() {
            let quiet = AssessmentSummary::quiet(case.joined_count, case.renewed_count, 1);
            let alert = |cause, is_transient| AssessmentSummary { alert_cause: Some(cause), is_transient, ..quiet };
            let changes = |assessed| [Change::Assess(assessed), Change::Publish(1, now), Change::Close(now)];
            match line.len() % 7 {
                0 => changes(alert(AlertCause::Verdict, false)).into_iter().for_each(|change| change.apply(case)),
                3 => {
                    changes(alert(AlertCause::NotInvestigated, true)).into_iter().for_each(|change| change.apply(case))
                }
                1 => Change::Close(now).apply(case),
                4 if case.status == CaseStatus::Open => {
                    [Change::Assess(quiet), Change::Watch(now)].into_iter().for_each(|change| change.apply(case));
                }
                2 if case.status == CaseStatus::Open => Change::Seal.apply(case),
                _ => {}
            }
        }
    }
});
