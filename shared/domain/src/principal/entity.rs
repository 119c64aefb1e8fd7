//! What Detective can investigate.

use super::arn::{IamArn, IamKind};
use super::names::is_unique_id;
use super::{Certainty, Inference, Lookup, LookupError, Principal, Uncertainty, uncertainty};
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// An IAM user or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Entity {
    /// Its ARN. See `is_arn_certain`.
    pub arn: String,
    /// Whether the ARN stood in the finding in full, or was looked up. Otherwise it is made of the name, and a user or
    /// role under a path has another.
    #[serde(rename = "arn_is_certain")]
    pub is_arn_certain: bool,
    /// Whether this is known to be who acted.
    pub certainty: Certainty,
    /// Why the ARN may be another, or another principal may have acted; the last that became known is the first.
    #[serde(rename = "doubt", skip_serializing_if = "Vec::is_empty")]
    pub uncertainties: Vec<Uncertainty>,
    /// The account that owns the user or role: 12 digits.
    pub account_id: String,
    /// The user's or the role's name, without path.
    pub name: String,
    /// The unique id (`AIDA…`, `AROA…`), which Detective's console links ask for.
    pub unique_id: Option<String>,
    /// The role session's name, where one is known. Whoever assumed the role chose it.
    pub session_name: Option<String>,
    /// IAM confirmed that it is a service-linked role: GetRole answered with the path of such roles and with the unique
    /// id that the finding gives. One that was not looked up, or of which the finding gives no unique id, is none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_service_linked: bool,
}

/// As it is stored. Versions before this one stored no certainty.
#[derive(Deserialize)]
struct Stored {
    arn: String,
    #[serde(default, rename = "arn_is_certain")]
    is_arn_certain: bool,
    certainty: Option<Certainty>,
    #[serde(default, rename = "doubt", deserialize_with = "uncertainty::read")]
    uncertainties: Vec<Uncertainty>,
    account_id: String,
    name: String,
    unique_id: Option<String>,
    session_name: Option<String>,
    #[serde(default)]
    is_service_linked: bool,
}

impl From<Stored> for Entity {
    fn from(stored: Stored) -> Self {
        let Stored {
            arn,
            is_arn_certain,
            certainty,
            uncertainties,
            account_id,
            name,
            unique_id,
            session_name,
            is_service_linked,
        } = stored;
        let before = if is_arn_certain && uncertainties.is_empty() {
            Certainty::Confirmed
        } else {
            Certainty::Inferred(Inference::NotLookedUp)
        };
        let certainty = certainty.unwrap_or(before);
        Self {
            arn,
            is_arn_certain,
            certainty,
            uncertainties,
            account_id,
            name,
            unique_id,
            session_name,
            is_service_linked,
        }
    }
}

impl Entity {
    /// The entity of an ARN that is known in full. Nothing for an instance profile.
    pub(crate) fn certain(arn: &IamArn<'_>, credential: Credential) -> Option<Principal> {
        let entity = Self {
            arn: arn.text.to_owned(),
            is_arn_certain: true,
            certainty: Certainty::Confirmed,
            uncertainties: Vec::new(),
            account_id: arn.account_id.to_owned(),
            name: arn.name.to_owned(),
            unique_id: credential.unique_id,
            session_name: credential.session_name,
            is_service_linked: false,
        };
        match arn.kind {
            IamKind::User => Some(Principal::IamUser(entity)),
            IamKind::Role => Some(Principal::IamRole(entity)),
            IamKind::InstanceProfile => None,
        }
    }

    /// Notes why another may have acted.
    pub(crate) fn mark_inferred(&mut self, why: Inference) {
        self.certainty = Certainty::Inferred(why);
        self.uncertainties.insert(0, Uncertainty::Inferred(why));
    }

    /// Notes why the look-up did not remove the doubt.
    ///
    /// One that the finding names in full stays confirmed.
    pub(super) fn add_lookup_failure(&mut self, lookup: &Lookup, why: LookupError) {
        if self.certainty != Certainty::Confirmed {
            self.uncertainties.insert(0, Uncertainty::LookupFailed { lookup: lookup.to_string(), why });
        }
    }
}

/// What a finding tells of the credential, beside its owner's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) unique_id: Option<String>,
    pub(crate) session_name: Option<String>,
    /// The unique id is that of another kind: a role's, although a user is named, or the other way round.
    pub(crate) has_other_kind_of_id: bool,
}

impl Credential {
    /// From a principal id: `AIDA…` of a user, `AROA…:SESSION` of a role's session.
    pub(crate) fn of(principal_id: Option<&str>, is_role: bool) -> Self {
        let Some(text) = principal_id else { return Self::default() };
        let (id, session) = text.split_once(':').unwrap_or((text, ""));
        let (own, others) = if is_role { ("AROA", "AIDA") } else { ("AIDA", "AROA") };
        let session = one_line(session, 64);
        Self {
            unique_id: is_unique_id(id, own).then(|| id.to_owned()),
            session_name: (is_role && !session.is_empty()).then_some(session),
            has_other_kind_of_id: is_unique_id(id, others),
        }
    }
}
