"""What a lesson's `milestone(run)` gets: data, a loop with a bar, figures, pictures and stages."""

import inspect
import signal
import threading
import time
import weakref
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.lessons.course import Course
from autograder.milestone import datasets
from autograder.milestone.album import Album
from autograder.milestone.bar import fitting, open_bar
from autograder.workspace.pictures import Drawn, keep_drawn
from autograder.workspace.record import Figure, Record, plain_number

# A row of an ablation: what was changed, the loss, the lecture's.
Rung = tuple[str, float, float | None]


class Run:
    """One run of a milestone.

    full: whether the full length is wanted. device: a name for torch, such as "cpu".
    only: the stages to run, by name; all of them where it is empty.
    interrupted: where a loop was ended by Ctrl-C, in words; empty where none was.
    A data set of the course, `[data.rivers]` in its `course.toml`, is read by `run.rivers()`: one
    text, or with `words = true` a list of words. A line says whether it is the real data.
    """

    def __init__(
        self,
        lesson_file: Path,
        full: bool = False,
        device: str = "cpu",
        steps: int | None = None,
        source: str = "auto",
        only: Collection[str] = (),
    ):
        self.lesson_file, self.full, self.device = lesson_file, full, device
        self.source, self._steps_wanted = source, steps
        self.figures: list[Figure] = []
        self.only, self.played = only, list[str]()
        self.album = Album(lesson_file, self._print)
        self._said: list[str] = []
        self.data: list[datasets.Dataset] = []
        self.steps_done, self.interrupted = 0, ""
        self.started = time.monotonic()
        self._shown: dict[str, Any] = {}
        self._made: dict[str, Any] = {}
        self._stop = False
        self._open_loop: Callable[[], Generator[int, None, None] | None] = lambda: None

    def __getattr__(self, name: str) -> Callable[[], str | list[str]]:
        known = {} if name.startswith("_") else self.course.about.data
        if name not in known:
            raise AttributeError(
                f"`run` has no {name}, and no data set has that name; course.toml has "
                f"{', '.join(known) or 'none'}"
            )
        return lambda: self._read(name).split() if known[name].words else self._read(name)

    def _read(self, name: str) -> str:
        dataset = datasets.load(self.course, name, self.source)
        if dataset not in self.data:
            self.data.append(dataset)
            self._print(dataset.sentence)
        return dataset.text

    @cached_property
    def course(self) -> Course:
        """The course that the lesson's file is of."""
        return Course.find(self.lesson_file.parent)

    @property
    def real_data(self) -> bool:
        """Whether all data read so far is the real one."""
        return all(dataset.real for dataset in self.data)

    def steps(self, short: int, full: int | None = None, label: str = "training") -> Iterator[int]:
        """Count from 0 to the run's length - 1 beside a bar: `short`, or `full` with --full.

        --steps replaces both. Ctrl-C ends the loop after the step that it falls into, and the
        milestone goes on with what is done; a second Ctrl-C before that stops the run.
        """
        loop = self._loop(label, self.length(short, full))
        self._open_loop = weakref.ref(loop)
        return loop

    def length(self, short: int, full: int | None = None) -> int:
        """How many steps `steps(short, full)` counts."""
        if self._steps_wanted is not None:
            return self._steps_wanted
        return full if self.full and full is not None else short

    def _loop(self, label: str, total: int) -> Generator[int, None, None]:
        done, self._shown = 0, {}
        bar = open_bar(label, total)
        try:
            with self._interruptible():
                while done < total and not self._stop:
                    yield done
                    done += 1
                    self.steps_done += 1
                    bar.update(done, self._shown)
        finally:
            bar.close(done, self._shown)
        if done < total:
            self.interrupted = f"{label} interrupted after step {done:,} of {total:,}"
            self._print(f"{self.interrupted}; going on with what is done")

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let Ctrl-C ask for the end of the loop. Only the main thread may set a handler."""
        self._stop = False
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        earlier = signal.signal(signal.SIGINT, self._ask_to_stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, earlier)

    def _ask_to_stop(self, *_: object) -> None:
        if self._stop:
            raise KeyboardInterrupt
        self._stop = True

    def close(self) -> None:
        """End a loop that an error has left open, so that the terminal gets its bar back."""
        loop = self._open_loop()
        if loop is not None:
            loop.close()

    def show(self, **figures: Any) -> None:
        """Put figures beside the bar: numbers, or tensors of one element (read only when drawn)."""
        for name, value in figures.items():
            self._shown[name] = value.detach() if hasattr(value, "detach") else value

    def say(self, text: str) -> None:
        """Print a line; above the bar, where there is one. The learner's page keeps it."""
        self._said.append(text)
        self._print(text)

    def _print(self, text: str) -> None:
        print(fitting(text), flush=True)

    def figure(
        self, name: str, value: Any, lecture: Any = None, passed: bool | None = None
    ) -> None:
        """Print and record a figure; `passed=None` tells without judging.

        lecture: the figure to compare with; `figures` in course.toml says whose it is.
        """
        verdict = None if passed is None else bool(passed)
        whose = self.course.about.figures
        figure = Figure(name, plain_number(value), lecture, verdict, whose)
        self.figures.append(figure)
        words = {None: "", True: ": passed", False: ": not passed"}[verdict]
        self._print(f"{figure.text()}{' (interrupted)' if self.interrupted else ''}{words}")

    @contextmanager
    def plot(
        self, name: str, rows: int = 1, columns: int = 1, size: tuple[float, float] | None = None
    ) -> Iterator[Any]:
        """Draw on matplotlib axes (an array of them for more than one) and save the picture.

        The file is `<lesson>.<name>.png` beside the lesson; a notebook shows the picture as well.
        size: width and height in inches. Nothing is saved where the drawing raises.
        """
        with self.album.page(name, rows, columns, size, remark=lambda: self.interrupted) as axes:
            yield axes

    def svg(self, name: str, text: str) -> None:
        """Save a drawing, as `<lesson>.<name>.svg` beside the lesson; a notebook shows it too."""
        self.album.keep(name, ".svg", text.encode())

    def stages(self, *stages: "Callable[[Run], None]") -> None:
        """Run the stages of a milestone in their order, or of these only those asked for."""
        for stage in stages:
            if not self.only or stage.__name__ in self.only:
                self._play(stage)

    def ablations(self, *ablations: "Callable[[Run], None]") -> None:
        """Run those tables that are asked for by their names: each takes minutes."""
        for ablation in ablations:
            if ablation.__name__ in self.only:
                self._play(ablation)

    def ladder(
        self, name: str, rows: "Sequence[Rung]", label: str = "dev loss", title: str = ""
    ) -> None:
        """Draw an ablation: a dot for each training, and a mark for the lecture's.

        rows: what was changed, the loss, and the lecture's or None; from the first to the last.
        """
        with self.plot(name, size=(7, 0.5 * len(rows) + 1.8)) as axes:
            names, ours, lecture = zip(*rows, strict=True)
            axes.plot(ours, names, "o", color="C0", label="yours")
            known = [(loss, name) for name, loss in zip(names, lecture, strict=True) if loss]
            if known:
                whose = "lecture" if self.full else "lecture, longer runs"
                axes.plot(*zip(*known, strict=True), "k|", markersize=16, label=whose)
                axes.legend()
            for row, (_, loss, mark) in enumerate(rows):
                # On the side where the lecture's mark isn't.
                side = "right" if mark and mark >= loss else "left"
                axes.text(loss, row, f"  {loss:.3f}  ", va="center", ha=side)
            axes.grid(axis="y", alpha=0.4)
            axes.margins(x=0.15, y=0.1)
            axes.invert_yaxis()
            axes.set(xlabel=label, title=title)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make()` returns, made once for all the stages of this run; nobody may change it."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _play(self, stage: "Callable[[Run], None]") -> None:
        says = " ".join((inspect.getdoc(stage) or "").partition("\n\n")[0].split())
        self._print(f"{stage.__name__}: {says}")
        before, self._said = len(self.album.files), []
        stage(self)
        self.played.append(stage.__name__)
        files = tuple(self.album.files[before:])
        keep_drawn(self.lesson_file, Drawn(stage.__name__, says, files, tuple(self._said)))

    def record(self) -> Record:
        """The run's outcome: passed where at least one figure is judged and none failed."""
        judged = [figure.passed for figure in self.figures if figure.passed is not None]
        return Record(
            lesson=self.lesson_file.stem,
            passed=bool(judged) and all(judged),
            figures=self.figures,
            seconds=round(time.monotonic() - self.started, 1),
            steps=self.steps_done,
            full=self.full,
            interrupted=bool(self.interrupted),
            device=self.device,
            real_data=self.real_data,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            data=[dataset.sentence for dataset in self.data],
            plots=self.album.files,
        )
