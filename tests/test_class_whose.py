"""`grad class collect`: a student is who the platform says, whatever others call their files."""

from __future__ import annotations

import pytest

from tests.collecting import archive, collect, submitted, write
from tests.made_class import as_notebook, zipped

Files = dict[str, bytes]


pytestmark = pytest.mark.usefixtures("small_course")


@pytest.fixture
def wrong(solution) -> bytes:
    return as_notebook(solution.replace("sum(xs) / len(xs)", "0.0")).encode()


NAMES = [
    "{ada}/sums/sums.ipynb",
    "{ada}/sums.ipynb",
    "submitted/{ada}/sums/sums.ipynb",
    "sums-{ada}/sums.ipynb",
    "{ada}_71_assignsubmission_file_/sums.ipynb",
    "{ada}_71_assignsubmission_file_sums.ipynb",
    "{ada}_71_9001_sums.ipynb",
    "{ada}_LATE_71_9001_sums.ipynb",
    "submission_11/sums.ipynb",
    "assignment_9_export/submission_11/sums.ipynb",
]
METADATA = """\
submission_{0}:
  :submitters:
  - :name: Ada
    :sid: ada
    :email: ada@uni.edu
submission_{1}:
  :submitters:
  - :name: Mallory
    :sid: mallory
    :email: mallory@uni.edu
"""
TOP = METADATA.format(11, 12).encode()
# Of each layout: Ada's work, Mallory's place, and what lies beside.
LAYOUTS: dict[str, tuple[str, str, Files]] = {
    "nbgrader": ("submitted/ada/sums/sums.ipynb", "submitted/mallory/sums", {}),
    "canvas": ("ada_71_9001_sums.ipynb", "mallory_72_9002_hw", {}),
    "moodle": (
        "ada_71_assignsubmission_file_/sums.ipynb",
        "mallory_72_assignsubmission_file_",
        {},
    ),
    "moodle, flat": (
        "ada_71_assignsubmission_file_sums.ipynb",
        "mallory_72_assignsubmission_file_hw",
        {},
    ),
    "gradescope": (
        "assignment_9_export/submission_11/sums.ipynb",
        "assignment_9_export/submission_12",
        {"assignment_9_export/submission_metadata.yml": TOP},
    ),
    "gradescope, its folder": (
        "submission_11/sums.ipynb",
        "submission_12",
        {"submission_metadata.yml": TOP},
    ),
    "github": (
        "sums-ada/sums.ipynb",
        "sums-mallory",
        {"sums-ada/.git/HEAD": b"", "sums-mallory/.git/HEAD": b""},
    ),
    "folders": ("ada/sums.ipynb", "mallory", {}),
}


@pytest.mark.parametrize("form", ["zip", "folder", "zip in zip", "zip in folder"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_in_a_students_own_place_is_another_students(tmp_path, right, wrong, layout, form):
    ada, mallory, beside = LAYOUTS[layout]
    own = {name.format(ada="ada"): wrong for name in NAMES}
    own |= {"submission_metadata.yml": METADATA.format(12, 11).encode(), ".git/HEAD": b""}
    own |= {"ada/.git/HEAD": b"", "sums-ada/.git/HEAD": b""}
    if form.startswith("zip in"):
        theirs = {f"{mallory}.zip": zipped(own.items())}
    else:
        theirs = {f"{mallory}/{name}": content for name, content in own.items()}
    given = {ada: right, **beside, **theirs}
    if form in ("zip", "zip in zip"):
        ran, rows = collect(tmp_path, archive(tmp_path / "given.zip", given))
    else:
        ran, rows = collect(tmp_path, write(tmp_path / "given", given))
    assert submitted(tmp_path) == {
        "ada/sums/sums.ipynb": right,
        "mallory/sums/sums.ipynb": wrong,
    }, ran.out
    assert {student for student, _ in rows} <= {"ada", "mallory", ""}


@pytest.mark.parametrize(
    "name",
    [
        "mallory_72_9002_ada_71_assignsubmission_file_sums.ipynb",
        "mallory_72_9002_ada_71_9001_sums.ipynb",
        "mallory_LATE_72_9002__71_assignsubmission_file_sums.ipynb",
    ],
)
def test_what_a_file_is_called_changes_no_student_of_canvas(tmp_path, right, wrong, name):
    many = {f"mallory_72_{n}_ada_71_assignsubmission_file_{n}.txt": b"" for n in range(20)}
    given = {"ada_71_9001_sums.ipynb": right, name: wrong, **many}
    collect(tmp_path, archive(tmp_path / "c.zip", given))
    assert submitted(tmp_path) == {"ada/sums/sums.ipynb": right, "mallory/sums/sums.ipynb": wrong}


def test_a_name_in_moodle_with_two_numbers_is_nobodys(tmp_path, right, wrong):
    given = {
        "ada_71_assignsubmission_file_sums.ipynb": right,
        "ada_71_assignsubmission_file_72_assignsubmission_file_sums.ipynb": wrong,
        "bob_73_assignsubmission_file_x_1_2_sums.ipynb": right,
    }
    ran, _ = collect(tmp_path, archive(tmp_path / "m.zip", given))
    assert submitted(tmp_path) == {"ada/sums/sums.ipynb": right, "bob/sums/sums.ipynb": right}
    assert "who handed it in cannot be told" in ran.out and ran.code == 1


def test_a_repository_of_ones_own_cuts_nothing_off_a_name(tmp_path, right, wrong):
    given = {"ada/a.ipynb": right, "smith-ada/b.ipynb": wrong, "cy/c.ipynb": right}
    write(tmp_path / "given", {**given, "smith-ada/.git/HEAD": b""})
    collect(tmp_path, tmp_path / "given")
    names = ("ada", "smith-ada", "cy")
    assert set(submitted(tmp_path)) == {f"{name}/sums/sums.ipynb" for name in names}
    assert submitted(tmp_path)["ada/sums/sums.ipynb"] == right


def test_a_single_folder_of_a_source_is_a_student_unless_it_looks_like_several(tmp_path, right):
    one = write(tmp_path / "one", {"mallory/ada/sums.ipynb": right})
    collect(tmp_path, one)
    assert set(submitted(tmp_path)) == {"mallory/sums/sums.ipynb"}
    two = {"late/ada/sums.ipynb": right, "late/bob/sums.ipynb": right}
    ran, _ = collect(tmp_path / "2", write(tmp_path / "two", two))
    assert "'late' may be one student's, or hold the work of several" in ran.out
    assert ran.code == 1 and not submitted(tmp_path / "2")
    collect(tmp_path / "2", tmp_path / "two" / "late")
    assert set(submitted(tmp_path / "2")) == {"ada/sums/sums.ipynb", "bob/sums/sums.ipynb"}


def test_a_folder_in_a_zip_can_be_the_source(tmp_path, right):
    given = {"week/ada/sums.ipynb": right, "week/bob/sums.ipynb": right, "notes/cy/x.ipynb": right}
    path = archive(tmp_path / "all.zip", given)
    ran, rows = collect(tmp_path, path / "week")
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb", "bob/sums/sums.ipynb"}
    assert ran.code == 0 and len(rows) == 2


def test_a_zip_of_one_folder_of_its_own_name_is_that_folder(tmp_path, right):
    given = {"spring/ada/sums.ipynb": right, "spring/bob/sums.ipynb": right, "README.md": b""}
    ran, _ = collect(tmp_path, archive(tmp_path / "spring (1).zip", given))
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb", "bob/sums/sums.ipynb"}
    assert ran.code == 0


def test_what_lies_beside_the_folder_of_all_is_not_taken_for_it(tmp_path, right):
    students = {f"submitted/{name}/sums/sums.ipynb": right for name in ("ada", "bob")}
    course = write(tmp_path / "course", {**students, "cy/sums.ipynb": right})
    write(course, {f"dan/plot_{n}_{n}_.png": b"" for n in range(3)} | {"dan/sums.ipynb": right})
    ran, _ = collect(tmp_path, course)
    assert ran.out.count("'submitted' may be one student's, or hold the work of several") == 2
    assert set(submitted(tmp_path)) == {"cy/sums/sums.ipynb", "dan/sums/sums.ipynb"}


def test_a_download_in_a_folder_of_downloads_is_told(tmp_path, right):
    canvas = zipped([(f"s{n}_{n}_{n}_sums.ipynb", right) for n in range(3)])
    folder = write(tmp_path / "downloads", {"canvas.zip": canvas, "ada/sums.ipynb": right})
    ran, _ = collect(tmp_path, folder)
    assert ran.out.count("'canvas' may be one student's, or hold the work of several") == 3
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb"}
    collect(tmp_path, folder / "canvas.zip")
    assert len(submitted(tmp_path)) == 4


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"submission_11: [", "it is no YAML that can be read"),
        (b"[" * 200_000, "it is no YAML that can be read"),
        (b"x: y\n" * 10, "does not say who handed it in"),
        (b"a: b\n" * 4_000_000, "more than 16 MiB"),
    ],
)
def test_metadata_of_gradescope_that_says_nothing_is_told(tmp_path, right, content, sentence):
    given = {"submission_11/sums.ipynb": right, "submission_metadata.yml": content}
    ran, _ = collect(tmp_path, archive(tmp_path / "g.zip", given))
    assert ran.code == 1 and sentence in ran.out and not submitted(tmp_path)


def test_metadata_that_refers_to_itself_is_read_in_time_with_its_bytes(tmp_path, right):
    rows = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    text = "\n".join(["a0: &a0 [x, x]", *rows, "said: &ada Ada", "submission_11:"])
    text += (
        "\n  :submitters:\n  - :name: *ada\n    :sid: *a9\n    ? [no, key]\n    : !ruby/object:X {}"
    )
    text += "\n  :created_at: *a9\n"
    given = {"submission_11/sums.ipynb": right, "submission_metadata.yml": text.encode()}
    collect(tmp_path, archive(tmp_path / "g.zip", given))
    assert set(submitted(tmp_path)) == {"Ada/sums/sums.ipynb"}


def test_metadata_of_ten_thousand_is_read(tmp_path, right):
    one = METADATA.split("submission_{1}")[0].replace("ada", "student{0}@uni.edu")
    text = "".join(one.format(n) + f"  :created_at: &{n} 2026-11-01\n" for n in range(10**4))
    given = {"submission_9999/sums.ipynb": right, "submission_metadata.yml": text.encode()}
    collect(tmp_path, archive(tmp_path / "g.zip", given))
    assert set(submitted(tmp_path)) == {"student9999@uni.edu/sums/sums.ipynb"}
