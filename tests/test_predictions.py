"""Predictions: asked before they are measured, kept once, and never graded."""

from __future__ import annotations

import time

import pytest

from autograder.lessons.answers import kind_of
from autograder.lessons.errors import LessonError, WrongUse
from autograder.lessons.lesson import Lesson
from tests.command import grad

SCRIPT = '''# %%
def loss():
    """What is the loss
    at first?

    Answer: a number, within 10 %.
    """
    ### BEGIN PREDICTION
    # hint: what do equal chances cost?
    # because: nothing is known yet
    return 3.3
    ### END PREDICTION


# %%
def f(x):
    """Return x."""
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION
'''


def test_a_prediction_has_a_question_a_kind_hints_and_a_reason():
    lesson = Lesson("a", SCRIPT)
    loss = lesson.predictions["loss"]
    assert list(lesson.exercises) == ["f"] and [step.id for step in lesson.steps] == ["loss", "f"]
    assert loss.question == "What is the loss\nat first?"
    assert loss.kind.wanted == "a number, within 10 %"
    assert loss.hints == ("what do equal chances cost?",)
    assert (loss.because, loss.code) == ("nothing is known yet", "return 3.3")
    assert lesson.predictions_before("f") == [loss] and lesson.predictions_before("") == []


def test_the_stub_asks_and_what_is_handed_out_never_measures():
    lesson = Lesson("a", SCRIPT)
    for text in (lesson.stub(), lesson.asking()):
        assert "    return None  # YOUR PREDICTION\n" in text
        assert not any(secret in text for secret in ("3.3", "hint", "because", "PREDICTION\n  "))
    assert "return x" in lesson.asking() and "return x" not in lesson.stub()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "    ### END PREDICTION\n",
            "",
            "a, line 2: `loss` needs exactly one ### BEGIN PREDICTION",
        ),
        ("loss():", "loss(x):", "a, line 2: the prediction `loss` takes no arguments"),
        ("Answer:", "Reply:", "a, line 2: the docstring of the prediction `loss` is a question"),
        ("What is the loss\n    at first?\n", "", "a, line 2: the docstring of the prediction"),
        (
            "a number, within 10 %",
            "a color",
            "a, line 2: in `loss`, 'a color' is no kind of answer",
        ),
        ("a number, within 10 %", "one of: A", "'one of: A' is no kind of answer; say `a number"),
        ("    # because: nothing is known yet\n", "", "a, line 8: `loss` has no `# because:`"),
        (
            "# %%\ndef loss",
            "# %%\nx = 1\ndef loss",
            "a, line 2: the cell of `loss` holds something",
        ),
        ("\n\n# %%\ndef f", "\n\n# END PREDICTION\ndef f", "line 15: '# END PREDICTION' is in no"),
    ],
)
def test_a_broken_grammar_is_a_sentence_with_the_line(old, new, words):
    assert old in SCRIPT
    with pytest.raises(LessonError) as refused:
        _ = Lesson("a", SCRIPT.replace(old, new, 1)).predictions
    assert words in str(refused.value)


def test_a_method_is_no_prediction():
    script = "class C:\n" + SCRIPT.split("\n\n\n# %%")[0].replace("\n", "\n    ")
    with pytest.raises(LessonError, match="line 3: the prediction `C.loss` is a function of its"):
        _ = Lesson("a", script.replace("C:\n# %%", "C:\n    x = 1")).predictions


@pytest.mark.parametrize(
    ("line", "typed", "true", "right"),
    [
        ("a number, within 10 %", "3.0", 3.3, True),
        ("a number, within 10 %", "2.9", 3.3, False),
        ("a number, within 10 %", "-log(1/27)", 3.2958, True),
        ("a number, within 0.5", "-3", -3.4, True),
        ("a number, within 0.05", "30 %", 0.3, True),
        ("a number", "1,897", 1897, True),
        ("a number", "27**2", 729, True),
        ("a number", "728", 729, False),
        ("a number", "0.1 + 0.2", 0.3, True),
        ("a shape", "(3, 4)", [3, 4], True),
        ("a shape", "3 x 4", [3, 4], True),
        ("a shape", "torch.Size([3, 4])", [3, 4], True),
        ("a shape", "4, 3", [3, 4], False),
        ("a shape", "3", [3], True),
        ("a shape", "()", [], True),
        ("a shape, or error", "Error", "error", True),
        ("a shape, or error", "(3,)", "error", False),
        ("one of: it grows, it shrinks", "b", "it shrinks", True),
        ("one of: it grows, it shrinks", "It Grows", "it shrinks", False),
        ("one of: it grows, it shrinks", "'it s'", "it shrinks", True),
        ("one of: 0; 1; 27", "27", "27", True),
        ("a word", " Mean ", "mean", True),
    ],
)
def test_answers_are_read_as_people_type_them(line, typed, true, right):
    kind = kind_of(line)
    assert kind.agrees(kind.read(typed), true) is right
    assert kind.agrees(kind.read(kind.shown(kind.read(typed))), kind.read(typed))


@pytest.mark.parametrize(
    ("line", "typed", "words"),
    [
        ("a number, within 10 %", "three", "'three' is no number; type one such as 3.3"),
        ("a number", "", "'' is no number"),
        ("a number", "9**9**9**9", "is no number"),
        ("a number", "1/0", "is no number"),
        ("a number", "__import__('os')", "is no number"),
        ("a number", "(" * 5000, "is no number"),
        ("a shape", "error", "'error' is no shape; type a shape such as (3, 4)"),
        ("a shape, or error", "wide", "such as (3, 4), or the word error"),
        ("a shape", "1" * 5000 + "!", "is no shape"),
        ("one of: it grows, it shrinks", "it", "type one of a) it grows, b) it shrinks"),
        ("one of: it grows, it shrinks", "c", "is none of the answers"),
        ("a word", "''", "the answer is empty"),
    ],
)
def test_a_malformed_answer_is_a_sentence_at_once(line, typed, words):
    begun = time.monotonic()
    with pytest.raises(WrongUse) as refused:
        kind_of(line).read(typed)
    assert words in str(refused.value) and time.monotonic() - begun < 1


SPREAD, SHAPE = "spread_of_a_sum", "shape_of_a_column_and_a_row"


def answer_in(workspace, id, text):
    path = workspace / "exercises" / "sums.py"
    before, after = path.read_text().split(f"def {id}(", 1)
    stub = "return None  # YOUR PREDICTION"
    path.write_text(f"{before}def {id}({after.replace(stub, f'return {text}', 1)}")


def test_an_answer_is_told_kept_and_shown_and_only_the_first_one_counts(workspace):
    ran = grad("predict", SPREAD, "4")
    assert (ran.code, ran.err) == (0, "")
    assert "You said 4, it is 2.0" in ran.out and "because the variance of the sum is 4" in ran.out
    assert f"Next: grad predict {SHAPE}" in ran.out
    again = grad("predict", SPREAD, "2").out
    assert "Right: you said 2, it is 2.0" in again
    assert "Your first answer was 4; that is the one that is kept." in again
    assert "You predicted 0 of 1 right." in grad().out
    assert f"surprise   {SPREAD}: you said 4, it is 2.0" in grad("list").out
    (kept,) = grad("status", "--json").json["lessons"][0]["predictions"]
    assert (kept["prediction"], kept["said"], kept["right"]) == (SPREAD, "4", False)
    assert "0 of 5 exercises passed." in grad().out, "a prediction is no exercise"
    assert "You said 4, it is 2.0" in grad("show", SPREAD).out
    assert "Next: grad show Tally.add" in grad("predict", SHAPE, "3", "3").out
    assert "Next: grad show Tally.add" in grad("predict", SPREAD, "2").out, "it has its answer"


def test_without_a_name_the_next_one_is_asked_and_without_an_answer_it_is_read(workspace):
    ran = grad("predict", answer="2.1\n")
    assert "What is the deviation?" in ran.out and "Answer: a number, within 10 %." in ran.out
    assert "Right: you said 2.1" in ran.out
    ran = grad("predict", answer="wide\n")
    assert ran.code == 2
    assert ran.err == ("grad: 'wide' is no shape; type a shape such as (3, 4), or the word error\n")
    assert grad("predict", SHAPE, "3", "3").out.startswith("Right, it is (3, 3), because")
    ran = grad("predict")
    assert ran.code == 2 and "every prediction is answered" in ran.err
    assert "You predicted 2 of 2 right." in grad().out


def test_an_answer_may_stand_in_the_file_and_costs_nothing_there(workspace):
    answer_in(workspace, SHAPE, "(3, 3)")
    answer_in(workspace, SPREAD, "2 * 2")
    assert "Right, it is (3, 3)" in grad("predict", SHAPE).out
    assert "You said 4, it is 2.0" in grad("predict", SPREAD).out
    report = grad("check", "--json").json
    assert [exercise["id"] for exercise in report["exercises"]] == [
        *("double", "mean", "centred", "Tally.add", "shares")
    ]
    assert (report["points"], report["max_points"]) == (1, 6)


def test_what_stands_before_an_exercise_is_asked_before_it(workspace, miniature):
    path = workspace / "exercises" / "sums.py"
    path.write_text(miniature.lesson("sums").stub({"Tally.add", "shares"}))
    assert "Predict first" not in grad("check", "mean").out
    out = grad("check", "centred").out
    assert f"Predict first: grad predict {SPREAD}\n  Next: Tally.add" in out
    grad("check")
    assert f"Predict first: grad predict {SPREAD}\nNext: Tally.add (todo)" in grad().out
    grad("predict", SPREAD, "2")
    assert f"Predict first: grad predict {SHAPE}\nNext: Tally.add (todo)" in grad().out
    grad("predict", SHAPE, "error")
    assert "Predict first" not in grad().out


def test_hints_and_questions_are_there_for_predictions_too(workspace):
    assert grad("hint", SPREAD).out.startswith("1. variances add, and deviations do not")
    shown = grad("show", "spread_of").out
    assert "What is the deviation?" in shown and f"Answer it: grad predict {SPREAD}" in shown
    assert "variance" not in shown
    ran = grad("check", SPREAD)
    assert ran.code == 2
    assert f"{SPREAD} is a prediction; answer it with `grad predict {SPREAD}`" in ran.err
    assert "there is no prediction named 'nosuch'" in grad("predict", "nosuch").err


def test_the_page_shows_what_was_said_and_what_it_is(workspace):
    grad("report")
    assert "redict" not in (workspace / "progress.html").read_text()
    grad("predict", SHAPE, "3", "1")
    grad("report")
    html = (workspace / "progress.html").read_text()
    for words in (
        "<dd>0 of 1</dd><dt>predictions right</dt>",
        "<td>(3, 1)</td><td>(3, 3)</td>",
        "x[:, None] + y",
    ):
        assert words in html
