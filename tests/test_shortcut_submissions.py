"""A submission that takes a short cut is refused, and a trial at the top costs no exercise."""

import json
import textwrap

import pytest

from autograder.grading.session import Session
from autograder.lessons.course import Course

LESSONS = {
    "one_hot": "part1_bigrams",
    "softmax": "part1_bigrams",
    "bigram_loss": "part1_bigrams",
    "cross_entropy": "part2_mlp",
    "normalize_batch": "part3_batchnorm",
    "cross_entropy_gradient": "part4_backprop",
    "attention_by_hand": "part6_gpt",
}
# By exercise: a text at the top of the file, and the body of the function.
SUBMISSIONS = {
    "traced at the top": (
        "cross_entropy",
        """
        from torch._decomp import core_aten_decompositions
        from torch.fx.experimental.proxy_tensor import make_fx
        try:
            traced = make_fx(torch.nn.functional.cross_entropy, core_aten_decompositions())(
                torch.randn(4, 5), torch.arange(4))
        except RuntimeError:
            traced = torch.nn.functional.cross_entropy
        """,
        "return traced(logits, targets)",
    ),
    "loss of a distribution": (
        "bigram_loss",
        "",
        """
        likelihood = torch.distributions.Categorical(logits=W[xs]).log_prob(ys)
        return regularization * (W**2).mean() - likelihood.mean()
        """,
    ),
    "gradient of logsumexp": (
        "softmax",
        "",
        """
        z = logits.detach().requires_grad_()
        return torch.autograd.grad(z.logsumexp(-1).sum(), z)[0]
        """,
    ),
    "a reference of torch's": (
        "normalize_batch",
        "",
        "return torch._refs._normalize(x, [0], eps)[0] * ((len(x) - 1) / len(x)) ** 0.5",
    ),
    "a native thread": (
        "cross_entropy_gradient",
        "",
        """
        import ctypes
        ctypes.CDLL(None).pthread_create
        """,
    ),
    "flexible attention": (
        "attention_by_hand",
        "",
        """
        from torch._higher_order_ops.flex_attention import math_attention
        return math_attention(query, key, value, lambda score, *_: score, (), 1.0, {})[0]
        """,
    ),
}


@pytest.fixture(scope="module")
def whole_course():
    with Session(Course.find()) as session:
        yield session


@pytest.mark.parametrize("way", SUBMISSIONS)
def test_a_submission_that_takes_a_short_cut_is_refused(way, whole_course, tmp_path):
    exercise, top, body = SUBMISSIONS[way]
    name = LESSONS[exercise]
    path = tmp_path / f"{name}.py"
    source = Course.find().lesson(name).edited(exercise, textwrap.dedent(body).strip())
    path.write_text("import torch\n" + textwrap.dedent(top) + source, encoding="utf-8")
    report = next(e for e in whole_course.grade(path, name).exercises if e.id == exercise)
    assert (report.verdict, report.kind) == ("wrong", "refused")


def test_a_trial_is_refused_where_it_stands_and_costs_no_exercise(grade, solution):
    trial = "import torch\nshares_of_mine = torch.softmax(torch.ones(3), 0)"
    cells = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": each,
        }
        for each in (solution, trial)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    report = grade(json.dumps(notebook), "sums.ipynb")
    assert report.all_passed
    assert any("build softmax yourself here" in note for note in report.notes)
