"""What the screen of `grad watch` shows, and what each key does to it. No terminal in here."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.lessons.course import Course
from autograder.lessons.lesson import Exercise, Lesson
from autograder.lessons.stages import Need, Stage
from autograder.repair.place import told_from
from autograder.reports.report import FAILED, PASSED, TODO, ExerciseReport
from autograder.watch.asking import Asking
from autograder.watch.grader import Delivery, Located
from autograder.watch.messages import (
    Answered,
    Draw,
    Effect,
    Follow,
    GradeLesson,
    KeepHints,
    Leave,
    Locate,
    Place,
    Predict,
    PutStubBack,
)
from autograder.workspace.hints import LAST
from autograder.workspace.stages import ready

EXERCISE, LIST, HELP, TEXT, SOLUTION = "exercise", "list", "help", "text", "solution"
QUESTION = "question"


@dataclass
class State:
    """Everything that is shown.

    `message` is said until the next key, `reply` until the next key or save. `awaited` are the
    lessons that are still to come where all are being graded; `effects` is what the loop has to do.
    """

    course: Course
    places: list[Place]
    verdicts: dict[Place, str]
    current: int = 0
    view: str = EXERCISE
    cursor: int = 0
    scroll: int = 0
    hints: dict[Place, int] = field(default_factory=dict)
    reports: dict[Place, ExerciseReport] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    located: dict[Place, str] = field(default_factory=dict)
    pictures: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    asking: str = ""
    message: str = ""
    reply: str = ""
    waiting: bool = True
    awaited: set[str] = field(default_factory=set)
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.question = Asking(self.course)

    @property
    def place(self) -> Place:
        return self.places[self.current]

    @property
    def lesson(self) -> Lesson:
        return self.course.lesson(self.place.lesson)

    @property
    def exercise(self) -> Exercise:
        return self.lesson.exercises[self.place.exercise]

    @property
    def verdict(self) -> str:
        return self.verdicts.get(self.place, TODO)

    @property
    def lesson_places(self) -> list[Place]:
        return [place for place in self.places if place.lesson == self.place.lesson]

    @property
    def passed(self) -> int:
        return sum(self.verdicts.get(place) == PASSED for place in self.places)

    @property
    def note(self) -> str:
        """The line above the bar, where there is something to say."""
        return "Everything is being graded." if self.awaited else self.message or self.reply

    def press(self, key: str) -> None:
        """Do what a key says; what needs the outside world is added to `effects`."""
        if self.asking:
            self._answer(key)
        elif self.view == QUESTION:
            self._type(key)
        elif self.view == LIST and key in ("up", "down", "page up", "page down", "enter"):
            self._move_in_list(key)
        elif key in ("up", "down", "page up", "page down"):
            self.scroll = max(0, self.scroll + _STEPS[key])
        elif action := _ACTIONS.get(key):
            self.message = self.reply = ""
            self.awaited.clear()
            action(self)

    def saved(self, lesson: str) -> None:
        """A file was saved: what is followed in it is graded now, and that is what to look at."""
        self.located = {
            place: says for place, says in self.located.items() if place.lesson != lesson
        }
        if lesson == self.place.lesson:
            self.waiting, self.reply = True, ""
            self._put_off()

    def receive(self, delivery: Delivery) -> None:
        """Take in what grading found.

        A half-written line, or a loop at the top, spoils the whole file: it is told of the exercise
        that is followed, and the others stand as they did.
        """
        self.problems[delivery.lesson] = delivery.problem
        for report in delivery.report.exercises if delivery.report else ():
            place = Place(delivery.lesson, report.id)
            self.reports[place] = report
            if place == self.place or not report.loading:
                self.verdicts[place] = report.verdict
        if delivery.lesson == self.place.lesson:
            self.waiting, self.scroll = False, 0
            self._seek()
        self.awaited.discard(delivery.lesson)

    def locate(self, located: Located) -> None:
        """Take in where the mistake is; what a newer save has overtaken was never delivered."""
        self.located[Place(located.lesson, located.exercise)] = located.says

    @property
    def shown_place(self) -> str:
        """The place of the mistake, once so many hints were given."""
        given, report = self.hints.get(self.place, 0), self.reports.get(self.place)
        is_named = not report or bool(report.diagnosis or report.causes)
        due = told_from(len(self.exercise.hints), is_named=is_named)
        told = given >= due and self.verdict in FAILED
        return self.located.get(self.place, "") if told else ""

    @property
    def stages(self) -> list[Stage]:
        """What the exercise can be seen in, now that it has passed."""
        if self.verdict != PASSED:
            return []
        passed = {Need(p.lesson, p.exercise) for p, v in self.verdicts.items() if v == PASSED}
        return ready(self.course, passed, self.place.lesson, self.place.exercise)

    def _draw(self) -> None:
        if stages := self.stages:
            self.view = EXERCISE
            self.pictures[self.place] = ("drawing ...",)
            self.effects.append(Draw(self.place, tuple(stage.name for stage in stages)))
        else:
            self.message = "No picture shows this exercise yet; grad plot lists those there are."

    def _seek(self) -> None:
        """Have the place searched for, where what is followed is wrong."""
        report = self.reports.get(self.place)
        if report and report.verdict in FAILED and not report.loading:
            self.effects.append(Locate(self.place))

    def go(self, index: int) -> None:
        """Follow another exercise."""
        changed = self.places[index].lesson != self.place.lesson
        self.current, self.scroll = index, 0
        self.waiting = changed or self.waiting
        self.ask()
        self.effects.append(Follow(self.place))

    def ask(self) -> None:
        """Show the next question that stands before the exercise, else the exercise."""
        self.view = QUESTION if self.question.begin(self.place) else EXERCISE

    def answered(self, answered: Answered) -> None:
        """Take in what became of an answer, which may have been written into the file."""
        if not self.question.receive(answered):
            self.message = answered.text

    def _type(self, key: str) -> None:
        self.message = ""
        place = self.question.place
        if key == "quit":
            self._leave()
        elif key == "escape":
            self._put_off()
        elif self.question.told:
            if key == "enter":
                self.ask()
        elif place and (text := self.question.press(key)):
            self.effects.append(Predict(place, text))

    def _put_off(self) -> None:
        """Show the exercise; what is said of an answer from now on is a message."""
        self.view, self.question.place = EXERCISE, None

    def _guess(self) -> None:
        self.ask()
        if self.view == EXERCISE:
            self.message = "No question waits before this exercise."

    def next_open(self) -> int:
        """The next exercise that has not passed, after the current one and then from the start."""
        order = [*range(self.current + 1, len(self.places)), *range(self.current + 1)]
        open_ones = (i for i in order if self.verdicts.get(self.places[i]) != PASSED)
        return next(open_ones, self.current)

    def _next(self) -> None:
        if self.verdict == PASSED:
            self.go(self.next_open())
        else:
            self.go(min(self.current + 1, len(self.places) - 1))

    def _previous(self) -> None:
        self.go(max(self.current - 1, 0))

    def _show(self, view: str) -> None:
        self.view = EXERCISE if self.view == view else view
        self.scroll, self.cursor = 0, self.current

    def _hint(self) -> None:
        given = self.hints.get(self.place, 0)
        self.hints[self.place] = min(given + 1, len(self.exercise.hints))
        self.view = EXERCISE
        if given == len(self.exercise.hints):
            self.reply = LAST
        else:
            self.effects.append(KeepHints(self.place, self.hints[self.place]))

    def _solution(self) -> None:
        if self.verdict == PASSED or self.view == SOLUTION:
            self._show(SOLUTION)
        else:
            self.asking = "solution"

    def _ask_to_reset(self) -> None:
        self.asking = "reset"

    def _answer(self, key: str) -> None:
        asked, self.asking = self.asking, ""
        if key != "y":
            self.reply = "Nothing was changed."
        elif asked == "solution":
            self._show(SOLUTION)
        else:
            self.waiting = True
            self.effects.append(PutStubBack(self.place))

    def _move_in_list(self, key: str) -> None:
        if key == "enter":
            self.go(self.cursor)
            return
        self.cursor = max(0, min(self.cursor + _STEPS[key], len(self.places) - 1))

    def _leave(self) -> None:
        self.effects.append(Leave())

    def _check_all(self) -> None:
        self.awaited = set(self.course.names)
        self.effects += map(GradeLesson, self.course.names)


_STEPS = {"up": -1, "down": 1, "page up": -10, "page down": 10}
_ACTIONS = {
    "n": State._next,
    "p": State._previous,
    "l": lambda state: state._show(LIST),
    "h": State._hint,
    "t": lambda state: state._show(TEXT),
    "v": State._draw,
    "s": State._solution,
    "r": State._ask_to_reset,
    "a": State._check_all,
    "?": lambda state: state._show(HELP),
    "escape": lambda state: state._show(EXERCISE),
    "enter": lambda state: state._show(EXERCISE),
    "g": State._guess,
    "q": State._leave,
    "quit": State._leave,
    "right": State._next,
    "left": State._previous,
}
