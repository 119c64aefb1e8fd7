//! Adapters for AWS services: one module for each service, with a concrete struct around the SDK's client. SDK types do not leave this
//! crate, except the clients in [`clients`].
//!
//! # Layout
//!
//! - [`case_table`]: DynamoDB, the table of cases and findings.
//! - [`detective`], [`guardduty`]: the two investigation services.
//! - [`principals`]: IAM, ECS and EKS lookups of a principal's ARN; [`account_names`]: Organizations.
//! - [`executions`]: Step Functions; [`queue`], [`dead_letters`]: SQS; [`topic`]: SNS; [`events`]: EventBridge.
//! - [`evidence`]: S3; [`secret`]: Secrets Manager.
//! - [`ApiCallError`]: the error of every call; [`pagination`]: listings of several pages.

pub mod account_names;
mod assume_role;
pub mod case_table;
pub mod dead_letters;
pub mod detective;
mod error;
pub mod events;
pub mod evidence;
pub mod executions;
pub mod guardduty;
pub mod pagination;
pub mod principals;
pub mod queue;
pub mod secret;
pub mod topic;

pub use assume_role::assume_role_config;
pub use error::ApiCallError;

/// The SDK's clients, for the `main.rs` that creates the adapters.
pub mod clients {
    pub use aws_sdk_detective::Client as Detective;
    pub use aws_sdk_dynamodb::Client as DynamoDb;
    pub use aws_sdk_eventbridge::Client as EventBridge;
    pub use aws_sdk_guardduty::Client as GuardDuty;
    pub use aws_sdk_organizations::Client as Organizations;
    pub use aws_sdk_s3::Client as S3;
    pub use aws_sdk_secretsmanager::Client as SecretsManager;
    pub use aws_sdk_sfn::Client as StepFunctions;
    pub use aws_sdk_sns::Client as Sns;
    pub use aws_sdk_sqs::Client as Sqs;
}
