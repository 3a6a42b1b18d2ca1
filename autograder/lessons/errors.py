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
        return cls(f"{place}: {reason}; see to its permissions and to the room on the disk")


class CourseError(GradschoolError):
    """The course is at fault, and no learner: a lesson or its checks cannot be used."""


class LessonError(CourseError):
    """A lesson's script breaks the grammar; the message names the line and says what to do."""
