"""What is told about wrong answers to the course's own lessons: a rule for each kind of mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.told import Judged, tell
from autograder.authoring.wrong import WrongAnswer, read_wrong
from autograder.grading.session import Session
from autograder.lessons.course import Course

WRONG = Path(__file__).parent / "wrong"
# A lesson, a wrong answer to it, the rule that speaks, and a part of what it says.
TOLD = [
    ("part3_batchnorm", "grad-stats-swapped", "exchanged", "and the other way round"),
    ("part4_backprop", "mlp-weights-swapped", "exchanged", "stands as"),
    ("part4_backprop", "loss-back-in-place", "afterwards", "has changed what it was given"),
    ("part3_batchnorm", "linear-parameters-copies", "afterwards", "it is as it was before"),
    (
        "part5_wavenet",
        "bn3-lerp-turned-and-running-used-in-training-too",
        "part of what fails",
        "would explain",
    ),
    ("part2_mlp", "evaluate-backward", "needless backward", "take `backward()` out"),
    ("part9_gpt2", "top-k-one-too-many", "slip", "`k` is one too large"),
    ("part7_tokenizer", "pairs-sorted-by-stats-arg", "default shared", "one object for all calls"),
    ("part7_tokenizer", "pairs-non-overlapping-and-counted-from-zero", "two mistakes", "and the"),
    ("part5_wavenet", "everywhere-last-place-only", "shape", "an axis has disappeared"),
]


@pytest.fixture(scope="module")
def session():
    with Session(Course.find()) as session:
        yield session


def answer_of(lesson: str, name: str) -> WrongAnswer:
    course = Course.find()
    files = (WRONG / f"{lesson}.toml", WRONG / "unseen" / f"{lesson}.toml")
    return next(each for path in files for each in read_wrong(path, course) if each.name == name)


@pytest.mark.parametrize(("lesson", "name", "rule", "words"), TOLD)
def test_a_kind_of_mistake_has_a_rule_that_speaks(session, lesson, name, rule, words):
    told = tell(session, answer_of(lesson, name), places=False)
    said = [each for each in told.sentences if each.source == rule]
    assert any(words in each.says for each in said), told.sentences
    assert not any(each.judged is Judged.FALSE for each in said)
