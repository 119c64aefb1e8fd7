//! The plain webhook: takes JSON, whatever it says and however it is signed.

use crate::answer::Answer;
use crate::request::Request;
use axum::http::{Method, StatusCode};

pub(crate) const PATH: &str = "/hook";

pub(crate) fn answer(request: &Request) -> Answer {
    if request.uri.path() != PATH {
        return Answer::text(StatusCode::NOT_FOUND, "").because("nobody receives on this path");
    }
    if request.method != Method::POST {
        return Answer::text(StatusCode::METHOD_NOT_ALLOWED, "").because("the method must be POST");
    }
    match request.json() {
        Ok(_) => Answer::text(StatusCode::NO_CONTENT, ""),
        Err(problem) => Answer::text(StatusCode::BAD_REQUEST, "").because(problem),
    }
}
