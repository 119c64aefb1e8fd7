//! The constraints of requests in the Detective API reference, to be compared with it line by line. Limits that a shape
//! cannot express are constants here, with their source.

pub(super) mod operations;
mod shapes;

#[cfg(test)]
pub(super) use shapes::INDICATOR_TYPE;

/// The shortest scope of an investigation, in seconds. Source: the Detective user guide, "at least 3 hours".
pub(super) const SCOPE_SECONDS_MIN: i64 = 3 * 60 * 60;

/// The longest scope of an investigation, in seconds. Source: the Detective user guide, "at most 30 days".
pub(super) const SCOPE_SECONDS_MAX: i64 = 30 * 24 * 60 * 60;

/// How many members a behavior graph can have. Source: ServiceQuotaExceededException.
pub(super) const MEMBERS_MAX: usize = 1200;

/// How much data a behavior graph can ingest, in bytes a day. Source: ServiceQuotaExceededException, "10 TB per day".
// assumed: terabytes of 10^12 bytes.
pub(super) const GRAPH_BYTES_MAX: u64 = 10_000_000_000_000;

/// How many tags a behavior graph can have. Source: TagMap.
pub(super) const TAGS_MAX: usize = 50;
