//! What commands share.

use crate::args::GlobalOptions;
use crate::error::CliError;
use crate::output::Output;
use crate::stack::Stack;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::{Builder, tls};
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::OnceCell;

/// The global options, and what is read once.
#[derive(Debug)]
pub(crate) struct Context {
    /// The options of every command.
    pub(crate) global: GlobalOptions,
    /// Standard output.
    pub(crate) output: Output,
    config: OnceCell<SdkConfig>,
    stack: OnceCell<Stack>,
}

impl Context {
    pub(crate) fn new(global: GlobalOptions) -> Self {
        let output = Output::new(global.json);
        Self { global, output, config: OnceCell::new(), stack: OnceCell::new() }
    }

    /// The current time.
    #[expect(clippy::disallowed_methods, reason = "a command runs now; its decisions take the time as an argument")]
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// The configuration of the SDK's clients: the AWS CLI's credentials, Region, profile and endpoints.
    ///
    /// # Errors
    ///
    /// No Region is configured.
    pub(crate) async fn config(&self) -> Result<&SdkConfig, CliError> {
        self.config.get_or_try_init(|| self.load_config()).await
    }

    async fn load_config(&self) -> Result<SdkConfig, CliError> {
        let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(5));
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(Builder::new().tls_provider(ring).build_https())
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts.operation_attempt_timeout(Duration::from_secs(30)).build());
        if let Some(region) = self.global.region.clone() {
            loader = loader.region(Region::new(region));
        }
        if let Some(profile) = &self.global.profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        if config.region().is_none() {
            return Err(CliError::Usage("no Region is configured; name one with --region or AWS_REGION".to_owned()));
        }
        Ok(config)
    }

    /// The case stack, read once.
    ///
    /// # Errors
    ///
    /// There is no such stack, or a failed DescribeStacks.
    pub(crate) async fn stack(&self) -> Result<&Stack, CliError> {
        self.stack.get_or_try_init(|| async { Stack::read(self.config().await?, &self.global.stack).await }).await
    }
}
