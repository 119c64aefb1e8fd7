//! Accounts as CreateMembers accepts them.

use serde::{Deserialize, Serialize};

/// The longest e-mail address that CreateMembers accepts (Detective API Reference, Account).
const EMAIL_MAX_CHARS: usize = 64;

/// An account with the e-mail address of its root user, which CreateMembers requires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// 12 digits.
    pub account_id: String,
    /// At most 64 characters.
    pub email: String,
}

/// Whether CreateMembers accepts the text as an e-mail address: at least one character, an at sign, and a host of labels with a
/// top-level domain of 2 to 63 letters (Detective API Reference, Account: EmailAddress).
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let Some((labels, top)) = host.rsplit_once('.') else { return false };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.chars().count() <= EMAIL_MAX_CHARS
        && !local.is_empty()
        && !text.contains(char::is_control)
        && labels.split('.').all(is_label)
        && (2..=63).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_rules_match_detective() {
        for good in ["a@example.com", "root+aws@mail.sub-domain.example", "a@b@example.com", "ü@1.io"] {
            assert!(is_email(good), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(53));
        for wrong in [
            "",
            "a",
            "@example.com",
            "a@example",
            "a@-b.com",
            "a@b-.com",
            "a@b.c",
            "a@b.c0m",
            "a@.com",
            "a\n@b.com",
            &long,
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
        assert!(is_email(&long[1..]));
    }
}
