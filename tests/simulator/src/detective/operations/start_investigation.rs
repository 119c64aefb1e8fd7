//! StartInvestigation: a new investigation of an IAM user or role.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::detective::Investigation;
use crate::detective::constraints::{SCOPE_SECONDS_MAX, SCOPE_SECONDS_MIN};
use crate::detective::entity::EntityType;
use crate::detective::investigation::State;
use crate::protocol::error::AwsError;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    entity_arn: String,
    scope_start_time: Timestamp,
    scope_end_time: Timestamp,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, entity_arn, scope_start_time, scope_end_time } = call.request()?;
    // assumed: which error a scope out of bounds gets, and that one that ends in the future gets it as well.
    let scope = scope_end_time.duration_since(scope_start_time);
    if scope.as_secs() < SCOPE_SECONDS_MIN {
        return Err(call.invalid_member("ScopeEndTime", "must be at least 3 hours after ScopeStartTime."));
    }
    if scope.as_secs() > SCOPE_SECONDS_MAX || (scope.as_secs() == SCOPE_SECONDS_MAX && scope.subsec_nanos() > 0) {
        return Err(call.invalid_member("ScopeEndTime", "must be at most 30 days after ScopeStartTime."));
    }
    if scope_end_time > call.now {
        return Err(call.invalid_member("ScopeEndTime", "must not be in the future."));
    }
    // assumed: the reference's pattern lets every ARN through, its text speaks of IAM users and IAM roles only; an ARN of
    // anything else is refused with a ValidationException.
    let entity_type = EntityType::of(&entity_arn)
        .ok_or_else(|| call.invalid_member("EntityArn", "must be the ARN of an IAM user or an IAM role."))?;

    world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    let scenario = world.scenarios.of_entity(call.place, &entity_arn);
    // assumed: Detective may refuse an entity by either error. The reference does not say which one means what.
    if scenario.refused {
        return Err(call.invalid_member("EntityArn", "must be an entity that Detective can investigate."));
    }
    if !scenario.known_to_graph {
        return Err(AwsError::not_found(format!("The behavior graph holds nothing about {entity_arn}.")));
    }
    // assumed: an entity can have any number of investigations, at the same time too.
    let id = world.detective.next_investigation();
    let investigation = Investigation {
        id,
        entity_arn,
        entity_type,
        created: call.now,
        scope_start: scope_start_time,
        scope_end: scope_end_time,
        state: State::Active,
        checks: 0,
        manual_outcome: None,
        scenario,
    };
    world.detective.administered_graph(call.place, &graph_arn, call.now)?.investigations.insert(id, investigation);
    Ok(Some(json!({ "InvestigationId": id })))
}
