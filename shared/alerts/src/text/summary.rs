//! The first three lines of an alert: level, principal and account; the strongest reason; the worst finding. And the subject of
//! its e-mail, which is the first of them as far as it fits.

use super::principal;
use super::shorten::{UNLIMITED, capitalize, shorten_at_word, shorten_middle, shorten_middle_with};
use crate::message::{Alert, Summary};
use gumshoe_domain::guardduty::Confidence;
use gumshoe_domain::principal::is_account_id;
use gumshoe_domain::text::{defang, defang_finding_type, one_line};
use gumshoe_domain::verdict::AlertCause;

/// Longest headline: what a header block of Slack holds.
pub(crate) const HEADLINE_MAX_CHARS: usize = 150;
/// Longest account name in it. Organizations allows 128 characters of any kind.
const ACCOUNT_NAME_MAX_CHARS: usize = 24;
/// Longest finding type in it, for a case without a principal.
const FINDING_TYPE_MAX_CHARS: usize = 70;
/// A name is not shortened below this for the detail of the level: that is omitted instead.
const SHORTENED_NAME_MIN_CHARS: usize = 20;
/// The same for the short detail, without which a rating of Detective or GuardDuty reads as Gumshoe's.
const SHORTENED_NAME_WITH_SHORT_DETAIL_MIN_CHARS: usize = 12;
/// The reason has at least this many characters, however long the other lines are.
const REASON_MIN_CHARS: usize = 70;

/// The first three lines: at most [`Summary::MAX_CHARS`] characters together. Text from outside is on one line, shortened and
/// defanged; each channel still escapes it.
pub(crate) fn summary(alert: &Alert) -> Summary {
    let headline = headline(alert, HEADLINE_MAX_CHARS);
    let room = Summary::MAX_CHARS - headline.chars().count();
    let what = alert.findings.first().map_or_else(String::new, |worst| {
        let severity = worst.severity.to_string();
        let room = room.saturating_sub(REASON_MIN_CHARS + severity.len() + 16);
        format!("Worst finding: {} {severity}", finding_type(&worst.finding_type, room))
    });
    let reason = capitalize(&defang(reason_sentence(alert).trim_end_matches('.'), 600));
    let why = shorten_at_word(&reason, room.saturating_sub(what.chars().count()));
    Summary { headline, why, what }
}

/// Whether the message has no summary. Earlier releases wrote none.
pub(crate) fn is_empty(summary: &Summary) -> bool {
    summary.headline.is_empty()
}

/// Whether a stored summary can be shown: earlier releases wrote longer headlines than [`HEADLINE_MAX_CHARS`].
pub(crate) fn is_usable(summary: &Summary) -> bool {
    let [headline, why, what] = [&summary.headline, &summary.why, &summary.what].map(|line| line.chars().count());
    (1..=HEADLINE_MAX_CHARS).contains(&headline) && headline + why + what <= Summary::MAX_CHARS
}

/// Level, principal and account, in this order, in at most `limit` characters. Where they do not fit, whole parts are omitted:
/// the number of findings, the finding's type, the account's name. Then the principal's name is shortened in its middle, or
/// the detail of the level is replaced by its short form, and at last omitted. The level and an account id of 12 digits are always whole.
pub(crate) fn headline(alert: &Alert, limit: usize) -> String {
    let (level, level_detail) = level(alert);
    let kind = alert.principal.headline_kind();
    let name = alert.principal.name().map(|name| one_line(name, UNLIMITED)).filter(|name| !name.is_empty());
    let account = account_of(alert);
    let id = account.as_deref().map(|id| format!(", account {}", account_id(id))).unwrap_or_default();
    let account_name = account.as_deref().and_then(|id| account_name(alert, id));
    let account_name = account_name.map(|name| format!(" ({name})")).unwrap_or_default();
    let worst = alert.findings.first().filter(|_| name.is_none());
    let finding = worst.map(|it| format!(", {}", finding_type(&it.finding_type, FINDING_TYPE_MAX_CHARS)));
    let finding = finding.unwrap_or_default();
    let count = match alert.finding_count {
        1 => ", 1 finding".to_owned(),
        count => format!(", {count} findings"),
    };
    let spaced = |name: String| if name.is_empty() { name } else { format!(" {name}") };
    let whole = spaced(name.as_deref().map(|name| shorten_middle(name, UNLIMITED)).unwrap_or_default());
    let shortened = |level: &str, name_min: usize| {
        let room = limit.checked_sub(format!("{level}: {kind} {id}").chars().count())?;
        let name = name.as_deref().map(|name| shorten_middle(name, room)).unwrap_or_default();
        (name.chars().count() >= name_min).then(|| format!("{level}: {kind}{}{id}", spaced(name)))
    };
    let fits = |text: &String| text.chars().count() <= limit;
    let (detailed, short) = match level_detail {
        Some(LevelDetail { whole, short }) => (format!("{level} ({whole})"), format!("{level} ({short})")),
        None => (level.clone(), level.clone()),
    };
    let candidates = [
        Some(format!("{detailed}: {kind}{whole}{id}{account_name}{finding}{count}")),
        Some(format!("{detailed}: {kind}{whole}{id}{account_name}{finding}")),
        Some(format!("{detailed}: {kind}{whole}{id}{account_name}")),
        Some(format!("{detailed}: {kind}{whole}{id}")),
        shortened(&detailed, SHORTENED_NAME_MIN_CHARS),
        Some(format!("{short}: {kind}{whole}{id}")),
        shortened(&short, SHORTENED_NAME_WITH_SHORT_DETAIL_MIN_CHARS),
        Some(format!("{level}: {kind}{whole}{id}")),
        shortened(&level, 0),
    ];
    candidates.into_iter().flatten().find(fits).unwrap_or_else(|| format!("{level}{id}"))
}

/// Why the case is alerted, or whose rating the level is.
struct LevelDetail {
    whole: String,
    /// For headlines without room for the whole detail.
    short: &'static str,
}

impl LevelDetail {
    fn of(short: &'static str) -> Self {
        Self { whole: short.to_owned(), short }
    }
}

/// How bad it is; and why the case is alerted, or whose rating that is, if it is not Gumshoe's.
fn level(alert: &Alert) -> (String, Option<LevelDetail>) {
    let gumshoe = alert.verdict.level;
    let worst = || match alert.findings.first() {
        Some(finding) => format!("{} severity", finding.severity.band()),
        None => format!("{gumshoe} risk"),
    };
    let (level, detail) = match alert.cause {
        AlertCause::Verdict => return (format!("{gumshoe} risk"), None),
        AlertCause::Resolved => return ("Resolved".to_owned(), None),
        AlertCause::NotInvestigated => match alert.guardduty_result() {
            Some(it) if it.confidence < Confidence::Medium => {
                let confidence = it.confidence.to_string().to_lowercase();
                let whole = format!("GuardDuty AI only, {confidence} confidence");
                (it.risk_level.to_string(), LevelDetail { whole, short: "GuardDuty AI only" })
            }
            Some(it) => (it.risk_level.to_string(), LevelDetail::of("GuardDuty AI only")),
            None => (worst(), LevelDetail::of("not investigated")),
        },
        AlertCause::DetectiveDisagrees => {
            let rating = alert.detective_severity.map_or_else(|| gumshoe.to_string(), |severity| severity.to_string());
            (rating, LevelDetail { whole: format!("Detective; Gumshoe: {gumshoe}"), short: "Detective" })
        }
        AlertCause::GuardDutyDisagrees => {
            let rating = alert.guardduty_result().map_or_else(|| gumshoe.to_string(), |it| it.risk_level.to_string());
            (rating, LevelDetail { whole: format!("GuardDuty AI; Gumshoe: {gumshoe}"), short: "GuardDuty AI" })
        }
        AlertCause::WorkloadNotCleared => (worst(), LevelDetail::of("workload not ruled out")),
        AlertCause::PrincipalUncertain => (worst(), LevelDetail::of("principal not confirmed")),
    };
    (level, Some(detail))
}

/// The principal's account, else the worst finding's.
fn account_of(alert: &Alert) -> Option<String> {
    let own = alert.principal.account_id().filter(|id| !id.is_empty()).map(str::to_owned);
    own.or_else(|| alert.findings.first().map(|worst| worst.account_id.clone()))
}

/// An account id whole. Text that is no account id is shortened, as others may have written it.
fn account_id(id: &str) -> String {
    if is_account_id(id) { id.to_owned() } else { shorten_middle(id, 40) }
}

/// An account's name, if it is known.
fn account_name(alert: &Alert, id: &str) -> Option<String> {
    alert.account_names.get(id).map(|name| shorten_middle(name, ACCOUNT_NAME_MAX_CHARS))
}

/// A finding's type, whose end says more than its middle.
fn finding_type(text: &str, limit: usize) -> String {
    if defang_finding_type(text, UNLIMITED) == text {
        return shorten_middle_with(text, limit, str::to_owned);
    }
    shorten_middle(text, limit)
}

/// An account's id, with its name if that is known, shortened and defanged.
pub(crate) fn account(alert: &Alert, id: &str) -> String {
    match account_name(alert, id) {
        Some(name) => format!("{} ({name})", account_id(id)),
        None => account_id(id),
    }
}

/// The result of the investigation, and why the case is alerted nevertheless; `None` for other causes.
pub(crate) fn unresolved_reason(alert: &Alert) -> Option<String> {
    match alert.cause {
        AlertCause::WorkloadNotCleared => Some(format!(
            "Detective found no significant activity of the {}, but the workload may be compromised",
            alert.principal.kind_label()
        )),
        AlertCause::PrincipalUncertain => Some(format!(
            "Detective found no significant activity, but another principal may have acted: {}",
            alert.uncertain.map_or("the finding does not name it", principal::inference_reason)
        )),
        _ => None,
    }
}

fn reason_sentence(alert: &Alert) -> String {
    // The AI's rating is why the case is alerted, so the AI's reason is shown.
    let risk = alert.guardduty_result().and_then(|it| it.risk.as_deref());
    if let (AlertCause::GuardDutyDisagrees, Some(risk)) = (alert.cause, risk) {
        return format!("GuardDuty AI's reason: {risk}");
    }
    if alert.cause == AlertCause::PrincipalUncertain
        && let Some(inference) = alert.uncertain
    {
        return format!("Another principal may have acted: {}", principal::inference_reason(inference));
    }
    if let Some(why) = unresolved_reason(alert) {
        return why;
    }
    match (&alert.not_investigated, alert.strongest_reasons(1).next()) {
        (Some(why), _) if alert.cause == AlertCause::NotInvestigated => why.explanation(),
        (_, Some(reason)) => reason.text.clone(),
        (Some(why), None) => why.explanation(),
        (None, None) if alert.cause == AlertCause::Resolved => "No reason for the alert remains".to_owned(),
        (None, None) => "No indicator adds to the score".to_owned(),
    }
}
