"""Scratch files: exercises to write once more, or to mend, beside the learner's own lessons.

They lie in the workspace's `practice/`, and nothing in them counts for a lesson. What was written
into one is backed up before it is written anew.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.lessons.disk import write_atomically
from autograder.lessons.lesson import Lesson, functions
from autograder.lessons.markers import last_line
from autograder.lessons.names import first_line
from autograder.workspace.places import kept
from autograder.workspace.reset import back_up
from autograder.workspace.workspace import Workspace

FOLDER = "practice"
REVIEW, FIX = "review", "fix"


@dataclass(frozen=True)
class Section:
    """One exercise of a scratch file: its definition as `source`, a whole script, has it."""

    lesson: Lesson
    exercise: str
    source: str

    @property
    def text(self) -> str:
        """The definition, with the head of the class that it belongs to."""
        lines, tree = self.source.splitlines(), ast.parse(self.source)
        node = dict(functions(tree))[self.exercise]
        own = lines[first_line(node) - 1 : last_line(node)]
        return "\n".join([*self._head(tree, lines), *own])

    def _head(self, tree: ast.Module, lines: list[str]) -> list[str]:
        """The first line of the class and its docstring; nothing for a function."""
        owner = self.exercise.rpartition(".")[0]
        classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == owner]
        if not classes:
            return []
        node = classes[0]
        has_text = ast.get_docstring(node, clean=False) is not None
        end = last_line(node.body[0]) if has_text else node.lineno
        return [*lines[node.lineno - 1 : end], *[""] * has_text]


def path_of(workspace: Workspace, kind: str) -> Path:
    """The scratch file of a kind, which need not be there."""
    return workspace.folder / FOLDER / f"{kind}.py"


def _begun_with(workspace: Workspace, kind: str) -> Path:
    return kept(workspace.folder) / FOLDER / f"{kind}.py"


def line_before(workspace: Workspace, kind: str, section: Section) -> int | None:
    """The line before a section, in the scratch file as it was written; None where it has none."""
    begun = _begun_with(workspace, kind)
    if not (begun.is_file() and path_of(workspace, kind).is_file()):
        return None
    before, found, _ = begun.read_text(encoding="utf-8").partition(section.text)
    return before.count("\n") if found else None


def write(workspace: Workspace, kind: str, says: str, sections: Iterable[Section]) -> Path | None:
    """Write a scratch file anew; returns the backup of the work that was in it, if there was any.

    says: what stands at its top, for the learner.
    """
    path = path_of(workspace, kind)
    backup = back_up(workspace, path) if has_work(workspace, kind) else None
    content = _text(says, list(sections), workspace.course.names).encode()
    write_atomically(_begun_with(workspace, kind), content)
    write_atomically(path, content)
    return backup


def has_work(workspace: Workspace, kind: str) -> bool:
    """Whether there is a scratch file, and it is not as it was written."""
    path, begun = path_of(workspace, kind), _begun_with(workspace, kind)
    return path.is_file() and not (begun.is_file() and path.read_bytes() == begun.read_bytes())


def _text(says: str, sections: list[Section], lessons: Collection[str]) -> str:
    imports = dict.fromkeys(line for each in sections for line in _imports(each.lesson, lessons))
    cells = [f"# %% [markdown]\n# {says}"]
    cells += ["\n".join(["# %%", *imports])] if imports else []
    cells += [f"# %% {each.exercise}, of {each.lesson.name}\n{each.text}" for each in sections]
    return "\n\n".join(cells) + "\n"


def _imports(lesson: Lesson, lessons: Collection[str]) -> Iterator[str]:
    """What a lesson imports, for the editor's sake: grading takes it from the lesson's own file.

    Another lesson is not there to be found.
    """
    for node in ast.parse(lesson.stub()).body:
        if isinstance(node, ast.Import) or (
            isinstance(node, ast.ImportFrom) and node.module not in lessons
        ):
            yield ast.unparse(node)
