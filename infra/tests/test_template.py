"""Limits of AWS that the template has to keep, held against the template itself and against botocore."""

import itertools
import json
import re
import unittest
from pathlib import Path

import boto3

import nested
from deployed import KINDS
from tests.template import ROOT, environment, substituted, template
from verify.render import Place, Template

# Characters of names by the property that sets them (API References of Lambda, IAM, CloudWatch Logs and Step Functions).
NAME_LIMITS = {"FunctionName": 64, "RoleName": 64, "LogGroupName": 512, "StateMachineName": 80}

# Characters of a managed policy, without white space (IAM User Guide, Quotas).
MANAGED_POLICY_CHARACTERS = 6144

# Bytes of a function's environment (Lambda Developer Guide, Quotas).
ENVIRONMENT_BYTES = 4096


class Names(unittest.TestCase):
    def test_the_longest_stack_name_is_what_the_longest_suffix_leaves(self) -> None:
        for stack, kind in KINDS.items():
            left = []
            for resource in template(kind.template.removeprefix("infra/"))["Resources"].values():
                for name, limit in NAME_LIMITS.items():
                    value = resource.get("Properties", {}).get(name, {})
                    if "Fn::Sub" in value:
                        left.append(limit - len(substituted(value["Fn::Sub"], "")))
            self.assertGreater(len(left), 7 if stack == "case" else 1)
            self.assertEqual(kind.name_max, min(left), stack)


class Environment(unittest.TestCase):
    def test_no_environment_can_be_larger_than_lambda_takes(self) -> None:
        for kind in KINDS.values():
            document, stack = template(kind.template.removeprefix("infra/")), "s" * kind.name_max
            functions = [(logical_id, it) for logical_id, it in document["Resources"].items()
                         if it["Type"] == "AWS::Serverless::Function"]
            self.assertTrue(functions)
            for logical_id, function in functions:
                with self.subTest(function=logical_id):
                    text = environment(document, function["Properties"]["Environment"]["Variables"], stack)
                    self.assertLessEqual(len(text), ENVIRONMENT_BYTES)

    def test_a_list_that_fills_the_bound_is_still_taken(self) -> None:
        parameters = template()["Parameters"]
        accounts = ",".join(["123456789012"] * 50)
        for name in ("IncludeAccounts", "ExcludeAccounts"):
            self.assertRegex(accounts, parameters[name]["AllowedPattern"])
            self.assertEqual(len(accounts), parameters[name]["MaxLength"])


class Regions(unittest.TestCase):
    """botocore's endpoints say where Detective is."""

    def setUp(self) -> None:
        session = boto3.Session()
        partitions = session.get_available_partitions()
        self.detective = {region for it in partitions for region in session.get_available_regions("detective", it)}
        every = {region for it in partitions for region in session.get_available_regions("sts", it)}
        self.others = {region for region in every | {"us-east-3", "us-east-11"} if region not in self.detective}
        self.parameters = template()["Parameters"]

    def test_the_rule_lists_those_that_have_detective(self) -> None:
        self.assertGreater(len(self.detective), 20)
        assertion = template()["Rules"]["DetectiveIsInTheRegion"]["Assertions"][0]["Assert"]["Fn::Contains"]
        self.assertEqual(assertion[1], {"Ref": "AWS::Region"})
        self.assertEqual(len(assertion[0]), len(set(assertion[0])))
        self.assertEqual(set(assertion[0]), self.detective)

    def test_the_patterns_take_those_regions_and_no_others(self) -> None:
        def takes(name: str, value: str) -> bool:
            return re.fullmatch(self.parameters[name]["AllowedPattern"], value) is not None

        self.assertIn("cn-north-1", self.others)
        for region, expected in itertools.chain(((it, True) for it in self.detective), ((it, False) for it in self.others)):
            with self.subTest(region=region):
                self.assertEqual(takes("InvestigationRegions", region), expected)
                self.assertEqual(takes("InvestigationRegions", f"us-east-1,{region}"), expected)
                self.assertEqual(takes("InvestigationRegions", f"{region},us-east-1"), expected)
                self.assertEqual(takes("GraphArn", f"arn:aws:detective:{region}:123456789012:graph:{'a' * 32}"), expected)
        every = ",".join(sorted(self.detective))
        self.assertTrue(takes("InvestigationRegions", every))
        self.assertLessEqual(len(every), self.parameters["InvestigationRegions"]["MaxLength"])

    def test_no_pattern_takes_an_arn_of_a_partition_without_detective(self) -> None:
        patterns = {(file, name): it["AllowedPattern"] for file in nested.templates()
                    for name, it in nested.whole(file).get("Parameters", {}).items() if "arn:" in it.get("AllowedPattern", "")}
        self.assertGreaterEqual({name for _, name in patterns}, {"GraphArn", "ManagementRoleArn", "RelaySecretArn", "AlarmTopicArn",
                                                                 "AlertTopicArn", "AlertTopicKeyArn", "PublisherRoleArns"})
        for where, pattern in patterns.items():
            self.assertEqual(pattern.count("arn:"), pattern.count("arn:aws(-us-gov)?:"), where)

    def test_a_graph_is_named_by_its_whole_arn(self) -> None:
        pattern = self.parameters["GraphArn"]["AllowedPattern"]
        good = f"arn:aws-us-gov:detective:us-gov-west-1:123456789012:graph:{'0123456789abcdef' * 2}"
        self.assertRegex(good, pattern)
        for old, new in ((":123456789012:", ":12345678901:"), ("graph:", "member:"), ("0123", "GHIJ"), ("-gov-west-1", "")):
            self.assertNotRegex(good.replace(old, new), pattern)


class ManagedPolicies(unittest.TestCase):
    def test_iam_takes_them_with_the_longest_names_and_all_regions(self) -> None:
        place = Place(partition="aws-us-gov", region="ap-southeast-1", account="1" * 12, stack="s" * KINDS["case"].name_max)
        regions = boto3.Session().get_available_regions("detective") + ["us-gov-east-1", "us-gov-west-1"]
        parameters = {"InvestigationRegions": ",".join(regions), "RelaySecretArn": "s" * 600}
        roles = Template(ROOT / "infra/case/template.yaml", place, parameters).resources("AWS::IAM::Role")
        managed = whole_policies(ROOT / "infra/case/rights.yaml")
        lengths = {name: len(json.dumps(policy["PolicyDocument"], separators=(",", ":")))
                   for role in roles.values() for policy in role["Policies"] if (name := policy["PolicyName"]) in managed}
        self.assertEqual(set(lengths), managed)
        for name, length in lengths.items():
            self.assertLess(length, MANAGED_POLICY_CHARACTERS, name)


def whole_policies(path: Path) -> set[str]:
    """The managed policies of a template, by their logical ids."""
    return {name for name, it in nested.whole(path)["Resources"].items() if it["Type"] == nested.POLICY}


class Retention(unittest.TestCase):
    def test_what_people_would_miss_outlives_the_stack_but_not_a_failed_first_creation(self) -> None:
        kept = {logical_id: (it.get("DeletionPolicy"), it.get("UpdateReplacePolicy"))
                for logical_id, it in template()["Resources"].items()}
        for logical_id in ("Cases", "EvidenceBucket"):
            self.assertEqual(kept[logical_id], ("RetainExceptOnCreate", "Retain"), logical_id)
        self.assertNotIn("Retain", [deletion for deletion, _ in kept.values()])

    def test_nothing_of_the_graph_stack_outlives_it(self) -> None:
        """Without its record of what people were notified of, they are notified anew: nothing is lost."""
        policies = {it.get("DeletionPolicy", "Delete") for it in template("graph/template.yaml")["Resources"].values()}
        self.assertEqual(policies, {"Delete"})


if __name__ == "__main__":
    unittest.main()
