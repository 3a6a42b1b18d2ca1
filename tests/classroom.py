"""An nbgrader course in a temporary folder, and the real command line to work with it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import MINIATURE

BIN = Path(sys.executable).parent


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing of the user's own Jupyter is read or written."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("LANG", "GRADSCHOOL_CACHE") if name in os.environ}
    jupyter = {
        f"JUPYTER_{kind}_DIR": str(home / "jupyter" / kind.lower())
        for kind in ("CONFIG", "DATA", "RUNTIME")
    }
    return {
        **kept,
        **jupyter,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "OMP_NUM_THREADS": "1",
        "GRADSCHOOL_COURSE": str(MINIATURE),
        **more,
    }


class Classroom:
    """A course folder with its own home; `environment` is what every command runs in."""

    def __init__(self, folder: Path, **more: str):
        self.folder = folder / "course"
        self.environment = environment(folder / "home", **more)

    def run(self, *command: str, code: int | None = 0, cwd: Path | None = None) -> str:
        """Run a command and give all that it prints. code: the exit code that it must have."""
        place = cwd or self.folder
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            command,
            cwd=place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert code in (None, done.returncode), done.stdout
        return done.stdout

    def nbgrader(self, *arguments: str, code: int | None = 0, cwd: Path | None = None) -> str:
        return self.run("nbgrader", *arguments, code=code, cwd=cwd)

    def release(self, *lessons: str) -> None:
        """Source, gradebook and release of some lessons."""
        self.run("grad", "release", *lessons, "--course", str(self.folder))
        for lesson in lessons:
            self.nbgrader("generate_assignment", lesson)

    def source(self, lesson: str) -> dict[str, Any]:
        """The instructor's notebook, with solutions."""
        return self._notebook("source", lesson)

    def released(self, lesson: str) -> dict[str, Any]:
        return self._notebook("release", lesson)

    def solved(self, lesson: str) -> dict[str, Any]:
        """What a student hands in who has done everything: the release with the solutions in it."""
        solutions = {cell["id"]: cell["source"] for cell in self.source(lesson)["cells"]}
        notebook = self.released(lesson)
        for cell in notebook["cells"]:
            cell["source"] = solutions[cell["id"]]
        return notebook

    def submit(self, student: str, lesson: str, notebook: Any, *, at: str = "") -> Path:
        """Put a submission where nbgrader collects it; `notebook` is data, or a file's bytes."""
        path = self.folder / "submitted" / student / lesson / f"{lesson}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        path.write_bytes(content)
        if at:
            (path.parent / "timestamp.txt").write_text(at)
        return path

    def scores(self, lesson: str) -> dict[str, dict[str, float | None]]:
        """Student, exercise's grade id, and nbgrader's automatic score."""
        found: dict[str, dict[str, float | None]] = {}
        for student, cell, score, _ in self._grades(lesson):
            found.setdefault(student, {})[cell.removeprefix(f"{lesson}-")] = score
        return found

    def to_review(self, lesson: str) -> set[str]:
        """The students of whom a score waits for a person."""
        return {student for student, _, _, review in self._grades(lesson) if review}

    def totals(self, lesson: str) -> dict[str, float]:
        return {
            student: sum(score or 0.0 for score in scores.values())
            for student, scores in self.scores(lesson).items()
        }

    def autograded(self, student: str, lesson: str) -> dict[str, Any]:
        path = self.folder / "autograded" / student / lesson / f"{lesson}.ipynb"
        return json.loads(path.read_text())

    def feedback(self, student: str, lesson: str) -> str:
        path = self.folder / "feedback" / student / lesson / f"{lesson}.html"
        return path.read_text()

    def _notebook(self, step: str, lesson: str) -> dict[str, Any]:
        path = self.folder / step / lesson / f"{lesson}.ipynb"
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
        return notebook

    def _grades(self, lesson: str) -> list[tuple[str, str, float | None, bool]]:
        connection = sqlite3.connect(self.folder / "gradebook.db")
        try:
            return connection.execute(_GRADES, (lesson,)).fetchall()
        finally:
            connection.close()


_GRADES = """
SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score, grade.needs_manual_grade
FROM grade
JOIN base_cell ON base_cell.id = grade.cell_id
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
JOIN notebook ON notebook.id = submitted_notebook.notebook_id
WHERE notebook.name = ?
"""


def cell_of(notebook: dict[str, Any], grade_id: str) -> dict[str, Any]:
    """A cell by its grade id."""
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def code_cell(source: str, **metadata: Any) -> dict[str, Any]:
    """A cell of the student's own."""
    return {
        "cell_type": "code",
        "id": f"own-{abs(hash(source)) % 10**8}",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def edited(notebook: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """The notebook with a text replaced in every cell that has it."""
    assert any(old in cell["source"] for cell in notebook["cells"])
    return changed(notebook, lambda source: source.replace(old, new))


def changed(notebook: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    cells = [{**cell, "source": change(cell["source"])} for cell in notebook["cells"]]
    return {**notebook, "cells": cells}
