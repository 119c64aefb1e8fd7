//! The connections of a function's clients.
//!
//! Lambda freezes a sandbox between two invocations. In the meantime the server may close a connection that is kept for the next
//! request, and a frozen process does not notice. The next request is then written to a closed connection: it is reset, or never
//! answered, and it is not known whether the service executed it. (If the server's close arrives before the request is written, hyper
//! notices, and uses another connection.)
//!
//! So a connection is kept for a few seconds only, and a call that must not be executed twice has its own connection. If that cannot be
//! established, nothing was sent, and the call is repeated once.

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

/// How long an idle connection is kept for the next request. Services close theirs later: S3 after about 20 seconds
/// (vectordotdev/vector#9703), most services after a minute.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// The HTTP clients of a function.
#[derive(Debug)]
pub(crate) struct HttpClients {
    /// Keeps connections for the next request. For calls that the SDK retries.
    pub(crate) pooled: SharedHttpClient,
    /// Uses a new connection for each call. For calls that the SDK does not retry.
    pub(crate) unpooled: SharedHttpClient,
}

impl HttpClients {
    /// Clients that trust these root certificates.
    pub(crate) fn with_trust_store(trusted: TrustStore) -> Self {
        let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        // With a trust store this cannot fail.
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

/// A connector that repeats a call once if its connection could not be established.
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
                        "could not connect, so nothing was sent; the call is repeated once");
                    connector.call(again).await
                }
                (answer, _) => answer,
            }
        })
    }
}

/// Whether a call failed before it had a connection, so that nothing was sent. After any other failure this is not known.
fn is_unsent(error: &ConnectorError) -> bool {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.find_map(|cause| cause.downcast_ref::<ClientError>()).is_some_and(ClientError::is_connect)
}

#[cfg(test)]
mod tests;
