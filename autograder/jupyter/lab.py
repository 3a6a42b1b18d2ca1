"""JupyterLab on a workspace, with the lessons' scripts opened as notebooks by jupytext.

The script is the notebook: what is saved in JupyterLab is the file in `exercises/`, without
outputs and without a header, so that `grad check` and an editor see the same lines.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder.lessons.errors import WrongUse
from autograder.worker import posix
from autograder.workspace.places import kept

# A click on a script opens a notebook, and nothing is asked or fetched.
_SETTINGS = {
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"python": "Jupytext Notebook"}},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
# nbgrader's menus are for instructors: Validate cannot read a script, and fails with a traceback.
_OFF = {
    f"nbgrader.server_extensions.{name}": False
    for name in ("formgrader", "validate_assignment", "assignment_list", "course_list")
}
_PAGE = {"disabledExtensions": {"@jupyter/nbgrader": True}}
_NO_HEADER = "-all"
# What every notebook holds from the start.
_GIVEN = "from autograder import grade, hint, plot, predict, progress"


def run_lab(folder: Path, lesson: str, *, port: int, browser: bool) -> int:
    """Run JupyterLab in `folder` until it is stopped. Returns its exit code.

    Where a program can become another one, this one does: so whatever stops it stops JupyterLab.
    """
    for needed in ("jupyterlab", "jupytext"):
        if find_spec(needed) is None:
            raise WrongUse(f"{needed} is not installed; pip install 'gradschool[classroom]'")
    command = lab_command(folder, lesson, port=port, browser=browser)
    environment = lab_environment(folder)
    if os.name == "posix":
        os.chdir(folder)
        os.execve(command[0], command, environment)
    try:
        return subprocess.call(command, cwd=folder, env=environment)
    except KeyboardInterrupt:
        return 130


def lab_command(folder: Path, lesson: str, *, port: int, browser: bool) -> list[str]:
    """The command line; the settings that it gives hold for this run alone."""
    place = f"/lab/tree/exercises/{lesson}.py" if lesson else "/lab/tree/exercises"
    manager = "autograder.jupyter.contents.Lessons"
    return [
        # Nothing but the address is worth a learner's reading.
        *(sys.executable, "-m", "jupyterlab", f"--port={port}", "--log-level=WARN"),
        "--LabApp.log_level=WARN",
        *(() if browser else ("--no-browser",)),
        *(("--allow-root",) if posix.user() == 0 else ()),
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url={place}",
        f"--Lessons.notebook_metadata_filter={_NO_HEADER}",
        f"--Lessons.cell_metadata_filter={_NO_HEADER}",
        f"--ServerApp.contents_manager_class={manager}",
    ]


def lab_environment(folder: Path) -> dict[str, str]:
    """The environment with one more folder of settings; the user's own are left as they are."""
    place = kept(folder) / "jupyter"
    _write(place / "labconfig" / "default_setting_overrides.json", _SETTINGS)
    _write(place / "labconfig" / "page_config.json", _PAGE)
    _write(place / "jupyter_server_config.json", {"ServerApp": {"jpserver_extensions": _OFF}})
    _write(place / "kernels" / "python3" / "kernel.json", _kernel())
    return {
        **os.environ,
        "JUPYTER_CONFIG_PATH": _first(place, "JUPYTER_CONFIG_PATH"),
        "JUPYTER_PATH": _first(place, "JUPYTER_PATH"),
    }


def _kernel() -> dict[str, Any]:
    """This very Python. jupytext chooses a kernel only where its program is named in full."""
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    launch.append(f"--IPKernelApp.exec_lines={_GIVEN}")
    return {"argv": launch, "display_name": "Python 3", "language": "python"}


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")


def _first(place: Path, variable: str) -> str:
    """A search path with one more folder before what it has."""
    return os.pathsep.join(filter(None, [str(place), os.environ.get(variable)]))
