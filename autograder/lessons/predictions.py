"""Predictions: questions that are answered before they are measured.

In a lesson's script a prediction is a function without arguments whose docstring asks, and says in
its last line what kind of answer is meant. The author's code between the markers measures.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from autograder.lessons.answers import Kind, kind_of
from autograder.lessons.errors import LessonError
from autograder.lessons.markers import remarks

MARKERS = ("### BEGIN PREDICTION", "### END PREDICTION")
STUB = "return None  # YOUR PREDICTION"
_ANSWER = "Answer:"


@dataclass(frozen=True)
class Prediction:
    """One question; `first` and `last` are the lines (from 1) of the markers.

    kind: what the answer is. code: what measures it. because: ends the sentence that tells it.
    """

    id: str
    line: int
    first: int
    last: int
    question: str
    kind: Kind
    code: str
    hints: tuple[str, ...]
    because: str

    @property
    def asked(self) -> str:
        """The question and what kind of answer it wants."""
        return f"{self.question}\n\nAnswer: {self.kind.wanted}."

    def told(self, said: str, true: str, *, right: bool) -> str:
        """What is said to a learner who has answered."""
        if right and said == true:
            return f"Right, it is {true}, because {self.because}."
        begin = "Right: you said" if right else "You said"
        return f"{begin} {said}, it is {true}, because {self.because}."


def prediction(node: ast.FunctionDef, first: int, last: int, measured: str) -> Prediction:
    """The prediction in a function; raises LessonError, whose sentence begins with the line.

    measured: the dedented text between the markers.
    """
    arguments = node.args
    if any((*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg)):
        raise LessonError(f"line {node.lineno}: the prediction `{node.name}` takes no arguments")
    question, _, answer = (ast.get_docstring(node) or "").rpartition(_ANSWER)
    if not question.strip():
        raise LessonError(
            f"line {node.lineno}: the docstring of the prediction `{node.name}` is a question, "
            f"and its last line is `{_ANSWER}` with the kind of the answer"
        )
    try:
        kind = kind_of(" ".join(answer.split()))
    except ValueError as error:
        raise LessonError(f"line {node.lineno}: in `{node.name}`, {error}") from None
    because = " ".join(remarks(measured, "because"))
    if not because:
        raise LessonError(f"line {first}: `{node.name}` has no `# because:` below its marker")
    return Prediction(
        id=node.name,
        line=node.lineno,
        first=first,
        last=last,
        question=question.strip(),
        kind=kind,
        code=re.sub(r"^\s*# (hint|because): .+\n?", "", measured, flags=re.MULTILINE),
        hints=remarks(measured, "hint"),
        because=because.rstrip("."),
    )
