//! What distinguishes the principals of a finding.

use super::{Principal, UninvestigableKind};
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// Maximum length of the stored name of another principal.
const MAX_NAME_CHARS: usize = 100;

/// The kind of a principal. In JSON: kebab-case, such as `iam-role` or `kubernetes-service-account`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// An IAM user.
    IamUser,
    /// An IAM role, or a session of one.
    IamRole,
    /// An actor that Detective cannot investigate.
    #[serde(untagged)]
    Other(UninvestigableKind),
}

impl PrincipalKind {
    /// The kind as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IamUser => "iam-user",
            Self::IamRole => "iam-role",
            Self::Other(kind) => kind.as_str(),
        }
    }
}

/// Distinguishes a principal from the others of the same finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PrincipalIdentity {
    /// User, role or another kind.
    pub kind: PrincipalKind,
    /// The account that owns it, 12 digits; `None` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// `None` if it has no name. An attacker may have chosen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The stored form of another principal of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StoredPrincipal {
    /// The name is on one line and shortened.
    Known(PrincipalIdentity),
    /// The text that earlier releases stored, such as `IAM role dev-role in account 123456789012`.
    LegacyText(String),
}

impl StoredPrincipal {
    pub(crate) fn of(principal: &Principal) -> Self {
        let PrincipalIdentity { kind, account_id, name } = principal.identity();
        Self::Known(PrincipalIdentity { kind, account_id, name: name.map(|name| one_line(&name, MAX_NAME_CHARS)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::{NotInvestigableReason, UninvestigablePrincipal};
    use serde_json::json;

    #[test]
    fn as_str_is_the_json_form() {
        for kind in
            [PrincipalKind::IamUser, PrincipalKind::IamRole, PrincipalKind::Other(UninvestigableKind::KubernetesUser)]
        {
            let stored = serde_json::to_value(kind).unwrap();
            assert_eq!(stored, kind.as_str());
            assert_eq!(serde_json::from_value::<PrincipalKind>(stored).unwrap(), kind);
        }
    }

    #[test]
    fn other_principals_are_stored_as_data_and_legacy_text_is_read() {
        let name = Some(format!("a\r\n<b>\u{202e}{}", "c".repeat(200)));
        let (kind, reason) = (UninvestigableKind::DatabaseUser, NotInvestigableReason::NoName);
        let other = Principal::NotInvestigable(UninvestigablePrincipal { kind, account_id: None, name, reason });
        let named = StoredPrincipal::of(&other);
        let stored = serde_json::to_value(&named).unwrap();
        assert_eq!(stored, json!({"kind": "database-user", "name": format!("a <b> {}…", "c".repeat(93))}));
        assert_eq!(serde_json::from_value::<StoredPrincipal>(stored).unwrap(), named);

        let stored = json!({"kind": "iam-role", "account_id": "123456789012", "name": "dev-role"});
        let (account_id, name) = (Some("123456789012".to_owned()), Some("dev-role".to_owned()));
        let role = StoredPrincipal::Known(PrincipalIdentity { kind: PrincipalKind::IamRole, account_id, name });
        assert_eq!(serde_json::to_value(&role).unwrap(), stored);
        assert_eq!(serde_json::from_value::<StoredPrincipal>(stored).unwrap(), role);

        let words = "IAM role dev-role in account 123456789012";
        let earlier = StoredPrincipal::LegacyText(words.to_owned());
        assert_eq!(serde_json::from_value::<StoredPrincipal>(json!(words)).unwrap(), earlier);
        assert_eq!(serde_json::to_value(earlier).unwrap(), words);
    }
}
