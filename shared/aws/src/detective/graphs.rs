//! The behavior graph that an account administers.

use crate::error::ApiCallError;
use aws_sdk_detective::Client;

/// The ARN of the graph that the account administers in the client's Region (ListGraphs: there is at most one).
///
/// # Errors
///
/// A failed ListGraphs.
pub async fn administered_graph(client: &Client) -> Result<Option<String>, ApiCallError> {
    let answer = client.list_graphs().send().await.map_err(|error| ApiCallError::new("ListGraphs", error))?;
    Ok(answer.graph_list().iter().find_map(|graph| graph.arn()).map(str::to_owned))
}
