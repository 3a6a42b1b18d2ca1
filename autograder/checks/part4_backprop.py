"""Checks and known mistakes of `part4_backprop`.

The checks make the caches themselves, from drawn logits or activations, so that they are always
consistent: code that takes a value from the cache and code that computes it anew agree. Gradients
are returned in the order of the backward pass, each with its forward value's shape in its name, so
that the first one that differs is the one to look at. A size is drawn under the name of the input
that it is a size of, which then takes its place in the report.
"""

import torch

from autograder.checks import check, forbid, mistake, points

forbid(
    "*",
    "autograd",
    says="in this lesson every gradient is worked out by hand, so autograd stays off",
)
points("backward_log_softmax_nll", 4)
points("backward_batchnorm", 4)
points("mlp_gradients", 3)
points("cross_entropy_gradient", 2)
points("batchnorm_gradient", 2)

ROUNDING = {"tolerance": (1e-4, 1e-5), "because": "sums may be taken in any order, in float32"}
NETWORK = {
    "tolerance": (1e-3, 1e-4),
    "because": "rounding goes through all layers, and a column of small variance enlarges it",
}
NARROW = {
    "tolerance": (1e-3, 1e-3),
    "because": "numbers near 100 cancel, and in float32 a few of their digits go with them",
}
SOFTMAX_STEPS = [
    "logprobs",
    "probs",
    "counts_sum_inv",
    "counts_sum",
    "counts",
    "norm_logits",
    "logit_maxes",
    "logits",
]
BATCHNORM_STEPS = [
    "bngain",
    "bnbias",
    "bnraw",
    "bnvar_inv",
    "bnvar",
    "bndiff2",
    "bndiff",
    "bnmeani",
    "hprebn",
]


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


def in_order(gradients, steps, cache):
    """The gradients in the order of the backward pass, each with its forward value's shape."""
    return {
        f"gradient of the {tuple(cache[name].shape)} {name}": gradients[name]
        for name in steps
        if name in gradients
    }


def drawn_loss_cache(draw, spread=1.0):
    rows, columns = draw.size("logits", 2, 5), draw.size("logits", 3, 4)
    logits = draw.tensor("logits", rows, columns, low=-spread, high=spread)
    return loss_cache(logits, draw.indices("Y", rows, high=columns))


def drawn_batchnorm_cache(draw, spread=1.0):
    rows, columns = draw.size("hprebn", 3, 6), draw.size("hprebn", 1, 3)
    hprebn = torch.randn(rows, columns, generator=draw.generator()) * spread
    hprebn = draw.given("hprebn", hprebn.mul(1e4).round().div(1e4))
    bngain = draw.tensor("bngain", 1, columns, low=0.5, high=1.5)
    bnbias = draw.tensor("bnbias", 1, columns)
    return batchnorm_cache(hprebn, bngain, bnbias), draw.tensor("dhpreact", rows, columns)


# --- compare -------------------------------------------------------------------------------------


def verdict_of(lesson, mine, reference):
    result = lesson.compare("dW", mine, reference)
    return {key: result[key] for key in ("name", "exact", "approximate", "difference")}


@check("compare")
def equal_to_the_last_bit(lesson, draw):
    """Two equal tensors are equal in every sense, and differ by 0."""
    reference = draw.tensor("reference", draw.size("reference", 1, 3), 2)
    return verdict_of(lesson, draw.given("mine", reference.clone()), reference)


@check("compare")
def equal_up_to_rounding(lesson, draw):
    """Tensors that differ in the last digits only are approximately equal, not exactly."""
    reference = draw.tensor("reference", draw.size("reference", 1, 3), 2, low=1.0, high=3.0)
    mine = draw.given("mine", reference * (1 + 3e-6))
    return verdict_of(lesson, mine, reference)


@check("compare", cases=2)
def different_by_a_little(lesson, draw):
    """A difference a little beyond the tolerance is one: relative to 5e-5, and 1e-6 from zero."""
    reference = draw.tensor("reference", 2, 2, low=1.0, high=3.0) * (1 - draw.case)
    mine = draw.given("mine", reference * (1 + 5e-5) + 1e-6 * draw.case)
    return verdict_of(lesson, mine, reference)


@check("compare", cases=4)
def different_in_one_place(lesson, draw):
    """One wrong element is enough, whether it is too large or too small."""
    reference = draw.tensor("reference", draw.size("reference", 1, 3), 2)
    mine = reference.clone()
    mine[0, 1] += draw.choice("mine", [0.5, 2.0]) * (-1) ** draw.case
    return verdict_of(lesson, draw.given("mine", mine), reference)


@check("compare")
def shapes_that_broadcast(lesson, draw):
    """A wrong shape is not equal, even where it broadcasts to the right one."""
    reference = draw.tensor("reference", 1, draw.size("reference", 2, 4))
    return {
        "a row without its dimension": verdict_of(lesson, reference[0], reference),
        "a row repeated": verdict_of(lesson, reference.repeat(3, 1), reference),
    }


@check("compare")
def shapes_that_do_not_broadcast(lesson, draw):
    """Shapes that have nothing to do with each other are no error, they are just not equal."""
    columns = draw.size("mine", 2, 3)
    mine, reference = draw.tensor("mine", 2, columns), draw.tensor("reference", 3, columns)
    return verdict_of(lesson, mine, reference)


mistake(
    "compare",
    replace="same_shape = mine.shape == reference.shape",
    by="same_shape = True",
    says="shapes that differ are broadcast here and then look equal; compare the shapes first",
)
mistake(
    "compare",
    replace="same_shape = mine.shape == reference.shape",
    by="same_shape = mine.numel() == reference.numel()",
    says="the numbers of elements are compared, but (64,) and (1, 64) have equally many",
)
mistake(
    "compare",
    body="""
    return {
        "name": name,
        "exact": bool((mine == reference).all()),
        "approximate": torch.allclose(mine, reference),
        "difference": (mine - reference).abs().max().item(),
    }
    """,
    says="==, allclose and - all broadcast, so a gradient of a wrong shape looks equal; "
    "compare the shapes first",
)
mistake(
    "compare",
    replace="same_shape and torch.allclose(mine, reference)",
    by="torch.allclose(mine, reference)",
    says='"approximate" does not ask for the shape, and allclose broadcasts',
)
mistake(
    "compare",
    replace="torch.equal(mine, reference)",
    by="torch.allclose(mine, reference)",
    says='"exact" allows for rounding here; it means equal to the last bit',
)
mistake(
    "compare",
    replace="torch.allclose(mine, reference)",
    by="torch.equal(mine, reference)",
    says='"approximate" asks for equality to the last bit here; it has to allow for rounding',
)
mistake(
    "compare",
    replace="(mine - reference).abs().max()",
    by="(mine - reference).max()",
    says="without abs() a value that is far too small counts as no difference",
)
mistake(
    "compare",
    replace=".abs().max()",
    by=".abs().mean()",
    says="this is the mean difference; the largest one is asked for",
)
mistake(
    "compare",
    replace="(mine - reference).abs().max().item() if same_shape else math.inf",
    by="(mine - reference).abs().max().item()",
    says="different shapes cannot be subtracted, or only by a broadcast that hides the mistake",
)
mistake(
    "compare",
    replace="else math.inf",
    by="else 0.0",
    says="a wrong shape is reported as a difference of 0, which looks perfect; it is infinite",
)
mistake(
    "compare",
    replace="torch.equal(mine, reference)",
    by="bool((mine == reference).any())",
    says='"exact" is true here as soon as one element agrees; all have to',
)


# --- sum_to_shape --------------------------------------------------------------------------------


@check("sum_to_shape", cases=4)
def stretched_dimensions(lesson, draw):
    """A dimension of size 1 that was stretched is summed, and stays as a dimension of size 1."""
    rows, columns = draw.size("gradient", 2, 4), draw.size("gradient", 3, 5)
    gradient = draw.tensor("gradient", rows, columns)
    shapes = [(1, columns), (rows, 1), (1, 1), (rows, 1)]
    shape = draw.given("shape", shapes[draw.case])
    return {"sum": lesson.sum_to_shape(gradient, shape), "gradient afterwards": gradient}


@check("sum_to_shape")
def rows_and_columns(lesson, draw):
    """A row and a column that were stretched to one matrix get sums of different directions."""
    gradient = draw.tensor("gradient", 2, draw.size("gradient", 2, 4))
    columns = gradient.shape[1]
    return {
        "for a row": lesson.sum_to_shape(gradient, (1, columns)),
        "for a column": lesson.sum_to_shape(gradient, (2, 1)),
    }


@check("sum_to_shape")
def added_dimensions(lesson, draw):
    """Dimensions that broadcasting put in front are summed away."""
    columns = draw.size("gradient", 2, 4)
    gradient = draw.tensor("gradient", 3, 2, columns)
    return {
        "for a vector": lesson.sum_to_shape(gradient, (columns,)),
        "for a matrix": lesson.sum_to_shape(gradient, (2, columns)),
        "for a scalar": lesson.sum_to_shape(gradient, ()),
    }


@check("sum_to_shape")
def both_at_once(lesson, draw):
    """A shape that is too short and has a 1 in it is handled too."""
    gradient = draw.tensor("gradient", 2, 3, draw.size("gradient", 2, 4))
    return {"sum": lesson.sum_to_shape(gradient, draw.given("shape", (3, 1)))}


@check("sum_to_shape")
def nothing_to_sum(lesson, draw):
    """Where nothing was broadcast the gradient comes back as it is."""
    rows = draw.size("gradient", 1, 3)
    gradient = draw.tensor("gradient", rows, 2)
    return {"sum": lesson.sum_to_shape(gradient, draw.given("shape", (rows, 2)))}


mistake(
    "sum_to_shape",
    replace="gradient = gradient.sum(dimension, keepdim=True)",
    by="gradient = gradient.mean(dimension, keepdim=True)",
    says="each copy of a broadcast element adds its gradient: a sum, not a mean",
)
mistake(
    "sum_to_shape",
    replace="gradient = gradient.sum(0)",
    by="gradient = gradient.mean(0)",
    says="added dimensions are averaged away; every copy adds its gradient, so sum over them",
)
mistake(
    "sum_to_shape",
    replace="gradient.sum(",
    by="gradient.mean(",
    says="this is the mean over the broadcast; its gradient is the sum",
)
mistake(
    "sum_to_shape",
    replace="gradient = gradient.sum(0)",
    by="gradient = gradient[0]",
    says="all copies along an added dimension count, not only the first",
)
mistake(
    "sum_to_shape",
    replace="while gradient.dim() > len(shape):\n    gradient = gradient.sum(0)\n",
    by="",
    says="dimensions that broadcasting put in front have to be summed away as well",
)
mistake(
    "sum_to_shape",
    body="""
    while gradient.dim() > len(shape):
        gradient = gradient.sum(0)
    return gradient
    """,
    says="dimensions of size 1 that were stretched have to be summed too, with keepdim=True",
)
mistake(
    "sum_to_shape",
    body="""
    while gradient.dim() > len(shape):
        gradient = gradient.sum(0)
    return gradient.sum([d for d, size in enumerate(shape) if size == 1])
    """,
    says="the sum is right but its dimension of size 1 is gone: keepdim=True leaves it in place",
)
mistake(
    "sum_to_shape",
    replace="gradient = gradient.sum(0)",
    by="gradient = gradient.sum(-1)",
    says="broadcasting adds dimensions in front, so it is dimension 0 that is summed away",
)
mistake(
    "sum_to_shape",
    replace="gradient = gradient.sum(dimension, keepdim=True)",
    by="gradient = gradient.sum(0, keepdim=True)",
    says="sum over the dimension that is 1 in the shape, which is not always the first",
)


# --- backward_log_softmax_nll --------------------------------------------------------------------


@check("backward_log_softmax_nll", **ROUNDING)
def softmax_step_by_step(lesson, draw):
    """Every gradient from the loss back to the logits is right, in value and in shape."""
    cache = drawn_loss_cache(draw)
    gradients = lesson.backward_log_softmax_nll(dict(cache))
    return in_order(gradients, SOFTMAX_STEPS, cache)


@check("backward_log_softmax_nll", **ROUNDING)
def softmax_of_confident_rows(lesson, draw):
    """The gradients are right where the probabilities are far from equal, too."""
    cache = drawn_loss_cache(draw, spread=4.0)
    gradients = lesson.backward_log_softmax_nll(dict(cache))
    return in_order(gradients, SOFTMAX_STEPS, cache)


@check("backward_log_softmax_nll", **ROUNDING)
def softmax_as_many_rows_as_columns(lesson, draw):
    """With as many examples as characters a missing dimension does not show; the values do."""
    size = draw.size("logits", 2, 4)
    cache = loss_cache(draw.tensor("logits", size, size), draw.indices("Y", size, high=size))
    gradients = lesson.backward_log_softmax_nll(dict(cache))
    return in_order(gradients, SOFTMAX_STEPS, cache)


@check("backward_log_softmax_nll", **ROUNDING)
def softmax_leaves_the_cache_alone(lesson, draw):
    """The values in the cache are the same afterwards."""
    cache = drawn_loss_cache(draw)
    lesson.backward_log_softmax_nll(cache)
    return {name: cache[name] for name in [*SOFTMAX_STEPS, "Y"]}


for replace, by, says in (
    ("= -1.0 / n", "= -1.0", "the loss is a mean over n examples, so dlogprobs is -1/n"),
    ("= -1.0 / n", "= 1.0 / n", "the loss is *minus* the mean log probability: dlogprobs is -1/n"),
    (
        "= -1.0 / n",
        '= -1.0 / cache["logits"].shape[1]',
        "the mean is taken over the n examples, not over the V characters",
    ),
    (
        'dlogprobs[torch.arange(n), cache["Y"]] = -1.0 / n',
        "dlogprobs += -1.0 / n",
        "only the log probabilities of the right characters are in the loss; all others get 0",
    ),
    (
        'dlogprobs[torch.arange(n), cache["Y"]] = -1.0 / n',
        'dlogprobs[:, cache["Y"]] = -1.0 / n',
        "`[:, Y]` sets these columns in every row; `[arange(n), Y]` is one element of each row",
    ),
    (
        'dlogprobs / cache["probs"]',
        'dlogprobs * cache["probs"]',
        "the derivative of log(x) is 1/x: divide by probs",
    ),
    (
        "(counts * dprobs).sum(1, keepdim=True)",
        "(counts * dprobs).sum(1)",
        "counts_sum_inv is a column (n, 1), its gradient here (n,): sum with keepdim=True",
    ),
    (
        "(counts * dprobs).sum(1, keepdim=True)",
        "counts * dprobs",
        "counts_sum_inv was broadcast over the columns, so its gradient is a sum over each row",
    ),
    (
        "(counts * dprobs).sum(1, keepdim=True)",
        "(counts * dprobs).sum(0, keepdim=True)",
        "counts_sum_inv is a column, one number for each row: sum over dimension 1",
    ),
    (
        "(counts * dprobs).sum(1, keepdim=True)",
        "dprobs.sum(1, keepdim=True)",
        "in probs = counts * counts_sum_inv the derivative by counts_sum_inv is counts",
    ),
    (
        "-(counts_sum**-2) * dcounts_sum_inv",
        "counts_sum**-2 * dcounts_sum_inv",
        "the derivative of 1/x is -1/x**2: the minus is missing in dcounts_sum",
    ),
    (
        "-(counts_sum**-2) * dcounts_sum_inv",
        "-(counts_sum**-1) * dcounts_sum_inv",
        "the derivative of x**-1 is -x**-2: the exponent goes down by one in dcounts_sum",
    ),
    (
        "-(counts_sum**-2) * dcounts_sum_inv",
        "(-(counts_sum**-2) * dcounts_sum_inv)[:, 0]",
        "counts_sum is a column (n, 1), and so is its gradient, not (n,)",
    ),
    (
        "dcounts += dcounts_sum\n",
        "",
        "counts is used twice, for probs and for counts_sum: the second road is missing in dcounts",
    ),
    (
        "dcounts += dcounts_sum",
        "dcounts = dcounts_sum.expand_as(counts)",
        "the second road of counts overwrites the first; the two have to be added",
    ),
    (
        "dcounts = counts_sum_inv * dprobs",
        "dcounts = counts_sum * dprobs",
        "in probs = counts * counts_sum_inv the derivative by counts is counts_sum_inv",
    ),
    (
        "dcounts += dcounts_sum",
        "dcounts += dcounts_sum / counts.shape[1]",
        "in a sum every element has the derivative 1, nothing is divided among them",
    ),
    (
        "dnorm_logits = counts * dcounts",
        'dnorm_logits = cache["norm_logits"] * dcounts',
        "the derivative of exp(x) is exp(x), and that is counts",
    ),
    (
        "dnorm_logits = counts * dcounts",
        'dnorm_logits = cache["probs"] * dcounts',
        "exp(norm_logits) is counts; probs are the counts after the division",
    ),
    (
        "(-dnorm_logits).sum(1, keepdim=True)",
        "-dnorm_logits",
        "logit_maxes was broadcast over the columns, so its gradient is a sum over each row",
    ),
    (
        '    "logit_maxes": dlogit_maxes,\n',
        "",
        "the gradient of logit_maxes is missing from the dict; it is nearly 0, and worth seeing",
    ),
    (
        '"logit_maxes": dlogit_maxes',
        '"logit_maxes": dlogit_maxes[:, 0]',
        "logit_maxes is a column (n, 1), its gradient here (n,): sum with keepdim=True",
    ),
    (
        "dlogits = dnorm_logits +",
        "dlogits = -dnorm_logits +",
        "in norm_logits = logits - logit_maxes the derivative by logits is +1",
    ),
    (
        "dnorm_logits + is_max * dlogit_maxes",
        "is_max * dlogit_maxes",
        "logits is used twice: what came straight through the subtraction is lost",
    ),
    (
        'dlogprobs = torch.zeros_like(cache["logprobs"])',
        'dlogprobs = cache["logprobs"].zero_()',
        "a tensor of the cache is overwritten; make new zeros with torch.zeros_like",
    ),
):
    mistake("backward_log_softmax_nll", replace=replace, by=by, says=says)


# --- backward_linear -----------------------------------------------------------------------------


def drawn_linear(draw):
    rows, inputs, outputs = draw.size("dout", 1, 4), draw.size("x", 3, 5), draw.size("W", 2, 3)
    dout, x = draw.tensor("dout", rows, outputs), draw.tensor("x", rows, inputs)
    return dout, x, draw.tensor("W", inputs, outputs)


@check("backward_linear", **ROUNDING)
def linear_layer(lesson, draw):
    """The gradients of the input, the weights and the bias are right."""
    dx, dW, db = lesson.backward_linear(*drawn_linear(draw))
    return {"dx": dx, "dW": dW, "db": db}


@check("backward_linear", **ROUNDING)
def square_linear_layer(lesson, draw):
    """They are right where n, I and O are equal, so that every product fits."""
    size = draw.size("dout", 2, 3)
    dout, x = draw.tensor("dout", size, size), draw.tensor("x", size, size)
    dx, dW, db = lesson.backward_linear(dout, x, draw.tensor("W", size, size))
    return {"dx": dx, "dW": dW, "db": db}


@check("backward_linear")
def linear_leaves_its_arguments_alone(lesson, draw):
    """dout, x and W are the same afterwards."""
    dout, x, W = drawn_linear(draw)
    lesson.backward_linear(dout, x, W)
    return {"dout": dout, "x": x, "W": W}


for replace, by, says in (
    (
        "dout @ W.T",
        "dout @ W",
        "dx is dout times W *transposed*; without it the shapes fit only by chance",
    ),
    (
        "x.T @ dout",
        "x @ dout",
        "dW is x *transposed* times dout; without it the shapes fit only by chance",
    ),
    ("x.T @ dout", "dout.T @ x", "dW has the shape of W, (I, O); this is its transpose"),
    (
        "x.T @ dout",
        "x.T @ dout / len(x)",
        "dW is a plain sum over the examples; the mean is in dout already",
    ),
    (
        "dout.sum(0)",
        "dout.sum(0, keepdim=True)",
        "b has the shape (O,), its gradient here (1, O), which only broadcasts",
    ),
    ("dout.sum(0)", "dout.sum(1)", "b was broadcast over the rows, so sum over dimension 0"),
    (
        "dout.sum(0)",
        "dout.mean(0)",
        "b is used once for each row, and its gradients add up: a sum, no mean",
    ),
    ("dout.sum(0)", "dout", "b was broadcast over the rows, so its gradient is a sum over them"),
    (
        "dout @ W.T, x.T @ dout, dout.sum(0)",
        "x.T @ dout, dout @ W.T, dout.sum(0)",
        "the order is dx, dW, db",
    ),
):
    mistake("backward_linear", replace=replace, by=by, says=says)


# --- backward_tanh -------------------------------------------------------------------------------


@check("backward_tanh", **ROUNDING)
def tanh_from_its_output(lesson, draw):
    """The gradient of tanh is computed from its output."""
    rows = draw.size("h", 1, 3)
    h = draw.given("h", torch.tanh(draw.tensor("h", rows, 2)))
    dout = draw.tensor("dout", rows, 2)
    return {"gradient": lesson.backward_tanh(dout, h), "h": h, "dout": dout}


@check("backward_tanh", **ROUNDING)
def tanh_saturated(lesson, draw):
    """Through a saturated neuron, h = 1 or -1, nothing passes."""
    h = draw.given("h", torch.tensor([1.0, -1.0, 0.0]))
    return {"gradient": lesson.backward_tanh(draw.tensor("dout", 3, low=1.0, high=2.0), h)}


@check("backward_tanh", **ROUNDING)
def tanh_of_any_shape(lesson, draw):
    """Any number of dimensions will do."""
    h = draw.given("h", torch.tanh(draw.tensor("h", 2, 1, draw.size("h", 1, 3))))
    return {"gradient": lesson.backward_tanh(draw.tensor("dout", *h.shape), h)}


for by, says in (
    ("1 - h**2", "this is the derivative of tanh alone; the chain rule multiplies it by dout"),
    (
        "(1 - torch.tanh(h) ** 2) * dout",
        "h is the *output* of tanh already, it goes into 1 - h**2 as it is",
    ),
    ("(1 - h) ** 2 * dout", "the square belongs to h alone: 1 - h**2, not (1 - h)**2"),
    ("(1 - h) * dout", "h has to be squared: 1 - h**2"),
    (
        "h * (1 - h) * dout",
        "h (1 - h) is the derivative of the logistic sigmoid; that of tanh is 1 - h**2",
    ),
    ("(1 + h**2) * dout", "the derivative of tanh is 1 *minus* h**2"),
    ("(h**2 - 1) * dout", "the sign is wrong: 1 - h**2, never negative"),
    ("dout.mul_(1 - h**2)", "the argument dout is changed; make a new tensor"),
):
    mistake("backward_tanh", replace="(1 - h**2) * dout", by=by, says=says)


# --- backward_batchnorm --------------------------------------------------------------------------


@check("backward_batchnorm", **ROUNDING)
def batchnorm_step_by_step(lesson, draw):
    """Every gradient back through batch normalisation is right, in value and in shape."""
    cache, dhpreact = drawn_batchnorm_cache(draw)
    gradients = lesson.backward_batchnorm(dict(cache), dhpreact)
    return in_order(gradients, BATCHNORM_STEPS, cache)


@check("backward_batchnorm", **NARROW)
def batchnorm_of_narrow_columns(lesson, draw):
    """Where a column hardly varies, so that EPSILON matters, the gradients are right as well."""
    cache, dhpreact = drawn_batchnorm_cache(draw, spread=0.01)
    gradients = lesson.backward_batchnorm(dict(cache), dhpreact)
    return in_order(gradients, BATCHNORM_STEPS, cache)


@check("backward_batchnorm", **ROUNDING)
def batchnorm_as_many_rows_as_columns(lesson, draw):
    """With as many examples as neurons a missing dimension does not show; the values do."""
    size = draw.size("hprebn", 3, 4)
    gain, bias = draw.tensor("bngain", 1, size), draw.tensor("bnbias", 1, size)
    cache = batchnorm_cache(draw.tensor("hprebn", size, size), gain, bias)
    gradients = lesson.backward_batchnorm(dict(cache), draw.tensor("dhpreact", size, size))
    return in_order(gradients, BATCHNORM_STEPS, cache)


@check("backward_batchnorm", **ROUNDING)
def batchnorm_leaves_its_arguments_alone(lesson, draw):
    """The values in the cache and dhpreact are the same afterwards."""
    cache, dhpreact = drawn_batchnorm_cache(draw)
    lesson.backward_batchnorm(cache, dhpreact)
    return {"dhpreact": dhpreact, **{name: cache[name] for name in BATCHNORM_STEPS}}


for replace, by, says in (
    (
        '(cache["bnraw"] * dhpreact).sum(0, keepdim=True)',
        '(cache["bnraw"] * dhpreact).sum(0)',
        "bngain is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True",
    ),
    (
        '(cache["bnraw"] * dhpreact).sum(0, keepdim=True)',
        'cache["bnraw"] * dhpreact',
        "bngain was broadcast over the rows, so its gradient is a sum over them",
    ),
    (
        '(cache["bnraw"] * dhpreact).sum',
        '(cache["hprebn"] * dhpreact).sum',
        "the gain multiplies bnraw, not hprebn, so bnraw is its local derivative",
    ),
    (
        '(cache["bnraw"] * dhpreact).sum(0, keepdim=True)',
        '(cache["bnraw"] * dhpreact).mean(0, keepdim=True)',
        "the n copies of bngain add their gradients: a sum, no mean",
    ),
    (
        "dbnbias = dhpreact.sum(0, keepdim=True)",
        "dbnbias = dhpreact.sum(0)",
        "bnbias is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True",
    ),
    (
        "dbnbias = dhpreact.sum(0, keepdim=True)",
        "dbnbias = dhpreact",
        "bnbias was broadcast over the rows, so its gradient is a sum over them",
    ),
    (
        'dbnraw = cache["bngain"] * dhpreact',
        "dbnraw = dhpreact.clone()",
        "between bnraw and hpreact stands the gain: dbnraw is bngain times dhpreact",
    ),
    (
        "(bndiff * dbnraw).sum(0, keepdim=True)",
        "(bndiff * dbnraw).sum(0)",
        "bnvar_inv is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True",
    ),
    (
        "(bndiff * dbnraw).sum(0, keepdim=True)",
        "dbnraw.sum(0, keepdim=True)",
        "in bnraw = bndiff * bnvar_inv the derivative by bnvar_inv is bndiff",
    ),
    (
        "(bndiff * dbnraw).sum(0, keepdim=True)",
        "(bndiff * dbnraw).sum(1, keepdim=True)",
        "bnvar_inv is one number for each column: sum over the rows, dimension 0",
    ),
    (
        "dbnvar = -0.5 *",
        "dbnvar = 0.5 *",
        "the derivative of x**-0.5 is *minus* 0.5 x**-1.5: the sign of dbnvar is wrong",
    ),
    (
        '(cache["bnvar"] + EPSILON) ** -1.5',
        '(cache["bnvar"] + EPSILON) ** -0.5',
        "the derivative of x**-0.5 has the exponent -1.5 in dbnvar, one less",
    ),
    (
        'dbnvar = -0.5 * (cache["bnvar"] + EPSILON)',
        'dbnvar = -(cache["bnvar"] + EPSILON)',
        "the derivative of x**-0.5 has the factor -0.5, the old exponent",
    ),
    (
        '(cache["bnvar"] + EPSILON) **',
        'cache["bnvar"] **',
        "EPSILON is missing in dbnvar: bnvar_inv was computed from bnvar + EPSILON",
    ),
    (
        "dbnvar / (n - 1)",
        "dbnvar / n",
        "bnvar divides by n - 1 (Bessel's correction), so dbndiff2 does as well",
    ),
    (
        "torch.ones_like(bndiff) * dbnvar / (n - 1)",
        "torch.ones_like(bndiff) * dbnvar",
        "bnvar is a sum divided by n - 1, so dbndiff2 is divided by n - 1 too",
    ),
    (
        "torch.ones_like(bndiff) * dbnvar / (n - 1)",
        "dbnvar / (n - 1)",
        "bndiff2 is (n, H), its gradient here (1, H) only broadcasts to it: make n equal rows",
    ),
    (
        "dbndiff += 2 * bndiff * dbndiff2\n",
        "",
        "bndiff is used twice, for bnraw and for bndiff2: the road through the variance is missing",
    ),
    (
        "dbndiff += 2 * bndiff * dbndiff2",
        "dbndiff = 2 * bndiff * dbndiff2",
        "the second road of bndiff overwrites the first; the two have to be added",
    ),
    (
        "2 * bndiff * dbndiff2",
        "bndiff * dbndiff2",
        "the derivative of x**2 is 2 x: the factor 2 is missing in dbndiff",
    ),
    (
        "2 * bndiff * dbndiff2",
        '2 * cache["bndiff2"] * dbndiff2',
        "the derivative of bndiff**2 is 2 * bndiff, not 2 * bndiff2",
    ),
    (
        "dbndiff = bnvar_inv * dbnraw",
        "dbndiff = dbnraw.clone()",
        "in bnraw = bndiff * bnvar_inv the derivative by bndiff is bnvar_inv",
    ),
    (
        "-dbndiff.sum(0, keepdim=True)",
        "-dbndiff.sum(0)",
        "bnmeani is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True",
    ),
    (
        "-dbndiff.sum(0, keepdim=True)",
        "dbndiff.sum(0, keepdim=True)",
        "bnmeani is subtracted, so its gradient has a minus sign",
    ),
    (
        "-dbndiff.sum(0, keepdim=True)",
        "-dbndiff",
        "bnmeani was broadcast over the rows, so its gradient is a sum over them",
    ),
    (
        "dhprebn += dbnmeani / n\n",
        "",
        "hprebn also makes the mean: the road through bnmeani is missing",
    ),
    (
        "dhprebn += dbnmeani / n",
        "dhprebn += dbnmeani",
        "each row is one n-th of the mean, so dbnmeani is divided by n on its way to hprebn",
    ),
    (
        "dhprebn += dbnmeani / n",
        "dhprebn += dbnmeani / (n - 1)",
        "the mean divides by n; only the variance divides by n - 1",
    ),
    (
        "dbndiff.clone()",
        "dbndiff",
        "dhprebn and dbndiff are one tensor here, so += changes both; add to a copy",
    ),
    (
        'dbnraw = cache["bngain"] * dhpreact',
        'dbnraw = dhpreact.mul_(cache["bngain"])',
        "the argument dhpreact is changed; make a new tensor",
    ),
):
    mistake("backward_batchnorm", replace=replace, by=by, says=says)


# --- backward_embedding --------------------------------------------------------------------------


def embedding_gradient(lesson, draw, X, vocab_size):
    demb = draw.tensor("demb", *X.shape, 2)
    dC = lesson.backward_embedding(demb, X, draw.given("vocab_size", vocab_size))
    return {"dC": dC, "demb afterwards": demb}


@check("backward_embedding", **ROUNDING)
def each_character_once(lesson, draw):
    """A character that occurs once gets the gradient of its copy, others get 0."""
    count = draw.size("X", 1, 3)
    X = draw.given("X", torch.tensor([draw.shuffled("X", range(4))[:count]]))
    return embedding_gradient(lesson, draw, X, 5)


@check("backward_embedding", **ROUNDING)
def a_character_many_times(lesson, draw):
    """A character that occurs several times collects the gradients of all its copies."""
    X = draw.indices("X", draw.size("X", 2, 5), draw.size("X", 2, 3), high=3)
    return embedding_gradient(lesson, draw, X, 3)


@check("backward_embedding", **ROUNDING)
def one_character_everywhere(lesson, draw):
    """Where all positions hold the same character, its row gets the sum of everything."""
    X = torch.full((draw.size("X", 1, 3), 3), draw.integer("X", 0, 3))
    return embedding_gradient(lesson, draw, draw.given("X", X), 4)


for body, says in (
    (
        """
    dC = torch.zeros(vocab_size, demb.shape[-1])
    dC[X] = demb
    return dC
    """,
        "the gradient of a later copy overwrites the earlier ones; they have to be added",
    ),
    (
        """
    dC = torch.zeros(vocab_size, demb.shape[-1])
    for t in range(X.shape[1]):
        dC[X[:, t]] += demb[:, t]
    return dC
    """,
        "`dC[X] += demb` writes a row once, however often it occurs: use index_add_ or a loop",
    ),
    (
        """
    dC = torch.zeros(vocab_size, demb.shape[-1])
    dC.index_add_(0, X.flatten(), demb.reshape(-1, demb.shape[-1]))
    return dC / torch.bincount(X.flatten(), minlength=vocab_size).clamp(min=1)[:, None]
    """,
        "the copies' gradients are averaged; they have to be summed",
    ),
    (
        """
    dC = torch.zeros(vocab_size, demb.shape[-1])
    return dC.index_add_(0, X[:, -1], demb[:, -1])
    """,
        "only the last position of the context is counted; every position was looked up",
    ),
    (
        """
    dC = torch.zeros(int(X.max()) + 1, demb.shape[-1])
    return dC.index_add_(0, X.flatten(), demb.reshape(-1, demb.shape[-1]))
    """,
        "dC has a row for every character of the vocabulary, also for those that do not occur in X",
    ),
    (
        """
    dC = torch.zeros(vocab_size, demb.shape[-1])
    return dC.index_add_(0, X.T.flatten(), demb.reshape(-1, demb.shape[-1]))
    """,
        "X and demb are flattened in different orders, so gradients go to the wrong rows",
    ),
    (
        """
    dC = torch.zeros(vocab_size, demb.shape[-1])
    for i in range(X.shape[0]):
        for t in range(X.shape[1]):
            dC[X[i, t]] = demb[i, t]
    return dC * torch.bincount(X.flatten(), minlength=vocab_size)[:, None]
    """,
        "the last copy's gradient counts for all copies; each has its own gradient to add",
    ),
):
    mistake("backward_embedding", body=body, says=says)


# --- cross_entropy_gradient ----------------------------------------------------------------------


@check("cross_entropy_gradient", **ROUNDING)
def cross_entropy_of_rows(lesson, draw):
    """The gradient is right for any number of examples and characters."""
    rows, columns = draw.size("logits", 1, 5), draw.size("logits", 3, 4)
    logits = draw.tensor("logits", rows, columns)
    dlogits = lesson.cross_entropy_gradient(logits, draw.indices("targets", rows, high=columns))
    return {"dlogits": dlogits, "logits afterwards": logits}


@check("cross_entropy_gradient", **ROUNDING)
def cross_entropy_of_square_logits(lesson, draw):
    """It is right where there are as many examples as characters."""
    size = draw.size("logits", 2, 4)
    logits = draw.tensor("logits", size, size, low=-3.0, high=3.0)
    targets = draw.indices("targets", size, high=size)
    return {"dlogits": lesson.cross_entropy_gradient(logits, targets)}


@check(
    "cross_entropy_gradient",
    tolerance=(1e-3, 1e-4),
    because="next to 1,000 float32 keeps four decimals, and logsumexp does not regain them",
)
def cross_entropy_of_large_logits(lesson, draw):
    """It is finite for logits whose exponentials are not."""
    logits = torch.randn(2, 3, generator=draw.generator()).mul(100).round().div(100)
    logits = draw.given("logits", logits + torch.tensor([[1000.0], [-1000.0]]))
    targets = draw.indices("targets", 2, high=3)
    return {"dlogits": lesson.cross_entropy_gradient(logits, targets)}


for replace, by, says in (
    ("dlogits / len(targets)", "dlogits", "the loss is a mean, so its gradient is divided by n"),
    (
        "dlogits / len(targets)",
        "dlogits / logits.shape[1]",
        "the loss is a mean over the n examples, not over the V characters",
    ),
    (
        "torch.softmax(logits, 1)",
        "torch.softmax(logits, 0)",
        "each row is one example, so softmax goes over dimension 1",
    ),
    (
        "torch.softmax(logits, 1)",
        "logits.exp() / logits.exp().sum(1, keepdim=True)",
        "exp overflows for large logits; subtract each row's maximum before, or call torch.softmax",
    ),
    (
        "torch.softmax(logits, 1)",
        "torch.log_softmax(logits, 1)",
        "the probabilities themselves are needed, not their logarithms",
    ),
    (
        "dlogits[torch.arange(len(targets)), targets] -= 1\n",
        "",
        "at the right character 1 has to be subtracted from the probability",
    ),
    (
        "dlogits[torch.arange(len(targets)), targets] -= 1",
        "dlogits[:, targets] -= 1",
        "`[:, targets]` takes these columns of every row; one element of each row is meant",
    ),
    (
        "dlogits[torch.arange(len(targets)), targets] -= 1",
        "dlogits -= 1",
        "1 is subtracted at the right character only",
    ),
    (
        "return dlogits / len(targets)",
        "return -dlogits / len(targets)",
        "the sign is wrong: this gradient would push the right character down",
    ),
    ("torch.softmax(logits, 1)", "logits.clone()", "the logits have to become probabilities first"),
):
    mistake("cross_entropy_gradient", replace=replace, by=by, says=says)


# --- batchnorm_gradient --------------------------------------------------------------------------


def short_batchnorm(lesson, draw, rows, columns, spread=1.0):
    dhpreact = draw.tensor("dhpreact", rows, columns)
    hprebn = torch.randn(rows, columns, generator=draw.generator()) * spread
    bngain = draw.tensor("bngain", 1, columns, low=0.5, high=1.5)
    cache = batchnorm_cache(hprebn, bngain, torch.zeros(1, columns))
    bnraw = draw.given("bnraw", cache["bnraw"])
    bnvar_inv = draw.given("bnvar_inv", cache["bnvar_inv"])
    dhprebn = lesson.batchnorm_gradient(dhpreact, bngain, bnraw, bnvar_inv)
    return {"dhprebn": dhprebn, "dhpreact afterwards": dhpreact, "bnraw afterwards": bnraw}


@check("batchnorm_gradient", **ROUNDING)
def batchnorm_in_one_line(lesson, draw):
    """The gradient is right for any number of examples and neurons."""
    return short_batchnorm(lesson, draw, draw.size("dhpreact", 3, 7), draw.size("dhpreact", 1, 3))


@check("batchnorm_gradient", **ROUNDING)
def batchnorm_in_one_line_square(lesson, draw):
    """It is right where there are as many examples as neurons."""
    size = draw.size("dhpreact", 3, 4)
    return short_batchnorm(lesson, draw, size, size)


@check("batchnorm_gradient", **ROUNDING)
def batchnorm_in_one_line_wide(lesson, draw):
    """It is right for columns that vary a lot, so that bnvar_inv is small."""
    return short_batchnorm(lesson, draw, draw.size("dhpreact", 3, 5), 2, spread=3.0)


for replace, by, says in (
    (
        "n / (n - 1) * bnraw",
        "bnraw",
        "the variance divides by n - 1, which leaves a factor n / (n - 1)",
    ),
    (" - dhpreact.sum(0)", "", "the road through the mean is missing: minus the sum of dhpreact"),
    (
        "dhpreact.sum(0)",
        "dhpreact.mean(0)",
        "inside the bracket stands the sum of dhpreact, since all is divided by n in front",
    ),
    (
        "dhpreact.sum(0)",
        "dhpreact.sum(1, keepdim=True)",
        "the statistics are those of the batch: sum over the examples, dimension 0",
    ),
    (" - n / (n - 1) * bnraw * along", "", "the road through the variance is missing"),
    (
        "* bnraw * along",
        "* along",
        "the variance pulls each row in proportion to its own bnraw; that factor is missing",
    ),
    ("bngain * bnvar_inv / n", "bnvar_inv / n", "the gain is missing as a factor in front"),
    ("bngain * bnvar_inv / n", "bngain / n", "bnvar_inv is missing as a factor in front"),
    (
        "bngain * bnvar_inv / n",
        "bngain * bnvar_inv",
        "everything in the bracket is divided by n in front",
    ),
    (
        "(n * dhpreact",
        "(dhpreact",
        "inside the bracket dhpreact is multiplied by n, since all is divided by n in front",
    ),
    (
        "bngain * bnvar_inv / n * (n * dhpreact - dhpreact.sum(0) - n / (n - 1) * bnraw * along)",
        "bngain * bnvar_inv * dhpreact",
        "mean and variance are treated as constants here, but both are made of the batch",
    ),
):
    mistake("batchnorm_gradient", replace=replace, by=by, says=says)


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
    """In the order of the backward pass, W2 first."""
    gradients = lesson.mlp_gradients(list(parameters), X, Y)
    shapes = dict(zip(ORDER, (tuple(parameter.shape) for parameter in parameters), strict=True))
    named = dict(zip(ORDER, gradients, strict=False))
    backward = ["W2", "b2", "bngain", "bnbias", "W1", "b1", "C"]
    return {f"gradient of the {shapes[name]} {name}": named.get(name) for name in backward}


@check("mlp_gradients", **NETWORK)
def all_gradients(lesson, draw):
    """The gradients of all seven parameters are right, in value and in shape."""
    network = drawn_network(draw, draw.size("X", 4, 8), draw.size("C", 3, 5), 2)
    return named_gradients(lesson, *network)


@check("mlp_gradients", **NETWORK)
def all_gradients_of_a_wider_net(lesson, draw):
    """They are right for longer contexts and other widths."""
    network = drawn_network(draw, 5, 4, 3, n_embd=draw.size("C", 1, 3), n_hidden=5)
    return named_gradients(lesson, *network)


@check("mlp_gradients", **NETWORK)
def gradients_and_nothing_else(lesson, draw):
    """The parameters, X and Y are the same afterwards."""
    parameters, X, Y = drawn_network(draw, draw.size("X", 3, 4), 3, 2)
    lesson.mlp_gradients(parameters, X, Y)
    return {**dict(zip(ORDER, parameters, strict=True)), "X": X, "Y": Y}


for replace, by, says in (
    (
        'backward_tanh(dh, cache["h"])',
        "dh",
        "between h and hpreact stands tanh; its gradient is skipped",
    ),
    (
        'backward_tanh(dh, cache["h"])',
        'backward_tanh(dh, cache["hpreact"])',
        "backward_tanh wants the output h, not the input hpreact",
    ),
    (
        'backward_linear(dlogits, cache["h"], W2)',
        'backward_linear(dlogits, cache["hpreact"], W2)',
        "what goes into the second linear layer is h, after the tanh",
    ),
    (
        'backward_linear(dhprebn, cache["embcat"], W1)',
        'backward_linear(dhpreact, cache["embcat"], W1)',
        "the first linear layer gets dhprebn, behind batch normalisation, and not dhpreact",
    ),
    (
        '(cache["bnraw"] * dhpreact).sum(0, keepdim=True)',
        '(cache["bnraw"] * dhpreact).sum(0)',
        "bngain is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True",
    ),
    (
        '(cache["bnraw"] * dhpreact).sum(0, keepdim=True)',
        "dhpreact.sum(0, keepdim=True)",
        "the gain multiplies bnraw, so its gradient is the sum of bnraw * dhpreact",
    ),
    (
        "dbnbias = dhpreact.sum(0, keepdim=True)",
        "dbnbias = dhpreact.sum(0)",
        "bnbias is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True",
    ),
    (
        "[dC, dW1, db1, dW2, db2, dbngain, dbnbias]",
        "[dW2, db2, dbngain, dbnbias, dW1, db1, dC]",
        "the gradients come in the order of the parameters, C first",
    ),
    (
        'cross_entropy_gradient(cache["logits"], Y)',
        'cross_entropy_gradient(cache["logits"], Y) * len(Y)',
        "all gradients are n times too large: the loss is a mean over the examples",
    ),
    (
        'dembcat.view(cache["emb"].shape)',
        'dembcat.view(cache["emb"].shape).flip(1)',
        "embcat holds the embeddings in the context's order; their gradients here have another",
    ),
    (
        'batchnorm_gradient(dhpreact, bngain, cache["bnraw"], cache["bnvar_inv"])',
        'bngain * cache["bnvar_inv"] * dhpreact',
        "batch normalisation's mean and variance depend on hprebn as well; use batchnorm_gradient",
    ),
    (
        "return [dC,",
        "C -= 0.1 * dC\nreturn [dC,",
        "the parameters are changed here; only gradients are asked for",
    ),
):
    mistake("mlp_gradients", replace=replace, by=by, says=says)


# --- sgd_step ------------------------------------------------------------------------------------


@check("sgd_step", **ROUNDING)
def every_parameter_moves(lesson, draw):
    """Every parameter moves against its gradient, by the learning rate times it."""
    shapes = [(2,), (1, 2), (2, 3)][: 1 + draw.case]
    parameters = [draw.tensor(f"parameter {i}", *shape) for i, shape in enumerate(shapes)]
    gradients = [draw.tensor(f"gradient {i}", *shape) for i, shape in enumerate(shapes)]
    lesson.sgd_step(parameters, gradients, draw.choice("learning_rate", [0.1, 0.5, 2.0]))
    return {f"parameter {i}": parameter for i, parameter in enumerate(parameters)}


@check("sgd_step", **ROUNDING)
def list_and_tensors(lesson, draw):
    """The tensors that were handed in move, and they are what the list still holds."""
    parameter, gradient = draw.tensor("parameter", 2), draw.tensor("gradient", 2)
    parameters = [parameter]
    lesson.sgd_step(parameters, [gradient], draw.given("learning_rate", 0.5))
    return {"the tensor": parameter, "what the list holds": parameters[0]}


@check("sgd_step", **ROUNDING)
def two_steps(lesson, draw):
    """The tensors themselves change, so that a second step goes on from the first."""
    parameter, gradient = draw.tensor("parameter", 3), draw.tensor("gradient", 3)
    first_rate, second_rate = draw.given("the two learning rates", [0.5, 0.25])
    lesson.sgd_step([parameter], [gradient], first_rate)
    first = parameter.clone()
    lesson.sgd_step([parameter], [gradient], second_rate)
    return {"after one step": first, "after two": parameter, "gradient": gradient}


mistake(
    "sgd_step",
    body="""
    for i, gradient in enumerate(gradients):
        parameters[i] = parameters[i] - learning_rate * gradient
    """,
    says="the list holds new tensors; the old ones did not move, and they are the parameters",
)
for replace, by, says in (
    ("parameter -=", "parameter +=", "this climbs: a step *down* subtracts the gradient"),
    (
        "parameter -= learning_rate * gradient",
        "parameter = parameter - learning_rate * gradient",
        "a new tensor gets the name `parameter` and is forgotten; change the old one in place",
    ),
    (
        "    parameter -= learning_rate * gradient",
        "    parameter -= learning_rate * gradient\n    break",
        "the loop stops after the first parameter; every parameter has to move",
    ),
    ("learning_rate * gradient", "gradient", "the step is the learning rate times the gradient"),
    (
        "learning_rate * gradient",
        "learning_rate * gradient.sign()",
        "the gradient's size counts, not only its sign",
    ),
    (
        "parameter -= learning_rate * gradient",
        "parameter *= 1 - learning_rate * gradient",
        "the step is subtracted, the parameter is not scaled by it",
    ),
    (
        "parameter -= learning_rate * gradient",
        "parameter -= gradient.mul_(learning_rate)",
        "the gradients are changed; make the product a new tensor",
    ),
):
    mistake("sgd_step", replace=replace, by=by, says=says)
