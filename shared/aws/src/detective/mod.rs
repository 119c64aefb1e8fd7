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
use gumshoe_domain::coverage::region_of;
use gumshoe_domain::error::{Fault, Named, Service};
use gumshoe_domain::investigation::{InvestigationState, Scope};
use gumshoe_domain::{Indicator, Investigation, InvestigationStatus, Regions};
use jiff::Timestamp;
use response_date::ResponseDate;
use std::collections::BTreeMap;
use thiserror::Error;

/// How many of the principal's newest investigations are considered for reuse.
const MAX_REUSE_CANDIDATES: usize = 3;
/// ListIndicators: MaxResults is at most 100.
const INDICATORS_PER_PAGE: i32 = 100;
/// Where reading indicators stops: 50 pages, 5,000 indicators, far over what was seen.
const MAX_INDICATOR_PAGES: usize = 50;

/// What can go wrong with Detective.
#[derive(Debug, Error)]
pub enum DetectiveError {
    /// ListGraphs came back empty.
    #[error("this account administers no behavior graph in {region}")]
    NoBehaviorGraph {
        /// The Region that was asked.
        region: String,
    },
    /// A graph is asked for, or asked, in a Region that the function has no client of.
    #[error("this stack does not investigate in {region}")]
    RegionNotConfigured {
        /// The Region.
        region: String,
    },
    /// Detective does not know the entity.
    #[error("the behavior graph does not know {entity_arn}")]
    EntityNotInGraph {
        /// The graph that was asked.
        graph_arn: String,
        /// The IAM user or role that was asked about.
        entity_arn: String,
        /// Detective's answer.
        #[source]
        source: ApiCallError,
    },
    /// Detective does not take the entity, or the period, for an investigation.
    #[error("Detective refuses to investigate {entity_arn} over this period")]
    InvestigationRefused {
        /// The graph that was asked.
        graph_arn: String,
        /// The IAM user or role that was asked about.
        entity_arn: String,
        /// Detective's answer.
        #[source]
        source: ApiCallError,
    },
    /// Any other failure.
    #[error(transparent)]
    Call(#[from] ApiCallError),
}

/// Which investigation would do.
#[derive(Debug, Clone, Copy)]
pub struct ReuseCriteria<'a> {
    /// The IAM user or role.
    pub entity_arn: &'a str,
    /// When the activity began that its scope must hold.
    pub activity_start: Timestamp,
    /// When that activity ended.
    pub activity_end: Timestamp,
    /// One that still runs was started at this moment or later.
    pub running_since: Timestamp,
    /// It was started at this moment or later; nothing: at any time.
    pub created_since: Option<Timestamp>,
    /// Whether archived ones have to be asked for as well: Gumshoe archives some.
    pub includes_archived: bool,
}

/// What was found for reuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReuseResult {
    /// The investigation, where there is one.
    pub investigation: Option<Investigation>,
    /// What Detective's clock showed when it was asked, in whole seconds; nothing where its answer did not tell.
    pub server_time: Option<Timestamp>,
}

impl Named for DetectiveError {
    fn name(&self) -> &'static str {
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
    /// Whether the same call may go well later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::NoBehaviorGraph { .. }
            | Self::RegionNotConfigured { .. }
            | Self::EntityNotInGraph { .. }
            | Self::InvestigationRefused { .. } => false,
            Self::Call(call) => call.fault.is_transient(),
        }
    }
}

/// Detective, through clients that do not retry: the state machine does. A graph is asked in its own Region, which its ARN names.
#[derive(Debug, Clone)]
pub struct Detective {
    /// That of the function's own Region.
    client: Client,
    /// Those of other Regions.
    other_regions: BTreeMap<String, Client>,
    memberships: coverage::MembershipCache,
}

impl Detective {
    /// An adapter around that client, which asks in the client's Region only.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, other_regions: BTreeMap::new(), memberships: coverage::MembershipCache::default() }
    }

    /// An adapter that asks in these Regions, and in that of the configuration, which is the function's own.
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

    /// The client of the graph's Region; that of the own one where the ARN names none.
    fn client_for_graph(&self, graph_arn: &str) -> Result<&Client, DetectiveError> {
        region_of(graph_arn).map_or(Ok(&self.client), |region| self.client_in(region))
    }

    /// The behavior graph that this account administers in a Region (ListGraphs: there is one at most).
    ///
    /// # Errors
    ///
    /// [`DetectiveError::NoBehaviorGraph`] when there is none, [`DetectiveError::RegionNotConfigured`] where nothing is asked, or a
    /// failed call.
    pub async fn graph_arn(&self, region: &str) -> Result<String, DetectiveError> {
        let arn = graphs::administered_graph(self.client_in(region)?).await?;
        arn.ok_or_else(|| DetectiveError::NoBehaviorGraph { region: region.to_owned() })
    }

    /// Looks for an investigation of the entity that succeeded, or runs and was started after `running_since`, and whose scope
    /// holds the activity. One that has been running for longer may never end. Whether it is archived makes no difference: it
    /// holds the same result, and [`Detective::set_state`] takes it out again where people are to see it.
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
            // Where Detective lists archived ones with the others, each is there twice.
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

    /// The newest investigations of an entity, the last first, and Detective's clock when it answered. Without a state, those
    /// that Detective lists by itself: the active ones, says the API reference.
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

    /// Starts an investigation and gives its id of 21 digits.
    ///
    /// # Errors
    ///
    /// [`DetectiveError::EntityNotInGraph`] when Detective answers that it does not find the entity,
    /// [`DetectiveError::InvestigationRefused`] when it finds the entity or the scope wrong, or a failed call.
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

    /// The state of an investigation.
    ///
    /// # Errors
    ///
    /// A failed GetInvestigation, or an answer without a status that this version knows.
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

    /// Archives an investigation, or takes it back among the active ones. Doing it again does no harm.
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

    /// All indicators of an investigation, page by page to the end.
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

/// The order of investigations: by the moment of their creation.
fn creation_order(detail: &InvestigationDetail) -> (Option<&DateTime>, Option<&str>) {
    (detail.created_time(), detail.investigation_id())
}

/// Why an investigation was not started.
///
/// Detective API Reference, StartInvestigation and ValidationException: the error code tells a wrong graph, which an operator has
/// to mend, from a failure of Detective's, which may pass, and from the rest of the request, which is the entity and the scope.
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
