//! The model of GuardDuty's quota: never more investigations are asked for than there are, whoever asks at once, dies on
//! the way or asks again.
//!
//! It explores the values that the handlers run, `Asking` and `GivingBack` of `gumshoe_domain::guardduty`: every order of
//! their calls, while invocations die, answers are lost, calls are refused, investigations fail, people ask by hand and time
//! passes by clocks that differ. Made up are the table's item, which is written on condition of its version, and GuardDuty.

mod actions;
mod call;
mod config;
mod fault;
mod guardduty;
mod model;
mod properties;
mod world;

pub use actions::{Action, Goes};
pub use config::{Ask, Bounds, Config};
pub use fault::Faulty;
pub use model::Quota;
pub use world::{Reached, World};
