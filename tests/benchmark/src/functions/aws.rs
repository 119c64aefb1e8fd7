//! AWS, as functions find it under `AWS_ENDPOINT_URL`: first the local cloud, whose answers are recorded; then those answers
//! again, as fast as they can be given.

use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use wire::Forwarder;

use super::recording::{Answer, Call, Recording, Replay};
use super::server::{self, Server, plain};
use crate::Error;

/// The services that the simulator stands for.
const SIMULATED: [&str; 2] = ["detective", "guardduty"];

/// Who answers while it is recorded, each as `host:port`.
#[derive(Debug, Clone)]
pub(super) struct Targets {
    pub(super) emulator: String,
    pub(super) simulator: String,
    /// Takes calls without a signature: whoever alerts are relayed to.
    pub(super) receivers: String,
}

enum Mode {
    Recording(Targets, Recording),
    Replaying(Replay),
}

/// The server.
pub(super) struct Aws {
    server: Server,
    mode: Arc<Mutex<Mode>>,
}

impl Aws {
    pub(super) async fn start() -> Result<Self, Error> {
        let mode = Arc::new(Mutex::new(Mode::Replaying(Replay::default())));
        let shared = Arc::clone(&mode);
        let forwarder = Forwarder::new()?;
        let server = Server::start(move |request| answer(Arc::clone(&shared), forwarder.clone(), request)).await?;
        Ok(Self { server, mode })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Passes calls on from now on, and records them.
    pub(super) fn record(&self, targets: Targets) {
        *lock(&self.mode) = Mode::Recording(targets, Recording::default());
    }

    /// What was recorded.
    pub(super) fn recorded(&self) -> Recording {
        match &*lock(&self.mode) {
            Mode::Recording(_, recording) => recording.clone(),
            Mode::Replaying(_) => Recording::default(),
        }
    }

    /// Answers from now on as was recorded.
    pub(super) fn replay(&self, recording: &Recording) {
        *lock(&self.mode) = Mode::Replaying(Replay::of(recording));
    }

    /// The next invocation begins.
    pub(super) fn begin(&self) {
        if let Mode::Replaying(replay) = &mut *lock(&self.mode) {
            replay.begin();
        }
    }

    /// Whether the invocation has made the calls that were recorded, but for those that it remembers the answer to.
    pub(super) fn check(&self, remembered: &[&str]) -> Result<(), Error> {
        match &*lock(&self.mode) {
            Mode::Replaying(replay) => replay.check(remembered).map_err(Error::Function),
            Mode::Recording(..) => Ok(()),
        }
    }
}

fn lock(mode: &Mutex<Mode>) -> std::sync::MutexGuard<'_, Mode> {
    mode.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(mode: Arc<Mutex<Mode>>, forwarder: Forwarder, request: Request<Incoming>) -> server::Answer {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return plain(400, "") };
    let body = body.to_bytes();
    let call = Call::of(&parts.method, &parts.uri, &parts.headers, &body);
    let targets = match &mut *lock(&mode) {
        Mode::Recording(targets, _) => targets.clone(),
        Mode::Replaying(replay) => {
            let answer = replay.answer(call, &body);
            return answer.map_or_else(|| plain(501, "this was not recorded"), given);
        }
    };
    let target = match call.service.as_str() {
        "" => &targets.receivers,
        service if SIMULATED.contains(&service) => &targets.simulator,
        _ => &targets.emulator,
    };
    // Nothing is measured while it is recorded, so the forwarder need not be as thin as the server.
    let target = format!("http://{target}");
    let answer = match forwarder.forward(&target, parts.method, &parts.uri, &parts.headers, body).await {
        Ok(answer) => {
            let (parts, body) = answer.into_parts();
            Answer { status: parts.status, headers: parts.headers, body }
        }
        Err(error) => return plain(502, format!("{call}: {error}")),
    };
    if let Mode::Recording(_, recording) = &mut *lock(&mode) {
        recording.add(call, answer.clone());
    }
    given(answer)
}

fn given(answer: Answer) -> server::Answer {
    let mut response = plain(answer.status.as_u16(), answer.body);
    *response.headers_mut() = answer.headers;
    response
}

#[cfg(test)]
mod tests {
    use crate::client::Client;
    use hyper::body::Bytes;

    use super::*;

    const PATH: &str = "/investigations/getInvestigation";

    fn host(url: &str) -> String {
        url.trim_start_matches("http://").to_owned()
    }

    /// The client signs as Detective's.
    async fn ask(aws: &Aws) -> Result<Bytes, Error> {
        Client::connect(&host(&aws.url())).await?.post(PATH, Bytes::from_static(b"{}")).await
    }

    #[tokio::test]
    async fn what_was_recorded_is_answered_again() {
        let service = Server::start(|_| async { plain(200, "as it is") }).await.unwrap();
        let aws = Aws::start().await.unwrap();
        let simulator = service.address().to_string();
        aws.record(Targets { emulator: String::new(), simulator, receivers: String::new() });
        assert_eq!(ask(&aws).await.unwrap(), "as it is");
        let recording = aws.recorded();
        assert_eq!(recording.in_words(), format!("detective POST {PATH} (200)"));
        drop(service);
        aws.replay(&recording);
        for _ in 0..2 {
            aws.begin();
            assert!(aws.check(&[]).is_err(), "it was not called");
            assert_eq!(ask(&aws).await.unwrap(), "as it is");
            aws.check(&[]).unwrap();
        }
        let error = ask(&aws).await.unwrap_err().to_string();
        assert!(error.contains("not recorded"), "{error}");
        assert!(aws.check(&[]).unwrap_err().to_string().contains(PATH));
    }
}
