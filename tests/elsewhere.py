"""A Python in which nothing is that only POSIX systems have: as near to Windows as Linux comes.

`made` makes a virtual environment with the packages of this one; every process of it, the workers
too, hides those names before the engine is imported.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

# subprocess and selectors look for what they need when they are imported, and then have it.
HIDING = """
import os, select, selectors, signal, socket, subprocess, sys, threading
for name in ("resource", "fcntl", "termios", "tty", "pwd", "grp"):
    sys.modules[name] = None
GONE = {
    os: "fork forkpty geteuid sched_getaffinity setsid killpg mkfifo",
    signal: "setitimer getitimer alarm pause SIGALRM SIGPROF SIGVTALRM SIGWINCH SIGHUP "
            "ITIMER_REAL ITIMER_PROF ITIMER_VIRTUAL pthread_sigmask",
    socket: "AF_UNIX send_fds recv_fds",
}
for module, names in GONE.items():
    for name in names.split():
        vars(module).pop(name, None)
"""


def made(folder: Path) -> Path:
    """The Python of a new environment in a folder."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    there = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    packages = Path(there.stdout.strip())
    packages.joinpath("without_posix.py").write_text(HIDING)
    own = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    lines = [f"import site; site.addsitedir({path!r})" for path in dict.fromkeys(own)]
    packages.joinpath("a.pth").write_text("\n".join(["import without_posix", *lines]) + "\n")
    return python
