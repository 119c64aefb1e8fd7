//! The directions in which modules of a crate depend on each other, read from their `crate::` paths. Tests may use everything.

use crate::project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The modules of the domain. Each may use those before it.
const DOMAIN: [&str; 19] = [
    "text",
    "code",
    "error",
    "patterns",
    "schedule",
    "mitre",
    "principal",
    "regions",
    "coverage",
    "finding",
    "admission",
    "guardduty",
    "indicator",
    "investigation",
    "verdict",
    "next_steps",
    "assessment",
    "case",
    "explanation",
];

/// The modules of the behavior graph. Each may use those before it.
const GRAPH: [&str; 14] = [
    "mode",
    "settings",
    "account",
    "member",
    "current",
    "document",
    "plan",
    "issue",
    "health",
    "notice",
    "earlier_marks",
    "notification_state",
    "membership",
    "aws",
];

/// The modules that each module of a crate uses, without itself.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// The modules that each top-level module of a `src` folder uses. A file counts for the top-level module that contains it.
fn uses_in(folder: &Path) -> Uses {
    let mut uses = Uses::new();
    for file in project::rust_files(folder) {
        let name = file.strip_prefix(folder).unwrap().with_extension("");
        let parts: Vec<&str> = name.iter().map(|part| part.to_str().unwrap()).collect();
        if parts.contains(&"tests") || matches!(parts[..], ["lib" | "main"]) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let is_top = parts.len() == 1 || parts[1..] == ["mod"];
        // From there, `super` is the crate.
        assert!(
            !(is_top && product(&text).contains("super::")),
            "{}: write crate:: instead of super::",
            file.display()
        );
        let used = used_by(&text);
        uses.entry(parts[0].to_owned()).or_default().extend(used.into_iter().filter(|it| it != parts[0]));
    }
    uses
}

/// A file's text before its tests, without comments.
fn product(text: &str) -> String {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first segment of each `crate::` path in a file's text before its tests; of a group, that of each member.
fn used_by(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in product(text).split("crate::").skip(1) {
        used.extend(rest.strip_prefix('{').map_or_else(|| vec![first_word(rest)], members));
    }
    used
}

/// The first segment of each member of a `use` group whose opening brace is taken off.
fn members(group: &str) -> Vec<String> {
    let (mut depth, mut member, mut members) = (0_usize, String::new(), Vec::new());
    for letter in group.chars() {
        match letter {
            '}' if depth == 0 => break,
            ',' if depth == 0 => members.push(first_word(&std::mem::take(&mut member))),
            _ => {
                depth = if letter == '{' { depth + 1 } else { depth - usize::from(letter == '}') };
                member.push(letter);
            }
        }
    }
    members.push(first_word(&member));
    members.retain(|it| !it.is_empty());
    members
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// What is used against the order, or is not in it.
fn against(order: &[&str], uses: &Uses) -> Vec<String> {
    let place = |module: &str| order.iter().position(|it| *it == module);
    let mut wrong: Vec<String> =
        uses.keys().filter(|it| place(it).is_none()).map(|it| format!("{it} is new")).collect();
    for (module, used) in uses {
        let later = used.iter().filter(|it| place(it) >= place(module) || place(it).is_none());
        wrong.extend(later.map(|it| format!("{module} uses {it}")));
    }
    wrong
}

/// A dependency cycle, if there is one.
fn cycle(uses: &Uses) -> Option<Vec<String>> {
    let mut left = uses.clone();
    loop {
        let free: Vec<String> = left
            .iter()
            .filter(|(_, used)| !used.iter().any(|it| left.contains_key(it)))
            .map(|(module, _)| module.clone())
            .collect();
        if free.is_empty() {
            break;
        }
        left.retain(|module, _| !free.contains(module));
    }
    (!left.is_empty()).then(|| left.into_keys().collect())
}

#[test]
fn modules_of_the_domain_and_of_the_graph_use_earlier_modules_only() {
    for (crate_folder, order) in [("shared/domain/src", &DOMAIN[..]), ("shared/graph/src", &GRAPH)] {
        let uses = uses_in(&project::path(crate_folder));
        let modules = uses.keys().map(String::as_str).collect::<BTreeSet<_>>();
        assert_eq!(modules, order.iter().copied().collect(), "{crate_folder}");
        assert_eq!(against(order, &uses), Vec::<String>::new(), "{crate_folder}");
    }
}

#[test]
fn no_function_has_cyclic_modules() {
    let files = project::rust_files(&project::path("functions"));
    let folders: Vec<&Path> =
        files.iter().filter(|it| it.ends_with("src/main.rs")).filter_map(|it| it.parent()).collect();
    assert!(folders.len() >= 8);
    for folder in folders {
        let uses = uses_in(folder);
        assert!(uses["handler"].contains("app"), "{}: {uses:?}", folder.display());
        assert_eq!(cycle(&uses), None, "{}: these modules have a cycle", folder.display());
    }
}

/// The report and the channels render what `text` says.
#[test]
fn the_text_module_does_not_depend_on_channels_or_the_report() {
    let uses = uses_in(&project::path("shared/alerts/src"));
    assert!(uses["report"].contains("text") && uses["channels"].contains("text"), "{uses:?}");
    assert!(["channels", "report"].iter().all(|it| !uses["text"].contains(*it)), "{:?}", uses["text"]);
}

#[test]
fn a_violation_is_found() {
    let text = "use crate::text::one_line;\nuse crate::{case::{self, Next}, graph};\n\
                // crate::comment\nfn f() { crate::verdict::g() }\n#[cfg(test)]\nuse crate::later;";
    let used = used_by(text);
    assert_eq!(used.iter().map(String::as_str).collect::<Vec<_>>(), ["case", "graph", "text", "verdict"]);

    let uses = |pairs: &[(&str, &[&str])]| -> Uses {
        pairs.iter().map(|(it, used)| ((*it).to_owned(), used.iter().map(|it| (*it).to_owned()).collect())).collect()
    };
    let good = uses(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])]);
    assert_eq!((against(&["a", "b", "c"], &good), cycle(&good)), (Vec::new(), None));
    assert_eq!(against(&["b", "a", "c"], &good), ["b uses a"]);
    assert_eq!(against(&["a", "b"], &good), ["c is new", "c uses a", "c uses b"]);
    let round = uses(&[("a", &["c"]), ("b", &["a"]), ("c", &["b"]), ("d", &[])]);
    assert_eq!(cycle(&round).unwrap(), ["a", "b", "c"]);
}
