"""The loop of `grad watch`: saves and keys in, one screen out, the terminal left as it was."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import watchfiles
from rich.console import Console
from rich.live import Live

from autograder.lessons.course import Course, WrongUse
from autograder.reports.report import PASSED
from autograder.watch.grader import Grader, Verdict
from autograder.watch.keys import pressed
from autograder.watch.screen import Screen
from autograder.watch.state import Place, State
from autograder.workspace.reset import reset_exercise
from autograder.workspace.standing import lesson_path, read_progress
from autograder.workspace.store import Store

# Editors write a file in several steps; what comes within this time is one save. A step that comes
# later costs nothing but a second grading.
SETTLE_MILLISECONDS = 10


class Watch:
    """Follows a course's exercises in one workspace, until `q` is pressed."""

    def __init__(self, course: Course, workspace: Path, store: Store, start: Place | None = None):
        self._course, self._workspace, self._store = course, workspace, store
        self._events: queue.SimpleQueue[tuple[str, object]] = queue.SimpleQueue()
        self._state = _initial(course, workspace, store, start)
        self._unrecorded: list[Verdict] = []
        self._stop = threading.Event()
        self._running = True

    def run(self) -> None:
        """Show the screen and keep it true; returns when the user leaves."""
        console = Console(markup=False, highlight=False, emoji=False, _environ=_unsized())
        self._grader = Grader(self._course, self._workspace, self._delivered)
        threading.Thread(target=self._watch_files, daemon=True).start()
        self._grader.request(self._state.place.lesson)
        screen = Screen(self._state, self._workspace)
        try:
            with (
                Live(screen, console=console, screen=True, auto_refresh=False) as live,
                pressed(lambda key: self._events.put(("key", key))),
                _Resizes(lambda: self._events.put(("resize", None))),
            ):
                live.refresh()
                while self._running:
                    self._handle(*self._events.get())
                    live.refresh()
                    self._record()
        except KeyboardInterrupt:
            pass
        finally:
            self._stop.set()
            self._grader.close()
            self._record()
            self._store.set_position(self._state.place.lesson, self._state.place.exercise)

    def _delivered(self, verdict: Verdict) -> None:
        self._events.put(("verdict", verdict))

    def _watch_files(self) -> None:
        folder = self._workspace / "exercises"
        changes = watchfiles.watch(
            folder, debounce=400, step=SETTLE_MILLISECONDS, stop_event=self._stop, recursive=False
        )
        for changed in changes:
            for path in {Path(name) for _, name in changed}:
                if path.stem in self._course.names and path.suffix in (".py", ".ipynb"):
                    self._events.put(("saved", path.stem))

    def _handle(self, kind: str, value) -> None:
        if kind == "key":
            self._state.press(value)
            self._do_effects()
        elif kind == "saved":
            self._state.saved(value)
            self._grader.request(value)
        elif kind == "verdict":
            self._state.receive(value)
            self._unrecorded.append(value)

    def _record(self) -> None:
        """Keep the verdicts that are on the screen by now: the disk may be slow."""
        verdicts, self._unrecorded = self._unrecorded, []
        for verdict in verdicts:
            if verdict.report is not None:
                self._store.record(verdict.report, verdict.fingerprint)

    def _do_effects(self) -> None:
        effects, self._state.effects = self._state.effects, []
        for what, place in effects:
            if what == "quit":
                self._running = False
            elif what == "hint":
                self._store.set_hints(place.lesson, place.exercise, self._state.hints[place])
            elif what == "reset":
                self._reset(place)
            elif what == "follow":
                self._follow(place)
            else:
                self._grader.request(place.lesson)

    def _follow(self, place: Place) -> None:
        self._store.set_position(place.lesson, place.exercise)
        self._grader.request(place.lesson)

    def _reset(self, place: Place) -> None:
        path = lesson_path(self._workspace, place.lesson)
        lesson = self._course.lesson(place.lesson)
        try:
            backup = reset_exercise(path, lesson, lesson.exercises[place.exercise])
            self._state.message = f"The stub is back. What you had is in {backup}"
        except WrongUse as error:
            self._state.message = str(error)
        self._grader.request(place.lesson)


def _unsized() -> dict[str, str]:
    """The environment without a fixed size of the terminal: it may change while we run."""
    return {name: os.environ[name] for name in os.environ if name not in ("COLUMNS", "LINES")}


def _initial(course: Course, workspace: Path, store: Store, start: Place | None) -> State:
    """Where the last sitting ended if that is still open, else the first open exercise."""
    progress = read_progress(course, workspace, store)
    verdicts = {
        Place(lesson.lesson.name, standing.exercise.id): standing.verdict
        for lesson in progress.lessons
        for standing in lesson.standings
    }
    places = list(verdicts)
    open_ones = [place for place in places if verdicts[place] != PASSED]
    resumed = Place(*store.position()) if store.position() else None
    place = start or (resumed if resumed in open_ones else next(iter(open_ones), places[0]))
    state = State(course, places, verdicts, current=places.index(place))
    state.hints = {each: store.hints(each.lesson, each.exercise) for each in places}
    return state


class _Resizes:
    """Calls back when the terminal's size changes, where the system tells."""

    def __init__(self, changed: Callable[[], None]):
        self._changed = changed
        self._before = None

    def __enter__(self) -> None:
        if hasattr(signal, "SIGWINCH"):
            self._before = signal.signal(signal.SIGWINCH, lambda *_: self._changed())

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGWINCH, self._before)
