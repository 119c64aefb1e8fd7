//! From the domain's records to the message's and back, field by field: the compiler names each field and each variant that one
//! of the two lacks.

use jiff::Timestamp;

/// A value as the other side has it.
pub(crate) trait Convert<T> {
    /// The same value.
    fn convert(&self) -> T;
}

macro_rules! convert_by_clone {
    ($($type:ty),+ $(,)?) => {
        $(impl Convert<$type> for $type {
            fn convert(&self) -> $type {
                self.clone()
            }
        })+
    };
}
pub(super) use convert_by_clone;

convert_by_clone!(String, bool, u8, u64, usize, (f64, f64), Timestamp);

impl<A: Convert<B>, B> Convert<Option<B>> for Option<A> {
    fn convert(&self) -> Option<B> {
        self.as_ref().map(Convert::convert)
    }
}

impl<A: Convert<B>, B> Convert<Vec<B>> for Vec<A> {
    fn convert(&self) -> Vec<B> {
        self.iter().map(Convert::convert).collect()
    }
}

/// Both directions of a struct.
macro_rules! convert_struct {
    ($message:ident = $domain:ty { $($field:ident),+ $(,)? }) => {
        const _: () = {
            type Domain = $domain;
            impl Convert<$message> for Domain {
                fn convert(&self) -> $message {
                    let Self { $($field),+ } = self;
                    $message { $($field: $field.convert()),+ }
                }
            }
            impl Convert<Domain> for $message {
                fn convert(&self) -> Domain {
                    let Self { $($field),+ } = self;
                    Domain { $($field: $field.convert()),+ }
                }
            }
        };
    };
}
pub(super) use convert_struct;

/// Both directions of an enum.
macro_rules! convert_enum {
    ($message:ident = $domain:ty { $($variant:ident $({ $($field:ident),+ })? $(($inner:ident))?),+ $(,)? }) => {
        const _: () = {
            type Domain = $domain;
            impl Convert<$message> for Domain {
                fn convert(&self) -> $message {
                    match self {
                        $(Self::$variant $({ $($field),+ })? $(($inner))? =>
                            $message::$variant $({ $($field: $field.convert()),+ })? $(($inner.convert()))?,)+
                    }
                }
            }
            impl Convert<Domain> for $message {
                fn convert(&self) -> Domain {
                    match self {
                        $(Self::$variant $({ $($field),+ })? $(($inner))? =>
                            Domain::$variant $({ $($field: $field.convert()),+ })? $(($inner.convert()))?,)+
                    }
                }
            }
        };
    };
}
pub(super) use convert_enum;
