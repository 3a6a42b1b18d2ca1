"""Who has handed in what and when, in the file that Gradescope puts beside an export's folders.

It is read as a stream, in which Gradescope's own objects are passed by and nothing that is referred
to is made again: what it takes grows with the bytes, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.classroom.times import utc_seconds_of
from autograder.lessons.errors import WrongUse

METADATA = "submission_metadata.yml"
# A submission takes 400 bytes without its results: ten thousand take a quarter of this.
MAX_METADATA = 16 * 2**20
# Of a name, a number or an address.
_LONGEST = 1000
# A person's own entries are below folder, `:submitters`, number, field; no other is deeper.
_DEPTH = 4
# YAML's own reader takes time with the square of the depth.
_DEEPEST = 100

Members = list[dict[str, str]]
Times = dict[str, float | None]


def submitters(content: bytes) -> tuple[dict[str, Members], Times]:
    """Of each folder those who have handed it in, and when. Raises WrongUse where it is damaged."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, dict[str, dict[str, str]]] = {}
    times: Times = {}
    try:
        events = yaml.parse(content.decode("utf-8", "replace"), Loader=loader)
        for path, text in _leaves(events):
            match path:
                case folder, ":submitters", number, field:
                    found.setdefault(folder, {}).setdefault(number, {})[field] = text
                case (folder, ":created_at") | (folder, ":created_at", "utc"):
                    times[folder] = utc_seconds_of(text)
    except (yaml.YAMLError, ValueError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" at line {where.line + 1}" if where else ""
        raise WrongUse(f"it is no YAML that can be read{line}; export it again") from None
    return {folder: list(members.values()) for folder, members in found.items()}, times


@dataclass
class _Level:
    """A list or a mapping that is being read, and under which key or number its next value is."""

    is_mapping: bool
    key: str = ""
    count: int = 0

    def add(self, text: str) -> bool:
        """A node begins; whether it is a value, and not a key."""
        is_key = self.is_mapping and self.count % 2 == 0
        if is_key or not self.is_mapping:
            self.key = text if is_key else str(self.count)
        self.count += 1
        return not is_key


def _leaves(events: Iterable[Any]) -> Iterator[tuple[list[str], str]]:
    """The texts up to `_DEPTH`, each with the keys that lead there; one that is said again too."""
    import yaml

    levels: list[_Level] = []
    texts: dict[str, str] = {}
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            if levels:
                levels[-1].add("")
            levels.append(_Level(isinstance(event, yaml.MappingStartEvent)))
            if len(levels) > _DEEPEST:
                raise ValueError("nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            levels.pop()
        elif isinstance(event, yaml.NodeEvent):
            text = texts.get(event.anchor, "")
            if isinstance(event, yaml.ScalarEvent):
                text = event.value[:_LONGEST]
                if event.anchor:
                    texts[event.anchor] = text
            if levels and levels[-1].add(text) and len(levels) <= _DEPTH:
                yield [level.key for level in levels], text
