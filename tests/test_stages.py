"""Pictures as soon as an exercise has passed: `grad plot`, the milestone's stages, the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from autograder.lessons.course import Course
from autograder.milestone.graph import Box, graph_svg
from autograder.milestone.stage import stage_command
from autograder.workspace.stages import resolve
from tests.command import grad
from tests.conftest import MINIATURE

STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()"
MEAN = "    return sum(xs) / (len(xs) or 1)"


@pytest.fixture
def lesson(workspace):
    return workspace / "exercises" / "sums.py"


@pytest.fixture
def plot(workspace, capfd):
    """Run `grad plot`; its code and what it and the process that draws have said."""

    def plot(*arguments):
        capfd.readouterr()
        ran = grad("plot", *arguments)
        return ran.code, ran.out + ran.err + capfd.readouterr().out

    return plot


def solve(lesson, *bodies):
    """Fill in as many stubs, from the first."""
    text = lesson.read_text()
    for body in bodies:
        text = text.replace(STUB, body, 1)
    lesson.write_text(text)


def test_nothing_can_be_seen_before_anything_has_passed(plot, lesson):
    assert plot() == (0, "sums: Sums: 3 pictures to come\n")
    code, said = plot("mean")
    assert code == 2 and said == (
        "grad: the picture middle still needs mean; `grad check mean` says how that one is doing\n"
    )
    assert not list(lesson.parent.glob("*.png"))


def test_a_passed_exercise_is_offered_and_seen(plot, lesson, workspace):
    solve(lesson, MEAN)
    assert "  See it: grad plot middle  (Numbers and their mean.)\n" in grad("check", "mean").out
    code, said = plot("mean")
    assert code == 0
    assert said == "middle: Numbers and their mean.\nplot: exercises/sums.middle.png\n"
    assert (workspace / "exercises/sums.middle.png").read_bytes().startswith(b"\x89PNG")
    code, said = plot("sums")
    assert code == 0 and "grad plot middle" in said
    assert "around " in said and "(still needs centred, Tally.add)" in said


def test_the_rest_of_the_file_is_nobodys_business(plot, lesson):
    """A note that fails, a name that is a helper's, last cells that are gone: the picture comes."""
    solve(lesson, MEAN)
    text = lesson.read_text()
    lesson.write_text(text[: text.index("# ## Milestone")] + "\nnosuch\nmiddle = milestone = 3\n")
    assert grad("check", "mean").code == 0
    code, said = plot("middle")
    assert code == 0 and "plot: exercises/sums.middle.png" in said


def test_a_notebook_has_pictures_too(plot, lesson):
    nbformat = pytest.importorskip("nbformat")
    mean = f"def mean(xs):\n{MEAN}"
    cells = [nbformat.v4.new_code_cell(text) for text in (mean, "broken(", "1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), lesson.with_suffix(".ipynb"))
    lesson.unlink()
    assert grad("check", "mean").code == 0
    code, said = plot("mean")
    assert code == 0 and "plot: exercises/sums.middle.png" in said


def test_an_error_is_told_in_the_learners_own_lines(plot, lesson):
    solve(lesson, MEAN)
    assert grad("check", "mean").code == 0
    lesson.write_text(lesson.read_text().replace(MEAN, "    return xs[9]"))
    code, said = plot("middle")
    assert code == 1 and "IndexError" in said
    assert "return xs[9]" in said and "exercises/sums.py" in said
    assert "autograder/" not in said


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("double", "no picture shows double; `grad plot sums` lists them"),
        ("nosuch", "there is no exercise named 'nosuch'"),
        ("sums:training", "the picture training still needs mean, shares; `grad check mean`"),
    ],
)
def test_what_cannot_be_seen_gets_a_sentence(plot, word, words):
    code, said = plot(word)
    assert code == 2 and words in said and said.count("\n") == 1


def test_several_pictures_of_one_exercise_and_those_to_come(plot, lesson, miniature):
    lesson.write_text(miniature.lesson("sums").stub({"shares"}))
    assert grad("check", "sums").code == 1
    code, said = plot("Tally")
    assert code == 0 and "plot: exercises/sums.around.svg" in said
    assert "sum of what is centred 0: passed" in said
    assert "middle" not in said


def test_a_stage_is_run_from_the_file_too(lesson, miniature):
    lesson.write_text(miniature.lesson("sums").source)

    def play(*options):
        command = [sys.executable, str(lesson), "--data", "small", *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    done = play("--stage", "around", "--stage", "middle")
    assert done.returncode == 0 and "milestone" not in done.stdout
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "middle", "plot", "around", "plot", "sum of what is centred 0",
    ]  # fmt: skip
    done = play("--stage", "nosuch")
    assert done.returncode == 2
    assert done.stdout == "sums.py has no stage named nosuch; `grad plot` lists them\n"
    done = play()
    assert done.returncode == 0 and done.stdout.splitlines()[-1].startswith("milestone passed")


def test_the_page_shows_each_picture_once_with_its_sentence(plot, lesson, miniature, workspace):
    lesson.write_text(miniature.lesson("sums").source)
    assert grad("check").code == 0
    assert plot("around")[0] == plot("middle")[0] == grad("milestone", "sums").code == 0
    assert grad("report").code == 0
    html = (workspace / "progress.html").read_text()
    assert html.count("data:image/png;base64") == 2 and html.count("data:image/svg+xml") == 1
    assert html.count("<figcaption>Numbers and their mean.</figcaption>") == 1
    assert html.index("Numbers and their mean") < html.index("The same numbers around zero")
    assert "Only the first sentence is shown" not in html
    (workspace / ".gradschool" / "pictures" / "sums.json").write_text('[{"stage": 1}]')
    assert grad("report").code == 0


def test_a_list_of_pictures_does_without_torch(workspace):
    program = (
        "import sys\nfrom autograder.cli import main\nsys.argv = ['grad', 'plot', 'sums']\n"
        "try: main()\nexcept SystemExit: pass\nprint('torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.stdout.splitlines()[-1] == "False" and "training" in ran.stdout


def test_every_picture_that_a_lesson_speaks_of_is_there():
    course = Course.find()
    assert not course.is_own
    spoken = {
        (name, word)
        for name in course.names
        for word in re.findall(r"grad plot ([\w.:]+)", course.lesson(name).source)
    }
    assert len(spoken) > 2 * len(course.names)
    for name, word in spoken:
        lesson, stages = resolve(course, word)
        assert lesson == name and stages, word


def test_names_that_two_lessons_share_want_the_lesson(plot, tmp_path, monkeypatch):
    course = tmp_path / "course"
    for name in ("one", "two"):
        for path in MINIATURE.rglob("sums*"):
            if path.is_file() and ".gradschool" not in path.parts and path.suffix == ".py":
                other = course / path.relative_to(MINIATURE).parent / f"{name}.py"
                other.parent.mkdir(parents=True, exist_ok=True)
                other.write_text(path.read_text())
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(course))
    code, said = plot("middle")
    assert code == 2
    assert said == "grad: there are several stages named middle; say one:middle or two:middle\n"


def boxes_of(svg):
    """The frames of a drawing: x, y, width, height."""
    space = "{http://www.w3.org/2000/svg}rect"
    frames = [each for each in ElementTree.fromstring(svg).iter(space) if each.get("class")]
    return [tuple(float(each.get(k)) for k in ("x", "y", "width", "height")) for each in frames]


def test_a_graph_is_drawn_from_the_inputs_down_to_the_result():
    """f = (a + b) * b + a: what uses something lies below it, and no boxes touch."""
    boxes = {
        "a": Box("a", rows=["data 1"]),
        "b": Box("b <&", rows=["data 2"]),
        "sum": Box("sum", "+", uses=["a", "b"]),
        "product": Box("product", "*", uses=["sum", "b", "b"]),
        "f": Box("f", "+", uses=["product", "a"]),
    }
    svg = graph_svg(boxes, "a & b")
    places = dict(zip(boxes, boxes_of(svg), strict=True))
    for key, box in boxes.items():
        for used in box.uses:
            assert places[used][1] + places[used][3] < places[key][1]
    for (x, y, width, _), (other_x, other_y, _, _) in pairwise(sorted(places.values())):
        assert y != other_y or x + width < other_x
    assert svg.count('class="arrow"') == 6


def test_a_notebook_shows_pictures_below_the_cell(lesson, miniature):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    lesson.write_text(miniature.lesson("sums").source)
    cells = [cell.source for cell in miniature.lesson("sums").cells if cell.kind == "code"][:-2]
    cells += ["from autograder import plot\nplot('mean')", "plot('around')"]
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in cells]
    place = {"metadata": {"path": str(lesson.parent)}}
    client = nbclient.NotebookClient(notebook, timeout=120, resources=place)
    client.execute(env=os.environ | {"JPY_SESSION_NAME": str(lesson)})
    shown = [[*output.get("data", {})] for cell in notebook.cells for output in cell.outputs]
    kinds = [kind for kinds in shown for kind in kinds if kind.startswith("image/")]
    assert kinds == ["image/png", "image/svg+xml"]


def test_a_lesson_that_another_one_imports_may_fail(tmp_path):
    """The learner's line is told, and the way to it is not."""
    exercises = tmp_path / "exercises"
    exercises.mkdir()
    course = Course.find()
    (exercises / "part0_micrograd_nn.py").write_text(course.lesson("part0_micrograd_nn").source)
    (exercises / "part0_micrograd_engine.py").write_text("Value = 1 / 0\n")
    file = exercises / "part0_micrograd_nn.py"
    command = stage_command(file, ["margin"])
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert "Value = 1 / 0" in done.stdout and done.stdout.count("\n  File") == 2
    assert done.stdout.endswith("ZeroDivisionError: division by zero\n")
