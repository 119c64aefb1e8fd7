//! The log of a function: JSON lines on standard output, as Lambda's log format JSON expects.
//!
//! # Messages
//!
//! A message names the operation and the object and, for a warning or an error, the remedy or what happens next:
//! `could not release the delivery lease; it expires within 75 seconds`. Identifiers are fields, so that CloudWatch Logs Insights can
//! filter by them: `case.id`, `finding.id`, `investigation.id`, `account.id`, `message.id`, `error.name`, `error.message`. A failure is
//! logged once, where it is handled. No log line contains text of a finding, which attackers may have written.
//!
//! # Levels
//!
//! | level | when |
//! | --- | --- |
//! | error | An operator has to act, or a message goes to a dead-letter queue. |
//! | warn | The result is degraded, or the operation is retried, or the fault will disappear without an operator. |
//! | info | The outcome of an invocation: one line for each message, poll, assessment or alert. |
//! | debug | Everything else. Release builds contain no `debug` and `trace` lines: the SDK would log requests, and findings with them. |
//!
//! The one exception: Lambda logs the error of a failed handler as well (`lambda_runtime`), so its line is switched off. An invocation
//! that fails is always logged as an error, although its caller may retry it: [`log_failure`] cannot know.

use crate::settings::ConfigurationError;
use gumshoe_domain::error::{ErrorName, with_causes};
use lambda_runtime::Diagnostic;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. `RUST_LOG` sets the level for everything or by target (`info,gumshoe_aws=warn`); the default is `info`, and
/// `warn` for the SDK, the HTTP client and the Lambda runtime.
pub fn init_logging() {
    let configured = std::env::var("RUST_LOG").ok().filter(|levels| !levels.trim().is_empty());
    let filter = configured.and_then(|levels| levels.parse().ok()).unwrap_or_else(|| {
        Targets::new()
            .with_default(LevelFilter::INFO)
            .with_targets(
                ["aws_config", "aws_smithy_runtime", "hyper", "lambda_runtime"].map(|it| (it, LevelFilter::WARN)),
            )
            .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
    });
    let lines = tracing_subscriber::fmt::layer().json().with_target(false).flatten_event(true);
    tracing_subscriber::registry().with(filter).with(lines).init();
}

/// Logs an invalid configuration, and returns the error for `main`, which ends with it.
#[must_use]
pub fn log_startup_error(error: ConfigurationError) -> lambda_runtime::Error {
    tracing::error!(error.message = %with_causes(&error),
        "the configuration is invalid, so the function cannot start; correct the stack's parameters and deploy again");
    error.into()
}

/// Logs a failed invocation, and returns the diagnostic that its caller receives: the error's name, which the retriers and catchers of a
/// state machine match, and the message with all causes. (The Lambda runtime names a boxed error by its Rust type, which no retrier can match.)
pub fn log_failure(error: impl ErrorName) -> Diagnostic {
    let message = with_causes(&error);
    tracing::error!(error.name = error.error_name(), error.message = %message,
        "the invocation failed; its caller retries it or handles the error");
    Diagnostic { error_type: error.error_name().to_owned(), error_message: message }
}
