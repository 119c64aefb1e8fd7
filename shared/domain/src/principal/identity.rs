//! What tells principals apart.

use super::{OtherKind, Principal};
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// Longest name that is stored of another principal, in characters.
const NAME: usize = 100;

/// What a principal is. In JSON it is the word for it, such as `iam-role` or `kubernetes-service-account`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// An IAM user.
    IamUser,
    /// An IAM role, or a session of one.
    IamRole,
    /// Nothing that Detective could investigate.
    #[serde(untagged)]
    Other(OtherKind),
}

impl PrincipalKind {
    /// The word for it, as in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::IamUser => "iam-user",
            Self::IamRole => "iam-role",
            Self::Other(kind) => kind.word(),
        }
    }
}

/// What tells a principal from the others of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// What it is.
    pub kind: PrincipalKind,
    /// The account that it belongs to, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Its name, where it has one. Attackers may have chosen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Another principal behind a finding, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NamedPrincipal {
    /// What is known of it; the name is on one line and shortened.
    Known(Identity),
    /// In words such as `IAM role dev-role in account 123456789012`, as earlier versions stored it.
    Earlier(String),
}

impl NamedPrincipal {
    pub(crate) fn of(principal: &Principal) -> Self {
        let Identity { kind, account_id, name } = principal.identity();
        Self::Known(Identity { kind, account_id, name: name.map(|name| one_line(&name, NAME)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::{NotInvestigable, Other};
    use serde_json::json;

    #[test]
    fn the_word_is_the_one_in_json() {
        for kind in [PrincipalKind::IamUser, PrincipalKind::IamRole, PrincipalKind::Other(OtherKind::KubernetesUser)] {
            let stored = serde_json::to_value(kind).unwrap();
            assert_eq!(stored, kind.word());
            assert_eq!(serde_json::from_value::<PrincipalKind>(stored).unwrap(), kind);
        }
    }

    #[test]
    fn what_is_stored_of_another_is_data_and_words_of_earlier_versions_are_read() {
        let name = Some(format!("a\r\n<b>\u{202e}{}", "c".repeat(200)));
        let (kind, reason) = (OtherKind::DatabaseUser, NotInvestigable::NoName);
        let other = Principal::NotInvestigable(Other { kind, account_id: None, name, reason });
        let named = NamedPrincipal::of(&other);
        let stored = serde_json::to_value(&named).unwrap();
        assert_eq!(stored, json!({"kind": "database-user", "name": format!("a <b> {}…", "c".repeat(93))}));
        assert_eq!(serde_json::from_value::<NamedPrincipal>(stored).unwrap(), named);

        let stored = json!({"kind": "iam-role", "account_id": "123456789012", "name": "dev-role"});
        let (account_id, name) = (Some("123456789012".to_owned()), Some("dev-role".to_owned()));
        let role = NamedPrincipal::Known(Identity { kind: PrincipalKind::IamRole, account_id, name });
        assert_eq!(serde_json::to_value(&role).unwrap(), stored);
        assert_eq!(serde_json::from_value::<NamedPrincipal>(stored).unwrap(), role);

        let words = "IAM role dev-role in account 123456789012";
        let earlier = NamedPrincipal::Earlier(words.to_owned());
        assert_eq!(serde_json::from_value::<NamedPrincipal>(json!(words)).unwrap(), earlier);
        assert_eq!(serde_json::to_value(earlier).unwrap(), words);
    }
}
