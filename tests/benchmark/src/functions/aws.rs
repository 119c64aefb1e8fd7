//! The server at the functions' `AWS_ENDPOINT_URL`: first it forwards calls to the local cloud and records the responses; then
//! it replays the responses without delay.

use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use wire::Forwarder;

use super::recording::{Answer, Call, Recording, Replay};
use super::server::{self, Server, plain};
use crate::Error;

/// The services that the simulator represents.
const SIMULATED: [&str; 2] = ["detective", "guardduty"];

/// The servers that respond during recording, each as `host:port`.
#[derive(Debug, Clone)]
pub(super) struct Targets {
    pub(super) emulator: String,
    pub(super) simulator: String,
    /// The receivers of relayed alerts. Their calls have no signature.
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

    /// Forwards and records calls from now on.
    pub(super) fn record(&self, targets: Targets) {
        *lock(&self.mode) = Mode::Recording(targets, Recording::default());
    }

    /// The calls recorded so far; empty during replay.
    pub(super) fn recorded(&self) -> Recording {
        match &*lock(&self.mode) {
            Mode::Recording(_, recording) => recording.clone(),
            Mode::Replaying(_) => Recording::default(),
        }
    }

    /// Replays the recording from now on.
    pub(super) fn replay(&self, recording: &Recording) {
        *lock(&self.mode) = Mode::Replaying(Replay::of(recording));
    }

    /// Starts the next invocation: the responses are replayed from the first.
    pub(super) fn begin(&self) {
        if let Mode::Replaying(replay) = &mut *lock(&self.mode) {
            replay.begin();
        }
    }

    /// Checks that the invocation has made exactly the recorded calls, except those of operations whose results it caches.
    ///
    /// # Errors
    ///
    /// The first call that was missing or not recorded.
    pub(super) fn check(&self, cached_operations: &[&str]) -> Result<(), Error> {
        match &*lock(&self.mode) {
            Mode::Replaying(replay) => replay.check(cached_operations).map_err(Error::Function),
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
            return answer.map_or_else(|| plain(501, "this call was not recorded"), to_response);
        }
    };
    let target = match call.service.as_str() {
        "" => &targets.receivers,
        service if SIMULATED.contains(&service) => &targets.simulator,
        _ => &targets.emulator,
    };
    // Nothing is measured during recording, so the forwarder may be slower than the server.
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
    to_response(answer)
}

fn to_response(answer: Answer) -> server::Answer {
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
    async fn recorded_responses_are_replayed() {
        let service = Server::start(|_| async { plain(200, "as it is") }).await.unwrap();
        let aws = Aws::start().await.unwrap();
        let simulator = service.address().to_string();
        aws.record(Targets { emulator: String::new(), simulator, receivers: String::new() });
        assert_eq!(ask(&aws).await.unwrap(), "as it is");
        let recording = aws.recorded();
        assert_eq!(recording.summary(), format!("detective POST {PATH} (200)"));
        drop(service);
        aws.replay(&recording);
        for _ in 0..2 {
            aws.begin();
            assert!(aws.check(&[]).is_err(), "the call is missing");
            assert_eq!(ask(&aws).await.unwrap(), "as it is");
            aws.check(&[]).unwrap();
        }
        let error = ask(&aws).await.unwrap_err().to_string();
        assert!(error.contains("not recorded"), "{error}");
        assert!(aws.check(&[]).unwrap_err().to_string().contains(PATH));
    }
}
