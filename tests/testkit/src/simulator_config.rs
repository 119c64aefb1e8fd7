//! Clients of the simulator, which simulates Detective and GuardDuty.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::SharedHttpClient;
use jiff::Timestamp;
use std::time::Duration;

/// The Region of clients, unless a test chooses another.
pub(crate) const REGION: &str = "us-east-1";

/// The configuration of clients that call the simulator at this URL as that account, in that Region.
///
/// The SDK does not retry, so that one fault makes one call fail; [`with_retries`] changes that.
#[must_use]
pub fn simulator_config(url: &str, account: &str, region: &str) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().build_http();
    configuration(account, region, http).into_builder().endpoint_url(url).build()
}

/// The configuration with the SDK's retries, three attempts in total, and a backoff of milliseconds instead of seconds.
#[must_use]
pub fn with_retries(configuration: &SdkConfig) -> SdkConfig {
    configuration
        .to_builder()
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(5)))
        .build()
}

pub(crate) fn configuration(account: &str, region: &str, http: SharedHttpClient) -> SdkConfig {
    // The emulator and the simulator use an access key ID of 12 digits as the account ID.
    let credentials = Credentials::new(account, "secret", None, None, "testkit");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(http)
        .build()
}

/// The current time of the clock that the simulator uses.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the simulator uses this clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
