"""Bringing a workspace's exercises up to the course: the new text and stubs, the learner's code.

Beside the progress lie the stubs that each file was begun with, so that what a learner has changed
can be told from what the course has. Every file is backed up before it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.lessons.bodies import bodies, contracts, with_bodies
from autograder.lessons.course import Course
from autograder.lessons.disk import write_atomically
from autograder.lessons.files import Unreadable, content_of, parsed
from autograder.lessons.merging import merged
from autograder.lessons.units import Unit, parse
from autograder.workspace.reset import back_up
from autograder.workspace.stubs import begun_with, remember
from autograder.workspace.workspace import Workspace


@dataclass(frozen=True)
class Updated:
    """What became of one lesson's file.

    `arrived` are the exercises that are new, `gone` those that went, `lost` those of them that the
    learner had written, `changed` those whose `def` or docstring is another. `clashes` are lines of
    the backup where learner and course have both changed something, and the course's text stands.
    `problem` says why the file stays as it is.
    """

    lesson: str
    path: Path
    new: bool = False
    backup: Path | None = None
    arrived: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    clashes: tuple[int, ...] = ()
    problem: str = ""


def update(workspace: Workspace, course: Course) -> Iterator[Updated]:
    """Bring every lesson's file up to `course`; yields those that were changed, or cannot be."""
    for name in course.names:
        if workspace.folder.resolve() == course.folder.resolve():
            remember(workspace, name, anew=False)  # a clone's files are what git has made of them
        if updated := _update(workspace, name, course.lesson(name).stub()):
            yield updated
    for stub in sorted(begun_with(workspace, "").parent.glob("*.py")):
        if stub.stem not in course.names:
            path = workspace.path(stub.stem)
            stub.unlink()
            yield Updated(stub.stem, path, problem="the course has this lesson no more")


def _update(workspace: Workspace, name: str, new: str) -> Updated | None:
    path, stub = workspace.exercises / f"{name}.py", begun_with(workspace, name)
    base = stub.read_text(encoding="utf-8") if stub.exists() else None
    if base == new or (base is not None and not workspace.path(name).exists()):
        return None  # a file that is not there was taken away by the learner
    if not path.exists() and path.with_suffix(".ipynb").exists():
        says = "a notebook stays as it is; `jupytext --to py:percent` makes a script of it"
        return Updated(name, path.with_suffix(".ipynb"), problem=says)
    try:
        updated = _merge(workspace, name, path, base, new)
    except Unreadable as error:
        return Updated(name, path, problem=str(error))
    if updated is None or not updated.problem:
        write_atomically(stub, new.encode())
    return updated


def _merge(
    workspace: Workspace, name: str, path: Path, base: str | None, new: str
) -> Updated | None:
    if not path.exists():
        write_atomically(path, new.encode())
        return Updated(name, path, new=True)
    own = _text(path)
    if own == new:
        return None
    broken = parse(Unit(own))[1]
    if broken:
        says = f"line {broken.line} is not Python; mend it, and say grad update again"
        return Updated(name, path, problem=says)
    text, clashes, lost = put_together(base, own, new)
    if parse(Unit(text))[1]:
        says = f"your code does not fit into it; grad reset {name} brings the new stubs"
        return Updated(name, path, problem=f"{says}, and backs up what you have")
    backup = back_up(workspace, path)
    write_atomically(path, text.encode(), mode=path.stat().st_mode & 0o777)
    before, after = contracts(own if base is None else base), contracts(new)
    went = [id for id in bodies(base or "") if id not in after]
    return Updated(
        name,
        path,
        backup=backup,
        arrived=tuple(id for id in after if id not in before),
        gone=tuple(id for id in went if id not in lost),
        lost=tuple(lost),
        changed=tuple(id for id in after if id in before and before[id] != after[id]),
        clashes=tuple(clashes),
    )


def _text(path: Path) -> str:
    """A script's text; raises Unreadable where it is none."""
    content = content_of(path)
    parsed(path, content)
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def put_together(base: str | None, own: str, new: str) -> tuple[str, list[int], list[str]]:
    """The new stubs with a learner's own code in them.

    base: the stubs that they began with, or None where nobody knows. Returns the text, the lines of
    `own` that could not be put in, and the functions of the learner's that have no place in it.
    """
    stubs = bodies(new if base is None else base)
    written = {id: body for id, body in bodies(own).items() if stubs.get(id) != body}
    emptied = with_bodies(own, {id: stubs[id] for id in written if id in stubs})
    lines, clashes = merged(base and base.split("\n"), emptied.split("\n"), new.split("\n"))
    text = with_bodies("\n".join(lines), written)
    if parse(Unit(text))[1]:  # what stood outside of the exercises does not fit any more
        text, clashes = with_bodies(new, written), [*clashes, 1]
    there = bodies(text)
    lost = [id for id in written if id in stubs and id not in there]
    return text, [_line(own, emptied, at) for at in clashes], lost


def _line(own: str, emptied: str, number: int) -> int:
    """A line of the file without its bodies as one of the file itself."""
    lines = emptied.split("\n")
    text = lines[min(number, len(lines)) - 1]
    count = lines[:number].count(text)
    found = [n for n, line in enumerate(own.split("\n"), 1) if line == text]
    return found[min(count, len(found)) - 1] if found else 1
