"""The results of the checks, and their table."""

import dataclasses
import enum
from collections.abc import Iterable


class Outcome(enum.Enum):
    """The outcome of a check."""

    CONFIRMED = "CONFIRMED"
    NOT_CONFIRMED = "NOT CONFIRMED"
    SKIPPED = "NOT TRIED"


@dataclasses.dataclass(frozen=True)
class Result:
    """The result of one check: its kind, the state, role or file that it is about, and the outcome."""

    check: str
    subject: str
    outcome: Outcome
    # The expected and the actual value, or why the check was skipped; for a confirmed result, an optional note.
    detail: str = ""


def table(rows: Iterable[Result]) -> str:
    """The counts by subject, then each result that is not confirmed."""
    rows = list(rows)
    subjects: dict[tuple[str, str], list[Result]] = {}
    for row in rows:
        subjects.setdefault((row.check, row.subject), []).append(row)
    width = max((len(subject) for _, subject in subjects), default=0)
    lines = []
    for (check, subject), about in subjects.items():
        counts = {outcome: sum(row.outcome is outcome for row in about) for outcome in Outcome}
        text = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
        lines.append(f"{check:<10}  {subject:<{width}}  {text}")
    for outcome in (Outcome.NOT_CONFIRMED, Outcome.SKIPPED):
        some = [row for row in rows if row.outcome is outcome]
        if some:
            lines += ["", outcome.value, *(f"  {row.check}: {row.subject}: {row.detail}" for row in some)]
    notes = [row for row in rows if row.outcome is Outcome.CONFIRMED and row.detail]
    if notes:
        lines += ["", "NOTES", *(f"  {row.check}: {row.subject}: {row.detail}" for row in notes)]
    return "\n".join(lines)


def all_confirmed(rows: Iterable[Result]) -> bool:
    """Whether there is a confirmed result and none that is not confirmed."""
    outcomes = {row.outcome for row in rows}
    return Outcome.CONFIRMED in outcomes and Outcome.NOT_CONFIRMED not in outcomes
