//! How the functions are built that the local cloud runs.

use crate::deploy::Beside;
use crate::error::CloudError;
use std::path::{Path, PathBuf};

/// The variable that names the profile: `local` (the default) or `release`.
const VARIABLE: &str = "GUMSHOE_PROFILE";

/// A Cargo profile, with folders of its own, so that no build of one undoes a build of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build, not optimized: `[profile.local]` in Cargo.toml says what differs from a release.
    Local,
    /// What `make deploy` uploads.
    Release,
}

impl Profile {
    /// The profile that `GUMSHOE_PROFILE` names; the local one if it is not set or empty.
    ///
    /// # Errors
    ///
    /// [`CloudError::Profile`] for any other value.
    pub fn of_environment() -> Result<Self, CloudError> {
        Self::named(&std::env::var(VARIABLE).unwrap_or_default())
    }

    fn named(name: &str) -> Result<Self, CloudError> {
        match name {
            "" | "local" => Ok(Self::Local),
            "release" => Ok(Self::Release),
            _ => Err(CloudError::Profile { variable: VARIABLE, value: name.to_owned() }),
        }
    }

    /// The profile's name in Cargo.toml.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Release => "release",
        }
    }

    /// Cargo's target folder.
    pub(crate) fn target_folder(self, root: &Path) -> PathBuf {
        match self {
            Self::Local => root.join("target/local"),
            Self::Release => root.join("target"),
        }
    }

    /// Where `sam build` lays out what it deploys, from the project's folder.
    pub(crate) fn stack_folder(self) -> &'static str {
        match self {
            Self::Local => ".aws-sam/local",
            Self::Release => ".aws-sam/build",
        }
    }

    /// The same for a stack beside the case stack: as `infra/deployed.py` has it, but for the local profile.
    pub(crate) fn folder_beside(self, kind: Beside) -> &'static str {
        match (self, kind) {
            (Self::Local, Beside::Graph) => ".aws-sam/local-graph",
            (Self::Local, Beside::Member) => ".aws-sam/local-member",
            (Self::Release, Beside::Graph) => ".aws-sam/graph",
            (Self::Release, Beside::Member) => ".aws-sam/member",
        }
    }

    /// What makes `sam build` use the profile: it knows only `cargo lambda build --release` and, in its debug mode, no
    /// profile at all, which leaves the choice to cargo-lambda's configuration.
    pub(crate) fn sam_build_variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Local => &[("SAM_BUILD_MODE", "debug"), ("CARGO_LAMBDA_BUILD", r#"{profile="local"}"#)],
            Self::Release => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_by_its_name() {
        for profile in [Profile::Local, Profile::Release] {
            assert_eq!(Profile::named(profile.name()).unwrap(), profile);
        }
        assert_eq!(Profile::named("").unwrap(), Profile::Local);
        let error = Profile::named("debug").unwrap_err().to_string();
        assert_eq!(error, "GUMSHOE_PROFILE is \"debug\"; it may be local or release");
    }

    #[test]
    fn profiles_share_no_folder() {
        let folders = |profile: Profile| {
            let beside = [Beside::Graph, Beside::Member].map(|kind| profile.folder_beside(kind).into());
            [vec![profile.target_folder(Path::new("")), profile.stack_folder().into()], beside.to_vec()].concat()
        };
        assert!(folders(Profile::Local).iter().all(|folder| !folders(Profile::Release).contains(folder)));
    }
}
