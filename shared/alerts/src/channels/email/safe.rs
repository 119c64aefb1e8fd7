//! Text that the e-mail's template may show.

use gumshoe_domain::text;
use std::fmt::{self, Display};

/// Text on one line, shortened, without control characters. All text of the template is of this type or a constant.
#[derive(Debug)]
pub(super) struct Safe(String);

impl Safe {
    /// Text that others wrote: nothing in it can be clicked.
    pub(super) fn quoted(text: &str, limit: usize) -> Self {
        Self(text::defang(text, limit))
    }

    /// What is to be copied, such as an ARN: as it is, unless it holds a link.
    pub(super) fn whole(text: &str, limit: usize) -> Self {
        Self(text::defang_links_only(text, limit))
    }

    /// A finding's type.
    pub(super) fn finding_type(text: &str) -> Self {
        Self(text::defang_finding_type(text, 120))
    }

    /// Gumshoe's own words, or text that is defanged already.
    pub(super) fn line(text: impl Display) -> Self {
        Self(text::one_line(&text.to_string(), 4_000))
    }
}

impl Display for Safe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}
