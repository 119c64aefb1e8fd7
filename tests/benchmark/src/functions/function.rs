//! The measured functions and the names of their artifacts.

use std::path::{Path, PathBuf};

/// One of Gumshoe's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Function {
    OpenCase,
    StartInvestigation,
    CheckInvestigation,
    AssessCase,
    SendAlert,
    RelayAlert,
    KeepGraph,
    KeepMembership,
}

impl Function {
    pub(super) const ALL: [Self; 8] = [
        Self::OpenCase,
        Self::StartInvestigation,
        Self::CheckInvestigation,
        Self::AssessCase,
        Self::SendAlert,
        Self::RelayAlert,
        Self::KeepGraph,
        Self::KeepMembership,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OpenCase => "open-case",
            Self::StartInvestigation => "start-investigation",
            Self::CheckInvestigation => "check-investigation",
            Self::AssessCase => "assess-case",
            Self::SendAlert => "send-alert",
            Self::RelayAlert => "relay-alert",
            Self::KeepGraph => "keep-graph",
            Self::KeepMembership => "keep-membership",
        }
    }

    /// The folder in which `sam build` puts the package, by the template's logical id.
    pub(super) fn folder(self, root: &Path) -> PathBuf {
        let stack = match self {
            Self::KeepMembership => "member",
            Self::KeepGraph => "graph",
            _ => "build",
        };
        root.join(".aws-sam").join(stack).join(self.logical_id())
    }

    /// `OpenCaseFunction` for `open-case`.
    fn logical_id(self) -> String {
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        self.name().split('-').map(capital).collect::<String>() + "Function"
    }

    /// The module of the same function in Python.
    pub(super) fn python_module(self) -> String {
        self.name().replace('-', "_")
    }

    /// The first workload of a new process.
    pub(super) fn first_workload(self) -> &'static str {
        match self {
            Self::OpenCase => "open-case, an ordinary finding",
            Self::AssessCase => "assess-case, 50 indicators",
            other => other.name(),
        }
    }

    /// The operations whose results a process caches between invocations: a role's credentials and ARN; an account's membership
    /// and name; the relay's secret.
    pub(super) fn cached_operations(self) -> &'static [&'static str] {
        match self {
            Self::OpenCase => &["AssumeRole", "GetRole"],
            Self::AssessCase => &["POST /graph/members/get", "DescribeAccount", "GET /detector"],
            Self::RelayAlert => &["GetSecretValue"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_that_of_sam_build() {
        let folder = Function::OpenCase.folder(Path::new("/gumshoe"));
        assert_eq!(folder, Path::new("/gumshoe/.aws-sam/build/OpenCaseFunction"));
        let folder = Function::KeepGraph.folder(Path::new("/gumshoe"));
        assert_eq!(folder, Path::new("/gumshoe/.aws-sam/graph/KeepGraphFunction"));
        assert_eq!(Function::KeepMembership.python_module(), "keep_membership");
    }
}
