//! DynamoDB's expressions (Developer Guide, "Using expressions in DynamoDB"), as far as the adapter uses them: comparisons and
//! `attribute_exists`, `attribute_not_exists` and `begins_with`, joined by AND, OR, NOT and parentheses; SET of values, sums
//! and differences with `if_not_exists`; REMOVE. Anything else is rejected, not ignored.

use super::Item;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Why a request is invalid, as the message of its `ValidationException`.
#[derive(Debug)]
pub(super) struct InvalidExpression(pub(super) String);

/// The names and values that a request's expressions use.
pub(super) struct Expression<'a> {
    names: Option<&'a Map<String, Value>>,
    values: Option<&'a Map<String, Value>>,
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Expression<'a> {
    pub(super) fn of(request: &'a Value) -> Self {
        let names = request["ExpressionAttributeNames"].as_object();
        let values = request["ExpressionAttributeValues"].as_object();
        Self { names, values, used: RefCell::default() }
    }

    /// Whether a condition holds for an item. A missing condition holds.
    pub(super) fn holds(&self, condition: &Value, item: &Item) -> Result<bool, InvalidExpression> {
        let Some(text) = condition.as_str() else { return Ok(true) };
        let mut parser = Parser::new(self, text, item);
        let holds = parser.disjunction()?;
        parser.end()?;
        Ok(holds)
    }

    /// Applies an update to `after`. Its operands are read from `before`.
    pub(super) fn update(&self, update: &Value, before: &Item, after: &mut Item) -> Result<(), InvalidExpression> {
        let Some(text) = update.as_str() else { return Ok(()) };
        let mut parser = Parser::new(self, text, before);
        while let Some(clause) = parser.next() {
            loop {
                let name = parser.path()?;
                match clause.as_str() {
                    "SET" => {
                        parser.expect("=")?;
                        after.insert(name, parser.sum()?);
                    }
                    "REMOVE" => {
                        after.remove(&name);
                    }
                    other => return Err(parser.unknown(other)),
                }
                if !parser.accept(",") {
                    break;
                }
            }
        }
        Ok(())
    }

    /// DynamoDB rejects a request with names or values that its expressions do not use.
    pub(super) fn all_used(&self) -> Result<(), InvalidExpression> {
        let given = self.names.into_iter().chain(self.values).flat_map(Map::keys);
        match given.into_iter().find(|name| !self.used.borrow().contains(*name)) {
            Some(name) => Err(InvalidExpression(format!("Value provided but unused in expressions: {name}"))),
            None => Ok(()),
        }
    }

    fn value(&self, placeholder: &str) -> Result<Value, InvalidExpression> {
        self.used.borrow_mut().insert(placeholder.to_owned());
        let value = self.values.and_then(|values| values.get(placeholder));
        value.cloned().ok_or_else(|| {
            InvalidExpression(format!("An expression attribute value used is not defined: {placeholder}"))
        })
    }

    fn name(&self, word: &str) -> Result<String, InvalidExpression> {
        if !word.starts_with('#') {
            return Ok(word.to_owned());
        }
        self.used.borrow_mut().insert(word.to_owned());
        let name = self.names.and_then(|names| names.get(word)?.as_str());
        name.map(str::to_owned)
            .ok_or_else(|| InvalidExpression(format!("An expression attribute name used is not defined: {word}")))
    }
}

/// Parses an expression token by token and evaluates it for an item. Both sides of AND and OR are always evaluated, so that an error in
/// one is not hidden by the other.
struct Parser<'a> {
    expression: &'a Expression<'a>,
    text: &'a str,
    tokens: Vec<String>,
    at: usize,
    item: &'a Item,
}

impl<'a> Parser<'a> {
    fn new(expression: &'a Expression<'a>, text: &'a str, item: &'a Item) -> Self {
        Self { expression, text, tokens: tokenize(text), at: 0, item }
    }

    fn disjunction(&mut self) -> Result<bool, InvalidExpression> {
        let mut holds = self.conjunction()?;
        while self.accept("OR") {
            holds |= self.conjunction()?;
        }
        Ok(holds)
    }

    fn conjunction(&mut self) -> Result<bool, InvalidExpression> {
        let mut holds = self.condition()?;
        while self.accept("AND") {
            holds &= self.condition()?;
        }
        Ok(holds)
    }

    fn condition(&mut self) -> Result<bool, InvalidExpression> {
        if self.accept("NOT") {
            return Ok(!self.condition()?);
        }
        if self.accept("(") {
            let holds = self.disjunction()?;
            self.expect(")")?;
            return Ok(holds);
        }
        if self.tokens.get(self.at + 1).is_some_and(|word| word == "(") {
            return self.function();
        }
        let left = self.operand()?;
        let operator = self.next_token()?;
        let right = self.operand()?;
        let order = left.as_ref().zip(right.as_ref()).and_then(|(left, right)| order(left, right));
        Ok(match operator.as_str() {
            "=" => left.is_some() && left == right,
            "<>" => left != right,
            "<" => order.is_some_and(|it| it.is_lt()),
            "<=" => order.is_some_and(|it| it.is_le()),
            ">" => order.is_some_and(|it| it.is_gt()),
            ">=" => order.is_some_and(|it| it.is_ge()),
            other => return Err(self.unknown(other)),
        })
    }

    fn function(&mut self) -> Result<bool, InvalidExpression> {
        let function = self.next_token()?;
        self.expect("(")?;
        let name = self.path()?;
        let value = self.item.get(&name);
        let holds = match function.as_str() {
            "attribute_exists" => value.is_some(),
            "attribute_not_exists" => value.is_none(),
            "begins_with" => {
                self.expect(",")?;
                let prefix = self.operand()?;
                let texts = value
                    .zip(prefix.as_ref())
                    .and_then(|(it, prefix)| Some((it["S"].as_str()?, prefix["S"].as_str()?)));
                texts.is_some_and(|(text, prefix)| text.starts_with(prefix))
            }
            other => return Err(self.unknown(other)),
        };
        self.expect(")")?;
        Ok(holds)
    }

    /// The right side of an assignment.
    fn sum(&mut self) -> Result<Value, InvalidExpression> {
        let left = self.present()?;
        let sign = if self.accept("+") {
            1
        } else if self.accept("-") {
            -1
        } else {
            return Ok(left);
        };
        let right = self.present()?;
        let (Some(left), Some(right)) = (number(&left), number(&right)) else {
            return Err(InvalidExpression("An operand in the update expression has an incorrect data type".to_owned()));
        };
        Ok(json!({"N": (left + sign * right).to_string()}))
    }

    fn present(&mut self) -> Result<Value, InvalidExpression> {
        if self.tokens.get(self.at).is_some_and(|word| word == "if_not_exists") {
            self.at += 1;
            self.expect("(")?;
            let name = self.path()?;
            self.expect(",")?;
            let otherwise = self.present()?;
            self.expect(")")?;
            return Ok(self.item.get(&name).cloned().unwrap_or(otherwise));
        }
        let missing = "The provided expression refers to an attribute that does not exist in the item";
        self.operand()?.ok_or_else(|| InvalidExpression(missing.to_owned()))
    }

    /// A value, or the item's attribute of that name. `None` if the item does not have it.
    fn operand(&mut self) -> Result<Option<Value>, InvalidExpression> {
        match self.next_token()? {
            word if word.starts_with(':') => self.expression.value(&word).map(Some),
            word => Ok(self.item.get(&self.expression.name(&word)?).cloned()),
        }
    }

    fn path(&mut self) -> Result<String, InvalidExpression> {
        let word = self.next_token()?;
        self.expression.name(&word)
    }

    fn next_token(&mut self) -> Result<String, InvalidExpression> {
        self.next().ok_or_else(|| InvalidExpression(format!("the expression ends too early: {}", self.text)))
    }

    fn next(&mut self) -> Option<String> {
        let word = self.tokens.get(self.at).cloned()?;
        self.at += 1;
        Some(word)
    }

    fn accept(&mut self, word: &str) -> bool {
        let is_next = self.tokens.get(self.at).is_some_and(|it| it == word);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, word: &str) -> Result<(), InvalidExpression> {
        if self.accept(word) { Ok(()) } else { Err(self.unknown(word)) }
    }

    fn end(&self) -> Result<(), InvalidExpression> {
        if self.at == self.tokens.len() { Ok(()) } else { Err(self.unknown("the rest")) }
    }

    fn unknown(&self, what: &str) -> InvalidExpression {
        InvalidExpression(format!("testkit does not understand {what:?} in word {} of {:?}", self.at, self.text))
    }
}

/// Splits an expression into names, placeholders and operators.
fn tokenize(text: &str) -> Vec<String> {
    let is_part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '#' | ':' | '.');
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    for it in text.chars() {
        let continues = is_part(it) && is_part(previous) || matches!((previous, it), ('<', '=' | '>') | ('>', '='));
        match words.last_mut() {
            Some(word) if continues => word.push(it),
            _ if it.is_whitespace() => {}
            _ => words.push(it.to_string()),
        }
        previous = it;
    }
    words
}

fn number(value: &Value) -> Option<i128> {
    value["N"].as_str()?.parse().ok()
}

/// The order of two values. `None` if their types differ.
fn order(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left["S"].as_str(), right["S"].as_str()) {
        (Some(left), Some(right)) => Some(left.cmp(right)),
        _ => Some(number(left)?.cmp(&number(right)?)),
    }
}
