"""The documents say what is there: commands, options, links; and every example runs."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.cli import command
from autograder.cli.reference import PAGE, commands, example, reference
from autograder.lessons.course import Course
from tests import guide_class
from tests.command import grad

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = dict(commands(command()))
# A terminal, a server, nbgrader's course, minutes of training or proof, and what the first test
# looks at.
NOT_RUN = {
    "grad watch",
    "grad lab",
    "grad class autograde",
    "grad milestone",
    "grad play",
    "grad dev check",
    "grad dev diagnose",
    "grad dev docs",
    "grad dev shortcuts",
}
EXAMPLES = {path: example(command) for path, command in COMMANDS.items()}


def documents() -> list[Path]:
    return sorted(path for pattern in ("*.md", "*/*.md") for path in ROOT.glob(pattern))


def quoted(text: str) -> Iterator[str]:
    """The `grad` command lines in a document: between backticks, or alone on an indented line."""
    yield from re.findall(r"`(grad(?: [^`]*)?)`", text)
    yield from re.findall(r"^(?: {4,}|\$ )(grad(?: .*)?)$", text, re.MULTILINE)


def complaint(line: str) -> str:
    """What is wrong with a command line, or nothing."""
    words = shlex.split(line, comments=True)
    if words[1:2] == ["--course"]:  # an option of `grad` itself
        del words[1:3]
    path = next((" ".join(words[:n]) for n in (3, 2) if " ".join(words[:n]) in COMMANDS), "")
    if not path:
        groups = {path.rpartition(" ")[0] for path in COMMANDS}
        return "" if " ".join(words) in groups or words[1:] == ["--help"] else "no such command"
    known = {"--help", "-h"}
    for parameter in COMMANDS[path].params:
        known |= {*parameter.opts, *parameter.secondary_opts}
    unknown = [word for word in words if word.startswith("-") and word.split("=")[0] not in known]
    return f"no such option: {unknown[0]}" if unknown else ""


def test_the_page_of_commands_is_what_the_program_says():
    assert PAGE.read_text(encoding="utf-8") == reference(command()), "run grad dev docs"


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_quoted_commands_exist(document):
    lines = list(quoted(document.read_text(encoding="utf-8")))
    wrong = {line: complaint(line) for line in lines if complaint(line)}
    assert not wrong


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_relative_links_lead_to_files(document):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert not [link for link in local if not (document.parent / link).exists()]


def sample(name: str) -> list[str]:
    """The lines of the README's indented block that has this name in its first line."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^ {4}.*\n)+", text, re.MULTILINE)
    lines = next(block for block in blocks if name in block.splitlines()[0]).splitlines()
    return [line.strip() for line in lines if line.strip() != "..."]


WRAPPED = "other = other if isinstance(other, Value) else Value(other)\n"


def test_the_samples_of_the_readme_are_what_the_program_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    lesson = Course.find().lesson("part0_micrograd_engine")
    right = lesson.exercises["Value.__mul__"].code
    mistaken = right.replace("grad +=", "grad =").replace(WRAPPED, "")
    assert right.count("grad +=") == 2 and WRAPPED in right
    file = tmp_path / f"{lesson.name}.py"
    file.write_text(lesson.edited("Value.__mul__", mistaken), encoding="utf-8")
    assert grad("init", "workspace").code == 0
    report = grad("grade", str(file)).out
    monkeypatch.chdir(tmp_path / "workspace")
    begun = grad("status", "--grade").out
    for name, shown in (("wrong", report), ("part0_micrograd_engine", begun)):
        told = " ".join(shown.split())  # a terminal may be of any width
        assert not [line for line in sample(name) if " ".join(line.split()) not in told], shown


def test_every_command_has_an_example_of_its_own():
    assert not [path for path, line in EXAMPLES.items() if not line.startswith(path)]


def test_the_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    assert grad("init", "workspace").code == 0
    monkeypatch.chdir(tmp_path / "workspace")
    shutil.copy(Course.find().solutions / "part1_bigrams.py", ".")
    guide_class.lay_out(Path())
    for path, line in EXAMPLES.items():
        if path not in NOT_RUN:
            ran = grad(*shlex.split(line)[1:], answer="y\n")
            assert ran.code in (0, 1) and not ran.err, (line, ran)


GUIDE = "# %% [markdown]\n# # A guide\n\n# %%\nimport torch\n\n\n# %%\n{}\n\n# %%\n{}"


def test_the_lesson_of_the_guide_for_authors_is_in_order(tmp_path, monkeypatch):
    """A course of what docs/writing-a-lesson.md shows: an exercise with all that belongs to it."""
    guide = (ROOT / "docs" / "writing-a-lesson.md").read_text(encoding="utf-8")
    exercise, asked, checks, mistakes = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    files = {
        "solutions/guide.py": GUIDE.format(asked, exercise),
        "checks/guide/checks.py": checks,
        "checks/guide/mistakes.py": mistakes,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "exercises").mkdir()
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert grad("dev", "build").code == 0
    ran = grad("dev", "check", "--no-mutants")
    assert "The course is in order." in ran.out, ran.out
