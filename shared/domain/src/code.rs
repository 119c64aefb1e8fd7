//! Enums of codes: names that are stored, sent and compared.

/// Defines an enum whose variants are serialized as their codes. `Other` takes any code that this version does not know, so
/// that a new name from outside can be read and kept.
///
/// A code never changes, because it is stored. Sentences about it belong to `gumshoe-alerts`.
macro_rules! open_codes {
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$meaning:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$meaning])* $variant,)+
            /// A code that this version does not know.
            Other(String),
        }

        impl $name {
            /// All codes that this version knows, in the order of their declaration.
            pub const KNOWN: &[Self] = &[$(Self::$variant),+];

            /// The code, as it is stored and sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(code) => code,
                }
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(code: String) -> Self {
                match Self::from(code.as_str()) {
                    Self::Other(_) => Self::Other(code),
                    known => known,
                }
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                match code {
                    $name::Other(code) => code,
                    known => known.as_str().to_owned(),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use open_codes;
