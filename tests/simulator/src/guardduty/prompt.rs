//! What a prompt asks to investigate: a finding, an account, or the whole organization.

/// The subjects that a prompt names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prompt {
    /// The id of the one finding it names.
    pub(super) finding: Option<String>,
    /// The id of the one account it names, also if it names a finding too.
    pub(super) account: Option<String>,
}

impl Prompt {
    /// Reads a prompt: a finding's id is a word of 32 hexadecimal digits, an account's one of 12 digits.
    // assumed: a prompt that names several findings names none, and likewise accounts; naming one twice is naming one.
    pub(super) fn read(text: &str) -> Self {
        let words = || text.split(|letter: char| !letter.is_alphanumeric());
        Self {
            finding: only(words().filter(|word| is(word, 32, u8::is_ascii_hexdigit))),
            account: only(words().filter(|word| is(word, 12, u8::is_ascii_digit))),
        }
    }

    /// What scenarios match against: the finding's id, else the account's, else `organization`.
    pub(super) fn subject(&self) -> &str {
        self.finding.as_deref().or(self.account.as_deref()).unwrap_or("organization")
    }
}

fn is(word: &str, length: usize, fits: fn(&u8) -> bool) -> bool {
    word.len() == length && word.as_bytes().iter().all(fits)
}

/// The word, if they are all the same.
fn only<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<String> {
    let first = words.next()?;
    words.all(|word| word == first).then(|| first.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";
    const TWO: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90";

    #[test]
    fn the_examples_of_the_reference_are_read() {
        let finding = Prompt::read(&format!("Investigate finding {ONE} in account 123456789012"));
        assert_eq!(finding.subject(), ONE);
        assert_eq!(finding.account.as_deref(), Some("123456789012"));
        assert_eq!(Prompt::read("Analyze findings in account with id 123456789012").subject(), "123456789012");
        assert_eq!(Prompt::read("Analyze findings in my organization"), Prompt::default());
        assert_eq!(Prompt::default().subject(), "organization");
    }

    #[test]
    fn only_whole_words_and_only_one_of_a_kind_count() {
        assert_eq!(Prompt::read(&format!("({ONE}), \"{ONE}\".")).subject(), ONE);
        for text in [format!("{ONE} {TWO}"), format!("x{ONE}"), format!("{ONE}0"), "1234567890123".into()] {
            assert_eq!(Prompt::read(&text).subject(), "organization", "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_prompt_makes_reading_panic(text in any::<String>()) {
            Prompt::read(&text);
        }
    }
}
