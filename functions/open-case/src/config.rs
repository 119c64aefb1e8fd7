//! What open-case is deployed with.

use gumshoe_aws::principals::MemberRole;
use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::Severity;
use gumshoe_domain::admission::{Admission, Patterns};
use gumshoe_domain::case::{IntakeRules, SecondLook};
use jiff::SignedDuration;

pub(crate) struct Config {
    pub(crate) table_name: String,
    pub(crate) state_machine_arn: String,
    /// The queue that the function works.
    pub(crate) findings_queue_url: String,
    pub(crate) dead_letter_queue_url: String,
    /// How often a message is tried before it goes there.
    pub(crate) tries: u32,
    /// Where findings are kept as they came, and the Region of that bucket.
    pub(crate) evidence_bucket: String,
    pub(crate) evidence_region: String,
    pub(crate) admission: Admission,
    pub(crate) rules: IntakeRules,
    /// The account that the function is in.
    pub(crate) account_id: String,
    /// By which principals of other accounts are looked up.
    pub(crate) member_role: Option<MemberRole>,
    /// The stack's name, under which is counted.
    pub(crate) stack_name: String,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        let minimum_severity = environment.parsed(
            "MINIMUM_SEVERITY",
            Source::Parameter("MinimumSeverity"),
            "a finding severity from 0 to 10",
            |_: &Severity| true,
        )?;
        let hours: f64 = environment.parsed(
            "REALERT_HOURS",
            Source::Parameter("RealertHours"),
            "hours from 1 to 2160",
            |hours| (1.0..=2160.0).contains(hours),
        )?;
        let second_look: SecondLook = environment.parsed(
            "SECOND_LOOK_HOURS",
            Source::Parameter("SecondLookHours"),
            "hours from 0 to 24",
            |_| true,
        )?;
        let rehearsal: bool =
            environment.parsed("REHEARSAL", Source::Parameter("Rehearsal"), "true or false", |_| true)?;
        let finding_types = Patterns::new(
            &environment.text_or_empty("INCLUDE_FINDING_TYPES", Source::Parameter("IncludeFindingTypes")),
            &environment.text_or_empty("EXCLUDE_FINDING_TYPES", Source::Parameter("ExcludeFindingTypes")),
        );
        let accounts = Patterns::new(
            &environment.text_or_empty("INCLUDE_ACCOUNTS", Source::Parameter("IncludeAccounts")),
            &environment.text_or_empty("EXCLUDE_ACCOUNTS", Source::Parameter("ExcludeAccounts")),
        );
        let role = environment.text_or_empty("MEMBER_ROLE_NAME", Source::Parameter("MemberRoleName"));
        let member_role = if role.is_empty() {
            None
        } else {
            // Without it the member accounts would let nobody in, and every principal of theirs would be doubtful.
            let external_id = environment.text("MEMBER_ROLE_EXTERNAL_ID", Source::Parameter("MemberRoleExternalId"))?;
            Some(MemberRole { name: role, external_id })
        };
        Ok(Self {
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            state_machine_arn: environment.text("STATE_MACHINE_ARN", Source::Template)?,
            findings_queue_url: environment.text("FINDINGS_QUEUE_URL", Source::Template)?,
            dead_letter_queue_url: environment.text("DEAD_LETTER_QUEUE_URL", Source::Template)?,
            tries: environment.parsed("TRIES", Source::Template, "a number from 1", |tries: &u32| *tries > 0)?,
            evidence_bucket: environment.text("EVIDENCE_BUCKET", Source::Template)?,
            evidence_region: environment.text("EVIDENCE_REGION", Source::Template)?,
            admission: Admission { minimum_severity, rehearsal, finding_types, accounts },
            rules: IntakeRules { realert_after: SignedDuration::from_secs_f64(hours * 3600.0), second_look },
            account_id: environment.text("ACCOUNT_ID", Source::Template)?,
            member_role,
            stack_name: environment.text("STACK_NAME", Source::Template)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 13] = [
        ("TABLE_NAME", "Cases"),
        ("STATE_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:case"),
        ("FINDINGS_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/findings"),
        ("DEAD_LETTER_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/dead"),
        ("TRIES", "5"),
        ("EVIDENCE_BUCKET", "evidence"),
        ("EVIDENCE_REGION", "us-east-1"),
        ("MINIMUM_SEVERITY", "4"),
        ("REALERT_HOURS", "24"),
        ("SECOND_LOOK_HOURS", "6"),
        ("REHEARSAL", "false"),
        ("ACCOUNT_ID", "123456789012"),
        ("STACK_NAME", "gumshoe"),
    ];

    #[test]
    fn each_wrong_value_is_named_with_its_parameter() {
        assert!(Config::from(&Environment::of(&GOOD)).is_ok());
        for (variable, wrong, parameter) in [
            ("MINIMUM_SEVERITY", "11", "MinimumSeverity"),
            ("MINIMUM_SEVERITY", "high", "MinimumSeverity"),
            ("REALERT_HOURS", "0", "RealertHours"),
            ("SECOND_LOOK_HOURS", "25", "SecondLookHours"),
            ("SECOND_LOOK_HOURS", "-1", "SecondLookHours"),
            ("REHEARSAL", "yes", "Rehearsal"),
        ] {
            let changed: Vec<(&str, &str)> =
                GOOD.iter().map(|&(name, value)| (name, if name == variable { wrong } else { value })).collect();
            let error = Config::from(&Environment::of(&changed)).err().unwrap().to_string();
            assert!(error.contains(variable) && error.contains(parameter), "{error}");
        }
        for (missing, _) in GOOD {
            let rest: Vec<(&str, &str)> = GOOD.iter().copied().filter(|(name, _)| *name != missing).collect();
            assert!(Config::from(&Environment::of(&rest)).is_err(), "{missing}");
        }
    }

    #[test]
    fn a_member_role_needs_its_external_id() {
        let with = |more: &[(&'static str, &'static str)]| {
            let all: Vec<(&str, &str)> = GOOD.iter().chain(more).copied().collect();
            Config::from(&Environment::of(&all)).map(|config| config.member_role)
        };
        assert_eq!(with(&[]).ok().unwrap(), None);
        let role = with(&[("MEMBER_ROLE_NAME", "r"), ("MEMBER_ROLE_EXTERNAL_ID", "x")]).ok().unwrap().unwrap();
        assert_eq!((role.name.as_str(), role.external_id.as_str()), ("r", "x"));
        let error = with(&[("MEMBER_ROLE_NAME", "r")]).err().unwrap().to_string();
        assert!(error.contains("MemberRoleExternalId"), "{error}");
    }

    #[test]
    fn the_lists_are_read() {
        let all: Vec<(&str, &str)> =
            GOOD.iter().copied().chain([("EXCLUDE_FINDING_TYPES", "Policy:*"), ("INCLUDE_ACCOUNTS", "1*")]).collect();
        let admission = Config::from(&Environment::of(&all)).ok().unwrap().admission;
        assert_eq!(admission.finding_types, Patterns::new("", "Policy:*"));
        assert_eq!(admission.accounts, Patterns::new("1*", ""));
    }
}
