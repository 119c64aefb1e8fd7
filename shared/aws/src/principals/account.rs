//! Clients for an account: with the function's own credentials, or with a role in a member account.

use crate::assume_role::assume_role_config;
use aws_config::SdkConfig;
use std::collections::HashMap;
use tokio::sync::Mutex;

/// The role that the function assumes in accounts other than its own (`infra/case/member-role.yaml`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRole {
    /// The role's name, the same in every account.
    pub name: String,
    /// The external id that the role's trust policy requires.
    pub external_id: String,
}

/// The clients of one account. A regional service's client is created with its Region.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    pub(super) iam: aws_sdk_iam::Client,
    configuration: SdkConfig,
}

impl Clients {
    fn new(configuration: SdkConfig) -> Self {
        Self { iam: aws_sdk_iam::Client::new(&configuration), configuration }
    }

    pub(super) fn ecs(&self, region: &str) -> aws_sdk_ecs::Client {
        let region = aws_sdk_ecs::config::Region::new(region.to_owned());
        let configuration = aws_sdk_ecs::config::Builder::from(&self.configuration).region(region).build();
        aws_sdk_ecs::Client::from_conf(configuration)
    }

    pub(super) fn eks(&self, region: &str) -> aws_sdk_eks::Client {
        let region = aws_sdk_eks::config::Region::new(region.to_owned());
        let configuration = aws_sdk_eks::config::Builder::from(&self.configuration).region(region).build();
        aws_sdk_eks::Client::from_conf(configuration)
    }
}

/// The clients of all accounts that were called.
#[derive(Debug)]
pub(super) struct AccountClients {
    configuration: SdkConfig,
    own: String,
    role: Option<MemberRole>,
    /// By partition and account.
    clients: Mutex<HashMap<(String, String), Clients>>,
}

impl AccountClients {
    pub(super) fn new(configuration: &SdkConfig, own: String, role: Option<MemberRole>) -> Self {
        Self { configuration: configuration.clone(), own, role, clients: Mutex::default() }
    }

    /// The clients of that account; `None` if it is not the function's own and there is no role to assume. If the role does not trust the
    /// function, the first call fails.
    pub(super) async fn clients(&self, partition: &str, account_id: &str) -> Option<Clients> {
        let mut clients = self.clients.lock().await;
        let cache_key = (partition.to_owned(), account_id.to_owned());
        if let Some(known) = clients.get(&cache_key) {
            return Some(known.clone());
        }
        let made = if account_id == self.own {
            Clients::new(self.configuration.clone())
        } else {
            let role = self.role.as_ref()?;
            let arn = format!("arn:{partition}:iam::{account_id}:role/{}", role.name);
            Clients::new(assume_role_config(&self.configuration, &arn, &role.external_id))
        };
        clients.insert(cache_key, made.clone());
        Some(made)
    }
}
