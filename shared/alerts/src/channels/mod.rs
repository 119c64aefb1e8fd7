//! One module per channel. Each escapes all text from outside as its channel requires.

pub mod chat;
pub mod email;
pub mod json;
pub mod ocsf;
pub mod pagerduty;
pub mod slack;

use crate::message::GraphHealthNotice;
use gumshoe_domain::text::defang_links_only;

/// Defines [`Channel`] with its codes, so that none is missing in the list of all.
macro_rules! channels {
    ($($(#[$about:meta])* $variant:ident = $code:literal,)+) => {
        /// A service that relay-alert posts notifications to. What SNS and EventBridge deliver by themselves (e-mail, the
        /// chat, the JSON, the OCSF event) is rendered by the other modules here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Channel {
            $($(#[$about])* $variant,)+
        }

        impl Channel {
            /// All channels.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The channel's name in the relay's secret, in the table's attributes and in logs. It never changes, because it
            /// is stored.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }
    };
}

channels! {
    /// An incoming webhook of Slack: [`slack`].
    Slack = "slack",
    /// PagerDuty's Events API v2: [`pagerduty`].
    PagerDuty = "pagerduty",
    /// A webhook of the user's own. It receives the JSON of [`json`], signed.
    Webhook = "webhook",
}

/// Number of new issues of the behavior graph that a message lists; an e-mail lists more.
const NEW_ISSUES_MAX: usize = 8;

/// The first new issues of the behavior graph, one line each. Paths in a document are unchanged. The reason why a document is not
/// valid quotes the document, so links in it are defanged, and the channel escapes it.
fn new_issue_lines(notice: &GraphHealthNotice, limit: usize) -> impl Iterator<Item = String> {
    notice.issue_lines(limit).into_iter().map(|line| defang_links_only(&line, 300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_that_are_stored_do_not_change() {
        let codes: Vec<&str> = Channel::ALL.iter().map(|channel| channel.code()).collect();
        assert_eq!(codes, ["slack", "pagerduty", "webhook"]);
    }
}
