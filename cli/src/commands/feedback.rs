//! `gumshoe feedback`: records what an operator says of a case, and passes it on to GuardDuty.

use crate::commands::case::lookup;
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Outcome, Report};
use aws_config::{Region, SdkConfig};
use clap::{Args, ValueEnum};
use gumshoe_aws::ApiCallError;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_domain::Finding;
use gumshoe_domain::case::FindingRecord;
use gumshoe_domain::case::feedback::{Feedback, NOTE_MAX_CHARS, Rating};
use gumshoe_domain::error::with_causes;
use serde::Serialize;
use std::collections::BTreeMap;

const AFTER_HELP: &str = "\
The rating is stored with the case, with your identity and the time; `gumshoe case` shows it. GuardDuty receives
it for each finding of the case: useful as USEFUL, the others as NOT_USEFUL, with the note as the comment. It changes no verdict.

Examples:
  gumshoe feedback CASE useful
  gumshoe feedback CASE expected --note 'penetration test of May, ticket 4711'";

/// Arguments of `gumshoe feedback`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The id of a case; or the ARN of a user or role: its latest case.
    #[arg(value_name = "CASE")]
    case: String,
    /// How you rate it.
    #[arg(value_enum)]
    rating: RatingArgument,
    /// Why, in one line of at most 500 characters.
    #[arg(long, value_name = "TEXT", value_parser = note)]
    note: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RatingArgument {
    /// Worth an investigation by people.
    Useful,
    /// The finding or the verdict was wrong.
    FalsePositive,
    /// The finding was right, and the activity was expected.
    Expected,
}

impl From<RatingArgument> for Rating {
    fn from(rating: RatingArgument) -> Self {
        match rating {
            RatingArgument::Useful => Self::Useful,
            RatingArgument::FalsePositive => Self::FalsePositive,
            RatingArgument::Expected => Self::Expected,
        }
    }
}

fn note(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if length > NOTE_MAX_CHARS {
        return Err(format!("it has {length} characters; at most {NOTE_MAX_CHARS} are stored"));
    }
    Ok(text.to_owned())
}

/// What was recorded and sent.
#[derive(Debug, Serialize)]
struct FeedbackReport {
    case_id: String,
    feedback: Feedback,
    guardduty: Vec<RegionReport>,
}

/// GuardDuty's part in one Region.
#[derive(Debug, Serialize)]
struct RegionReport {
    region: String,
    findings: usize,
    /// Why GuardDuty did not accept it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Report for FeedbackReport {
    fn text(&self) -> String {
        let mut lines = vec![format!("Recorded with case {}: {}", self.case_id, self.feedback.rating.as_str())];
        for RegionReport { region, findings, error } in &self.guardduty {
            lines.push(match error {
                None => format!("GuardDuty in {region} received it for {findings} finding(s)"),
                Some(error) => format!("GuardDuty in {region} did not accept it: {error}; run the command again"),
            });
        }
        lines.join("\n")
    }
}

/// Records the feedback and sends it to GuardDuty.
pub(crate) async fn run(arguments: &Arguments, context: &Context) -> Result<Outcome, CliError> {
    let config = context.config().await?;
    let table = lookup::case_table(context).await?;
    let case = lookup::find(&table, &arguments.case).await?;
    let findings = table.findings(&case).await?;
    let feedback =
        Feedback::new(arguments.rating.into(), arguments.note.as_deref(), &caller(config).await?, context.now());
    table.add_feedback(&case.key, &feedback).await?;
    let _progress = context.output.progress("Sending the feedback to GuardDuty");
    let mut guardduty = Vec::new();
    for (region, ids) in ids_by_region(findings.iter().map(|record: &FindingRecord| &record.finding)) {
        let comment = feedback.note.as_deref().unwrap_or(feedback.rating.as_str());
        let config = config.to_builder().region(Region::new(region.clone())).build();
        let adapter = GuardDuty::new(aws_sdk_guardduty::Client::new(&config));
        let sent = adapter.send_feedback(&ids, feedback.rating.is_useful(), comment).await;
        let error = sent.err().map(|error| with_causes(&error));
        guardduty.push(RegionReport { region, findings: ids.len(), error });
    }
    let needs_attention = guardduty.iter().any(|region| region.error.is_some());
    context.output.print(&FeedbackReport { case_id: case.key.case_id, feedback, guardduty })?;
    Ok(if needs_attention { Outcome::NeedsAttention } else { Outcome::Done })
}

/// The ids of findings by their Region: each Region has its own detector.
fn ids_by_region<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> BTreeMap<String, Vec<&'a str>> {
    let mut regions: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for finding in findings {
        regions.entry(finding.region.clone()).or_default().push(&finding.id);
    }
    regions
}

/// The ARN of these credentials.
async fn caller(config: &SdkConfig) -> Result<String, CliError> {
    let identity = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    let identity = identity.map_err(|error| ApiCallError::new("GetCallerIdentity", error))?;
    Ok(identity.arn.ok_or_else(|| ApiCallError::missing_field("GetCallerIdentity", "the ARN"))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn report(errors: &[Option<&str>]) -> FeedbackReport {
        FeedbackReport {
            case_id: "a-20260115T124000123Z-1".to_owned(),
            feedback: Feedback::new(Rating::FalsePositive, None, "arn", Timestamp::UNIX_EPOCH),
            guardduty: errors
                .iter()
                .map(|error| RegionReport {
                    region: "eu-west-1".to_owned(),
                    findings: 2,
                    error: error.map(str::to_owned),
                })
                .collect(),
        }
    }

    #[test]
    fn the_text_says_what_guardduty_did_not_accept() {
        let denied = "UpdateFindingsFeedback was denied (AccessDeniedException)";
        insta::assert_snapshot!(report(&[None, Some(denied)]).text());
    }

    #[test]
    fn a_note_that_would_be_shortened_is_an_error() {
        assert!(note(&"x".repeat(NOTE_MAX_CHARS)).is_ok());
        let error = note(&"x".repeat(NOTE_MAX_CHARS + 1)).unwrap_err();
        assert!(error.contains("501 characters"), "{error}");
    }
}
