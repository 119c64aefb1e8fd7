//! Schemas of the domain's enums whose variants are codes in JSON, with the meaning of each code.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A schema that lists the codes of an enum of the domain. Compilation fails if a variant is missing here.
macro_rules! domain_codes {
    ($(#[doc = $about:literal] $name:ident = $domain:ty { $($variant:ident: $meaning:literal,)+ })+) => {
        $(#[doc = $about] pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                type Domain = $domain;
                let _ = |code: &Domain| match code { $(Domain::$variant => ()),+ };
                let codes: Vec<Value> = [$((serde_json::to_value(Domain::$variant).unwrap(), $meaning)),+]
                    .map(|(code, meaning)| json!({"const": code, "type": "string", "description": meaning}))
                    .into();
                json_schema!({"oneOf": codes, "description": $about.trim()})
            }
        })+
    };
}

domain_codes! {
    /// Why a case is alerted.
    AlertCause = gumshoe_domain::verdict::AlertCause {
        Verdict: "The verdict reaches the alert threshold.",
        NotInvestigated: "Detective returned no result: manual investigation is required.",
        DetectiveDisagrees:
            "The verdict is below the alert threshold, but Detective rates the investigation High or Critical: manual review is \
            required.",
        GuardDutyDisagrees:
            "The verdict is below the alert threshold, but GuardDuty's AI states High or Critical risk with Medium or High \
            confidence, and Detective has an indicator as well: manual review is required.",
        WorkloadNotCleared:
            "The investigation found no significant activity, but a High or Critical finding concerns more than API calls.",
        PrincipalUncertain:
            "The investigation found no significant activity, but another principal may have acted in a High or Critical finding.",
        Resolved: "The earlier alert is resolved: with the evidence now available, the case would not be alerted.",
    }
    /// The level of a verdict: a range of its score.
    VerdictLevel = gumshoe_domain::verdict::VerdictLevel {
        Informational: "0 to 19.",
        Low: "20 to 39.",
        Medium: "40 to 59.",
        High: "60 to 79.",
        Critical: "80 to 100.",
    }
    /// Detective's severity of an investigation. AWS publishes no formula for it.
    InvestigationSeverity = gumshoe_domain::InvestigationSeverity {
        Informational: "Detective's INFORMATIONAL.",
        Low: "Detective's LOW.",
        Medium: "Detective's MEDIUM.",
        High: "Detective's HIGH.",
        Critical: "Detective's CRITICAL.",
    }
    /// The risk level that GuardDuty's AI assigns.
    RiskLevel = gumshoe_domain::guardduty::RiskLevel {
        Info: "GuardDuty's INFO.",
        Low: "GuardDuty's LOW.",
        Medium: "GuardDuty's MEDIUM.",
        High: "GuardDuty's HIGH.",
        Critical: "GuardDuty's CRITICAL.",
    }
    /// The confidence of GuardDuty's AI in its risk level.
    Confidence = gumshoe_domain::guardduty::Confidence {
        Unknown: "GuardDuty's UNKNOWN.",
        Low: "GuardDuty's LOW.",
        Medium: "GuardDuty's MEDIUM.",
        High: "GuardDuty's HIGH.",
    }
    /// Detective's status of a member of the behavior graph.
    MemberStatus = gumshoe_domain::coverage::MemberStatus {
        Invited: "The account was invited and has not responded.",
        VerificationInProgress: "Detective is verifying the id and the e-mail address of the account.",
        VerificationFailed: "The e-mail address is not that of the account's root user.",
        Enabled: "The graph ingests the data of the account.",
        AcceptedButDisabled: "The account accepted the invitation, but the graph does not ingest its data.",
        Unknown: "A status that this version does not know.",
    }
    /// Detective's reason why a member is disabled.
    DisabledReason = gumshoe_domain::coverage::DisabledReason {
        VolumeTooHigh: "With the data of the account, the graph would exceed its maximum data volume.",
        VolumeUnknown: "Detective cannot determine the data volume of the account, usually because GuardDuty is not enabled in it.",
        Unknown: "A reason that this version does not know.",
    }
    /// Why a principal other than the inferred one may have acted.
    Inference = gumshoe_domain::principal::Inference {
        NotLookedUp: "The finding contains a name that was not looked up.",
        TaskDefinition:
            "It is the role in the task definition. The caller that started the task may have overridden it (RunTask, \
            overrides.taskRoleArn).",
        InstanceProfile:
            "It is the current role of the instance profile. The profile may have contained another at the time of the activity.",
        PodNode: "It is the role of the node on which the pod runs. The pod may have a role of its own.",
        HostNetwork: "The pod uses its host's network, so it can also act with the role of the node.",
        PodIdentity: "It is the role that EKS Pod Identity currently associates with the service account.",
        KubernetesName:
            "Kubernetes reports a name without the unique id that EKS's authenticator adds, so anyone who can issue client \
            certificates may have chosen it.",
        Recreated: "IAM has a user or role of that name with another unique id: it was deleted and created again.",
        IdKindMismatch: "The principal id in the finding has the prefix of another kind of principal.",
    }
    /// Why a lookup failed.
    LookupError = gumshoe_domain::principal::LookupError {
        Denied: "Access denied: the permission is missing, or the role in the account cannot be assumed.",
        NotFound: "The resource does not exist, or no longer exists.",
        Unavailable: "The service did not respond.",
        NoRoleInAccount: "The resource is in another account, and the stack has no role for lookups there.",
    }
    /// The reference in a finding from which the role is looked up.
    RoleSource = gumshoe_domain::principal::RoleSource {
        InstanceProfile: "The instance profile of an EC2 instance.",
        TaskDefinition: "The task definition of an ECS task.",
        FunctionRole: "The execution role of a Lambda function.",
        Cluster: "The EKS cluster of a service account.",
    }
    /// The kind of a principal that is not an IAM user or role.
    PrincipalKind = gumshoe_domain::principal::UninvestigableKind {
        Root: "The root user of an account.",
        FederatedUser: "A session that an IAM user created with GetFederationToken.",
        SamlUser: "A user who signed in through a SAML identity provider.",
        IdentityCenterUser: "A user of IAM Identity Center.",
        WebIdentityUser: "A user who signed in through a web identity provider.",
        DirectoryUser: "A user of AWS Directory Service.",
        AwsService: "An AWS service.",
        AwsAccount: "Another account, or a principal of another account.",
        DatabaseUser: "A database user.",
        KubernetesUser: "A Kubernetes user that is not a service account, including nodes and components.",
        KubernetesServiceAccount: "A Kubernetes service account.",
        Anonymous: "A caller without credentials.",
        Instance: "An EC2 instance whose role is not known.",
        Task: "An ECS task whose role is not known.",
        Unknown: "A caller that could not be identified.",
        None: "The finding names no principal.",
    }
}
