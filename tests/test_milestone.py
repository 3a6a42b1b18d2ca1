"""Milestones as a learner runs them: as a program in a pipe or a terminal, and in a notebook."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.milestone import run_file
from autograder.milestone.bar import LineBar, clock_text
from autograder.workspace.record import Figure, number_text, plain_number, read_records

LESSON = """
import time


def double(x):
    return 2 * x


def broken(x):
    return [x][1]


def milestone(run):
    words = run.names()
    losses = []
    for step in run.steps(20, 40):
        losses.append(double(1 / (step + 1)))
        run.show(loss=losses[-1], words=len(words))
        time.sleep(SECONDS)
    PLOTS
    run.figure("steps", len(losses))
    run.figure("loss", losses[-1], lecture=0.1, passed=losses[-1] < 0.2)


if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
"""
PLOTS = """with run.plot("loss by step") as axes:
        axes.plot(losses)
    with run.plot("two", columns=2) as axes:
        axes[1].plot(losses)"""
ROOT = Path(__file__).parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
PROMPT = [sys.executable, "exercises/toy.py", "--data", "small"]


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "exercises").mkdir()
    write(tmp_path)
    return tmp_path


def write(workspace, *edits, folder="exercises", seconds=0.0, plots="pass"):
    text = LESSON.replace("SECONDS", str(seconds)).replace("PLOTS", plots)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    (workspace / folder).mkdir(exist_ok=True)
    (workspace / folder / "toy.py").write_text(text)


def play(workspace, *options, file="exercises/toy.py"):
    command = [sys.executable, file, "--data", "small", *options]
    return subprocess.run(
        command, cwd=workspace, env=ENVIRONMENT, capture_output=True, text=True, timeout=60
    )


OWN = """
figures = "book"
[data.rivers]
words = true
file = "rivers.txt"
small = "few.txt"
address = "http://127.0.0.1:9/rivers.txt"
sha256 = ""
bytes = 0
contents = "rivers"
license = "none"
origin = "this test"
"""


def test_data_and_figures_are_the_courses_own(workspace):
    """The workspace's record says which course that is; its data may have any name."""
    course = workspace / "course"
    for name, text in {
        "course.toml": OWN,
        "data/few.txt": "Rhine Nile\nYukon\n",
        "solutions/toy.py": "",
        "../.gradschool/course": str(course),
    }.items():
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text(text)
    write(workspace, ("run.names()", "run.rivers()"))
    done = play(workspace)
    assert "rivers: the small data that comes with the course (as asked)" in done.stdout
    assert "loss 0.1 (book: 0.1): passed" in done.stdout
    write(workspace, ("run.names()", "run.lakes()"))
    said = "`run` has no lakes, and no data set has that name; course.toml has rivers"
    assert said in play(workspace).stdout


def test_a_run_that_passes_says_so_and_is_recorded(workspace):
    write(workspace, plots=PLOTS)
    done = play(workspace)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("names: the small data")
    assert lines[1].startswith("training  2/20   10%  loss 1.0000  words ")
    assert "training  20/20  100%  loss 0.1000" in done.stdout
    assert "plot: exercises/toy.loss-by-step.png" in lines
    assert lines[-3:-1] == ["steps 20", "loss 0.1 (lecture: 0.1): passed"]
    assert lines[-1].startswith("milestone passed in 0:0")

    record = read_records(workspace)["toy"]
    assert record.passed and record.passed_on == record.finished
    assert record.steps == 20
    assert not (record.full or record.interrupted or record.real_data)
    assert record.figures == [Figure("steps", 20), Figure("loss", 0.1, 0.1, True)]
    assert record.plots == ["toy.loss-by-step.png", "toy.two.png"]
    for plot in record.plots:
        assert (workspace / "exercises" / plot).read_bytes().startswith(b"\x89PNG")
    assert not list((workspace / "exercises").glob(".*"))


def test_a_figure_over_its_limit_does_not_pass(workspace):
    done = play(workspace, "--steps", "5")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "milestone not passed: loss 0.4 (lecture: 0.1)"
    record = read_records(workspace)["toy"]
    assert not record.passed and record.passed_on is None


def test_an_earlier_pass_is_remembered(workspace):
    play(workspace)
    passed_on = read_records(workspace)["toy"].passed_on
    play(workspace, "--steps", "5")
    record = read_records(workspace)["toy"]
    assert not record.passed and record.passed_on == passed_on


def test_a_milestone_without_a_judged_figure_does_not_pass(workspace):
    write(workspace, ("passed=losses[-1] < 0.2", ""))
    done = play(workspace)
    assert done.returncode == 1
    assert done.stdout.endswith("milestone not passed: no figure was judged\n")


def test_full_length(workspace):
    assert "training  40/40  100%" in play(workspace, "--full").stdout


def test_an_untouched_stub_is_named_without_a_traceback(workspace):
    write(workspace, ("return 2 * x", "# YOUR CODE HERE\n    raise NotImplementedError()"))
    done = play(workspace)
    assert (done.returncode, done.stderr) == (1, "")
    last = done.stdout.splitlines()[-1]
    assert last == "double is still to do (toy.py, line 5): fill it in, then run this again"
    assert "Traceback" not in done.stdout
    assert read_records(workspace) == {}


def test_an_untouched_method_of_another_lesson_is_named(workspace):
    other = "class Value:\n    def tanh(self):\n        raise NotImplementedError()\n"
    (workspace / "exercises" / "engine.py").write_text(other)
    write(
        workspace,
        ("import time\n", "import time\n\nfrom engine import Value\n"),
        ("return 2 * x", "return Value().tanh()"),
    )
    assert "Value.tanh is still to do (engine.py, line 2)" in play(workspace).stdout


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        ("return broken(x)", "IndexError: list index out of range"),
        ("return __import__('json').loads('{')", "column 2 (char 1)"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("return __import__('codecs').Codec().encode(x)", "NotImplementedError"),
    ],
)
def test_an_error_shows_the_learners_lines_only(workspace, body, ending):
    write(workspace, ("return 2 * x", body))
    done = play(workspace)
    assert (done.returncode, done.stderr) == (1, "")
    report = done.stdout[done.stdout.index("Traceback") :]
    places = [line for line in report.splitlines() if line.startswith("  File")]
    assert len(places) >= 2 and all("exercises/toy.py" in place for place in places)
    assert ending in report.splitlines()[-1]


def test_an_interruption_keeps_what_is_done(workspace):
    write(workspace, seconds=0.05, plots=PLOTS)
    out = interrupted(workspace, [*PROMPT, "--steps", "500"], "loss")
    assert "training interrupted after step " in out
    assert "plot: exercises/toy.two.png" in out
    assert "(lecture: 0.1) (interrupted): " in out
    record = read_records(workspace)["toy"]
    assert record.interrupted and 0 < record.steps < 500


def test_an_interruption_through_the_command_line(workspace):
    """`grad milestone` and the lesson get Ctrl-C together; the lesson still concludes."""
    write(workspace, seconds=0.05)
    call = f"sys.exit(run_file('exercises/toy.py', {[*PROMPT[2:], '--steps', '500']}))"
    program = f"import sys; from autograder.milestone import run_file; {call}"
    out = interrupted(workspace, [sys.executable, "-c", program], "loss")
    assert "training interrupted after step " in out
    assert read_records(workspace)["toy"].interrupted


def test_a_second_interruption_stops_the_run(workspace):
    write(workspace, ("import time\n", WAITS_TWICE), seconds=30)
    out = interrupted(workspace, PROMPT, "waits", "asked")
    assert out.rstrip().endswith("stopped; nothing is recorded")
    assert "\x1b[?25h" in out, "the cursor is shown again"
    assert read_records(workspace) == {}


# Tells when the first Ctrl-C has arrived: two that come at once are one to the system.
WAITS_TWICE = """
import signal
import time as clock


class time:
    def sleep(seconds):
        handler = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, lambda *where: (print("asked"), handler(*where)))
        print("waits")
        clock.sleep(seconds)
"""


def interrupted(workspace, command, *awaited):
    """Start a program in a terminal of its own, press Ctrl-C at each word; what it wrote."""
    keyboard, screen = pty.openpty()
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), screen)
    environment = ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "100"}
    program = subprocess.Popen(
        command, cwd=workspace, env=environment, start_new_session=True, **streams
    )
    os.close(screen)
    out = ""
    for word in awaited:
        out += read_until(keyboard, word)
        os.killpg(program.pid, signal.SIGINT)
    out += read_until(keyboard, None)
    os.close(keyboard)
    program.wait(timeout=30)
    return out


def read_until(keyboard, awaited):
    """What a terminal shows until a word is there, or (None) until the program ends."""
    text = ""
    while awaited is None or awaited not in text:
        try:
            text += os.read(keyboard, 4096).decode(errors="replace")
        except OSError:
            break
    return text


def test_a_bar_in_a_terminal_stays_below_what_is_printed(workspace):
    write(workspace, ("run.show(", 'run.say(f"at {step}")\n        run.show('), seconds=0.02)
    out = interrupted(workspace, PROMPT)
    assert "at 7\r\n" in out and "20/20" in out and "\x1b[?25h" in out


def test_a_solution_is_nobodys_progress(workspace):
    write(workspace, folder="solutions", plots=PLOTS)
    outcome = workspace / "outcome.json"
    done = play(workspace, "--json", str(outcome), file="solutions/toy.py")
    assert done.returncode == 0 and read_records(workspace) == {}
    assert json.loads(outcome.read_text())["figures"][1]["value"] == 0.1
    assert (workspace / "solutions" / "toy.two.png").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--steps", "0"], "--steps 0: give a number of at least 1"),
        (["--device", "abacus"], "--device abacus: torch cannot compute there"),
        (["--fast"], "unrecognized arguments: --fast"),
        (["--data", "none"], "invalid choice: 'none'"),
    ],
)
def test_a_wrong_option_gets_a_sentence(workspace, options, words):
    done = play(workspace, *options)
    assert done.returncode == 2 and words in done.stderr


def test_data_that_cannot_be_had_gets_a_sentence(workspace):
    command = [sys.executable, "exercises/toy.py", "--data", "real"]
    environment = ENVIRONMENT | {"GRADSCHOOL_DATA": str(workspace)}
    done = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout.startswith("GRADSCHOOL_DATA: ") and done.stdout.count("\n") == 1


def test_a_file_runs_as_a_program(workspace, capfd, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert run_file(workspace / "exercises" / "toy.py", ["--data", "small"]) == 0
    assert run_file(workspace / "exercises" / "toy.py", ["--data", "small", "--steps", "5"]) == 1
    assert "milestone not passed" in capfd.readouterr().out


def test_lines_that_ask_to_be_graded_do_no_harm(workspace, capfd, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    write(workspace, ("import time\n", "import time\n\ngrade('double')\nplot('double')\n"))
    assert run_file(workspace / "exercises" / "toy.py", ["--data", "small"]) == 0
    assert "milestone passed" in capfd.readouterr().out


def test_a_line_that_fails_is_shown_without_what_runs_the_file(workspace, capfd, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    write(workspace, ("import time\n", "import time\n\nundefined\n"))
    assert run_file(workspace / "exercises" / "toy.py", ["--data", "small"]) == 1
    told = capfd.readouterr().err
    assert "toy.py" in told and "NameError: name 'undefined' is not defined" in told
    assert "runpy" not in told and "autograder" not in told


def test_a_stub_in_a_notebook_is_named_with_its_cell(workspace):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    write(workspace, ("return 2 * x", "raise NotImplementedError()"))
    lesson = (workspace / "exercises" / "toy.py").read_text()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(lesson)])
    environment = ENVIRONMENT | {"JPY_SESSION_NAME": str(workspace / "exercises" / "toy.ipynb")}
    nbclient.NotebookClient(notebook, timeout=60, allow_errors=True).execute(
        env=environment | {"GRADSCHOOL_DATA_ORIGIN": "http://127.0.0.1:9"}
    )
    assert "double is still to do (In[1], line 4)" in str(notebook.cells[0].outputs)


def test_a_damaged_record_counts_as_not_there(workspace):
    folder = workspace / ".gradschool" / "milestones"
    folder.mkdir(parents=True)
    for name, text in {"a": "{", "b": "[]", "c": '{"figures": [1]}', "d": "{}"}.items():
        (folder / f"{name}.json").write_text(text)
    assert read_records(workspace) == {}


def test_lines_come_at_each_tenth(capsys):
    bar = LineBar("training", 1000)
    for done in range(1, 1001):
        bar.update(done, {})
    bar.close(1000, {})
    done = [line.split()[1] for line in capsys.readouterr().out.splitlines()]
    assert done == [f"{tenth}00/1,000" for tenth in range(1, 10)] + ["1,000/1,000"]


def test_numbers_and_times_are_readable():
    assert [number_text(n) for n in (0.0, 1234.5, True, "near 1e-3", float("nan"), -0.00002)] == [
        "0", "1,234.5", "True", "near 1e-3", "nan", "-2e-05",
    ]  # fmt: skip
    assert [clock_text(s) for s in (0, 59.6, 7200)] == ["0:00", "1:00", "2:00:00"]


def test_a_figure_is_plain_data():
    import torch

    assert plain_number(torch.tensor(2.5)) == 2.5
    assert plain_number(float("nan")) == "nan"
    assert plain_number(torch.tensor(3)) == 3


def test_in_a_notebook_plots_are_shown_and_the_kernel_goes_on(workspace):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    write(workspace, plots=PLOTS)
    lesson = (workspace / "exercises" / "toy.py").read_text()
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in (lesson, "print('goes on')")]
    environment = ENVIRONMENT | {"JPY_SESSION_NAME": str(workspace / "exercises" / "toy.ipynb")}
    client = nbclient.NotebookClient(
        notebook, timeout=60, resources={"metadata": {"path": str(workspace / "exercises")}}
    )
    client.execute(env=environment | {"GRADSCHOOL_DATA_ORIGIN": "http://127.0.0.1:9"})
    outputs = notebook.cells[0].outputs
    kinds = [kind for output in outputs for kind in output.get("data", {})]
    assert kinds.count("image/png") == 2 and kinds.count("text/html") == 1
    assert "milestone passed" in str(outputs[-1])
    assert notebook.cells[1].outputs[0].text == "goes on\n"
    assert read_records(workspace)["toy"].passed
