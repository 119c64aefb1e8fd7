//! What must hold of all channels together.

mod limits;
