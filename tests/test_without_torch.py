"""What needs no torch; `make newest` runs this file where there is none."""

from __future__ import annotations

import pytest

from autograder.grading.plan import Plan
from autograder.lessons.course import Course
from autograder.lessons.lesson import Lesson
from tests.command import grad

COURSE = Course.find()


@pytest.mark.parametrize("name", COURSE.names)
def test_the_checks_and_mistakes_of_a_lesson_are_declared(name):
    plan = Plan.load(COURSE, name)
    declared = plan.declarations
    checked = {check.exercise for check in declared.checks}
    assert (
        checked == {mistake.exercise for mistake in declared.mistakes} == set(plan.lesson.exercises)
    )
    for mistake in declared.mistakes:
        assert mistake.applied(plan.lesson.exercises[mistake.exercise].code)


@pytest.mark.parametrize("name", COURSE.names)
def test_a_stub_is_a_lesson_with_nothing_done(name):
    stub = COURSE.lesson(name).stub()
    compile(stub, name, "exec")
    assert "### BEGIN SOLUTION" not in stub and stub.count("raise NotImplementedError()") > 3
    assert Lesson(name, stub).title == COURSE.lesson(name).title


def test_the_first_steps_need_no_torch(tmp_path, monkeypatch):
    exercises = sum(len(COURSE.lesson(name).exercises) for name in COURSE.names)
    monkeypatch.chdir(tmp_path)
    assert grad("init", "work").code == 0
    monkeypatch.chdir(tmp_path / "work")
    assert f"0 of {exercises} exercises passed." in grad("status").out
    assert "1." in grad("hint", "neuron_gradients").out
    assert "todo" in grad("check", "part2_mlp", "--verbose").out
    (tmp_path / "work" / "exercises" / "part2_mlp.py").write_text("def (:")
    assert "crashed" in grad("check", "part2_mlp").out
    assert grad("reset", "part2_mlp", "--yes").code == 0
    assert grad("report").code == 0
