//! Amazon Detective: behavior graphs, investigations, indicators.

mod convert;
mod coverage;
pub mod graphs;
pub mod member_status;
mod response_date;

use crate::error::ApiCallError;
use crate::pagination::{Page, PageLimit, collect_pages};
use aws_config::{Region, SdkConfig};
use aws_sdk_detective::Client;
use aws_sdk_detective::error::SdkError;
use aws_sdk_detective::operation::start_investigation::StartInvestigationError;
use aws_sdk_detective::primitives::DateTime;
use aws_sdk_detective::types::{
    ErrorCode, Field, FilterCriteria, InvestigationDetail, SortCriteria, SortOrder, State, StringFilter,
};
use gumshoe_domain::coverage::graph_region;
use gumshoe_domain::error::{ErrorName, Fault, Service};
use gumshoe_domain::investigation::{InvestigationState, Scope};
use gumshoe_domain::{Indicator, Investigation, InvestigationStatus, Regions};
use jiff::Timestamp;
use response_date::ResponseDate;
use std::collections::BTreeMap;
use thiserror::Error;

/// The number of the principal's newest investigations that are considered for reuse.
const MAX_REUSE_CANDIDATES: usize = 3;
/// ListIndicators: `MaxResults` is at most 100.
const INDICATORS_PER_PAGE: i32 = 100;
/// The number of pages of indicators: 50 pages, 5,000 indicators, far above what was seen.
const MAX_INDICATOR_PAGES: usize = 50;

/// Why a call of Detective failed.
#[derive(Debug, Error)]
pub enum DetectiveError {
    /// ListGraphs returned no graph.
    #[error(
        "this account administers no behavior graph in {region}; enable Detective there, or set the parameter GraphArn"
    )]
    NoBehaviorGraph {
        /// The Region.
        region: String,
    },
    /// The Region is not among `InvestigationRegions`.
    #[error("{region} is not one of this stack's InvestigationRegions")]
    RegionNotConfigured {
        /// The Region.
        region: String,
    },
    /// Detective does not have the entity.
    #[error("{entity_arn} is not in the behavior graph")]
    EntityNotInGraph {
        /// The graph.
        graph_arn: String,
        /// The IAM user or role.
        entity_arn: String,
        /// Detective's error.
        #[source]
        source: ApiCallError,
    },
    /// Detective accepts no investigation of the entity, or none with this scope time.
    #[error("Detective rejected the investigation of {entity_arn}: the entity or the scope time is invalid")]
    InvestigationRefused {
        /// The graph.
        graph_arn: String,
        /// The IAM user or role.
        entity_arn: String,
        /// Detective's error.
        #[source]
        source: ApiCallError,
    },
    /// Any other failure.
    #[error(transparent)]
    Call(#[from] ApiCallError),
}

/// Criteria for an investigation that can be reused.
#[derive(Debug, Clone, Copy)]
pub struct ReuseCriteria<'a> {
    /// The ARN of the investigated IAM user or role.
    pub entity_arn: &'a str,
    /// The start of the activity that the scope time must contain.
    pub activity_start: Timestamp,
    /// The end of that activity.
    pub activity_end: Timestamp,
    /// A running investigation is reused only if it was started at this time or later.
    pub running_since: Timestamp,
    /// The investigation was started at this time or later; `None`: at any time.
    pub created_since: Option<Timestamp>,
    /// Whether archived investigations are listed as well, as Gumshoe archives some.
    pub includes_archived: bool,
}

/// The result of a search for a reusable investigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReuseResult {
    /// The investigation, if one was found.
    pub investigation: Option<Investigation>,
    /// Detective's time when it listed the investigations, in whole seconds; `None` if the response had no date.
    pub server_time: Option<Timestamp>,
}

impl ErrorName for DetectiveError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::NoBehaviorGraph { .. } => "NoBehaviorGraph",
            Self::RegionNotConfigured { .. } => "RegionNotListed",
            Self::EntityNotInGraph { .. } => "EntityNotInGraph",
            Self::InvestigationRefused { .. } => "InvestigationRefused",
            Self::Call(call) => call.fault.name(Service::Detective),
        }
    }
}

impl DetectiveError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NoBehaviorGraph { .. }
            | Self::RegionNotConfigured { .. }
            | Self::EntityNotInGraph { .. }
            | Self::InvestigationRefused { .. } => false,
            Self::Call(call) => call.fault.is_transient(),
        }
    }
}

/// Detective, through clients that do not retry: the state machine does. A graph is called in its own Region, which its ARN names.
#[derive(Debug, Clone)]
pub struct Detective {
    /// The client for the function's own Region.
    client: Client,
    /// The clients for other Regions.
    other_regions: BTreeMap<String, Client>,
    memberships: coverage::MembershipCache,
}

impl Detective {
    /// An adapter for the Region of the client only.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, other_regions: BTreeMap::new(), memberships: coverage::MembershipCache::default() }
    }

    /// An adapter for these Regions and for that of the configuration, which is the function's own.
    #[must_use]
    pub fn for_regions(configuration: &SdkConfig, regions: &Regions) -> Self {
        let own: Option<&str> = configuration.region().map(Region::as_ref);
        let other_regions = regions.names().filter(|region| Some(*region) != own).map(|region| {
            let configuration = configuration.to_builder().region(Region::new(region.to_owned())).build();
            (region.to_owned(), Client::new(&configuration))
        });
        Self { other_regions: other_regions.collect(), ..Self::new(Client::new(configuration)) }
    }

    fn client_in(&self, region: &str) -> Result<&Client, DetectiveError> {
        if self.client.config().region().is_some_and(|own| own.as_ref() == region) {
            return Ok(&self.client);
        }
        self.other_regions.get(region).ok_or_else(|| DetectiveError::RegionNotConfigured { region: region.to_owned() })
    }

    /// The client for the graph's Region; for the own Region if the ARN names none.
    fn client_for_graph(&self, graph_arn: &str) -> Result<&Client, DetectiveError> {
        graph_region(graph_arn).map_or(Ok(&self.client), |region| self.client_in(region))
    }

    /// The behavior graph that this account administers in a Region (ListGraphs: there is at most one).
    ///
    /// # Errors
    ///
    /// [`DetectiveError::NoBehaviorGraph`] if there is none, [`DetectiveError::RegionNotConfigured`], or a failed call.
    pub async fn graph_arn(&self, region: &str) -> Result<String, DetectiveError> {
        let arn = graphs::administered_graph(self.client_in(region)?).await?;
        arn.ok_or_else(|| DetectiveError::NoBehaviorGraph { region: region.to_owned() })
    }

    /// Finds an investigation of the entity whose scope time contains the activity, and that has succeeded, or is running and was started at
    /// `running_since` or later: one that has been running for longer may never end. An archived investigation has the same result as an
    /// active one, and [`Detective::set_state`] makes it active again if people are to see it.
    ///
    /// # Errors
    ///
    /// A failed ListInvestigations or GetInvestigation.
    pub async fn find_reusable(
        &self,
        graph_arn: &str,
        criteria: ReuseCriteria<'_>,
    ) -> Result<ReuseResult, DetectiveError> {
        let (mut details, server_time) = self.list_investigations(graph_arn, criteria.entity_arn, None).await?;
        if criteria.includes_archived {
            let (archived, _) = self.list_investigations(graph_arn, criteria.entity_arn, Some(State::Archived)).await?;
            details.extend(archived);
            details.sort_by(|one, other| creation_order(other).cmp(&creation_order(one)));
            // If Detective lists archived investigations with the active ones, each of them is listed twice.
            details.dedup_by(|one, other| one.investigation_id() == other.investigation_id());
        }
        for detail in details.iter().take(MAX_REUSE_CANDIDATES) {
            let (Some(id), Some(status)) = (detail.investigation_id(), detail.status()) else { continue };
            let since = |moment: Timestamp| detail.created_time().is_some_and(|time| time.secs() >= moment.as_second());
            let usable = match convert::status(status) {
                Some(InvestigationStatus::Successful) => true,
                Some(InvestigationStatus::Running) => since(criteria.running_since),
                Some(InvestigationStatus::Failed) | None => false,
            };
            let is_of_it = detail.entity_arn() == Some(criteria.entity_arn);
            if !usable || !is_of_it || !criteria.created_since.is_none_or(since) {
                continue;
            }
            let investigation = self.investigation(graph_arn, id).await?;
            if investigation.status != InvestigationStatus::Failed
                && investigation.scope.is_some_and(|scope| scope.covers(criteria.activity_start, criteria.activity_end))
            {
                return Ok(ReuseResult { investigation: Some(investigation), server_time });
            }
        }
        Ok(ReuseResult { investigation: None, server_time })
    }

    /// The newest investigations of an entity, the newest first, and Detective's time. Without a state Detective lists the active ones, as
    /// its API reference says.
    async fn list_investigations(
        &self,
        graph_arn: &str,
        entity_arn: &str,
        state: Option<State>,
    ) -> Result<(Vec<InvestigationDetail>, Option<Timestamp>), DetectiveError> {
        let rejected = |error| ApiCallError::invalid_request("ListInvestigations", error);
        let equal = |value: &str| StringFilter::builder().value(value).build().map_err(rejected);
        let state = state.map(|state| equal(state.as_str())).transpose()?;
        let filter = FilterCriteria::builder().entity_arn(equal(entity_arn)?).set_state(state).build();
        let date = ResponseDate::default();
        let answer = self
            .client_for_graph(graph_arn)?
            .list_investigations()
            .graph_arn(graph_arn)
            .filter_criteria(filter)
            .sort_criteria(SortCriteria::builder().field(Field::CreatedTime).sort_order(SortOrder::Desc).build())
            .max_results(i32::try_from(MAX_REUSE_CANDIDATES).unwrap_or(i32::MAX))
            .customize()
            .interceptor(date.clone())
            .send()
            .await
            .map_err(|error| ApiCallError::new("ListInvestigations", error))?;
        Ok((answer.investigation_details.unwrap_or_default(), date.read()))
    }

    /// Starts an investigation, and returns its id (21 digits).
    ///
    /// # Errors
    ///
    /// [`DetectiveError::EntityNotInGraph`] if Detective does not have the entity, [`DetectiveError::InvestigationRefused`] if the entity or the
    /// scope time is invalid, or a failed call.
    pub async fn start(&self, graph_arn: &str, entity_arn: &str, scope: Scope) -> Result<String, DetectiveError> {
        let answer = self
            .client_for_graph(graph_arn)?
            .start_investigation()
            .graph_arn(graph_arn)
            .entity_arn(entity_arn)
            .scope_start_time(convert::to_sdk(scope.start))
            .scope_end_time(convert::to_sdk(scope.end))
            .send()
            .await
            .map_err(|error| start_error(graph_arn, entity_arn, error))?;
        let id = answer.investigation_id().map(str::to_owned);
        Ok(id.ok_or_else(|| ApiCallError::missing_field("StartInvestigation", "InvestigationId"))?)
    }

    /// The current state of an investigation.
    ///
    /// # Errors
    ///
    /// A failed GetInvestigation, or a response without a known status.
    pub async fn investigation(&self, graph_arn: &str, id: &str) -> Result<Investigation, DetectiveError> {
        let answer = self
            .client_for_graph(graph_arn)?
            .get_investigation()
            .graph_arn(graph_arn)
            .investigation_id(id)
            .send()
            .await
            .map_err(|error| ApiCallError::new("GetInvestigation", error))?;
        let status = answer.status().and_then(convert::status);
        Ok(Investigation {
            id: id.to_owned(),
            graph_arn: graph_arn.to_owned(),
            entity_arn: answer.entity_arn().unwrap_or_default().to_owned(),
            status: status.ok_or_else(|| ApiCallError::missing_field("GetInvestigation", "a status that is known"))?,
            severity: answer.severity().and_then(convert::severity),
            scope: convert::scope(answer.scope_start_time(), answer.scope_end_time()),
            state: answer.state().and_then(convert::state),
        })
    }

    /// Archives an investigation, or makes it active again. Idempotent.
    ///
    /// # Errors
    ///
    /// A failed UpdateInvestigationState.
    pub async fn set_state(&self, graph_arn: &str, id: &str, state: InvestigationState) -> Result<(), DetectiveError> {
        self.client_for_graph(graph_arn)?
            .update_investigation_state()
            .graph_arn(graph_arn)
            .investigation_id(id)
            .state(convert::state_to_sdk(state))
            .send()
            .await
            .map_err(|error| ApiCallError::new("UpdateInvestigationState", error))?;
        Ok(())
    }

    /// All indicators of an investigation.
    ///
    /// # Errors
    ///
    /// A failed ListIndicators, or more than 5,000 indicators.
    pub async fn indicators(&self, graph_arn: &str, id: &str) -> Result<Vec<Indicator>, DetectiveError> {
        let client = self.client_for_graph(graph_arn)?;
        let bound = PageLimit {
            operation: "ListIndicators",
            max_pages: MAX_INDICATOR_PAGES,
            exceeded: "more than 5,000 indicators",
        };
        collect_pages(bound, |token| async move {
            let call = client.list_indicators().graph_arn(graph_arn).investigation_id(id);
            let page = call.max_results(INDICATORS_PER_PAGE).set_next_token(token).send().await;
            let page = page.map_err(|error| ApiCallError::new(bound.operation, error))?;
            Ok(Page { items: page.indicators().iter().map(convert::indicator).collect(), next: page.next_token })
        })
        .await
    }
}

/// The sort key of investigations: the time of creation, then the id.
fn creation_order(detail: &InvestigationDetail) -> (Option<&DateTime>, Option<&str>) {
    (detail.created_time(), detail.investigation_id())
}

/// Classifies an error of StartInvestigation.
///
/// Detective API Reference, StartInvestigation and ValidationException: the error code distinguishes an invalid graph, which an operator
/// has to correct, and an internal error, which is transient, from an invalid entity or scope time.
fn start_error(graph_arn: &str, entity_arn: &str, error: SdkError<StartInvestigationError>) -> DetectiveError {
    let invalid = match error.as_service_error() {
        Some(StartInvestigationError::ValidationException(invalid)) => Some(invalid.error_code().cloned()),
        _ => None,
    };
    let source = ApiCallError::new("StartInvestigation", error);
    let (graph_arn, entity_arn) = (graph_arn.to_owned(), entity_arn.to_owned());
    match invalid {
        None if source.fault == Fault::NotFound => DetectiveError::EntityNotInGraph { graph_arn, entity_arn, source },
        None | Some(Some(ErrorCode::InvalidGraphArn)) => source.into(),
        Some(Some(ErrorCode::InternalError)) => source.with_fault(Fault::Unavailable).into(),
        Some(_) => DetectiveError::InvestigationRefused { graph_arn, entity_arn, source },
    }
}

#[cfg(test)]
mod tests;
