//! Who is behind a finding.

use crate::text::one_line;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The principal behind a finding: an entity that Detective can investigate, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "snake_case")]
pub enum Principal {
    /// An IAM user.
    IamUser(Entity),
    /// An IAM role, or a session of one.
    IamRole(Entity),
    /// Nothing that Detective could investigate.
    NotInvestigable {
        /// Why not, in words that an analyst understands.
        reason: NotInvestigable,
    },
}

/// What Detective can investigate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// The ARN as it can be told from the finding. Findings carry no paths: a role under a path has another ARN.
    pub arn: String,
    /// The account that owns the user or role.
    pub account_id: String,
    /// The user's or the role's name.
    pub name: String,
    /// The unique id (`AIDA…`, `AROA…`), which Detective's console links ask for.
    pub unique_id: Option<String>,
    /// The role session's name, where one is known. Whoever assumed the role chose it.
    pub session_name: Option<String>,
}

/// Why no IAM principal can be investigated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotInvestigable {
    /// The finding says nothing of an access key.
    NoAccessKey {
        /// The finding's resource type, where it has one.
        resource_type: Option<String>,
    },
    /// The access key belongs to something that is not an IAM user or role.
    UserType {
        /// GuardDuty's `userType`, as sent.
        user_type: String,
    },
    /// The access key's owner is not named.
    NoName,
    /// The name is one that CreateSampleFindings makes up.
    Placeholder,
    /// The name is not one that IAM allows, so no ARN is built from it.
    ImpossibleName,
}

impl fmt::Display for NotInvestigable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAccessKey { resource_type: Some(kind) } => write!(
                formatter,
                "the finding is about a resource of type {} and names no access key, so no IAM principal is known",
                one_line(kind, 60)
            ),
            Self::NoAccessKey { resource_type: None } => {
                formatter.write_str("the finding names neither a resource nor an access key")
            }
            Self::UserType { user_type } => write!(
                formatter,
                "the caller is of type {}, and Detective investigates IAM users and IAM roles only",
                one_line(user_type, 60)
            ),
            Self::NoName => formatter.write_str("the finding does not name the owner of the access key"),
            Self::Placeholder => formatter.write_str("the principal is a placeholder of a sample finding"),
            Self::ImpossibleName => {
                formatter.write_str("the principal's name in the finding is not one that IAM allows")
            }
        }
    }
}

impl Principal {
    /// The ARN that Detective is asked about.
    #[must_use]
    pub fn entity_arn(&self) -> Option<&str> {
        self.entity().map(|entity| entity.arn.as_str())
    }

    /// The user or role, where there is one.
    #[must_use]
    pub fn entity(&self) -> Option<&Entity> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(entity),
            Self::NotInvestigable { .. } => None,
        }
    }

    /// The word for it in a sentence.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::IamUser(_) => "IAM user",
            Self::IamRole(_) => "IAM role",
            Self::NotInvestigable { .. } => "no IAM principal",
        }
    }
}

/// Whose finding it is.
pub(crate) struct Owner<'a> {
    pub(crate) partition: &'a str,
    pub(crate) account_id: &'a str,
}

/// `resource.accessKeyDetails`, as far as present.
pub(crate) struct AccessKeyDetails<'a> {
    pub(crate) present: bool,
    pub(crate) user_type: Option<&'a str>,
    pub(crate) user_name: Option<&'a str>,
    pub(crate) principal_id: Option<&'a str>,
}

/// The principal that an access key belongs to.
pub(crate) fn from_access_key(owner: &Owner<'_>, key: &AccessKeyDetails<'_>, resource_type: Option<&str>) -> Principal {
    let because = |reason| Principal::NotInvestigable { reason };
    if !key.present {
        let resource_type = resource_type.map(|kind| one_line(kind, 60));
        return because(NotInvestigable::NoAccessKey { resource_type });
    }
    let is_role = match key.user_type {
        Some("IAMUser") => false,
        Some("AssumedRole" | "Role") => true,
        other => {
            let user_type = one_line(other.unwrap_or("Unknown"), 60);
            return because(NotInvestigable::UserType { user_type });
        }
    };
    let Some(name) = key.user_name else { return because(NotInvestigable::NoName) };
    if name.starts_with("GeneratedFinding") {
        return because(NotInvestigable::Placeholder);
    }
    if !is_iam_name(name) {
        return because(NotInvestigable::ImpossibleName);
    }
    let (unique_id, session_name) = match key.principal_id.map(|id| id.split_once(':').unwrap_or((id, ""))) {
        Some((id, session)) => (is_unique_id(id).then(|| id.to_owned()), one_line(session, 64)),
        None => (None, String::new()),
    };
    let Owner { partition, account_id } = owner;
    let resource = if is_role { "role" } else { "user" };
    let entity = Entity {
        arn: format!("arn:{partition}:iam::{account_id}:{resource}/{name}"),
        account_id: (*account_id).to_owned(),
        name: name.to_owned(),
        unique_id,
        session_name: (!session_name.is_empty()).then_some(session_name),
    };
    if is_role { Principal::IamRole(entity) } else { Principal::IamUser(entity) }
}

/// IAM User Guide, "IAM and AWS STS quotas": names of users and roles have up to 64 characters of
/// letters, digits and `+=,.@_-`.
fn is_iam_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
}

/// IAM User Guide, "Unique identifiers": capital letters and digits after a four-letter prefix.
fn is_unique_id(id: &str) -> bool {
    (8..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(user_type: &str, user_name: &str, principal_id: &str) -> Principal {
        let owner = Owner { partition: "aws", account_id: "123456789012" };
        let key = AccessKeyDetails {
            present: true,
            user_type: Some(user_type).filter(|text| !text.is_empty()),
            user_name: Some(user_name).filter(|text| !text.is_empty()),
            principal_id: Some(principal_id).filter(|text| !text.is_empty()),
        };
        from_access_key(&owner, &key, Some("AccessKey"))
    }

    #[test]
    fn users_and_roles_get_an_arn_and_sessions_are_told_apart() {
        let user = principal("IAMUser", "ci-deployer", "AIDAEXAMPLE0001");
        assert_eq!(user.entity_arn(), Some("arn:aws:iam::123456789012:user/ci-deployer"));
        let role = principal("AssumedRole", "web-role", "AROAEXAMPLE0001:i-0abc");
        assert_eq!(role.entity_arn(), Some("arn:aws:iam::123456789012:role/web-role"));
        let entity = role.entity().unwrap();
        assert_eq!(entity.unique_id.as_deref(), Some("AROAEXAMPLE0001"));
        assert_eq!(entity.session_name.as_deref(), Some("i-0abc"));
    }

    #[test]
    fn everything_else_says_why_not() {
        let reason = |user_type, name| match principal(user_type, name, "") {
            Principal::NotInvestigable { reason } => reason,
            other => panic!("{other:?}"),
        };
        for user_type in ["Root", "FederatedUser", "AWSService", "AWSAccount", "Directory", "SomethingNew", ""] {
            assert!(matches!(reason(user_type, "x"), NotInvestigable::UserType { .. }), "{user_type}");
        }
        assert_eq!(reason("IAMUser", "GeneratedFindingUserName"), NotInvestigable::Placeholder);
        assert_eq!(reason("IAMUser", ""), NotInvestigable::NoName);
        assert_eq!(reason("IAMUser", "a/../b"), NotInvestigable::ImpossibleName);
        assert_eq!(reason("AssumedRole", "<!channel>"), NotInvestigable::ImpossibleName);
    }
}
