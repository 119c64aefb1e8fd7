//! Include and exclude lists of patterns.

/// A filter with an include list and an exclude list of patterns. In a pattern, `*` matches any number of characters, also none, and
/// `?` exactly one; case-sensitive. An empty include list includes everything. The exclude list has priority.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatternFilter {
    include: Vec<String>,
    exclude: Vec<String>,
}

/// The result of a filter for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilterResult {
    Included,
    NotListed,
    Excluded,
}

impl PatternFilter {
    /// Parses two lists of patterns, separated by commas, such as `Recon:*, *:S3/*`.
    #[must_use]
    pub fn new(include: &str, exclude: &str) -> Self {
        let list = |text: &str| -> Vec<String> {
            text.split(',').map(str::trim).filter(|pattern| !pattern.is_empty()).map(str::to_owned).collect()
        };
        Self { include: list(include), exclude: list(exclude) }
    }

    /// The patterns of the include list that match none of these texts.
    pub(crate) fn patterns_without_match<'a>(&'a self, texts: &[&str]) -> impl Iterator<Item = &'a str> {
        self.include.iter().map(String::as_str).filter(|pattern| !texts.iter().any(|text| matches(pattern, text)))
    }

    pub(crate) fn filter(&self, text: &str) -> FilterResult {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, text));
        if any(&self.exclude) {
            FilterResult::Excluded
        } else if self.include.is_empty() || any(&self.include) {
            FilterResult::Included
        } else {
            FilterResult::NotListed
        }
    }
}

/// Whether the whole text matches. If the text after a `*` does not match, the last `*` takes one more character and the rest is
/// tried again. Earlier ones need no retry, so the time is at most proportional to the product of both lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at), text.get(seen)) {
            (Some('*'), _) => {
                star = Some((at, seen));
                at += 1;
            }
            (Some('?'), Some(_)) => (at, seen) = (at + 1, seen + 1),
            (Some(wanted), Some(letter)) if wanted == letter => (at, seen) = (at + 1, seen + 1),
            (None, None) => return true,
            _ => match star {
                Some((place, taken)) if taken < text.len() => {
                    star = Some((place, taken + 1));
                    (at, seen) = (place + 1, taken + 1);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn asterisk_and_question_mark_match_characters() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "anything"),
            ("Recon:*", "Recon:IAMUser/TorIPCaller"),
            ("*:S3/*", "Discovery:S3/MaliciousIPCaller.Custom"),
            ("*.Custom", "Recon:IAMUser/MaliciousIPCaller.Custom"),
            ("1111????3333", "111122223333"),
            ("*a*b", "xaxbxab"),
            ("**", "a"),
            ("a?*", "ab"),
            ("Backdoor:EC2/C&CActivity.B!DNS", "Backdoor:EC2/C&CActivity.B!DNS"),
            ("", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("?", ""),
            ("a?", "a"),
            ("Recon:*", "recon:IAMUser/TorIPCaller"),
            ("*.Custom", "Recon:IAMUser/MaliciousIPCaller.Custom2"),
            ("*a*b", "xbxa"),
            (".*", "a"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn the_exclude_list_has_priority() {
        let lists = PatternFilter::new("Recon:*, Impact:*", " Recon:EC2/*,, ");
        assert_eq!(lists.filter("Recon:IAMUser/TorIPCaller"), FilterResult::Included);
        assert_eq!(lists.filter("Recon:EC2/Portscan"), FilterResult::Excluded);
        assert_eq!(lists.filter("Trojan:EC2/DropPoint"), FilterResult::NotListed);
        assert_eq!(PatternFilter::default().filter("Trojan:EC2/DropPoint"), FilterResult::Included);
        assert_eq!(PatternFilter::new("", "*").filter("Trojan:EC2/DropPoint"), FilterResult::Excluded);
    }

    #[test]
    fn patterns_without_a_match_are_returned() {
        let lists = PatternFilter::new("Recon:*, recon:*, *:S3/*, Nothing", "Other");
        let vain: Vec<&str> = lists.patterns_without_match(&["Recon:EC2/Portscan", "Impact:S3/X"]).collect();
        assert_eq!(vain, ["recon:*", "Nothing"]);
        assert_eq!(PatternFilter::default().patterns_without_match(&[]).count(), 0);
    }

    /// A literal and slow implementation of the definition.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('*', pattern)), rest) => {
                by_definition(pattern, text)
                    || rest.is_some_and(|(_, text)| by_definition(&[&['*'], pattern].concat(), text))
            }
            (Some((wanted, pattern)), Some((letter, text))) => {
                (*wanted == '?' || wanted == letter) && by_definition(pattern, text)
            }
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn matches_agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[ab?]{0,8}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&pattern, &text), by_definition(&letters(&pattern), &letters(&text)));
        }
    }

    #[test]
    fn many_asterisks_take_quadratic_time_at_most() {
        assert!(!matches(&("*a".repeat(200) + "b"), &"a".repeat(2000)));
    }
}
