"""The guides for instructors and authors: every command runs as it stands, in a new folder."""

from __future__ import annotations

import doctest
import re
import subprocess
from pathlib import Path

import pytest

from tests import guide_class
from tests.classroom import environment

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# After each command: where it left us, so that the next one begins there.
FOLDER = "\necho; echo ::folder:: $(pwd)"


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of the console blocks, each with the output that the guide shows."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def run(command: str, folder: Path, variables: dict[str, str]) -> tuple[str, Path]:
    done = subprocess.run(
        ["bash", "-ec", command + FOLDER],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    output, _, place = done.stdout.partition("\n::folder:: ")
    assert done.returncode == 0, done.stdout
    return output, Path(place.strip())


def agrees(shown: str, output: str) -> bool:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(shown + "\n", output + "\n", flags)


def nothing(folder: Path) -> None:
    """An empty folder to begin in."""


@pytest.mark.parametrize(
    ("guide", "lay_out"),
    [
        ("instructors.md", nothing),
        ("class.md", guide_class.lay_out),
        ("own-course.md", nothing),
    ],
)
def test_a_guide_works_in_a_new_folder(tmp_path, guide, lay_out):
    listed = commands((DOCS / guide).read_text(encoding="utf-8"))
    assert len(listed) > 10
    variables = environment(tmp_path / "home")
    del variables["GRADSCHOOL_COURSE"]
    folder = tmp_path / "new"
    folder.mkdir()
    lay_out(folder)
    for command, shown in listed:
        output, folder = run(command, folder, variables)
        assert agrees(shown, output), f"$ {command}\n{output}\nand not\n{shown}"


@pytest.mark.parametrize(
    ("shown", "output", "same"),
    [("a...c\n", "abc\n", True), ("", "noise\n", False), ("a\n", "a\n\n", True)],
)
def test_the_guides_outputs_are_really_compared(shown, output, same):
    assert agrees(shown, output) is same
