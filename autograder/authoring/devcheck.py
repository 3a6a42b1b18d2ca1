"""What the course must prove about itself: the rules behind `grad dev check`.

Each rule takes a lesson under inspection and yields problems, one sentence each. A lesson is in
order when no rule finds any.
"""

from __future__ import annotations

import contextlib
import doctest
import functools
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from autograder.authoring.inspection import Inspection
from autograder.authoring.jobs import mapping
from autograder.authoring.mistakes import mistakes_are_diagnosed, mistakes_cost_once
from autograder.authoring.open_tasks import (
    stubs_leave_tasks_open,
    tasks_are_declared,
    tasks_are_met,
)
from autograder.authoring.predictions import predictions_are_measured, stubs_ask
from autograder.authoring.stages import stages_are_called, stages_draw
from autograder.authoring.strength import mutants_are_caught, weakenings_are_caught
from autograder.grading.measuring import imported
from autograder.grading.plan import Plan
from autograder.grading.result import Outcome, Result, load_errors
from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.lessons.errors import CourseError
from autograder.lessons.percent import split_cells
from autograder.reports.report import PASSED, TODO

Rule = Callable[[Inspection], Iterator[str]]

# The seeds under which observations are to differ.
DRAWN_BY = (0, 1)


def check_course(
    course: Course,
    names: list[str],
    *,
    every: int,
    neighbors: bool,
    mutants: bool,
    weakenings: bool,
    seeds: Sequence[int],
    jobs: int,
    say: Callable[..., None],
) -> bool:
    """Inspect lessons, print a table and the problems; True where there are none.

    seeds: those under which the references must pass; under the last one right files must, too.
    jobs: how many lessons are inspected at a time, each in a process of its own.
    """
    problems = list(leftovers(course))
    rules = RULES + tuple(itertools.compress(DEAR_RULES, (neighbors, mutants, weakenings)))
    inspect = functools.partial(_inspect, course, rules, seeds, every)
    say(f"{'lesson':24}{'exercises':>10}{'checks':>8}{'mistakes':>10}  problems")
    # The longest first: else one process ends alone, and the others wait for it.
    order = sorted(names, key=lambda name: -_length(course, name)) if jobs > 1 else names
    with mapping(min(jobs, len(names))) as mapped:
        for name, (found, counts) in zip(order, mapped(inspect, order), strict=True):
            say(f"{name:24}{counts[0]:>10}{counts[1]:>8}{counts[2]:>10}  {len(found) or 'none'}")
            problems += [_named(name, problem) for problem in found]
    for sentence in undrawn(course, names):
        say(sentence)
    for problem in problems:
        say(problem)
    say(_counted(len(problems), "problem") if problems else "The course is in order.")
    return not problems


def _length(course: Course, name: str) -> int:
    """How long a lesson's inspection may take, in characters of its known mistakes."""
    try:
        return len(course.mistakes_source(name))
    except CourseError:  # which the inspection tells
        return 0


def undrawn(course: Course, names: Iterable[str]) -> Iterator[str]:
    """The exercises that are declared to draw nothing, each with the reason."""
    for name in names:
        with contextlib.suppress(CourseError):
            for id, because in Plan.load(course, name).declarations.undrawn.items():
                yield f"{name}: {id} draws nothing: {because}"


def _named(name: str, problem: str) -> str:
    """A problem behind its lesson's name, which some sentences begin with already."""
    return problem if problem.startswith((f"{name}: ", f"{name}, ")) else f"{name}: {problem}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)


def _inspect(
    course: Course, rules: Iterable[Rule], seeds: Sequence[int], every: int, name: str
) -> tuple[list[str], tuple[int, int, int]]:
    try:
        with Session(course) as session:
            inspection = Inspection(course, session, Plan.load(course, name), seeds, every)
            declared = inspection.plan.declarations
            counts = (
                len(inspection.plan.lesson.exercises),
                len(declared.checks),
                len(declared.mistakes),
            )
            return [problem for rule in rules for problem in rule(inspection)], counts
    except (CourseError, SyntaxError, ValueError) as error:
        return [str(error)], (0, 0, 0)


def exercises_are_generated(inspection: Inspection) -> Iterator[str]:
    """`exercises/` is what the generator makes, byte for byte."""
    path = _exercises(inspection) / f"{inspection.name}.py"
    if not path.exists():
        yield f"{path} is missing; run `grad dev build`"
    elif path.read_bytes() != inspection.plan.lesson.stub().encode():
        yield f"{path} is not what the solution makes; run `grad dev build`"


def _exercises(inspection: Inspection) -> Path:
    return inspection.course.solutions.parent / "exercises"


def stubs_are_todo(inspection: Inspection) -> Iterator[str]:
    """Every stub imports, and every exercise on it is still to do."""
    report = inspection.grade(inspection.plan.lesson.stub())
    for exercise in report.exercises:
        worked = inspection.plan.lesson.exercises[exercise.id].worked
        if exercise.verdict != (PASSED if worked else TODO):
            yield f"{exercise.id} is {exercise.verdict} on the stub: {exercise.message}"
    job = inspection.plan.job([(inspection.plan.lesson.stub(), 1)], "stub.py", 0)
    load = Result(inspection.session.pool.run(job, []).load)
    errors = [f"{error.type}: {error.message}" for _, error in load_errors(load)]
    if load.outcome is not Outcome.RETURNED or errors:
        yield f"the stub does not import: {', '.join(errors) or load.outcome}"


def references_pass(inspection: Inspection) -> Iterator[str]:
    """The reference passes its examples and its checks under several seeds."""
    for seed in inspection.seeds:
        report = inspection.grade(inspection.plan.lesson.source, seed)
        for exercise in report.exercises:
            if exercise.verdict != PASSED:
                yield f"{exercise.id} is {exercise.verdict} at seed {seed}: {exercise.message}"


def right_files_pass(inspection: Inspection) -> Iterator[str]:
    """Right files in other people's styles pass, where the course has any in `tests/right/`."""
    seed = inspection.seeds[-1]
    folder = inspection.course.solutions.parent / "tests" / "right" / inspection.name
    for path in sorted(folder.glob("*.py")):
        report = inspection.session.grade(path, inspection.name, seed)
        for exercise in report.exercises:
            if exercise.verdict != PASSED:
                failed = f"{exercise.id} is {exercise.verdict}: {exercise.message}"
                yield f"{path.name}, which is right, at --seed {seed}: {failed}"


def examples_are_true(inspection: Inspection) -> Iterator[str]:
    """What the docstrings' examples show is what the reference prints."""
    runner = doctest.DocTestRunner(verbose=False)
    lines: list[str] = []
    try:
        module = _import(inspection.course.solutions / f"{inspection.name}.py")
    except Exception as error:
        yield f"the solution does not import: {type(error).__name__}: {error}"
        return
    for exercise in inspection.plan.lesson.exercises.values():
        test = doctest.DocTestParser().get_doctest(
            exercise.docstring, vars(module).copy(), exercise.id, None, exercise.line
        )
        if runner.run(test, out=lines.append).failed:
            told = " ".join("".join(lines).split()).strip("* ")
            yield f"{exercise.id}: an example is wrong: {told[:300]}"
        lines.clear()


def _import(path: Path) -> ModuleType:
    """A solution as a module; it may import other lessons."""
    with _search(path.parent):
        return imported(path)


@contextlib.contextmanager
def _search(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def exercises_are_complete(inspection: Inspection) -> Iterator[str]:
    """Every exercise has an example, two hints, what it taught, two checks, three mistakes."""
    declared = inspection.plan.declarations
    for exercise in inspection.plan.lesson.exercises.values():
        checks = sum(check.exercise == exercise.id for check in declared.checks)
        known = sum(mistake.exercise == exercise.id for mistake in declared.mistakes)
        if not exercise.examples:
            yield f"{exercise.id} has no example in its docstring"
        if len(exercise.hints) < 2 and not exercise.worked:
            yield f"{exercise.id} has {_counted(len(exercise.hints), 'hint')}, at least 2 are due"
        if not exercise.learned and not exercise.worked:
            yield f"{exercise.id} does not say what was learned"
        if checks < 2:
            yield f"{exercise.id} has {_counted(checks, 'check')}, at least 2 are due"
        if known < 3:
            yield f"{exercise.id} has {_counted(known, 'mistake')}, at least 3 are due"
    for check in declared.checks:
        if not check.says:
            yield f"the check {check.name} has no docstring"


def declarations_fit(inspection: Inspection) -> Iterator[str]:
    """No check, mistake or rule refers to an exercise that is not there; no name is used twice."""
    declared, exercises = inspection.plan.declarations, inspection.plan.lesson.exercises
    named = [check.exercise for check in declared.checks]
    named += [mistake.exercise for mistake in declared.mistakes]
    named += [who for who, _, _ in declared.forbidden if who != "*"]
    named += [*declared.points, *declared.undrawn]
    for name in sorted(set(named) - set(exercises)):
        yield f"{name} is declared in the checks but is no exercise"
    names = [(check.exercise, check.name) for check in declared.checks]
    for exercise, name in sorted({pair for pair in names if names.count(pair) > 1}):
        yield f"{exercise} has two checks named {name}"


def inputs_are_drawn(inspection: Inspection) -> Iterator[str]:
    """A seed changes what is seen of every exercise, but where `checks.py` says why none could."""
    plan, (one, other) = inspection.plan, (inspection.key(seed) for seed in DRAWN_BY)
    for id in plan.lesson.exercises:
        items = [item for item in plan.items_of(id) if not item.is_examples]
        drawn = any(one.differs(item, other.reference[item.name]) for item in items)
        if not drawn and items and id not in plan.declarations.undrawn:
            yield (
                f"{id}: no seed changes what its checks see, so that answers can be prepared; draw "
                "something, or say `draws_nothing(because=...)`"
            )
        if drawn and id in plan.declarations.undrawn:
            yield f"{id} is declared to draw nothing, but a seed changes what its checks see"


def stubs_are_nbgraders(inspection: Inspection) -> Iterator[str]:
    """Every cell's stub is what nbgrader's own ClearSolutions would make of it."""
    try:
        from nbformat import NotebookNode
        from nbgrader.preprocessors import ClearSolutions
    except ImportError:
        return
    clear = ClearSolutions()
    lesson = inspection.plan.lesson
    ours = [cell for cell in split_cells(lesson.stub()) if cell.kind == "code"]
    originals = [cell for cell in split_cells(lesson.asking()) if cell.kind == "code"]
    for cell, stub in zip(originals, ours, strict=True):
        theirs = NotebookNode(cell_type="code", source=cell.source)
        clear._replace_solution_region(theirs, "python")
        if theirs.source != stub.source:
            yield f"line {cell.line}: nbgrader would clear this cell in another way"


def leftovers(course: Course) -> Iterator[str]:
    """No checked-in file or folder is left over."""
    found = [path.parent for path in course.checks.glob("*/*.*") if path.suffix != ".pyc"]
    found += (course.solutions.parent / "exercises").glob("*.py")
    for path in sorted(set(found)):
        if path.stem not in course.names:
            yield f"{path} belongs to no lesson"


RULES = (
    exercises_are_generated,
    stubs_are_todo,
    references_pass,
    right_files_pass,
    examples_are_true,
    exercises_are_complete,
    declarations_fit,
    inputs_are_drawn,
    mistakes_are_diagnosed,
    predictions_are_measured,
    stubs_ask,
    tasks_are_declared,
    stubs_leave_tasks_open,
    tasks_are_met,
    stubs_are_nbgraders,
    stages_are_called,
    stages_draw,
)
# Each takes minutes, and can be left out.
DEAR_RULES: tuple[Rule, ...] = (mistakes_cost_once, mutants_are_caught, weakenings_are_caught)
