//! Where the rehearsal's alerts are relayed to.

use crate::api::Api;
use crate::error::CloudError;
use receivers::Receivers;
use serde_json::json;

/// The routing key that the rehearsal's PagerDuty is asked with, and the key of the webhook's signatures.
pub const RELAY_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Makes the secret that says so, as a user does, and gives its ARN.
pub(crate) async fn make_secret(api: &Api, receivers: &Receivers) -> Result<String, CloudError> {
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
