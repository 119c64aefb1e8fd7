"""Has keep-graph of the graph stack look at the behavior graph at once, and shows what it found and did.

    keep-graph.py --mode plan|apply --environment prod [--name NAME]

`make graph-plan` and `make graph-apply` call it. The graph stack is the environment's in samconfig.toml, in the Region and with
the profile that are named there, if any.
"""

import argparse
import json
import sys
from typing import Any, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployed import Trouble, mend, stack_of

# The function's own time-out is 300 seconds.
PATIENCE_SECONDS = 330
LISTED = 50


def invoke(stack: str, session: Any, mode: str) -> dict[str, Any]:
    """What the function answered."""
    client = session.client("lambda", config=Config(retries={"max_attempts": 0}, connect_timeout=10,
                                                    read_timeout=PATIENCE_SECONDS))
    name = f"{stack}-keep-graph"
    try:
        answer = client.invoke(FunctionName=name, Payload=json.dumps({"mode": mode}))
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            raise Trouble(f"there is no function {name} in {client.meta.region_name} for these credentials; deploy the graph "
                          "stack (make deploy STACK=graph), or name another (NAME=name)") from error
        raise
    said = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise Trouble(f"{said.get('errorType', 'it failed')}: {said.get('errorMessage', said)}")
    return said


def lines(said: dict[str, Any]) -> list[str]:
    """The answer, for people."""
    shown = [f"Behavior graph {said['graph_arn'] or '(none)'}"]
    health = said["health"]
    shown.append(f"{health['members_enabled']} of {health['members']} members send their data")
    parts = [
        ("WRONG", said["ailments"]),
        ("PLAN", [change_in_words(change) for change in said["plan"]["changes"]]),
        ("LEFT AS IT IS", [f"{it['what']}: {it['why']}" for it in said["plan"]["withheld"]]),
        ("DONE", said["done"]),
        ("FAILED", [f"{it['what']}: {it['why']}" for it in said["failed"]]),
    ]
    for title, entries in parts:
        if entries:
            shown += ["", title, *(f"  {entry}" for entry in entries[:LISTED])]
            if len(entries) > LISTED:
                shown.append(f"  and {len(entries) - LISTED} more")
    if not said["plan"]["changes"]:
        shown += ["", "Nothing is to be changed."]
    return shown


def change_in_words(change: dict[str, Any]) -> str:
    """A change with what it is about: of many accounts the first few."""
    about = []
    for name, value in change.items():
        if name == "change":
            continue
        if name == "accounts":
            value = [it["account_id"] for it in value]
        if isinstance(value, list):
            more = f" and {len(value) - 10} more" if len(value) > 10 else ""
            value = ", ".join(map(str, value[:10])) + more
        about.append(json.dumps(value) if isinstance(value, (dict, bool)) else str(value))
    return " ".join([change["change"], *about])


TAKES = "This takes lambda:InvokeFunction of the stack's keep-graph"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mode", default="plan", choices=["plan", "apply"], help="whether anything is changed")
    parser.add_argument("--environment", default="prod", help="as samconfig.toml has it: prod or dev")
    parser.add_argument("--name", default="", help="another graph stack than that environment's")
    arguments = parser.parse_args()
    try:
        name, session = stack_of("graph", arguments.environment, arguments.name)
        print("\n".join(lines(invoke(name, session, arguments.mode))))
    except KeyboardInterrupt:
        fail("no longer waited for; the run goes on")
    except (Trouble, BotoCoreError, ClientError) as error:
        fail(mend(error, TAKES))


def fail(why: str) -> NoReturn:
    print(f"keep-graph: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
