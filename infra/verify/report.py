"""What was asked, and what came of it."""

import dataclasses
import enum
from collections.abc import Iterable


class Outcome(enum.Enum):
    """How a question ended."""

    CONFIRMED = "CONFIRMED"
    NOT_CONFIRMED = "NOT CONFIRMED"
    NOT_TRIED = "NOT TRIED"


@dataclasses.dataclass(frozen=True)
class Row:
    """One question to AWS: the check that it is part of, the state, role or file that it is about, and its outcome."""

    check: str
    subject: str
    outcome: Outcome
    # What was expected and seen, or why it was not tried; for what is confirmed, what else is worth knowing.
    detail: str = ""


def table(rows: Iterable[Row]) -> str:
    """The rows, summed by their subjects, then those that are not confirmed, one by one."""
    rows = list(rows)
    subjects: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        subjects.setdefault((row.check, row.subject), []).append(row)
    width = max((len(subject) for _, subject in subjects), default=0)
    lines = []
    for (check, subject), about in subjects.items():
        counts = {outcome: sum(row.outcome is outcome for row in about) for outcome in Outcome}
        said = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
        lines.append(f"{check:<10}  {subject:<{width}}  {said}")
    for outcome in (Outcome.NOT_CONFIRMED, Outcome.NOT_TRIED):
        some = [row for row in rows if row.outcome is outcome]
        if some:
            lines += ["", outcome.value, *(f"  {row.check}: {row.subject}: {row.detail}" for row in some)]
    notes = [row for row in rows if row.outcome is Outcome.CONFIRMED and row.detail]
    if notes:
        lines += ["", "NOTES", *(f"  {row.check}: {row.subject}: {row.detail}" for row in notes)]
    return "\n".join(lines)


def succeeded(rows: Iterable[Row]) -> bool:
    """Whether something was confirmed, and nothing that was asked was not."""
    outcomes = {row.outcome for row in rows}
    return Outcome.CONFIRMED in outcomes and Outcome.NOT_CONFIRMED not in outcomes
