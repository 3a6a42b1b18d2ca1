"""Checks of `part5_wavenet`.

Weights are set through the attributes that the docstrings name. Containers get layers of the
check's own, so that they can be graded before any layer is written.
"""

import torch

from autograder.checks import exercise
from autograder.checks.vocabulary import afterwards, draws_of, gradients_of, twice

SINGLE = {"tolerance": (1e-4, 1e-5), "because": "single precision adds up in another order"}
SPREAD = {"tolerance": (0.25, 0.005), "because": "the spread of random weights: over six sigma"}


# --- helpers -------------------------------------------------------------------------------------


class Plain:
    """A layer without a flag. It multiplies, then adds, so that the order of layers matters."""

    def __init__(self, factor, *tensors):
        self.factor, self.tensors = factor, list(tensors)

    def __call__(self, x):
        return x * self.factor + 1

    def parameters(self):
        return self.tensors


class Flagged(Plain):
    """A layer that has the flag."""

    def __init__(self, factor, training, *tensors):
        super().__init__(factor, *tensors)
        self.training = training


def drawn_twice(draw, name, *shape, **limits):
    """Two tensors of the same shape, each as the only argument of a call."""
    return [{name: draw.tensor(which + name, *shape, **limits)} for which in ("", "second ")]


def held(layers):
    """The parameters of several layers, seen when all have given theirs."""
    lists = [layer.parameters() for layer in layers]
    return [list(parameters) for parameters in lists]


def put(layer, **values):
    """Set attributes of a layer, be they tensors or parameters."""
    for name, value in values.items():
        getattr(layer, name).data = value


def drawn_batchnorm(lesson, draw, channels, training, momenta=(0.1, 0.25)):
    """A BatchNorm1d with parameters and statistics of its own."""
    layer = lesson.BatchNorm1d(channels, momentum=draw.choice("momentum", momenta))
    put(
        layer,
        gamma=draw.tensor("gamma", channels, low=0.5, high=2),
        beta=draw.tensor("beta", channels),
        running_mean=draw.tensor("running_mean", channels),
        running_var=draw.tensor("running_var", channels, low=0.5, high=2),
    )
    layer.training = training
    return layer


def observe_batchnorm(layer, x):
    """What the layer makes of x, and what that does to its statistics."""
    return {
        "output": layer(x),
        "running_mean": layer.running_mean.reshape(-1),
        "running_var": layer.running_var.reshape(-1),
        "training": layer.training,
    }


# --- smooth --------------------------------------------------------------------------------------


smooth = exercise("smooth")


@smooth.check(**SINGLE)
def means_of_groups(lesson, draw):
    """Each group of neighbors becomes its mean."""
    every = draw.size(1, 4, name="every")
    losses = draw.numbers("losses", every * draw.size(2, 4), 0, 4)
    return {"means": lesson.smooth(losses, every)}


@smooth.check(cases=4, **SINGLE)
def left_over(lesson, draw):
    """Losses that don't fill the last group are left out."""
    losses = draw.numbers("losses", 6 + draw.case, 0, 4)
    return {"means": lesson.smooth(losses, draw.given("every", 3)), "losses afterwards": losses}


@smooth.check(cases=1, **SINGLE)
def groups_of_a_thousand(lesson, draw):
    """By default a group has 1,000 losses; with fewer than that there's no mean at all."""
    losses = torch.rand(2100, generator=draw.generator()).tolist()
    draw.given("number of losses", len(losses))
    return {"means": lesson.smooth(losses), "means of the first 900": lesson.smooth(losses[:900])}


@smooth.check(cases=1, **SINGLE)
def many_groups(lesson, draw):
    """A long list is averaged up to its last full group, and each call returns a new result."""
    one, other = (
        {"losses": draw.numbers(which + "losses", 215, 0, 4)} for which in ("", "second ")
    )
    every = draw.given("every", 2)
    return twice(lambda losses: lesson.smooth(losses, every), one, other)


# --- Embedding -----------------------------------------------------------------------------------


embedding_init = exercise("Embedding.__init__")


@embedding_init.check(**SPREAD)
def table_of_normal_numbers(lesson, draw):
    """The table has one row for each character, filled with standard normal numbers."""
    rows, columns = (
        draw.size(60, 100, name="num_embeddings"),
        draw.size(50, 70, name="embedding_dim"),
    )
    weights = [lesson.Embedding(rows, columns).weight for _ in range(5)]
    together = torch.stack(weights)
    return {
        "shape": tuple(weights[0].shape),
        "spread": together.std(),
        "share below -1": (together < -1).float().mean(),
        "share above 2": (together > 2).float().mean(),
    }


@embedding_init.check(cases=1)
def table_of_the_generator(lesson, draw):
    """The numbers come from the generator that's passed in, and from nothing else."""
    sizes = draw.given("num_embeddings, embedding_dim", [3, 4])
    seen = draws_of(draw, lambda generator: lesson.Embedding(*sizes, generator=generator).weight)
    rows = lesson.Embedding(*sizes, generator=draw.generator()).weight.tolist()
    return seen | {"different rows of the table": len(set(map(tuple, rows)))}


embedding_call = exercise("Embedding.__call__")


@embedding_call.check(cases=4)
def rows_of_the_table(lesson, draw):
    """Each index is replaced by its row of the table, for indices of any shape."""
    rows, columns = draw.size(2, 6), draw.size(2, 4)
    layer = lesson.Embedding(rows, columns)
    put(layer, weight=draw.tensor("weight", rows, columns))
    shape = [(3,), (1, 2), (2, 4), (2, 3, 2)][draw.case]
    return {"vectors": layer(draw.indices("indices", *shape, high=rows))}


@embedding_call.check(cases=2, **SINGLE)
def gradient_of_the_table(lesson, draw):
    """The gradient reaches the table, and an index that occurs twice adds to its row twice."""
    layer = lesson.Embedding(3, 2)
    put(layer, weight=draw.tensor("weight", 3, 2))
    layer.weight.requires_grad_()
    vectors = layer(draw.given("indices", torch.tensor([[0, 2, 2]])))
    (vectors * draw.tensor("gradient of the result", 1, 3, 2)).sum().backward()
    return {"gradient of the weight": layer.weight.grad}


@embedding_call.check(cases=1)
def many_indices(lesson, draw):
    """It works for many rows and columns of indices, and each call returns a new result."""
    layer = lesson.Embedding(40, 2)
    put(layer, weight=draw.tensor("weight", 40, 2))
    one, other = (
        {"indices": draw.indices(which + "indices", 35, 34, high=40)} for which in ("", "second ")
    )
    return twice(layer, one, other, "vectors")


embedding_parameters = exercise("Embedding.parameters")


@embedding_parameters.check(cases=2)
def the_table_itself(lesson, draw):
    """The only parameter is the table itself: changing it in place changes the layer."""
    layer = lesson.Embedding(draw.size(2, 4), 3)
    put(layer, weight=draw.tensor("weight", *layer.weight.shape))
    parameters = layer.parameters()
    observed = {"number": len(parameters), "parameters": [p.clone() for p in parameters]}
    with torch.no_grad():
        for p in parameters:
            p.mul_(2)
    return observed | {"weight after doubling the parameters": layer.weight}


@embedding_parameters.check(cases=1)
def table_of_the_graph(lesson, draw):
    """The list holds the tensor that requires a gradient; two layers don't share a list."""
    layers = [lesson.Embedding(2, 3) for _ in range(2)]
    for i, layer in enumerate(layers):
        put(layer, weight=draw.tensor(f"weight {i}", 2, 3))
        for p in layer.parameters():
            p.requires_grad_()
    return {
        "the tables require a gradient": [layer.weight.requires_grad for layer in layers],
        "two lists": held(layers),
    }


@embedding_parameters.check(cases=2)
def a_list(lesson, draw):
    """The parameters come as a list, so that + can join two of them."""
    layer = lesson.Embedding(draw.size(2, 4), 2)
    put(layer, weight=draw.tensor("weight", *layer.weight.shape))
    return {"two lists together": [] + list(layer.parameters()) + list(layer.parameters())}


# --- FlattenConsecutive --------------------------------------------------------------------------


flatten_consecutive_call = exercise("FlattenConsecutive.__call__", points=2)


@flatten_consecutive_call.check(cases=4)
def pairs_become_one_place(lesson, draw):
    """Neighbors in time are put side by side, the earlier one first."""
    batch, channels = draw.size(1, 3), draw.size(2, 3)
    x = draw.tensor("x", batch, [4, 6, 8, 2][draw.case], channels)
    return {"output": lesson.FlattenConsecutive(draw.given("n", 2))(x), "x afterwards": x}


@flatten_consecutive_call.check(cases=4)
def groups_of_other_sizes(lesson, draw):
    """n doesn't have to be 2, and n = 1 joins nothing."""
    n = draw.given("n", [3, 4, 1, 5][draw.case])
    x = draw.tensor("x", 2, n * draw.integer("x", 2, 3), 2)
    return {"output": lesson.FlattenConsecutive(n)(x)}


@flatten_consecutive_call.check(cases=4)
def one_place_is_left(lesson, draw):
    """If one place is left, its dimension goes; a batch of one or a single channel stays."""
    n = draw.given("n", [2, 4, 2, 1][draw.case])
    batch, channels = [(3, 2), (2, 1), (1, 2), (1, 1)][draw.case]
    return {"output": lesson.FlattenConsecutive(n)(draw.tensor("x", batch, n, channels))}


@flatten_consecutive_call.check(cases=2)
def one_example(lesson, draw):
    """A batch of one keeps its dimension while there are several places."""
    x = draw.tensor("x", 1, 4, draw.size(1, 3))
    return {"output": lesson.FlattenConsecutive(draw.given("n", 2))(x)}


@flatten_consecutive_call.check(cases=1)
def many_places(lesson, draw):
    """It works for many rows and places, and each call returns a new result."""
    layer = lesson.FlattenConsecutive(draw.given("n", 2))
    return twice(layer, *drawn_twice(draw, "x", 35, 70, 2), "output")


# --- BatchNorm1d ---------------------------------------------------------------------------------


batch_norm1d_call = exercise("BatchNorm1d.__call__", points=3)
batch_norm1d_call.forbid(
    "batch_norm", says="build batch normalization yourself here instead of calling it"
)


@batch_norm1d_call.check(**SINGLE)
def rows_in_training(lesson, draw):
    """For (N, C), each channel is normalized over the batch, and the running values follow."""
    channels = draw.size(1, 3)
    x = draw.tensor("x", draw.size(3, 6), channels)
    layer = drawn_batchnorm(lesson, draw, channels, training=True)
    return observe_batchnorm(layer, x) | afterwards(x=x)


@batch_norm1d_call.check(**SINGLE)
def places_in_training(lesson, draw):
    """For (N, T, C), N and T are the batch, and the running statistics hold C numbers."""
    channels = draw.size(1, 3)
    x = draw.tensor("x", draw.size(1, 3), draw.size(2, 4), channels)
    return observe_batchnorm(drawn_batchnorm(lesson, draw, channels, training=True), x)


@batch_norm1d_call.check(cases=4, **SINGLE)
def evaluation(lesson, draw):
    """Evaluation uses the running statistics and leaves them alone, even for one example."""
    shape = [(1, 2), (4, 2), (1, 3, 2), (2, 1, 2)][draw.case]
    layer = drawn_batchnorm(lesson, draw, 2, training=False)
    return observe_batchnorm(layer, draw.tensor("x", *shape))


@batch_norm1d_call.check(cases=2, **SINGLE)
def training_then_evaluation(lesson, draw):
    """Evaluation uses what the running statistics gathered from several batches."""
    layer = drawn_batchnorm(lesson, draw, 2, training=True)
    layer(draw.tensor("first batch", 3, 2, 2))
    layer(draw.tensor("second batch", 2, 4, 2))
    layer.training = False
    x = draw.tensor("x", *[(1, 2, 2), (2, 3, 2)][draw.case])
    return observe_batchnorm(layer, x)


@batch_norm1d_call.check(cases=2, **SINGLE)
def constant_channel(lesson, draw):
    """eps, under the root, keeps the result finite for a constant channel."""
    layer = lesson.BatchNorm1d(2, eps=draw.choice("eps", [0.5, 0.25]))
    x = draw.given("x", torch.tensor([[1.0, 1.0], [1.0, 3.0], [1.0, 0.5], [1.0, 4.0]]))
    x = x.view(2, 2, 2) if draw.case else x
    return {"output": layer(x)}


@batch_norm1d_call.check(cases=2, **SINGLE)
def gradients(lesson, draw):
    """Gradients flow through the batch's statistics; the running ones keep no graph."""
    layer = drawn_batchnorm(lesson, draw, 2, training=True)
    layer.gamma.requires_grad_()
    layer.beta.requires_grad_()
    shape = [(3, 2), (2, 2, 2)][draw.case]
    x = draw.tensor("x", *shape).requires_grad_()
    (layer(x) * draw.tensor("gradient of the result", *shape)).sum().backward()
    return {
        **gradients_of(beta=layer.beta, gamma=layer.gamma, x=x),
        "running_mean requires grad": layer.running_mean.requires_grad,
        "running_var requires grad": layer.running_var.requires_grad,
    }


@batch_norm1d_call.check(cases=2, **SINGLE)
def many_rows_and_channels(lesson, draw):
    """It works for many rows and channels, with momentum 0 or 1; each call's result is new."""
    shape, momentum = [((35, 33), 1.0), ((35, 34, 2), 0.0)][draw.case]
    layer = drawn_batchnorm(lesson, draw, shape[-1], training=True, momenta=[momentum])
    return {
        **twice(layer, *drawn_twice(draw, "x", *shape), "output"),
        "running_mean": layer.running_mean.reshape(-1),
        "running_var": layer.running_var.reshape(-1),
    }


@batch_norm1d_call.check(cases=1, **SINGLE)
def many_rows_in_evaluation(lesson, draw):
    """Evaluation works for many rows and channels, and each call returns a new result."""
    layer = drawn_batchnorm(lesson, draw, 33, training=False)
    return twice(layer, *drawn_twice(draw, "x", 35, 33), "output")


# --- Sequential ----------------------------------------------------------------------------------


sequential_call = exercise("Sequential.__call__")


@sequential_call.check(cases=4)
def one_after_the_other(lesson, draw):
    """The input goes through every layer in order; with no layers it comes back unchanged."""
    factors = draw.numbers("factors", draw.size(0, 3))
    model = lesson.Sequential([Plain(factor) for factor in factors])
    return {"output": model(draw.tensor("x", 2, 2))}


@sequential_call.check(cases=2)
def called_twice(lesson, draw):
    """A second call starts from its own input."""
    model = lesson.Sequential([Plain(draw.number("factor")), torch.tanh])
    model(draw.tensor("first", 2))
    return {"second output": model(draw.tensor("second", 2)), "layers": len(model.layers)}


@sequential_call.check(cases=2)
def nested(lesson, draw):
    """A Sequential can be a layer of another Sequential."""
    a, b, c = (Plain(draw.number(name)) for name in ("a", "b", "c"))
    model = lesson.Sequential([a, lesson.Sequential([b, c]), torch.exp])
    return {"output": model(draw.tensor("x", 2))}


@sequential_call.check(cases=1)
def many_inputs(lesson, draw):
    """A large input goes through and isn't changed, and each call returns a new result."""
    model = lesson.Sequential([Plain(draw.number("a")), Plain(draw.number("b"))])
    return twice(model, *drawn_twice(draw, "x", 35, 33), "output")


sequential_parameters = exercise("Sequential.parameters")


@sequential_parameters.check(cases=3)
def all_in_order(lesson, draw):
    """The parameters of all layers form one flat list, in order; a layer may have none."""
    tensors = [draw.tensor(f"tensor {i}", i + 1) for i in range(draw.size(2, 4))]
    model = lesson.Sequential([Plain(1.0, *tensors[1:]), Plain(2.0), Plain(3.0, tensors[0])])
    return {"parameters": model.parameters()}


@sequential_parameters.check(cases=2)
def parameters_of_nested(lesson, draw):
    """A Sequential inside a Sequential adds its parameters too, in its place."""
    one, two, three = (draw.tensor(name, draw.integer(name, 1, 3)) for name in "abc")
    inner = lesson.Sequential([Plain(1.0, two), Flagged(1.0, True)])
    model = lesson.Sequential([Plain(1.0, one), inner, Plain(1.0, three)])
    return {"parameters": model.parameters()}


@sequential_parameters.check(cases=2)
def the_tensors_themselves(lesson, draw):
    """Changing the parameters in place changes the layers."""
    tensors = [draw.tensor(f"tensor {i}", 2) for i in range(draw.size(1, 3))]
    layers = [Plain(1.0, tensor) for tensor in tensors]
    for p in lesson.Sequential(layers).parameters():
        p.add_(1)
    return {"tensors after adding 1 to the parameters": tensors}


@sequential_parameters.check(cases=1)
def tensors_of_the_graph(lesson, draw):
    """The list holds the layers' own tensors, the ones that training moves, not copies."""
    tensors = [draw.tensor(f"tensor {i}", 2) for i in range(3)]
    for p in lesson.Sequential([Plain(1.0, *tensors[:2]), Plain(1.0, tensors[2])]).parameters():
        p.requires_grad_()
    return {"tensors that require a gradient": [tensor.requires_grad for tensor in tensors]}


@sequential_parameters.check(cases=1)
def many_layers(lesson, draw):
    """It works for many layers with many tensors, and two models don't share a list."""
    tensors = draw.tensor("tensors", 2, 110, 1).unbind()
    models = [
        lesson.Sequential([Plain(1.0, *some[i : i + 2]) for i in range(0, 110, 2)])
        for some in tensors
    ]
    return {"parameters": [torch.cat(parameters) for parameters in held(models)]}


# --- set_training --------------------------------------------------------------------------------


set_training = exercise("set_training")


@set_training.check(cases=4)
def every_flag(lesson, draw):
    """Each layer that has a `training` flag gets the mode; the others don't get a flag."""
    before = [draw.choice("flags", [True, False]) for _ in range(draw.size(1, 4))]
    draw.given("flags", before)
    factor = draw.number("factor of the layers")
    layers = [Plain(1.0), *(Flagged(factor, flag) for flag in before), Plain(3.0)]
    lesson.set_training(lesson.Sequential(layers), draw.given("mode", draw.case % 2 == 1))
    return {"attributes of the layers": [vars(layer) for layer in layers]}


@set_training.check(cases=2)
def flags_of_nested(lesson, draw):
    """The layers of a Sequential inside the Sequential get the mode too."""
    mode = draw.given("mode", bool(draw.case))
    outer, inner, innermost = (Flagged(1.0, not mode) for _ in range(3))
    nested = lesson.Sequential([Plain(1.0), inner, lesson.Sequential([innermost])])
    lesson.set_training(lesson.Sequential([nested, outer]), mode)
    return {
        "outer flag": outer.training,
        "inner flag": inner.training,
        "innermost flag": innermost.training,
    }


@set_training.check(cases=2)
def flags_at_every_depth(lesson, draw):
    """Layers get the mode at any depth, and so do those after a nested Sequential."""
    mode = draw.given("mode", bool(draw.case))
    flagged = [Flagged(1.0, not mode) for _ in range(5)]
    model = lesson.Sequential([Plain(1.0)])
    for layer in flagged:
        model = lesson.Sequential([model, layer])
    lesson.set_training(model, mode)
    return {"flags, the deepest first": [layer.training for layer in flagged]}


@set_training.check(cases=2)
def set_twice(lesson, draw):
    """Setting the same mode twice is the same as setting it once."""
    layer = Flagged(1.0, draw.choice("flag", [True, False]))
    model, mode = lesson.Sequential([layer]), draw.choice("mode", [True, False])
    lesson.set_training(model, mode)
    lesson.set_training(model, mode)
    return {"flag": layer.training}


# --- count_parameters ----------------------------------------------------------------------------


count_parameters = exercise("count_parameters")


@count_parameters.check(cases=4)
def elements(lesson, draw):
    """The elements of every tensor are counted, however many dimensions it has."""
    most = draw.integer("extent of one dimension", 3, 9)
    shapes = [(most,), (2, 4), (), (2, most, 2), (5, 1)]
    shapes = draw.given("shapes of the parameters", shapes[: [1, 3, 4, 5][draw.case]])
    tensors = [torch.zeros(shape) for shape in shapes]
    return {"count": lesson.count_parameters(Plain(1.0, *tensors))}


@count_parameters.check(cases=2)
def frozen_ones(lesson, draw):
    """Tensors count with or without requires_grad, and a model may have none at all."""
    sizes = draw.given("sizes of the parameters", [[], [2, 3]][draw.case])
    tensors = [torch.zeros(size, requires_grad=size % 2 == 0) for size in sizes]
    return {"count": lesson.count_parameters(Plain(1.0, *tensors))}


# --- build_wavenet -------------------------------------------------------------------------------


def built(lesson, draw):
    """A small tree of the case's size."""
    sizes = {
        "vocab_size": draw.integer("vocab_size", 3, 6),
        "n_embd": draw.integer("n_embd", 2, 4),
        "n_hidden": draw.integer("n_hidden", 3, 5),
        "block_size": draw.given("block_size", [2, 4, 8, 32][draw.case]),
    }
    return lesson.build_wavenet(**sizes), sizes


build_wavenet = exercise("build_wavenet", points=2)


@build_wavenet.check(cases=4)
def shapes_of_the_parameters(lesson, draw):
    """The parameters have the shapes that the tree needs, for contexts of several lengths."""
    model, _ = built(lesson, draw)
    return {
        "layers": len(model.layers),
        "shapes": [tuple(p.shape) for p in model.parameters()],
        "requires_grad": [p.requires_grad for p in model.parameters()],
        "is a leaf": [p.is_leaf for p in model.parameters()],
    }


@build_wavenet.check(cases=1)
def the_lectures_size(lesson, draw):
    """The lecture's model has the lecture's shapes; the default context is eight characters."""
    sizes = draw.given("vocab_size, n_embd, n_hidden", [27, 24, 128])
    model = lesson.build_wavenet(*sizes)
    return {"shapes": [tuple(p.shape) for p in model.parameters()]}


@build_wavenet.check(cases=3, **SINGLE)
def logits_of_the_tree(lesson, draw):
    """With given weights, the layers in their order produce the tree's logits."""
    model, sizes = built(lesson, draw)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(draw.tensor("parameters", *p.shape))
    draw.given("parameters", "other numbers than at first")
    for layer in model.layers:
        if hasattr(layer, "training"):
            layer.training = False
    contexts = draw.indices("contexts", 2, sizes["block_size"], high=sizes["vocab_size"])
    return {"logits": model(contexts)}


@build_wavenet.check(cases=1, **SPREAD)
def spread_of_the_weights(lesson, draw):
    """Weights start with the spread of their layer, the last layer's with a tenth of it."""
    sizes = draw.given("vocab_size, n_embd, n_hidden, block_size", [50, 20, 64, 4])
    model = lesson.build_wavenet(*sizes)
    parameters = model.parameters()
    return {
        "spreads": [p.std() for p in parameters],
        "spread of the last weight, times ten": 10 * parameters[-2].std(),
        "means of the vectors": [p.mean() for p in parameters if p.dim() == 1],
    }


@build_wavenet.check(cases=1)
def weights_of_the_generator(lesson, draw):
    """All weights come from the generator that's passed in, and from nothing else."""
    sizes = draw.given("vocab_size, n_embd, n_hidden, block_size", [4, 2, 3, 4])

    def weights(generator):
        parameters = lesson.build_wavenet(*sizes, generator=generator).parameters()
        return [p.tolist() for p in parameters]

    return draws_of(draw, weights)


@build_wavenet.check(cases=1)
def models_of_their_own(lesson, draw):
    """Every matrix of every model is drawn separately."""
    sizes = draw.given("vocab_size, n_embd, n_hidden, block_size", [6, 3, 3, 8])
    generator = draw.generator()
    models = [lesson.build_wavenet(*sizes, generator=generator) for _ in range(2)]
    drawn = [p for model in models for p in model.parameters() if p.dim() > 1]
    return {"different matrices": len({repr(p.tolist()) for p in drawn}), "matrices": len(drawn)}


# --- receptive_field -----------------------------------------------------------------------------


receptive_field = exercise("receptive_field")


@receptive_field.check(cases=5)
def stacks_of_any_kind(lesson, draw):
    """Each layer looks (kernel_size - 1) * dilation further back."""
    kernel_size = draw.integer("kernel_size", 2, 5)
    dilations = [draw.integer("dilations", 1, 9) for _ in range(draw.size(1, 5))]
    return {"characters": lesson.receptive_field(kernel_size, draw.given("dilations", dilations))}


@receptive_field.check(cases=3)
def smallest_ones(lesson, draw):
    """With no layers, or with a kernel of size 1, an output sees one character."""
    kernel_size = draw.given("kernel_size", [2, 1, 4][draw.case])
    dilations = draw.given("dilations", [[], [1, 2, 4], []][draw.case])
    return {"characters": lesson.receptive_field(kernel_size, dilations)}


@receptive_field.check(cases=1)
def many_layers_deep(lesson, draw):
    """Every layer counts, equal ones too, and the list of dilations isn't changed."""
    one, other = (
        {"dilations": draw.given(which + "dilations", [draw.integer("d", 1, 9) for _ in range(57)])}
        for which in ("", "second ")
    )
    kernel_size = draw.given("kernel_size", 3)
    return twice(lambda dilations: lesson.receptive_field(kernel_size, dilations), one, other)


# --- causal_convolution --------------------------------------------------------------------------


causal_convolution = exercise("causal_convolution", points=2)


@causal_convolution.check(cases=4, **SINGLE)
def weighted_past(lesson, draw):
    """Each output is a weighted sum of the present and of places `dilation` apart before it."""
    channels, out = draw.size(1, 3), draw.size(1, 2)
    x = draw.tensor("x", 1, draw.size(3, 7), channels)
    weight = draw.tensor("weight", draw.size(2, 4), channels, out)
    return {
        "dilation 1": lesson.causal_convolution(x, weight),
        "dilation 2": lesson.causal_convolution(x, weight, dilation=2),
        "x afterwards": x,
    }


@causal_convolution.check(cases=5, **SINGLE)
def sizes_at_the_edge(lesson, draw):
    """One character, one tap, several examples, or a dilation that reaches past the beginning."""
    sizes = [(1, 1, 2, 1), (2, 3, 1, 2), (3, 2, 3, 4), (2, 6, 2, 3), (1, 3, 2, 4)]
    batch, time, taps, dilation = sizes[draw.case]
    x = draw.tensor("x", batch, time, 2)
    weight = draw.tensor("weight", taps, 2, 3)
    return {"output": lesson.causal_convolution(x, weight, draw.given("dilation", dilation))}


@causal_convolution.check(cases=2, **SINGLE)
def future_changed(lesson, draw):
    """A change to a later character leaves the earlier outputs alone."""
    x = draw.tensor("x", 1, 5, 2)
    weight = draw.tensor("weight", 3, 2, 2)
    changed = x.clone()
    place = draw.integer("changed place", 1, 3)
    changed[:, place] += 10
    before = lesson.causal_convolution(x, weight, draw.given("dilation", 1 + draw.case))
    after = lesson.causal_convolution(changed, weight, 1 + draw.case)
    return {"outputs before that place": after[:, :place], "change": after - before}


@causal_convolution.check(cases=2, **SINGLE)
def gradients_of_both(lesson, draw):
    """The input and the weight both get their gradients."""
    x = draw.tensor("x", 2, 4, 2).requires_grad_()
    weight = draw.tensor("weight", 2, 2, 3).requires_grad_()
    out = lesson.causal_convolution(x, weight, draw.given("dilation", 1 + draw.case))
    (out * draw.tensor("gradient of the result", 2, 4, 3)).sum().backward()
    return gradients_of(x=x, weight=weight)


@causal_convolution.check(cases=3, **SINGLE)
def many_of_everything(lesson, draw):
    """Many rows, places, channels and taps all count, and each call returns a new result."""
    sizes = [((35, 36, 2), (3, 2, 2)), ((1, 3, 35), (2, 35, 34)), ((1, 40, 2), (35, 2, 1))]
    one, other = (
        {
            name: draw.tensor(which + name, *size, low=-1.0, high=1.0)
            for name, size in zip(("x", "weight"), sizes[draw.case], strict=True)
        }
        for which in ("", "second ")
    )
    return twice(lesson.causal_convolution, one, other, "output")


# --- logits_everywhere ---------------------------------------------------------------------------


def trained_tree(lesson, draw, levels):
    """A tree in evaluation mode, put together from its layers; weights and statistics are drawn."""
    vocabulary, width, hidden = 4, 2, 3

    def drawn(*shape, **limits):
        return draw.tensor("model", *shape, **limits)

    layers = [lesson.Embedding(vocabulary, width)]
    put(layers[0], weight=drawn(vocabulary, width))
    for _ in range(levels):
        linear, batchnorm = lesson.Linear(2 * width, hidden, bias=False), lesson.BatchNorm1d(hidden)
        put(linear, weight=drawn(2 * width, hidden))
        put(batchnorm, gamma=drawn(hidden, low=0.5, high=1.5), beta=drawn(hidden))
        put(batchnorm, running_mean=drawn(hidden), running_var=drawn(hidden, low=0.5, high=2))
        batchnorm.training = False
        layers += [lesson.FlattenConsecutive(2), linear, batchnorm, lesson.Tanh()]
        width = hidden
    output = lesson.Linear(width, vocabulary)
    put(output, weight=drawn(width, vocabulary), bias=drawn(vocabulary))
    draw.given("model", f"build_wavenet(4, 2, 3, block_size={2**levels}), trained a little")
    return lesson.Sequential([*layers, output])


# Levels, rows and places.
SIZES = [(1, 1, 2), (2, 2, 6), (3, 1, 11), (2, 2, 3), (3, 1, 1), (4, 1, 17)]


logits_everywhere = exercise("logits_everywhere", points=2)


@logits_everywhere.check(cases=6, **SINGLE)
def logits_of_all_windows(lesson, draw):
    """Each place has the tree's logits; before the first full window, zeros fill the gap."""
    levels, batch, time = SIZES[draw.case]
    model = trained_tree(lesson, draw, levels)
    logits = lesson.logits_everywhere(model, draw.indices("indices", batch, time, high=4))
    full = 2**levels - 1
    return {
        "shape": tuple(logits.shape),
        "logits of full windows": logits[:, full:],
        "logits before the first full window": logits[:, :full],
    }


@logits_everywhere.check(cases=2, **SINGLE)
def model_stays(lesson, draw):
    """The model isn't changed."""
    model = trained_tree(lesson, draw, 2)
    with torch.no_grad():
        lesson.logits_everywhere(model, draw.indices("indices", 1, 5, high=4))
    return {
        "layers": len(model.layers),
        "running_mean": model.layers[3].running_mean.reshape(-1),
        "training": model.layers[3].training,
        "n of the joins": [model.layers[1].n, model.layers[5].n],
        "weight": model.layers[2].weight,
    }


@logits_everywhere.check(cases=1, **SINGLE)
def long_texts(lesson, draw):
    """It works for many rows and many places, and each call returns a new result."""
    model = trained_tree(lesson, draw, 1)
    one, other = (
        {"indices": draw.indices(which + "indices", 35, 35, high=4)} for which in ("", "second ")
    )
    return twice(lambda indices: lesson.logits_everywhere(model, indices), one, other, "logits")
