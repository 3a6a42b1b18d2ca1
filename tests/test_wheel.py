"""The wheel, from where PyPI's users are: `pip install gradschool`, `grad init`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from autograder.lessons.course import Course
from autograder.lessons.wheel import wheel as own_wheel
from tests.wall import Layout

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("wheel")

ROOT = Path(__file__).resolve().parent.parent
OTHERS_OWN = "def grade(answer):\n    return 'mine'\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The wheel as pip builds it of a clone, with what is at hand."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel"]
    subprocess.run([*pip, "--no-build-isolation", "--no-deps", "-w", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def environment(tmp_path_factory, built) -> Path:
    """An environment with what Gradschool needs, into which the wheel has been installed."""
    folder = tmp_path_factory.mktemp("environment")
    layout = Layout(folder)
    pip = [layout.python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--no-deps", "--no-index", built], check=True)
    return folder


def run(environment: Path, folder: Path, *command: str, code: int = 0) -> str:
    """What a command prints that knows of nothing but the environment."""
    variables = {"PATH": f"{environment / 'bin'}:{os.environ['PATH']}", "HOME": str(folder)}
    variables["GRADSCHOOL_CACHE"] = os.environ["GRADSCHOOL_CACHE"]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    assert done.returncode == code, done
    return done.stdout


def names(wheel: zipfile.ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_it_says_whose_it_is_and_holds_what_belongs_to_it(built, tmp_path):
    with zipfile.ZipFile(built) as archive:
        (about,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        said = message_from_string(archive.read(about).decode())
        held = names(archive)
    assert said["Author"] == "Gradschool contributors" and said["License-Expression"] == "MIT"
    assert "Intended Audience :: Education" in said.get_all("Classifier")
    assert any("karpathy.ai" in url for url in said.get_all("Project-URL"))
    inside = {"_course/course.toml", "_course/data/names_small.txt", "_docs/own-course.md"}
    inside |= {"authoring/templates/course/pyproject.toml.txt", "workspace/templates/README.md"}
    assert {f"autograder/{name}" for name in inside} <= held
    (tmp_path / "own.whl").write_bytes(own_wheel()[1])
    with zipfile.ZipFile(tmp_path / "own.whl") as archive:
        assert names(archive) == held, "what Gradescope gets is what pip builds"


def test_two_commands_and_the_first_exercise(environment, tmp_path):
    lessons = f"{len(Course.find().names)} lessons are in zero/exercises"
    assert lessons in run(environment, tmp_path, "grad", "init", "zero")
    place = tmp_path / "zero"
    readme = (place / "README.md").read_text()
    assert "# Neural Networks: Zero to Hero" in readme and "grad watch" in readme
    assert "grad docs" in run(environment, place, "grad", "--help")
    assert str(environment) in run(environment, place, "grad", "docs")
    assert "# Commands" in run(environment, place, "grad", "docs", "commands")
    assert "Next: " in run(environment, place, "grad", "status")
    assert "passed     derivative" in run(environment, place, "grad", "check", "derivative")


def test_a_students_autograder_py_and_the_package_never_hide_each_other(environment, tmp_path):
    python, ask = str(environment / "bin" / "python"), "from autograder import grade; "
    shutil.copy(ROOT / "autograder" / "nbgrader" / "student.py", tmp_path / "autograder.py")
    where = ask + "print(grade.__module__)"
    assert run(environment, tmp_path, python, "-c", where) == "autograder.jupyter.notebook\n"
    assert "grad docs" in run(environment, tmp_path, python, "-m", "autograder", "--help")
    alone = run(environment, tmp_path, python, "-S", "-c", ask + "print(grade('f'))")
    assert alone == "f: it is not defined; run the cell that defines it\n"
    # Another file of that name, which is nobody's but theirs.
    (tmp_path / "autograder.py").write_text(OTHERS_OWN)
    assert run(environment, tmp_path, python, "-c", ask + "print(grade(1))") == "mine\n"
    assert "# A course of your own" in run(environment, tmp_path, "grad", "docs", "own-course")
