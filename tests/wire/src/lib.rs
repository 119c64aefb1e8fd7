//! An HTTP proxy's parts, for tests that intercept the calls between a program and AWS.
//!
//! - [`AwsCall`] identifies the service and the operation of a request, for every protocol of AWS.
//! - [`error_response`] builds the error responses of the services, each in its own protocol.
//! - [`DisconnectableListener`] accepts connections that can be closed before a response or in the middle of one.
//! - [`Forwarder`] forwards a request to another host.
//!
//! It does not depend on Gumshoe or on an SDK, so that the simulator and the local cloud compile quickly.

mod call;
mod connection;
pub mod error_response;
mod forward;

pub use axum::body::Bytes;
pub use call::AwsCall;
pub use connection::{Connection, DisconnectableListener, Stream};
pub use forward::Forwarder;
pub use reqwest::Error as ForwarderError;
