//! Random mutations of JSON documents, deterministic for a seed.

use serde_json::{Map, Value, json};

/// A random number generator (splitmix64), deterministic for a seed on every platform.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit` - 1.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }

    pub(crate) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Texts that replace or extend others. No finding in the fixtures has these accounts and names.
const TEXTS: [&str; 26] = [
    "",
    " ",
    "null",
    "GeneratedFindingUserName",
    "GeneratedFindingInstanceProfileArn",
    "i-99999999",
    "arn:aws:iam::000011112222:instance-profile/generated",
    "arn:aws:iam::000011112222:example/instance/profile",
    "arn:aws:iam::000011112222:role/path/other",
    "arn:aws:iam::000011112222:user/other",
    "arn:aws:iam::000011112222:instance-profile/other",
    "arn:aws:sts::000011112222:assumed-role/other/session",
    "arn:aws:sts::111122223333:assumed-role/GeneratedFindingRole/session",
    "arn:aws:iam::1111222233334:role/thirteen",
    "arn:aws:iam::.../mock-profile",
    "arn:aws-cn:iam::111122223333:role/other-partition",
    "arn:aws:iam::111122223333:role/GeneratedFinding/inside",
    "arn:::::",
    "1111222233334",
    "system:serviceaccount:a",
    "system:serviceaccount:../..:x y",
    "system:",
    "<!channel> <https://evil.example|x>",
    "\u{202e}gnp.exe\r\nSubject: x\u{0}",
    "AWSServiceRoleForNothing",
    "１１１１２２２２３３３３",
];

fn arbitrary_value(rng: &mut Rng) -> Value {
    match rng.below(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(1e300),
        5 => json!([]),
        6 => json!({}),
        7 => nested(rng.below(90)),
        8 => json!("A".repeat(1 << rng.below(17))),
        9 => Value::Array(vec![json!({"user": {"type": "IAMUser", "name": "x"}}); rng.below(300)]),
        10 => json!({"arn": rng.one_of(&TEXTS), "uid": rng.one_of(&TEXTS), "name": rng.one_of(&TEXTS)}),
        _ => json!(rng.one_of(&TEXTS)),
    }
}

fn nested(depth: usize) -> Value {
    (0..depth)
        .fold(json!("deep"), |inside, level| if level % 2 == 0 { json!([inside]) } else { json!({"detail": inside}) })
}

/// Mutates one value of the document.
pub(crate) fn mutate(document: &mut Value, rng: &mut Rng) {
    let places = count(document);
    let place = rng.below(places);
    let mut left = place;
    if let Some(value) = find(document, &mut left) {
        mutate_value(value, rng);
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

fn find<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Object(members) => members.values_mut().find_map(|value| find(value, left)),
        Value::Array(items) => items.iter_mut().find_map(|value| find(value, left)),
        _ => None,
    }
}

fn mutate_value(value: &mut Value, rng: &mut Rng) {
    match (rng.below(8), &mut *value) {
        (0, Value::Object(members)) => remove(members, rng),
        (1, Value::Object(members)) => rename(members, rng),
        (2, Value::Object(members)) => swap(members, rng),
        (3, Value::Array(items)) if !items.is_empty() => {
            let copies = vec![rng.one_of(items).clone(); rng.below(5)];
            items.extend(copies);
        }
        (4, Value::String(text)) => {
            let cut = text.char_indices().nth(rng.below(text.len() + 1)).map_or(text.len(), |(at, _)| at);
            *text = format!("{}{}{}", &text[..cut], rng.one_of(&TEXTS), &text[cut..]);
        }
        (5, Value::String(text)) => *value = text.parse::<f64>().map_or_else(|_| json!([text]), |number| json!(number)),
        (6, Value::Number(number)) => *value = json!(number.to_string()),
        _ => *value = arbitrary_value(rng),
    }
}

fn member(members: &Map<String, Value>, rng: &mut Rng) -> Option<String> {
    members.keys().nth(rng.below(members.len())).cloned()
}

fn remove(members: &mut Map<String, Value>, rng: &mut Rng) {
    if let Some(name) = member(members, rng) {
        members.remove(&name);
    }
}

fn rename(members: &mut Map<String, Value>, rng: &mut Rng) {
    let Some(name) = member(members, rng) else { return };
    let Some(value) = members.remove(&name) else { return };
    let (first, rest) = name.split_at(name.chars().next().map_or(0, char::len_utf8));
    let other = if first == first.to_uppercase() { first.to_lowercase() } else { first.to_uppercase() };
    members.insert(other + rest, value);
}

fn swap(members: &mut Map<String, Value>, rng: &mut Rng) {
    if let (Some(one), Some(other)) = (member(members, rng), member(members, rng))
        && one != other
        && let (Some(first), Some(second)) = (members.remove(&one), members.remove(&other))
    {
        members.insert(one, second);
        members.insert(other, first);
    }
}
