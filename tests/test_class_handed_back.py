"""`grad class feedback --to`: zips that Moodle and Canvas hand back to those whose work they gave.

What the two read in a name is as their own importers do it: Moodle's `assignfeedback_file`
(`importziplib.php`), Canvas's `infer_comment_context_from_filename`.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import nbformat
import pytest

from tests.collecting import archive, collect, write
from tests.command import grad
from tests.made_class import zipped

pytestmark = pytest.mark.usefixtures("small_course")


def handed_back(tmp_path: Path, platform: str, code: int = 0) -> tuple[str, dict[str, bytes]]:
    """What the command says, and the files of its zip, after collecting and grading."""
    folder = tmp_path / "class"
    assert grad("class", "grade", folder, "--jobs", 1).code in (0, 3)
    ran = grad("class", "feedback", folder, "--to", platform)
    assert ran.code == code, ran.err
    path = folder / "feedback" / f"sums-{platform}.zip"
    return ran.out + ran.err, files(path.read_bytes()) if code == 0 else {}


def files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def moodle_reads(path: str, *, least: int) -> tuple[str, str] | None:
    """The participant's number, and the name under which the student is shown the file.

    least: so many parts between underscores; 5 before Moodle 4.1, and 4 since.
    """
    parts = path.split("/")
    while parts:
        name, *about = parts.pop(0).split("_", 4)
        if len(about) >= least - 1 and about[0].isdecimal() and name:
            assert about[1:3] == ["assignsubmission", "file"]
            return about[0], "/".join([*about[3:], *parts]).lstrip("/")
    return None


def canvas_reads(path: str) -> tuple[str, str]:
    """The numbers of the user and of the file that was handed in."""
    user, attachment = [part for part in Path(path).name.split("_") if part.isdecimal()][:2]
    return user, attachment


@pytest.mark.parametrize(
    ("least", "ada", "bob"),
    [
        (4, "Ada L_71_assignsubmission_file/sums.ipynb", "Bob_72_assignsubmission_file/x/hw.ipynb"),
        (5, "Ada L_71_assignsubmission_file_/sums.ipynb", "Bob_72_assignsubmission_file_/hw.zip"),
        (5, "Ada L_71_assignsubmission_file_sums.py", "Bob_72_assignsubmission_file_hw.ipynb"),
        (5, "Ada L_71_assignsubmission_file_hw.zip", "Bob_72_assignsubmission_file_hw 2.zip"),
    ],
)
@pytest.mark.parametrize("as_zip", [False, True])
def test_moodle_finds_everybodys_page(tmp_path, solution, right, least, ada, bob, as_zip):
    content = {
        "ipynb": right,
        "py": solution.encode(),
        "zip": zipped([("deep/sums.ipynb", right)]),
    }
    given = {name: content[name.rpartition(".")[2]] for name in (ada, bob)}
    if as_zip:
        collect(tmp_path, archive(tmp_path / "all.zip", given))
    else:
        collect(tmp_path, write(tmp_path / "all", given))
    said, found = handed_back(tmp_path, "moodle")
    read = {moodle_reads(name, least=least) for name in found}
    assert read == {("71", "sums.html"), ("72", "sums.html")}
    assert all(b"6 of 6 points" in page for page in found.values())
    assert {name.partition("_")[0] for name in found} == {"Ada L", "Bob"}
    assert "The feedback on 2 submissions is in" in said and "feedback files in a zip" in said


def test_canvas_finds_everybodys_file_under_the_name_that_was_downloaded(tmp_path, solution, right):
    given = {
        "lovelaceada_1201_9001_sums-1.ipynb": right,
        "bob_LATE_1202_9002_my_2_sums.py": solution.replace("sum(xs) / len(xs)", "0").encode(),
        "cem_1203_9003_hw.zip": zipped([("work/sums.ipynb", right)]),
        "dan_1204_9004_sums.ipynb": b"{broken",
        "cem_1203_9005_notes.txt": b"",
    }
    collect(tmp_path, archive(tmp_path / "canvas.zip", given))
    said, found = handed_back(tmp_path, "canvas")
    assert set(found) == set(given) - {"cem_1203_9005_notes.txt"}
    assert {canvas_reads(name) for name in found} == {
        ("1201", "9001"),
        ("1202", "9002"),
        ("1203", "9003"),
        ("1204", "9004"),
    }
    for name in ("lovelaceada_1201_9001_sums-1.ipynb", "dan_1204_9004_sums.ipynb"):
        nbformat.validate(nbformat.from_dict(json.loads(found[name])))
    (cell,) = json.loads(found["lovelaceada_1201_9001_sums-1.ipynb"])["cells"]
    assert cell["cell_type"] == "markdown" and "**6 of 6 points**" in cell["source"]
    assert b"It could not be graded" in found["dan_1204_9004_sums.ipynb"]
    script = found["bob_LATE_1202_9002_my_2_sums.py"].decode()
    assert "# ## `mean`: wrong" in script and compile(script, "sums.py", "exec")
    assert b"6 of 6 points" in files(found["cem_1203_9003_hw.zip"])["sums.html"]
    assert "4 submissions" in said and "Re-Upload Submissions" in said


def test_a_zip_that_was_unpacked_before_it_was_collected_goes_back_as_a_zip(tmp_path, right):
    given = {"ada_1_2_sums.ipynb": right, "bob_3_4_hw/sums.ipynb": right}
    collect(tmp_path, write(tmp_path / "all", given))
    assert set(handed_back(tmp_path, "canvas")[1]) == {"ada_1_2_sums.ipynb", "bob_3_4_hw.zip"}


def test_whose_work_is_of_another_source_is_named_and_left_out(tmp_path, right):
    collect(tmp_path, archive(tmp_path / "c.zip", {"ada_1_2_sums.ipynb": right}))
    collect(tmp_path, write(tmp_path / "more", {"bob/sums.ipynb": right}))
    said, found = handed_back(tmp_path, "canvas")
    assert set(found) == {"ada_1_2_sums.ipynb"}
    assert "sums: 1 submission not from Canvas left out: bob" in said
    said, _ = handed_back(tmp_path, "moodle", code=2)
    assert "nothing in" in said and "was collected from Moodle" in said


def test_who_was_dropped_gets_nothing(tmp_path, right):
    given = {"ada_1_2_sums.ipynb": right, "bob_3_4_sums.ipynb": right}
    collect(tmp_path, archive(tmp_path / "c.zip", given))
    assert grad("class", "drop", tmp_path / "class", "bob").code == 0
    assert set(handed_back(tmp_path, "canvas")[1]) == {"ada_1_2_sums.ipynb"}
