//! What Detective can investigate: IAM users and IAM roles, by ARN.

use crate::account_region::is_account;
use serde::{Deserialize, Serialize};

/// EntityType of the API reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EntityType {
    #[serde(rename = "IAM_ROLE")]
    Role,
    #[serde(rename = "IAM_USER")]
    User,
}

impl EntityType {
    /// The type of the entity of an ARN; `None` if it is neither an IAM user nor an IAM role.
    pub(crate) fn of(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let head: [&str; 5] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        let [arn, partition, service, region, account] = head;
        let (kind, path_and_name) = parts.next()?.split_once('/')?;
        let partition_fits = partition.strip_prefix("aws").is_some_and(|rest| {
            rest.len() <= 10 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        if arn != "arn"
            || !partition_fits
            || service != "iam"
            || !region.is_empty()
            || !is_account(account)
            || !is_path_and_name(path_and_name)
        {
            return None;
        }
        match kind {
            "role" => Some(Self::Role),
            "user" => Some(Self::User),
            _ => None,
        }
    }
}

/// A path (at most 512 characters with its slashes) and a name (1 to 64 of `[\w+=,.@-]`).
/// Source: the IAM API reference, CreateRole and CreateUser.
fn is_path_and_name(text: &str) -> bool {
    let (path, name) = text.rsplit_once('/').unwrap_or(("", text));
    // The path's slashes: one before and, when it is not "/", one behind.
    let path_fits = path.len() <= 510 && path.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    let name_fits = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
    path_fits && name_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_roles_are_entities() {
        let of = EntityType::of;
        assert_eq!(of("arn:aws:iam::111122223333:role/web-role"), Some(EntityType::Role));
        assert_eq!(of("arn:aws-us-gov:iam::111122223333:role/service-role/x"), Some(EntityType::Role));
        assert_eq!(of("arn:aws-cn:iam::111122223333:user/a.b@example.com"), Some(EntityType::User));
        assert_eq!(of(&format!("arn:aws:iam::111122223333:user/{}", "a".repeat(64))), Some(EntityType::User));
    }

    #[test]
    fn other_arns_are_not_entities() {
        for arn in [
            "",
            "arn:",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/path/",
            "arn:aws:iam::111122223333:group/admins",
            "arn:aws:iam::111122223333:instance-profile/web",
            "arn:aws:iam::11112222333:role/web",
            "arn:aws:iam:us-east-1:111122223333:role/web",
            "arn:aws:sts::111122223333:assumed-role/web/session",
            "arn:aws:iam::111122223333:role/we b",
            "prefix-arn:aws:iam::111122223333:role/web",
        ] {
            assert_eq!(EntityType::of(arn), None, "{arn}");
        }
        assert_eq!(EntityType::of(&format!("arn:aws:iam::111122223333:user/{}", "a".repeat(65))), None);
    }
}
