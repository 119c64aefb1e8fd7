"""Copies the permissions of lookups from template.yaml to member-role.yaml: `make member-role`.

open-case looks up principals in its own account with its own role, and in member accounts with the role of member-role.yaml: the same
calls with the same permissions. In each template they are between two marker lines. A unit test of infra/tests fails if they differ.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "infra" / "case"
SOURCE, TARGET = CASE / "template.yaml", CASE / "member-role.yaml"
PERMISSION_BLOCK = re.compile(r"^ *# Permissions of lookups:[^\n]*\n(?P<permissions>.*?)^ *# End of the permissions of lookups\n", re.DOTALL | re.MULTILINE)


class MissingMarkerError(Exception):
    """A template does not have exactly one pair of marker lines."""


def permission_block(path: Path) -> re.Match[str]:
    """The block of permissions in a template."""
    found = list(PERMISSION_BLOCK.finditer(path.read_text(encoding="utf-8")))
    if len(found) != 1:
        raise MissingMarkerError(f"{path.relative_to(ROOT)} has {len(found)} blocks between '# Permissions of lookups: …' "
                                 "and '# End of the permissions of lookups'; expected one")
    return found[0]


def rendered() -> str:
    """The expected text of member-role.yaml."""
    target = permission_block(TARGET)
    permissions = permission_block(SOURCE)["permissions"]
    return target.string[: target.start("permissions")] + permissions + target.string[target.end("permissions") :]


def main() -> None:
    try:
        text = rendered()
    except MissingMarkerError as error:
        sys.exit(f"member-role: {error}")
    if text != TARGET.read_text(encoding="utf-8"):
        TARGET.write_text(text, encoding="utf-8")
        print(f"{TARGET.relative_to(ROOT)} was updated")


if __name__ == "__main__":
    main()
