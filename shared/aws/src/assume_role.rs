//! Credentials of a role in another account.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Credentials as IssuedCredentials;
use std::time::SystemTime;

/// The same configuration, with credentials of the role, which is assumed with an external id at the first call and again before the
/// credentials expire. If the role does not trust the function, the first call fails.
///
/// The SDK's `AssumeRoleProvider` is not used: it brings the whole chain of default credentials, a sixth of the function's size, of
/// which nothing runs (docs/PERFORMANCE.md).
#[must_use]
pub fn assume_role_config(configuration: &SdkConfig, role_arn: &str, external_id: &str) -> SdkConfig {
    let call = Client::new(configuration).assume_role();
    let call = call.role_arn(role_arn).external_id(external_id).role_session_name("gumshoe");
    let provider = provide_credentials_fn(move || {
        let call = call.clone();
        async move {
            let answer = call.send().await.map_err(CredentialsError::provider_error)?;
            answer
                .credentials
                .as_ref()
                .map(credentials)
                .ok_or_else(|| CredentialsError::unhandled("the response of AssumeRole has no credentials"))
        }
    });
    configuration.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// The configuration's identity cache requests new credentials before these expire.
fn credentials(issued: &IssuedCredentials) -> Credentials {
    let expiry = SystemTime::try_from(issued.expiration).ok();
    let token = Some(issued.session_token.clone());
    Credentials::new(&issued.access_key_id, &issued.secret_access_key, token, expiry, "AssumeRole")
}
