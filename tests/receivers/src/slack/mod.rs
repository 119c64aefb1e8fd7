//! Slack's incoming webhooks: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.

mod blocks;
#[cfg(test)]
mod tests;
mod texts;

pub use texts::{slack_mentions, slack_texts};

use crate::answer::Answer;
use crate::part::Part;
use crate::request::Request;
use axum::http::{Method, StatusCode};
use serde_json::Value;

pub(crate) const PATH: &str = "/services/T000/B000/XXXX";

/// The largest body that is taken, in bytes.
// assumed: no limit is documented. What keeps to the limits below has a tenth of this.
const BODY_MAX: usize = 1024 * 1024;

/// The longest `text`, in characters. Slack cuts what is longer, and here it is refused instead, for an alert that was cut
/// is none that tests want: <https://api.slack.com/changelog/2018-04-truncating-really-long-messages>.
const TEXT_MAX: usize = 40_000;

/// The most characters in all texts of the blocks: no limit is documented, but from there on Slack was seen to refuse
/// messages: <https://github.com/slackapi/bolt-js/issues/2509>. It also weighs the blocks themselves in a way that is not
/// known, so that what counts as just small enough here may be too much there:
/// <https://github.com/slackapi/bolt-js/issues/2867>.
const BLOCKS_TEXT_MAX: usize = 13_200;

pub(crate) fn answer(request: &Request) -> Answer {
    let path = request.uri.path();
    if path != PATH {
        // assumed: which of the two it is. Slack's URLs have a workspace, a webhook and its token.
        let refusal = if path.split('/').count() == PATH.split('/').count() {
            Answer::text(StatusCode::FORBIDDEN, "invalid_token")
        } else {
            Answer::text(StatusCode::NOT_FOUND, "no_service")
        };
        return refusal.because("the path is not the webhook's");
    }
    if request.method != Method::POST {
        // assumed
        return Answer::text(StatusCode::METHOD_NOT_ALLOWED, "").because("the method must be POST");
    }
    if request.body.as_ref().is_some_and(|body| body.len() > BODY_MAX) {
        // assumed
        return Answer::text(StatusCode::PAYLOAD_TOO_LARGE, "").because("the body is too large");
    }
    if !request.says_json() {
        return refuse("invalid_payload").because("the content type must be application/json");
    }
    match request.json() {
        Ok(message) => match check(&message) {
            Ok(()) => Answer::text(StatusCode::OK, "ok"),
            Err((code, problems)) => refuse(code).because_of(problems),
        },
        Err(problem) => refuse("invalid_payload").because(problem),
    }
}

fn refuse(code: &str) -> Answer {
    Answer::text(StatusCode::BAD_REQUEST, code)
}

/// Holds a message to the rules.
///
/// # Errors
/// Slack's name for what is wrong, and everything of that sort.
fn check(message: &Value) -> Result<(), (&'static str, Vec<String>)> {
    let whole = Part::whole(message);
    let mut problems = Vec::new();
    whole.object(&mut problems);
    let (text, blocks) = (whole.given("text"), whole.given("blocks"));
    let text = text.and_then(|text| text.string(0..=usize::MAX, &mut problems)).unwrap_or_default();
    refused("invalid_payload", &mut problems)?;

    let no_blocks = blocks.is_none() || message["blocks"].as_array().is_some_and(Vec::is_empty);
    if text.is_empty() && no_blocks {
        whole.wrong("has neither text nor blocks", &mut problems);
    }
    refused("no_text", &mut problems)?;

    if !text.is_empty() {
        whole.member("text").string(1..=TEXT_MAX, &mut problems);
    }
    refused("msg_too_long", &mut problems)?;

    if let Some(blocks) = blocks {
        blocks::check(&blocks, &mut problems);
    }
    refused("invalid_blocks", &mut problems)?;

    let length: usize = texts::of_blocks(message).iter().map(|(_, text)| text.chars().count()).sum();
    if length > BLOCKS_TEXT_MAX {
        let what = format!("the texts have {length} characters, not at most {BLOCKS_TEXT_MAX}");
        whole.member("blocks").wrong(&what, &mut problems);
    }
    refused("msg_blocks_too_long", &mut problems)
}

fn refused(code: &'static str, problems: &mut Vec<String>) -> Result<(), (&'static str, Vec<String>)> {
    if problems.is_empty() { Ok(()) } else { Err((code, std::mem::take(problems))) }
}
