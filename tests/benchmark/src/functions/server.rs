//! A minimal HTTP server on loopback: its time is part of every measurement.

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

/// A response.
pub(super) type Answer = Response<Full<Bytes>>;

/// A running server. Dropping it closes all of its connections.
pub(super) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Handles requests with `handle`, on a free port.
    pub(super) async fn start<H, F>(handle: H) -> Result<Self, Error>
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let no_port = || Error::io("could not bind 127.0.0.1:0");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(no_port())?;
        let address = listener.local_addr().map_err(no_port())?;
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                // Otherwise a response may wait 40 ms for the other side's acknowledgment (Nagle's algorithm).
                let _ = stream.set_nodelay(true);
                let handle = handle.clone();
                let service = service_fn(move |request| {
                    let answer = handle(request);
                    async move { Ok::<_, Infallible>(answer.await) }
                });
                // It is no error if a client ends during a request.
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

/// A response without headers.
pub(super) fn plain(status: u16, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    if let Ok(status) = hyper::StatusCode::from_u16(status) {
        *answer.status_mut() = status;
    }
    answer
}
