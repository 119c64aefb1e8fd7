"""What infra/verify asks about states, answered by an interpreter."""

import copy
import json
import unittest
from typing import Any

from tests import test_verify_states
from tests.interpreter import Interpreter
from verify import states
from verify.paths import Question
from verify.render import substituted
from verify.report import Outcome, Row


def refuted(definition: dict[str, Any], questions: list[Question]) -> list[Row]:
    rows = states.check(Interpreter(), json.dumps(definition), questions)
    return [row for row in rows if row.outcome is Outcome.NOT_CONFIRMED]


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


if __name__ == "__main__":
    unittest.main()
