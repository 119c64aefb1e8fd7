"""infra/verify on roles and templates, with recorded responses of IAM and CloudFormation."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import boto3
from botocore.stub import Stubber
from samcli.yamlhelper import yaml_parse

from deployed import ToolError
from tests.template import ROOT
from verify import policies, templates
from verify.context import UnsupportedCondition, matching_context, failing_contexts
from verify.policies import PolicyCase
from verify.render import StackLocation, RenderedTemplate, rendered_definition
from verify.report import Outcome, Result, all_confirmed, table

PLACE = StackLocation("aws", "us-east-1", "123456789012", "gumshoe")
STACK = RenderedTemplate(ROOT / "infra/case/template.yaml", PLACE, {})
GRAPH = RenderedTemplate(ROOT / "infra/graph/template.yaml", PLACE, {})


def client(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def written(text: str) -> RenderedTemplate:
    """A template of that text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "try.yaml"
        path.write_text(text, encoding="utf-8")
        return RenderedTemplate(path, PLACE, {"Given": "value"})


class Rendering(unittest.TestCase):
    def test_functions_are_resolved_as_by_cloudformation(self) -> None:
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

    def test_unsupported_parts_are_reported(self) -> None:
        with self.assertRaisesRegex(ToolError, "Fn::Cidr"):
            written("{Resources: {It: {Type: Try, Properties: {A: !Cidr [a, 1]}}}}").resources("Try")
        with self.assertRaisesRegex(ToolError, "requires Another"):
            written("{Parameters: {Another: {Type: String}}, Resources: {}}")
        with self.assertRaisesRegex(ToolError, "refers to Another"):
            written("{Resources: {It: {Type: Try, Properties: {A: !Ref Another}}}}").resources("Try")
        with self.assertRaisesRegex(ToolError, "the ARN of a resource of type Other"):
            written("{Resources: {O: {Type: Other}, It: {Type: Try, Properties: {A: !GetAtt O.Arn}}}}").resources("Try")

    def test_definition_is_rendered_completely(self) -> None:
        text = rendered_definition(STACK)
        self.assertNotIn("${", text)
        self.assertIn("arn:aws:lambda:us-east-1:123456789012:function:gumshoe-assess-case", text)
        self.assertTrue(json.loads(text)["States"])

    def test_every_conditional_role_is_rendered(self) -> None:
        for template in (STACK, GRAPH):
            declared = [name for name, it in template.document["Resources"].items() if it["Type"] == "AWS::IAM::Role"]
            self.assertEqual(sorted(template.resources("AWS::IAM::Role")), sorted(declared))


class Contexts(unittest.TestCase):
    def value(self, operator: str, values: Any) -> tuple[str, str, str]:
        """A value that satisfies a condition, its type, and one that fails it."""
        met, failed = matching_context({operator: {"k:k": values}}, PLACE), failing_contexts({operator: {"k:k": values}}, PLACE)
        self.assertEqual((len(met), len(failed)), (1, 1))
        return met[0]["ContextKeyValues"][0], met[0]["ContextKeyType"], failed[0][1][0]["ContextKeyValues"][0]

    def test_values_satisfy_the_operator_or_fail_it(self) -> None:
        self.assertEqual(self.value("StringEquals", ["a", "b"]), ("a", "string", "other"))
        self.assertEqual(self.value("StringNotEquals", "a"), ("other", "string", "a"))
        self.assertEqual(self.value("ForAllValues:StringLike", "relay/*"), ("relay/example", "stringList", "other"))
        self.assertEqual(self.value("Bool", "false"), ("false", "boolean", "true"))
        self.assertEqual(self.value("ArnLike", "arn:aws:iam::1:role/*")[0], "arn:aws:iam::1:role/example")
        self.assertEqual(self.value("StringEqualsIfExists", "a")[0], "a")
        with self.assertRaises(UnsupportedCondition):
            matching_context({"NumericLessThan": {"k:k": "1"}}, PLACE)

    def test_each_context_fails_one_key(self) -> None:
        conditions = {"StringEquals": {"a:a": "1", "b:b": "2"}, "Bool": {"c:c": "true"}}
        values = [(key, [it["ContextKeyValues"][0] for it in entries]) for key, entries in failing_contexts(conditions, PLACE)]
        self.assertEqual(values, [("a:a", ["other", "2", "true"]), ("b:b", ["1", "other", "true"]), ("c:c", ["1", "2", "false"])])

    def test_null_operator_requires_or_forbids_a_key(self) -> None:
        conditions = {"Null": {"a:a": "false"}, "ForAllValues:StringEquals": {"a:a": "1", "b:b": "2"}}
        keys = [(key, [(it["ContextKeyName"], it["ContextKeyValues"]) for it in entries]) for key, entries in failing_contexts(conditions, PLACE)]
        self.assertEqual(keys, [("a:a", [("b:b", ["2"])]), ("a:a", [("a:a", ["other"]), ("b:b", ["2"])]),
                                ("b:b", [("a:a", ["1"]), ("b:b", ["other"])])])
        self.assertEqual([it["ContextKeyName"] for it in matching_context(conditions, PLACE)], ["a:a", "b:b"])
        self.assertEqual(matching_context({"Null": {"a:a": "true"}}, PLACE), ())
        self.assertEqual(failing_contexts({"Null": {"a:a": "true"}}, PLACE)[0][1][0]["ContextKeyValues"], ["example"])


class Policies(unittest.TestCase):
    def setUp(self) -> None:
        self.cases = [it for it in policies.cases(STACK) if isinstance(it, PolicyCase)]

    def answer(self, case: PolicyCase, changed: str = "") -> dict[str, Any]:
        """The expected response of IAM, with another decision on the first action if one is given."""
        decisions = [case.expected] * len(case.actions)
        decisions[0] = changed or decisions[0]
        return {"EvaluationResults": [{"EvalActionName": action, "EvalResourceName": case.resource, "EvalDecision": decision,
                                       "MissingContextValues": ["aws:Missing"] if changed else []}
                                      for action, decision in zip(case.actions, decisions, strict=True)]}

    def test_every_action_of_every_role_is_simulated(self) -> None:
        self.assertEqual([it for it in policies.cases(STACK) if isinstance(it, Result)], [], "every condition is known")
        for name, role in STACK.resources("AWS::IAM::Role").items():
            allowed = {action for it in self.cases if it.role == name and it.expected == "allowed" for action in it.actions}
            self.assertEqual(allowed, policies.actions_of(policies.documents_of(role)), name)
            denied = {action for it in self.cases if it.role == name and not it.context and it.expected == "implicitDeny"
                      for action in it.actions}
            self.assertEqual(len(denied), 2)
            self.assertIn(policies.FORBIDDEN_ACTION, denied)
            self.assertFalse(denied & allowed, name)
        of_graph = [it for it in policies.cases(GRAPH) if isinstance(it, PolicyCase)]
        asked = {action for it in of_graph if it.expected == "allowed" for action in it.actions}
        self.assertLessEqual({"detective:DeleteGraph", "detective:CreateMembers", "sts:AssumeRole", "kms:Decrypt"}, asked)
        self.assertIn("arn:aws:dynamodb:us-east-1:123456789012:table/gumshoe-Cases-EXAMPLE", {it.resource for it in of_graph})
        failing = [it for it in self.cases if it.context and it.expected == "implicitDeny"]
        self.assertTrue({"aws:RequestedRegion", "dynamodb:LeadingKeys"} <= {key["ContextKeyName"] for it in failing for key in it.context})
        self.assertFalse([it.resource for it in self.cases if "*" in it.resource and it.resource != "*"])

    def test_decisions_are_compared_with_the_expected_ones(self) -> None:
        for changed, outcome in (("", Outcome.CONFIRMED), ("explicitDeny", Outcome.NOT_CONFIRMED)):
            iam = client("iam")
            with Stubber(iam) as stubber:
                for case in self.cases:
                    stubber.add_response("simulate_custom_policy", self.answer(case, changed), {
                        "PolicyInputList": list(case.policies), "ActionNames": list(case.actions),
                        "ResourceArns": [case.resource], "ContextEntries": list(case.context)})
                rows = list(policies.check(iam, STACK))
                stubber.assert_no_pending_responses()
            self.assertEqual(len(rows), sum(len(it.actions) for it in self.cases))
            self.assertEqual(sum(row.outcome is outcome for row in rows), len(self.cases) if changed else len(rows))
            self.assertEqual(all_confirmed(rows), not changed)
        self.assertIn("saw explicitDeny; missing context keys: ['aws:Missing']", table(rows))

    def test_deny_statement_is_expected_to_deny(self) -> None:
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
        found = list(policies.cases(template))
        self.assertEqual([(it.resource, it.expected) for it in found if isinstance(it, PolicyCase)], [
            ("arn:aws:s3:::b/example", "allowed"), ("arn:aws:s3:::b/c/example", "explicitDeny"), ("*", "implicitDeny")])
        self.assertEqual([it.outcome for it in found if isinstance(it, Result)], [Outcome.SKIPPED])


class Templates(unittest.TestCase):
    def verdict(self, template: RenderedTemplate, answer: dict[str, Any]) -> Result:
        cloudformation = client("cloudformation")
        with Stubber(cloudformation) as stubber:
            stubber.add_response("validate_template", answer)
            return templates.check(cloudformation, template)

    def test_template_is_confirmed_by_its_parameters(self) -> None:
        member = RenderedTemplate(ROOT / "infra/graph/member.yaml", PLACE, {})
        answer = {"Parameters": [{"ParameterKey": name} for name in member.values], "Capabilities": ["CAPABILITY_IAM"]}
        self.assertIs(self.verdict(member, answer).outcome, Outcome.CONFIRMED)
        answer["Parameters"].pop()
        self.assertIs(self.verdict(member, answer).outcome, Outcome.NOT_CONFIRMED)

    def test_shorter_forms_are_equivalent(self) -> None:
        self.assertGreater(len(templates.sections(STACK.document)), 40_000)
        self.assertEqual(yaml_parse(templates.sections(STACK.document)), STACK.document)
        tricky = {"a: b": "yes", "n": "1", "date": "2010-09-09", "list": [1, True, None, "", "- x", "!Ref x", "#"],
                  "if": {"Fn::If": ["One", {"Fn::Sub": "${A}: {b}, [c]"}, {"Ref": "AWS::NoValue"}]}, "att": {"Fn::GetAtt": ["A", "B.C"]}}
        self.assertEqual(yaml_parse(templates.compact(tricky)), tricky)

    def test_case_template_without_prose_fits_into_a_request(self) -> None:
        bodies = [body for body, _ in templates.request_bodies(STACK)]
        self.assertGreater(len(bodies[0].encode()), templates.BODY_BYTES)
        self.assertLessEqual(len(bodies[-1].encode()), templates.BODY_BYTES, "or say in docs/CONFIGURATION.md that it is not tried")
        shown = yaml_parse(bodies[-1])
        self.assertEqual(set(shown["Resources"]), set(STACK.document["Resources"]))
        for name, parameter in STACK.document["Parameters"].items():
            self.assertLessEqual(set(parameter) - set(shown["Parameters"][name]), {"Description", "ConstraintDescription"})

    def test_template_that_is_too_large_is_skipped(self) -> None:
        large = written("Resources: {It: {Type: Try, Properties: {A: " + "a" * templates.BODY_BYTES + "}}}")
        large.path = ROOT / "infra/case/template.yaml"
        row = templates.check(client("cloudformation"), large)
        self.assertIs(row.outcome, Outcome.SKIPPED)
        self.assertIn("ValidateTemplate accepts 51,200", row.detail)


if __name__ == "__main__":
    unittest.main()
