//! Amazon Detective: behavior graphs, investigations, indicators.

mod convert;
mod coverage;
pub mod graph;
mod members;
pub mod memberships;

use crate::error::{CallFailed, Fault, Named};
use aws_config::{Region, SdkConfig};
use aws_sdk_detective::Client;
use aws_sdk_detective::types::{Field, FilterCriteria, SortCriteria, SortOrder, StringFilter};
use gumshoe_domain::graph::region_of;
use gumshoe_domain::investigation::{InvestigationState, Scope};
use gumshoe_domain::{Indicator, Investigation, InvestigationStatus, Regions};
use jiff::Timestamp;
use std::collections::BTreeMap;
use thiserror::Error;

/// How many of the principal's newest investigations are considered for reuse.
const CONSIDERED: i32 = 3;
/// ListIndicators: MaxResults is at most 100.
const INDICATORS_A_PAGE: i32 = 100;
/// Where reading indicators stops: 50 pages, 5,000 indicators, far over what was seen.
const MOST_PAGES: usize = 50;

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
    RegionNotListed {
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
        source: CallFailed,
    },
    /// Any other failure.
    #[error(transparent)]
    Call(#[from] CallFailed),
}

impl Named for DetectiveError {
    fn name(&self) -> &'static str {
        match self {
            Self::NoBehaviorGraph { .. } => "NoBehaviorGraph",
            Self::RegionNotListed { .. } => "RegionNotListed",
            Self::EntityNotInGraph { .. } => "EntityNotInGraph",
            Self::Call(call) => match call.fault {
                Fault::Throttled => "DetectiveThrottled",
                Fault::Unavailable | Fault::Conflict => "DetectiveUnavailable",
                Fault::AccessDenied => "DetectiveAccessDenied",
                Fault::NotFound => "DetectiveNotFound",
                Fault::Rejected => "DetectiveRejected",
            },
        }
    }
}

impl DetectiveError {
    /// Whether the same call may go well later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::NoBehaviorGraph { .. } | Self::RegionNotListed { .. } | Self::EntityNotInGraph { .. } => false,
            Self::Call(call) => match call.fault {
                Fault::Throttled | Fault::Unavailable | Fault::Conflict => true,
                Fault::AccessDenied | Fault::NotFound | Fault::Rejected => false,
            },
        }
    }
}

/// Detective, through clients that do not retry: the state machine does. A graph is asked in its own Region, which its ARN names.
#[derive(Debug, Clone)]
pub struct Detective {
    /// That of the function's own Region.
    client: Client,
    /// Those of other Regions.
    elsewhere: BTreeMap<String, Client>,
    coverage: coverage::Cache,
}

impl Detective {
    /// An adapter around that client, which asks in the client's Region only.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, elsewhere: BTreeMap::new(), coverage: coverage::Cache::default() }
    }

    /// An adapter that asks in these Regions, and in that of the configuration, which is the function's own.
    #[must_use]
    pub fn in_regions(configuration: &SdkConfig, regions: &Regions) -> Self {
        let own: Option<&str> = configuration.region().map(Region::as_ref);
        let elsewhere = regions.names().filter(|region| Some(*region) != own).map(|region| {
            let configuration = configuration.to_builder().region(Region::new(region.to_owned())).build();
            (region.to_owned(), Client::new(&configuration))
        });
        Self { elsewhere: elsewhere.collect(), ..Self::new(Client::new(configuration)) }
    }

    fn client_in(&self, region: &str) -> Result<&Client, DetectiveError> {
        if self.client.config().region().is_some_and(|own| own.as_ref() == region) {
            return Ok(&self.client);
        }
        self.elsewhere.get(region).ok_or_else(|| DetectiveError::RegionNotListed { region: region.to_owned() })
    }

    /// The client of the graph's Region; that of the own one where the ARN names none.
    fn client_of(&self, graph_arn: &str) -> Result<&Client, DetectiveError> {
        region_of(graph_arn).map_or(Ok(&self.client), |region| self.client_in(region))
    }

    /// The behavior graph that this account administers in a Region (ListGraphs: there is one at most).
    ///
    /// # Errors
    ///
    /// [`DetectiveError::NoBehaviorGraph`] when there is none, [`DetectiveError::RegionNotListed`] where nothing is asked, or a
    /// failed call.
    pub async fn graph_arn(&self, region: &str) -> Result<String, DetectiveError> {
        let call = self.client_in(region)?.list_graphs();
        let answer = call.send().await.map_err(|error| CallFailed::new("ListGraphs", error))?;
        let arn = answer.graph_list().iter().find_map(|graph| graph.arn());
        arn.map(str::to_owned).ok_or_else(|| DetectiveError::NoBehaviorGraph { region: region.to_owned() })
    }

    /// An investigation of the entity that succeeded, or runs and was started after `running_since`, and whose scope holds
    /// the activity, if there is one. One that has been running for longer may never end. Whether it is archived makes no
    /// difference: it holds the same result, and [`Detective::set_state`] takes it out again where people are to see it.
    /// With `created_since`, none from before that moment is used.
    ///
    /// # Errors
    ///
    /// A failed ListInvestigations or GetInvestigation.
    pub async fn reusable(
        &self,
        graph_arn: &str,
        entity_arn: &str,
        first: Timestamp,
        last: Timestamp,
        running_since: Timestamp,
        created_since: Option<Timestamp>,
    ) -> Result<Option<Investigation>, DetectiveError> {
        let rejected = |error| CallFailed::incomplete_request("ListInvestigations", error);
        let entity = StringFilter::builder().value(entity_arn).build().map_err(rejected)?;
        let answer = self
            .client_of(graph_arn)?
            .list_investigations()
            .graph_arn(graph_arn)
            .filter_criteria(FilterCriteria::builder().entity_arn(entity).build())
            .sort_criteria(SortCriteria::builder().field(Field::CreatedTime).sort_order(SortOrder::Desc).build())
            .max_results(CONSIDERED)
            .send()
            .await
            .map_err(|error| CallFailed::new("ListInvestigations", error))?;
        for detail in answer.investigation_details() {
            let (Some(id), Some(status)) = (detail.investigation_id(), detail.status()) else { continue };
            let usable = match convert::status(status) {
                Some(InvestigationStatus::Successful) => true,
                Some(InvestigationStatus::Running) => {
                    detail.created_time().is_some_and(|time| time.secs() >= running_since.as_second())
                }
                Some(InvestigationStatus::Failed) | None => false,
            };
            let since = |moment: Timestamp| detail.created_time().is_some_and(|time| time.secs() >= moment.as_second());
            if !usable || detail.entity_arn() != Some(entity_arn) || !created_since.is_none_or(since) {
                continue;
            }
            let investigation = self.investigation(graph_arn, id).await?;
            if investigation.status != InvestigationStatus::Failed
                && investigation.scope.is_some_and(|scope| scope.covers(first, last))
            {
                return Ok(Some(investigation));
            }
        }
        Ok(None)
    }

    /// Starts an investigation and gives its id of 21 digits.
    ///
    /// # Errors
    ///
    /// [`DetectiveError::EntityNotInGraph`] when Detective answers that it does not find the entity, or a failed call.
    pub async fn start(&self, graph_arn: &str, entity_arn: &str, scope: Scope) -> Result<String, DetectiveError> {
        let answer = self
            .client_of(graph_arn)?
            .start_investigation()
            .graph_arn(graph_arn)
            .entity_arn(entity_arn)
            .scope_start_time(convert::to_sdk(scope.start))
            .scope_end_time(convert::to_sdk(scope.end))
            .send()
            .await
            .map_err(|error| match CallFailed::new("StartInvestigation", error) {
                source if source.fault == Fault::NotFound => {
                    let (graph_arn, entity_arn) = (graph_arn.to_owned(), entity_arn.to_owned());
                    DetectiveError::EntityNotInGraph { graph_arn, entity_arn, source }
                }
                other => other.into(),
            })?;
        let id = answer.investigation_id().map(str::to_owned);
        Ok(id.ok_or_else(|| CallFailed::incomplete("StartInvestigation", "InvestigationId"))?)
    }

    /// The state of an investigation.
    ///
    /// # Errors
    ///
    /// A failed GetInvestigation, or an answer without a status that this version knows.
    pub async fn investigation(&self, graph_arn: &str, id: &str) -> Result<Investigation, DetectiveError> {
        let answer = self
            .client_of(graph_arn)?
            .get_investigation()
            .graph_arn(graph_arn)
            .investigation_id(id)
            .send()
            .await
            .map_err(|error| CallFailed::new("GetInvestigation", error))?;
        let status = answer.status().and_then(convert::status);
        Ok(Investigation {
            id: id.to_owned(),
            graph_arn: graph_arn.to_owned(),
            entity_arn: answer.entity_arn().unwrap_or_default().to_owned(),
            status: status.ok_or_else(|| CallFailed::incomplete("GetInvestigation", "a status that is known"))?,
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
        self.client_of(graph_arn)?
            .update_investigation_state()
            .graph_arn(graph_arn)
            .investigation_id(id)
            .state(convert::state_to_sdk(state))
            .send()
            .await
            .map_err(|error| CallFailed::new("UpdateInvestigationState", error))?;
        Ok(())
    }

    /// All indicators of an investigation, page by page to the end.
    ///
    /// # Errors
    ///
    /// A failed ListIndicators, or more than 5,000 indicators.
    pub async fn indicators(&self, graph_arn: &str, id: &str) -> Result<Vec<Indicator>, DetectiveError> {
        let mut indicators = Vec::new();
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let page = self
                .client_of(graph_arn)?
                .list_indicators()
                .graph_arn(graph_arn)
                .investigation_id(id)
                .max_results(INDICATORS_A_PAGE)
                .set_next_token(next)
                .send()
                .await
                .map_err(|error| CallFailed::new("ListIndicators", error))?;
            indicators.extend(page.indicators().iter().map(convert::indicator));
            next = page.next_token().map(str::to_owned);
            if next.is_none() {
                return Ok(indicators);
            }
        }
        Err(CallFailed::incomplete("ListIndicators", "an end after 5,000 indicators").into())
    }
}

#[cfg(test)]
mod tests;
