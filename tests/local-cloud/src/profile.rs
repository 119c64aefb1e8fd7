//! The Cargo profile of the functions that the local cloud runs.

use crate::deploy::ExtraStack;
use crate::error::CloudError;
use std::path::{Path, PathBuf};

/// The variable that names the profile: `local` (the default) or `release`.
const VARIABLE: &str = "GUMSHOE_PROFILE";

/// A Cargo profile. Each has its own folders, so that a build of one does not invalidate a build of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Fast to build, not optimized: see `[profile.local]` in Cargo.toml for the differences from a release.
    Local,
    /// What `make deploy` uploads.
    Release,
}

impl Profile {
    /// The profile that `GUMSHOE_PROFILE` names; [`Profile::Local`] if the variable is not set or empty.
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

    /// The output folder of `sam build`, relative to the project's root.
    pub(crate) fn stack_folder(self) -> &'static str {
        match self {
            Self::Local => ".aws-sam/local",
            Self::Release => ".aws-sam/build",
        }
    }

    /// The output folder of an extra stack: for releases the same as in `infra/deployed.py`.
    pub(crate) fn folder_of(self, kind: ExtraStack) -> &'static str {
        match (self, kind) {
            (Self::Local, ExtraStack::Graph) => ".aws-sam/local-graph",
            (Self::Local, ExtraStack::Member) => ".aws-sam/local-member",
            (Self::Release, ExtraStack::Graph) => ".aws-sam/graph",
            (Self::Release, ExtraStack::Member) => ".aws-sam/member",
        }
    }

    /// Environment variables that make `sam build` use the profile. `sam build` runs `cargo lambda build --release` or, in its
    /// debug mode, passes no profile, so that cargo-lambda's configuration selects it.
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
    fn a_profile_is_parsed_from_its_name() {
        for profile in [Profile::Local, Profile::Release] {
            assert_eq!(Profile::named(profile.name()).unwrap(), profile);
        }
        assert_eq!(Profile::named("").unwrap(), Profile::Local);
        let error = Profile::named("debug").unwrap_err().to_string();
        assert_eq!(error, "GUMSHOE_PROFILE is \"debug\"; valid values are local and release");
    }

    #[test]
    fn profiles_share_no_folder() {
        let folders = |profile: Profile| {
            let extra = [ExtraStack::Graph, ExtraStack::Member].map(|kind| profile.folder_of(kind).into());
            [vec![profile.target_folder(Path::new("")), profile.stack_folder().into()], extra.to_vec()].concat()
        };
        assert!(folders(Profile::Local).iter().all(|folder| !folders(Profile::Release).contains(folder)));
    }
}
