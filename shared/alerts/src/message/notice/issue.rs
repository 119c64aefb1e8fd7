//! What is wrong with the behavior graph, as a notice lists it.

use super::codes::{GraphReadTarget, IngestState, Package};
use gumshoe_domain::coverage::DisabledReason;
use serde::{Deserialize, Serialize};

/// Something that keeps Detective from seeing what it should. The member `ailment` says what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "ailment", rename_all = "kebab-case")]
pub enum Issue {
    /// The document that says how the graph should be cannot be used.
    DocumentWrong {
        /// Why, in a sentence. Still to be escaped.
        why: String,
        /// The places in the document that are wrong, such as `members.accounts[1].email`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        places: Vec<String>,
    },
    /// There is no behavior graph, and there should be.
    NoGraph,
    /// Another account is Detective's administrator of the organization than should be, or none.
    OtherAdministrator {
        /// The account that is; nothing where there is none.
        account_id: Option<String>,
    },
    /// Whether accounts that join the organization become members automatically is not as it should be.
    AutoEnable {
        /// How it is.
        is: bool,
    },
    /// Something could not be read.
    NotReadable {
        /// What. Missing in messages of earlier releases.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<GraphReadTarget>,
        /// What and why, in words. Still to be escaped.
        what: String,
    },
    /// The graph takes in no data of a member: it accepted and is disabled.
    MemberDisabled {
        /// The member.
        account_id: String,
        /// Detective's reason, where it gives one.
        #[cfg_attr(test, schemars(with = "Option<crate::message::schema::DisabledReason>"))]
        reason: Option<DisabledReason>,
    },
    /// A member's id and e-mail address do not belong together.
    VerificationFailed {
        /// The member.
        account_id: String,
    },
    /// A member has not accepted its invitation for longer than is usual.
    InvitationOld {
        /// The member.
        account_id: String,
    },
    /// The graph does not take in a data source package that it should.
    PackageStopped {
        /// The package.
        package: Package,
        /// Its state; nothing where it was never started.
        state: Option<IngestState>,
    },
    /// A member does not send a data source package that it should.
    MemberPackageStopped {
        /// The member.
        account_id: String,
        /// The package.
        package: Package,
        /// Its state in the member; nothing where it was never started.
        state: Option<IngestState>,
    },
    /// An account that should be a member is none.
    AccountOutside {
        /// The account.
        account_id: String,
    },
    /// The graph has nearly as many members as it may have.
    NearLimit {
        /// At least so many hundredths of the most members.
        percent: u8,
    },
}
