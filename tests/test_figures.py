"""The page of figures: a run replaces its own rows and leaves the others alone."""

from autograder.workspace.record import Figure, Record
from benchmarks import figures

RUN = "short: 20,000 steps, 43 s, cpu, 2 cores, 2026-11-22"


def record(**changes):
    fields = {
        "lesson": "part2_mlp", "passed": True, "seconds": 43.4, "steps": 20_000, "full": False,
        "interrupted": False, "device": "cpu", "real_data": True,
        "finished": "2026-11-22T10:00:00+00:00",
        "figures": [Figure("dev loss", 2.2134, 2.17, True), Figure("a | b", 3.3, passed=False)],
    }  # fmt: skip
    return Record(**fields | changes)


def test_a_run_has_a_row_for_each_figure():
    assert figures.rows_of(record(), "short", "cpu, 2 cores") == [
        f"| part2_mlp | dev loss | 2.17 | 2.2134 | {RUN} |",
        "| part2_mlp | a \\| b |  | 3.3 (not passed) | short |",
    ]


def test_a_lesson_that_was_not_run_says_so():
    page = figures.page({})
    tables = [lesson for lesson in figures.lessons() if figures.ablations(lesson)]
    assert page.count("not run here") == 2 * len(figures.lessons()) + len(tables)
    assert tables


def test_rows_are_read_back_and_kept():
    rows = {
        ("part2_mlp", "short"): figures.rows_of(record(), "short", "cpu"),
        ("part2_mlp", "full"): figures.rows_of(record(full=True, interrupted=True), "full", "cpu"),
    }
    assert figures.read_rows(figures.page(rows)) == rows
    rows["part2_mlp", "short"] = ["| part2_mlp | new | | 1 | short |"]
    assert figures.page(rows).count("interrupted") == 2
