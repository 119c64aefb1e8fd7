//! An empty crate; only its dependencies matter. Every workspace crate has it as a dev-dependency, so `cargo test -p X` selects the
//! same dependency features as `cargo test` and rebuilds nothing. Deployed functions are built without it.
