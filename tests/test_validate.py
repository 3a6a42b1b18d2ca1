"""nbgrader's Validate, as a student presses it before handing in: real kernels, every lesson."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.lessons.course import Course
from autograder.nbgrader.assignment import FURTHER_DOWN
from autograder.nbgrader.release import assignment_files
from tests.classroom import environment
from tests.conftest import MINIATURE

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("validate")

ROOT = Path(__file__).resolve().parent.parent
REAL = Course(ROOT / "solutions", ROOT / "autograder" / "checks")
SMALL = Course.at(MINIATURE)
# The lesson whose example needs a class that comes after it.
QUICK = "part0_micrograd_engine"
OTHERS = [
    name if name == QUICK else pytest.param(name, marks=pytest.mark.slow) for name in REAL.names
]


@pytest.fixture(params=["installed", "alone"])
def validate(request, tmp_path, monkeypatch):
    """Validate's words on a notebook, where Gradschool is installed and where only a release is."""
    for name, value in environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    alone = request.param == "alone"

    def words(course: Course, name: str, change=lambda source: source) -> str:
        folder = tmp_path / name
        folder.mkdir()
        lay_out(course, name, folder, change)
        if alone:  # nothing to give way to
            student = folder / "autograder.py"
            student.write_text(student.read_text().replace("    _give_way()", "    pass"))
        monkeypatch.setenv(
            "GRADSCHOOL_COURSE", str(course.solutions.parent) if course is SMALL else ""
        )
        return in_nbgrader(folder / f"{name}.ipynb")

    words.alone = alone
    return words


def lay_out(course: Course, name: str, folder: Path, change) -> None:
    """The files of a release, with the solutions filled in and then changed."""
    for file, text in assignment_files(course, name).items():
        if file.endswith(".ipynb"):
            data = json.loads(text)
            for cell in data["cells"]:
                cell["source"] = change("".join(cell["source"]))
            text = json.dumps(data)
        (folder / file).write_text(text, encoding="utf-8")
    for other in course.names:  # what a student has written for an earlier lesson
        if (folder / f"{other}.py").exists():
            shutil.copy(course.solutions / f"{other}.py", folder / f"{other}.py")


def in_nbgrader(path: Path) -> str:
    from nbgrader.validator import Validator

    validator = Validator()
    validator.stream = io.StringIO()
    with quiet():
        validator.validate_and_print(str(path))
    return " ".join(validator.stream.getvalue().split())


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def untouched(source: str) -> str:
    pattern = r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION"
    stub = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"
    return re.sub(pattern, stub, source, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", OTHERS)
def test_every_right_solution_passes(validate, name):
    assert "Success! Your notebook passes all the tests." in validate(REAL, name)


def test_an_untouched_exercise_is_told_in_a_sentence(validate):
    words = validate(SMALL, "sums", untouched)
    assert "VALIDATION FAILED ON 4 CELL(S)" in words
    assert "mean: todo: fill in" in words and "shares: todo: fill in" in words
    assert "Partial credit" not in words and "Traceback" not in words


def test_a_wrong_exercise_is_told_by_its_first_failure(validate):
    words = validate(
        SMALL, "sums", lambda s: s.replace("return sum(xs) / len(xs)", "return sum(xs)")
    )
    # Alone, the release has no reference to carry `centred` past it.
    assert f"FAILED ON {2 if validate.alone else 1} CELL(S)" in words
    assert "Partial credit" not in words and "Traceback" not in words
    if validate.alone:
        assert ">>> mean([1.0, 2.0]) expected: 1.5 got: 3.0" in words
        assert "hidden checks run when you submit" in words
    else:
        assert "this is the sum; divide it by the count" in words


def test_a_test_cell_that_needs_a_later_cell_stands_below_it():
    files = assignment_files(REAL, QUICK)
    ids = [cell["id"] for cell in json.loads(files[f"{QUICK}.ipynb"])["cells"]]
    sources = ["".join(cell["source"]) for cell in json.loads(files[f"{QUICK}.ipynb"])["cells"]]
    value = next(n for n, source in enumerate(sources) if source.startswith("class Value"))
    assert ids.index(f"{QUICK}-topological_order") > value
    assert FURTHER_DOWN.format(exercise="topological_order", name="Value") in sources[:value]


def test_every_other_test_cell_stands_right_below_its_exercise():
    files = assignment_files(REAL, "part1_bigrams")
    kinds = [
        "test" if cell["metadata"].get("nbgrader", {}).get("grade") else cell["cell_type"]
        for cell in json.loads(files["part1_bigrams.ipynb"])["cells"]
    ]
    assert all(kinds[n - 1] in ("code", "test") for n, kind in enumerate(kinds) if kind == "test")
    assert kinds.count("test") >= 16
