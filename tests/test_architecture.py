"""The engine's structure: what CONTRIBUTING's table says about imports is true of every module."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "autograder"
OUTSIDE_PACKAGES = {"__init__", "__main__", "pytest_plugin"}


def packages() -> list[str]:
    """The packages of CONTRIBUTING's table, in its order."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)


def modules(engine: Path) -> dict[str, Path]:
    """The modules by their dotted names below `engine`; the package's own is ``."""
    found = {}
    for path in sorted(engine.rglob("*.py")):
        parts = path.relative_to(engine).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> Iterator[tuple[int, str]]:
    """What a module imports of the engine, wherever the import stands: its line and the name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "autograder":
                yield node.lineno, rest if rest in known else rest.rpartition(".")[0]


def wrong_imports(engine: Path, order: list[str]) -> list[str]:
    """The imports that go up the order, each with its place."""
    known = modules(engine)
    wrong = []
    for name, path in known.items():
        package = name.partition(".")[0]
        if package not in order:
            continue
        allowed = order[: order.index(package) + 1]
        for line, target in imports(path, known):
            if target.partition(".")[0] not in allowed:
                place = f"{path.relative_to(engine)}:{line}"
                wrong.append(f"{place} imports {target or 'the top'}")
    return wrong


def cycle(engine: Path) -> list[str]:
    """Modules that import one another in a ring; empty where there are none."""
    known = modules(engine)
    graph = {name: {to for _, to in imports(path, known)} - {name} for name, path in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_the_top_of_the_engine_holds_the_packages_of_the_table_and_nothing_else():
    there = {path.name for path in ENGINE.iterdir() if path.is_dir()} - {"__pycache__"}
    assert sorted(packages()) == sorted(there)
    assert {path.stem for path in ENGINE.glob("*.*")} == OUTSIDE_PACKAGES


@pytest.mark.parametrize("package", packages())
def test_every_package_says_what_it_knows(package):
    text = (ENGINE / package / "__init__.py").read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))


def test_imports_go_one_way():
    assert wrong_imports(ENGINE, packages()) == []


def test_no_module_imports_itself_by_way_of_others():
    assert cycle(ENGINE) == []


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """An engine of two packages, `low` before `high`, in which `high` may import `low`."""
    files = {
        "low/one.py": "",
        "low/two.py": "from autograder.low import one",
        "high/three.py": "import autograder.low.two",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "from autograder.high import three",
        "import autograder.high.three",
        "from autograder.high.three import name",
        "def later():\n    from autograder.high import three",
        "if TYPE_CHECKING:\n    from autograder.high import three",
        "from autograder import grade",
    ],
)
def test_an_import_that_goes_up_is_found(engine, text):
    assert wrong_imports(engine, ["low", "high"]) == []
    (engine / "low" / "one.py").write_text(text)
    assert len(wrong_imports(engine, ["low", "high"])) == 1


@pytest.mark.parametrize(
    "text", ["import autograder.low.two", "def f():\n    import autograder.low.two"]
)
def test_a_ring_is_found(engine, text):
    assert cycle(engine) == []
    (engine / "low" / "one.py").write_text(text)
    assert sorted(set(cycle(engine))) == ["low.one", "low.two"]


def test_the_public_names_are_functions_whatever_was_imported_before():
    names = [f"autograder.{name}" if name else "autograder" for name in modules(ENGINE)]
    light = [name for name in names if not re.search(r"\.(checks|nbgrader)\.|__main__|trial", name)]
    program = (
        "import importlib, types\n"
        f"for name in {light}: importlib.import_module(name)\n"
        "from autograder import grade, progress\n"
        "print(isinstance(grade, types.FunctionType), isinstance(progress, types.FunctionType))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("True True\n", "")


# The one door, the wall itself, the two ends of a fork, and a tool for whoever develops the engine.
MAY_BE_POSIX = {
    "worker.posix",
    "worker.sandbox",
    "worker.template",
    "pool.forking",
    "warm",
    "authoring.shortcut_search",
}
POSIX_MODULES = {"resource", "fcntl", "termios", "tty", "pty", "pwd", "grp", "select", "syslog"}
POSIX_NAMES = {
    "os": {"fork", "waitpid", "kill", "killpg", "setsid", "geteuid", "getuid", "getppid",
           "sched_getaffinity", "mkfifo", "set_blocking", "register_at_fork"},
    "signal": {"setitimer", "alarm", "SIGALRM", "SIGPROF", "SIGKILL", "SIGWINCH", "SIGHUP",
               "ITIMER_REAL", "ITIMER_PROF", "pthread_sigmask"},
    "socket": {"AF_UNIX", "send_fds", "recv_fds"},
}  # fmt: skip


def posix_only(source: str) -> list[str]:
    """What a module names that a system without POSIX does not have."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                found += [each.name for each in node.names if each.name in POSIX_MODULES]
            case ast.ImportFrom(module=module) if module in POSIX_MODULES:
                found.append(str(module))
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                found += [f"{module}.{name}"] if name in POSIX_NAMES.get(module, ()) else []
    return found


def test_what_only_posix_systems_have_is_behind_one_door():
    found = {}
    for name, path in modules(ENGINE).items():
        if not any(name == each or name.startswith(each + ".") for each in MAY_BE_POSIX):
            found[name] = posix_only(path.read_text(encoding="utf-8"))
    assert not {name: names for name, names in found.items() if names}


def test_what_only_posix_systems_have_is_seen():
    assert posix_only("import os, fcntl") == ["fcntl"]
    assert posix_only("from resource import setrlimit") == ["resource"]
    assert posix_only("import os\nos.kill(os.fork(), 9)") == ["os.kill", "os.fork"]
    assert posix_only("import os\nos.getpid()") == []
