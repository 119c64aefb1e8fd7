//! What is uncertain about an IAM user or role.

use super::{Inference, LookupError};
use serde::{Deserialize, Deserializer, Serialize};

/// Why the ARN of a user or role may be wrong, or another principal may have acted: codes with data. `gumshoe-alerts` renders the
/// sentences.
///
/// The serialized forms are stored and never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "snake_case")]
pub enum Uncertainty {
    /// Another principal may have acted.
    Inferred(Inference),
    /// The lookup that would confirm it failed.
    LookupFailed {
        /// The lookup, as [`super::Lookup`] displays it.
        lookup: String,
        /// The reason.
        why: LookupError,
    },
    /// The lookup's answer was not an ARN of the requested kind, account and name.
    UnexpectedAnswer {
        /// The lookup, as [`super::Lookup`] displays it.
        lookup: String,
    },
    /// The finding does not contain the path, so the true ARN may differ.
    UnknownPath(PathlessKind),
    /// The principal id in the finding has the prefix of another kind of principal.
    #[serde(rename = "other_kind_of_id")]
    UnexpectedIdKind,
    /// A sentence that an earlier release stored.
    #[serde(untagged)]
    LegacyText(String),
}

/// The kind of principal that a finding names without its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathlessKind {
    /// A user.
    User,
    /// A role.
    Role,
    /// A role whose name begins with `AWSReservedSSO_`. IAM Identity Center keeps its roles under a path.
    IdentityCenterRole,
    /// A role whose name begins with `AWSServiceRoleFor`. Service-linked roles are under a path.
    ServiceLinkedRole,
}

impl PathlessKind {
    pub(crate) fn of(is_role: bool, name: &str) -> Self {
        match name {
            _ if !is_role => Self::User,
            name if name.starts_with("AWSReservedSSO_") => Self::IdentityCenterRole,
            name if name.starts_with("AWSServiceRoleFor") => Self::ServiceLinkedRole,
            _ => Self::Role,
        }
    }
}

/// Reads a list of uncertainties, `null`, or the single sentence that earlier releases stored.
pub(crate) fn read<'de, D: Deserializer<'de>>(stored: D) -> Result<Vec<Uncertainty>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Sentence(String),
        List(Vec<Uncertainty>),
    }
    Ok(match Option::deserialize(stored)? {
        None => Vec::new(),
        Some(Stored::Sentence(text)) => vec![Uncertainty::LegacyText(text)],
        Some(Stored::List(uncertainties)) => uncertainties,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[derive(Deserialize)]
    struct Holder {
        #[serde(default, deserialize_with = "read")]
        doubt: Vec<Uncertainty>,
    }

    fn uncertainties(stored: Value) -> Vec<Uncertainty> {
        serde_json::from_value::<Holder>(stored).unwrap().doubt
    }

    #[test]
    fn stored_forms_never_change() {
        let lookup = "iam:GetRole web in account 123456789012";
        let stored = json!([
            {"inferred": "recreated"},
            {"lookup_failed": {"lookup": lookup, "why": "denied"}},
            {"lookup_failed": {"lookup": lookup, "why": "not_found"}},
            {"lookup_failed": {"lookup": lookup, "why": "unavailable"}},
            {"lookup_failed": {"lookup": lookup, "why": "no_role_there"}},
            {"unexpected_answer": {"lookup": lookup}},
            {"unknown_path": "user"},
            {"unknown_path": "role"},
            {"unknown_path": "identity_center_role"},
            {"unknown_path": "service_linked_role"},
            "other_kind_of_id",
            "a sentence",
        ]);
        let read = uncertainties(json!({"doubt": stored}));
        assert_eq!(serde_json::to_value(&read).unwrap(), stored);
        assert_eq!(read[10..], [Uncertainty::UnexpectedIdKind, Uncertainty::LegacyText("a sentence".to_owned())]);
    }

    #[test]
    fn the_sentence_of_an_earlier_release_is_read() {
        assert_eq!(uncertainties(json!({"doubt": "words"})), [Uncertainty::LegacyText("words".to_owned())]);
        assert_eq!([uncertainties(json!({"doubt": null})), uncertainties(json!({}))], [vec![], vec![]]);
    }
}
