"""The project's own state machine and scripted paths, as infra/verify asks about them, answered by an interpreter of its own."""

import copy
import json
import unittest
from collections.abc import Iterator
from typing import Any

from tests import test_verify_states
from tests.interpreter import Interpreter
from tests.template import ROOT, template
from verify import paths, states
from verify.paths import Question
from verify.render import substituted
from verify.report import Outcome, Row

PATHS = ROOT / "tests/fixtures/paths"


def refuted(definition: dict[str, Any], questions: list[Question]) -> list[Row]:
    rows = states.check(Interpreter(), json.dumps(definition), questions)
    return [row for row in rows if row.outcome is Outcome.NOT_CONFIRMED]


def redirected(state: dict[str, Any], to: str) -> Iterator[dict[str, Any]]:
    """The state with one of its transitions leading elsewhere, for each of them."""
    for name in ("Next", "Default"):
        if name in state:
            yield {**state, name: to}
    for clause in ("Choices", "Catch"):
        for index in range(len(state.get(clause, []))):
            changed = copy.deepcopy(state)
            changed[clause][index]["Next"] = to
            yield changed


class Example(unittest.TestCase):
    """The small machine of test_verify_states, to know that the interpreter answers as recorded."""

    def test_the_interpreter_confirms_what_is_so_and_nothing_else(self) -> None:
        definition = json.loads(substituted(json.dumps(test_verify_states.DEFINITION), {"LookArn": test_verify_states.ARN}))
        questions = test_verify_states.asked(test_verify_states.SCRIPTED)
        self.assertEqual(refuted(definition, questions), [])
        for state, field, value in (("Ended?", "Default", "Finish"), ("Refuse", "Cause", "{% $case.other %}"),
                                    ("Look", "Assign", {"ended": "{% $not($states.result.Payload.ended) %}"}),
                                    ("Look", "Retry", []), ("Look", "Arguments", {"FunctionName": "another"})):
            changed = copy.deepcopy(definition)
            changed["States"][state][field] = value
            self.assertTrue(refuted(changed, questions), f"{state}: {field}")


class TheCaseStateMachine(unittest.TestCase):
    definition: dict[str, Any]
    questions: list[Question]

    @classmethod
    def setUpClass(cls) -> None:
        properties = template()["Resources"]["CaseStateMachine"]["Properties"]
        names = {name: f"arn-of-{name}" for name in properties["DefinitionSubstitutions"]}
        text = (ROOT / "infra/case" / properties["DefinitionUri"]).read_text(encoding="utf-8")
        cls.definition = json.loads(substituted(text, names))
        cls.questions = paths.questions(paths.load(PATHS), cls.definition, names)

    def test_the_paths_are_confirmed_state_by_state(self) -> None:
        self.assertEqual(refuted(self.definition, self.questions), [])
        beyond = {it.state for it in self.questions if states.beyond(it, self.definition["States"][it.state])}
        self.assertLessEqual(beyond, {self.definition["StartAt"]}, "what TestState cannot be asked")
        self.assertGreater(len(self.questions), 100)

    def test_every_transition_that_leads_elsewhere_is_noticed(self) -> None:
        begin = self.definition["StartAt"]
        for name, state in self.definition["States"].items():
            about = [it for it in self.questions if it.state == name and not states.beyond(it, state)]
            if name == begin:
                continue  # TestState cannot be asked about it
            self.assertEqual(refuted({**self.definition, "States": {name: state}}, about), [])
            for changed in redirected(state, begin):
                with self.subTest(state=changed):
                    machine = {**self.definition, "States": {name: changed}}
                    self.assertTrue(refuted(machine, about))

    def test_every_question_is_one_that_the_service_takes(self) -> None:
        """botocore holds the requests and the answers against the service's model."""
        tried = [it for it in self.questions if not states.beyond(it, self.definition["States"][it.state])]
        rows = test_verify_states.verified(self.definition, self.questions, [test_verify_states.recorded(it) for it in tried])
        self.assertEqual([row for row in rows if row.outcome is Outcome.NOT_CONFIRMED], [])


if __name__ == "__main__":
    unittest.main()
