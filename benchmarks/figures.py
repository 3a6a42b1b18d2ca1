"""`python -m benchmarks.figures`: the references' milestones on the real data, beside the lectures.

Runs each lesson's milestone and writes what it measured into `docs/figures.md`. A run that is not
repeated keeps the rows that it has there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.stages import stages_of
from autograder.workspace.record import Figure, Record, number_text, read_record

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "figures.md"
LENGTHS = ("short", "full", "ablation")
HEAD = """\
# The lectures' figures and ours

`make figures` wrote this table from the solutions' milestones on the real data. A row says what
`python solutions/<lesson>.py --data real` measured, with `--full` where the run is a full one. A
short run ends in about a minute on two cores and is not meant to reach the lecture's figure. A full
run has the lecture's length: `python -m benchmarks.figures --full --lesson part2_mlp` makes one. An
ablation is a table of trainings that differ in one thing, `grad plot NAME` to a learner. Its runs
are far shorter than the lecture's, so compare their order and not their losses;
`python -m benchmarks.figures --ablations` makes them. What ran on 2026-11-30 shared its two cores
with a lot else, so its seconds say little.

What the full run of `part9_gpt2` needs (`--full --device cuda`): one GPU with 24 GB that knows
bfloat16. On the plays it makes 300 steps of 65,536 tokens, which takes minutes. With a folder
`part9_shards` of GPT-2 tokens beside the lesson (the lecture's FineWeb-EDU: 20 GB) it makes the
lecture's 19,073 steps of 524,288 tokens, 10 billion: 15 hours at 180,000 tokens per second. Neither
has been run for this table yet; the short run and the tests run the same code on a CPU.

| lesson | figure | lecture | ours | run |
| --- | --- | ---: | ---: | --- |
"""

Rows = dict[tuple[str, str], list[str]]


def main() -> int:
    """Run what the command line asks for. Returns 1 where a milestone gave no figures."""
    options = parse_options()
    rows = read_rows(PAGE.read_text(encoding="utf-8") if PAGE.exists() else "")
    failed = []
    for lesson in options.lesson or lessons():
        stages = ablations(lesson) if options.ablations else []
        if options.ablations and not stages:
            continue
        print(f"== {lesson}", flush=True)
        record = run_milestone(lesson, options.full, options.device, stages)
        if record is None:
            failed.append(lesson)
            continue
        length = LENGTHS[2] if stages else LENGTHS[record.full]
        rows[lesson, length] = rows_of(record, length, machine(options.device))
        PAGE.write_text(page(rows), encoding="utf-8")
    if failed:
        print(f"no figures: {', '.join(failed)}; their rows stay as they were")
    return 1 if failed else 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figures", description=__doc__)
    parser.add_argument("--lesson", action="append", choices=lessons(), help="only this one")
    parser.add_argument("--full", action="store_true", help="train as long as the lectures do")
    parser.add_argument("--ablations", action="store_true", help="the tables instead")
    parser.add_argument("--device", default="cpu", help="where torch computes: cpu (default), cuda")
    return parser.parse_args()


def lessons() -> list[str]:
    return list(Course.find().names)


def ablations(lesson: str) -> list[str]:
    return [each.name for each in stages_of(Course.find(), lesson) if each.is_ablation]


def run_milestone(lesson: str, full: bool, device: str, stages: list[str]) -> Record | None:
    """What a solution's milestone, or some stages, measured; None without figures or real data."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = Path(folder) / "outcome.json"
        options = ["--data", "real", "--device", device, "--json", str(outcome)]
        options += ["--full"] if full else []
        options += [word for stage in stages for word in ("--stage", stage)]
        file = ROOT / "solutions" / f"{lesson}.py"
        subprocess.run([sys.executable, str(file), *options], cwd=ROOT)
        return read_record(outcome)


def machine(device: str) -> str:
    """The device in a reader's words."""
    if not device.startswith("cuda"):
        return f"{device}, {os.cpu_count()} cores" if device == "cpu" else device
    import torch

    return torch.cuda.get_device_name(device)


def rows_of(record: Record, length: str, device: str) -> list[str]:
    """The table's lines for one run; the first of them describes the run."""
    length += ", interrupted" if record.interrupted else ""
    took = f"{record.steps:,} steps, {record.seconds:.0f} s, {device}, {record.finished[:10]}"
    lines = [row_of(record.lesson, figure) + f"{length} |" for figure in record.figures]
    return [lines[0].removesuffix(" |") + f": {took} |", *lines[1:]] if lines else []


def row_of(lesson: str, figure: Figure) -> str:
    lecture = "" if figure.lecture is None else number_text(figure.lecture)
    ours = number_text(figure.value) + (" (not passed)" if figure.passed is False else "")
    name = figure.name.replace("|", "\\|")
    return f"| {lesson} | {name} | {lecture} | {ours} | "


def read_rows(text: str) -> Rows:
    """The rows of an earlier page, by lesson and length of the run."""
    rows: Rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| part") and "not run here" not in line:
            length = cells[-1].partition(":")[0].partition(",")[0]
            rows.setdefault((cells[0], length), []).append(line)
    return rows


def page(rows: Rows) -> str:
    """The whole page: every lesson's short run, then its full one."""
    lines = []
    for lesson in lessons():
        for length in LENGTHS:
            missing = [f"| {lesson} | | | | {length}: not run here |"]
            wanted = length != LENGTHS[2] or ablations(lesson)
            lines += rows.get((lesson, length)) or (missing if wanted else [])
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
