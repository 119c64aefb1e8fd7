//! IAM users and roles: the principals that Detective can investigate.

use super::arn::{IamArn, IamKind};
use super::names::is_unique_id;
use super::{Certainty, Inference, Lookup, LookupError, Principal, Uncertainty, uncertainty};
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// An IAM user or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Entity {
    /// The ARN. It may be wrong unless `is_arn_certain`.
    pub arn: String,
    /// Whether the finding contained the full ARN, or it was looked up. Otherwise the ARN is built from the name without a path,
    /// and is wrong for a user or role under a path.
    #[serde(rename = "arn_is_certain")]
    pub is_arn_certain: bool,
    /// Whether this principal is confirmed to have acted.
    pub certainty: Certainty,
    /// Why the ARN may be wrong, or another principal may have acted; the most recently added first.
    #[serde(rename = "doubt", skip_serializing_if = "Vec::is_empty")]
    pub uncertainties: Vec<Uncertainty>,
    /// The account that owns the user or role: 12 digits.
    pub account_id: String,
    /// The user's or the role's name, without path.
    pub name: String,
    /// The unique id (`AIDA…`, `AROA…`), which the links to Detective's console need.
    pub unique_id: Option<String>,
    /// The name of the role session, if known. The caller that assumed the role chose it.
    pub session_name: Option<String>,
    /// IAM confirmed that it is a service-linked role: GetRole returned the path of such roles and the unique id in the finding.
    /// False if the role was not looked up, or if the finding contains no unique id.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_service_linked: bool,
}

/// The stored form. Earlier releases stored no certainty.
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
    /// The confirmed principal of a full ARN; `None` for an instance profile.
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

    /// Adds a reason why another principal may have acted.
    pub(crate) fn mark_inferred(&mut self, why: Inference) {
        self.certainty = Certainty::Inferred(why);
        self.uncertainties.insert(0, Uncertainty::Inferred(why));
    }

    /// Adds the reason why the lookup could not confirm the principal.
    ///
    /// Does nothing if the finding contained the full ARN: the principal stays confirmed.
    pub(super) fn add_lookup_failure(&mut self, lookup: &Lookup, why: LookupError) {
        if self.certainty != Certainty::Confirmed {
            self.uncertainties.insert(0, Uncertainty::LookupFailed { lookup: lookup.to_string(), why });
        }
    }
}

/// What a finding contains about a credential, in addition to its owner's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) unique_id: Option<String>,
    pub(crate) session_name: Option<String>,
    /// The unique id is a role's although the finding names a user, or a user's although it names a role.
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
