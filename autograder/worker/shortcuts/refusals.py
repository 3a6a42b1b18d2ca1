"""What a lesson may forbid, and the refusals themselves. This module needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

NORMALISATIONS = (
    "_batch_norm_with_update _batch_norm_no_update _fused_rms_norm _native_batch_norm_legit "
    "batch_norm_update_stats native_batch_norm native_group_norm native_layer_norm rms_norm"
)
NORMALISED_AGAIN = "(layer|group|batch|rms)_norm|^_normalize$"
# It takes logits and has their softmax, its logarithm, and the loss of a target.
CATEGORICAL = "torch.distributions.Categorical.__init__"
# With a unit matrix for keys and values, attention is a softmax.
ATTENTION = (
    "scaled_dot_product_attention _scaled_dot_product_attention_math "
    "_scaled_dot_product_flash_attention_for_cpu _native_multi_head_attention "
    "_transformer_encoder_layer_fwd"
)

# Of each of these modules: the class, and the functions that make its steps.
OPTIMIZERS = {
    "_adafactor": "Adafactor", "_muon": "Muon", "adadelta": "Adadelta", "adagrad": "Adagrad",
    "adam": "Adam", "adamax": "Adamax", "adamw": "AdamW", "asgd": "ASGD", "lbfgs": "LBFGS",
    "nadam": "NAdam", "radam": "RAdam", "rmsprop": "RMSprop", "rprop": "Rprop", "sgd": "SGD",
    "sparse_adam": "SparseAdam",
}  # fmt: skip

# Of torch's own modules: how one is made, how it finds what it holds, what is done with all of it.
MODULE = (
    "__init__ __setattr__ _call_impl _load_from_state_dict _named_members _save_to_state_dict "
    "apply load_state_dict named_modules named_parameters register_buffer state_dict train"
)


@dataclass(frozen=True)
class Shortcut:
    """One thing that a lesson may forbid.

    sentence: what the learner is told. operators: names in torch's `aten` library that every
    spelling ends in, each with all overloads unless one is named. again: pattern of the names under
    which torch spells it again in Python. functions: further Python functions, by full names.
    """

    sentence: str
    operators: str = ""
    again: str = "$^"
    functions: tuple[str, ...] = ()


def _built(name: str) -> str:
    return f"build {name} yourself here instead of calling it"


def _optimizers() -> tuple[str, ...]:
    """Every way to have torch make a step: an object, its method, and the functions below it."""
    found = ["torch.optim.optimizer.Optimizer.__init__"]
    for module, name in OPTIMIZERS.items():
        function = module.lstrip("_")
        kinds = ("", "_single_tensor_", "_multi_tensor_", "_fused_")
        steps = (f"{name}.step", *(kind + function for kind in kinds))
        found += [f"torch.optim.{module}.{step}" for step in steps]
    return (*found, "torch.optim._muon._zeropower_via_newtonschulz")


SHORTCUTS: dict[str, Shortcut] = {
    "softmax": Shortcut(
        _built("softmax"),
        f"_softmax _log_softmax _masked_softmax _sparse_softmax _sparse_log_softmax {ATTENTION}",
        "softmax|softmin",
        (CATEGORICAL, "torch.distributions.transforms.SoftmaxTransform._call"),
    ),
    "logsumexp": Shortcut(_built("logsumexp"), "logsumexp _logcumsumexp", "logsumexp"),
    "one_hot": Shortcut(_built("one_hot"), "one_hot", "one_hot"),
    "cross_entropy": Shortcut(
        _built("cross_entropy"),
        "cross_entropy_loss nll_loss_forward nll_loss2d_forward binary_cross_entropy "
        "binary_cross_entropy_with_logits kl_div _ctc_loss soft_margin_loss.out",
        "cross_entropy|(?<!poisson_)nll_loss|soft_margin_loss",
        (
            CATEGORICAL,
            "torch.distributions.kl._kl_categorical_categorical",
            "torch.nn.functional.multilabel_soft_margin_loss",
        ),
    ),
    "layer_norm": Shortcut(_built("layer_norm"), NORMALISATIONS, NORMALISED_AGAIN),
    "batch_norm": Shortcut(_built("batch_norm"), NORMALISATIONS, NORMALISED_AGAIN),
    "attention": Shortcut(
        _built("attention"),
        ATTENTION,
        "attention",
        (
            "torch.nn.functional.multi_head_attention_forward",
            "torch.nn.MultiheadAttention.forward",
            "torch._higher_order_ops.flex_attention.math_attention",
        ),
    ),
    "gelu": Shortcut(_built("gelu"), "gelu gelu_", "gelu"),
    "autograd": Shortcut(
        "derive the gradients by hand here instead of taking them from autograd",
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
    "optimizer": Shortcut(
        "build the optimizer yourself here instead of taking it from torch.optim",
        "_fused_adagrad _fused_adagrad_ _fused_adam _fused_adam_ _fused_adamw _fused_adamw_ "
        "_fused_sgd _fused_sgd_",
        functions=_optimizers(),
    ),
    "clip_gradients": Shortcut(
        "clip the gradients yourself here instead of calling torch's function",
        functions=(
            "torch.nn.utils.clip_grad.clip_grad_norm_",
            "torch.nn.utils.clip_grad._get_total_norm",
            "torch.nn.utils.clip_grad._clip_grads_with_norm_",
            "torch.nn.utils.clip_grad.clip_grad_norm",
            "torch.nn.utils.clip_grad.clip_grads_with_norm_",
        ),
    ),
    "module": Shortcut(
        "build the module yourself here instead of taking it from torch.nn",
        functions=tuple(f"torch.nn.modules.module.Module.{name}" for name in MODULE.split()),
    ),
    # These two are refused in all exercises of a lesson that forbids anything. The first are ways
    # to a gradient round `engine`, which refuses backward passes where something is forbidden. The
    # second record, in an exercise that may take a short cut, what another would then run.
    "gradients": Shortcut(
        "build this yourself here instead of getting it as a gradient",
        "_make_dual",
        functions=(
            "torch.autograd.forward_ad.make_dual",
            "torch.autograd.graph.get_gradient_edge",
            "torch.autograd.graph._get_grad_fn_or_grad_acc",
        ),
    ),
    "tracing": Shortcut(
        "call operators here instead of recording them",
        functions=(
            "torch.fx.experimental.proxy_tensor._MakefxTracer._trace_inner",
            "torch.fx.experimental.proxy_tensor.dispatch_trace",
            "torch.fx.experimental.proxy_tensor.ProxyTorchDispatchMode.__torch_dispatch__",
        ),
    ),
}
EVERYWHERE = ("gradients", "tracing")


class ShortcutRefused(RuntimeError):
    """Raised in the learner's process where a forbidden short cut is called.

    shortcut: its name, a key of `SHORTCUTS`.
    """

    def __init__(self, shortcut: str, spelling: str):
        super().__init__(f"{SHORTCUTS[shortcut].sentence} ({spelling})")
        self.shortcut = shortcut


class Refusals:
    """Raises the refusals and keeps the first, so that catching it helps nobody.

    active: the names of what is being refused, in all threads.
    """

    def __init__(self) -> None:
        self.first: ShortcutRefused | None = None
        self.active: tuple[str, ...] = ()

    def refuse(self, shortcut: str, spelling: str) -> None:
        """Raise ShortcutRefused."""
        refused = ShortcutRefused(shortcut, spelling)
        self.first = self.first or refused
        raise refused

    def take(self) -> ShortcutRefused | None:
        """The first refusal since the last call, caught or not."""
        taken, self.first = self.first, None
        return taken


state = Refusals()
