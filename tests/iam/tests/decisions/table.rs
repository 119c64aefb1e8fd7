//! The table of cases, and the requests that it describes.

use crate::project;
use crate::stack::{REGION, Stack};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const FILE: &str = "tests/iam/cases.yaml";

pub(crate) struct Table {
    pub(crate) stacks: BTreeMap<String, Stack>,
    people: Value,
    organization: Value,
    cases: Vec<Value>,
}

/// One request, and the expected decision.
pub(crate) struct Request {
    /// The caller, the action and the resource, for messages.
    pub(crate) text: String,
    pub(crate) who: String,
    pub(crate) action: String,
    pub(crate) is_allowed: bool,
    /// The stack and the logical id of the resource, if it belongs to a stack.
    pub(crate) resource: Option<(String, String)>,
    /// The input of iam-simulate.
    pub(crate) simulation: Value,
}

/// Who makes a request.
struct Caller {
    /// As the request names it: a session, a user, the root or a service.
    principal: String,
    keys: Map<String, Value>,
    policies: Vec<Value>,
}

impl Table {
    pub(crate) fn read() -> Self {
        let table = project::yaml(FILE);
        let stacks = table["stacks"].as_object().unwrap().iter();
        let stacks = stacks.map(|(name, it)| (name.clone(), Stack::new(name, it)));
        Self {
            stacks: stacks.collect(),
            people: table["people"].clone(),
            organization: table["organization"].clone(),
            cases: table["cases"].as_array().unwrap().clone(),
        }
    }

    /// All requests of the table.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let mut all = Vec::new();
        for case in &self.cases {
            for (name, is_allowed) in [("may", true), ("may_not", false)] {
                for action in case[name].as_array().into_iter().flatten() {
                    all.push(self.request(case, action.as_str().unwrap(), is_allowed));
                }
            }
        }
        all
    }

    fn request(&self, case: &Value, action: &str, is_allowed: bool) -> Request {
        let who = case["who"].as_str().unwrap();
        let (base, suffix) = match &case["resource"] {
            Value::Array(parts) => (parts[0].as_str().unwrap(), parts[1].as_str().unwrap()),
            one => (one.as_str().unwrap(), ""),
        };
        let named = self.named(base);
        let arn = named.map_or_else(|| base.to_owned(), |(stack, id)| stack.arn(id));
        let arn = format!("{}{suffix}", if suffix.is_empty() { arn.as_str() } else { arn.trim_end_matches(":*") });
        let caller = self.caller(who);
        // A resource outside the stacks has no policy: only the caller's policies decide, whatever account the ARN names.
        let owner = named.map(|(stack, _)| stack.account.clone());
        let owner = owner.unwrap_or_else(|| caller.principal.split(':').nth(4).unwrap_or_default().to_owned());

        let mut context =
            json!({"aws:SecureTransport": "true", "aws:RequestedRegion": REGION, "aws:ResourceAccount": owner});
        let context_keys = context.as_object_mut().unwrap();
        if let Some(id) = self.organization_of(&owner) {
            context_keys.insert("aws:ResourceOrgID".to_owned(), json!(id));
        }
        context_keys.extend(caller.keys);
        for (key, value) in case["with"].as_object().into_iter().flatten() {
            let arn = value.as_str().and_then(|it| self.named(it)).map(|(stack, id)| stack.arn(id));
            context_keys.insert(key.clone(), arn.map_or_else(|| value.clone(), Value::String));
        }
        let policies: Vec<Value> = caller
            .policies
            .iter()
            .enumerate()
            .map(|(number, it)| json!({"name": number.to_string(), "policy": it}))
            .collect();
        let mut simulation = json!({
            "request": {
                "principal": caller.principal,
                "action": action,
                "resource": {"resource": arn, "accountId": owner},
                "contextVariables": context,
            },
            "identityPolicies": policies,
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        });
        if let Some(policy) = named.and_then(|(stack, id)| stack.resource_policy(id)) {
            simulation["resourcePolicy"] = policy;
        }
        Request {
            text: format!(
                "{who} {} {action} on {}{}",
                if is_allowed { "may" } else { "may not" },
                case["resource"],
                if case["with"].is_null() { String::new() } else { format!(" with {}", case["with"]) }
            ),
            who: who.to_owned(),
            action: action.to_owned(),
            is_allowed,
            resource: named.map(|(stack, id)| (stack.name.clone(), id.to_owned())),
            simulation,
        }
    }

    /// The stack and the logical id in `STACK/ID`.
    fn named<'a>(&'a self, text: &'a str) -> Option<(&'a Stack, &'a str)> {
        let (stack, id) = text.split_once('/')?;
        Some((self.stacks.get(stack)?, id))
    }

    fn organization_of(&self, account: &str) -> Option<&str> {
        let is_in = self.organization["accounts"].as_array().unwrap().iter().any(|it| it == account);
        self.organization["id"].as_str().filter(|_| is_in)
    }

    fn caller(&self, who: &str) -> Caller {
        if who.ends_with(".amazonaws.com") {
            let keys = json!({"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": who});
            return Caller { principal: who.to_owned(), keys: keys.as_object().unwrap().clone(), policies: Vec::new() };
        }
        let (arn, policies) = match self.named(who) {
            Some((stack, id)) => (stack.arn(id), stack.identity_policies(id)),
            None => {
                let person = &self.people[who];
                let rights = json!({"Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": person["rights"], "Resource": "*"}]});
                (
                    person["role"].as_str().unwrap_or_else(|| panic!("no person is called {who}")).to_owned(),
                    vec![rights],
                )
            }
        };
        let account = arn.split(':').nth(4).unwrap().to_owned();
        let mut keys = json!({"aws:PrincipalArn": arn, "aws:PrincipalAccount": account, "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false"});
        if let Some(id) = self.organization_of(&account) {
            keys["aws:PrincipalOrgID"] = json!(id);
        }
        let principal = match arn.split_once(":role/") {
            // A session's ARN has the role's name without its path.
            Some((_, role)) => {
                format!("arn:aws:sts::{account}:assumed-role/{}/session", role.rsplit('/').next().unwrap_or_default())
            }
            None => arn.clone(),
        };
        Caller { principal, keys: keys.as_object().unwrap().clone(), policies }
    }
}
