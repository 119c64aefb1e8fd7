//! StartInvestigation: a new investigation of an IAM user or role.

use serde_json::json;

use super::{Answer, Call};
use crate::aws_error::AwsError;
use crate::constraints::{ENTITY_ARN, SCOPE_SECONDS_MAX, SCOPE_SECONDS_MIN};
use crate::entity::EntityType;
use crate::lifecycle::{Investigation, State};
use crate::state::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let graph_arn = call.graph_arn()?;
    let entity_arn = call.input.required_text("EntityArn", &ENTITY_ARN)?;
    let scope_start = call.input.required_time("ScopeStartTime")?;
    let scope_end = call.input.required_time("ScopeEndTime")?;

    // assumed: which error a scope out of bounds gets, and that one that ends in the future is allowed.
    let scope = scope_end.duration_since(scope_start);
    if scope.as_secs() < SCOPE_SECONDS_MIN {
        return Err(call.input.wrong("ScopeEndTime", "must be at least 3 hours after ScopeStartTime."));
    }
    if scope.as_secs() > SCOPE_SECONDS_MAX || (scope.as_secs() == SCOPE_SECONDS_MAX && scope.subsec_nanos() > 0) {
        return Err(call.input.wrong("ScopeEndTime", "must be at most 30 days after ScopeStartTime."));
    }
    let entity_type = EntityType::of(entity_arn)
        .ok_or_else(|| call.input.wrong("EntityArn", "must be the ARN of an IAM user or an IAM role."))?;

    world.check_graph(call.place, graph_arn)?;
    let scenario = world.scenario(call.place, entity_arn);
    if !scenario.known_to_graph {
        return Err(AwsError::not_found(format!("The behavior graph holds nothing about {entity_arn}.")));
    }
    // assumed: an entity can have any number of investigations, at the same time too.
    let id = world.insert(call.place, |id| Investigation {
        id,
        entity_arn: entity_arn.into(),
        entity_type,
        created: call.now,
        scope_start,
        scope_end,
        state: State::Active,
        checks: 0,
        by_hand: None,
        scenario,
    });
    Ok(Some(json!({ "InvestigationId": id.to_string() })))
}
