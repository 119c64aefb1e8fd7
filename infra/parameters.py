"""Writes the tables of parameters in the documents from the templates: `make parameters`.

A table is between two lines such as these, and is replaced:

    <!-- parameters of infra/case/template.yaml: make parameters -->
    <!-- end of the parameters -->

Default, values and meaning are those of the template; defaults of an environment are those of samconfig.toml. A unit test of
infra/tests fails if a document differs from the output of this program.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse

from deployed import KINDS, settings_of

ROOT = Path(__file__).resolve().parent.parent
TABLE = re.compile(r"(<!-- parameters of (\S+): make parameters -->\n).*?(<!-- end of the parameters -->\n)", re.DOTALL)

# The environments of samconfig.toml whose defaults are shown.
ENVIRONMENTS = ("prod", "dev")

# Of more choices than that, the first ones and the last one are shown.
CHOICES_SHOWN = 8


class DescriptionError(Exception):
    """A description in a template cannot be rendered in a table; with the remedy."""


def rendered_documents() -> dict[Path, str]:
    """The expected texts of the documents that have tables."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    return {path: render(text, path.parent) for path, text in texts.items() if TABLE.search(text)}


def render(text: str, folder: Path) -> str:
    """The text of a document of that folder, with its tables replaced."""
    return TABLE.sub(lambda found: found[1] + "\n" + tables(found[2], folder) + "\n" + found[3], text)


def tables(name: str, folder: Path) -> str:
    """The tables of a template's parameters, one for each group."""
    template = yaml_parse((ROOT / name).read_text(encoding="utf-8"))
    parameters = template["Parameters"]
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [parameter for group in groups for parameter in group["Parameters"]]
    if sorted(grouped) != sorted(parameters):
        raise DescriptionError(f"{name}: each parameter must be in one group of AWS::CloudFormation::Interface: "
                           f"{', '.join(sorted(set(grouped) ^ set(parameters)))}")
    stack = next((stack for stack, kind in KINDS.items() if kind.template == name), None)
    overrides = overridden(stack) if stack else {}
    return "\n".join(table(group, parameters, overrides, folder) for group in groups)


def table(group: dict[str, Any], parameters: dict[str, Any], overrides: dict[str, dict[str, str]], folder: Path) -> str:
    lines = [f"| {group['Label']['default']} | default | values | |", "| --- | --- | --- | --- |"]
    for name in group["Parameters"]:
        parameter = parameters[name]
        cells = (f"`{name}`", default(parameter, overrides.get(name, {})), values(parameter), meaning(name, parameter, parameters, folder))
        lines.append("| " + " | ".join(cells).replace("|  |", "| |") + " |")
    return "\n".join(lines) + "\n"


def default(parameter: dict[str, Any], overrides: dict[str, str]) -> str:
    if "Default" not in parameter:
        return "required"
    value = str(parameter["Default"]) or "empty"
    return "; ".join([value, *(f"{other} in `{environment}`" for environment, other in overrides.items())])


def values(parameter: dict[str, Any]) -> str:
    """The range or the list of allowed values; empty if the template allows any text."""
    if "MinValue" in parameter:
        return f"{parameter['MinValue']} to {parameter['MaxValue']}"
    choices = parameter.get("AllowedValues", [])
    if all(isinstance(choice, int) for choice in choices) and len(choices) > 1:
        if choices == list(range(choices[0], choices[-1] + 1)):
            return f"{choices[0]} to {choices[-1]}"
        if len(choices) > CHOICES_SHOWN:
            return ", ".join(str(choice) for choice in choices[:CHOICES_SHOWN // 2]) + f" … {choices[-1]}"
    return ", ".join(str(choice) for choice in choices)


def meaning(name: str, parameter: dict[str, Any], parameters: dict[str, Any], folder: Path) -> str:
    """The description as Markdown: names of parameters as code, names of the project's files as links."""
    parts = parameter["Description"].split("`")
    if len(parts) % 2 == 0:
        raise DescriptionError(f"{name}: the description has an unmatched backtick")
    for at, part in enumerate(parts):
        if at % 2 == 1:
            parts[at] = "`" + part.replace("|", "\\|") + "`"
            continue
        if re.search(r"[*_|<>\[\]]", part):
            raise DescriptionError(f"{name}: {part!r} contains Markdown syntax; put code into backticks")
        part = re.sub(r"\b[A-Z]\w+\b", lambda word: f"`{word[0]}`" if word[0] in parameters and word[0] != name else word[0], part)
        parts[at] = re.sub(r"\b(docs|infra)/[\w./-]+\w", lambda file: link(file[0], folder), part)
    return "".join(parts)


def link(file: str, folder: Path) -> str:
    path = ROOT / file
    if not path.exists():
        raise DescriptionError(f"there is no {file}")
    return f"[{file}]({os.path.relpath(path, folder)})"


def overridden(stack: str) -> dict[str, dict[str, str]]:
    """The values that environments set for that kind of stack, by parameter and environment."""
    found: dict[str, dict[str, str]] = {}
    for environment in ENVIRONMENTS:
        for name, _, value in (it.partition("=") for it in settings_of(stack, environment).get("parameter_overrides", "").split()):
            found.setdefault(name, {})[environment] = value
    return found


def main() -> None:
    try:
        changed = {path: text for path, text in rendered_documents().items() if text != path.read_text(encoding="utf-8")}
    except DescriptionError as error:
        sys.exit(f"parameters: {error}")
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)} was updated")


if __name__ == "__main__":
    main()
