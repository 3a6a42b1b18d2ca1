"""A small class, graded and in its store, for the tests of what is made of results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.classroom.graded import GRADED, UNREADABLE, Graded, packed_submission
from autograder.classroom.store import FILE, Store
from autograder.grading.session import Session
from autograder.lessons.submission import Submission, Unit

LESSON = "sums"
HTML = "<img src=x onerror='window.pwned=1'>"
FORMULA = '=HYPERLINK("a.b"&A1)'


def sources(solution: str) -> dict[str, str | None]:
    """What each student hands in; None for what cannot be read."""
    summed = solution.replace("return sum(xs) / len(xs)", "return sum(xs)")
    crashed = solution.replace("middle = mean(xs)", f'raise KeyError("{HTML}")')
    return {
        "ada": solution,
        "bob": summed,
        "cem": summed.replace("sum(xs)", "sum(xs)  # by cem"),
        FORMULA: crashed,
        HTML: solution.replace("x + x", f'x + x  # {HTML}\n    "{HTML}"'),
        "zed": None,
    }


def graded_class(
    folder: Path, session: Session, handed_in: Mapping[str, str | None], lesson: str = LESSON
) -> Path:
    """A folder whose store has the results of what was handed in."""
    folder.mkdir(parents=True, exist_ok=True)
    with Store(folder / FILE) as store:
        for number, (student, source) in enumerate(handed_in.items()):
            common = (student, lesson, f"submitted/{number}/{lesson}.py", f"digest {number}")
            if source is None:
                why = f"{lesson}.py is not UTF-8"
                store.put(Graded(*common, UNREADABLE, why, 0.0, "seed", "course", "1"))
                continue
            submission = Submission(f"{lesson}.py", [Unit(source)])
            report = session.grade(submission, lesson, "seed")
            graded = Graded(*common, GRADED, "", 0.1, "seed", "course", "1", report)
            store.put(graded, packed_submission(submission), run=number)
    return folder
