"""Lessons: one script is a module, a notebook, a set of stubs."""

from __future__ import annotations

import jupytext
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.lessons.lesson import Lesson, LessonError
from autograder.lessons.percent import split_cells

SOLVED = '''# %% [markdown]
# # A title
#
# Some text.

# %%
def f(x):
    """Return x.

    >>> f(1)
    1
    """
    ### BEGIN SOLUTION
    # hint: give it back
    # hint: return x
    # learned: nothing much
    if x:
        return x
    return x
    ### END SOLUTION


class C:
    def g(self):
        """Give two."""
        ### BEGIN SOLUTION
        return 2
        ### END SOLUTION

    def given(self):
        return 3
'''


def test_exercises_have_ids_hints_examples_and_what_they_taught():
    exercises = Lesson("a", SOLVED).exercises
    assert list(exercises) == ["f", "C.g"]
    f = exercises["f"]
    assert f.hints == ("give it back", "return x") and f.learned == "nothing much"
    assert [(example.source, example.want) for example in f.examples] == [("f(1)\n", "1\n")]
    assert exercises["C.g"].solution == "return 2"


def test_stub_keeps_the_docstring_and_everything_given():
    stub = Lesson("a", SOLVED).stub()
    assert "hint" not in stub and "return x" not in stub.replace("Return x", "")
    assert stub.count("    # YOUR CODE HERE\n") == 2
    assert "        raise NotImplementedError()\n\n    def given(self):" in stub
    assert "return 3" in stub
    compile(stub, "stub", "exec")


def test_edited_puts_another_text_in_its_place():
    edited = Lesson("a", SOLVED).edited("C.g", "if True:\n    return 5")
    namespace = {}
    exec(compile(edited, "edited", "exec"), namespace)
    assert namespace["C"]().g() == 5 and namespace["f"](4) == 4


def test_cells_agree_with_jupytext():
    notebook = jupytext.reads(SOLVED, fmt="py:percent")
    ours = [(cell.kind, cell.source.strip()) for cell in split_cells(SOLVED)]
    assert ours == [(cell.cell_type, cell.source.strip()) for cell in notebook.cells]


def test_every_lesson_is_the_same_notebook_for_jupytext():
    from autograder.lessons.course import Course

    for name in Course.find().names:
        lesson = Course.find().lesson(name)
        notebook = jupytext.reads(lesson.source, fmt="py:percent")
        assert [cell.kind for cell in lesson.cells] == [c.cell_type for c in notebook.cells], name


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    ### END SOLUTION\n\n\nclass", "\n\nclass", "exactly one"),
        ("### BEGIN SOLUTION", "# begin", "exactly one"),
        ("# Some text.", "# END SOLUTION", "is in no function's own body"),
        ("# Some text.", "# BEGIN SOLUTION", "is in no function's own body"),
        (
            "        return 2\n",
            "        ### BEGIN SOLUTION\n        return 2\n",
            "exactly one",
        ),
    ],
)
def test_a_broken_grammar_names_the_place(old, new, words):
    assert old in SOLVED
    with pytest.raises(LessonError, match=words):
        _ = Lesson("a", SOLVED.replace(old, new)).exercises


@given(st.lists(st.sampled_from(["# %%", "# %% [markdown]", "x = 1", "# text", "", "  "])))
def test_cutting_into_cells_loses_no_code(lines):
    source = "\n".join(lines)
    code = [cell for cell in split_cells(source) if cell.kind == "code"]
    for cell in code:
        for offset, line in enumerate(cell.source.split("\n")):
            assert lines[cell.line - 1 + offset] == line
