//! The JSON Schemas of what subscribers receive, held against docs/schemas.

use super::{Alert, Notice, VERSION};
use crate::channels::ocsf::Unmapped;
use crate::notification::NotWorked;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use std::borrow::Cow;
use std::path::Path;

/// A schema that lists the words of an enum of the domain. The compiler names a variant that is missing here.
macro_rules! words {
    ($($name:ident = $domain:ty [$($variant:ident),+ $(,)?];)+) => {
        $(pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                type Domain = $domain;
                let _ = |word: &Domain| match word { $(Domain::$variant => ()),+ };
                let words = [$(serde_json::to_value(Domain::$variant).unwrap()),+];
                json_schema!({"type": "string", "enum": words})
            }
        })+
    };
}

words! {
    AlertCause = gumshoe_domain::verdict::AlertCause [
        Verdict, NotInvestigated, DetectiveDisagrees, GuardDutyDisagrees, WorkloadNotCleared, PrincipalUncertain, Resolved,
    ];
    VerdictLevel = gumshoe_domain::verdict::VerdictLevel [Informational, Low, Medium, High, Critical];
    InvestigationSeverity = gumshoe_domain::InvestigationSeverity [Informational, Low, Medium, High, Critical];
    RiskLevel = gumshoe_domain::guardduty::RiskLevel [Info, Low, Medium, High, Critical];
    Confidence = gumshoe_domain::guardduty::Confidence [Unknown, Low, Medium, High];
    MemberStatus = gumshoe_domain::coverage::MemberStatus [
        Invited, VerificationInProgress, VerificationFailed, Enabled, AcceptedButDisabled, Unknown,
    ];
    DisabledReason = gumshoe_domain::coverage::DisabledReason [VolumeTooHigh, VolumeUnknown, Unknown];
    Inference = gumshoe_domain::principal::Inference [
        NotLookedUp, TaskDefinition, InstanceProfile, NodeOfPod, HostNetwork, PodIdentity, KubernetesName, Recreated, OtherKind,
    ];
    NotLookedUp = gumshoe_domain::principal::NotLookedUp [Denied, NotFound, Unavailable, NoRoleThere];
    Part = gumshoe_domain::principal::Part [InstanceProfile, TaskDefinition, FunctionRole, Cluster];
    OtherKind = gumshoe_domain::principal::OtherKind [
        Root, FederatedUser, SamlUser, IdentityCenterUser, WebIdentityUser, DirectoryUser, AwsService, AwsAccount, DatabaseUser,
        KubernetesUser, KubernetesServiceAccount, Anonymous, Instance, Task, Unknown, None,
    ];
}

/// Holds a schema in docs/schemas against the types; writes it where `UPDATE_SCHEMAS` is set.
///
/// `notification`: what the message says that it is, beside the members of its type.
fn hold<T: JsonSchema>(name: &str, title: &str, notification: Option<&str>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/schemas/{name}.schema.json"));
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    if let (Some(code), Some(properties)) = (notification, schema.get_mut("properties")) {
        let about = "What the message is. Missing in messages of earlier releases.";
        properties["notification"] = serde_json::json!({"const": code, "description": about});
    }
    schema.insert("title".to_owned(), title.into());
    schema.insert("$id".to_owned(), format!("urn:gumshoe:{name}:{VERSION}").into());
    let schema: Value = schema.into();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(kept == schema, "{name}: UPDATE_SCHEMAS=1 cargo test -p gumshoe-alerts schema writes it anew");
}

#[test]
fn the_schemas_in_docs_are_those_of_the_types() {
    hold::<Alert>("alert", "An alert of Gumshoe, version 1", Some("alert"));
    hold::<Notice>(
        "graph-health",
        "A notice of Gumshoe that the behavior graph got worse, version 1",
        Some("graph-health"),
    );
    hold::<NotWorked>("not-worked", "A case that Gumshoe could not bring to its end, version 1", Some("not-worked"));
    hold::<Unmapped>("ocsf-unmapped", "The member unmapped of Gumshoe's OCSF events, version 1", None);
}
