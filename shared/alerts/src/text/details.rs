//! The details of a finding within the limits of a channel.

use crate::message::{Activity, ActivityResult, AlertFinding, Details};
use gumshoe_domain::text::shorten;

/// Limit of the details in a channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LineLimit {
    /// Number of lines.
    pub(crate) lines: usize,
    /// Longest line, in characters.
    pub(crate) chars: usize,
}

/// What else a finding says, a line for each part, made safe by the channel's `safe`. Where lines are left out, the last one
/// says so.
pub(crate) fn detail_lines(
    finding: &AlertFinding,
    limit: LineLimit,
    escape: impl Fn(&str, usize) -> String,
) -> Vec<String> {
    limit_lines(finding.details.description_lines(), limit, escape)
}

/// The same, with what was done and from where before it: for channels that do not show that otherwise.
pub(crate) fn activity_and_detail_lines(
    finding: &AlertFinding,
    limit: LineLimit,
    escape: impl Fn(&str, usize) -> String,
) -> Vec<String> {
    let done = finding.activity.first().cloned();
    limit_lines(done.into_iter().chain(finding.details.description_lines()).collect(), limit, escape)
}

fn limit_lines(words: Vec<String>, limit: LineLimit, escape: impl Fn(&str, usize) -> String) -> Vec<String> {
    let shown = if words.len() > limit.lines { limit.lines.saturating_sub(1) } else { limit.lines };
    let more = words.len().saturating_sub(shown);
    let mut lines: Vec<String> = words.iter().take(shown).map(|line| escape(line, limit.chars)).collect();
    if more > 0 && limit.lines > 0 {
        lines.push(format!("and {more} more in the report"));
    }
    lines
}

/// Cuts what is in lists and how long texts are, for machines; the counts still count all.
pub(crate) fn truncate_details(details: &mut Details, items: usize, characters: usize) {
    let Details {
        processes,
        containers,
        workload,
        remote_account,
        kubernetes_caller,
        other_calls,
        omitted_other_calls,
        detection_rule,
        sequence_indicators,
    } = details;
    let cut = |text: &mut String| *text = shorten(text, characters);
    processes.truncate(items);
    for process in processes {
        let texts = [&mut process.name, &mut process.path, &mut process.user, &mut process.working_directory];
        let more = [&mut process.script, &mut process.command, &mut process.sha256];
        texts.into_iter().chain(more).flatten().for_each(cut);
        process.files.truncate(items);
        process.files.iter_mut().for_each(cut);
        for other in [&mut process.parent, &mut process.target].into_iter().flatten() {
            [&mut other.name, &mut other.path].into_iter().flatten().for_each(cut);
        }
    }
    containers.truncate(items);
    for container in containers {
        [&mut container.name, &mut container.image, &mut container.id].into_iter().flatten().for_each(cut);
    }
    [workload, detection_rule].into_iter().flatten().for_each(cut);
    if let Some(account) = remote_account {
        [Some(&mut account.account_id), account.service.as_mut()].into_iter().flatten().for_each(cut);
    }
    if let Some(caller) = kubernetes_caller {
        let texts = [&mut caller.unique_id, &mut caller.account_id, &mut caller.session];
        texts.into_iter().flatten().for_each(cut);
    }
    *omitted_other_calls = omitted_other_calls.saturating_add(other_calls.len().saturating_sub(items));
    other_calls.truncate(items);
    for Activity { name, service, result, .. } in other_calls {
        cut(name);
        service.iter_mut().for_each(cut);
        if let ActivityResult::Failed(error) = result {
            cut(error);
        }
    }
    sequence_indicators.truncate(items * 2);
    for indicator in sequence_indicators {
        cut(&mut indicator.kind);
        indicator.title.iter_mut().for_each(cut);
        let left_out = indicator.values.len().saturating_sub(items);
        indicator.omitted_values = indicator.omitted_values.saturating_add(left_out);
        indicator.values.truncate(items);
        indicator.values.iter_mut().for_each(cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::ocsf::CaseEvent;
    use crate::channels::{chat, email, json, ocsf, pagerduty, slack};
    use crate::fixtures::{self, Case};
    use crate::notification::Notification;
    use gumshoe_domain::text::defang;

    /// What each channel makes of a case in which that finding is the worst.
    fn rendered_by_all(case: &Case, finding: usize) -> Vec<(&'static str, String)> {
        let case = Case { findings: vec![case.findings[finding].clone()], ..case.clone() };
        let alert = case.alert();
        let report = fixtures::report_page(&case).replace("<wbr />", "");
        let event = ocsf::detail(&alert, CaseEvent::Alerted).to_string();
        let texts = vec![
            ("e-mail", email::body(&alert)),
            ("chat", chat::body(&alert)),
            ("JSON", json::body(&alert).unwrap()),
            ("OCSF", event),
            ("report", report),
        ];
        let notification = Notification::Alert(Box::new(alert));
        let relayed = [
            ("Slack", slack::message(&notification).to_string()),
            ("PagerDuty", pagerduty::event(&notification, "k").to_string()),
        ];
        texts.into_iter().chain(relayed).collect()
    }

    #[test]
    fn every_channel_shows_the_details_of_the_finding() {
        for (case, finding, words) in [
            (
                fixtures::workload(),
                0,
                vec!["bash", "/usr/bin/bash", "4711", "www-data", "php-fpm8.2", "/tmp/.x.sh", "ledger", "ledger-7c9"],
            ),
            (
                fixtures::workload(),
                1,
                vec!["2001:db8:77::10", "10.20.0.9", "AROAEXAMPLEROLE000001", "i-0123456789abcdef0"],
            ),
            (
                fixtures::credentials(),
                0,
                vec!["777788889999", "affiliated", "RoleUsedFromAnotherAccount", "GetSecretValue", "ListUsers"],
            ),
            (fixtures::credentials(), 1, vec!["left-pad", "CVE-2026-0001", "internet", "IMDSv1"]),
        ] {
            for (channel, text) in rendered_by_all(&case, finding) {
                let plain = text.replace("[.]", ".").replace("[:]", ":");
                for word in &words {
                    assert!(plain.contains(word), "{channel} lacks {word}: {plain}");
                }
            }
        }
    }

    #[test]
    fn omitted_lines_are_counted() {
        let finding = fixtures::workload().alert().findings.remove(0);
        let all = detail_lines(&finding, LineLimit { lines: 40, chars: 200 }, defang);
        assert!(all.len() > 4 && all[0].starts_with("process bash (/usr/bin/bash), pid 4711"), "{all:?}");
        let few = detail_lines(&finding, LineLimit { lines: 3, chars: 20 }, defang);
        assert_eq!((few.len(), few[2].clone()), (3, format!("and {} more in the report", all.len() - 2)));
        assert!(few.iter().take(2).all(|line| line.chars().count() <= 20));
        assert!(detail_lines(&finding, LineLimit { lines: 0, chars: 20 }, defang).is_empty());
    }

    #[test]
    fn truncated_lists_count_what_is_omitted() {
        let findings = fixtures::credentials().alert().findings;
        let mut details = findings.into_iter().map(|it| it.details).find(|it| !it.other_calls.is_empty()).unwrap();
        let all = details.other_calls.len() + details.omitted_other_calls;
        truncate_details(&mut details, 1, 5);
        assert_eq!((details.other_calls.len(), details.omitted_other_calls), (1, all - 1));
        assert!(details.other_calls[0].name.chars().count() <= 5);
    }
}
