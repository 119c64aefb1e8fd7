//! Clients for an account: the function's own, or a member's through the role that was made there for this.

use crate::assume_role::assume_role_config;
use aws_config::SdkConfig;
use std::collections::HashMap;
use tokio::sync::Mutex;

/// The role that is taken on in accounts other than the function's own (`infra/case/member-role.yaml`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRole {
    /// Its name, the same in every account.
    pub name: String,
    /// What the role asks for as external id.
    pub external_id: String,
}

/// Clients of one account. Regional services get their Region with the call.
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

/// Clients of all accounts that were asked about.
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

    /// Clients of that account, or nothing where the account is another's and there is no role to take on. Whether the
    /// role lets the function in shows with the first call.
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
