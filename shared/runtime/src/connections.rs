//! The connections of a function's clients.
//!
//! Lambda freezes a sandbox between two invocations. A connection that was kept for the next request may be closed or
//! forgotten by the other side meanwhile, and a frozen process does not notice. The request is then written to a dead
//! connection: it is reset, or there is never an answer, and nothing says whether the service has carried it out. What
//! had arrived before the request is written, hyper does notice: it takes another connection by itself.
//!
//! So a connection is kept for seconds only, and a call that must not be made twice has a connection of its own. Where no
//! connection can be made, nothing of the request was sent, and such a call is made once more.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use gumshoe_domain::error::with_causes;
use hyper_util::client::legacy::Error as ClientError;
use std::error::Error;
use std::time::Duration;

/// For how long a connection is kept for the next request. Services close theirs after more: S3 after about 20 seconds
/// (vectordotdev/vector#9703), most after a minute.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// The HTTP clients of a function, by what becomes of their connections.
#[derive(Debug)]
pub(crate) struct HttpClients {
    /// A connection is kept for the next request. For calls that the SDK repeats.
    pub(crate) pooled: SharedHttpClient,
    /// Each call has its own. For calls that the SDK does not repeat.
    pub(crate) unpooled: SharedHttpClient,
}

impl HttpClients {
    /// To servers whose certificates are under these roots.
    pub(crate) fn with_trust_store(trusted: TrustStore) -> Self {
        let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        // Building one cannot fail with a trust store.
        let context = TlsContext::builder().with_trust_store(trusted).build().unwrap_or_default();
        let builder = || Builder::new().tls_provider(ring.clone()).tls_context(context.clone());
        let pooled = builder().pool_idle_timeout(POOL_IDLE_TIMEOUT).build_https();
        let unpooled = builder().pool_max_idle_per_host(0).build_https();
        let unpooled = http_client_fn(move |settings, components| {
            SharedHttpConnector::new(RetryOnConnectFailure(unpooled.http_connector(settings, components)))
        });
        Self { pooled, unpooled }
    }
}

/// A connector that makes a call once more where nothing of it was sent.
#[derive(Debug)]
struct RetryOnConnectFailure(SharedHttpConnector);

impl HttpConnector for RetryOnConnectFailure {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.0.clone();
        HttpConnectorFuture::new(async move {
            let again = request.try_clone();
            match (connector.call(request).await, again) {
                (Err(error), Some(again)) if is_unsent(&error) => {
                    tracing::warn!(error.message = %with_causes(&error),
                        "no connection could be made, so nothing was sent; the call is made once more");
                    connector.call(again).await
                }
                (answer, _) => answer,
            }
        })
    }
}

/// Whether a call failed before it had a connection. Nothing of it was sent then. Of any other failure this is not known.
fn is_unsent(error: &ConnectorError) -> bool {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.find_map(|cause| cause.downcast_ref::<ClientError>()).is_some_and(ClientError::is_connect)
}

#[cfg(test)]
mod tests;
