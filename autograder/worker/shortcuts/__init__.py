"""Refuse a short cut while an exercise that is meant to build it is graded.

A short cut has many spellings: `torch.softmax`, `nn.Softmax`, a scripted or compiled function, the
bare operator under `torch.ops`. They all end in a few operators of torch's dispatcher, so that is
where they are refused: as long as `refusing` lasts, those operators' kernels are replaced by one
that raises `ShortcutRefused`. This holds in every thread and for functions compiled before. What
torch spells a second time in Python, out of other operators (`torch._refs`, `torch._decomp`), is
replaced as well. Autograd is no operator; `no_autograd` says how it is refused.

What is not promised: a learner's code shares its process with this module, so whoever rewrites the
interpreter's memory, registers kernels of their own or copies torch's source can still get past.
Native code compiled from a short cut is not looked for (no compiler can start in the sandbox), nor
are short cuts outside torch (a softmax of SciPy's) or kernels for devices other than the CPU.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

NORMALISATIONS = (
    "_batch_norm_with_update _batch_norm_no_update _fused_rms_norm _native_batch_norm_legit "
    "batch_norm_update_stats native_batch_norm native_group_norm native_layer_norm rms_norm"
)
# With a unit matrix for keys and values, attention is a softmax.
ATTENTION = (
    "scaled_dot_product_attention _scaled_dot_product_attention_math "
    "_scaled_dot_product_flash_attention_for_cpu _native_multi_head_attention "
    "_transformer_encoder_layer_fwd"
)


@dataclass(frozen=True)
class Shortcut:
    """One thing that a lesson may forbid.

    sentence: what the learner is told. operators: names in torch's `aten` library, without their
    overloads, that every spelling ends in. again: pattern of the names under which torch spells it
    again in Python. functions: further Python functions, by their full names.
    """

    sentence: str
    operators: str = ""
    again: str = "$^"
    functions: tuple[str, ...] = ()


def _built(name: str) -> str:
    return f"{name} is to be built here, not called"


SHORTCUTS: dict[str, Shortcut] = {
    "softmax": Shortcut(
        _built("softmax"),
        f"_softmax _log_softmax _masked_softmax _sparse_softmax _sparse_log_softmax {ATTENTION}",
        "softmax|softmin",
    ),
    "logsumexp": Shortcut(_built("logsumexp"), "logsumexp _logcumsumexp", "logsumexp"),
    "one_hot": Shortcut(_built("one_hot"), "one_hot", "one_hot"),
    "cross_entropy": Shortcut(
        _built("cross_entropy"),
        "cross_entropy_loss nll_loss_forward nll_loss2d_forward binary_cross_entropy "
        "binary_cross_entropy_with_logits",
        "cross_entropy|(?<!poisson_)nll_loss",
    ),
    "layer_norm": Shortcut(_built("layer_norm"), NORMALISATIONS, "(layer|group|batch|rms)_norm"),
    "batch_norm": Shortcut(_built("batch_norm"), NORMALISATIONS, "(layer|group|batch|rms)_norm"),
    "attention": Shortcut(
        _built("attention"),
        ATTENTION,
        "attention",
        (
            "torch.nn.functional.multi_head_attention_forward",
            "torch.nn.MultiheadAttention.forward",
        ),
    ),
    "autograd": Shortcut(
        "gradients are to be derived by hand here, not taken from autograd",
        "_backward _make_dual cumprod_backward gather_backward index_select_backward "
        "infinitely_differentiable_gelu_backward mish_backward silu_backward "
        "value_selecting_reduction_backward",
        "backward",
        (
            "torch.Tensor.backward",
            "torch.autograd.backward",
            "torch.autograd.grad",
            "torch.autograd.graph._engine_run_backward",
            "torch.autograd.Function.apply",
            "torch.autograd.forward_ad.make_dual",
            "torch.autograd.forward_ad.enter_dual_level",
            "torch._functorch.eager_transforms.grad_increment_nesting",
            "torch._functorch.eager_transforms.jvp_increment_nesting",
            "torch._functorch.eager_transforms.enter_jvp_nesting",
            "torch._functorch.eager_transforms.linearize",
        ),
    ),
}


class ShortcutRefused(RuntimeError):
    """Raised in the learner's process where a forbidden short cut is called.

    shortcut: its name, a key of `SHORTCUTS`.
    """

    def __init__(self, shortcut: str, spelling: str):
        super().__init__(f"{SHORTCUTS[shortcut].sentence} ({spelling})")
        self.shortcut = shortcut


class Refusals:
    """Raises the refusals and keeps the first, so that catching it helps nobody."""

    def __init__(self) -> None:
        self.first: ShortcutRefused | None = None

    def refuse(self, shortcut: str, spelling: str) -> NoReturn:
        """Raise ShortcutRefused."""
        refused = ShortcutRefused(shortcut, spelling)
        self.first = self.first or refused
        raise refused

    def take(self) -> ShortcutRefused | None:
        """The first refusal since the last call, caught or not."""
        taken, self.first = self.first, None
        return taken


refusals = Refusals()


def warm_up() -> None:
    """Do once what is slow (import torch, list its operators), so that `refusing` costs little.

    It also wraps torch's own switches that could turn a refusal off. Call it before a learner's
    code is loaded, which could otherwise keep the bare ones.
    """
    no_autograd, overrides = _tools()
    overrides.plan()
    overrides.keep_kernels()
    no_autograd.wrap_switches()


@functools.cache
def _tools() -> tuple[Any, Any]:
    """The modules that need torch; kept, because a learner's process cannot import them anew."""
    from autograder.worker.shortcuts import no_autograd, overrides

    return no_autograd, overrides


@contextlib.contextmanager
def refusing(names: Collection[str]) -> Iterator[Refusals]:
    """Refuse the short cuts of these names inside the `with` block.

    Raises ShortcutRefused where one is called, and again at the end of the block where the code
    inside caught it and nobody has taken it from the Refusals. Raises ValueError for a name that
    `SHORTCUTS` does not have.
    """
    unknown = sorted(set(names) - SHORTCUTS.keys())
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no short cut; choose from {', '.join(SHORTCUTS)}")
    refusals.take()
    if not names:
        yield refusals
        return
    warm_up()
    no_autograd, overrides = _tools()
    with overrides.replaced(names):
        guard = no_autograd.guarded() if "autograd" in names else contextlib.nullcontext()
        try:
            with guard:
                yield refusals
        finally:
            if (refused := refusals.take()) is not None:
                raise refused
