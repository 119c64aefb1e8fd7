//! What stands between a program and AWS in tests, at the level of HTTP.
//!
//! - [`AwsCall`] tells which operation of which service a request asks for, whatever the service's protocol.
//! - [`error_response`] has the error answers of the services, each in its own protocol.
//! - [`DisconnectableListener`] accepts connections that can be closed before an answer or in the middle of one.
//! - [`Forwarder`] passes a request on to another host.
//!
//! It knows nothing of Gumshoe and uses no SDK, so that the simulator and the local cloud stay quick to build.

mod call;
mod connection;
pub mod error_response;
mod forward;

pub use axum::body::Bytes;
pub use call::AwsCall;
pub use connection::{Connection, DisconnectableListener, Stream};
pub use forward::Forwarder;
pub use reqwest::Error as ForwarderError;
