//! The report's page in Chromium: nothing scrolls sideways, leaves the screen, lies on something else or is hard to read, on
//! a telephone and on a desk, in the light and in the dark.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod chromium;

use chromium::Folder;
use gumshoe_alerts::fixtures::{self, Case, report_page};
use libtest_mimic::{Arguments, Completion, Trial};
use requirements::Outcome;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A telephone, a small window that is just wide enough for tables, and a desk.
const WIDTHS: [u32; 3] = [390, 901, 1_280];

/// What `measure.js` finds out about a page at a width.
#[derive(Debug, Deserialize)]
struct Measured {
    name: String,
    width: u32,
    height: u32,
    dark: bool,
    texts: usize,
    lowest: f64,
    problems: Vec<String>,
}

fn main() {
    let trials = vec![
        Trial::ignorable_test("pages_fit_every_screen_and_can_be_read_in_the_light", || {
            in_chromium(|it| fit(it, false))
        }),
        Trial::ignorable_test("pages_fit_every_screen_and_can_be_read_in_the_dark", || in_chromium(|it| fit(it, true))),
        Trial::ignorable_test("pictures", pictures),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Runs a test with the machine's browser, where it has one.
fn in_chromium(test: impl FnOnce(&Path)) -> Outcome {
    let Some(browser) = chromium::find() else {
        return requirements::missing("chromium", "install Chromium, such as Debian's package chromium");
    };
    test(&browser);
    Ok(Completion::Completed)
}

fn cases() -> Vec<(&'static str, Case)> {
    vec![
        ("high_risk", fixtures::high_risk()),
        ("many", fixtures::many()),
        ("hostile", fixtures::hostile()),
        ("longest", fixtures::longest()),
        ("guardduty_agrees", fixtures::guardduty_agrees()),
        ("guardduty_not_asked", fixtures::guardduty_not_asked()),
        ("nothing_investigated", fixtures::nothing_investigated()),
        ("travelled", fixtures::travelled()),
    ]
}

/// A page as a frame of that size in another page of the same origin.
fn frame(name: &str, page: &str, width: u32, height: u32) -> String {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    format!("<iframe title=\"{name}\" width=\"{width}\" height=\"{height}\" srcdoc=\"{page}\"></iframe>\n")
}

/// The page around the frames. A frame takes its scheme from here.
fn around(frames: &str, script: &str) -> String {
    format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><style>:root {{ color-scheme: light dark }} body {{ margin: 0 }} \
         iframe {{ border: 0; display: block }}</style><body>{frames}<script>{script}</script></body>"
    )
}

/// Measures all pages at all widths in one go.
fn measured(browser: &Path, dark: bool) -> Vec<Measured> {
    let frames: String = cases()
        .iter()
        .flat_map(|(name, case)| WIDTHS.map(|width| frame(name, &report_page(case), width, 900)))
        .collect();
    let page = around(&frames, include_str!("measure.js"));
    let said = chromium::open(browser, &Folder::new(), dark, &page, &["--dump-dom".to_owned()]);
    let console: Vec<&str> = said.log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(console.len() == 1 && console[0].contains("measured"), "{console:#?}");
    let json = said.page.split_once("<pre>").and_then(|(_, rest)| rest.split_once("</pre>")).unwrap().0;
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn fit(browser: &Path, dark: bool) {
    let measured = measured(browser, dark);
    assert_eq!(measured.len(), cases().len() * WIDTHS.len());
    for (page, width) in measured.iter().zip(WIDTHS.iter().cycle()) {
        let what = format!("{} at {width}, {}", page.name, if dark { "dark" } else { "light" });
        assert_eq!((page.width, page.dark), (*width, dark), "{what}: not what was asked for");
        assert!(page.texts > 40 && page.height > 500, "{what}: nothing was looked at");
        assert!(page.problems.is_empty(), "{what}: {:#?}", page.problems);
        assert!(page.lowest >= 4.5, "{what}: {}", page.lowest);
    }
}

/// Takes pictures of the pages that `REPORT_PICTURES` names, separated by commas, into `target/report`.
fn pictures() -> Outcome {
    let Ok(wanted) = std::env::var("REPORT_PICTURES") else {
        return Ok(Completion::ignored_with("REPORT_PICTURES names no page to take pictures of"));
    };
    in_chromium(|browser| {
        let into = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/report");
        std::fs::create_dir_all(&into).unwrap();
        for name in wanted.split(',') {
            assert!(cases().iter().any(|(known, _)| *known == name), "REPORT_PICTURES: there is no page {name}");
        }
        for page in [false, true].into_iter().flat_map(|dark| measured(browser, dark)) {
            if wanted.split(',').any(|name| name == page.name) {
                picture(browser, &page, &into);
            }
        }
    })
}

fn picture(browser: &Path, page: &Measured, into: &Path) {
    let (name, case) = cases().into_iter().find(|(name, _)| *name == page.name).unwrap();
    let html = report_page(&case);
    let height = page.height.min(14_000);
    let scheme = if page.dark { "dark" } else { "light" };
    let picture: PathBuf = into.join(format!("{name}-{}-{scheme}.png", page.width));
    let arguments = [format!("--screenshot={}", picture.display()), format!("--window-size={},{height}", page.width)];
    chromium::open(
        browser,
        &Folder::new(),
        page.dark,
        &around(&frame(name, &html, page.width, height), ""),
        &arguments,
    );
    assert!(picture.is_file(), "{}", picture.display());
    std::fs::write(into.join(format!("{name}.html")), html).unwrap();
}
