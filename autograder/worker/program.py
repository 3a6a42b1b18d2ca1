"""The program on the far side of the wall.

It loads a lesson, runs examples and checks on it, and sends what they observed. It does not know
whether the lesson is a learner's or the reference, and holds no expected value. Everything that
it says is taken as a claim by the side that reads it.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import itertools
import random
import re
import sys
import types
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy
import torch

import autograder.checks.vocabulary  # noqa: F401 - checks import it where no file can be read
from autograder import checks
from autograder.worker import edits, jupyter, observation, references, shortcuts
from autograder.worker.deadline import Deadline
from autograder.worker.decoding import decode
from autograder.worker.draw import Draw
from autograder.worker.forward import run_forward
from autograder.worker.loading import Loader, interrupted
from autograder.worker.wire import MAX_PRINTED, Edited, Message, Numbers

# More statements than these may fail, but nobody reads of them.
MAX_ERRORS = 50
Send = Callable[[bytes], None]


class Printed(io.TextIOBase):
    """Standard output while an item runs: the beginning is kept, the rest is dropped."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.room = MAX_PRINTED

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.room > 0 and type(text) is str:
            self.kept.append(text[: self.room])
            self.room -= len(text)
        return len(text)

    def text(self) -> str:
        return "".join(self.kept)


def run_job(job: Message, send: Send) -> None:
    """Load the job's lesson, run its items in order, and send one frame for each.

    The first frame tells how the loading went.
    """
    declarations = load_checks(job["checks"])
    planned = plan(job, declarations)
    forbidden = sorted({name for _, names, _ in declarations.forbidden for name in names})
    everywhere = shortcuts.EVERYWHERE if forbidden else ()
    sys.modules.update(declarations.provided)
    with shortcuts.refusing(everywhere):
        with shortcuts.refusing_at_load(forbidden):
            lesson, errors, kept = load_lesson(job)
        send(observation.encode({"value": {"errors": errors, "kept": kept}}))
        if standing_in := job["references"]:
            references.put_in_place(lesson, standing_in)
        run_items(lesson, planned, job, send)


class Planned(NamedTuple):
    """One item with all that decides how it is run.

    It is settled before the lesson is loaded, in what cannot be changed: the lesson's code could
    find it in memory.
    """

    exercise: str
    name: str
    refused: tuple[str, ...]
    seed: int | str
    case: int
    check: checks.Check | None
    code: tuple[tuple[str, types.CodeType], ...]
    inputs: Numbers | None
    edited: Edited | None
    seconds: float
    timeout: float
    traced: bool


def plan(job: Message, declarations: checks.Declarations) -> tuple[Planned, ...]:
    """The job's items in their order."""
    exercises = {item["exercise"] for item in job["items"]}
    refused = {exercise: declarations.shortcuts(exercise) for exercise in exercises}
    return tuple(
        Planned(
            item["exercise"],
            item["name"],
            refused[item["exercise"]],
            job["seeds"][item["exercise"]],
            item.get("case", 0),
            declarations.checks[item["check"]] if "check" in item else None,
            tuple(item.get("code", ())),
            item.get("inputs"),
            item.get("edited"),
            item.get("seconds", 0.0),
            item.get("timeout", 0.0),
            item.get("traced", False),
        )
        for item in job["items"]
    )


def run_items(
    lesson: types.ModuleType, planned: tuple[Planned, ...], job: Message, send: Send
) -> None:
    """Run a job's items in order, each exercise's under the refusals that it is planned with."""
    deadline = Deadline(job["path"], send)
    trusted = [each.check.function.__globals__ for each in planned if each.check][:1]
    for names, items in itertools.groupby(planned, lambda each: each.refused):
        with shortcuts.refusing(names, trusted=trusted) as refusals:
            for item in items:
                with edits.in_place(lesson, item.edited):
                    with deadline.watching(item.exercise, item.timeout, bool(item.code)):
                        payload = run_item(lesson, item, job, refusals)
                    send(payload)


def load_checks(code: types.CodeType) -> checks.Declarations:
    with checks.loading() as declarations:
        exec(code, {"__name__": "checks"})
    return declarations


def load_lesson(
    job: Message,
) -> tuple[types.ModuleType, list[dict[str, Any]], list[dict[str, Any]]]:
    """Execute the lesson's units in one module; the errors, and the names that were given back."""
    lesson = types.ModuleType(job["lesson"])
    lesson.__file__ = job["path"]
    sys.modules[job["lesson"]] = lesson
    errors: list[dict[str, Any]] = []

    def failed(line: int, error: BaseException) -> None:
        if len(errors) < MAX_ERRORS:
            errors.append({"line": line, **describe(error, job["path"])})

    dropped, watched = job.get("dropped", ()), job.get("watched", ())
    loader = Loader(job["path"], vars(lesson), failed, dropped, watched)
    jupyter.enter(job.get("files", {}), job["path"], vars(lesson), loader.load)
    with interrupted(job["path"], job["load_timeout"]):
        for number, (source, line) in enumerate(job["units"]):
            with settled(f"load/{number}"), contextlib.redirect_stdout(Printed()):
                try:
                    loader.load(source, line)
                except BaseException as error:
                    failed(line, error)
    names = ("name", "line", "defined", "kind")
    return lesson, errors, [dict(zip(names, each, strict=True)) for each in loader.restore()]


def run_item(
    lesson: types.ModuleType, item: Planned, job: Message, refusals: shortcuts.Refusals
) -> bytes:
    """Run one example or one case of one check; what it saw, or how it failed, as plain data."""
    inputs: dict[str, Any] = {}
    printed = Printed()
    result: dict[str, Any] = {}
    with settled(f"{item.seed}/{item.name}"), contextlib.redirect_stdout(printed):
        try:
            with edits.watched(item.seconds, job["path"] if item.traced else "", result):
                if item.inputs is not None:
                    weights = job.get("weights", {})
                    result["value"] = run_forward(lesson, item.exercise, weights, item.inputs)
                elif item.check is None:
                    result["value"] = run_example(lesson, item.code, result)
                else:
                    record = recorder(inputs) if job["record"] else None
                    result["value"] = run_check(lesson, item.check, item, record)
        except BaseException as error:
            result["error"] = describe(error, job["path"])
    if (refused := refusals.take()) is not None:
        result["error"] = {"type": "ShortcutRefused", "message": refused.shortcut, "lines": []}
    result["printed"] = printed.text()
    if job["record"]:
        result["inputs"] = inputs
    with torch.no_grad():
        return observation.encode(result)


def run_check(
    lesson: types.ModuleType,
    check: checks.Check,
    item: Planned,
    record: Callable[[str, Any], None] | None,
) -> Any:
    name = f"{check.exercise}/{check.name}"
    return check.function(lesson, Draw(item.seed, name, item.case, check.cases, record))


def run_example(
    lesson: types.ModuleType,
    pieces: tuple[tuple[str, types.CodeType], ...],
    result: dict[str, Any],
) -> list[Any]:
    """Run a docstring's examples in one namespace; the values of its expressions.

    What is no plain data is observed as the text that an interactive Python would show. What an
    example prints is its value; what the lesson's own code prints is nobody's business. Where one
    fails, `result` says which.
    """
    namespace = {**vars(lesson), "print": lambda *values: " ".join(map(str, values))}
    observed = []
    for number, (mode, code) in enumerate(pieces):
        result["at"] = number
        value = eval(code, namespace)
        if mode == "eval":
            plain = decode(observation.encode(value)).kind != "object"
            observed.append(value if plain else observation.Shown(shown(value)))
    del result["at"]
    return observed


def shown(value: Any) -> str:
    """The text of an object without its place in memory, which differs in every run."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def recorder(inputs: dict[str, Any]) -> Callable[[str, Any], None]:
    """Keeps a copy of each input as it was drawn: a lesson may change what it is given."""

    def record(name: str, value: Any) -> None:
        inputs[name] = value.clone() if isinstance(value, torch.Tensor) else _copied(value)

    return record


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value


def describe(error: BaseException, path: str) -> dict[str, Any]:
    """An error as plain data: its type, its message, and the lesson's lines that it crossed."""
    kind = type(error)
    try:
        said = error.msg if kind is SyntaxError and isinstance(error, SyntaxError) else error
        message = str(said)[:500]
    except BaseException:
        message = "(an error whose message cannot be read)"
    lines, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    builtin = vars(builtins).get(kind.__name__) is kind
    lines = lines[-1:] if kind is RecursionError else lines[-8:]
    return {"type": kind.__name__[:80], "builtin": builtin, "message": message, "lines": lines}


@contextlib.contextmanager
def settled(seed: str) -> Iterator[None]:
    """Reset whatever state one item's code could leave behind for the next."""
    number = zlib.crc32(seed.encode())
    random.seed(number)
    numpy.random.seed(number)
    # Not torch.manual_seed: it looks for every accelerator, which takes longer than most checks.
    torch.default_generator.manual_seed(number)
    torch.set_default_dtype(torch.float32)
    with torch.enable_grad():
        yield
