//! Why a finding would be ignored, alerted or investigated, in a sentence: for people who tune the lists of types and accounts.

use super::principal::{not_investigable, principal_label};
use gumshoe_domain::admission::IgnoreReason;
use gumshoe_domain::explanation::{InvestigatedPrincipal, Reason};

/// The reason for the decision about a finding, on one line.
#[must_use]
pub fn admission_reason(reason: &Reason) -> String {
    match reason {
        Reason::Ignored(why) => why.to_string(),
        Reason::MaybeServiceLinked => {
            let only_if = "only if iam:GetRole confirms its path and its unique id";
            format!("{}; {only_if}", IgnoreReason::ServiceLinkedRole)
        }
        Reason::NotInvestigable(why) => not_investigable(why),
        Reason::Investigated(principals) => investigated(principals),
    }
}

/// The first few, and how many more.
fn investigated(principals: &[InvestigatedPrincipal]) -> String {
    const NAMED: usize = 4;
    let word = |InvestigatedPrincipal { principal, lookup }: &InvestigatedPrincipal| match lookup {
        Some(lookup) => format!("the role of {}, by {lookup}", principal_label(principal)),
        None => principal_label(principal),
    };
    let named: Vec<String> = principals.iter().take(NAMED).map(word).collect();
    match principals.len().saturating_sub(NAMED) {
        0 => named.join("; "),
        more => format!("{}; and {more} more", named.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::admission::AdmissionRules;
    use gumshoe_domain::{Explanation, ParsedFinding};
    use std::path::Path;

    fn reason_of(name: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/findings");
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let parsed = ParsedFinding::from_json(&serde_json::from_str(&text).unwrap()).unwrap();
        admission_reason(&Explanation::of(&parsed, &AdmissionRules::default()).reason)
    }

    /// A part of the reason that people read, for one finding of each kind of reason.
    #[test]
    fn reasons_state_what_decides() {
        for (name, part) in [
            ("iam-user", "IAM user release-bot in account 111122223333"),
            (
                "instance",
                "the role of EC2 instance i-0c0ffee0123456789 in account 111122223333, by iam:GetInstanceProfile",
            ),
            ("sequence-of-several-actors", "and 1 more"),
            ("archived", "the finding is archived"),
            ("sample", "the finding is a sample"),
            ("placeholder-instance", "the finding has sample ids"),
            ("service-linked-role", "only if iam:GetRole confirms its path and its unique id"),
            ("root", "the root user of the account"),
            ("federated-user", "a federated user"),
            ("another-account", "a principal of another AWS account"),
            ("user-type-of-tomorrow", "of type AgentIdentity"),
            ("anonymous-caller", "not authenticated"),
            ("key-without-owner", "does not name the owner"),
            ("impossible-user-name", "not one that IAM allows"),
            ("thirteen-digits-everywhere", "not an account id"),
            ("without-partition-and-region", "does not name its partition"),
            ("instance-without-profile", "names no instance profile"),
            ("instance-with-a-malformed-profile", "instance profile is not an ARN"),
            ("ecs-task-without-definition", "names no task definition"),
            ("lambda-function-without-role", "no role of the Lambda function"),
            ("ecs-task-with-a-malformed-definition", "task definition is not an ARN"),
            ("instance-profile-of-another-partition", "of another partition"),
            ("kubernetes-service-account-of-no-cluster", "does not name the cluster"),
            ("kubernetes-service-account-with-an-impossible-name", "cluster or service account has an invalid name"),
            ("kubernetes-component", "a component of Kubernetes"),
            ("database-user", "a database user, not an IAM principal"),
            ("database-user-through-iam", "IAM authentication"),
            ("kubernetes-node", "a node of the cluster"),
            ("kubernetes-mapped-user", "the finding names no IAM principal for it"),
            ("kubernetes-role-of-another-account", "belongs to another account"),
            ("object-with-malware", "the finding names no principal (resource type"),
            ("sequence-of-processes-only", "are 2 processes"),
            ("sequence-without-its-parts", "has no actors and no resources"),
        ] {
            let reason = reason_of(name);
            assert!(reason.contains(part), "{name}: {reason}");
        }
    }
}
