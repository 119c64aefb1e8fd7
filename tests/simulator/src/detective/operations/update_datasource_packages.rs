//! UpdateDatasourcePackages: starts packages of a behavior graph, and with them those of its members.

use serde::Deserialize;

use crate::detective::datasource::{IngestState, Package};
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    datasource_packages: Vec<Package>,
}

// assumed: packages that are not named stay as they are, and one that is started already is no error.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, datasource_packages } = call.request()?;
    let graph = world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    graph.check_volume_limit()?;
    for package in datasource_packages {
        graph.set_package(package, IngestState::Started, call.now);
    }
    Ok(None)
}
