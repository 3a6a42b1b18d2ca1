"""Wrong answers, as learners write them: with what is wrong in each, and where.

They are written as edits of right files in other styles, one TOML file for each lesson, or as a
wrong file with a TOML file of the same name beside it.
"""

from __future__ import annotations

import ast
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.lesson import last_line
from autograder.lessons.names import definitions

_LISTS = {"true", "false", "edits", "lines", "at"}
_TEXTS = {"name", "exercise", "base", "body", "wrong"}


@dataclass(frozen=True)
class WrongAnswer:
    """A file that is wrong in one exercise.

    `lines` are those of the statements that are wrong; `wrong` says what is. Of sentences that are
    said about it, those that a pattern of `true` matches lead to what is wrong, and those that one
    of `false` matches lead astray.
    """

    name: str
    lesson: str
    exercise: str
    source: str
    lines: frozenset[int]
    wrong: str
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()


def read_wrong(path: Path, course: Course) -> list[WrongAnswer]:
    """The wrong answers of a TOML file of edits, or of a wrong file with its sidecar.

    Raises WrongUse, which names the file and the entry, where it cannot be read.
    """
    if path.suffix != ".toml":
        return [_whole_file(path, course)]
    data = _toml(path)
    lesson = course.resolve_lesson(data.get("lesson", path.stem))
    entries = data.get("wrong")
    if not isinstance(entries, list):
        raise WrongUse(f"{path} lists no wrong answers; each begins with [[wrong]]")
    return [_edited(path, n, entry, lesson, course) for n, entry in enumerate(entries, 1)]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise WrongUse(f"{path} is not TOML: {error}") from error


def _whole_file(path: Path, course: Course) -> WrongAnswer:
    sidecar = path.with_suffix(".toml")
    data = _toml(sidecar)
    lesson = course.resolve_lesson(data.pop("lesson", path.stem))
    _check(sidecar, "it", data, {"exercise", "wrong"})
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read ({error})") from error
    lines = frozenset(data.get("lines", ()))
    return _answer({"name": path.stem, **data}, lesson, source, lines)


def _edited(path: Path, number: int, entry: Any, lesson: str, course: Course) -> WrongAnswer:
    which = f"[[wrong]] number {number}"
    _check(path, which, entry, {"name", "exercise", "base", "wrong"})
    base = course.solutions.parent / "tests" / "right" / lesson / f"{entry['base']}.py"
    if not base.is_file():
        raise WrongUse(f"{path}: {which} builds on {base}, which is not there")
    try:
        source, lines = _applied(entry, base.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WrongUse(f"{path}: {which}, {entry['name']}: {error}") from error
    return _answer(entry, lesson, source, lines)


def _answer(
    entry: dict[str, Any], lesson: str, source: str, lines: frozenset[int]
) -> WrongAnswer:
    said = {key: tuple(entry.get(key, ())) for key in ("true", "false")}
    texts = {key: entry[key] for key in ("name", "exercise", "wrong")}
    return WrongAnswer(**texts, **said, lesson=lesson, source=source, lines=lines)


def _check(path: Path, which: str, entry: Any, needed: set[str]) -> None:
    given = entry if isinstance(entry, dict) else {}
    for key in sorted(needed - set(given)):
        raise WrongUse(f"{path}: {which} needs a text for {key!r}")
    for key, value in given.items():
        if key not in _TEXTS | _LISTS:
            known = ", ".join(sorted(_TEXTS | _LISTS))
            raise WrongUse(f"{path}: {which} has {key!r}; its keys are {known}")
        if not isinstance(value, list if key in _LISTS else str):
            raise WrongUse(f"{path}: {which} has {value!r} for {key!r}")


def _applied(entry: dict[str, Any], source: str) -> tuple[str, frozenset[int]]:
    """The edited source, and the lines of the statements that were edited."""
    spans: list[tuple[int, int]] = []
    if "body" in entry:
        source = _with_body(source, entry["exercise"], entry["body"])
        for text in entry.get("at", ()):
            at = _find(source, entry["exercise"], text)
            spans.append((at, at + len(text)))
    for there, written in entry.get("edits", ()):
        at = _find(source, entry["exercise"], there)
        source = source[:at] + written + source[at + len(there) :]
        longer = len(written) - len(there)
        spans = [(a + longer, b + longer) if a > at else (a, b) for a, b in spans]
        spans.append((at, at + len(written)))
    if not spans:
        raise ValueError("it changes nothing; give `edits`, or `body` and `at`")
    return source, frozenset(line for span in spans for line in _lines(source, *span))


def _find(source: str, exercise: str, text: str) -> int:
    """Where a text stands: in the exercise if it is there, or else once in the file."""
    first, last = _bounds(source, exercise)
    if (at := source.find(text, first, last)) >= 0:
        return at
    if source.count(text) != 1:
        raise ValueError(f"{text!r} is {'several times' if text in source else 'nowhere'} in it")
    return source.index(text)


def _definition(source: str, exercise: str) -> ast.FunctionDef | None:
    found = [node for name, node in definitions(ast.parse(source)) if name == exercise]
    return found[-1] if found else None


def _bounds(source: str, exercise: str) -> tuple[int, int]:
    """Where the text of an exercise begins and ends."""
    try:
        node = _definition(source, exercise)
    except SyntaxError:
        node = None
    if node is None:
        return 0, 0
    starts = _starts(source)
    return starts[node.lineno - 1], starts[last_line(node)]


def _starts(source: str) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _with_body(source: str, exercise: str, body: str) -> str:
    node = _definition(source, exercise)
    if node is None:
        raise ValueError(f"{exercise} is not in the base")
    lines = source.splitlines(keepends=True)
    first = node.body[0]
    written = textwrap.indent(textwrap.dedent(body).strip("\n"), " " * first.col_offset)
    return "".join([*lines[: first.lineno - 1], written + "\n", *lines[last_line(node) :]])


def _lines(source: str, begin: int, end: int) -> set[int]:
    """The lines of what was written, widened to its innermost statements.

    Where something was taken away, they are those of the neighbors that are left.
    """
    written = source[begin:end]
    inner = written.strip()
    if not inner:
        before = source[:begin].rstrip()
        after = len(source) - len(source[end:].lstrip())
        return set(_statement(source, _line(source, len(before) - 1))) | set(
            _statement(source, _line(source, after))
        )
    begin += written.index(inner[0])
    first, last = _line(source, begin), _line(source, begin + len(inner) - 1)
    return {each for line in range(first, last + 1) for each in _statement(source, line)}


def _line(source: str, at: int) -> int:
    return source.count("\n", 0, max(at, 0)) + 1


def _statement(source: str, line: int) -> Iterator[int]:
    """The lines of the innermost statement that holds a line; of a block, its head alone."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return iter((line,))
    best = (line, line)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= last_line(node):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if isinstance(body, list) and body else last_line(node)
            if line <= end:
                best = (node.lineno, max(end, node.lineno))
    return iter(range(best[0], best[1] + 1))
