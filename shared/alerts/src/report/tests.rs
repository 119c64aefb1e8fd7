pub(crate) mod page_limits;

use super::*;
use crate::fixtures::{self, report_page as html, travelled};
use crate::message::Link;
use roxmltree::{Document, Node, ParsingOptions};

/// The page parsed as XML, which it is as well.
fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(html, options).unwrap_or_else(|error| panic!("{error}"))
}

/// Number of rows in the bodies of all tables.
pub(super) fn rows(html: &str) -> usize {
    let is_row =
        |node: &Node<'_, '_>| node.has_tag_name("tr") && node.parent().is_some_and(|it| it.has_tag_name("tbody"));
    parsed(html).descendants().filter(is_row).count()
}

/// The elements that the templates use.
const ELEMENTS: &str = " html head meta title style body main header footer section div p span bdi a h1 h2 h3 ul ol li dl dt \
                        dd pre code wbr table caption thead tbody tr th td ";
/// The attributes that the templates use.
const ATTRIBUTES: &str = " lang charset http-equiv content name class style href rel role scope aria-label aria-hidden \
                          data-label ";

/// Asserts the properties of every page: it is well-formed and within its limit, it has only elements and attributes of the
/// templates, its links open the console, and it has no invisible, line-breaking or direction-changing characters.
pub(super) fn assert_page_is_safe(html: &str) {
    assert!(html.len() <= MAX_BYTES, "{}", html.len());
    let hidden = |letter| matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}');
    assert!(!html.chars().any(|letter| hidden(letter) || (letter.is_control() && letter != '\n')));
    let document = parsed(html);
    for node in document.descendants() {
        let is_one_of = |names: &str, name: &str| names.contains(&format!(" {name} "));
        if node.is_element() {
            let name = node.tag_name().name();
            assert!(is_one_of(ELEMENTS, name), "<{name}>");
        }
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(is_one_of(ATTRIBUTES, name), "{name}={value}");
            let is_link = name == "href" && value.starts_with("https://console.aws.amazon.com/");
            assert!(is_link || !value.contains("://"), "{name}={value}");
            assert!(
                name != "style" || value.bytes().all(|byte| b"lefttopwidthrm-:;.%0123456789".contains(&byte)),
                "{value}"
            );
        }
        assert!(!node.text().is_some_and(|text| text.contains("://")), "{:?}", node.text());
    }
}

/// The outline of a page: its headings and captions in order, and the number of rows of each table.
fn outline(html: &str) -> String {
    let document = parsed(html);
    let text = |node: Node<'_, '_>| {
        let words: String = node.descendants().filter(|it| it.is_text()).filter_map(|it| it.text()).collect();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut lines = Vec::new();
    for node in document.descendants() {
        match node.tag_name().name() {
            "h1" => lines.push(text(node)),
            "h2" => lines.push(format!("  {}", text(node))),
            "h3" => lines.push(format!("    {}", text(node))),
            "caption" => lines.push(format!("    | {}", text(node))),
            "tbody" => lines.push(format!("    | {} rows", node.children().filter(Node::is_element).count())),
            _ => {}
        }
    }
    lines.join("\n")
}

#[test]
fn pages_match_snapshots() {
    for (name, case) in fixtures::all() {
        let html = html(&case);
        assert_page_is_safe(&html);
        insta::assert_snapshot!(format!("outline_{name}"), outline(&html));
        if [
            "one",
            "high_risk",
            "nothing_investigated",
            "failed",
            "guardduty_alone",
            "guardduty_not_asked",
            "workload",
            "credentials",
            "hostile",
        ]
        .contains(&name)
        {
            // The style sheet is not part of the snapshots.
            let (start, rest) = html.split_once("<style>").unwrap();
            let (_, rest) = rest.split_once("</style>").unwrap();
            insta::assert_snapshot!(name, format!("{start}{rest}"));
        }
    }
    assert_page_is_safe(&html(&travelled()));
}

#[test]
fn account_outside_the_graph_is_named_once() {
    let words = "sends no data to the behavior graph";
    let without = html(&fixtures::outside_graph());
    assert!(without.contains("<p>Account 123456789012 is not a member of the behavior graph</p>"), "{without}");
    assert!(!without.contains("data may be incomplete: account"));
    let with = html(&fixtures::disabled_member());
    assert_eq!(with.matches(words).count(), 1);
    assert!(with.contains("Detective data may be incomplete: account 123456789012"), "{with}");
}

#[test]
fn untrusted_text_is_shown_and_not_interpreted() {
    let html = html(&fixtures::hostile());
    assert!(html.contains("&#60;script&#62;alert(1)"), "it is shown");
    for forbidden in ["<script", "https://evil", "<!channel", "javascript:", "\u{202e}", "\u{1b}"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn no_template_switches_the_escaping_off() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/report");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let template = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let tags = template
            .split("{{")
            .skip(1)
            .chain(template.split("{%").skip(1))
            .map(|rest| rest.split('}').next().unwrap());
        for tag in tags {
            seen += 1;
            assert!(!tag.replace("||", "").contains('|') && !tag.contains("autoescape"), "a filter in {tag}");
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn every_finding_and_indicator_has_its_row() {
    let case = fixtures::many();
    assert_eq!(rows(&html(&case)), 50 + 400 + 1 + 2);
}

#[test]
fn quiet_case_states_that_it_was_closed_without_an_alert() {
    let case = fixtures::disagreement();
    let (alert, findings, indicators) = (&case.alert(), &case.findings, &case.indicators);
    let html =
        page(&Report { alert, is_quiet: true, findings, indicators, api_calls: &[], evidence_keys: &[] }).unwrap();
    assert_page_is_safe(&html);
    assert!(html.contains("Closed without an alert") && html.contains("Detective severity: Critical."));
    assert!(html.contains("Optional next steps") && !html.contains("Manual review"));
}

#[test]
fn resolved_report_has_no_next_steps() {
    let resolved = html(&fixtures::resolved());
    assert!(resolved.contains("The earlier alert is resolved") && !resolved.contains("Next steps"));
}

#[test]
fn uninvestigated_report_has_no_level() {
    let failed = html(&fixtures::failed());
    assert!(
        failed.contains("no level (not investigated); findings score") && failed.contains("<h3>Not investigated</h3>")
    );
}

#[test]
fn link_to_another_site_is_omitted() {
    let case = fixtures::one();
    let mut alert = case.alert();
    let link = |url: &str| Link { code: None, label: "Console".to_owned(), url: url.to_owned() };
    alert.links = vec![link("https://evil.example/"), link("https://console.aws.amazon.com/detective/home")];
    let findings = &case.findings;
    let html =
        page(&Report { alert: &alert, is_quiet: false, findings, indicators: &[], api_calls: &[], evidence_keys: &[] })
            .unwrap();
    assert_page_is_safe(&html);
    assert_eq!(html.matches("<a href").count(), 1);
}
