//! What must hold of all channels together.

mod channel_limits;
