//! The relay's channels, which are the receivers of the local cloud.

use crate::api::Api;
use crate::error::CloudError;
use receivers::Receivers;
use serde_json::json;

/// The PagerDuty routing key, which is also the signing key of the webhook.
pub const RELAY_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Creates the secret with the channels, as a user does; returns its ARN.
pub(crate) async fn create_secret(api: &Api, receivers: &Receivers) -> Result<String, CloudError> {
    let secret = json!({
        "slack": {"webhook_url": receivers.slack_url()},
        "pagerduty": {"routing_key": RELAY_KEY, "url": receivers.pagerduty_url()},
        "webhook": {"url": receivers.webhook_url(), "key": RELAY_KEY},
    });
    let create = json!({"Name": "gumshoe/relay", "SecretString": secret.to_string(),
        "ClientRequestToken": "00000000-0000-4000-8000-000000000000"});
    let answer = api.json("secretsmanager", "secretsmanager.CreateSecret", &create).await?;
    Ok(answer["ARN"].as_str().unwrap_or_default().to_owned())
}
