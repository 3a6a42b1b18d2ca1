"""The place of a mistake: found in a learner's own code, true, and without telling a secret."""

from __future__ import annotations

import marshal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.lessons.submission import Submission, Unit
from autograder.pool.pool import Interrupted, Pool, Run
from autograder.repair.place import Place, told_from
from autograder.repair.search import find_place
from tests.command import grad

Search = Callable[..., Place | None]


def answers(**bodies: str) -> str:
    """A file of functions, each with its body; `shares(xs)` is `shares=...`."""
    parts = [
        f"def {name}({'x' if name == 'double' else 'xs'}):\n{body}\n"
        for name, body in bodies.items()
    ]
    return "import torch\n" + "".join(parts)


class Tapped(Pool):
    """A pool that keeps what it sends, as bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def run(self, job: Any, items: Any, *arguments: Any, **options: Any) -> Run:
        messages = [item.message() for item in items]
        self.sent.append(marshal.dumps({**job, "items": messages}))
        return super().run(job, items, *arguments, **options)


@pytest.fixture(scope="module")
def tapped(miniature: Course) -> Iterator[Session]:
    with Session(miniature, Tapped()) as session:
        yield session


@pytest.fixture
def search(session: Session) -> Search:
    def search(source: str, exercise: str, within: Session = session, **options: Any):
        submission = Submission("sums.py", [Unit(source)])
        return find_place(submission, within.key("sums"), exercise, within.pool, **options)

    return search


CONSTANT = """
    return sum(xs) / (len(xs) or 2) if xs else 1.0
"""
OPERATOR = """
    if not xs:
        return 0.0
    return sum(xs) * len(xs)
"""
CONDITION = """
    if xs:
        return 0.0
    return sum(xs) / len(xs)
"""
ASSIGNMENT = """
    total, n = 0.0, len(xs)
    for x in xs:
        total = x
    return total / max(n, 1)
"""
TOO_FAR_IN = """
    total = 0.0
    for x in xs:
        total += x
        return total / max(len(xs), 1)
    return 0.0
"""
FORGOTTEN = """
    total = sum(xs) / max(len(xs), 1)
"""
MISSPELT = """
    if not xs:
        return 0.0
    size = len(xs)
    return sum(xs) / sise
"""


@pytest.mark.parametrize(
    ("body", "line", "kind"),
    [
        (CONSTANT, 2, "a constant"),
        (OPERATOR, 4, "an operator"),
        (CONDITION, 2, "a condition"),
        (ASSIGNMENT, 4, "how something is assigned"),
        (TOO_FAR_IN, 5, ""),
        (FORGOTTEN, 2, ""),
        (MISSPELT, 5, ""),
    ],
)
@pytest.mark.parametrize("material", [True, False])
def test_the_place_is_the_line_and_the_kind_of_change(search, body, line, kind, material):
    place = search(f"def mean(xs):{body}", "mean", material=material)
    assert place is not None and (place.line, place.last_line) == (line, line) and not place.others
    assert place.says.startswith(f"a change in line {line} alone would make it pass: ")
    assert place.safe.startswith(f"a change in line {line} alone would make it pass: {kind}")


def test_a_constant_is_said_to_be_one(search):
    place = search(f"def mean(xs):{CONSTANT}", "mean", material=True)
    assert place is not None and ": the constant `" in place.says


def test_two_places_are_found_together(search):
    body = "    if xs:\n        return 0.0\n    return sum(xs) * len(xs)"
    place = search(answers(mean=body), "mean")
    assert place is not None and (place.line, place.others) == (3, ((5, 5),))
    assert place.says.startswith("changes at 2 places would make it pass: in line 3 (a condition)")


def test_what_is_right_or_untouched_or_absent_has_no_place(search, solution, miniature):
    assert search(solution, "mean") is None
    assert search(miniature.lesson("sums").stub(), "mean") is None
    assert search("x = 1\n", "mean") is None
    assert search("def mean(xs:\n", "mean") is None


def test_a_method_has_a_place_also_where_another_exercise_is_wrong_that_it_builds_on(search):
    wrong = answers(
        mean="    return sum(xs)",
        centred="    middle = mean(xs)\n    return [x + middle for x in xs]",
    )
    place = search(wrong, "centred")
    assert place is not None and place.line == 6
    assert search(wrong, "centred", material=False) is None


SPITEFUL = {
    "hangs": "    while True:\n        pass",
    "swallows every interruption": (
        "    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass"
    ),
    "kills itself": "    import os\n    os.kill(os.getpid(), 9)\n    return 0",
    "ends its process": "    import os\n    os._exit(0)",
    "eats memory": "    big = []\n    while True:\n        big.append(bytearray(2**26))",
    "breaks the tracer": "    import sys\n    sys.settrace(None)\n    return mean(xs)",
}  # fmt: skip


@pytest.mark.parametrize("how", SPITEFUL)
def test_a_hostile_submission_costs_its_own_time_and_no_more(search, how):
    begun = time.process_time()
    assert search(answers(mean=SPITEFUL[how]), "mean", material=False, seconds=1.0) is None
    assert time.process_time() - begun < 5.0
    assert search(answers(mean="    return sum(xs)"), "mean") is not None


def test_nothing_of_the_author_is_sent_where_the_code_is_a_strangers(search, tapped):
    source = answers(
        double="    return x + x",
        mean="    return sum(xs)",
        centred="    return [x - 1 for x in xs]",
    )
    pool = tapped.pool
    assert isinstance(pool, Tapped)
    # `middle` is a name of the reference, and of nothing else.
    assert search(source, "centred", within=tapped) is not None
    assert any(b"middle" in sent for sent in pool.sent)
    pool.sent.clear()
    search(source, "centred", within=tapped, material=False)
    assert len(pool.sent) > 3 and all(b"middle" not in sent for sent in pool.sent)
    assert all(marshal.loads(sent)["references"] is None for sent in pool.sent)


def test_a_search_that_nobody_waits_for_ends(search, miniature):
    with Session(miniature) as session:
        session.warm_up()
        session.pool.stopped = lambda: True
        with pytest.raises(Interrupted):
            search(answers(mean="    return sum(xs)"), "mean", within=session)


def test_an_instructor_may_have_the_places_told(workspace, tmp_path):
    file = tmp_path / "sums.py"
    file.write_text("def mean(xs):" + ASSIGNMENT.replace("total", "SECRET"))
    told = "a change in line 4 alone would make it pass: how something is assigned"
    assert told in grad("grade", file, "--places").out
    hidden = grad("grade", file, "--places", "--hidden").out
    assert told in hidden and "SECRET" not in hidden


def test_the_place_is_told_sooner_where_nothing_else_could_be_named():
    assert [told_from(hints) for hints in (0, 1, 2, 4)] == [1, 1, 1, 3]
    assert {told_from(hints, is_named=False) for hints in (0, 1, 2, 4)} == {1}
