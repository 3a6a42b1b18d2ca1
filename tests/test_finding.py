"""Which course `grad` is about: by option, variable, project, workspace, package, or its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from autograder.lessons.about import About
from autograder.lessons.errors import CourseError
from tests.command import grad
from tests.conftest import MINIATURE

ROOT = Path(__file__).resolve().parent.parent

NAMES = ("by_option", "by_variable", "by_project", "by_workspace", "by_package")


def course(folder: Path, lesson: str) -> Path:
    """A course with one lesson of this name."""
    (folder / "solutions").mkdir(parents=True)
    shutil.copytree(MINIATURE / "checks" / "sums", folder / "checks" / lesson)
    shutil.copy(MINIATURE / "solutions" / "sums.py", folder / "solutions" / f"{lesson}.py")
    return folder


def package(site: Path, name: str, lesson: str = "") -> Path:
    """A course among the packages, as its wheel leaves it."""
    about = site / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[gradschool.courses]\n{name} = {name}_course\n")
    return course(site / f"{name}_course", lesson) if lesson else site


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder of packages that Python looks into."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "site")])
    return tmp_path / "site"


@pytest.fixture
def place(tmp_path, site, monkeypatch) -> Path:
    """A folder in a workspace in a project, where a different course is named in every way."""
    for name in NAMES[:4]:
        course(tmp_path / name, name)
    package(site, "packaged", "by_package")
    project = tmp_path / "project"
    inner = project / "workspace" / "exercises" / "inner"
    inner.mkdir(parents=True)
    (project / "pyproject.toml").write_text('[tool.gradschool]\ncourse = "../by_project"\n')
    (project / "workspace" / "pyproject.toml").write_text("[tool.other]\n")
    (project / "workspace" / ".gradschool").mkdir()
    (project / "workspace" / ".gradschool" / "course").write_text(f"{tmp_path / 'by_workspace'}\n")
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(tmp_path / "by_variable"))
    monkeypatch.chdir(inner)
    return tmp_path


def found(*option: object) -> str:
    """The first lesson of the course that `grad list` is about."""
    ran = grad(*option, "list")
    assert ran.code == 0, ran.err
    return ran.out.partition(":")[0]


def test_each_way_goes_before_the_next_one(place, monkeypatch):
    assert found("--course", place / "by_option") == "by_option"
    assert found() == "by_variable", "the option is for its own command"
    monkeypatch.delenv("GRADSCHOOL_COURSE")
    assert found() == "by_project"
    (place / "project" / "pyproject.toml").unlink()
    assert found() == "by_workspace"
    (place / "project" / "workspace" / ".gradschool" / "course").unlink()
    assert found() == "by_package"
    assert found("--course", "packaged") == "by_package"
    shutil.rmtree(place / "site" / "packaged-1.0.dist-info")
    assert found() == "part0_micrograd_engine"


def refused(*arguments: object) -> str:
    """The one sentence that a command ends with."""
    ran = grad(*arguments)
    assert ran.code == 2 and ran.err.count("\n") == 1, ran
    return ran.err


@pytest.mark.parametrize("value", ["nowhere", "project"])
def test_a_wrong_value_is_told_with_where_it_stands(place, monkeypatch, value):
    wrong = str(place / value)
    why = "is no course: " + ("there is no such folder" if value == "nowhere" else "it has no")
    for command in (["--course", wrong, "list"], ["class", "--course", wrong, "report", "x"]):
        said = refused(*command)
        assert wrong in said and why in said and said.endswith("see to --course\n")
    monkeypatch.setenv("GRADSCHOOL_COURSE", wrong)
    assert refused("list").endswith("see to GRADSCHOOL_COURSE\n")
    monkeypatch.delenv("GRADSCHOOL_COURSE")
    project = place / "project" / "pyproject.toml"
    project.write_text(f'[tool.gradschool]\ncourse = "{wrong}"\n')
    assert refused("list").endswith(f"see to [tool.gradschool] in {project}\n")
    project.write_text("[tool.gradschool]\ncourse = \n")
    assert f"{project}: [tool.gradschool] names no course" in refused("list")
    project.write_text("[tool.gradschool]\nname = 'x'\n")
    assert f"{project}: [tool.gradschool] names no course" in refused("list")
    project.unlink()
    record = place / "project" / "workspace" / ".gradschool" / "course"
    record.write_text(wrong)
    assert refused("list").endswith(f"see to {record}\n")


def test_of_several_installed_courses_one_has_to_be_named(site, tmp_path, monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exercises").mkdir()
    for name in ("first", "second"):
        package(site, name, f"of_{name}")
    assert "several courses are installed: first, second; say which" in refused("list")
    assert found("--course", "second") == "of_second"
    assert found("--course", "zero-to-hero") == "part0_micrograd_engine"
    assert "(zero-to-hero, first, second)" in refused("--course", "third", "list")


def test_a_package_that_has_lost_its_folder_is_named(site, tmp_path, monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    monkeypatch.chdir(tmp_path)
    package(site, "lost")
    assert f"the installed course lost is to lie in {site / 'lost_course'}" in refused("list")


def test_a_workspace_stays_one_of_the_course_that_it_was_made_of(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.delenv("GRADSCHOOL_COURSE")
    for name, first in (("packaged", "by_package"), ("zero-to-hero", "part0_micrograd_engine")):
        assert grad("--course", name, "init", name).code == 0
        assert (place / name / ".gradschool" / "course").read_text() == f"{name}\n"
        monkeypatch.chdir(place / name / "exercises")
        assert found() == first
        monkeypatch.chdir(place)
    assert grad("--course", place / "by_option", "init", "own").code == 0
    monkeypatch.chdir(place / "own")
    assert found() == "by_option"


def test_the_exercises_of_a_clone_are_those_of_its_own_course(place, monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_COURSE")
    monkeypatch.chdir(ROOT / "exercises")
    assert found() == "part0_micrograd_engine"


def test_release_does_not_write_into_a_course_of_lessons(place):
    said = refused("release", "by_variable", "--course", place / "by_option")
    assert "is a course of lessons" in said and not (place / "by_option" / "source").exists()
    said = refused("release", "by_variable", "--course", "packaged")
    assert "packaged names a course of lessons" in said and not (place / "packaged").exists()
    said = refused("class", "autograde", "by_variable", "--course", "zero-to-hero")
    assert "grad --course zero-to-hero" in said
    assert grad("init", place / "work").code == 0
    said = refused("release", "by_variable", "--course", place / "work")
    assert "is a workspace" in said and not (place / "work" / "source").exists()


def test_an_nbgrader_course_is_not_taken_for_one_of_lessons(place, monkeypatch):
    monkeypatch.chdir(place)
    assert grad("release", "by_variable", "--course", "school").code == 0
    school = place / "school"
    advice = f"is named behind a command: grad release LESSON --course {school}"
    for command in (("--course", "school", "list"), ("class", "--course", "school", "grade", "x")):
        assert advice in refused(*command)
    monkeypatch.setenv("GRADSCHOOL_COURSE", "school")
    assert advice in refused("list")


@pytest.mark.parametrize("command", ["list", "class grade x", "class collect x --into y"])
def test_where_the_option_stands_is_said(place, command):
    name = " ".join(command.split()[: 1 + command.startswith("class")])
    said = refused(*command.split(), "--course", "by_option")
    assert f"stands before the command: `grad --course FOLDER {name} ...`" in said


def test_a_repository_for_github_asks_pip_for_an_installed_course(place):
    ran = grad("--course", "packaged", "release", "by_package", "--github", place / "template")
    assert ran.code == 0 and "wheel" not in ran.out
    wanted = (place / "template" / "requirements.txt").read_text().splitlines()
    assert wanted[0].startswith("gradschool==") and wanted[1:] == ["packaged==1.0"]
    own = ("--course", place / "by_option", "release", "by_option", "--github", place / "other")
    assert "needs your course: install the course's wheel here" in grad(*own).out


def test_help_is_about_the_course_that_is_meant(place, monkeypatch):
    about = 'title = "Poems"\nabout = "Read and count."\nexample_lesson = "sonnets"\n'
    (place / "by_option" / "course.toml").write_text(about)
    shown = grad("--course", place / "by_option", "--help").out
    assert "Poems" in shown and "Read and count." in shown and "grad docs" in shown
    assert "Neural" not in shown
    assert "grad list sonnets" in grad("--course", place / "by_option", "list", "-h").out
    assert "grad hint EXERCISE" in grad("--course", place / "by_option", "hint", "-h").out
    monkeypatch.setenv("GRADSCHOOL_COURSE", "zero-to-hero")
    assert "Neural Networks: Zero to Hero" in grad("--help").out
    monkeypatch.setenv("GRADSCHOOL_COURSE", "nowhere")
    assert "nowhere is no course" in grad("--help").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = \n", "it is not TOML"),
        ("title = 3\n", "title has to be a text"),
        ("tittle = 'x'\n", "there is no tittle; known are name, title"),
        ("data = 'x'\n", "data has to be a table"),
        ("lessons = 'x'\n", "lessons has to be a list"),
        ("repository = 'https://github.com/a/b'\n", "repository has to be OWNER/NAME"),
        ("[data]\nrivers = 'x'\n", "data.rivers has to be a table"),
        ("[data.rivers]\nfile = 'x'\n", "data.rivers.small is missing"),
        ("[data.rivers]\nsize = 3\n", "there is no data.rivers.size"),
    ],
)
def test_a_wrong_course_toml_is_one_sentence(tmp_path, text, said):
    file = tmp_path / "course.toml"
    file.write_text(text)
    with pytest.raises(CourseError) as raised:
        About.read(file)
    assert str(raised.value).startswith(f"{file}: {said}")


def test_a_course_without_a_course_toml_is_named_after_its_folder(tmp_path):
    about = About.read(tmp_path / "rivers" / "course.toml")
    assert (about.name, about.title) == ("rivers", "rivers")


@pytest.fixture
def three(tmp_path, monkeypatch) -> Path:
    """A course with three lessons."""
    for lesson in ("a_gpt", "a_modules", "b_tokens"):
        course(tmp_path / lesson, lesson)
        shutil.copytree(tmp_path / lesson, tmp_path / "three", dirs_exist_ok=True)
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(tmp_path / "three"))
    return tmp_path / "three"


def listed() -> list[str]:
    """The lessons as `grad list` shows them."""
    out = grad("list").out
    return [line.partition(":")[0] for line in out.splitlines() if ": " in line and line[0] != " "]


def test_lessons_follow_each_other_by_name_or_as_the_course_says(three, tmp_path, monkeypatch):
    assert listed() == ["a_gpt", "a_modules", "b_tokens"]
    (three / "course.toml").write_text('lessons = ["a_modules", "a_gpt", "b_tokens"]\n')
    assert listed() == ["a_modules", "a_gpt", "b_tokens"]
    assert grad("init", tmp_path / "work").code == 0
    monkeypatch.chdir(tmp_path / "work")
    told = grad("status").out
    assert told.index("a_modules") < told.index("a_gpt") < told.index("b_tokens")
    assert "exercises/a_modules.py" in told.partition("Next:")[2]


@pytest.mark.parametrize(
    ("lessons", "said"),
    [
        (
            ["a_modules", "a_gtp", "b_tokens"],
            "names 'a_gtp', and solutions/ has no such lesson; did you mean a_gpt?",
        ),
        (
            ["a_modules", "a_gpt", "b_tokens", 3],
            "names 3, and solutions/ has no such lesson; take it out",
        ),
        (
            ["a_gpt", "a_modules", "b_tokens", "a_gpt"],
            "names 'a_gpt' twice; take one of the two out",
        ),
        (
            ["a_gpt", "b_tokens"],
            "leaves out 'a_modules'; put it where it belongs, or take the whole list out",
        ),
    ],
)
def test_a_wrong_order_of_lessons_is_one_sentence(three, lessons, said):
    (three / "course.toml").write_text(f"lessons = {lessons}\n")
    ran = grad("list")
    file = three / "course.toml"
    assert ran.code == 2 and ran.err.endswith(f": {file}: lessons {said}\n")


def test_a_course_of_which_no_lesson_is_there_has_no_order(three):
    (three / "course.toml").write_text('lessons = ["a_gpt"]\n')
    shutil.rmtree(three / "solutions")
    (three / "solutions").mkdir()
    assert "has no lessons" in refused("list")
