use super::*;

const ACCOUNT: &str = "123456789012";

fn role() -> PrincipalCandidate {
    let (partition, account_id, name) = ("aws".to_owned(), ACCOUNT.to_owned(), "web-role".to_owned());
    let fallback = Principal::IamRole(Entity {
        arn: format!("arn:aws:iam::{ACCOUNT}:role/web-role"),
        is_arn_certain: false,
        certainty: Certainty::Inferred(Inference::NotLookedUp),
        uncertainties: vec![Uncertainty::UnknownPath(PathlessKind::Role)],
        account_id: ACCOUNT.to_owned(),
        name: name.clone(),
        unique_id: Some("AROAEXAMPLEWEBROLE01".to_owned()),
        session_name: Some("i-0abc".to_owned()),
        is_service_linked: false,
    });
    PrincipalCandidate::NeedsLookup {
        lookup: Lookup::Role { partition, account_id, name },
        fallback,
        session_name: None,
    }
}

fn profile() -> PrincipalCandidate {
    let name = "web-profile".to_owned();
    let lookup = Lookup::InstanceProfile { partition: "aws".to_owned(), account_id: ACCOUNT.to_owned(), name };
    let reason = NotInvestigableReason::NotLookedUp { lookup: lookup.to_string(), why: None };
    let account_id = Some(ACCOUNT.to_owned());
    let fallback = UninvestigablePrincipal {
        kind: UninvestigableKind::Instance,
        account_id,
        name: Some("i-0abc".to_owned()),
        reason,
    };
    PrincipalCandidate::NeedsLookup {
        lookup,
        fallback: Principal::NotInvestigable(fallback),
        session_name: Some("i-0abc".to_owned()),
    }
}

fn arn(arn: &str, unique_id: Option<&str>) -> Result<LookupAnswer, LookupError> {
    Ok(LookupAnswer::Arn { arn: arn.to_owned(), unique_id: unique_id.map(str::to_owned) })
}

#[test]
fn a_lookup_confirms_the_arn_and_keeps_unique_id_and_session() {
    let found =
        role().resolve(arn("arn:aws:iam::123456789012:role/service-role/web-role", Some("AROAEXAMPLEWEBROLE01")));
    let entity = found.entity().unwrap();
    assert_eq!(entity.arn, "arn:aws:iam::123456789012:role/service-role/web-role");
    assert!(entity.is_arn_certain && entity.uncertainties.is_empty());
    assert_eq!(
        (entity.unique_id.as_deref(), entity.session_name.as_deref()),
        (Some("AROAEXAMPLEWEBROLE01"), Some("i-0abc"))
    );

    let found = profile().resolve(arn("arn:aws:iam::123456789012:role/app/other-name", Some("AROAEXAMPLEOTHER0001")));
    assert!(matches!(found, Principal::IamRole(_)), "{found:?}");
    let entity = found.entity().unwrap();
    assert_eq!((entity.name.as_str(), entity.session_name.as_deref()), ("other-name", Some("i-0abc")));
    assert_eq!(entity.unique_id.as_deref(), Some("AROAEXAMPLEOTHER0001"));
}

#[test]
fn an_answer_about_another_principal_is_rejected() {
    for wrong in [
        "arn:aws:iam::123456789012:role/another-role",
        "arn:aws:iam::123456789012:user/web-role",
        "arn:aws:iam::999988887777:role/web-role",
        "arn:aws-cn:iam::123456789012:role/web-role",
        "web-role",
        "",
    ] {
        let principal = role().resolve(arn(wrong, None));
        let entity = principal.entity().unwrap();
        assert_eq!(entity.arn, "arn:aws:iam::123456789012:role/web-role", "{wrong}");
        let lookup = "iam:GetRole web-role in account 123456789012".to_owned();
        let uncertainties = [Uncertainty::UnexpectedAnswer { lookup }, Uncertainty::UnknownPath(PathlessKind::Role)];
        assert!(!entity.is_arn_certain && entity.uncertainties == uncertainties, "{entity:?}");
    }
    for wrong in ["arn:aws:iam::123456789012:user/web-role", "arn:aws:iam::999988887777:role/web-role", "x"] {
        let principal = profile().resolve(arn(wrong, None));
        assert!(matches!(principal.reason(), Some(NotInvestigableReason::UnexpectedAnswer { .. })), "{principal:?}");
    }
}

#[test]
fn a_recreated_role_of_the_same_name_is_marked() {
    let principal = role().resolve(arn("arn:aws:iam::123456789012:role/web-role", Some("AROAEXAMPLESUCCESSOR")));
    let entity = principal.entity().unwrap();
    assert!(!entity.is_arn_certain && entity.certainty == Certainty::Inferred(Inference::Recreated));
    assert_eq!(entity.unique_id.as_deref(), Some("AROAEXAMPLEWEBROLE01"));
}

#[test]
fn a_failed_lookup_keeps_the_fallback_and_adds_the_reason() {
    for why in [LookupError::Denied, LookupError::NotFound, LookupError::Unavailable] {
        let principal = role().resolve(Err(why));
        assert_eq!(principal.entity_arn(), Some("arn:aws:iam::123456789012:role/web-role"));
        let lookup = "iam:GetRole web-role in account 123456789012".to_owned();
        let uncertainties = [Uncertainty::LookupFailed { lookup, why }, Uncertainty::UnknownPath(PathlessKind::Role)];
        assert_eq!(principal.entity().unwrap().uncertainties, uncertainties);

        // The role's name can differ from the profile's.
        let principal = profile().resolve(Err(why));
        let lookup = "iam:GetInstanceProfile web-profile in account 123456789012".to_owned();
        assert_eq!(principal.reason(), Some(&NotInvestigableReason::NotLookedUp { lookup, why: Some(why) }));
    }
    let principal = role().resolve(Ok(LookupAnswer::NoRole));
    let first = principal.entity().unwrap().uncertainties.first();
    assert!(matches!(first, Some(Uncertainty::LookupFailed { why: LookupError::NotFound, .. })), "{first:?}");
    let principal = profile().resolve(Ok(LookupAnswer::NoRole));
    let reason = principal.reason();
    assert!(
        matches!(reason, Some(NotInvestigableReason::NoRole { part: RoleSource::InstanceProfile, .. })),
        "{reason:?}"
    );
}

#[test]
fn a_resolved_candidate_ignores_the_answer() {
    let principal = Principal::none(NotInvestigableReason::NoName);
    let candidate = PrincipalCandidate::Resolved(principal.clone());
    assert_eq!(candidate.lookup(), None);
    assert!(!candidate.may_be_investigable());
    assert_eq!(candidate.resolve(arn("arn:aws:iam::123456789012:role/web-role", None)), principal);
}

#[test]
fn stored_principals_of_this_and_earlier_releases_are_read() {
    for principal in [
        role().into_current_principal(),
        profile().into_current_principal(),
        Principal::none(NotInvestigableReason::NoName),
    ] {
        let text = serde_json::to_string(&principal).unwrap();
        assert_eq!(serde_json::from_str::<Principal>(&text).unwrap(), principal, "{text}");
    }
    let stored = r#"{"kind":"NotInvestigable","reason":{"no_access_key":{"resource_type":"S3Object"}}}"#;
    let principal: Principal = serde_json::from_str(stored).unwrap();
    assert_eq!(principal.as_str(), "unknown");
    let stored = r#"{"kind":"IamUser","arn":"arn:aws:iam::123456789012:user/a","account_id":"123456789012","name":"a",
        "unique_id":null,"session_name":null}"#;
    let principal: Principal = serde_json::from_str(stored).unwrap();
    assert!(!principal.entity().unwrap().is_arn_certain);
    let stored = r#"{"kind":"IamRole","arn":"arn:aws:iam::123456789012:role/a","arn_is_certain":true,
        "doubt":"IAM has another of that name now","account_id":"123456789012","name":"a","unique_id":null,
        "session_name":null}"#;
    let principal: Principal = serde_json::from_str(stored).unwrap();
    let entity = principal.entity().unwrap();
    assert_eq!(entity.uncertainties, [Uncertainty::LegacyText("IAM has another of that name now".to_owned())]);
    assert_eq!(entity.certainty, Certainty::Inferred(Inference::NotLookedUp));
}

#[test]
fn a_lookup_displays_operation_resource_and_account() {
    let (partition, account_id, region) = ("aws".to_owned(), ACCOUNT.to_owned(), "us-east-1".to_owned());
    let arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/worker:7".to_owned();
    let task = Lookup::TaskDefinition {
        arn,
        partition: partition.clone(),
        account_id: account_id.clone(),
        region: region.clone(),
        task: None,
    };
    assert_eq!(task.to_string(), "ecs:DescribeTaskDefinition worker:7 in account 123456789012, us-east-1");
    let pod = Lookup::PodIdentity {
        partition,
        account_id,
        region,
        cluster: "prod".to_owned(),
        namespace: "pay".to_owned(),
        service_account: "ledger".to_owned(),
    };
    assert_eq!(
        pod.to_string(),
        "eks:ListPodIdentityAssociations pay/ledger of cluster prod in account 123456789012, us-east-1"
    );
    assert_eq!((pod.account_id(), pod.partition(), pod.region()), (ACCOUNT, "aws", Some("us-east-1")));
}
