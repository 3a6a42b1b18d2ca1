"""In-place torch calls, states of other shapes, formulas in another form."""

import itertools
import math
from collections import defaultdict

import torch

HEALTHY = dict(
    zip(
        ("activation", "gain", "first bias", "rate", "zero_grad", "shuffled"),
        ("relu", 1.0, 0.0, 0.1, True, False),
    )
) | {"reduction": "mean", "dropout": 0.0, "evaluate in": "evaluation", "bias decay": 0.0}


def descend(curvatures, start, rate, steps):
    powers = torch.arange(steps + 1, dtype=start.dtype)[:, None]
    return start * (1 - rate * curvatures) ** powers


def largest_stable_rate(hessian):
    return float(2.0 / torch.linalg.matrix_norm(hessian, ord=2))


def best_rate(curvatures):
    flat, steep = torch.aminmax(curvatures.double())
    rate = 2 / (steep + flat)
    return rate.item(), (1 - rate * flat).item()


@torch.no_grad()
def momentum_step(parameter, gradient, state, rate, momentum=0.9, nesterov=False):
    if not state:
        state["buffer"] = gradient.clone()
    else:
        state["buffer"].mul_(momentum).add_(gradient)
    direction = gradient.add(state["buffer"], alpha=momentum) if nesterov else state["buffer"]
    parameter.add_(direction, alpha=-rate)


def best_momentum(curvatures):
    small, large = (math.sqrt(float(c)) for c in torch.aminmax(curvatures))
    return 4 / (large + small) ** 2, (1 - 2 * small / (large + small)) ** 2


@torch.no_grad()
def rmsprop_step(parameter, gradient, state, rate, decay=0.99, eps=1e-8):
    square = state.setdefault("v", torch.zeros_like(parameter))
    square.mul_(decay).addcmul_(gradient, gradient, value=1 - decay)
    parameter.addcdiv_(gradient, square.sqrt().add_(eps), value=-rate)


@torch.no_grad()
def adam_step(parameter, gradient, state, rate, betas=(0.9, 0.999), eps=1e-8, correct=True):
    if not state:
        state.update(t=itertools.count(1), m=torch.zeros_like(parameter), v=torch.zeros_like(parameter))
    t = next(state["t"])
    state["m"].lerp_(gradient, 1 - betas[0])
    state["v"].mul_(betas[1]).addcmul_(gradient, gradient, value=1 - betas[1])
    first, second = (1 - b**t if correct else 1.0 for b in betas)
    parameter.addcdiv_(state["m"], state["v"].div(second).sqrt_().add_(eps), value=-rate / first)


def adamw_step(parameter, gradient, state, rate, decay=0.01, decoupled=True, betas=(0.9, 0.999), eps=1e-8):
    if decoupled:
        parameter.data.mul_(1 - rate * decay)
    penalty = 0.0 if decoupled else decay
    adam_step(parameter, gradient.add(parameter.detach(), alpha=penalty), state, rate, betas=betas, eps=eps)


def orthogonalize(matrix, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    if matrix.shape[0] > matrix.shape[1]:
        return orthogonalize(matrix.mT, steps, coefficients).mT
    a, b, c = coefficients
    X = matrix / max(torch.linalg.matrix_norm(matrix).item(), 1e-7)
    identity = torch.eye(len(X), dtype=X.dtype)
    for _ in range(steps):
        gram = X @ X.mT
        X = (a * identity + b * gram + c * gram @ gram) @ X
    return X


@torch.no_grad()
def muon_step(parameter, gradient, state, rate, momentum=0.95):
    average = state.setdefault("m", torch.zeros_like(gradient)).lerp_(gradient, 1 - momentum)
    stretch = math.sqrt(max(parameter.size(0), parameter.size(1)) / parameter.size(0))
    parameter.add_(orthogonalize(average), alpha=-rate * stretch)


class Optimizer:
    def __init__(self, groups, rule):
        self.groups, self.rule, self.states = groups, rule, {}

    def zero_grad(self):
        for parameter in itertools.chain.from_iterable(g["parameters"] for g in self.groups):
            parameter.grad = None

    def step(self):
        self.states = self.states or defaultdict(dict)
        for parameters, options in ((g["parameters"], dict(g)) for g in self.groups):
            del options["parameters"]
            for p in filter(lambda p: p.grad is not None, parameters):
                self.rule(p, p.grad, self.states[id(p)], **options)


def parameter_groups(parameters, rate, decay):
    groups = [{"parameters": [], "rate": rate, "decay": d} for d in (decay, 0)]
    for parameter in parameters:
        groups[parameter.dim() < 2]["parameters"].append(parameter)
    return groups


def clip_by_norm(parameters, largest):
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = torch.stack([torch.zeros(()), *map(torch.linalg.vector_norm, gradients)]).norm()
    factor = (largest / norm).clamp(max=1.0)
    for gradient in gradients:
        gradient *= factor
    return norm.item()


def noise_scale(gradients):
    variance, mean = torch.var_mean(gradients, dim=0)
    return float(variance.sum() / mean.dot(mean))


def range_test(take_step, rates, keep=0.9, stop=4.0):
    smoothed, lowest = [], math.inf
    for loss in map(take_step, rates):
        average = smoothed[-1] + (1 - keep) * (loss - smoothed[-1]) if smoothed else loss
        if not abs(loss) < math.inf or average > stop * lowest:
            return smoothed
        lowest = min(lowest, average)
        smoothed.append(average)
    return smoothed


def pick_rate(rates, smoothed, back=10.0):
    _, rate = min(zip(smoothed, rates))
    return rate / back


def step_decay(step, peak, every, factor=0.1):
    return peak * math.pow(factor, math.floor(step / every))


def warmup_cosine(step, steps, peak, warmup, end=0.0):
    if step < warmup:
        return (step + 1) * (peak / warmup)
    angle = math.pi * (step - warmup) / (steps - warmup - 1)
    return (peak + end) / 2 + (peak - end) / 2 * math.cos(angle)


def warmup_stable_decay(step, steps, peak, warmup, decay):
    up = (step + 1) / warmup if warmup else 1.0
    down = (steps - step) / decay if decay else 1.0
    return peak * min(up, 1.0, down)


def basin_width(rates, losses, slack=0.1):
    finite = [loss if abs(loss) < math.inf else float("inf") for loss in losses]
    best = min(range(len(finite)), key=finite.__getitem__)

    def good(pair):
        return pair[1] <= finite[best] + slack

    *_, (largest, _) = itertools.takewhile(good, zip(rates[best:], finite[best:]))
    *_, (smallest, _) = itertools.takewhile(good, zip(rates[best::-1], finite[best::-1]))
    return math.log10(largest) - math.log10(smallest)


def initial_std(fan_in, fan_out, mode="fan_in", gain=1.0):
    match mode:
        case "fan_in":
            fan = fan_in
        case "fan_out":
            fan = fan_out
        case _:
            fan = 0.5 * (fan_in + fan_out)
    return gain * math.pow(fan, -0.5)


def orthogonal_weight(fan_in, fan_out, generator, gain=1.0):
    """The nearest orthogonal matrix to a normal one: all are equally likely as well."""
    U, _, V = torch.linalg.svd(
        torch.empty(fan_in, fan_out).normal_(generator=generator), full_matrices=False
    )
    return gain * U @ V


def signal_by_layer(x, weights, activation):
    signals = itertools.accumulate(weights, lambda h, weight: activation(h @ weight), initial=x)
    return [h.std() for h in itertools.islice(signals, 1, None)]


def residual_scale(blocks, growth):
    return math.sqrt((growth - 1) * (growth + 1) / blocks)


def mup_scales(kind, fan_in, base, std, rate):
    power = {"input": (0, 0), "hidden": (0.5, 1), "output": (1, 1)}[kind]
    return tuple(value * (base / fan_in) ** p for value, p in zip((std, rate), power))


SIGNS = (
    ("dead units", lambda seen: max(seen["dead"]), 0.9),
    ("saturated units", lambda seen: max(seen["saturated"]), 0.6),
    ("exploding", lambda seen: seen["activations"][2] / seen["activations"][0], 6.0),
    ("vanishing", lambda seen: seen["activations"][0] / seen["activations"][2], 5.0),
    ("wrong loss scale", lambda seen: seen["losses"][0], 15.0),
    ("rate too high", lambda seen: seen["update ratios"][0], -0.9),
    ("rate too low", lambda seen: -seen["update ratios"][0], 3.0),
    ("evaluation in training mode", lambda seen: len({*seen["dev losses"]}), 1),
    ("no zero_grad", lambda seen: torch.tensor(seen["update ratios"][4:8]).mean().item(), -1.68),
    ("labels shuffled", lambda seen: torch.tensor(seen["losses"][-10:]).mean().item(), 1.2),
    ("decay on biases", lambda seen: sorted(seen["bias gradients"][:3])[0], 1.2),
)


def diagnose(seen):
    for illness, measure, limit in SIGNS:
        if measure(seen) > limit:
            return illness
    return "healthy"


def cure(illness, recipe):
    match illness.split():
        case ["dead", *_]:
            entry = "first bias"
        case ["saturated", _] | ["exploding"] | ["vanishing"]:
            entry = "gain"
        case ["wrong", *_]:
            entry = "reduction"
        case ["rate", *_]:
            entry = "rate"
        case ["evaluation", *_]:
            entry = "evaluate in"
        case ["no", name]:
            entry = name
        case ["decay", *_]:
            entry = "bias decay"
        case ["labels", name]:
            entry = name
        case _:
            return dict(recipe)
    return {**recipe, entry: {"gain": 0.9, "rate": 0.15}.get(entry, HEALTHY[entry])}
