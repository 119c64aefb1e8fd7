//! What every function's `main.rs` does: tracing, configuration from the environment, the SDK's configuration, errors for
//! the Lambda runtime, batches of messages.

pub mod aws;
pub mod batch;
mod connections;
mod failure;
mod metrics;
pub mod settings;

use jiff::Timestamp;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use failure::failure;
pub use metrics::Metrics;
pub use settings::{ConfigurationError, Environment};

/// Writes JSON lines to standard output, as Lambda's log format JSON expects. `RUST_LOG` sets the level, for all or for
/// some (`info,gumshoe_aws=warn`); the default is `info`, and `warn` for what is below the functions. The runtime's own
/// line about a failed handler is off: `failure` has logged it. More than `info` is not in release builds at all: the SDK
/// would log requests, and findings with them.
pub fn tracing() {
    let named = std::env::var("RUST_LOG").ok().filter(|named| !named.trim().is_empty());
    let filter = named.and_then(|named| named.parse().ok()).unwrap_or_else(|| {
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

/// The clock. Everything below `main.rs` is given the time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Ends a `main.rs` whose configuration is wrong: logs what is, and gives the error back for the exit status.
#[must_use]
pub fn refuse_to_start(error: ConfigurationError) -> lambda_runtime::Error {
    tracing::error!(error = %gumshoe_domain::error::with_causes(&error), "the function cannot start");
    error.into()
}
