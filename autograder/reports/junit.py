"""Reports as JUnit XML, which continuous integration shows: a suite a lesson, a case an exercise.

The form is that of pytest's `--junitxml`: a `testsuites` with its `testsuite`s, and in a case that
did not pass a `failure`, an `error` or a `skipped` whose text says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from autograder.reports.details import details
from autograder.reports.report import BLOCKED, CRASHED, PASSED, TIMED_OUT, TODO, Report, Verdict
from autograder.reports.terminal import plain

_ELEMENTS = {TODO: "skipped", BLOCKED: "skipped", CRASHED: "error", TIMED_OUT: "error"}


def junit(reports: Iterable[Report]) -> bytes:
    """One file about some reports; all that a file's owner could have chosen is made visible."""
    root = ElementTree.Element("testsuites", name="gradschool")
    for report in reports:
        root.append(_suite(report))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(report: Report) -> ElementTree.Element:
    elements = [_element(exercise.verdict) for exercise in report.exercises]
    suite = ElementTree.Element(
        "testsuite",
        name=report.lesson,
        tests=str(len(elements)),
        failures=str(elements.count("failure")),
        errors=str(elements.count("error")),
        skipped=str(elements.count("skipped")),
        time=f"{report.seconds:.3f}",
    )
    for exercise, element in zip(report.exercises, elements, strict=True):
        case = ElementTree.SubElement(suite, "testcase", classname=report.lesson, name=exercise.id)
        properties = ElementTree.SubElement(case, "properties")
        for name in ("points", "max_points"):
            ElementTree.SubElement(
                properties, "property", name=name, value=str(getattr(exercise, name))
            )
        if element:
            said = [plain(f"{d.label}: {d.text}" if d.label else d.text) for d in details(exercise)]
            summary = exercise.diagnosis or exercise.message or exercise.verdict
            found = ElementTree.SubElement(
                case, element, type=exercise.verdict, message=plain(summary).replace("\n", " ")
            )
            found.text = "\n".join(said)
    return suite


def _element(verdict: Verdict) -> str:
    return "" if verdict == PASSED else _ELEMENTS.get(verdict, "failure")
