//! The plain webhook: accepts any JSON. A signature must have been made with [`SIGNING_KEY`].

use crate::http_response::HttpResponse;
use crate::request::Request;
use axum::http::{Method, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub(crate) const PATH: &str = "/hook";

/// The key that signatures are checked with (docs/CHANNELS.md, "The webhook").
pub const SIGNING_KEY: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn answer(request: &Request) -> HttpResponse {
    if request.uri.path() != PATH {
        return HttpResponse::text(StatusCode::NOT_FOUND, "")
            .with_problem(format!("unknown path {}", request.uri.path()));
    }
    if request.method != Method::POST {
        return HttpResponse::text(StatusCode::METHOD_NOT_ALLOWED, "").with_problem("the method must be POST");
    }
    if let Err(problem) = check_signature(request) {
        return HttpResponse::text(StatusCode::UNAUTHORIZED, "").with_problem(problem);
    }
    match request.json() {
        Ok(_) => HttpResponse::text(StatusCode::NO_CONTENT, ""),
        Err(problem) => HttpResponse::text(StatusCode::BAD_REQUEST, "").with_problem(problem),
    }
}

/// Accepts a request without a signature, or one whose `v1` and `v2` signatures are both valid. The age is not checked,
/// because tests stop the clock.
fn check_signature(request: &Request) -> Result<(), String> {
    let Some(header) = request.headers.get("x-gumshoe-signature") else { return Ok(()) };
    let delivery = request.headers.get("x-gumshoe-delivery").map(String::as_str).unwrap_or_default();
    let body = request.body.as_deref().unwrap_or_default();
    let parts: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.split_once('=')).collect();
    let of = |name: &str| parts.iter().find(|(it, _)| *it == name).map(|(_, value)| *value);
    let seconds = of("t").ok_or("the signature has no time")?;
    for (version, signed) in [
        ("v1", vec![seconds.as_bytes(), b".", body]),
        ("v2", vec![seconds.as_bytes(), b"\n", delivery.as_bytes(), b"\n", body]),
    ] {
        let hex = of(version).ok_or_else(|| format!("the signature has no {version}"))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_KEY.as_bytes()).map_err(|error| error.to_string())?;
        signed.iter().for_each(|part| mac.update(part));
        let is_valid = bytes_of(hex).is_some_and(|bytes| mac.verify_slice(&bytes).is_ok());
        if !is_valid {
            return Err(format!("{version} of the signature does not match the request"));
        }
    }
    Ok(())
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let pair = |index: usize| u8::from_str_radix(hex.get(index..index + 2)?, 16).ok();
    (0..hex.len()).step_by(2).map(pair).collect()
}
