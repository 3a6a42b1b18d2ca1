"""`grad class collect` and archives that mean harm: nothing leaves the folder, all is bounded."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.classroom import collecting, tally
from autograder.classroom.layouts import safe_name
from tests.collecting import archive, collect, submitted, write
from tests.command import grad
from tests.conftest import MINIATURE
from tests.made_class import as_notebook


@pytest.fixture(autouse=True)
def _course(monkeypatch):
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))


@pytest.fixture
def right(solution) -> bytes:
    return as_notebook(solution).encode()


def test_no_path_of_a_zip_leads_anywhere_and_no_link_is_followed(tmp_path, right):
    link = zipfile.ZipInfo("ada_1_2_sums.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(link, "/etc/passwd")
        for name in ("../../out/sums.ipynb", "/abs/sums.ipynb", "..\\bob_1_2_sums.ipynb"):
            made.writestr(name, right)
        made.writestr("../sums/x.ipynb", right)
        made.writestr("cy_3_4_sums.ipynb", right)
    (tmp_path / "bad.zip").write_bytes(buffer.getvalue())
    before = {path for path in tmp_path.rglob("*") if "class" not in path.parts}
    ran, _ = collect(tmp_path, tmp_path / "bad.zip")
    assert set(submitted(tmp_path)) == {"cy/sums/sums.ipynb"}
    assert ran.out.count("leads out of the zip") == 4 and ran.out.count("it is a link") == 1
    assert before == {path for path in tmp_path.rglob("*") if "class" not in path.parts}


def test_a_linked_folder_of_a_student_is_not_written_into(tmp_path, right):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "class" / "submitted").mkdir(parents=True)
    (tmp_path / "class" / "submitted" / "ada").symlink_to(tmp_path / "elsewhere")
    ran, _ = collect(tmp_path, write(tmp_path / "given", {"ada/sums.ipynb": right}))
    assert "symbolic link" in ran.out and not list((tmp_path / "elsewhere").iterdir())


def test_zip_bombs_are_bounded(tmp_path, right, monkeypatch):
    monkeypatch.setattr(collecting, "MAX_NOTEBOOK", 2**20)
    bomb = {"ada_1_2_sums.ipynb": bytes(5 * 2**20), "bob_3_4_sums.ipynb": right}
    ran, rows = collect(tmp_path, archive(tmp_path / "bomb.zip", bomb))
    assert "more than 1 MiB" in rows["ada", "ada_1_2_sums.ipynb"]["why"]
    assert set(submitted(tmp_path)) == {"bob/sums/sums.ipynb"}
    monkeypatch.setattr(tally, "MAX_FILES", 10)
    many = archive(tmp_path / "many.zip", {f"s{n}/a.ipynb": right for n in range(20)})
    ran = grad("class", "collect", many, "--into", tmp_path / "class")
    assert ran.code == 2 and "more than 10 files" in ran.err
    monkeypatch.setattr(tally, "MAX_UNPACKED", 1000)
    few = archive(tmp_path / "few.zip", {"s1/a.ipynb": right, "s2/a.ipynb": right})
    ran = grad("class", "collect", few, "--into", tmp_path / "class")
    assert ran.code == 2 and "unpacked" in ran.err
    assert set(submitted(tmp_path)) == {"bob/sums/sums.ipynb"}


@given(st.text(max_size=200))
def test_a_name_leads_to_one_folder_here(text):
    name = safe_name(text)
    assert "/" not in name and "\\" not in name and not name.startswith((".", "-"))
    assert len(name.encode()) <= 80 and name == safe_name(name)
