//! Block Kit's rules: <https://docs.slack.dev/reference/block-kit/blocks>, with a page for each block and element.
//!
//! Only the blocks and elements that alerts use are known; others are rejected.

use crate::json_cursor::JsonCursor;

/// The most blocks of a message: <https://docs.slack.dev/reference/block-kit/blocks>.
const BLOCKS_MAX: usize = 50;
/// The longest id of a block, in characters; each block's page.
const BLOCK_ID_MAX_CHARS: usize = 255;
/// <https://docs.slack.dev/reference/block-kit/blocks/header-block>
const HEADER_MAX_CHARS: usize = 150;
/// <https://docs.slack.dev/reference/block-kit/blocks/section-block>
const SECTION_MAX_CHARS: usize = 3000;
const FIELDS_MAX: usize = 10;
const FIELD_MAX_CHARS: usize = 2000;
/// <https://docs.slack.dev/reference/block-kit/blocks/context-block>
const CONTEXT_ELEMENTS_MAX: usize = 10;
/// The longest of all text objects: <https://docs.slack.dev/reference/block-kit/composition-objects/text-object>.
const TEXT_OBJECT_MAX_CHARS: usize = 3000;
/// <https://docs.slack.dev/reference/block-kit/blocks/actions-block>
const ACTIONS_MAX: usize = 25;
/// <https://docs.slack.dev/reference/block-kit/block-elements/button-element>
const BUTTON_MAX_CHARS: usize = 75;
const BUTTON_URL_MAX_CHARS: usize = 3000;
const BUTTON_VALUE_MAX_CHARS: usize = 2000;
const ACTION_ID_MAX_CHARS: usize = 255;

const PLAIN: &[&str] = &["plain_text"];
const ANY_TEXT: &[&str] = &["mrkdwn", "plain_text"];

pub(super) fn check(blocks: &JsonCursor<'_>, problems: &mut Vec<String>) {
    for block in blocks.items(0..=BLOCKS_MAX, problems) {
        if let Some(id) = block.optional("block_id") {
            id.string(1..=BLOCK_ID_MAX_CHARS, problems);
        }
        let known = ["header", "section", "context", "divider", "actions"];
        match block.member("type").one_of(&known, problems) {
            Some("header") => text_object(&block.member("text"), PLAIN, HEADER_MAX_CHARS, problems),
            Some("section") => section(&block, problems),
            Some("context") => {
                // assumed, here and below: an empty array is rejected, which Slack does without documenting it.
                for element in block.member("elements").items(1..=CONTEXT_ELEMENTS_MAX, problems) {
                    text_object(&element, ANY_TEXT, TEXT_OBJECT_MAX_CHARS, problems);
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

fn section(block: &JsonCursor<'_>, problems: &mut Vec<String>) {
    let (text, fields) = (block.optional("text"), block.optional("fields"));
    if text.is_none() && fields.is_none() {
        block.push_problem("has neither text nor fields", problems);
    }
    if let Some(text) = text {
        text_object(&text, ANY_TEXT, SECTION_MAX_CHARS, problems);
    }
    for field in fields.map(|fields| fields.items(1..=FIELDS_MAX, problems)).unwrap_or_default() {
        text_object(&field, ANY_TEXT, FIELD_MAX_CHARS, problems);
    }
    if let Some(accessory) = block.optional("accessory") {
        button(&accessory, problems);
    }
}

fn button(element: &JsonCursor<'_>, problems: &mut Vec<String>) {
    element.member("type").one_of(&["button"], problems);
    text_object(&element.member("text"), PLAIN, BUTTON_MAX_CHARS, problems);
    if let Some(url) = element.optional("url") {
        // assumed: the schemes, because the reference only says that the URL is opened in a browser.
        url.url(&["http", "https"], BUTTON_URL_MAX_CHARS, problems);
    }
    if let Some(value) = element.optional("value") {
        value.string(0..=BUTTON_VALUE_MAX_CHARS, problems);
    }
    if let Some(id) = element.optional("action_id") {
        id.string(1..=ACTION_ID_MAX_CHARS, problems);
    }
    if let Some(style) = element.optional("style") {
        style.one_of(&["primary", "danger"], problems);
    }
}

fn text_object(object: &JsonCursor<'_>, kinds: &[&str], most: usize, problems: &mut Vec<String>) {
    object.member("type").one_of(kinds, problems);
    object.member("text").string(1..=most, problems);
}
