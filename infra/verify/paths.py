"""The scripted paths through the state machine (tests/fixtures/paths), as test cases of one state each.

A path has its states in the order in which they are entered, with each task's result and the variables that each state assigns.
The variables before a state are those that all earlier states have assigned.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deployed import ToolError
from verify.render import substituted

# The longest Wait that is tested, as TestState may wait as long. Of each Wait state the shortest wait is tested.
WAIT_SECONDS_MAX = 60

# Attempts of a retrier that has no MaxAttempts (States Language, Retry).
ATTEMPTS = 3


@dataclasses.dataclass(frozen=True)
class StateCase:
    """One state with its input, and the expected result."""

    state: str
    # The path and the number of the step in it, for people.
    source: str
    input: Any
    variables: dict[str, Any]
    context: dict[str, Any]
    # A task's mocked response, `result` or `errorOutput`; None for other states.
    mock: dict[str, Any] | None
    # How often the retrier that matches the error has already retried.
    retry_count: int | None
    status: str
    next: str | None
    assigned: dict[str, Any]
    arguments: Any = None
    error: tuple[str, str] | None = None
    # How long a Wait state waits.
    seconds: float | None = None

    def identity(self, state: Mapping[str, Any]) -> str:
        """Identifies the case: the values that the state reads, and the expected result."""
        text = json.dumps(state)
        read = {name: value for name, value in self.variables.items() if f"${name}" in text}
        context = self.context if "$states.context" in text else None
        return json.dumps([self.state, read, context, self.mock, self.retry_count, self.status, self.next, self.assigned], sort_keys=True)


def load(folder: Path) -> dict[str, dict[str, Any]]:
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    if not found:
        raise ToolError(f"{folder} contains no scripted paths")
    return found


def cases(paths: Mapping[str, dict[str, Any]], definition: Mapping[str, Any], substitutions: Mapping[str, str]) -> list[StateCase]:
    """Every case once, in the order of the paths."""
    every: dict[str, StateCase] = {}
    for name, path in paths.items():
        for case in cases_of_path(name, json.loads(substituted(json.dumps(path), substitutions)), definition["States"]):
            every.setdefault(case.identity(definition["States"][case.state]), case)
    waits: dict[str, StateCase] = {}
    for it in every.values():
        if it.seconds is not None and (it.state not in waits or it.seconds < (waits[it.state].seconds or 0)):
            waits[it.state] = it
    return [it for it in every.values() if it.seconds is None or waits[it.state] is it]


def cases_of_path(name: str, path: dict[str, Any], states: Mapping[str, Any]) -> Iterator[StateCase]:
    execution = path["execution"]
    context = {"Execution": {"Input": execution["input"], "Name": execution["name"], "StartTime": "2026-01-01T00:00:00.000Z"}}
    variables: dict[str, Any] = {}
    for number, step in enumerate(path["steps"]):
        if step["state"] not in states:
            raise ToolError(f"path {name} has a state {step['state']}, which is not in the definition")
        state = states[step["state"]]
        # The variables that a path begins with are in the first step's values, but the first state does not assign them.
        real = {key: value for key, value in step.get("assigned", {}).items() if number or key not in path.get("begins_with", {})}
        shown = {**step, "assigned": real}
        common = {"state": step["state"], "source": f"{name}, step {number}", "context": context, "variables": dict(variables),
                  "input": execution["input"] if number == 0 else {}, "arguments": step.get("arguments")}
        attempts = step.get("attempts", [None])
        for index, attempt in enumerate(attempts):
            last = index == len(attempts) - 1
            yield StateCase(**common, **expected(state, shown, attempts[:index], attempt, last, path["ends"]))
        variables |= step.get("assigned", {})


def expected(state: Mapping[str, Any], step: dict[str, Any], before: list[Any], attempt: dict[str, Any] | None, last: bool,
             ends: dict[str, Any]) -> dict[str, Any]:
    """The mocked response of a state, and the expected result."""
    follows = {"next": step.get("next"), "assigned": step.get("assigned", {})}
    if attempt is None:
        failed = state["Type"] == "Fail"
        error = (ends["error"], ends["cause"]) if failed else None
        return {**follows, "mock": None, "retry_count": None, "status": "FAILED" if failed else "SUCCEEDED", "error": error,
                "seconds": step.get("seconds")}
    if "result" in attempt:
        return {**follows, "mock": {"result": attempt["result"]}, "retry_count": None, "status": "SUCCEEDED"}
    error = (attempt["error"], attempt.get("cause", ""))
    mock = {"errorOutput": {"error": error[0], "cause": error[1]}}
    retrier = matching(state.get("Retry", []), error[0])
    if not last:
        count = sum("error" in it and matching(state.get("Retry", []), it["error"]) is retrier for it in before)
        return {"next": None, "assigned": {}, "mock": mock, "retry_count": count, "status": "RETRIABLE", "error": error}
    retried = retrier.get("MaxAttempts", ATTEMPTS) if retrier else None
    status = "CAUGHT_ERROR" if "next" in step else "FAILED"
    return {**follows, "mock": mock, "retry_count": retried, "status": status, "error": error}


def matching(clauses: list[dict[str, Any]], error: str) -> dict[str, Any] | None:
    """The first retrier or catcher that matches the error, including by States.ALL and States.TaskFailed."""
    for clause in clauses:
        names = clause["ErrorEquals"]
        if error in names or "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout"):
            return clause
    return None
