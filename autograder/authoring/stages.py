"""What the course must prove about its pictures: each stage draws with what it names alone."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.inspection import Inspection
from autograder.lessons.course import Course
from autograder.lessons.finding import VARIABLE
from autograder.lessons.stages import Stage, stages_called, stages_of
from autograder.milestone.stage import stage_command
from autograder.workspace.pictures import drawn

# Of the processor's time; the import of torch is in it. A stage is looked at, not waited for.
MOST_SECONDS = 20.0
# After so long nobody waits any more, however busy the machine is.
PATIENCE = 240.0
# Of each training loop in the last stage, whose length is the learner's to wait for.
STEPS = 2


def stages_are_called(inspection: Inspection) -> Iterator[str]:
    """`milestone(run)` runs all stages, and names all ablations, in the order of the file."""
    found = stages_of(inspection.course, inspection.name)
    for method in ("stages", "ablations"):
        names = [each.name for each in found if each.is_ablation == (method == "ablations")]
        called = stages_called(inspection.plan.lesson, method)
        if names and called != names:
            yield (
                f"milestone(run) is to call run.{method}({', '.join(names)}), all of them in the "
                f"order of the file; it calls {', '.join(called) or 'none'}"
            )


def stages_draw(inspection: Inspection) -> Iterator[str]:
    """Each stage draws in time on the small data, on a stub in which only what it names is solved.

    The last one, which trains, has a few steps; so has an ablation.
    """
    for stage in stages_of(inspection.course, inspection.name):
        with tempfile.TemporaryDirectory() as folder:
            yield from _problems(inspection.course, stage, Path(folder))


def _problems(course: Course, stage: Stage, folder: Path) -> Iterator[str]:
    _write_stubs(course, stage, folder / "exercises")
    trains = stage.is_last or stage.is_ablation
    options = ["--data", "small", *(["--steps", str(STEPS)] if trains else [])]
    file = folder / "exercises" / f"{stage.lesson}.py"
    before = _children_seconds()
    try:
        done = subprocess.run(
            stage_command(file, [stage.name], *options),
            cwd=folder,
            env=_environment(course),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        yield f"the stage {stage.name} does not end within {PATIENCE:.0f} s"
        return
    seconds = _children_seconds() - before
    kept = [each for each in drawn(folder, stage.lesson) if each.stage == stage.name]
    failed = done.returncode != 0 and not trains
    if failed or not kept:
        said = " ".join((done.stdout + done.stderr).split())[-300:]
        yield f"the stage {stage.name}, with what it names alone, {_fault(failed)}: {said}"
    elif seconds > MOST_SECONDS:
        yield (
            f"the stage {stage.name} takes {seconds:.0f} s; what is to be looked at at once may "
            f"take {MOST_SECONDS:.0f} s"
        )


def _fault(failed: bool) -> str:
    return "does not succeed" if failed else "draws nothing"


def _write_stubs(course: Course, stage: Stage, folder: Path) -> None:
    """The files of a learner who has solved nothing but what the stage names."""
    folder.mkdir()
    for name in course.names:
        lesson = course.lesson(name)
        named = {need.exercise for need in stage.needs if need.lesson == name}
        rest = set(lesson.exercises) - named
        untouched = {id for id in rest if not lesson.exercises[id].worked}
        (folder / f"{name}.py").write_text(lesson.stub(untouched), encoding="utf-8")


def _environment(course: Course) -> dict[str, str]:
    named = {VARIABLE: str(course.folder.absolute())} if course.is_own else {}
    return {**os.environ, **named}


def _children_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system
