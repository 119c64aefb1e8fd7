//! The effects of events: <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>, "Alert De-Duplication" and "Event
//! Action Behavior".

/// An incident, with the one alert that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The key of the integration that its events came through. Events with another key do not change it.
    pub routing_key: String,
    /// The deduplication key that its events have in common.
    pub dedup_key: String,
    /// Its state.
    pub state: IncidentState,
    /// How many trigger events it has had.
    pub triggers: usize,
}

/// The state of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentState {
    /// No one has reacted.
    Triggered,
    /// Someone works on it.
    Acknowledged,
    /// It is over; another trigger event opens another incident.
    Resolved,
}

/// All incidents, in the order in which they were opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incidents(Vec<Incident>);

impl Incidents {
    pub(crate) fn all(&self) -> &[Incident] {
        &self.0
    }

    /// Applies an event and returns its deduplication key, which is generated if the event has none.
    pub(super) fn apply(&mut self, routing_key: &str, action: &str, dedup_key: Option<&str>) -> String {
        // An event without a key always opens an incident, so no number is used twice.
        let dedup_key = dedup_key.map_or_else(|| format!("{:032x}", self.0.len()), str::to_owned);
        let open = self.0.iter_mut().find(|incident| {
            incident.state != IncidentState::Resolved
                && incident.routing_key == routing_key
                && incident.dedup_key == dedup_key
        });
        match (action, open) {
            ("trigger", Some(incident)) => incident.triggers += 1,
            ("trigger", None) => self.0.push(Incident {
                routing_key: routing_key.to_owned(),
                dedup_key: dedup_key.clone(),
                state: IncidentState::Triggered,
                triggers: 1,
            }),
            ("acknowledge", Some(incident)) => incident.state = IncidentState::Acknowledged,
            ("resolve", Some(incident)) => incident.state = IncidentState::Resolved,
            // Events without an open incident are dropped; the response is the same.
            _ => {}
        }
        dedup_key
    }
}
