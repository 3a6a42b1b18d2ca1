"""Notebooks that were handed in under another name than the one they were released with.

nbgrader knows a notebook by its file's name alone, and skips any other. Here each is found out by
what is in it, and nbgrader is told to convert the name that it knows, also for a folder in which
there is none. Nothing is renamed or written on disk.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import read
from autograder.lessons.naming import lesson_of
from autograder.lessons.submission import Submission

# A student who hands in more than these is told to choose.
_MOST = 10


class Collected:
    """What stands for each notebook of an assignment: another file, or why there is none.

    `doubled` has a sentence for each notebook that lies beside another one of its lesson.
    converter: nbgrader's Autograde, whose list of notebooks is put right.
    """

    def __init__(self, converter: Any):
        self.files: dict[str, Path] = {}
        self.reasons: dict[str, str] = {}
        self.doubled: dict[str, str] = {}
        lessons = _lessons(converter)
        folders = {**dict.fromkeys(_bare(converter), ()), **converter.assignments}
        for folder, paths in folders.items() if lessons else ():
            converter.assignments[folder] = self._placed(Path(folder), paths, lessons)

    def _placed(self, folder: Path, paths: Iterable[str], lessons: list[str]) -> list[str]:
        """The notebooks to convert in one student's folder."""
        paths = list(filter(_is_writable, paths))
        exact = {Path(path).stem: path for path in paths if Path(path).stem in lessons}
        missing = [lesson for lesson in lessons if lesson not in exact]
        strays = sorted((Path(path) for path in paths if Path(path).stem not in lessons), key=_age)
        known = {stray: _lesson_in(stray) for stray in strays[:_MOST]}
        # the newest of several comes last, and counts
        found = {lesson: stray for stray, lesson in known.items() if lesson in missing}
        if len(strays) == len(missing) == 1 and known[strays[0]] not in exact:
            found.setdefault(missing[0], strays[0])  # the folder says what the file does not
        doubles = [stray for stray, lesson in known.items() if lesson in exact]
        for lesson in {known[stray]: None for stray in doubles}:
            self._choose(exact[lesson], [each for each in doubles if known[each] == lesson])
        used = {str(stray) for stray in (*found.values(), *doubles)}
        placed = [path for path in paths if path not in used]
        for lesson in missing:
            name = str(folder / f"{lesson}.ipynb")
            if lesson in found:
                self.files[name] = found[lesson]
            elif not found and not exact:
                self.reasons[name] = _unplaced(strays or _files(folder), lesson)
            else:
                continue
            placed.append(name)
        return placed

    def _choose(self, path: str, others: list[Path]) -> None:
        """Let the notebook of the right name count, unless the work is in one of the others."""
        lesson, counts, why = Path(path).stem, Path(path), "it has the assignment's name"
        begun = [each for each in others if _is_begun(each, lesson)]
        if len(begun) == 1 and not _is_begun(counts, lesson):
            counts, why = begun[0], f"no exercise of {counts.name!r} is begun"
            self.files[path] = counts
        names = " and ".join(_quoted([Path(path), *others]))
        which = f"{counts.name!r} counts, because {why}"
        self.doubled[path] = f"{names} are notebooks of this lesson; {which}"


def _bare(converter: Any) -> list[str]:
    """Students' folders that nbgrader leaves out, because no notebook is in them.

    None that a symbolic link leads to: nbgrader would copy what is in it.
    """
    places = converter.coursedir
    if places.notebook_id != "*":
        return []
    step = (places.submitted_directory, places.student_id, places.assignment_id)
    found = map(Path, set(glob.glob(places.format_path(*step))) - set(converter.assignments))
    return [str(each) for each in found if each.is_dir() and not _is_linked(each)]


def _is_linked(folder: Path) -> bool:
    return folder.is_symlink() or folder.parent.is_symlink()


def _lessons(converter: Any) -> list[str]:
    """The notebooks of the assignment that are lessons of the course."""
    from nbgrader.api import Gradebook, MissingEntry

    try:
        names = Course.find().names
        with Gradebook(converter.coursedir.db_url, converter.coursedir.course_id) as gradebook:
            assignment = gradebook.find_assignment(converter.coursedir.assignment_id)
            return [notebook.name for notebook in assignment.notebooks if notebook.name in names]
    except (MissingEntry, WrongUse):
        return []


def _lesson_in(path: Path) -> str:
    """The lesson of a notebook, or an empty text where it cannot be known."""
    try:
        return lesson_of(Course.find(), read(path, links=False))
    except WrongUse:
        return _by_name(path)


def _by_name(path: Path) -> str:
    try:
        return lesson_of(Course.find(), Submission(str(path), []))
    except WrongUse:
        return ""


def _is_begun(path: Path, lesson: str) -> bool:
    """Whether any exercise is worked on; in a file that cannot be read none is."""
    try:
        submission = read(path, links=False)
    except WrongUse:
        return False
    exercises = Course.find().lesson(lesson).exercises.values()
    return any(
        submission.line_of(each.id) or submission.defines(each.id)
        for each in exercises
        if not each.worked and not submission.is_untouched(each)
    )


def _is_writable(path: str) -> bool:
    """Whether a name can stand in nbgrader's database."""
    try:
        return bool(path.encode())
    except UnicodeEncodeError:
        return False


def _age(path: Path) -> float:
    return path.lstat().st_mtime


def _files(folder: Path) -> list[Path]:
    """What a student handed in instead; the time stamp is nbgrader's."""
    names = sorted(glob.glob("*", root_dir=folder))
    return [folder / name for name in names if name != "timestamp.txt"]


def _unplaced(strays: list[Path], lesson: str) -> str:
    if not strays:
        return f"the folder is empty; hand in {lesson}.ipynb"
    names = _quoted(strays)
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"none of {shown} is this lesson's notebook; hand in {lesson}.ipynb"


def _quoted(paths: Iterable[Path]) -> list[str]:
    return [repr(path.name) for path in paths]
