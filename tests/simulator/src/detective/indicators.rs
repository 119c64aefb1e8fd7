//! Indicators, in the API's own shape.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One indicator of compromise, as ListIndicators answers it (API reference, ListIndicators, Indicator).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its type, such as TTP_OBSERVED. A type that Detective does not know is kept, so that clients can be tried
    /// against types to come.
    #[serde(rename = "IndicatorType")]
    pub indicator_type: String,
    /// Its detail, such as `{"TTPsObservedDetail": {…}}`.
    #[serde(rename = "IndicatorDetail")]
    pub indicator_detail: Value,
}

/// What kind of value a member of a detail holds.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Long,
    Boolean,
    /// An ARN.
    Arn,
    /// The one word that Reason knows.
    Reason,
}

use Kind::{Arn, Boolean, Integer, Long, Reason, Text};

/// A known type, the structure that holds its detail, and that structure's members.
type Shape = (&'static str, &'static str, &'static [(&'static str, Kind)]);

/// The eight types of the API reference (ListIndicators, IndicatorDetail).
const SHAPES: [Shape; 8] = [
    (
        "TTP_OBSERVED",
        "TTPsObservedDetail",
        &[
            ("Tactic", Text),
            ("Technique", Text),
            ("Procedure", Text),
            ("IpAddress", Text),
            ("APIName", Text),
            ("APISuccessCount", Long),
            ("APIFailureCount", Long),
        ],
    ),
    (
        "IMPOSSIBLE_TRAVEL",
        "ImpossibleTravelDetail",
        &[
            ("StartingIpAddress", Text),
            ("EndingIpAddress", Text),
            ("StartingLocation", Text),
            ("EndingLocation", Text),
            ("HourlyTimeDelta", Integer),
        ],
    ),
    ("FLAGGED_IP_ADDRESS", "FlaggedIpAddressDetail", &[("IpAddress", Text), ("Reason", Reason)]),
    (
        "NEW_GEOLOCATION",
        "NewGeolocationDetail",
        &[("Location", Text), ("IpAddress", Text), ("IsNewForEntireAccount", Boolean)],
    ),
    ("NEW_ASO", "NewAsoDetail", &[("Aso", Text), ("IsNewForEntireAccount", Boolean)]),
    ("NEW_USER_AGENT", "NewUserAgentDetail", &[("UserAgent", Text), ("IsNewForEntireAccount", Boolean)]),
    ("RELATED_FINDING", "RelatedFindingDetail", &[("Arn", Arn), ("Type", Text), ("IpAddress", Text)]),
    ("RELATED_FINDING_GROUP", "RelatedFindingGroupDetail", &[("Id", Text)]),
];

impl Indicator {
    /// Holds an indicator of a known type to its shape. The error is the path of what is wrong, and what is.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        let Some((_, structure, members)) = SHAPES.iter().find(|(name, ..)| *name == self.indicator_type) else {
            return Ok(());
        };
        let at = String::from("IndicatorDetail");
        let Value::Object(details) = &self.indicator_detail else {
            return Err((at, format!("must be a structure that holds {structure}")));
        };
        for (name, detail) in details {
            let at = format!("{at}.{name}");
            if name != structure {
                return Err((at, format!("is not expected: {} holds {structure}", self.indicator_type)));
            }
            let Value::Object(detail) = detail else {
                return Err((at, "must be a structure".into()));
            };
            for (member, value) in detail {
                check_member(members, member, value).map_err(|what| (format!("{at}.{member}"), what))?;
            }
        }
        Ok(())
    }
}

fn check_member(members: &[(&str, Kind)], name: &str, value: &Value) -> Result<(), String> {
    let Some((_, kind)) = members.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = members.iter().map(|(known, _)| *known).collect();
        return Err(format!("is not expected: known are {}", known.join(", ")));
    };
    let (fits, expected) = match kind {
        Text => (value.is_string(), "a string"),
        Integer => (value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()), "an integer of 32 bits"),
        Long => (value.is_i64(), "an integer of 64 bits"),
        Boolean => (value.is_boolean(), "true or false"),
        Arn => (value.as_str().is_some_and(|text| text.starts_with("arn:")), "an ARN"),
        Reason => (value == "AWS_THREAT_INTELLIGENCE", "AWS_THREAT_INTELLIGENCE"),
    };
    if fits { Ok(()) } else { Err(format!("must be {expected}")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::detective::constraints::INDICATOR_TYPE;
    use crate::protocol::shape::Shape;

    fn check(kind: &str, detail: Value) -> Result<(), String> {
        let indicator = Indicator { indicator_type: kind.into(), indicator_detail: detail };
        indicator.check().map_err(|(path, _)| path)
    }

    #[test]
    fn known_indicator_types_are_checked() {
        assert_eq!(check("NEW_ASO", json!({ "NewAsoDetail": { "Aso": "X" } })), Ok(()));
        assert_eq!(check("NEW_ASO", json!([])), Err("IndicatorDetail".into()));
        assert_eq!(check("NEW_ASO", json!({ "NewAso": {} })), Err("IndicatorDetail.NewAso".into()));
        assert_eq!(check("NEW_ASO", json!({ "NewAsoDetail": 1 })), Err("IndicatorDetail.NewAsoDetail".into()));
        assert_eq!(
            check("NEW_ASO", json!({ "NewAsoDetail": { "Aso": 1 } })),
            Err("IndicatorDetail.NewAsoDetail.Aso".into())
        );
        assert_eq!(
            check("NEW_ASO", json!({ "NewAsoDetail": { "ASO": "X" } })),
            Err("IndicatorDetail.NewAsoDetail.ASO".into())
        );
    }

    #[test]
    fn unknown_indicator_types_are_accepted() {
        assert_eq!(check("NEW_PLANET", json!({ "Any": [1, { "thing": null }] })), Ok(()));
    }

    #[test]
    fn the_shapes_are_the_types_of_the_constraint() {
        let shapes: Vec<&str> = SHAPES.iter().map(|(name, ..)| *name).collect();
        let Shape::Enum(known) = &INDICATOR_TYPE else { panic!("IndicatorType is no enum") };
        assert_eq!(shapes, *known);
    }
}
