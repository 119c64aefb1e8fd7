//! PagerDuty's Events API v2: <https://developer.pagerduty.com/docs/events-api-v2/overview/> and
//! <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>.

mod event;
mod incidents;
#[cfg(test)]
mod tests;

pub(crate) use incidents::Incidents;
pub use incidents::{Incident, IncidentState};

use crate::http_response::HttpResponse;
use crate::request::Request;
use axum::http::{Method, StatusCode};
use serde_json::json;

pub(crate) const PATH: &str = "/v2/enqueue";

/// The largest body, in bytes: "Events API payloads are limited to 512 KB".
// assumed: that KB means 1,000 bytes, the smaller of its meanings; and that 413 is answered.
const BODY_MAX_BYTES: usize = 512_000;

pub(crate) fn answer(request: &Request, incidents: &mut Incidents) -> HttpResponse {
    if request.uri.path() != PATH {
        return HttpResponse::text(StatusCode::NOT_FOUND, "")
            .with_problem(format!("unknown path {}", request.uri.path()));
    }
    if request.method != Method::POST {
        // assumed
        return HttpResponse::text(StatusCode::METHOD_NOT_ALLOWED, "").with_problem("the method must be POST");
    }
    if request.body.as_ref().is_some_and(|body| body.len() > BODY_MAX_BYTES) {
        return HttpResponse::text(StatusCode::PAYLOAD_TOO_LARGE, "").with_problem("the body is too large");
    }
    if !request.has_json_content_type() {
        return refuse(vec!["the content type must be application/json".to_owned()]);
    }
    let event = match request.json() {
        Ok(event) => event,
        Err(problem) => return refuse(vec![problem]),
    };
    let problems = event::problems(&event);
    if !problems.is_empty() {
        return refuse(problems);
    }
    let text = |name: &str| event[name].as_str();
    let (routing_key, action) = (text("routing_key").unwrap_or_default(), text("event_action").unwrap_or_default());
    let dedup_key = incidents.apply(routing_key, action, text("dedup_key"));
    let body = json!({"status": "success", "message": "Event processed", "dedup_key": dedup_key});
    HttpResponse::json(StatusCode::ACCEPTED, &body)
}

fn refuse(problems: Vec<String>) -> HttpResponse {
    let body = json!({"status": "invalid event", "message": "Event object is invalid", "errors": problems});
    HttpResponse::json(StatusCode::BAD_REQUEST, &body).with_problems(problems)
}
