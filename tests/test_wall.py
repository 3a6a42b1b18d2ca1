"""What lies where, and what of it a submission can open: the list is short, whatever the layout."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import torch

from autograder.worker import sandbox
from tests.conftest import MINIATURE
from tests.wall import ROOT, Layout, ask, open_ones

pytestmark = pytest.mark.skipif(
    not sandbox.capabilities().full, reason="this machine has no full sandbox to test"
)

ALLOWED = {"torch": Path(torch.__file__), "json": Path(json.__file__)}
LATE = """
import importlib
def answer():
    names = "sqlite3 lzma ssl decimal xml.dom.minidom matplotlib.figure torch.distributions"
    names += " torch.fft torch.optim.lr_scheduler numpy.polynomial"
    for name in names.split():
        importlib.import_module(name)
    return sorted(os.listdir(os.path.dirname(torch.__file__))).count("version.py")
"""


def secrets_of(clone: Path) -> dict[str, Path]:
    """What of a clone nobody may read, some of it by its folder."""
    checks = sorted((clone / "autograder" / "checks").rglob("*.py"))
    found = {f"checks {path.relative_to(clone)}": path for path in checks}
    for name in ("solutions", "exercises", "tests", "docs", "autograder", ".git"):
        found[name] = clone / name
    found["the reference"] = clone / "solutions" / "part1_bigrams.py"
    found["a test"] = clone / "tests" / "test_hostile.py"
    found["a stub"] = clone / "exercises" / "part1_bigrams.py"
    found["the wall"] = clone / "autograder" / "worker" / "readable.py"
    found["the grader"] = clone / "autograder" / "grading" / "answer_key.py"
    return found


@pytest.fixture
def others(tmp_path, cache) -> dict[str, Path]:
    """What belongs to other people, none of it in the course."""
    submission = tmp_path / "submitted" / "ada" / "sums.py"
    key = cache / "answer_keys" / "sums-0.key"
    for path in (submission, key):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret")
    return {"a submission": submission, "a key": key, "the cache": cache, "the home": Path.home()}


def test_a_clone_is_closed(others):
    history = {"the history": ROOT / ".git"} if (ROOT / ".git").exists() else {}
    named = secrets_of(ROOT) | others | history | {"the miniature course": MINIATURE}
    assert open_ones({**named, **ALLOWED}) == set(ALLOWED)


def test_the_copy_that_an_editable_wheel_makes_is_closed():
    sites = [Path(path) for path in sys.path if path.endswith("-packages")]
    copies = {str(path): path for site in sites for path in site.glob("autograder/**/*.py")}
    assert open_ones({**copies, **ALLOWED}) == set(ALLOWED)


@pytest.fixture(scope="module")
def below_the_prefix(tmp_path_factory) -> tuple[Layout, Path]:
    """`pip install -e git+URL`: the clone lies in <venv>/src."""
    folder = tmp_path_factory.mktemp("environment")
    layout = Layout(folder)
    layout.clone(folder / "src" / "gradschool")
    return layout, folder / "src" / "gradschool"


def test_a_clone_below_the_prefix_is_closed(below_the_prefix, others):
    layout, clone = below_the_prefix
    paths = secrets_of(clone) | others
    paths |= {"HEAD": clone / ".git" / "HEAD", "pack": clone / ".git" / "objects" / "pack"}
    paths |= {"src": clone.parent, "clone": clone}
    paths |= {path.name: path for path in layout.site.glob("autograder/_course/solutions/*.py")}
    paths["another clone"] = ROOT / "solutions"
    assert open_ones({**paths, **ALLOWED}, layout.python) == set(ALLOWED)


def test_a_course_a_cache_and_a_workspace_among_the_packages_are_closed(below_the_prefix):
    layout, clone = below_the_prefix
    course, cache = layout.site / "course_of_ours", layout.site / "kept" / "keys"
    workspace = clone.parent / "workspace" / "exercises"
    for folder in (course / "solutions", cache, workspace):
        folder.mkdir(parents=True)
        (folder / "sums.py").write_text("secret")
    (layout.site / "kept" / "open.py").write_text("")
    paths = {"reference": course / "solutions" / "sums.py", "key": cache / "sums.py"}
    paths |= {"workspace": workspace, "work": workspace / "sums.py"}
    paths["beside"] = layout.site / "kept" / "open.py"
    folders = {"GRADSCHOOL_COURSE": str(course), "GRADSCHOOL_CACHE": str(cache)}
    assert open_ones(paths, layout.python, **folders) == {"beside"}


def test_packages_of_every_kind_can_still_be_imported(below_the_prefix, tmp_path):
    """Linked ones, namespaces, and what a .pth file has imported from where it is worked on."""
    layout, _ = below_the_prefix
    (layout.site / "spacious" / "part").mkdir(parents=True)
    (layout.site / "spacious" / "part" / "module.py").write_text("value = 1")
    for name in ("imported_early", "imported_late"):
        package = tmp_path / name / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "part.py").write_text("value = 2")
        (tmp_path / name / "secret").write_text("secret")
        (layout.site / f"{name}.pth").write_text(f"{tmp_path / name}\n")
    (layout.site / "imported_now.pth").write_text("import imported_early\n")
    source = f"""
import os, torch
{LATE}
late = answer
def answer():
    import spacious.part.module, imported_early.part
    found = [late(), spacious.part.module.value, imported_early.part.value]
    try:
        import imported_late.part
    except (ModuleNotFoundError, PermissionError):
        found.append("closed")
    return found
"""
    try:
        assert ask(source, layout.python) == [1, 1, 2, "closed"]
        paths = {name: tmp_path / name / "secret" for name in ("imported_early", "imported_late")}
        assert open_ones(paths, layout.python) == set()
    finally:
        for path in layout.site.glob("imported_*.pth"):
            path.unlink()


def test_an_installed_wheel_is_closed(tmp_path, others):
    layout = Layout(tmp_path / "environment")
    layout.wheel()
    paths = {str(path): path for path in (layout.site / "autograder").rglob("*.*")}
    assert any(path.name == "part1_bigrams.py" for path in paths.values())
    assert open_ones({**paths, **others, **ALLOWED}, layout.python) == set(ALLOWED)


def test_the_environment_inside_is_a_short_list():
    """Neither the names nor the values tell who grades, and where."""
    source = "import os\ndef answer(): return dict(os.environ)"
    found = ask(source, SECRET_TOKEN="token", USER="ada", GRADSCHOOL_COURSE=str(MINIATURE))
    needed = "GLIBC_TUNABLES HOME LANG MPLBACKEND MPLCONFIGDIR OMP_NUM_THREADS PYTHONHASHSEED"
    assert found.keys() - {"LD_LIBRARY_PATH", "LC_CTYPE"} == {
        *needed.split(),
        "TORCHINDUCTOR_CACHE_DIR",
    }
    assert found["HOME"] == os.devnull
    assert not any(str(ROOT) in value or str(Path.home()) in value for value in found.values())
    assert ask("import sys\ndef answer(): return sys.argv[1:]", GRADSCHOOL_COURSE=str(ROOT)) == []
