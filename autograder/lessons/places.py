"""Where the program's own files lie, which notebook is running, and how one names a file here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# Where a workspace keeps what is not the learner's own writing.
KEPT = ".gradschool"


def installed_root() -> Path:
    """Where `solutions/` and `data/` lie: in an installed package, or at the top of a clone."""
    installed = PACKAGE / "_course"
    return installed if installed.is_dir() else PACKAGE.parent


def docs_folder() -> Path:
    """Where the documents lie: in an installed package, or at the top of a clone."""
    installed = PACKAGE / "_docs"
    return installed if installed.is_dir() else PACKAGE.parent / "docs"


def shown_path(path: Path) -> str:
    """A path as one would type it here: relative to the current folder where it lies in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def cache_folder() -> Path:
    """Where answer keys are kept: GRADSCHOOL_CACHE, or the user's cache folder."""
    import platformdirs  # only here: most commands need no cache

    named = os.environ.get("GRADSCHOOL_CACHE")
    return Path(named or platformdirs.user_cache_dir("gradschool")) / "answer_keys"


def running_notebook(names: Mapping[str, object]) -> Path:
    """The notebook in whose kernel this runs, as Jupyter or VS Code tell it; else an empty path.

    names: what the kernel holds.
    """
    return Path(str(names.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or ""))
