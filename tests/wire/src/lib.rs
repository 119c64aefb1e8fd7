//! What stands between a program and AWS in tests, at the level of HTTP.
//!
//! - [`AwsCall`] tells which operation of which service a request asks for, whatever the service's protocol.
//! - [`refusal`] has the error answers of the services, each in its own protocol.
//! - [`CuttableListener`] accepts connections that can be closed before an answer or in the middle of one.
//! - [`Forwarder`] passes a request on to another host.
//!
//! It knows nothing of Gumshoe and uses no SDK, so that the simulator and the local cloud stay quick to build.

mod call;
mod connection;
mod forward;
pub mod refusal;

pub use axum::body::Bytes;
pub use call::AwsCall;
pub use connection::{Connection, CuttableListener, Stream};
pub use forward::Forwarder;
pub use reqwest::Error as ForwarderError;
