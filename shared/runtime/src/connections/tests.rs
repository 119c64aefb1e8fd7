use super::*;
use crate::aws::{AwsConfig, RetryMode};
use aws_sdk_sns::Client;
use aws_smithy_http_client::Connector;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use receivers::{Ending, EndingServer};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PUBLISHED: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
    <MessageId>1</MessageId></PublishResult></PublishResponse>";
/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:1/";

fn server(ending: Ending) -> EndingServer {
    EndingServer::start(ending, PUBLISHED).unwrap()
}

fn configuration(server: &EndingServer, retries: RetryMode) -> SdkConfig {
    let variables = [("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", server.url())];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let configuration = AwsConfig::from_variables(BTreeMap::from(variables)).sdk_config(retries);
    let credentials = aws_credential_types::Credentials::new("111122223333", "secret", None, None, "test");
    let provider = aws_credential_types::provider::SharedCredentialsProvider::new(credentials);
    configuration.into_builder().credentials_provider(provider).build()
}

/// A client whose calls arrive at that server.
fn client(server: &EndingServer, retries: RetryMode) -> Client {
    Client::new(&configuration(server, retries))
}

async fn publish(client: &Client) -> bool {
    client.publish().topic_arn("arn:aws:sns:us-east-1:111122223333:alerts").message("text").send().await.is_ok()
}

/// Lets what is left of a call be done: its connection goes back among those that are kept.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// The clock moves while nothing else happens, as where the sandbox is frozen.
async fn freeze(time: Duration) {
    settle().await;
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// What the other tests are against: the SDK's own way to keep connections.
#[tokio::test]
async fn a_connection_that_is_kept_for_long_fails_a_call_that_is_not_repeated() {
    let server = server(Ending::Reset);
    let kept = configuration(&server, RetryMode::StateMachine).into_builder();
    let client = Client::new(&kept.http_client(Builder::new().build_http()).build());
    assert!(publish(&client).await);
    freeze(POOL_IDLE_TIMEOUT + Duration::from_secs(1)).await;
    assert!(!publish(&client).await);
    assert_eq!((server.connections(), server.late()), (1, 1));
}

#[tokio::test]
async fn a_call_that_is_not_repeated_meets_no_connection_that_ended_unnoticed() {
    for ending in [Ending::Silence, Ending::Reset] {
        let server = server(ending);
        let client = client(&server, RetryMode::StateMachine);
        for _ in 0..3 {
            assert!(publish(&client).await, "{ending:?}");
        }
        assert_eq!((server.connections(), server.requests(), server.late()), (3, 3, 0), "{ending:?}");
    }
}

#[tokio::test]
async fn other_calls_share_a_connection_but_for_one_that_was_idle_for_long() {
    let busy = server(Ending::None);
    let sharing = |server: &EndingServer| client(server, RetryMode::Sdk);
    let client = sharing(&busy);
    assert!(publish(&client).await);
    settle().await;
    assert!(publish(&client).await);
    assert_eq!((busy.connections(), busy.requests()), (1, 2), "calls of one invocation share it");
    freeze(POOL_IDLE_TIMEOUT + Duration::from_secs(1)).await;
    assert!(publish(&client).await);
    assert_eq!((busy.connections(), busy.requests()), (2, 3));

    for ending in [Ending::Silence, Ending::Reset] {
        let server = server(ending);
        let client = sharing(&server);
        assert!(publish(&client).await, "{ending:?}");
        freeze(POOL_IDLE_TIMEOUT + Duration::from_secs(1)).await;
        assert!(publish(&client).await, "{ending:?}");
        assert_eq!((server.requests(), server.late()), (2, 0), "{ending:?}");
    }
}

#[tokio::test]
async fn a_call_that_may_have_been_sent_is_made_once() {
    for (ending, arrived) in [(Ending::NoAnswer, 1), (Ending::AtOnce, 0)] {
        let server = server(ending);
        assert!(!publish(&client(&server, RetryMode::StateMachine)).await, "{ending:?}");
        assert_eq!((server.connections(), server.requests()), (1, arrived), "{ending:?}");
    }
}

/// Sends so many calls to where nothing listens, and the others on.
#[derive(Debug)]
struct Astray {
    connector: Connector,
    left: AtomicUsize,
    calls: Arc<AtomicUsize>,
}

impl HttpConnector for Astray {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let astray = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if astray.is_ok() {
            request.set_uri(NOWHERE).unwrap();
        }
        self.connector.call(request)
    }
}

/// Whether a call is answered of which so many tries go astray, and how many tries there were.
async fn call_astray(server: &EndingServer, astray: usize) -> (bool, usize) {
    let calls = Arc::<AtomicUsize>::default();
    let connector = Connector::builder().pool_max_idle_per_host(0).build_http();
    let astray = Astray { connector, left: AtomicUsize::new(astray), calls: Arc::clone(&calls) };
    let mut request = HttpRequest::new(SdkBody::from("a body"));
    request.set_method("POST").unwrap();
    request.set_uri(server.url()).unwrap();
    let answer = RetryOnConnectFailure(SharedHttpConnector::new(astray)).call(request).await;
    (answer.is_ok(), calls.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_call_that_had_no_connection_is_made_once_more() {
    let server = server(Ending::None);
    assert_eq!(call_astray(&server, 0).await, (true, 1));
    assert_eq!(call_astray(&server, 1).await, (true, 2));
    assert_eq!(server.requests(), 2, "each arrived once");
    assert_eq!(call_astray(&server, 9).await, (false, 2));
    let closing = EndingServer::start(Ending::NoAnswer, PUBLISHED).unwrap();
    assert_eq!(call_astray(&closing, 0).await, (false, 1), "it may have been carried out");
    assert_eq!(closing.requests(), 1);
}
