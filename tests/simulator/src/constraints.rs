//! Every constraint of the simulated operations, in the order and the words of the Detective API reference.
//!
//! Each constant is named after the shape it stands for ("GraphArn", "AiPaginationToken", …), so that this file can be
//! held against the reference line by line. How a constraint is checked stands in `input.rs`.

use crate::aws_error::ErrorCode;
use crate::entity;
use crate::lifecycle::{Severity, State, Status};
use crate::operations::list_investigations::{SortField, SortOrder};

/// What a string must look like.
pub(crate) struct Text {
    /// Fewest characters.
    pub(crate) min: usize,
    /// Most characters.
    pub(crate) max: usize,
    /// What it must match.
    pub(crate) pattern: Option<Pattern>,
    /// The code of the ValidationException when it does not.
    pub(crate) code: ErrorCode,
}

/// A pattern as the reference writes it, and the same in Rust.
pub(crate) struct Pattern {
    pub(crate) written: &'static str,
    pub(crate) matches: fn(&str) -> bool,
}

/// The inclusive bounds of an integer.
pub(crate) struct Range {
    pub(crate) min: i64,
    pub(crate) max: i64,
}

/// The words a string is chosen from, and what each stands for.
pub(crate) struct Enum<T: 'static>(pub(crate) &'static [(&'static str, T)]);

/// GraphArn, of every operation but ListGraphs.
pub(crate) const GRAPH_ARN: Text = Text {
    min: 0,
    max: usize::MAX,
    pattern: Some(Pattern {
        written: r"^arn:aws[-\w]{0,10}?:detective:[-\w]{2,20}?:\d{12}?:graph:[abcdef\d]{32}?$",
        matches: is_graph_arn,
    }),
    code: ErrorCode::InvalidGraphArn,
};

/// InvestigationId, of GetInvestigation, ListIndicators and UpdateInvestigationState.
pub(crate) const INVESTIGATION_ID: Text = body_text(21, 21, Some(Pattern { written: "^[0-9]+$", matches: is_digits }));

/// EntityArn, of StartInvestigation. The reference's pattern is `^arn:.*`; its description says "IAM user and IAM role".
// assumed: an ARN of anything else is refused with a ValidationException.
pub(crate) const ENTITY_ARN: Text = body_text(
    0,
    usize::MAX,
    Some(Pattern {
        written: "^arn:.* and be the ARN of an IAM user or an IAM role",
        matches: entity::is_user_or_role_arn,
    }),
);

/// PaginationToken, of ListGraphs.
pub(crate) const PAGINATION_TOKEN: Text = body_text(1, 1024, None);

/// AiPaginationToken, of ListIndicators and ListInvestigations.
pub(crate) const AI_PAGINATION_TOKEN: Text = body_text(1, 2048, None);

/// Value, of the string filters of ListInvestigations.
pub(crate) const VALUE: Text = body_text(1, 500, None);

/// MemberResultsLimit, the MaxResults of ListGraphs.
pub(crate) const MEMBER_RESULTS_LIMIT: Range = Range { min: 1, max: 200 };

/// MaxResults, of ListIndicators and ListInvestigations.
pub(crate) const MAX_RESULTS: Range = Range { min: 1, max: 100 };

/// IndicatorType, the filter of ListIndicators.
pub(crate) const INDICATOR_TYPE: Enum<&str> = Enum(&[
    ("TTP_OBSERVED", "TTP_OBSERVED"),
    ("IMPOSSIBLE_TRAVEL", "IMPOSSIBLE_TRAVEL"),
    ("FLAGGED_IP_ADDRESS", "FLAGGED_IP_ADDRESS"),
    ("NEW_GEOLOCATION", "NEW_GEOLOCATION"),
    ("NEW_ASO", "NEW_ASO"),
    ("NEW_USER_AGENT", "NEW_USER_AGENT"),
    ("RELATED_FINDING", "RELATED_FINDING"),
    ("RELATED_FINDING_GROUP", "RELATED_FINDING_GROUP"),
]);

/// Severity, an output of GetInvestigation and ListInvestigations.
pub(crate) const SEVERITY: Enum<Severity> = Enum(&[
    ("INFORMATIONAL", Severity::Informational),
    ("LOW", Severity::Low),
    ("MEDIUM", Severity::Medium),
    ("HIGH", Severity::High),
    ("CRITICAL", Severity::Critical),
]);

/// Status, an output of GetInvestigation and ListInvestigations.
pub(crate) const STATUS: Enum<Status> =
    Enum(&[("RUNNING", Status::Running), ("FAILED", Status::Failed), ("SUCCESSFUL", Status::Successful)]);

/// State, of UpdateInvestigationState.
pub(crate) const STATE: Enum<State> = Enum(&[("ACTIVE", State::Active), ("ARCHIVED", State::Archived)]);

/// Field, of SortCriteria of ListInvestigations.
pub(crate) const FIELD: Enum<SortField> =
    Enum(&[("SEVERITY", SortField::Severity), ("STATUS", SortField::Status), ("CREATED_TIME", SortField::CreatedTime)]);

/// SortOrder, of SortCriteria of ListInvestigations.
pub(crate) const SORT_ORDER: Enum<SortOrder> = Enum(&[("ASC", SortOrder::Ascending), ("DESC", SortOrder::Descending)]);

/// The shortest scope of an investigation, in seconds. Source: the Detective user guide, "at least 3 hours".
pub(crate) const SCOPE_SECONDS_MIN: i64 = 3 * 60 * 60;

/// The longest scope of an investigation, in seconds. Source: the Detective user guide, "at most 30 days".
pub(crate) const SCOPE_SECONDS_MAX: i64 = 30 * 24 * 60 * 60;

/// How long a page token lasts, in seconds. Source: NextToken of ListIndicators and ListInvestigations, "24 hours".
pub(crate) const TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// The largest request body that is read, in bytes.
// assumed: the reference gives no limit.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;

const fn body_text(min: usize, max: usize, pattern: Option<Pattern>) -> Text {
    Text { min, max, pattern, code: ErrorCode::InvalidRequestBody }
}

impl<T: Copy> Enum<T> {
    /// What `word` stands for.
    pub(crate) fn get(&self, word: &str) -> Option<T> {
        self.0.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
    }

    /// The words, for a message.
    pub(crate) fn words(&self) -> String {
        self.0.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

impl<T: PartialEq> Enum<T> {
    /// The word that stands for `value`.
    pub(crate) fn name(&self, value: &T) -> &'static str {
        self.0.iter().find(|(_, other)| other == value).map_or("", |(name, _)| name)
    }
}

fn is_graph_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [arn, partition, service, region, account, kind, id] = parts.as_slice() else {
        return false;
    };
    *arn == "arn"
        && partition.strip_prefix("aws").is_some_and(|rest| is_word(rest, 0, 10))
        && *service == "detective"
        && is_word(region, 2, 20)
        && account.len() == 12
        && is_digits(account)
        && *kind == "graph"
        && id.len() == 32
        && id.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

/// `[-\w]{min,max}`
fn is_word(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_the_pattern_generates_is_a_graph_arn(
            arn in "arn:aws[-a-zA-Z0-9_]{0,10}:detective:[-a-zA-Z0-9_]{2,20}:[0-9]{12}:graph:[abcdef0-9]{32}"
        ) {
            prop_assert!(is_graph_arn(&arn));
        }

        #[test]
        fn a_graph_arn_with_one_character_more_is_none(
            arn in "arn:aws:detective:us-east-1:[0-9]{12}:graph:[abcdef0-9]{32}",
            more in "[a-z0-9]",
        ) {
            let longer = format!("{arn}{more}");
            prop_assert!(!is_graph_arn(&longer));
        }

        #[test]
        fn no_text_makes_a_check_panic(text in any::<String>()) {
            is_graph_arn(&text);
            is_digits(&text);
            entity::is_user_or_role_arn(&text);
        }
    }

    #[test]
    fn graph_arns_past_each_edge() {
        let id = "0".repeat(32);
        let arn = |partition: &str, region: &str, account: &str, id: &str| {
            format!("arn:{partition}:detective:{region}:{account}:graph:{id}")
        };
        assert!(is_graph_arn(&arn("aws-1234567890"[..13].as_ref(), "ab", "123456789012", &id)));
        assert!(!is_graph_arn(&arn("aws-1234567890", "ab", "123456789012", &id)));
        assert!(!is_graph_arn(&arn("aws", "a", "123456789012", &id)));
        assert!(!is_graph_arn(&arn("aws", &"a".repeat(21), "123456789012", &id)));
        assert!(!is_graph_arn(&arn("aws", "ab", "12345678901", &id)));
        assert!(!is_graph_arn(&arn("aws", "ab", "123456789012", &id[1..])));
        assert!(!is_graph_arn(&arn("aws", "ab", "123456789012", &id.replace('0', "A"))));
        assert!(!is_graph_arn("arn:aws:detective:us-east-1:123456789012:graph:\u{661}"));
    }
}
