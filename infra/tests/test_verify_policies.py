"""infra/verify on roles and templates, with recorded answers of IAM and CloudFormation."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import boto3
from botocore.stub import Stubber
from samcli.yamlhelper import yaml_parse

from deployed import Trouble
from tests.template import ROOT
from verify import policies, templates
from verify.context import Unknown, meeting, missing
from verify.policies import Question
from verify.render import Place, Template, definition
from verify.report import Outcome, Row, succeeded, table

PLACE = Place("aws", "us-east-1", "123456789012", "gumshoe")
STACK = Template(ROOT / "infra/case/template.yaml", PLACE, {})
GRAPH = Template(ROOT / "infra/graph/template.yaml", PLACE, {})


def client(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def written(text: str) -> Template:
    """A template of that text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "try.yaml"
        path.write_text(text, encoding="utf-8")
        return Template(path, PLACE, {"Given": "value"})


class Rendering(unittest.TestCase):
    def test_functions_are_resolved_as_cloudformation_does(self) -> None:
        template = written("""
Parameters: {Given: {Type: String}, Empty: {Type: String, Default: ""}, Regions: {Type: String, Default: "a,b"}}
Conditions:
  HasEmpty: !Not [!Equals [!Ref Empty, ""]]
  Both: !And [!Condition HasGiven, !Not [!Condition HasEmpty]]
  HasGiven: !Or [!Equals [!Ref Given, value], !Equals [a, b]]
Resources:
  Queue: {Type: "AWS::SQS::Queue"}
  Topic: {Type: "AWS::SNS::Topic"}
  Unmade: {Type: "Try::It", Condition: HasEmpty}
  It:
    Type: Try::It
    Condition: Both
    Properties:
      Sub: !Sub "${AWS::Partition}/${Queue.Arn}/${Given}"
      Named: !Sub ["${One}-${AWS::Region}", {One: !Ref Queue}]
      If: [!If [HasEmpty, one, !Ref AWS::NoValue], !If [Both, two, three]]
      None: !If [HasEmpty, one, !Ref AWS::NoValue]
      Split: !Split [",", !Ref Regions]
      Topic: !Ref Topic
      Select: !Select [1, !Split [",", !Ref Regions]]
      Join: !Join ["-", [x, !Ref AWS::AccountId]]
""")
        self.assertEqual(template.resources("Try::It"), {"It": {
            "Sub": "aws/arn:aws:sqs:us-east-1:123456789012:gumshoe-Queue/value", "Named": "gumshoe-Queue-us-east-1", "If": ["two"],
            "Split": ["a", "b"], "Topic": "arn:aws:sns:us-east-1:123456789012:gumshoe-Topic", "Select": "b",
            "Join": "x-123456789012"}})

    def test_what_is_not_known_is_named(self) -> None:
        with self.assertRaisesRegex(Trouble, "Fn::Cidr"):
            written("{Resources: {It: {Type: Try, Properties: {A: !Cidr [a, 1]}}}}").resources("Try")
        with self.assertRaisesRegex(Trouble, "asks for Another"):
            written("{Parameters: {Another: {Type: String}}, Resources: {}}")
        with self.assertRaisesRegex(Trouble, "refers to Another"):
            written("{Resources: {It: {Type: Try, Properties: {A: !Ref Another}}}}").resources("Try")
        with self.assertRaisesRegex(Trouble, "the ARN of a Other"):
            written("{Resources: {O: {Type: Other}, It: {Type: Try, Properties: {A: !GetAtt O.Arn}}}}").resources("Try")

    def test_the_definition_is_rendered_whole(self) -> None:
        text = definition(STACK)
        self.assertNotIn("${", text)
        self.assertIn("arn:aws:lambda:us-east-1:123456789012:function:gumshoe-assess-case", text)
        self.assertTrue(json.loads(text)["States"])

    def test_every_conditional_role_is_rendered(self) -> None:
        for template in (STACK, GRAPH):
            declared = [name for name, it in template.document["Resources"].items() if it["Type"] == "AWS::IAM::Role"]
            self.assertEqual(sorted(template.resources("AWS::IAM::Role")), sorted(declared))


class Contexts(unittest.TestCase):
    def value(self, operator: str, values: Any) -> tuple[str, str, str]:
        """A value that meets a condition, its type, and one that does not."""
        met, failed = meeting({operator: {"k:k": values}}, PLACE), missing({operator: {"k:k": values}}, PLACE)
        self.assertEqual((len(met), len(failed)), (1, 1))
        return met[0]["ContextKeyValues"][0], met[0]["ContextKeyType"], failed[0][1][0]["ContextKeyValues"][0]

    def test_values_meet_the_operator_or_fail_it(self) -> None:
        self.assertEqual(self.value("StringEquals", ["a", "b"]), ("a", "string", "other"))
        self.assertEqual(self.value("StringNotEquals", "a"), ("other", "string", "a"))
        self.assertEqual(self.value("ForAllValues:StringLike", "relay/*"), ("relay/example", "stringList", "other"))
        self.assertEqual(self.value("Bool", "false"), ("false", "boolean", "true"))
        self.assertEqual(self.value("ArnLike", "arn:aws:iam::1:role/*")[0], "arn:aws:iam::1:role/example")
        self.assertEqual(self.value("StringEqualsIfExists", "a")[0], "a")
        with self.assertRaises(Unknown):
            meeting({"NumericLessThan": {"k:k": "1"}}, PLACE)

    def test_of_several_keys_one_fails_at_a_time(self) -> None:
        conditions = {"StringEquals": {"a:a": "1", "b:b": "2"}, "Bool": {"c:c": "true"}}
        values = [(key, [it["ContextKeyValues"][0] for it in entries]) for key, entries in missing(conditions, PLACE)]
        self.assertEqual(values, [("a:a", ["other", "2", "true"]), ("b:b", ["1", "other", "true"]), ("c:c", ["1", "2", "false"])])

    def test_a_key_that_has_to_be_there_or_not_is_there_or_not(self) -> None:
        conditions = {"Null": {"a:a": "false"}, "ForAllValues:StringEquals": {"a:a": "1", "b:b": "2"}}
        keys = [(key, [(it["ContextKeyName"], it["ContextKeyValues"]) for it in entries]) for key, entries in missing(conditions, PLACE)]
        self.assertEqual(keys, [("a:a", [("b:b", ["2"])]), ("a:a", [("a:a", ["other"]), ("b:b", ["2"])]),
                                ("b:b", [("a:a", ["1"]), ("b:b", ["other"])])])
        self.assertEqual([it["ContextKeyName"] for it in meeting(conditions, PLACE)], ["a:a", "b:b"])
        self.assertEqual(meeting({"Null": {"a:a": "true"}}, PLACE), ())
        self.assertEqual(missing({"Null": {"a:a": "true"}}, PLACE)[0][1][0]["ContextKeyValues"], ["example"])


class Policies(unittest.TestCase):
    def setUp(self) -> None:
        self.questions = [it for it in policies.questions(STACK) if isinstance(it, Question)]

    def answer(self, question: Question, changed: str = "") -> dict[str, Any]:
        """What IAM answers as expected, but for the first action if a decision is given."""
        decisions = [question.expected] * len(question.actions)
        decisions[0] = changed or decisions[0]
        return {"EvaluationResults": [{"EvalActionName": action, "EvalResourceName": question.resource, "EvalDecision": decision,
                                       "MissingContextValues": ["aws:Missing"] if changed else []}
                                      for action, decision in zip(question.actions, decisions, strict=True)]}

    def test_every_action_of_every_role_is_asked_about(self) -> None:
        self.assertEqual([it for it in policies.questions(STACK) if isinstance(it, Row)], [], "every condition is known")
        for name, role in STACK.resources("AWS::IAM::Role").items():
            allowed = {action for it in self.questions if it.role == name and it.expected == "allowed" for action in it.actions}
            self.assertEqual(allowed, policies.actions_of(policies.documents_of(role)), name)
            denied = {action for it in self.questions if it.role == name and not it.context and it.expected == "implicitDeny"
                      for action in it.actions}
            self.assertEqual(len(denied), 2)
            self.assertIn(policies.NEVER, denied)
            self.assertFalse(denied & allowed, name)
        of_graph = [it for it in policies.questions(GRAPH) if isinstance(it, Question)]
        asked = {action for it in of_graph if it.expected == "allowed" for action in it.actions}
        self.assertLessEqual({"detective:DeleteGraph", "detective:CreateMembers", "sts:AssumeRole", "kms:Decrypt"}, asked)
        self.assertIn("arn:aws:dynamodb:us-east-1:123456789012:table/gumshoe-Cases-EXAMPLE", {it.resource for it in of_graph})
        failing = [it for it in self.questions if it.context and it.expected == "implicitDeny"]
        self.assertTrue({"aws:RequestedRegion", "dynamodb:LeadingKeys"} <= {key["ContextKeyName"] for it in failing for key in it.context})
        self.assertFalse([it.resource for it in self.questions if "*" in it.resource and it.resource != "*"])

    def test_decisions_are_held_against_what_is_expected(self) -> None:
        for changed, outcome in (("", Outcome.CONFIRMED), ("explicitDeny", Outcome.NOT_CONFIRMED)):
            iam = client("iam")
            with Stubber(iam) as stubber:
                for question in self.questions:
                    stubber.add_response("simulate_custom_policy", self.answer(question, changed), {
                        "PolicyInputList": list(question.policies), "ActionNames": list(question.actions),
                        "ResourceArns": [question.resource], "ContextEntries": list(question.context)})
                rows = list(policies.check(iam, STACK))
                stubber.assert_no_pending_responses()
            self.assertEqual(len(rows), sum(len(it.actions) for it in self.questions))
            self.assertEqual(sum(row.outcome is outcome for row in rows), len(self.questions) if changed else len(rows))
            self.assertEqual(succeeded(rows), not changed)
        self.assertIn("saw explicitDeny, without ['aws:Missing']", table(rows))

    def test_a_deny_is_expected_to_deny(self) -> None:
        template = written("""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*"}
              - {Effect: Deny, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/c/*", Condition: {Bool: {"aws:SecureTransport": "false"}}}
              - {Effect: Allow, Action: "s3:PutObject", Resource: "*", Condition: {DateLessThan: {"aws:CurrentTime": "2026-01-01"}}}
""")
        found = list(policies.questions(template))
        self.assertEqual([(it.resource, it.expected) for it in found if isinstance(it, Question)], [
            ("arn:aws:s3:::b/example", "allowed"), ("arn:aws:s3:::b/c/example", "explicitDeny"), ("*", "implicitDeny")])
        self.assertEqual([it.outcome for it in found if isinstance(it, Row)], [Outcome.NOT_TRIED])


class Templates(unittest.TestCase):
    def verdict(self, template: Template, answer: dict[str, Any]) -> Row:
        cloudformation = client("cloudformation")
        with Stubber(cloudformation) as stubber:
            stubber.add_response("validate_template", answer)
            return templates.check(cloudformation, template)

    def test_a_template_is_confirmed_by_the_parameters_that_cloudformation_reads(self) -> None:
        member = Template(ROOT / "infra/graph/member.yaml", PLACE, {})
        answer = {"Parameters": [{"ParameterKey": name} for name in member.values], "Capabilities": ["CAPABILITY_IAM"]}
        self.assertIs(self.verdict(member, answer).outcome, Outcome.CONFIRMED)
        answer["Parameters"].pop()
        self.assertIs(self.verdict(member, answer).outcome, Outcome.NOT_CONFIRMED)

    def test_the_shorter_forms_say_the_same(self) -> None:
        self.assertGreater(len(templates.sections(STACK.document)), 40_000)
        self.assertEqual(yaml_parse(templates.sections(STACK.document)), STACK.document)
        tricky = {"a: b": "yes", "n": "1", "date": "2010-09-09", "list": [1, True, None, "", "- x", "!Ref x", "#"],
                  "if": {"Fn::If": ["One", {"Fn::Sub": "${A}: {b}, [c]"}, {"Ref": "AWS::NoValue"}]}, "att": {"Fn::GetAtt": ["A", "B.C"]}}
        self.assertEqual(yaml_parse(templates.compact(tricky)), tricky)

    def test_the_stacks_template_fits_into_a_request_without_its_prose(self) -> None:
        bodies = [body for body, _ in templates.bodies(STACK)]
        self.assertGreater(len(bodies[0].encode()), templates.BODY_BYTES)
        self.assertLessEqual(len(bodies[-1].encode()), templates.BODY_BYTES, "or say in docs/CONFIGURATION.md that it is not tried")
        shown = yaml_parse(bodies[-1])
        self.assertEqual(set(shown["Resources"]), set(STACK.document["Resources"]))
        for name, parameter in STACK.document["Parameters"].items():
            self.assertLessEqual(set(parameter) - set(shown["Parameters"][name]), {"Description", "ConstraintDescription"})

    def test_a_template_that_is_too_large_is_not_tried(self) -> None:
        large = written("Resources: {It: {Type: Try, Properties: {A: " + "a" * templates.BODY_BYTES + "}}}")
        large.path = ROOT / "infra/case/template.yaml"
        row = templates.check(client("cloudformation"), large)
        self.assertIs(row.outcome, Outcome.NOT_TRIED)
        self.assertIn("ValidateTemplate takes 51,200", row.detail)


if __name__ == "__main__":
    unittest.main()
