"""What docs/class.md begins with: a download of Canvas, and its grade book."""

from __future__ import annotations

from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.lesson import Lesson
from tests.made_class import as_notebook, zipped

LESSON = "part1_bigrams"
PEOPLE = {
    "Lovelace, Ada": (1201, "ada@uni.edu"),
    "Babbage, Charles": (1202, "charles@uni.edu"),
    "Germain, Sophie": (1203, "sophie@uni.edu"),
    "Noether, Emmy": (1204, "emmy@uni.edu"),
    "Turing, Alan": (1205, "alan@uni.edu"),
}


def lay_out(folder: Path) -> None:
    """`canvas.zip` and `gradebook.csv`."""
    lesson = Course.find().lesson(LESSON)
    trigrams = {"count_trigrams", "average_trigram_nll", "smoothing_curves", "best_smoothing"}
    done = set(lesson.exercises) - trigrams - {"final_loss"}
    partly = lesson.stub(set(lesson.exercises) - done)
    handed_in = {
        "lovelaceada_1201_9001_part1_bigrams.ipynb": as_notebook(lesson.source),
        "babbagecharles_LATE_1202_9002_part1_bigrams-1.ipynb": as_notebook(mistaken(lesson)),
        "germainsophie_1203_9003_Copy of part1_bigrams.ipynb": as_notebook(mistaken(lesson)),
        "noetheremmy_1204_9004_bigrams.py": partly,
        "noetheremmy_1204_9005_notes.docx": "my notes",
    }
    files = [(name, text.encode()) for name, text in handed_in.items()]
    (folder / "canvas.zip").write_bytes(zipped(files))
    (folder / "gradebook.csv").write_text(gradebook(), encoding="utf-8")


def mistaken(lesson: Lesson) -> str:
    """The reference with a mistake that many make."""
    code = lesson.exercises["sample_word"].code
    return lesson.edited(
        "sample_word", code.replace("probabilities[index]", "probabilities[:, index]")
    )


def gradebook() -> str:
    lines = ["Student,ID,SIS User ID,SIS Login ID,Section,part1_bigrams (77)"]
    lines.append("    Points Possible,,,,,21")
    lines += [f'"{name}",{id},,{login},A,' for name, (id, login) in PEOPLE.items()]
    return "\n".join(lines) + "\n"
