"""The test's side of tests/sandbox_template.py."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}


class Template:
    """The warm process, and a folder that its children may read."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "outside").mkdir()
        (folder / "outside" / "secret").write_text("secret")
        self.readable = folder / "readable"
        (self.readable / "hidden" / "deep").mkdir(parents=True)
        (self.readable / "open").mkdir()
        (self.readable / "hidden" / "deep" / "secret").write_text("secret")
        (self.readable / "open" / "file").write_text("text")
        (self.readable / "link").symlink_to(folder / "outside")
        (self.readable / "open" / "link").symlink_to(folder / "outside" / "secret")
        paths = {
            "readable": [sys.prefix, sys.base_prefix, "/usr/lib", str(self.readable)],
            "hidden": [str(self.readable / "hidden")],
        }
        program = Path(__file__).with_name("sandbox_template.py")
        self.process = subprocess.Popen(
            [sys.executable, program, json.dumps(paths)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )

    def run(self, code: str, **options) -> dict:
        names = f"readable, folder = {str(self.readable)!r}, {str(self.folder)!r}\n"
        request = {"code": names + textwrap.dedent(code), **options}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
