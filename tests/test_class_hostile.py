"""`grad class collect` and archives that mean harm: nothing leaves the folder, all is bounded."""

from __future__ import annotations

import io
import os
import signal
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.classroom import collecting, sources, tally
from autograder.classroom.folder_names import safe_name
from tests.collecting import archive, collect, submitted, write
from tests.command import grad
from tests.made_class import zipped

pytestmark = pytest.mark.usefixtures("small_course")


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
    assert "4 files: its name leads out of the zip" in ran.out and "it is a link" in ran.out
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
    assert ran.code == 2 and "more than 10 files, most of them in 's0'" in ran.err
    monkeypatch.setattr(tally, "MAX_UNPACKED", 1000)
    few = archive(tmp_path / "few.zip", {"s1/a.ipynb": right, "s2/a.ipynb": right})
    ran = grad("class", "collect", few, "--into", tmp_path / "class")
    assert ran.code == 2 and "unpacked" in ran.err
    assert set(submitted(tmp_path)) == {"bob/sums/sums.ipynb"}


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_who_hands_in_too_much_costs_nobody_else(tmp_path, right, monkeypatch, form):
    monkeypatch.setattr(tally, "MAX_OWN_FILES", 10)
    monkeypatch.setattr(tally, "MAX_OWN_WORK", 6)
    monkeypatch.setattr(tally, "MAX_OWN_UNPACKED", 2**20)
    large = right.replace(
        b'"metadata": {}', b'"metadata": {"x": "' + bytes(2**18).hex().encode() + b'"}', 1
    )
    full = zipped([("a.zip", zipped([("x", os.urandom(2**20))]))])
    given = {
        "many_1_2_hw.zip": zipped([("0.ipynb", right), *((f"{n}", b"") for n in range(20))]),
        "full_3_4_hw.zip": full,
        "large_5_6_hw.zip": zipped([(f"{n}.ipynb", large) for n in range(5)]),
        "large_5_7_more.ipynb": right,
        "code_6_8_hw.zip": zipped([(f"{n}.ipynb", right) for n in range(8)]),
        "venv_7_8_hw.zip": zipped(
            [("v/lib/site-packages/x.py", b""), *((f".git/{n}", b"") for n in range(20))]
        ),
        "ada_8_9_sums.ipynb": right,
    }
    if form == "zip":
        ran, rows = collect(tmp_path, archive(tmp_path / "c.zip", given))
    else:
        ran, rows = collect(tmp_path, write(tmp_path / "c", given))
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb"}, ran.out
    assert rows["many", "many_1"]["why"] == "there are more than 10 files; nothing of it is taken"
    assert rows["code", "code_6"]["why"].startswith("there are more than 6 scripts and notebooks;")
    for name in ("full_3", "large_5"):
        row = rows[name.partition("_")[0], name]
        assert "more than 1 MiB unpacked; nothing of it" in row["why"]
    assert ran.code == 1 and len(ran.out.splitlines()) == 6


def test_a_zip_with_a_long_table_of_contents_is_not_opened(tmp_path, right, monkeypatch):
    monkeypatch.setattr(sources, "MAX_CONTENTS", 1000)
    given = {
        "bob_1_2_hw.zip": zipped([(f"{n}.txt", b"") for n in range(100)]),
        "ada_8_9_hw.zip": zipped([("sums.ipynb", right)]),
    }
    ran, _ = collect(tmp_path, archive(tmp_path / "c.zip", given))
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb"}
    assert "bob_1_2_hw.zip: its table of contents is too long" in ran.out


def broken(content: bytes, kind: int) -> bytes:
    """A zip of one notebook, in which nothing of the compressed bytes is left but their head."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as made:
        made.writestr("sums.ipynb", content)
    raw = bytearray(buffer.getvalue())
    start = 30 + len("sums.ipynb")
    raw[start + 12 : start + 200] = bytes(range(188))
    return bytes(raw)


def with_field(content: bytes, at: int, form: str, value: int) -> bytes:
    """A zip of one notebook, with one number of its table of contents changed."""
    raw = bytearray(zipped([("sums.ipynb", content)]))
    struct.pack_into(form, raw, raw.rfind(b"PK\x01\x02") + at, value)
    return bytes(raw)


def test_what_cannot_be_unpacked_is_told_and_the_others_go_on(tmp_path, right):
    properties = bytearray(broken(right, zipfile.ZIP_LZMA))
    properties[30 + len("sums.ipynb") + 4] = 0xFF
    bad = {
        "deflate": broken(right, zipfile.ZIP_DEFLATED),
        "bzip2": broken(right, zipfile.ZIP_BZIP2),
        "lzma": broken(right, zipfile.ZIP_LZMA),
        "properties": bytes(properties),
        "elsewhere": with_field(right, 42, "<I", 10**6),
        "method": with_field(right, 10, "<H", 77),
        "short": with_field(right, 20, "<I", 5),
        "sum": with_field(right, 16, "<I", 7),
    }
    given = {f"{name}_{n}_1_hw.zip": content for n, (name, content) in enumerate(bad.items())}
    ran, rows = collect(tmp_path, archive(tmp_path / "c.zip", {**given, "ada_99_1_x.ipynb": right}))
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb"}
    assert {student for student, _ in rows} == {*bad, "ada"} and ran.code == 1
    for name in bad:
        assert rows[name, "sums.ipynb"]["why"].startswith("it cannot be unpacked (")


def test_an_entry_without_a_name_stops_nothing(tmp_path, right):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(zipfile.ZipInfo("x"), b"")
        made.filelist[0].filename = ""
        made.writestr("ada_1_2_sums.ipynb", right)
    (tmp_path / "c.zip").write_bytes(buffer.getvalue())
    collect(tmp_path, tmp_path / "c.zip")
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb"}


def test_no_name_makes_a_row_or_moves_the_cursor(tmp_path, right):
    fake = "x\nnew        ada  sums  c.zip/ada_1_2_sums.ipynb\u2028\x1b[2J\u202e.txt"
    given = {"bob_1_2_hw.zip": zipped([(fake, b""), (f"{fake}.ipynb", right)])}
    ran, rows = collect(tmp_path, archive(tmp_path / "c.zip", given))
    assert len(ran.out.splitlines()) == 3 and len(rows) == 2
    table = (tmp_path / "class" / "collected.csv").read_text()
    for text in (ran.out, table):
        assert "\\x1b[2J\\u202e" in text and "\\n" in text
        assert not set("\x1b\u202e\u2028\r") & set(text)


def test_a_long_name_keeps_its_ending_and_the_table_can_be_read_again(tmp_path, right):
    given = {"bob_1_2_hw.zip": zipped([("x" * 500 + ".ipynb", right), ("\x1b" * 60_000, b"")])}
    for _ in range(2):
        collect(tmp_path, archive(tmp_path / "c.zip", given))
    assert set(submitted(tmp_path)) == {"bob/sums/sums.ipynb"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_names_whose_bytes_are_no_text_are_taken_under_others(tmp_path, right):
    folder = os.fsencode(tmp_path / "given")
    for name in (b"m\xffl/sums.ipynb", b"bob/\xff\xfe.ipynb", b"bob/\xff.txt", b"\xff.ipynb"):
        os.makedirs(os.path.dirname(folder + b"/" + name), exist_ok=True)
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(right)
    ran, _ = collect(tmp_path, tmp_path / "given")
    assert set(submitted(tmp_path)) == {"m_udcffl/sums/sums.ipynb", "bob/sums/sums.ipynb"}
    assert "given/\\udcff.ipynb: who handed it in" in ran.out


def test_a_file_of_two_names_is_not_taken(tmp_path, right):
    given = write(tmp_path / "given", {"ada/sums.ipynb": right, "bob/notes.txt": b""})
    os.link(given / "ada" / "sums.ipynb", given / "bob" / "sums.ipynb")
    ran, _ = collect(tmp_path, given)
    assert ran.out.count("a hard link") == 2 and not submitted(tmp_path)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_what_a_killed_run_has_left_is_removed_and_two_do_not_meet(tmp_path, right):
    given = archive(tmp_path / "c.zip", {"ada_1_2_sums.ipynb": right})
    inside = tmp_path / "class"
    code = (
        "import sys, time; from pathlib import Path; from autograder.classroom import collecting\n"
        "with collecting._staging(Path(sys.argv[1])): print('in', flush=True); time.sleep(600)"
    )
    inside.mkdir()
    with subprocess.Popen([sys.executable, "-c", code, inside], stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline() == b"in\n"
        ran = grad("class", "collect", given, "--into", inside)
        assert ran.code == 2 and "another `grad class collect` is at work" in ran.err
        assert len(list(inside.glob(".collecting-*"))) == 1
        other.kill()
    assert list(inside.glob(".collecting-*"))
    assert collect(tmp_path, given)[0].code == 0
    assert not list(inside.glob(".collecting-*"))


@given(st.text(max_size=200))
def test_a_name_leads_to_one_folder_here(text):
    name = safe_name(text)
    assert "/" not in name and "\\" not in name and not name.startswith((".", "-"))
    assert len(name.encode()) <= 80 and name == safe_name(name)
