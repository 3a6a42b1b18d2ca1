"""Checks of part 3: activations, gradients and batch normalization."""

import math

import torch

from autograder.checks import exercise
from autograder.checks.vocabulary import afterwards, draws_of, gradients_of, spreads_by_chance


def put(tensor, value):
    """Write a value into a parameter or buffer, whether it requires gradients or not."""
    tensor.data.copy_(value.reshape(tensor.shape))


def linear(lesson, draw, fan_in, fan_out, bias=True):
    """A Linear with drawn parameters."""
    layer = lesson.Linear(fan_in, fan_out, bias=bias)
    if not layer.weight.is_leaf:
        layer.weight = layer.weight.detach()
    put(layer.weight, draw.tensor("weight", fan_in, fan_out))
    if bias:
        put(layer.bias, draw.tensor("bias", fan_out))
    return layer


def normalization(lesson, draw, dim, **options):
    """A BatchNorm1d with drawn parameters; its running values are those of a new one."""
    layer = lesson.BatchNorm1d(dim, **options)
    put(layer.gamma, draw.tensor("gamma", dim, low=0.5, high=2.0))
    put(layer.beta, draw.tensor("beta", dim))
    return layer


def trained(lesson, draw, dim, **options):
    """A BatchNorm1d whose running values have moved away from where they start."""
    layer = normalization(lesson, draw, dim, **options)
    put(layer.running_mean, draw.tensor("running_mean", dim, low=1.0, high=3.0))
    put(layer.running_var, draw.tensor("running_var", dim, low=0.5, high=4.0))
    return layer


def send(tensor, gradient):
    """Send a gradient back to a tensor; nothing happens where it requires none."""
    if tensor.requires_grad:
        (tensor * gradient).sum().backward()


def kept(layer):
    """What the layer kept as `out`; None where it kept nothing."""
    return getattr(layer, "out", None)


def listened(layer):
    """What the layer kept as `out`, asked to keep its gradient if one passes through it."""
    out = kept(layer)
    if out is not None and out.requires_grad:
        out.retain_grad()
    return out


def gradient_of(tensor):
    return None if tensor is None else tensor.grad


def buffers(layer):
    """A copy of the running values; after a step they may lie as (dim,) or (1, dim)."""
    return {
        "running_mean": layer.running_mean.reshape(-1).clone(),
        "running_var": layer.running_var.reshape(-1).clone(),
    }


def with_out(cls, out, **attributes):
    """A layer that holds only what is looked at after a pass."""
    layer = cls.__new__(cls)
    for name, value in {**attributes, "out": out}.items():
        setattr(layer, name, value)
    return layer


def shapes(layers, name):
    """The shape of an attribute of each layer; None for layers that lack it or hold None."""
    found = [getattr(layer, name, None) for layer in layers]
    return [None if tensor is None else tuple(tensor.shape) for tensor in found]


def kinds(layers):
    return [type(layer).__name__ for layer in layers]


def activations(draw, name, *shape):
    """Outputs of tanh, many of them saturated, none of them within rounding of 0.97."""
    return draw.given(name, torch.tanh(draw.tensor(name, *shape, low=-4.0, high=4.0)))


def quarters(draw, name, *shape):
    """Numbers from -1 to 1 in steps of a quarter, which any float holds exactly."""
    return draw.given(name, draw.indices(name, *shape, high=9) / 4 - 1)


def in_quarters(lesson, draw, fan_in, fan_out):
    """A Linear whose results any order of summing gives exactly."""
    layer = linear(lesson, draw, fan_in, fan_out)
    put(layer.weight, quarters(draw, "weight", fan_in, fan_out))
    put(layer.bias, quarters(draw, "bias", fan_out))
    return layer


def wide(draw, name, rows, columns):
    """Columns whose spread is not small beside their mean, so that no formula loses digits."""
    signs = torch.ones(rows, 1)
    signs[1::2] = -1.0
    return draw.given(name, draw.tensor(name, rows, columns, low=-0.5, high=1.5) + 1.5 * signs)


def recording():
    """Whether autograd records at this moment."""
    return (torch.ones(1, requires_grad=True) * 1).requires_grad


def times(factor):
    return lambda x: factor * x


# loss_by_scale

SMALL_LOSS = "a loss near zero keeps few digits in single precision"


loss_by_scale = exercise("loss_by_scale")


@loss_by_scale.check(tolerance=(1e-5, 1e-5), because=SMALL_LOSS)
def one_loss_for_each_scale(lesson, draw):
    """Each loss is the mean negative log likelihood of the scaled logits, which aren't changed."""
    rows = draw.size(1, 5)
    logits, targets = draw.tensor("logits", rows, 4), draw.indices("targets", rows, high=4)
    scales = draw.numbers("scales", 3, low=0.1, high=3.0)
    losses = lesson.loss_by_scale(logits, targets, scales)
    return {"losses": losses, "logits afterwards": logits}


@loss_by_scale.check(tolerance=(1e-5, 1e-5), because=SMALL_LOSS)
def from_uniform_to_confident(lesson, draw):
    """Scale 0 gives the loss of a uniform guess, a large scale that of confident guesses."""
    columns = draw.size(2, 6)
    logits = draw.tensor("logits", 3, columns, low=-4.0, high=4.0)
    targets = draw.indices("targets", 3, high=columns)
    scales = draw.given("scales", [0.0, 1.0, 5.0])
    return {"losses": lesson.loss_by_scale(logits, targets, scales)}


@loss_by_scale.check(cases=2, tolerance=(1e-5, 1e-5), because=SMALL_LOSS)
def many_scales_or_rows(lesson, draw):
    """It works for many scales, columns or rows, repeats included; each call's list is new."""
    rows, columns, count = [(4, 37, 79), (1013, 3, 2)][draw.case]
    logits, targets = draw.tensor("logits", rows, columns), draw.indices("targets", rows, high=3)
    logits = draw.given("logits", torch.cat([logits, logits[:2], logits[:1]]))
    targets = draw.given("targets", torch.cat([targets, targets[:2], targets[:1]]))
    scales = draw.numbers("scales", count, low=0.1, high=3.0)
    scales = draw.given("scales", scales + scales[: count // 3])
    losses = lesson.loss_by_scale(logits, targets, scales)
    second = lesson.loss_by_scale(logits, targets, draw.given("scales of a second call", [2.0]))
    after = afterwards(targets=targets, scales=scales)
    return {"losses": losses, "losses of the second call": second, **after}


@loss_by_scale.check(cases=1, tolerance=(1e-5, 1e-5), because=SMALL_LOSS)
def large_logits(lesson, draw):
    """Large logits don't overflow, and don't give NaN."""
    logits = draw.given("logits", 100 * draw.tensor("logits", 3, 4, low=-2.0, high=2.0))
    targets, scales = draw.indices("targets", 3, high=4), draw.given("scales", [1.0, 5.0])
    return {"losses": lesson.loss_by_scale(logits, targets, scales)}


# saturation


saturation = exercise("saturation")


@saturation.check
def both_ends_count(lesson, draw):
    """Activations near -1 count just like those near 1, however many dimensions there are."""
    size = draw.size(3, 6)
    shape = draw.choice("h", [(3 * size,), (size, 4), (2, 3, size)])
    return {"share": lesson.saturation(activations(draw, "h", *shape))}


@saturation.check
def own_threshold(lesson, draw):
    """Only what is strictly above the threshold counts, whatever the threshold is."""
    h = quarters(draw, "h", 6, 4)
    threshold = draw.choice("threshold", [0.25, 0.5, 0.75])
    return {"share": lesson.saturation(h, threshold=threshold)}


@saturation.check(cases=2)
def all_of_many(lesson, draw):
    """All activations count, in many rows or columns, and they aren't changed."""
    h = quarters(draw, "h", *[(1013, 2), (5, 37)][draw.case])
    threshold = draw.given("threshold", 0.5)
    return {"share": lesson.saturation(h, threshold=threshold), **afterwards(h=h)}


# dead_neurons


def neurons(draw, rows, dead, alive):
    """Activations of dead neurons (all high, all low, or mixed), nearly dead and living ones."""
    signs = torch.ones(rows, 3)
    signs[:, 1] = -1.0
    signs[::2, 2] = -1.0
    before = torch.cat([3.0 * signs] * dead + [draw.tensor("h", rows, alive)], dim=1)
    almost = 3.0 * torch.ones(rows, 1)
    almost[draw.integer("h", 0, rows - 1)] = 0.5
    before = torch.cat([before.clamp(-3.0, 3.0), almost], dim=1)
    order = draw.shuffled("h", range(before.shape[1]))
    return draw.given("h", torch.tanh(before[:, order]))


dead_neurons = exercise("dead_neurons")


@dead_neurons.check
def saturated_for_all(lesson, draw):
    """A neuron is dead if all its activations are saturated, at either end."""
    rows, dead = draw.size(2, 6), draw.integer("h", 1, 2)
    return {"dead": lesson.dead_neurons(neurons(draw, rows, dead, alive=2))}


@dead_neurons.check
def none_or_one(lesson, draw):
    """A single saturated example doesn't make a neuron dead, and a row isn't a neuron."""
    h = torch.tanh(draw.tensor("h", 3, 4, low=-1.0, high=1.0))
    h[draw.integer("h", 0, 2)] = 0.99
    return {"dead": lesson.dead_neurons(draw.given("h", h))}


@dead_neurons.check
def threshold_of_its_own(lesson, draw):
    """The threshold can be a different one, and only what is strictly above it counts."""
    h = torch.tensor([[1.0, 0.5, -0.75, 0.25, 1.0, -1.0], [0.75, 1.0, 1.0, 1.0, -0.75, -0.75]])
    order = draw.shuffled("h", range(6))
    threshold = draw.choice("threshold", [0.25, 0.5])
    return {"dead": lesson.dead_neurons(draw.given("h", h[:, order]), threshold=threshold)}


@dead_neurons.check(cases=2)
def all_examples_of_many_neurons(lesson, draw):
    """All examples and neurons count, however many; every call counts anew and leaves h alone."""
    rows, columns = [(4, 37), (1013, 3)][draw.case]
    h = -torch.ones(rows, columns)
    h[-1, 1 :: draw.integer("h", 3, 5)] = 0.5
    h, other = draw.given("h", h), draw.given("h of a second call", torch.ones(rows, columns))
    dead = [lesson.dead_neurons(batch) for batch in (h, other)]
    return {"dead in each call": dead, **afterwards(h=h)}


# kaiming_std


kaiming_std = exercise("kaiming_std")


@kaiming_std.check
def gain_over_root(lesson, draw):
    """The result is proportional to the gain, and to one over the square root of the fan-in."""
    fan_in = draw.integer("fan_in", 2, 300)
    return {"std": lesson.kaiming_std(fan_in, draw.number("gain", 0.5, 3.0))}


@kaiming_std.check
def gain_of_tanh(lesson, draw):
    """The default gain is that of tanh, 5/3."""
    return {"std": lesson.kaiming_std(draw.integer("fan_in", 2, 300))}


# Linear


linear_init = exercise("Linear.__init__")


@linear_init.check
def shapes_and_bias(lesson, draw):
    """The weight has a row for each input and a column for each output; the bias is zero."""
    fan_in, fan_out = draw.size(1, 5, name="fan_in"), draw.integer("fan_out", 6, 8)
    layer = lesson.Linear(fan_in, fan_out, generator=draw.generator())
    return {"shape of weight": tuple(layer.weight.shape), "bias": layer.bias}


@linear_init.check(cases=2)
def no_bias(lesson, draw):
    """A layer with bias=False has None for its bias."""
    fan_in, fan_out = draw.integer("fan_in", 1, 5), draw.integer("fan_out", 6, 8)
    layer = lesson.Linear(fan_in, fan_out, bias=draw.given("bias", False))
    return {"bias": layer.bias, "shape of weight": tuple(layer.weight.shape)}


@linear_init.check(cases=2, **spreads_by_chance(9600))
def spread(lesson, draw):
    """The weights' standard deviation is 1 / sqrt(fan_in)."""
    fan_in, fan_out = draw.integer("fan_in", 60, 80), draw.integer("fan_out", 160, 200)
    layer = lesson.Linear(fan_in, fan_out, generator=draw.generator())
    return {"standard deviation": layer.weight.std().item()}


@linear_init.check(cases=1)
def its_generator(lesson, draw):
    """All random numbers come from the generator that's passed in, and from nowhere else."""
    sizes = draw.given("fan_in", 3), draw.given("fan_out", 4)
    return draws_of(draw, lambda given: lesson.Linear(*sizes, generator=given).weight.tolist())


@linear_init.check(cases=1)
def torchs_own(lesson, draw):
    """With no generator, torch's own is used."""
    state = torch.get_rng_state()
    lesson.Linear(draw.given("fan_in", 3), draw.given("fan_out", 4))
    return {"torch's own generator has moved": not torch.equal(state, torch.get_rng_state())}


@linear_init.check(cases=1)
def weights_of_their_own(lesson, draw):
    """Two layers differ, with one generator or torch's own; so do a layer's rows and columns."""
    fan_in, fan_out = draw.given("fan_in", 3), draw.given("fan_out", 4)
    generator = draw.generator()
    one, other = (lesson.Linear(fan_in, fan_out, generator=generator).weight for _ in range(2))
    first, second = (lesson.Linear(fan_in, fan_out).weight for _ in range(2))
    return {
        "weights that differ between two layers of one generator": (one - other).count_nonzero(),
        "weights that differ between two layers without": (first - second).count_nonzero(),
        "weights that differ between neurons": (one[:, 1:] - one[:, :-1]).count_nonzero(),
        "different rows of a weight": len(set(map(tuple, one.tolist()))),
    }


@linear_init.check(cases=2)
def weight_receives_gradients(lesson, draw):
    """Weight and bias are leaves, so a backward pass leaves a gradient in them."""
    fan_in, fan_out = draw.given("fan_in", 2), draw.given("fan_out", 3)
    layer = lesson.Linear(fan_in, fan_out, generator=draw.generator())
    factor = draw.tensor("gradient sent to the weight", fan_in, fan_out)
    layer.weight.requires_grad_(True)
    layer.bias.requires_grad_(True)
    (layer.weight * factor + layer.bias).sum().backward()
    return gradients_of(weight=layer.weight, bias=layer.bias)


linear_call = exercise("Linear.__call__")


@linear_call.check
def product_and_bias(lesson, draw):
    """The result is x @ weight + bias, and `out` keeps it."""
    layer = linear(lesson, draw, draw.size(1, 4), draw.size(2, 5))
    x = draw.tensor("x", draw.size(1, 3), layer.weight.shape[0])
    return {"result": layer(x), "out": kept(layer), "bias afterwards": layer.bias}


@linear_call.check(cases=2)
def works_without_bias(lesson, draw):
    """With no bias, the result is x @ weight."""
    layer = linear(lesson, draw, 3, draw.size(2, 4), bias=False)
    return {"result": layer(draw.tensor("x", 2, 3)), "out": kept(layer)}


@linear_call.check(cases=2)
def gradients_reach_all(lesson, draw):
    """Gradients reach the weight, the bias, the input and `out`."""
    layer = linear(lesson, draw, 3, 2)
    layer.weight.requires_grad_(True)
    layer.bias.requires_grad_(True)
    x = draw.tensor("x", 2, 3).requires_grad_(True)
    arriving = draw.tensor("gradient of the result", 2, 2)
    result = layer(x)
    out = listened(layer)
    (result * arriving).sum().backward()
    return {
        **gradients_of(weight=layer.weight, bias=layer.bias, x=x),
        "gradient of out": gradient_of(out),
    }


@linear_call.check(cases=2)
def out_is_the_last(lesson, draw):
    """After a second call `out` is the second result."""
    layer = linear(lesson, draw, 2, 3)
    layer(draw.tensor("first x", 2, 2))
    layer(draw.tensor("second x", 1, 2))
    return {"out": kept(layer)}


@linear_call.check(cases=2)
def many_rows_and_columns(lesson, draw):
    """It works for many examples and inputs, and each call returns a new result."""
    rows, fan_in, fan_out = [(1, 2, 1), (37, 35, 3)][draw.case]
    layer = in_quarters(lesson, draw, fan_in, fan_out)
    results = [layer(quarters(draw, name, rows, fan_in)) for name in ("x", "x of a second call")]
    return {"results": results}


linear_parameters = exercise("Linear.parameters")


@linear_parameters.check
def weight_then_bias(lesson, draw):
    """The parameters are the weight and the bias, in this order."""
    layer = linear(lesson, draw, draw.size(1, 3), 2)
    return {"parameters": layer.parameters()}


@linear_parameters.check(cases=2)
def weight_alone(lesson, draw):
    """A layer without a bias has one parameter."""
    layer = linear(lesson, draw, 2, 2, bias=False)
    return {"parameters": layer.parameters()}


@linear_parameters.check(cases=2)
def own_tensors(lesson, draw):
    """Training or changing a listed parameter trains or changes the layer."""
    layer = linear(lesson, draw, 2, 2)
    for parameter in layer.parameters():
        parameter.requires_grad_(True)
    send(layer.weight, draw.tensor("gradient sent to the weight", 2, 2))
    send(layer.bias, draw.tensor("gradient sent to the bias", 2))
    for parameter in layer.parameters():
        parameter.data.zero_()
    return {
        **afterwards(weight=layer.weight.detach(), bias=layer.bias.detach()),
        **gradients_of(weight=layer.weight, bias=layer.bias),
    }


@linear_parameters.check(cases=1)
def two_layers_two_lists(lesson, draw):
    """Each layer lists its own parameters, even after another one has been asked."""
    lists = [linear(lesson, draw, 2, fan_out).parameters() for fan_out in (2, 3)]
    return {"parameters of both": lists}


# Tanh


tanh_call = exercise("Tanh.__call__")


@tanh_call.check
def every_element(lesson, draw):
    """Each element goes through tanh, `out` keeps the result, and the input isn't changed."""
    layer, x = lesson.Tanh(), draw.tensor("x", draw.size(1, 3), 3, low=-3.0, high=3.0)
    x[0, -1] = (1.0, 100.0, -100.0)[draw.case]
    x = draw.given("x", x)
    return {"result": layer(x), "out": kept(layer), "x afterwards": x}


@tanh_call.check(cases=2)
def gradient_of_tanh(lesson, draw):
    """The gradient reaches `out`, and is multiplied by the slope on its way to x."""
    layer, x = lesson.Tanh(), draw.tensor("x", 4).requires_grad_(True)
    result = layer(x)
    out = listened(layer)
    (result * draw.tensor("gradient of the result", 4)).sum().backward()
    return {"gradient of x": x.grad, "gradient of out": gradient_of(out)}


@tanh_call.check(cases=2)
def out_is_renewed(lesson, draw):
    """After a second call `out` is the second result."""
    layer = lesson.Tanh()
    layer(draw.tensor("first x", 2))
    layer(draw.tensor("second x", 3))
    return {"out": kept(layer)}


@tanh_call.check(cases=2)
def many_elements(lesson, draw):
    """It works for many rows and columns, and each call returns a new result."""
    layer, shape = lesson.Tanh(), [(3,), (37, 35)][draw.case]
    return {"results": [layer(draw.tensor(name, *shape)) for name in ("x", "x of a second call")]}


# deep_mlp


def drawn_sizes(draw, most=9):
    """A list of sizes from 2 to `most` that grows with the case; two of them make one Linear."""
    count = (2, 3, 5)[draw.case]
    drawn = torch.randint(2, most + 1, (count,), generator=draw.generator())
    return draw.given("sizes", drawn.tolist())


def differing(weights):
    """How many numbers differ between neighbors of three weights of one shape."""
    first, second, third = weights
    return {
        "numbers that differ, first and second": (first != second).sum(),
        "numbers that differ, second and third": (second != third).sum(),
    }


deep_mlp = exercise("deep_mlp", points=2)


@deep_mlp.check
def linear_and_tanh_in_turn(lesson, draw):
    """Linear and Tanh alternate, the last is a Linear, and no layer is in the list twice."""
    layers = lesson.deep_mlp(drawn_sizes(draw), draw.generator())
    return {
        "kinds": kinds(layers),
        "shapes of the weights": shapes(layers, "weight"),
        "shapes of the biases": shapes(layers, "bias"),
        "different layers": len({id(layer) for layer in layers}),
    }


@deep_mlp.check(cases=2, **spreads_by_chance(9600))
def gains(lesson, draw):
    """The weights have a spread of gain / sqrt(fan_in), the last ones 0.1 / sqrt(fan_in)."""
    sizes = draw.given("sizes", [100 + 10 * draw.case, 150, 125, 100])
    gain = draw.choice("gain", [0.5, 6.0])
    layers = lesson.deep_mlp(sizes, draw.generator(), gain=gain)
    return {"standard deviations": [layer.weight.std().item() for layer in layers[::2]]}


@deep_mlp.check(cases=1, **spreads_by_chance(9600))
def default_gain(lesson, draw):
    """The default gain is that of tanh, 5/3."""
    layers = lesson.deep_mlp(draw.given("sizes", [125, 100, 110]), draw.generator())
    return {"standard deviations": [layer.weight.std().item() for layer in layers[::2]]}


@deep_mlp.check(cases=1)
def its_generator_for_all(lesson, draw):
    """All weights come from the generator that's passed in; the same seed gives the same ones."""
    sizes = draw.given("sizes", [3, 4, 5])

    def weights(generator):
        return [layer.weight.tolist() for layer in lesson.deep_mlp(sizes, generator)[::2]]

    return draws_of(draw, weights)


@deep_mlp.check(cases=1)
def layers_that_differ(lesson, draw):
    """No two layers start with the same weights."""
    layers = lesson.deep_mlp(draw.given("sizes", [4] * 5), draw.generator(), gain=1.0)
    return differing(layer.weight.detach() for layer in layers[:-1:2])


@deep_mlp.check(cases=1)
def many_layers_and_another_network(lesson, draw):
    """It works for many layers, and each network is a new list."""
    sizes = draw.given("sizes", draw.indices("sizes", 57, high=3).add(1).tolist())
    networks = [lesson.deep_mlp(wanted, draw.generator()) for wanted in (sizes, [2, 3])]
    described = [(kinds(layers), shapes(layers, "weight")) for layers in networks]
    return {"kinds and shapes of both": described, **afterwards(sizes=sizes)}


@deep_mlp.check(cases=1)
def parameters_are_leaves(lesson, draw):
    """After the scaling, the weights can still receive gradients."""
    layers = lesson.deep_mlp(draw.given("sizes", [2, 3, 2]), draw.generator())
    weights = [layer.weight.requires_grad_(True) for layer in layers[::2]]
    sum(weight.sum() for weight in weights).backward()
    return {"gradients": [weight.grad for weight in weights]}


# forward


forward = exercise("forward")


@forward.check
def one_after_the_other(lesson, draw):
    """Each layer gets what the one before it returned."""
    factors = draw.numbers("layers", draw.size(1, 4))
    draw.given("layers", [f"lambda x: {factor} * x + 1" for factor in factors])
    layers = [lambda t, factor=factor: factor * t + 1 for factor in factors]
    return {"result": lesson.forward(layers, draw.tensor("x", 3))}


@forward.check(cases=2)
def each_layer_once(lesson, draw):
    """Each layer is called once, in the order of the list, and x may change its shape."""
    seen = []

    def layer(number):
        def call(t):
            seen.append((number, t.clone()))
            return torch.cat([t, t[:1] + number])

        return call

    layers = [layer(number) for number in range(3)]
    draw.given("layers", [f"lambda x: torch.cat([x, x[:1] + {number}])" for number in range(3)])
    result = lesson.forward(layers, draw.tensor("x", 2))
    return {"calls": seen, "result": result, "number of layers afterwards": len(layers)}


@forward.check
def many_layers_and_two_calls(lesson, draw):
    """It works for many layers and rows; x isn't changed, and each call's result is new."""
    many, shape = [(0, (2,)), (18, (3, 37)), (0, (1013, 2))][draw.case]
    signs = [1.0, -1.0, -1.0] * many + [1.0, 0.5, -4.0]
    layers = [times(sign) for sign in draw.given("what each layer multiplies by", signs)]
    inputs = [draw.tensor(name, *shape) for name in ("x", "x of a second call")]
    results = [lesson.forward(layers, x) for x in inputs]
    return {"results": results, **afterwards(x=inputs)}


# activation_stats, gradient_stats


def network(lesson, outs):
    """Linear, BatchNorm1d, Tanh, Linear, Tanh, or the last of them: a layer for each out."""
    count, outs = len(outs), [None] * (5 - len(outs)) + outs
    weight, vector = torch.ones(2, 2), torch.ones(2)
    state = {
        "gamma": vector,
        "beta": vector,
        "running_mean": vector,
        "running_var": vector,
        "training": True,
        "eps": 1e-5,
        "momentum": 0.1,
    }
    layers = [
        with_out(lesson.Linear, outs[0], weight=weight, bias=None),
        with_out(lesson.BatchNorm1d, outs[1], **state),
        lesson.Tanh(),
        with_out(lesson.Linear, outs[3], weight=weight, bias=vector),
        lesson.Tanh(),
    ]
    for position in (2, 4):
        layers[position].out = outs[position]
    return layers[-count:]


activation_stats = exercise("activation_stats")


@activation_stats.check
def one_tanh(lesson, draw):
    """A layer's dict has its position, mean, std and saturation, over all elements."""
    layer = lesson.Tanh()
    layer.out = activations(draw, "out", draw.size(4, 8), 5)
    return {"stats": lesson.activation_stats([layer]), **afterwards(out=layer.out)}


@activation_stats.check(cases=2)
def tanh_among_others(lesson, draw):
    """Only Tanh layers are described, by their position among all layers."""
    rows, count = draw.size(4, 6), draw.choice("layers", [4, 5])
    outs = [activations(draw, f"out of layer {i}", rows, 4) for i in range(count)]
    layers = network(lesson, [out.clone().requires_grad_(True) * 1.0 for out in outs])
    draw.given("layers", kinds(layers))
    return {"stats": lesson.activation_stats(layers)}


def after_backward(draw, name, *shape):
    """An `out` with its gradient."""
    out = activations(draw, name, *shape).clone().requires_grad_(True)
    out.grad = draw.tensor(f"gradient of {name}", *shape)
    return out


def tanh_layers(lesson, outs):
    layers = [lesson.Tanh() for _ in outs]
    for layer, out in zip(layers, outs, strict=True):
        layer.out = out
    return layers


@activation_stats.check(cases=1)
def a_deep_network_and_another(lesson, draw):
    """It works for many layers and doesn't change them; each call returns a new list."""
    outs = activations(draw, "out of each layer", 103, 2, 2)
    layers, other = tanh_layers(lesson, outs.unbind()), tanh_layers(lesson, [outs[0] / 2])
    stats = [lesson.activation_stats(network) for network in (layers, other)]
    return {"stats of both": stats, "number of layers afterwards": len(layers)}


gradient_stats = exercise("gradient_stats")


@gradient_stats.check
def gradient_of_one_tanh(lesson, draw):
    """A layer's dict has its position and its gradient's mean and std."""
    layer = lesson.Tanh()
    layer.out = after_backward(draw, "out", draw.size(2, 5), 3)
    stats = lesson.gradient_stats([layer])
    return {"stats": stats, **afterwards(out=layer.out), **gradients_of(out=layer.out)}


@gradient_stats.check(cases=2)
def gradients_among_others(lesson, draw):
    """Only Tanh layers are described, by their position among all layers."""
    rows, count = draw.size(2, 4), draw.choice("layers", [4, 5])
    outs = [after_backward(draw, f"out of layer {i}", rows, 3) for i in range(count)]
    layers = network(lesson, outs)
    draw.given("layers", kinds(layers))
    return {"stats": lesson.gradient_stats(layers)}


@gradient_stats.check(cases=1)
def another_deep_network(lesson, draw):
    """It works for many layers and doesn't change them; each call returns a new list."""
    gradients = draw.tensor("gradient of each out", 103, 2, 2)
    outs = [torch.zeros(2, 2, requires_grad=True) for _ in gradients]
    for out, gradient in zip(outs, gradients, strict=True):
        out.grad = gradient
    layers, other = tanh_layers(lesson, outs), tanh_layers(lesson, outs[:1])
    stats = [lesson.gradient_stats(network) for network in (layers, other)]
    return {"stats of both": stats, "number of layers afterwards": len(layers)}


# gradient_ratio, update_ratio


def parameter_with_gradient(draw, *shape, mean=0.0):
    parameter = draw.given("parameter", draw.tensor("parameter", *shape) + mean)
    parameter = parameter.clone().requires_grad_(True)
    parameter.grad = draw.tensor("its gradient", *shape)
    return parameter


gradient_ratio = exercise("gradient_ratio")


@gradient_ratio.check
def spread_by_spread(lesson, draw):
    """The gradient's standard deviation is divided by the parameter's."""
    parameter = parameter_with_gradient(draw, draw.size(2, 5), 3)
    return {"ratio": lesson.gradient_ratio(parameter)}


@gradient_ratio.check(cases=2)
def mean_does_not_count(lesson, draw):
    """It doesn't matter what the parameter's mean is, and nothing is changed."""
    parameter = parameter_with_gradient(draw, draw.size(4, 8), mean=3.0)
    ratio = lesson.gradient_ratio(parameter)
    return {"ratio": ratio, "parameter": parameter, "gradient": parameter.grad}


@gradient_ratio.check(cases=1)
def many_rows(lesson, draw):
    """All rows count, however many, and each call starts over."""
    parameters = [parameter_with_gradient(draw, 37, 2) for _ in range(2)]
    return {"ratios": [lesson.gradient_ratio(parameter) for parameter in parameters]}


update_ratio = exercise("update_ratio")


@update_ratio.check
def power_of_ten(lesson, draw):
    """The spread of one step, divided by the parameter's, as a power of ten."""
    parameter = parameter_with_gradient(draw, draw.size(2, 5), 3)
    rate = draw.choice("learning_rate", [0.001, 0.01, 0.1, 0.5])
    return {"ratio": lesson.update_ratio(parameter, rate)}


@update_ratio.check(cases=2)
def only_measured(lesson, draw):
    """The step is measured, not taken, and the parameter's mean doesn't matter."""
    parameter = parameter_with_gradient(draw, 5, mean=3.0)
    ratio = lesson.update_ratio(parameter, draw.choice("learning_rate", [0.02, 0.3]))
    return {"ratio": ratio, "parameter": parameter, "gradient": parameter.grad}


@update_ratio.check(cases=1)
def many_rows_twice(lesson, draw):
    """All rows count, however many, and each call starts over."""
    parameters = [parameter_with_gradient(draw, 37, 2) for _ in range(2)]
    rate = draw.given("learning_rate", 0.1)
    return {"ratios": [lesson.update_ratio(parameter, rate) for parameter in parameters]}


# normalize_batch


def with_constant_column(draw):
    """A batch with one column of equal numbers that every float holds exactly."""
    x = draw.tensor("x", 4, 3)
    x[:, draw.integer("x", 0, 2)] = draw.choice("x", [0.5, -1.5, 2.0])
    return draw.given("x", x)


MOMENTS = {
    "tolerance": (1e-5, 1e-5),
    "because": "the variance may be the mean of the squares less the square of the mean",
}

normalize_batch = exercise("normalize_batch")
normalize_batch.forbid(
    "batch_norm", says="build batch normalization yourself here instead of calling it"
)


@normalize_batch.check(**MOMENTS)
def columns_normalized(lesson, draw):
    """Each column gets a mean of 0 and an unbiased variance of 1; x itself isn't changed."""
    x = wide(draw, "x", draw.size(3, 6), draw.size(1, 4))
    return {"result": lesson.normalize_batch(x), "x afterwards": x}


@normalize_batch.check(cases=2, **MOMENTS)
def constant_column(lesson, draw):
    """A constant column becomes zeros, not NaN."""
    return {"result": lesson.normalize_batch(with_constant_column(draw))}


@normalize_batch.check(cases=2, **MOMENTS)
def eps_under_the_root(lesson, draw):
    """The eps that's passed in is added to the variance, under the root."""
    x, eps = wide(draw, "x", 5, 2), draw.choice("eps", [0.5, 1.0, 2.0])
    return {"result": lesson.normalize_batch(x, eps=eps)}


@normalize_batch.check(cases=2, **MOMENTS)
def gradient_through_statistics(lesson, draw):
    """Gradients flow through the mean and the variance too."""
    x = draw.tensor("x", 4, 2).requires_grad_(True)
    eps, arriving = draw.given("eps", 0.5), draw.tensor("gradient of the result", 4, 2)
    (lesson.normalize_batch(x, eps=eps) * arriving).sum().backward()
    return gradients_of(x=x)


@normalize_batch.check(cases=2, **MOMENTS)
def many_rows_of_many_columns(lesson, draw):
    """It works for many rows and columns, and each call returns a new result."""
    shape = [(3, 2), (37, 35)][draw.case]
    inputs = [wide(draw, name, *shape) for name in ("x", "x of a second call")]
    return {"results": [lesson.normalize_batch(x) for x in inputs]}


# calibrate


calibrate = exercise("calibrate")


@calibrate.check(**MOMENTS)
def row_of_statistics(lesson, draw):
    """Mean and unbiased std of each column, both of shape (1, D)."""
    x = wide(draw, "x", draw.size(3, 8), draw.size(1, 4))
    mean, std = lesson.calibrate(x)
    return {"mean": mean, "std": std}


@calibrate.check(cases=2, **MOMENTS)
def far_from_zero(lesson, draw):
    """The spread is taken around each column's own mean, and x isn't changed."""
    shift = torch.tensor([3.0, -2.0, 0.5])
    around_zero = draw.tensor("x", 6, 3) * torch.tensor([1.0, 2.0, 4.0])
    x = draw.given("x", around_zero + shift)
    mean, std = lesson.calibrate(x)
    return {"mean": mean, "std": std, "x afterwards": x}


@calibrate.check(cases=1, **MOMENTS)
def all_rows_and_columns(lesson, draw):
    """All rows count, even if there are a thousand, and all columns."""
    mean, std = lesson.calibrate(wide(draw, "x", 1013, 2))
    means, stds = lesson.calibrate(wide(draw, "x of a second call", 3, 37))
    return {"mean": mean, "std": std, "means": means, "stds": stds}


# running_average


running_average = exercise("running_average")


@running_average.check
def share_of_the_new(lesson, draw):
    """The new value gets the share `momentum`, the old one the rest; neither is changed."""
    size = draw.size(1, 4)
    running, batch = draw.tensor("running", size), draw.tensor("batch", size)
    momentum = draw.choice("momentum", [0.001, 0.2, 0.4, 0.9])
    result = lesson.running_average(running, batch, momentum)
    return {"result": result, **afterwards(running=running, batch=batch)}


@running_average.check(cases=2)
def a_tenth_by_default(lesson, draw):
    """By default the new value counts a tenth; the shapes may broadcast."""
    running, batch = draw.tensor("running", 3), draw.tensor("batch", 1, 3)
    return {
        "result": lesson.running_average(running, batch),
        "result with a momentum of 0.3": lesson.running_average(running, batch, 0.3),
    }


@running_average.check(cases=2)
def no_graph(lesson, draw):
    """No gradient flows from the result back to the running value or the batch."""
    running = draw.tensor("running", 3).requires_grad_(True)
    batch = draw.tensor("batch", 3).requires_grad_(True)
    arriving = draw.tensor("gradient of the result", 3).requires_grad_(True)
    result = lesson.running_average(running, batch, draw.given("momentum", 0.3))
    requires = result.requires_grad
    (result * arriving).sum().backward()
    found = gradients_of(batch=batch, running=running)
    return {**found, "the result requires gradients": requires}


@running_average.check(cases=2)
def from_nothing_to_all(lesson, draw):
    """A momentum of 0 keeps the old value, 1 takes the new one; each time as a new tensor."""
    running, batch = draw.tensor("running", 3), draw.tensor("batch", 3)
    momentum = draw.given("momentum", [0.0, 1.0][draw.case])
    result = lesson.running_average(running, batch, momentum)
    found = result.clone()
    result.zero_()
    return {"result": found, **afterwards(running=running, batch=batch)}


@running_average.check
def many_numbers(lesson, draw):
    """It works for many rows and columns, and each call returns a new result."""
    shape = [(2,), (1, 37), (1013,)][draw.case]
    names = ("batch", "batch of a second call")
    running = draw.tensor("running", shape[-1])
    batches = [draw.tensor(name, *shape) for name in names]
    return {"results": [lesson.running_average(running, batch, 0.5) for batch in batches]}


# BatchNorm1d


batch_norm1d_init = exercise("BatchNorm1d.__init__")


@batch_norm1d_init.check
def beginning(lesson, draw):
    """gamma and running_var start as ones, beta and running_mean as zeros, in training mode."""
    layer = lesson.BatchNorm1d(draw.size(1, 4, name="dim"))
    return {
        "gamma": layer.gamma,
        "beta": layer.beta,
        "running_mean": layer.running_mean,
        "running_var": layer.running_var,
        "training": layer.training,
    }


@batch_norm1d_init.check(cases=2)
def options_kept(lesson, draw):
    """eps and momentum are kept as they're passed in, and both have defaults."""
    eps, momentum = draw.number("eps", 0.1, 0.5), draw.number("momentum", 0.2, 0.4)
    dim = draw.given("dim", 2)
    layer = lesson.BatchNorm1d(dim, eps=eps, momentum=momentum)
    default = lesson.BatchNorm1d(dim)
    return {
        "eps": layer.eps,
        "momentum": layer.momentum,
        "default eps": default.eps,
        "default momentum": default.momentum,
    }


@batch_norm1d_init.check(cases=1)
def four_tensors(lesson, draw):
    """Changing gamma or beta leaves the running values alone."""
    layer = lesson.BatchNorm1d(draw.given("dim", 2))
    put(layer.gamma, draw.tensor("new gamma", 2))
    put(layer.beta, draw.tensor("new beta", 2))
    return {"gamma": layer.gamma, "beta": layer.beta, **buffers(layer)}


batch_norm1d_call = exercise("BatchNorm1d.__call__", points=3)
batch_norm1d_call.forbid(
    "batch_norm", says="build batch normalization yourself here instead of calling it"
)


@batch_norm1d_call.check(**MOMENTS)
def normalized_in_training(lesson, draw):
    """In training, the batch's statistics are used, then gamma and beta; `out` is the result."""
    dim = draw.size(1, 3)
    x = wide(draw, "x", draw.size(3, 6), dim)
    layer = normalization(lesson, draw, dim)
    return {"result": layer(x), "out": kept(layer)}


@batch_norm1d_call.check(cases=2, **MOMENTS)
def running_values_move(lesson, draw):
    """In training, the running values move from 0 and 1 towards the batch's, by the momentum."""
    momentum = draw.choice("momentum", [0.001, 0.1, 0.3])
    layer = normalization(lesson, draw, 2, momentum=momentum)
    layer(wide(draw, "x", 4, 2))
    first = buffers(layer)
    layer(-2 * wide(draw, "half of minus the next x", 5, 2))
    return {"after one batch": first, "after two": buffers(layer)}


@batch_norm1d_call.check(cases=2, **MOMENTS)
def one_row_at_inference(lesson, draw):
    """At inference the running values are used and don't change, even for a single row."""
    layer = trained(lesson, draw, 3)
    layer.training = draw.given("training", False)
    result = layer(draw.tensor("x", draw.size(1, 3), 3))
    return {"result": result, "out": kept(layer), **buffers(layer)}


@batch_norm1d_call.check(
    cases=2,
    tolerance=(1e-4, 1e-3),
    because="the scale is 316 here, and so is the rounding where it is applied to x and mean apart",
)
def constant_column_in_training(lesson, draw):
    """A constant column gives beta, not NaN."""
    return {"result": normalization(lesson, draw, 3)(with_constant_column(draw))}


@batch_norm1d_call.check(cases=2, **MOMENTS)
def own_eps(lesson, draw):
    """eps is added to the variance, under the root, in training and at inference."""
    layer = trained(lesson, draw, 2, eps=draw.choice("eps", [0.5, 1.0, 2.0]))
    x = wide(draw, "x", 4, 2)
    layer.training = False
    inference = layer(x)
    layer.training = True
    return {"at inference": inference, "in training": layer(x)}


@batch_norm1d_call.check(cases=2, **MOMENTS)
def gradients_in_training(lesson, draw):
    """In training, gradients reach x (also through the statistics), gamma, beta and `out`."""
    layer = normalization(lesson, draw, 2, eps=draw.given("eps", 0.5))
    layer.gamma.requires_grad_(True)
    layer.beta.requires_grad_(True)
    x = wide(draw, "x", 4, 2).requires_grad_(True)
    result = layer(x)
    out = listened(layer)
    (result * draw.tensor("gradient of the result", 4, 2)).sum().backward()
    return {
        **gradients_of(x=x, gamma=layer.gamma, beta=layer.beta),
        "gradient of out": gradient_of(out),
    }


@batch_norm1d_call.check(cases=2, **MOMENTS)
def buffers_without_graph(lesson, draw):
    """The running values carry no graph: nothing flows back to the batches they came from."""
    layer = normalization(lesson, draw, 2)
    layer.gamma.requires_grad_(True)
    batch = draw.tensor("batch", 4, 2).requires_grad_(True)
    layer(batch)
    layer.training = False
    arriving = draw.tensor("gradient of the result", 3, 2)
    (layer(draw.tensor("x", 3, 2)) * arriving).sum().backward()
    return {"gradient of the batch": batch.grad}


@batch_norm1d_call.check(cases=2, **MOMENTS)
def many_of_both_modes(lesson, draw):
    """It works for many rows and columns, and each call returns a new result."""
    rows, dim = [(3, 1), (37, 35)][draw.case]
    layer = trained(lesson, draw, dim)
    layer.training = draw.given("training", draw.case == 1)
    inputs = [wide(draw, name, rows, dim) for name in ("x", "x of a second call")]
    return {"results": [layer(x) for x in inputs], **buffers(layer)}


batch_norm1d_parameters = exercise("BatchNorm1d.parameters")


@batch_norm1d_parameters.check
def gamma_then_beta(lesson, draw):
    """The parameters are gamma and beta, in this order, and nothing else."""
    layer = normalization(lesson, draw, draw.size(1, 3))
    return {"parameters": layer.parameters()}


@batch_norm1d_parameters.check(cases=2)
def own_gamma_and_beta(lesson, draw):
    """Training or changing a listed parameter trains or changes the layer."""
    layer = trained(lesson, draw, 2)
    for parameter in layer.parameters():
        parameter.requires_grad_(True)
    send(layer.gamma, draw.tensor("gradient sent to gamma", 2))
    send(layer.beta, draw.tensor("gradient sent to beta", 2))
    for parameter in layer.parameters():
        parameter.data.zero_()
    return {
        **afterwards(gamma=layer.gamma.detach(), beta=layer.beta.detach()),
        **buffers(layer),
        **gradients_of(gamma=layer.gamma, beta=layer.beta),
    }


@batch_norm1d_parameters.check(cases=1)
def lists_of_two_layers(lesson, draw):
    """Each layer lists its own parameters, even after another one has been asked."""
    lists = [normalization(lesson, draw, dim).parameters() for dim in (2, 3)]
    return {"parameters of both": lists}


# batchnorm_mlp


batchnorm_mlp = exercise("batchnorm_mlp", points=2)


@batchnorm_mlp.check
def three_in_turn(lesson, draw):
    """Linear, BatchNorm1d and Tanh take turns; the last two layers are Linear and BatchNorm1d."""
    layers = lesson.batchnorm_mlp(drawn_sizes(draw), draw.generator())
    return {
        "kinds": kinds(layers),
        "shapes of the weights": shapes(layers, "weight"),
        "shapes of the biases": shapes(layers, "bias"),
        "shapes of the gammas": shapes(layers, "gamma"),
        "different layers": len({id(layer) for layer in layers}),
    }


@batchnorm_mlp.check(cases=2)
def last_gamma_small(lesson, draw):
    """Every gamma is 1 except the last, which is 0.1."""
    layers = lesson.batchnorm_mlp(drawn_sizes(draw, most=4), draw.generator())
    return {"gammas": [layer.gamma for layer in layers if hasattr(layer, "gamma")]}


@batchnorm_mlp.check(cases=1, **spreads_by_chance(9600))
def weights_kept(lesson, draw):
    """The weights keep the spread that a Linear gives them; it's gamma that is scaled down."""
    layers = lesson.batchnorm_mlp(draw.given("sizes", [125, 100, 120]), draw.generator())
    return {"standard deviations": [layer.weight.std().item() for layer in layers[::3]]}


@batchnorm_mlp.check(cases=1)
def one_generator_for_all(lesson, draw):
    """All weights come from the generator that's passed in; the same seed gives the same ones."""
    sizes = draw.given("sizes", [3, 4, 5])

    def weights(generator):
        return [layer.weight.tolist() for layer in lesson.batchnorm_mlp(sizes, generator)[::3]]

    return draws_of(draw, weights)


@batchnorm_mlp.check(cases=1)
def no_weights_twice(lesson, draw):
    """No two layers start with the same weights."""
    layers = lesson.batchnorm_mlp(draw.given("sizes", [4] * 4), draw.generator())
    return differing(layer.weight.detach() for layer in layers[::3])


@batchnorm_mlp.check(cases=1)
def a_deep_network_and_a_flat_one(lesson, draw):
    """It works for many layers, and each network is a new list."""
    sizes = draw.given("sizes", draw.indices("sizes", 57, high=3).add(1).tolist())
    networks = [lesson.batchnorm_mlp(wanted, draw.generator()) for wanted in (sizes, [2, 3])]
    described = [(kinds(layers), shapes(layers, "weight")) for layers in networks]
    return {"kinds and shapes of both": described, **afterwards(sizes=sizes)}


@batchnorm_mlp.check(cases=1)
def gammas_are_leaves(lesson, draw):
    """After the scaling, the last gamma can still receive a gradient."""
    layers = lesson.batchnorm_mlp(draw.given("sizes", [2, 3, 2]), draw.generator())
    gammas = [layer.gamma.requires_grad_(True) for layer in layers if hasattr(layer, "gamma")]
    sum(gamma.sum() for gamma in gammas).backward()
    return {"gradients": [gamma.grad for gamma in gammas]}


# evaluate


def watched(lesson, training, factor, seen):
    """A BatchNorm1d that only multiplies, and notes in which mode it was called."""

    class BatchNorm1d(lesson.BatchNorm1d):
        def __init__(self):
            self.training = training

        def __call__(self, x):
            seen.append(self.training)
            self.out = x * factor
            return self.out

    return BatchNorm1d()


evaluate = exercise("evaluate", points=2)


@evaluate.check
def loss_at_inference(lesson, draw):
    """The loss is that of the running statistics, even for a batch of one."""
    layer = trained(lesson, draw, 3)
    rows = draw.size(1, 4)
    x, targets = draw.tensor("x", rows, 3), draw.indices("targets", rows, high=3)
    return {"loss": lesson.evaluate([layer], x, targets), **buffers(layer)}


@evaluate.check
def modes_restored(lesson, draw):
    """Every layer is called at inference, and is back in its earlier mode afterwards."""
    seen, flags = [], draw.shuffled("training", [True, False, True])
    layers = [watched(lesson, flag, 0.5, seen) for flag in flags]
    layers.insert(1, lesson.Tanh())
    loss = lesson.evaluate(layers, draw.tensor("x", 2, 3), draw.indices("targets", 2, high=3))
    after = [layer.training for layer in layers if isinstance(layer, lesson.BatchNorm1d)]
    return {"training inside": set(seen), "training afterwards": after, "loss": loss}


@evaluate.check(cases=1)
def whole_split(lesson, draw):
    """The loss is the mean over all examples, however many there are."""
    layer = watched(lesson, True, draw.number("what the layer multiplies by", 0.5, 1.5), [])
    x, targets = draw.tensor("x", 80, 3), draw.indices("targets", 80, high=3)
    return {"loss": lesson.evaluate([layer], x, targets)}


@evaluate.check(cases=2)
def many_layers_rows_or_columns(lesson, draw):
    """All layers, rows and columns count, however many, equal ones too; nothing is changed."""
    count, rows, columns = [(57, 5, 37), (1, 1013, 3)][draw.case]
    signs = draw.given("what each layer multiplies by", [1.0, -1.0] * (count // 2) + [0.5])
    layers = [watched(lesson, True, sign, []) for sign in signs]
    x, targets = quarters(draw, "x", rows, columns), draw.indices("targets", rows, high=columns)
    loss = lesson.evaluate(layers, x, targets)
    after = afterwards(x=x, targets=targets, flags={layer.training for layer in layers})
    return {"loss": loss, **after, "number of layers afterwards": len(layers)}


@evaluate.check(cases=2)
def gradients_as_before(lesson, draw):
    """Afterwards, gradients are recorded exactly where they were recorded before."""
    on = draw.given("gradients are recorded", draw.case == 0)
    layer = watched(lesson, True, 1.0, [])
    x, targets = draw.tensor("x", 2, 3), draw.indices("targets", 2, high=3)
    with torch.set_grad_enabled(on):
        loss = lesson.evaluate([layer], x, targets)
        return {"recorded afterwards": recording(), "loss": loss}


# rescale


def by_the_root(fan_in):
    return fan_in**-0.5


def by_the_count(fan_in):
    return 0.5 * fan_in


def linears(lesson, draw, sizes, bias=True):
    """Linear layers with drawn parameters, and a Tanh between any two of them."""
    layers = []
    for number, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        layer = lesson.Linear(fan_in, fan_out, bias=bias)
        if not layer.weight.is_leaf:
            layer.weight = layer.weight.detach()
        put(layer.weight, draw.tensor(f"weight of Linear {number}", fan_in, fan_out))
        if bias:
            put(layer.bias, draw.tensor(f"bias of Linear {number}", fan_out))
        layers += [layer, lesson.Tanh()]
    return layers[:-1]


def numbers_of(layers):
    """Weights and biases of the layers that have them; None for a bias that is missing."""
    return [
        {
            "weight": layer.weight.detach(),
            "bias": None if layer.bias is None else layer.bias.detach(),
        }
        for layer in layers
        if hasattr(layer, "weight")
    ]


rescale = exercise("rescale")


@rescale.check
def hidden_by_the_rule_last_by_a_factor(lesson, draw):
    "Hidden layers are multiplied by what the rule gives for their fan-in, the last by `last`."
    layers = linears(lesson, draw, [2, 3, 4, 2][: 2 + draw.case])
    rule = (by_the_root, by_the_count, by_the_root)[draw.case]
    draw.given("hidden", ("fan_in ** -0.5", "0.5 * fan_in", "fan_in ** -0.5")[draw.case])
    returned = lesson.rescale(layers, rule, draw.number("last", 0.1, 0.9))
    return {"parameters by layer": numbers_of(layers), "returned": returned}


@rescale.check(cases=2)
def among_other_layers(lesson, draw):
    """The last Linear need not be the last layer, nor have a bias; a BatchNorm1d is left alone."""
    first, tanh, second = linears(lesson, draw, [2, 3, 2], bias=draw.case == 0)
    norms = [normalization(lesson, draw, dim) for dim in (3, 2)]
    layers = [first, norms[0], tanh, second, norms[1]]
    draw.given("hidden", "0.5 * fan_in")
    lesson.rescale(layers, by_the_count, draw.number("last", 0.1, 0.9))
    gammas = [{"gamma": norm.gamma, "beta": norm.beta} for norm in norms]
    return {"parameters by layer": numbers_of(layers), "of the BatchNorm1d": gammas}


@rescale.check(cases=1)
def tensors_themselves(lesson, draw):
    """The layers' own tensors change; they stay leaves, with requires_grad as before."""
    layers = linears(lesson, draw, [2, 3, 2])
    parameters = [tensor for layer in layers[::2] for tensor in (layer.weight, layer.bias)]
    for parameter in parameters:
        parameter.requires_grad_(True)
    draw.given("hidden", "0.5 * fan_in")
    lesson.rescale(layers, by_the_count, draw.given("last", 0.25))
    now = [tensor for layer in layers[::2] for tensor in (layer.weight, layer.bias)]
    return {
        "the tensors of before": [parameter.detach() for parameter in parameters],
        "leaves": [parameter.is_leaf for parameter in now],
        "requiring gradients": [parameter.requires_grad for parameter in now],
        "recorded afterwards": recording(),
    }


@rescale.check(cases=2)
def many_layers_or_inputs(lesson, draw):
    """There may be many layers, and many inputs of each; a second network has its own factors."""
    sizes = [[2] * 60, [37, 3, 35]][draw.case]
    layers, others = linears(lesson, draw, sizes), linears(lesson, draw, [5, 2, 3])
    draw.given("hidden", "fan_in ** -0.5")
    for network in (layers, others):
        lesson.rescale(network, by_the_root, draw.given("last", 0.1))
    return {"parameters by layer": numbers_of(layers), "of the second": numbers_of(others)}


# learning_rate_at


learning_rate_at = exercise("learning_rate_at")


@learning_rate_at.check
def three_quarters(lesson, draw):
    """The first three quarters have the first rate, whatever the length of the run."""
    steps = draw.size(4, 14, name="steps")
    return {"rates": [lesson.learning_rate_at(step, steps) for step in range(steps)]}


@learning_rate_at.check(cases=2)
def own_rates(lesson, draw):
    """Both rates can be different ones."""
    start, end = draw.number("start", 0.5, 1.0), draw.number("end", 0.02, 0.2)
    steps = draw.given("steps", 8)
    return {"rates": [lesson.learning_rate_at(step, steps, start, end) for step in range(steps)]}


@learning_rate_at.check(cases=1)
def short_and_long_runs(lesson, draw):
    """The decay comes in a short run just as in a long one."""
    rates = {
        steps: [
            lesson.learning_rate_at(step, steps)
            for step in (0, steps // 2, steps * 3 // 4 - 1, steps * 3 // 4, steps - 1)
        ]
        for steps in draw.given("steps", [20, 20_000, 200_000, 400_000])
    }
    return {"rates by length": rates}


# train_on_batches

STEPS = {"tolerance": (1e-4, 1e-5), "because": "rounding goes on from step to step"}


def drawn_model(draw, lesson, block_size=2, characters=4, hidden=(3,)):
    """Linear layers with a Tanh between any two, and an embedding that requires gradients."""
    embedding = draw.tensor("embedding", characters, 2).requires_grad_(True)
    return linears(lesson, draw, [2 * block_size, *hidden, 4]), embedding


train_on_batches = exercise("train_on_batches", points=2)


@train_on_batches.check(**STEPS)
def a_rate_for_each_step(lesson, draw):
    """Each step uses its own rate and moves layers and embedding; losses are those before it."""
    layers, embedding = drawn_model(draw, lesson)
    contexts = draw.indices("each of the contexts", 1, 2, high=4).repeat(9, 1)
    targets = draw.indices("each of the targets", 1, high=4).repeat(9)
    rates = draw.numbers("rates", (1, 5, 61)[draw.case], 0.0, 0.4)
    losses = lesson.train_on_batches(
        layers, embedding, contexts, targets, rates, 4, draw.generator()
    )
    seen = {"losses": losses, "embedding": embedding.detach(), "parameters": numbers_of(layers)}
    return {**seen, **afterwards(contexts=contexts, targets=targets, rates=rates)}


def two_kinds(draw, lesson, cheap, dear):
    """A network that ignores its context, and examples that cost it little, then dear ones."""
    shares = draw.given("probabilities of the characters", [0.8, 0.2])
    layer = lesson.Linear(2, 2)
    put(layer.weight, torch.zeros(2, 2))
    put(layer.bias, torch.tensor(shares).log())
    targets = draw.given("targets", torch.tensor([0] * cheap + [1] * dear))
    contexts = torch.zeros(cheap + dear, 2, dtype=torch.int64)
    return [layer], torch.zeros(3, 1, requires_grad=True), contexts, targets


@train_on_batches.check(cases=1)
def batches_of_one(lesson, draw):
    "Each step draws a new minibatch of batch_size rows; any row can be in it."
    model = two_kinds(draw, lesson, 34, 1)
    rates, batch_size = draw.given("rates", [0.0] * 700), draw.given("batch_size", 1)
    losses = lesson.train_on_batches(*model, rates, batch_size, draw.generator())
    return {"number of losses": len(losses), "lowest": min(losses), "highest": max(losses)}


@train_on_batches.check(
    cases=1,
    tolerance=(0.0, 0.16),
    because="shares of 400 random rows, the extremes of five, six standard deviations",
)
def batches_of_many(lesson, draw):
    """A large minibatch has rows of the whole split in it, and its loss is their mean."""
    model = two_kinds(draw, lesson, 1400, 600)
    rates, batch_size = draw.given("rates", [0.0] * 5), draw.given("batch_size", 400)
    losses = lesson.train_on_batches(*model, rates, batch_size, draw.generator())
    cheap, dear = -math.log(0.8), -math.log(0.2)
    shares = [(float(loss) - cheap) / (dear - cheap) for loss in losses]
    return {"about the least share of dear rows": min(shares), "about the largest": max(shares)}


@train_on_batches.check(cases=2, **STEPS)
def long_contexts_and_deep_networks(lesson, draw):
    """Contexts may be long, characters and layers many; each call trains what it is given."""
    block_size, characters, hidden = [(3, 4, [3]), (35, 37, [2] * 29)][draw.case]
    losses = []
    for which in ("", "second "):
        layers, embedding = drawn_model(draw, lesson, block_size, characters, hidden)
        contexts = draw.indices(which + "contexts", 1, block_size, high=characters)
        contexts[0, 0] = characters - 1
        targets = draw.indices(which + "targets", 1, high=4)
        rates, generator = draw.given("rates", [0.25, 0.5]), draw.generator()
        data = layers, embedding, draw.given(which + "contexts", contexts), targets
        losses.append(lesson.train_on_batches(*data, rates, 1, generator))
    return {"losses of both calls": losses}


@train_on_batches.check(cases=1)
def batches_from_the_generator(lesson, draw):
    """All random numbers come from the generator that's passed in, and from nowhere else."""
    contexts, targets = (
        draw.indices("contexts", 300, 2, high=4),
        draw.indices("targets", 300, high=4),
    )
    numbers, weight = draw.tensor("embedding", 4, 2), draw.tensor("weight", 4, 4)

    def losses(generator):
        layer = lesson.Linear(4, 4, bias=False, generator=torch.Generator())
        put(layer.weight, weight)
        embedding = numbers.clone().requires_grad_(True)
        rates = [0.1] * 8
        return lesson.train_on_batches([layer], embedding, contexts, targets, rates, 3, generator)

    return draws_of(draw, losses)


# silent_parameters


def parameters_of_kinds(draw, name, wanted):
    """Parameters whose gradients are of these kinds; a report shows the gradients under `name`."""
    gradients = {
        "none": None,
        "zero": torch.zeros(3),
        "one entry": torch.tensor([0.0, 0.0, 0.5]),
        "sums to zero": torch.tensor([1.5, -1.5, 0.0]),
        "negative": torch.tensor([-1.0, -2.0, -0.5]),
        "negative and zero": torch.tensor([0.0, -1.0, 0.0]),
        "constant": torch.tensor([0.5, 0.5, 0.5]),
        "tiny": torch.tensor([0.0, 1e-9, 0.0]),
        "full": torch.tensor([1.0, 2.0, 0.5]),
    }
    parameters = []
    for gradient in draw.given(name, [gradients[kind] for kind in wanted]):
        parameter = torch.ones(3, requires_grad=True)
        parameter.grad = None if gradient is None else gradient.clone()
        parameters.append(parameter)
    return parameters


silent_parameters = exercise("silent_parameters")


@silent_parameters.check
def none_and_zero(lesson, draw):
    """A parameter is silent if it has no gradient or one that is zero everywhere."""
    everything = ["none", "zero", "one entry", "sums to zero", "negative", "negative and zero"]
    wanted = draw.shuffled("gradients", [*everything, "constant", "tiny", "full"])
    parameters = parameters_of_kinds(draw, "gradients", wanted)
    return {"positions": lesson.silent_parameters(parameters)}


@silent_parameters.check(cases=1)
def all_or_nobody(lesson, draw):
    """All of them may be silent, or none."""
    quiet = parameters_of_kinds(draw, "gradients of silent ones", ["zero", "none", "zero"])
    loud = parameters_of_kinds(draw, "gradients of others", ["negative", "full"])
    return {
        "where all are silent": lesson.silent_parameters(quiet),
        "where nobody is": lesson.silent_parameters(loud),
    }


@silent_parameters.check(cases=2)
def after_a_real_backward(lesson, draw):
    """After a backward pass it finds the parameters that the loss doesn't depend on."""
    parameters = [draw.tensor(f"parameters[{i}]", 2).requires_grad_(True) for i in range(3)]
    used, dropped, _ = draw.shuffled("loss", range(3))
    draw.given("loss", f"(parameters[{used}] ** 2 + 0 * parameters[{dropped}]).sum()")
    (parameters[used].square() + 0 * parameters[dropped]).sum().backward()
    return {"positions": lesson.silent_parameters(parameters)}


@silent_parameters.check(cases=1)
def many_parameters(lesson, draw):
    """It works for many parameters, and the list isn't changed."""
    wanted = ["none", "zero", "none", "full", "zero", "negative", "none"] * 22
    parameters = parameters_of_kinds(draw, "gradients", wanted)
    positions = lesson.silent_parameters(parameters)
    return {"positions": positions, "number of parameters afterwards": len(parameters)}


# fold_batchnorm


def folded(lesson, draw, bias, **options):
    """A Linear, the trained BatchNorm1d behind it, and a batch for both."""
    fan_in, fan_out = draw.size(1, 3), draw.integer("weight", 4, 5)
    layer = linear(lesson, draw, fan_in, fan_out, bias)
    behind = trained(lesson, draw, fan_out, **options)
    behind.training = False
    return layer, behind, draw.tensor("x", 2, fan_in)


fold_batchnorm = exercise("fold_batchnorm", points=2)


@fold_batchnorm.check
def without_a_bias(lesson, draw):
    """A Linear without a bias and its BatchNorm1d become one weight and one bias."""
    layer, behind, x = folded(lesson, draw, bias=False)
    weight, bias = lesson.fold_batchnorm(layer, behind)
    return {"weight": weight, "bias": bias, "x @ weight + bias": x @ weight + bias}


@fold_batchnorm.check(cases=2)
def with_a_bias(lesson, draw):
    """The bias of the Linear goes through the normalization too."""
    layer, behind, x = folded(lesson, draw, bias=True)
    weight, bias = lesson.fold_batchnorm(layer, behind)
    return {"weight": weight, "bias": bias, "x @ weight + bias": x @ weight + bias}


@fold_batchnorm.check(cases=2)
def with_its_eps(lesson, draw):
    """The layer's eps is part of the scale."""
    layer, behind, _ = folded(lesson, draw, bias=True, eps=draw.choice("eps", [0.5, 1.0, 2.0]))
    weight, bias = lesson.fold_batchnorm(layer, behind)
    return {"weight": weight, "bias": bias}


@fold_batchnorm.check(cases=2)
def layers_unchanged(lesson, draw):
    """Both layers stay as they were, and in the mode they were in."""
    layer, behind, _ = folded(lesson, draw, bias=True)
    behind.training = draw.given("training", draw.case == 0)
    lesson.fold_batchnorm(layer, behind)
    parts = {"weight": layer.weight, "bias": layer.bias}
    parts |= {"gamma": behind.gamma, "beta": behind.beta, "training": behind.training}
    return {**parts, **buffers(behind)}
