"""What only Jupyter understands, as plain Python in the same lines.

A line of the shell or a magic becomes `pass`, and nothing where its value is wanted. It agrees
with IPython's own transformer on what is such a line, and does not need IPython.
"""

from __future__ import annotations

import ast
import re
import textwrap

from autograder.worker.jupyter import PYTHON_CELLS

_CELL = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*%%(\w+)([^\n]*)(?:\n|$)")
_WRITES = re.compile(r"(?P<append>-a\b|--append\b)?\s*(?P<path>\S+\.py)\s*")
_MAYBE = re.compile(r"^[ \t]*(?:[%!?/,;]|[%\w.*\[\]-]+\?\??[ \t]*$)|=[ \t]*[%!]", re.MULTILINE)
_HELP = re.compile(r"[ \t]*[%\w.*\[\]-]+\?\??[ \t]*")
_COMMAND = re.compile(r"[ \t]*[%!?/,;]")
_TIMED = re.compile(r"([ \t]*)%time[ \t]+(?!-)(.+)")
_RUN = re.compile(r"([ \t]*)%run[ \t]+(?:-\w+[ \t]+)*([A-Za-z_]\w*)\.py\b")
_ASSIGNED = re.compile(r"""([ \t]*[\w][\w\s.,:*()\[\]"']*=)[ \t]*(![^=]|%[A-Za-z_])""")
_PROMPT = re.compile(r"^(?:>>>|\.\.\.|In \[\d+\]:|[ \t]*\.{3,}:)(?: |$)", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<comment>\#.*) | (?P<long>\"{3}|'{3}) | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'""",
    re.VERBOSE,
)


def cell_magic(source: str) -> tuple[str, str]:
    """The name of a cell's magic and what stands behind it, or two empty texts."""
    found = _CELL.match(source)
    return (found[1], found[2].strip()) if found else ("", "")


def written_file(source: str) -> tuple[str, bool]:
    """The Python file that a cell writes, and whether it is appended to; or an empty text."""
    name, rest = cell_magic(source)
    found = _WRITES.fullmatch(rest) if name in ("writefile", "file") else None
    return (found["path"].strip("\"'"), bool(found["append"])) if found else ("", False)


def behind_magic(source: str) -> str:
    """A cell without the line of its magic, which stays as an empty one."""
    magic = _CELL.match(source)
    end = magic.end() if magic else 0
    return "\n" * source.count("\n", 0, end) + source[end:]


def without_magics(source: str) -> str:
    """A cell as plain Python; one in another language as empty lines."""
    name, _ = cell_magic(source)
    for _ in range(3):  # `%%capture` above `%%time`
        if name in PYTHON_CELLS:
            source = behind_magic(source)
            name, _ = cell_magic(source)
    if name:
        return "\n" * source.count("\n")
    return plain_lines(_dedented(source))


def plain_lines(source: str) -> str:
    """A script in which magics and shell lines were left; a magic of a cell is one line too."""
    if not _MAYBE.search(source) or _is_python(source):
        return source
    return _Lines(source).plain()


def _dedented(source: str) -> str:
    """A cell that was copied out of something: it is indented as a whole, or has prompts."""
    first = next((line for line in source.split("\n") if line.strip()), "")
    source = textwrap.dedent(source) if first[:1] in " \t" else source
    return _PROMPT.sub("", source) if _PROMPT.match(first.lstrip()) else source


class _Lines:
    """A cell's lines, followed through brackets and long strings, in which nothing is a magic."""

    def __init__(self, source: str):
        self._lines = source.split("\n")
        self._depth, self._quote, self._continued = 0, "", False

    def plain(self) -> str:
        number = 0
        while number < len(self._lines):
            line = self._lines[number]
            inside = self._depth or self._quote or self._continued
            if not inside and (plain := self._plain(line)) is not None:
                end = self._end_of(number)
                self._lines[number : end + 1] = [plain] + [""] * (end - number)
                number = end
                line = plain
            self._follow(line)
            number += 1
        return "\n".join(self._lines)

    def _plain(self, line: str) -> str | None:
        """A magic's line as Python, or None where it is Python."""
        if found := _TIMED.fullmatch(line):
            return found[1] + found[2]
        if found := _RUN.match(line):
            return f"{found[1]}from {found[2]} import *"
        if _COMMAND.match(line) or _HELP.fullmatch(line):
            return line[: len(line) - len(line.lstrip())] + "pass"
        found = _ASSIGNED.match(line)
        if found and found[1].count("(") == found[1].count(")"):
            return found[1] + (" []" if found[2][0] == "!" else " None")
        return None

    def _end_of(self, number: int) -> int:
        while self._lines[number].endswith("\\") and number + 1 < len(self._lines):
            number += 1
        return number

    def _follow(self, line: str) -> None:
        """Note what is still open at the end of the line."""
        at = 0
        self._continued = False
        while True:
            if self._quote:
                end = re.compile(rf"(?:\\.|(?!{self._quote})[^\\])*{self._quote}").match(line, at)
                if end is None:
                    return
                at, self._quote = end.end(), ""
            found = _TOKEN.search(line, at)
            if found is None:
                break
            at = found.end()
            if found.lastgroup == "comment":
                return
            self._quote = found["long"] or ""
            change = bool(found["open"]) - bool(found["close"])
            self._depth = max(0, self._depth + change)
        self._continued = line.endswith("\\")


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
