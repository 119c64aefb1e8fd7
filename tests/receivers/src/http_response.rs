//! The response of a service to a request.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// A response, with the problems of the request.
#[derive(Debug, Clone)]
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    pub(crate) problems: Vec<String>,
    content_type: &'static str,
}

impl HttpResponse {
    pub(crate) fn text(status: StatusCode, body: &str) -> Self {
        Self { status, body: body.to_owned(), problems: Vec::new(), content_type: "text/html" }
    }

    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self { status, body: body.to_string(), problems: Vec::new(), content_type: "application/json" }
    }

    pub(crate) fn with_problem(mut self, problem: impl Into<String>) -> Self {
        self.problems.push(problem.into());
        self
    }

    pub(crate) fn with_problems(mut self, problems: Vec<String>) -> Self {
        self.problems.extend(problems);
        self
    }
}

impl IntoResponse for HttpResponse {
    fn into_response(self) -> Response {
        if self.body.is_empty() {
            return self.status.into_response();
        }
        (self.status, [(header::CONTENT_TYPE, self.content_type)], self.body).into_response()
    }
}
