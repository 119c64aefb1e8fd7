//! Sample findings of every type in a table, as CreateSampleFindings makes them.
//!
//! Names are placeholders that begin with `GeneratedFinding`, as in AWS's samples; addresses and networks are from the
//! ranges for documentation. Titles and descriptions are this project's.

mod resource;
mod sequence;
mod service;
mod table;

use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) use table::{TYPES, Type};

use crate::protocol::{digest, iso};
use crate::world::AccountRegion;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    AccessKey,
    Bucket,
    Object,
    Instance,
    Eks,
    Ecs,
    Container,
    Function,
    Database,
    Sequence,
}

/// Where and when a sample is made.
#[derive(Debug, Clone, Copy)]
struct AccountContext<'a> {
    place: &'a AccountRegion,
    detector_id: &'a str,
    now: Timestamp,
}

/// A sample finding in the shape of GetFindings. Its id follows from type, account and Region.
// assumed: a sample's title has no mark of its own: published samples carry one in service.additionalInfo only.
pub(super) fn finding(kind: &Type, place: &AccountRegion, detector_id: &str, now: Timestamp) -> Value {
    let site = AccountContext { place, detector_id, now };
    let AccountRegion { account, region } = place;
    let id = format!("{:032x}", digest::of(["sample finding", kind.name, account, region]));
    let subject = kind.resource.description();
    json!({
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": place.partition(),
        "id": id,
        "arn": format!("{}:detector/{detector_id}/finding/{id}", site.arn("guardduty")),
        "type": kind.name,
        "resource": resource::of(kind, &site),
        "service": service::of(kind, &site, &id),
        "severity": kind.severity,
        "createdAt": iso(now),
        "updatedAt": iso(now),
        "title": format!("{} {subject}.", purpose(kind.name)),
        "description": format!("This is a sample finding of the type {}. Nothing has happened to {subject}.", kind.name),
    })
}

impl AccountContext<'_> {
    /// The beginning of an ARN of a service: up to the account.
    fn arn(&self, service: &str) -> String {
        let AccountRegion { account, region } = self.place;
        format!("arn:{}:{service}:{region}:{account}", self.place.partition())
    }

    /// The beginning of an ARN of IAM.
    fn iam(&self) -> String {
        format!("arn:{}:iam::{}", self.place.partition(), self.place.account)
    }
}

impl Type {
    /// Whether Runtime Monitoring saw it.
    fn is_runtime(&self) -> bool {
        self.name.contains(":Runtime/")
    }

    /// Whether a malware scan found it.
    fn is_malware(&self) -> bool {
        !self.is_runtime() && self.has(&["MaliciousFile", "SuspiciousFile"])
    }

    fn has(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.name.contains(part))
    }
}

impl Resource {
    const fn description(self) -> &'static str {
        match self {
            Self::AccessKey => "the IAM user GeneratedFindingUserName",
            Self::Bucket => "the bucket GeneratedFindingBucketName",
            Self::Object => "the object GeneratedFindingObjectKey",
            Self::Instance => "the instance i-99999999",
            Self::Eks => "the EKS cluster GeneratedFindingEKSClusterName",
            Self::Ecs => "the ECS cluster GeneratedFindingECSClusterName",
            Self::Container => "the container GeneratedFindingContainerName",
            Self::Function => "the function GeneratedFindingLambdaFunctionName",
            Self::Database => "the database GeneratedFindingDBInstanceId",
            Self::Sequence => "several resources of the account",
        }
    }
}

/// What the part of a type before the colon is about.
fn purpose(name: &str) -> &'static str {
    match name.split_once(':').map_or(name, |(purpose, _)| purpose) {
        "AttackSequence" => "An attack in several steps on",
        "Backdoor" => "Someone may be in control of",
        "Behavior" => "Traffic out of the ordinary of",
        "CredentialAccess" => "Someone may be after credentials through",
        "CryptoCurrency" => "Someone may be mining coins with",
        "DefenseEvasion" => "Someone may be hiding what they do with",
        "Discovery" | "Recon" => "Someone may be exploring the account through",
        "Execution" => "Unwanted code may run on",
        "Exfiltration" => "Someone may be taking data out through",
        "Impact" => "Someone may be doing damage through",
        "InitialAccess" => "Someone may have got in through",
        "Object" => "Malware may be in",
        "PenTest" => "A tool for penetration tests was used with",
        "Persistence" => "Someone may be digging in through",
        "Policy" => "Settings or habits that invite attacks on",
        "PrivilegeEscalation" => "Someone may be gaining rights through",
        "Stealth" => "Someone may be covering tracks of",
        "Trojan" => "A program that is not what it seems may run on",
        _ => "Someone may be misusing",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_type_makes_a_finding_of_its_own() {
        let place = AccountRegion::new("111122223333", "eu-west-1");
        let mut ids = BTreeSet::new();
        for kind in &TYPES {
            let document = finding(kind, &place, "d", Timestamp::UNIX_EPOCH);
            super::super::finding::check(&document).unwrap();
            assert!(ids.insert(document["id"].to_string()), "{}", kind.name);
            assert!(kind.name.len() <= 100);
        }
        assert_eq!(TYPES.iter().filter(|kind| kind.resource == Resource::Sequence).count(), 5);
    }
}
