//! Runs every scripted path of `tests/fixtures/paths` in three interpreters of the States Language: the model's own, an evaluator
//! with the reference JSONata (`interpreters/asl.js`), and sfnx, which imitates the behavior that its authors measured on AWS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use libtest_mimic::{Arguments, Completion, Trial};
use protocol::paths::{messages_about, run_path, taken_transitions, transitions};
use requirements::Outcome;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let trials = vec![
        Trial::test("model_runs_every_scripted_path", || {
            model_runs_every_scripted_path();
            Ok(())
        }),
        Trial::test("paths_cover_every_transition", || {
            paths_cover_every_transition();
            Ok(())
        }),
        Trial::test("fallback_notification_is_json_for_every_cause", || {
            fallback_notification_is_json_for_every_cause();
            Ok(())
        }),
        Trial::ignorable_test("reference_jsonata_runs_every_scripted_path", || in_node("paths.js", &["check"])),
        Trial::ignorable_test("asl_validator_accepts_the_definition", || in_node("validate.js", &[])),
        Trial::ignorable_test("sfnx_runs_every_scripted_path", in_sfnx),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn paths() -> Vec<(String, Value)> {
    let folder = std::fs::read_dir(project().join("tests/fixtures/paths")).unwrap();
    let files =
        folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "json"));
    let read = |path: PathBuf| {
        let path_in_it = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), path_in_it)
    };
    let paths: Vec<_> = files.map(read).collect();
    assert!(paths.len() > 40, "{} paths", paths.len());
    paths
}

fn model_runs_every_scripted_path() {
    for (name, path) in paths() {
        let result = run_path(&path).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let expected = path["steps"].as_array().unwrap();
        for (index, (step, expected)) in result.steps.iter().zip(expected).enumerate() {
            assert_eq!(normal(step), normal(expected), "{name}: step {index}");
        }
        assert_eq!(result.steps.len(), expected.len(), "{name}");
        assert_eq!(result.ends, path["ends"], "{name}");
    }
}

/// JSONata and JSON have one kind of number, and this library has two. The members of an object have no order, also in a serialized
/// object.
fn normal(value: &Value) -> Value {
    match value {
        Value::String(text) => match serde_json::from_str(text) {
            Ok(written @ Value::Object(_)) => normal(&written),
            _ => value.clone(),
        },
        Value::Number(number) => number.as_f64().into(),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), normal(member))).collect(),
        other => other.clone(),
    }
}

/// Each Next, each Choice and its Default, each Catch, each retrier and each final state.
fn paths_cover_every_transition() {
    let taken: BTreeSet<String> =
        paths().iter().flat_map(|(_, path)| taken_transitions(path["steps"].as_array().unwrap())).collect();
    let all = transitions();
    assert!(all.len() > 60, "{all:?}");
    assert_eq!(all.difference(&taken).collect::<Vec<_>>(), Vec::<&String>::new(), "no path covers these transitions");
}

/// Control characters, quotes, backslashes, markup, and all together. A lone surrogate is not a Rust string: the other two
/// interpreters test those.
fn fallback_notification_is_json_for_every_cause() {
    let mut causes: Vec<String> = (0..0x180).filter_map(char::from_u32).map(String::from).collect();
    causes.extend(["\u{2028}", "\u{fffe}", "\u{1f4a5}", "\"}", "\\", "\\u0000", "'", "%}", ""].map(str::to_owned));
    causes.push(causes.concat());
    causes.push("\u{1f4a5}".repeat(2000));
    for (cause, text) in messages_about(&causes) {
        let message: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{cause:?}: {error}"));
        for channel in ["sqs", "lambda", "https", "http"] {
            let part = message[channel].as_str().unwrap();
            serde_json::from_str::<Value>(part).unwrap_or_else(|error| panic!("{cause:?}: {channel}: {error}"));
        }
        let clean = |text: &str| text.chars().all(|it| matches!(it, ' '..='~' | '\n'));
        assert!(message.as_object().unwrap().values().all(|part| clean(part.as_str().unwrap())), "{cause:?}");
    }
}

fn in_node(script: &str, arguments: &[&str]) -> Outcome {
    let Some(modules) = requirements::node_modules() else { return requirements::missing_node() };
    passes(Command::new("node").arg(tool(script)).args(arguments).env("NODE_PATH", modules))
}

fn in_sfnx() -> Outcome {
    let tools = project().join("target/tools/sfnx/bin");
    if !tools.join("sfnx").exists() {
        return requirements::missing("sfnx", "make sfnx");
    }
    passes(Command::new(tools.join("python")).arg(tool("paths.py")))
}

fn tool(script: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interpreters").join(script)
}

fn passes(command: &mut Command) -> Outcome {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    if output.status.success() { Ok(Completion::Completed) } else { Err(said.into()) }
}
