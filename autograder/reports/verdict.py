"""The words of a report: what became of an exercise or a check, and how something failed."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What became of an exercise."""

    PASSED = "passed"
    TODO = "todo"
    WRONG = "wrong"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    BLOCKED = "blocked"


PASSED, TODO, WRONG, CRASHED, TIMED_OUT, BLOCKED = Verdict
FAILED = (WRONG, CRASHED, TIMED_OUT)


class CheckVerdict(StrEnum):
    """What became of a check over all its cases; `not run` where its file could not be used."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    NOT_RUN = "not run"


class Kind(StrEnum):
    """How something failed; `KINDS` says it in words."""

    VALUE = "value"
    SHAPE = "shape"
    DTYPE = "dtype"
    TYPE = "type"
    LENGTH = "length"
    KEYS = "keys"
    RETURNED = "returned"
    RAISED = "raised"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    DIED = "died"
    MALFORMED = "malformed"
    MISSING = "missing"
    SYNTAX = "syntax"
    LOAD = "load"
    BLOCKED = "blocked"


# Words that contain nothing of what failed.
KINDS = {
    Kind.VALUE: "a value differs",
    Kind.SHAPE: "a shape differs",
    Kind.DTYPE: "a dtype is of another kind",
    Kind.TYPE: "another kind of value was returned",
    Kind.LENGTH: "a length differs",
    Kind.KEYS: "the keys of a dict differ",
    Kind.RETURNED: "a value was returned where an error is due",
    Kind.RAISED: "the code raised an error",
    Kind.REFUSED: "a short cut was used that this lesson forbids",
    Kind.TIMED_OUT: "it did not end in time",
    Kind.DIED: "it ended its process",
    Kind.MALFORMED: "it sent something that is no observation",
    Kind.MISSING: "it is not defined",
    Kind.SYNTAX: "its cell or file is not Python",
    Kind.LOAD: "the file fails when it is loaded",
    Kind.BLOCKED: "it builds on an exercise that is still to do",
}
