"""`grad release --github`: a template repository whose own commands run as they stand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.classroom import environment
from tests.command import grad
from tests.conftest import MINIATURE

# What the workflow's own commands may need of a network is here already.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
WRITTEN = {
    ".devcontainer/devcontainer.json",
    ".github/workflows/check.yml",
    ".gitignore",
    "README.md",
    "exercises/sums.py",
    "requirements.txt",
}


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
    ran = grad("release", "sums", "--github", tmp_path / "template")
    assert (ran.code, ran.err) == (0, "") and "Template repository" in ran.out
    return tmp_path / "template"


def run(command: str, folder: Path, code: int = 0) -> str:
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],  # as Actions runs a step
        cwd=folder,
        env=environment(folder.parent / "home", **OFFLINE),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def workflow(repository: Path) -> dict[str, Any]:
    text = (repository / ".github" / "workflows" / "check.yml").read_text()
    return yaml.safe_load(text)["jobs"]["check"]


def test_the_repository_has_stubs_and_no_solutions(repository, miniature):
    files = {p.relative_to(repository).as_posix() for p in repository.rglob("*") if p.is_file()}
    assert files == WRITTEN
    assert (repository / "exercises" / "sums.py").read_text() == miniature.lesson("sums").stub()
    assert not [name for name in files if "/ len(xs)" in (repository / name).read_text()]


def test_the_commands_of_the_workflow_run(repository, solution):
    steps = [step["run"] for step in workflow(repository)["steps"] if "run" in step]
    uses = [
        step["uses"].partition("@")[0] for step in workflow(repository)["steps"] if "uses" in step
    ]
    assert uses == ["actions/checkout", "actions/setup-python", "actions/upload-artifact"]
    install, check = steps
    run(install, repository)
    assert "todo" in run(check, repository, code=1)
    (repository / "exercises" / "sums.py").write_text(solution)
    assert "5 of 5 exercises passed" in run(check, repository)
    kept = next(s["with"] for s in workflow(repository)["steps"] if "artifact" in s.get("uses", ""))
    (suite,) = ElementTree.parse(repository / kept["path"]).getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("skipped")) == ("sums", "5", "0")


def test_the_container_opens_ready(repository):
    container = json.loads((repository / ".devcontainer" / "devcontainer.json").read_text())
    assert container["image"].startswith("mcr.microsoft.com/devcontainers/python:3.")
    run(container["postCreateCommand"], repository)
    assert "sums" in run(container["postAttachCommand"], repository)


def test_what_an_instructor_has_changed_is_kept(repository):
    (repository / "README.md").write_text("Ours.\n")
    (repository / "exercises" / "sums.py").write_text("older\n")
    ran = grad("release", "sums", "--github", repository)
    assert (repository / "README.md").read_text() == "Ours.\n"
    told = {
        line.split()[1].rpartition("/")[2]: line.split()[0] for line in ran.out.splitlines()[:6]
    }
    assert (told["README.md"], told["sums.py"]) == ("kept", "updated")


def test_a_lesson_comes_with_those_that_it_builds_on(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    assert grad("release", "part0_micrograd_nn", "--github", tmp_path / "t").code == 0
    names = {path.name for path in (tmp_path / "t" / "exercises").iterdir()}
    assert names == {"part0_micrograd_nn.py", "part0_micrograd_engine.py"}


def test_where_to_must_be_said(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
    ran = grad("release", "sums")
    assert ran.code == 2 and "--github" in ran.err
    (tmp_path / "file").touch()
    assert grad("release", "sums", "--github", tmp_path / "file").code == 2
