//! The signature of the generic webhook: a receiver verifies that a message is from Gumshoe and is not replayed.
//!
//! ```text
//! X-Gumshoe-Delivery: DELIVERY
//! X-Gumshoe-Signature: t=SECONDS,v1=HEX,v2=HEX
//! ```
//!
//! Each HEX is HMAC-SHA256 with the key of the secret: `v2` over `SECONDS`, `DELIVERY` and the body, with a line feed between
//! them; `v1` over `SECONDS.BODY`. Without the delivery id in the signature, a copy of a message with another delivery id
//! would count as a new one. `v1` is for receivers that do not support `v2`.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::fmt::Write;

/// The header of the signature.
pub(crate) const SIGNATURE_HEADER: &str = "x-gumshoe-signature";
/// The header of the delivery's id.
pub(crate) const DELIVERY_HEADER: &str = "x-gumshoe-delivery";

/// The id of a delivery in visible ASCII, so that a header can contain it.
pub(crate) fn delivery_id(key: &str, revision: u32) -> String {
    let visible = |letter: char| if letter.is_ascii_graphic() { letter } else { '_' };
    format!("{key}/{revision}").chars().map(visible).collect()
}

/// The value of the signature's header.
pub(crate) fn signature(key: &str, delivery: &str, body: &str, now: Timestamp) -> String {
    let seconds = now.as_second().to_string();
    let v1 = hex_of_hmac(key, &[&seconds, ".", body]);
    let v2 = hex_of_hmac(key, &[&seconds, "\n", delivery, "\n", body]);
    format!("t={seconds},v1={v1},v2={v2}")
}

fn hex_of_hmac(key: &str, parts: &[&str]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}"); // writing to a String cannot fail
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    /// Computed by Python: hmac.new(key, b'1768481100.{"a":1}', "sha256").hexdigest(), and the same of
    /// b'1768481100\ncase-1/2\n{"a":1}'.
    #[test]
    fn signature_matches_other_implementations() {
        let now = Timestamp::from_second(1_768_481_100).unwrap();
        let of = |key: &str, delivery: &str, body: &str| signature(key, delivery, body, now);
        let value = of(KEY, "case-1/2", r#"{"a":1}"#);
        assert_eq!(
            value,
            "t=1768481100,v1=6f20cbde600302708a9ca4741e39f1af6e53d6d0bff772781fe26640a048e34d,\
             v2=c8a9d1be0687e62416abcb78e656ae8829f108120ebe8ce431a4e36c8fc28185"
        );
        let version = |value: &str, index: usize| value.split(',').nth(index).unwrap().to_owned();
        let others = [
            of("0123456789abcdef0123456789abcdeX", "case-1/2", r#"{"a":1}"#),
            of(KEY, "case-1/2", r#"{"a":2}"#),
            of(KEY, "case-1/3", r#"{"a":1}"#),
        ];
        for other in &others {
            assert_ne!(version(&value, 2), version(other, 2));
        }
        assert_eq!(version(&value, 1), version(&others[2], 1), "v1 does not cover the delivery id");
    }

    #[test]
    fn delivery_id_fits_into_a_header() {
        assert_eq!(delivery_id("case-1", 2), "case-1/2");
        assert_eq!(delivery_id("alarm/a b\nc\u{e9}/2026-01-15T12:50:00Z", 1), "alarm/a_b_c_/2026-01-15T12:50:00Z/1");
    }
}
