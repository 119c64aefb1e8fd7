//! From a finding's document to the leads to its principals.
//!
//! What is there decides, never the type of the finding or of its resource: new ones keep coming.

mod access_key;
mod database;
mod ecs;
mod instance;
mod kubernetes;
mod lambda;
mod leads;
mod named;
mod sequence;

pub(crate) use leads::Leads;

use crate::finding::document::Node;
use crate::principal::names::is_placeholder;
use crate::principal::{Lead, NotInvestigable, Other, OtherKind, Principal};
use crate::text::one_line;

/// Whose finding it is, as far as it says. Nothing of this is ever assumed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) partition: Option<&'a str>,
    /// 12 digits.
    pub(crate) account_id: Option<&'a str>,
    pub(crate) region: &'a str,
    /// The finding is a sample: what looks like a sample's name in it is made up. In any other finding it is a name that
    /// somebody may have chosen, and is worked like every other.
    pub(crate) is_sample: bool,
}

impl Owner<'_> {
    /// Whether what carries that account is another's. Where the finding's own account is not known, nothing is.
    fn is_other(&self, account_id: &str) -> bool {
        self.account_id.is_some_and(|own| own != account_id)
    }

    /// Whether CreateSampleFindings made the text up, so that it names nobody.
    fn made_up(&self, text: &str) -> bool {
        self.is_sample && is_placeholder(text)
    }
}

/// All that stand behind a finding; at least one.
///
/// The access key is who called, whatever instance stands beside it: samples attach a made-up one. Without a key, it is
/// whose role the resource acts with: the container's own where it has one, else its instance's.
pub(crate) fn leads(detail: Node<'_>, owner: &Owner<'_>) -> Leads {
    let resource = detail.get("resource");
    let mut leads = Leads::default();
    let actors = sequence::add(detail.at("service.detection.sequence"), owner, &mut leads);
    let key = access_key::add(detail, owner, &mut leads);
    kubernetes::add_user(resource, owner, &mut leads);
    if !key {
        lambda::add(resource, owner, &mut leads);
        ecs::add(resource, owner, &mut leads);
        kubernetes::add_workload(resource, owner, &mut leads);
        instance::add(resource.get("instanceDetails"), owner, &mut leads);
    }
    database::add(detail, owner, &mut leads);
    if leads.is_empty() {
        let resource_type = resource.get("resourceType").text();
        let is_sequence = actors.is_some() || resource_type == Some("AttackSequence");
        leads.push(Lead::Settled(Principal::nobody(if is_sequence {
            NotInvestigable::NoActors { processes: actors.unwrap_or(0) }
        } else {
            NotInvestigable::NoPrincipal { resource_type: resource_type.map(|kind| one_line(kind, 60)) }
        })));
    }
    leads
}

/// A lead to somebody whom Detective cannot investigate.
fn other(kind: OtherKind, account_id: Option<&str>, name: Option<&str>, reason: NotInvestigable) -> Lead {
    Lead::Settled(principal(kind, account_id, name, reason))
}

fn principal(kind: OtherKind, account_id: Option<&str>, name: Option<&str>, reason: NotInvestigable) -> Principal {
    let name = name.map(|name| one_line(name, 128)).filter(|name| !name.is_empty());
    Principal::NotInvestigable(Other { kind, account_id: account_id.map(str::to_owned), name, reason })
}
