//! `resource.ecsClusterDetails`: a task, and the role that its definition gives it.

use super::named::{elsewhere, look};
use super::{Leads, Owner, other};
use crate::finding::document::Node;
use crate::principal::arn::Arn;
use crate::principal::names::is_placeholder;
use crate::principal::{Lead, Lookup, NotInvestigable, OtherKind, Part};

/// Adds the role of the cluster's task.
pub(super) fn add(resource: Node<'_>, owner: &Owner<'_>, leads: &mut Leads) {
    let cluster = resource.get("ecsClusterDetails");
    let name = cluster.at("taskDetails.arn").text().or_else(|| cluster.get("name").text());
    match cluster.at("taskDetails.definitionArn").text() {
        Some(arn) => leads.push(by_definition(arn, owner)),
        None if cluster.is_object() && !resource.at("instanceDetails.iamInstanceProfile.arn").exists() => {
            let reason = match name {
                Some(name) if is_placeholder(name) => NotInvestigable::Placeholder,
                _ => NotInvestigable::Missing { part: Part::TaskDefinition },
            };
            leads.push(other(OtherKind::Task, owner.account_id, name, reason));
        }
        None => {}
    }
}

/// The task role behind `arn:PARTITION:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION`.
pub(super) fn by_definition(text: &str, owner: &Owner<'_>) -> Lead {
    let because = |reason| other(OtherKind::Task, owner.account_id, Some(text), reason);
    if is_placeholder(text) {
        return because(NotInvestigable::Placeholder);
    }
    let Some((arn, family)) = definition(text) else {
        return because(NotInvestigable::Malformed { part: Part::TaskDefinition });
    };
    if let Some(elsewhere) = elsewhere(arn.partition, arn.account_id, family, owner) {
        return elsewhere;
    }
    let lookup = Lookup::TaskDefinition {
        arn: text.to_owned(),
        partition: arn.partition.to_owned(),
        account_id: arn.account_id.to_owned(),
        region: arn.region.to_owned(),
    };
    look(lookup, OtherKind::Task, family, None)
}

/// ECS API Reference, RegisterTaskDefinition: a family has up to 255 letters, digits, `_` and `-`.
fn definition(text: &str) -> Option<(Arn<'_>, &str)> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "ecs" && !arn.region.is_empty())?;
    let definition = arn.resource.strip_prefix("task-definition/")?;
    let (family, revision) = definition.split_once(':').unwrap_or((definition, "1"));
    let good = (1..=255).contains(&family.len())
        && family.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && (1..=10).contains(&revision.len())
        && revision.bytes().all(|byte| byte.is_ascii_digit());
    good.then_some((arn, definition))
}
