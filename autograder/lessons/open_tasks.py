"""Open tasks: a score is to be reached, in whatever way, and tried for as often as one likes.

In a lesson's script an open task is a function whose docstring says what is to be reached. It
takes weights and inputs, and is pure: what it returns is scored. Beside it stands
`train_NAME(run)`, which returns the weights. Both are the learner's; between their markers is how
the author did it. The bar, the limits and the hidden inputs are declared in `tasks.py` (see
`autograder.checks.tasks`).
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.lessons.errors import LessonError
from autograder.lessons.markers import marked, refuse_strays

MARKERS = ("### BEGIN OPEN TASK", "### END OPEN TASK")
TRAINING_MARKERS = ("### BEGIN TRAINING", "### END TRAINING")
# What is left of both in the stub, which nbgrader's own tool need not know.
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
_TRAIN = "train_"


@dataclass(frozen=True)
class Region:
    """What an author wrote in a function; `first` and `last` are the markers' lines, from 1."""

    first: int
    last: int
    code: str


@dataclass(frozen=True)
class OpenTask:
    """One open task. says: what is to be reached, the docstring's first paragraph in one line."""

    id: str
    line: int
    docstring: str
    forward: Region
    training: Region

    @property
    def says(self) -> str:
        return " ".join(self.docstring.partition("\n\n")[0].split())

    @property
    def train(self) -> str:
        """The name of the function that trains."""
        return _TRAIN + self.id

    @property
    def regions(self) -> tuple[Region, Region]:
        return self.forward, self.training


def open_tasks(
    lines: Sequence[str], functions: Iterable[tuple[str, ast.FunctionDef]]
) -> dict[str, OpenTask]:
    """The open tasks among a script's functions.

    Raises LessonError, whose sentence begins with the line, where one breaks the grammar.
    """
    nodes = dict(functions)
    forwards = dict(_regions(lines, nodes, MARKERS))
    trainings = dict(_regions(lines, nodes, TRAINING_MARKERS))
    for name in trainings:
        if name.removeprefix(_TRAIN) not in forwards or not name.startswith(_TRAIN):
            raise LessonError(
                f"line {nodes[name].lineno}: `{name}` trains for no open task; "
                f"it is named {_TRAIN} and the task's name"
            )
    for region, pair in ((forwards, MARKERS), (trainings, TRAINING_MARKERS)):
        refuse_strays(lines, pair, {n for each in region.values() for n in (each.first, each.last)})
    return {name: _task(nodes, name, forwards, trainings) for name in forwards}


def _regions(
    lines: Sequence[str], nodes: dict[str, ast.FunctionDef], pair: tuple[str, str]
) -> Iterator[tuple[str, Region]]:
    for name, node in nodes.items():
        if found := marked(lines, name, node, pair):
            code = textwrap.dedent("\n".join(lines[found[0] : found[1] - 1]))
            yield name, Region(*found, code)


def _task(
    nodes: dict[str, ast.FunctionDef],
    name: str,
    forwards: dict[str, Region],
    trainings: dict[str, Region],
) -> OpenTask:
    node, docstring = nodes[name], ast.get_docstring(nodes[name]) or ""
    if name != node.name or len(node.args.args) != 2:
        raise LessonError(
            f"line {node.lineno}: the open task `{name}` is a function of two arguments, "
            "the weights and the inputs"
        )
    if not docstring:
        raise LessonError(f"line {node.lineno}: the open task `{name}` has no docstring")
    if (train := _TRAIN + name) not in trainings:
        raise LessonError(
            f"line {node.lineno}: beside the open task `{name}` there is no function `{train}` "
            f"with {TRAINING_MARKERS[0]}"
        )
    return OpenTask(name, node.lineno, docstring, forwards[name], trainings[train])
