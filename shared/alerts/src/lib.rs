//! One renderer a channel. All text from outside is made safe here, each channel in its way.

/// A snapshot of JSON with its members in the order of their names: which order serde_json keeps depends on what else is
/// built.
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
