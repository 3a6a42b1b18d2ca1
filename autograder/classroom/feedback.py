"""A student's feedback on one submission: a page, and a text in Markdown.

Both are made of a hidden report, so that no check's code, input or expected value is in them, and
nothing that the submission could have put there.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.classroom.graded import Graded
from autograder.reports.advice import feedback_lines
from autograder.reports.pages import rendered
from autograder.reports.report import PASSED, Report
from autograder.reports.rows import first_to_mend, row_of
from autograder.reports.terminal import one_line, plain


def page(graded: Graded, title: str) -> str:
    """The page: a table of the exercises, and a section for each."""
    report = _hidden(graded)
    notebook = graded.file.endswith(".ipynb")
    rows = [row_of(exercise, notebook=notebook) for exercise in report.exercises]
    return rendered(
        "autograder.classroom",
        "feedback.html.j2",
        title=title,
        student=one_line(graded.student),
        points=report.points,
        max_points=report.max_points,
        rows=rows,
        first=first_to_mend(rows),
        notices=list(_notices(graded, report)),
    )


def markdown(graded: Graded, title: str) -> str:
    """The same as Markdown, for a forge or a mail; it says nobody's name."""
    report = _hidden(graded)
    notices = [f"> {notice}\n" for notice in map(plain, _notices(graded, report))]
    lines = [f"# {title}", ""]
    if graded.report is None:
        return "\n".join([*lines, *notices])
    passed = sum(exercise.verdict == PASSED for exercise in report.exercises)
    lines += [
        f"**{report.points} of {report.max_points} points**; "
        f"{passed} of {len(report.exercises)} exercises passed.",
        "",
        *notices,
        "| Exercise | Verdict | Points |",
        "| --- | --- | ---: |",
    ]
    for each in report.exercises:
        lines.append(f"| `{each.id}` | {each.verdict} | {each.points} of {each.max_points} |")
    for each in report.exercises:
        said = list(feedback_lines(each, notebook=graded.file.endswith(".ipynb")))
        lines += ["", f"## `{each.id}`: {each.verdict}", "", *(f"- {plain(line)}" for line in said)]
    return "\n".join(lines) + "\n"


def _hidden(graded: Graded) -> Report:
    empty = Report(graded.lesson, graded.file, None, 0.0, ())
    return graded.report.hidden() if graded.report else empty


def _notices(graded: Graded, report: Report) -> Iterator[str]:
    if graded.report is None:
        yield f"It could not be graded: {one_line(graded.why)}"
    yield from report.notes
