"""What needs no torch, on another Python than the one of `.venv`: `make newest`.

torch for one more Python is gigabytes, and the processes that run lessons are nothing without it.
Reading lessons and files, the plan of every check, and the first commands need none. Run it by the
Python that is to be tried; it makes an environment of some 200 MB, and leaves none.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Of what the tests need, what these do not: it is large, or looks at the code alone.
LEFT_OUT = ("torch", "distributed", "mypy", "playwright", "ruff", "tiktoken", "pytest-xdist")
TESTS = ("lesson", "magics", "small_data", "without_torch")


def needed() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return [each for each in named if not each.startswith(LEFT_OUT)]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True, symlinks=os.name != "nt")
        python = Path(folder, "Scripts" if os.name == "nt" else "bin", "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", ROOT / "constraints.txt", *needed()], check=True)
        # Syntax that this Python will no longer take is an error, in the lessons too.
        own = [ROOT / name for name in ("autograder", "solutions", "exercises")]
        compiled = [python, "-W", "error", "-m", "compileall", "-q", "-f", *own]
        subprocess.run(compiled, check=True, env={**os.environ, "PYTHONPYCACHEPREFIX": folder})
        files = [ROOT / "tests" / f"test_{name}.py" for name in TESTS]
        tests = [python, "-m", "pytest", "-p", "no:cacheprovider", *files]
        own_path = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(tests, cwd=ROOT, env=own_path).returncode


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]}, without torch", flush=True)
    sys.exit(main())
