//! The SDK's configuration.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::{Builder, tls};
use std::time::Duration;

/// Who tries again when a call fails for a passing reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    /// The SDK, up to three times within the call.
    InTheSdk,
    /// The SDK as well, with time for calls that work on many accounts at once.
    InTheSdkPatiently,
    /// The state machine: the call fails at once, and the function with it.
    InTheStateMachine,
}

/// The configuration from the function's environment: Region, credentials and, in rehearsals, `AWS_ENDPOINT_URL_*`.
pub async fn configuration(retries: Retries) -> SdkConfig {
    let client =
        Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https();
    let retry = match retries {
        Retries::InTheSdk | Retries::InTheSdkPatiently => RetryConfig::standard(),
        Retries::InTheStateMachine => RetryConfig::disabled(),
    };
    // Six calls, each as slow as this lets it be, fit into the functions' own time-out of 60 seconds: a silent service
    // ends in an error with a name.
    let (attempt, operation) = match retries {
        Retries::InTheSdk => (3, 9),
        Retries::InTheSdkPatiently => (20, 45),
        Retries::InTheStateMachine => (8, 9),
    };
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(attempt))
        .operation_timeout(Duration::from_secs(operation));
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(client)
        .retry_config(retry)
        .timeout_config(timeouts.build())
        .load()
        .await
}
