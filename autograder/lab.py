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

from autograder.course import WrongUse

_PLUGIN = "@jupyterlab/docmanager-extension:plugin"
_VIEWERS = {_PLUGIN: {"defaultViewers": {"python": "Jupytext Notebook"}}}
_NO_HEADER = "-all"


def run_lab(folder: Path, lesson: str, *, port: int, browser: bool) -> int:
    """Run JupyterLab in `folder` until it is stopped. Returns its exit code."""
    for needed in ("jupyterlab", "jupytext"):
        if find_spec(needed) is None:
            raise WrongUse(f"{needed} is not installed; pip install 'gradschool[classroom]'")
    command = lab_command(folder, lesson, port=port, browser=browser)
    try:
        return subprocess.call(command, cwd=folder, env=lab_environment(folder))
    except KeyboardInterrupt:
        return 130


def lab_command(folder: Path, lesson: str, *, port: int, browser: bool) -> list[str]:
    """The command line; the settings that it gives hold for this run alone."""
    place = f"/lab/tree/exercises/{lesson}.py" if lesson else "/lab/tree/exercises"
    manager = "jupytext.TextFileContentsManager"
    return [
        *(sys.executable, "-m", "jupyterlab", f"--port={port}"),
        *(() if browser else ("--no-browser",)),
        *(("--allow-root",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()),
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url={place}",
        f"--TextFileContentsManager.notebook_metadata_filter={_NO_HEADER}",
        f"--TextFileContentsManager.cell_metadata_filter={_NO_HEADER}",
        f"--ServerApp.contents_manager_class={manager}",
    ]


def lab_environment(folder: Path) -> dict[str, str]:
    """The environment with one more folder of settings: a click on a script opens a notebook."""
    settings = folder / ".gradschool" / "jupyter"
    place = settings / "labconfig" / "default_setting_overrides.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(_VIEWERS), encoding="utf-8")
    earlier = os.environ.get("JUPYTER_CONFIG_PATH")
    path = os.pathsep.join([str(settings), *([earlier] if earlier else [])])
    return {**os.environ, "JUPYTER_CONFIG_PATH": path}
