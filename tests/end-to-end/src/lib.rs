//! The tests of the whole are in `tests/`; there is nothing to link against.
