//! The tests of the report's pages are in `tests/`; there is nothing to link against.
