"""Install torch, for `make`: the build for the CPU where no GPU is seen, and say which it is.

On Linux PyPI has torch with CUDA, which takes 4 GB more than the build without. That one is in
PyTorch's own index; where the index cannot be had, pip takes what it finds. This needs nothing but
Python's standard library: it runs before anything is installed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from importlib import metadata
from pathlib import Path

INDEX = os.environ.get("GRADSCHOOL_TORCH_INDEX", "https://download.pytorch.org/whl/cpu")
# Nobody waits longer than this to hear that there is no way to the index.
PATIENCE = 4.0
WISHES = ("auto", "cpu", "cuda")
GB = 2**30


def main(arguments: list[str]) -> int:
    """`install_torch.py auto|cpu|cuda OPTIONS...` hands the options on to pip; `told` only tells.

    Returns the exit code.
    """
    wish, *options = arguments or ["auto"]
    if wish == "told":
        print(told())
        return 0
    if wish not in WISHES:
        print(f"TORCH={wish} is no build of torch; say one of {', '.join(WISHES)}", file=sys.stderr)
        return 2
    more, why = chosen(wish)
    print(why, flush=True)
    return subprocess.call([sys.executable, "-m", "pip", "install", *options, *more, "torch"])


def chosen(wish: str) -> tuple[list[str], str]:
    """What pip is told beside the name, and the sentence that says why."""
    if sys.platform != "linux":
        return [], "torch comes from PyPI."
    if wish == "cuda" or (wish == "auto" and sees_gpu()):
        why = "as asked for" if wish == "cuda" else "because this machine has a GPU"
        return [], f"torch comes from PyPI with CUDA, {why}: about 5.4 GB with all the rest."
    if is_reachable(INDEX):
        return ["--extra-index-url", INDEX], (
            f"torch comes from {INDEX} for the CPU alone: about 1.7 GB with all the rest. "
            "The build with CUDA: make clean, then make TORCH=cuda"
        )
    return [], (
        f"{INDEX} can't be reached, so pip takes the torch that it finds; "
        "PyPI's has CUDA: about 5.4 GB with all the rest."
    )


def sees_gpu() -> bool:
    """Whether NVIDIA's own tool finds a GPU."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    asked = subprocess.run([tool, "-L"], capture_output=True, text=True, check=False)
    return asked.returncode == 0 and "GPU" in asked.stdout


def is_reachable(index: str) -> bool:
    """Whether the index answers soon. A name that nobody resolves may take minutes: in a thread."""
    answered = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(f"{index}/torch/", timeout=PATIENCE):
                answered.set()
        except (OSError, ValueError):
            pass

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return answered.is_set()


def told() -> str:
    """Which torch is installed, and how large the environment is with it."""
    with_cuda = "with CUDA" if _cuda() else "for the CPU"
    size = sum(_size(path) for path in Path(sys.prefix).rglob("*"))
    return f"Installed: torch {metadata.version('torch')} {with_cuda}; {size / GB:.1f} GB in all."


def _cuda() -> bool:
    """What torch says in a file of its own, which is read and not imported."""
    spec = importlib.util.find_spec("torch")
    version = Path(spec.origin).with_name("version.py") if spec and spec.origin else None
    text = version.read_text(encoding="utf-8") if version and version.exists() else ""
    return bool(re.search(r"^cuda\b[^=]*= *['\"]", text, re.MULTILINE))


def _size(path: Path) -> int:
    about = path.lstat()
    return about.st_blocks * 512 if hasattr(about, "st_blocks") else about.st_size


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
