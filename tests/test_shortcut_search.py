"""The search finds what computes a short cut under another name, and none is allowed unseen."""

import pytest
import torch
import torch.nn.functional as F

from autograder.authoring.shortcut_candidates import Candidate
from autograder.authoring.shortcut_search import reason_to_allow, results, search
from autograder.worker.shortcuts import warm_up

warm_up()


def home_made_softmax(values, dim):
    counts = values.exp()
    return 3 * counts / counts.sum(dim, keepdim=True)


def home_made_loss(logits, targets):
    return (logits.logsumexp(1) - logits[torch.arange(4), targets]).sum()


@pytest.mark.parametrize(
    ("function", "shortcut", "refused"),
    [
        (home_made_softmax, "softmax", False),
        (home_made_loss, "cross_entropy", False),
        (lambda z: z.logsumexp(1), "softmax", True),
        (F.ctc_loss, "cross_entropy", True),
        (torch._refs._normalize, "batch_norm", True),
        (torch.exp, None, None),
        (torch.cumsum, None, None),
    ],
)
def test_the_search_finds_what_computes_a_short_cut(function, shortcut, refused):
    found = {each.shortcut: each.refused for each in results(Candidate("f", "function", function))}
    assert found.get(shortcut) is refused if shortcut else not found


@pytest.mark.slow
def test_everything_in_torch_that_computes_a_short_cut_is_refused():
    found = search()
    assert len({each.name for each in found}) > 100
    assert not [each for each in found if not each.refused and not reason_to_allow(each)]
