"""`grad class grade`: a whole class, once; stopped at any time, it goes on where it was."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import shutil
import time
from pathlib import Path

import pytest

from autograder.classroom.crew import LocalCrew
from autograder.classroom.graded import CRASHED, HANGING, TOO_LARGE, Graded
from autograder.classroom.grading import Asked, Grading, opened
from autograder.classroom.store import FILE, Store
from autograder.lessons.files import Unreadable, read
from tests.command import grad
from tests.conftest import MINIATURE
from tests.grading_class import grade_with, hand_in, results
from tests.made_class import LESSON, HandedIn, canvas, made_class, moodle, zipped

# One worker runs all of this file: a class is dear.
pytestmark = [pytest.mark.xdist_group("class"), pytest.mark.usefixtures("small_course")]


@pytest.fixture(scope="module")
def handed_in(miniature) -> list[HandedIn]:
    return made_class(miniature)


@pytest.fixture(scope="module")
def folder(handed_in, tmp_path_factory) -> Path:
    """The made class, collected from zips and graded."""
    return collected_and_graded(tmp_path_factory.mktemp("class"), handed_in)


def collected_and_graded(folder: Path, handed_in: list[HandedIn]) -> Path:
    half = len(handed_in) // 2
    (folder / "canvas.zip").write_bytes(zipped(canvas(handed_in[:half])))
    (folder / "moodle.zip").write_bytes(zipped(moodle(handed_in[half:])))
    zips, into = (folder / "canvas.zip", folder / "moodle.zip"), folder / "class"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
        assert grad("class", "collect", *zips, "--into", into).code == 0
        assert grad("class", "grade", into, "--seed", 0, "--jobs", 2).code == 3
    return into


def judged(graded) -> list:
    return [(e.id, e.verdict, e.points, e.diagnosis) for e in graded.report.exercises]


def test_everybody_has_the_verdicts_of_a_file_that_is_graded_alone(folder, handed_in, session):
    graded = results(folder)
    assert set(graded) == {each.student for each in handed_in}
    for each in handed_in:
        path = folder / graded[each.student].file
        try:
            alone = session.grade(read(path), LESSON, 0)
        except Unreadable:
            assert each.kind == "broken" and graded[each.student].concern
            continue
        if each.kind != "hanging":  # ten seconds
            assert judged(graded[each.student]) == [
                (e.id, e.verdict, e.points, e.diagnosis) for e in alone.exercises
            ]


def test_what_was_handed_in_decides(folder, handed_in):
    says_what_was_handed_in(results(folder), handed_in)


@pytest.mark.slow
def test_a_class_of_a_thousand_goes_all_the_way(tmp_path, miniature):
    handed_in = made_class(miniature, 1000, hanging=5)
    folder = collected_and_graded(tmp_path, handed_in)
    graded = results(folder)
    says_what_was_handed_in(graded, handed_in)
    goes_on_to_report_export_and_feedback(folder, graded)
    ran = grad("class", "grade", folder, "--seed", 0, "--again")
    assert "1000 graded, 0 unchanged" in ran.out and "->" not in ran.out
    assert {name: each.points for name, each in results(folder).items()} == {
        name: each.points for name, each in graded.items()
    }


def test_a_class_of_thirty_goes_on_to_report_export_and_feedback(folder):
    goes_on_to_report_export_and_feedback(folder, results(folder))


def goes_on_to_report_export_and_feedback(folder: Path, graded: dict[str, Graded]) -> None:
    judged = {name: each.points for name, each in graded.items() if each.report}
    assert grad("class", "report", folder).code == 0
    assert f"{len(graded)} of {len(graded)} handed in" in _read(folder / "report.html")
    assert grad("class", "export", folder, "--to", "csv").code == 0
    with (folder / "export" / "lessons.csv").open(newline="") as file:
        rows = {row["student"]: row[LESSON] for row in csv.DictReader(file)}
    assert {name: int(points) for name, points in rows.items() if points} == judged
    assert grad("class", "feedback", folder).code == 0
    pages = {path.parts[-3] for path in (folder / "feedback").rglob("*.html")}
    assert pages >= set(judged)


def _read(page: Path) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.read_text(encoding="utf-8")).split())


def says_what_was_handed_in(graded: dict, handed_in: list[HandedIn]) -> None:
    by_kind: dict[str, set[int]] = {}
    for each in handed_in:
        by_kind.setdefault(each.kind, set()).add(graded[each.student].points)
    assert by_kind["right"] == {6}
    assert by_kind["untouched"] == {1}
    assert by_kind["broken"] == {0}
    assert max(by_kind["wrong"] | by_kind["partial"]) < 6
    assert by_kind["hanging"] == {6}  # all of its exercises stand above what hangs


def test_the_store_has_the_text_that_was_graded(folder):
    with Store(folder / FILE) as store:
        assert "# by student 0" in store.source("student0000", LESSON)
        assert store.source("student0008", LESSON) == ""


def test_what_has_not_changed_is_not_graded_again(folder):
    ran = grad("class", "grade", folder, "--seed", 0)
    assert "0 graded, 30 unchanged" in ran.out
    assert "student0008" in ran.out and ran.code == 3


def test_what_changed_is_told_by_student_exercise_verdict_and_points(tmp_path, solution):
    hand_in(tmp_path, "ada", solution)
    hand_in(tmp_path, "bob", solution + "\n# bob")
    assert grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 1).code == 0
    hand_in(tmp_path, "ada", solution.replace("return sum(xs) / len(xs)", "return sum(xs)"))
    ran = grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 1)
    assert "1 graded, 1 unchanged" in ran.out
    assert "ada  sums  mean  passed -> wrong  1 -> 0" in ran.out
    ran = grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 1, "--again")
    assert "2 graded, 0 unchanged" in ran.out and "->" not in ran.out


def test_a_syntax_error_and_a_folder_that_is_gone_are_named(tmp_path, solution):
    hand_in(tmp_path, "ada", solution)
    hand_in(tmp_path, "bob", solution + "\ndef SECRET(:\n    pass\n")
    ran = grad("class", "grade", tmp_path, "--jobs", 1)
    line = len((solution + "\n").splitlines()) + 1
    says = f"bob  sums  line {line}: its cell or file is not Python"
    assert ran.code == 3 and f"Look at 1:\n  {says}" in ran.out and "SECRET" not in ran.out
    shutil.rmtree(tmp_path / "submitted" / "bob")
    ran = grad("class", "grade", tmp_path)
    assert (
        ran.code == 0 and "bob  sums  its folder is gone; its last result still counts" in ran.out
    )


def test_a_class_keeps_a_seed_of_its_own(tmp_path, solution):
    hand_in(tmp_path, "ada", solution)
    assert "1 graded" in grad("class", "grade", tmp_path, "--jobs", 1).out
    assert "0 graded, 1 unchanged" in grad("class", "grade", tmp_path).out
    assert len(str(results(tmp_path)["ada"].seed)) == 32


def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path):
    assert "grad class collect" in grad("class", "grade", tmp_path / "nowhere").err
    assert "no folder named submitted" in grad("class", "grade", tmp_path).err
    assert list(tmp_path.iterdir()) == []
    assert "there is no folder" in grad("class", "report", tmp_path / "nowhere").err
    hand_in(tmp_path, "ada", "x = 1")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GRADSCHOOL_ASSUME_NO_SANDBOX", "1")
        assert "cannot shut submissions in" in grad("class", "grade", tmp_path).err
    with opened(tmp_path):
        assert "another `grad class grade` is at work" in grad("class", "grade", tmp_path).err
    assert (
        "no lesson named 'nothing'" in grad("class", "grade", tmp_path, "--lesson", "nothing").err
    )
    (tmp_path / "submitted" / "ada" / LESSON).rename(tmp_path / "submitted" / "ada" / "essay")
    assert "nothing of any lesson was handed in" in grad("class", "grade", tmp_path).err


def test_which_of_several_files_counts_and_what_is_not_theirs(tmp_path, miniature, solution):
    stub = miniature.lesson(LESSON).stub()
    hand_in(tmp_path, "both", stub)
    hand_in(tmp_path, "both", solution, "sums (1).py")
    hand_in(tmp_path, "renamed", solution, "homework.py")
    hand_in(tmp_path, "renamed", "x = 1", "autograder.py")
    (tmp_path / "submitted" / "thief" / LESSON).mkdir(parents=True)
    (tmp_path / "submitted" / "thief" / LESSON / "sums.py").symlink_to(
        tmp_path / "submitted" / "renamed" / LESSON / "homework.py"
    )
    hand_in(tmp_path, "essay", "words", "essay.txt")
    grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 1)
    graded = results(tmp_path)
    assert graded["both"].points == graded["renamed"].points == 6
    assert graded["both"].file.endswith("sums (1).py")
    assert "no exercise of 'sums.py' is begun" in graded["both"].concern
    assert "symbolic link" in graded["thief"].why
    assert "none of 'essay.txt'" in graded["essay"].why


def test_one_that_takes_too_long_or_too_much_is_recorded_and_the_others_go_on(
    tmp_path, miniature, solution
):
    hand_in(tmp_path, "a-slow", solution + "\nwhile True: pass")
    hand_in(tmp_path, "b-right", solution)
    hand_in(tmp_path, "c-large", f'{{"cells":[{"[]," * 3_000_000}[]]}}', "sums.ipynb")
    hand_in(tmp_path, "d-right", solution + "\n# d")
    graded = grade_with(tmp_path, miniature, seconds=6.0, memory=100 * 2**20)
    assert {name: each.outcome for name, each in graded.items() if each.report is None} == {
        "a-slow": HANGING,
        "c-large": TOO_LARGE,
    }
    assert graded["a-slow"].why == "grading it took more than 6 seconds"
    assert graded["b-right"].points == graded["d-right"].points == 6


def test_a_process_that_dies_is_replaced_and_its_submission_recorded(tmp_path, miniature, solution):
    """No submission is known that ends the grader, so one is ended for it."""
    hand_in(tmp_path, "ada", solution + "\nwhile True: pass")
    hand_in(tmp_path, "bob", solution)
    with opened(tmp_path) as store, LocalCrew(1) as crew:
        grading = Grading(tmp_path, store, miniature, Asked(seed=0))
        crew.prepare(miniature, LESSON, 0)
        (guard,) = crew.guards._all
        works = [grading._work(each) for each in grading.waiting]
        futures = [crew.submit(work) for work in works]
        for _ in range(2):
            process = guard._process
            time.sleep(0.5)
            process.kill()
            while guard._process in (process, None) and not futures[0].done():
                time.sleep(0.05)
        assert futures[0].result().graded.outcome is CRASHED
        assert "ended twice (SIGKILL)" in futures[0].result().graded.why
        assert futures[1].result().graded.points == 6


def test_a_course_that_was_mended_grades_again_and_tells_whose_verdicts_changed(
    tmp_path, solution, monkeypatch
):
    shutil.copytree(MINIATURE, tmp_path / "course")
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(tmp_path / "course"))
    hand_in(tmp_path, "ada", solution)
    assert grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 1).code == 0
    lesson = tmp_path / "course" / "solutions" / "sums.py"
    lesson.write_text(solution.replace("for x in xs]", "for x in reversed(xs)]"))
    ran = grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 1)
    assert "ada  sums  centred  passed -> wrong  1 -> 0" in ran.out


def test_another_course_or_engine_grades_again(tmp_path, miniature, solution):
    hand_in(tmp_path, "ada", solution)
    grade_with(tmp_path, miniature)
    with opened(tmp_path) as store:
        assert Grading(tmp_path, store, miniature, Asked(seed=0)).waiting == []
        assert len(Grading(tmp_path, store, miniature, Asked(seed=1)).waiting) == 1
        assert len(Grading(tmp_path, store, miniature, Asked(seed=0, carry_forward=False)).waiting)
        (graded,) = store.latest()
        store.put(dataclasses.replace(graded, engine="another"), run=99)
        assert len(Grading(tmp_path, store, miniature, Asked(seed=0)).waiting) == 1


def test_the_report_in_the_store_is_json_that_other_programs_can_have(folder):
    data = results(folder)["student0000"].report.data()
    assert json.loads(json.dumps(data))["points"] == 6
