"""General causes: what is wrong, said without a word from the lesson's author."""

from __future__ import annotations

import dataclasses
import json

import pytest

from autograder.reports.cause import Cause
from autograder.reports.html import exercise_html
from autograder.reports.report import ExerciseReport, Kind, Report, Verdict, to_json
from autograder.reports.terminal import exercise_lines

SURE = Cause("misspelt", "`SECRET` is not `mean`", False, 77, "line 77", "a name is misspelt")
GUESS = Cause("reversed", "the order is turned round", line=3, where="SECRET, line 3")
REPORT = ExerciseReport("mean", Verdict.WRONG, 0, 1, kind=Kind.VALUE, causes=(SURE, GUESS))


def whole(exercise: ExerciseReport) -> Report:
    return Report("sums", "sums.py", 0, 0.1, (exercise,))


def test_every_renderer_says_the_causes_and_how_sure_they_are():
    shown = "\n".join(line.plain for line in exercise_lines(REPORT))
    for text in (shown.lower(), exercise_html(REPORT).lower()):
        assert "what is wrong: `secret` is not `mean` (line 77)" in text
        assert "one thing that would look like this: the order is turned round" in text


def test_causes_stay_the_same_on_their_way_through_json():
    data = json.loads(to_json(whole(REPORT).data()))
    assert Report.of(data).exercises == (REPORT,)


def test_feedback_says_of_a_cause_what_is_ours_and_no_line():
    hidden = whole(REPORT).hidden()
    assert [str(cause) for cause in hidden.exercises[0].causes] == ["a name is misspelt"]
    text = json.dumps(hidden.data())
    assert "SECRET" not in text and "77" not in text


def test_feedback_says_no_cause_of_a_run_beside_references():
    beside = dataclasses.replace(REPORT, beside_references=True)
    assert whole(beside).hidden().exercises[0].causes == ()


@pytest.mark.parametrize(
    "body",
    [
        "return SECRET",
        "return xs.SECRET",
        "raise NameError(\"name 'SECRET' is not defined\")",
        "raise AttributeError(\"'SECRET' object has no attribute 'SECRET'\")",
        "raise TypeError(\"unsupported operand type(s) for +: 'SECRET' and 'SECRET'\")",
        "return SECRETS(xs)\n\ndef SECRET():\n    pass",
        "SECRET = xs\n    return xs",
        "SECRET = 1\n    return torch.SECRET",
    ],
)
def test_feedback_repeats_no_name_of_the_submission(grade, solution, body):
    whole = grade(solution.replace("    middle = mean(xs)\n", f"    {body}\n"))
    centred = next(each for each in whole.exercises if each.id == "centred")
    assert centred.verdict != "passed"
    assert "SECRET" not in json.dumps(whole.hidden().data())
