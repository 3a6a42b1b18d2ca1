"""Lessons' texts where people read them in a terminal: Markdown rendered, formulas in Unicode."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from autograder.lessons.course import Course
from autograder.reports.formulas import readable, unicode_of
from autograder.reports.prose import LessonText
from tests.command import grad

REAL = Course.find()
FORMULAS = {
    r"\frac{\partial L}{\partial W}": "∂L/∂W",
    r"\frac12 s^2": "1/2 s²",
    r"\frac{f(x + h) - f(x - h)}{2h}": "(f(x + h) - f(x - h))/2h",
    r"\sum_{i=1}^{n} x_i w_i": "∑ᵢ₌₁ⁿ xᵢ wᵢ",
    r"\bar x_c = \mu_{b,t}": "x̄_c = μ_(b,t)",
    r"\sqrt{\sigma^2 + \epsilon}": "√(σ² + ε)",
    r"e^{z_t}": "e^(zₜ)",
    r"\text{fan-in} \qquad o = \tanh(n)": "fan-in    o = tanh(n)",
    r"\mathrm{softmax}\!\left(\frac{Q K^\top}{\sqrt d}\right)": "softmax((Q Kᵀ)/√d)",
    r"\begin{cases} 0 & s \le t \\ -\infty & s > t \end{cases}": "{ 0 if s ≤ t; -∞ if s > t }",
    r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}": "[1 0; 0 1]",
}


def shown(text: str, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(LessonText(text))
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


@pytest.mark.parametrize(("formula", "wanted"), FORMULAS.items())
def test_a_formula_is_read_without_tex(formula, wanted):
    assert unicode_of(formula) == wanted


@pytest.mark.parametrize("name", REAL.names)
def test_no_formula_of_the_course_keeps_its_commands(name):
    lesson = REAL.lesson(name)
    texts = [cell.source for cell in lesson.cells if cell.kind == "markdown"]
    hints = [hint for exercise in lesson.exercises.values() for hint in exercise.hints]
    text = "\n\n".join(re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.S) for text in texts + hints)
    assert not re.search(r"\$[^$\n]*\\|\\(frac|sum|text|mathrm|begin)", readable(text))


@given(st.text(alphabet=r"ab1+-^_{}\\ &frctesqbgin", max_size=30))
def test_no_formula_is_an_error(formula):
    unicode_of(formula)


def test_markdown_is_rendered_and_formulas_are_not_markup():
    text = "## Two\n\n**Bold** `a * b` $x_i * y_i$ and $w*$\n\n$$a_{ij} * b$$\n\n```\nx ─┐\n```\n"
    assert shown(text) == "Two\n\nBold a * b xᵢ * yᵢ and w*\n\n    aᵢⱼ * b\n\n    x ─┐"


def test_a_table_fits_a_narrow_window():
    table = "| out | words |\n|---|---|\n| $a^k$ | " + "many words " * 12 + "|\n"
    assert max(map(len, shown(table, 50).splitlines())) <= 50 and "aᵏ" in shown(table, 50)


def test_the_command_shows_the_text_as_it_is_read():
    ran = grad("show", "attention_weights")
    assert ran.code == 0 and "√d" in ran.out and "$" not in ran.out.partition("def ")[0]
    assert "\n    >>> attention_weights(" in ran.out
