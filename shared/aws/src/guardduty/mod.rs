//! Amazon GuardDuty: the detector, GuardDuty's own investigations, and the times of findings.

mod convert;
mod feedback;
mod findings;

use crate::error::ApiCallError;
use crate::pagination::{Page, PageLimit, collect_pages};
use aws_config::{Region, SdkConfig};
use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::types::{
    DetectorFeatureResult, DetectorStatus, FeatureStatus, InvestigationSortCriteria, InvestigationSortField, OrderBy,
};
use gumshoe_domain::Regions;
use gumshoe_domain::error::{Fault, with_causes};
use gumshoe_domain::guardduty::{CreateResult, GuardDutyInvestigation, ListedInvestigation, NotRequestedReason};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// ListInvestigations: `MaxResults` is at most 50.
const INVESTIGATIONS_PER_PAGE: i32 = 50;
/// The number of pages: 40 pages, 2,000 investigations. An account may have 100, not counting failed ones.
const MAX_INVESTIGATION_PAGES: usize = 40;

/// GuardDuty in one Region, and a GuardDuty for each other Region. The client retries: CreateInvestigation is idempotent by its token.
#[derive(Debug)]
pub struct GuardDuty {
    client: Client,
    /// The detector for investigations, or why there is none. Cached for the life of the function.
    detector: OnceLock<Result<String, NotRequestedReason>>,
    /// The account's detector, whatever its features. Cached for the life of the function.
    account_detector: OnceLock<String>,
    /// GuardDuty in other Regions.
    other_regions: BTreeMap<String, GuardDuty>,
}

impl GuardDuty {
    /// An adapter for the Region of the client only.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, detector: OnceLock::new(), account_detector: OnceLock::new(), other_regions: BTreeMap::new() }
    }

    /// An adapter for the Region of the configuration and for these Regions.
    #[must_use]
    pub fn for_regions(configuration: &SdkConfig, regions: &Regions) -> Self {
        let own: Option<&str> = configuration.region().map(Region::as_ref);
        let other_regions = regions.names().filter(|region| Some(*region) != own).map(|region| {
            let configuration = configuration.to_builder().region(Region::new(region.to_owned())).build();
            (region.to_owned(), Self::new(Client::new(&configuration)))
        });
        Self { other_regions: other_regions.collect(), ..Self::new(Client::new(configuration)) }
    }

    /// GuardDuty in that Region. `None`, as in records of earlier versions, is the own Region. A Region that is no longer configured gets the
    /// own Region as well: GuardDuty does not find the other Region's detector there, and the call fails as not found.
    #[must_use]
    pub fn for_region(&self, region: Option<&str>) -> &Self {
        region.and_then(|region| self.other_regions.get(region)).unwrap_or(self)
    }

    /// GuardDuty in every Region, the own one first.
    pub fn all_regions(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.other_regions.values())
    }

    /// The id of the account's detector in this Region, if it can investigate: it is enabled, and so is its feature AI_ANALYST (GuardDuty API
    /// Reference, CreateInvestigation). The result is cached, a failed call is not.
    ///
    /// # Errors
    ///
    /// [`NotRequestedReason`]: why there is no such detector, or that it could not be read.
    pub async fn investigation_detector(&self) -> Result<String, NotRequestedReason> {
        if let Some(known) = self.detector.get() {
            return known.clone();
        }
        let found = self.find_investigation_detector().await.map_err(|error| not_requested_reason(&error))?;
        self.detector.get_or_init(|| found).clone()
    }

    async fn find_investigation_detector(&self) -> Result<Result<String, NotRequestedReason>, ApiCallError> {
        let listed = self.client.list_detectors().send().await;
        let listed = listed.map_err(|error| ApiCallError::new("ListDetectors", error))?;
        // An account has at most one detector in a Region.
        let Some(id) = listed.detector_ids().first() else { return Ok(Err(NotRequestedReason::NoDetector)) };
        let detector = self.client.get_detector().detector_id(id).send().await;
        let detector = detector.map_err(|error| ApiCallError::new("GetDetector", error))?;
        if detector.status() != Some(&DetectorStatus::Enabled) {
            return Ok(Err(NotRequestedReason::DetectorDisabled));
        }
        let investigates = detector.features().iter().any(|feature| {
            feature.name() == Some(&DetectorFeatureResult::AiAnalyst)
                && feature.status() == Some(&FeatureStatus::Enabled)
        });
        Ok(if investigates { Ok(id.clone()) } else { Err(NotRequestedReason::FeatureDisabled) })
    }

    /// Requests an investigation. With a token that was used before, it returns the investigation that was created then.
    ///
    /// The second value is the reason if no investigation was created, or if that is not known.
    pub async fn create(
        &self,
        detector_id: &str,
        prompt: &str,
        token: &str,
    ) -> (CreateResult, Option<NotRequestedReason>) {
        let call = self.client.create_investigation();
        let sent = call.detector_id(detector_id).trigger_prompt(prompt).client_token(token).send().await;
        let error = match sent {
            Ok(answer) => match answer.investigation_id() {
                Some(id) => return (CreateResult::Created(id.to_owned()), None),
                None => ApiCallError::missing_field("CreateInvestigation", "investigationId"),
            },
            Err(error) => ApiCallError::new("CreateInvestigation", error),
        };
        let created = match error.fault {
            Fault::Unavailable => CreateResult::Unknown,
            Fault::Throttled | Fault::AccessDenied | Fault::NotFound | Fault::Conflict | Fault::Rejected => {
                CreateResult::Refused
            }
        };
        (created, Some(not_requested_reason(&error)))
    }

    /// All investigations of the account in this Region.
    ///
    /// # Errors
    ///
    /// A failed ListInvestigations, or more than 2,000 investigations.
    pub async fn list(&self, detector_id: &str) -> Result<Vec<ListedInvestigation>, ApiCallError> {
        let by_start = InvestigationSortCriteria::builder()
            .attribute_name(InvestigationSortField::StartTime)
            .order_by(OrderBy::Desc)
            .build();
        let by_start = &by_start;
        let exceeded = "more than 2,000 investigations";
        let bound = PageLimit { operation: "ListInvestigations", max_pages: MAX_INVESTIGATION_PAGES, exceeded };
        collect_pages(bound, |token| async move {
            let call = self.client.list_investigations().detector_id(detector_id).sort_criteria(by_start.clone());
            let page = call.max_results(INVESTIGATIONS_PER_PAGE).set_next_token(token).send().await;
            let page = page.map_err(|error| ApiCallError::new(bound.operation, error))?;
            let items = page.investigations().iter().filter_map(convert::listed).collect();
            Ok(Page { items, next: page.next_token })
        })
        .await
    }

    /// The current state of an investigation.
    ///
    /// # Errors
    ///
    /// A failed GetInvestigation, or a response without a known status.
    pub async fn investigation(&self, detector_id: &str, id: &str) -> Result<GuardDutyInvestigation, ApiCallError> {
        let call = self.client.get_investigation().detector_id(detector_id).investigation_id(id);
        let answer = call.send().await.map_err(|error| ApiCallError::new("GetInvestigation", error))?;
        let found = answer.investigation().and_then(|found| convert::investigation(id, found));
        found.ok_or_else(|| ApiCallError::missing_field("GetInvestigation", "a status that is known"))
    }
}

/// The reason that is recorded for a failed call.
fn not_requested_reason(error: &ApiCallError) -> NotRequestedReason {
    let said = with_causes(error);
    match error.fault {
        Fault::AccessDenied | Fault::Rejected | Fault::NotFound => NotRequestedReason::Refused { message: said },
        Fault::Throttled | Fault::Unavailable | Fault::Conflict => NotRequestedReason::Failed { message: said },
    }
}

#[cfg(test)]
mod tests;
