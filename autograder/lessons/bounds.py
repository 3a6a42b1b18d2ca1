"""How large a submission may be, and a rehearsal of reading whatever is not plainly small.

What is small costs little, whatever it holds: it is read at once. Anything else is first read by a
process of its own, which knows nothing but the text and has a little time and memory. What that one
can read, this one can.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import os
import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.lessons.errors import WrongUse
from autograder.worker.posix import resource

# Of a script, and of all code in a notebook.
MAX_CODE = 2 * 2**20
MAX_NOTEBOOK = 8 * 2**20
MAX_CELLS = 2000
# Lists, objects and their members in a notebook's JSON, whose tree is many times as large as it.
MAX_VALUES = 500_000
# Of a syntax tree; the longest lesson's has less than an eighth.
MAX_NODES = 2**15
SECONDS = 2
MEMORY = 160 * 2**20

# What is plainly small: its characters, its signs (each begins two nodes at most) and its brackets.
_SMALL = 2**16
_FEW_SIGNS = 2**14
_SHALLOW = 30
_WORDS = bytes(
    byte for byte in range(256) if chr(byte).isalnum() or chr(byte) in "_ \t" or byte > 127
)
_NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))
_STEPS = {byte: 1 if byte in b"([{" else -1 for byte in b"()[]{}"}


class Unreadable(WrongUse):
    """A file that cannot be graded as it is; the message says why and what to do."""


class TooLarge(Unreadable):
    """A file of more bytes, cells, values or code than are read."""


def is_small(code: Iterable[str]) -> bool:
    """Whether some pieces of code are plainly small, so that reading them costs next to nothing."""
    left = _SMALL
    for piece in code:
        left -= len(piece) + 1
        if left < 0:
            return False
        held = piece.encode("utf-8", "replace")
        if len(held.translate(None, _WORDS)) > _FEW_SIGNS or _depth(held) > _SHALLOW:
            return False
    return True


def _depth(held: bytes) -> int:
    """How deeply brackets may be nested, those in texts and comments counted as well."""
    steps = map(_STEPS.__getitem__, held.translate(None, _NO_BRACKETS))
    heights = list(itertools.accumulate(steps, initial=0))
    return max(heights) - min(heights)


def count_nodes(path: str, sources: Iterable[str]) -> None:
    """Raise Unreadable where the syntax trees of all sources together have too many nodes."""
    found = 0
    for node in itertools.chain.from_iterable(map(_nodes, sources)):
        found += not isinstance(node, ast.expr_context)
        if found > MAX_NODES:
            raise TooLarge(
                f"{path} has more code than the {MAX_NODES} names, numbers and operations that are "
                "read; take out what is no answer, or write data as text"
            )


def _nodes(source: str) -> Iterator[ast.AST]:
    """What is not Python has no nodes; what takes too much memory is a MemoryError."""
    with contextlib.suppress(SyntaxError, ValueError, RecursionError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from ast.walk(ast.parse(source))


def rehearse(path: Path, text: str) -> None:
    """Read a text as `path` in another process; raises Unreadable where that does not succeed."""
    command = [sys.executable, "-s", "-P", "-B", "-m", "autograder.lessons.rehearsal", path.suffix]
    root = str(Path(__file__).resolve().parents[2])
    environment = {"PYTHONPATH": root, "LANG": "C.UTF-8", "HOME": os.devnull}
    if os.name == "nt":
        environment |= {name: os.environ[name] for name in ("PATH", "SYSTEMROOT")}
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        held = text.encode("utf-8", "surrogatepass")
        said, _ = process.communicate(held, timeout=30 * SECONDS)
    except subprocess.TimeoutExpired:
        said = b""
    finally:
        process.kill()
        process.wait()
    if said != b"read":
        sentence = said.decode("utf-8", "replace")[:1000] if process.returncode == 1 else ""
        raise TooLarge(sentence.replace("{path}", str(path)) or _exhausting(path))


def _exhausting(path: Path) -> str:
    return f"{path} takes too long to read, or too much memory; take out what is no answer"


def limit_this_process() -> None:
    """Hold this process to the time and memory of a rehearsal, where the system can."""
    if resource is None:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
