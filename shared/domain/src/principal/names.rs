//! Names that IAM, Kubernetes and EKS allow, and names that occur only in sample findings.

/// Whether IAM allows the name: letters, digits and `+=,.@_-`, at most `longest` characters (64 for users and roles, 128 for
/// instance profiles).
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) fn is_iam_name(name: &str, longest: usize) -> bool {
    (1..=longest).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
}

/// Whether the text is an IAM unique id with that prefix: `AIDA` for users, `AROA` for roles.
///
/// Source: IAM User Guide, "IAM identifiers", unique identifiers.
pub(crate) fn is_unique_id(id: &str, prefix: &str) -> bool {
    (8..=128).contains(&id.len())
        && id.starts_with(prefix)
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether the text is a sample name of CreateSampleFindings: a part of it begins with `GeneratedFinding`, or it is the sample
/// instance or a sample instance profile. Observed in published samples; AWS does not document these names.
pub(crate) fn is_sample_name(text: &str) -> bool {
    const MARK: &str = "GeneratedFinding";
    text == "i-99999999"
        || text.ends_with(":instance-profile/generated")
        || text.ends_with(":example/instance/profile")
        || text
            .split(['/', ':'])
            .any(|part| part.get(..MARK.len()).is_some_and(|start| start.eq_ignore_ascii_case(MARK)))
}

/// Whether the text has the form of a Kubernetes namespace or service account: lower-case letters, digits, dashes and
/// dots (Kubernetes documentation, "Object Names and IDs").
pub(crate) fn is_kubernetes_name(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    text.len() <= 253
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(byte))
}

/// Whether EKS allows the text as the name of a cluster (EKS API Reference, CreateCluster).
pub(crate) fn is_cluster_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && !text.starts_with(['-', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_names_are_recognized_in_arns_and_alone() {
        for text in [
            "GeneratedFindingUserName",
            "generatedfindingdbinstanceid",
            "GeneratedFindingInstanceProfileArn",
            "arn:aws:iam::123456789012:role/service-role/GeneratedFindingRole",
            "arn:aws:iam::123456789012:instance-profile/generated",
            "arn:aws:iam::123456789012:example/instance/profile",
            "i-99999999",
        ] {
            assert!(is_sample_name(text), "{text}");
        }
        for text in ["alice", "svc-GeneratedFindings", "i-0abc123def4567890", "", "Gener", "é-GeneratedFinding"] {
            assert!(!is_sample_name(text), "{text}");
        }
    }

    #[test]
    fn only_names_that_the_services_allow_are_accepted() {
        assert!(is_iam_name("AWSReservedSSO_Admin_0123456789abcdef", 64) && is_iam_name("a+b=c,d.e@f_g-h", 64));
        for name in ["", "a/b", "a b", "<!channel>", "ä", &"x".repeat(65)] {
            assert!(!is_iam_name(name, 64), "{name}");
        }
        assert!(is_kubernetes_name("checkout") && is_kubernetes_name("a.b-c"));
        for name in ["", "-a", "a-", "A", "a/b", "a_b"] {
            assert!(!is_kubernetes_name(name), "{name}");
        }
        assert!(is_cluster_name("prod_1") && !is_cluster_name("-prod") && !is_cluster_name("a/b"));
        assert!(is_unique_id("AIDAEXAMPLE0001", "AIDA") && !is_unique_id("AIDA_TEST_PRINCIPAL", "AIDA"));
    }
}
