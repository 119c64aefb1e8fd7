//! Checks of error messages.

use gumshoe_domain::error::with_causes;
use gumshoe_domain::text::one_line;
use std::error::Error;

/// Checks that an error's message does not contain the message of one of its causes, because the log appends the causes.
///
/// # Panics
///
/// If it does.
pub fn assert_causes_not_repeated(error: &dyn Error) {
    let chain = std::iter::successors(Some(error), |&error| error.source());
    let messages: Vec<String> = chain.map(ToString::to_string).collect();
    for (at, message) in messages.iter().enumerate().skip(1) {
        assert!(
            !messages[..at].iter().any(|before| before.contains(message)),
            "an error repeats its cause: {messages:?}"
        );
    }
    assert_eq!(with_causes(error), one_line(&messages.join(": "), 600));
}
