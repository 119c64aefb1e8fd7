//! AWS Secrets Manager: the secret with the addresses that relay-alert posts to.

use crate::error::ApiCallError;
use aws_sdk_secretsmanager::Client;

/// One secret.
#[derive(Debug, Clone)]
pub struct Secret {
    client: Client,
    arn: String,
}

impl Secret {
    /// The secret with that ARN.
    #[must_use]
    pub fn new(client: Client, arn: String) -> Self {
        Self { client, arn }
    }

    /// The current `SecretString`.
    ///
    /// # Errors
    ///
    /// A failed GetSecretValue, or a secret that holds bytes instead of text.
    pub async fn read(&self) -> Result<String, ApiCallError> {
        let answer = self.client.get_secret_value().secret_id(&self.arn).send().await;
        let answer = answer.map_err(|error| ApiCallError::new("GetSecretValue", error))?;
        let text = answer.secret_string().map(str::to_owned);
        text.ok_or_else(|| ApiCallError::missing_field("GetSecretValue", "SecretString"))
    }
}
