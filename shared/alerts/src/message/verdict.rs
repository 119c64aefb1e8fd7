//! What Gumshoe makes of the case, and what people may do.

use super::convert::{Convert, convert_struct};
use crate::text::{next_step, reason};
use gumshoe_domain::assessment;
use gumshoe_domain::next_steps;
use gumshoe_domain::verdict::{self, VerdictLevel};
use serde::{Deserialize, Serialize};

/// Level, score and reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The range that the score falls into.
    #[cfg_attr(test, schemars(with = "super::schema::VerdictLevel"))]
    pub level: VerdictLevel,
    /// The sum of the reasons' points, at most 100.
    pub score: u8,
    /// The reasons, those with most points first.
    pub reasons: Vec<Reason>,
}

/// Points, and what they are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reason {
    /// A stable code, such as `WORST_FINDING`; nothing in messages of earlier releases, and of cases that they assessed. New ones may
    /// come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How many points it adds to the score; 0 for what is only noted.
    pub points: u8,
    /// Why, in a sentence. Still to be escaped.
    pub text: String,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NextStep {
    /// A stable code, such as `REVOKE_SESSIONS`; nothing in messages of earlier releases, and of cases that they assessed. New ones
    /// may come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What, and why. Still to be escaped.
    pub text: String,
    /// A command for it, made of checked names only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// Where a report is kept: an object in the evidence bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportPlace {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The Region that the bucket is in.
    pub region: String,
}

/// A link into a console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Link {
    /// A stable code, such as `REPORT`; nothing in messages of earlier releases. New ones may come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is behind it.
    pub label: String,
    /// An https address, made of checked parts only.
    pub url: String,
}

/// The first three lines of an alert, defanged: at most 296 characters together, line ends not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Who it is about and how bad, such as `Critical risk: IAM role web-role in account 123456789012 (prod), 2 findings`.
    pub headline: String,
    /// The strongest reason, why there is no result, or the AI's reason where that is why people are notified.
    pub why: String,
    /// The worst finding's type and severity.
    pub what: String,
}

impl Summary {
    /// Most that the three lines have together, in characters, line ends not counted.
    pub const MAX_CHARS: usize = 296;
}

convert_struct!(ReportPlace = assessment::ReportLocation { bucket, key, region });

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
