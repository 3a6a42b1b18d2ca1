"""Carried forward: no mistake costs twice, and right code is never accused.

The lesson of levels: `centred` builds on `mean`, and `spread` on both; `Box.__radd__` builds on
`Box.__add__` and `Box.value`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.lessons.submission import Submission, Unit
from autograder.reports.html import exercise_html
from autograder.reports.report import Report, to_json
from autograder.reports.terminal import report_lines
from tests.command import grad
from tests.conftest import of, verdicts

LEVELS = Path(__file__).parent / "levels"


@pytest.fixture(scope="module")
def levels(cache: Path) -> Iterator[Session]:
    with Session(Course.at(LEVELS)) as session:
        yield session


@pytest.fixture
def source(levels: Session) -> str:
    return levels.course.lesson("levels").source


@pytest.fixture
def grade(levels: Session) -> Callable[..., Report]:
    def grade(source: str, **options) -> Report:
        return levels.grade(Submission("levels.py", [Unit(source)]), "levels", **options)

    return grade


def swap(source: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


MEAN = "return total(xs) / len(xs)"
CENTRED = "    middle = mean(xs)\n    return [x - middle for x in xs]"
SPREAD = "return mean([x * x for x in centred(xs)])"
ADD = "return Box(self.number + other.number)"
VALUE = "return round(super().value(), 2)"
RADD = "return (Box(other) + self).value()"
SUM = (MEAN, "return sum(xs)")
TODO = "raise NotImplementedError()"


def not_passed(report: Report) -> dict[str, str]:
    return {id: verdict for id, verdict in verdicts(report).items() if verdict != "passed"}


def carried(report: Report) -> dict[str, tuple[str, ...]]:
    return {each.id: each.carried for each in report.exercises if each.carried}


def accused(report: Report) -> dict[str, str]:
    return {each.id: each.diagnosis for each in report.exercises if each.diagnosis}


def test_a_mistake_costs_its_own_points_only(grade, source):
    report = grade(swap(source, SUM))
    assert not_passed(report) == {"mean": "wrong"} and report.points == report.max_points - 1
    assert carried(report) == {"centred": ("mean",), "spread": ("mean",)}
    assert accused(report) == {"mean": "this is the sum; divide it by the count"}
    assert {check.verdict for check in of(report, "centred").checks} == {"passed"}


@pytest.mark.parametrize(
    "body",
    [TODO, "raise ValueError('no')", "return mean(xs)", "import os; os._exit(1)", "pass"],
)
def test_whatever_is_wrong_with_the_one_the_other_is_right(grade, source, body):
    report = grade(swap(source, (MEAN, body)))
    assert set(not_passed(report)) == {"mean"}
    assert carried(report) == {"centred": ("mean",), "spread": ("mean",)}


def test_one_that_hangs_is_carried_past_too(grade, source, levels):
    levels.pool.longest = 1.0
    try:
        report = grade(swap(source, (MEAN, "while True: pass")))
    finally:
        levels.pool.longest = float("inf")
    assert not_passed(report) == {"mean": "timed out"}


def test_a_file_in_which_everything_hangs_is_not_waited_for_at_every_level(
    grade, source, levels, monkeypatch
):
    bodies = (MEAN, SPREAD, ADD, VALUE, RADD)
    hangs = swap(source, *((body, f"while True: pass\n    {body}") for body in bodies[:2]))
    hangs = swap(hangs, *((body, f"while True: pass\n        {body}") for body in bodies[2:]))
    hangs = swap(hangs, ("    middle = mean(xs)", "    while True: pass\n    middle = mean(xs)"))
    jobs = []
    monkeypatch.setattr(levels.pool, "run", _counting(levels.pool.run, jobs))
    monkeypatch.setattr(levels.pool, "longest", 1.0)
    report = grade(hangs)
    assert set(not_passed(report).values()) == {"timed out"} and not carried(report)
    assert sum(job["path"] == "levels.py" for job in jobs) == 2


def test_several_levels_each_lose_their_own_mistake(grade, source):
    wrong = swap(source, SUM, (CENTRED, "    return [x + mean(xs) for x in xs]"))
    report = grade(wrong)
    assert set(not_passed(report)) == {"mean", "centred"}
    assert carried(report) == {"spread": ("mean", "centred")}
    assert accused(report)["centred"] == "the mean is added, not taken away"
    all_three = grade(swap(wrong, (SPREAD, "return mean([abs(x) for x in centred(xs)])")))
    assert set(not_passed(all_three)) == {"mean", "centred", "spread"}
    assert accused(all_three)["spread"] == "the distances are averaged, not squares"


def test_a_learner_may_begin_in_the_middle(grade, source, levels):
    stub = levels.course.lesson("levels").stub()
    spread = source[source.index("def spread") : source.index("# %%\nclass Plain")]
    at, end = stub.index("def spread"), stub.index("# %%\nclass Plain")
    report = grade(stub[:at] + spread + stub[end:])
    assert of(report, "spread").verdict == "passed" and report.points == 1
    assert set(of(report, "spread").carried) <= {"mean", "centred"}
    wrong = grade(stub[:at] + spread.replace("x * x", "abs(x)") + stub[end:])
    assert of(wrong, "spread").verdict == "blocked" and wrong.points == 0
    assert of(wrong, "spread").diagnosis == "the distances are averaged, not squares"
    assert "with the reference in its place it fails as well" in of(wrong, "spread").message


def test_it_is_the_same_when_one_exercise_alone_is_graded(grade, source):
    wrong = swap(source, SUM, (CENTRED, "    return [x + mean(xs) for x in xs]"))
    whole = grade(wrong)
    for id in ("mean", "centred", "spread", "noise"):
        (alone,) = grade(wrong, only={id}).exercises
        assert alone == of(whole, id)


def test_what_only_the_submission_builds_on_is_carried_past_too(grade, source):
    own_way = "return Box(mean([self.number, other.number]) * 2)"
    report = grade(swap(source, SUM, (ADD, own_way)))
    assert of(report, "Box.__add__").carried == ("mean",)


def test_what_the_reference_does_not_need_has_to_be_begun(grade, source):
    """Else an exercise had its points by handing its work to an untouched one that is alike."""
    own_way = "return Box(mean([self.number, other.number]) * 2)"
    report = grade(swap(source, (MEAN, TODO), (ADD, own_way)))
    assert of(report, "Box.__add__").verdict == "blocked"
    for nothing in ("return None", "pass", "raise ValueError"):
        report = grade(swap(source, (MEAN, nothing), (ADD, own_way)))
        assert of(report, "Box.__add__").points == of(report, "mean").points == 0, nothing
    handed_on = "return Box((self.number + Box(other.number)) / 1)"
    report = grade(swap(source, (RADD, TODO), (ADD, handed_on)))
    assert of(report, "Box.__add__").points == 0


def test_two_exercises_cannot_stand_in_for_each_other(grade, source):
    """Each would be right beside the other's reference."""
    report = grade(
        swap(
            source,
            (MEAN, "return xs[0] - centred(xs)[0]"),
            (CENTRED, "    return [x - mean(xs) for x in xs]"),
        )
    )
    assert of(report, "mean").verdict == "crashed" and of(report, "mean").points == 0


METHODS = {
    "operator": (ADD, "return Box(self.number - other.number)"),
    "method that calls super": (VALUE, "return super().value()"),
    "both": (ADD, f"{TODO}\n\n    def value(self):\n        {TODO}"),
    "class attribute": (ADD, "pass\n\n    __add__ = lambda self, other: Box(0.0)"),
    "kept by an alias": (ADD, "return Box(0.0)\n\n    plus = __add__"),
    "kept with a closure": (ADD, "super()\n        return Box(0.0)\n\n    plus = __add__"),
}


@pytest.mark.parametrize("what", METHODS)
def test_methods_are_replaced_whoever_kept_them(grade, source, what):
    wrong = swap(source, METHODS[what])
    if "kept" in what:
        wrong = swap(wrong, (RADD, "return Box(other).plus(self).value()"))
    report = grade(wrong)
    assert of(report, "Box.__radd__").verdict == "passed"
    assert of(report, "Box.__radd__").carried
    assert set(not_passed(report)) < {"Box.__add__", "Box.value"}


def test_helpers_that_the_file_has_lost_are_there_for_the_reference_alone(grade, source):
    """`total` is gone and `math` is another thing: the reference of `mean` needs both."""
    given = source[source.index("def total") : source.index("# %%\ndef mean")]
    without = source.replace(given, "").replace("import math", "math = 3")
    report = grade(swap(without, (SPREAD, "return total([x * x for x in centred(xs)]) / len(xs)")))
    assert of(report, "mean").verdict == "crashed"
    assert of(report, "centred").carried == ("mean",)
    assert of(report, "spread").verdict == "crashed", "nobody gave total back to the learner"


def test_a_diagnosis_has_not_the_wide_tolerance_of_a_statistical_check(grade, source):
    old = "return [random.uniform(low, 1) for _ in range(count)]"
    quarter = grade(swap(source, (old, "return [0.25] * count")))
    assert of(quarter, "noise").verdict == "wrong" and of(quarter, "noise").diagnosis == ""
    zero = grade(swap(source, (old, "return [0.0 for _ in range(count)]")))
    assert of(zero, "noise").diagnosis == "the numbers are always 0"
    beyond = grade(
        swap(source, (old, "return [low + (9 - low) * random.random() for _ in range(count)]"))
    )
    assert of(beyond, "noise").diagnosis == "the numbers go beyond 1"


def test_without_it_every_level_loses_and_is_not_accused(grade, source):
    report = grade(swap(source, SUM), carry_forward=False)
    assert not_passed(report) == {"mean": "wrong", "centred": "wrong", "spread": "wrong"}
    assert of(report, "spread").first and not carried(report)
    assert set(accused(report)) == {"mean"}
    blocked = grade(swap(source, (MEAN, TODO)), carry_forward=False)
    assert verdicts(blocked)["centred"] == "blocked"


def test_every_renderer_says_so(grade, source, tmp_path, monkeypatch):
    report = grade(swap(source, SUM)).hidden()
    remark = "right by itself; fix mean first"
    assert remark in "\n".join(line.plain for line in report_lines(report))
    assert remark in exercise_html(of(report, "centred"), checks=True)
    again = Report.of(json.loads(to_json(report.data())))
    assert of(again, "centred").carried == ("mean",)
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(LEVELS))
    (tmp_path / "levels.py").write_text(swap(source, SUM))
    assert remark in grad("grade", tmp_path / "levels.py").out
    assert remark not in grad("grade", tmp_path / "levels.py", "--no-carry-forward").out


SPY = """
def everything():
    import gc, sys, types
    found, seen, todo = [], set(), [*gc.get_objects(), *sys._current_frames().values()]
    frame = sys._getframe()
    while frame:
        todo += [frame.f_code, frame.f_locals, frame.f_globals]
        frame = frame.f_back
    while todo and len(seen) < 2_000_000:
        thing = todo.pop()
        if id(thing) in seen: continue
        seen.add(id(thing))
        if isinstance(thing, types.CodeType):
            found.append(thing)
            todo += thing.co_consts
        elif isinstance(thing, str) and len(thing) < 10**5:
            found.append(thing)
        elif isinstance(thing, (dict, list, tuple, types.FunctionType, types.FrameType)):
            todo += gc.get_referents(thing)
    return found
"""


def test_feedback_carries_nothing_of_the_reference_out(grade, source):
    """In `centred` the reference of `mean` is at hand: no way of failing tells what it is."""
    for leak in (
        "return text",
        "print(text); return text",
        "raise ValueError(text)",
        "raise type(text, (Exception,), {})(text)",
        "import sys; sys.exit(text)",
    ):
        spy = f"    text = '+'.join(('LEAK', *mean.__code__.co_names))\n    {leak}"
        report = grade(swap(source, (MEAN, "return 0"), (CENTRED, spy)))
        pages = json.dumps(report.data()), json.dumps(report.hidden().data())
        assert "LEAK" in pages[0] and "LEAK" not in pages[1]
        assert "total" not in pages[0] + pages[1]
        assert of(report, "centred").points == 0


def test_the_verdict_of_a_second_run_is_one_bit(grade, source):
    """What an exercise makes of the reference it sees changes no word of the report."""
    report_texts = set()
    for answer in ("[0.0]", "'text'", "None", "mean.__code__.co_names", "1 / 0"):
        spy = f"    return {answer} if 'total' in mean.__code__.co_names else [7.0]"
        report = grade(swap(source, (MEAN, "return 0"), (CENTRED, spy))).data()
        report_texts.add(json.dumps(report["exercises"]))
    assert len(report_texts) == 1


def test_feedback_does_not_say_which_mistake_a_second_run_looks_like(grade, source):
    pages, diagnoses = set(), set()
    for answer in ("[7.0]", "[x for x in xs]", "[x + mean(xs) for x in xs]"):
        spy = f"    return {answer} if 'total' in mean.__code__.co_names else [7.0]"
        report = grade(swap(source, (MEAN, "return 0"), (CENTRED, spy)))
        diagnoses.add(of(report, "centred").diagnosis)
        pages.add(json.dumps(report.hidden().data()["exercises"]))
    assert len(diagnoses) == 3 and len(pages) == 1


def test_an_exercise_is_never_beside_its_own_reference(grade, source):
    """No process that `centred` runs in has its reference's code or text."""
    marker = "middle = mean"
    spy = f"""
    if "total" not in mean.__code__.co_names: return [0.0]
    if hasattr(centred, "right"): return [x - mean(xs) for x in xs]
    found, marker = everything(), "".join({list(marker)!r})
    own = {{c.co_code for c in found if hasattr(c, "co_code") and c.co_name == "centred"}}
    texts = [t for t in found if isinstance(t, str) and t is not marker and marker in t]
    if len(own) == 2 and not texts: centred.right = True
    return [x - mean(xs) for x in xs] if hasattr(centred, "right") else [0.0]
"""
    # One is the spy itself, and one the stub that the lesson's given code has in its place.
    report = grade(swap(source, (MEAN, "return 0"), (CENTRED, spy)) + SPY)
    assert of(report, "centred").carried == ("mean",)


def test_the_reference_that_is_put_in_place_is_bare(grade, source):
    """No docstring, no line, no name of a local variable of it is in the process."""
    spy = """
    code = mean.__code__
    plain = mean.__doc__ is None and {line for *_, line in code.co_lines()} <= {1, None}
    return [x - mean(xs) for x in xs] if plain and "total" in code.co_names else [0.0]
"""
    report = grade(swap(source, (MEAN, "return 0"), (CENTRED, spy)))
    assert of(report, "centred").carried == ("mean",)
    spy = """
    code = centred.__code__
    inside = [code, *code.co_consts]  # a comprehension is a code of its own before Python 3.12
    names = {name for each in inside for name in getattr(each, "co_varnames", ())}
    return mean([x * x for x in centred(xs)]) if "middle" not in names else 0.0
"""
    wrong = (CENTRED, "    return [0.0]")
    assert of(grade(swap(source, wrong, (SPREAD, spy))), "spread").carried == ("centred",)


def test_nothing_is_run_again_where_nothing_fails(grade, source, levels, monkeypatch):
    three = ((ADD, "return Box(0.0)"), ("(low, 1)", "(low, 9)"), (RADD, "return 0.0"))
    for known in (source, swap(source, SUM), swap(source, *three)):
        grade(known)  # the answer key is made
    jobs = []
    monkeypatch.setattr(levels.pool, "run", _counting(levels.pool.run, jobs))
    assert grade(source).all_passed and len(jobs) == 1
    jobs.clear()
    assert grade(swap(source, SUM)).points and len(jobs) == 2
    jobs.clear()
    grade(swap(source, *three))
    assert len(jobs) == 2, "one more for all that builds on others"


def _counting(run: Callable, jobs: list) -> Callable:
    def counted(job, *options):
        jobs.append(job)
        return run(job, *options)

    return counted


@pytest.fixture
def own_course(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "course"
    shutil.copytree(LEVELS, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    (folder / "exercises").mkdir()
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(folder))
    monkeypatch.chdir(folder)
    return folder


def test_dev_check_proves_that_a_mistake_costs_once(own_course):
    assert grad("dev", "build").code == 0
    ran = grad("dev", "check", "--seeds", 1, "--no-mutants", "--no-weakenings")
    assert ran.code == 0, ran.out
    lesson = own_course / "solutions" / "levels.py"
    # Python gives such a name another form in its class, which a function that is put there lacks.
    private = "    def __made(self, number):\n        return Box(number)\n\n"
    first = "    def __add__(self, other):\n"
    own_way = "number = self.number + other.number\n        return self.__made(number)"
    lesson.write_text(swap(lesson.read_text(), (ADD, own_way), (first, private + first)))
    grad("dev", "build")
    ran = grad("dev", "check", "--seeds", 1, "--no-mutants", "--no-weakenings")
    assert "costs" in ran.out, ran.out
    quick = ("--no-neighbors", "--no-mutants", "--no-weakenings")
    assert grad("dev", "check", "--seeds", 1, *quick).code == 0
