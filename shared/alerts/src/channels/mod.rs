//! One module a channel. All text from outside is made safe here, each channel in its way.

pub mod chat;
pub mod email;
pub mod json;
pub mod ocsf;
pub mod pagerduty;
pub mod slack;

use crate::message::Notice;
use gumshoe_domain::text::whole;

/// How many things that got worse in the behavior graph a message lists; an e-mail lists more.
const WORSE: usize = 8;

/// The first of what got worse in the behavior graph. The words are Gumshoe's or Detective's, so that paths in a document stay
/// as they are; the reason why a document is wrong quotes it: links in it are broken, and the channel has to escape it.
fn worse(notice: &Notice, most: usize) -> impl Iterator<Item = String> {
    notice.lines(most).into_iter().map(|line| whole(&line, 300))
}
