//! Nothing: its dependencies are what counts. Each crate of the workspace has it among its dev-dependencies, so that
//! `cargo test` selects the same features of every dependency for one crate as for all of them, and builds none twice.
//! The functions are built without it, as dev-dependencies are left out of what is deployed.
