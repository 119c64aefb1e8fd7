//! What `tests/contract` cannot check by the template: it compares ranges, choices, names and defaults.

use super::*;

const GRAPH: &str = "arn:aws:detective:us-east-1:123456789012:graph:0123456789abcdef0123456789abcdef";

/// The result of a reader for these variables.
fn read<T>(reader: fn(&Environment) -> SettingResult<T>, variables: &[(&str, &str)]) -> SettingResult<T> {
    reader(&Environment::from_variables(variables))
}

/// The error of a reader, which has to name the parameter.
fn read_error<T>(
    reader: fn(&Environment) -> SettingResult<T>,
    variables: &[(&str, &str)],
    parameter: &str,
) -> ConfigurationError {
    let error = read(reader, variables).err().unwrap();
    assert!(error.to_string().contains(parameter), "{error}");
    error
}

#[test]
fn the_regions_default_to_the_stacks_own() {
    let regions = |value| {
        let variables = [("REGION", "us-east-1"), ("INVESTIGATION_REGIONS", value)];
        read(investigation_regions, &variables).map(|it| it.to_string())
    };
    assert_eq!(regions("").unwrap(), "us-east-1");
    assert_eq!(regions("us-east-1,eu-west-1").unwrap(), "eu-west-1, us-east-1");
    assert_eq!(regions("eu-west-1").unwrap(), "eu-west-1", "the own Region is not added to configured ones");
}

#[test]
fn a_graph_is_in_one_of_the_investigation_regions() {
    let own = ("REGION", "us-east-1");
    assert_eq!(read(graph_arn, &[own]).unwrap(), None);
    assert_eq!(read(graph_arn, &[own, ("GRAPH_ARN", GRAPH)]).unwrap().as_deref(), Some(GRAPH));
    let other_region = [own, ("GRAPH_ARN", GRAPH), ("INVESTIGATION_REGIONS", "eu-west-1")];
    read_error(graph_arn, &other_region, "InvestigationRegions");
    read_error(graph_arn, &[own, ("GRAPH_ARN", "arn:aws:detective:us-east-1:1:graph:x")], "GraphArn");
}

#[test]
fn a_member_role_requires_its_external_id() {
    let role = [("MEMBER_ROLE_NAME", "r"), ("MEMBER_ROLE_EXTERNAL_ID", "x")];
    assert_eq!(read(member_role_external_id, &role).unwrap().as_deref(), Some("x"));
    assert_eq!(read(member_role_external_id, &[]).unwrap(), None);
    read_error(member_role_external_id, &role[..1], "MemberRoleExternalId");
}

#[test]
fn zero_hours_disable_follow_ups() {
    assert_eq!(read(follow_up_hours, &[("FOLLOW_UP_HOURS", "0")]).unwrap(), FollowUpRule::OFF);
}

#[test]
fn invalid_weights_are_rejected_with_the_reason() {
    let weights = |value| read(verdict_weights, &[("VERDICT_WEIGHTS", value)]);
    assert_eq!(weights("").unwrap(), Weights::default());
    assert_eq!(weights(r#"{"severity": {"high": 20}}"#).unwrap().severity.high, 20);
    let error = read_error(verdict_weights, &[("VERDICT_WEIGHTS", r#"{"severity": {"high": 59}}"#)], "VerdictWeights");
    let causes = gumshoe_domain::error::with_causes(&error);
    assert!(causes.contains("novelty alone"), "{causes}");
}
