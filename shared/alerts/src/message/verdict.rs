//! The verdict, the next steps, the links and the summary of an alert.

use super::convert::{Convert, convert_struct};
use crate::text::{next_step, reason};
use gumshoe_domain::assessment;
use gumshoe_domain::next_steps;
use gumshoe_domain::verdict::{self, VerdictLevel};
use serde::{Deserialize, Serialize};

/// Gumshoe's level, score and reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The range of the score.
    #[cfg_attr(test, schemars(with = "super::schema::VerdictLevel"))]
    pub level: VerdictLevel,
    /// The sum of the points of all reasons, at most 100.
    pub score: u8,
    /// The reasons for the score, those with the most points first.
    pub reasons: Vec<Reason>,
}

/// A reason for the score, with its points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reason {
    /// A stable code, such as `WORST_FINDING`. Missing if an earlier release assessed the case. New codes may be added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The points that the reason adds to the score; 0 if it is for information only.
    pub points: u8,
    /// The reason as a sentence; not escaped.
    pub text: String,
}

/// A recommended next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NextStep {
    /// A stable code, such as `REVOKE_SESSIONS`. Missing if an earlier release assessed the case. New codes may be added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The step and the reason for it; not escaped.
    pub text: String,
    /// An AWS CLI command for the step. It contains validated names only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// The location of a report: an object in the evidence bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportLocation {
    /// The name of the bucket.
    pub bucket: String,
    /// The key of the object.
    pub key: String,
    /// The Region of the bucket.
    pub region: String,
}

/// A link to an AWS console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Link {
    /// A stable code, such as `REPORT`. Missing in messages of earlier releases. New codes may be added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the link opens.
    pub label: String,
    /// An HTTPS URL. It contains validated parts only.
    pub url: String,
}

/// The first three lines of an alert, defanged. They have at most 296 characters in total, line breaks not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Level, principal and account, such as `Critical risk: IAM role web-role, account 123456789012 (prod), 2 findings`.
    pub headline: String,
    /// The reason with the most points, why there is no result, or the AI's reason if that is the alert cause.
    pub why: String,
    /// The type and severity of the worst finding.
    pub what: String,
}

impl Summary {
    /// Maximum total length of the three lines, in characters, line breaks not counted.
    pub const MAX_CHARS: usize = 296;
}

convert_struct!(ReportLocation = assessment::ReportLocation { bucket, key, region });

impl Convert<Verdict> for verdict::Verdict {
    fn convert(&self) -> Verdict {
        let Self { level, score, reasons } = self;
        Verdict { level: *level, score: *score, reasons: reasons.convert() }
    }
}

impl Convert<Reason> for verdict::Reason {
    fn convert(&self) -> Reason {
        let Self { points, code } = self;
        Reason { code: code.code().map(str::to_owned), points: *points, text: reason::reason(code) }
    }
}

impl Convert<NextStep> for next_steps::NextStep {
    fn convert(&self) -> NextStep {
        let (text, command) = (next_step::next_step(self), next_step::command(self));
        NextStep { code: self.code().map(str::to_owned), text, command }
    }
}
