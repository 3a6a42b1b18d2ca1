"""Runs a lesson's milestone: the learner's own functions train a model, and its figures are judged.

A lesson ends with `main(milestone)`; `grad milestone LESSON` runs the lesson's file by `run_file`.
Exit codes: 0 passed, 1 not passed, 2 wrong use or no data, 130 stopped by Ctrl-C.
"""

import argparse
import contextlib
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from autograder.lessons.disk import write_atomically
from autograder.lessons.errors import GradschoolError
from autograder.lessons.places import running_notebook
from autograder.milestone.bar import clock_text, in_notebook
from autograder.milestone.run import Run
from autograder.workspace.record import Record, workspace_record, write_record

STOPPED = 130


def main(milestone: Callable[[Run], None], argv: Sequence[str] | None = None) -> None:
    """Run a milestone and leave the program with its exit code.

    argv: options, by default those of the command line. A notebook has none, and goes on after it.
    """
    if argv is None and in_notebook():
        run_milestone(milestone, [])
        return
    raise SystemExit(run_milestone(milestone, argv))


def run_milestone(milestone: Callable[[Run], None], argv: Sequence[str] | None) -> int:
    """Run a milestone, print and record what came out. Returns the exit code."""
    lesson_file = find_lesson_file(milestone)
    options = parse_options(lesson_file.stem, argv)
    run = Run(lesson_file, options.full, options.device, options.steps, options.data, options.stage)
    try:
        with computing(options.threads):
            milestone(run)
    except KeyboardInterrupt:
        run.close()
        run.say("stopped; nothing is recorded")
        return STOPPED
    except GradschoolError as error:
        run.close()
        run.say(str(error))
        return 2
    except (Exception, SystemExit) as error:
        run.close()
        run.say(describe_error(error, lesson_file.parent))
        return 1
    try:
        return conclude(run, options.json)
    except GradschoolError as error:
        run.say(str(error))
        return 2


@contextlib.contextmanager
def computing(threads: int) -> Iterator[None]:
    """Let torch, where the lesson uses it, compute with so many threads.

    A notebook goes on afterwards with its own.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def conclude(run: Run, json_file: Path | None) -> int:
    """Say in one line whether the milestone is passed, and record it.

    Single stages are no milestone: they say only what they draw and measure.
    """
    record = run.record()
    if run.only:
        if json_file:
            write_atomically(json_file, record.as_json().encode())
        return conclude_stages(run)
    run.say(conclusion(record, run.interrupted))
    place = workspace_record(run.lesson_file)
    if place:
        write_record(record, place)
    if json_file:
        write_atomically(json_file, record.as_json().encode())
    return 0 if record.passed else 1


def conclude_stages(run: Run) -> int:
    """Name a stage that there is not; else tell by the exit code how the figures were judged."""
    absent = [name for name in run.only if name not in run.played]
    if absent:
        run.say(f"{run.lesson_file.name} has no stage named {absent[0]}; `grad plot` lists them")
        return 2
    return int(any(figure.passed is False for figure in run.figures))


def conclusion(record: Record, interrupted: str) -> str:
    """The last line of a run."""
    ending = f", {interrupted}" if interrupted else ""
    if record.passed:
        return f"milestone passed in {clock_text(record.seconds)}{ending}"
    failed = [figure.text() for figure in record.figures if figure.passed is False]
    return f"milestone not passed: {'; '.join(failed) or 'no figure was judged'}{ending}"


class Parser(argparse.ArgumentParser):
    """A wrong option gets one sentence, without the list of all options before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help explains\n")


def parse_options(lesson: str, argv: Sequence[str] | None) -> argparse.Namespace:
    """The options of a milestone. Leaves the program with code 2 on a wrong one."""
    parser = Parser(
        prog=f"{lesson}.py",
        description="Run this lesson's milestone, with its functions, and judge its figures. "
        "Ctrl-C ends the training and keeps what is done.",
    )
    parser.add_argument("--full", action="store_true", help="train for the full length")
    parser.add_argument("--device", default="cpu", help="where torch computes: cpu (default), cuda")
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="threads of the processor; tensors as small as most of these are done soonest by 1, "
        "which also gives the same figures everywhere",
    )
    parser.add_argument("--steps", type=int, metavar="N", help="steps of each training loop")
    parser.add_argument(
        "--data",
        choices=["auto", "real", "small"],
        default="auto",
        help="the real data, the small data that comes with the course, or (auto) the real data "
        "where it can be had",
    )
    parser.add_argument(
        "--stage",
        action="append",
        default=[],
        metavar="NAME",
        help="run this stage of the milestone alone; it may be given several times",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome to FILE too")
    options = parser.parse_args(argv)
    if options.steps is not None and options.steps < 1:
        parser.error(f"--steps {options.steps}: give a number of at least 1")
    if options.threads < 1:
        parser.error(f"--threads {options.threads}: give a number of at least 1")
    trouble = device_trouble(options.device)
    if trouble:
        parser.error(trouble)
    return options


def device_trouble(device: str) -> str:
    """Why torch cannot compute on a device, in a sentence; empty where it can."""
    if device == "cpu":
        return ""
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        return f"--device {device}: torch cannot compute there ({reason}); leave it out for cpu"
    return ""


def find_lesson_file(milestone: Callable[[Run], None]) -> Path:
    """The lesson's file. A notebook has no `__file__`; there Jupyter or VS Code tells its path."""
    space = milestone.__globals__
    if "__file__" in space:
        return Path(space["__file__"]).absolute()
    told = running_notebook(space)
    return Path.cwd() / (told.name if told.suffix in (".py", ".ipynb") else "lesson.py")


def describe_error(error: BaseException, folder: Path) -> str:
    """An error in the words of the lesson: the stub that is still untouched, or the own lines."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    code = frames[-1].f_code
    if isinstance(error, NotImplementedError) and is_own(code.co_filename, folder):
        exercise = code.co_qualname.partition(".<locals>")[0]
        place = f"{_file_or_cell(code.co_filename)}, line {code.co_firstlineno}"
        return f"{exercise} is still to do ({place}): fill it in, then run this again"
    report = traceback.TracebackException.from_exception(error)
    own = [frame for frame in report.stack if is_own(frame.filename, folder)]
    report.stack = traceback.StackSummary.from_list(own)
    report.__cause__ = report.__context__ = None
    return "".join(report.format()).rstrip()


def _file_or_cell(filename: str) -> str:
    """A file by its name, and a notebook's cell by the number that stands beside it."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    cell = shell.compile.format_code_name(filename) if shell else None
    return str(cell[1]) if cell else Path(filename).name


def is_own(filename: str, folder: Path) -> bool:
    """Whether a line of code stands in the learner's folder or in a cell of his notebook."""
    if "ipykernel" in filename or filename.startswith("<ipython"):
        return True
    return Path(filename).absolute().parent == folder


def run_file(path: Path, arguments: Sequence[str] = ()) -> int:
    """Run a lesson's file as a program with this interpreter. Returns its exit code."""
    return call([sys.executable, "-m", "autograder.milestone.lesson", str(path), *arguments])


def call(command: Sequence[str]) -> int:
    """Run a milestone's program. Returns its exit code.

    Ctrl-C reaches the program itself, which ends its loop and concludes; this side only waits.
    """
    earlier = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.call(command)
    finally:
        signal.signal(signal.SIGINT, earlier)
