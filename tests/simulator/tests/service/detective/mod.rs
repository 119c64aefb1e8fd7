//! Detective's operations.

mod datasources;
mod error_types;
mod errors;
mod graphs;
mod investigations;
mod members;
mod memberships;
mod organization;
mod rejections;

use aws_sdk_detective::Client;
use aws_sdk_detective::operation::create_members::CreateMembersOutput;
use aws_sdk_detective::types::{Account, MemberDetail};
use simulator::Simulator;

use crate::support::{REGION, TestServer, client};

/// An account that is no administrator's.
const MEMBER: &str = "444455556666";
const OTHER: &str = "777788889999";

fn account(id: &str) -> Account {
    Account::builder().account_id(id).email_address(format!("security+{id}@example.com")).build().unwrap()
}

/// The client of another account in the Region.
fn client_of(simulator: &Simulator, account: &str) -> Client {
    client(simulator, account, REGION)
}

impl TestServer {
    async fn invite(&self, accounts: &[&str]) -> CreateMembersOutput {
        let accounts = accounts.iter().map(|id| account(id)).collect();
        self.client.create_members().graph_arn(&self.graph).set_accounts(Some(accounts)).send().await.unwrap()
    }

    /// What the administrator sees of a member.
    async fn member(&self, account: &str) -> MemberDetail {
        let got = self.client.get_members().graph_arn(&self.graph).account_ids(account).send().await.unwrap();
        assert!(got.unprocessed_accounts().is_empty(), "{got:?}");
        got.member_details()[0].clone()
    }

    /// Invites an account and lets it accept.
    async fn join(&self, account: &str) -> Client {
        self.invite(&[account]).await;
        let client = client_of(&self.simulator, account);
        client.accept_invitation().graph_arn(&self.graph).send().await.unwrap();
        client
    }
}
