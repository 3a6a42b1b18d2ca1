"""A learner's file as a program, in which lines that ask to be graded do nothing.

They come from its notebook, where they are cells like any other.
"""

from __future__ import annotations

import builtins
import runpy
import sys
from pathlib import Path

from autograder.worker.jupyter import COURSE, Nothing


def main() -> None:
    """`lesson FILE ARGUMENT...`: run the file with these arguments."""
    del sys.argv[0]
    sys.path[0] = str(Path(sys.argv[0]).absolute().parent)
    vars(builtins).update(dict.fromkeys(COURSE, Nothing()))
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
