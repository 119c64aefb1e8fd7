//! Compares the templates' parameters with the readers of settings in shared/runtime and shared/graph, by running the readers.

use crate::project;
use gumshoe_graph::settings as of_graph;
use gumshoe_runtime::settings::{self, ConfigurationError, Environment};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

type Reader = fn(&Environment) -> Result<(), ConfigurationError>;

/// The settings of each function: their reader, and their fields.
fn readers() -> BTreeMap<&'static str, (Reader, &'static [&'static str])> {
    macro_rules! reader {
        ($settings:ident) => {
            reader!(settings, $settings)
        };
        ($module:ident, $settings:ident) => {
            ((|environment| $module::$settings::read(environment).map(drop)) as Reader, $module::$settings::FIELDS)
        };
    }
    BTreeMap::from([
        ("open-case", reader!(OpenCase)),
        ("start-investigation", reader!(StartInvestigation)),
        ("check-investigation", reader!(CheckInvestigation)),
        ("assess-case", reader!(AssessCase)),
        ("send-alert", reader!(SendAlert)),
        ("relay-alert", reader!(RelayAlert)),
        ("keep-graph", reader!(of_graph, KeepGraph)),
        ("keep-membership", reader!(of_graph, KeepMembership)),
    ])
}

/// Values of text parameters: a valid one, and some that both the pattern and the reader reject.
const TEXTS: [(&str, &str, &[&str]); 15] = [
    ("InvestigationRegions", "us-east-1,eu-west-1", &["us-east-1;eu-west-1", "us-east-1,", ",", "*", "US-EAST-1"]),
    ("GraphArn", "arn:aws:detective:us-east-1:123456789012:graph:0123456789abcdef0123456789abcdef", &["arn", "off"]),
    ("IncludeFindingTypes", "*:IAMUser/*,AttackSequence:*", &[]),
    ("ExcludeFindingTypes", "Policy:*", &[]),
    ("IncludeAccounts", "1234*,123456789012", &[]),
    ("ExcludeAccounts", "123456789012", &[]),
    ("MemberRoleName", "gumshoe-principals", &[]),
    ("MemberRoleExternalId", "an-external-id", &[]),
    ("EarlierTable", "gumshoe-Cases-1A2B3C4D5E6F", &[]),
    ("GraphDocument", "/gumshoe/graph", &[""]),
    ("ManagementRoleArn", "arn:aws:iam::123456789012:role/gumshoe-management", &[]),
    ("ManagementRoleExternalId", "an-external-id", &[]),
    ("VerdictWeights", r#"{"severity": {"high": 20}}"#, &["20", "high"]),
    ("RelaySecretArn", "arn:aws:secretsmanager:us-east-1:123456789012:secret:relay-a1B2c3", &[]),
    ("Administrators", "111122223333,444455556666", &["", ",", "11112222333", "111122223333;444455556666", "*"]),
];

/// A function as its template has it.
struct Function {
    name: String,
    read: Reader,
    fields: &'static [&'static str],
    /// The expression that sets each variable.
    variables: BTreeMap<String, Value>,
    parameters: Value,
    /// The parameter and the value with which the function is not deployed.
    absent_with: Option<(String, Value)>,
}

fn functions() -> Vec<Function> {
    let templates = project::STACKS.map(project::yaml);
    let functions: Vec<Function> = templates.iter().flat_map(functions_of).collect();
    assert_eq!(functions.len(), readers().len());
    assert_eq!(functions.len(), project::function_folders().len());
    functions
}

fn functions_of(template: &Value) -> Vec<Function> {
    let function = |(id, name): (String, String)| {
        let function = &template["Resources"][&id];
        let (read, fields) = readers()[name.as_str()];
        let variables = function["Properties"]["Environment"]["Variables"].as_object().unwrap();
        let condition = function["Condition"].as_str();
        let absent_with = condition.map(|condition| {
            let equals = &template["Conditions"][condition]["Fn::Not"][0]["Fn::Equals"];
            (equals[0]["Ref"].as_str().unwrap().to_owned(), equals[1].clone())
        });
        Function {
            read,
            fields,
            variables: variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            parameters: template["Parameters"].clone(),
            absent_with,
            name,
        }
    };
    project::functions_of(template).into_iter().map(function).collect()
}

fn example(parameter: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(name, ..)| *name == parameter).map(|(_, example, _)| *example)
}

/// A scalar as CloudFormation writes it into a variable.
fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Function {
    /// Its parameters, by the variables that they set.
    fn parameters(&self) -> BTreeMap<&str, &str> {
        let references =
            self.variables.iter().filter_map(|(name, value)| Some((name.as_str(), value["Ref"].as_str()?)));
        references.filter(|(_, reference)| self.parameters[reference].is_object()).collect()
    }

    /// The variables if each parameter has its default, or a valid value if it has none with which the function is deployed.
    fn defaults(&self) -> BTreeMap<String, String> {
        self.variables.iter().map(|(variable, value)| (variable.clone(), self.default(value))).collect()
    }

    fn default(&self, value: &Value) -> String {
        let Some(name) = value["Ref"].as_str() else { return scalar(value) };
        match (name, &self.parameters[name]) {
            ("AWS::Region", _) => "us-east-1".to_owned(),
            ("AWS::AccountId", _) => "123456789012".to_owned(),
            (_, Value::Null) => "a-resource".to_owned(),
            (name, parameter) => {
                let default = &parameter["Default"];
                let is_deployed = self.absent_with != Some((name.to_owned(), default.clone()));
                match is_deployed && !default.is_null() {
                    true => scalar(default),
                    false => example(name).map_or_else(|| scalar(&parameter["AllowedValues"][1]), str::to_owned),
                }
            }
        }
    }

    /// The same with each text that may be empty filled in.
    fn examples(&self) -> BTreeMap<String, String> {
        let examples = self
            .parameters()
            .into_iter()
            .filter_map(|(variable, name)| Some((variable.to_owned(), example(name)?.to_owned())));
        self.defaults().into_iter().chain(examples).collect()
    }

    /// Reads the settings with another value of one variable; `None` to leave it unset.
    fn read_with(&self, variable: &str, value: Option<&str>) -> Result<(), String> {
        let mut given = self.defaults();
        given.remove(variable);
        given.extend(value.map(|value| (variable.to_owned(), value.to_owned())));
        (self.read)(&Environment::from_lookup(move |name| given.get(name).cloned())).map_err(|error| error.to_string())
    }

    fn assert_accepted(&self, variable: &str, value: &str) {
        let read = self.read_with(variable, Some(value));
        assert_eq!(read, Ok(()), "{}: {variable}={value}", self.name);
    }

    /// The error, which names the variable and the parameter.
    fn assert_rejected(&self, variable: &str, value: &str, parameter: &str) -> String {
        let read = self.read_with(variable, Some(value));
        let error = read.expect_err(&format!("{}: {variable}={value} is taken", self.name));
        assert!(error.contains(variable) && error.contains(&format!("parameter {parameter} must be")), "{error}");
        error
    }
}

#[test]
fn every_function_receives_the_variables_that_it_reads_and_no_others() {
    for function in functions() {
        let read = Rc::new(RefCell::new(BTreeSet::new()));
        for given in [function.defaults(), function.examples()] {
            let seen = Rc::clone(&read);
            let environment = Environment::from_lookup(move |name| {
                seen.borrow_mut().insert(name.to_owned());
                given.get(name).cloned()
            });
            assert!((function.read)(&environment).is_ok(), "{}", function.name);
        }
        let given: BTreeSet<String> = function.variables.keys().cloned().collect();
        assert_eq!(*read.borrow(), given, "{}", function.name);
    }
}

/// `DeadlineMinutes`, `DEADLINE_MINUTES` and `deadline_minutes`.
#[test]
fn a_setting_has_one_name_from_the_template_to_the_struct() {
    for function in functions() {
        for (variable, parameter) in function.parameters() {
            let words = parameter.char_indices().flat_map(|(at, letter)| {
                let begins_word = at > 0 && letter.is_ascii_uppercase();
                begins_word.then_some('_').into_iter().chain([letter.to_ascii_uppercase()])
            });
            assert_eq!(words.collect::<String>(), variable);
        }
        let mut unread = function.variables.keys().map(|name| name.to_lowercase()).collect::<BTreeSet<_>>();
        for field in function.fields {
            assert!(unread.remove(*field), "{}: {field}", function.name);
        }
        // The Region is also what InvestigationRegions is by default.
        assert!(unread.iter().all(|name| name == "region"), "{}: {unread:?}", function.name);
    }
}

#[test]
fn a_variable_is_required_unless_its_parameter_may_be_empty() {
    for function in functions() {
        let parameters = function.parameters();
        for variable in function.variables.keys() {
            let parameter = parameters.get(variable.as_str());
            let may_be_empty = parameter.is_some_and(|name| {
                let default = &function.parameters[name]["Default"];
                default == "" && function.absent_with != Some(((*name).to_owned(), default.clone()))
            });
            let error = function.read_with(variable, None).err();
            assert_eq!(error.is_none(), may_be_empty, "{}: {variable}", function.name);
            let names = |error: &String| error.contains(variable) && parameter.is_none_or(|name| error.contains(name));
            assert!(error.iter().all(names), "{error:?}");
            assert_eq!(function.read_with(variable, Some(" ")).err(), error, "{}: {variable}", function.name);
        }
    }
}

#[test]
fn number_ranges_are_those_of_the_template() {
    let mut seen = BTreeSet::new();
    for function in functions() {
        for (variable, name) in function.parameters() {
            let parameter = &function.parameters[name];
            let (Some(least), Some(most)) = (parameter["MinValue"].as_f64(), parameter["MaxValue"].as_f64()) else {
                assert!(parameter["MinValue"].is_null() && parameter["MaxValue"].is_null(), "{name}");
                continue;
            };
            seen.insert(name.to_owned());
            function.assert_accepted(variable, &least.to_string());
            function.assert_accepted(variable, &most.to_string());
            for wrong in [least - 1.0, least - 0.001, most + 0.001, most + 1.0].map(|it| it.to_string()) {
                let error = function.assert_rejected(variable, &wrong, name);
                let constraint = parameter["ConstraintDescription"].as_str().unwrap();
                assert!(error.ends_with(constraint.trim_end_matches('.')), "{error}: {constraint}");
                assert!(error.ends_with(&format!("from {least} to {most}")), "{error}");
            }
            function.assert_rejected(variable, "many", name);
        }
    }
    assert!(seen.len() >= 5, "{seen:?}");
}

#[test]
fn choices_are_those_of_the_template() {
    let mut seen = BTreeSet::new();
    for function in functions() {
        for (variable, name) in function.parameters() {
            let Some(choices) = function.parameters[name]["AllowedValues"].as_array() else { continue };
            seen.insert(name.to_owned());
            let without = function.absent_with.iter().find(|(absent, _)| absent == name).map(|(_, value)| value);
            let error = function.assert_rejected(variable, "something-else", name);
            for choice in choices.iter().map(scalar) {
                if without.map(scalar).as_ref() == Some(&choice) {
                    function.assert_rejected(variable, &choice, name);
                    continue;
                }
                function.assert_accepted(variable, &choice);
                let is_number = choice.parse::<u32>().is_ok();
                assert!(is_number || error.contains(&choice), "{error}: {choice}");
            }
            let numbers: Option<Vec<i64>> = choices.iter().map(Value::as_i64).collect();
            if let Some([least, .., most]) = numbers.as_deref() {
                assert!(error.ends_with(&format!("a number from {least} to {most}")), "{error}");
                function.assert_rejected(variable, &(least - 1).to_string(), name);
                function.assert_rejected(variable, &(most + 1).to_string(), name);
            }
        }
    }
    assert!(seen.len() >= 7, "{seen:?}");
}

#[test]
fn invalid_texts_are_rejected_by_the_template_and_by_the_function() {
    let mut seen = BTreeSet::new();
    for function in functions() {
        for (variable, name) in function.parameters() {
            let parameter = &function.parameters[name];
            let Some((_, example, wrong)) = TEXTS.iter().find(|(text, ..)| *text == name) else {
                let is_text = parameter["MinValue"].is_null() && parameter["AllowedValues"].is_null();
                assert!(!is_text, "{name} has no example");
                continue;
            };
            seen.insert(name.to_owned());
            let pattern = parameter["AllowedPattern"].as_str().unwrap();
            let pattern = regex_lite::Regex::new(pattern).unwrap();
            assert!(pattern.is_match(example), "{name}: {example}");
            assert!(parameter["MaxLength"].as_u64().is_none_or(|most| example.len() as u64 <= most), "{name}");
            for wrong in *wrong {
                assert!(!pattern.is_match(wrong), "{name}: the template accepts {wrong}");
                function.assert_rejected(variable, wrong, name);
            }
        }
    }
    assert_eq!(seen.len(), TEXTS.len(), "the examples are read where the variables are: {seen:?}");
}
