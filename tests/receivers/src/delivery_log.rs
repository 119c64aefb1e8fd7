//! The log of all received requests, and the faults that are waiting for a request.

use crate::fault::ReceiverFault;
use crate::http_response::HttpResponse;
use crate::pagerduty::{self, Incidents};
use crate::request::{Channel, Delivery, Request};
use crate::{slack, webhook};
use axum::http::StatusCode;

#[derive(Debug, Default)]
pub(crate) struct DeliveryLog {
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) incidents: Incidents,
    faults: Vec<(Channel, String, ReceiverFault)>,
}

/// The response to a request, and the fault that changes how it is sent.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: HttpResponse,
    pub(crate) fault: Option<ReceiverFault>,
}

impl DeliveryLog {
    pub(crate) fn add_fault(&mut self, channel: Channel, containing: &str, fault: ReceiverFault) {
        self.faults.push((channel, containing.to_owned(), fault));
    }

    /// Processes and records a request.
    pub(crate) fn receive(&mut self, request: &Request) -> Reply {
        let body = request.text();
        let fault = self.take_fault(request.channel, &body);
        let answer = match fault {
            None | Some(ReceiverFault::PartialResponse) => answer(request, &mut self.incidents),
            // The response without the fault: only its problems are used.
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

fn answer(request: &Request, incidents: &mut Incidents) -> HttpResponse {
    if request.body.is_none() {
        let problem = "the body is larger than 64 MiB, or the client closed the connection before its end";
        return HttpResponse::text(StatusCode::PAYLOAD_TOO_LARGE, "").with_problem(problem);
    }
    match request.channel {
        Channel::Slack => slack::answer(request),
        Channel::PagerDuty => pagerduty::answer(request, incidents),
        Channel::Webhook => webhook::answer(request),
    }
}
