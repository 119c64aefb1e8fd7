"""The tables of parameters in the documents, and the descriptions in the templates."""

import unittest
from typing import Any
from unittest import mock

import parameters
from deployed import KINDS
from tests.template import ROOT, template

# CloudFormation User Guide, Parameters: Description.
DESCRIPTION_MAX = 4000


class Documents(unittest.TestCase):
    def test_documents_are_up_to_date(self) -> None:
        documents = parameters.rendered_documents()
        self.assertGreaterEqual(set(documents), {ROOT / "docs" / "CONFIGURATION.md", ROOT / "docs" / "GRAPH.md"})
        for path, text in documents.items():
            with self.subTest(document=path.name):
                self.assertEqual(path.read_text(encoding="utf-8"), text, "run `make parameters`")

    def test_every_parameter_is_in_its_table_once(self) -> None:
        for kind in KINDS.values():
            text = (ROOT / kind.document).read_text(encoding="utf-8")
            _, _, rest = text.partition(f"<!-- parameters of {kind.template}: make parameters -->")
            lines = rest.partition("<!-- end of the parameters -->")[0].splitlines()
            for parameter in template(kind.template.removeprefix("infra/"))["Parameters"]:
                self.assertEqual(sum(line.startswith(f"| `{parameter}` |") for line in lines), 1, parameter)

    def test_text_around_a_table_is_not_changed(self) -> None:
        before = "Before.\n<!-- parameters of infra/graph/member.yaml: make parameters -->\nold\n<!-- end of the parameters -->\nAfter.\n"
        text = parameters.render(before, ROOT)
        self.assertTrue(text.startswith("Before.\n<!-- ") and text.endswith(" -->\nAfter.\n"), text)
        self.assertNotIn("old", text)
        self.assertEqual(parameters.render(text, ROOT), text)


class Cells(unittest.TestCase):
    def meaning(self, description: str) -> str:
        return parameters.meaning("Own", {"Description": description}, {"Own": {}, "Other": {}}, ROOT / "docs")

    def test_defaults_are_those_of_the_template_and_of_the_environments(self) -> None:
        self.assertEqual(parameters.default({}, {}), "required")
        self.assertEqual(parameters.default({"Default": ""}, {}), "empty")
        self.assertEqual(parameters.default({"Default": 0}, {}), "0")
        self.assertEqual(parameters.default({"Default": 90}, {"prod": "365"}), "90; 365 in `prod`")
        self.assertEqual(parameters.overridden("case")["LogRetentionDays"], {"prod": "365", "dev": "14"})
        self.assertNotIn("AlertThreshold", parameters.overridden("graph"))

    def test_values_are_a_range_or_choices(self) -> None:
        shown: list[tuple[dict[str, Any], str]] = [
            ({"MinValue": 3, "MaxValue": 720}, "3 to 720"),
            ({"AllowedValues": [0, 1, 2, 3]}, "0 to 3"),
            ({"AllowedValues": ["true", "false"]}, "true, false"),
            ({"AllowedValues": [1, 3, 5, 7, 14, 30, 60, 90, 3653]}, "1, 3, 5, 7 … 3653"),
            ({"AllowedPattern": "^x$"}, ""),
        ]
        for parameter, expected in shown:
            self.assertEqual(parameters.values(parameter), expected)

    def test_a_description_becomes_markdown(self) -> None:
        self.assertEqual(self.meaning("Needed with Other, not Own."), "Needed with `Other`, not Own.")
        self.assertEqual(self.meaning("Such as `a|*`."), "Such as `a\\|*`.")
        self.assertEqual(self.meaning("See docs/CASES.md."), "See [docs/CASES.md](CASES.md).")
        self.assertEqual(self.meaning("See infra/graph/member.yaml."), "See [infra/graph/member.yaml](../infra/graph/member.yaml).")

    def test_markdown_syntax_is_rejected(self) -> None:
        for wrong in ("Policy:*", "a | b", "<b>", "an `unfinished", "docs/NONE.md"):
            with self.subTest(description=wrong), self.assertRaises(parameters.DescriptionError):
                self.meaning(wrong)

    def test_parameter_without_a_group_is_rejected(self) -> None:
        document = template("graph/member.yaml")
        document["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"][0]["Parameters"].remove("Schedule")
        with mock.patch.object(parameters, "yaml_parse", return_value=document):
            with self.assertRaisesRegex(parameters.DescriptionError, "Schedule"):
                parameters.tables("infra/graph/member.yaml", ROOT)


class Descriptions(unittest.TestCase):
    def test_descriptions_are_within_the_limit_of_cloudformation(self) -> None:
        for kind in KINDS.values():
            for parameter, it in template(kind.template.removeprefix("infra/"))["Parameters"].items():
                self.assertLessEqual(len(it["Description"]), DESCRIPTION_MAX, parameter)


if __name__ == "__main__":
    unittest.main()
