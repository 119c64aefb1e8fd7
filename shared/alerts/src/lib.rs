//! One renderer a channel. All text from outside is made safe here, each channel in its way.

pub mod chat;
pub mod email;
mod escape;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
#[cfg(test)]
mod limits;
pub mod machine;
pub mod notification;
pub mod ocsf;
pub mod pagerduty;
pub mod report;
pub mod slack;
mod words;

pub use notification::Notification;
