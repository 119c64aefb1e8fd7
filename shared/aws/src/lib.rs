//! One adapter a service: concrete structs around the SDK's clients. The SDK's types stop here.

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

/// The SDK's clients, for the `main.rs` that build the adapters.
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
