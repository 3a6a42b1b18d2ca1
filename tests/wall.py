"""Asking from inside the wall: a program is run as a submission, in whatever layout.

`Layout` makes virtual environments in which the engine is installed in one way or another.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_ASK = """
import json, sys
from autograder.pool.pool import Item, Pool
from autograder.worker.decoding import decode

source = sys.stdin.read()
code = (("eval", compile("answer()", "<example>", "eval")),)
job = {"lesson": "asked", "path": "asked.py", "units": [(source, 1)], "seeds": {"answer": 0}}
job |= {"checks": compile("", "<checks>", "exec"), "record": False, "references": None}
with Pool(confined=True) as pool:
    (answer,) = pool.run(job, [Item("answer", "answer", code=code)]).answers.values()
given = {key.value: value for key, value in decode(answer.payload).value}
print(given["value"].value[0].value if "value" in given else json.dumps(str(given["error"])))
"""


def ask(source: str, python: Path | str = sys.executable, **environment: str):
    """What `answer()` of a submission returns; it has to be something that JSON can hold."""
    command = [str(python), "-P", "-c", _ASK]
    source = f"import json\n{source}\n_own = answer\ndef answer(): return json.dumps(_own())\n"
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "GRADSCHOOL_CACHE")}
    done = subprocess.run(
        command, input=source, env={**inherited, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def open_ones(paths: dict[str, Path], python: Path | str = sys.executable, **environment: str):
    """Which of the paths a submission can open; they all have to exist."""
    assert all(path.exists() for path in paths.values()), paths
    listed = {name: str(path) for name, path in paths.items()}
    source = f"""
import os
def answer():
    opened = []
    for name, path in {listed!r}.items():
        try:
            os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
            opened.append(name)
        except PermissionError:
            pass
    return opened
"""
    return set(ask(source, python, **environment))


class Layout:
    """A virtual environment with the packages of this one, and with the engine in it."""

    def __init__(self, folder: Path):
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"
        (self.site,) = folder.glob("lib/python3.*/site-packages")
        for path in sys.path:
            if Path(path).name == "site-packages":
                self._link(Path(path))

    def _link(self, packages: Path) -> None:
        for entry in packages.iterdir():
            known = (self.site / entry.name).exists()
            if not known and "gradschool" not in entry.name and entry.name != "autograder":
                (self.site / entry.name).symlink_to(entry)

    def clone(self, folder: Path) -> None:
        """A clone with its history, found by a .pth file, as `pip install -e` leaves it."""
        for name in ("autograder", "solutions", "exercises", "tests", "docs"):
            shutil.copytree(ROOT / name, folder / name, ignore=_NOT_NEEDED)
        (folder / ".git" / "objects").mkdir(parents=True)
        (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        (folder / ".git" / "objects" / "pack").write_text("history")
        (self.site / "_editable_impl_gradschool.pth").write_text(f"{folder}\n")
        # What an editable wheel copies of the course.
        copied = self.site / "autograder" / "_course" / "solutions"
        shutil.copytree(ROOT / "solutions", copied, ignore=_NOT_NEEDED)

    def wheel(self) -> None:
        """The engine as a wheel leaves it, with its course inside."""
        shutil.copytree(ROOT / "autograder", self.site / "autograder", ignore=_NOT_NEEDED)
        for name in ("solutions", "data"):
            copied = self.site / "autograder" / "_course" / name
            shutil.copytree(ROOT / name, copied, ignore=_NOT_NEEDED)
        shutil.copy(ROOT / "course.toml", self.site / "autograder" / "_course")


_NOT_NEEDED = shutil.ignore_patterns("__pycache__", ".*")
