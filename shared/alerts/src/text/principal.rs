//! Principals, uncertainty about who acted, and why a principal cannot be investigated, in sentences. Escape them for the channel.

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
    let PrincipalIdentity { account_id, name, .. } = identity;
    let what = identity_kind(identity);
    let name = name.as_ref().map(|name| format!(" {}", one_line(name, 100))).unwrap_or_default();
    let account = account_id.as_ref().map(|id| format!(" in account {id}")).unwrap_or_default();
    format!("{what}{name}{account}")
}

/// What a principal is, such as `EC2 instance`.
pub(crate) fn identity_kind(identity: &PrincipalIdentity) -> &'static str {
    match (&identity.kind, &identity.name) {
        (PrincipalKind::Other(UninvestigableKind::Instance), Some(name)) if !name.starts_with("i-") => {
            "EC2 instances with profile"
        }
        (PrincipalKind::Other(other), _) => other_kind(*other),
        (kind @ (PrincipalKind::IamUser | PrincipalKind::IamRole), _) => kind_label(*kind),
    }
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
        UninvestigableKind::None => "no principal",
    }
}

/// Why a principal cannot be investigated.
#[must_use]
pub fn not_investigable(reason: &NotInvestigableReason) -> String {
    match reason {
        NotInvestigableReason::NoPrincipal { resource_type: Some(kind) } => {
            return format!("the finding names no principal (resource type {})", one_line(kind, 60));
        }
        NotInvestigableReason::NoPrincipal { resource_type: None } => "the finding names no principal and no resource",
        NotInvestigableReason::NoActors { processes: 0 } => {
            "the attack sequence has no actors and no resources, so no IAM principal is known"
        }
        NotInvestigableReason::NoActors { processes: 1 } => {
            "the only actor of the attack sequence is a process, so no IAM principal is known"
        }
        NotInvestigableReason::NoActors { processes } => {
            return format!(
                "the only actors of the attack sequence are {processes} processes, so no IAM principal is known"
            );
        }
        NotInvestigableReason::UserType { user_type } => {
            let caller = caller(user_type);
            return format!("the caller is {caller}, and Detective investigates only IAM users and roles");
        }
        NotInvestigableReason::Anonymous => "the caller was not authenticated, so there is no principal",
        NotInvestigableReason::DatabaseUser { through_iam: false } => {
            "the actor is a database user, not an IAM principal"
        }
        NotInvestigableReason::DatabaseUser { through_iam: true } => {
            "the database user logged in with IAM authentication, and the finding does not name the IAM principal"
        }
        NotInvestigableReason::KubernetesUser => {
            "the caller is a Kubernetes user, and the finding names no IAM principal for it"
        }
        NotInvestigableReason::KubernetesNode => {
            "the caller is a node of the cluster, and the finding does not name its IAM role"
        }
        NotInvestigableReason::KubernetesComponent => "the caller is a component of Kubernetes itself",
        NotInvestigableReason::NoName => "the finding does not name the owner of the access key",
        NotInvestigableReason::Placeholder => "the principal is a placeholder of a sample finding",
        NotInvestigableReason::InvalidName => "the principal's name in the finding is not one that IAM allows",
        NotInvestigableReason::InvalidAccountId => {
            "the finding's account is not an account id, so the principal's ARN is not known"
        }
        NotInvestigableReason::NoPartition => {
            "the finding does not name its partition, so the principal's ARN is not known"
        }
        NotInvestigableReason::OtherAccount => {
            "the principal belongs to another account than the finding, and Gumshoe does not investigate those"
        }
        NotInvestigableReason::OtherPartition => "the principal's ARN is of another partition than the finding",
        NotInvestigableReason::Missing { part } => missing_reason(*part),
        NotInvestigableReason::Malformed { part } => malformed_reason(*part),
        NotInvestigableReason::NotLookedUp { lookup, why } => {
            let outcome = why.map_or("was not requested", lookup_outcome);
            return format!("the finding does not name the role, and {lookup} {outcome}");
        }
        NotInvestigableReason::NoRole { lookup, part } => return format!("{} ({lookup})", no_role_reason(*part)),
        NotInvestigableReason::UnexpectedAnswer { lookup } => {
            return format!("{lookup} did not return the ARN of an IAM role of that account");
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
        RoleSource::InstanceProfile => "the finding's instance profile is not an ARN",
        RoleSource::TaskDefinition => "the finding's task definition is not an ARN",
        RoleSource::FunctionRole => "the finding's function role is not an ARN",
        RoleSource::Cluster => "the finding's cluster or service account has an invalid name",
    }
}

fn no_role_reason(part: RoleSource) -> &'static str {
    match part {
        RoleSource::InstanceProfile => "the instance profile has no role",
        RoleSource::TaskDefinition => "the task definition names no task role",
        RoleSource::FunctionRole => "the function has no role",
        RoleSource::Cluster => {
            "EKS Pod Identity gives the service account no role; only the cluster knows a role set by annotation"
        }
    }
}

/// A caller of a type that Detective does not investigate.
fn caller(user_type: &str) -> String {
    match user_type {
        "Root" => "the root user of the account",
        "FederatedUser" => "a federated user, whose IAM user the finding does not name",
        "SAMLUser" => "a user who signed in through SAML",
        "IdentityCenterUser" => "a user of IAM Identity Center",
        "WebIdentityUser" => "a user who signed in through a web identity provider",
        "Directory" => "a user of AWS Directory Service",
        "AWSService" => "an AWS service",
        "AWSAccount" => "a principal of another AWS account",
        "Unknown" => "of a type that GuardDuty does not know",
        other => return format!("of type {}", one_line(other, 60)),
    }
    .to_owned()
}

/// The outcome of a lookup, after its name: `iam:GetRole … was denied`.
fn lookup_outcome(why: LookupError) -> &'static str {
    match why {
        LookupError::Denied => "was denied",
        LookupError::NotFound => "found nothing with that name",
        LookupError::Unavailable => "did not respond",
        LookupError::NoRoleInAccount => {
            "was not made, because the stack has no role in that account (parameter MemberRoleName)"
        }
    }
}

/// Why another principal may have acted.
#[must_use]
pub fn inference_reason(why: Inference) -> &'static str {
    match why {
        Inference::NotLookedUp => "the name was not looked up in its account",
        Inference::TaskDefinition => {
            "the role is that of the task definition, and the task may have been given another one"
        }
        Inference::InstanceProfile => {
            "the role is that of the instance profile now, and the profile may have had another one at that time"
        }
        Inference::PodNode => "the role is that of the pod's node, and the pod may have its own role",
        Inference::HostNetwork => "the pod uses its host's network and can also act with the node's role",
        Inference::PodIdentity => "the role is the one that EKS Pod Identity now gives the service account",
        Inference::KubernetesName => {
            "the cluster states the name without a unique id, and a certificate can contain any name"
        }
        Inference::Recreated => "the IAM principal was re-created since, with another unique id",
        Inference::IdKindMismatch => "the principal id in the finding belongs to another kind of principal",
    }
}

/// All uncertainties about a principal in a sentence; `None` if there are none.
pub(crate) fn uncertainty(uncertainties: &[Uncertainty]) -> Option<String> {
    let sentences: Vec<String> = uncertainties.iter().map(uncertainty_reason).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

fn uncertainty_reason(uncertainty: &Uncertainty) -> String {
    match uncertainty {
        Uncertainty::Inferred(why) => inference_reason(*why).to_owned(),
        Uncertainty::LookupFailed { lookup, why } => format!("{lookup} {}", lookup_outcome(*why)),
        Uncertainty::UnexpectedAnswer { lookup } => format!("{lookup} returned an unexpected result"),
        Uncertainty::UnknownPath(of) => unknown_path_reason(*of).to_owned(),
        Uncertainty::UnexpectedIdKind => {
            "the principal id in the finding does not belong to this kind of principal".to_owned()
        }
        Uncertainty::LegacyText(text) => text.clone(),
    }
}

fn unknown_path_reason(of: PathlessKind) -> &'static str {
    match of {
        PathlessKind::IdentityCenterRole => {
            "Identity Center creates this role under a path that the finding does not contain, so its true ARN is longer"
        }
        PathlessKind::ServiceLinkedRole => {
            "service-linked roles have a path that the finding does not contain, so the true ARN is longer"
        }
        PathlessKind::Role => {
            "the finding does not state whether the role has a path; if it has one, its true ARN is longer"
        }
        PathlessKind::User => {
            "the finding does not state whether the user has a path; if it has one, its true ARN is longer"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKUP: &str = "iam:GetInstanceProfile web-profile in account 123456789012";

    #[test]
    fn label_has_kind_name_and_account() {
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
    fn failed_lookup_is_named_with_its_outcome() {
        for (why, words) in [
            (LookupError::Denied, "was denied"),
            (LookupError::NotFound, "found nothing with that name"),
            (LookupError::Unavailable, "did not respond"),
        ] {
            let lookup = LOOKUP.to_owned();
            let reason =
                not_investigable(&NotInvestigableReason::NotLookedUp { lookup: lookup.clone(), why: Some(why) });
            assert_eq!(reason, format!("the finding does not name the role, and {LOOKUP} {words}"));
            let path = Uncertainty::UnknownPath(PathlessKind::Role);
            let all = uncertainty(&[Uncertainty::LookupFailed { lookup, why }, path]).unwrap();
            assert!(
                all.starts_with(&format!("{LOOKUP} {words}; the finding does not state whether the role")),
                "{all}"
            );
        }
        let reason = NotInvestigableReason::NoRole { lookup: LOOKUP.to_owned(), part: RoleSource::InstanceProfile };
        assert!(not_investigable(&reason).starts_with("the instance profile has no role"));
        let reason = NotInvestigableReason::UnexpectedAnswer { lookup: LOOKUP.to_owned() };
        assert!(not_investigable(&reason).contains("did not return the ARN of an IAM role"));
    }

    #[test]
    fn uncertainties_are_one_sentence() {
        assert_eq!(uncertainty(&[]), None);
        let both = [Uncertainty::UnknownPath(PathlessKind::User), Uncertainty::UnexpectedIdKind];
        assert_eq!(
            uncertainty(&both).unwrap(),
            "the finding does not state whether the user has a path; if it has one, its true ARN is longer; the principal id \
             in the finding does not belong to this kind of principal"
        );
        assert_eq!(uncertainty(&[Uncertainty::LegacyText("stored".to_owned())]).as_deref(), Some("stored"));
    }
}
