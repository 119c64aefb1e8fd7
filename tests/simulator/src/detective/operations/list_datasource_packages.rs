//! ListDatasourcePackages: a behavior graph's packages, in pages.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::page;
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Answer, Call, word};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// The size of a page when MaxResults is left out.
// assumed: the most that can be asked for.
const PAGE: usize = 200;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { graph_arn, next_token, max_results } = call.request()?;
    let graph = world.detective.administered(call.place, &graph_arn)?;
    let packages = graph.packages.iter().map(|(package, ingest)| {
        let key = Key { rank: package as i64, item: 0 };
        (key, (word(package), ingest.detail()))
    });
    let size = max_results.unwrap_or(PAGE);
    let (packages, next) = call.listing().page(packages, Order::Ascending, next_token.as_deref(), size, call.now)?;
    page("DatasourcePackages", packages.into_iter().collect::<Map<String, Value>>().into(), next)
}
