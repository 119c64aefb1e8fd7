"""The project's state machine and scripted paths, checked by infra/verify with a local interpreter in place of AWS."""

import copy
import json
import unittest
from collections.abc import Iterator
from typing import Any

from tests import test_verify_states
from tests.interpreter import Interpreter
from tests.template import ROOT, template
from verify import paths, states
from verify.paths import StateCase
from verify.render import substituted
from verify.report import Outcome, Result

PATHS = ROOT / "tests/fixtures/paths"


def refuted(definition: dict[str, Any], cases: list[StateCase]) -> list[Result]:
    rows = states.check(Interpreter(), json.dumps(definition), cases)
    return [row for row in rows if row.outcome is Outcome.NOT_CONFIRMED]


def redirected(state: dict[str, Any], to: str) -> Iterator[dict[str, Any]]:
    """The state with one of its transitions changed to another target, for each of them."""
    for name in ("Next", "Default"):
        if name in state:
            yield {**state, name: to}
    for clause in ("Choices", "Catch"):
        for index in range(len(state.get(clause, []))):
            changed = copy.deepcopy(state)
            changed[clause][index]["Next"] = to
            yield changed


class Example(unittest.TestCase):
    """The small machine of test_verify_states, to show that the interpreter behaves as recorded."""

    def test_interpreter_confirms_correct_states_only(self) -> None:
        definition = json.loads(substituted(json.dumps(test_verify_states.DEFINITION), {"PollArn": test_verify_states.ARN}))
        cases = test_verify_states.asked(test_verify_states.SCRIPTED)
        self.assertEqual(refuted(definition, cases), [])
        for state, field, value in (("Ended?", "Default", "Finish"), ("Refuse", "Cause", "{% $case.other %}"),
                                    ("Poll", "Assign", {"ended": "{% $not($states.result.Payload.ended) %}"}),
                                    ("Poll", "Retry", []), ("Poll", "Arguments", {"FunctionName": "another"})):
            changed = copy.deepcopy(definition)
            changed["States"][state][field] = value
            self.assertTrue(refuted(changed, cases), f"{state}: {field}")


class CaseStateMachine(unittest.TestCase):
    definition: dict[str, Any]
    cases: list[StateCase]

    @classmethod
    def setUpClass(cls) -> None:
        properties = template()["Resources"]["CaseStateMachine"]["Properties"]
        names = {name: f"arn-of-{name}" for name in properties["DefinitionSubstitutions"]}
        text = (ROOT / "infra/case" / properties["DefinitionUri"]).read_text(encoding="utf-8")
        cls.definition = json.loads(substituted(text, names))
        cls.cases = paths.cases(paths.load(PATHS), cls.definition, names)

    def test_all_paths_are_confirmed(self) -> None:
        self.assertEqual(refuted(self.definition, self.cases), [])
        beyond = {it.state for it in self.cases if states.reason_not_testable(it, self.definition["States"][it.state])}
        self.assertLessEqual(beyond, {self.definition["StartAt"]}, "what TestState cannot be asked")
        self.assertGreater(len(self.cases), 100)

    def test_every_changed_transition_is_reported(self) -> None:
        begin = self.definition["StartAt"]
        for name, state in self.definition["States"].items():
            about = [it for it in self.cases if it.state == name and not states.reason_not_testable(it, state)]
            if name == begin:
                continue  # TestState cannot be asked about it
            self.assertEqual(refuted({**self.definition, "States": {name: state}}, about), [])
            for changed in redirected(state, begin):
                with self.subTest(state=changed):
                    machine = {**self.definition, "States": {name: changed}}
                    self.assertTrue(refuted(machine, about))

    def test_every_request_matches_the_service_model(self) -> None:
        """botocore validates the requests and the responses against the service's model."""
        tried = [it for it in self.cases if not states.reason_not_testable(it, self.definition["States"][it.state])]
        rows = test_verify_states.verified(self.definition, self.cases, [test_verify_states.recorded(it) for it in tried])
        self.assertEqual([row for row in rows if row.outcome is Outcome.NOT_CONFIRMED], [])


if __name__ == "__main__":
    unittest.main()
