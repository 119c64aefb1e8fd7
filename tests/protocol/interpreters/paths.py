"""Runs every scripted path through the state machine with sfnx.testing, and says where it takes another way.

sfnx (PyPI) interprets definitions in JSONata mode by what its authors measured on AWS. The paths are in tests/fixtures/paths; what each
step assigns is not seen from here, but comes out in what later tasks are asked.
"""

import copy
import json
import sys
from pathlib import Path
from typing import Any

from sfnx import testing

PROJECT = Path(__file__).resolve().parents[3]


def beginning(definition: dict[str, Any], begins_with: dict[str, Any]) -> dict[str, Any]:
    """The definition for a path: the first state assigns what the path begins with."""
    changed = copy.deepcopy(definition)
    changed["States"][changed["StartAt"]]["Assign"].update(begins_with)
    return changed


def walk(definition: dict[str, Any], path: dict[str, Any]) -> list[str]:
    """What differs from the path."""
    steps = path["steps"]
    attempts = [(step["state"], attempt) for step in steps for attempt in step.get("attempts", [])]
    asked = [(step["state"], step["arguments"]) for step in steps for _ in step.get("attempts", [])]
    seconds = [step["seconds"] for step in steps if "seconds" in step]
    waited: list[int | None] = []

    def answer(call: testing.Call) -> Any:
        if not attempts:
            raise AssertionError(f"no attempt of {call.state} is scripted")
        state, attempt = attempts.pop(0)
        if state != call.state:
            raise AssertionError(f"an attempt of {state} is scripted, and {call.state} is called")
        if "error" in attempt:
            raise testing.Failure(attempt["error"], attempt["cause"])
        return attempt["result"]

    changed = beginning(definition, path.get("begins_with", {}))
    run = testing.run(
        changed, path["execution"]["input"], answer, on_wait=lambda wait: waited.append(wait.seconds)
    )
    ends = {"status": "SUCCEEDED"}
    if run.error is not None:
        ends = {"status": "FAILED", "error": run.error, "cause": run.cause}
    compared = {
        "states": (list(run.states), [step["state"] for step in steps]),
        "what tasks are asked": ([(call.state, call.arguments) for call in run.calls], asked),
        "waits": (waited, seconds),
        "end": (ends, path["ends"]),
        "attempts left": (attempts, []),
    }
    return [f"{what}: {found}, not {expected}" for what, (found, expected) in compared.items() if found != expected]


def hostile_causes(definition: dict[str, Any]) -> int:
    """The fallback notification stays JSON, in all its parts, whatever the cause is. Gives how many causes were tried."""
    template = definition["States"]["Notify of failure"]["Arguments"]["Message"]
    context = {"Execution": {"Name": "execution"}}
    characters = [*map(chr, range(0x180)), "\u2028", "\ufffe", "\ud800", "\udc00", "\U0001f4a5", '"}', "\\", "\\u0000", "'", "%}"]
    causes = [*characters, "".join(characters), "\U0001f4a5" * 2000, ""]
    for cause in causes:
        case = {"case_id": "c-1", "subject": f"arn:aws:iam::111122223333:role/{cause}"}
        variables = {"case": case, "failure": {"error": f"E{cause}", "cause": cause}}
        message = json.loads(testing.evaluate(template[2:-2], variables, {"context": context}))
        for channel in ("sqs", "lambda", "https", "http"):
            json.loads(message[channel])
        assert all(" " <= it <= "~" or it == "\n" for text in message.values() for it in text), repr(cause)
    return len(causes)


def main() -> int:
    definition = json.loads((PROJECT / "infra/case/case.asl.json").read_text(encoding="utf-8"))
    files = sorted((PROJECT / "tests/fixtures/paths").glob("*.json"))
    problems = []
    for file in files:
        path = json.loads(file.read_text(encoding="utf-8"))
        problems += [f"{file.name}: {problem}" for problem in walk(definition, path)]
    causes = hostile_causes(definition)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(files)} paths, {len(problems)} problems, {causes} causes")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
