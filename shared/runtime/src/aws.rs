//! The configuration of the SDK's clients.
//!
//! The SDK's own loader also reads profiles, instance metadata and single sign-on. A Lambda function has none of them: its credentials are
//! environment variables. Without the loader a function starts faster and is some hundred kilobytes smaller (docs/PERFORMANCE.md).

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

/// The variable of the global endpoint, and the prefix of the variables of service endpoints (AWS SDKs and Tools Reference Guide,
/// "Service-specific endpoints").
const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL";

/// The five root certificates of Amazon Trust Services, as <https://www.amazontrust.com/repository/> recommends for custom trust stores.
/// Every AWS endpoint has a certificate under one of them (AWS Security Blog, "How to prepare for AWS's move to its own certificate
/// authority"). The system's 140 root certificates would be read from their files at each start.
const ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Who retries a call that failed for a transient reason, and the timeouts that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryMode {
    /// The SDK: three attempts in a call, within 9 seconds.
    Sdk,
    /// The SDK, with 45 seconds for a call: some calls of Detective take many accounts.
    SdkLongTimeouts,
    /// The state machine: the call fails without a retry, and the function with it. Each call has its own connection. If it cannot be
    /// established, nothing was sent, and the call is repeated once.
    StateMachine,
}

/// What all clients of a function share: Region, credentials, endpoints and connections.
#[derive(Debug)]
pub struct AwsConfig {
    region: Option<Region>,
    use_fips: bool,
    use_dual_stack: bool,
    endpoints: Endpoints,
    http_clients: HttpClients,
}

impl AwsConfig {
    /// Reads the environment of the process, as Lambda sets it: `AWS_REGION` and the role's credentials; `AWS_USE_FIPS_ENDPOINT` and
    /// `AWS_USE_DUALSTACK_ENDPOINT`; in rehearsals also `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_*`. If `SSL_CERT_FILE` or
    /// `SSL_CERT_DIR` is set, the certificates there are trusted instead of Amazon's.
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
        let has_custom_roots = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| variables.contains_key(*name));
        let trusted =
            if has_custom_roots { TrustStore::default() } else { TrustStore::empty().with_pem_certificate(ROOTS) };
        let http_clients = HttpClients::with_trust_store(trusted);
        Self { region, use_fips, use_dual_stack, endpoints: Endpoints::from_variables(variables), http_clients }
    }

    /// The configuration of clients with that retry mode.
    #[must_use]
    pub fn sdk_config(&self, retries: RetryMode) -> SdkConfig {
        let (retry, http_client) = match retries {
            RetryMode::Sdk | RetryMode::SdkLongTimeouts => (RetryConfig::standard(), &self.http_clients.pooled),
            RetryMode::StateMachine => (RetryConfig::disabled(), &self.http_clients.unpooled),
        };
        // Six calls fit into the function's timeout of 60 seconds, even if each is as slow as these timeouts allow. So an
        // unresponsive service results in an error with a name, and not in a timeout of the function.
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
        configuration.set_endpoint_url(self.endpoints.0.get(ENDPOINT_VARIABLE).cloned());
        configuration.build()
    }
}

/// The endpoints that environment variables set, by variable.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Endpoints(BTreeMap<String, String>);

impl Endpoints {
    fn from_variables(variables: BTreeMap<String, String>) -> Self {
        let ignored =
            variables.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let named = |name: &str, value: &str| !ignored && name.starts_with(ENDPOINT_VARIABLE) && !value.is_empty();
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
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .profile("endpoint_url")
            .env(ENDPOINT_VARIABLE)
            .build()
            .unwrap();
        let configuration = aws.sdk_config(RetryMode::Sdk);
        let of_service = configuration.service_config().unwrap().load_config(key);
        of_service.or_else(|| configuration.endpoint_url().map(str::to_owned))
    }

    /// The SHA-256 fingerprints that the repository of Amazon Trust Services publishes.
    #[test]
    fn the_roots_are_the_published_ones() {
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

    /// A client of the SDK parses the certificates when it is created, and would panic if one were invalid.
    #[test]
    fn a_client_can_be_created_with_the_roots() {
        let aws = aws(&[("AWS_REGION", "us-east-1")]);
        let _ = aws_sdk_detective::Client::new(&aws.sdk_config(RetryMode::Sdk));
    }

    #[test]
    fn lambdas_variables_are_used() {
        let aws = aws(&[("AWS_REGION", "eu-central-1"), ("AWS_USE_FIPS_ENDPOINT", "TRUE"), ("PATH", "/bin")]);
        let configuration = aws.sdk_config(RetryMode::StateMachine);
        assert_eq!(configuration.region().unwrap().as_ref(), "eu-central-1");
        assert_eq!((configuration.use_fips(), configuration.use_dual_stack()), (Some(true), Some(false)));
        assert!(!configuration.retry_config().unwrap().has_retry());
        assert_eq!(endpoint(&aws, "Detective"), None);
    }

    #[test]
    fn a_service_endpoint_has_precedence_over_the_global_one() {
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
