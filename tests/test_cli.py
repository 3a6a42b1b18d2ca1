"""The command line: what it prints, what it leaves behind, and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autograder.worker import sandbox
from autograder.workspace.store import Store
from tests.command import grad

LINE = "\n".join


def fill(workspace, miniature):
    """A workspace whose lesson is solved."""
    (workspace / "exercises" / "sums.py").write_text(miniature.lesson("sums").source)


def test_status_shows_bars_points_and_the_next_step(workspace):
    ran = grad("status")
    assert ran.code == 0
    assert "0 of  5  not graded yet" in ran.out and "0 of 5 exercises passed." in ran.out
    assert "solved already, as an example" in ran.out
    assert "grad check double" in ran.out
    assert grad().out == ran.out


def test_status_grades_what_has_changed_and_then_remembers(workspace):
    assert "1 of  5" in grad("status", "--grade").out
    data = grad("status", "--json").json
    assert data["points"] == 1 and data["max_points"] == 6
    assert data["next"] == "sums:mean"
    assert [exercise["verdict"] for exercise in data["lessons"][0]["exercises"]] == [
        "passed",
        *["todo"] * 4,
    ]
    assert not any(exercise["stale"] for exercise in data["lessons"][0]["exercises"])
    path = workspace / "exercises" / "sums.py"
    path.write_text(path.read_text() + "\n")
    out = grad("status").out
    assert "  changed\n" in out and "what has changed since: grad status --grade" in out
    assert max(map(len, out.splitlines())) <= 80


def test_status_leads_to_a_function_that_was_given_another_name(workspace):
    path = workspace / "exercises" / "sums.py"
    text = path.read_text().replace("def mean(", "def meam(")
    path.write_text(text)
    grad("status", "--grade")
    line = text[: text.index("def meam(")].count("\n") + 1
    assert f"Next: mean (wrong), in exercises/sums.py:{line}\n" in grad("status").out


def test_status_after_the_last_exercise_celebrates(workspace, miniature):
    fill(workspace, miniature)
    out = grad("status", "--grade").out
    assert "5 of 5 exercises passed (6 of 6 points)." in out
    assert "every exercise has passed" in out
    # Nobody is sent to a milestone that is not there.
    trained = miniature.lesson("sums").has_milestone
    assert ("grad milestone sums --full" in out) is trained
    assert ("Train what you have built" in out) is trained


def test_check_says_what_is_wrong_and_exits_with_1(workspace, miniature):
    ran = grad("check")
    assert ran.code == 1
    assert "passed     double" in ran.out and "todo       mean, centred" in ran.out
    fill(workspace, miniature)
    ran = grad("check", "sums")
    assert ran.code == 0
    assert "5 of 5 exercises passed, 6 of 6 points" in ran.out


def test_a_lesson_may_be_named_by_its_file_and_nothing_unlike_is_offered(workspace):
    assert grad("check", "exercises/sums.py", "--json").json["lesson"] == "sums"
    err = grad("check", "nosuch").err
    assert "there is no exercise named 'nosuch'; `grad list` shows them all" in err
    assert "did you mean mean" in grad("check", "maen").err


def test_a_script_beside_a_notebook_counts_and_commands_say_so(workspace):
    (workspace / "exercises" / "sums.ipynb").write_text("{}")
    says = "sums.py counts, and sums.ipynb beside it doesn't; keep one of them"
    assert says in grad("status").out
    assert says in grad("check", "mean").out
    (workspace / "exercises" / "sums.py").unlink()
    assert says not in grad("status").out


def test_list_shows_all_lessons_that_a_part_of_a_name_may_mean(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    grad("init", tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    out = grad("list", "part0").out
    assert "part0_micrograd_engine: " in out and "part0_micrograd_nn: " in out
    assert "part1_bigrams" not in out
    ran = grad("list", "nothing")
    assert ran.code == 2 and "there is no lesson named 'nothing'" in ran.err


def test_hints_after_passing_are_all_there_and_not_counted(workspace, miniature):
    fill(workspace, miniature)
    grad("check", "mean")
    for _ in range(2):
        out = grad("hint", "mean").out
        assert "1. what is the sum" in out and out.endswith("That was the last hint.\n")
    assert Store(workspace).hints("sums", "mean") == 0


def test_check_of_one_exercise_by_any_part_of_its_name(workspace):
    for name in ("double", "sums:double", "sums.py:double", "exercises/sums.py:double", "doub"):
        ran = grad("check", name, "--json")
        assert ran.code == 0, ran.err
        assert [exercise["id"] for exercise in ran.json["exercises"]] == ["double"]


def test_check_says_what_was_learned_and_what_comes_next(workspace):
    out = grad("check", "double").out
    assert "What you learned: a number can be doubled" in out
    assert "Next: mean; read about it with grad show mean" in out


def test_a_missing_lesson_is_named_with_what_writes_it(workspace):
    path = workspace / "exercises" / "sums.py"
    path.unlink()
    assert "not in this workspace; grad reset sums writes it" in grad("status").out
    for command in (("check",), ("check", "mean"), ("check", "sums"), ("milestone", "sums")):
        ran = grad(*command)
        assert ran.code == 2 and ran.err == (
            "grad: there is no exercises/sums.py; `grad reset sums` writes it\n"
        )
    assert grad("reset", "sum").code == 0 and path.exists()


def test_json_is_one_object_with_the_documented_keys(workspace):
    data = grad("check", "sums", "--json", "--seed", 3).json
    assert list(data) == [
        "lesson",
        "submission",
        "points",
        "max_points",
        "seconds",
        "seed",
        "exercises",
        "notes",
    ]
    assert data["seed"] == 3
    wanted = {"id", "verdict", "points", "max_points", "message", "diagnosis", "inputs", "checks"}
    assert wanted <= set(data["exercises"][0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "shres"), "did you mean shares?"),
        (("check", "nothing:double"), "there is no lesson named 'nothing'"),
        (("hint", "zzz"), "there is no exercise named 'zzz'"),
        (("hint", "a"), "could be any of"),
        (("grade", "nowhere.py"), "there is no file nowhere.py"),
        (("grade", "other.txt"), "there is no file other.txt"),
        (("show", "mean", "--solution"), "once your own has passed"),
        (("init", "exercises"), "is there already"),
        (("hnt",), "no such command 'hnt'; did you mean 'hint'? `grad -h` explains"),
        (("hint",), "missing argument 'EXERCISE'; `grad hint -h` explains"),
        (("check", "--foo"), "no such option: --foo; `grad check -h` explains"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(workspace, arguments, words):
    ran = grad(*arguments)
    assert ran.code == 2
    assert words in ran.err
    assert ran.err.startswith("grad: ") and ran.err.count("\n") == 1
    assert ran.out == ""


@pytest.mark.parametrize(("group", "command"), [("class", "collect"), ("dev", "build")])
def test_a_group_alone_gives_its_help(workspace, group, command):
    ran = grad(group)
    assert (ran.code, ran.err) == (2, "") and f"\n  {command} " in ran.out


@pytest.mark.parametrize("group", [(), ("class",)])
def test_the_list_of_class_commands_cuts_no_sentence(workspace, group):
    lines = grad(*group, "-h").out.partition("Commands:")[2].splitlines()
    told = [line for line in lines if group or line.startswith("  class ")]
    assert told and not [line for line in told if line.endswith("...")]


def test_outside_a_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = grad("status")
    assert ran.code == 2 and "grad init DIR" in ran.err


def test_hints_are_given_one_by_one(workspace):
    assert grad("hint", "mean").out == LINE(
        ["1. what is the sum divided by?", "1 more: grad hint mean", ""]
    )
    assert "2. an empty list has no count" in grad("hint", "mean").out
    assert grad("hint", "mean").out.endswith("That was the last hint.\n")
    assert grad("hint", "mean", "--level", 1).out.startswith("1. ")


def test_show_gives_the_text_and_the_solution_only_after_passing(workspace, miniature):
    ran = grad("show", "mean")
    assert "The mean is the sum divided by the count." in ran.out
    assert "0.0 for an empty list" in ran.out and "return sum" not in ran.out
    fill(workspace, miniature)
    grad("check", "sums")
    assert "return sum(xs) / len(xs)" in grad("show", "mean", "--solution").out


def test_reset_asks_backs_up_and_puts_one_stub_back(workspace, miniature):
    fill(workspace, miniature)
    path = workspace / "exercises" / "sums.py"
    before = path.read_text()
    assert grad("reset", "mean", answer="n\n").code == 1
    assert path.read_text() == before
    assert grad("reset", "mean", answer="y\n").code == 0
    verdicts = {e["id"]: e["verdict"] for e in grad("check", "sums", "--json").json["exercises"]}
    assert verdicts["mean"] == "todo" and verdicts["shares"] == "passed"
    (backup,) = (workspace / ".gradschool" / "backups").iterdir()
    assert backup.read_text() == before


def test_reset_of_a_lesson_restores_a_broken_file(workspace, miniature):
    path = workspace / "exercises" / "sums.py"
    path.write_text("def broken(:")
    assert grad("reset", "mean", "--yes").code == 2
    assert grad("reset", "sums", "--yes").code == 0
    assert path.read_text() == miniature.lesson("sums").stub()
    (backup,) = (workspace / ".gradschool" / "backups").iterdir()
    assert backup.read_text() == "def broken(:"


def test_init_makes_a_workspace(workspace, tmp_path, monkeypatch):
    folder = tmp_path / "new"
    assert grad("init", folder).code == 0
    monkeypatch.chdir(folder)
    assert grad("check", "double").code == 0


def test_grade_needs_a_lesson_that_the_file_or_the_option_says(workspace, tmp_path, miniature):
    path = tmp_path / "homework (1).py"
    path.write_text("x = 1")
    ran = grad("grade", path)
    assert ran.code == 2 and "--lesson NAME" in ran.err
    assert grad("grade", path, "--lesson", "sums").code == 1
    path.write_text(miniature.lesson("sums").source)
    assert grad("grade", path).code == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("sums.py", b"\xff", "is not UTF-8 at byte 0; save it as UTF-8"),
        ("sums.py", b"x = 1\0", "has a NUL byte at 5"),
        ("sums.py", b"#" * (50 * 2**20), "has 50 MiB"),
        ("sums.ipynb", b"{", "is not a notebook"),
        ("sums.ipynb", b"[" * 100_000, "a notebook"),
        ("sums.ipynb", b'{"cells": []}', "has no cell with code"),
        ("sums.ipynb", b'{"cells": [{"cell_type": "code", "source": 3}]}', "is not a notebook"),
        ("sums.rst", b"", "only .py and .ipynb"),
    ],
)
def test_unreadable_files(workspace, tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    ran = grad("grade", path, "--lesson", "sums")
    assert ran.code == 2
    assert words in ran.err and ran.err.count("\n") == 1


def test_links_and_devices_are_not_submissions(workspace, tmp_path, miniature):
    target, link = tmp_path / "theirs.py", tmp_path / "sums.py"
    target.write_text(miniature.lesson("sums").source)
    link.symlink_to(target)
    ran = grad("grade", link)
    assert ran.code == 2 and "is a symbolic link" in ran.err
    link.unlink()
    os.mkfifo(link)
    ran = grad("grade", link)
    assert ran.code == 2 and "is not a plain file" in ran.err


def test_grade_refuses_without_a_wall_and_check_says_so(
    workspace, tmp_path, miniature, monkeypatch
):
    monkeypatch.setenv("GRADSCHOOL_ASSUME_NO_SANDBOX", "1")
    path = tmp_path / "sums.py"
    path.write_text(miniature.lesson("sums").source)
    ran = grad("grade", path)
    assert ran.code == 2 and "--trust" in ran.err
    assert grad("grade", path, "--trust").code == 0
    ran = grad("check", "double")
    assert ran.code == 0 and "cannot shut your code in" in ran.err


def test_doctor_tells_what_it_tried(workspace):
    found = sandbox.capabilities()
    ran = grad("doctor")
    assert "Landlock" in ran.out and "torch 2" in ran.out
    lines = [line.split()[:2] for line in ran.out.splitlines()]
    assert (["ok", "Landlock,"] in lines) == (found.landlock_abi > 0)
    assert (["ok", "seccomp:"] in lines) == found.seccomp
    assert ("they can read no solution" in ran.out) == found.full


def test_doctor_says_what_is_missing_and_what_could_be_read(workspace, monkeypatch):
    leaky = sandbox.Capabilities(7, True, [], ["/course/solutions/sums.py", "/course/.git/HEAD"])
    monkeypatch.setattr("autograder.cli.doctor.capabilities", lambda secrets: leaky)
    ran = grad("doctor")
    assert ran.code == 1
    assert "a submission can read /course/solutions/sums.py and 1 more" in " ".join(ran.out.split())
    assert "shut in" not in ran.out


def test_doctor_says_that_there_is_no_wall(workspace, monkeypatch):
    monkeypatch.setenv("GRADSCHOOL_ASSUME_NO_SANDBOX", "1")
    ran = grad("doctor")
    lines = [line.split()[:2] for line in ran.out.splitlines()]
    assert ["missing", "Landlock"] in lines and ["missing", "seccomp:"] in lines
    assert "can read" not in ran.out


def test_a_report_shows_escapes_and_markup_as_text(workspace, miniature):
    nasty = r"raise ValueError('\x1b[2J[bold]no[/bold] \u202e \x07')"
    source = miniature.lesson("sums").source.replace("middle = mean(xs)", nasty)
    (workspace / "exercises" / "sums.py").write_text(source)
    ran = grad("check", "centred")
    assert "\x1b" not in ran.out and "\u202e" not in ran.out and "\x07" not in ran.out
    assert r"\x1b[2J[bold]no[/bold] \u202e \x07" in ran.out


def test_light_commands_do_not_import_torch(workspace):
    program = "import sys; sys.argv = ['grad', *sys.argv[1:]]\nfrom autograder.cli import main\n"
    program += "try: main()\nexcept SystemExit: pass\nprint('torch' in sys.modules)"
    for command in (["status"], ["hint", "mean"], ["show", "mean"], ["list"]):
        out = subprocess.run(
            [sys.executable, "-c", program, *command], capture_output=True, text=True, check=True
        ).stdout
        assert out.splitlines()[-1] == "False", command


def test_no_color_and_no_terminal_give_plain_text(workspace):
    out = subprocess.run(
        [sys.executable, "-m", "autograder", "check", "double"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "\x1b" not in out and "passed     double" in out
