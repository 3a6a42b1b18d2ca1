"""Gradescope: one zip that makes its autograder grade a lesson as this machine does.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ says what is in it and where it lies.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.lessons.about import FILE
from autograder.lessons.course import Course
from autograder.lessons.wheel import constraints, folder_files, wheel, zipped

CONFIG = "gradschool.json"
_SCRIPTS = ("setup.sh", "run_autograder")


def autograder_zip(course: Course, lesson: str, config: dict[str, Any]) -> bytes:
    """The zip to upload: two scripts, this installation, its versions, the course, the rules.

    config: `seed`, `carry_forward`, and `trust`, which says whether to grade where the container
    cannot shut a submission in.
    """
    here = Path(__file__).parent / "templates" / "gradescope"
    files = {name: (here / name).read_bytes() for name in _SCRIPTS}
    name, content = wheel()
    files |= {name: content, "constraints.txt": constraints().encode()}
    if course.is_own:
        for part, folder in (("solutions", course.solutions), ("checks", course.checks)):
            found = folder_files(folder)
            files |= {f"course/{part}/{name}": content for name, content in found}
        if (said := course.folder / FILE).is_file():
            files[f"course/{FILE}"] = said.read_bytes()
    asked = {"lesson": lesson, **config}
    files[CONFIG] = (json.dumps(asked, indent=2) + "\n").encode()
    return zipped(files, executable=_SCRIPTS)
