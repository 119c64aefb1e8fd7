//! Digests: graph ids and the seals of page tokens.

use sha2::{Digest as _, Sha256};

/// 128 bits of the SHA-256 of some texts, each with its border.
pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> u128 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        // Occurs in no UTF-8 text.
        digest.update([0xff]);
    }
    let bytes = digest.finalize();
    bytes.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    #[test]
    fn digest_depends_on_the_parts() {
        assert_ne!(super::of(["a", "b"]), super::of(["ab"]));
        assert_ne!(super::of(["a", "b"]), super::of(["b", "a"]));
        assert_eq!(super::of(["a", "b"]), super::of(["a", "b"]));
    }
}
