"""The references of part 8 against torch.optim, decompositions, torch.nn.init and closed forms."""

import ast
import inspect
import math
import statistics
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.lessons.course import Course
from tests.references import load

lesson = load("part8_optimization")
SEEDS = st.integers(0, 10_000)
quick = settings(deadline=None, max_examples=25)


def numbers(seed, *shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def close(actual, expected, **tolerances):
    torch.testing.assert_close(actual, expected, **tolerances)


def side_by_side(rule, options, theirs, seed, shapes=((3, 4), (4, 3), (5,)), steps=7):
    """Several steps of the lesson's Optimizer and of torch's, on the same gradients."""
    ours = [numbers(seed + n, *shape).requires_grad_() for n, shape in enumerate(shapes)]
    others = [parameter.detach().clone().requires_grad_() for parameter in ours]
    mine, torchs = lesson.Optimizer([{"parameters": ours, **options}], rule), theirs(others)
    for step in range(steps):
        for n, (one, other) in enumerate(zip(ours, others, strict=True)):
            one.grad = numbers(1000 * step + n + seed, *one.shape)
            other.grad = one.grad.clone()
        mine.step()
        torchs.step()
        close([one.detach() for one in ours], [other.detach() for other in others])


# Our options, and torch's optimizer with the same ones.
SAME = {
    "SGD": (lesson.momentum_step, {"rate": 0.1, "momentum": 0.0}, torch.optim.SGD, {"lr": 0.1}),
    "momentum": (
        lesson.momentum_step, {"rate": 0.1}, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9},
    ),
    "Nesterov": (
        lesson.momentum_step, {"rate": 0.1, "momentum": 0.8, "nesterov": True},
        torch.optim.SGD, {"lr": 0.1, "momentum": 0.8, "nesterov": True},
    ),
    "RMSProp": (lesson.rmsprop_step, {"rate": 0.1}, torch.optim.RMSprop, {"lr": 0.1}),
    "Adam": (lesson.adam_step, {"rate": 0.1}, torch.optim.Adam, {"lr": 0.1}),
    "Adam's options": (
        lesson.adam_step, {"rate": 0.1, "betas": (0.5, 0.7), "eps": 0.1},
        torch.optim.Adam, {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.1},
    ),
    "AdamW": (lesson.adamw_step, {"rate": 0.1}, torch.optim.AdamW, {"lr": 0.1}),
    "L2": (
        lesson.adamw_step, {"rate": 0.1, "decay": 0.3, "decoupled": False},
        torch.optim.Adam, {"lr": 0.1, "weight_decay": 0.3},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("seed", [0, 1])
def test_steps_are_those_of_torch(name, seed):
    rule, options, theirs, same = SAME[name]
    side_by_side(rule, options, lambda parameters: theirs(parameters, **same), seed)


@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (5, 5)])
def test_muon_is_that_of_torch(shape):
    """Torch keeps (fan_out, fan_in) and orthogonalizes in bfloat16, so that it agrees roughly."""
    ours = numbers(0, *shape, dtype=torch.float32)
    theirs = ours.t().clone().requires_grad_()
    optimizer = torch.optim.Muon(
        [theirs], lr=0.1, momentum=0.8, nesterov=False, weight_decay=0.0, adjust_lr_fn="original"
    )
    state = {}
    for step in range(4):
        gradient = numbers(step + 1, *shape, dtype=torch.float32)
        theirs.grad = gradient.t().clone()
        lesson.muon_step(ours, gradient, state, 0.1, momentum=0.8)
        optimizer.step()
        close(ours.t(), theirs.detach(), atol=0.02, rtol=0.02)


@quick
@given(SEEDS, st.integers(1, 6), st.integers(1, 6))
def test_newton_and_schulz_ends_at_the_polar_factor(seed, rows, columns):
    matrix = numbers(seed, rows, columns)
    U, S, V = torch.linalg.svd(matrix, full_matrices=False)
    steps = 25 + int(6 * math.log10(S[0] / S[-1]))
    close(lesson.orthogonalize(matrix, steps, (1.5, -0.5, 0.0)), U @ V, atol=1e-6, rtol=0)
    assert lesson.orthogonalize(0 * matrix).abs().max() == 0


@quick
@given(SEEDS, st.integers(2, 6))
def test_muons_numbers_keep_the_directions(seed, size):
    matrix = numbers(seed, size, size + 2)
    U, S, V = torch.linalg.svd(matrix, full_matrices=False)
    inside = U.T @ lesson.orthogonalize(matrix) @ V.T
    close(inside, torch.diag(inside.diagonal()), atol=1e-8, rtol=0)
    large = S / S.norm() > 0.02
    assert (inside.diagonal()[large] > 0.6).all() and (inside.diagonal() < 1.3).all()


@quick
@given(SEEDS, st.integers(1, 5), st.floats(0.01, 0.3))
def test_a_walk_down_a_bowl_is_torchs(seed, count, rate):
    curvatures, x = numbers(seed, count).abs(), numbers(seed + 1, count).requires_grad_()
    path = lesson.descend(curvatures, x.detach().clone(), rate, 6)
    optimizer = torch.optim.SGD([x], lr=rate)
    for place in path:
        close(place, x.detach())
        optimizer.zero_grad()
        (curvatures * x**2).sum().div(2).backward()
        optimizer.step()


@quick
@given(SEEDS, st.integers(1, 5))
def test_the_largest_stable_rate_is_where_descent_begins_to_diverge(seed, size):
    root = numbers(seed, size, size)
    hessian = root @ root.T + 0.1 * torch.eye(size, dtype=torch.float64)
    limit = lesson.largest_stable_rate(hessian)
    for rate, stable in ((0.99 * limit, True), (1.01 * limit, False)):
        step = torch.eye(size, dtype=torch.float64) - rate * hessian
        assert (torch.linalg.eigvals(step).abs().max().item() < 1) == stable


@quick
@given(SEEDS, st.integers(1, 6))
def test_no_other_rate_is_better(seed, count):
    curvatures = numbers(seed, count).abs() + 0.1
    rate, factor = lesson.best_rate(curvatures)

    def worst(rate):
        return (1 - rate * curvatures).abs().max().item()

    assert worst(rate) == pytest.approx(factor, abs=1e-12)
    assert min(worst(0.97 * rate), worst(1.03 * rate)) >= factor - 1e-12


@quick
@given(SEEDS, st.integers(2, 6))
def test_the_best_momentum_shrinks_by_the_root(seed, count):
    """The step of (place, velocity) as a matrix: its largest eigenvalue is the factor."""
    curvatures = numbers(seed, count).abs() + 0.1
    rate, momentum = lesson.best_momentum(curvatures)
    root = (curvatures.max() / curvatures.min()).sqrt().item()
    for curvature in curvatures.tolist():
        step = torch.tensor([[1 - rate * curvature, -rate * momentum], [curvature, momentum]])
        largest = torch.linalg.eigvals(step.double()).abs().max().item()
        assert largest <= (root - 1) / (root + 1) + 1e-3


def test_groups_keep_their_parameters_apart():
    model = torch.nn.Sequential(torch.nn.Conv1d(2, 3, 2), torch.nn.BatchNorm1d(3))
    decaying, others = lesson.parameter_groups(list(model.parameters()), 0.1, 0.2)
    assert [parameter.ndim for parameter in decaying["parameters"]] == [3]
    assert [parameter.ndim for parameter in others["parameters"]] == [1, 1, 1]
    assert (decaying["decay"], others["decay"], others["rate"]) == (0.2, 0.0, 0.1)


@quick
@given(SEEDS, st.floats(0.1, 20.0))
def test_clipping_is_torchs(seed, largest):
    ours = [numbers(seed, *shape).requires_grad_() for shape in ((2, 3), (4,), (1,))]
    theirs = [parameter.detach().clone().requires_grad_() for parameter in ours]
    for n, (one, other) in enumerate(zip(ours[:2], theirs, strict=False)):
        one.grad = numbers(seed + n, *one.shape)
        other.grad = one.grad.clone()
    norm = lesson.clip_by_norm(ours, largest)
    close(norm, torch.nn.utils.clip_grad_norm_(theirs, largest).item())
    for one, other in zip(ours[:2], theirs, strict=False):
        close(one.grad, other.grad, rtol=1e-5, atol=1e-6)
    assert ours[2].grad is None


def test_noise_and_gradient_are_equal_at_the_noise_scale():
    """Means of batches of that size deviate by the length of the mean gradient."""
    gradients = numbers(0, 60_000, 3) * torch.tensor([1.0, 2.0, 3.0]) + 0.5
    scale = round(lesson.noise_scale(gradients))
    batches = gradients[: len(gradients) // scale * scale].view(-1, scale, 3).mean(1)
    assert batches.var(0).sum().item() == pytest.approx(0.75, rel=0.15)


def test_schedules_are_torchs():
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=2.0)
    stairs = torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.5)
    for step in range(10):
        assert lesson.step_decay(step, 2.0, 3, 0.5) == pytest.approx(stairs.get_last_lr()[0])
        optimizer.step()
        stairs.step()
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=2.0)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 9, 0.1)
    for step in range(10):
        ours = lesson.warmup_cosine(step, 10, 2.0, 0, 0.1)
        assert ours == pytest.approx(cosine.get_last_lr()[0])
        optimizer.step()
        cosine.step()


def test_warm_up_and_fall_are_even():
    rates = [lesson.warmup_stable_decay(step, 20, 3.0, 4, 6) for step in range(20)]
    changes = [round(after - before, 9) for before, after in pairwise(rates)]
    assert changes == [0.75] * 3 + [0.0] * 11 + [-0.5] * 5
    assert rates[-1] == pytest.approx(0.5) and max(rates) == 3.0
    cosine = [lesson.warmup_cosine(step, 20, 3.0, 4) for step in range(20)]
    assert cosine[3] == cosine[4] == 3.0 and cosine[-1] == pytest.approx(0.0, abs=1e-12)


def test_a_range_test_finds_the_rate_of_a_bowl():
    """Gradient descent in a bowl of curvature 4 is quickest at 1/4 and diverges beyond 1/2."""
    place = [10.0]

    def take_step(rate):
        loss = 2 * place[0] ** 2 + 1
        place[0] -= rate * 4 * place[0]
        return loss

    rates = lesson.growing_rates(1e-3, 10, 100)
    smoothed = lesson.range_test(take_step, rates, keep=0.5)
    assert len(smoothed) < len(rates) and rates[len(smoothed)] > 0.5
    assert 0.025 < lesson.pick_rate(rates, smoothed) < 0.5


@quick
@given(st.lists(st.sampled_from([0.5, 0.52, 0.9, math.nan, math.inf]), min_size=1, max_size=9))
def test_a_basin_by_brute_force(losses):
    if not any(math.isfinite(loss) for loss in losses):
        return
    rates = [10.0**n for n in range(len(losses))]
    best = losses.index(min(loss for loss in losses if math.isfinite(loss)))
    widest = 0
    for low in range(best + 1):
        for high in range(best, len(losses)):
            if all(loss <= losses[best] + 0.1 for loss in losses[low : high + 1]):
                widest = max(widest, high - low)
    assert lesson.basin_width(rates, losses) == pytest.approx(widest)


def test_spreads_are_those_of_torchs_initializers():
    weight = torch.empty(400, 300)  # (fan_out, fan_in)
    init, ours = torch.nn.init, lesson.initial_std
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for mode in ("fan_in", "fan_out"):
            init.kaiming_normal_(weight, mode=mode, nonlinearity="relu")
            assert ours(300, 400, mode, 2**0.5) == pytest.approx(weight.std().item(), rel=0.02)
        init.xavier_normal_(weight, gain=0.7)
        assert ours(300, 400, "average", 0.7) == pytest.approx(weight.std().item(), rel=0.02)


def test_orthogonal_weights_have_the_statistics_of_torchs():
    generator = torch.Generator().manual_seed(0)
    ours = torch.stack([lesson.orthogonal_weight(3, 3, generator) for _ in range(3000)])
    with torch.random.fork_rng():
        torch.manual_seed(1)
        theirs = torch.stack([torch.nn.init.orthogonal_(torch.empty(3, 3)) for _ in range(3000)])
    for power in (1, 2, 4):
        close((ours**power).mean(0), (theirs**power).mean(0), atol=0.06, rtol=0)
    for fans in ((5, 3), (3, 5)):
        found = torch.linalg.svdvals(lesson.orthogonal_weight(*fans, generator, 2.0))
        close(found, torch.full((3,), 2.0))


def test_a_signal_keeps_its_size_with_kaimings_rule():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(300, 256, generator=generator)
    std = lesson.initial_std(256, 256, gain=2**0.5)
    weights = [std * torch.randn(256, 256, generator=generator) for _ in range(20)]
    spreads = lesson.signal_by_layer(x, weights, torch.relu)
    assert 0.4 < statistics.mean(spreads) < 1.6
    turned = [lesson.orthogonal_weight(256, 256, generator) for _ in range(20)]
    linear = lesson.signal_by_layer(x, turned, lambda h: h)
    assert linear[-1] == pytest.approx(x.std().item(), rel=1e-3)


@quick
@given(st.integers(1, 100), st.floats(1.1, 5.0))
def test_a_stream_grows_as_wanted(blocks, growth):
    scale = lesson.residual_scale(blocks, growth)
    assert math.sqrt(1 + blocks * scale**2) == pytest.approx(growth)


def test_mup_keeps_the_change_of_the_logits():
    """One step of Adam moves the logits alike in a narrow and in a wide network."""
    moved = {}
    for width in (64, 1024):
        generator = torch.Generator().manual_seed(0)
        x, targets = lesson.points(200, generator)
        std, rate = lesson.mup_scales("output", width, 64, 0.2, 0.01)
        hidden = (x @ torch.randn(2, width, generator=generator)).relu()
        weight = (std * torch.randn(width, 4, generator=generator)).requires_grad_()
        F.cross_entropy(hidden @ weight, targets).backward()
        before = (hidden @ weight).detach()
        lesson.adam_step(weight, weight.grad, {}, rate)
        moved[width] = (hidden @ weight - before).abs().mean().item()
    assert moved[1024] == pytest.approx(moved[64], rel=0.25)


@pytest.mark.parametrize("illness", [*lesson.ILLNESSES, "healthy"])
def test_patients_are_named_right_under_many_seeds(illness):
    assert {lesson.diagnose(lesson.examine(illness, seed)) for seed in range(100, 112)} == {illness}


def test_cured_networks_are_far_from_sick_ones():
    for illness in lesson.ILLNESSES:
        generator = torch.Generator().manual_seed(3)
        recipe = lesson.patient(illness, generator)
        losses = []
        for tried in (recipe, lesson.cure(illness, recipe)):
            generator.manual_seed(4)
            losses.append(lesson.train_network(tried, generator, 500)[1]["dev losses"][0])
        assert losses[1] < 0.4
        if illness != "evaluation in training mode":
            assert not losses[0] < losses[1] + 0.3


def test_the_checks_have_the_lessons_own_clinic():
    """The checks train networks by code of their own; it must be the code that learners read."""
    names = [
        "patient",
        "points",
        "make_network",
        "predict",
        "dev_loss",
        "size_of",
        "exponent",
        "train_network",
    ]
    path = Course.find().checks / "part8_optimization" / "checks.py"
    tree = ast.parse(path.read_text())
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name in names:
        ours = ast.parse(inspect.getsource(getattr(lesson, name))).body[0]
        assert ast.unparse(found[name]) == ast.unparse(ours), name
    values = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id in ("HEALTHY", "ILLNESSES")
    }
    assert values == {"HEALTHY": lesson.HEALTHY, "ILLNESSES": lesson.ILLNESSES}
