"""A learner's file as a program, in which lines that ask to be graded do nothing.

They come from its notebook, where they are cells like any other.
"""

from __future__ import annotations

import builtins
import runpy
import sys
import traceback
from pathlib import Path
from types import TracebackType

from autograder.worker.jupyter import COURSE, Nothing


def main() -> None:
    """`lesson FILE ARGUMENT...`: run the file with these arguments."""
    del sys.argv[0]
    sys.path[0] = str(Path(sys.argv[0]).absolute().parent)
    vars(builtins).update(dict.fromkeys(COURSE, Nothing()))
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except Exception as error:
        traceback.print_exception(error.with_traceback(_from_file(error.__traceback__)))
        sys.exit(1)


def _from_file(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without what comes before the learner's file; nothing where it is no Python."""
    while trace and trace.tb_frame.f_code.co_filename != sys.argv[0]:
        trace = trace.tb_next
    return trace


if __name__ == "__main__":
    main()
