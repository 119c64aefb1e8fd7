//! The Display text of an error does not contain its source: `with_causes` prints each error of the chain once.

use crate::project;

/// One `#[error("…")]` with the variant or struct below it.
struct Shown<'a> {
    format: &'a str,
    item: &'a str,
}

fn shown(text: &str) -> Vec<Shown<'_>> {
    let parts = text.split("#[error(\"").skip(1);
    parts
        .map(|part| {
            let (format, item) = part.split_once("\")]").or_else(|| part.split_once("\", ")).unwrap();
            Shown { format, item: item.split("#[error(").next().unwrap().split("\n}").next().unwrap() }
        })
        .collect()
}

/// The fields that are the source: marked as such, or called so.
fn sources(item: &str) -> Vec<&str> {
    let marked = ["#[from]", "#[source]"].iter().flat_map(|mark| item.split(mark).skip(1)).map(|field| {
        // `name: Type`, or a type alone.
        let (name, rest) = field.trim_start().split_once(':').unwrap_or_default();
        let is_name = rest.starts_with(' ') && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        if is_name { name } else { "0" }
    });
    let called = item.contains(" source: ").then_some("source");
    marked.chain(called).collect()
}

fn prints_its_source(error: &Shown<'_>) -> bool {
    sources(error.item).iter().any(|field| {
        [format!("{{{field}}}"), format!("{{{field}:")].iter().any(|printed| error.format.contains(printed))
    })
}

#[test]
fn no_error_prints_its_source() {
    let mut seen = 0;
    for folder in ["shared", "functions", "patches"] {
        for file in project::rust_files(&project::path(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for error in shown(&text) {
                seen += usize::from(!sources(error.item).is_empty());
                let (format, file) = (error.format, file.display());
                assert!(!prints_its_source(&error), "{file}: {format:?} is printed with its source twice");
            }
        }
    }
    assert!(seen >= 10, "{seen} errors with a source");
}

#[test]
fn an_error_that_prints_its_source_is_found() {
    for text in [
        "#[error(\"it broke: {0}\")]\n    Broke(#[from] io::Error),\n}",
        "#[error(\"it broke: {0:?}\")]\n    Broke(#[source] ApiCallError),\n}",
        "#[error(\"{what}: {why}\")]\n    Broke {\n        what: String,\n        #[source]\n        why: io::Error,\n    },\n}",
        "#[error(\"it broke: {source}\")]\n    Broke { source: io::Error },\n}",
    ] {
        assert!(shown(text).iter().any(prints_its_source), "{text}");
    }
    let other =
        "#[error(\"{0} is long\")]\n    Long(usize),\n    #[error(\"it broke\")]\n    Broke(#[from] io::Error),\n}";
    assert!(!shown(other).iter().any(prints_its_source));
}
