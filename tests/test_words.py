"""What a report says of an error or a difference, in the words of whoever wrote the code."""

from __future__ import annotations

import torch

from autograder.grading.comparison import compare
from autograder.grading.display import show
from autograder.worker.decoding import Node, decode
from autograder.worker.observation import encode
from tests.conftest import of
from tests.test_general_causes import swapped


def node(value: object) -> Node:
    return decode(encode(value))


def test_a_crash_in_an_example_shows_the_lines_that_led_to_it(grade, solution):
    source, _ = swapped(solution, "Tally.add", "self.counts[word] = self.count + 1")
    message = of(grade(source), "Tally.add").message
    assert message.startswith('>>> tally = Tally()\n>>> tally.add("a")\nAttributeError: ')


def test_a_difference_in_an_example_shows_the_lines_that_it_needs(grade, solution):
    source, _ = swapped(solution, "Tally.add", "self.counts[word] = self.counts.get(word, 0) + 2")
    message = of(grade(source), "Tally.add").message
    assert message.startswith('>>> tally = Tally()\n>>> tally.add("a")\n>>> tally.counts\n')
    source, _ = swapped(solution, "mean", "return sum(xs) / len(xs) if xs else 1.0")
    assert of(grade(source), "mean").message.startswith(">>> mean([])\n")


def test_an_error_shows_the_chain_of_the_learners_own_lines(grade, solution):
    helper = "def less(x, middle):\n    return x.sub(middle)\n\n\ndef mean(xs):"
    source, _ = swapped(solution.replace("def mean(xs):", helper), "centred",
                        "middle = mean(xs)\nreturn [less(x, middle) for x in xs]")  # fmt: skip
    place = of(grade(source), "centred").place.split("\n")
    assert [line.partition(": ")[2] for line in place] == [
        "return [less(x, middle) for x in xs]",
        "return x.sub(middle)",
    ]


def test_a_part_of_several_values_goes_by_its_own_name(tmp_path, monkeypatch):
    from autograder.grading.examples import _named

    assert _named("c.data, a.grad", "[1]") == "a.grad"
    assert _named("c.data, a.grad", "[1][0]") == "a.grad[0]"
    assert _named("values", "[1]") == "[1]"


def test_a_wall_of_numbers_is_a_shape_and_a_few_of_them():
    shown = show(node(torch.arange(100.0).view(10, 10)))
    assert "(10, 10)" in shown and "0.0, 1.0, 2.0, 3.0, ..." in shown and len(shown) < 100
    assert show(node(torch.arange(6))) == "[0, 1, 2, 3, 4, 5]"
    assert "(2, 3)" in str(compare(node(torch.ones(2, 3)), node([[1.0]])))
