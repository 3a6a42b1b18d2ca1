"""Release: what an instructor gets, and above all what a student gets."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from autograder.grading.plan import Plan
from autograder.lessons.course import NBGRADER, Course
from autograder.nbgrader.assignment import notebook
from autograder.nbgrader.ids import code_id, exercises_by_test
from autograder.nbgrader.ids import test_id as id_of_test
from autograder.nbgrader.release import assignment_files, release, requirements
from tests.classroom import Classroom, cell_of, edited, environment

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("release")

ROOT = Path(__file__).resolve().parent.parent
REAL = Course(ROOT / "solutions", ROOT / "autograder" / "checks")
# Shorter lines say nothing: `return out`, `x = x + 1`.
LONG_ENOUGH = 12


def normalised(text: str) -> set[str]:
    """The lines of a text without blanks and comment signs, those that are long enough to tell."""
    lines = ("".join(line.strip().strip("#").split()) for line in text.splitlines())
    return {line for line in lines if len(line) >= LONG_ENOUGH}


def secrets(course: Course, name: str) -> set[str]:
    """Every line of solutions, checks, mistakes and tasks in no stub: stubs are everybody's."""
    lesson = course.lesson(name)
    plan = Plan.load(course, name)
    texts = [e.solution for e in lesson.exercises.values() if not e.worked]
    texts += [plan.checks_source]
    for prediction in lesson.predictions.values():
        texts += [prediction.code, prediction.because, *prediction.hints]
    texts += [region.code for task in lesson.tasks.values() for region in task.regions]
    texts.append(course.tasks_source(name))
    for mistake in plan.declarations.mistakes:
        exercise = lesson.exercises[mistake.exercise]
        if not exercise.worked:
            texts += [mistake.says, mistake.applied(exercise.code)]
    given = "".join("".join(course.lesson(each).stub().split()) for each in course.names)
    given += "".join(f'"{id}",' for id in lesson.exercises)
    return {line for text in texts for line in normalised(text) if line not in given}


def readable(path: Path) -> str:
    """All of a file: a notebook also as the text of its cells, not as JSON's escapes."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return text + "".join("".join(cell["source"]) + "\n" for cell in cells)


def leaks(folder: Path, course: Course, name: str) -> list[tuple[str, str]]:
    """What of a lesson's secrets is in the files of a folder, whole lines or inside of lines."""
    hidden = secrets(course, name)
    assert len(hidden) > 20
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        squeezed = "".join(readable(path).split())
        found += [(path.name, secret) for secret in hidden if secret in squeezed]
    return found


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    room = Classroom(tmp_path_factory.mktemp("release"))
    room.release("sums")
    return room


def test_a_student_receives_a_notebook_the_examples_and_the_requirements(room):
    received = sorted(path.name for path in (room.folder / "release" / "sums").iterdir())
    assert received == ["autograder.py", "requirements.txt", "sums.ipynb"]


def test_nothing_hidden_is_in_what_a_student_receives(room, miniature):
    assert leaks(room.folder / "release", miniature, "sums") == []


def test_the_scan_finds_what_the_instructor_has(room, miniature):
    assert leaks(room.folder / "source", miniature, "sums")


@pytest.mark.parametrize("name", REAL.names)
def test_nothing_hidden_of_a_real_lesson_is_in_its_release(name, tmp_path):
    """The stub as nbgrader's own ClearSolutions makes it, without the time of a whole nbgrader."""
    for file, text in assignment_files(REAL, name).items():
        if file.endswith(".ipynb"):
            data = json.loads(text)
            for cell in data["cells"]:
                cell["source"] = cleared("".join(cell["source"]))
            text = json.dumps(data, ensure_ascii=False)
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert leaks(tmp_path, REAL, name) == []


def cleared(source: str) -> str:
    pattern = r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION"
    stub = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"
    return re.sub(pattern, stub, source, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", REAL.names)
def test_ids_are_unique_valid_and_made_from_lesson_and_exercise(name):
    lesson = REAL.lesson(name)
    data = json.loads(notebook(lesson, lambda exercise: 1))
    ids = [cell["id"] for cell in data["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id) for id in ids)
    tests = exercises_by_test(name, lesson.exercises)
    assert len(tests) == len(lesson.exercises) and set(tests) <= set(ids)


def test_ids_of_long_names_differ():
    names = [f"{'long' * 20}{end}" for end in "ab"]
    assert len({id_of_test("lesson", name) for name in names}) == 2
    assert all(len(code_id("lesson", name)) <= 64 for name in names)


def test_cells_are_what_nbgrader_expects(room):
    import nbformat

    released = room.folder / "release" / "sums" / "sums.ipynb"
    nbformat.validate(nbformat.read(released, as_version=4))
    data = room.released("sums")
    test = cell_of(data, "sums-shares")
    assert test["source"] == 'from autograder import grade\n\ngrade("shares", lesson="sums")'
    about = test["metadata"]["nbgrader"]
    assert about["locked"] and about["grade"] and about["points"] == 2.0
    assert not test["metadata"]["editable"]
    solution = cell_of(data, "sums-mean-code")
    assert solution["metadata"]["nbgrader"]["solution"]
    assert solution["source"].count("raise NotImplementedError()") == 2


def test_a_prediction_is_a_question_and_an_ungraded_cell_for_the_answer(room):
    cells = room.released("sums")["cells"]
    asked = [cell for cell in cells if "Predict first" in cell["source"]]
    assert len(asked) == 2 and "What is the deviation?" in asked[0]["source"]
    answer = cells[cells.index(asked[0]) + 1]
    assert 'predict("spread_of_a_sum", None, lesson="sums")' in answer["source"]
    assert not any(cell["metadata"] for cell in (*asked, answer))
    assert "def spread_of_a_sum" not in json.dumps(cells)


def test_the_milestone_is_not_run_in_a_notebook():
    sources = notebook(REAL.lesson("part1_bigrams"), lambda exercise: 1)
    assert "autograder.milestone" not in sources
    assert "__main__" not in sources


def test_a_students_notebook_speaks_of_no_command_that_he_has_not():
    lesson = REAL.lesson("part1_bigrams")
    assert lesson.source.count("grad plot") > 3
    assert "grad plot" not in notebook(lesson, lambda exercise: 1)


def test_a_rerun_changes_nothing_and_an_update_keeps_the_gradebook(tmp_path):
    """A reworded lesson with other points is released again after somebody has submitted."""
    course = tmp_path / "lessons"
    shutil.copytree(ROOT / "tests" / "miniature", course, ignore=shutil.ignore_patterns("__pyc*"))
    room = Classroom(tmp_path, GRADSCHOOL_COURSE=str(course))
    room.release("sums")
    again = room.run("grad", "release", "sums", "--course", str(room.folder))
    assert "new" not in again.split() and "updated" not in again
    room.submit("amy", "sums", room.solved("sums"))
    room.nbgrader("autograde", "sums")
    script = course / "solutions" / "sums.py"
    script.write_text(script.read_text().replace("A small lesson", "A changed lesson"))
    checks = course / "checks" / "sums" / "checks.py"
    checks.write_text(checks.read_text().replace('"shares", points=2', '"shares", points=4'))
    assert "updated" in room.run("grad", "release", "sums", "--course", str(room.folder))
    room.nbgrader("generate_assignment", "sums", "--force")
    assert "A changed lesson" in json.dumps(room.released("sums"))
    assert room.totals("sums") == {"amy": 6.0}
    room.nbgrader("autograde", "sums", "--force")
    assert room.totals("sums") == {"amy": 8.0}


def test_an_own_configuration_is_kept_or_its_missing_lines_are_named(tmp_path, miniature):
    list(release(miniature, ["sums"], tmp_path))
    config = tmp_path / NBGRADER
    config.write_text(config.read_text() + "# mine\n")
    assert [w.what for w in release(miniature, ["sums"], tmp_path) if w.path == config] == ["kept"]
    config.write_text("c = get_config()\n")
    with pytest.raises(Exception, match="autograder.nbgrader.config import configure"):
        list(release(miniature, ["sums"], tmp_path))


def test_every_course_has_a_seed_of_its_own(tmp_path, miniature):
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        list(release(miniature, ["sums"], folder))
    one, other = (
        re.search(r'seed="(\w{32})"', (f / NBGRADER).read_text()).group(1) for f in folders
    )
    assert one != other


def test_where_the_engine_is_missing_nbgrader_runs_nothing(room, tmp_path):
    """nbgrader itself only logs an error of its configuration, and would go on without a wall."""
    (tmp_path / "autograder.py").write_text("")
    without = dict(room.environment, PYTHONPATH=str(tmp_path))
    done = subprocess.run(
        ["nbgrader", "autograde", "sums"],
        cwd=room.folder,
        env=without,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode != 0
    assert "Gradschool is needed where nbgrader runs" in done.stderr
    assert "Autograding" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["release", "nothing", "--course", "x"], "there is no lesson named 'nothing'"),
        (["release", "sums", "--course", "file"], "is a file; name a folder"),
        (["lab", "sums"], "no folder named exercises"),
    ],
)
def test_wrong_use_of_the_commands_is_one_sentence(arguments, words, tmp_path):
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=tmp_path,
        env=environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert words in done.stderr and done.stderr.count("\n") == 1


def test_requirements_name_what_the_lesson_imports(miniature):
    named = requirements(["torch", "math", "sums", "regex"], miniature)
    assert [re.split("[>=]", line)[0] for line in named.split()] == ["jupyterlab", "regex", "torch"]


def test_requirements_ask_for_the_oldest_version_that_works(miniature):
    """Newer ones are everywhere, and in Colab nothing shall replace them."""
    asked = metadata.requires("gradschool")
    oldest = {r.name: r.specifier for r in map(Requirement, asked)}
    named = [Requirement(line) for line in requirements(["torch", "regex"], miniature).split()]
    assert {r.name for r in named} == {"jupyterlab", "regex", "torch"}
    for requirement in named:
        (bound,) = requirement.specifier
        assert bound.operator == ">=" and bound in list(oldest[requirement.name])


def test_a_lesson_that_another_builds_on_comes_as_a_stub():
    if "part0_micrograd_nn" not in REAL.names:
        pytest.skip("the lesson that builds on another one is not written yet")
    files = assignment_files(REAL, "part0_micrograd_nn")
    assert "raise NotImplementedError()" in files["part0_micrograd_engine.py"]


def closure(*lines: str) -> set[str]:
    """Distributions that are installed when these are, by what they say that they need."""
    found, seen, waiting = set(), set(), [(Requirement(line), "") for line in lines]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *requirement.extras):
            if (requirement.name, wanted) not in seen:
                seen.add((requirement.name, wanted))
                needs = _needs(requirement.name)
                found |= {requirement.name} if needs is not None else set()
                waiting += [(Requirement(need), wanted) for need in needs or []]
    return found


def _needs(name: str) -> list[str] | None:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return None


def only_installed(folder: Path, names: set[str]) -> Path:
    """A folder of packages with nothing but these distributions, as links."""
    folder.mkdir()
    for name in names:
        for file in metadata.files(name) or []:
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (folder / top).exists():
                (folder / top).symlink_to(
                    Path(str(file.locate())).parents[len(file.parts) - 1] / top
                )
    return folder


def test_the_release_works_with_nothing_but_what_its_requirements_install(room, tmp_path):
    """Every cell runs in a kernel of an environment without Gradschool, nbgrader and jupytext.

    The notebook has come alone, as in Colab: its first cell brings `autograder.py`.
    """
    work = tmp_path / "work"
    shutil.copytree(room.folder / "release" / "sums", work)
    needed = (work / "requirements.txt").read_text().split()
    (work / "autograder.py").unlink()
    packages = only_installed(tmp_path / "packages", closure(*needed))
    assert not (packages / "autograder").exists() and not (packages / "nbgrader").exists()
    solved = room.solved("sums")
    cell = cell_of(solved, "sums-mean-code")
    cell["source"] = cell["source"].replace("return [x - middle for x in xs]", "return xs")
    cell = cell_of(solved, "sums-Tally-add-code")
    cell["source"] = cell["source"].replace("self.counts[word] =", "raise NotImplementedError() #")
    solved = edited(solved, '"spread_of_a_sum", None', '"spread_of_a_sum", 2')
    (work / "sums.ipynb").write_text(json.dumps(solved))
    variables = environment(tmp_path / "home", GRADSCHOOL_COURSE="", PYTHONPATH=str(packages))
    run = "import sys; sys.argv[0] = 'jupyter'; from nbconvert.nbconvertapp import main; main()"
    command = [sys.executable, "-S", "-c", run, "--to", "notebook", "--execute", "sums.ipynb"]
    kernel = tmp_path / "home" / "jupyter" / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-S", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    done = subprocess.run(
        [*command, "--output", "done.ipynb"],
        cwd=work,
        env=variables,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    shown = results(json.loads((work / "done.ipynb").read_text()))
    assert (work / "autograder.py").exists()
    assert shown["sums-mean"] == "mean: examples passed; hidden checks run when you submit"
    assert shown["sums-shares"].startswith("shares: examples passed")
    assert "expected: [-1.0, 1.0]\ngot: [1.0, 3.0]" in shown["sums-centred"]
    assert shown["sums-Tally-add"].startswith("Tally.add: todo")
    told = [text for id, text in shown.items() if "_a_" in text]
    assert told[0].startswith("spread_of_a_sum: you said 2; keep it in mind")
    assert told[1].startswith("shape_of_a_column_and_a_row: put your answer in place of None")


def results(data: dict) -> dict[str, str]:
    """What the test cells show."""
    found = {}
    for cell in data["cells"]:
        for output in cell.get("outputs", []):
            if "data" in output:
                found[cell["id"]] = "".join(output["data"]["text/plain"])
    return found


def test_the_student_module_imports_no_torch_and_nothing_of_the_engine():
    source = (ROOT / "autograder" / "nbgrader" / "student.py").read_text()
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("want", "got", "same"),
    [
        ("tensor([0.5000, 0.5000])", "tensor([0.5000, 0.5000], grad_fn=<DivBackward0>)", True),
        ("1.5", "1.50", True),
        ("1.5", "1.4", False),
        ("[1.0, 2.0]", "[1.0, 2.0, 3.0]", False),
        ("0.30000000000000004", "0.3", True),
        ("'a1'", "'a2'", False),
        ("4", "None", False),
    ],
)
def test_examples_compare_by_value(want, got, same):
    from autograder.nbgrader.student import _Checker

    assert _Checker().check_output(want + "\n", got + "\n", 0) is same
