//! Page tokens: opaque to clients, kept nowhere, good for 24 hours and for one listing only.
//!
//! A token holds where the page before ended, so that what is added or changed between two pages makes no item appear
//! twice or get lost as long as its own place in the order stays.
//!
//! assumed: an item whose place moves between two pages, such as an investigation that ends while a listing sorted by
//! status is in progress, can appear twice or be omitted. A listing by creation time never moves.

use jiff::Timestamp;
use serde::Deserialize;

use super::Service;
use super::check::ConstraintViolation;
use super::digest;
use super::error::AwsError;

/// How long a page token lasts, in seconds. Source: NextToken of Detective's ListIndicators and ListInvestigations, "24
/// hours".
// assumed: the same for all other listings of both services.
const TOKEN_TTL_SECONDS: i64 = 24 * 60 * 60;

/// An item's place in its listing's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// What the listing sorts by, as a number.
    pub(crate) rank: i64,
    /// Orders items of the same rank.
    pub(crate) item: u128,
}

impl Key {
    /// The place of something that is sorted by a number, such as an account's id. What is no number comes first.
    pub(crate) fn of_number(text: &str) -> Self {
        Self { rank: 0, item: text.parse().unwrap_or_default() }
    }
}

/// One listing: the operation, the place and the parameters, less NextToken and MaxResults.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing {
    service: Service,
    id: u128,
}

/// Which way a listing is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum Order {
    #[default]
    #[serde(rename = "ASC")]
    Ascending,
    #[serde(rename = "DESC")]
    Descending,
}

impl Listing {
    pub(crate) fn new<'a>(service: Service, parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self { service, id: digest::of(parts) }
    }

    /// The token that continues after `last`.
    pub(crate) fn token(self, last: Key, now: Timestamp) -> String {
        let text = format!("{:016x}{:016x}{:032x}{:032x}", now.as_second(), last.rank, last.item, self.id);
        let seal = digest::of(["page token", &text]);
        format!("{text}{seal:032x}")
    }

    /// Where the page before a token ended.
    ///
    /// # Errors
    /// ValidationException or BadRequestException when the token was not issued for this listing or is older than 24 hours.
    // assumed: the reference documents the error of an expired token, but not that of an unknown token.
    pub(crate) fn read(self, token: &str, now: Timestamp) -> Result<Key, AwsError> {
        let member = match self.service {
            Service::Detective => "NextToken",
            Service::GuardDuty => "nextToken",
        };
        let invalid = |what: &str| {
            self.service.invalid(ConstraintViolation { graph_arn: false, message: format!("{member} {what}") })
        };
        let (issued, key) = self.parse(token).ok_or_else(|| invalid("was not issued for this request."))?;
        if now.as_second().saturating_sub(issued) > TOKEN_TTL_SECONDS {
            return Err(invalid("has expired: it is good for 24 hours. List again from the start."));
        }
        Ok(key)
    }

    fn parse(self, token: &str) -> Option<(i64, Key)> {
        let (text, seal) = token.split_at_checked(96)?;
        let fits = seal == format!("{:032x}", digest::of(["page token", text]))
            && text.get(64..)? == format!("{:032x}", self.id);
        if !fits {
            return None;
        }
        let issued = u64::from_str_radix(text.get(..16)?, 16).ok()?.cast_signed();
        let rank = u64::from_str_radix(text.get(16..32)?, 16).ok()?.cast_signed();
        let item = u128::from_str_radix(text.get(32..64)?, 16).ok()?;
        Some((issued, Key { rank, item }))
    }

    /// A page of a listing, and the token of the next. The items may come in any order.
    ///
    /// # Errors
    /// As [`Listing::read`], of the token that was given.
    pub(crate) fn page<T>(
        self,
        items: impl IntoIterator<Item = (Key, T)>,
        order: Order,
        token: Option<&str>,
        size: usize,
        now: Timestamp,
    ) -> Result<(Vec<T>, Option<String>), AwsError> {
        let after = token.map(|token| self.read(token, now)).transpose()?;
        let mut behind: Vec<(Key, T)> = items
            .into_iter()
            .filter(|(key, _)| match (after, order) {
                (None, _) => true,
                (Some(after), Order::Ascending) => *key > after,
                (Some(after), Order::Descending) => *key < after,
            })
            .collect();
        behind.sort_unstable_by(|(one, _), (other, _)| match order {
            Order::Ascending => one.cmp(other),
            Order::Descending => other.cmp(one),
        });
        let more = behind.len() > size;
        behind.truncate(size);
        let next = behind.last().filter(|_| more).map(|(last, _)| self.token(*last, now));
        Ok((behind.into_iter().map(|(_, item)| item).collect(), next))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listing(name: &str) -> Listing {
        Listing::new(Service::Detective, [name])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    proptest! {
        #[test]
        fn token_is_parsed_back(rank in any::<i64>(), item in any::<u128>()) {
            let (listing, key) = (listing("a"), Key { rank, item });
            let token = listing.token(key, at(1));
            prop_assert!(token.len() <= 1024);
            prop_assert_eq!(listing.read(&token, at(1)).unwrap(), key);
        }

        #[test]
        fn changed_token_is_rejected(at_byte in 0_usize..128) {
            let listing = listing("a");
            let mut token = listing.token(Key { rank: 0, item: 0 }, at(1)).into_bytes();
            token[at_byte] = if token[at_byte] == b'0' { b'1' } else { b'0' };
            prop_assert!(listing.read(&String::from_utf8(token).unwrap(), at(1)).is_err());
        }

        #[test]
        fn no_token_makes_reading_panic(token in any::<String>()) {
            prop_assert!(listing("a").read(&token, at(1)).is_err());
        }
    }

    #[test]
    fn a_token_is_good_for_24_hours() {
        let listing = listing("a");
        let token = listing.token(Key { rank: 0, item: 0 }, at(0));
        assert!(listing.read(&token, at(86_400)).is_ok());
        assert!(listing.read(&token, at(86_401)).is_err());
    }

    #[test]
    fn a_token_is_good_for_its_listing_only() {
        let token = listing("a").token(Key { rank: 0, item: 0 }, at(0));
        assert!(listing("b").read(&token, at(0)).is_err());
    }

    #[test]
    fn the_last_page_has_no_token() {
        let page = |count: u128, order, token: Option<&str>| {
            let items = (0..count).map(|item| (Key { rank: 0, item }, item));
            listing("a").page(items, order, token, 2, at(0)).unwrap()
        };
        assert_eq!(page(0, Order::Ascending, None), (vec![], None));
        assert_eq!(page(2, Order::Ascending, None), (vec![0, 1], None));
        let (first, token) = page(3, Order::Ascending, None);
        assert_eq!(first, [0, 1]);
        assert_eq!(page(3, Order::Ascending, token.as_deref()), (vec![2], None));
        let (first, token) = page(3, Order::Descending, None);
        assert_eq!(first, [2, 1]);
        assert_eq!(page(3, Order::Descending, token.as_deref()), (vec![0], None));
    }
}
