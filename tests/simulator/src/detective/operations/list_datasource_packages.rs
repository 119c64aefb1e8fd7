//! ListDatasourcePackages: a behavior graph's packages, in pages.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{DEFAULT_PAGE_SIZE, page};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult, Paging, wire_name};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    #[serde(flatten)]
    paging: Paging,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, paging } = call.request()?;
    let graph = world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    let packages = graph.packages.iter().map(|(package, ingest)| {
        let key = Key { rank: package as i64, item: 0 };
        (key, (wire_name(package), ingest.detail()))
    });
    let (packages, next) = call.page(packages, Order::Ascending, &paging, DEFAULT_PAGE_SIZE)?;
    page("DatasourcePackages", packages.into_iter().collect::<Map<String, Value>>().into(), next)
}
