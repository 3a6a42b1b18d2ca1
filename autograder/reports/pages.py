"""Whole pages: HTML from templates, in which nothing but what a template marks as HTML is markup.

Every page extends `page.html.j2`: it needs no network, is light or dark as its reader's screen, and
forbids all that it does not have itself.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import Any

import jinja2
from markupsafe import Markup

from autograder.reports.terminal import plain


def rendered(package: str, name: str, **values: Any) -> str:
    """A page from a template of `package`; control characters in texts are made visible."""
    return _environment(package).get_template(name).render(**values)


def script(text: str) -> tuple[Markup, str]:
    """A script of ours for a page, and what its policy says so that this one runs and no other."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(f"<script>{text}</script>"), f"script-src 'sha256-{digest}'; "


@functools.cache
def _environment(package: str) -> jinja2.Environment:
    packages = dict.fromkeys((package, "autograder.reports"))
    loader = jinja2.ChoiceLoader([jinja2.PackageLoader(each) for each in packages])
    found = jinja2.Environment(
        loader=loader,
        autoescape=True,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["number"] = _number
    return found


def _shown(value: Any) -> Any:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: float) -> str:
    return f"{round(value, 2):g}"
