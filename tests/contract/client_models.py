"""Reads every stored alert, OCSF event and Slack message as a client of theirs does; `make check` runs it.

The events are parsed by the models of py-ocsf-models, the Slack messages by slack_sdk's blocks with their limits. The alerts' JSON, and what
is Gumshoe's own in the events, is validated against the schemas in docs/schemas. All are the snapshots of shared/alerts, so a new alert in
its fixtures is read as well; and the alerts that earlier releases sent.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from py_ocsf_models.events.findings.detection_finding import DetectionFinding
from slack_sdk.models.attachments import BlockAttachment
from slack_sdk.models.blocks import Block

PROJECT = Path(__file__).resolve().parents[2]
ALERTS = PROJECT / "shared/alerts"
SCHEMAS = PROJECT / "docs/schemas"


def stored(path: Path) -> Any:
    """What a file holds; in a snapshot it stands below two lines `---`."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text.split("---\n", 2)[2] if path.suffix == ".snap" else text)


def valid_against(name: str) -> Callable[[Any], None]:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema).validate


def read_event(event: dict[str, Any]) -> None:
    DetectionFinding.model_validate(event)


def read_message(message: dict[str, Any]) -> None:
    for attachment in message.get("attachments", []):
        BlockAttachment(blocks=Block.parse_all(attachment["blocks"])).to_dict()
    for block in Block.parse_all(message.get("blocks", [])):
        block.to_dict()  # which validates it


def unreadable(paths: list[Path], read: Callable[[Any], None]) -> list[str]:
    found = []
    for path in paths:
        try:
            read(stored(path))
        except Exception as error:  # each library has errors of its own
            found.append(f"{path.name}: {error}")
    return found


def is_rejected(read: Callable[[Any], None], broken: Any) -> bool:
    try:
        read(broken)
    except Exception:  # as above
        return True
    return False


def main() -> None:
    # What each of them must reject: a technique without an id, a header that is too long, a cause that is none, and nothing at all.
    events = sorted(ALERTS.rglob("*__ocsf__*.snap"))
    messages = sorted(ALERTS.rglob("*__slack__*.snap"))
    alerts = sorted(ALERTS.rglob("*__json__*.snap")) + sorted(ALERTS.glob("tests/data/*/*.json"))
    if not events or not messages or not alerts:
        sys.exit(f"client_models.py: no stored events, messages or alerts in {ALERTS}")
    is_alert, is_unmapped = valid_against("alert"), valid_against("ocsf-unmapped")

    def read_unmapped(event: dict[str, Any]) -> None:
        is_unmapped(event["unmapped"])

    event = stored(events[0])
    event["finding_info"]["attacks"] = [{"technique": {"name": "Account Manipulation"}}]
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    broken = [
        (read_event, event),
        (read_message, {"blocks": [header]}),
        (is_alert, stored(alerts[0]) | {"cause": "NONE"}),
        (read_unmapped, {"unmapped": {}}),
    ]
    if not all(is_rejected(read, example) for read, example in broken):
        sys.exit("client_models.py: the libraries accept a broken example, so they check nothing")
    problems = unreadable(events, read_event) + unreadable(messages, read_message)
    problems += unreadable(alerts, is_alert) + unreadable(events, read_unmapped)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"client_models.py: {len(problems)} of {len(events + messages + alerts)} stored examples cannot be read")
    print(f"Read by their clients: {len(events)} OCSF events, {len(messages)} Slack messages, {len(alerts)} alerts")


if __name__ == "__main__":
    main()
