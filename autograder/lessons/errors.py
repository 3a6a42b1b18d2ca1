"""What can go wrong for a person: every error here is one sentence that says what to do.

`grad` prints it and ends with exit code 2; no front end shows a traceback for one.
"""

from __future__ import annotations


class GradschoolError(Exception):
    """Anything that a person can cause, or mend."""


class WrongUse(GradschoolError):
    """Bad input by a person: one sentence that quotes it and says what to do."""


class Ambiguous(WrongUse):
    """A part of a name that several names have."""


class Unusable(GradschoolError):
    """A place on disk that cannot be read or written, or a file there that is damaged."""

    @classmethod
    def because(cls, error: OSError) -> Unusable:
        """An error of the operating system's as a sentence."""
        place = f"{error.filename} cannot be used" if error.filename else "this cannot be done here"
        reason = error.strerror or type(error).__name__
        advice = next((says for kind, says in _ADVICE if isinstance(error, kind)), _OTHERWISE)
        return cls(f"{place}: {reason}; {advice}")


_ADVICE: tuple[tuple[type[OSError] | tuple[type[OSError], ...], str], ...] = (
    (FileNotFoundError, "see to its spelling, and to the folder that you are in"),
    (
        (FileExistsError, NotADirectoryError),
        "a file stands where a folder is needed, so name another place",
    ),
    (IsADirectoryError, "it is a folder, so name a file"),
)
_OTHERWISE = "see to its permissions and to the room on the disk"


class CourseError(GradschoolError):
    """The course is at fault, and no learner: a lesson or its checks cannot be used."""


class LessonError(CourseError):
    """A lesson's script breaks the grammar; the message names the line and says what to do."""
