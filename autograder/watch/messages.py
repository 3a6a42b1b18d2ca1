"""What happens to a watch, its events, and what it does beyond its screen, its effects."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.watch.grader import Delivery, Located
from autograder.workspace.store import Predicted


@dataclass(frozen=True)
class Place:
    """One exercise of the course, or one prediction."""

    lesson: str
    exercise: str


@dataclass(frozen=True)
class Pressed:
    """A key, by its name."""

    key: str


@dataclass(frozen=True)
class Saved:
    """The file of a lesson was written."""

    lesson: str


@dataclass(frozen=True)
class Graded:
    """A verdict has come."""

    delivery: Delivery


@dataclass(frozen=True)
class Found:
    """The place of a mistake was looked for."""

    located: Located


@dataclass(frozen=True)
class Answered:
    """A prediction was answered; `kept` is the first answer, nothing where it was none."""

    place: Place
    text: str
    kept: Predicted | None = None


@dataclass(frozen=True)
class Pictured:
    """An exercise's pictures are drawn, or could not be: the lines that say so."""

    place: Place
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Resized:
    """The terminal has another size: the screen is drawn anew."""


Event = Pressed | Saved | Graded | Found | Answered | Pictured | Resized


@dataclass(frozen=True)
class Follow:
    """Grade this exercise's lesson, and begin with it next time."""

    place: Place


@dataclass(frozen=True)
class KeepHints:
    """Remember how many hints of an exercise were given."""

    place: Place
    level: int


@dataclass(frozen=True)
class PutStubBack:
    """Put back the stub of one exercise."""

    place: Place


@dataclass(frozen=True)
class GradeLesson:
    """Grade a whole lesson."""

    lesson: str


@dataclass(frozen=True)
class Locate:
    """Search for the place of an exercise's mistake."""

    place: Place


@dataclass(frozen=True)
class Predict:
    """Measure a prediction, and say what there is to say of an answer."""

    place: Place
    text: str


@dataclass(frozen=True)
class Draw:
    """Draw pictures of an exercise: these stages of its lesson."""

    place: Place
    stages: tuple[str, ...]


@dataclass(frozen=True)
class Leave:
    """End the sitting."""


Effect = Follow | KeepHints | PutStubBack | GradeLesson | Locate | Predict | Draw | Leave
