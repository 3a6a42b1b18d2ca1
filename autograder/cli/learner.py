"""Commands that only read the course and the progress: they answer at once, without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.console import console, error_line
from autograder.course import Course, WrongUse, workspace
from autograder.lesson import Exercise, Lesson
from autograder.progress import LessonProgress, Progress, lesson_path, read_progress
from autograder.render import STYLES, bar, plain, shown_path
from autograder.report import PASSED, to_json
from autograder.store import Store

ExerciseName = Annotated[str, typer.Argument(help="An exercise, by any unambiguous part of it.")]


def add_to(app: typer.Typer) -> None:
    app.callback(invoke_without_command=True)(start)
    app.command("status")(status)
    app.command("list")(list_exercises)
    app.command("hint")(hint)
    app.command("show")(show)
    app.command("reset")(reset)
    app.command("watch")(watch)
    app.command("report")(report)
    app.command("milestone")(milestone)
    app.command("init")(init)


def start(context: typer.Context) -> None:
    """Show the progress where no command is given."""
    if context.invoked_subcommand is None:
        status(json=False, grade=False)


def status(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    grade: Annotated[bool, typer.Option(help="Grade what has changed first.")] = False,
) -> None:
    """Show your progress and the next step; nothing is run unless --grade says so."""
    course, folder = Course.find(), workspace()
    store = open_store(folder)
    progress = read_progress(course, folder, store)
    if grade and any(lesson.stale for lesson in progress.lessons):
        from autograder.cli.grading import grade_changed

        grade_changed(course, folder, store, progress)
        progress = read_progress(course, folder, store)
    if json:
        print(to_json(progress.data()))
    else:
        _print_progress(progress)


def _print_progress(progress: Progress) -> None:
    for lesson in progress.lessons:
        count = f"{lesson.passed:3d} of {len(lesson.standings):2d}"
        stale = "  changed since it was graded" if lesson.stale else ""
        console().print(
            lesson.lesson.name.ljust(24), bar(lesson.passed, len(lesson.standings)), count + stale
        )
    console().print(f"\n{progress.points} of {progress.max_points} points.", end=" ")
    following = next(progress.open(), None)
    if following is None:
        console().print("Every exercise has passed.")
        return
    lesson, standing = following
    id = standing.exercise.id
    console().print(f"Next: {id} ({standing.verdict}), in {_place(lesson, id)}")
    console().print(f"Read it, write it, then type: grad check {lesson.lesson.name}:{id}")
    console().print(f"Stuck? grad hint {id}")


def _place(lesson: LessonProgress, id: str) -> str:
    from autograder.submission import Unreadable, read

    try:
        line = read(lesson.path).line_of(id)
    except Unreadable:
        line = None
    return f"{shown_path(lesson.path)}:{line}" if line else shown_path(lesson.path)


def list_exercises(
    lesson: Annotated[str, typer.Argument(help="A lesson; all of them by default.")] = "",
) -> None:
    """List the exercises with their last verdicts."""
    course, folder = Course.find(), workspace()
    chosen = course.resolve_lesson(lesson) if lesson else None
    for progress in read_progress(course, folder, open_store(folder)).lessons:
        if chosen in (None, progress.lesson.name):
            console().print(f"{progress.lesson.name}: {plain(progress.lesson.title)}", style="bold")
            for standing in progress.standings:
                verdict = f"  {standing.verdict:11}"
                console().print(verdict, style=STYLES[standing.verdict], end="")
                console().print(standing.exercise.id)


def hint(
    exercise: ExerciseName,
    level: Annotated[int, typer.Option(help="Show the hints up to this one.")] = 0,
) -> None:
    """Give the next hint for an exercise; each call gives away one more."""
    lesson, found = Course.find().resolve(exercise)
    store = open_store(workspace())
    given = store.hints(lesson.name, found.id)
    level = min(level or given + 1, len(found.hints))
    if level < 0:
        raise WrongUse(f"there is no hint {level}; the first is 1")
    if not found.hints:
        console().print(f"{found.id} has no hints.")
        return
    store.set_hints(lesson.name, found.id, max(level, given))
    for number, text in enumerate(found.hints[:level], 1):
        console().print(f"{number}. {plain(text)}")
    left = len(found.hints) - level
    console().print(f"{left} more: grad hint {found.id}" if left else "That was the last hint.")


def show(
    exercise: ExerciseName,
    solution: Annotated[bool, typer.Option(help="Show the reference solution too.")] = False,
) -> None:
    """Show an exercise: what is asked, where it stands, and the text of the lesson before it.

    The solution is shown once the exercise has passed.
    """
    lesson, found = Course.find().resolve(exercise)
    folder = workspace()
    if solution:
        _require_passed(open_store(folder), lesson, found)
    path = lesson_path(folder, lesson.name)
    console().print(found.id, style="bold", end="  ")
    console().print(f"{shown_path(path)}, lesson {plain(lesson.title)}\n")
    if text := text_before(lesson, found.line):
        console().print(text + "\n")
    console().print(lesson.lines[found.line - 1].strip())
    console().print(found.docstring)
    if solution:
        console().print("\nThe reference:", style="bold")
        console().print(found.code)


def _require_passed(store: Store, lesson: Lesson, exercise: Exercise) -> None:
    verdict = store.verdicts(lesson.name).get(exercise.id)
    if verdict is None or verdict.verdict != PASSED:
        raise WrongUse(
            f"the solution of {exercise.id} is shown once your own has passed; "
            f"until then there is `grad hint {exercise.id}`"
        )


def text_before(lesson: Lesson, line: int) -> str:
    """The text cell that introduces the code at a line."""
    text = ""
    for cell in lesson.cells:
        if cell.line > line:
            break
        if cell.kind == "markdown":
            text = cell.source
    return text


def reset(
    name: Annotated[str, typer.Argument(help="A lesson, or LESSON:EXERCISE.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put the stub back; the file as it is now is backed up first."""
    from autograder.reset import reset_exercise, reset_lesson

    course, folder = Course.find(), workspace()
    whole = name.removesuffix(".py") in course.names
    lesson, exercise = (course.lesson(name), None) if whole else course.resolve(name)
    what = exercise.id if exercise else f"the whole lesson {lesson.name}"
    if not yes and not typer.confirm(f"Put the stub of {what} back? Your file is backed up"):
        raise typer.Exit(1)
    path = lesson_path(folder, lesson.name)
    backup = reset_exercise(path, lesson, exercise) if exercise else reset_lesson(path, lesson)
    console().print(f"{shown_path(path)} has the stub of {what} again.")
    if backup:
        console().print(f"What you had is in {shown_path(backup)}")


def watch(
    exercise: Annotated[str, typer.Argument(help="Where to begin; else where you left off.")] = "",
) -> None:
    """Follow your exercises: save a file and see its verdict at once; ? explains the keys."""
    import sys

    from autograder.watch.loop import Watch
    from autograder.watch.state import Place

    course, folder = Course.find(), workspace()
    start = None
    if exercise:
        lesson, found = course.resolve(exercise)
        start = Place(lesson.name, found.id)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise WrongUse("grad watch needs a terminal; `grad check` prints the verdicts once")
    Watch(course, folder, open_store(folder), start).run()


def report(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path(
        "progress.html"
    ),
) -> None:
    """Write your progress as one HTML page: exercises, attempts over time, milestones."""
    from autograder.page import page

    course, folder = Course.find(), workspace()
    store = open_store(folder)
    html = page(read_progress(course, folder, store), store, folder)
    if not output.parent.is_dir():
        raise WrongUse(f"there is no folder {output.parent}; make it first")
    output.write_text(html, encoding="utf-8")
    console().print(f"{output} is written; open it in a browser.")


def milestone(
    lesson: Annotated[str, typer.Argument(help="A lesson.")],
    full: Annotated[bool, typer.Option(help="Train for the lecture's length.")] = False,
    device: Annotated[str, typer.Option(help="Where torch computes: cpu, cuda or mps.")] = "",
) -> None:
    """Train a lesson's model with your own functions; the same as running its file."""
    from autograder.milestone import run_file

    course, folder = Course.find(), workspace()
    path = lesson_path(folder, course.resolve_lesson(lesson))
    arguments = ["--full"] * full + (["--device", device] if device else [])
    raise typer.Exit(run_file(path, arguments))


def init(
    folder: Annotated[
        Path, typer.Argument(help="The new workspace; it must not exist or be empty.")
    ],
) -> None:
    """Make a new workspace with all exercises as stubs."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise WrongUse(f"{folder} is there already; name a new folder")
    course = Course.find()
    exercises = folder / "exercises"
    exercises.mkdir(parents=True)
    for name in course.names:
        path = exercises / f"{name}.py"
        path.write_text(course.lesson(name).stub(), encoding="utf-8")
    (folder / ".gitignore").write_text(".gradschool/\n*.png\n", encoding="utf-8")
    console().print(f"{len(course.names)} lessons are in {exercises}.")
    console().print(f"Next: cd {folder}, then grad")


def open_store(folder: Path) -> Store:
    """The workspace's progress; says so where a damaged file was set aside."""
    store = Store(folder)
    if store.notice:
        error_line(store.notice)
    return store
