//! A template with its parameters, and its policies as CloudFormation passes them to IAM, without intrinsic functions. Names and ids that
//! AWS would generate are sample values.

use crate::project;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The Region of all stacks.
pub(crate) const REGION: &str = "us-east-1";

/// A deployed template.
pub(crate) struct Stack {
    /// Its name in the table of cases.
    pub(crate) name: String,
    pub(crate) account: String,
    /// Whether it is another stack of the table with other parameters.
    pub(crate) is_variant: bool,
    template: Value,
    parameters: BTreeMap<String, String>,
}

impl Stack {
    /// A stack as the table describes it: its template, with its parameters in place of their defaults.
    pub(crate) fn new(name: &str, described: &Value) -> Self {
        let (file, account) = (described["file"].as_str().unwrap(), described["account"].as_str().unwrap());
        let given = &described["parameters"];
        let template = project::yaml(file);
        let mut parameters = BTreeMap::new();
        for (id, parameter) in template["Parameters"].as_object().unwrap() {
            let value = given.get(id).unwrap_or(&parameter["Default"]);
            parameters.insert(id.clone(), plain(value).unwrap_or_else(|| panic!("{file}: {id} has no value")));
        }
        for id in given.as_object().into_iter().flat_map(Map::keys) {
            assert!(parameters.contains_key(id), "{file} has no parameter {id}");
        }
        let is_variant = described["is_variant"] == true;
        Self { name: name.to_owned(), account: account.to_owned(), is_variant, template, parameters }
    }

    /// The logical ids of its resources of a type, those whose condition holds.
    pub(crate) fn ids(&self, kind: &str) -> Vec<&str> {
        let resources = self.template["Resources"].as_object().unwrap().iter();
        let there = resources.filter(|(_, it)| it["Type"] == kind && self.exists(it));
        there.map(|(id, _)| id.as_str()).collect()
    }

    /// The policies of a role, each as a document.
    pub(crate) fn identity_policies(&self, role: &str) -> Vec<Value> {
        let policies = self.resource(role)["Properties"]["Policies"].as_array().unwrap().iter();
        policies.map(|it| self.rendered(&it["PolicyDocument"])).collect()
    }

    /// The policy of a resource: of a queue, a topic, a bucket or a key, or the trust policy of a role.
    pub(crate) fn resource_policy(&self, id: &str) -> Option<Value> {
        let properties = &self.resource(id)["Properties"];
        for own in ["AssumeRolePolicyDocument", "KeyPolicy"] {
            if properties[own].is_object() {
                return Some(self.rendered(&properties[own]));
            }
        }
        let mut resources = self.template["Resources"].as_object().unwrap().values();
        let of_it = |it: &&Value| {
            let properties = &it["Properties"];
            let listed = ["Queues", "Topics"].iter().filter_map(|name| properties[name].as_array()).flatten();
            listed.chain([&properties["Bucket"]]).any(|target| target["Ref"] == id)
                && properties["PolicyDocument"].is_object()
        };
        resources.find(of_it).map(|it| self.rendered(&it["Properties"]["PolicyDocument"]))
    }

    /// The ARN of a resource.
    pub(crate) fn arn(&self, id: &str) -> String {
        let (account, name) = (&self.account, self.physical_name(id));
        let regional = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{account}:{rest}{name}");
        match self.resource(id)["Type"].as_str().unwrap() {
            "AWS::IAM::Role" => format!("arn:aws:iam::{account}:role/{name}"),
            "AWS::S3::Bucket" => format!("arn:aws:s3:::{name}"),
            "AWS::SQS::Queue" => regional("sqs", ""),
            "AWS::SNS::Topic" => regional("sns", ""),
            "AWS::KMS::Key" => regional("kms", "key/"),
            "AWS::Events::Rule" => regional("events", "rule/"),
            "AWS::DynamoDB::Table" => regional("dynamodb", "table/"),
            "AWS::Logs::LogGroup" => format!("{}:*", regional("logs", "log-group:")),
            "AWS::Serverless::Function" => regional("lambda", "function:"),
            "AWS::Serverless::StateMachine" => regional("states", "stateMachine:"),
            other => panic!("{id}: the ARN of {other} is not known here"),
        }
    }

    fn physical_name(&self, id: &str) -> String {
        let resource = self.resource(id);
        let named = ["RoleName", "FunctionName", "LogGroupName"];
        let own = named.iter().find_map(|name| self.value(&resource["Properties"][name]));
        match (own.as_ref().and_then(Value::as_str), resource["Type"].as_str().unwrap()) {
            (Some(own), _) => own.to_owned(),
            (None, "AWS::S3::Bucket") => format!("{}-{}-1a2b3c4d5e6f", self.name, id.to_lowercase()),
            (None, "AWS::KMS::Key") => "11111111-2222-4333-8444-555555555555".to_owned(),
            (None, _) => format!("{}-{id}-1A2B3C4D5E6F", self.name),
        }
    }

    fn resource(&self, id: &str) -> &Value {
        let resource = &self.template["Resources"][id];
        assert!(resource.is_object(), "{} has no resource {id}", self.name);
        assert!(self.exists(resource), "{id} is not there with these parameters");
        resource
    }

    fn exists(&self, resource: &Value) -> bool {
        resource["Condition"].as_str().is_none_or(|name| self.condition(name))
    }

    fn condition(&self, name: &str) -> bool {
        self.holds(&self.template["Conditions"][name])
    }

    fn holds(&self, it: &Value) -> bool {
        let (function, argument) = it.as_object().and_then(|it| it.iter().next()).unwrap_or_else(|| panic!("{it}"));
        let parts = || argument.as_array().unwrap().iter();
        match function.as_str() {
            "Fn::Condition" => self.condition(argument.as_str().unwrap()),
            "Fn::Equals" => self.value(&argument[0]) == self.value(&argument[1]),
            "Fn::Not" => !self.holds(&argument[0]),
            "Fn::And" => parts().all(|it| self.holds(it)),
            "Fn::Or" => parts().any(|it| self.holds(it)),
            other => panic!("{other} is not known here"),
        }
    }

    fn rendered(&self, it: &Value) -> Value {
        self.value(it).unwrap()
    }

    /// A value without intrinsic functions; `None` for AWS::NoValue.
    fn value(&self, it: &Value) -> Option<Value> {
        match it {
            Value::Null => None,
            Value::Array(items) => Some(items.iter().filter_map(|it| self.value(it)).collect()),
            Value::Object(members) => match members.iter().next() {
                Some((function, argument)) if function == "Ref" || function.starts_with("Fn::") => {
                    self.call(function, argument)
                }
                _ => Some(Value::Object(
                    members.iter().filter_map(|(name, it)| Some((name.clone(), self.value(it)?))).collect(),
                )),
            },
            other => Some(other.clone()),
        }
    }

    fn call(&self, function: &str, argument: &Value) -> Option<Value> {
        let text = |it: &Value| plain(&self.rendered(it)).unwrap();
        match function {
            "Ref" => self.reference(argument.as_str().unwrap()).map(Value::String),
            "Fn::GetAtt" => Some(json!(self.attribute(argument.as_str().unwrap()))),
            "Fn::Sub" => Some(json!(self.substituted(argument.as_str().unwrap()))),
            "Fn::If" => self.value(&argument[if self.condition(argument[0].as_str().unwrap()) { 1 } else { 2 }]),
            "Fn::Split" => Some(text(&argument[1]).split(argument[0].as_str().unwrap()).collect()),
            "Fn::Select" => {
                let index = argument[0].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap();
                Some(self.rendered(&argument[1])[index].clone())
            }
            other => panic!("{other} is not known here"),
        }
    }

    fn reference(&self, name: &str) -> Option<String> {
        match name {
            "AWS::NoValue" => None,
            "AWS::Partition" => Some("aws".to_owned()),
            "AWS::Region" => Some(REGION.to_owned()),
            "AWS::AccountId" => Some(self.account.clone()),
            "AWS::StackName" => Some(self.name.clone()),
            _ => {
                Some(self.parameters.get(name).cloned().unwrap_or_else(|| match self.resource(name)["Type"].as_str() {
                    Some("AWS::SNS::Topic" | "AWS::Serverless::StateMachine") => self.arn(name),
                    _ => self.physical_name(name),
                }))
            }
        }
    }

    fn attribute(&self, name: &str) -> String {
        match name.split_once('.').unwrap() {
            (id, "Arn") => self.arn(id),
            (id, "Name" | "QueueName") => self.physical_name(id),
            _ => panic!("{name} is not known here"),
        }
    }

    fn substituted(&self, text: &str) -> String {
        let mut parts = text.split("${");
        let mut made = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            made += &if name.contains('.') { self.attribute(name) } else { self.reference(name).unwrap() };
            made += rest;
        }
        made
    }
}

/// The text of a scalar.
fn plain(it: &Value) -> Option<String> {
    match it {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
