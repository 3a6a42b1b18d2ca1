"""Measuring answers beside the screen: what was typed, and what a saved file says."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from autograder.lessons.errors import GradschoolError
from autograder.watch.messages import Answered, Place
from autograder.workspace.predicting import answers_in_file, predict
from autograder.workspace.workspace import Workspace


class Answers:
    """A thread that measures one prediction after the other, and delivers what there is to say."""

    def __init__(self, workspace: Workspace, deliver: Callable[[Answered], None]):
        self._workspace, self._deliver = workspace, deliver
        self._seen: set[tuple[Place, str]] = set()
        self._waiting: queue.SimpleQueue[tuple[Place, str]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def measure(self, place: Place, text: str) -> None:
        """Answer a prediction soon."""
        self._waiting.put((place, text))

    def in_file(self, name: str) -> None:
        """Answer what a lesson's file says of questions that are open; each text once."""
        lesson = self._workspace.course.lesson(name)
        known = self._workspace.store.predicted(name)
        for id, text in answers_in_file(self._workspace, lesson).items():
            answer = Place(name, id), text
            if id not in known and answer not in self._seen:
                self._seen.add(answer)
                self.measure(*answer)

    def _work(self) -> None:
        while True:
            place, text = self._waiting.get()
            self._deliver(self._answered(place, text))

    def _answered(self, place: Place, text: str) -> Answered:
        lesson = self._workspace.course.lesson(place.lesson)
        try:
            told = predict(self._workspace, lesson, lesson.predictions[place.exercise], text)
        except GradschoolError as error:
            return Answered(place, str(error))
        return Answered(place, told.text, told.first or told.answer)
