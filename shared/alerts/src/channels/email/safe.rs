//! Text that is safe to show in the e-mail.

use gumshoe_domain::text;
use std::fmt::{self, Display};

/// Text on one line, shortened, without control characters. All text in the template is of this type or a constant.
#[derive(Debug)]
pub(super) struct SafeText(String);

impl SafeText {
    /// Text from outside: defanged, so that nothing in it can be clicked.
    pub(super) fn untrusted(text: &str, limit: usize) -> Self {
        Self(text::defang(text, limit))
    }

    /// Text to copy, such as an ARN: unchanged, unless it contains a link.
    pub(super) fn copyable(text: &str, limit: usize) -> Self {
        Self(text::defang_links_only(text, limit))
    }

    /// A finding's type, unchanged if it has only the characters of GuardDuty's types.
    pub(super) fn finding_type(text: &str) -> Self {
        Self(text::defang_finding_type(text, 120))
    }

    /// Gumshoe's own text, or text that is already defanged.
    pub(super) fn trusted(text: impl Display) -> Self {
        Self(text::one_line(&text.to_string(), 4_000))
    }
}

impl Display for SafeText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}
