"""Look for short cuts by what they compute: `grad dev shortcuts`.

Every public function, operator, module and distribution of torch (and of numpy and scipy, where
they are installed) is called in many ways on random inputs. Whatever gives what a lesson may
forbid, up to its sign, its scale, a sum, exp or log, is found, and so is a function whose gradient
is softmax. What is found is called once more while it is refused.

Calls may crash, hang or spoil their process, so they run in children, and one that kills its child
is passed over.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import select
import signal
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from autograder.authoring.shortcut_calls import Call, calls_of
from autograder.authoring.shortcut_candidates import Candidate, candidates
from autograder.authoring.shortcut_targets import gradient_matches, matches
from autograder.worker.shortcuts import ShortcutRefused, refusing, warm_up

PATIENCE = 20.0  # seconds for one candidate
# What computes the same and may nevertheless be called, by a pattern of its name: why.
ALLOWED = {r"scipy\..*": "it does not come with the course, and only what does is refused"}

Match = Callable[[Any, list[Tensor]], set[str]]


@dataclass(frozen=True)
class Found:
    """A candidate that computes what may be forbidden.

    shortcut: a name of `SHORTCUTS`. call: how it was called. refused: whether it is refused.
    """

    name: str
    shortcut: str
    call: str
    refused: bool


def search(say: Callable[[str], object] = lambda _: None) -> list[Found]:
    """All that is found, in the order of the candidates; `say` hears of those that die."""
    warm_up()
    everything = list(candidates())
    found: list[Found] = []
    start = 0
    while start < len(everything):
        start = _search_in_child(everything, start, found, say)
    return found


def reason_to_allow(found: Found) -> str | None:
    """Why something that is found need not be refused; None where no reason is listed."""
    return next((why for name, why in ALLOWED.items() if re.fullmatch(name, found.name)), None)


def _search_in_child(
    everything: list[Candidate], start: int, found: list[Found], say: Callable[[str], object]
) -> int:
    """Search from `start` until a child ends or hangs; the candidate to go on with."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _search_from(everything, start, writing)
        finally:
            os._exit(0)
    os.close(writing)
    at = start
    with os.fdopen(reading) as lines:
        while select.select([lines], [], [], PATIENCE)[0] and (line := lines.readline()):
            told = json.loads(line)
            if isinstance(told, int):
                at = told
            else:
                found.append(Found(**told))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if at < len(everything):
        say(f"{everything[at].name} ends its process; it is passed over")
    return at + 1


def _search_from(everything: list[Candidate], start: int, writing: int) -> None:
    faulthandler.disable()  # that a child crashes is no news
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    warnings.simplefilter("ignore")
    for number in range(start, len(everything)):
        _tell(writing, number)
        for found in results(everything[number]):
            _tell(writing, asdict(found))
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
    _tell(writing, len(everything))


def _tell(writing: int, what: Any) -> None:
    os.write(writing, json.dumps(what).encode() + b"\n")


def results(candidate: Candidate) -> Iterator[Found]:
    """What one candidate computes; each short cut once, an open one before a refused one."""
    best: dict[str, Found] = {}
    for says, possible, call in calls_of(candidate):
        for with_grad, match in ((False, matches), (True, gradient_matches)):
            matched = _matched(call, with_grad, match)
            if matched is None:
                break
            for shortcut in matched & possible:
                if shortcut not in best or best[shortcut].refused:
                    refused = _is_refused(shortcut, call, with_grad, match)
                    how = f"the gradient of {says}" if with_grad else says
                    best[shortcut] = Found(candidate.name, shortcut, how, refused)
    yield from best.values()


def _matched(call: Call, with_grad: bool, match: Match) -> set[str] | None:
    """The short cuts that a call computes; None where it cannot be called so."""
    try:
        return match(*call(with_grad))
    except ShortcutRefused:
        raise
    except BaseException:
        return None


def _is_refused(shortcut: str, call: Call, with_grad: bool, match: Match) -> bool:
    try:
        with refusing([shortcut]):
            _matched(call, with_grad, match)
    except ShortcutRefused:
        return True
    return False
