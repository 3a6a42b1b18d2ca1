"""Hostile submissions: each is tried for real; none earns a point or learns a thing."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from unittest import mock

import pytest

from autograder.lessons.submission import Submission, Unit
from autograder.worker.decoding import Malformed, decode
from autograder.worker.observation import encode
from tests.command import grad
from tests.conftest import MINIATURE, of, verdicts

ROOT = Path(__file__).resolve().parent.parent

WRONG = """
import torch
def double(x): return 0
def mean(xs): return -1
def centred(xs): return [0]
class Tally:
    def __init__(self): self.counts = {}
    def add(self, word): pass
def shares(x): return x * 0
"""

EQUALS_EVERYTHING = """
class Yes(float):
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    __hash__ = float.__hash__
    __sub__ = __rsub__ = __abs__ = lambda self, *a: Yes(0)
    __bool__ = lambda self: True
    __len__ = lambda self: 10**6
    __iter__ = lambda self: iter([self] * 3)
    __getattr__ = lambda self, name: self
    __call__ = lambda self, *a, **k: self
double = mean = centred = shares = Yes(1)
Tally = lambda: Yes(1)
"""

PATCHES = """
import builtins, json, math, torch, torch.testing, sys
yes = lambda *a, **k: True
for module, names in [(torch, "allclose equal isclose all any abs"), (builtins, "all any abs"),
                      (torch.testing, "assert_close"), (math, "isclose")]:
    for name in names.split():
        setattr(module, name, yes)
torch.Tensor.__eq__ = torch.Tensor.allclose = torch.Tensor.equal = yes
json.dumps = lambda *a, **k: "{}"
for module in list(sys.modules.values()):
    for name in ("compare", "difference", "grade", "check", "assert_close"):
        if hasattr(module, name):
            try: setattr(module, name, yes)
            except Exception: pass
"""

FORGES = """
import os, struct
frame = bytes.fromhex("{frame}")
def spray():
    for descriptor in range(64):
        for _ in range(40):
            try: os.write(descriptor, struct.pack("!I", len(frame)) + frame)
            except OSError: break
"""

REPLACES_MACHINERY = """
import gc, types
for thing in gc.get_objects():
    if isinstance(thing, types.FunctionType) and "autograder" in str(thing.__module__):
        try: thing.__code__ = (lambda *a, **k: b"").__code__
        except Exception: pass
"""

ATTACKS = {
    "patches comparisons": PATCHES + WRONG,
    "equals everything": EQUALS_EVERYTHING,
    "replaces the machinery": REPLACES_MACHINERY + WRONG,
    "forges frames when it is loaded": FORGES.format(frame=encode({"value": 1}).hex())
    + WRONG
    + "\nspray()\n",
    "forges frames in a function": FORGES.format(frame=encode({"value": 1}).hex())
    + WRONG
    + "\ndef double(x):\n    spray()\n    return 0\n",
    "forges garbage": FORGES.format(frame=(b"\xff" * 50).hex()) + WRONG + "\nspray()\n",
    "announces a huge frame": WRONG
    + "\nimport os\ndef double(x):\n    [os.write(d, b'\\xff' * 9) for d in range(3, 9)]\n",
    "closes every descriptor": "import os\nos.closerange(0, 64)\n" + WRONG,
    "ends well at once": WRONG + "\nimport os\nos._exit(0)\n",
    "sends a gigabyte": WRONG
    + """
import os
def double(x):
    for d in range(64):
        try:
            for _ in range(1024): os.write(d, bytes(2**20))
        except OSError: pass
""",
    "returns a deep thing": WRONG
    + "\ndef double(x):\n    y = []\n    for _ in range(10**6): y = [y]\n    return y\n",
    "returns a huge thing": WRONG + "\ndef double(x): return torch.zeros(10**9)\n",
    "patches the class of numbers": WRONG
    + "\nimport ctypes\ndef double(x):\n    ctypes.memset(id(x) + 16, 0, 8)\n    return x\n",
    "uses up its stack": "import sys\nsys.setrecursionlimit(10**9)\n"
    + WRONG
    + "\ndef double(x): return double(x)\n",
    "keeps threads running": "import threading\ndef spin():\n    while True: pass\n"
    "for _ in range(4): threading.Thread(target=spin, daemon=True).start()\n" + WRONG,
    "never lets its threads end": "import threading\ndef spin():\n    while True: pass\n"
    "threading.Thread(target=spin).start()\n" + WRONG,
}


TRICKS = {
    "a huge hexadecimal number": "def mean(xs): return 0x" + "F" * 5000,
    "a sum of many terms": "y = 1\ndef mean(xs):\n    return " + " + ".join(["y"] * 1500),
    "many rows without elements": "def centred(xs): return [torch.zeros(3000000, 0)]",
    "a long line that is no Python": "'" + "\u202e" * 500_000,
    "forged rows of an unknown dtype": FORGES.format(
        frame=encode({"value": [2**60, [[[]]] * 9]}).hex()
    )
    + "spray()",
    "turns the short cuts' table off": """
import sys
frame = sys._getframe()
while frame:
    if "declarations" in frame.f_locals:
        frame.f_locals["declarations"].forbidden.clear()
    frame = frame.f_back
def shares(x): return torch.softmax(x, -1)
""",
    "changes what is to be run": """
import gc
for thing in gc.get_objects():
    for each in thing if type(thing) is list else ():
        if type(each) is dict and each.get("exercise") == "shares":
            each["exercise"] = "mean"
def shares(x): return torch.softmax(x, -1)
""",
    "a hundred thousand dimensions": "def shares(x): return x.reshape([1] * 100_000 + [*x.shape])",
    "a key that numpy does not know": """
def centred(xs): return {torch.zeros(2, dtype=torch.bfloat16): 1}
""",
    "as many values as can be": """
def double(x): return [[]] * 10**6
mean = centred = shares = double
""",
    "softmax by attention": """
def shares(x):
    unit = torch.eye(x.shape[-1])[None, None]
    attention = torch.nn.functional.scaled_dot_product_attention
    return attention(x[None, None], unit, unit, scale=1.0)[0, 0].view(x.shape)
""",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_stops_the_grader_or_earns_a_point(grade, solution, trick):
    begun = time.monotonic()
    report = grade(WRONG + TRICKS[trick])
    assert report.points == 0, verdicts(report)
    text = json.dumps(report.data())
    assert len(text) < 100_000 and time.monotonic() - begun < 60
    assert grade(solution).all_passed


def test_forged_trees_are_malformed():
    """What `encode` cannot have made is refused before anybody compares or shows it."""
    deep = ["list", 1, [["none"]]]
    for _ in range(440):
        deep = ["list", 1, [deep]]
    wide = ["list", 3, [["none"]] * 10**6]
    forged = [deep, wide, ["int", "v" * 4000, 32], ["int", 5], ["bool", "yes"], ["str", 3], [[], 1]]
    for tree in forged:
        text = json.dumps(tree).encode()
        with pytest.raises(Malformed):
            decode(len(text).to_bytes(4, "big") + text)


def test_a_submission_without_code_passes_nothing(session, miniature):
    for units in ([], [Unit("x = 1")], [Unit("while True")]):
        report = session.grade(Submission("sums.ipynb", units), "sums")
        assert report.points == 0


def test_one_file_that_cannot_be_graded_does_not_stop_the_others(
    workspace, tmp_path, solution, monkeypatch
):
    from autograder.grading.session import Session

    def fails(self, submission, *arguments, **options):
        if "bad" in submission.path:
            raise ArithmeticError("nobody thought of this")
        return whole(self, submission, *arguments, **options)

    whole = Session.grade
    monkeypatch.setattr(Session, "grade", fails)
    for name in ("sums_bad.py", "sums_good.py", "homework.py"):
        (tmp_path / name).write_text(solution if "sums" in name else "x = 1")
    files = [tmp_path / name for name in ("sums_bad.py", "homework.py", "sums_good.py")]
    ran = grad("grade", *files)
    assert ran.code == 2
    assert "sums_bad.py could not be graded (ArithmeticError); look at it by hand" in ran.err
    assert "homework.py is named like no lesson" in ran.err
    assert "6 of 6 points" in ran.out


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_earns_a_point(grade, session, solution, attack):
    with mock.patch.object(session.pool, "longest", 5.0):
        report = grade(ATTACKS[attack])
    assert report.points == 0, verdicts(report)
    assert grade(solution).all_passed, "the next submission is graded as ever"


def says(code: str) -> str:
    """A submission whose `double` returns what the code leaves in `result`, or its error's name."""
    body = "\n".join(f"        {line}" for line in code.strip().splitlines())
    return f"""
def double(x):
    result = "nothing"
    try:
{body}
    except BaseException as error:
        result = type(error).__name__
    return str(result)
"""


def told(grade, code: str) -> str:
    """What `double` says, by way of the report's own words."""
    report = of(grade(says(code), only={"double"}), "double")
    assert report.verdict == "wrong", report
    return report.message.partition("got a string (")[2]


FORBIDDEN = {
    "the reference": f"result = open({str(MINIATURE / 'solutions' / 'sums.py')!r}).read()",
    "the checks": f"result = open({str(MINIATURE / 'checks' / 'sums' / 'checks.py')!r}).read()",
    "the engine": f"result = open({str(ROOT / 'autograder' / '__init__.py')!r}).read()",
    "the course's folder": f"import os; result = os.listdir({str(ROOT / 'solutions')!r})",
    "the home folder": "import os; result = os.listdir('/root')",
    "the system's files": "result = open('/etc/passwd').read()",
    "the grader's memory": "import os; result = open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "its own memory": "result = open('/proc/self/maps').read()",
    "a new file": "result = open('/tmp/written-by-a-submission', 'w').write('x')",
    "a file in a package": "import torch; result = open(torch.__file__, 'a').write('x')",
    "a folder": "import os; os.mkdir('/tmp/made-by-a-submission'); result = 'made'",
    "a removal": f"import shutil; shutil.rmtree({str(MINIATURE)!r}); result = 'removed'",
    "a fork": "import os; result = 'forked' if os.fork() else os._exit(0)",
    "a program": "import subprocess; result = subprocess.run(['true'])",
    "a shell": "import os; result = 'ran' if os.system('true') == 0 else 1 / 0",
    "a socket": "import socket; result = socket.socket()",
    "a name look-up": "import socket; result = socket.getaddrinfo('localhost', 80)",
    "a signal to the parent": "import os; os.kill(os.getppid(), 9); result = 'sent'",
    "a signal to everybody": "import os; os.kill(-1, 9); result = 'sent'",
    "a symbolic link": "import os; os.symlink('/etc/passwd', '/tmp/link-by-a-submission')",
    "the engine's modules": "import autograder.grading.verdicts; result = 'imported'",
    "more memory": "import resource as r; r.setrlimit(r.RLIMIT_AS, (-1, -1)); result = 'set'",
}


@pytest.mark.parametrize("wish", FORBIDDEN)
def test_nothing_forbidden_succeeds(grade, wish):
    answer = told(grade, FORBIDDEN[wish])
    allowed = ("PermissionError", "ModuleNotFoundError", "ZeroDivisionError")
    allowed += ("gaierror", "OSError", "ValueError")
    assert answer.strip("')").startswith(allowed), answer
    assert (MINIATURE / "solutions" / "sums.py").exists()


def test_nothing_secret_is_in_memory(grade):
    """Strings and code in the process hold no mistake, no sentence, no line of the reference."""
    secrets = [
        "divide it by the",
        "Every number loses",
        "self.counts.get(word, 0)",
        "x.max(-1, keepdim=True).values",
    ]
    # Taken apart, so that the submission does not find itself.
    parts = [[secret[: len(secret) // 2], secret[len(secret) // 2 :]] for secret in secrets]
    code = f"""
import gc, sys, types
wanted = [a + b for a, b in {parts!r}]
seen, found, todo = set(), [], [*gc.get_objects(), *sys._current_frames().values()]
frame = sys._getframe()
while frame:
    todo += [frame, frame.f_locals, frame.f_globals]
    frame = frame.f_back
while todo and len(seen) < 3_000_000:
    thing = todo.pop()
    if id(thing) in seen: continue
    seen.add(id(thing))
    if isinstance(thing, str) and len(thing) < 10**6:
        found += [w for w in wanted if w in thing and thing is not w]
    elif isinstance(thing, types.CodeType):
        todo += thing.co_consts
    elif isinstance(thing, (dict, list, tuple, types.FunctionType, types.FrameType)):
        todo += gc.get_referents(thing)
result = len(seen) > 1000 and sorted(set(found))
"""
    assert told(grade, code).startswith("'[]')")


def test_no_descriptor_but_the_result_pipe_is_inherited(grade):
    answer = told(
        grade,
        """
import os
open_ones = []
for number in range(3, 4096):
    try: os.fstat(number)
    except OSError: continue
    open_ones.append(number)
result = len(open_ones)
""",
    )
    assert answer.startswith("'1')")


def test_nothing_of_the_environment_is_inherited(grade):
    names = ("GRADSCHOOL_CACHE", "USER", "VIRTUAL_ENV", "PYTHONPATH", "OLDPWD", "PYTHONHASHSEED")
    answer = told(grade, f"import os; result = [n for n in {names} if n in os.environ]")
    assert answer.startswith("\"['PYTHONHASHSEED']\")"), "the last is the worker's own"


def test_a_submission_cannot_outlive_its_grading(grade, session):
    """A child that would sleep for a minute is gone when the report is there."""
    with mock.patch.object(session.pool, "longest", 1.0):
        grade("import time\ndef double(x): time.sleep(61.5)\n", only={"double"})
    template = session.pool._starter._process.pid
    before = set(_descendants(template))
    grade("")  # the one that was forked ahead takes this
    deadline = time.monotonic() + 5
    while len(_descendants(template)) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(_descendants(template)) == 1 and before.isdisjoint(_descendants(template))


def test_workers_go_when_the_grader_is_killed(tmp_path):
    """The template and a hanging child end with the grader, even where it had no time to tidy."""
    import subprocess
    import sys

    lesson = tmp_path / "sums.py"
    lesson.write_text("while True: pass\n")
    environment = {**os.environ, "GRADSCHOOL_COURSE": str(MINIATURE)}
    command = [sys.executable, "-m", "autograder", "grade", str(lesson)]
    grader = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    deadline, below = time.monotonic() + 30, []
    while len(below) < 2 and time.monotonic() < deadline:
        below = _descendants(grader.pid)
        time.sleep(0.05)
    assert len(below) >= 2, "the template and its child were never seen"
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    deadline = time.monotonic() + 10
    while any(map(_alive, below)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_alive, below))


def _descendants(number: int) -> list[int]:
    try:
        text = Path(f"/proc/{number}/task/{number}/children").read_text()
    except OSError:
        return []
    children = [int(word) for word in text.split()]
    return children + [below for child in children for below in _descendants(child)]


def _alive(number: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False


def test_error_messages_with_hidden_text_stay_out_of_feedback(grade, solution):
    """Raising whatever was found in memory does not carry it into an instructor's feedback."""
    code = "import sys; raise ValueError(str(sys._getframe(1).f_code.co_consts))"
    report = grade(solution.replace("return x + x", code)).hidden()
    assert "observation" not in json.dumps(report.data())
    assert of(report, "double").message == "the code raised a ValueError"
