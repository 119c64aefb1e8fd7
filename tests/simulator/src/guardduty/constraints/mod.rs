//! The constraints of requests in the GuardDuty API reference, to be compared with it line by line. Limits that a shape
//! cannot express are constants here, with their source.

pub(super) mod operations;
mod shapes;

/// The Regions that have investigations. Source: CreateInvestigation.
pub(super) const INVESTIGATION_REGIONS: [&str; 10] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-northeast-1",
];

/// How many investigations an account can start in a day. Source: CreateInvestigation, "up to 10 … per day".
pub(super) const INVESTIGATIONS_PER_DAY_MAX: usize = 10;

/// How many investigations an account can start in all. Source: CreateInvestigation, "a total limit of 100".
pub(super) const INVESTIGATIONS_TOTAL_MAX: usize = 100;
