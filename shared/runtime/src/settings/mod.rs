//! The functions' settings: which function has which settings, and how each is read. Those of the functions that keep the behavior graph
//! are in `gumshoe_graph::settings`.
//!
//! A setting is an environment variable that the stack's template sets, in most cases from a parameter. Its names follow from each
//! other: the parameter `DeadlineMinutes` sets the variable `DEADLINE_MINUTES`, which the function `deadline_minutes` below reads into the
//! field `deadline_minutes`. To add a setting, add it to the template, to this file (a reader, and a line in the struct of each function
//! that needs it), and to the code that uses it.
//!
//! `tests/contract` compares ranges, choices and names with the templates.

mod environment;
mod error;
mod setting;
pub mod template_values;

pub use environment::Environment;
pub use error::{ConfigurationError, Origin};
pub use setting::{Setting, SettingResult};

use gumshoe_domain::case::FollowUpRule;
use gumshoe_domain::coverage::{graph_region, is_graph_arn};
use gumshoe_domain::guardduty::{self, InvestigationPolicy};
use gumshoe_domain::schedule::Schedule;
use gumshoe_domain::verdict::Weights;
use gumshoe_domain::{Regions, Severity, VerdictLevel};
use jiff::SignedDuration;
use std::time::Duration;
use template_values::{
    account_id, dead_letter_queue_url, evidence_bucket, findings_queue_url, max_receive_count, region, stack_name,
    state_machine_arn, table_name, topic_arn,
};

/// Declares the settings of a function: a struct, and `read`, which fills each field by the reader of the same name. A reader is a
/// function from an [`Environment`] to a [`SettingResult`].
#[macro_export]
macro_rules! settings {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $value:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            $(#[doc = concat!("See the reader `", stringify!($field), "`.")] pub $field: $value,)*
        }

        impl $name {
            /// The names of the fields.
            pub const FIELDS: &[&str] = &[$(stringify!($field)),*];

            /// Reads the settings.
            ///
            /// # Errors
            ///
            /// [`ConfigurationError`]($crate::settings::ConfigurationError) for the first setting that is missing or malformed.
            pub fn read(environment: &$crate::settings::Environment) -> $crate::settings::SettingResult<Self> {
                Ok(Self { $($field: $field(environment)?,)* })
            }
        }
    };
}

settings! {
    /// The settings of open-case.
    OpenCase {
        table_name: String,
        state_machine_arn: String,
        findings_queue_url: String,
        dead_letter_queue_url: String,
        max_receive_count: u32,
        evidence_bucket: String,
        region: String,
        account_id: String,
        stack_name: String,
        minimum_severity: Severity,
        realert_hours: SignedDuration,
        follow_up_hours: FollowUpRule,
        include_finding_types: String,
        exclude_finding_types: String,
        include_accounts: String,
        exclude_accounts: String,
        member_role_name: Option<String>,
        member_role_external_id: Option<String>,
        rehearsal: bool,
    }
}

settings! {
    /// The settings of start-investigation.
    StartInvestigation {
        table_name: String,
        investigation_regions: Regions,
        graph_arn: Option<String>,
        scope_hours: SignedDuration,
        deadline_minutes: Schedule,
        guard_duty_investigations: InvestigationPolicy,
        guard_duty_slots_for_critical: usize,
        archive_quiet_investigations: bool,
    }
}

settings! {
    /// The settings of check-investigation.
    CheckInvestigation {
        table_name: String,
        investigation_regions: Regions,
        deadline_minutes: Schedule,
    }
}

settings! {
    /// The settings of assess-case.
    AssessCase {
        table_name: String,
        evidence_bucket: String,
        region: String,
        stack_name: String,
        investigation_regions: Regions,
        alert_threshold: VerdictLevel,
        verdict_weights: Weights,
        guard_duty_investigations: InvestigationPolicy,
        archive_quiet_investigations: bool,
        follow_up_hours: FollowUpRule,
    }
}

settings! {
    /// The settings of send-alert.
    SendAlert {
        table_name: String,
        topic_arn: String,
    }
}

settings! {
    /// The settings of relay-alert.
    RelayAlert {
        table_name: String,
        dead_letter_queue_url: String,
        max_receive_count: u32,
        relay_secret_arn: String,
        local_cloud: bool,
    }
}

// ---------------------------------------------------------------- parameters, in the order of infra/case/template.yaml

/// The Regions whose findings are investigated. Empty: the stack's Region.
fn investigation_regions(environment: &Environment) -> SettingResult<Regions> {
    let regions = environment.parameter("InvestigationRegions");
    match regions.optional_parsed("Regions such as us-east-1, with commas between them, or empty")? {
        Some(regions) => Ok(regions),
        None => Ok(Regions::only(&region(environment)?)),
    }
}

/// The behavior graph of its Region. For other Regions, and if it is empty, ListGraphs finds the graph.
fn graph_arn(environment: &Environment) -> SettingResult<Option<String>> {
    let regions = investigation_regions(environment)?;
    let expected = "arn:PARTITION:detective:REGION:ACCOUNT:graph:ID in one of the InvestigationRegions, or empty";
    let is_investigated = |arn: &str| graph_region(arn).is_some_and(|region| regions.contains(region));
    environment.parameter("GraphArn").optional_checked(expected, |arn| is_graph_arn(arn) && is_investigated(arn))
}

/// Findings of a lower severity open no case.
fn minimum_severity(environment: &Environment) -> SettingResult<Severity> {
    let number = environment.parameter("MinimumSeverity").number("a number", 0.0..=Severity::MAX_VALUE)?;
    Ok(Severity::new(number).unwrap_or(Severity::MIN))
}

/// Patterns of the finding types that are processed. Empty: all.
fn include_finding_types(environment: &Environment) -> SettingResult<String> {
    Ok(environment.parameter("IncludeFindingTypes").optional_text().unwrap_or_default())
}

/// Patterns of the finding types that are ignored.
fn exclude_finding_types(environment: &Environment) -> SettingResult<String> {
    Ok(environment.parameter("ExcludeFindingTypes").optional_text().unwrap_or_default())
}

/// Patterns of the accounts whose findings are processed. Empty: all.
fn include_accounts(environment: &Environment) -> SettingResult<String> {
    Ok(environment.parameter("IncludeAccounts").optional_text().unwrap_or_default())
}

/// Patterns of the accounts whose findings are ignored.
fn exclude_accounts(environment: &Environment) -> SettingResult<String> {
    Ok(environment.parameter("ExcludeAccounts").optional_text().unwrap_or_default())
}

/// The role for principal lookups in member accounts.
fn member_role_name(environment: &Environment) -> SettingResult<Option<String>> {
    Ok(environment.parameter("MemberRoleName").optional_text())
}

/// The external id of that role. Without it no member account accepts the role, and every principal there is uncertain.
fn member_role_external_id(environment: &Environment) -> SettingResult<Option<String>> {
    required_with(member_role_name(environment)?, &environment.parameter("MemberRoleExternalId"))
}

/// The lowest verdict level that is alerted.
fn alert_threshold(environment: &Environment) -> SettingResult<VerdictLevel> {
    environment.parameter("AlertThreshold").one_of(&["Low", "Medium", "High", "Critical"])
}

/// The points of each kind of evidence, as JSON. Empty: the defaults.
fn verdict_weights(environment: &Environment) -> SettingResult<Weights> {
    let weights = environment.parameter("VerdictWeights");
    let expected = "JSON with weights that keep the verdict's promises (see docs/CONFIGURATION.md), or empty";
    Ok(weights.optional_parsed(expected)?.unwrap_or_default())
}

/// The length of an investigation's scope time.
fn scope_hours(environment: &Environment) -> SettingResult<SignedDuration> {
    hours(&environment.parameter("ScopeHours"), 3.0, 720.0)
}

/// The poll schedule of an investigation, up to the deadline.
fn deadline_minutes(environment: &Environment) -> SettingResult<Schedule> {
    let deadline = environment.parameter("DeadlineMinutes");
    let minutes = deadline.number("a number of minutes", 1.0..=1440.0)?;
    Ok(Schedule::new(Duration::from_secs_f64(minutes * 60.0)))
}

/// The time from the last activity of a quiet case to its follow-up investigation. 0: there is none.
fn follow_up_hours(environment: &Environment) -> SettingResult<FollowUpRule> {
    hours(&environment.parameter("FollowUpHours"), 0.0, 24.0).map(FollowUpRule::after)
}

/// For which cases GuardDuty is requested to investigate as well.
fn guard_duty_investigations(environment: &Environment) -> SettingResult<InvestigationPolicy> {
    let choice = environment.parameter("GuardDutyInvestigations");
    choice.one_of(&["off", "attack-sequences", "uninvestigable", "high", "all"])
}

/// How many of the day's GuardDuty investigations are reserved for Critical findings.
fn guard_duty_slots_for_critical(environment: &Environment) -> SettingResult<usize> {
    environment.parameter("GuardDutySlotsForCritical").number("a number", 0..=guardduty::DAILY_QUOTA)
}

/// Whether the Detective investigations of quiet cases are archived.
fn archive_quiet_investigations(environment: &Environment) -> SettingResult<bool> {
    environment.parameter("ArchiveQuietInvestigations").boolean()
}

/// The time in which an alerted finding that repeats in the same severity band is only counted.
fn realert_hours(environment: &Environment) -> SettingResult<SignedDuration> {
    hours(&environment.parameter("RealertHours"), 1.0, 2160.0)
}

/// The secret with the addresses of Slack, PagerDuty and the webhook.
fn relay_secret_arn(environment: &Environment) -> SettingResult<String> {
    environment.parameter("RelaySecretArn").text()
}

/// Whether rehearsal findings and samples are processed like others.
fn rehearsal(environment: &Environment) -> SettingResult<bool> {
    environment.parameter("Rehearsal").boolean()
}

/// Whether relay-alert may post to loopback addresses, without TLS. samconfig.toml sets it for the local cloud only.
fn local_cloud(environment: &Environment) -> SettingResult<bool> {
    environment.parameter("LocalCloud").boolean()
}

// ---------------------------------------------------------------- helpers

fn hours(setting: &Setting<'_>, from: f64, to: f64) -> SettingResult<SignedDuration> {
    Ok(SignedDuration::from_secs_f64(setting.number("a number of hours", from..=to)? * 3600.0))
}

/// A text that is required if `other` is set.
///
/// # Errors
///
/// [`ConfigurationError::Missing`] if `other` is set and the text is empty.
pub fn required_with(other: Option<String>, setting: &Setting<'_>) -> SettingResult<Option<String>> {
    other.map(|_| setting.text()).transpose()
}

#[cfg(test)]
mod tests;
