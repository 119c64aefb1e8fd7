//! Enums of codes that are stored, sent and compared.

/// Defines an enum whose variants are serialized as codes. `Other` contains any code that this version does not know, so that a new
/// code of a service can be read and stored.
///
/// Codes are stored and never change. `gumshoe-alerts` renders sentences about them.
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
            /// All codes that this version knows, in declaration order.
            pub const KNOWN: &[Self] = &[$(Self::$variant),+];

            /// The stored and sent form.
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
