"""Which torch `make` installs: real pip, which has it already, and an index of the test's own."""

from __future__ import annotations

import contextlib
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "install_torch.py"
NOWHERE = "http://127.0.0.1:9/whl/cpu"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PyPI's torch is taken")


def install(*arguments: str, index: str = NOWHERE, path: Path | None = None):
    """Run the script as `make` does, but without installing anything."""
    there = f"{path}{os.pathsep}{os.environ['PATH']}" if path else "/usr/bin"
    environment = {**os.environ, "GRADSCHOOL_TORCH_INDEX": index, "PATH": there}
    command = [sys.executable, str(SCRIPT), *arguments, "--dry-run"]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.fixture
def index(tmp_path):
    """The address of an index that has a page on torch."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "index.html").write_text("<html></html>")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(tmp_path))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("wish", ["auto", "cpu"])
def test_without_a_gpu_it_is_the_build_for_the_cpu(wish, index):
    ran = install(wish, index=index)
    assert ran.returncode == 0
    assert f"torch comes from {index} for the CPU alone: about 1.7 GB" in ran.stdout
    assert "already satisfied: torch" in ran.stdout and "Would install" not in ran.stdout


def test_cuda_can_be_asked_for(index):
    ran = install("cuda", index=index)
    assert "from PyPI with CUDA, as asked for: about 5.4 GB" in ran.stdout


def test_a_gpu_is_seen(tmp_path, index):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: a fine one'\n")
    tool.chmod(0o755)
    assert "because this machine has a GPU" in install("auto", index=index, path=tmp_path).stdout
    tool.write_text("#!/bin/sh\necho 'no driver'\nexit 9\n")
    assert "for the CPU alone" in install("auto", index=index, path=tmp_path).stdout


def test_an_index_that_cannot_be_had_costs_nothing():
    ran = install("auto")
    assert ran.returncode == 0
    assert ran.stdout.startswith(
        f"{NOWHERE} can't be reached, so pip takes the torch that it finds"
    )


def test_an_index_that_never_answers_costs_a_moment():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        begun = time.monotonic()
        ran = install("auto", index=f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert "can't be reached" in ran.stdout
    assert time.monotonic() - begun < 60, "it gives up after 4 s; pip and a busy machine take more"


def test_another_word_is_refused():
    ran = install("rocm")
    assert ran.returncode == 2
    assert ran.stderr == "TORCH=rocm is no build of torch; say one of auto, cpu, cuda\n"


def test_uv_takes_the_same_torch_as_pip():
    root = SCRIPT.parent.parent
    for_uv = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["uv"]
    for_pip = (root / "constraints.txt").read_text().splitlines()
    assert set(for_uv["constraint-dependencies"]) <= set(for_pip)


def test_what_is_installed_is_told():
    import torch

    build = "with CUDA" if torch.version.cuda else "for the CPU"
    said = install("told").stdout
    assert said.startswith(f"Installed: torch {torch.__version__} {build}; ")
    assert 0.3 < float(said.split()[-4]) < 30
