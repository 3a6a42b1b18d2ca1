"""`python -m benchmarks`: measure grading, a class, the wall, latency, memory and nbgrader.

With `--write` the table goes into `benchmarks/README.md`, between its markers.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
from pathlib import Path

from benchmarks import class_speed, grading, nbgrader_speed, watch_latency

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--lesson", default="part0_micrograd_engine")
    parser.add_argument(
        "--class", dest="long", action="store_true", help="a class of 10,000 too; it takes an hour"
    )
    arguments = parser.parse_args()
    # First, while this process is still small and on both cores, as beside a learner's editor.
    rows = [*watch_latency.figures(), *nbgrader_speed.figures(arguments.lesson)]
    rows = [*grading.figures(arguments.lesson), *grading.course_figures(), *rows]
    rows += class_speed.figures(long=arguments.long)
    table = render(rows)
    print(table)
    if arguments.write:
        text = README.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def render(rows: list[tuple[str, str]]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    date = datetime.date.today().isoformat()
    lines = [f"Measured on {date}: {machine}.", "", "| what | figure |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {name} | {value} |" for name, value in rows)])


if __name__ == "__main__":
    main()
