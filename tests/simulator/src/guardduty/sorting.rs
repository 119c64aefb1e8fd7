//! The order of findings, and pages of it: a token holds the whole sort value where the page before ended.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::finding::{self, Finding};
use crate::protocol::error::AwsError;
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, digest};

/// SortCriteria.
// assumed: newest first by updatedAt by default, and descending for an attribute without an order.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SortCriteria {
    attribute_name: Option<String>,
    order_by: Option<Order>,
}

/// What findings are sorted by. Of an attribute with several values it is the first.
// assumed: what has no value comes first, then numbers and times, then texts by their letters' code points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum SortValue {
    None,
    Number(i64),
    Text(String),
}

/// How many characters of a text sort it, so that page tokens stay short.
const SORT_KEY_MAX_CHARS: usize = 200;

/// How many characters of a token are the sealed part.
const TOKEN_SEAL_CHARS: usize = 128;

impl SortCriteria {
    /// The findings in their order.
    pub(super) fn sort(&self, findings: &mut [&Finding]) {
        findings.sort_by_cached_key(|finding| self.key(finding));
        if self.order() == Order::Descending {
            findings.reverse();
        }
    }

    /// A page of a listing, and the token of the next.
    ///
    /// # Errors
    /// BadRequestException when the token was not issued for this listing or is older than 24 hours.
    pub(super) fn page<'a>(
        &self,
        call: &Call<'_>,
        mut findings: Vec<&'a Finding>,
        token: Option<&str>,
        size: usize,
    ) -> Result<(Vec<&'a Finding>, Option<String>), AwsError> {
        if let Some(token) = token {
            let after = read(call, token)?;
            findings.retain(|finding| match self.order() {
                Order::Ascending => self.key(finding) > after,
                Order::Descending => self.key(finding) < after,
            });
        }
        self.sort(&mut findings);
        let more = findings.len() > size;
        findings.truncate(size);
        let next = findings.last().filter(|_| more).map(|last| write(call, &self.key(last)));
        Ok((findings, next))
    }

    fn order(&self) -> Order {
        self.order_by.unwrap_or(Order::Descending)
    }

    fn key(&self, finding: &Finding) -> (SortValue, u64) {
        let attribute = self.attribute_name.as_deref().unwrap_or("updatedAt");
        let path: Vec<&str> = attribute.split('.').collect();
        let value =
            finding::values(&finding.document, &path).first().map_or(SortValue::None, |value| SortValue::of(value));
        (value, finding.number)
    }
}

impl SortValue {
    fn of(value: &Value) -> Self {
        if let Some(number) = finding::number(value) {
            // The bits of a number, so that they sort as the numbers do: see f64::total_cmp.
            let bits = number.to_bits().cast_signed();
            return Self::Number(bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed());
        }
        let text = value.as_str().map_or_else(|| value.to_string(), String::from);
        Self::Text(text.chars().take(SORT_KEY_MAX_CHARS).collect())
    }
}

/// The token that continues after a finding: its number and the digest of its sort value, sealed, then the value.
fn write(call: &Call<'_>, (value, number): &(SortValue, u64)) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let key = Key { rank: number.cast_signed(), item: digest::of([text.as_str()]) };
    let value: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    call.listing().token(key, call.now) + &value
}

fn read(call: &Call<'_>, token: &str) -> Result<(SortValue, u64), AwsError> {
    let (sealed, value) = token.split_at_checked(TOKEN_SEAL_CHARS).unwrap_or((token, ""));
    let key = call.listing().read(sealed, call.now)?;
    let bytes: Option<Vec<u8>> =
        value.as_bytes().chunks(2).map(|two| u8::from_str_radix(str::from_utf8(two).ok()?, 16).ok()).collect();
    let value = bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| digest::of([text.as_str()]) == key.item)
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| call.invalid_member("nextToken", "was not issued for this request."))?;
    Ok((value, key.rank.cast_unsigned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_sort_by_what_they_are() {
        let sorted = [
            json!(-1.5),
            json!(0),
            json!(2),
            json!(10.25),
            json!("2017-02-10T00:09:35Z"),
            json!("2017-02-10T00:09:35.001Z"),
            json!("Recon"),
            json!("recon"),
        ];
        let values: Vec<SortValue> = sorted.iter().map(SortValue::of).collect();
        assert!(values.is_sorted(), "{values:?}");
        assert!(SortValue::None < values[0]);
    }

    proptest! {
        #[test]
        fn numbers_sort_as_numbers(one in -1e9..1e9_f64, other in -1e9..1e9_f64) {
            prop_assert_eq!(SortValue::of(&json!(one)).cmp(&SortValue::of(&json!(other))), one.total_cmp(&other));
        }
    }
}
