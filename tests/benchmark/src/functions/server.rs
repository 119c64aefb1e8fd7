//! A server of HTTP on loopback, as thin as it can be: what it takes is in every measurement.

use std::convert::Infallible;
use std::net::SocketAddr;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::Error;

/// What is answered.
pub(super) type Answer = Response<Full<Bytes>>;

/// A running server. Dropping it closes all of its connections.
pub(super) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves on a free port, each request with `handle`.
    pub(super) async fn start<H, F>(handle: H) -> Result<Self, Error>
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let no_port = || Error::io("no free port on loopback");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(no_port())?;
        let address = listener.local_addr().map_err(no_port())?;
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                // Without it an answer may wait 40 ms for the other side's acknowledgement.
                let _ = stream.set_nodelay(true);
                let handle = handle.clone();
                let service = service_fn(move |request| {
                    let answer = handle(request);
                    async move { Ok::<_, Infallible>(answer.await) }
                });
                // A client that is ended in the middle is no error here.
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer without headers of its own.
pub(super) fn plain(status: u16, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    if let Ok(status) = hyper::StatusCode::from_u16(status) {
        *answer.status_mut() = status;
    }
    answer
}
