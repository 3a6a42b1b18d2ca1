"""What a notebook's code finds in Jupyter, in place of it: nothing is shown, nothing is asked.

It is there without IPython too, and so is the module that a cell has written into a file.
"""

from __future__ import annotations

import builtins
import functools
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any

# What these cells hold is executed as Python; any other cell magic has a language of its own.
PYTHON_CELLS = ("time", "timeit", "capture", "prun", "debug", "memit", "wandb")


class Nothing:
    """Takes every call and every attribute, and shows nothing: a picture, a report."""

    points = 0

    def __init__(self, *_: Any, **__: Any):
        pass

    def __call__(self, *_: Any, **__: Any) -> Nothing:
        return self

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __float__(self) -> float:
        return 0.0


class Shell:
    """What `get_ipython()` gives."""

    def __init__(self, names: dict[str, Any], run: Callable[[str, int], None], files: WrittenFiles):
        self.user_ns, self._run, self._files = names, run, files

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing

    def getoutput(self, *_: Any) -> list[str]:
        return []

    def run_cell_magic(self, name: str, rest: str, cell: str) -> None:
        """A cell with a magic as nbconvert writes it into a script."""
        line = sys._getframe(1).f_lineno
        if name in PYTHON_CELLS:
            self._run(cell, line)
        if name in ("writefile", "file"):
            file = rest.split()[-1] if rest.split() else ""
            before = self._files.pieces.get(_module(file), []) if "-a" in rest.split() else []
            self._files.pieces[_module(file)] = [*before, (cell, line)]


class WrittenFiles:
    """Finds the modules that cells have written into files, before all others."""

    def __init__(self, files: dict[str, list[tuple[str, int]]], path: str):
        self.pieces = {_module(file): pieces for file, pieces in files.items()}
        self._path = path

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        known = name in self.pieces
        is_folder = any(file.startswith(f"{name}.") for file in self.pieces)
        # A file in a folder is imported from there, or by its own name where the folder is a path.
        short = [file for file in self.pieces if file.rpartition(".")[2] == name]
        if known or is_folder or short:
            loader: Any = self  # has all that the import asks of one, and not the old `load_module`
            return importlib.util.spec_from_loader(name, loader, is_package=is_folder)
        return None

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__
        found = [file for file in self.pieces if file.rpartition(".")[2] == name]
        for source, line in self.pieces.get(name) or self.pieces.get(found[0] if found else "", []):
            text = "\n" * (line - 1) + source
            exec(compile(text, self._path, "exec", dont_inherit=True), vars(module))


def _module(file: str) -> str:
    """`utils/more.py` is imported as utils.more."""
    return file.removesuffix(".py").strip("./").replace("/", ".")


def _nothing(*_: Any, **__: Any) -> None:
    return None


def enter(
    files: dict[str, list[tuple[str, int]]],
    path: str,
    names: dict[str, Any],
    run: Callable[[str, int], None],
) -> None:
    """Put the stand-ins where a notebook's code looks for them, and take the engine away.

    files: the pieces of each written file, with their lines in `path`. names: the lesson's own.
    run: executes a cell's source, whose first line has the number given, in the lesson.
    """
    written = WrittenFiles(files, path)
    sys.meta_path.insert(0, written)
    shell = Shell(names, run, written)
    given = {"get_ipython": lambda: shell, "display": _nothing, "In": [""], "Out": {}}
    given |= dict.fromkeys(("_", "__", "___"), "") | dict.fromkeys(COURSE, Nothing())
    vars(builtins).update(given)
    for name in hidden():
        sys.modules.pop(name, None)
    shown = _module_of_nothing("IPython.display", display=_nothing)
    sys.modules["IPython.display"] = shown
    sys.modules["IPython"] = _module_of_nothing("IPython", get_ipython=lambda: shell, display=shown)
    sys.modules["autograder"] = types.ModuleType("autograder")
    vars(sys.modules["autograder"]).update(dict.fromkeys(COURSE, Nothing()))


@functools.cache
def hidden() -> tuple[str, ...]:
    """The modules that a lesson does not find; asked once before the fork.

    A child that looks at every name has a page copied for nearly each of them.
    """
    ours = ("IPython", "autograder")
    return tuple(name for name in sys.modules if name.partition(".")[0] in ours)


# What a learner may have typed into a cell or a file to be told how it goes.
COURSE = ("grade", "progress", "hint", "plot", "predict", "show")


def _module_of_nothing(name: str, **given: Any) -> types.ModuleType:
    module = types.ModuleType(name)

    def missing(attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        return Nothing

    vars(module).update(given, __getattr__=missing)
    return module
