//! FNV-1a with 128 bits: enough to derive stable ids and to notice a damaged token. It keeps nothing secret.

/// The digest of `parts`, in which the borders between them count.
pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut digest = BASIS;
    for part in parts {
        // 0xff occurs in no UTF-8 text.
        for byte in part.bytes().chain([0xff]) {
            digest = (digest ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }
    digest
}

#[cfg(test)]
mod tests {
    #[test]
    fn borders_count() {
        assert_ne!(super::of(["a", "b"]), super::of(["ab"]));
        assert_ne!(super::of(["a", "b"]), super::of(["b", "a"]));
        assert_eq!(super::of(["a", "b"]), super::of(["a", "b"]));
    }
}
