//! Which cases are listed.

use clap::ValueEnum;
use gumshoe_aws::case_table::CaseListEntry;
use gumshoe_domain::{CaseStatus, VerdictLevel};
use serde::Serialize;
use std::fmt;

/// The state of a case, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// It is investigated now.
    Open,
    /// It is quiet and waits for its follow-up investigation.
    Watching,
    /// People were notified of it.
    Alerted,
    /// It ended without an alert.
    Quiet,
    /// It has no result of an investigation.
    NotInvestigated,
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Open => "open",
            Self::Watching => "watching",
            Self::Alerted => "alerted",
            Self::Quiet => "quiet",
            Self::NotInvestigated => "not-investigated",
        })
    }
}

/// The state that is shown: what is most important about the case.
pub(super) fn state_of(case: &CaseListEntry) -> State {
    let has_no_result = case.summary.as_ref().is_some_and(|summary| !summary.has_result);
    match case.status {
        CaseStatus::Open | CaseStatus::Sealed => State::Open,
        CaseStatus::Watching if case.published_revision == 0 => State::Watching,
        CaseStatus::Watching | CaseStatus::Closed if has_no_result => State::NotInvestigated,
        CaseStatus::Watching | CaseStatus::Closed if case.published_revision > 0 => State::Alerted,
        CaseStatus::Watching | CaseStatus::Closed => State::Quiet,
    }
}

/// The filters of the command.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Empty: all.
    pub(super) states: Vec<State>,
    pub(super) principal: Option<String>,
    pub(super) account: Option<String>,
    /// The lowest level.
    pub(super) level: Option<VerdictLevel>,
}

impl Filter {
    /// The statuses that can have selected cases.
    pub(super) fn statuses(&self) -> impl Iterator<Item = CaseStatus> {
        let is_possible = |states: &[State]| self.states.is_empty() || self.states.iter().any(|it| states.contains(it));
        let ended = [State::Alerted, State::NotInvestigated];
        [
            (CaseStatus::Open, is_possible(&[State::Open, State::Alerted, State::NotInvestigated])),
            (CaseStatus::Sealed, is_possible(&[State::Open, State::Alerted, State::NotInvestigated])),
            (CaseStatus::Watching, is_possible(&ended) || is_possible(&[State::Watching])),
            (CaseStatus::Closed, is_possible(&ended) || is_possible(&[State::Quiet])),
        ]
        .into_iter()
        .filter_map(|(status, is_possible)| is_possible.then_some(status))
    }

    /// Whether the case is listed.
    pub(super) fn selects(&self, case: &CaseListEntry) -> bool {
        let summary = case.summary.as_ref();
        let has_state = |state: &State| match state {
            // An open case may have an alert already.
            State::Alerted => case.published_revision > 0,
            State::NotInvestigated => summary.is_some_and(|summary| !summary.has_result),
            state => state_of(case) == *state,
        };
        let contains = |text: &String| {
            let text = text.to_lowercase();
            let arn = case.principal.entity_arn();
            [Some(case.key.subject.as_str()), arn, case.principal.name()]
                .into_iter()
                .flatten()
                .any(|name| name.to_lowercase().contains(&text))
        };
        (self.states.is_empty() || self.states.iter().any(has_state))
            && self.principal.as_ref().is_none_or(contains)
            && self.account.as_ref().is_none_or(|account| case.principal.account_id() == Some(account.as_str()))
            && self.level.is_none_or(|level| summary.is_some_and(|summary| summary.level >= level))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use gumshoe_aws::case_table::CaseSummary;
    use gumshoe_domain::case::{CaseNumber, case_subject};
    use gumshoe_domain::{CaseKey, ParsedFinding};
    use jiff::Timestamp;

    /// A case about the example finding's role, with an alert of level High if it is closed.
    pub(in super::super) fn entry(status: CaseStatus, second: i64) -> CaseListEntry {
        let text = include_str!("../../../../tests/fixtures/findings/role-credentials-from-listed-address.json");
        let parsed = ParsedFinding::from_json(&serde_json::from_str(text).unwrap()).unwrap();
        let finding = parsed.finding();
        let opened_at = Timestamp::from_second(second).unwrap();
        let closed = status == CaseStatus::Closed;
        CaseListEntry {
            key: CaseKey::new(&case_subject(finding), CaseNumber { sequence: 1, opened_at }),
            principal: finding.principal.clone(),
            status,
            opened_at,
            published_revision: u32::from(closed),
            alerted_at: closed.then_some(opened_at),
            closed_at: closed.then_some(opened_at),
            summary: Some(CaseSummary { level: VerdictLevel::High, score: 70, alert_cause: None, has_result: true }),
        }
    }

    fn selected(filter: &Filter, case: &CaseListEntry) -> bool {
        filter.selects(case) && filter.statuses().any(|status| status == case.status)
    }

    #[test]
    fn each_state_selects_its_cases() {
        use CaseStatus::{Closed, Open, Sealed, Watching};
        let case = |status, published_revision, has_result| {
            let mut case = entry(status, 1);
            case.published_revision = published_revision;
            case.summary.as_mut().unwrap().has_result = has_result;
            case
        };
        let all = [State::Open, State::Watching, State::Alerted, State::Quiet, State::NotInvestigated];
        for (status, revision, has_result, expected) in [
            (Open, 0, true, vec![State::Open]),
            (Sealed, 1, true, vec![State::Open, State::Alerted]),
            (Watching, 0, true, vec![State::Watching]),
            (Watching, 1, true, vec![State::Alerted]),
            (Closed, 0, true, vec![State::Quiet]),
            (Closed, 2, true, vec![State::Alerted]),
            (Closed, 2, false, vec![State::Alerted, State::NotInvestigated]),
        ] {
            let case = case(status, revision, has_result);
            let selecting: Vec<State> = all
                .into_iter()
                .filter(|state| selected(&Filter { states: vec![*state], ..Filter::default() }, &case))
                .collect();
            assert_eq!(selecting, expected, "{status:?} {revision} {has_result}");
            assert!(expected.contains(&state_of(&case)));
            assert!(selected(&Filter::default(), &case));
        }
    }

    #[test]
    fn principal_account_and_level_are_compared() {
        let case = entry(CaseStatus::Closed, 1);
        let by = |principal: Option<&str>, account: Option<&str>, level: Option<VerdictLevel>| {
            let [principal, account] = [principal, account].map(|it| it.map(str::to_owned));
            selected(&Filter { states: Vec::new(), principal, account, level }, &case)
        };
        assert!(by(Some("REPORT"), Some("111122223333"), Some(VerdictLevel::High)));
        assert!(!by(Some("other"), None, None));
        assert!(!by(None, Some("11112222333"), None));
        assert!(!by(None, None, Some(VerdictLevel::Critical)));
    }

    #[test]
    fn a_case_without_a_summary_is_selected_unless_its_level_is_asked_for() {
        let case = CaseListEntry { summary: None, ..entry(CaseStatus::Closed, 1) };
        assert!(selected(&Filter::default(), &case));
        assert!(!selected(&Filter { level: Some(VerdictLevel::Informational), ..Filter::default() }, &case));
    }
}
