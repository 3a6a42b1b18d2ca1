"""The kinds of answers that a prediction asks for: read from what was typed, compared, shown.

A lesson says the kind in the last line of a question, behind `Answer:`. Every kind has

- `wanted`: what is meant, in words that end a sentence;
- `read(text)`: the answer in what somebody typed; raises WrongUse, one sentence;
- `measured(value)`: the answer in what the author's code returned; raises ValueError;
- `agrees(said, true)`: whether a prediction is right;
- `shown(answer)`: as a person reads it, which `read` reads again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from autograder.lessons import expressions
from autograder.lessons.errors import WrongUse

# What an answer is as JSON has it: a number, a text, or the sizes of a shape.
Answer = int | float | str | list[int]
KINDS = "`a number, within 5 %`, `a number`, `a shape`, `one of: A, B` or `a word`"
ERROR = "error"
_NUMBER = re.compile(r"a number(?:, within (?P<size>[\d.]+)(?P<percent> ?%)?)?")
_SHAPE = re.compile(r"a shape(?P<error>, or error)?")
_SIZES = re.compile(r"(?:torch\.Size)?[(\[\s]*(?P<sizes>(?:\d+(?:[\s,x×*]+\d+)*)?)[\s,]*[)\]\s]*")
# Of numbers that are to be equal: 0.1 + 0.2 is 0.3.
_ROUNDING = 1e-6
_NEGLIGIBLE = 0.01


class Kind(Protocol):
    """One kind of answer; the module says what each member is."""

    @property
    def wanted(self) -> str: ...
    def read(self, text: str) -> Answer: ...
    def measured(self, value: Any) -> Answer: ...
    def agrees(self, said: Any, true: Any) -> bool: ...
    def shown(self, answer: Any) -> str: ...


def kind_of(line: str) -> Kind:
    """The kind that an author's line names; raises ValueError with what may stand there."""
    line = line.strip().rstrip(".")
    if found := _NUMBER.fullmatch(line):
        share = float(found["size"] or 0) / (100 if found["percent"] else 1)
        return Number(line, share if found["percent"] else 0.0, 0.0 if found["percent"] else share)
    if found := _SHAPE.fullmatch(line):
        return Shape(bool(found["error"]))
    if line == "a word":
        return Word()
    label, colon, rest = line.partition(":")
    options = [each.strip() for each in rest.split(";" if ";" in rest else ",")]
    if label == "one of" and colon and len(options) > 1 and all(options):
        return Choice(tuple(options))
    raise ValueError(f"{line!r} is no kind of answer; say {KINDS}")


@dataclass(frozen=True)
class Number:
    """A number that is right within a share of the true one, or within so much of it."""

    wanted: str
    relative: float
    absolute: float

    def read(self, text: str) -> int | float:
        plain = text.strip().strip("\"'")
        share = plain.endswith("%")
        plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain.rstrip("% "))
        try:
            value = expressions.number(plain)
        except ValueError:
            raise WrongUse(f"{text!r} is no number; type one such as 3.3 or log(27)") from None
        return value / 100 if share else value

    def measured(self, value: Any) -> int | float:
        value = value.item() if hasattr(value, "item") else value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{value!r} is no number")
        return value

    def agrees(self, said: Any, true: Any) -> bool:
        room = max(self.absolute, self.relative * abs(true), _ROUNDING * max(1.0, abs(true)))
        return bool(said == true or abs(said - true) <= room * (1 + _ROUNDING))

    def shown(self, answer: Any) -> str:
        if abs(answer) < _NEGLIGIBLE * self.absolute:  # what rounding leaves of 0
            return "0"
        if isinstance(answer, int) or abs(answer) >= 1000:
            return f"{answer:,.0f}" if abs(answer) < 1e12 else f"{answer:.4g}"
        return f"{answer:.4g}"


@dataclass(frozen=True)
class Shape:
    """The sizes of a tensor, or the word for a call that raises an error."""

    may_fail: bool

    @property
    def wanted(self) -> str:
        return "a shape such as (3, 4)" + f", or the word {ERROR}" * self.may_fail

    def read(self, text: str) -> Answer:
        plain = text.strip().strip("\"'")
        if self.may_fail and ERROR in plain.lower():
            return ERROR
        found = _SIZES.fullmatch(plain)
        if not plain or found is None:
            raise WrongUse(f"{text!r} is no shape; type {self.wanted}")
        return [int(size) for size in re.findall(r"\d+", found["sizes"])]

    def measured(self, value: Any) -> Answer:
        if self.may_fail and value == ERROR:
            return ERROR
        value = getattr(value, "shape", value)
        if not isinstance(value, Sequence) or not all(isinstance(size, int) for size in value):
            raise ValueError(f"{value!r} is no shape")
        return list(value)

    def agrees(self, said: Any, true: Any) -> bool:
        return bool(said == true)

    def shown(self, answer: Any) -> str:
        return f"an {answer}" if answer == ERROR else str(tuple(answer))


@dataclass(frozen=True)
class Choice:
    """One of several; it may be typed in full, as its beginning, or as its letter."""

    options: tuple[str, ...]

    @property
    def wanted(self) -> str:
        letters = "abcdefghijklmnopqrstuvwxyz"
        listed = (f"{letter}) {each}" for letter, each in zip(letters, self.options, strict=False))
        return f"one of {', '.join(listed)}"

    def read(self, text: str) -> str:
        plain = text.strip().strip("\"'").rstrip(").").lower()
        lowered = [option.lower().rstrip(").") for option in self.options]
        begun = [number for number, option in enumerate(lowered) if option.startswith(plain)]
        letter = ord(plain) - ord("a") if len(plain) == 1 else -1
        if plain in lowered:
            return self.options[lowered.index(plain)]
        if 0 <= letter < len(self.options):
            return self.options[letter]
        if plain and len(begun) == 1:
            return self.options[begun[0]]
        raise WrongUse(f"{text!r} is none of the answers; type {self.wanted}")

    def measured(self, value: Any) -> str:
        if str(value) not in self.options:
            raise ValueError(f"{value!r} is not {self.wanted}")
        return str(value)

    def agrees(self, said: Any, true: Any) -> bool:
        return bool(said == true)

    def shown(self, answer: Any) -> str:
        return str(answer)


@dataclass(frozen=True)
class Word:
    """A word, whatever its case."""

    wanted: str = "a word"

    def read(self, text: str) -> str:
        plain = text.strip().strip("\"'").strip()
        if not plain:
            raise WrongUse("the answer is empty; type a word")
        return plain

    def measured(self, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{value!r} is no word")
        return value.strip()

    def agrees(self, said: Any, true: Any) -> bool:
        return bool(said.lower() == true.lower())

    def shown(self, answer: Any) -> str:
        return str(answer)
