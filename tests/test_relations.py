"""Relations of what is due and what is there, on numbers that have them and on some that don't."""

from __future__ import annotations

import numpy
import pytest

from autograder.grading.causes import numbers, parts, shapes
from autograder.lessons.spelling import nearest, similar

E = numpy.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.25, 0.5, 0.25]])
OTHER = numpy.array([[0.3, 0.3, 0.4], [0.1, 0.1, 0.8], [0.6, 0.2, 0.2]])
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
RELATED = [
    (E.T, "two axes are exchanged"),
    (E[:, ::-1], "the wrong way round along an axis"),
    (E.cumsum(0), "each has what came before it added"),
    (numpy.diff(E, axis=0, prepend=0), "the running sum is not kept"),
    (OTHER / OTHER.sum(0), "it is divided along the wrong axis"),
]


@pytest.mark.parametrize(("there", "words"), RELATED)
def test_a_relation_is_told_where_it_holds(there, words):
    assert words in numbers._simple([(E, there)])


def test_numbers_without_a_relation_are_told_nothing():
    pairs = [(E, OTHER + E * OTHER)]
    assert numbers._simple(pairs) == numbers._stretched(pairs) == ""


def test_one_number_for_all_is_told_only_where_they_differ():
    ones = numpy.ones(3)
    assert "one and the same number" in numbers._simple([(ones, E[0])])
    assert numbers._simple([(E[0], OTHER[1])]) == ""


def test_what_is_the_same_in_every_case_plays_no_part():
    due = [numpy.array(each) for each in (1.5, 2.5, 4.0)]
    assert numbers._always_same([(each, numpy.array(0.1)) for each in due])
    assert not numbers._always_same([(each, each + 1) for each in due])
    assert not numbers._always_same([(due[0], numpy.array(0.1))] * 3)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (E[:, -1], "only the first or the last along an axis is there"),
        (E[:1], "only the first or the last along an axis is there"),
        (E[:, 1:], "the first or the last are missing"),
        (E.sum(0), "an axis is summed"),
        (E.max(1, keepdims=True), "an axis is summed, averaged, or taken at its largest"),
        (OTHER[:1], "one axis is shorter"),
        (numpy.vstack([E, OTHER]), "one axis is longer"),
    ],
)
def test_what_has_become_of_an_axis_is_told(there, words):
    assert words in next(says for holds, says in shapes._RULES if holds(E, there))


def test_only_one_end_is_wrong_of_three_or_more():
    wrong = E.copy()
    wrong[-1] += 1
    assert parts._only(E, wrong, 0, -1)
    assert not parts._only(E, wrong, 0, 0) and not parts._only(E, wrong, 1, -1)
    assert not parts._only(E[:2], wrong[1:], 0, -1)


def test_a_name_is_a_slip_of_one_and_may_be_meant_for_several():
    assert nearest("_neg__", ["__neg__", "__net__"]) == "__neg__"
    assert nearest("lenght", ["length", "depth"]) == "length"
    assert nearest("x", ["y", "z"]) == ""
    assert similar("tokn", ["token", "taken", "tokens", "zero"]) == ["token", "tokens", "taken"]
    assert similar("a" * 1000, [f"{'b' * 300}{n}" for n in range(10)]) == []
