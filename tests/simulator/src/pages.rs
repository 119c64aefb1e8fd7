//! Page tokens: opaque to clients, kept nowhere, good for 24 hours and for one listing only.
//!
//! A token holds where the page before ended, so that what is added or changed between two pages makes no item appear
//! twice or get lost as long as its own place in the order stays.

use jiff::Timestamp;

use crate::aws_error::AwsError;
use crate::constraints::TOKEN_SECONDS;
use crate::digest;

/// An item's place in its listing's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// What the listing sorts by, as a number.
    pub(crate) rank: i64,
    /// What tells items of the same rank apart.
    pub(crate) item: u128,
}

/// One listing: the operation, the place and the parameters, less NextToken and MaxResults.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing(u128);

impl Listing {
    pub(crate) fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(digest::of(parts))
    }

    /// The token that goes on behind `last`.
    pub(crate) fn token(self, last: Key, now: Timestamp) -> String {
        let text = format!("{:016x}{:016x}{:032x}{:032x}", now.as_second(), last.rank, last.item, self.0);
        let seal = digest::of(["page token", &text]);
        format!("{text}{seal:032x}")
    }

    /// Where the page before a token ended.
    ///
    /// # Errors
    /// ValidationException when the token was not given out for this listing or is older than 24 hours.
    // assumed: the reference says so of a token that expired; of one that was never given out it says nothing.
    pub(crate) fn read(self, token: &str, now: Timestamp) -> Result<Key, AwsError> {
        let (issued, key) = self
            .parse(token)
            .ok_or_else(|| AwsError::validation("NextToken is not one that this request was given."))?;
        if now.as_second().saturating_sub(issued) > TOKEN_SECONDS {
            return Err(AwsError::validation(
                "NextToken has expired: it is good for 24 hours. List again from the start.",
            ));
        }
        Ok(key)
    }

    fn parse(self, token: &str) -> Option<(i64, Key)> {
        let (text, seal) = token.split_at_checked(96)?;
        let fits = seal == format!("{:032x}", digest::of(["page token", text]))
            && text.get(64..)? == format!("{:032x}", self.0);
        if !fits {
            return None;
        }
        let issued = u64::from_str_radix(text.get(..16)?, 16).ok()?.cast_signed();
        let rank = u64::from_str_radix(text.get(16..32)?, 16).ok()?.cast_signed();
        let item = u128::from_str_radix(text.get(32..64)?, 16).ok()?;
        Some((issued, Key { rank, item }))
    }

    /// The page behind `after` of items that stand in the order of their keys, and the token of the next.
    pub(crate) fn page<T>(
        self,
        items: impl IntoIterator<Item = (Key, T)>,
        size: usize,
        now: Timestamp,
    ) -> (Vec<T>, Option<String>) {
        let mut items = items.into_iter().peekable();
        let mut page = Vec::new();
        let mut last = None;
        while page.len() < size {
            let Some((key, item)) = items.next() else { break };
            last = Some(key);
            page.push(item);
        }
        let more = items.peek().is_some();
        (page, last.filter(|_| more).map(|last| self.token(last, now)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    proptest! {
        #[test]
        fn a_token_is_read_back(rank in any::<i64>(), item in any::<u128>()) {
            let (listing, key) = (Listing::new(["a"]), Key { rank, item });
            let token = listing.token(key, at(1));
            prop_assert!(token.len() <= 1024);
            prop_assert_eq!(listing.read(&token, at(1)).unwrap(), key);
        }

        #[test]
        fn a_changed_token_is_refused(at_byte in 0_usize..128) {
            let listing = Listing::new(["a"]);
            let mut token = listing.token(Key { rank: 0, item: 0 }, at(1)).into_bytes();
            token[at_byte] = if token[at_byte] == b'0' { b'1' } else { b'0' };
            prop_assert!(listing.read(&String::from_utf8(token).unwrap(), at(1)).is_err());
        }

        #[test]
        fn no_token_makes_reading_panic(token in any::<String>()) {
            prop_assert!(Listing::new(["a"]).read(&token, at(1)).is_err());
        }
    }

    #[test]
    fn a_token_is_good_for_24_hours() {
        let listing = Listing::new(["a"]);
        let token = listing.token(Key { rank: 0, item: 0 }, at(0));
        assert!(listing.read(&token, at(86_400)).is_ok());
        assert!(listing.read(&token, at(86_401)).is_err());
    }

    #[test]
    fn a_token_is_good_for_its_listing_only() {
        let token = Listing::new(["a"]).token(Key { rank: 0, item: 0 }, at(0));
        assert!(Listing::new(["b"]).read(&token, at(0)).is_err());
    }

    #[test]
    fn the_last_page_has_no_token() {
        let listing = Listing::new(["a"]);
        let items = |count: u128| (0..count).map(|item| (Key { rank: 0, item }, item));
        assert_eq!(listing.page(items(0), 2, at(0)), (vec![], None));
        assert_eq!(listing.page(items(2), 2, at(0)), (vec![0, 1], None));
        let (page, token) = listing.page(items(3), 2, at(0));
        assert_eq!(page, [0, 1]);
        assert_eq!(listing.read(&token.unwrap(), at(0)).unwrap().item, 1);
    }
}
