//! What errors say.

use gumshoe_domain::error::with_causes;
use gumshoe_domain::text::one_line;
use std::error::Error;

/// Fails where an error repeats one of its causes, which the log writes after it.
///
/// # Panics
///
/// Where one does.
pub fn assert_causes_not_repeated(error: &dyn Error) {
    let chain = std::iter::successors(Some(error), |&error| error.source());
    let said: Vec<String> = chain.map(ToString::to_string).collect();
    for (at, words) in said.iter().enumerate().skip(1) {
        assert!(!said[..at].iter().any(|before| before.contains(words)), "{said:?}");
    }
    assert_eq!(with_causes(error), one_line(&said.join(": "), 600));
}
