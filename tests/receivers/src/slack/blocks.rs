//! Block Kit's rules: <https://docs.slack.dev/reference/block-kit/blocks>, with a page for each block and element.
//!
//! Of its blocks and elements, only those are known that alerts have a use for; the others are refused.

use crate::part::Part;

/// The most blocks of a message: <https://docs.slack.dev/reference/block-kit/blocks>.
const BLOCKS_MAX: usize = 50;
/// The longest id of a block, in characters; each block's page.
const BLOCK_ID_MAX: usize = 255;
/// <https://docs.slack.dev/reference/block-kit/blocks/header-block>
const HEADER_MAX: usize = 150;
/// <https://docs.slack.dev/reference/block-kit/blocks/section-block>
const SECTION_MAX: usize = 3000;
const FIELDS_MAX: usize = 10;
const FIELD_MAX: usize = 2000;
/// <https://docs.slack.dev/reference/block-kit/blocks/context-block>
const CONTEXT_ELEMENTS_MAX: usize = 10;
/// The longest of all text objects: <https://docs.slack.dev/reference/block-kit/composition-objects/text-object>.
const TEXT_OBJECT_MAX: usize = 3000;
/// <https://docs.slack.dev/reference/block-kit/blocks/actions-block>
const ACTIONS_MAX: usize = 25;
/// <https://docs.slack.dev/reference/block-kit/block-elements/button-element>
const BUTTON_MAX: usize = 75;
const BUTTON_URL_MAX: usize = 3000;
const BUTTON_VALUE_MAX: usize = 2000;
const ACTION_ID_MAX: usize = 255;

const PLAIN: &[&str] = &["plain_text"];
const ANY_TEXT: &[&str] = &["mrkdwn", "plain_text"];

pub(super) fn check(blocks: &Part<'_>, problems: &mut Vec<String>) {
    for block in blocks.items(0..=BLOCKS_MAX, problems) {
        if let Some(id) = block.given("block_id") {
            id.string(1..=BLOCK_ID_MAX, problems);
        }
        let known = ["header", "section", "context", "divider", "actions"];
        match block.member("type").one_of(&known, problems) {
            Some("header") => text_object(&block.member("text"), PLAIN, HEADER_MAX, problems),
            Some("section") => section(&block, problems),
            Some("context") => {
                // assumed, here and below: that an empty array is refused, as Slack does without documenting it.
                for element in block.member("elements").items(1..=CONTEXT_ELEMENTS_MAX, problems) {
                    text_object(&element, ANY_TEXT, TEXT_OBJECT_MAX, problems);
                }
            }
            Some("actions") => {
                for element in block.member("elements").items(1..=ACTIONS_MAX, problems) {
                    button(&element, problems);
                }
            }
            _ => {}
        }
    }
}

fn section(block: &Part<'_>, problems: &mut Vec<String>) {
    let (text, fields) = (block.given("text"), block.given("fields"));
    if text.is_none() && fields.is_none() {
        block.wrong("has neither text nor fields", problems);
    }
    if let Some(text) = text {
        text_object(&text, ANY_TEXT, SECTION_MAX, problems);
    }
    for field in fields.map(|fields| fields.items(1..=FIELDS_MAX, problems)).unwrap_or_default() {
        text_object(&field, ANY_TEXT, FIELD_MAX, problems);
    }
    if let Some(accessory) = block.given("accessory") {
        button(&accessory, problems);
    }
}

fn button(element: &Part<'_>, problems: &mut Vec<String>) {
    element.member("type").one_of(&["button"], problems);
    text_object(&element.member("text"), PLAIN, BUTTON_MAX, problems);
    if let Some(url) = element.given("url") {
        // assumed: the schemes, for the reference only says that the URL is opened in a browser.
        url.url(&["http", "https"], BUTTON_URL_MAX, problems);
    }
    if let Some(value) = element.given("value") {
        value.string(0..=BUTTON_VALUE_MAX, problems);
    }
    if let Some(id) = element.given("action_id") {
        id.string(1..=ACTION_ID_MAX, problems);
    }
    if let Some(style) = element.given("style") {
        style.one_of(&["primary", "danger"], problems);
    }
}

fn text_object(object: &Part<'_>, kinds: &[&str], most: usize, problems: &mut Vec<String>) {
    object.member("type").one_of(kinds, problems);
    object.member("text").string(1..=most, problems);
}
