"""A cause: what may be wrong with an exercise, as a report has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """What may be wrong with an exercise, found by a rule that knows no exercise by name.

    `name` is the rule's, `says` the sentence for the learner. A `hedged` one only looks like what
    was seen. `line` is the line of the file that is meant, counted as in `ExerciseReport.line`, and
    `where` says it. `safe` is what an instructor's feedback may say: ours alone, or nothing.
    """

    name: str
    says: str
    hedged: bool = True
    line: int | None = None
    where: str = ""
    safe: str = ""

    def __str__(self) -> str:
        return f"{self.says} ({self.where})" if self.where else self.says


def safe_causes(causes: Iterable[Cause]) -> Iterator[Cause]:
    """The causes without a word or a line that the submission could have chosen."""
    for cause in causes:
        if cause.safe:
            yield Cause(cause.name, cause.safe, cause.hedged, safe=cause.safe)
