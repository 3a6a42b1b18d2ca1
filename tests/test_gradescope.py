"""`grad class gradescope`: both scripts run as they stand, in a folder like Gradescope's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.command import grad
from tests.conftest import MINIATURE
from tests.made_class import as_notebook

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("gradescope")

# Somebody else than root, who may only read what root may: the Python of these tests may be root's.
NOT_ROOT = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"]
NOT_ROOT += ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]


def run(root: Path, script: str, *prefix: str, code: int = 0, **more: str) -> str:
    """Run a script of the zip; pip finds what it needs where these tests find it."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "AUTOGRADER_ROOT": str(root),
        "PYTHON": str(root / "python"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "OMP_NUM_THREADS": "1",
        **more,
    }
    done = subprocess.run(
        [*prefix, str(script)],
        cwd=root,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def laid_out(root: Path, *options: str) -> Path:
    """A folder as Gradescope makes it of the zip."""
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    ran = grad("class", "gradescope", "sums", "--to", root / "autograder.zip", *options)
    assert ran.code == 0, ran.err
    with zipfile.ZipFile(root / "autograder.zip") as archive:
        archive.extractall(root / "source")
    for name in ("setup.sh", "run_autograder"):
        (root / "source" / name).chmod(0o755)
    shutil.copy(root / "source" / "run_autograder", root)
    return root


def python_with_everything(path: Path) -> None:
    """A Python whose environments find there what pip would have to fetch."""
    path.write_text(
        f'#!/bin/sh -e\n"{sys.executable}" "$@"\n'
        f'[ "$2" != venv ] || echo "{sysconfig.get_path("purelib")}" >'
        ' "$("$3/bin/python" -c "import sysconfig; print(sysconfig.get_path(\\"purelib\\"))")'
        '/tests.pth"\n'
    )
    path.chmod(0o755)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
        root = laid_out(tmp_path_factory.mktemp("autograder"))
    python_with_everything(root / "python")
    told = run(root, "source/setup.sh")
    assert "Submissions are shut in" in told
    return root


@pytest.fixture(params=["as root", "as another"])
def prefix(request: pytest.FixtureRequest, root: Path) -> list[str]:
    """Who runs the script; where these tests are not root, both are whoever runs them."""
    if request.param == "as root" or os.geteuid() != 0:
        return []
    for path in (root, *root.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    for parent in [*root.parents][:3]:
        os.chmod(parent, 0o755)
    return NOT_ROOT


def graded(root: Path, files: dict[str, str], *prefix: str) -> Any:
    """The results of a submission."""
    shutil.rmtree(root / "submission")
    for name, text in files.items():
        (root / "submission" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "submission" / name).write_text(text, encoding="utf-8")
    (root / "results" / "results.json").unlink(missing_ok=True)
    run(root, "./run_autograder", *prefix)
    return json.loads((root / "results" / "results.json").read_text())


def test_a_submission_is_graded_by_both_scripts(root, prefix, solution):
    wrong = solution.replace("return sum(xs) / len(xs)", "return sum(xs)")
    partly = graded(root, {"my work/Copy of sums.ipynb": as_notebook(wrong)}, *prefix)
    failed = [test for test in partly["tests"] if test["status"] == "failed"]
    assert partly["score"] == 5 and [test["name"] for test in failed] == ["mean"]
    assert "divide it by the count" in failed[0]["output"]


def test_what_cannot_be_graded_is_told_to_the_student(root):
    result = graded(root, {"readme.txt": "I did not manage."})
    assert result["score"] == 0 and "hand in sums.ipynb" in result["output"]


def test_a_submission_reads_nothing_of_the_autograder(root, solution):
    spying = (
        "found = []\n"
        "for name in ('gradschool.json', 'course/solutions/sums.py', 'constraints.txt'):\n"
        f"    try: found.append(open('{root}/source/' + name).read())\n"
        "    except OSError: pass\n"
    )
    stub = "def double(x):\n    raise ValueError(found) if found else KeyError\n"
    result = graded(root, {"sums.py": spying + solution + stub})
    (double,) = [test for test in result["tests"] if test["name"] == "double"]
    assert "a KeyError" in double["output"]


def test_without_a_wall_nothing_is_graded_unless_configured(root, tmp_path, solution, monkeypatch):
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
    open_to_all = {"GRADSCHOOL_ASSUME_NO_SANDBOX": "1"}
    shutil.rmtree(root / "submission")
    (root / "submission").mkdir()
    (root / "submission" / "sums.py").write_text(solution)
    (root / "results" / "results.json").unlink(missing_ok=True)
    told = run(root, "./run_autograder", code=1, **open_to_all)
    assert "cannot shut submissions in" in told and "refused, as configured" in told
    assert not (root / "results" / "results.json").exists()
    config = root / "source" / "gradschool.json"
    before = config.read_text()
    config.write_text(json.dumps({**json.loads(before), "trust": True}))
    told = run(root, "./run_autograder", **open_to_all)
    config.write_text(before)
    assert "graded all the same, as configured" in told
    assert json.loads((root / "results" / "results.json").read_text())["score"] == 6


def test_the_zip_has_what_gradescope_asks_for(root):
    with zipfile.ZipFile(root / "autograder.zip") as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        wheel = next(name for name in entries if name.endswith(".whl"))
        config = json.loads(archive.read("gradschool.json"))
        pinned = archive.read("constraints.txt").decode()
    assert all(entries[name].external_attr >> 16 & 0o111 for name in ("setup.sh", "run_autograder"))
    assert {"course/solutions/sums.py", "course/checks/sums/checks.py"} <= set(entries)
    assert wheel.startswith("gradschool-") and "\ntorch==" in pinned and "+cpu" not in pinned
    assert config["lesson"] == "sums" and len(config["seed"]) == 32 and config["trust"] is False
