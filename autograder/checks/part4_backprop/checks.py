"""Checks of `part4_backprop`.

The checks make the caches themselves, from drawn logits or activations, so that they are always
consistent: code that takes a value from the cache and code that computes it anew agree. The
gradients that a step is handed are made up, so that each step is judged by itself, and so that the
gradient of the maximum, which is 0 in a real network, shows whether its road was taken.
"""

import torch

from autograder.checks import exercise, forbid
from autograder.checks.vocabulary import afterwards, twice

forbid(
    "*",
    "autograd",
    says="in this lesson every gradient is worked out by hand, so autograd stays off",
)

ROUNDING = {"tolerance": (1e-4, 1e-5), "because": "sums may be taken in any order, in float32"}
NETWORK = {
    "tolerance": (1e-3, 1e-4),
    "because": "rounding goes through all layers, and a column of small variance enlarges it",
}
LONG = {
    "tolerance": (1e-3, 1e-3),
    "because": "sums of a thousand numbers, taken in any order, in float32",
}


# --- helpers -------------------------------------------------------------------------------------


def loss_cache(logits, targets):
    """What the lesson's `forward_loss` keeps."""
    maxes = logits.max(1, keepdim=True).values
    counts = (logits - maxes).exp()
    counts_sum = counts.sum(1, keepdim=True)
    probs = counts * counts_sum**-1
    logprobs = probs.log()
    return {
        "logits": logits,
        "Y": targets,
        "logit_maxes": maxes,
        "norm_logits": logits - maxes,
        "counts": counts,
        "counts_sum": counts_sum,
        "counts_sum_inv": counts_sum**-1,
        "probs": probs,
        "logprobs": logprobs,
        "loss": -logprobs[torch.arange(len(targets)), targets].mean(),
    }


def batchnorm_cache(hprebn, bngain, bnbias):
    """What the lesson's `forward_batchnorm` keeps."""
    mean = hprebn.sum(0, keepdim=True) / len(hprebn)
    difference = hprebn - mean
    variance = (difference**2).sum(0, keepdim=True) / (len(hprebn) - 1)
    inverse = (variance + 1e-5) ** -0.5
    return {
        "hprebn": hprebn,
        "bngain": bngain,
        "bnbias": bnbias,
        "bnmeani": mean,
        "bndiff": difference,
        "bndiff2": difference**2,
        "bnvar": variance,
        "bnvar_inv": inverse,
        "bnraw": difference * inverse,
        "hpreact": bngain * (difference * inverse) + bnbias,
    }


def large(draw, **shapes):
    """Two sets of arguments of the same sizes; all numbers are positive, so that no sum cancels."""
    return [
        {name: draw.tensor(which + name, *size, low=0.5, high=1.5) for name, size in shapes.items()}
        for which in ("", "second ")
    ]


# --- compare -------------------------------------------------------------------------------------


def verdict_of(lesson, mine, reference):
    return lesson.compare("dW", mine, reference)


compare = exercise("compare")


@compare.check
def equal_to_the_last_bit(lesson, draw):
    """Two equal tensors are equal in every sense, and differ by 0."""
    reference = draw.tensor("reference", draw.size(1, 3), 2)
    return verdict_of(lesson, draw.given("mine", reference.clone()), reference)


@compare.check
def equal_up_to_rounding(lesson, draw):
    """Tensors that differ only in the last digits are approximately equal, not exactly."""
    reference = draw.tensor("reference", draw.size(1, 3), 2, low=1.0, high=3.0)
    mine = draw.given("mine", reference * (1 + 3e-6))
    return verdict_of(lesson, mine, reference)


@compare.check(cases=2)
def nearly_zero(lesson, draw):
    """Where the right value is 0, a difference below 1e-8 is rounding, whatever its sign."""
    reference = draw.tensor("reference", draw.size(2, 3), 2)
    reference[0] = 0.0
    mine = reference.clone()
    mine[0, draw.case] = draw.choice("mine", [1e-9, -5e-9])
    return verdict_of(lesson, draw.given("mine", mine), draw.given("reference", reference))


@compare.check(cases=2)
def different_by_a_little(lesson, draw):
    """A difference just beyond the tolerance counts: 5e-5 relative, or 1e-6 from zero."""
    reference = draw.tensor("reference", 2, 2, low=1.0, high=3.0) * (1 - draw.case)
    mine = draw.given("mine", reference * (1 + 5e-5) + 1e-6 * draw.case)
    return verdict_of(lesson, mine, reference)


@compare.check(cases=4)
def different_in_one_place(lesson, draw):
    """One wrong element is enough, whether it's too large or too small."""
    reference = draw.tensor("reference", draw.size(1, 3), 2)
    mine = reference.clone()
    mine[0, 1] += draw.choice("mine", [0.5, 2.0]) * (-1) ** draw.case
    return verdict_of(lesson, draw.given("mine", mine), reference)


@compare.check
def shapes_that_broadcast(lesson, draw):
    """A wrong shape isn't equal, even if it broadcasts to the right one."""
    reference = draw.tensor("reference", 1, draw.size(2, 4))
    return {
        "a row without its dimension": verdict_of(lesson, reference[0], reference),
        "a row repeated": verdict_of(lesson, reference.repeat(3, 1), reference),
    }


@compare.check
def shapes_that_do_not_broadcast(lesson, draw):
    """Shapes that have nothing to do with each other aren't an error; they just aren't equal."""
    columns = draw.size(2, 3)
    mine, reference = draw.tensor("mine", 2, columns), draw.tensor("reference", 3, columns)
    return verdict_of(lesson, mine, reference)


@compare.check(cases=2)
def long_names_and_large_tensors(lesson, draw):
    """The last element of a large tensor counts, and a long name comes back whole."""
    name = draw.text("name", 63, alphabet="dWxb")
    size = [(1013, 2), (2, 34)][draw.case]
    one, other = large(draw, mine=size, reference=size)
    for arguments in (one, other):
        arguments["reference"] = arguments["mine"].clone()
    other["reference"][-1, -1] += draw.given("difference in the last element", 1.0 + draw.case)
    return twice(lambda *tensors: lesson.compare(name, *tensors), one, other)


# --- sum_to_shape --------------------------------------------------------------------------------


sum_to_shape = exercise("sum_to_shape")


@sum_to_shape.check(cases=4)
def stretched_dimensions(lesson, draw):
    """A dimension of size 1 that was stretched is summed, and stays as a dimension of size 1."""
    rows, columns = draw.size(2, 4), draw.size(3, 5)
    gradient = draw.tensor("gradient", rows, columns)
    shapes = [(1, columns), (rows, 1), (1, 1), (rows, 1)]
    shape = draw.given("shape", shapes[draw.case])
    return {"sum": lesson.sum_to_shape(gradient, shape), "gradient afterwards": gradient}


@sum_to_shape.check
def rows_and_columns(lesson, draw):
    """A row and a column stretched to one matrix are summed in different directions."""
    gradient = draw.tensor("gradient", 2, draw.size(2, 4))
    columns = gradient.shape[1]
    return {
        "for a row": lesson.sum_to_shape(gradient, (1, columns)),
        "for a column": lesson.sum_to_shape(gradient, (2, 1)),
    }


@sum_to_shape.check
def added_dimensions(lesson, draw):
    """Dimensions that broadcasting put in front are summed away."""
    columns = draw.size(2, 4)
    gradient = draw.tensor("gradient", 3, 2, columns)
    return {
        "for a vector": lesson.sum_to_shape(gradient, (columns,)),
        "for a matrix": lesson.sum_to_shape(gradient, (2, columns)),
        "for a scalar": lesson.sum_to_shape(gradient, ()),
    }


@sum_to_shape.check
def both_at_once(lesson, draw):
    """A shape that's too short and has a 1 in it works too."""
    gradient = draw.tensor("gradient", 2, 3, draw.size(2, 4))
    return {"sum": lesson.sum_to_shape(gradient, draw.given("shape", (3, 1)))}


@sum_to_shape.check
def nothing_to_sum(lesson, draw):
    """If nothing was broadcast, the gradient comes back as it is."""
    rows = draw.size(1, 3)
    gradient = draw.tensor("gradient", rows, 2)
    return {"sum": lesson.sum_to_shape(gradient, draw.given("shape", (rows, 2)))}


@sum_to_shape.check(cases=4, **LONG)
def large_broadcasts(lesson, draw):
    """Many rows, columns or dimensions are all summed; each call returns a new result."""
    sizes = [
        ((1013, 2), (1, 2)),
        ((3, 34), (3, 1)),
        ((2, 1, 3, 2, 2, 2), (1, 3, 1, 2, 1)),
        ((2, 3, 1, 2, 2, 3), (2, 3, 1, 1, 2, 1)),
    ]
    size, shape = sizes[draw.case]
    draw.given("shape", shape)
    return twice(lambda gradient: lesson.sum_to_shape(gradient, shape), *large(draw, gradient=size))


# --- the steps, one gradient each -----------------------------------------------------------------


def distinct_logits(draw, rows, columns, spread=1.0, name="logits"):
    """Logits of which no two in a row are equal, so that each row has one maximum."""
    order = torch.tensor([draw.shuffled(name, range(columns)) for _ in range(rows)])
    noise = 0.5 * torch.rand(rows, columns, generator=draw.generator())
    logits = (order + noise) * 3 * spread / columns - 1.5 * spread
    return draw.given(name, logits.mul(1e3).round().div(1e3))


def losses(draw, rows, columns, spread=1.0, which=""):
    logits = distinct_logits(draw, rows, columns, spread, which + "logits")
    return loss_cache(logits, draw.indices(which + "Y", rows, high=columns))


def normalizations(draw, rows, columns, spread=1.0, which=""):
    hprebn = torch.randn(rows, columns, generator=draw.generator()) * spread
    hprebn = draw.given(which + "hprebn", hprebn.mul(1e4).round().div(1e4))
    bngain = draw.tensor(which + "bngain", 1, columns, low=0.5, high=1.5)
    return batchnorm_cache(hprebn, bngain, draw.tensor(which + "bnbias", 1, columns))


def made_up(draw, cache, before, used, which="", **between):
    """A gradient for every step before this one. A report shows those that the step has to use."""
    noise = draw.generator()
    return {
        name: draw.tensor(f'{which}d["{name}"]', *cache[name].shape, **between)
        if name in used
        else torch.randn(cache[name].shape, generator=noise)
        for name in before
    }


def step_of(name, before, used, caches, rows, columns):
    """Declare the three checks of the exercise that finds the gradient of `name`.

    used: the gradients that it needs. caches: makes the cache. rows, columns: where sizes begin.
    """
    step = exercise(f"d_{name}")

    def gradient(lesson, cache, d):
        return getattr(lesson, f"d_{name}")(cache, d)

    def titled(cache):
        return f"gradient of the {tuple(cache[name].shape)} {name}"

    @step.check(**ROUNDING)
    def one_step(lesson, draw):
        """The gradient is right, in value and in shape, for made-up gradients in d."""
        sizes = draw.size(rows, rows + 3), draw.size(columns, columns + 1)
        cache = caches(draw, *sizes, spread=(1.0, 3.0, 0.02)[draw.case])
        d = made_up(draw, cache, before, used)
        return {titled(cache): gradient(lesson, dict(cache), dict(d))}

    @step.check(cases=2, **ROUNDING)
    def one_step_and_nothing_else(lesson, draw):
        """It's right with as many rows as columns too, and the cache and d aren't changed."""
        cache = caches(draw, 3 + draw.case, 3 + draw.case)
        d = made_up(draw, cache, before, used)
        seen = {titled(cache): gradient(lesson, cache, d)}
        named = {f'cache["{key}"] afterwards': value for key, value in cache.items()}
        named |= {f'd["{key}"] afterwards': value for key, value in d.items()}
        return {**seen, "names in the cache": sorted(cache), "names in d": sorted(d), **named}

    @step.check(cases=2, **LONG)
    def one_step_of_many_rows(lesson, draw):
        """It works for many rows or columns, and each call returns a new result."""
        results = {}
        for which in ("", "second "):
            cache = caches(draw, *[(1013, 2), (5, 34)][draw.case], which=which)
            d = made_up(draw, cache, before, used, which, low=0.5, high=1.5)
            results[f"{which}{titled(cache)}"] = gradient(lesson, dict(cache), d)
        return results


SOFTMAX_STEPS = {
    "logprobs": (),
    "probs": ("logprobs",),
    "counts_sum_inv": ("probs",),
    "counts_sum": ("counts_sum_inv",),
    "counts": ("probs", "counts_sum"),
    "norm_logits": ("counts",),
    "logit_maxes": ("norm_logits",),
    "logits": ("norm_logits", "logit_maxes"),
}
BATCHNORM_STEPS = {
    "hpreact": (),
    "bngain": ("hpreact",),
    "bnbias": ("hpreact",),
    "bnraw": ("hpreact",),
    "bnvar_inv": ("bnraw",),
    "bnvar": ("bnvar_inv",),
    "bndiff2": ("bnvar",),
    "bndiff": ("bnraw", "bndiff2"),
    "bnmeani": ("bndiff",),
    "hprebn": ("bndiff", "bnmeani"),
}

for place, (name, used) in enumerate(SOFTMAX_STEPS.items()):
    step_of(name, [*SOFTMAX_STEPS][:place], used, losses, rows=2, columns=3)

for place, (name, used) in enumerate(BATCHNORM_STEPS.items()):
    if place:
        step_of(name, [*BATCHNORM_STEPS][:place], used, normalizations, rows=3, columns=2)


# --- backward_linear -----------------------------------------------------------------------------


def drawn_linear(draw):
    rows, inputs, outputs = draw.size(1, 4), draw.size(3, 5), draw.size(2, 3)
    dout, x = draw.tensor("dout", rows, outputs), draw.tensor("x", rows, inputs)
    return dout, x, draw.tensor("W", inputs, outputs)


backward_linear = exercise("backward_linear")


@backward_linear.check(**ROUNDING)
def linear_layer(lesson, draw):
    """The gradients of the input, the weights and the bias are right."""
    dx, dW, db = lesson.backward_linear(*drawn_linear(draw))
    return {"dx": dx, "dW": dW, "db": db}


@backward_linear.check(**ROUNDING)
def square_linear_layer(lesson, draw):
    """They're right even if n, I and O are equal, where any product would fit."""
    size = draw.size(2, 3)
    dout, x = draw.tensor("dout", size, size), draw.tensor("x", size, size)
    dx, dW, db = lesson.backward_linear(dout, x, draw.tensor("W", size, size))
    return {"dx": dx, "dW": dW, "db": db}


@backward_linear.check
def linear_leaves_its_arguments_alone(lesson, draw):
    """dout, x and W aren't changed."""
    dout, x, W = drawn_linear(draw)
    lesson.backward_linear(dout, x, W)
    return {"dout": dout, "x": x, "W": W}


@backward_linear.check(cases=3, **LONG)
def large_linear_layers(lesson, draw):
    """Many rows, inputs and outputs all count; each call returns a new result."""
    rows, inputs, outputs = [(1013, 3, 2), (2, 1013, 3), (2, 35, 34)][draw.case]
    arguments = large(draw, dout=(rows, outputs), x=(rows, inputs), W=(inputs, outputs))
    return twice(lesson.backward_linear, *arguments, "dx, dW, db")


# --- backward_tanh -------------------------------------------------------------------------------


backward_tanh = exercise("backward_tanh")


@backward_tanh.check(**ROUNDING)
def tanh_from_its_output(lesson, draw):
    """The gradient of tanh is computed from its output."""
    rows = draw.size(1, 3)
    h = draw.given("h", torch.tanh(draw.tensor("h", rows, 2)))
    dout = draw.tensor("dout", rows, 2)
    return {"gradient": lesson.backward_tanh(dout, h), "h": h, "dout": dout}


@backward_tanh.check(**ROUNDING)
def tanh_saturated(lesson, draw):
    """Nothing gets through a saturated neuron, where h is 1 or -1."""
    h = draw.given("h", torch.tensor([1.0, -1.0, 0.0]))
    return {"gradient": lesson.backward_tanh(draw.tensor("dout", 3, low=1.0, high=2.0), h)}


@backward_tanh.check(**ROUNDING)
def tanh_of_any_shape(lesson, draw):
    """It works with any number of dimensions."""
    h = draw.given("h", torch.tanh(draw.tensor("h", 2, 1, draw.size(1, 3))))
    return {"gradient": lesson.backward_tanh(draw.tensor("dout", *h.shape), h)}


@backward_tanh.check(cases=1, **ROUNDING)
def tanh_of_many_neurons(lesson, draw):
    """It works for many rows and columns, and each call returns a new result."""
    one, other = large(draw, dout=(35, 34), h=(35, 34))
    for arguments in (one, other):
        arguments["h"] = torch.tanh(arguments["h"])
    return twice(lesson.backward_tanh, one, other, "gradient")


# --- backward_embedding --------------------------------------------------------------------------


def embedding_gradient(lesson, draw, X, vocab_size):
    demb = draw.tensor("demb", *X.shape, 2)
    dC = lesson.backward_embedding(demb, X, draw.given("vocab_size", vocab_size))
    return {"dC": dC, "demb afterwards": demb}


backward_embedding = exercise("backward_embedding")


@backward_embedding.check(**ROUNDING)
def each_character_once(lesson, draw):
    """A character that occurs once gets the gradient of its copy; the others get 0."""
    count = draw.size(1, 3)
    X = draw.given("X", torch.tensor([draw.shuffled("X", range(4))[:count]]))
    return embedding_gradient(lesson, draw, X, 5)


@backward_embedding.check(**ROUNDING)
def a_character_many_times(lesson, draw):
    """A character that occurs several times collects the gradients of all its copies."""
    X = draw.indices("X", draw.size(2, 5), draw.size(2, 3), high=3)
    return embedding_gradient(lesson, draw, X, 3)


@backward_embedding.check(**ROUNDING)
def one_character_everywhere(lesson, draw):
    """If every position holds the same character, its row gets the sum of everything."""
    X = torch.full((draw.size(1, 3), 3), draw.integer("X", 0, 3))
    return embedding_gradient(lesson, draw, draw.given("X", X), 4)


@backward_embedding.check(cases=2, **LONG)
def large_embeddings(lesson, draw):
    """Many rows, places and numbers all count, repeats too; each call returns a new result."""
    rows, places, width = [(1013, 3, 2), (3, 34, 33)][draw.case]
    kinds = draw.indices("rows of X and demb", rows, high=40)
    one, other = large(draw, demb=(40, places, width))
    one, other = (
        {
            "demb": arguments["demb"][kinds],
            "X": draw.indices(which + "X", 40, places, high=30)[kinds],
        }
        for which, arguments in (("", one), ("second ", other))
    )
    vocab_size = draw.given("vocab_size", 37)
    return twice(lambda *two: lesson.backward_embedding(*two, vocab_size), one, other, "dC")


# --- cross_entropy_gradient ----------------------------------------------------------------------


cross_entropy_gradient = exercise("cross_entropy_gradient", points=2)


@cross_entropy_gradient.check(**ROUNDING)
def cross_entropy_of_rows(lesson, draw):
    """The gradient is right for any number of examples and characters."""
    rows, columns = draw.size(1, 5), draw.size(3, 4)
    logits = draw.tensor("logits", rows, columns)
    dlogits = lesson.cross_entropy_gradient(logits, draw.indices("targets", rows, high=columns))
    return {"dlogits": dlogits, "logits afterwards": logits}


@cross_entropy_gradient.check(**ROUNDING)
def cross_entropy_of_square_logits(lesson, draw):
    """It's right with as many examples as characters, too."""
    size = draw.size(2, 4)
    logits = draw.tensor("logits", size, size, low=-3.0, high=3.0)
    targets = draw.indices("targets", size, high=size)
    return {"dlogits": lesson.cross_entropy_gradient(logits, targets)}


@cross_entropy_gradient.check(
    tolerance=(1e-3, 1e-4),
    because="next to 1,000 float32 keeps four decimals, and logsumexp does not regain them",
)
def cross_entropy_of_large_logits(lesson, draw):
    """It stays finite for logits whose exponentials don't."""
    logits = torch.randn(2, 3, generator=draw.generator()).mul(100).round().div(100)
    logits = draw.given("logits", logits + torch.tensor([[1000.0], [-1000.0]]))
    targets = draw.indices("targets", 2, high=3)
    return {"dlogits": lesson.cross_entropy_gradient(logits, targets)}


@cross_entropy_gradient.check(cases=1, **ROUNDING)
def cross_entropy_of_many_rows(lesson, draw):
    """It works for many rows and columns, and each call returns a new result."""
    one, other = large(draw, logits=(35, 34))
    one["targets"] = draw.indices("targets", 35, high=34)
    other["targets"] = draw.indices("second targets", 35, high=34)
    return twice(lesson.cross_entropy_gradient, one, other, "dlogits")


# --- batchnorm_gradient --------------------------------------------------------------------------


def short_batchnorm(lesson, draw, rows, columns, spread=1.0):
    dhpreact = draw.tensor("dhpreact", rows, columns)
    hprebn = torch.randn(rows, columns, generator=draw.generator()) * spread
    bngain = draw.tensor("bngain", 1, columns, low=0.5, high=1.5)
    cache = batchnorm_cache(hprebn, bngain, torch.zeros(1, columns))
    bnraw = draw.given("bnraw", cache["bnraw"])
    bnvar_inv = draw.given("bnvar_inv", cache["bnvar_inv"])
    dhprebn = lesson.batchnorm_gradient(dhpreact, bngain, bnraw, bnvar_inv)
    return {"dhprebn": dhprebn, **afterwards(dhpreact=dhpreact, bnraw=bnraw)}


def large_batchnorm(draw, rows, columns):
    """Two caches of the same sizes, each with the gradient of its output."""
    return [
        (
            batchnorm_cache(
                draw.tensor(which + "hprebn", rows, columns),
                draw.tensor(which + "bngain", 1, columns, low=0.5, high=1.5),
                draw.tensor(which + "bnbias", 1, columns),
            ),
            draw.tensor(which + "dhpreact", rows, columns, low=0.5, high=1.5),
        )
        for which in ("", "second ")
    ]


batchnorm_gradient = exercise("batchnorm_gradient", points=2)


@batchnorm_gradient.check(**ROUNDING)
def batchnorm_in_one_line(lesson, draw):
    """The gradient is right for any number of examples and neurons."""
    return short_batchnorm(lesson, draw, draw.size(3, 7), draw.size(1, 3))


@batchnorm_gradient.check(**ROUNDING)
def batchnorm_in_one_line_square(lesson, draw):
    """It's right with as many examples as neurons, too."""
    size = draw.size(3, 4)
    return short_batchnorm(lesson, draw, size, size)


@batchnorm_gradient.check(**ROUNDING)
def batchnorm_in_one_line_wide(lesson, draw):
    """It's right for columns that vary a lot, where bnvar_inv is small."""
    return short_batchnorm(lesson, draw, draw.size(3, 5), 2, spread=3.0)


@batchnorm_gradient.check(cases=1, **ROUNDING)
def batchnorm_in_one_line_of_many_rows(lesson, draw):
    """It works for many rows and columns, and each call returns a new result."""
    one, other = (
        {
            "dhpreact": dhpreact,
            "bngain": cache["bngain"],
            "bnraw": cache["bnraw"],
            "bnvar_inv": cache["bnvar_inv"],
        }
        for cache, dhpreact in large_batchnorm(draw, 35, 34)
    )
    return twice(lesson.batchnorm_gradient, one, other, "dhprebn")


# --- mlp_gradients -------------------------------------------------------------------------------

ORDER = ["C", "W1", "b1", "W2", "b2", "bngain", "bnbias"]


def drawn_network(draw, rows, vocab_size, block_size, n_embd=2, n_hidden=3):
    fan_in = block_size * n_embd
    parameters = [
        draw.tensor("C", vocab_size, n_embd),
        draw.tensor("W1", fan_in, n_hidden),
        draw.tensor("b1", n_hidden),
        draw.tensor("W2", n_hidden, vocab_size),
        draw.tensor("b2", vocab_size),
        draw.tensor("bngain", 1, n_hidden, low=0.5, high=1.5),
        draw.tensor("bnbias", 1, n_hidden),
    ]
    contexts = torch.randint(vocab_size, (rows, block_size), generator=draw.generator())
    contexts[:, 0] = torch.arange(rows) % vocab_size  # equal contexts would have no variance
    X = draw.given("X", contexts)
    return parameters, X, draw.indices("Y", rows, high=vocab_size)


def named_gradients(lesson, parameters, X, Y):
    return in_backward_order(lesson.mlp_gradients(list(parameters), X, Y), parameters)


def in_backward_order(gradients, parameters):
    """The gradients by name, W2 first."""
    shapes = dict(zip(ORDER, (tuple(parameter.shape) for parameter in parameters), strict=True))
    named = dict(zip(ORDER, gradients, strict=False))
    backward = ["W2", "b2", "bngain", "bnbias", "W1", "b1", "C"]
    return {f"gradient of the {shapes[name]} {name}": named.get(name) for name in backward}


mlp_gradients = exercise("mlp_gradients", points=3)


@mlp_gradients.check(**NETWORK)
def all_gradients(lesson, draw):
    """The gradients of all seven parameters are right, in value and in shape."""
    network = drawn_network(draw, draw.size(4, 8), draw.size(3, 5), 2)
    return named_gradients(lesson, *network)


@mlp_gradients.check(**NETWORK)
def all_gradients_of_a_wider_net(lesson, draw):
    """They're right for longer contexts and other widths."""
    network = drawn_network(draw, 5, 4, 3, n_embd=draw.size(1, 3), n_hidden=5)
    return named_gradients(lesson, *network)


@mlp_gradients.check(**NETWORK)
def gradients_and_nothing_else(lesson, draw):
    """The parameters, X and Y aren't changed."""
    parameters, X, Y = drawn_network(draw, draw.size(3, 4), 3, 2)
    lesson.mlp_gradients(parameters, X, Y)
    return {**dict(zip(ORDER, parameters, strict=True)), "X": X, "Y": Y}


@mlp_gradients.check(cases=2, **NETWORK)
def gradients_of_many_examples(lesson, draw):
    """It works for many examples and long contexts, repeats too; each call's result is new."""
    rows, block_size = [(1013, 2), (9, 34)][draw.case]
    kinds = draw.given("rows of X and Y", torch.arange(rows) ** 2 % 61 % (9 + 52 * (rows > 9)))
    results = []
    for _ in range(2):
        parameters, X, Y = drawn_network(draw, 61, 7, block_size)
        results.append(lesson.mlp_gradients(list(parameters), X[kinds], Y[kinds]))
    first, second = (in_backward_order(gradients, parameters) for gradients in results)
    return {"first": first, "second": second}


# --- sgd_step ------------------------------------------------------------------------------------


sgd_step = exercise("sgd_step")


@sgd_step.check(**ROUNDING)
def every_parameter_moves(lesson, draw):
    """Every parameter moves against its gradient, by the learning rate times the gradient."""
    shapes = [(2,), (1, 2), (2, 3)][: 1 + draw.case]
    parameters = [draw.tensor(f"parameter {i}", *shape) for i, shape in enumerate(shapes)]
    gradients = [draw.tensor(f"gradient {i}", *shape) for i, shape in enumerate(shapes)]
    rate = draw.choice("learning_rate", [0.1, 0.5, 2.0])
    returned = lesson.sgd_step(parameters, gradients, rate)
    moved = {f"parameter {i}": parameter for i, parameter in enumerate(parameters)}
    return {**moved, "returned": returned}


@sgd_step.check(**ROUNDING)
def list_and_tensors(lesson, draw):
    """The tensors that were passed in move, and the list still holds them."""
    parameter, gradient = draw.tensor("parameter", 2), draw.tensor("gradient", 2)
    parameters = [parameter]
    lesson.sgd_step(parameters, [gradient], draw.given("learning_rate", 0.5))
    return {"the tensor": parameter, "what the list holds": parameters[0]}


@sgd_step.check(**ROUNDING)
def two_steps(lesson, draw):
    """The tensors themselves change, so a second step goes on from the first."""
    parameter, gradient = draw.tensor("parameter", 3), draw.tensor("gradient", 3)
    first_rate, second_rate = draw.given("the two learning rates", [0.5, 0.25])
    lesson.sgd_step([parameter], [gradient], first_rate)
    first = parameter.clone()
    lesson.sgd_step([parameter], [gradient], second_rate)
    return {"after one step": first, "after two": parameter, "gradient": gradient}


@sgd_step.check(cases=1, **ROUNDING)
def many_parameters(lesson, draw):
    """However many parameters there are, all of them move; the gradients aren't changed."""
    parameters, gradients = (
        list(draw.tensor(name, 57, 2).clone().unbind()) for name in ("parameters", "gradients")
    )
    lesson.sgd_step(parameters, gradients, draw.given("learning_rate", 0.5))
    return {
        "parameters": torch.stack(parameters),
        "number of gradients": len(gradients),
        "gradients": torch.stack(gradients),
    }
