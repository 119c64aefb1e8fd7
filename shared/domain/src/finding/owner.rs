//! The account, partition and Region of a finding.

use super::extract::FindingOwner;
use super::json_node::JsonNode;
use super::parse::FindingError;
use crate::principal::arn::{is_account_id, is_partition, is_region};

/// Account, partition and Region as read from a finding.
#[derive(Debug)]
pub(super) struct FindingOrigin {
    /// 12 digits, or sanitized text that is not an account id.
    pub(super) account: String,
    pub(super) partition: Option<String>,
    pub(super) region: String,
}

impl FindingOrigin {
    /// Reads each value from its member, or else from the finding's ARN. The Region can also come from the envelope, which
    /// EventBridge sends in the finding's Region. The envelope's account is not used: it may be the administrator's.
    pub(super) fn read(
        detail: JsonNode<'_>,
        envelope: JsonNode<'_>,
        wrong: &dyn Fn(&str, &'static str) -> FindingError,
    ) -> Result<Self, FindingError> {
        let arn: Vec<&str> = detail.get("arn").text().unwrap_or_default().splitn(6, ':').collect();
        let from_arn = |index: usize| arn.get(index).copied().filter(|_| arn.get(2) == Some(&"guardduty"));
        let member = |name| detail.get(name).text();

        let sent = detail.get("accountId").text_or_number();
        let account = sent.clone().filter(|id| is_account_id(id));
        let account = account.or_else(|| from_arn(4).filter(|id| is_account_id(id)).map(str::to_owned));
        let account = account.or_else(|| sent.as_deref().and_then(sanitize_account));
        let account = account.ok_or_else(|| wrong("accountId", "an account id of 12 digits"))?;

        let partition = member("partition").filter(|it| is_partition(it));
        let partition = partition.or_else(|| from_arn(1).filter(|it| is_partition(it))).map(str::to_owned);

        let region = member("region").filter(|it| is_region(it));
        let region = region.or_else(|| from_arn(3).filter(|it| is_region(it)));
        let region = region.or_else(|| envelope.get("region").text().filter(|it| is_region(it)));
        let region = region.ok_or_else(|| wrong("region", "a Region such as us-east-1"))?.to_owned();
        Ok(Self { account, partition, region })
    }

    /// `is_sample`: whether the finding is a sample, so that its names can be sample names.
    pub(super) fn owner(&self, is_sample: bool) -> FindingOwner<'_> {
        FindingOwner {
            partition: self.partition.as_deref(),
            account_id: Some(self.account.as_str()).filter(|id| is_account_id(id)),
            region: &self.region,
            is_sample,
        }
    }
}

/// Makes text that is not an account id safe for keys and for display. The result is never a valid account id.
fn sanitize_account(text: &str) -> Option<String> {
    let kept: String =
        text.chars().take(32).map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    (kept.bytes().any(|byte| byte.is_ascii_alphanumeric())).then_some(if is_account_id(&kept) {
        kept + "-"
    } else {
        kept
    })
}
