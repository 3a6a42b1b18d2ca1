"""Makes `play_small.txt`: a play of our own for the lessons on text, where there is no network.

    python data/make_play.py

`play_grammar.txt` holds the grammar and all the words. The same program makes the same bytes
everywhere: of Python's random numbers it uses only `random()`, which gives the same sequence for a
seed in every version.
"""

import random
import textwrap
from pathlib import Path

SEED = 1616
CHARACTERS = 240_000
WIDTH = 46


class Playwright:
    """Writes speeches, scene by scene; all its choices come from one seed."""

    def __init__(self, grammar: dict[str, list[str]], seed: int):
        self.grammar = dict(grammar)
        self.random = random.Random(seed).random
        self.speakers = [entry.split(": ") for entry in grammar["speakers"]]
        self.places = [symbol for symbol in grammar if symbol.startswith("things of ")]

    def choose(self, options: list):
        return options[int(self.random() * len(options))]

    def between(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def write(self, symbol: str) -> str:
        """A choice of a symbol, with every symbol in it written out, from left to right."""
        text = self.choose(self.grammar[symbol])
        while "{" in text:
            before, _, rest = text.partition("{")
            inner, _, after = rest.partition("}")
            text = before + self.write(inner) + after
        return text

    def sentence(self, manner: str) -> str:
        text = self.write(manner).replace("?,", ",").replace("!,", ",")
        return text[0].upper() + text[1:] + ("" if text[-1] in "!?" else ".")

    def speech(self, speaker: str, manner: str) -> str:
        """Mostly one or two sentences, at times six, in lines that begin with a capital."""
        count = 1 + int(self.random() * self.random() * 6)
        said = " ".join(self.sentence(manner) for _ in range(count))
        lines = [line[0].upper() + line[1:] for line in textwrap.wrap(said, WIDTH)]
        return "\n".join([f"{speaker}:", *lines]) + "\n\n"

    def scene(self) -> str:
        """Speeches among a few people about the things of one place; nobody follows himself."""
        self.grammar["thing"] = self.grammar[self.choose(self.places)]
        present = [self.choose(self.speakers) for _ in range(self.between(2, 5))]
        speeches, latest = [], None
        for _ in range(self.between(8, 23)):
            others = [entry for entry in present if entry is not latest]
            latest = self.choose(others or self.speakers)
            speeches.append(self.speech(*latest))
        return "".join(speeches)

    def play(self, characters: int) -> str:
        text = ""
        while len(text) < characters:
            text += self.scene()
        return text.rstrip("\n") + "\n"


def read_grammar(text: str) -> dict[str, list[str]]:
    """The choices of each symbol: a line that ends in a colon names it, indented lines follow."""
    grammar: dict[str, list[str]] = {}
    choices: list[str] = []
    for line in text.splitlines():
        if line.startswith("  "):
            choices.append(line.strip())
        elif line.endswith(":"):
            choices = grammar[line[:-1]] = []
    return grammar


def make() -> str:
    """The whole play; the same text each time."""
    grammar = Path(__file__).with_name("play_grammar.txt").read_text(encoding="ascii")
    return Playwright(read_grammar(grammar), SEED).play(CHARACTERS)


if __name__ == "__main__":
    Path(__file__).with_name("play_small.txt").write_bytes(make().encode("ascii"))
