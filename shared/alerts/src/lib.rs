//! One renderer a channel. All text from outside is made safe here, each channel in its way.

pub mod email;
pub mod machine;

#[cfg(test)]
mod fixtures;
