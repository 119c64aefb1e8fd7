//! Everything that was received and that is yet to go wrong.

use crate::answer::Answer;
use crate::fault::ReceiverFault;
use crate::pagerduty::{self, Incidents};
use crate::request::{Channel, Delivery, Request};
use crate::{slack, webhook};
use axum::http::StatusCode;

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) incidents: Incidents,
    faults: Vec<(Channel, String, ReceiverFault)>,
}

/// What is answered to a request, and what goes wrong with that.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) fault: Option<ReceiverFault>,
}

impl Ledger {
    pub(crate) fn add_fault(&mut self, channel: Channel, containing: &str, fault: ReceiverFault) {
        self.faults.push((channel, containing.to_owned(), fault));
    }

    /// Carries out and records a request.
    pub(crate) fn receive(&mut self, request: &Request) -> Reply {
        let body = request.text();
        let fault = self.take_fault(request.channel, &body);
        let answer = match fault {
            None | Some(ReceiverFault::PartialResponse) => answer(request, &mut self.incidents),
            // What it would have answered: only what is wrong with the request is of use.
            Some(_) => answer(request, &mut self.incidents.clone()),
        };
        let status = fault.as_ref().map_or(Some(answer.status), |fault| fault.status(answer.status));
        self.deliveries.push(Delivery {
            channel: request.channel,
            path: request.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: request.headers.clone(),
            body,
            status: status.map(|status| status.as_u16()),
            problems: answer.problems.clone(),
        });
        Reply { answer, fault }
    }

    fn take_fault(&mut self, channel: Channel, body: &str) -> Option<ReceiverFault> {
        let index = self.faults.iter().position(|(on, text, _)| *on == channel && body.contains(text.as_str()))?;
        Some(self.faults.remove(index).2)
    }
}

fn answer(request: &Request, incidents: &mut Incidents) -> Answer {
    if request.body.is_none() {
        let problem = "the body is too large to be read, or broke off";
        return Answer::text(StatusCode::PAYLOAD_TOO_LARGE, "").because(problem);
    }
    match request.channel {
        Channel::Slack => slack::answer(request),
        Channel::PagerDuty => pagerduty::answer(request, incidents),
        Channel::Webhook => webhook::answer(request),
    }
}
