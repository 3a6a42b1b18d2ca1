"""Data from a server on this machine: right, wrong, cut off, missing, silent, asked for by two."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from autograder.lessons.course import Course
from autograder.lessons.errors import CourseError
from autograder.milestone import datasets, download

ROOT = Path(__file__).parent.parent


class Server(ThreadingHTTPServer):
    """Serves the files in `files`, as `behaviour` says; `asked` lists the paths asked for."""

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.behaviour, self.asked = files, "right", []
        self.silence = threading.Event()
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        content = self.server.files.get(self.path[1:], b"")
        behaviour = self.server.behaviour
        if behaviour == "missing":
            self.send_error(404)
            return
        if behaviour == "silent":
            self.server.silence.wait(30)
            return
        if behaviour == "wrong":
            content = content.replace(b"e", b"x")
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        half = len(content) // 2
        self.wfile.write(content[:half] if behaviour in ("cut off", "stuck") else content)
        if behaviour == "stuck":
            self.wfile.flush()
            self.server.silence.wait(30)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def files():
    """The real files where GRADSCHOOL_DATA names them, else small ones."""
    folder = os.environ.get("GRADSCHOOL_DATA")
    if folder:
        return {file: (Path(folder) / file).read_bytes() for file in FILES.values()}
    return {"names.txt": b"emma\nolivia\n" * 2000, "tinyshakespeare.txt": b"First:\nSpeak.\n" * 999}


FILES = {"names": "names.txt", "shakespeare": "tinyshakespeare.txt"}
REGISTERED = """
[data.{name}]
file = "{file}"
small = "{name}_small.txt"
address = "http://127.0.0.1:9/{file}"
sha256 = "{sha256}"
bytes = {bytes}
contents = "{bytes:,} bytes"
license = "none"
origin = "this test"
"""


@pytest.fixture
def place(tmp_path, files, monkeypatch):
    """A course that registers the served files, with small stand-ins; and an empty cache."""
    registry = ""
    (tmp_path / "data").mkdir()
    for name, file in FILES.items():
        (tmp_path / "data" / f"{name}_small.txt").write_text(f"small\n{name}\n")
        digest, size = hashlib.sha256(files[file]).hexdigest(), len(files[file])
        registry += REGISTERED.format(name=name, file=file, sha256=digest, bytes=size)
    (tmp_path / "course.toml").write_text(registry)
    monkeypatch.delenv("GRADSCHOOL_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(download, "READ_SECONDS", 0.3)
    forget()
    yield tmp_path
    forget()


def forget():
    """Let the next call ask anew, as a new process would."""
    datasets.load.cache_clear()


@pytest.fixture
def load(place):
    """Loading by name, from the course of this test."""
    return partial(datasets.load, Course(place / "solutions", place / "checks"))


@pytest.fixture
def server(files, place, monkeypatch):
    server = Server(files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("GRADSCHOOL_DATA_ORIGIN", server.origin)
    yield server
    server.silence.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_right_files_are_fetched_once(server, files, load):
    loaded = [load(name) for name in FILES]
    assert [dataset.text for dataset in loaded] == [files[FILES[n]].decode() for n in FILES]
    assert [dataset.sentence.split(",")[0] for dataset in loaded] == [
        "names: the real data",
        "shakespeare: the real data",
    ]
    forget()
    assert load("names").real
    assert server.asked == ["/names.txt", "/tinyshakespeare.txt"], "the second call asks nobody"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("wrong", "what came is not the registered file"),
        ("cut off", "the answer was cut off"),
        ("missing", "the server answered 404"),
        ("silent", "no answer in time"),
        ("stuck", "no answer in time"),
    ],
)
def test_without_the_right_file_the_small_data_serves_and_the_line_says_why(
    server, place, load, behaviour, reason
):
    server.behaviour = behaviour
    dataset = load("names")
    assert dataset.text.split() == ["small", "names"]
    where = f"{server.origin}/names.txt"
    assert dataset.sentence == (
        f"names: the small data that comes with the course ({where} cannot be had: {reason})"
    )
    assert not [file for file in place.glob("cache/*") if file.name == "names.txt"]
    with pytest.raises(datasets.DataError, match=reason):
        load("names", "real")
    server.behaviour = "right"
    forget()
    assert load("names").real, "a later call tries again"


def test_without_a_server_the_small_data_serves(place, monkeypatch, load):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    monkeypatch.setenv("GRADSCHOOL_DATA_ORIGIN", origin)
    dataset = load("shakespeare")
    assert (dataset.text, dataset.real) == ("small\nshakespeare\n", False)
    assert "there is no connection" in dataset.sentence and origin in dataset.sentence


def test_a_crawling_download_is_ended(server, monkeypatch, load):
    monkeypatch.setattr(download, "WHOLE_SECONDS", -1.0)
    assert "no answer in time" in load("names").sentence


def test_a_wrong_file_in_the_cache_is_replaced(server, place, files, load):
    (place / "cache").mkdir()
    (place / "cache" / "names.txt").write_text("mallory\n")
    assert load("names").text.encode() == files["names.txt"]
    assert (place / "cache" / "names.txt").read_bytes() == files["names.txt"]


def test_a_wrong_file_in_the_cache_is_not_trusted_without_a_network(server, place, load):
    server.behaviour = "missing"
    (place / "cache").mkdir()
    (place / "cache" / "names.txt").write_text("mallory\n")
    assert load("names").text == "small\nnames\n"


def test_a_cache_that_cannot_be_written_is_no_trouble(server, place, load):
    (place / "cache").write_text("a file where a folder should be")
    assert not load("names").real


def test_two_processes_at_once(server, place, files):
    program = (
        "import sys; from pathlib import Path; from autograder.milestone import datasets, download;"
        "from autograder.lessons.course import Course; here = Path(sys.argv[1]);"
        "download.cache_folder = lambda: here / 'cache'; course = Course(here / 'solutions', here);"
        "sys.stdout.buffer.write(datasets.load(course, 'names', 'real').text.encode())"
    )
    command = [sys.executable, "-c", program, str(place)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=30)[0] for process in both] == [files["names.txt"]] * 2
    assert [file.name for file in (place / "cache").iterdir()] == ["names.txt"]


def test_a_folder_of_ones_own_is_used_and_checked(server, place, files, monkeypatch, load):
    monkeypatch.setenv("GRADSCHOOL_DATA", str(place))
    with pytest.raises(datasets.DataError, match=r"names\.txt cannot be read \(No such file"):
        load("names")
    (place / "names.txt").write_bytes(files["names.txt"][:-1])
    with pytest.raises(datasets.DataError, match="is not the registered file"):
        load("names")
    (place / "names.txt").write_bytes(files["names.txt"])
    assert load("names").real and "from GRADSCHOOL_DATA" in load("names").sentence
    assert server.asked == []


def test_small_data_can_be_asked_for(server, load):
    assert load("names", "small").text == "small\nnames\n"
    assert server.asked == []


def test_importing_the_module_is_cheap():
    program = (
        "import sys, autograder.milestone.datasets; print({'torch', 'pooch'} & set(sys.modules))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert done.stdout == "set()\n"


def test_the_data_is_found_in_a_clone_and_in_an_installed_package(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    assert (Course.find().folder / "data" / "names_small.txt").exists()
    installed = tmp_path / "autograder" / "_course" / "solutions"
    installed.mkdir(parents=True)
    (installed / "sums.py").write_text("")
    monkeypatch.setattr("autograder.lessons.places.PACKAGE", tmp_path / "autograder")
    assert Course.find().folder == installed.parent


def test_the_course_names_the_lectures_files():
    registered = Course.find().about.data
    assert {name: (entry.file, entry.bytes) for name, entry in registered.items()} == {
        "names": ("names.txt", 228_145),
        "shakespeare": ("tinyshakespeare.txt", 1_115_394),
    }
    for entry in registered.values():
        assert entry.address.startswith("https://raw.githubusercontent.com/karpathy/")


def test_small_data_that_is_missing_is_the_courses_fault(place, load):
    (place / "data" / "names_small.txt").unlink()
    with pytest.raises(CourseError, match="the small data of names cannot be read"):
        load("names", "small")
