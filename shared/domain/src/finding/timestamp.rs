//! The forms in which findings contain times.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Reads ISO-8601 text, text with a space and without a zone (interpreted as UTC), or seconds since 1970 with a fraction.
pub(super) fn read(value: &Value) -> Option<Timestamp> {
    if let Some(text) = value.as_str() {
        let text = text.trim();
        return text.parse().ok().or_else(|| {
            let without_zone: DateTime = text.parse().ok()?;
            without_zone.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        });
    }
    from_epoch_seconds(value.as_f64()?)
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and jiff rejects values outside its range")]
fn from_epoch_seconds(seconds: f64) -> Option<Timestamp> {
    seconds.is_finite().then(|| Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_forms_give_the_same_time() {
        let expected: Timestamp = "2026-01-15T12:40:00.500Z".parse().unwrap();
        for form in [
            json!("2026-01-15T12:40:00.500Z"),
            json!("2026-01-15T13:40:00.500+01:00"),
            json!("2026-01-15 12:40:00.500"),
            json!("2026-01-15 12:40:00.500Z"),
            json!(1_768_480_800.5),
        ] {
            assert_eq!(read(&form), Some(expected), "{form}");
        }
    }

    #[test]
    fn other_values_are_not_times() {
        for form in [json!("yesterday"), json!(""), json!({}), json!(1e300), json!(true)] {
            assert_eq!(read(&form), None, "{form}");
        }
    }
}
