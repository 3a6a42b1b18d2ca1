"""What may be read inside the wall, as a list: Python, its packages and the system's libraries.

What is not on the list is closed wherever it lies: a clone below `sys.prefix`, its history, a
course, a cache, a workspace, a home. `closed` is what has to stay closed where it lies inside
something on the list. A package that is installed as editable lies elsewhere; of those only what
the warm process has imported itself is open, such as a torch that was built where its source is.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# A wheel carries its course in the package; a clone has it, its history and more beside it.
OWN = PACKAGE if (PACKAGE / "_course").is_dir() else PACKAGE.parent
# Of a clone these lie among the packages: an editable wheel copies the course to `autograder/`.
OWN_NAMES = ("*gradschool*", "autograder*")

# The folders that a person may have put where packages lie.
CHOSEN = ("GRADSCHOOL_COURSE", "GRADSCHOOL_CACHE")

SITES = ("site-packages", "dist-packages")
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64")
SYSTEM = ("/etc/ld.so.cache", "/usr/lib/locale")
_SHARED = re.compile(r".+\.so(\.[0-9]+)*")


def opened(closed: Iterable[Path]) -> list[Path]:
    """The files and folders that are open, with all that is in them but what is closed."""
    shut = [path.resolve() for path in closed]
    listed = [Path(sys.executable), *map(Path, SYSTEM), *_standard_library(), *_sites()]
    # Nobody listed what a link or an import leads to: none of it is open in a closed place.
    found = [*_libraries(), *_linked(), *_imported()]
    found = [path for path in found if not any(map(path.is_relative_to, [*shut, *listed]))]
    return sorted({path.resolve() for path in [*listed, *found] if path.exists()})


def closed(more: Iterable[str] = ()) -> list[Path]:
    """What is closed although it may lie in an open folder: this package's own and `more`."""
    own = [path for site in _sites() for name in OWN_NAMES for path in site.glob(name)]
    # The Python that a virtual environment was made of has packages that are not the environment's.
    others = [library / name for library in _standard_library() for name in SITES]
    shut = [path for path in others if path not in _sites()]
    return [OWN, *own, *_courses(), *shut, *map(Path, more)]


def _courses() -> Iterator[Path]:
    """All courses that are installed as packages, whichever is meant: they hold solutions."""
    for site in _sites():
        yield from (path.parent for path in site.glob("*/solutions") if path.is_dir())


def chosen() -> list[str]:
    """The folders to close that this process's environment names, which no worker inherits."""
    return [os.path.abspath(os.environ[name]) for name in CHOSEN if os.environ.get(name)]


def _standard_library() -> list[Path]:
    modules = sysconfig.get_config_var("DESTSHARED")
    return [Path(sysconfig.get_path("stdlib")), *([Path(modules)] if modules else [])]


def _sites() -> list[Path]:
    return [path for path in map(Path, sys.path) if path.name in SITES and path.is_dir()]


def _libraries() -> Iterator[Path]:
    """Shared libraries, and the folders of them that are named after the machine."""
    prefixes = (f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix))
    for folder in map(Path, (*LIBRARIES, *prefixes)):
        for entry in folder.glob("*"):
            if _SHARED.fullmatch(entry.name) or "-linux-" in entry.name:
                yield entry.resolve()


def _linked() -> Iterator[Path]:
    """The packages that are only linked from where packages are: no rule follows a link."""
    for site in _sites():
        for entry in site.iterdir():
            if entry.is_symlink() and not any(map(entry.match, OWN_NAMES)):
                yield entry.resolve()


def _imported() -> Iterator[Path]:
    """The folders of the packages that this process has imported, wherever they lie."""
    for name, module in list(sys.modules.items()):
        if "." not in name and name != PACKAGE.name:
            for folder in getattr(module, "__path__", ()):
                yield Path(folder).resolve()
