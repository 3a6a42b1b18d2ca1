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
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import torch

from autograder import checks
from autograder.worker import observation, shortcuts
from autograder.worker.draw import Draw

MAX_PRINTED = 2000


class Printed(io.TextIOBase):
    """Standard output while an item runs: the beginning is kept, the rest is dropped."""

    def __init__(self):
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


def run_job(job: dict[str, Any], send: Callable[[bytes], None]) -> None:
    """Load the job's lesson, run its items in order, and send one frame for each.

    The first frame tells how the loading went. A job is {lesson, path, units, checks, items, seeds,
    record, limits}: `units` are the lesson's text in pieces, each (source, line number of its
    first line), `checks` is the compiled checks file, and `seeds` has one for each exercise. An
    item is {exercise, name} with either {check, case} or the compiled {code} of a docstring's
    examples.
    """
    declarations = load_checks(job["checks"])
    # Settled before the lesson is loaded, whose code could reach the table.
    forbidden = {name for _, names, _ in declarations.forbidden for name in names}
    everywhere = shortcuts.EVERYWHERE if forbidden else ()
    refused = {item["exercise"]: declarations.shortcuts(item["exercise"]) for item in job["items"]}
    refused = tuple(refused.items())
    sys.modules.update(declarations.provided)
    hide_engine()
    with shortcuts.refusing(everywhere):
        with shortcuts.refusing_at_load(sorted(forbidden)):
            lesson, errors = load_lesson(job)
        send(observation.encode({"value": {"errors": errors}}))
        run_items(lesson, declarations, job, send, refused)


def run_items(lesson: types.ModuleType, declarations, job: dict, send, refused: tuple) -> None:
    """Run a job's items in order, each exercise's under the refusals that `refused` gives it."""

    def names_of(item: dict) -> tuple[str, ...]:
        return next(names for exercise, names in refused if exercise == item["exercise"])

    checks_names = [check.function.__globals__ for check in declarations.checks[:1]]
    for names, items in itertools.groupby(job["items"], names_of):
        with shortcuts.refusing(names, trusted=checks_names) as refusals:
            for item in items:
                send(run_item(lesson, declarations, item, job, refusals))


def load_checks(code: types.CodeType) -> checks.Declarations:
    with checks.loading() as declarations:
        exec(code, {"__name__": "checks"})
    return declarations


def hide_engine() -> None:
    """Put a harmless `autograder` in place of the engine: a notebook's cells may import it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "autograder"]:
        del sys.modules[name]
    stand_in = types.ModuleType("autograder")
    stand_in.grade = stand_in.progress = lambda *_, **__: None
    sys.modules["autograder"] = stand_in


def load_lesson(job: dict[str, Any]) -> tuple[types.ModuleType, list[dict]]:
    """Execute the lesson's units in one module; a unit that fails leaves the others standing."""
    lesson = types.ModuleType(job["lesson"])
    lesson.__file__ = job["path"]
    sys.modules[job["lesson"]] = lesson
    errors = []
    for number, (source, line) in enumerate(job["units"]):
        with settled(f"load/{number}"), contextlib.redirect_stdout(Printed()):
            try:
                text = "\n" * (line - 1) + source
                exec(compile(text, job["path"], "exec", dont_inherit=True), vars(lesson))
            except BaseException as error:
                errors.append({"line": line, **describe(error, job["path"])})
    return lesson, errors


def run_item(lesson: types.ModuleType, declarations, item: dict, job: dict, refusals) -> bytes:
    """Run one example or one case of one check; what it saw, or how it failed, as plain data."""
    inputs: dict[str, Any] = {}
    printed = Printed()
    result: dict[str, Any] = {}
    seed = job["seeds"][item["exercise"]]
    with settled(f"{seed}/{item['name']}"), contextlib.redirect_stdout(printed):
        try:
            if "code" in item:
                result["value"] = run_example(lesson, item["code"])
            else:
                result["value"] = run_check(lesson, declarations, item, job, inputs)
        except BaseException as error:
            result["error"] = describe(error, job["path"])
    if (refused := refusals.take()) is not None:
        result["error"] = {"type": "ShortcutRefused", "message": refused.shortcut, "lines": []}
    result["printed"] = printed.text()
    if job["record"]:
        result["inputs"] = inputs
    with torch.no_grad():
        return observation.encode(result)


def run_check(lesson, declarations, item: dict, job: dict, inputs: dict) -> Any:
    check = declarations.checks[item["check"]]
    record = recorder(inputs) if job["record"] else None
    draw = Draw(
        job["seeds"][check.exercise],
        f"{check.exercise}/{check.name}",
        item["case"],
        check.cases,
        record,
    )
    return check.function(lesson, draw)


def run_example(lesson, pieces: list[tuple[str, types.CodeType]]) -> list:
    """Run a docstring's examples in one namespace; the values of its expressions.

    What is no plain data is observed as the text that an interactive Python would show. What an
    example prints is its value; what the lesson's own code prints is nobody's business.
    """
    namespace = {**vars(lesson), "print": lambda *values: " ".join(map(str, values))}
    observed = []
    for mode, code in pieces:
        value = eval(code, namespace)
        if mode == "eval":
            plain = observation.decode(observation.encode(value)).kind != "object"
            observed.append(value if plain else observation.Shown(shown(value)))
    return observed


def shown(value: Any) -> str:
    """The text of an object without its place in memory, which differs in every run."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def recorder(inputs: dict) -> Callable[[str, Any], None]:
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
        message = str(error)[:500]
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
    number = random.Random(seed).getrandbits(31)
    random.seed(number)
    numpy.random.seed(number)
    # Not torch.manual_seed: it looks for every accelerator, which takes longer than most checks.
    torch.default_generator.manual_seed(number)
    torch.set_default_dtype(torch.float32)
    with torch.enable_grad():
        yield
