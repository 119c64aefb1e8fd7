//! infra/ and the code, held against each other. Nothing is started.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod exceptions;
mod features;
mod policies;
mod project;
mod state_machine;
mod template;
