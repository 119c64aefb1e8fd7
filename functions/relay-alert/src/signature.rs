//! The signature of the generic webhook, by which a receiver knows that a message is Gumshoe's and not an old one.
//!
//! `X-Gumshoe-Signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 over `SECONDS.BODY` with the key of the secret.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::fmt::Write;

/// The header's name.
pub(crate) const HEADER: &str = "x-gumshoe-signature";

/// The header's value for that body, sent at that moment.
pub(crate) fn signature(key: &str, body: &str, now: Timestamp) -> String {
    let seconds = now.as_second();
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    let mut value = format!("t={seconds},v1=");
    for byte in mac.finalize().into_bytes() {
        let _ = write!(value, "{byte:02x}"); // writing to a String cannot fail
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by Python: hmac.new(b"0123456789abcdef0123456789abcdef", b'1768481100.{"a":1}', "sha256").hexdigest()
    #[test]
    fn it_is_what_others_compute() {
        let now = Timestamp::from_second(1_768_481_100).unwrap();
        let value = signature("0123456789abcdef0123456789abcdef", r#"{"a":1}"#, now);
        assert_eq!(value, "t=1768481100,v1=6f20cbde600302708a9ca4741e39f1af6e53d6d0bff772781fe26640a048e34d");
        assert_ne!(value, signature("0123456789abcdef0123456789abcdeX", r#"{"a":1}"#, now));
        assert_ne!(value, signature("0123456789abcdef0123456789abcdef", r#"{"a":2}"#, now));
    }
}
