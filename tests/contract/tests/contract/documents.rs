//! The Markdown documents: links, named sections, paths and names refer to something that exists, each crate has a README, and the
//! first one is short.

use crate::project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders in which tools put files that are no part of the project.
const GENERATED: [&str; 2] = ["target", "node_modules"];
/// README is one page for a first reader.
const README_MAX_LINES: usize = 120;
/// Names in OPERATIONS.md that only AWS's services write.
const OF_AWS: [&str; 5] =
    ["Lambda.…", "Runtime.ExitError", "Sandbox.Timedout", "States.QueryEvaluationError", "ERROR_CODE"];

/// All files of a folder whose names end in `suffix`, without generated and hidden folders.
fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let visible = entries.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        !name.starts_with('.') && !GENERATED.contains(&&*name)
    });
    visible
        .flat_map(|path| match path.is_dir() {
            true => files(&path, suffix),
            false => vec![path],
        })
        .filter(|path| path.to_string_lossy().ends_with(suffix))
        .collect()
}

/// The lines of a document that are not in a fenced code block.
fn prose(text: &str) -> Vec<&str> {
    let mut is_code = false;
    let lines = text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.collect()
}

/// The pairs of a document and a section that a text names, such as `docs/GRAPH.md, "Member accounts"`.
fn sections(text: &str) -> Vec<(String, String)> {
    let named =
        regex_lite::Regex::new(r#"([A-Z][A-Z-]+\.md)(?:\]\([^)]*\)|`)?(?:,| section|, section) "([^"]+)""#).unwrap();
    let text = text.replace("\\\"", "\"");
    named.captures_iter(&text).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

/// The targets of the links `[…](target)` and of the pictures `src="target"` of a line, without inline code.
fn targets(line: &str) -> Vec<String> {
    let line: String = line.split('`').step_by(2).collect::<Vec<_>>().join("x");
    let links = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let pictures = line.split("src=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    links.chain(pictures).map(|(target, _)| target.to_owned()).collect()
}

/// The anchor that GitHub gives a heading: lower case, without punctuation, with hyphens for spaces.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

/// The anchors of a document. A heading that repeats is numbered.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let headings = prose(text).into_iter().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let anchor = anchor(heading);
            let count = seen.entry(anchor.clone()).or_default();
            *count += 1;
            if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
        })
        .collect()
}

/// What is wrong with a link of the document at `path`; `None` if the file and the anchor exist.
fn broken(path: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, fragment) = target.split_once('#').map_or((target, None), |(file, fragment)| (file, Some(fragment)));
    let file = if file.is_empty() { path.to_owned() } else { path.parent().unwrap().join(file) };
    if !file.exists() {
        return Some(format!("{}: no file at {target}", path.display()));
    }
    let fragment = fragment?;
    let is_known = anchors(&std::fs::read_to_string(&file).unwrap()).iter().any(|anchor| anchor == fragment);
    (!is_known).then(|| format!("{}: no heading for {target}", path.display()))
}

#[test]
fn every_relative_link_has_an_existing_target() {
    let documents = files(&project::path(""), ".md");
    assert!(documents.len() > 20, "{documents:?}");
    let mut links = 0;
    let mut wrong = Vec::new();
    for path in documents {
        let text = std::fs::read_to_string(&path).unwrap();
        for target in prose(&text).into_iter().flat_map(targets) {
            links += 1;
            wrong.extend(broken(&path, &target));
        }
    }
    assert!(links > 100, "only {links} links were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_section_that_is_named_exists() {
    let mut named = 0;
    let mut wrong = Vec::new();
    let suffixes = [".md", ".rs", ".yaml", ".py", ".snap"];
    let texts = suffixes.iter().flat_map(|suffix| files(&project::path(""), suffix));
    // This file names sections that do not exist.
    for path in texts.filter(|path| !path.ends_with("contract/documents.rs")) {
        for (document, section) in sections(&std::fs::read_to_string(&path).unwrap()) {
            named += 1;
            let found = [project::path(&document), project::path(&format!("docs/{document}"))];
            let text = found.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
            if !anchors(&text).contains(&anchor(&section)) {
                wrong.push(format!("{}: {document} has no section {section:?}", path.display()));
            }
        }
    }
    assert!(named >= 12, "only {named} sections were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_has_a_readme_that_says_how_to_test_it() {
    let manifests = files(&project::path(""), "Cargo.toml");
    let crates = manifests.iter().map(|path| path.parent().unwrap()).filter(|folder| *folder != project::path(""));
    let lacking: Vec<String> = crates
        .filter(|folder| !std::fs::read_to_string(folder.join("README.md")).is_ok_and(|text| text.contains("cargo ")))
        .map(|folder| folder.display().to_string())
        .collect();
    assert!(lacking.is_empty(), "no README.md with a cargo command in: {}", lacking.join(", "));
}

#[test]
fn links_anchors_and_sections_are_found() {
    let text = "# The quota of GuardDuty's investigations\n\n```sh\n# no heading\n```\n\n## A `case`: two\n\n## A `case`: two\n";
    assert_eq!(anchors(text), ["the-quota-of-guarddutys-investigations", "a-case-two", "a-case-two-1"]);
    assert_eq!(targets("see [a](b.md#c), `[no](link)` and [d](e)"), ["b.md#c", "e"]);
    assert_eq!(targets("<img src=\"docs/a.png\" width=\"1\">"), ["docs/a.png"]);
    let named = sections(r#"see docs/GRAPH.md, "A", [SEE-B.md](SEE-B.md), "C", and OPERATIONS.md, section \"D\""#);
    assert_eq!(named.iter().map(|(_, section)| &**section).collect::<String>(), "ACD");
}

#[test]
fn readme_is_short() {
    let lines = project::text("README.md").lines().count();
    assert!(lines <= README_MAX_LINES, "README.md has {lines} lines: move details into docs");
}

/// Operators search for what an alarm, an alert or a log says: the first column of the tables of OPERATIONS.md.
#[test]
fn what_operators_search_for_is_in_the_code() {
    let folders = ["shared", "functions", "infra", "cli"].map(project::path);
    let sources =
        folders.iter().flat_map(|folder| [".rs", ".yaml", ".json", ".txt"].map(|suffix| files(folder, suffix)));
    let code: String = sources.flatten().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let code = code.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let operations = project::text("docs/OPERATIONS.md");
    let cells = operations.lines().filter(|line| line.starts_with("| ")).filter_map(|row| row.split('|').nth(1));
    let names: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(names.len() > 60, "only {} names were found", names.len());
    let is_known = |name: &&str| OF_AWS.contains(name) || code.contains(*name) || project::path(name).exists();
    let missing: Vec<&str> = names.into_iter().filter(|name| !is_known(name)).collect();
    assert!(missing.is_empty(), "docs/OPERATIONS.md names what is not in the code: {missing:?}");
}

/// The spans of inline code of a document, except its code blocks.
fn code_spans(text: &str) -> Vec<String> {
    let spans = prose(text).into_iter().flat_map(|line| line.split('`').skip(1).step_by(2));
    spans.map(str::to_owned).collect()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// The names of the items, variants and fields that the code declares.
fn declared_names(rust: &str) -> BTreeSet<&str> {
    const KEYWORDS: [&str; 9] = ["fn", "mod", "struct", "enum", "trait", "type", "const", "static", "macro_rules!"];
    let mut declared = BTreeSet::new();
    for line in rust.lines() {
        let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub") || *word == "async");
        let Some(first) = words.next() else { continue };
        // A variant or a field begins its line, and is followed by its content, its type or a comma.
        let item = if KEYWORDS.contains(&first) { words.next().unwrap_or_default() } else { first };
        declared
            .insert(item.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next().unwrap_or_default());
    }
    declared
}

/// Whether a span has the form of a test's name: lower case, with at least three underscores.
fn is_test_name(span: &str) -> bool {
    is_word(span) && span.matches('_').count() >= 3 && !span.chars().any(|letter| letter.is_ascii_uppercase())
}

/// Whether a span has the form of a path of the project: `docs/CASES.md`, `shared/domain`.
fn is_path(span: &str) -> bool {
    let folders = ["docs", "infra", "shared", "functions", "tests", "fuzz", "patches"];
    let is_plain = span.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-./".contains(letter));
    is_plain && span.split_once('/').is_some_and(|(first, _)| folders.contains(&first))
}

/// Paths such as `shared/domain` and Rust's such as `case::revision`, in documents about the present: not those of decisions, which
/// are dated.
#[test]
fn paths_and_names_in_documents_exist() {
    let root = project::path("");
    let rust: String = files(&root, ".rs").iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let words: BTreeSet<&str> = rust.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).collect();
    let declared = declared_names(&rust);
    let mut checked = 0;
    let mut missing = Vec::new();
    for document in files(&root, ".md").iter().filter(|path| {
        !path.ends_with("CHANGELOG.md") && !path.components().any(|part| part.as_os_str() == "decisions")
    }) {
        for span in code_spans(&std::fs::read_to_string(document).unwrap()) {
            let names: Vec<&str> = span.split("::").collect();
            let is_name = names.len() > 1 && names[0] != "AWS" && names.iter().all(|name| is_word(name));
            let exists = if is_name {
                names[..names.len() - 1].iter().all(|name| words.contains(name.trim_start_matches("gumshoe_")))
                    && declared.contains(names[names.len() - 1])
            } else if is_test_name(&span) {
                words.contains(&*span)
            } else if is_path(&span) {
                root.join(&span).exists() || document.parent().unwrap().join(&span).exists()
            } else {
                continue;
            };
            checked += 1;
            if !exists {
                missing.push(format!("{}: {span}", document.display()));
            }
        }
    }
    assert!(checked > 60, "only {checked} paths and names were found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
