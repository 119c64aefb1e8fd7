"""Reads every stored OCSF event and Slack message as a client of theirs does; `make check` runs it.

The events are parsed by the models of py-ocsf-models, the messages by slack_sdk's blocks with their limits. Both are the snapshots of
shared/alerts, so a new alert in its fixtures is read as well.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from py_ocsf_models.events.findings.detection_finding import DetectionFinding
from slack_sdk.models.attachments import BlockAttachment
from slack_sdk.models.blocks import Block

ALERTS = Path(__file__).resolve().parents[2] / "shared/alerts/src"


def stored(path: Path) -> Any:
    """What a snapshot holds, below its two lines `---`."""
    return json.loads(path.read_text(encoding="utf-8").split("---\n", 2)[2])


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
    # What each of them must reject: a technique without an id, and a header that is too long.
    events = sorted(ALERTS.rglob("*__ocsf__*.snap"))
    messages = sorted(ALERTS.rglob("*__slack__*.snap"))
    if not events or not messages:
        sys.exit(f"client_models.py: no stored events or messages in {ALERTS}")
    event = stored(events[0])
    event["finding_info"]["attacks"] = [{"technique": {"name": "Account Manipulation"}}]
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    if not is_rejected(read_event, event) or not is_rejected(read_message, {"blocks": [header]}):
        sys.exit("client_models.py: the libraries accept a broken example, so they check nothing")
    problems = unreadable(events, read_event) + unreadable(messages, read_message)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"client_models.py: {len(problems)} of {len(events) + len(messages)} stored examples cannot be read")
    print(f"Read by their clients: {len(events)} OCSF events, {len(messages)} Slack messages")


if __name__ == "__main__":
    main()
