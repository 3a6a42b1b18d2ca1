"""`grad update`: a new version of the course, and nothing of a learner's lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.lessons.course import Course
from tests.command import grad
from tests.conftest import MINIATURE
from tests.test_watch import solve

NEWER = (
    ("# A class, and a tensor.", "# A class that counts, and a tensor."),
    ('"""The list with its mean taken from every number.', '"""The numbers less their mean.'),
    (
        "def shares(x):",
        'def least(xs):\n    """The least.\n\n    >>> least([1])\n    1\n    """\n'
        "    ### BEGIN SOLUTION\n    return min(xs)\n    ### END SOLUTION\n\n\ndef shares(x):",
    ),
)
SHARES = (
    "    x = (x - x.max(-1, keepdim=True).values).exp()\n    return x / x.sum(-1, keepdim=True)"
)
WITHOUT_MEAN = (("def mean(xs):", "def average(xs):"), ("middle = mean(xs)", "middle = 0.0"))


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The miniature course in a folder of its own, as its first version."""
    return Path(shutil.copytree(MINIATURE, tmp_path / "course"))


@pytest.fixture
def workspace(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace that `grad init` made of the first version, and the current folder in it."""
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(course))
    assert grad("init", tmp_path / "work").code == 0
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def change(course: Path, edits: tuple[tuple[str, str], ...] = NEWER) -> None:
    """Write the next version of the course, with its stubs."""
    path = course / "solutions" / "sums.py"
    text = path.read_text()
    for there, written in edits:
        assert there in text
        text = text.replace(there, written)
    path.write_text(text)
    (course / "exercises" / "sums.py").write_text(Course.at(course).lesson("sums").stub())


def work(workspace: Path) -> str:
    """What a learner has written: two bodies, and code of their own around them."""
    path = workspace / "exercises" / "sums.py"
    path.write_text(solve(path, "mean", "    # my own way\n    return add(xs) / (len(xs) or 1)"))
    path.write_text(solve(path, "shares", SHARES))
    text = path.read_text().replace("import torch\n", "import torch\nimport operator\n", 1)
    text = text.replace(
        "def centred(xs):", "def add(xs):\n    return functools.reduce(operator.add, xs, 0.0)\n\n\n"
        "def centred(xs):",
    )  # fmt: skip
    text = text.replace("import operator\n", "import functools\nimport operator\n")
    text += "\n\n# %%\nprint(mean([1.0]))  # I try things here\n"
    path.write_text(text)
    return text


def backups(workspace: Path) -> list[str]:
    return [path.read_text() for path in sorted((workspace / ".gradschool/backups").glob("*"))]


def assert_brought_up(text: str) -> None:
    for theirs in (
        "# A class that counts, and a tensor.",
        "The numbers less their mean.",
        "def least(xs)",
    ):
        assert theirs in text
    assert "# my own way\n    return add(xs) / (len(xs) or 1)" in text
    assert SHARES in text
    assert text.count("def add(xs)") == 1 and "import functools\nimport operator\n" in text
    assert text.endswith("print(mean([1.0]))  # I try things here\n")


def test_the_new_text_and_stubs_come_and_what_was_written_stays(workspace, course):
    mine = work(workspace)
    change(course)
    ran = grad("update")
    assert (ran.code, ran.err) == (0, "")
    assert "exercises/sums.py: updated" in ran.out
    assert "new: least" in ran.out and "what is asked has changed: centred" in ran.out
    assert "grad status --grade" in ran.out and "course has changed this too" not in ran.out
    assert_brought_up((workspace / "exercises" / "sums.py").read_text())
    assert backups(workspace) == [mine]
    verdicts = {e["id"]: e["verdict"] for e in grad("check", "sums", "--json").json["exercises"]}
    assert verdicts["mean"] == verdicts["shares"] == "passed" and verdicts["centred"] == "todo"


def test_a_second_time_nothing_is_to_do(workspace, course):
    work(workspace)
    change(course)
    grad("update")
    text = (workspace / "exercises" / "sums.py").read_text()
    ran = grad("update")
    assert ran.out == "Your exercises are up to date.\n" and ran.code == 0
    assert (workspace / "exercises" / "sums.py").read_text() == text
    assert len(backups(workspace)) == 1


def test_an_untouched_file_becomes_the_new_stubs_and_resetting_agrees(workspace, course):
    change(course)
    grad("update")
    path = workspace / "exercises" / "sums.py"
    assert path.read_text() == Course.at(course).lesson("sums").stub()
    grad("reset", "sums", "--yes")
    assert grad("update").out == "Your exercises are up to date.\n"


def test_code_of_an_exercise_that_went_is_in_the_backup_and_named(workspace, course):
    mine = work(workspace)
    change(course, WITHOUT_MEAN)
    out = grad("update").out
    assert "new: average" in out and "gone, and your code for it is in the backup: mean" in out
    text = (workspace / "exercises" / "sums.py").read_text()
    assert "def average" in text and "def mean" not in text
    assert backups(workspace) == [mine]


def test_what_both_have_changed_is_the_courses_and_named_with_its_line(workspace, course):
    path = workspace / "exercises" / "sums.py"
    own = path.read_text().replace("# A class, and a tensor.", "# My notes about this.")
    path.write_text(own)
    change(course)
    out = grad("update").out
    line = own.split("\n").index("# My notes about this.") + 1
    assert f"line {line} of the backup: the course has changed this too" in out
    assert "# A class that counts, and a tensor." in path.read_text()
    assert backups(workspace) == [own]


def test_a_body_of_another_width_and_one_without_its_docstring_find_their_place(workspace, course):
    path = workspace / "exercises" / "sums.py"
    text = path.read_text()
    stub = text[text.index("def mean") : text.index("def centred")]
    mine = (
        'def mean(xs):\n  # two spaces\n  total = """a\n b"""\n  return sum(xs) / (len(xs) or 1)\n'
    )
    path.write_text(text.replace(stub, mine + "\n\n"))
    change(course, (("The mean of a list of numbers", "The mean of some numbers"),))
    grad("update")
    assert (
        "# two spaces" in path.read_text()
        and "The mean of some numbers" not in backups(workspace)[0]
    )
    assert grad("check", "mean").code == 0


def test_a_file_that_is_not_python_stays_until_it_is_mended(workspace, course):
    path = workspace / "exercises" / "sums.py"
    good = work(workspace)
    broken = good.replace("return add(xs) /", "return add(xs /")
    path.write_text(broken)
    change(course)
    ran = grad("update")
    line = broken[: broken.index("return add(xs /")].count("\n") + 1
    assert f"exercises/sums.py: line {line} is not Python; mend it" in ran.out and ran.code == 0
    assert path.read_text() == broken
    path.write_text(good)
    grad("update")
    assert_brought_up(path.read_text())


def test_a_workspace_of_which_nobody_knows_how_it_began_keeps_what_it_has_more(workspace, course):
    work(workspace)
    shutil.rmtree(workspace / ".gradschool")
    change(course)
    grad("update")
    text = (workspace / "exercises" / "sums.py").read_text()
    assert_brought_up(text)
    assert "# A class, and a tensor." not in text


def test_lessons_come_and_go(workspace, course):
    for part in ("solutions/sums.py", "checks/sums"):
        (course / part).rename((course / part).with_stem("adding"))
    out = grad("update").out
    assert "exercises/adding.py: a new lesson" in out
    assert "exercises/sums.py: the course has this lesson no more" in out
    assert (workspace / "exercises" / "sums.py").exists()
    (workspace / "exercises" / "adding.py").unlink()
    assert grad("update").out == "Your exercises are up to date.\n"


def test_stubs_of_a_folder_without_a_network(workspace, course, tmp_path):
    work(workspace)
    newer = Path(shutil.copytree(course, tmp_path / "newer"))
    change(newer)
    ran = grad("update", "--from", newer)
    assert_brought_up((workspace / "exercises" / "sums.py").read_text())
    assert f"install that one too: pip install {newer}" in ran.err
    ran = grad("update", "--from", tmp_path)
    assert ran.code == 2 and "it has no folder named solutions" in ran.err


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """git, with nobody's own settings."""
    if not shutil.which("git"):
        pytest.skip("git is not on this machine")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def run(folder: Path, *arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return run


@pytest.fixture
def clone(course: Path, git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of the course, in which somebody works; the current folder is in it."""
    (course / ".gitignore").write_text(".gradschool/\n")
    git(course, "init", "--quiet", "--initial-branch=main")
    git(course, "add", "--all")
    git(course, "commit", "--quiet", "--message=First")
    git(tmp_path, "clone", "--quiet", str(course), "clone")
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    return tmp_path / "clone"


def publish(course: Path, git) -> None:
    change(course)
    git(course, "commit", "--quiet", "--all", "--message=Second")


def update(clone: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", "update", *map(str, arguments)]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True)


@pytest.mark.parametrize("commits", [False, True], ids=["unsaved to git", "committed"])
def test_a_clone_gets_the_new_version_around_the_learners_work(clone, course, git, commits):
    mine = work(clone)
    if commits:
        git(clone, "commit", "--quiet", "--all", "--message=Mine")
    publish(course, git)
    ran = update(clone)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "new: least" in ran.stdout
    assert_brought_up((clone / "exercises" / "sums.py").read_text())
    assert "def least" in (clone / "solutions" / "sums.py").read_text()
    assert mine in backups(clone)
    again = update(clone)
    assert again.stdout == "The course is up to date.\n"
    assert_brought_up((clone / "exercises" / "sums.py").read_text())


def test_a_clone_without_a_network_says_so_and_takes_another_clone(clone, course, git, tmp_path):
    mine = work(clone)
    publish(course, git)
    git(tmp_path, "clone", "--quiet", str(course), "stick")
    course.rename(tmp_path / "gone")
    ran = update(clone)
    assert ran.returncode == 2 and ran.stderr.startswith("grad: git fetch says:")
    assert ran.stderr.count("\n") == 1
    assert (clone / "exercises" / "sums.py").read_text() == mine
    assert update(clone, "--from", tmp_path / "stick").returncode == 0
    assert_brought_up((clone / "exercises" / "sums.py").read_text())


def test_where_git_cannot_merge_everything_is_as_it_was(clone, course, git):
    mine = work(clone)
    (clone / "solutions" / "sums.py").write_text("x = 1\n")
    os.replace(clone / "solutions" / "sums.py", clone / "solutions" / "other.txt")
    git(clone, "checkout", "--quiet", "HEAD", "--", "solutions")
    (course / "solutions" / "other.txt").write_text("theirs\n")
    git(course, "add", "--all")
    publish(course, git)
    ran = update(clone)
    assert ran.returncode == 2 and "git merge says:" in ran.stderr and "other.txt" in ran.stderr
    assert (clone / "exercises" / "sums.py").read_text() == mine
    assert (clone / "solutions" / "other.txt").read_text() == "x = 1\n"
