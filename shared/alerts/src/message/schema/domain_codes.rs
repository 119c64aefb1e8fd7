//! Schemas of the domain's enums whose variants are words in JSON, with what each word means.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A schema that lists the words of an enum of the domain. The compiler names a variant that is missing here.
macro_rules! domain_codes {
    ($(#[doc = $about:literal] $name:ident = $domain:ty { $($variant:ident: $meaning:literal,)+ })+) => {
        $(#[doc = $about] pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                type Domain = $domain;
                let _ = |word: &Domain| match word { $(Domain::$variant => ()),+ };
                let words: Vec<Value> = [$((serde_json::to_value(Domain::$variant).unwrap(), $meaning)),+]
                    .map(|(word, meaning)| json!({"const": word, "type": "string", "description": meaning}))
                    .into();
                json_schema!({"oneOf": words, "description": $about.trim()})
            }
        })+
    };
}

domain_codes! {
    /// Why a case is alerted.
    AlertCause = gumshoe_domain::verdict::AlertCause {
        Verdict: "The verdict reaches the alert threshold.",
        NotInvestigated: "Detective has no result: a person has to investigate.",
        DetectiveDisagrees:
            "The verdict is below the threshold, but Detective rates the investigation High or Critical: a person decides.",
        GuardDutyDisagrees:
            "The verdict is below the threshold, but GuardDuty's investigation says High or Critical risk with Medium or High \
            confidence, and Detective has found something as well: a person decides.",
        WorkloadNotCleared:
            "The investigation found nothing of weight, and a High or Critical finding is about more than API calls.",
        PrincipalUncertain:
            "The investigation found nothing of weight, and another principal may have acted in a High or Critical finding.",
        Resolved: "An earlier alert of the case no longer stands: with what is known now, nobody would be alerted.",
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
    /// How bad GuardDuty's AI thinks it is.
    RiskLevel = gumshoe_domain::guardduty::RiskLevel {
        Info: "GuardDuty's INFO.",
        Low: "GuardDuty's LOW.",
        Medium: "GuardDuty's MEDIUM.",
        High: "GuardDuty's HIGH.",
        Critical: "GuardDuty's CRITICAL.",
    }
    /// How sure GuardDuty's AI is of its risk level.
    Confidence = gumshoe_domain::guardduty::Confidence {
        Unknown: "GuardDuty's UNKNOWN.",
        Low: "GuardDuty's LOW.",
        Medium: "GuardDuty's MEDIUM.",
        High: "GuardDuty's HIGH.",
    }
    /// Detective's status of a member of the behavior graph.
    MemberStatus = gumshoe_domain::coverage::MemberStatus {
        Invited: "It was sent an invitation and has not answered.",
        VerificationInProgress: "Detective checks its id and e-mail address.",
        VerificationFailed: "Its id and e-mail address do not belong together.",
        Enabled: "It sends its data.",
        AcceptedButDisabled: "It accepted, and sends nothing.",
        Unknown: "A status that this version does not know.",
    }
    /// Detective's reason why a member is disabled.
    DisabledReason = gumshoe_domain::coverage::DisabledReason {
        VolumeTooHigh: "With its data the graph would take in more than it can.",
        VolumeUnknown: "Detective cannot tell how much data it sends: usually GuardDuty is not enabled in it.",
        Unknown: "A reason that this version does not know.",
    }
    /// Why another principal may have acted than the one that was found.
    Inference = gumshoe_domain::principal::Inference {
        NotLookedUp: "The finding gives a name, and it was not looked up.",
        TaskDefinition:
            "It is the role in the task's definition; whoever started the task may have given it another (RunTask, \
            overrides.taskRoleArn).",
        InstanceProfile: "It is the role that the instance profile holds now; it may have held another then.",
        PodNode: "It is the role of the node that the pod runs on; the pod may have a role of its own.",
        HostNetwork: "The pod is on its host's network and can act with the node's role as well.",
        PodIdentity: "It is the role that EKS Pod Identity gives the service account now.",
        KubernetesName:
            "Kubernetes gives a name without the unique id that EKS's authenticator adds, so anybody who may issue certificates \
            may have chosen it.",
        Recreated: "IAM has one of that name with another unique id: it was deleted and created again.",
        IdKindMismatch: "The principal id in the finding is that of another kind of principal.",
    }
    /// Why a look-up came to nothing.
    NotLookedUp = gumshoe_domain::principal::LookupError {
        Denied: "It was refused: no permission, or no way into the account.",
        NotFound: "There is nothing of that name, or no longer.",
        Unavailable: "There was no answer.",
        NoRoleInAccount: "It is another account, and the stack was given no role to look things up there.",
    }
    /// What leads to a role.
    Part = gumshoe_domain::principal::RoleSource {
        InstanceProfile: "An EC2 instance's profile.",
        TaskDefinition: "An ECS task's definition.",
        FunctionRole: "A Lambda function's role.",
        Cluster: "The EKS cluster of a service account.",
    }
    /// What a principal is that is no IAM user or role.
    OtherKind = gumshoe_domain::principal::UninvestigableKind {
        Root: "The root user of an account.",
        FederatedUser: "A session that an IAM user made with GetFederationToken.",
        SamlUser: "Somebody who came through a SAML provider.",
        IdentityCenterUser: "A user of IAM Identity Center.",
        WebIdentityUser: "Somebody who came through a web identity provider.",
        DirectoryUser: "A user of AWS Directory Service.",
        AwsService: "A service of AWS.",
        AwsAccount: "Another account, or a principal of another account.",
        DatabaseUser: "A user of a database.",
        KubernetesUser: "A user of a Kubernetes cluster that is no service account, nodes and components included.",
        KubernetesServiceAccount: "A service account of a Kubernetes cluster.",
        Anonymous: "A caller without credentials.",
        Instance: "An EC2 instance whose role is not known.",
        Task: "An ECS task whose role is not known.",
        Unknown: "Somebody, but the finding does not say who.",
        None: "Nobody: the finding names no principal.",
    }
}
