//! Compares infra/, the documents and the code with each other. No service is started.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod access;
mod alarms;
mod alert_json;
mod authorization;
mod check_exceptions;
mod documents;
mod errors;
mod events;
mod features;
mod graph;
mod history;
mod member_stack;
mod modules;
mod nested;
mod operations;
mod patches;
mod policies;
mod project;
mod regions;
mod release;
mod settings;
mod state_machine;
mod template;
mod text_independence;
