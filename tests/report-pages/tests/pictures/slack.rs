//! A Slack message as HTML: the blocks and the marks that Gumshoe sends, and no others (Slack, "Reference: Block Kit blocks" and
//! "Formatting text for app surfaces").

use serde_json::Value;

const STYLE: &str = include_str!("slack.css");

/// The page with one message. Panics at a block that it does not know, so that no picture lacks one.
pub(crate) fn page(message: &Value) -> String {
    let blocks: String = message["blocks"].as_array().unwrap().iter().map(block).collect();
    format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><style>{STYLE}</style><body><div class=\"avatar\">G</div><main>\
         <p class=\"sender\"><b>Gumshoe</b><span class=\"app\">APP</span></p>{blocks}</main></body>\n"
    )
}

fn block(block: &Value) -> String {
    match block["type"].as_str().unwrap() {
        "header" => format!("<h1>{}</h1>", text(&block["text"])),
        "section" => match block["fields"].as_array() {
            Some(fields) => format!("<div class=\"fields\">{}</div>", fields.iter().map(paragraph).collect::<String>()),
            None => paragraph(&block["text"]),
        },
        "context" => {
            let elements = block["elements"].as_array().unwrap();
            format!("<div class=\"context\">{}</div>", elements.iter().map(paragraph).collect::<String>())
        }
        other => panic!("no block {other} is drawn: add it here"),
    }
}

fn paragraph(object: &Value) -> String {
    format!("<p>{}</p>", text(object))
}

/// A text object. Slack's `mrkdwn` has `&`, `<` and `>` escaped already; `plain_text` does not.
fn text(object: &Value) -> String {
    let text = object["text"].as_str().unwrap();
    match object["type"].as_str().unwrap() {
        "plain_text" => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        "mrkdwn" => lines(text),
        other => panic!("no text of type {other} is drawn: add it here"),
    }
}

fn lines(text: &str) -> String {
    text.lines().map(|line| marked(line, &[("`", "code"), ("*", "b")])).collect::<Vec<_>>().join("\n")
}

/// A line with its links, then its pairs of marks, as HTML.
fn marked(line: &str, marks: &[(&str, &str)]) -> String {
    if let Some((before, rest)) = line.split_once('<') {
        let (link, after) = rest.split_once('>').expect("a link ends");
        let (_, label) = link.split_once('|').expect("a link has a label");
        return format!("{}<a>{label}</a>{}", marked(before, marks), marked(after, marks));
    }
    let Some(((mark, tag), others)) = marks.split_first() else { return line.to_owned() };
    let parts: Vec<&str> = line.split(mark).collect();
    if parts.len().is_multiple_of(2) {
        return marked(line, others);
    }
    let parts = parts.iter().enumerate().map(|(at, part)| match at % 2 {
        1 => format!("<{tag}>{part}</{tag}>"),
        _ => marked(part, others),
    });
    parts.collect()
}
