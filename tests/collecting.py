"""Sources to collect from, and what became of them."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.command import Ran, grad
from tests.made_class import zipped


def collect(folder: Path, *given: object) -> tuple[Ran, dict[tuple[str, str], dict[str, str]]]:
    """Run the command, and give the table's rows by student and by the end of the source's name."""
    ran = grad("class", "collect", *given, "--into", folder / "class")
    with (folder / "class" / "collected.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return ran, {(row["student"], row["source"].rpartition("/")[2]): row for row in rows}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def archive(path: Path, files: dict[str, bytes]) -> Path:
    path.write_bytes(zipped(files.items()))
    return path


def submitted(folder: Path) -> dict[str, bytes]:
    root = folder / "class" / "submitted"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
