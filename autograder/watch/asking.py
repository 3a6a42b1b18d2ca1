"""The question that `grad watch` asks before an exercise: what is typed, what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.lessons.course import Course
from autograder.lessons.predictions import Prediction
from autograder.watch.messages import Answered, Place
from autograder.workspace.store import Predicted

_LONGEST = 200


@dataclass
class Asking:
    """One prediction on the screen, and the answers to all.

    place: the prediction; nothing where none waits. told: what was said of its answer.
    """

    course: Course
    predicted: dict[Place, Predicted] = field(default_factory=dict)
    place: Place | None = None
    typed: str = ""
    told: str = ""
    measuring: bool = False

    @property
    def prediction(self) -> Prediction | None:
        place = self.place
        return self.course.lesson(place.lesson).predictions[place.exercise] if place else None

    @property
    def score(self) -> str:
        """How often the learner was right, where anything was predicted."""
        right = sum(each.right for each in self.predicted.values())
        return f"You predicted {right} of {len(self.predicted)} right." if self.predicted else ""

    def begin(self, place: Place) -> bool:
        """Ask the first question before an exercise that has no answer; whether there is one."""
        asked = self.course.lesson(place.lesson).predictions_before(place.exercise)
        places = [Place(place.lesson, each.id) for each in asked]
        self.place = next((each for each in places if each not in self.predicted), None)
        self.typed, self.told, self.measuring = "", "", False
        return self.place is not None

    def press(self, key: str) -> str:
        """Take a key; the answer once it is complete."""
        if self.measuring:
            return ""
        if key == "enter":
            self.measuring = bool(self.typed.strip())
            return self.typed.strip()
        if key == "backspace":
            self.typed = self.typed[:-1]
        elif len(key) == 1 and key.isprintable():
            self.typed = (self.typed + key)[:_LONGEST]
        return ""

    def receive(self, answered: Answered) -> bool:
        """Take in what became of an answer; whether it is told where the question stands."""
        if answered.kept:
            self.predicted[answered.place] = answered.kept
        if answered.place != self.place:
            return False
        self.measuring = False
        self.told = answered.text if answered.kept else ""
        return bool(answered.kept)
