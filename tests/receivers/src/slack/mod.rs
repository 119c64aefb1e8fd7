//! Slack's incoming webhooks: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.

mod blocks;
#[cfg(test)]
mod tests;
mod texts;

pub use texts::{slack_mentions, slack_texts};

use crate::http_response::HttpResponse;
use crate::json_cursor::JsonCursor;
use crate::request::Request;
use axum::http::{Method, StatusCode};
use serde_json::Value;

pub(crate) const PATH: &str = "/services/T000/B000/XXXX";

/// The largest accepted body, in bytes.
// assumed: no limit is documented. A message within the limits below has about a tenth of this.
const BODY_MAX_BYTES: usize = 1024 * 1024;

/// The longest `text`, in characters. Slack truncates a longer one; here it is rejected, so that a test notices: <https://api.slack.com/changelog/2018-04-truncating-really-long-messages>.
const TEXT_MAX_CHARS: usize = 40_000;

/// The most characters in all texts of the blocks: no limit is documented, but above it Slack was seen to reject
/// messages: <https://github.com/slackapi/bolt-js/issues/2509>. Slack also counts the blocks themselves in a way that is not
/// known, so a message just below this limit may be too long for Slack:
/// <https://github.com/slackapi/bolt-js/issues/2867>.
const BLOCKS_TEXT_MAX_CHARS: usize = 13_200;

pub(crate) fn answer(request: &Request) -> HttpResponse {
    let path = request.uri.path();
    if path != PATH {
        // assumed: which of the two it is. Slack's URLs have a workspace, a webhook and its token.
        let response = if path.split('/').count() == PATH.split('/').count() {
            HttpResponse::text(StatusCode::FORBIDDEN, "invalid_token")
        } else {
            HttpResponse::text(StatusCode::NOT_FOUND, "no_service")
        };
        return response.with_problem("the path is not the webhook's");
    }
    if request.method != Method::POST {
        // assumed
        return HttpResponse::text(StatusCode::METHOD_NOT_ALLOWED, "").with_problem("the method must be POST");
    }
    if request.body.as_ref().is_some_and(|body| body.len() > BODY_MAX_BYTES) {
        // assumed
        return HttpResponse::text(StatusCode::PAYLOAD_TOO_LARGE, "").with_problem("the body is too large");
    }
    if !request.has_json_content_type() {
        return refuse("invalid_payload").with_problem("the content type must be application/json");
    }
    match request.json() {
        Ok(message) => match check(&message) {
            Ok(()) => HttpResponse::text(StatusCode::OK, "ok"),
            Err((code, problems)) => refuse(code).with_problems(problems),
        },
        Err(problem) => refuse("invalid_payload").with_problem(problem),
    }
}

fn refuse(code: &str) -> HttpResponse {
    HttpResponse::text(StatusCode::BAD_REQUEST, code)
}

/// Checks a message against Slack's rules.
///
/// # Errors
/// Slack's error code, and all problems with that code.
fn check(message: &Value) -> Result<(), (&'static str, Vec<String>)> {
    let whole = JsonCursor::root(message);
    let mut problems = Vec::new();
    whole.object(&mut problems);
    let (text, blocks) = (whole.optional("text"), whole.optional("blocks"));
    let text = text.and_then(|text| text.string(0..=usize::MAX, &mut problems)).unwrap_or_default();
    refused("invalid_payload", &mut problems)?;

    let no_blocks = blocks.is_none() || message["blocks"].as_array().is_some_and(Vec::is_empty);
    if text.is_empty() && no_blocks {
        whole.push_problem("has neither text nor blocks", &mut problems);
    }
    refused("no_text", &mut problems)?;

    if !text.is_empty() {
        whole.member("text").string(1..=TEXT_MAX_CHARS, &mut problems);
    }
    refused("msg_too_long", &mut problems)?;

    if let Some(blocks) = blocks {
        blocks::check(&blocks, &mut problems);
    }
    refused("invalid_blocks", &mut problems)?;

    let length: usize = texts::of_blocks(message).iter().map(|(_, text)| text.chars().count()).sum();
    if length > BLOCKS_TEXT_MAX_CHARS {
        let what = format!("the texts have {length} characters, not at most {BLOCKS_TEXT_MAX_CHARS}");
        whole.member("blocks").push_problem(&what, &mut problems);
    }
    refused("msg_blocks_too_long", &mut problems)
}

fn refused(code: &'static str, problems: &mut Vec<String>) -> Result<(), (&'static str, Vec<String>)> {
    if problems.is_empty() { Ok(()) } else { Err((code, std::mem::take(problems))) }
}
