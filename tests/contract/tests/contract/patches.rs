//! The patches that replace crates of the registry: `[patch.crates-io]`.

use crate::project;
use std::collections::BTreeSet;

/// The packages in Cargo.lock: their names, and the text of each.
fn locked() -> Vec<(String, String)> {
    let lock = project::text("Cargo.lock");
    let packages = lock.split("\n[[package]]\n").skip(1);
    packages
        .map(|text| {
            let name = text.split('"').nth(1).unwrap().to_owned();
            (name, text.split("\n\n").next().unwrap().to_owned())
        })
        .collect()
}

/// If a patch has another version than the one that is required, cargo uses the registry's crate and only warns.
#[test]
fn every_patch_is_used() {
    assert!(!project::text("Cargo.lock").contains("patch.unused"), "a patch in Cargo.toml replaces nothing");
    let cargo = project::text("Cargo.toml");
    let patches = cargo.split("[patch.crates-io]\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let patched: BTreeSet<&str> = patches.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let folders = std::fs::read_dir(project::path("patches")).unwrap();
    let folders: Vec<String> = folders.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(patched, folders.iter().map(String::as_str).collect(), "Cargo.toml, patch.crates-io");
    let locked = locked();
    for name in patched {
        let packages: Vec<_> = locked.iter().filter(|(it, _)| it == name).collect();
        assert!(matches!(packages[..], [(_, text)] if !text.contains("source = ")), "{packages:?}");
        let needed = locked.iter().any(|(_, text)| text.contains(&format!("\n \"{name}\",")));
        assert!(needed, "no package depends on {name}");
    }
}
