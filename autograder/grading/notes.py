"""Notes: what concerns a whole file, and costs nothing by itself."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterator

from autograder.grading.explain import Explainer
from autograder.grading.result import (
    UNREADABLE,
    Raised,
    Result,
    fields,
    line_number,
    load_errors,
    value_of,
)
from autograder.lessons.submission import Submission
from autograder.reports.report import Note

# Of notes of one kind.
MOST = 20
_SHORTENED = (
    "a statement ended the program or did not end in time, so only the imports, the definitions "
    "and the assignments that they use were graded"
)
# What a name may be said to hold: a class's own name is the submission's to choose.
_KINDS = {kind: f"to a {kind}" for kind in ("list", "tuple", "dict", "set", "float", "bool")}
_KINDS |= {"int": "to an int", "str": "to a string", "Tensor": "to a tensor", "NoneType": "to None"}


def notes_of_file(
    explainer: Explainer, load: Result | None, watched: Collection[str], *, shortened: bool
) -> tuple[Note, ...]:
    """How a file was read and loaded, statement by statement where something failed.

    watched: the names that may have been given back to what defined them.
    """
    submission = explainer.submission
    notes = [Note(note, note) for note in submission.notes]
    # Where nothing of a file can be read, its exercises say so.
    problems = submission.problems if submission.readable else []
    for problem in problems[:MOST]:
        where = submission.place(problem.line)[0]
        notes.append(Note(f"{where}: {problem.message}", f"{where}: syntax error"))
    if len(problems) > MOST:
        more = f"{len(problems) - MOST} more cells are not Python"
        notes.append(Note(more, more))
    if shortened:
        notes.append(Note(_SHORTENED, _SHORTENED))
    notes += [Note(note, note) for note in _given_back(submission, load, watched)]
    notes += [_failed(explainer, line, error) for line, error in load_errors(load)]
    return tuple(notes)


def _failed(explainer: Explainer, line: int, error: Raised) -> Note:
    """A statement that failed; of its error an instructor's feedback says a type of Python's."""
    where, _ = explainer.submission.place(line)
    if error.type == "OutOfTime":
        sentence = f"{where}: it did not end in time and was stopped"
        return Note(sentence, sentence)
    known = getattr(builtins, error.type, None) if error.builtin else None
    is_error = isinstance(known, type) and issubclass(known, BaseException)
    safe = f"{where}: {error.type if is_error else 'an error'}"
    text, _ = explainer.error(error)
    return Note(text if text.endswith(f"({where})") else f"{where}: {text}", safe)


def _given_back(
    submission: Submission, load: Result | None, watched: Collection[str]
) -> Iterator[str]:
    """The names that held something else at the end, and of which the function was graded."""
    try:
        listed = value_of(fields(load.value)["kept"], "list") if load else []
        entries = [fields(entry) for entry in listed[:20]]
        told = [
            (value_of(each["name"], "str"), value_of(each["kind"], "str"))
            + (line_number(each["line"]), line_number(each["defined"]))
            for each in entries
        ]
    except UNREADABLE:
        return
    for name, kind, line, defined in told:
        if name in watched:
            there, here = submission.place(line)[0], submission.place(defined)[0]
            held = _KINDS.get(kind, "to something else")
            words = f"gives the name {name} {held}" if kind else f"takes the name {name} away"
            yield f"{there} {words}; what {here} defines is graded"
