//! Roles of other accounts that a function takes on.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Credentials as IssuedCredentials;
use std::time::SystemTime;

/// The same configuration, with the credentials of a role that asks for an external id. Whether the role lets the function
/// in shows with the first call.
///
/// The SDK has a provider for this, which brings the whole chain of its default credentials with it: a sixth of a
/// function that nothing runs (docs/PERFORMANCE.md).
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
                .ok_or_else(|| CredentialsError::unhandled("no credentials came"))
        }
    });
    configuration.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// They are asked for anew when they are about to expire: the configuration's identity cache sees to that.
fn credentials(issued: &IssuedCredentials) -> Credentials {
    let expiry = SystemTime::try_from(issued.expiration).ok();
    let token = Some(issued.session_token.clone());
    Credentials::new(&issued.access_key_id, &issued.secret_access_key, token, expiry, "AssumeRole")
}
