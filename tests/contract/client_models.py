"""Reads every stored JSON message, OCSF event and Slack message as a client of theirs does; `make check` runs it.

The events are parsed by the models of py-ocsf-models, the Slack messages by slack_sdk's blocks with their limits. The JSON messages, and what
is Gumshoe's own in the events, are validated against the schemas in docs/schemas. Events and messages are the snapshots of shared/alerts, so a
new alert in its fixtures is read as well; the alerts that earlier releases sent; and what the state machine publishes of a case that it could
not bring to its end, in tests/fixtures/paths.
"""

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from py_ocsf_models.events.findings.detection_finding import DetectionFinding
from slack_sdk.models.blocks import Block

PROJECT = Path(__file__).resolve().parents[2]
ALERTS = PROJECT / "shared/alerts"
PATHS = PROJECT / "tests/fixtures/paths"
SCHEMAS = PROJECT / "docs/schemas"

# What a message says that it is. Alerts of earlier releases do not say it.
KINDS = ("alert", "graph-health", "not-worked")


def stored(path: Path) -> Any:
    """The JSON in a file; of a snapshot, that below the second line `---`."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text.split("---\n", 2)[2] if path.suffix == ".snap" else text)


def valid_against(name: str) -> Callable[[Any], None]:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).validate


def read_event(event: dict[str, Any]) -> None:
    DetectionFinding.model_validate(event)


def read_slack(message: dict[str, Any]) -> None:
    # Gumshoe's messages have no attachments: all that is shown is in blocks.
    for block in Block.parse_all(message["blocks"]):
        block.to_dict()  # which validates it


def published_failures() -> dict[str, Any]:
    """What subscribers receive of cases that the state machine could not bring to their end, by the file that has it."""
    found = {}
    for path in sorted(PATHS.glob("*.json")):
        for step in stored(path)["steps"]:
            if step["state"] == "Notify of failure":
                found[path.name] = json.loads(json.loads(step["arguments"]["Message"])["sqs"])
    return found


def unreadable(examples: dict[str, Any], read: Callable[[Any], None]) -> list[str]:
    found = []
    for name, example in examples.items():
        try:
            read(example)
        except Exception as error:  # each library has errors of its own
            found.append(f"{name}: {error}")
    return found


def is_rejected(read: Callable[[Any], None], broken: Any) -> bool:
    try:
        read(broken)
    except Exception:  # as above
        return True
    return False


def main() -> None:
    events, slack, messages = (
        {path.name: stored(path) for path in sorted(ALERTS.rglob(f"*__{channel}__*.snap"))} for channel in ("ocsf", "slack", "json")
    )
    messages |= {f"{path.parent.name}/{path.name}": stored(path) for path in ALERTS.glob("tests/data/*/*.json")}
    messages |= published_failures()
    of_kind = {kind: {name: it for name, it in messages.items() if it.get("notification", "alert") == kind} for kind in KINDS}
    if not events or not slack or not all(of_kind.values()) or sum(map(len, of_kind.values())) != len(messages):
        sys.exit(f"client_models.py: no stored events or Slack messages, or none of a kind of {', '.join(KINDS)}, or one of another kind")
    valid = {kind: valid_against(kind) for kind in KINDS}
    is_unmapped = valid_against("ocsf-unmapped")

    def read_unmapped(event: dict[str, Any]) -> None:
        is_unmapped(event["unmapped"])

    # What each of them must reject: a technique without an id, a header that is too long, a cause that is unknown, an issue of an
    # unknown kind, a failure without a cause, and an empty object.
    event = copy.deepcopy(next(iter(events.values())))
    event["finding_info"]["attacks"] = [{"technique": {"name": "Account Manipulation"}}]
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    alert, notice, failure = (copy.deepcopy(next(iter(of_kind[kind].values()))) for kind in KINDS)
    alert["cause"] = "NONE"
    notice["graph_health"]["worse"][0]["ailment"] = "none"
    del failure["not_worked"]["cause"]
    broken = [
        (read_event, event),
        (read_slack, {"blocks": [header]}),
        (valid["alert"], alert),
        (valid["graph-health"], notice),
        (valid["not-worked"], failure),
        (read_unmapped, {"unmapped": {}}),
    ]
    if not all(is_rejected(read, example) for read, example in broken):
        sys.exit("client_models.py: the libraries accept a broken example, so they check nothing")
    problems = unreadable(events, read_event) + unreadable(slack, read_slack) + unreadable(events, read_unmapped)
    for kind, examples in of_kind.items():
        problems += unreadable(examples, valid[kind])
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"client_models.py: {len(problems)} of {len(events) + len(slack) + len(messages)} stored examples cannot be read")
    counts = ", ".join(f"{len(examples)} of kind {kind}" for kind, examples in of_kind.items())
    print(f"Read by their clients: {len(events)} OCSF events, {len(slack)} Slack messages; messages {counts}")


if __name__ == "__main__":
    main()
