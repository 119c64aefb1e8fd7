//! One module a channel. All text from outside is made safe here, each channel in its way.

pub mod chat;
pub mod email;
pub mod json;
pub mod ocsf;
pub mod pagerduty;
pub mod slack;
