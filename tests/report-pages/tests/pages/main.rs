//! The report's page in Chromium: no horizontal scrolling, no text outside the screen, no overlapping texts and sufficient
//! contrast, at the widths of a phone and of a desktop, in light and dark mode.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod chromium;

use chromium::Folder;
use gumshoe_alerts::fixtures::{self, Case, report_page};
use libtest_mimic::{Arguments, Completion, Trial};
use requirements::Outcome;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// CSS pixels: a phone, the smallest window in which tables are not stacked, and a desktop.
const WIDTHS: [u32; 3] = [390, 901, 1_280];

/// What `measure.js` measures of a page at a width.
#[derive(Debug, Deserialize)]
struct PageMetrics {
    name: String,
    width: u32,
    height: u32,
    dark: bool,
    /// The number of texts.
    texts: usize,
    /// The lowest contrast ratio of a text (WCAG 2.2).
    lowest_contrast: f64,
    problems: Vec<String>,
}

fn main() {
    let trials = vec![
        Trial::ignorable_test("pages_fit_every_screen_with_sufficient_contrast_in_light_mode", || {
            in_chromium(|it| fit(it, false))
        }),
        Trial::ignorable_test("pages_fit_every_screen_with_sufficient_contrast_in_dark_mode", || {
            in_chromium(|it| fit(it, true))
        }),
        Trial::ignorable_test("pictures_are_taken_of_the_requested_pages", pictures),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Runs a test with this machine's browser. The test is ignored if there is none.
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

/// The page that contains the frames. Frames inherit its color scheme.
fn around(frames: &str, script: &str) -> String {
    format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><style>:root {{ color-scheme: light dark }} body {{ margin: 0 }} \
         iframe {{ border: 0; display: block }}</style><body>{frames}<script>{script}</script></body>"
    )
}

/// Measures all pages at all widths in one run of the browser.
fn measured(browser: &Path, dark: bool) -> Vec<PageMetrics> {
    let frames: String = cases()
        .iter()
        .flat_map(|(name, case)| WIDTHS.map(|width| frame(name, &report_page(case), width, 900)))
        .collect();
    let page = around(&frames, include_str!("measure.js"));
    let output = chromium::open(browser, &Folder::new(), dark, &page, &["--dump-dom".to_owned()]);
    let console: Vec<&str> = output.log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(console.len() == 1 && console[0].contains("measured"), "{console:#?}");
    let json = output.page.split_once("<pre>").and_then(|(_, rest)| rest.split_once("</pre>")).unwrap().0;
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn fit(browser: &Path, dark: bool) {
    let measured = measured(browser, dark);
    assert_eq!(measured.len(), cases().len() * WIDTHS.len());
    for (page, width) in measured.iter().zip(WIDTHS.iter().cycle()) {
        let what = format!("{} at {width}, {}", page.name, if dark { "dark" } else { "light" });
        assert_eq!((page.width, page.dark), (*width, dark), "{what}: wrong size or color scheme");
        assert!(page.texts > 40 && page.height > 500, "{what}: the page is empty");
        assert!(page.problems.is_empty(), "{what}: {:#?}", page.problems);
        assert!(page.lowest_contrast >= 4.5, "{what}: {}", page.lowest_contrast);
    }
}

/// Takes pictures of the pages that `REPORT_PICTURES` names, separated by commas, into `target/report`.
fn pictures() -> Outcome {
    let Ok(wanted) = std::env::var("REPORT_PICTURES") else {
        return Ok(Completion::ignored_with("set REPORT_PICTURES to the pages to take pictures of"));
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

fn picture(browser: &Path, page: &PageMetrics, into: &Path) {
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
