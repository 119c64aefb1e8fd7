//! From the domain's records to the message's and back, field by field: the compiler names each field and each variant that one
//! of the two lacks.

use jiff::Timestamp;

/// A value as the other side has it.
pub(crate) trait Same<T> {
    /// The same value.
    fn same(&self) -> T;
}

macro_rules! cloned {
    ($($type:ty),+ $(,)?) => {
        $(impl Same<$type> for $type {
            fn same(&self) -> $type {
                self.clone()
            }
        })+
    };
}
pub(super) use cloned;

cloned!(String, bool, u8, u64, usize, (f64, f64), Timestamp);

impl<A: Same<B>, B> Same<Option<B>> for Option<A> {
    fn same(&self) -> Option<B> {
        self.as_ref().map(Same::same)
    }
}

impl<A: Same<B>, B> Same<Vec<B>> for Vec<A> {
    fn same(&self) -> Vec<B> {
        self.iter().map(Same::same).collect()
    }
}

/// Both directions of a struct.
macro_rules! same_struct {
    ($message:ident = $domain:ty { $($field:ident),+ $(,)? }) => {
        const _: () = {
            type Domain = $domain;
            impl Same<$message> for Domain {
                fn same(&self) -> $message {
                    let Self { $($field),+ } = self;
                    $message { $($field: $field.same()),+ }
                }
            }
            impl Same<Domain> for $message {
                fn same(&self) -> Domain {
                    let Self { $($field),+ } = self;
                    Domain { $($field: $field.same()),+ }
                }
            }
        };
    };
}
pub(super) use same_struct;

/// Both directions of an enum.
macro_rules! same_enum {
    ($message:ident = $domain:ty { $($variant:ident $({ $($field:ident),+ })? $(($inner:ident))?),+ $(,)? }) => {
        const _: () = {
            type Domain = $domain;
            impl Same<$message> for Domain {
                fn same(&self) -> $message {
                    match self {
                        $(Self::$variant $({ $($field),+ })? $(($inner))? =>
                            $message::$variant $({ $($field: $field.same()),+ })? $(($inner.same()))?,)+
                    }
                }
            }
            impl Same<Domain> for $message {
                fn same(&self) -> Domain {
                    match self {
                        $(Self::$variant $({ $($field),+ })? $(($inner))? =>
                            Domain::$variant $({ $($field: $field.same()),+ })? $(($inner.same()))?,)+
                    }
                }
            }
        };
    };
}
pub(super) use same_enum;
