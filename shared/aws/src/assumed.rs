//! Roles of other accounts that a function takes on.

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;

/// The same configuration, with the credentials of a role that asks for an external id. Whether the role lets the function
/// in shows with the first call.
pub async fn assumed(configuration: &SdkConfig, role_arn: &str, external_id: &str) -> SdkConfig {
    let provider = AssumeRoleProvider::builder(role_arn)
        .external_id(external_id)
        .session_name("gumshoe")
        .configure(configuration)
        .build()
        .await;
    configuration.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}
