//! Issues of the behavior graph, as a notice lists them.

use super::codes::{GraphReadTarget, IngestState, Package};
use gumshoe_domain::coverage::DisabledReason;
use serde::{Deserialize, Serialize};

/// An issue that makes Detective's data incomplete. The member `"ailment"` is the code of its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "ailment", rename_all = "kebab-case")]
pub enum Issue {
    /// The configuration document of the graph is not valid.
    DocumentWrong {
        /// Why the document is not valid, as a sentence; not escaped.
        why: String,
        /// The paths in the document that are not valid, such as `members.accounts[1].email`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        places: Vec<String>,
    },
    /// There is no behavior graph.
    NoGraph,
    /// Detective's administrator account in the organization is not the configured one.
    OtherAdministrator {
        /// The current administrator account; `null` if there is none.
        account_id: Option<String>,
    },
    /// Detective's setting that makes new accounts of the organization members is not the configured one.
    AutoEnable {
        /// Whether the setting is on.
        is: bool,
    },
    /// A setting or a list could not be read.
    NotReadable {
        /// What could not be read. Missing in messages of earlier releases.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<GraphReadTarget>,
        /// What could not be read and why, as text; not escaped.
        what: String,
    },
    /// A member accepted its invitation and is disabled: the graph does not ingest its data.
    MemberDisabled {
        /// The account id of the member.
        account_id: String,
        /// Detective's reason, if it states one.
        #[cfg_attr(test, schemars(with = "Option<crate::message::schema::DisabledReason>"))]
        reason: Option<DisabledReason>,
    },
    /// The e-mail address of a member is not that of the account's root user.
    VerificationFailed {
        /// The account id of the member.
        account_id: String,
    },
    /// A member has not accepted its invitation in time.
    InvitationOld {
        /// The account id of the member.
        account_id: String,
    },
    /// The graph does not ingest a configured data source package.
    PackageStopped {
        /// The data source package.
        package: Package,
        /// The state of the package in the graph; `null` if it was never started.
        state: Option<IngestState>,
    },
    /// The graph does not ingest a configured data source package of a member.
    MemberPackageStopped {
        /// The account id of the member.
        account_id: String,
        /// The data source package.
        package: Package,
        /// The state of the package for the member; `null` if it was never started.
        state: Option<IngestState>,
    },
    /// A configured account is not a member of the graph.
    AccountOutside {
        /// The account id.
        account_id: String,
    },
    /// The number of members is close to the limit of the graph.
    NearLimit {
        /// The warning threshold that is reached, in percent of the maximum number of members.
        percent: u8,
    },
}
