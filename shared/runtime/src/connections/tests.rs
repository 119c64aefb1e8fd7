use super::*;
use crate::aws::{AwsConfig, RetryMode};
use aws_sdk_sns::Client;
use aws_smithy_http_client::Connector;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use receivers::{ConnectionFault, FaultyServer};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PUBLISHED: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
    <MessageId>1</MessageId></PublishResult></PublishResponse>";
/// A port on which no process listens.
const CLOSED_PORT_URL: &str = "http://127.0.0.1:1/";

fn server(ending: ConnectionFault) -> FaultyServer {
    FaultyServer::start(ending, PUBLISHED).unwrap()
}

fn configuration(server: &FaultyServer, retries: RetryMode) -> SdkConfig {
    let variables = [("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", server.url())];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let configuration = AwsConfig::from_variables(BTreeMap::from(variables)).sdk_config(retries);
    let credentials = aws_credential_types::Credentials::new("111122223333", "secret", None, None, "test");
    let provider = aws_credential_types::provider::SharedCredentialsProvider::new(credentials);
    configuration.into_builder().credentials_provider(provider).build()
}

/// A client with that server as endpoint.
fn client(server: &FaultyServer, retries: RetryMode) -> Client {
    Client::new(&configuration(server, retries))
}

async fn publish(client: &Client) -> bool {
    client.publish().topic_arn("arn:aws:sns:us-east-1:111122223333:alerts").message("text").send().await.is_ok()
}

/// Waits until the connection of a finished call is back in the pool.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// Advances the clock while no task runs, as during a freeze of the sandbox.
async fn freeze(time: Duration) {
    settle().await;
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// For comparison: the SDK's default connection pool has the fault that the other tests exclude.
#[tokio::test]
async fn the_default_pool_fails_an_unretried_call_after_a_freeze() {
    let server = server(ConnectionFault::Reset);
    let kept = configuration(&server, RetryMode::StateMachine).into_builder();
    let client = Client::new(&kept.http_client(Builder::new().build_http()).build());
    assert!(publish(&client).await);
    freeze(POOL_IDLE_TIMEOUT + Duration::from_secs(1)).await;
    assert!(!publish(&client).await);
    assert_eq!((server.connections(), server.requests_after_first()), (1, 1));
}

#[tokio::test]
async fn an_unretried_call_never_uses_a_closed_connection() {
    for ending in [ConnectionFault::Stall, ConnectionFault::Reset] {
        let server = server(ending);
        let client = client(&server, RetryMode::StateMachine);
        for _ in 0..3 {
            assert!(publish(&client).await, "{ending:?}");
        }
        assert_eq!((server.connections(), server.requests(), server.requests_after_first()), (3, 3, 0), "{ending:?}");
    }
}

#[tokio::test]
async fn retried_calls_share_a_connection_unless_it_was_idle_for_long() {
    let busy = server(ConnectionFault::None);
    let sharing = |server: &FaultyServer| client(server, RetryMode::Sdk);
    let client = sharing(&busy);
    assert!(publish(&client).await);
    settle().await;
    assert!(publish(&client).await);
    assert_eq!((busy.connections(), busy.requests()), (1, 2), "calls of one invocation share it");
    freeze(POOL_IDLE_TIMEOUT + Duration::from_secs(1)).await;
    assert!(publish(&client).await);
    assert_eq!((busy.connections(), busy.requests()), (2, 3));

    for ending in [ConnectionFault::Stall, ConnectionFault::Reset] {
        let server = server(ending);
        let client = sharing(&server);
        assert!(publish(&client).await, "{ending:?}");
        freeze(POOL_IDLE_TIMEOUT + Duration::from_secs(1)).await;
        assert!(publish(&client).await, "{ending:?}");
        assert_eq!((server.requests(), server.requests_after_first()), (2, 0), "{ending:?}");
    }
}

#[tokio::test]
async fn a_call_that_may_have_been_sent_is_not_repeated() {
    for (ending, arrived) in [(ConnectionFault::NoResponse, 1), (ConnectionFault::CloseOnAccept, 0)] {
        let server = server(ending);
        assert!(!publish(&client(&server, RetryMode::StateMachine)).await, "{ending:?}");
        assert_eq!((server.connections(), server.requests()), (1, arrived), "{ending:?}");
    }
}

/// Sends the first calls to a closed port, and the others to the server.
#[derive(Debug)]
struct UnreachableConnector {
    connector: Connector,
    left: AtomicUsize,
    calls: Arc<AtomicUsize>,
}

impl HttpConnector for UnreachableConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let is_unreachable = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if is_unreachable.is_ok() {
            request.set_uri(CLOSED_PORT_URL).unwrap();
        }
        self.connector.call(request)
    }
}

/// Makes a call whose first `unreachable` connection attempts fail. Returns whether it succeeded, and the number of attempts.
async fn call_with_unreachable(server: &FaultyServer, unreachable: usize) -> (bool, usize) {
    let calls = Arc::<AtomicUsize>::default();
    let connector = Connector::builder().pool_max_idle_per_host(0).build_http();
    let connector = UnreachableConnector { connector, left: AtomicUsize::new(unreachable), calls: Arc::clone(&calls) };
    let mut request = HttpRequest::new(SdkBody::from("a body"));
    request.set_method("POST").unwrap();
    request.set_uri(server.url()).unwrap();
    let answer = RetryOnConnectFailure(SharedHttpConnector::new(connector)).call(request).await;
    (answer.is_ok(), calls.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_call_without_a_connection_is_repeated_once() {
    let server = server(ConnectionFault::None);
    assert_eq!(call_with_unreachable(&server, 0).await, (true, 1));
    assert_eq!(call_with_unreachable(&server, 1).await, (true, 2));
    assert_eq!(server.requests(), 2, "each arrived once");
    assert_eq!(call_with_unreachable(&server, 9).await, (false, 2));
    let closing = FaultyServer::start(ConnectionFault::NoResponse, PUBLISHED).unwrap();
    assert_eq!(call_with_unreachable(&closing, 0).await, (false, 1), "it may have been carried out");
    assert_eq!(closing.requests(), 1);
}
