"""Checks and known mistakes of part 3: activations, gradients and batch normalisation.

A size is drawn under the name of the input that it is a size of, which then takes its place in the
report.
"""

import torch

from autograder.checks import check, forbid, mistake, points

SPREAD = "two draws of 10,000 numbers differ in their spread by 6 % at six standard deviations"


def put(tensor, value):
    """Write a value into a parameter or buffer, whether it requires gradients or not."""
    tensor.data.copy_(value.reshape(tensor.shape))


def linear(lesson, draw, fan_in, fan_out, bias=True):
    """A Linear with drawn parameters."""
    layer = lesson.Linear(fan_in, fan_out, bias=bias)
    put(layer.weight, draw.tensor("weight", fan_in, fan_out))
    if bias:
        put(layer.bias, draw.tensor("bias", fan_out))
    return layer


def normalisation(lesson, draw, dim, **options):
    """A BatchNorm1d with drawn parameters; its running values are those of a new one."""
    layer = lesson.BatchNorm1d(dim, **options)
    put(layer.gamma, draw.tensor("gamma", dim, low=0.5, high=2.0))
    put(layer.beta, draw.tensor("beta", dim))
    return layer


def trained(lesson, draw, dim, **options):
    """A BatchNorm1d whose running values have moved away from where they start."""
    layer = normalisation(lesson, draw, dim, **options)
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


# loss_by_scale

SMALL_LOSS = "a loss near zero keeps few digits in single precision"


@check("loss_by_scale", tolerance=(1e-5, 1e-5), because=SMALL_LOSS)
def one_loss_for_each_scale(lesson, draw):
    """Each loss is the mean negative log likelihood of the scaled logits; the logits stay."""
    rows = draw.size("logits", 1, 5)
    logits, targets = draw.tensor("logits", rows, 4), draw.indices("targets", rows, high=4)
    scales = draw.numbers("scales", 3, low=0.1, high=3.0)
    losses = lesson.loss_by_scale(logits, targets, scales)
    return {"losses": losses, "logits afterwards": logits}


@check("loss_by_scale", tolerance=(1e-5, 1e-5), because=SMALL_LOSS)
def from_uniform_to_confident(lesson, draw):
    """Scale 0 gives the loss of a uniform guess, a large scale that of confident guesses."""
    columns = draw.size("logits", 2, 6)
    logits = draw.tensor("logits", 3, columns, low=-4.0, high=4.0)
    targets = draw.indices("targets", 3, high=columns)
    scales = draw.given("scales", [0.0, 1.0, 5.0])
    return {"losses": lesson.loss_by_scale(logits, targets, scales)}


mistake(
    "loss_by_scale",
    replace="F.cross_entropy(scale * logits, targets).item()",
    by="scale * F.cross_entropy(logits, targets).item()",
    says="the loss is scaled; the scale must act on the logits, before the loss is taken",
)
mistake(
    "loss_by_scale",
    replace="scale * logits",
    by="logits / scale",
    says="the logits are divided by the scale; they must be multiplied by it",
)
mistake(
    "loss_by_scale",
    replace="scale * logits",
    by="scale + logits",
    says="the scale is added; a softmax does not notice a constant added to all logits",
)
mistake(
    "loss_by_scale",
    replace="targets)",
    by='targets, reduction="sum")',
    says="the losses are sums over the rows; the mean is asked for",
)
mistake(
    "loss_by_scale",
    replace="scale * logits",
    by="logits.mul_(scale)",
    says="the logits are changed in place, so each scale acts on what the one before has left",
)
mistake(
    "loss_by_scale",
    replace="scale * logits",
    by="F.softmax(scale * logits, dim=-1)",
    says="softmax is taken twice: cross_entropy expects logits and applies it by itself",
)
mistake(
    "loss_by_scale",
    replace="F.cross_entropy(scale * logits, targets)",
    by="F.nll_loss(F.softmax(scale * logits, dim=-1), targets)",
    says="the logarithm is missing: the loss is the negative log of the target's probability",
)


# saturation


@check("saturation")
def both_ends_count(lesson, draw):
    """Activations near -1 count as those near 1, whatever the number of dimensions."""
    size = draw.size("h", 3, 6)
    shape = draw.choice("h", [(3 * size,), (size, 4), (2, 3, size)])
    return {"share": lesson.saturation(activations(draw, "h", *shape))}


@check("saturation")
def own_threshold(lesson, draw):
    """Only what is strictly above the threshold counts, whatever the threshold."""
    h = quarters(draw, "h", 6, 4)
    threshold = draw.choice("threshold", [0.25, 0.5, 0.75])
    return {"share": lesson.saturation(h, threshold=threshold)}


mistake(
    "saturation",
    replace="h.abs()",
    by="h",
    says="only the positive end counts; activations near -1 are saturated too",
)
mistake(
    "saturation",
    replace=".float().mean()",
    by=".float().sum()",
    says="this is a count; the share is that count divided by the number of activations",
)
mistake(
    "saturation",
    replace=".mean().item()",
    by=".mean().item() * 100",
    says="this is in percent; a share goes from 0 to 1",
)
mistake(
    "saturation",
    replace="> threshold",
    by="< threshold",
    says="this is the share that is not saturated; count what lies above the threshold",
)
mistake(
    "saturation",
    replace="> threshold",
    by=">= threshold",
    says="an activation exactly at the threshold does not count: strictly above",
)
mistake(
    "saturation",
    replace="> threshold",
    by="> 0.97",
    says="the threshold is fixed at 0.97; use the one that is passed in",
)
mistake(
    "saturation",
    replace="h.abs() > threshold",
    by="h**2 > threshold",
    says="the square is compared with the threshold; compare the absolute value",
)
mistake(
    "saturation",
    replace="(h.abs() > threshold).float().mean()",
    by="(h.abs().mean() > threshold).float()",
    says="the mean is compared with the threshold; compare each activation, then take the mean",
)


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


@check("dead_neurons")
def saturated_for_all(lesson, draw):
    """A neuron is dead if all its activations are saturated, at either end."""
    rows, dead = draw.size("h", 2, 6), draw.integer("h", 1, 2)
    return {"dead": lesson.dead_neurons(neurons(draw, rows, dead, alive=2))}


@check("dead_neurons")
def none_or_one(lesson, draw):
    """A single saturated example does not make a neuron dead, and a row is no neuron."""
    h = torch.tanh(draw.tensor("h", 3, 4, low=-1.0, high=1.0))
    h[draw.integer("h", 0, 2)] = 0.99
    return {"dead": lesson.dead_neurons(draw.given("h", h))}


@check("dead_neurons")
def threshold_of_its_own(lesson, draw):
    """The threshold may be another one, and only what is strictly above it counts."""
    h = torch.tensor([[1.0, 0.5, -0.75, 0.25, 1.0, -1.0], [0.75, 1.0, 1.0, 1.0, -0.75, -0.75]])
    order = draw.shuffled("h", range(6))
    threshold = draw.choice("threshold", [0.25, 0.5])
    return {"dead": lesson.dead_neurons(draw.given("h", h[:, order]), threshold=threshold)}


mistake(
    "dead_neurons",
    replace=".all(dim=0)",
    by=".any(dim=0)",
    says="one saturated example is enough here; a neuron is dead only if all examples are",
)
mistake(
    "dead_neurons",
    replace="dim=0",
    by="dim=1",
    says="rows are counted; the neurons are the columns, so ask along dimension 0",
)
mistake(
    "dead_neurons",
    replace="h.abs()",
    by="h",
    says="only neurons stuck near 1 are found; those near -1 are as dead",
)
mistake(
    "dead_neurons",
    body="return ((h > threshold).all(dim=0) | (h < -threshold).all(dim=0)).sum().item()",
    says="a neuron that jumps between both ends is dead too: take the absolute value first",
)
mistake(
    "dead_neurons",
    replace=".sum().item()",
    by=".float().mean().item()",
    says="this is a share; the number of dead neurons is asked for",
)
mistake(
    "dead_neurons",
    body="return (h.abs().mean(dim=0) > threshold).sum().item()",
    says="a neuron whose mean is high can still have one living example; look at each of them",
)
mistake(
    "dead_neurons",
    replace="> threshold",
    by=">= threshold",
    says="an activation exactly at the threshold is not saturated: strictly above",
)
mistake(
    "dead_neurons",
    replace="> threshold",
    by="> 0.97",
    says="the threshold is fixed at 0.97; use the one that is passed in",
)


# kaiming_std


@check("kaiming_std")
def gain_over_root(lesson, draw):
    """The gain goes in proportion, the fan-in by its square root."""
    fan_in = draw.integer("fan_in", 2, 300)
    return {"std": lesson.kaiming_std(fan_in, draw.number("gain", 0.5, 3.0))}


@check("kaiming_std")
def gain_of_tanh(lesson, draw):
    """Without a gain that of tanh is taken, 5/3."""
    return {"std": lesson.kaiming_std(draw.integer("fan_in", 2, 300))}


mistake(
    "kaiming_std",
    replace="fan_in**0.5",
    by="fan_in",
    says="this divides by the fan-in; it is the variance that does so, the spread by its root",
)
mistake(
    "kaiming_std",
    replace="gain / fan_in**0.5",
    by="(gain / fan_in) ** 0.5",
    says="the root covers the gain as well; it belongs to the fan-in alone",
)
mistake(
    "kaiming_std",
    replace="gain / fan_in**0.5",
    by="gain**2 / fan_in",
    says="this is the variance; the standard deviation is its square root",
)
mistake(
    "kaiming_std",
    replace="gain / fan_in**0.5",
    by="gain * fan_in**0.5",
    says="more inputs need smaller weights: divide by the root of the fan-in",
)
mistake(
    "kaiming_std",
    replace="gain /",
    by="1 /",
    says="the gain is not used",
)
mistake(
    "kaiming_std",
    replace="gain /",
    by="5 / 3 /",
    says="the gain is fixed at 5/3; use the one that is passed in",
)


# Linear


@check("Linear.__init__")
def shapes_and_bias(lesson, draw):
    """The weight has a row for each input and a column for each output, the bias is zero."""
    fan_in, fan_out = draw.size("fan_in", 1, 5), draw.integer("fan_out", 6, 8)
    layer = lesson.Linear(fan_in, fan_out, generator=draw.generator())
    return {"shape of weight": tuple(layer.weight.shape), "bias": layer.bias}


@check("Linear.__init__", cases=2)
def no_bias(lesson, draw):
    """A layer with bias=False has None for its bias."""
    fan_in, fan_out = draw.integer("fan_in", 1, 5), draw.integer("fan_out", 6, 8)
    layer = lesson.Linear(fan_in, fan_out, bias=draw.given("bias", False))
    return {"bias": layer.bias, "shape of weight": tuple(layer.weight.shape)}


@check("Linear.__init__", cases=2, tolerance=(0.08, 0.0), because=SPREAD)
def spread(lesson, draw):
    """The weights' standard deviation is 1 / sqrt(fan_in)."""
    fan_in, fan_out = draw.integer("fan_in", 60, 80), draw.integer("fan_out", 160, 200)
    layer = lesson.Linear(fan_in, fan_out, generator=draw.generator())
    return {"standard deviation": layer.weight.std().item()}


@check("Linear.__init__", cases=2)
def same_generator_same_weights(lesson, draw):
    """Two generators with the same seed give the same weights."""
    seed = draw.integer("seed", 1, 1000)
    fan_in, fan_out = draw.given("fan_in", 3), draw.given("fan_out", 4)
    one, other = (
        lesson.Linear(fan_in, fan_out, generator=torch.Generator().manual_seed(seed))
        for _ in range(2)
    )
    return {"difference": (one.weight - other.weight).abs().max().item()}


@check("Linear.__init__", cases=1)
def weights_of_their_own(lesson, draw):
    """Two layers differ, from one generator or from torch's own, and so do a layer's neurons."""
    fan_in, fan_out = draw.given("fan_in", 3), draw.given("fan_out", 4)
    generator = draw.generator()
    one, other = (lesson.Linear(fan_in, fan_out, generator=generator).weight for _ in range(2))
    first, second = (lesson.Linear(fan_in, fan_out).weight for _ in range(2))
    return {
        "weights that differ between two layers of one generator": (one - other).count_nonzero(),
        "weights that differ between two layers without": (first - second).count_nonzero(),
        "weights that differ between neurons": (one[:, 1:] - one[:, :-1]).count_nonzero(),
    }


mistake(
    "Linear.__init__",
    replace="self.weight = ",
    by="generator = torch.Generator().manual_seed(2147483647)\nself.weight = ",
    says="a generator is made and seeded here, so that all layers of a shape start alike; draw "
    "from the one that is passed in",
)
mistake(
    "Linear.__init__",
    replace="self.weight = ",
    by="generator = generator or torch.Generator().manual_seed(42)\nself.weight = ",
    says="without a generator one with a fixed seed is made, so that all layers of a shape start "
    "alike; None means torch's own",
)


@check("Linear.__init__", cases=2)
def weight_receives_gradients(lesson, draw):
    """Weight and bias are leaves, so that a backward pass leaves a gradient in them."""
    fan_in, fan_out = draw.given("fan_in", 2), draw.given("fan_out", 3)
    layer = lesson.Linear(fan_in, fan_out, generator=draw.generator())
    factor = draw.tensor("gradient sent to the weight", fan_in, fan_out)
    layer.weight.requires_grad_(True)
    layer.bias.requires_grad_(True)
    (layer.weight * factor + layer.bias).sum().backward()
    return {"gradient of weight": layer.weight.grad, "gradient of bias": layer.bias.grad}


mistake(
    "Linear.__init__",
    replace=" / fan_in**0.5",
    by="",
    says="the weights have a spread of 1; divide them by the square root of fan_in",
)
mistake(
    "Linear.__init__",
    replace="fan_in**0.5",
    by="fan_in",
    says="the weights are divided by fan_in; its square root keeps the spread of the activations",
)
mistake(
    "Linear.__init__",
    replace="fan_in**0.5",
    by="fan_out**0.5",
    says="the weights are scaled by fan_out; each output sums over fan_in inputs, so that counts",
)
mistake(
    "Linear.__init__",
    replace="torch.randn",
    by="torch.rand",
    says="torch.rand is uniform in [0, 1): too narrow, and never negative; use torch.randn",
)
mistake(
    "Linear.__init__",
    replace="/ fan_in**0.5",
    by="* kaiming_std(fan_in)",
    says="the gain of tanh is multiplied in already; a Linear starts with 1 / sqrt(fan_in)",
)
mistake(
    "Linear.__init__",
    replace="torch.randn((fan_in, fan_out), generator=generator)",
    by="torch.zeros((fan_in, fan_out))",
    says="all weights are zero; then all neurons are alike and remain so",
)
mistake(
    "Linear.__init__",
    replace="(fan_in, fan_out)",
    by="(fan_out, fan_in)",
    says="the weight has the shape of torch.nn's; here it is (fan_in, fan_out), for x @ weight",
)
mistake(
    "Linear.__init__",
    replace=", generator=generator",
    by="",
    says="the generator is not used, so the weights cannot be repeated; pass it to torch.randn",
)
mistake(
    "Linear.__init__",
    replace="generator=generator",
    by="generator=generator, requires_grad=True",
    says="a weight that requires gradients and is then divided is no leaf: no gradient stays in "
    "it; scale it first",
)
mistake(
    "Linear.__init__",
    replace=" if bias else None",
    by="",
    says="there is a bias even with bias=False; it must be None then",
)
mistake(
    "Linear.__init__",
    replace="torch.zeros(fan_out)",
    by="torch.randn(fan_out, generator=generator)",
    says="the bias starts at random; it starts at zero",
)
mistake(
    "Linear.__init__",
    replace="torch.zeros(fan_out)",
    by="torch.zeros(fan_in)",
    says="there is one bias for each output, so its length is fan_out",
)


@check("Linear.__call__")
def product_and_bias(lesson, draw):
    """The result is x @ weight + bias, and `out` keeps it."""
    layer = linear(lesson, draw, draw.size("weight", 1, 4), draw.size("weight", 2, 5))
    x = draw.tensor("x", draw.size("x", 1, 3), layer.weight.shape[0])
    return {"result": layer(x), "out": kept(layer), "bias afterwards": layer.bias}


@check("Linear.__call__", cases=2)
def works_without_bias(lesson, draw):
    """Without a bias the result is x @ weight."""
    layer = linear(lesson, draw, 3, draw.size("weight", 2, 4), bias=False)
    return {"result": layer(draw.tensor("x", 2, 3)), "out": kept(layer)}


@check("Linear.__call__", cases=2)
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
        "gradient of weight": layer.weight.grad,
        "gradient of bias": layer.bias.grad,
        "gradient of x": x.grad,
        "gradient of out": gradient_of(out),
    }


@check("Linear.__call__", cases=2)
def out_is_the_last(lesson, draw):
    """After a second call `out` is the second result."""
    layer = linear(lesson, draw, 2, 3)
    layer(draw.tensor("first x", 2, 2))
    layer(draw.tensor("second x", 1, 2))
    return {"out": kept(layer)}


mistake(
    "Linear.__call__",
    body="""
    out = x @ self.weight
    return out if self.bias is None else out + self.bias
    """,
    says="the result is returned but not kept: store it in self.out as well",
)
mistake(
    "Linear.__call__",
    body="""
    out = x @ self.weight
    if self.bias is not None:
        out = out + self.bias
    self.out = out.detach()
    return out
    """,
    says="what is kept as `out` is cut out of the graph, so no gradient reaches it, and none can "
    "be looked at; keep the result itself",
)
mistake(
    "Linear.__call__",
    body="""
    self.out = x @ self.weight
    return self.out if self.bias is None else self.out + self.bias
    """,
    says="`out` is kept before the bias is added; it must be what the call returns",
)
mistake(
    "Linear.__call__",
    body="""
    if not hasattr(self, "out"):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
    return self.out
    """,
    says="`out` stays what the first call made of it; every call must renew it",
)
mistake(
    "Linear.__call__",
    body="""
    self.out = x @ self.weight
    return self.out
    """,
    says="the bias is never added",
)
mistake(
    "Linear.__call__",
    body="""
    self.out = x @ self.weight + self.bias
    return self.out
    """,
    says="a layer without a bias fails: None cannot be added, so ask for it first",
)
mistake(
    "Linear.__call__",
    replace="if self.bias is not None:",
    by="if self.bias:",
    says="a tensor of several numbers is neither true nor false; ask whether the bias is None",
)
mistake(
    "Linear.__call__",
    replace="self.out + self.bias",
    by="self.out - self.bias",
    says="the bias is subtracted; it is added",
)
mistake(
    "Linear.__call__",
    replace="x @ self.weight",
    by="x @ self.weight.T",
    says="the weight is transposed; with the shape (fan_in, fan_out) it is x @ weight as it stands",
)
mistake(
    "Linear.__call__",
    replace="self.weight",
    by="self.weight.data",
    says="`.data` or detach cuts the weight out of the graph, so it never gets a gradient",
)
mistake(
    "Linear.__call__",
    body="""
    self.out = x @ self.weight
    if self.bias is not None:
        self.out = self.out + self.bias
    self.out = torch.tanh(self.out)
    return self.out
    """,
    says="the tanh is a layer of its own here; a Linear stays linear",
)


@check("Linear.parameters")
def weight_then_bias(lesson, draw):
    """The parameters are the weight and the bias, in this order."""
    layer = linear(lesson, draw, draw.size("weight", 1, 3), 2)
    return {"parameters": layer.parameters()}


@check("Linear.parameters", cases=2)
def weight_alone(lesson, draw):
    """A layer without a bias has one parameter."""
    layer = linear(lesson, draw, 2, 2, bias=False)
    return {"parameters": layer.parameters()}


@check("Linear.parameters", cases=2)
def own_tensors(lesson, draw):
    """Who trains or changes a listed parameter trains or changes the layer."""
    layer = linear(lesson, draw, 2, 2)
    for parameter in layer.parameters():
        parameter.requires_grad_(True)
    send(layer.weight, draw.tensor("gradient sent to the weight", 2, 2))
    send(layer.bias, draw.tensor("gradient sent to the bias", 2))
    for parameter in layer.parameters():
        parameter.data.zero_()
    return {
        "weight afterwards": layer.weight.detach(),
        "bias afterwards": layer.bias.detach(),
        "gradient of weight": layer.weight.grad,
        "gradient of bias": layer.bias.grad,
    }


mistake(
    "Linear.parameters",
    body="return [self.weight, self.bias]",
    says="None is listed as a parameter of a layer without a bias; leave it out",
)
mistake(
    "Linear.parameters",
    body="return [self.weight]",
    says="the bias is not listed, so it would never be trained",
)
mistake(
    "Linear.parameters",
    replace="[self.weight, self.bias]",
    by="[self.bias, self.weight]",
    says="the order is the other way around: the weight, then the bias",
)
mistake(
    "Linear.parameters",
    body="""
    found = [self.weight] if self.bias is None else [self.weight, self.bias]
    return [parameter.clone() for parameter in found]
    """,
    says="copies are listed; training them would leave the layer as it is",
)
mistake(
    "Linear.parameters",
    body="""
    found = [self.weight] if self.bias is None else [self.weight, self.bias]
    return [parameter.detach() for parameter in found]
    """,
    says="detached tensors are listed: their gradients are switched on and the layer's are not",
)
mistake(
    "Linear.parameters",
    replace="is None",
    by="is not None",
    says="the two cases are exchanged: the bias belongs to the list where there is one",
)


# Tanh


@check("Tanh.__call__")
def every_element(lesson, draw):
    """Each element goes through tanh, `out` keeps the result, and the input stays."""
    layer, x = lesson.Tanh(), draw.tensor("x", draw.size("x", 1, 3), 3, low=-3.0, high=3.0)
    x[0, -1] = (1.0, 100.0, -100.0)[draw.case]
    x = draw.given("x", x)
    return {"result": layer(x), "out": kept(layer), "x afterwards": x}


@check("Tanh.__call__", cases=2)
def gradient_of_tanh(lesson, draw):
    """The gradient reaches `out`, and is multiplied by the slope on its way to x."""
    layer, x = lesson.Tanh(), draw.tensor("x", 4).requires_grad_(True)
    result = layer(x)
    out = listened(layer)
    (result * draw.tensor("gradient of the result", 4)).sum().backward()
    return {"gradient of x": x.grad, "gradient of out": gradient_of(out)}


@check("Tanh.__call__", cases=2)
def out_is_renewed(lesson, draw):
    """After a second call `out` is the second result."""
    layer = lesson.Tanh()
    layer(draw.tensor("first x", 2))
    layer(draw.tensor("second x", 3))
    return {"out": kept(layer)}


mistake(
    "Tanh.__call__",
    body="return torch.tanh(x)",
    says="the result is returned but not kept: store it in self.out as well",
)
mistake(
    "Tanh.__call__",
    body="""
    out = torch.tanh(x)
    self.out = out.detach()
    return out
    """,
    says="what is kept as `out` is cut out of the graph, so no gradient reaches it, and none can "
    "be looked at; keep the result itself",
)
mistake(
    "Tanh.__call__",
    body="""
    self.out = x
    return torch.tanh(x)
    """,
    says="`out` keeps what went in; it must keep what comes out",
)
mistake(
    "Tanh.__call__",
    replace="torch.tanh(x)",
    by="torch.sigmoid(x)",
    says="this is the sigmoid, from 0 to 1; tanh goes from -1 to 1",
)
mistake(
    "Tanh.__call__",
    replace="torch.tanh(x)",
    by="torch.relu(x)",
    says="this is the ReLU; the layer is a tanh",
)
mistake(
    "Tanh.__call__",
    replace="torch.tanh(x)",
    by="torch.tanh(x.detach())",
    says="the input is detached, so no gradient comes back through this layer",
)
mistake(
    "Tanh.__call__",
    replace="torch.tanh(x)",
    by="x.tanh_()",
    says="the input is changed in place; it belongs to the layer before",
)


# deep_mlp


def drawn_sizes(draw, most=9):
    """A list of sizes from 2 to `most` that grows with the case; two of them make one Linear."""
    count = (2, 3, 5)[draw.case]
    drawn = torch.randint(2, most + 1, (count,), generator=draw.generator())
    return draw.given("sizes", drawn.tolist())


@check("deep_mlp")
def linear_and_tanh_in_turn(lesson, draw):
    """Linear and Tanh alternate, the last is a Linear, and no layer stands there twice."""
    layers = lesson.deep_mlp(drawn_sizes(draw), draw.generator())
    return {
        "kinds": kinds(layers),
        "shapes of the weights": shapes(layers, "weight"),
        "shapes of the biases": shapes(layers, "bias"),
        "different layers": len({id(layer) for layer in layers}),
    }


@check("deep_mlp", cases=2, tolerance=(0.08, 0.0), because=SPREAD)
def gains(lesson, draw):
    """The weights have a spread of gain / sqrt(fan_in), those of the last 0.1 / sqrt(fan_in)."""
    sizes = draw.given("sizes", [100 + 10 * draw.case, 150, 125, 100])
    gain = draw.choice("gain", [0.5, 6.0])
    layers = lesson.deep_mlp(sizes, draw.generator(), gain=gain)
    return {"standard deviations": [layer.weight.std().item() for layer in layers[::2]]}


@check("deep_mlp", cases=1, tolerance=(0.08, 0.0), because=SPREAD)
def default_gain(lesson, draw):
    """Without a gain that of tanh is taken, 5/3."""
    layers = lesson.deep_mlp(draw.given("sizes", [125, 100, 110]), draw.generator())
    return {"standard deviations": [layer.weight.std().item() for layer in layers[::2]]}


@check("deep_mlp", cases=2)
def repeatable(lesson, draw):
    """Two generators with the same seed give the same network."""
    seed, sizes = draw.integer("seed", 1, 1000), draw.given("sizes", [3, 4, 5])
    one, other = (lesson.deep_mlp(sizes, torch.Generator().manual_seed(seed)) for _ in range(2))
    pairs = zip(one[::2], other[::2], strict=True)
    return {"differences": [(a.weight - b.weight).abs().max().item() for a, b in pairs]}


@check("deep_mlp", cases=1)
def parameters_are_leaves(lesson, draw):
    """After the scaling the weights can still receive gradients."""
    layers = lesson.deep_mlp(draw.given("sizes", [2, 3, 2]), draw.generator())
    weights = [layer.weight.requires_grad_(True) for layer in layers[::2]]
    sum(weight.sum() for weight in weights).backward()
    return {"gradients": [weight.grad for weight in weights]}


mistake(
    "deep_mlp",
    replace="layer.weight *= gain",
    by="pass",
    says="the gain is not used: each Linear in front of a Tanh has its weights multiplied by it",
)
mistake(
    "deep_mlp",
    replace="for layer in layers[:-1]:",
    by="for layer in layers:",
    says="the last Linear gets the gain too; no Tanh follows it, so only its 0.1 is due",
)
mistake(
    "deep_mlp",
    replace="for layer in layers[:-1]:",
    by="for layer in layers[1:-1]:",
    says="the first Linear is left out; a Tanh follows it, so it gets the gain as well",
)
mistake(
    "deep_mlp",
    replace="layers[-1].weight *= 0.1",
    by="pass",
    says="the last Linear is not shrunk, so the first loss will be too high",
)
mistake(
    "deep_mlp",
    replace="layer.weight *= gain",
    by="layer.weight *= 0.1 * gain",
    says="all Linear layers are shrunk; 0.1 is for the last one alone",
)
mistake(
    "deep_mlp",
    replace="layer.weight *= gain",
    by="layer.weight *= gain**0.5",
    says="the root of the gain is used; the gain is a factor of the spread, not of the variance",
)
mistake(
    "deep_mlp",
    replace="layer.weight *= gain",
    by="layer.weight *= 5 / 3",
    says="the gain is fixed at 5/3; use the one that is passed in",
)
mistake(
    "deep_mlp",
    replace="layer.weight *= gain",
    by="layer.weight *= kaiming_std(layer.weight.shape[0], gain)",
    says="the fan-in is counted twice: a Linear's weights are divided by its root already",
)
mistake(
    "deep_mlp",
    replace="layers[-1].weight *= 0.1",
    by="layers[-1].weight *= 0.0",
    says="the last weights are exactly zero, so no gradient gets past them; a tenth is asked for",
)
mistake(
    "deep_mlp",
    body="""
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        layers += [Linear(fan_in, fan_out, generator=generator), Tanh()]
    with torch.no_grad():
        for layer in layers[:-2:2]:
            layer.weight *= gain
        layers[-2].weight *= 0.1
    return layers
    """,
    says="a Tanh stands at the end; the logits must be free, so the last layer is a Linear",
)
mistake(
    "deep_mlp",
    body="""
    layers = [Linear(a, b, generator=generator) for a, b in zip(sizes, sizes[1:])]
    with torch.no_grad():
        for layer in layers[:-1]:
            layer.weight *= gain
        layers[-1].weight *= 0.1
    return layers
    """,
    says="there is no Tanh between the Linear layers, and without it many layers are worth one",
)
mistake(
    "deep_mlp",
    body="""
    layers, tanh = [], Tanh()
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        layers += [Linear(fan_in, fan_out, generator=generator), tanh]
    layers.pop()
    with torch.no_grad():
        for layer in layers[:-1:2]:
            layer.weight *= gain
        layers[-1].weight *= 0.1
    return layers
    """,
    says="one Tanh stands in several places, so its `out` is overwritten; make a new one each time",
)
mistake(
    "deep_mlp",
    replace="zip(sizes, sizes[1:])",
    by="zip(sizes[:-1], sizes[1:-1])",
    says="the last size is left out: n sizes give n - 1 Linear layers",
)
mistake(
    "deep_mlp",
    replace="fan_out, generator=generator",
    by="fan_out, bias=False, generator=generator",
    says="the Linear layers have no bias; here each of them has one",
)
mistake(
    "deep_mlp",
    replace=", generator=generator",
    by="",
    says="the generator is not passed on, so the network cannot be repeated",
)


# forward


@check("forward")
def one_after_the_other(lesson, draw):
    """Each layer gets what the one before it returned."""
    factors = draw.numbers("layers", draw.size("layers", 1, 4))
    draw.given("layers", [f"lambda x: {factor} * x + 1" for factor in factors])
    layers = [lambda t, factor=factor: factor * t + 1 for factor in factors]
    return {"result": lesson.forward(layers, draw.tensor("x", 3))}


@check("forward", cases=2)
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


mistake(
    "forward",
    body="""
    for layer in layers:
        out = layer(x)
    return out
    """,
    says="every layer gets the first x; each must get what the layer before it returned",
)
mistake(
    "forward",
    body="""
    for layer in layers:
        return layer(x)
    """,
    says="the return stands inside the loop, so only the first layer is called",
)
mistake(
    "forward",
    body="""
    for layer in reversed(layers):
        x = layer(x)
    return x
    """,
    says="the layers run from last to first; the first in the list comes first",
)
mistake(
    "forward",
    body="""
    while layers:
        x = layers.pop(0)(x)
    return x
    """,
    says="the layers are taken out of the list, so that the network is empty afterwards",
)
mistake(
    "forward",
    replace="for layer in layers:",
    by="for layer in layers[:-1]:",
    says="the last layer is never called",
)
mistake(
    "forward",
    body="""
    outs = []
    for layer in layers:
        x = layer(x)
        outs.append(x)
    return outs
    """,
    says="all results are returned in a list; only the last one is asked for",
)
mistake(
    "forward",
    body="""
    for layer in layers:
        layer(x)
        x = layer(x)
    return x
    """,
    says="each layer is called twice, and a BatchNorm would count its batch twice",
)


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


@check("activation_stats")
def one_tanh(lesson, draw):
    """A dict for the layer has its position, mean, std and saturation, over all elements."""
    layer = lesson.Tanh()
    layer.out = activations(draw, "out", draw.size("out", 4, 8), 5)
    return {"stats": lesson.activation_stats([layer])}


@check("activation_stats", cases=2)
def tanh_among_others(lesson, draw):
    """Only Tanh layers are described, by their position among all layers."""
    rows, count = draw.size("layers", 4, 6), draw.choice("layers", [4, 5])
    outs = [activations(draw, f"out of layer {i}", rows, 4) for i in range(count)]
    layers = network(lesson, [out.clone().requires_grad_(True) * 1.0 for out in outs])
    draw.given("layers", kinds(layers))
    return {"stats": lesson.activation_stats(layers)}


mistake(
    "activation_stats",
    replace="if isinstance(layer, Tanh)",
    by="",
    says="layers of all kinds are described; keep the Tanh layers only",
)
mistake(
    "activation_stats",
    replace="if isinstance(layer, Tanh)",
    by="if not isinstance(layer, Tanh)",
    says="it is the Tanh layers that are asked for, not the others",
)
mistake(
    "activation_stats",
    replace="enumerate(layers)",
    by="enumerate(layer for layer in layers if isinstance(layer, Tanh))",
    says="the Tanh layers are numbered by themselves; the position in the whole list is asked for",
)
mistake(
    "activation_stats",
    replace="enumerate(layers)",
    by="enumerate(layers, start=1)",
    says="positions begin at 0",
)
mistake(
    "activation_stats",
    replace="layer.out.std()",
    by="layer.out.std(unbiased=False)",
    says="the std is divided by n; Tensor.std divides by n - 1 (numpy's std does not, by default)",
)
mistake(
    "activation_stats",
    replace="layer.out.std()",
    by="layer.out.var()",
    says="this is the variance; the standard deviation is its root",
)
mistake(
    "activation_stats",
    replace="layer.out.std()",
    by="layer.out.std(0).mean()",
    says="std is taken for each neuron and then averaged; take it over all elements at once",
)
mistake(
    "activation_stats",
    replace="layer.out.mean()",
    by="layer.out.abs().mean()",
    says="the mean of the absolute values tells nothing about a shift; take the plain mean",
)
mistake(
    "activation_stats",
    replace="saturation(layer.out)",
    by="saturation(layer.out, 0.99)",
    says="the threshold is 0.97 here",
)
mistake(
    "activation_stats",
    replace="saturation(layer.out)",
    by="(layer.out > 0.97).float().mean().item()",
    says="only the positive end counts as saturated; take the absolute value",
)


def after_backward(draw, name, *shape):
    """An `out` with its gradient."""
    out = activations(draw, name, *shape).clone().requires_grad_(True)
    out.grad = draw.tensor(f"gradient of {name}", *shape)
    return out


@check("gradient_stats")
def gradient_of_one_tanh(lesson, draw):
    """A dict for the layer has its position and its gradient's mean and std."""
    layer = lesson.Tanh()
    layer.out = after_backward(draw, "out", draw.size("out", 2, 5), 3)
    return {"stats": lesson.gradient_stats([layer])}


@check("gradient_stats", cases=2)
def gradients_among_others(lesson, draw):
    """Only Tanh layers are described, by their position among all layers."""
    rows, count = draw.size("layers", 2, 4), draw.choice("layers", [4, 5])
    outs = [after_backward(draw, f"out of layer {i}", rows, 3) for i in range(count)]
    layers = network(lesson, outs)
    draw.given("layers", kinds(layers))
    return {"stats": lesson.gradient_stats(layers)}


mistake(
    "gradient_stats",
    replace="layer.out.grad",
    by="layer.out",
    says="these are the activations themselves; the gradients are in out.grad",
)
mistake(
    "gradient_stats",
    replace="if isinstance(layer, Tanh)",
    by="",
    says="layers of all kinds are described; keep the Tanh layers only",
)
mistake(
    "gradient_stats",
    replace="enumerate(layers)",
    by="enumerate(layer for layer in layers if isinstance(layer, Tanh))",
    says="the Tanh layers are numbered by themselves; the position in the whole list is asked for",
)
mistake(
    "gradient_stats",
    replace="layer.out.grad.mean()",
    by="layer.out.grad.abs().mean()",
    says="the mean of the absolute values is taken; signs count",
)
mistake(
    "gradient_stats",
    replace="layer.out.grad.std()",
    by="layer.out.grad.std(unbiased=False)",
    says="the std is divided by n; Tensor.std divides by n - 1 (numpy's std does not, by default)",
)
mistake(
    "gradient_stats",
    replace="layer.out.grad.std()",
    by="layer.out.grad.norm()",
    says="the norm grows with the number of elements; the standard deviation does not",
)
mistake(
    "gradient_stats",
    replace="layer.out.grad.std()",
    by="layer.out.std()",
    says="the mean is the gradient's, but the std is that of the activations",
)


# gradient_ratio, update_ratio


def parameter_with_gradient(draw, *shape, mean=0.0):
    parameter = draw.given("parameter", draw.tensor("parameter", *shape) + mean)
    parameter = parameter.clone().requires_grad_(True)
    parameter.grad = draw.tensor("its gradient", *shape)
    return parameter


@check("gradient_ratio")
def spread_by_spread(lesson, draw):
    """The gradient's standard deviation is divided by the parameter's."""
    parameter = parameter_with_gradient(draw, draw.size("parameter", 2, 5), 3)
    return {"ratio": lesson.gradient_ratio(parameter)}


@check("gradient_ratio", cases=2)
def mean_does_not_count(lesson, draw):
    """Where the parameter's mean lies does not matter, and nothing is changed."""
    parameter = parameter_with_gradient(draw, draw.size("parameter", 4, 8), mean=3.0)
    ratio = lesson.gradient_ratio(parameter)
    return {"ratio": ratio, "parameter": parameter, "gradient": parameter.grad}


mistake(
    "gradient_ratio",
    replace="parameter.grad.std() / parameter.std()",
    by="parameter.std() / parameter.grad.std()",
    says="the ratio is upside down: the gradient's spread is divided by the parameter's",
)
mistake(
    "gradient_ratio",
    replace="std()",
    by="norm()",
    says="norms are compared; they contain the mean, which the standard deviation leaves out",
)
mistake(
    "gradient_ratio",
    replace="std()",
    by="var()",
    says="variances are compared; the standard deviations are asked for",
)
mistake(
    "gradient_ratio",
    replace="parameter.grad.std() / parameter.std()",
    by="(parameter.grad / parameter).std()",
    says="the ratio is taken for each element; take the two spreads first, then divide",
)
mistake(
    "gradient_ratio",
    replace=" / parameter.std()",
    by="",
    says="the gradient's spread alone says little; divide it by the parameter's",
)
mistake(
    "gradient_ratio",
    replace="parameter.grad.std() / parameter.std()",
    by="parameter.grad.abs().mean() / parameter.abs().mean()",
    says="mean sizes are compared; the standard deviations are asked for",
)


@check("update_ratio")
def power_of_ten(lesson, draw):
    """The spread of one step, divided by the parameter's, as a power of ten."""
    parameter = parameter_with_gradient(draw, draw.size("parameter", 2, 5), 3)
    rate = draw.choice("learning_rate", [0.001, 0.01, 0.1, 0.5])
    return {"ratio": lesson.update_ratio(parameter, rate)}


@check("update_ratio", cases=2)
def only_measured(lesson, draw):
    """The step is measured and not taken; the parameter's mean does not matter."""
    parameter = parameter_with_gradient(draw, 5, mean=3.0)
    ratio = lesson.update_ratio(parameter, draw.choice("learning_rate", [0.02, 0.3]))
    return {"ratio": ratio, "parameter": parameter, "gradient": parameter.grad}


mistake(
    "update_ratio",
    replace="math.log10(",
    by="math.log(",
    says="this is the natural logarithm; take the one to base 10",
)
mistake(
    "update_ratio",
    replace="learning_rate * gradient_ratio(parameter)",
    by="gradient_ratio(parameter)",
    says="the learning rate is missing: the step is learning rate times gradient",
)
mistake(
    "update_ratio",
    replace="math.log10(learning_rate * gradient_ratio(parameter))",
    by="learning_rate * gradient_ratio(parameter)",
    says="the logarithm is missing",
)
mistake(
    "update_ratio",
    replace="learning_rate * gradient_ratio(parameter)",
    by="gradient_ratio(parameter) / learning_rate",
    says="the gradient is divided by the learning rate; the step is their product",
)
mistake(
    "update_ratio",
    replace="math.log10(",
    by="-math.log10(",
    says="the sign is turned around: the step's spread stands above, the parameter's below",
)
mistake(
    "update_ratio",
    body="""
    ratio = math.log10(learning_rate * gradient_ratio(parameter))
    with torch.no_grad():
        parameter -= learning_rate * parameter.grad
    return ratio
    """,
    says="the step is taken; it should only be measured",
)
mistake(
    "update_ratio",
    body="""
    step = learning_rate * parameter.grad
    return math.log10((step.norm() / parameter.norm()).item())
    """,
    says="norms are compared; they contain the mean, which the standard deviation leaves out",
)
mistake(
    "update_ratio",
    replace="gradient_ratio(parameter)",
    by="parameter.grad.std().item()",
    says="the size of the step is not compared with the parameter: divide by its spread",
)


# normalize_batch

forbid("normalize_batch", "batch_norm", says="batch normalisation is to be built here, not called")
forbid(
    "BatchNorm1d.__call__", "batch_norm", says="batch normalisation is to be built here, not called"
)


def with_constant_column(draw):
    """A batch with one column of equal numbers that every float holds exactly."""
    x = draw.tensor("x", 4, 3)
    x[:, draw.integer("x", 0, 2)] = draw.choice("x", [0.5, -1.5, 2.0])
    return draw.given("x", x)


@check("normalize_batch")
def columns_normalised(lesson, draw):
    """Each column gets the mean 0 and the unbiased variance 1; x itself stays."""
    x = draw.tensor("x", draw.size("x", 3, 6), draw.size("x", 1, 4), low=-2.0, high=4.0)
    return {"result": lesson.normalize_batch(x), "x afterwards": x}


@check("normalize_batch", cases=2)
def constant_column(lesson, draw):
    """A column of equal numbers becomes zeros and not NaN."""
    return {"result": lesson.normalize_batch(with_constant_column(draw))}


@check("normalize_batch", cases=2)
def eps_under_the_root(lesson, draw):
    """eps is added to the variance, under the root, and is the one that is passed in."""
    x, eps = draw.tensor("x", 5, 2), draw.choice("eps", [0.5, 1.0, 2.0])
    return {"result": lesson.normalize_batch(x, eps=eps)}


@check("normalize_batch", cases=2)
def gradient_through_statistics(lesson, draw):
    """Gradients flow through the mean and the variance too."""
    x = draw.tensor("x", 4, 2).requires_grad_(True)
    eps, arriving = draw.given("eps", 0.5), draw.tensor("gradient of the result", 4, 2)
    (lesson.normalize_batch(x, eps=eps) * arriving).sum().backward()
    return {"gradient of x": x.grad}


mistake(
    "normalize_batch",
    replace="(0, keepdim=True)",
    by="(1, keepdim=True)",
    says="rows are normalised; the statistics of a neuron run over the examples, dimension 0",
)
mistake(
    "normalize_batch",
    replace="(0, keepdim=True)",
    by="()",
    says="one mean and one variance are taken for everything; each column has its own",
)
mistake(
    "normalize_batch",
    replace="x.var(0, keepdim=True)",
    by="x.var(0, keepdim=True, unbiased=False)",
    says="the variance is divided by N; the unbiased one is divided by N - 1",
)
mistake(
    "normalize_batch",
    replace="(variance + eps).sqrt()",
    by="variance.sqrt()",
    says="without eps a column of equal numbers is 0 / 0",
)
mistake(
    "normalize_batch",
    replace="(variance + eps).sqrt()",
    by="(variance.sqrt() + eps)",
    says="eps stands outside the root; it is added to the variance",
)
mistake(
    "normalize_batch",
    replace="(variance + eps).sqrt()",
    by="(variance + eps)",
    says="the columns are divided by their variance; its root is missing",
)
mistake(
    "normalize_batch",
    replace="variance + eps",
    by="variance + 1e-5",
    says="eps is fixed; use the one that is passed in",
)
mistake(
    "normalize_batch",
    replace="(x - mean)",
    by="x",
    says="the mean is not subtracted",
)
mistake(
    "normalize_batch",
    replace="return (x - mean) / (variance + eps).sqrt()",
    by="return (x - mean.detach()) / (variance.detach() + eps).sqrt()",
    says="mean and variance are detached; they depend on x, and their gradients belong to x",
)
mistake(
    "normalize_batch",
    body="""
    mean = x.mean(0, keepdim=True)
    variance = x.var(0, keepdim=True)
    with torch.no_grad():
        x -= mean
    return x / (variance + eps).sqrt()
    """,
    says="x is changed in place; it belongs to the layer before",
)


# calibrate


@check("calibrate")
def row_of_statistics(lesson, draw):
    """Mean and unbiased std of each column, both of shape (1, D)."""
    x = draw.tensor("x", draw.size("x", 3, 8), draw.size("x", 1, 4))
    mean, std = lesson.calibrate(x)
    return {"mean": mean, "std": std}


@check("calibrate", cases=2)
def far_from_zero(lesson, draw):
    """The spread is taken around each column's own mean, and x stays as it is."""
    shift = torch.tensor([3.0, -2.0, 0.5])
    around_zero = draw.tensor("x", 6, 3) * torch.tensor([1.0, 2.0, 4.0])
    x = draw.given("x", around_zero + shift)
    mean, std = lesson.calibrate(x)
    return {"mean": mean, "std": std, "x afterwards": x}


mistake(
    "calibrate",
    replace="keepdim=True",
    by="keepdim=False",
    says="the dimension is dropped: keepdim=True keeps a row of shape (1, D)",
)
mistake(
    "calibrate",
    replace="(0, keepdim=True)",
    by="(1, keepdim=True)",
    says="these are statistics of the rows; each column needs its own, over dimension 0",
)
mistake(
    "calibrate",
    replace="x.std(0, keepdim=True)",
    by="x.var(0, keepdim=True)",
    says="this is the variance; the standard deviation is its root",
)
mistake(
    "calibrate",
    replace="x.std(0, keepdim=True)",
    by="x.std(0, keepdim=True, unbiased=False)",
    says="the std is divided by N; the unbiased one is divided by N - 1",
)
mistake(
    "calibrate",
    replace="x.mean(0, keepdim=True), x.std(0, keepdim=True)",
    by="x.std(0, keepdim=True), x.mean(0, keepdim=True)",
    says="the two are exchanged: first the mean, then the std",
)
mistake(
    "calibrate",
    replace="x.std(0, keepdim=True)",
    by="(x**2).mean(0, keepdim=True).sqrt()",
    says="the spread is taken around zero; it must be taken around the column's mean",
)
mistake(
    "calibrate",
    replace="(0, keepdim=True)",
    by="().reshape(1, 1)",
    says="one mean and one std are taken for everything; each column has its own",
)


# running_average


@check("running_average")
def share_of_the_new(lesson, draw):
    """The result lies between the two, the new one with the share `momentum`; both stay."""
    size = draw.size("running", 1, 4)
    running, batch = draw.tensor("running", size), draw.tensor("batch", size)
    momentum = draw.choice("momentum", [0.001, 0.2, 0.4, 0.9])
    result = lesson.running_average(running, batch, momentum)
    return {"result": result, "running afterwards": running, "batch afterwards": batch}


@check("running_average", cases=2)
def a_tenth_by_default(lesson, draw):
    """Without a momentum the new value counts a tenth; the shapes may broadcast."""
    running, batch = draw.tensor("running", 3), draw.tensor("batch", 1, 3)
    return {
        "result": lesson.running_average(running, batch),
        "result with a momentum of 0.3": lesson.running_average(running, batch, 0.3),
    }


@check("running_average", cases=2)
def no_graph(lesson, draw):
    """No gradient flows from the result back to the running value or the batch."""
    running = draw.tensor("running", 3).requires_grad_(True)
    batch = draw.tensor("batch", 3).requires_grad_(True)
    arriving = draw.tensor("gradient of the result", 3).requires_grad_(True)
    result = lesson.running_average(running, batch, draw.given("momentum", 0.3))
    (result * arriving).sum().backward()
    return {"gradient of batch": batch.grad, "gradient of running": running.grad}


mistake(
    "running_average",
    replace="(1 - momentum) * running + momentum * batch",
    by="momentum * running + (1 - momentum) * batch",
    says="the momentum is reversed: it is the share of the new value, and the old keeps the rest",
)
mistake(
    "running_average",
    replace="with torch.no_grad():",
    by="momentum = 0.9 if momentum == 0.1 else momentum\nwith torch.no_grad():",
    says="without a momentum the new value counts 0.9; its default is 0.1",
)
mistake(
    "running_average",
    replace="(1 - momentum) * running",
    by="running",
    says="the old value is not reduced, so the running value grows with every batch",
)
mistake(
    "running_average",
    replace="(1 - momentum) * running + momentum * batch",
    by="(running + batch) / 2",
    says="this is the plain mean of both; the new value has the share `momentum`",
)
mistake(
    "running_average",
    body="return (1 - momentum) * running + momentum * batch",
    says="the result carries the batch's graph; use torch.no_grad() or detach()",
)
mistake(
    "running_average",
    body="return (1 - momentum) * running + momentum * batch.detach()",
    says="the batch is detached, but the running value still carries its graph along",
)
mistake(
    "running_average",
    body="return (1 - momentum) * running.detach() + momentum * batch",
    says="the running value is detached, but the batch still brings its graph along",
)
mistake(
    "running_average",
    replace="return (1 - momentum) * running + momentum * batch",
    by="return running.mul_(1 - momentum) + momentum * batch",
    says="the running value is changed in place; return a new tensor",
)
mistake(
    "running_average",
    replace="(1 - momentum) * running + momentum * batch",
    by="0.9 * running + 0.1 * batch",
    says="the momentum is fixed at 0.1; use the one that is passed in",
)


# BatchNorm1d


@check("BatchNorm1d.__init__")
def beginning(lesson, draw):
    """Gain and running variance start at ones, offset and running mean at zeros, in training."""
    layer = lesson.BatchNorm1d(draw.size("dim", 1, 4))
    return {
        "gamma": layer.gamma,
        "beta": layer.beta,
        "running_mean": layer.running_mean,
        "running_var": layer.running_var,
        "training": layer.training,
    }


@check("BatchNorm1d.__init__", cases=2)
def options_kept(lesson, draw):
    """eps and momentum are those that are passed in, and have defaults."""
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


@check("BatchNorm1d.__init__", cases=1)
def four_tensors(lesson, draw):
    """Who changes gamma or beta leaves the running values alone."""
    layer = lesson.BatchNorm1d(draw.given("dim", 2))
    put(layer.gamma, draw.tensor("new gamma", 2))
    put(layer.beta, draw.tensor("new beta", 2))
    return {"gamma": layer.gamma, "beta": layer.beta, **buffers(layer)}


mistake(
    "BatchNorm1d.__init__",
    replace="self.gamma = torch.ones(dim)",
    by="self.gamma = torch.zeros(dim)",
    says="gamma starts at zeros, which wipes out everything; it starts at ones",
)
mistake(
    "BatchNorm1d.__init__",
    replace="self.beta = torch.zeros(dim)",
    by="self.beta = torch.ones(dim)",
    says="beta starts at ones; an offset that changes nothing is zero",
)
mistake(
    "BatchNorm1d.__init__",
    replace="self.running_var = torch.ones(dim)",
    by="self.running_var = torch.zeros(dim)",
    says="the running variance starts at zeros; that of normalised numbers is one",
)
mistake(
    "BatchNorm1d.__init__",
    replace="self.running_mean = torch.zeros(dim)",
    by="self.running_mean = torch.ones(dim)",
    says="the running mean starts at ones; that of normalised numbers is zero",
)
mistake(
    "BatchNorm1d.__init__",
    replace="self.training = True",
    by="self.training = False",
    says="the layer starts at inference; a new layer is there to be trained",
)
mistake(
    "BatchNorm1d.__init__",
    replace="self.eps = eps",
    by="self.eps = 1e-5",
    says="eps is fixed; keep the one that is passed in",
)
mistake(
    "BatchNorm1d.__init__",
    replace="self.momentum = momentum",
    by="self.momentum = 0.1",
    says="the momentum is fixed; keep the one that is passed in",
)
mistake(
    "BatchNorm1d.__init__",
    replace="self.momentum = momentum",
    by="self.momentum = 1 - momentum",
    says="the momentum is reversed; keep it as it is passed in",
)
mistake(
    "BatchNorm1d.__init__",
    replace="self.running_var = torch.ones(dim)",
    by="self.running_var = self.gamma",
    says="gamma and running_var are one and the same tensor; each attribute needs its own",
)
mistake(
    "BatchNorm1d.__init__",
    replace="(dim)",
    by="(1)",
    says="there is one number for all columns; each column has its own",
)


@check("BatchNorm1d.__call__")
def normalised_in_training(lesson, draw):
    """In training the batch's statistics are used, then gamma and beta; `out` keeps the result."""
    dim = draw.size("x", 1, 3)
    x = draw.tensor("x", draw.size("x", 3, 6), dim, low=-1.0, high=4.0)
    layer = normalisation(lesson, draw, dim)
    return {"result": layer(x), "out": kept(layer)}


@check("BatchNorm1d.__call__", cases=2)
def running_values_move(lesson, draw):
    """In training the running values move from 0 and 1 towards the batch's, by the momentum."""
    momentum = draw.choice("momentum", [0.001, 0.1, 0.3])
    layer = normalisation(lesson, draw, 2, momentum=momentum)
    layer(draw.tensor("x", 4, 2, low=0.0, high=4.0))
    first = buffers(layer)
    layer(draw.tensor("next x", 5, 2, low=-5.0, high=1.0))
    return {"after one batch": first, "after two": buffers(layer)}


@check("BatchNorm1d.__call__", cases=2)
def one_row_at_inference(lesson, draw):
    """At inference the running values are used, even for a single row, and stay as they are."""
    layer = trained(lesson, draw, 3)
    layer.training = draw.given("training", False)
    result = layer(draw.tensor("x", draw.size("x", 1, 3), 3))
    return {"result": result, "out": kept(layer), **buffers(layer)}


@check(
    "BatchNorm1d.__call__",
    cases=2,
    tolerance=(1e-4, 1e-3),
    because="the scale is 316 here, and so is the rounding where it is applied to x and mean apart",
)
def constant_column_in_training(lesson, draw):
    """A column of equal numbers gives beta and not NaN."""
    return {"result": normalisation(lesson, draw, 3)(with_constant_column(draw))}


@check("BatchNorm1d.__call__", cases=2)
def own_eps(lesson, draw):
    """eps is added to the variance, under the root, in training and at inference."""
    layer = trained(lesson, draw, 2, eps=draw.choice("eps", [0.5, 1.0, 2.0]))
    x = draw.tensor("x", 4, 2)
    layer.training = False
    inference = layer(x)
    layer.training = True
    return {"at inference": inference, "in training": layer(x)}


@check("BatchNorm1d.__call__", cases=2)
def gradients_in_training(lesson, draw):
    """In training gradients reach x (also through the statistics), gamma, beta and `out`."""
    layer = normalisation(lesson, draw, 2, eps=draw.given("eps", 0.5))
    layer.gamma.requires_grad_(True)
    layer.beta.requires_grad_(True)
    x = draw.tensor("x", 4, 2).requires_grad_(True)
    result = layer(x)
    out = listened(layer)
    (result * draw.tensor("gradient of the result", 4, 2)).sum().backward()
    return {
        "gradient of x": x.grad,
        "gradient of gamma": layer.gamma.grad,
        "gradient of beta": layer.beta.grad,
        "gradient of out": gradient_of(out),
    }


@check("BatchNorm1d.__call__", cases=2)
def buffers_without_graph(lesson, draw):
    """The running values carry no graph: nothing flows back to the batches that they came from."""
    layer = normalisation(lesson, draw, 2)
    layer.gamma.requires_grad_(True)
    batch = draw.tensor("batch", 4, 2).requires_grad_(True)
    layer(batch)
    layer.training = False
    arriving = draw.tensor("gradient of the result", 3, 2)
    (layer(draw.tensor("x", 3, 2)) * arriving).sum().backward()
    return {"gradient of the batch": batch.grad}


mistake(
    "BatchNorm1d.__call__",
    replace=", self.momentum)",
    by=", 1 - self.momentum)",
    says="the momentum is reversed: the new batch has the share `momentum`, the old the rest",
)
mistake(
    "BatchNorm1d.__call__",
    replace="x.var(0, keepdim=True)",
    by="x.var(0, keepdim=True, unbiased=False)",
    says="the batch's variance is divided by N; the unbiased one is divided by N - 1",
)
mistake(
    "BatchNorm1d.__call__",
    replace="running_average(self.running_var, variance, self.momentum)",
    by="running_average(self.running_var, x.var(0, keepdim=True, unbiased=False), self.momentum)",
    says="the running variance collects variances divided by N; the unbiased ones are asked for",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    variance = x.var(0, keepdim=True, unbiased=False)
    mean = x.mean(0, keepdim=True)
    if self.training:
        self.running_mean = running_average(self.running_mean, mean, self.momentum)
        unbiased = x.var(0, keepdim=True)
        self.running_var = running_average(self.running_var, unbiased, self.momentum)
    else:
        mean, variance = self.running_mean, self.running_var
    self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
    return self.out
    """,
    says="this is PyTorch's convention: it divides by N to normalise and by N - 1 for the running "
    "variance; here, as in the lecture, both are unbiased",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
    if self.training:
        self.running_mean = running_average(self.running_mean, mean, self.momentum)
        self.running_var = running_average(self.running_var, variance, self.momentum)
    self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
    return self.out
    """,
    says="the batch's own statistics are used at inference too; use the running ones there",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
    if not self.training:
        mean, variance = self.running_mean, self.running_var
    self.running_mean = running_average(self.running_mean, mean, self.momentum)
    batch_variance = x.var(0, keepdim=True)
    self.running_var = running_average(self.running_var, batch_variance, self.momentum)
    self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
    return self.out
    """,
    says="the running values move at inference too; they may move in training only",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    if self.training:
        mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        self.running_mean = running_average(self.running_mean, mean, self.momentum)
        self.running_var = running_average(self.running_var, variance, self.momentum)
    mean, variance = self.running_mean, self.running_var
    self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
    return self.out
    """,
    says="training normalises with the running values; it must use the batch's own statistics",
)
mistake(
    "BatchNorm1d.__call__",
    replace="if self.training:",
    by="if not self.training:",
    says="the two modes are exchanged: the batch's statistics belong to training",
)
mistake(
    "BatchNorm1d.__call__",
    replace="(variance + self.eps).sqrt()",
    by="variance.sqrt()",
    says="without eps a column of equal numbers is 0 / 0",
)
mistake(
    "BatchNorm1d.__call__",
    replace="(variance + self.eps).sqrt()",
    by="(variance.sqrt() + self.eps)",
    says="eps stands outside the root; it is added to the variance",
)
mistake(
    "BatchNorm1d.__call__",
    replace="self.eps",
    by="1e-5",
    says="eps is fixed; use the layer's own",
)
mistake(
    "BatchNorm1d.__call__",
    replace="(variance + self.eps).sqrt()",
    by="(variance + self.eps)",
    says="x is divided by the variance; its root is missing",
)
mistake(
    "BatchNorm1d.__call__",
    replace="(0, keepdim=True)",
    by="(1, keepdim=True)",
    says="rows are normalised; the statistics of a neuron run over the batch, dimension 0",
)
mistake(
    "BatchNorm1d.__call__",
    replace="self.gamma * (x - mean)",
    by="(x - mean)",
    says="gamma is not used",
)
mistake(
    "BatchNorm1d.__call__",
    replace=" + self.beta",
    by="",
    says="beta is not added",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    if self.training:
        mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        self.running_mean = running_average(self.running_mean, mean, self.momentum)
        self.running_var = running_average(self.running_var, variance, self.momentum)
    else:
        mean, variance = self.running_mean, self.running_var
    self.out = self.beta * (x - mean) / (variance + self.eps).sqrt() + self.gamma
    return self.out
    """,
    says="gamma and beta are exchanged: gamma multiplies, beta is added",
)
mistake(
    "BatchNorm1d.__call__",
    replace="self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta",
    by="self.gamma * ((x - mean) / (variance + self.eps).sqrt() + self.beta)",
    says="beta is multiplied by gamma too; it is added last",
)
mistake(
    "BatchNorm1d.__call__",
    replace="return self.out",
    by="result = self.out\nself.out = result.detach()\nreturn result",
    says="what is kept as `out` is cut out of the graph, so no gradient reaches it, and none can "
    "be looked at; keep the result itself",
)
mistake(
    "BatchNorm1d.__call__",
    replace="self.out",
    by="out",
    says="the result is returned but not kept: store it in self.out as well",
)
mistake(
    "BatchNorm1d.__call__",
    replace="running_average(self.running_var, variance,",
    by="running_average(self.running_var, variance.sqrt(),",
    says="running_var collects standard deviations; it must collect variances",
)
mistake(
    "BatchNorm1d.__call__",
    replace="self.running_var = running_average(self.running_var, variance, self.momentum)",
    by="pass",
    says="the running variance never moves; it follows the batch as the running mean does",
)
mistake(
    "BatchNorm1d.__call__",
    replace="self.running_mean = running_average(self.running_mean, mean, self.momentum)",
    by="pass",
    says="the running mean never moves; it follows the batch as the running variance does",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    if self.training:
        mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        self.running_mean, self.running_var = mean.detach(), variance.detach()
    else:
        mean, variance = self.running_mean, self.running_var
    self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
    return self.out
    """,
    says="only the last batch is remembered; the running values move towards it by the momentum",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    if self.training:
        mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        old, new = 1 - self.momentum, self.momentum
        self.running_mean = old * self.running_mean + new * mean
        self.running_var = old * self.running_var + new * variance
    else:
        mean, variance = self.running_mean, self.running_var
    self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
    return self.out
    """,
    says="the running values carry the graph of every batch; update them inside torch.no_grad()",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    if self.training:
        with torch.no_grad():
            mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        self.running_mean = running_average(self.running_mean, mean, self.momentum)
        self.running_var = running_average(self.running_var, variance, self.momentum)
    else:
        mean, variance = self.running_mean, self.running_var
    self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
    return self.out
    """,
    says="the batch's mean and variance have left the graph; only the running values may",
)


@check("BatchNorm1d.parameters")
def gamma_then_beta(lesson, draw):
    """The parameters are gamma and beta, in this order, and nothing else."""
    layer = normalisation(lesson, draw, draw.size("gamma", 1, 3))
    return {"parameters": layer.parameters()}


@check("BatchNorm1d.parameters", cases=2)
def own_gamma_and_beta(lesson, draw):
    """Who trains or changes a listed parameter trains or changes the layer."""
    layer = trained(lesson, draw, 2)
    for parameter in layer.parameters():
        parameter.requires_grad_(True)
    send(layer.gamma, draw.tensor("gradient sent to gamma", 2))
    send(layer.beta, draw.tensor("gradient sent to beta", 2))
    for parameter in layer.parameters():
        parameter.data.zero_()
    return {
        "gamma afterwards": layer.gamma.detach(),
        "beta afterwards": layer.beta.detach(),
        **buffers(layer),
        "gradient of gamma": layer.gamma.grad,
        "gradient of beta": layer.beta.grad,
    }


mistake(
    "BatchNorm1d.parameters",
    body="return [self.gamma, self.beta, self.running_mean, self.running_var]",
    says="the running values are listed; no gradient trains them, so they are no parameters",
)
mistake(
    "BatchNorm1d.parameters",
    body="return [self.gamma]",
    says="beta is not listed, so it would never be trained",
)
mistake(
    "BatchNorm1d.parameters",
    body="return [self.beta, self.gamma]",
    says="the order is the other way around: gamma, then beta",
)
mistake(
    "BatchNorm1d.parameters",
    body="return [self.gamma.clone(), self.beta.clone()]",
    says="copies are listed; training them would leave the layer as it is",
)
mistake(
    "BatchNorm1d.parameters",
    body="return [self.gamma.detach(), self.beta.detach()]",
    says="detached tensors are listed: their gradients are switched on and the layer's are not",
)
mistake(
    "BatchNorm1d.parameters",
    body="return [self.running_mean, self.running_var]",
    says="these are the buffers; gradients train gamma and beta",
)
mistake(
    "BatchNorm1d.parameters",
    body="return []",
    says="the list is empty, but gamma and beta are to be trained",
)


# batchnorm_mlp


@check("batchnorm_mlp")
def three_in_turn(lesson, draw):
    """Linear, BatchNorm1d and Tanh follow each other; the last two are Linear and BatchNorm1d."""
    layers = lesson.batchnorm_mlp(drawn_sizes(draw), draw.generator())
    return {
        "kinds": kinds(layers),
        "shapes of the weights": shapes(layers, "weight"),
        "shapes of the biases": shapes(layers, "bias"),
        "shapes of the gammas": shapes(layers, "gamma"),
        "different layers": len({id(layer) for layer in layers}),
    }


@check("batchnorm_mlp", cases=2)
def last_gamma_small(lesson, draw):
    """Every gamma is 1 but the last, which is 0.1."""
    layers = lesson.batchnorm_mlp(drawn_sizes(draw, most=4), draw.generator())
    return {"gammas": [layer.gamma for layer in layers if hasattr(layer, "gamma")]}


@check("batchnorm_mlp", cases=1, tolerance=(0.08, 0.0), because=SPREAD)
def weights_kept(lesson, draw):
    """The weights keep the spread that a Linear gives them; it is gamma that is shrunk."""
    layers = lesson.batchnorm_mlp(draw.given("sizes", [125, 100, 120]), draw.generator())
    return {"standard deviations": [layer.weight.std().item() for layer in layers[::3]]}


@check("batchnorm_mlp", cases=2)
def repeatable_too(lesson, draw):
    """Two generators with the same seed give the same weights."""
    seed, sizes = draw.integer("seed", 1, 1000), draw.given("sizes", [3, 4, 5])
    one, other = (
        lesson.batchnorm_mlp(sizes, torch.Generator().manual_seed(seed)) for _ in range(2)
    )
    pairs = zip(one[::3], other[::3], strict=True)
    return {"differences": [(a.weight - b.weight).abs().max().item() for a, b in pairs]}


@check("batchnorm_mlp", cases=1)
def gammas_are_leaves(lesson, draw):
    """After the scaling the last gamma can still receive a gradient."""
    layers = lesson.batchnorm_mlp(draw.given("sizes", [2, 3, 2]), draw.generator())
    gammas = [layer.gamma.requires_grad_(True) for layer in layers if hasattr(layer, "gamma")]
    sum(gamma.sum() for gamma in gammas).backward()
    return {"gradients": [gamma.grad for gamma in gammas]}


mistake(
    "batchnorm_mlp",
    replace="bias=False, ",
    by="",
    says="the Linear layers have a bias, which the normalisation takes off again; use bias=False",
)
mistake(
    "batchnorm_mlp",
    replace="layers[-1].gamma *= 0.1",
    by="layers[-2].weight *= 0.1",
    says="the last weights are shrunk, but the BatchNorm scales that back; shrink its gamma",
)
mistake(
    "batchnorm_mlp",
    replace="    layers[-1].gamma *= 0.1\n",
    by="    for layer in layers[1::3]:\n            layer.gamma *= 0.1\n",
    says="every gamma is shrunk; only the last one is, for an honest first loss",
)
mistake(
    "batchnorm_mlp",
    replace="BatchNorm1d(fan_out)",
    by="BatchNorm1d(fan_in)",
    says="a BatchNorm1d is as wide as what the Linear gives it: fan_out",
)
mistake(
    "batchnorm_mlp",
    body="""
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = Linear(fan_in, fan_out, bias=False, generator=generator)
        layers += [linear, BatchNorm1d(fan_out), Tanh()]
    layers.pop()
    return layers
    """,
    says="the last gamma is not shrunk, so the first loss will be too high",
)
mistake(
    "batchnorm_mlp",
    body="""
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = Linear(fan_in, fan_out, bias=False, generator=generator)
        layers += [linear, Tanh(), BatchNorm1d(fan_out)]
    del layers[-2]
    layers[-1].gamma *= 0.1
    return layers
    """,
    says="the normalisation stands behind the Tanh; it is what goes into the Tanh that needs it",
)
mistake(
    "batchnorm_mlp",
    body="""
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = Linear(fan_in, fan_out, bias=False, generator=generator)
        layers += [linear, BatchNorm1d(fan_out), Tanh()]
    layers[-2].gamma *= 0.1
    return layers
    """,
    says="a Tanh stands at the end; the logits must be free, so the last layer is a BatchNorm1d",
)
mistake(
    "batchnorm_mlp",
    body="""
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = Linear(fan_in, fan_out, bias=False, generator=generator)
        layers += [linear, BatchNorm1d(fan_out), Tanh()]
    layers = layers[:-2]
    layers[-1].weight *= 0.1
    return layers
    """,
    says="the last Linear has no BatchNorm1d behind it; here it has one",
)
mistake(
    "batchnorm_mlp",
    body="""
    layers, tanh = [], Tanh()
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = Linear(fan_in, fan_out, bias=False, generator=generator)
        layers += [linear, BatchNorm1d(fan_out), tanh]
    layers.pop()
    layers[-1].gamma *= 0.1
    return layers
    """,
    says="one Tanh stands in several places, so its `out` is overwritten; make a new one each time",
)
mistake(
    "batchnorm_mlp",
    replace=", generator=generator",
    by="",
    says="the generator is not passed on, so the network cannot be repeated",
)


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


@check("evaluate")
def loss_at_inference(lesson, draw):
    """The loss is that of the running statistics, even for a batch of one."""
    layer = trained(lesson, draw, 3)
    rows = draw.size("x", 1, 4)
    x, targets = draw.tensor("x", rows, 3), draw.indices("targets", rows, high=3)
    return {"loss": lesson.evaluate([layer], x, targets), **buffers(layer)}


@check("evaluate")
def modes_restored(lesson, draw):
    """Every layer is called at inference, and afterwards each is in the mode that it was in."""
    seen, flags = [], draw.shuffled("training", [True, False, True])
    layers = [watched(lesson, flag, 0.5, seen) for flag in flags]
    layers.insert(1, lesson.Tanh())
    loss = lesson.evaluate(layers, draw.tensor("x", 2, 3), draw.indices("targets", 2, high=3))
    after = [layer.training for layer in layers if isinstance(layer, lesson.BatchNorm1d)]
    return {"training inside": set(seen), "training afterwards": after, "loss": loss}


@check("evaluate", cases=1)
def whole_split(lesson, draw):
    """The loss is the mean over all examples, however many there are."""
    layer = watched(lesson, True, draw.number("what the layer multiplies by", 0.5, 1.5), [])
    x, targets = draw.tensor("x", 80, 3), draw.indices("targets", 80, high=3)
    return {"loss": lesson.evaluate([layer], x, targets)}


mistake(
    "evaluate",
    replace="layer.training = False",
    by="pass",
    says="the layers are never switched to inference",
)
mistake(
    "evaluate",
    replace="layer.training = flag",
    by="pass",
    says="the layers are left at inference, and a training would go on with them",
)
mistake(
    "evaluate",
    replace="layer.training = flag",
    by="layer.training = True",
    says="all layers are switched to training afterwards; a layer that was not must not be",
)
mistake(
    "evaluate",
    replace="layer.training = False",
    by="layer.training = True",
    says="the layers are evaluated in training mode; inference is training = False",
)
mistake(
    "evaluate",
    replace="if isinstance(layer, BatchNorm1d)]",
    by="if isinstance(layer, BatchNorm1d)][:1]",
    says="only the first BatchNorm1d is switched; all of them must be",
)
mistake(
    "evaluate",
    replace="(forward(layers, x), targets)",
    by="(forward(layers, x[-32:]), targets[-32:])",
    says="only the last minibatch is measured; the loss of the whole split is asked for",
)
mistake(
    "evaluate",
    replace="(forward(layers, x), targets)",
    by="(forward(layers, x[:32]), targets[:32])",
    says="only the first 32 examples are measured; the loss of the whole split is asked for",
)
mistake(
    "evaluate",
    replace="(forward(layers, x), targets)",
    by='(forward(layers, x), targets, reduction="sum")',
    says="the loss is a sum over the examples; the mean is asked for",
)
mistake(
    "evaluate",
    body="""
    with torch.no_grad():
        loss = F.cross_entropy(forward(layers, x), targets).item()
    for layer in layers:
        if isinstance(layer, BatchNorm1d):
            layer.training = False
    return loss
    """,
    says="the layers are switched to inference only after the loss is taken",
)


# learning_rate_at


@check("learning_rate_at")
def three_quarters(lesson, draw):
    """The first three quarters have the first rate, whatever the length of the run."""
    steps = draw.size("steps", 4, 14)
    return {"rates": [lesson.learning_rate_at(step, steps) for step in range(steps)]}


@check("learning_rate_at", cases=2)
def own_rates(lesson, draw):
    """Both rates may be others."""
    start, end = draw.number("start", 0.5, 1.0), draw.number("end", 0.02, 0.2)
    steps = draw.given("steps", 8)
    return {"rates": [lesson.learning_rate_at(step, steps, start, end) for step in range(steps)]}


@check("learning_rate_at", cases=1)
def short_and_long_runs(lesson, draw):
    """The decay comes in a short run as in a long one."""
    rates = {
        steps: [
            lesson.learning_rate_at(step, steps)
            for step in (0, steps // 2, steps * 3 // 4 - 1, steps * 3 // 4, steps - 1)
        ]
        for steps in draw.given("steps", [20, 20_000, 200_000, 400_000])
    }
    return {"rates by length": rates}


mistake(
    "learning_rate_at",
    replace="0.75 * steps",
    by="150_000",
    says="the decay comes at step 150,000, which a short run never sees; take a share of the run",
)
mistake(
    "learning_rate_at",
    replace="step < 0.75",
    by="step <= 0.75",
    says="the decay comes one step late: at three quarters of the run the second rate begins",
)
mistake(
    "learning_rate_at",
    replace="start if step < 0.75 * steps else end",
    by="end if step < 0.75 * steps else start",
    says="the two rates are exchanged: the large one comes first",
)
mistake(
    "learning_rate_at",
    replace="0.75 * steps",
    by="0.5 * steps",
    says="the decay comes after half of the run; it is due after three quarters",
)
mistake(
    "learning_rate_at",
    replace="start if step < 0.75 * steps else end",
    by="start + (end - start) * step / steps",
    says="the rate falls little by little; here it stays, and then falls at once",
)
mistake(
    "learning_rate_at",
    replace="0.75 * steps",
    by="steps - steps // 4 - 1",
    says="the decay comes a step early",
)
mistake(
    "learning_rate_at",
    replace="0.75 * steps",
    by="steps * 3 // 4",
    says="three quarters are rounded down, or taken of `steps - 1`, so where 4 does not divide "
    "`steps` it comes early",
)
mistake(
    "learning_rate_at",
    replace="start if step < 0.75 * steps else end",
    by="0.1 if step < 0.75 * steps else 0.01",
    says="the rates are fixed at 0.1 and 0.01; use those that are passed in",
)
mistake(
    "learning_rate_at",
    replace="start if step < 0.75 * steps else end",
    by="0.1 if step < 150_000 else 0.01",
    says="the lecture's step 150,000 is fixed here, and so are its rates: a short run never decays",
)


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


@check("silent_parameters")
def none_and_zero(lesson, draw):
    """A parameter is silent if it has no gradient or one that is zero everywhere."""
    everything = ["none", "zero", "one entry", "sums to zero", "negative", "negative and zero"]
    wanted = draw.shuffled("gradients", [*everything, "constant", "tiny", "full"])
    parameters = parameters_of_kinds(draw, "gradients", wanted)
    return {"positions": lesson.silent_parameters(parameters)}


@check("silent_parameters", cases=1)
def all_or_nobody(lesson, draw):
    """All may be silent, or nobody."""
    quiet = parameters_of_kinds(draw, "gradients of silent ones", ["zero", "none", "zero"])
    loud = parameters_of_kinds(draw, "gradients of others", ["negative", "full"])
    return {
        "where all are silent": lesson.silent_parameters(quiet),
        "where nobody is": lesson.silent_parameters(loud),
    }


@check("silent_parameters", cases=2)
def after_a_real_backward(lesson, draw):
    """After a backward pass those that the loss does not depend on are found."""
    parameters = [draw.tensor(f"parameters[{i}]", 2).requires_grad_(True) for i in range(3)]
    used, dropped, _ = draw.shuffled("loss", range(3))
    draw.given("loss", f"(parameters[{used}] ** 2 + 0 * parameters[{dropped}]).sum()")
    (parameters[used].square() + 0 * parameters[dropped]).sum().backward()
    return {"positions": lesson.silent_parameters(parameters)}


mistake(
    "silent_parameters",
    replace="parameter.grad is None or not (parameter.grad != 0).any()",
    by="parameter.grad is None",
    says="a gradient that is zero everywhere moves nothing either",
)
mistake(
    "silent_parameters",
    replace="parameter.grad is None or not (parameter.grad != 0).any()",
    by="not (parameter.grad != 0).any()",
    says="a parameter without any gradient has None there, which must be asked for first",
)
mistake(
    "silent_parameters",
    replace=".any()",
    by=".all()",
    says="one zero entry is enough here; silent is a gradient that is zero everywhere",
)
mistake(
    "silent_parameters",
    replace="not (parameter.grad != 0).any()",
    by="parameter.grad.sum() == 0",
    says="a gradient whose entries cancel has the sum 0, yet it moves the parameter",
)
mistake(
    "silent_parameters",
    replace="not (parameter.grad != 0).any()",
    by="not (parameter.grad > 0).any()",
    says="negative gradients are taken for silence; they move a parameter as well",
)
mistake(
    "silent_parameters",
    replace="(parameter.grad != 0).any()",
    by="(parameter.grad.abs() > 1e-8).any()",
    says="a very small gradient is taken for zero; silent is one that is exactly zero everywhere",
)
mistake(
    "silent_parameters",
    body="""
    return [
        position
        for position, parameter in enumerate(parameters)
        if parameter.grad is not None and (parameter.grad != 0).any()
    ]
    """,
    says="these are the parameters that do move; the others are asked for",
)
mistake(
    "silent_parameters",
    body="""
    return sum(
        1
        for parameter in parameters
        if parameter.grad is None or not (parameter.grad != 0).any()
    )
    """,
    says="this is how many there are; list their positions",
)


# fold_batchnorm


def folded(lesson, draw, bias, **options):
    """A Linear, the trained BatchNorm1d behind it, and a batch for both."""
    fan_in, fan_out = draw.size("weight", 1, 3), draw.integer("weight", 4, 5)
    layer = linear(lesson, draw, fan_in, fan_out, bias)
    behind = trained(lesson, draw, fan_out, **options)
    behind.training = False
    return layer, behind, draw.tensor("x", 2, fan_in)


@check("fold_batchnorm")
def without_a_bias(lesson, draw):
    """A Linear without a bias and its BatchNorm1d become one weight and one bias."""
    layer, behind, x = folded(lesson, draw, bias=False)
    weight, bias = lesson.fold_batchnorm(layer, behind)
    return {"weight": weight, "bias": bias, "x @ weight + bias": x @ weight + bias}


@check("fold_batchnorm", cases=2)
def with_a_bias(lesson, draw):
    """The bias of the Linear goes through the normalisation too."""
    layer, behind, x = folded(lesson, draw, bias=True)
    weight, bias = lesson.fold_batchnorm(layer, behind)
    return {"weight": weight, "bias": bias, "x @ weight + bias": x @ weight + bias}


@check("fold_batchnorm", cases=2)
def with_its_eps(lesson, draw):
    """The layer's eps is part of the scale."""
    layer, behind, _ = folded(lesson, draw, bias=True, eps=draw.choice("eps", [0.5, 1.0, 2.0]))
    weight, bias = lesson.fold_batchnorm(layer, behind)
    return {"weight": weight, "bias": bias}


@check("fold_batchnorm", cases=1)
def layers_unchanged(lesson, draw):
    """Both layers stay as they were."""
    layer, behind, _ = folded(lesson, draw, bias=True)
    lesson.fold_batchnorm(layer, behind)
    parts = {"weight": layer.weight, "bias": layer.bias}
    return {**parts, "gamma": behind.gamma, "beta": behind.beta, **buffers(behind)}


mistake(
    "fold_batchnorm",
    replace="offset = -batchnorm.running_mean.reshape(-1)",
    by="offset = torch.zeros_like(scale)",
    says="the mean is left out: the running mean is subtracted before the scaling, so it is "
    "part of the bias",
)
mistake(
    "fold_batchnorm",
    replace="offset = -batchnorm",
    by="offset = batchnorm",
    says="the running mean is added; it is subtracted",
)
mistake(
    "fold_batchnorm",
    replace=" + batchnorm.beta",
    by="",
    says="beta is left out of the bias",
)
mistake(
    "fold_batchnorm",
    replace="(batchnorm.running_var.reshape(-1) + batchnorm.eps)",
    by="batchnorm.running_var.reshape(-1)",
    says="eps is left out; it belongs under the root, beside the running variance",
)
mistake(
    "fold_batchnorm",
    replace="+ batchnorm.eps).sqrt()",
    by="+ batchnorm.eps)",
    says="the scale divides by the variance; its root is missing",
)
mistake(
    "fold_batchnorm",
    replace="batchnorm.gamma / (batchnorm",
    by="1 / (batchnorm",
    says="gamma is left out of the scale",
)
mistake(
    "fold_batchnorm",
    replace="offset = offset + linear.bias",
    by="pass",
    says="the bias of the Linear is lost; it goes through the normalisation like everything else",
)
mistake(
    "fold_batchnorm",
    body="""
    scale = batchnorm.gamma / (batchnorm.running_var.reshape(-1) + batchnorm.eps).sqrt()
    bias = batchnorm.beta - batchnorm.running_mean.reshape(-1) * scale
    if linear.bias is not None:
        bias = bias + linear.bias
    return linear.weight * scale, bias
    """,
    says="the bias of the Linear is not scaled; it passes through the normalisation too",
)
mistake(
    "fold_batchnorm",
    replace="offset * scale + batchnorm.beta",
    by="(offset + batchnorm.beta) * scale",
    says="beta is scaled; it is added after the normalisation, so it stays as it is",
)
mistake(
    "fold_batchnorm",
    replace="if linear.bias is not None:",
    by="if True:",
    says="a Linear without a bias fails: its bias is None, which cannot be added",
)
mistake(
    "fold_batchnorm",
    replace="linear.weight * scale",
    by="linear.weight * scale.reshape(-1, 1)",
    says="the rows of the weight are scaled; each column, one output, has its own scale",
)
mistake(
    "fold_batchnorm",
    replace="linear.weight * scale",
    by="linear.weight",
    says="the weight is not scaled",
)
mistake(
    "fold_batchnorm",
    replace="linear.weight * scale",
    by="linear.weight.data.mul_(scale)",
    says="the Linear's own weight is changed; return a new one",
)


points("deep_mlp", 2)
points("BatchNorm1d.__call__", 3)
points("batchnorm_mlp", 2)
points("evaluate", 2)
points("fold_batchnorm", 2)
