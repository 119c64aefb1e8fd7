//! The known finding types: used to check the operator's filters, never to decide about a finding.

/// One type a line, after comment lines.
const TYPES: &str = include_str!("known-types.txt");

/// The known finding types. GuardDuty adds types; a finding whose type is missing here is processed as usual.
pub fn known_types() -> impl Iterator<Item = &'static str> {
    TYPES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_are_sorted_and_distinct() {
        let types: Vec<&str> = known_types().collect();
        assert!(types.len() > 200 && types.is_sorted_by(|one, other| one < other));
        assert!(types.iter().all(|it| it.contains(':') && it.contains('/') && it.trim() == *it));
        assert!(
            types.contains(&"Backdoor:EC2/C&CActivity.B!DNS") && types.contains(&"Persistence:IAM/AccountManipulation")
        );
    }
}
