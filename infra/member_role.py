"""Writes the rights of look-ups into member-role.yaml, as template.yaml has them: `make member-role`.

open-case looks principals up in its own account by its own role, and in member accounts by the role of member-role.yaml: the
same calls with the same rights. They stand between two lines in each template. A unit test of infra/tests fails when they differ.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "infra" / "case"
SOURCE, WRITTEN = CASE / "template.yaml", CASE / "member-role.yaml"
RIGHTS = re.compile(r"^ *# Rights of look-ups:[^\n]*\n(?P<rights>.*?)^ *# End of the rights of look-ups\n", re.DOTALL | re.MULTILINE)


class Unmarked(Exception):
    """A template in which the rights of look-ups do not stand between the two lines."""


def rights(path: Path) -> re.Match[str]:
    """The one place of the rights in a template."""
    found = list(RIGHTS.finditer(path.read_text(encoding="utf-8")))
    if len(found) != 1:
        raise Unmarked(f"{path.relative_to(ROOT)} has {len(found)} places between '# Rights of look-ups: …' and "
                       "'# End of the rights of look-ups', and needs one")
    return found[0]


def written() -> str:
    """member-role.yaml as it should be."""
    place = rights(WRITTEN)
    return place.string[: place.start("rights")] + rights(SOURCE)["rights"] + place.string[place.end("rights") :]


def main() -> None:
    try:
        text = written()
    except Unmarked as error:
        sys.exit(f"member-role: {error}")
    if text != WRITTEN.read_text(encoding="utf-8"):
        WRITTEN.write_text(text, encoding="utf-8")
        print(f"{WRITTEN.relative_to(ROOT)} was written anew")


if __name__ == "__main__":
    main()
