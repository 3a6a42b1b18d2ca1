"""The program that `bounds.rehearse` starts: it reads a text as a submission, and says how it went.

It says "read", or ends with status 1 after a sentence in which {path} stands for the file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.lessons import bounds
from autograder.lessons.definitions import definitions_only
from autograder.lessons.files import submission_of


def main() -> None:
    bounds.limit_this_process()
    text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
    said, status = "read", 0
    try:
        submission = submission_of(Path("{path}" + sys.argv[1]), text)
        bounds.count_nodes("{path}", (unit.source for unit in submission.units))
        definitions_only(submission)
    except bounds.Unreadable as error:
        said, status = str(error).replace("{path}" + sys.argv[1], "{path}"), 1
    sys.stdout.buffer.write(said.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    sys.exit(status)


if __name__ == "__main__":
    main()
