//! What holds for every page, whatever the texts and however many.

use super::{assert_page_is_safe, rows};
use crate::fixtures::{self, Case, report_page as html, report_page_with as written, travelled};
use crate::report::{ApiCall, MAX_BYTES};
use crate::text::next_step;
use gumshoe_domain::finding::details::{
    Container, Details, KubernetesCaller, Process, ProcessName, RemoteAccount, SequenceIndicator,
};
use gumshoe_domain::finding::{ActivityResult, Remote};
use gumshoe_domain::guardduty::{CompletedInvestigation, GuardDutyResult, NotRequestedReason, Summary};
use gumshoe_domain::next_steps::NextStep;
use gumshoe_domain::principal::{
    NotInvestigableReason, Principal, PrincipalIdentity, StoredPrincipal, Uncertainty, UninvestigableKind,
    UninvestigablePrincipal,
};
use gumshoe_domain::verdict::ReasonCode;
use gumshoe_domain::{Finding, Indicator};
use proptest::prelude::*;

/// Text as attackers, users and the services write it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>(),
        3 => "[ -~]{0,300}",
        1 => "(<script>|</td>|\"|'|<!--|]]>|&lt;|&#60;|https://evil\\.example|www\\.evil\\.example|\u{202e}|\r\n|\u{FFFE}){0,40}",
        1 => Just("é".repeat(10_240))
    ]
}

/// A case in which all texts are written by `write`.
fn rewritten(mut case: Case, write: &mut dyn FnMut(&mut String)) -> Case {
    for finding in &mut case.findings {
        rewrite_finding(finding, write);
    }
    for indicator in &mut case.indicators {
        indicator.texts_mut().into_iter().for_each(&mut *write);
    }
    match &mut case.record.principal {
        Principal::IamRole(entity) | Principal::IamUser(entity) => {
            [&mut entity.arn, &mut entity.name, &mut entity.account_id].into_iter().for_each(&mut *write);
            entity.uncertainties.iter_mut().for_each(|doubt| rewrite_doubt(doubt, write));
            entity.session_name.iter_mut().for_each(&mut *write);
        }
        Principal::NotInvestigable(other) => {
            let UninvestigablePrincipal { name, account_id, .. } = other;
            name.iter_mut().chain(account_id).for_each(&mut *write);
        }
    }
    let assessment = &mut case.assessment;
    assessment.verdict.reasons.iter_mut().for_each(|it| it.code = written_reason(write));
    for step in &mut assessment.next_steps {
        *step = written_step(step, write);
        if let NextStep::LegacyText { command: Some(command), .. } = step {
            write(command);
        }
    }
    if let Some(why) = &mut assessment.not_investigated {
        let mut name = why.error.to_string();
        write(&mut name);
        why.error = name.into();
        write(&mut why.cause);
        why.detail = None;
    }
    if let Some(answer) = &mut assessment.guardduty {
        rewrite_answer(answer, write);
    }
    assessment.outside_graph.iter_mut().for_each(|it| write(&mut it.account_id));
    assessment.account_names.values_mut().for_each(&mut *write);
    case
}

/// A doubt whose text is written by `write`.
pub(crate) fn rewrite_doubt(doubt: &mut Uncertainty, write: &mut dyn FnMut(&mut String)) {
    let mut text = String::new();
    write(&mut text);
    *doubt = Uncertainty::LegacyText(text);
}

/// Another principal with its texts written by `write`.
pub(crate) fn rewrite_named(other: &mut StoredPrincipal, write: &mut dyn FnMut(&mut String)) {
    match other {
        StoredPrincipal::Known(PrincipalIdentity { account_id, name, .. }) => {
            account_id.iter_mut().chain(name).for_each(write)
        }
        StoredPrincipal::LegacyText(words) => write(words),
    }
}

/// GuardDuty's answer with all its texts written by `write`.
pub(crate) fn rewrite_answer(answer: &mut GuardDutyResult, write: &mut dyn FnMut(&mut String)) {
    match answer {
        GuardDutyResult::Completed(CompletedInvestigation { investigation_id, risk, summary, .. }) => {
            let Summary { threat_assessment, key_observations, countermeasures } = summary;
            let texts = threat_assessment.iter_mut().chain(key_observations).chain(countermeasures);
            texts.chain(risk).chain([investigation_id]).for_each(write);
        }
        GuardDutyResult::Failed { investigation_id, error: why }
        | GuardDutyResult::ReadFailed { investigation_id, why } => {
            [investigation_id, why].into_iter().for_each(write);
        }
        GuardDutyResult::StillRunning { investigation_id } => write(investigation_id),
        GuardDutyResult::NotRequested(
            NotRequestedReason::Refused { message: why } | NotRequestedReason::Failed { message: why },
        ) => write(why),
        GuardDutyResult::NotRequested(NotRequestedReason::OtherRegion { region, stack_regions: own }) => {
            [region, own].into_iter().for_each(write)
        }
        GuardDutyResult::NotRequested(NotRequestedReason::UnsupportedRegion { region }) => write(region),
        GuardDutyResult::NotRequested(_) => {}
    }
}

fn rewrite_finding(finding: &mut Finding, write: &mut dyn FnMut(&mut String)) {
    let Finding { id, account_id, region, finding_type, title, others, access_key_id, activity, details, .. } = finding;
    [id, account_id, region, finding_type, title].into_iter().chain(access_key_id).for_each(&mut *write);
    others.iter_mut().for_each(|other| rewrite_named(other, write));
    for activity in activity {
        write(&mut activity.name);
        activity.service.iter_mut().for_each(&mut *write);
        let mut error = String::new();
        write(&mut error);
        activity.result = ActivityResult::Failed(error);
        if let Some(Remote { ip_address, more_addresses, place, network, .. }) = &mut activity.remote {
            ip_address.iter_mut().chain(more_addresses).chain(place).chain(network).for_each(&mut *write);
        }
    }
    rewrite_details(details, write);
}

/// What a finding says of who and what took part, with all its texts written by `write`.
pub(crate) fn rewrite_details(details: &mut Details, write: &mut dyn FnMut(&mut String)) {
    for Process { name, path, user, working_directory, parent, target, script, command, files, sha256, .. } in
        &mut details.processes
    {
        let texts = [name, path, user, working_directory, script, command, sha256];
        texts.into_iter().flatten().chain(files).for_each(&mut *write);
        for ProcessName { name, path, .. } in [parent, target].into_iter().flatten() {
            name.iter_mut().chain(path).for_each(&mut *write);
        }
    }
    for Container { name, image, id } in &mut details.containers {
        name.iter_mut().chain(image).chain(id).for_each(&mut *write);
    }
    details.workload.iter_mut().chain(&mut details.detection_rule).for_each(&mut *write);
    if let Some(RemoteAccount { account_id, service, .. }) = &mut details.remote_account {
        service.iter_mut().chain([account_id]).for_each(&mut *write);
    }
    if let Some(KubernetesCaller { unique_id, account_id, session }) = &mut details.kubernetes_caller {
        unique_id.iter_mut().chain(account_id).chain(session).for_each(&mut *write);
    }
    for call in &mut details.other_calls {
        call.service.iter_mut().chain([&mut call.name]).for_each(&mut *write);
    }
    for SequenceIndicator { kind, title, values, .. } in &mut details.sequence_indicators {
        title.iter_mut().chain(values).chain([kind]).for_each(&mut *write);
    }
}

/// A reason with a text that `write` makes.
pub(crate) fn written_reason(write: &mut dyn FnMut(&mut String)) -> ReasonCode {
    let mut text = String::new();
    write(&mut text);
    ReasonCode::LegacyText { text }
}

/// A step with the same command as another one, and a text that `write` makes.
pub(crate) fn written_step(step: &NextStep, write: &mut dyn FnMut(&mut String)) -> NextStep {
    let mut text = String::new();
    write(&mut text);
    NextStep::LegacyText { text, command: next_step::command(step) }
}

proptest! {
    // Each shrinking step renders a page.
    #![proptest_config(ProptestConfig { max_shrink_iters: 256, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn page_with_any_text_is_safe(which in 0_usize..100, texts in prop::collection::vec(text(), 16), has_no_principal in any::<bool>()) {
        let mut cases: Vec<Case> = fixtures::all().into_iter().map(|(_, case)| case).chain([travelled()]).collect();
        let mut case = cases.remove(which % cases.len());
        if has_no_principal {
            let (name, account_id) = (Some(String::new()), Some(String::new()));
            let reason = NotInvestigableReason::UserType { user_type: texts[0].clone() };
            case.record.principal = Principal::NotInvestigable(UninvestigablePrincipal { kind: UninvestigableKind::Unknown, account_id, name, reason });
        }
        let mut next = texts.iter().cycle().cloned();
        let case = rewritten(case, &mut |text| *text = next.next().unwrap_or_default());
        let api_call = ApiCall { operation: texts[1].clone(), request: texts[2].clone(), response: texts[3].clone() };
        assert_page_is_safe(&written(&case, &[api_call], &texts));
    }
}

/// More entries than a case can have, with the characters that need the most bytes.
#[test]
fn page_with_too_many_entries_keeps_the_limit() {
    for letter in ["<", "\"", "/", "é", "\u{1F9ED}", "W"] {
        let mut case = fixtures::many();
        let finding = case.findings[0].clone();
        case.findings.resize(1_000, finding);
        let indicators = case.indicators.clone();
        let unknown = Indicator::Unknown { indicator_type: String::new() };
        case.indicators =
            indicators.iter().cycle().take(3_200).cloned().chain(std::iter::repeat_n(unknown, 400)).collect();
        let reason = case.assessment.verdict.reasons[0].clone();
        case.assessment.verdict.reasons.resize(100, reason);
        let step = NextStep::LegacyText { text: String::new(), command: Some(String::new()) };
        case.assessment.next_steps.resize(100, step);
        for (index, finding) in case.findings.iter_mut().enumerate() {
            let activity = finding.activity[0].clone();
            finding.activity = vec![activity; 20];
            for (call, activity) in finding.activity.iter_mut().enumerate() {
                let remote = activity.remote.as_mut().unwrap();
                remote.position = Some(((index % 80) as f64 + 0.5, (call * 7) as f64));
            }
        }
        let long = letter.repeat(2_000);
        let mut count = 0;
        let case = rewritten(case, &mut |text| {
            count += 1;
            *text = format!("{count} {long}");
        });
        let api_calls = vec![ApiCall { operation: long.clone(), request: long.clone(), response: long.clone() }; 400];
        let html = written(&case, &api_calls, &vec![long.clone(); 1_000]);
        println!("{letter}: {} bytes, {} rows", html.len(), rows(&html));
        assert!(html.len() <= MAX_BYTES, "{letter}: {}", html.len());
        assert_page_is_safe(&html);
        assert!(html.contains("more in the evidence"));
    }
}

#[test]
fn page_with_the_longest_values_keeps_the_limit() {
    let html = html(&fixtures::longest());
    assert!(html.len() <= MAX_BYTES / 4, "{}", html.len());
}

#[test]
fn rows_of_ordinary_length_reach_the_row_limit_first() {
    let mut case = fixtures::many();
    let finding = case.findings[0].clone();
    case.findings.resize(230, finding);
    case.indicators = (0..250)
        .map(|number| Indicator::TtpObserved {
            tactic: "Defense Evasion".to_owned(),
            technique: "Modify Cloud Compute Infrastructure".to_owned(),
            procedure: "Stopping instances and changing what is logged about them".to_owned(),
            ip_address: format!("198.51.100.{number}"),
            api_name: "ModifyInstanceMetadataOptions".to_owned(),
            successes: 1,
            failures: 0,
        })
        .collect();
    let html = html(&case);
    assert_eq!(rows(&html), 200 + 200 + 1 + 2);
    assert!(html.contains("and 30 more in the evidence") && html.contains("and 50 more in the evidence"));
}
