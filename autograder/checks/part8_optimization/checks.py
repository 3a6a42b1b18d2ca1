"""Checks of part 8: optimization, how to choose the start, the rate and the rule."""

import math

import torch
import torch.nn.functional as F

from autograder.checks import exercise
from autograder.checks.vocabulary import afterwards, draws_of, means_by_chance, twice

DOUBLE = torch.float64
BUILT = "you build the optimizer here, so torch.optim's own may not be called"


def curvatures_of(draw, count, name="curvatures"):
    """Positive numbers, none of them near 0."""
    return draw.tensor(name, count, low=0.2, high=5.0)


def numbers(draw, name, shape):
    """A drawn tensor of a shape that may have no dimension."""
    return draw.given(name, draw.tensor(name, *(shape or (1,))).reshape(shape))


def walk(step, draw, shape, steps, **options):
    """Several steps of a rule in double precision, all gradients in one tensor that is reused."""
    parameter = draw.tensor("parameter", *shape, dtype=DOUBLE).requires_grad_()
    drawn = draw.tensor("gradients, step by step", steps, *shape, dtype=DOUBLE)
    gradient, state, places = torch.empty_like(parameter), {}, []
    gradient.requires_grad_(False)
    for number in range(steps):
        gradient.copy_(drawn[number])
        step(parameter, gradient, state, **options)
        places.append(parameter.detach().clone())
    return {
        "parameter after each step": places,
        **afterwards(gradient=gradient),
        "requires gradients": parameter.requires_grad,
        "is a leaf": parameter.is_leaf,
        "gradients are recorded afterwards": (2 * parameter).requires_grad,
    }


def side_by_side(step, draw, shapes, steps, **options):
    """Two parameters take turns, each with a state of its own; the second starts later."""
    parameters = [draw.tensor(f"parameter {n}", *shape) for n, shape in enumerate(shapes, 1)]
    gradients = [draw.tensor(f"gradients {n}", steps, *shape) for n, shape in enumerate(shapes, 1)]
    states = [{} for _ in shapes]
    for number in range(steps):
        for which, parameter in enumerate(parameters):
            if number >= 2 * which:
                step(parameter, gradients[which][number], states[which], **options)
    return {"first parameter": parameters[0], "second parameter": parameters[1]}


# descend


descend = exercise("descend")


@descend.check
def every_place_is_noted(lesson, draw):
    """The path has the start, and the place after each step."""
    count, steps = draw.size(1, 4), draw.size(0, 5, name="steps")
    curvatures, start = curvatures_of(draw, count), draw.tensor("start", count)
    rate = draw.number("rate", 0.05, 0.6)
    return {
        "path": lesson.descend(curvatures, start, rate, steps),
        **afterwards(curvatures=curvatures, start=start),
    }


@descend.check(cases=2)
def long_walks(lesson, draw):
    """A walk may be long and have many coordinates, and the next one has a path of its own."""
    count, steps = [(1013, 3), (3, 120)][draw.case]
    rate = draw.number("rate", 0.02, 0.3)

    def inputs(name):
        return {
            "curvatures": curvatures_of(draw, count, f"curvatures{name}"),
            "start": draw.tensor(f"start{name}", count),
            "rate": rate,
            "steps": steps,
        }

    # Who lets autograd find the gradient needs one, and `twice` asks for none.
    call = torch.enable_grad()(lesson.descend)
    return twice(call, inputs(""), inputs(" of the second"), "path")


# largest_stable_rate


largest_stable_rate = exercise("largest_stable_rate")
ROUNDED = "eigenvalues in single precision depend on the order of the sums"


def hessian_of(draw, count, name="hessian"):
    """A symmetric matrix whose eigenvalues are above 0.3."""
    root = draw.tensor(f"a root of the {name}", count, count)
    return draw.given(name, root @ root.T + 0.3 * torch.eye(count))


@largest_stable_rate.check(tolerance=(1e-4, 1e-6), because=ROUNDED)
def curvatures_are_eigenvalues(lesson, draw):
    """The steepest direction need not be one of the axes."""
    hessian = hessian_of(draw, draw.size(1, 4))
    return {"rate": lesson.largest_stable_rate(hessian), **afterwards(hessian=hessian)}


@largest_stable_rate.check(tolerance=(1e-4, 1e-6), because=ROUNDED)
def along_the_axes(lesson, draw):
    """Where the curvatures stand on the diagonal, the largest one sets the rate."""
    diagonal = curvatures_of(draw, draw.size(2, 5), "curvatures")
    return {"rate": lesson.largest_stable_rate(draw.given("hessian", torch.diag(diagonal)))}


@largest_stable_rate.check(cases=1, tolerance=(1e-4, 1e-6), because=ROUNDED)
def large_bowls(lesson, draw):
    """A bowl may have many dimensions, and the next one has a rate of its own."""
    one, other = hessian_of(draw, 113), hessian_of(draw, 113, "second hessian")
    return twice(lesson.largest_stable_rate, {"hessian": one}, {"hessian": other}, "rate")


# best_rate, best_momentum


best_rate = exercise("best_rate")
best_momentum = exercise("best_momentum")


def check_both(exercise_, name, what):
    """The two exercises answer the same question for two rules."""

    def in_any_order(lesson, draw):
        """Only the largest and the smallest curvature count, wherever they stand."""
        curvatures = curvatures_of(draw, draw.size(2, 5))
        return {what: getattr(lesson, name)(curvatures), **afterwards(curvatures=curvatures)}

    def a_round_bowl(lesson, draw):
        """A bowl of one curvature needs one step."""
        curvature = curvatures_of(draw, 1)
        return {what: getattr(lesson, name)(draw.given("curvatures", curvature.repeat(3)))}

    def many_curvatures(lesson, draw):
        """There may be many curvatures, and the next bowl has numbers of its own."""
        ends = torch.tensor([7.0, 0.05])
        one, other = (torch.cat([curvatures_of(draw, 1013, n), ends]) for n in ("one", "other"))
        inputs = {"curvatures": one}, {"curvatures": other * 3}
        return twice(getattr(lesson, name), *inputs, what)

    exercise_.check(in_any_order)
    exercise_.check(cases=1)(a_round_bowl)
    exercise_.check(cases=1)(many_curvatures)


check_both(best_rate, "best_rate", "rate and factor")
check_both(best_momentum, "best_momentum", "rate and momentum")


# momentum_step


momentum_step = exercise("momentum_step", points=2)
momentum_step.forbid("optimizer", says=BUILT)


@momentum_step.check
def the_velocity_adds_up(lesson, draw):
    """The velocity keeps its share and takes in the whole gradient, step after step."""
    shape = draw.choice("shape", [(3,), (2, 2), (1, 2, 2)])
    options = {
        "rate": draw.number("rate", 0.05, 1.0),
        "momentum": draw.number("momentum", 0.3, 0.95),
    }
    return walk(lesson.momentum_step, draw, shape, draw.size(1, 4), **options)


@momentum_step.check(cases=2)
def looks_ahead(lesson, draw):
    """Nesterov's variant adds the gradient to the share of the new velocity."""
    options = {
        "rate": draw.number("rate", 0.05, 1.0),
        "momentum": draw.number("momentum", 0.3, 0.95),
    }
    return walk(lesson.momentum_step, draw, (3,), draw.size(2, 4), nesterov=True, **options)


@momentum_step.check(cases=2)
def a_rate_that_changes(lesson, draw):
    """The velocity gathers gradients; when the rate changes, all of it goes on at the new one."""
    parameter, state, places = draw.tensor("parameter", 3, dtype=DOUBLE), {}, []
    for rate in draw.numbers("rates", 3, 0.05, 1.0):
        gradient = draw.tensor("gradient", 3, dtype=DOUBLE)
        lesson.momentum_step(parameter, gradient, state, rate, nesterov=bool(draw.case))
        places.append(parameter.clone())
    return {"places": places}


@momentum_step.check(cases=1)
def by_default(lesson, draw):
    """The momentum is 0.9 unless another one is given."""
    return walk(lesson.momentum_step, draw, (3,), 3, rate=draw.number("rate", 0.05, 1.0))


@momentum_step.check(cases=1)
def momenta_of_their_own(lesson, draw):
    """Each parameter has a velocity of its own; there may be many numbers and many steps."""
    options = {
        "rate": draw.number("rate", 0.05, 0.3),
        "momentum": draw.number("momentum", 0.3, 0.9),
    }
    return side_by_side(lesson.momentum_step, draw, [(1013, 3), (2, 37)], 12, **options)


# rmsprop_step


rmsprop_step = exercise("rmsprop_step")
rmsprop_step.forbid("optimizer", says=BUILT)


def rmsprop_options(draw):
    return {
        "rate": draw.number("rate", 0.05, 1.0),
        "decay": draw.number("decay", 0.3, 0.95),
        "eps": draw.number("eps", 0.1, 0.5),
    }


@rmsprop_step.check
def divided_by_the_root(lesson, draw):
    """Each number is divided by the root of its own average square, plus eps."""
    shape = draw.choice("shape", [(3,), (2, 2), (1, 2, 2)])
    return walk(lesson.rmsprop_step, draw, shape, draw.size(1, 4), **rmsprop_options(draw))


@rmsprop_step.check(cases=1)
def rmsprops_defaults(lesson, draw):
    """The defaults are a decay of 0.99 and a very small eps."""
    return walk(lesson.rmsprop_step, draw, (3,), 3, rate=draw.number("rate", 0.05, 1.0))


@rmsprop_step.check(cases=1)
def gradients_of_zero(lesson, draw):
    """A gradient that has always been 0 moves nothing; a tiny one moves as far as a large one."""
    parameter = draw.tensor("parameter", 3)
    size = draw.number("size", 0.5, 2.0)
    gradient = draw.given("gradient", torch.tensor([0.0, size / 1000, 1000 * size]))
    lesson.rmsprop_step(parameter, gradient, {}, 0.1)
    return {"parameter": parameter}


@rmsprop_step.check(cases=1)
def squares_of_their_own(lesson, draw):
    """Each parameter has an average of its own; there may be many numbers and many steps."""
    return side_by_side(
        lesson.rmsprop_step, draw, [(1013, 3), (2, 37)], 12, **rmsprop_options(draw)
    )


# adam_step


adam_step = exercise("adam_step", points=2)
adam_step.forbid("optimizer", says=BUILT)


def adam_options(draw):
    return {
        "rate": draw.number("rate", 0.05, 1.0),
        "betas": draw.given("betas", (draw.number("b1", 0.3, 0.9), draw.number("b2", 0.4, 0.95))),
        "eps": draw.number("eps", 0.1, 0.5),
    }


@adam_step.check
def two_fair_averages(lesson, draw):
    """Both averages are corrected by the number of steps made."""
    shape = draw.choice("shape", [(3,), (2, 2), (1, 2, 2)])
    return walk(lesson.adam_step, draw, shape, draw.size(1, 5), **adam_options(draw))


@adam_step.check(cases=2)
def uncorrected(lesson, draw):
    """Without correction the averages are used as they are."""
    steps, options = draw.size(1, 4), adam_options(draw)
    return walk(lesson.adam_step, draw, (3,), steps, correct=False, **options)


@adam_step.check(cases=1)
def adams_defaults(lesson, draw):
    """The defaults are the betas 0.9 and 0.999, a very small eps, and the correction."""
    return walk(lesson.adam_step, draw, (3,), 4, rate=draw.number("rate", 0.05, 1.0))


@adam_step.check(cases=1)
def averages_of_their_own(lesson, draw):
    """Each parameter counts its own steps; there may be many numbers and many steps."""
    return side_by_side(lesson.adam_step, draw, [(1013, 3), (2, 37)], 12, **adam_options(draw))


# adamw_step


adamw_step = exercise("adamw_step")
adamw_step.forbid("optimizer", says=BUILT)


def decay_options(draw):
    return {"decay": draw.number("decay", 0.1, 0.9), **adam_options(draw)}


@adamw_step.check
def shrinks_apart_from_the_step(lesson, draw):
    """Decoupled, the parameter shrinks by rate times decay, and Adam's step is as it was."""
    shape = draw.choice("shape", [(3,), (2, 2), (1, 2, 2)])
    return walk(lesson.adamw_step, draw, shape, draw.size(1, 4), **decay_options(draw))


@adamw_step.check
def penalty_in_the_gradient(lesson, draw):
    """With an L2 penalty the decay goes through both averages."""
    options = decay_options(draw)
    return walk(lesson.adamw_step, draw, (3,), draw.size(1, 4), decoupled=False, **options)


@adamw_step.check(cases=1)
def adamws_defaults(lesson, draw):
    """The defaults are a decoupled decay of 0.01, and Adam's own."""
    return walk(lesson.adamw_step, draw, (3,), 4, rate=draw.number("rate", 0.05, 1.0))


@adamw_step.check(cases=1)
def decays_of_their_own(lesson, draw):
    """Each parameter has a state of its own; there may be many numbers and many steps."""
    return side_by_side(lesson.adamw_step, draw, [(1013, 3), (2, 37)], 12, **decay_options(draw))


# orthogonalize


orthogonalize = exercise("orthogonalize", points=2)


@orthogonalize.check
def one_round_after_another(lesson, draw):
    """The matrix is divided by its norm, and then goes through the polynomial as often as asked."""
    shape = draw.choice("shape", [(2, 4), (4, 2), (3, 3)])
    matrix, steps = draw.tensor("matrix", *shape, dtype=DOUBLE), draw.size(0, 3, name="steps")
    coefficients = draw.given("coefficients", tuple(draw.numbers("a, b, c", 3, 0.2, 1.5)))
    return {
        "result": lesson.orthogonalize(matrix, steps, coefficients),
        **afterwards(matrix=matrix),
    }


@orthogonalize.check(cases=2)
def singular_values_near_one(lesson, draw):
    """By default five rounds with Muon's numbers bring all singular values near 1."""
    shape = [(3, 5), (5, 3)][draw.case]
    return {"result": lesson.orthogonalize(draw.tensor("matrix", *shape, dtype=DOUBLE))}


@orthogonalize.check(cases=1)
def nothing_stays_nothing(lesson, draw):
    """A matrix of zeros stays zeros, and a tiny one does not."""
    tiny = draw.given("tiny", 1e-5 * draw.tensor("matrix", 3, 2, dtype=DOUBLE))
    tinier = draw.given("tinier", 1e-10 * draw.tensor("matrix", 3, 2, dtype=DOUBLE))
    return {
        "of zeros": lesson.orthogonalize(torch.zeros(2, 3)),
        "of the tiny one": lesson.orthogonalize(tiny, 2),
        "of the tinier one, times a million": 1e6 * lesson.orthogonalize(tinier, 1),
    }


@orthogonalize.check(cases=1)
def large_matrices(lesson, draw):
    """A matrix may be large, and the next one has a result of its own."""
    one, other = (draw.tensor(name, 37, 43, dtype=DOUBLE) for name in ("one", "other"))
    options = {"steps": 3, "coefficients": (1.5, -0.5, 0.0)}
    call = lesson.orthogonalize
    return twice(call, {"matrix": one, **options}, {"matrix": other, **options})


# muon_step


muon_step = exercise("muon_step")
muon_step.forbid("optimizer", says=BUILT)


@muon_step.check
def an_orthogonal_step(lesson, draw):
    """The average of the gradients is orthogonalized, and the average itself is kept."""
    shape = [(3, 2), (2, 3), (2, 8)][draw.case]
    options = {
        "rate": draw.number("rate", 0.05, 1.0),
        "momentum": draw.number("momentum", 0.3, 0.9),
    }
    return walk(lesson.muon_step, draw, shape, draw.size(1, 4), **options)


@muon_step.check(cases=1)
def muons_default(lesson, draw):
    """The momentum is 0.95 unless another one is given."""
    return walk(lesson.muon_step, draw, (3, 3), 4, rate=draw.number("rate", 0.05, 1.0))


@muon_step.check(cases=1, tolerance=(1e-3, 1e-3), because="the iteration amplifies rounding")
def matrices_of_their_own(lesson, draw):
    """Each parameter has an average of its own; matrices may be large."""
    options = {
        "rate": draw.number("rate", 0.05, 0.3),
        "momentum": draw.number("momentum", 0.3, 0.9),
    }
    return side_by_side(lesson.muon_step, draw, [(113, 3), (5, 37)], 5, **options)


# Optimizer.step


optimizer_step = exercise("Optimizer.step", points=2)
optimizer_step.forbid("optimizer", says=BUILT)


class Recorder:
    """A rule that notes how it is called, and moves the parameter a little."""

    def __init__(self, parameters):
        self.parameters, self.calls = parameters, []

    def __call__(self, parameter, gradient, state, **options):
        found = [n for n, one in enumerate(self.parameters) if one is parameter]
        state["calls"] = state.get("calls", 0) + 1
        self.calls.append((found, gradient.clone(), state["calls"], options))
        with torch.no_grad():
            parameter -= gradient

    def take(self):
        """The calls so far by parameter, and a fresh list: their order is nobody's business."""
        calls, self.calls = sorted(self.calls, key=lambda call: call[0]), []
        names = ("parameter", "gradient", "calls with this state", "options")
        return [dict(zip(names, call, strict=True)) for call in calls]


def parameters_of(draw, count):
    """Leaves that require gradients, of two sizes; some of them hold the same numbers."""
    found = [draw.tensor("parameters", 2 + n % 2).requires_grad_() for n in range(count)]
    for parameter in found[: count // 2]:
        parameter.data.fill_(1.0)
    return found


def with_gradients(draw, parameters, missing=()):
    for number, parameter in enumerate(parameters):
        wanted = number not in missing
        size = len(parameter)
        parameter.grad = draw.tensor(f"gradient {number}", size) if wanted else None


@optimizer_step.check
def the_rule_is_called_for_each(lesson, draw):
    """Each parameter gets its own gradient and state, with its group's options of the moment."""
    parameters = parameters_of(draw, draw.size(2, 6))
    half = len(parameters) // 2
    groups = [
        {"parameters": parameters[:half], "rate": draw.number("rate"), "decay": 0.0},
        {"parameters": parameters[half:], "rate": draw.number("second rate"), "decay": 0.5},
    ]
    rule, seen = Recorder(parameters), []
    optimizer = lesson.Optimizer(groups, rule)
    for step in range(3):
        with_gradients(draw, parameters)
        optimizer.step()
        seen.append(rule.take())
        groups[step % 2]["rate"] = draw.number("rate from then on")
    return {
        "calls of the rule, step by step": seen,
        **afterwards(parameters=parameters),
        "gradients afterwards": [parameter.grad for parameter in parameters],
        "entries of a group afterwards": list(groups[0]),
    }


@optimizer_step.check(cases=2)
def without_gradients(lesson, draw):
    """Parameters without a gradient are left out, and may have one the next time."""
    parameters = parameters_of(draw, 4)
    rule = Recorder(parameters)
    optimizer = lesson.Optimizer([{"parameters": parameters, "rate": draw.number("rate")}], rule)
    missing, seen = draw.integer("without a gradient at first", 0, 3), []
    for left_out in ([missing], [], [3 - missing]):
        with_gradients(draw, parameters, left_out)
        optimizer.step()
        seen.append(rule.take())
    return {"calls of the rule, step by step": seen}


@optimizer_step.check(cases=1)
def two_optimizers(lesson, draw):
    """Two optimizers share nothing; there may be many parameters and groups."""
    parameters = parameters_of(draw, 72)
    rules = [Recorder(parameters), Recorder(parameters)]
    optimizers = [
        lesson.Optimizer([{"parameters": [one], "factor": 2.0} for one in parameters], rule)
        for rule in rules
    ]
    seen = []
    for _ in range(2):
        with_gradients(draw, parameters)
        for optimizer, rule in zip(optimizers, rules, strict=True):
            optimizer.step()
            calls = rule.take()
            seen += [len(calls), sum(call["calls with this state"] for call in calls)]
    return {"calls, and calls with their states": seen, **afterwards(parameters=parameters)}


# parameter_groups


parameter_groups = exercise("parameter_groups")


def by_position(groups, parameters):
    """The groups with each parameter's position in place of itself; -1 for any other tensor."""
    if not isinstance(groups, list | tuple):
        return groups
    return [
        {
            name: [
                next((n for n, one in enumerate(parameters) if one is parameter), -1)
                for parameter in value
            ]
            if name == "parameters"
            else value
            for name, value in group.items()
        }
        for group in groups
    ]


def shaped(draw, count):
    shapes = [(2,), (2, 3), (), (2, 2, 2), (1, 3), (3,)]
    return [numbers(draw, "parameters", draw.choice("shape", shapes)) for _ in range(count)]


@parameter_groups.check
def by_their_dimensions(lesson, draw):
    """Two dimensions and more decay, one or none don't; the tensors are the same ones, in order."""
    parameters = shaped(draw, draw.size(1, 8))
    rate, decay = draw.number("rate", 0.01, 0.5), draw.number("decay", 0.01, 0.5)
    groups = lesson.parameter_groups(parameters, rate, decay)
    return {
        "groups, by position": by_position(groups, parameters),
        **afterwards(parameters=parameters),
    }


@parameter_groups.check(cases=2)
def one_kind_alone(lesson, draw):
    """A group may be empty."""
    shape = [(3,), (2, 3)][draw.case]
    parameters = [draw.tensor("parameters", *shape) for _ in range(3)]
    rate, decay = draw.number("rate", 0.01, 0.5), draw.number("decay", 0.01, 0.5)
    groups = lesson.parameter_groups(parameters, rate, decay)
    return {"groups, by position": by_position(groups, parameters)}


@parameter_groups.check(cases=1)
def many_parameters(lesson, draw):
    """There may be many parameters, and the next call has groups of its own."""
    one, other = shaped(draw, 150), shaped(draw, 150)
    rate, decay = draw.number("rate", 0.01, 0.5), draw.number("decay", 0.01, 0.5)
    first, second = (lesson.parameter_groups(each, rate, decay) for each in (one, other))
    return {"first": by_position(first, one), "second": by_position(second, other)}


# clip_by_norm


clip_by_norm = exercise("clip_by_norm")
clip_by_norm.forbid(
    "clip_gradients", says="you build clipping here, so torch's own may not be called"
)


def with_grads(draw, shapes, missing=()):
    """Parameters with gradients, and these gradients as they are held elsewhere."""
    parameters = [numbers(draw, "parameters", shape).requires_grad_() for shape in shapes]
    for number, parameter in enumerate(parameters):
        if number not in missing:
            parameter.grad = numbers(draw, f"gradient {number}", shapes[number])
    return parameters, [parameter.grad for parameter in parameters]


@clip_by_norm.check
def all_of_it_together(lesson, draw):
    """One factor brings the norm of all gradients together down to the limit, in place."""
    parameters, held = with_grads(draw, [(2,), (2, 2), ()][: draw.size(1, 3)])
    largest = draw.number("largest", 0.05, 0.2)
    norm = lesson.clip_by_norm(parameters, largest)
    return {
        "norm": norm,
        "gradients": [parameter.grad for parameter in parameters],
        "gradients as others hold them": held,
        **afterwards(parameters=parameters),
    }


@clip_by_norm.check(cases=2)
def short_enough(lesson, draw):
    """A gradient that is short enough stays as it is."""
    parameters, held = with_grads(draw, [(2,), (2, 2)])
    return {
        "norm": lesson.clip_by_norm(parameters, draw.number("largest", 50.0, 90.0)),
        "held": held,
    }


@clip_by_norm.check(cases=2)
def some_have_none(lesson, draw):
    """Parameters without a gradient are left alone; with none at all the norm is 0."""
    missing = [draw.integer("without a gradient", 0, 2)] if draw.case else [0, 1, 2]
    parameters, _ = with_grads(draw, [(2,), (2, 2), (3,)], missing)
    norm = lesson.clip_by_norm(parameters, draw.number("largest", 0.05, 0.2))
    return {"norm": norm, "gradients": [parameter.grad for parameter in parameters]}


@clip_by_norm.check(cases=1, tolerance=(1e-4, 1e-6), because="long sums in single precision")
def many_gradients(lesson, draw):
    """There may be many parameters, and large ones."""
    parameters, _ = with_grads(draw, [(37, 29), *[(2,)] * 70, (41, 31)])
    limit, norms = draw.number("limit", 0.5, 2.0), []
    for factor in draw.numbers("what the gradients are multiplied by", 3, 2.0, 5.0):
        for parameter in parameters:
            parameter.grad *= factor
        norms.append(lesson.clip_by_norm(parameters, limit))
    return {"norms": norms, "gradients": [parameter.grad for parameter in parameters]}


# noise_scale


noise_scale = exercise("noise_scale")
SQUARED = "quotients of sums of squares in single precision"


def example_gradients(draw, rows, columns, name="gradients"):
    """Gradients whose mean is not near 0."""
    return draw.given(name, draw.tensor(name, rows, columns) + 0.8)


@noise_scale.check(tolerance=(1e-4, 1e-6), because=SQUARED)
def noise_beside_the_mean(lesson, draw):
    """The variances of all columns add up, and so do the squares of their means."""
    gradients = example_gradients(draw, draw.size(2, 6), draw.size(1, 4))
    return {"scale": lesson.noise_scale(gradients), **afterwards(gradients=gradients)}


@noise_scale.check(cases=2, tolerance=(1e-4, 1e-6), because=SQUARED)
def many_examples(lesson, draw):
    """There may be many examples or many numbers, and the next call has a result of its own."""
    rows, columns = [(1013, 3), (23, 211)][draw.case]
    one, other = (example_gradients(draw, rows, columns, name) for name in ("one", "other"))
    return twice(lesson.noise_scale, {"gradients": one}, {"gradients": 2 - other}, "scale")


# range_test


range_test = exercise("range_test", points=2)


def tested(lesson, draw, losses, **options):
    """What range_test returns for these losses, and the rates that it tried: in any order."""
    rates = draw.shuffled("rates", [0.001 * 1.5 ** (n // 2) for n in range(len(losses))])
    losses, tried = draw.given("losses", losses), []

    def take_step(rate):
        tried.append(rate)
        return losses[len(tried) - 1]

    smoothed = lesson.range_test(take_step, rates, **options)
    return {"smoothed": smoothed, "rates that were tried": tried, **afterwards(rates=rates)}


@range_test.check
def smoothed_to_the_end(lesson, draw):
    """Each smoothed loss keeps its share of the one before, and takes in the new one."""
    losses = draw.numbers("losses", draw.size(1, 6), 1.0, 3.0)
    return tested(lesson, draw, losses, keep=draw.number("keep", 0.1, 0.9))


@range_test.check
def runs_away(lesson, draw):
    """The test ends where the smoothed loss is far above the smallest one, and not later."""
    falling = [3.0, 1.0, draw.number("the smallest", 0.3, 0.6), 0.8, 1.1]
    rising = [draw.number("one that rises", 2.0, 9.0), 6.0, 12.0, 30.0, 2.0, 0.5]
    keep, stop = draw.number("keep", 0.3, 0.8), draw.number("stop", 1.5, 5.0)
    return tested(lesson, draw, falling[draw.case :] + rising, keep=keep, stop=stop)


@range_test.check
def no_number(lesson, draw):
    """The test ends where a loss is infinite or NaN, be it the first one."""
    bad = draw.given("a loss that is no number", [math.nan, math.inf, -math.inf][draw.case])
    losses = draw.numbers("losses", draw.size(0, 4), 1.0, 2.0)
    return tested(lesson, draw, [*losses, bad, 1.0, 1.0])


@range_test.check(cases=1)
def no_more_than_allowed(lesson, draw):
    """A smoothed loss that is exactly `stop` times the smallest is not above it."""
    size = draw.choice("the smallest", [0.5, 1.0, 2.0, 4.0])
    return tested(lesson, draw, [size, 3 * size, size, 5 * size, size], keep=0.5, stop=2.0)


@range_test.check(cases=1)
def by_its_defaults(lesson, draw):
    """By default nine tenths are kept, and four times the smallest is too much."""
    start = draw.number("start", 1.0, 2.0)
    losses = [start, *[start * 1.2**n for n in range(30)]]
    return tested(lesson, draw, losses)


@range_test.check(cases=1)
def a_long_test(lesson, draw):
    """A test may be long, and the next one starts anew."""
    first = tested(lesson, draw, draw.numbers("losses", 150, 1.0, 2.0))
    second = tested(lesson, draw, draw.numbers("second losses", 150, 1.0, 2.0))
    return {"first": first, "second": second}


# pick_rate


pick_rate = exercise("pick_rate")


def rising_rates(draw, count):
    start = draw.number("the first rate", 0.01, 0.09)
    return draw.given("rates", [start * 1.3**n for n in range(count)])


@pick_rate.check
def back_from_the_lowest(lesson, draw):
    """The rate of the lowest smoothed loss, divided by `back`; the losses may be fewer."""
    count = draw.size(1, 7)
    rates, smoothed = rising_rates(draw, count + 2), draw.numbers("smoothed", count, 0.5, 3.0)
    back = draw.number("back", 1.5, 20.0)
    return {
        "rate": lesson.pick_rate(rates, smoothed, back),
        **afterwards(rates=rates, smoothed=smoothed),
    }


@pick_rate.check(cases=2)
def the_first_of_equals(lesson, draw):
    """Of equal losses the one with the smallest rate counts; by default `back` is 10."""
    smoothed = draw.given("smoothed", [2.0, 1.5, 2.0, 0.5, 1.0, 0.5, 2.0, 0.5][draw.case :])
    return {"rate": lesson.pick_rate(rising_rates(draw, len(smoothed)), smoothed)}


@pick_rate.check(cases=1)
def a_long_curve(lesson, draw):
    """A curve may be long, and the next one has a rate of its own."""
    rates = rising_rates(draw, 150)
    curves = [[abs(n - low) + 1.0 for n in range(150)] for low in (131, 17)]
    return {"rates": [lesson.pick_rate(rates, draw.given("smoothed", each)) for each in curves]}


# step_decay, warmup_cosine, warmup_stable_decay


step_decay = exercise("step_decay")


@step_decay.check
def stairs(lesson, draw):
    """Each stair is as long as asked, and as deep."""
    every, factor = draw.size(1, 4, name="every"), draw.number("factor", 0.2, 0.9)
    peak = draw.number("peak", 0.1, 2.0)
    return {"rates": [lesson.step_decay(step, peak, every, factor) for step in range(13)]}


@step_decay.check(cases=1)
def a_tenth_by_default(lesson, draw):
    """By default each stair is a tenth of the one before; a step may be late."""
    peak = draw.number("peak", 0.1, 2.0)
    steps = (0, 999, 1000, 1999, 2000)
    return {"rates": [1e6 * lesson.step_decay(step, 100 * peak, 1000) for step in steps]}


warmup_cosine = exercise("warmup_cosine", points=2)


@warmup_cosine.check
def up_and_down(lesson, draw):
    """The warm-up rises evenly, and the cosine falls from the peak to the end in the last step."""
    warmup = draw.size(0, 3, name="warmup")
    steps = draw.given("steps", warmup + 2 + draw.size(0, 6))
    peak, end = draw.number("peak", 0.5, 2.0), draw.number("end", 0.1, 0.4)
    rates = [lesson.warmup_cosine(step, steps, peak, warmup, end) for step in range(steps)]
    return {"rates": rates}


@warmup_cosine.check(cases=2)
def down_to_nothing(lesson, draw):
    """By default the last step has a rate of 0, in long runs too."""
    steps, warmup = [(9, 2), (2013, 100)][draw.case]
    peak = draw.number("peak", 0.5, 2.0)
    asked = [0, 1, warmup - 1, warmup, warmup + 1, steps // 2, steps - 2, steps - 1]
    return {"rates": [lesson.warmup_cosine(step, steps, peak, warmup) for step in asked]}


warmup_stable_decay = exercise("warmup_stable_decay")


@warmup_stable_decay.check
def up_along_and_down(lesson, draw):
    """The warm-up and the fall are even, and all between has the peak."""
    warmup, decay = draw.size(0, 3, name="warmup"), draw.size(0, 4, name="decay")
    steps = draw.given("steps", warmup + decay + draw.size(1, 3))
    peak, call = draw.number("peak", 0.5, 2.0), lesson.warmup_stable_decay
    return {"rates": [call(step, steps, peak, warmup, decay) for step in range(steps)]}


@warmup_stable_decay.check(cases=2)
def no_plateau(lesson, draw):
    """The fall may begin as soon as the warm-up has ended, in long runs too."""
    steps, warmup = [(7, 3), (2013, 100)][draw.case]
    peak, decay = draw.number("peak", 0.5, 2.0), draw.given("decay", steps - warmup)
    asked = [0, 1, warmup - 1, warmup, warmup + 1, steps // 2, steps - 2, steps - 1]
    call = lesson.warmup_stable_decay
    return {"rates": [call(step, steps, peak, warmup, decay) for step in asked]}


# basin_width


basin_width = exercise("basin_width", points=2)


def ladder(draw, count):
    start = draw.number("the first rate", 0.01, 0.09)
    return draw.given("rates", [start * 2.0**n for n in range(count)])


def width(lesson, draw, losses, *options):
    rates, losses = ladder(draw, len(losses)), draw.given("losses", losses)
    return {
        "width": lesson.basin_width(rates, losses, *options),
        **afterwards(rates=rates, losses=losses),
    }


@basin_width.check
def to_both_sides(lesson, draw):
    """From the best rate to both sides, as long as the loss is good enough."""
    left = [3.0, 2.0, *[0.7, 0.65][: draw.integer("good ones on the left", 0, 2)]]
    right = [*[0.6, 0.75, 0.8][: draw.integer("good ones on the right", 0, 3)], 2.0, 3.0]
    best = draw.number("the lowest", 0.4, 0.5)
    return width(lesson, draw, [*left, best, *right], 0.505)


@basin_width.check
def good_ones_beyond_bad_ones(lesson, draw):
    """A good loss beyond a bad one is no part of the basin."""
    near = draw.numbers("near the best", 4, 0.45, 0.49)
    beyond = [0.42, 2.0] if draw.case else [0.42, 0.555]
    return width(lesson, draw, [*beyond, *near[:2], 0.41, *near[2:], *beyond[::-1]])


@basin_width.check
def diverged(lesson, draw):
    """A loss that is NaN or infinite is worse than any number."""
    bad = draw.given("a loss that is no number", [math.nan, math.inf, math.nan][draw.case])
    low = draw.number("the lowest", 0.45, 0.5)
    losses = [[bad, low, 0.51, bad], [bad, 0.51, low, 0.52, bad, low], [low, 0.51, bad, bad]][
        draw.case
    ]
    return width(lesson, draw, losses)


@basin_width.check(cases=4)
def as_far_as_the_list_goes(lesson, draw):
    """The basin may reach an end of the list, or be one rate alone; the first of equals counts."""
    whole = [0.5, 0.52, 0.51, 0.53, 0.54, 0.55, 0.5]
    few = [[0.5], [0.5, 0.55, 0.5, 2.0, 0.5], [2.0, 0.5, 2.0, 0.5, 0.5], whole]
    return width(lesson, draw, few[draw.case], draw.number("slack", 0.11, 0.3))


@basin_width.check(cases=1)
def just_at_the_limit(lesson, draw):
    """A loss that is exactly `slack` above the lowest is good enough."""
    size = draw.choice("the lowest", [0.5, 1.0, 2.0, 4.0])
    return width(lesson, draw, [2 * size, 1.5 * size, size, 1.5 * size, 9 * size], size / 2)


@basin_width.check(cases=1)
def many_rates(lesson, draw):
    """There may be many rates, and the next curve has a width of its own."""
    rates = draw.given("rates", [0.001 * 1.05**n for n in range(163)])
    curves = [[0.001 * (n - low) ** 2 + 0.0003 for n in range(163)] for low in (20, 140, 147)]
    slack = draw.number("slack", 0.3, 3.0)
    return {"widths": [lesson.basin_width(rates, each, slack) for each in curves]}


# initial_std


initial_std = exercise("initial_std")


@initial_std.check
def by_its_fan(lesson, draw):
    """Each mode divides by the root of its own fan."""
    fans = draw.integer("fan_in", 2, 900), draw.integer("fan_out", 2, 900)
    modes = draw.given("modes", ["fan_in", "fan_out", "average"])
    gain = draw.number("gain", 0.5, 3.0)
    return {mode: lesson.initial_std(*fans, mode=mode, gain=gain) for mode in modes}


@initial_std.check(cases=1)
def kaiming_by_default(lesson, draw):
    """By default the fan-in counts, and the gain is 1."""
    fans = draw.integer("fan_in", 2, 900), draw.integer("fan_out", 2, 900)
    return {"std": lesson.initial_std(*fans)}


# orthogonal_weight


orthogonal_weight = exercise("orthogonal_weight", points=2)
ORTHOGONAL = "there are several ways to make a matrix orthogonal, and each rounds differently"


def products(weight):
    """The products of all rows, or of all columns where these are fewer."""
    if not isinstance(weight, torch.Tensor) or weight.ndim != 2:
        return weight
    return weight @ weight.T if weight.shape[0] <= weight.shape[1] else weight.T @ weight


@orthogonal_weight.check(tolerance=(1e-4, 1e-4), because=ORTHOGONAL)
def rows_or_columns(lesson, draw):
    """The shorter side's rows or columns are orthogonal, and as long as the gain."""
    fan_in, fan_out = [(2, 3), (4, 2), (3, 3)][draw.case]
    gain = draw.number("gain", 0.5, 2.0)
    weight = lesson.orthogonal_weight(fan_in, fan_out, draw.generator(), gain)
    return {"shape": tuple(weight.shape), "products": products(weight)}


@orthogonal_weight.check(cases=2, tolerance=(1e-4, 1e-4), because=ORTHOGONAL)
def large_weights(lesson, draw):
    """A weight may be large; by default the gain is 1."""
    fans = draw.shuffled("fans", [37, 61])
    return {"products": products(lesson.orthogonal_weight(*fans, draw.generator()))}


@orthogonal_weight.check(cases=1, **means_by_chance(400, spread=0.6))
def no_favorites(lesson, draw):
    """Every orthogonal matrix is equally likely: the mean of many of them is 0."""
    generator = draw.generator()
    many = [lesson.orthogonal_weight(3, 3, generator, 1.0) for _ in range(400)]
    return {"mean": torch.stack(many).mean(0)}


@orthogonal_weight.check(cases=1)
def drawn_with_the_generator(lesson, draw):
    """All random numbers come from the generator that is handed over."""
    return draws_of(draw, lambda generator: lesson.orthogonal_weight(4, 3, generator).tolist())


# signal_by_layer


signal_by_layer = exercise("signal_by_layer")
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "double": lambda x: 2 * x}


@signal_by_layer.check
def behind_each_layer(lesson, draw):
    """What comes out of a layer is measured behind its activation, and goes into the next."""
    sizes = [3, 4, 2, 5][: 2 + draw.size(0, 2)]
    x = draw.tensor("x", 4, 3)
    pairs = zip(sizes, sizes[1:], strict=False)
    weights = [draw.tensor(f"weight {n}", *pair) for n, pair in enumerate(pairs)]
    activation = ACTIVATIONS[draw.choice("activation", ["tanh", "double", "relu"])]
    spreads = lesson.signal_by_layer(x, weights, activation)
    return {"spreads": spreads, **afterwards(x=x, weights=weights)}


MANY = "rounding adds up over many layers"


@signal_by_layer.check(tolerance=(1e-3, 1e-6), because=MANY)
def many_layers(lesson, draw):
    """There may be many layers or examples, and the next signal has spreads of its own."""
    rows, size, count = [(45, 4, 2), (1013, 4, 120), (7, 113, 2)][draw.case]

    def inputs(name, spread):
        scale = spread / size**0.5
        weights = [scale * draw.tensor(f"weight{name}", size, size) for _ in range(count)]
        x = draw.tensor(f"x{name}", rows, size)
        return {"x": x, "weights": weights, "activation": torch.tanh}

    return twice(lesson.signal_by_layer, inputs("", 1.2), inputs(" of the second", 1.1), "spreads")


# residual_scale


residual_scale = exercise("residual_scale")


@residual_scale.check
def shared_by_the_blocks(lesson, draw):
    """The variances of all blocks add up to the growth that is wanted."""
    blocks, growth = draw.integer("blocks", 1, 120), draw.number("growth", 1.1, 6.0)
    return {"scale": lesson.residual_scale(blocks, growth)}


@residual_scale.check(cases=1)
def one_block(lesson, draw):
    """One block alone, and a great many."""
    growth = draw.number("growth", 1.1, 6.0)
    return {"scales": [lesson.residual_scale(blocks, growth) for blocks in (1, 2, 10_000)]}


# mup_scales


mup_scales = exercise("mup_scales")


@mup_scales.check
def by_the_kind_of_weight(lesson, draw):
    """Each kind of weight has a spread and a rate of its own in the wide network."""
    fan_in, base = draw.integer("fan_in", 100, 900), draw.integer("base", 8, 64)
    std, rate = draw.number("std", 0.1, 2.0), draw.number("rate", 0.1, 2.0)
    kinds = draw.given("kinds", ["input", "hidden", "output"])
    return {kind: lesson.mup_scales(kind, fan_in, base, std, rate) for kind in kinds}


@mup_scales.check(cases=2)
def narrower_or_the_same(lesson, draw):
    """A network of the same width changes nothing, and a narrower one the other way."""
    base = draw.integer("base", 16, 64)
    fan_in = draw.given("fan_in", base if draw.case == 0 else base // 3)
    std, rate = draw.number("std", 0.1, 2.0), draw.number("rate", 0.1, 2.0)
    kinds = draw.given("kinds", ["hidden", "output", "input"])
    return {kind: lesson.mup_scales(kind, fan_in, base, std, rate) for kind in kinds}


# The clinic. What follows up to `diagnose` is the lesson's own code, once more: a network that is
# made and trained here can't be told what to show by a submission that has changed it.


HEALTHY = {
    "activation": "relu",
    "gain": 1.0,
    "first bias": 0.0,
    "rate": 0.1,
    "zero_grad": True,
    "shuffled": False,
    "reduction": "mean",
    "dropout": 0.0,
    "evaluate in": "evaluation",
    "bias decay": 0.0,
}

ILLNESSES = (
    "dead units",
    "saturated units",
    "exploding",
    "vanishing",
    "wrong loss scale",
    "rate too high",
    "rate too low",
    "evaluation in training mode",
    "no zero_grad",
    "labels shuffled",
    "decay on biases",
)


def patient(illness, generator):
    """The recipe of a network with this illness; how bad it is comes from the generator."""
    badness = torch.rand((), generator=generator).item()
    sick = {
        "dead units": {"first bias": -6 - 4 * badness},
        "saturated units": {"activation": "tanh", "gain": 8 + 7 * badness},
        "exploding": {"gain": 5 + 3 * badness},
        "vanishing": {"gain": 0.05 + 0.1 * badness},
        "wrong loss scale": {"reduction": "sum"},
        "rate too high": {"rate": 5 + 5 * badness},
        "rate too low": {"rate": 1e-4 + 2e-4 * badness},
        "evaluation in training mode": {"dropout": 0.2 + 0.2 * badness, "evaluate in": "training"},
        "no zero_grad": {"zero_grad": False},
        "decay on biases": {"bias decay": 5 + 3 * badness},
        "labels shuffled": {"shuffled": True},
        "healthy": {},
    }
    return HEALTHY | sick[illness]


def points(count, generator):
    """Points in a plane (count, 2), and their classes: by the side, and by the distance."""
    x = torch.randn((count, 2), generator=generator)
    return x, 2 * (x.norm(dim=1) > 1.18) + (x[:, 0] > 0)


def make_network(recipe, generator):
    """Weights and biases in turn, of three hidden layers and an output layer."""
    parameters, gain = [], recipe["gain"] * {"relu": 2**0.5, "tanh": 5 / 3}[recipe["activation"]]
    for fan_in, fan_out in ((2, 32), (32, 32), (32, 32), (32, 4)):
        weight = gain / fan_in**0.5 * torch.randn((fan_in, fan_out), generator=generator)
        bias = torch.full((fan_out,), recipe["first bias"] if fan_out == 32 else 0.0)
        parameters += [weight.requires_grad_(), bias.requires_grad_()]
    return parameters


def predict(parameters, x, recipe, training, generator):
    """The logits, and what comes out of each hidden layer."""
    hidden = []
    for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        x = x @ weight + bias
        x = x.relu() if recipe["activation"] == "relu" else x.tanh()
        hidden.append(x)
        if training and recipe["dropout"]:
            keep = 1 - recipe["dropout"]
            x = x * (torch.rand(x.shape, generator=generator) < keep) / keep
    return x @ parameters[-2] + parameters[-1], hidden


def dev_loss(parameters, recipe, generator):
    """The mean loss over 512 points that are not trained on, in the mode that the recipe says."""
    x, y = points(512, torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits, _ = predict(parameters, x, recipe, recipe["evaluate in"] == "training", generator)
        return F.cross_entropy(logits, y).item()


def size_of(tensor):
    return tensor.square().mean().sqrt().item()


def exponent(ratio):
    """The power of ten; minus infinity for 0, infinity for what is no number."""
    return math.log10(ratio) if 0 < ratio < math.inf else -math.inf if ratio == 0 else math.inf


def train_network(recipe, generator, steps):
    """Train a network by its recipe. Returns its parameters, and what the instruments show."""
    x, y = points(512, generator)
    if recipe["shuffled"]:
        y = y[torch.randperm(len(y), generator=generator)]
    parameters, seen = make_network(recipe, generator), {"losses": [], "update ratios": []}
    for step in range(steps):
        rate = recipe["rate"] * (1.0 if step < 0.8 * steps else 0.1)
        rows = torch.randint(len(x), (32,), generator=generator)
        logits, hidden = predict(parameters, x[rows], recipe, True, generator)
        loss = F.cross_entropy(logits, y[rows], reduction=recipe["reduction"])
        if recipe["zero_grad"]:
            for parameter in parameters:
                parameter.grad = None
        if step == 0:
            for h in hidden:
                h.retain_grad()
        loss.backward()
        seen["losses"].append(loss.item())
        if step == 0:
            seen["activations"] = [h.std().item() for h in hidden]
            seen["dead"] = [(h == 0).all(0).float().mean().item() for h in hidden]
            seen["saturated"] = [
                (h.abs() > 0.97).float().mean().item() * (recipe["activation"] == "tanh")
                for h in hidden
            ]
            seen["gradients"] = [h.grad.std().item() for h in hidden]
        with torch.no_grad():
            if step % 5 == 0:
                moves = [
                    rate * size_of(weight.grad) / size_of(weight) for weight in parameters[::2]
                ]
                seen["update ratios"].append(sum(map(exponent, moves)) / len(moves))
            if step == steps - 1:
                ratios = [
                    size_of(parameter.grad) / max(size_of(parameter), 1e-30)
                    for parameter in parameters
                ]
                seen["weight gradients"], seen["bias gradients"] = ratios[::2], ratios[1::2]
            for position, parameter in enumerate(parameters):
                decay = recipe["bias decay"] if position % 2 else 0.0
                parameter -= rate * (parameter.grad + decay * parameter)
    seen["dev losses"] = [dev_loss(parameters, recipe, generator) for _ in range(2)]
    return parameters, seen


# diagnose


diagnose = exercise("diagnose", points=3)


def examined(illness, draw):
    """What the instruments show of a patient after 60 steps."""
    generator = draw.generator()
    return train_network(patient(illness, generator), generator, 60)[1]


@diagnose.check
def each_by_its_sign(lesson, draw):
    """Four patients of the clinic, as their instruments show them."""
    everybody = [*ILLNESSES, "healthy"]
    seen = [examined(illness, draw) for illness in everybody[draw.case :: 3]]
    patients = draw.shuffled("patients", seen)
    named = [lesson.diagnose(draw.given("patient", each)) for each in patients]
    return {"named": named, **afterwards(patients=patients)}


@diagnose.check(cases=2)
def the_whole_ward(lesson, draw):
    """Many patients in a row, some of them with the same illness."""
    everybody = [*ILLNESSES, "healthy"]
    waiting = [draw.choice("illness", everybody[draw.case :: 2]) for _ in range(6)]
    return {"named": [lesson.diagnose(examined(illness, draw)) for illness in waiting]}


def healthy_instruments(draw):
    """Instruments of a healthy network; what the table doesn't speak of may be anything."""
    size = draw.choice("size of the activations", [0.05, 20.0])
    free = draw.numbers("what does not count", 60, 7.0, 9.0)
    return {
        "losses": [2.0, *free[:49], *[0.5] * 10],
        "activations": [0.8 * size, 99.0, 0.7 * size],
        "dead": [0.0, 0.1, 0.2],
        "saturated": [0.0, 0.0, 0.0],
        "gradients": free[:3],
        "update ratios": [-1.8, *free[:3], *[-1.75] * 4, *free[3:7]],
        "weight gradients": free[:4],
        "bias gradients": [0.3, 0.4, 0.3, free[0]],
        "dev losses": [0.45, 0.45],
    }


def made_ill(seen):
    """The same instruments with the sign of each illness, and some with others behind it."""
    size, ratios, losses = seen["activations"][0], seen["update ratios"], seen["losses"]
    gone, nothing = {"update ratios": [math.nan] * 12, "dev losses": [math.nan] * 2}, -math.inf
    nowhere = {"activations": [0.0] * 3, "update ratios": [nothing] * 12}
    signs = [
        {"dead": [0.1, 1.0, 0.1]},
        {"dead": [1.0, 1.0, 1.0], **nowhere},
        {"saturated": [0.1, 0.9, 0.1], "losses": [30.0, *losses[1:]]},
        {"activations": [size, 1.0, 20 * size]},
        {"activations": [size, 1.0, 30 * size], "losses": [900.0, *[math.nan] * 59], **gone},
        {"activations": [size, 1.0, size / 50]},
        {"losses": [40.0, *losses[1:]], "update ratios": [0.1, *ratios[1:]]},
        {"update ratios": [-0.3, *ratios[1:]]},
        {"update ratios": [-4.2, *ratios[1:]]},
        {"dev losses": [0.45, 0.4501]},
        {"dev losses": [0.4501, 0.45]},
        {"update ratios": [*ratios[:4], -1.2, -1.9, -1.2, -1.2, *ratios[8:]]},
        {"losses": [*losses[:50], *[1.35] * 10], "bias gradients": [3.0] * 4},
        {
            "update ratios": [*ratios[:4], -1.2, -1.2, -1.2, -1.2, *ratios[8:]],
            "losses": [*losses[:50], *[1.35] * 10],
        },
        {"update ratios": [-4.2, *ratios[1:]], "dev losses": [0.45, 0.4501]},
        {"bias gradients": [2.5, 90.0, 90.0, 0.1]},
        {"bias gradients": [0.5, 90.0, 90.0, 90.0]},
        {},
    ]
    return [{**seen, **sign} for sign in signs]


@diagnose.check(cases=2)
def by_the_table(lesson, draw):
    """Each illness is known by its row, the first one that fits, whatever else there is to see."""
    patients = draw.shuffled("patients", made_ill(healthy_instruments(draw)))
    named = []
    for seen in patients:
        named.append(lesson.diagnose(draw.given("patient", seen)))
    return {"named": named}


# cure


cure = exercise("cure", points=3)
RECOVERED = (
    "what counts is that the network has recovered: cured ones end below 0.4, others above 0.6, "
    "and a rate or a gain that is a little different does as well"
)


def difference(recipe, cured):
    """Which entries of the cured recipe are others; the recipe that was handed over."""
    changed = [name for name, value in cured.items() if value != recipe.get(name)]
    return {"changed": changed, "entries": sorted(cured), "recipe afterwards": recipe}


@cure.check(cases=2)
def one_entry(lesson, draw):
    """One entry is changed, the one that ails, and the recipe that was handed over stays."""
    found = {}
    for illness in draw.shuffled("illnesses", [*ILLNESSES, "healthy"]):
        recipe = draw.given(illness, patient(illness, draw.generator()))
        found[illness] = recipe, lesson.cure(illness, recipe)
    return {illness: difference(*found[illness]) for illness in [*ILLNESSES, "healthy"]}


# Illnesses whose cure is a number come first: there a wrong one is possible in the right entry.
TRAINED = (
    ("rate too high",),
    ("rate too low",),
    ("saturated units", "exploding", "vanishing"),
    ("dead units", "decay on biases"),
    ("wrong loss scale", "no zero_grad", "labels shuffled", "evaluation in training mode"),
)


@cure.check(cases=5, tolerance=(0.0, 0.3), because=RECOVERED)
def learns_again(lesson, draw):
    """After 500 steps the cured network is where the course's cured networks are."""
    illness, generator = draw.choice("illness", TRAINED[draw.case]), draw.generator()
    recipe = draw.given("recipe", patient(illness, generator))
    cured = lesson.cure(illness, dict(recipe))
    _, seen = train_network(cured, generator, 500)
    return {"dev loss after 500 steps": seen["dev losses"][0]}
