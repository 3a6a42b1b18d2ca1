"""Numbers are near here exactly where torch would call them near; and torch is not asked for it."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading.closeness import default_tolerance, near
from autograder.grading.comparison import compare
from autograder.worker.decoding import Node, decode
from autograder.worker.observation import encode
from tests.conftest import MINIATURE

FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
WHOLE = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
TOLERANCES = [None, (0.0, 0.0), (1e-3, 0.0), (0.0, 0.01), (0.25, 0.005)]


def node(value: torch.Tensor) -> Node:
    return decode(encode(value))


@st.composite
def alike(draw, dtypes):
    """Two tensors of these dtypes whose numbers are often at the very edge of a tolerance."""
    one, other = draw(st.sampled_from(dtypes)), draw(st.sampled_from(dtypes))
    tolerance = draw(st.sampled_from(TOLERANCES))
    due = torch.tensor(draw(st.lists(st.floats(-70_000, 70_000), max_size=4)), dtype=torch.float64)
    due = due * draw(st.sampled_from([1.0, 1e-4]))
    rtol, atol = tolerance or torch.testing._comparison.default_tolerances(one, other)
    away = draw(st.sampled_from([0.0, 0.5, 0.999999, 1.0, 1.000001, 2.0]))
    given = due + away * (atol + rtol * due.abs()) * draw(st.sampled_from([1, -1]))
    strange = draw(st.sampled_from([None, torch.nan, torch.inf, -torch.inf]))
    if strange is not None and one.is_floating_point and dtypes is FLOATS and len(due):
        due[0] = strange
        given[0] = draw(st.sampled_from([strange, 0.0]))
    return due.to(one), given.to(other), tolerance


@given(alike(FLOATS) | alike(WHOLE))
@settings(max_examples=1000)
def test_near_is_what_torch_calls_near(case):
    due, given, tolerance = case
    rtol, atol = tolerance or torch.testing._comparison.default_tolerances(due, given)
    wide = torch.promote_types(due.dtype, given.dtype)
    right = torch.isclose(given.to(wide), due.to(wide), rtol=rtol, atol=atol, equal_nan=True)
    assert near(node(due), node(given), rtol, atol).tolist() == right.tolist()
    assert (compare(node(due), node(given), tolerance) is None) == bool(right.all())


@pytest.mark.parametrize("other", [*FLOATS, *WHOLE, torch.complex64, torch.bool])
@pytest.mark.parametrize("one", [*FLOATS, torch.complex64, torch.int64, torch.bool])
def test_the_tolerances_are_those_of_torch(one, other):
    tensors = torch.ones(1, dtype=one), torch.ones(1, dtype=other)
    due = torch.testing._comparison.default_tolerances(*tensors)
    assert default_tolerance(*map(node, tensors)) == due


@given(st.lists(st.floats(width=16) | st.floats(width=32), max_size=4))
def test_every_dtype_arrives_with_its_numbers(numbers):
    for dtype in [*FLOATS, torch.complex64]:
        tensor = torch.tensor(numbers).to(dtype)
        arrived = torch.tensor(node(tensor).value.tolist()).to(tensor.dtype)
        assert torch.equal(arrived.nan_to_num(nan=7.0), tensor.nan_to_num(nan=7.0))


def in_a_grader(program: str, *arguments: object) -> list[str]:
    """What a fresh process prints, and whether torch is in it in the end."""
    ending = '\nimport sys; print("torch" in sys.modules)'
    command = [sys.executable, "-c", textwrap.dedent(program) + ending, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert not ran.returncode, ran.stderr
    return ran.stdout.split()


def test_no_lesson_needs_torch_where_its_checks_are_only_declared():
    program = """
        from autograder.grading.plan import Plan
        from autograder.lessons.course import Course
        course = Course.find()
        print(sum(len(Plan.load(course, name).declarations.checks) for name in course.names))
    """
    checks, imported = in_a_grader(program)
    assert int(checks) > 300 and imported == "False"


def test_a_grader_compares_and_explains_without_torch(tmp_path, solution):
    """A wrong number, a wrong tensor, and an error."""
    program = """
        import sys
        from pathlib import Path
        from autograder.grading.session import Session
        from autograder.lessons.course import Course
        with Session(Course.at(Path(sys.argv[1]))) as session:
            report = session.grade(Path(sys.argv[2]), "sums")
        print(*(exercise.verdict for exercise in report.exercises))
    """
    source = solution.replace("return sum(xs) / len(xs)", "return sum(xs)")
    source = source.replace("return counts / ", "return 2 * counts / ")
    source = source.replace("self.counts.get(word, 0)", "self.count")
    (tmp_path / "sums.py").write_text(source, encoding="utf-8")
    *verdicts, imported = in_a_grader(program, MINIATURE, tmp_path / "sums.py")
    assert imported == "False"
    assert verdicts == ["passed", "wrong", "passed", "crashed", "wrong"]
