"""When work was handed in, and whether late, from the source to all that tells of it."""

from __future__ import annotations

import csv
import datetime
import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.collecting import archive, collect, write
from tests.command import grad
from tests.made_class import zipped

pytestmark = pytest.mark.usefixtures("small_course")
DUE = "2026-11-01 12:00 UTC"
EARLY, LATE = (datetime.datetime(2026, 11, 1, hour, tzinfo=datetime.UTC) for hour in (10, 14))
METADATA = """---
submission_11:
  :submitters:
  - :sid: ada
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: &1 2026-11-01 10:00:00.123456000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Etc/UTC
    time: *1
  :score: 3.0
submission_12:
  :submitters:
  - :sid: bob
  :created_at: 2026-11-01 14:00:00 +00:00
"""
# Of each layout the files of ada, who is in time, and of bob, who is not; all have an old time.
TOLD = {
    "nbgrader": {
        "ada/sums/sums.ipynb": None,
        "ada/sums/timestamp.txt": b"2026-11-01 10:00:00.5 UTC",
        "bob/sums/sums.ipynb": None,
        "bob/sums/timestamp.txt": b"2026-11-01 15:00:00 Europe/Berlin\n",
    },
    "gradescope": {
        "submission_metadata.yml": METADATA.encode(),
        "submission_11/hw.ipynb": None,
        "submission_12/hw.ipynb": None,
    },
}
UNTOLD = {
    "canvas": ("ada_1_2_sums.ipynb", "bob_3_4_sums.ipynb"),
    "moodle": (
        "ada_1_assignsubmission_file/sums.ipynb",
        "bob_2_assignsubmission_file/sums.ipynb",
    ),
    "github": ("sums-ada/sums.ipynb", "sums-bob/sums.ipynb"),
}


def known(folder: Path) -> dict[str, tuple[str, str]]:
    """Of each student the time of hand-in in UTC, and whether it is late."""
    rows = [row for row in table(folder) if row["file"]]
    return {row["student"]: (in_utc(row["handed_in"]), row["late"]) for row in rows}


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "class" / "collected.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def in_utc(text: str) -> str:
    when = text and datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)
    return when and f"{when:%H:%M}"


def aged(path: Path, when: datetime.datetime) -> None:
    os.utime(path, (when.timestamp(), when.timestamp()))


@pytest.mark.parametrize("layout", TOLD)
def test_the_time_is_the_sources_own_word(tmp_path, right, layout):
    given = {name: right if content is None else content for name, content in TOLD[layout].items()}
    ran, _ = collect(tmp_path, archive(tmp_path / "all.zip", given), "--due", DUE)
    assert known(tmp_path) == {"ada": ("10:00", ""), "bob": ("14:00", "yes")}
    assert ran.out.endswith("\n2 new, 1 late\n") and ran.err == ""


@pytest.mark.parametrize("layout", UNTOLD)
def test_the_time_of_a_download_is_nobodys(tmp_path, right, layout):
    given = dict.fromkeys(UNTOLD[layout], right)
    if layout == "github":
        given |= {f"sums-{name}/.git/HEAD": b"" for name in ("ada", "bob")}
    ran, _ = collect(tmp_path, archive(tmp_path / "all.zip", given), "--due", "2000-01-01")
    assert known(tmp_path) == {"ada": ("", ""), "bob": ("", "")}
    assert "2 files come without a time of hand-in" in ran.err and "late" not in ran.out


def test_else_it_is_the_files_time_and_of_a_students_zip_the_zips(tmp_path, right):
    write(tmp_path / "given", {"ada/sums.ipynb": right})
    with zipfile.ZipFile(tmp_path / "given" / "bob.zip", "w") as made:
        by_bobs_clock = zipfile.ZipInfo("sums.ipynb", (2020, 1, 1, 0, 0, 0))
        made.writestr(by_bobs_clock, right)
    aged(tmp_path / "given" / "ada" / "sums.ipynb", EARLY)
    aged(tmp_path / "given" / "bob.zip", LATE)
    collect(tmp_path, tmp_path / "given", "--due", DUE)
    assert known(tmp_path) == {"ada": ("10:00", ""), "bob": ("14:00", "yes")}


def test_a_time_that_a_student_has_packed_or_made_up_is_not_believed(tmp_path, right):
    stamp = b"2026-11-01 01:00:00 UTC"
    inner = [("sums/sums.ipynb", right), ("sums/timestamp.txt", stamp)]
    given = {"bob.zip": zipped(inner), "cem/week/sums.ipynb": right}
    write(tmp_path / "given", {**given, "cem/week/timestamp.txt": stamp})
    for path in ("bob.zip", "cem/week/sums.ipynb"):
        aged(tmp_path / "given" / path, LATE)
    collect(tmp_path, tmp_path / "given", "--due", DUE)
    assert known(tmp_path) == {"bob": ("14:00", "yes"), "cem": ("14:00", "yes")}


def test_what_has_not_changed_was_handed_in_when_it_first_was_and_stays_late(tmp_path, right):
    path = write(tmp_path / "given", {"ada/sums.ipynb": right}) / "ada" / "sums.ipynb"
    aged(path, LATE)
    collect(tmp_path, tmp_path / "given", "--due", DUE)
    aged(path, LATE + datetime.timedelta(hours=2))
    collect(tmp_path, tmp_path / "given")
    assert known(tmp_path) == {"ada": ("14:00", "yes")}
    collect(tmp_path, tmp_path / "given", "--due", "2026-11-01 15:00 UTC")
    assert known(tmp_path) == {"ada": ("14:00", "")}


def test_an_older_file_that_is_left_out_changes_nothing_of_what_is_known(tmp_path, right):
    path = write(tmp_path / "given", {"ada/sums.ipynb": right}) / "ada" / "sums.ipynb"
    aged(path, LATE)
    collect(tmp_path, tmp_path / "given", "--due", DUE)
    path.write_bytes(right + b" ")
    aged(path, EARLY)
    ran, _ = collect(tmp_path, tmp_path / "given", "--due", DUE)
    assert "what is there is newer" in ran.out
    with (tmp_path / "class" / "collected.csv").open(newline="") as file:
        told = [
            (row["what"], in_utc(row["handed_in"]), row["late"]) for row in csv.DictReader(file)
        ]
    assert told == [("new", "14:00", "yes"), ("left out", "10:00", "")]


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "2026-11-01 10:00 Nowhere"])
def test_what_is_no_time_is_refused(tmp_path, text):
    ran = grad("class", "collect", tmp_path, "--into", tmp_path / "class", "--due", text)
    assert ran.code == 2 and f"'{text}' is no time; write it as" in ran.err


def test_lateness_is_in_the_report_and_the_exports_and_costs_no_points(tmp_path, right):
    given = {
        "ada/sums/sums.ipynb": right,
        "ada/sums/timestamp.txt": b"2026-11-01 10:00:00 UTC",
        "bob/sums/sums.ipynb": right + b"\n",
        "bob/sums/timestamp.txt": b"2026-11-01 14:00:00 UTC",
    }
    collect(tmp_path, write(tmp_path / "given", given), "--due", DUE)
    folder = tmp_path / "class"
    assert grad("class", "grade", folder, "--jobs", 1).code == 0
    for command in (("report",), ("export", "--to", "csv"), ("export", "--to", "json")):
        assert grad("class", command[0], folder, *command[1:]).code == 0
    page = (folder / "report.html").read_text()
    assert "<li><b>1</b> late</li>" in page and page.count(" late</td>") == 1
    with (folder / "export" / "sums.csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert in_utc(rows["ada"]["handed_in"]) == "10:00" and rows["ada"]["late"] == ""
    assert in_utc(rows["bob"]["handed_in"]) == "14:00" and rows["bob"]["late"] == "yes"
    assert rows["ada"]["points"] == rows["bob"]["points"] == "6"
    with (folder / "export" / "lessons.csv").open(newline="") as file:
        assert {row["student"]: row["late"] for row in csv.DictReader(file)} == {
            "ada": "",
            "bob": "sums",
        }
    lines = (folder / "export" / "results.jsonl").read_text().splitlines()
    told = [(in_utc(each["handed_in"]), each["late"]) for each in map(json.loads, lines)]
    assert told == [("10:00", False), ("14:00", True)]


def test_where_nobody_knows_when_there_is_no_column(tmp_path, right):
    collect(tmp_path, archive(tmp_path / "c.zip", {"ada_1_2_sums.ipynb": right}))
    assert grad("class", "grade", tmp_path / "class", "--jobs", 1).code == 0
    assert grad("class", "report", tmp_path / "class").code == 0
    page = (tmp_path / "class" / "report.html").read_text()
    assert "Handed in" not in page and "late</li>" not in page
