//! The SDK's configuration.
//!
//! The SDK's own loader would also look for profiles, for instance metadata and for single sign-on. A Lambda function has
//! none of them: what it has is in its environment, and without the loader a function starts faster and is smaller by some
//! hundred kilobytes (docs/PERFORMANCE.md).

use crate::connections::HttpClients;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::tls::TrustStore;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use std::collections::BTreeMap;
use std::time::Duration;

/// The global endpoint, and what the endpoints of services begin with (AWS SDKs and Tools Reference Guide,
/// "Service-specific endpoints").
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The roots of Amazon Trust Services: all five, as <https://www.amazontrust.com/repository/> recommends for trust stores of
/// one's own. Every endpoint of AWS has a certificate under one of them (AWS Security Blog, "How to prepare for AWS's move
/// to its own certificate authority"). The system's hundred and forty would be read from their files at each start.
const ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Who tries again when a call fails for a passing reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryMode {
    /// The SDK, up to three times within the call.
    Sdk,
    /// The SDK as well, with time for calls that work on many accounts at once.
    SdkLongTimeouts,
    /// The state machine: the call fails at once, and the function with it. Each call has a connection of its own; where none
    /// can be made, it is tried once more, as nothing was sent.
    StateMachine,
}

/// What all of a function's clients share: Region, credentials, endpoints and connections.
#[derive(Debug)]
pub struct AwsConfig {
    region: Option<Region>,
    use_fips: bool,
    use_dual_stack: bool,
    endpoints: Endpoints,
    http_clients: HttpClients,
}

impl AwsConfig {
    /// From the environment of the process, as Lambda sets it: `AWS_REGION` and the role's credentials. Beside them
    /// `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` and, in rehearsals, `AWS_ENDPOINT_URL` and
    /// `AWS_ENDPOINT_URL_*`. Where `SSL_CERT_FILE` or `SSL_CERT_DIR` is set, the certificates there are trusted in place of
    /// Amazon's.
    #[must_use]
    pub fn from_process() -> Self {
        let all =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::from_variables(all.collect())
    }

    pub(crate) fn from_variables(variables: BTreeMap<String, String>) -> Self {
        let set = |name: &str| variables.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let (use_fips, use_dual_stack) = (set("AWS_USE_FIPS_ENDPOINT"), set("AWS_USE_DUALSTACK_ENDPOINT"));
        let region = variables.get("AWS_REGION").filter(|name| !name.is_empty()).cloned().map(Region::new);
        let own = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| variables.contains_key(*name));
        let trusted = if own { TrustStore::default() } else { TrustStore::empty().with_pem_certificate(ROOTS) };
        let http_clients = HttpClients::with_trust_store(trusted);
        Self { region, use_fips, use_dual_stack, endpoints: Endpoints::from_variables(variables), http_clients }
    }

    /// The configuration of clients whose calls are tried again like this.
    #[must_use]
    pub fn sdk_config(&self, retries: RetryMode) -> SdkConfig {
        let (retry, http_client) = match retries {
            RetryMode::Sdk | RetryMode::SdkLongTimeouts => (RetryConfig::standard(), &self.http_clients.pooled),
            RetryMode::StateMachine => (RetryConfig::disabled(), &self.http_clients.unpooled),
        };
        // Six calls, each as slow as this lets it be, fit into the functions' own time-out of 60 seconds: a silent
        // service ends in an error with a name.
        let (attempt, operation) = match retries {
            RetryMode::Sdk => (3, 9),
            RetryMode::SdkLongTimeouts => (20, 45),
            RetryMode::StateMachine => (8, 9),
        };
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(Duration::from_secs(attempt))
            .operation_timeout(Duration::from_secs(operation));
        let mut configuration = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(self.region.clone())
            .use_fips(self.use_fips)
            .use_dual_stack(self.use_dual_stack)
            .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
            .identity_cache(IdentityCache::lazy().build())
            .http_client(http_client.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SharedTimeSource::new(SystemTimeSource::new()))
            .service_config(self.endpoints.clone())
            .retry_config(retry)
            .timeout_config(timeouts.build());
        configuration.set_endpoint_url(self.endpoints.0.get(ENDPOINT).cloned());
        configuration.build()
    }
}

/// The endpoints that the environment names, by their variables.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Endpoints(BTreeMap<String, String>);

impl Endpoints {
    fn from_variables(variables: BTreeMap<String, String>) -> Self {
        let ignored =
            variables.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let named = |name: &str, value: &str| !ignored && name.starts_with(ENDPOINT) && !value.is_empty();
        Self(variables.into_iter().filter(|(name, value)| named(name, value)).collect())
    }
}

impl LoadServiceConfig for Endpoints {
    /// The value of `AWS_ENDPOINT_URL_SECRETS_MANAGER` for the service `Secrets Manager`.
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        self.0.get(&format!("{}_{service}", key.env())).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;
    use sha2::{Digest, Sha256};

    fn aws(variables: &[(&str, &str)]) -> AwsConfig {
        AwsConfig::from_variables(
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        )
    }

    fn endpoint(aws: &AwsConfig, service: &str) -> Option<String> {
        let key =
            ServiceConfigKey::builder().service_id(service).profile("endpoint_url").env(ENDPOINT).build().unwrap();
        let configuration = aws.sdk_config(RetryMode::Sdk);
        let of_service = configuration.service_config().unwrap().load_config(key);
        of_service.or_else(|| configuration.endpoint_url().map(str::to_owned))
    }

    /// The SHA-256 fingerprints of the repository of Amazon Trust Services.
    #[test]
    fn the_roots_are_those_that_amazon_publishes() {
        let fingerprints: Vec<String> = CertificateDer::pem_slice_iter(ROOTS)
            .map(|certificate| {
                Sha256::digest(certificate.unwrap().as_ref()).iter().map(|byte| format!("{byte:02x}")).collect()
            })
            .collect();
        let published = [
            "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
            "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
            "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
            "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ];
        assert_eq!(fingerprints, published);
    }

    /// A client of the SDK reads them when it is made, and would panic over one that cannot be read.
    #[test]
    fn a_client_can_be_made_with_them() {
        let aws = aws(&[("AWS_REGION", "us-east-1")]);
        let _ = aws_sdk_detective::Client::new(&aws.sdk_config(RetryMode::Sdk));
    }

    #[test]
    fn what_lambda_sets_is_taken() {
        let aws = aws(&[("AWS_REGION", "eu-central-1"), ("AWS_USE_FIPS_ENDPOINT", "TRUE"), ("PATH", "/bin")]);
        let configuration = aws.sdk_config(RetryMode::StateMachine);
        assert_eq!(configuration.region().unwrap().as_ref(), "eu-central-1");
        assert_eq!((configuration.use_fips(), configuration.use_dual_stack()), (Some(true), Some(false)));
        assert!(!configuration.retry_config().unwrap().has_retry());
        assert_eq!(endpoint(&aws, "Detective"), None);
    }

    #[test]
    fn an_endpoint_of_a_service_comes_before_that_of_all() {
        let named = [
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_DETECTIVE", "http://127.0.0.1:2"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:3"),
            ("AWS_ENDPOINT_URL_SNS", ""),
        ];
        let of = |service| endpoint(&aws(&named), service).unwrap();
        assert_eq!(
            ["Detective", "Secrets Manager", "SNS"].map(of).map(|it| it.chars().last().unwrap()),
            ['2', '3', '1']
        );
        let ignored = [&named[..], &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]].concat();
        assert_eq!(endpoint(&aws(&ignored), "Detective"), None);
    }
}
