//! Renderers of alerts and notices, one for each channel. Each escapes all text from outside as its channel requires.

/// A snapshot of JSON with its members sorted by name, because the order that serde_json keeps depends on the features that other
/// crates of the build enable.
#[cfg(test)]
macro_rules! assert_json {
    ($name:expr, $value:expr) => {
        insta::with_settings!({sort_maps => true}, { insta::assert_json_snapshot!($name, $value) })
    };
}

pub mod channels;
mod escape;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
mod links;
pub mod message;
pub mod notification;
pub mod report;
#[cfg(test)]
mod tests;
pub mod text;

pub use message::Alert;
pub use notification::Notification;
