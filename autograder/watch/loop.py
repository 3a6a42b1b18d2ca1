"""The loop of `grad watch`: saves and keys in, one screen out, the terminal left as it was."""

from __future__ import annotations

import functools
import os
import queue
import threading
from pathlib import Path

import watchfiles
from rich.console import Console
from rich.live import Live

from autograder.lessons.errors import GradschoolError, Unusable
from autograder.reports.report import PASSED
from autograder.watch.answers import Answers
from autograder.watch.grader import Delivery, Grader
from autograder.watch.keys import pressed
from autograder.watch.messages import (
    Answered,
    Draw,
    Effect,
    Event,
    Follow,
    Found,
    Graded,
    GradeLesson,
    KeepHints,
    Leave,
    Locate,
    Pictured,
    Place,
    Predict,
    Pressed,
    PutStubBack,
    Resized,
    Saved,
)
from autograder.watch.painter import Painter
from autograder.watch.screen import Screen
from autograder.watch.serving import serving
from autograder.watch.state import State
from autograder.worker.posix import on_resize
from autograder.workspace.reset import reset_exercise
from autograder.workspace.workspace import Workspace

# Editors write a file in several steps; what comes within this time is one save. A step that comes
# later costs nothing but a second grading.
SETTLE_MILLISECONDS = 10


class Watch:
    """Follows a course's exercises in one workspace, until `q` is pressed."""

    def __init__(self, workspace: Workspace, start: Place | None = None):
        self._workspace, self._store = workspace, workspace.store
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._state = initial_state(workspace, start)
        self._unrecorded: list[Delivery] = []
        self._stop = threading.Event()
        self._running = True
        self._painter = Painter()

    def run(self) -> None:
        """Show the screen and keep it true; returns when the user leaves."""
        console = Console(markup=False, highlight=False, emoji=False, _environ=_unsized())
        put = self._events.put
        self._grader = Grader(
            self._workspace,
            lambda delivery: put(Graded(delivery)),
            lambda located: put(Found(located)),
        )
        threading.Thread(target=self._watch_files, daemon=True).start()
        self._answers = Answers(self._workspace, put)
        self._grader.request(self._state.place.lesson)
        screen = Screen(self._state, self._workspace)
        try:
            with (
                Live(screen, console=console, screen=True, auto_refresh=False) as live,
                pressed(lambda key: put(Pressed(key))),
                on_resize(lambda: put(Resized())),
                serving(self._workspace, self._grader.grade),
            ):
                live.refresh()
                while self._running:
                    self._handle(self._events.get())
                    live.refresh()
                    self._record()
        except KeyboardInterrupt:
            pass
        finally:
            self._stop.set()
            self._grader.close()
            self._painter.close()
            self._record()
            self._store.set_position(self._state.place.lesson, self._state.place.exercise)

    def _watch_files(self) -> None:
        names = self._workspace.course.names
        changes = watchfiles.watch(
            self._workspace.exercises,
            debounce=400,
            step=SETTLE_MILLISECONDS,
            stop_event=self._stop,
            recursive=False,
        )
        for changed in changes:
            for path in {Path(name) for _, name in changed}:
                if path.stem in names and path.suffix in (".py", ".ipynb"):
                    self._events.put(Saved(path.stem))

    def _handle(self, event: Event) -> None:
        match event:
            case Pressed(key):
                self._state.press(key)
            case Saved(lesson):
                self._state.saved(lesson)
                self._grader.request(lesson)
                self._answers.in_file(lesson)
            case Graded(delivery):
                self._state.receive(delivery)
                self._unrecorded.append(delivery)
            case Found(located):
                self._state.locate(located)
            case Answered():
                self._state.answered(event)
            case Pictured(place, lines):
                self._state.pictures[place] = lines
            case Resized():
                pass
        effects, self._state.effects = self._state.effects, []
        for effect in effects:
            self._do(effect)

    def _record(self) -> None:
        """Keep the verdicts that are on the screen by now: the disk may be slow."""
        deliveries, self._unrecorded = self._unrecorded, []
        for delivery in deliveries:
            if delivery.report is not None:
                self._store.record(delivery.report, delivery.fingerprint)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Leave():
                self._running = False
            case KeepHints(place, level):
                self._store.set_hints(place.lesson, place.exercise, level)
            case PutStubBack(place):
                self._state.message = self._put_stub_back(place)
                self._grader.request(place.lesson)
            case Follow(place):
                self._store.set_position(place.lesson, place.exercise)
                self._grader.request(place.lesson)
            case GradeLesson(lesson):
                self._grader.request(lesson)
            case Predict(place, text):
                self._answers.measure(place, text)
            case Draw(place, stages):
                path = self._workspace.path(place.lesson)
                told = functools.partial(self._pictured, place)
                self._painter.draw(path, stages, told)
            case Locate(place):
                self._grader.locate(place.lesson, place.exercise)

    def _pictured(self, place: Place, lines: tuple[str, ...]) -> None:
        self._events.put(Pictured(place, lines))

    def _put_stub_back(self, place: Place) -> str:
        """What became of it, in one sentence."""
        lesson = self._workspace.course.lesson(place.lesson)
        try:
            backup = reset_exercise(self._workspace, lesson, lesson.exercises[place.exercise])
        except GradschoolError as error:
            return str(error)
        except OSError as error:
            return str(Unusable.because(error))
        return f"The stub is back. What you had is in {backup}"


def _unsized() -> dict[str, str]:
    """The environment without a fixed size of the terminal: it may change while we run."""
    return {name: os.environ[name] for name in os.environ if name not in ("COLUMNS", "LINES")}


def initial_state(workspace: Workspace, start: Place | None = None) -> State:
    """Where the last sitting ended if that is still open, else the first open exercise."""
    store = workspace.store
    verdicts = {
        Place(lesson.lesson.name, standing.exercise.id): standing.verdict
        for lesson in workspace.progress().lessons
        for standing in lesson.standings
    }
    places = list(verdicts)
    open_ones = [place for place in places if verdicts[place] != PASSED]
    position = store.position()
    resumed = Place(*position) if position else None
    place = start or (resumed if resumed in open_ones else next(iter(open_ones), places[0]))
    state = State(workspace.course, places, verdicts, current=places.index(place))
    for lesson in workspace.progress().lessons:
        for each in lesson.answered:
            state.question.predicted[Place(lesson.lesson.name, each.prediction)] = each
    state.ask()
    state.hints = {each: store.hints(each.lesson, each.exercise) for each in places}
    return state
