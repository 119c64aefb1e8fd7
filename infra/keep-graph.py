"""Invokes keep-graph of the graph stack and prints its report.

    keep-graph.py --mode plan|apply --environment prod [--name NAME]

Called by `make graph-plan` and `make graph-apply`. The graph stack is that of the environment in samconfig.toml, with the Region and
profile there, if any.
"""

import argparse
import json
import sys
from typing import Any, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployed import ToolError, explain_error, stack_of

# The function's timeout is 300 seconds.
READ_TIMEOUT_SECONDS = 330
MAX_ENTRIES = 50


def invoke(stack: str, session: Any, mode: str) -> dict[str, Any]:
    """The function's output."""
    client = session.client("lambda", config=Config(retries={"max_attempts": 0}, connect_timeout=10,
                                                    read_timeout=READ_TIMEOUT_SECONDS))
    name = f"{stack}-keep-graph"
    try:
        response = client.invoke(FunctionName=name, Payload=json.dumps({"mode": mode}))
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            raise ToolError(f"there is no function {name} in {client.meta.region_name} for these credentials; deploy the graph "
                          "stack (make deploy STACK=graph), or set its name (NAME=name)") from error
        raise
    output = json.loads(response["Payload"].read())
    if response.get("FunctionError"):
        raise ToolError(f"{output.get('errorType', 'keep-graph failed')}: {output.get('errorMessage', output)}")
    return output


def format_report(output: dict[str, Any]) -> list[str]:
    """The lines that are printed."""
    shown = [f"Behavior graph {output['graph_arn'] or '(none)'}"]
    health = output["health"]
    shown.append(f"{health['members_enabled']} of {health['members']} members send data")
    parts = [
        ("ISSUES", output["ailments"]),
        ("PLAN", [describe_change(change) for change in output["plan"]["changes"]]),
        ("SKIPPED", [f"{it['what']}: {it['why']}" for it in output["plan"]["withheld"]]),
        ("DONE", output["done"]),
        ("FAILED", [f"{it['what']}: {it['why']}" for it in output["failed"]]),
    ]
    for title, entries in parts:
        if entries:
            shown += ["", title, *(f"  {entry}" for entry in entries[:MAX_ENTRIES])]
            if len(entries) > MAX_ENTRIES:
                shown.append(f"  and {len(entries) - MAX_ENTRIES} more")
    if not output["plan"]["changes"]:
        shown += ["", "There is nothing to change."]
    return shown


def describe_change(change: dict[str, Any]) -> str:
    """A change with its arguments: the first 10 of long lists."""
    arguments = []
    for name, value in change.items():
        if name == "change":
            continue
        if name == "accounts":
            value = [it["account_id"] for it in value]
        if isinstance(value, list):
            more = f" and {len(value) - 10} more" if len(value) > 10 else ""
            value = ", ".join(map(str, value[:10])) + more
        arguments.append(json.dumps(value) if isinstance(value, (dict, bool)) else str(value))
    return " ".join([change["change"], *arguments])


REQUIRED_PERMISSIONS = "This needs lambda:InvokeFunction for the stack's keep-graph"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mode", default="plan", choices=["plan", "apply"], help="plan changes nothing")
    parser.add_argument("--environment", default="prod", help="an environment of samconfig.toml: prod or dev")
    parser.add_argument("--name", default="", help="the graph stack's name, if it is not that of the environment")
    arguments = parser.parse_args()
    try:
        name, session = stack_of("graph", arguments.environment, arguments.name)
        print("\n".join(format_report(invoke(name, session, arguments.mode))))
    except KeyboardInterrupt:
        fail("stopped waiting; the run continues")
    except (ToolError, BotoCoreError, ClientError) as error:
        fail(explain_error(error, REQUIRED_PERMISSIONS))


def fail(why: str) -> NoReturn:
    print(f"keep-graph: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
