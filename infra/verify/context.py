"""Request contexts for a policy's conditions: one that meets them all, and others that each fail one of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from verify.render import Place

Conditions = Mapping[str, Mapping[str, Any]]
Entries = tuple[dict[str, Any], ...]

# What condition operators compare, by their names without ForAllValues, ForAnyValue and IfExists.
POSITIVE = {"StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool"}
NEGATIVE = {"StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike"}


class Unknown(Exception):
    """A condition for which no context is made here."""


def parts(conditions: Conditions) -> Iterator[tuple[str, str, str, list[str]]]:
    """Each key's qualifier (`ForAllValues`, `ForAnyValue` or nothing), operator, name and values."""
    for written, keys in conditions.items():
        qualifier, _, operator = written.rpartition(":")
        for key, values in keys.items():
            listed = values if isinstance(values, list) else [values]
            yield qualifier, operator.removesuffix("IfExists"), key, [str(it).lower() if isinstance(it, bool) else str(it) for it in listed]


def keys_of(conditions: Conditions) -> set[str]:
    return {key for _, _, key, _ in parts(conditions)}


def value_for(operator: str, key: str, value: str, meets: bool, place: Place) -> str:
    """A value of the key with which the condition is met, or is not."""
    if operator not in POSITIVE | NEGATIVE:
        raise Unknown(f"no context is made for {operator} on {key}")
    if operator == "Bool":
        return value if meets else str(value != "true").lower()
    if (operator in POSITIVE) == meets:
        return value.replace("*", "example").replace("?", "x")
    return f"arn:{place.partition}:sns:{place.region}:{place.account}:other" if operator.startswith("Arn") else "other"


def context(conditions: Conditions, place: Place, failing: int | None) -> Entries:
    """A context that meets all parts of the conditions but the one of that number."""
    entries: dict[str, dict[str, Any]] = {}
    absent = set()
    for index, (qualifier, operator, key, values) in enumerate(parts(conditions)):
        meets = index != failing
        if operator == "Null":
            if (values[0] == "true") == meets:
                absent.add(key)
            else:
                entries.setdefault(key, {"ContextKeyName": key, "ContextKeyValues": ["example"], "ContextKeyType": "string"})
            continue
        kind = "boolean" if operator == "Bool" else "stringList" if qualifier else "string"
        value = value_for(operator, key, values[0], meets, place)
        entries[key] = {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": kind}
    return tuple(entry for key, entry in entries.items() if key not in absent)


def meeting(conditions: Conditions, place: Place) -> Entries:
    """A context that meets all conditions."""
    return context(conditions, place, None)


def missing(conditions: Conditions, place: Place) -> list[tuple[str, Entries]]:
    """For each condition on a key the key, and a context that fails that condition alone."""
    return [(key, context(conditions, place, failing)) for failing, (_, _, key, _) in enumerate(parts(conditions))]
