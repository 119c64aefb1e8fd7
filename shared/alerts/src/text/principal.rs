//! Principals, how sure it is who acted, and why a principal cannot be investigated, in words. Still to be escaped for the channel.

use gumshoe_domain::Principal;
use gumshoe_domain::principal::{
    Inference, LookupError, NotInvestigableReason, PathlessKind, PrincipalIdentity, PrincipalKind, RoleSource,
    StoredPrincipal, Uncertainty, UninvestigableKind,
};
use gumshoe_domain::text::one_line;

/// Such as `IAM role dev-role in account 123456789012`, on one line.
#[must_use]
pub fn principal_label(principal: &Principal) -> String {
    identity(&principal.identity())
}

/// The same of another principal behind a finding.
pub(crate) fn named_label(other: &StoredPrincipal) -> String {
    match other {
        StoredPrincipal::Known(known) => identity(known),
        StoredPrincipal::LegacyText(words) => words.clone(),
    }
}

/// What a principal is, as far as Detective can investigate it.
pub(crate) fn kind_label(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::IamUser => "IAM user",
        PrincipalKind::IamRole => "IAM role",
        PrincipalKind::Other(_) => "no IAM principal",
    }
}

fn identity(identity: &PrincipalIdentity) -> String {
    let PrincipalIdentity { kind: what, account_id, name } = identity;
    let what = match (what, name) {
        (PrincipalKind::Other(UninvestigableKind::Instance), Some(name)) if !name.starts_with("i-") => {
            "EC2 instances with profile"
        }
        (PrincipalKind::Other(other), _) => other_kind(*other),
        (PrincipalKind::IamUser | PrincipalKind::IamRole, _) => kind_label(*what),
    };
    let name = name.as_ref().map(|name| format!(" {}", one_line(name, 100))).unwrap_or_default();
    let account = account_id.as_ref().map(|id| format!(" in account {id}")).unwrap_or_default();
    format!("{what}{name}{account}")
}

fn other_kind(kind: UninvestigableKind) -> &'static str {
    match kind {
        UninvestigableKind::Root => "root user",
        UninvestigableKind::FederatedUser => "federated user",
        UninvestigableKind::SamlUser => "SAML user",
        UninvestigableKind::IdentityCenterUser => "Identity Center user",
        UninvestigableKind::WebIdentityUser => "web identity user",
        UninvestigableKind::DirectoryUser => "directory user",
        UninvestigableKind::AwsService => "AWS service",
        UninvestigableKind::AwsAccount => "principal of another account",
        UninvestigableKind::DatabaseUser => "database user",
        UninvestigableKind::KubernetesUser => "Kubernetes user",
        UninvestigableKind::KubernetesServiceAccount => "Kubernetes service account",
        UninvestigableKind::Anonymous => "anonymous caller",
        UninvestigableKind::Instance => "EC2 instance",
        UninvestigableKind::Task => "ECS task",
        UninvestigableKind::Unknown => "unknown principal",
        UninvestigableKind::None => "nobody",
    }
}

/// Why a principal cannot be investigated.
#[must_use]
pub fn not_investigable(reason: &NotInvestigableReason) -> String {
    match reason {
        NotInvestigableReason::NoPrincipal { resource_type: Some(kind) } => {
            return format!(
                "the finding is about a resource of type {} and does not say who acted, so no IAM principal is known",
                one_line(kind, 60)
            );
        }
        NotInvestigableReason::NoPrincipal { resource_type: None } => {
            "the finding names neither a resource nor who acted, so no IAM principal is known"
        }
        NotInvestigableReason::NoActors { processes: 0 } => {
            "the attack sequence came without its actors and resources, so no IAM principal is known"
        }
        NotInvestigableReason::NoActors { processes: 1 } => {
            "a process is all that the attack sequence names as actor, so no IAM principal is known"
        }
        NotInvestigableReason::NoActors { processes } => {
            return format!(
                "{processes} processes are all that the attack sequence names as actors, so no IAM principal is known"
            );
        }
        NotInvestigableReason::UserType { user_type } => {
            let caller = caller(user_type);
            return format!("the caller is {caller}, and Detective investigates IAM users and IAM roles only");
        }
        NotInvestigableReason::Anonymous => "the caller was not authenticated, so there is no principal",
        NotInvestigableReason::DatabaseUser { through_iam: false } => {
            "the actor is a user of the database, which is no IAM principal"
        }
        NotInvestigableReason::DatabaseUser { through_iam: true } => {
            "the database user logged in with IAM authentication, and the finding does not name the IAM principal"
        }
        NotInvestigableReason::KubernetesUser => {
            "the caller is a Kubernetes user whom the finding ties to no IAM principal"
        }
        NotInvestigableReason::KubernetesNode => {
            "the caller is a node of the cluster, and the finding does not name its IAM role"
        }
        NotInvestigableReason::KubernetesComponent => "the caller is a component of Kubernetes itself",
        NotInvestigableReason::NoName => "the finding does not name the owner of the access key",
        NotInvestigableReason::Placeholder => "the principal is a placeholder of a sample finding",
        NotInvestigableReason::InvalidName => "the principal's name in the finding is not one that IAM allows",
        NotInvestigableReason::InvalidAccountId => {
            "what the finding gives as account is no account id, so the principal has no known ARN"
        }
        NotInvestigableReason::NoPartition => {
            "the finding does not name its partition, so the principal has no known ARN"
        }
        NotInvestigableReason::OtherAccount => {
            "the principal belongs to another account than the finding, and Detective is not asked about those"
        }
        NotInvestigableReason::OtherPartition => "the principal's ARN is of another partition than the finding",
        NotInvestigableReason::Missing { part } => missing_reason(*part),
        NotInvestigableReason::Malformed { part } => malformed_reason(*part),
        NotInvestigableReason::NotLookedUp { lookup, why } => {
            let outcome = why.map_or("was not asked for", lookup_outcome);
            return format!("the finding does not name the role, and {lookup} {outcome}");
        }
        NotInvestigableReason::NoRole { lookup, part } => return format!("{} ({lookup})", no_role_reason(*part)),
        NotInvestigableReason::UnexpectedAnswer { lookup } => {
            return format!("{lookup} did not answer with the ARN of an IAM role of that account");
        }
    }
    .to_owned()
}

fn missing_reason(part: RoleSource) -> &'static str {
    match part {
        RoleSource::InstanceProfile => "the finding names no instance profile, so no IAM role of the instance is known",
        RoleSource::TaskDefinition => "the finding names no task definition, so no IAM role of the task is known",
        RoleSource::FunctionRole => "the finding names no role of the Lambda function",
        RoleSource::Cluster => "the finding does not name the cluster, so the service account's IAM role is not known",
    }
}

fn malformed_reason(part: RoleSource) -> &'static str {
    match part {
        RoleSource::InstanceProfile => "what the finding gives as ARN of the instance profile is none",
        RoleSource::TaskDefinition => "what the finding gives as ARN of the task definition is none",
        RoleSource::FunctionRole => "what the finding gives as ARN of the function's role is none",
        RoleSource::Cluster => "what the finding gives as cluster or service account is none",
    }
}

fn no_role_reason(part: RoleSource) -> &'static str {
    match part {
        RoleSource::InstanceProfile => "the instance profile holds no role",
        RoleSource::TaskDefinition => "the task definition names no task role",
        RoleSource::FunctionRole => "the function has no role",
        RoleSource::Cluster => {
            "EKS Pod Identity gives the service account no role; one by annotation is known to the cluster only"
        }
    }
}

/// A caller of a type that Detective does not investigate.
fn caller(user_type: &str) -> String {
    match user_type {
        "Root" => "the root user of the account",
        "FederatedUser" => "a federated user, whose IAM user the finding does not name",
        "SAMLUser" => "somebody who signed in through SAML",
        "IdentityCenterUser" => "a user of IAM Identity Center",
        "WebIdentityUser" => "somebody who signed in through a web identity provider",
        "Directory" => "a user of AWS Directory Service",
        "AWSService" => "an AWS service",
        "AWSAccount" => "a principal of another AWS account",
        "Unknown" => "of a type that GuardDuty does not know",
        other => return format!("of type {}", one_line(other, 60)),
    }
    .to_owned()
}

/// The outcome of a look-up, after its name: `iam:GetRole … was denied`.
fn lookup_outcome(why: LookupError) -> &'static str {
    match why {
        LookupError::Denied => "was denied",
        LookupError::NotFound => "found nothing of that name",
        LookupError::Unavailable => "gave no answer",
        LookupError::NoRoleInAccount => {
            "was not made, as the stack has no role in that account (parameter MemberRoleName)"
        }
    }
}

/// Why another principal may have acted.
#[must_use]
pub fn inference_reason(why: Inference) -> &'static str {
    match why {
        Inference::NotLookedUp => "nobody looked the name up in its account",
        Inference::TaskDefinition => {
            "it is the role in the task's definition, and the task may have been given another"
        }
        Inference::InstanceProfile => {
            "it is the role that the instance profile holds now, and it may have held another then"
        }
        Inference::PodNode => "it is the role of the pod's node, and the pod may have one of its own",
        Inference::HostNetwork => "the pod is on its host's network and can act with the node's role as well",
        Inference::PodIdentity => "it is the role that EKS Pod Identity gives the service account now",
        Inference::KubernetesName => {
            "the cluster gives the name without a unique id, and a certificate can hold any name"
        }
        Inference::Recreated => "IAM has another of that name now, with another unique id",
        Inference::IdKindMismatch => "the principal id in the finding is that of another kind of principal",
    }
}

/// All that is uncertain about a principal; nothing where nothing is.
pub(crate) fn doubts(doubts: &[Uncertainty]) -> Option<String> {
    let sentences: Vec<String> = doubts.iter().map(uncertainty).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

fn uncertainty(doubt: &Uncertainty) -> String {
    match doubt {
        Uncertainty::Inferred(why) => inference_reason(*why).to_owned(),
        Uncertainty::LookupFailed { lookup, why } => format!("{lookup} {}", lookup_outcome(*why)),
        Uncertainty::UnexpectedAnswer { lookup } => format!("{lookup} answered with something else"),
        Uncertainty::UnknownPath(of) => unknown_path_reason(*of).to_owned(),
        Uncertainty::UnexpectedIdKind => {
            "and the principal id in the finding is not that of such a principal".to_owned()
        }
        Uncertainty::LegacyText(text) => text.clone(),
    }
}

fn unknown_path_reason(of: PathlessKind) -> &'static str {
    match of {
        PathlessKind::IdentityCenterRole => {
            "Identity Center keeps this role under a path that the finding does not carry, so its true ARN is longer"
        }
        PathlessKind::ServiceLinkedRole => {
            "service-linked roles are kept under a path that the finding does not carry, so its true ARN is longer"
        }
        PathlessKind::Role => "the finding does not say whether the role has a path; if it has, its true ARN is longer",
        PathlessKind::User => "the finding does not say whether the user has a path; if it has, its true ARN is longer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKUP: &str = "iam:GetInstanceProfile web-profile in account 123456789012";

    #[test]
    fn words_name_kind_name_and_account() {
        let known = |kind, account: Option<&str>, name: Option<&str>| {
            let [account_id, name] = [account, name].map(|part| part.map(str::to_owned));
            named_label(&StoredPrincipal::Known(PrincipalIdentity { kind, account_id, name }))
        };
        let account = Some("123456789012");
        let role = known(PrincipalKind::IamRole, account, Some("web-role"));
        assert_eq!(role, "IAM role web-role in account 123456789012");
        let of = |kind, account, name| known(PrincipalKind::Other(kind), account, name);
        for (words, expected) in [
            (of(UninvestigableKind::Root, account, None), "root user in account 123456789012"),
            (of(UninvestigableKind::Instance, account, Some("i-0abc")), "EC2 instance i-0abc in account 123456789012"),
            (of(UninvestigableKind::Instance, None, Some("nodes")), "EC2 instances with profile nodes"),
            (of(UninvestigableKind::DatabaseUser, None, Some("a\r\n<b>\u{202e}")), "database user a <b>"),
        ] {
            assert_eq!(words, expected);
        }
        let earlier = StoredPrincipal::LegacyText("IAM role r in account 1".to_owned());
        assert_eq!(
            named_label(&earlier),
            "IAM role r in account 1",
            "words of earlier versions are shown as they were"
        );
    }

    #[test]
    fn a_look_up_that_failed_is_named_with_what_became_of_it() {
        for (why, words) in [
            (LookupError::Denied, "was denied"),
            (LookupError::NotFound, "found nothing of that name"),
            (LookupError::Unavailable, "gave no answer"),
        ] {
            let lookup = LOOKUP.to_owned();
            let reason =
                not_investigable(&NotInvestigableReason::NotLookedUp { lookup: lookup.clone(), why: Some(why) });
            assert_eq!(reason, format!("the finding does not name the role, and {LOOKUP} {words}"));
            let path = Uncertainty::UnknownPath(PathlessKind::Role);
            let all = doubts(&[Uncertainty::LookupFailed { lookup, why }, path]).unwrap();
            assert!(all.starts_with(&format!("{LOOKUP} {words}; the finding does not say whether the role")), "{all}");
        }
        let reason = NotInvestigableReason::NoRole { lookup: LOOKUP.to_owned(), part: RoleSource::InstanceProfile };
        assert!(not_investigable(&reason).starts_with("the instance profile holds no role"));
        let reason = NotInvestigableReason::UnexpectedAnswer { lookup: LOOKUP.to_owned() };
        assert!(not_investigable(&reason).contains("did not answer with the ARN of an IAM role"));
    }

    #[test]
    fn doubts_are_one_sentence() {
        assert_eq!(doubts(&[]), None);
        let both = [Uncertainty::UnknownPath(PathlessKind::User), Uncertainty::UnexpectedIdKind];
        assert_eq!(
            doubts(&both).unwrap(),
            "the finding does not say whether the user has a path; if it has, its true ARN is longer; and the principal \
             id in the finding is not that of such a principal"
        );
        assert_eq!(doubts(&[Uncertainty::LegacyText("stored".to_owned())]).as_deref(), Some("stored"));
    }
}
