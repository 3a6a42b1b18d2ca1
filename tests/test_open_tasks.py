"""Open tasks: weights are data, the function runs behind the wall, and only its outputs count."""

from __future__ import annotations

import json
import pickle
import random
import shutil
import struct
import zipfile
from collections import Counter
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.inspection import Inspection
from autograder.authoring.open_tasks import (
    stubs_leave_tasks_open,
    tasks_are_declared,
    tasks_are_met,
)
from autograder.checks import Task
from autograder.grading.plan import Plan
from autograder.grading.session import Session
from autograder.grading.tasks.admission import admitted
from autograder.grading.tasks.scoring import losses
from autograder.grading.tasks.trying import Trial
from autograder.lessons.course import Course
from autograder.lessons.errors import LessonError, WrongUse
from autograder.lessons.lesson import Lesson
from autograder.lessons.submission import Submission, Unit
from autograder.lessons.weights import read_weights, write_weights
from autograder.milestone import datasets
from autograder.nbgrader.assignment import notebook
from tests.command import grad

COURSE = Path(__file__).parent / "open_course"
WEIGHTS = COURSE / "tests" / "weights"
FORWARD = 'return weights["T"][X[:, -1]] @ weights["U"]'
TWOFOLD = 'return weights["S"][X[:, 0], X[:, 1]]'


@pytest.fixture(scope="module")
def course() -> Course:
    return Course.at(COURSE)


@pytest.fixture(scope="module")
def sitting(course):
    with Session(course) as session:
        yield session


@pytest.fixture
def tried(course, sitting):
    """Try a task of the small course with another body and other weights."""

    def tried(id, body=None, weights=None, seed=0, before="", others=None):
        plan = Plan.load(course, "tokens")
        source = plan.lesson.source
        own = {"follows": FORWARD, "twofold": TWOFOLD}[id]
        if body is not None:
            assert own in source
            source = source.replace(own, body.replace("\n", "\n    "))
        task = plan.declarations.tasks[id]
        known = read_weights(WEIGHTS / f"tokens.{id}.safetensors", 4096)
        submission = Submission("tokens.py", [Unit(before + source)])
        weights = {**(weights or known), **(others or {})}
        return Trial(plan, task, submission, weights, sitting.pool).tried(seed)

    return tried


# The grammar.


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    ### END OPEN TASK\n", "", "`follows` needs exactly one ### BEGIN OPEN TASK"),
        ("def follows(weights, X)", "def follows(weights)", "is a function of two arguments"),
        (
            "def train_follows",
            "def train_them",
            "`train_them` trains for no open task; it is",
        ),
        ("def train_follows", "def follows_train", "`follows_train` trains for no open task"),
        ("# Four tokens", "# ### BEGIN TRAINING\n# Four tokens", "is in no function's own body"),
    ],
)
def test_a_broken_grammar_is_a_sentence_with_the_line(course, old, new, words):
    source = course.lesson("tokens").source
    assert old in source
    with pytest.raises(LessonError) as refused:
        _ = Lesson("tokens", source.replace(old, new, 1)).tasks
    assert words in str(refused.value) and str(refused.value).startswith("tokens, line ")


def test_what_is_handed_out_has_none_of_the_authors_way(course):
    lesson = course.lesson("tokens")
    cells = json.loads(notebook(lesson, lambda exercise: 1))["cells"]
    released = "".join("".join(cell["source"]) for cell in cells)
    for text in (lesson.stub(), lesson.asking(), released):
        assert "def follows(weights, X)" in text and "def train_follows(run)" in text
        assert not any(way in text for way in (FORWARD, TWOFOLD, "roll(", "meshgrid", "9.0"))
        assert "OPEN TASK\n" not in text and "TRAINING" not in text
    assert "**An open task.**" in released and "grad try" in released


# The file of weights.


def header(entries, data=b""):
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


ZEROS = bytes(64)
NAN = struct.pack("<f", float("nan")) * 16
GOOD = {"T": entry([4, 2], 0, 32), "U": entry([2, 4], 32, 64)}
MALFORMED = {
    "empty": (b"", "it has no header"),
    "a length that lies": (struct.pack("<Q", 10**9) + b"{}", "it has no header"),
    "no JSON": (header(b"{hello}"), "its header is no JSON"),
    "nested": (header(b'{"a":' + b"[" * 3500), "nested too deeply"),
    "a name twice": (header(b'{"a": 1, "a": 2}'), "a name stands twice"),
    "no tensor": (header({}), "it has 0 tensors"),
    "no description": (header({"T": 1}), "doesn't describe 'T'"),
    "integers": (header({"T": entry([8], 0, 64, "I64")}, ZEROS), "has the dtype 'I64'"),
    "another size": (header({"T": entry([4, 2], 0, 64)}, ZEROS), "do not fit its shape [4, 2]"),
    "outside": (header({"T": entry([32], 0, 128)}, ZEROS), "lie outside of the file"),
    "a shape below zero": (header({"T": entry([-4, -4], 0, 64)}, ZEROS), "a shape that is none"),
    "overlap": (header({"T": entry([16], 0, 64), "U": entry([8], 0, 32)}, ZEROS), "overlap"),
    "code behind it": (header(GOOD, ZEROS + b"import os"), "bytes belong to none"),
    "not a number": (header({"T": entry([16], 0, 64)}, NAN), "'T' holds a number that is not"),
    "a pickle": (pickle.dumps({"T": [1.0]}), "is a pickle, which may hold code, and is not read"),
    "a module": (b"import os\nT = 1\n", "is no safetensors file of weights"),
    "an array of numpy's": (b"\x93NUMPY\x01\x00", "an array of numpy's"),
}
UNFIT = {
    "no U": ({"T": entry([4, 4], 0, 64)}, "holds no tensor 'U', which follows needs; it holds T"),
    "too narrow": ({**GOOD, "T": entry([2, 4], 0, 32)}, "'T' has the shape (2, 4); follows needs"),
    "flat": ({**GOOD, "U": entry([8], 32, 64)}, "'U' has the shape (8,); follows needs (any, 4)"),
}


@pytest.fixture
def follows(course):
    return Plan.load(course, "tokens").declarations.tasks["follows"]


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_file_of_weights_is_refused_in_a_sentence(follows, tmp_path, name):
    content, words = MALFORMED[name]
    path = tmp_path / "tokens.follows.safetensors"
    path.write_bytes(content)
    with pytest.raises(WrongUse) as refused:
        admitted(follows, path)
    assert words in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", UNFIT)
def test_wrong_names_and_shapes_are_refused_in_a_sentence(follows, tmp_path, name):
    entries, words = UNFIT[name]
    path = tmp_path / "tokens.follows.safetensors"
    path.write_bytes(header(entries, ZEROS))
    with pytest.raises(WrongUse) as refused:
        admitted(follows, path)
    assert words in str(refused.value)


def test_zips_links_large_files_and_too_many_parameters_are_refused(follows, tmp_path):
    path = tmp_path / "tokens.follows.safetensors"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", b"\x80")
    with pytest.raises(WrongUse, match="is a zip archive, as torch.save"):
        admitted(follows, path)
    write_weights(path, {"T": numpy.zeros((4, 5)), "U": numpy.zeros((5, 4)), "x": numpy.zeros(1)})
    with pytest.raises(WrongUse, match="holds 41 parameters, more than the 40 of follows"):
        admitted(follows, path)
    path.write_bytes(bytes(5000))
    with pytest.raises(WrongUse, match="has 5,000 bytes, more than the 4,096 that are read"):
        admitted(follows, path)
    path.unlink()
    path.symlink_to(WEIGHTS / path.name)
    with pytest.raises(WrongUse, match="is a link; put the file of weights itself there"):
        admitted(follows, path)


@given(st.integers(0, 271), st.binary(min_size=0, max_size=8), st.booleans())
@settings(max_examples=300)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path_factory, at, bytes_, cut):
    good = (WEIGHTS / "tokens.follows.safetensors").read_bytes()
    path = tmp_path_factory.getbasetemp() / "damaged.safetensors"
    path.write_bytes(good[:at] + bytes_ + (b"" if cut else good[at + len(bytes_) :]))
    try:
        weights = read_weights(path, 4096)
    except WrongUse:
        return
    assert all(numpy.isfinite(each).all() for each in weights.values())


def test_the_halves_of_a_float_are_read_as_the_package_safetensors_writes_them(tmp_path):
    path = tmp_path / "a.safetensors"
    data = struct.pack("<e", 1.5) + struct.pack("<H", 0x3FC0) + struct.pack("<d", -2.0)
    entries = {
        "__metadata__": {"format": "pt"},
        "half": entry([], 0, 2, "F16"),
        "brain": entry([1], 2, 4, "BF16"),
        "double": entry([1, 1], 4, 12, "F64"),
    }
    path.write_bytes(header(entries, data))
    found = read_weights(path, 4096)
    assert {name: each.tolist() for name, each in found.items()} == {
        "half": 1.5,
        "brain": [1.5],
        "double": [[-2.0]],
    }


# What is scored.


def test_a_loss_is_torchs_cross_entropy():
    import torch

    logits, wanted = torch.randn(50, 7, dtype=torch.float64) * 50, torch.randint(7, (50,))
    expected = torch.nn.functional.cross_entropy(logits, wanted, reduction="none")
    assert numpy.allclose(losses(logits.numpy(), wanted.tolist()), expected.numpy())


def test_the_authors_function_meets_both_bars(tried):
    assert tried("follows").parts == pytest.approx({"others": 0.0004, "zeros": 0.0004}, abs=1e-3)
    assert tried("twofold").parts == {"hidden inputs": 1.0}


def test_a_function_that_ignores_its_weights_earns_nothing(tried):
    knows = "import torch\nreturn 9.0 * torch.eye(4)[(X[:, -1] + 1) % 4]"
    assert max(tried("follows", knows, seed=3).parts.values()) > 1
    adds = "return 9.0 * torch.eye(4)[(X[:, 0] + X[:, 1]) % 4]"
    empty = {"S": numpy.zeros((4, 4, 4), "float32")}
    told = tried("twofold", adds, empty)
    assert "twofold does not compute what the model of its text computes" in told.problem
    assert not told.parts


def test_the_part_that_the_weights_know_least_counts(tried, course):
    """Weights that were made for some of the inputs alone are worth what they do on the others."""
    known = read_weights(WEIGHTS / "tokens.follows.safetensors", 4096)
    table = known["T"].copy()
    table[0] = 0
    found = tried("follows", weights={**known, "T": table})
    assert found.parts["others"] < 0.01 and found.parts["zeros"] == pytest.approx(1.386, abs=0.01)
    task = Plan.load(course, "tokens").declarations.tasks["follows"]
    assert found.score(task) == found.parts["zeros"]


def test_a_shift_of_all_logits_changes_nothing_and_none_of_them_may_be_infinite(tried):
    shifted = FORWARD + " + 1000"
    assert max(tried("follows", shifted).parts.values()) < 0.01
    assert tried("twofold", TWOFOLD + ".log_softmax(1)").parts == {"hidden inputs": 1.0}
    sure = "return (" + FORWARD[7:] + ") * float('inf')"
    assert tried("follows", sure).problem == "follows: it returned logits that are not finite"


BAD_OUTPUTS = {
    "return None": "it returned a value of the kind none, where a float tensor of logits is due",
    "return X": "it returned a tensor of int64, where a float tensor",
    "return torch.zeros(1, 4)": "it returned the shape (1, 4); (",
    "return torch.zeros(len(X) + 1, 4)": "is due",
    "return weights['missing']": "KeyError: 'missing'",
    "raise NotImplementedError()": "follows is still to do",
    "while True:\n    pass": "it did not end in time",
    "import os\nos._exit(0)": "it ended its process",
    "open('/tmp/open-task', 'w')": "PermissionError",
}


@pytest.mark.parametrize("body", BAD_OUTPUTS)
def test_what_gives_no_logits_has_no_score_and_a_sentence(tried, body):
    found = tried("follows", body)
    assert BAD_OUTPUTS[body] in found.problem and not found.parts


def test_a_process_remembers_nothing_of_another_round(tried):
    body = f"SEEN.append(1)\nassert len(SEEN) == 1\n{FORWARD}"
    assert tried("follows", body, before="SEEN = []\n").problem == ""


def test_no_target_is_in_the_process(tried):
    """All that a process was told, found in the frames that called the function."""
    body = (
        "import sys\nframe = sys._getframe()\n"
        "while 'job' not in frame.f_locals:\n    frame = frame.f_back\n"
        "job = frame.f_locals['job']\n"
        "raise ValueError(sorted(job), [sorted(each) for each in job['items']])"
    )
    told = tried("follows", body).problem
    assert "[['exercise', 'inputs', 'name', 'timeout']]" in told
    assert "weights" in told and "wanted" not in told


# In a workspace.


@pytest.fixture
def workspace(tmp_path, course, monkeypatch) -> Path:
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "tokens.py").write_text(course.lesson("tokens").source)
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(COURSE))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_try_is_told_the_best_is_kept_and_it_is_shown(workspace):
    path = workspace / "exercises" / "tokens.follows.safetensors"
    ran = grad("try", "follows")
    assert ran.code == 2 and "`grad try follows --train` trains with your train_follows" in ran.err
    write_weights(path, {"T": numpy.zeros((4, 1)), "U": numpy.zeros((1, 4))})
    ran = grad("try", "follows")
    assert ran.code == 1
    assert "follows: 1.3863 nats; the bar is at most 0.1000 nats" in ran.out
    assert "1.2863 nats to go; a try costs nothing." in ran.out
    assert "0 of 2 open tasks met" in grad().out
    path.write_bytes((WEIGHTS / path.name).read_bytes())
    ran = grad("try", "follows")
    assert ran.code == 0 and "The bar is met." in ran.out
    assert "Your best so far: it was 1.3863 nats before." in ran.out
    write_weights(path, {"T": numpy.zeros((4, 1)), "U": numpy.zeros((1, 4))})
    assert "Your best is 0.000" in grad("try", "follows").out
    best = workspace / ".gradschool" / "best" / path.name
    assert best.read_bytes() == (WEIGHTS / path.name).read_bytes()
    assert "1 of 2 open tasks met" in grad().out
    assert "★ met      follows: best 0.000" in grad("list").out
    (kept,) = grad("status", "--json").json["lessons"][0]["open_tasks"]
    assert (kept["task"], kept["passed"]) == ("follows", True)
    assert grad("report").code == 0
    html = (workspace / "progress.html").read_text()
    assert "<h3>Open tasks</h3>" in html and "with a loss of at most 0.1 nats" in html


def test_a_pickle_is_never_opened_whatever_it_is_called(workspace):
    class Opened:
        def __reduce__(self):
            return (open, (str(workspace / "opened"), "w"))

    path = workspace / "exercises" / "tokens.follows.safetensors"
    path.write_bytes(pickle.dumps(Opened()))
    ran = grad("try", "follows")
    assert ran.code == 2 and "is a pickle, which may hold code, and is not read" in ran.err
    assert not (workspace / "opened").exists()


def test_training_runs_the_learners_function_and_backs_up_what_was_there(workspace):
    path = workspace / "exercises" / "tokens.twofold.safetensors"
    path.write_bytes(b"mine")
    ran = grad("try", "twofold", "--train")
    assert ran.code == 0 and "twofold: 100 %; the bar is at least 99 %" in ran.out
    (backup,) = (workspace / ".gradschool" / "backups").iterdir()
    assert backup.read_bytes() == b"mine"
    assert path.read_bytes() == (WEIGHTS / path.name).read_bytes()
    told = grad("try", "twofold", "--json", "--seed", 1).json
    assert told["passed"] and told["parts"] == {"hidden inputs": 1.0}
    assert "train first, without it" in grad("try", "twofold", "--train", "--json").err


def test_training_that_fails_keeps_what_is_there(workspace, course, capfd):
    path = workspace / "exercises" / "tokens.twofold.safetensors"
    path.write_bytes(b"mine")
    script = workspace / "exercises" / "tokens.py"
    script.write_text(course.lesson("tokens").stub())
    assert grad("try", "twofold", "--train").code == 1
    assert "train_twofold is still to do" in capfd.readouterr().out
    script.write_text(course.lesson("tokens").source.replace("return {", "return [] and {"))
    assert grad("try", "twofold", "--train").code == 2
    assert "train_twofold returned a list; return the weights as a dict" in capfd.readouterr().out
    assert path.read_bytes() == b"mine"


def test_open_tasks_are_listed_and_are_no_exercises(workspace):
    out = grad("try").out
    assert "try        follows" in out and "Say which token follows, with a loss of at most" in out
    assert "follows is an open task; try it with `grad try follows`" in grad("check", "follows").err
    assert "there is no open task named 'nosuch'" in grad("try", "nosuch").err


# What a course proves.

LESSON, TASKS = "solutions/tokens.py", "checks/tokens/tasks.py"
BREAKS = {
    "nothing": (LESSON, "Tokens", "Tokens", ""),
    "a name that is declared twice over": (
        TASKS,
        '    "twofold",',
        '    "threefold",',
        "the open task threefold is not in the lesson",
    ),
    "a bar that is kept secret": (
        LESSON,
        "with a loss of at most 0.1 nats",
        "with a small loss",
        "the first sentence of follows doesn't say its bar, 0.1",
    ),
    "inputs that no seed changes": (
        TASKS,
        "token = random.randrange(4)",
        "token = 1",
        "follows draws the same hidden inputs under every seed",
    ),
    "a token too many": (
        TASKS,
        "random.randrange(4)\n        yield",
        "random.randrange(5)\n        yield",
        "tokens that are not below 4",
    ),
    "a bar that nobody meets": (
        TASKS,
        "bar=0.1,",
        "bar=0.0001,",
        "the author's own follows reaches 0.0004, and the bar is 0.0001",
    ),
    "a bar for everybody": (TASKS, "bar=0.1,", "bar=1.5,", "weights of zeros meets the bar of"),
    "weights that are not there": (TASKS, "parameters=40", "parameters=4", "than the 4 of follows"),
    "a text that tells": (
        LESSON,
        "# Of two tokens",
        f"# Two tokens\n\n# %%\ndef told(weights, X):\n    {FORWARD}\n\n# %% [markdown]\n# Two",
        "the stub of follows tells",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_course_proves_its_open_tasks(tmp_path, sitting, name):
    file, old, new, words = BREAKS[name]
    shutil.copytree(COURSE, tmp_path / "course")
    path = tmp_path / "course" / file
    text = path.read_text()
    path.write_text(text.replace(old, new, 1))
    course = Course.at(tmp_path / "course")
    inspection = Inspection(course, sitting, Plan.load(course, "tokens"), [0])
    rules = (tasks_are_declared, stubs_leave_tasks_open, tasks_are_met)
    found = "\n".join(problem for rule in rules for problem in rule(inspection))
    assert words in found and bool(found) == bool(words), found


def test_a_declaration_that_makes_no_sense_is_a_sentence():
    with pytest.raises(ValueError, match="'speed' is no score of a; say 'loss' or 'exact match'"):
        Task("a", 4, 0.1, 10, score="speed")
    with pytest.raises(ValueError, match="renames dimension 1 of 'T', which `tensors` does not"):
        Task("a", 4, 0.1, 10, tensors={"T": (4, None)}, renamed={"T": 1})


# The course's own tasks.

OWN = Path(__file__).parents[1]
ADDS = "a, b = (idx[:, i] * 100 + idx[:, i + 1] * 10 + idx[:, i + 2] for i in (0, 4))"


@pytest.fixture(scope="module")
def own():
    with Session(Course(OWN / "solutions", OWN / "autograder" / "checks")) as session:
        yield session


def own_task(own, lesson, id):
    plan = Plan.load(own.course, lesson)
    task = plan.declarations.tasks[id]
    return plan, task, admitted(task, OWN / "tests" / "weights" / f"{lesson}.{id}.safetensors")


def test_an_adder_that_adds_in_python_has_no_score(own):
    plan, task, weights = own_task(own, "part6_gpt", "adder")
    source = plan.lesson.source
    honest = "    return model(idx)[0][:, -1]\n"
    assert honest in source
    adds = f"    {ADDS}\n    digits = (a + b) // 10 ** (idx.shape[1] - PROMPT) % 10\n"
    adds += "    return 20 * torch.eye(12)[digits]\n"
    cheat = Submission("part6_gpt.py", [Unit(source.replace(honest, adds))])
    found = Trial(plan, task, cheat, weights, own.pool).tried(0)
    assert "does not compute what the model of its text computes" in found.problem
    right = Submission("part6_gpt.py", [Unit(source)])
    assert Trial(plan, task, right, weights, own.pool).tried(1).score(task) >= task.bar
    shuffled = {name: each.ravel()[::-1].reshape(each.shape) for name, each in weights.items()}
    assert Trial(plan, task, right, shuffled, own.pool).tried(1).score(task) < 0.1


def test_hidden_names_never_meet_one_another_in_a_process(own):
    """No input of a round goes on where another one of the same name ends."""
    _, task, _ = own_task(own, "part2_mlp", "hidden_names")
    words = datasets.load(own.course, "names", "small").text.split()
    asked = list(task.draws(random.Random(0), words))
    parts = Counter(each.among for each in asked)
    assert set(parts) == {"hidden names", "other names"} and min(parts.values()) > 5000
    for each in asked:
        known = sum(token != 0 for token in each.given)
        assert known == min(each.round, 8) and len(each.wanted) == 1


def test_a_table_in_the_code_knows_no_names_that_are_numbered_anew(own):
    """Bigrams, counted on all names and written into the function, are worth less than nothing."""
    plan, task, weights = own_task(own, "part2_mlp", "hidden_names")
    words = datasets.load(own.course, "names", "small").text.split()
    counts = numpy.ones((27, 27))
    number = {character: i for i, character in enumerate(".abcdefghijklmnopqrstuvwxyz")}
    for word in words:
        for one, other in zip(f".{word}", f"{word}.", strict=True):
            counts[number[one], number[other]] += 1
    table = numpy.log(counts).round(2).tolist()
    source = plan.lesson.source
    honest = "    return forward(parameters, X[:, -block_size:])\n"
    assert honest in source
    cheat = source.replace(honest, f"    return torch.tensor({table})[X[:, -1]]\n")
    for text, least, most in ((source, 2.0, task.small_bar), (cheat, 3.0, 9.0)):
        submission = Submission("part2_mlp.py", [Unit(text)])
        found = Trial(plan, task, submission, weights, own.pool).tried(5, words)
        assert least < found.score(task) <= most, found


@pytest.mark.slow
@pytest.mark.parametrize("task", ["adder", "hidden_names"])
def test_the_authors_training_meets_the_bar(tmp_path, monkeypatch, task):
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    (tmp_path / "exercises").mkdir()
    for name in ("part2_mlp", "part6_gpt"):
        shutil.copy(OWN / "solutions" / f"{name}.py", tmp_path / "exercises")
    monkeypatch.chdir(tmp_path)
    ran = grad("try", task, "--train", "--data", "small")
    assert ran.code == 0 and "The bar is met." in ran.out, ran


@pytest.mark.slow
def test_weights_that_know_the_hidden_names_alone_are_worth_little(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    (tmp_path / "exercises").mkdir()
    source = (OWN / "solutions" / "part2_mlp.py").read_text()
    assert "if not is_hidden(word)]\n" in source
    learned = source.replace("if not is_hidden(word)]\n", "if is_hidden(word)]\n")
    (tmp_path / "exercises" / "part2_mlp.py").write_text(learned)
    monkeypatch.chdir(tmp_path)
    assert grad("try", "hidden_names", "--train", "--data", "small").code == 1
    told = grad("try", "hidden_names", "--data", "small", "--json", "--seed", 0).json
    assert told["parts"]["hidden names"] < 2 < told["bar"] < told["parts"]["other names"]
