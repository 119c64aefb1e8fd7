//! The HTTP connector through which the SDK's clients call the services in memory.

use super::{CallAction, CallFault, FakeAws};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use std::error::Error;
use std::io;
use wire::{AwsCall, error_response};

impl HttpClient for FakeAws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for FakeAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let services = self.clone();
        HttpConnectorFuture::new(async move { services.respond(request).await })
    }
}

impl FakeAws {
    async fn respond(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let (head, body) = request.try_into_http1x().map_err(invalid_request)?.into_parts();
        let body = ByteStream::new(body).collect().await.map_err(invalid_request)?.into_bytes();
        let call = AwsCall::parse(&head.method, &head.uri, &head.headers, &body);
        let fault = self.prepare(&call).await;
        let answer = match fault {
            None => self.state().execute(&call),
            Some(CallFault::Throttled) => error_response::throttled(&call),
            Some(CallFault::Denied) => error_response::denied(&call),
            Some(CallFault::Unavailable) => error_response::unavailable(),
            Some(CallFault::DisconnectBefore) => return Err(connection_reset()),
            Some(CallFault::DisconnectAfter) => {
                self.state().execute(&call);
                return Err(connection_reset());
            }
        };
        HttpResponse::try_from(answer.map(SdkBody::from)).map_err(invalid_request)
    }

    /// Runs the work that is planned before the call, and returns the fault that is planned for it.
    async fn prepare(&self, call: &AwsCall) -> Option<CallFault> {
        self.state().calls.push(call.clone());
        loop {
            let planned = {
                let rules = &mut self.state().rules;
                rules.iter().position(|rule| (rule.matches)(call)).map(|index| rules.remove(index).action)
            };
            match planned? {
                CallAction::RunBefore(interlude) => {
                    if let Err(error) = tokio::task::spawn_blocking(interlude).await {
                        std::panic::resume_unwind(error.into_panic());
                    }
                }
                CallAction::AbortCaller(aborted) => {
                    let _ = aborted.send(()); // `abort_before` receives this and drops the caller's future
                    std::future::pending::<()>().await;
                }
                CallAction::Fail(fault) => return Some(fault),
            }
        }
    }
}

fn connection_reset() -> ConnectorError {
    ConnectorError::io(io::Error::new(io::ErrorKind::ConnectionReset, "a fault cut the connection").into())
}

fn invalid_request(error: impl Error + Send + Sync + 'static) -> ConnectorError {
    ConnectorError::user(error.into())
}
