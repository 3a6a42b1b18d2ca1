"""Checks and known mistakes of `part5_wavenet`.

Weights are set through the attributes that the docstrings name. Containers get layers of the
check's own, so that they can be graded before any layer is written. A size is drawn under the name
of the input that it is a size of, which then takes its place in the report.
"""

import torch

from autograder.checks import check, forbid, mistake, points

points("BatchNorm1d.__call__", 3)
points("FlattenConsecutive.__call__", 2)
points("build_wavenet", 2)
points("causal_convolution", 2)
points("logits_everywhere", 2)
forbid(
    "BatchNorm1d.__call__",
    "batch_norm",
    says="batch normalisation is to be built here, not called",
)

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


def put(layer, **values):
    """Set attributes of a layer, be they tensors or parameters."""
    for name, value in values.items():
        getattr(layer, name).data = value


def drawn_batchnorm(lesson, draw, channels, training):
    """A BatchNorm1d with parameters and statistics of its own."""
    layer = lesson.BatchNorm1d(channels, momentum=draw.choice("momentum", [0.1, 0.25]))
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
    }


# --- smooth --------------------------------------------------------------------------------------


@check("smooth", **SINGLE)
def means_of_groups(lesson, draw):
    """Each group of neighbours becomes its mean."""
    every = draw.size("every", 1, 4)
    losses = draw.numbers("losses", every * draw.size("losses", 2, 4), 0, 4)
    return {"means": lesson.smooth(losses, every)}


@check("smooth", cases=4, **SINGLE)
def left_over(lesson, draw):
    """Losses that do not fill the last group are left out."""
    losses = draw.numbers("losses", 6 + draw.case, 0, 4)
    return {"means": lesson.smooth(losses, draw.given("every", 3)), "losses afterwards": losses}


@check("smooth", cases=1, **SINGLE)
def groups_of_a_thousand(lesson, draw):
    """Without a second argument the groups have a thousand losses; too few losses give no mean."""
    losses = torch.rand(2100, generator=draw.generator()).tolist()
    draw.given("number of losses", len(losses))
    return {"means": lesson.smooth(losses), "means of the first 900": lesson.smooth(losses[:900])}


mistake(
    "smooth",
    replace=".mean(1)",
    by=".mean(0)",
    says="this averages the first of all groups, the second of all groups, and so on; "
    "average within each group",
)
mistake(
    "smooth",
    replace=".view(groups, every).mean(1)",
    by=".view(every, groups).mean(0)",
    says="each group takes losses that are far apart; a group is `every` neighbours",
)
mistake(
    "smooth",
    body="return torch.stack([part.mean() for part in torch.tensor(losses).split(every)])",
    says="a last group that is not full is averaged too; leave it out",
)
mistake(
    "smooth",
    replace=".mean(1)",
    by=".sum(1)",
    says="these are sums; the mean of each group is asked for",
)
mistake(
    "smooth",
    body="return torch.tensor(losses).unfold(0, every, 1).mean(1)",
    says="this mean moves on by one loss at a time; groups do not overlap",
)
mistake(
    "smooth",
    replace=".mean(1)",
    by=".median(1).values",
    says="this is the median of each group; the mean is asked for",
)
mistake(
    "smooth",
    replace="losses[: groups * every]",
    by="losses[len(losses) - groups * every :]",
    says="the losses at the beginning are left out; leave out what is over at the end",
)


# --- Embedding -----------------------------------------------------------------------------------


@check("Embedding.__init__", **SPREAD)
def table_of_normal_numbers(lesson, draw):
    """The table has one row for each character, of standard normal numbers."""
    rows, columns = draw.size("num_embeddings", 60, 100), draw.size("embedding_dim", 50, 70)
    weights = [lesson.Embedding(rows, columns).weight for _ in range(5)]
    together = torch.stack(weights)
    return {
        "shape": tuple(weights[0].shape),
        "spread": together.std(),
        "share below -1": (together < -1).float().mean(),
        "share above 2": (together > 2).float().mean(),
    }


@check("Embedding.__init__", cases=2)
def table_of_the_generator(lesson, draw):
    """The numbers come from the generator: with the same state it gives the same table."""
    rows, columns = draw.size("num_embeddings", 2, 5), draw.size("embedding_dim", 3, 4)
    generator = draw.generator()
    state = generator.get_state()
    first = lesson.Embedding(rows, columns, generator=generator).weight
    generator.set_state(state)
    second = lesson.Embedding(rows, columns, generator=generator).weight
    return {"difference of two tables": second - first}


mistake(
    "Embedding.__init__",
    replace="torch.randn(num_embeddings, embedding_dim,",
    by="torch.randn(embedding_dim, num_embeddings,",
    says="rows and columns are exchanged: one row for each character",
)
mistake(
    "Embedding.__init__",
    replace="torch.randn(",
    by="torch.rand(",
    says="torch.rand is uniform from 0 to 1; torch.randn draws standard normal numbers",
)
mistake(
    "Embedding.__init__",
    replace=", generator=generator)",
    by=")",
    says="the generator is not used",
)
mistake(
    "Embedding.__init__",
    replace="generator=generator)",
    by="generator=generator) / num_embeddings**0.5",
    says="the numbers are divided as the weights of a Linear are; an embedding begins standard "
    "normal",
)
mistake(
    "Embedding.__init__",
    body="self.weight = torch.zeros(num_embeddings, embedding_dim)",
    says="all characters begin with the same vector of zeros; draw standard normal numbers",
)


@check("Embedding.__call__", cases=4)
def rows_of_the_table(lesson, draw):
    """Each index becomes its row of the table, for indices of any shape."""
    rows, columns = draw.size("weight", 2, 6), draw.size("weight", 2, 4)
    layer = lesson.Embedding(rows, columns)
    put(layer, weight=draw.tensor("weight", rows, columns))
    shape = [(3,), (1, 2), (2, 4), (2, 3, 2)][draw.case]
    return {"vectors": layer(draw.indices("indices", *shape, high=rows))}


@check("Embedding.__call__", cases=2, **SINGLE)
def gradient_of_the_table(lesson, draw):
    """The gradient reaches the table, more than once for an index that occurs more than once."""
    layer = lesson.Embedding(3, 2)
    put(layer, weight=draw.tensor("weight", 3, 2))
    layer.weight.requires_grad_()
    vectors = layer(draw.given("indices", torch.tensor([[0, 2, 2]])))
    (vectors * draw.tensor("gradient of the result", 1, 3, 2)).sum().backward()
    return {"gradient of the weight": layer.weight.grad}


mistake(
    "Embedding.__call__",
    replace="self.weight[indices]",
    by="self.weight[indices].flatten(1)",
    says="the vectors are put side by side; each index keeps a vector of its own, "
    "in a dimension more",
)
mistake(
    "Embedding.__call__",
    replace="self.weight[indices]",
    by="self.weight[:, indices]",
    says="the columns are indexed; the rows hold the vectors",
)
mistake(
    "Embedding.__call__",
    replace="self.weight[indices]",
    by="self.weight[indices].detach()",
    says="the vectors are cut off from the graph, so the table gets no gradient",
)
mistake(
    "Embedding.__call__",
    replace="self.weight[indices]",
    by="self.weight[indices - 1]",
    says="every index is one too low; the first row belongs to index 0",
)
mistake(
    "Embedding.__call__",
    replace="self.weight[indices]",
    by="self.weight[indices].sum(-2)",
    says="the vectors of a row are added up, which loses their order; keep each of them",
)


@check("Embedding.parameters", cases=2)
def the_table_itself(lesson, draw):
    """There is one parameter, the table; what changes it in place changes the layer."""
    layer = lesson.Embedding(draw.size("weight", 2, 4), 3)
    put(layer, weight=draw.tensor("weight", *layer.weight.shape))
    parameters = layer.parameters()
    observed = {"number": len(parameters), "parameters": [p.clone() for p in parameters]}
    with torch.no_grad():
        for p in parameters:
            p.mul_(2)
    return observed | {"weight after doubling the parameters": layer.weight}


@check("Embedding.parameters", cases=2)
def a_list(lesson, draw):
    """Lists of parameters can be put together with +."""
    layer = lesson.Embedding(draw.size("weight", 2, 4), 2)
    put(layer, weight=draw.tensor("weight", *layer.weight.shape))
    return {"two lists together": [] + list(layer.parameters()) + list(layer.parameters())}


mistake(
    "Embedding.parameters",
    replace="[self.weight]",
    by="[self.weight.clone()]",
    says="this is a copy of the table, so what an optimiser changes never reaches the layer",
)
mistake(
    "Embedding.parameters",
    replace="[self.weight]",
    by="[]",
    says="the table is a parameter, or training never moves it",
)
mistake(
    "Embedding.parameters",
    replace="[self.weight]",
    by="self.weight",
    says="this is the table itself; a list with the table in it is asked for",
)
mistake(
    "Embedding.parameters",
    replace="[self.weight]",
    by="[self.weight, self.weight]",
    says="the table stands in the list twice, so each step would move it twice",
)


# --- FlattenConsecutive --------------------------------------------------------------------------


@check("FlattenConsecutive.__call__", cases=4)
def pairs_become_one_place(lesson, draw):
    """Neighbours in time are put side by side, the earlier first."""
    batch, channels = draw.size("x", 1, 3), draw.size("x", 2, 3)
    x = draw.tensor("x", batch, [4, 6, 8, 2][draw.case], channels)
    return {"output": lesson.FlattenConsecutive(draw.given("n", 2))(x), "x afterwards": x}


@check("FlattenConsecutive.__call__", cases=4)
def groups_of_other_sizes(lesson, draw):
    """n may be other than 2, and 1 joins nothing."""
    n = draw.given("n", [3, 4, 1, 5][draw.case])
    x = draw.tensor("x", 2, n * draw.integer("x", 2, 3), 2)
    return {"output": lesson.FlattenConsecutive(n)(x)}


@check("FlattenConsecutive.__call__", cases=4)
def one_place_is_left(lesson, draw):
    """A single place that is left is dropped; a batch of one or a single channel is not."""
    n = draw.given("n", [2, 4, 2, 1][draw.case])
    batch, channels = [(3, 2), (2, 1), (1, 2), (1, 1)][draw.case]
    return {"output": lesson.FlattenConsecutive(n)(draw.tensor("x", batch, n, channels))}


@check("FlattenConsecutive.__call__", cases=2)
def one_example(lesson, draw):
    """A batch of one keeps its dimension while there are several places."""
    x = draw.tensor("x", 1, 4, draw.size("x", 1, 3))
    return {"output": lesson.FlattenConsecutive(draw.given("n", 2))(x)}


mistake(
    "FlattenConsecutive.__call__",
    replace="return x.squeeze(1)",
    by="return x",
    says="the last place keeps its dimension of size 1; drop it where one place is left",
)
mistake(
    "FlattenConsecutive.__call__",
    replace="x.squeeze(1)",
    by="x.squeeze()",
    says="squeeze() drops every dimension of size 1, a batch of one example too; "
    "name the dimension",
)
mistake(
    "FlattenConsecutive.__call__",
    replace="x.reshape(B, T // self.n, C * self.n)",
    by="x.reshape(B, self.n, -1)",
    says="n is taken for the number of places that are left; it is the number of neighbours joined",
)
mistake(
    "FlattenConsecutive.__call__",
    replace="x.reshape(B, T // self.n, C * self.n)",
    by="torch.cat(x.split(T // self.n, dim=1), dim=2)",
    says="places far apart are joined, such as the first with the one in the middle; "
    "neighbours belong together",
)
mistake(
    "FlattenConsecutive.__call__",
    replace="x.reshape(B, T // self.n, C * self.n)",
    by="x.view(B, T // self.n, self.n, C).transpose(2, 3).reshape(B, T // self.n, C * self.n)",
    says="the channels of the neighbours are mixed one by one; "
    "all those of the earlier come first",
)
mistake(
    "FlattenConsecutive.__call__",
    replace="x.reshape(B, T // self.n, C * self.n)",
    by="x.view(B, T // self.n, self.n, C).flip(2).reshape(B, T // self.n, C * self.n)",
    says="the later neighbour comes first; the earlier one must",
)
mistake(
    "FlattenConsecutive.__call__",
    replace="x.reshape(B, T // self.n, C * self.n)",
    by="x.reshape(B, T // 2, C * 2)",
    says="two neighbours are joined whatever n is",
)
mistake(
    "FlattenConsecutive.__call__",
    replace="x.reshape(B, T // self.n, C * self.n)\n",
    by="x.reshape(B, -1)\n",
    says="all places are flattened at once; join only n neighbours",
)
mistake(
    "FlattenConsecutive.__call__",
    replace="x.reshape(B, T // self.n, C * self.n)\n",
    by="x.view(B, T // self.n, self.n, C).sum(2)\n",
    says="the neighbours are added up; put their channels side by side",
)


# --- BatchNorm1d ---------------------------------------------------------------------------------


@check("BatchNorm1d.__call__", **SINGLE)
def rows_in_training(lesson, draw):
    """Of (N, C) each channel is normalised over the batch, and the running statistics follow."""
    channels = draw.size("x", 1, 3)
    x = draw.tensor("x", draw.size("x", 3, 6), channels)
    layer = drawn_batchnorm(lesson, draw, channels, training=True)
    return observe_batchnorm(layer, x) | {"x afterwards": x}


@check("BatchNorm1d.__call__", **SINGLE)
def places_in_training(lesson, draw):
    """Of (N, T, C) each channel is normalised over batch and places; C numbers run along."""
    channels = draw.size("x", 1, 3)
    x = draw.tensor("x", draw.size("x", 1, 3), draw.size("x", 2, 4), channels)
    return observe_batchnorm(drawn_batchnorm(lesson, draw, channels, training=True), x)


@check("BatchNorm1d.__call__", cases=4, **SINGLE)
def evaluation(lesson, draw):
    """In evaluation the running statistics are used and stay as they are, for one example too."""
    shape = [(1, 2), (4, 2), (1, 3, 2), (2, 1, 2)][draw.case]
    layer = drawn_batchnorm(lesson, draw, 2, training=False)
    return observe_batchnorm(layer, draw.tensor("x", *shape))


@check("BatchNorm1d.__call__", cases=2, **SINGLE)
def training_then_evaluation(lesson, draw):
    """The statistics of several batches, of any kind, serve in evaluation."""
    layer = drawn_batchnorm(lesson, draw, 2, training=True)
    layer(draw.tensor("first batch", 3, 2, 2))
    layer(draw.tensor("second batch", 2, 4, 2))
    layer.training = False
    x = draw.tensor("x", *[(1, 2, 2), (2, 3, 2)][draw.case])
    return observe_batchnorm(layer, x)


@check("BatchNorm1d.__call__", cases=2, **SINGLE)
def constant_channel(lesson, draw):
    """eps, inside the root, keeps a channel without spread finite."""
    layer = lesson.BatchNorm1d(2, eps=draw.choice("eps", [0.5, 0.25]))
    x = draw.given("x", torch.tensor([[1.0, 1.0], [1.0, 3.0], [1.0, 0.5], [1.0, 4.0]]))
    x = x.view(2, 2, 2) if draw.case else x
    return {"output": layer(x)}


@check("BatchNorm1d.__call__", cases=2, **SINGLE)
def gradients(lesson, draw):
    """Gradients go through the batch's statistics; the running ones carry no graph."""
    layer = drawn_batchnorm(lesson, draw, 2, training=True)
    layer.gamma.requires_grad_()
    layer.beta.requires_grad_()
    shape = [(3, 2), (2, 2, 2)][draw.case]
    x = draw.tensor("x", *shape).requires_grad_()
    (layer(x) * draw.tensor("gradient of the result", *shape)).sum().backward()
    return {
        "gradient of beta": layer.beta.grad,
        "gradient of gamma": layer.gamma.grad,
        "gradient of x": x.grad,
        "running_mean requires grad": layer.running_mean.requires_grad,
        "running_var requires grad": layer.running_var.requires_grad,
    }


mistake(
    "BatchNorm1d.__call__",
    replace="dims = tuple(range(x.dim() - 1))\n    mean, variance = x.mean(dims), x.var(dims)",
    by="mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)",
    says="for three dimensions the statistics are taken over the batch alone, each place apart; "
    "take them over batch and places, dimensions 0 and 1",
)
mistake(
    "BatchNorm1d.__call__",
    replace="tuple(range(x.dim() - 1))",
    by="tuple(range(x.dim()))",
    says="all channels are normalised together; each has statistics of its own",
)
mistake(
    "BatchNorm1d.__call__",
    replace="mean, variance = x.mean(dims), x.var(dims)",
    by="mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True)",
    says="the statistics are taken over the channels, as LayerNorm does; "
    "take them over everything else",
)
mistake(
    "BatchNorm1d.__call__",
    replace="x.var(dims)",
    by="x.var(dims, unbiased=False)",
    says="this variance divides by N; the unbiased one divides by N - 1",
)
mistake(
    "BatchNorm1d.__call__",
    replace="x.var(dims)",
    by="x.std(dims)",
    says="this is the standard deviation where the variance is needed",
)
mistake(
    "BatchNorm1d.__call__",
    body="""
    if self.training:
        dims = tuple(range(x.dim() - 1))
        mean, variance = x.mean(dims), x.var(dims)
        with torch.no_grad():
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * variance
    else:
        mean, variance = self.running_mean, self.running_var
    normalised = (x - mean) / torch.sqrt(variance + self.eps)
    return self.gamma * normalised + self.beta
    """,
    says="the momentum is reversed: it is the share of the new statistics, not of the old",
)
mistake(
    "BatchNorm1d.__call__",
    replace="self.momentum",
    by="0.1",
    says="the share of the new statistics is always 0.1; use self.momentum",
)
mistake(
    "BatchNorm1d.__call__",
    replace=" + self.eps)",
    by=")",
    says="eps is missing, so a channel without spread divides by zero",
)
mistake(
    "BatchNorm1d.__call__",
    replace="torch.sqrt(variance + self.eps)",
    by="(torch.sqrt(variance) + self.eps)",
    says="eps is added to the root; it belongs under it, to the variance",
)
mistake(
    "BatchNorm1d.__call__",
    replace="if self.training:",
    by="if True:",
    says="the flag `training` is not looked at: evaluation must use the running statistics",
)
mistake(
    "BatchNorm1d.__call__",
    replace="with torch.no_grad():",
    by="if True:",
    says="the running statistics are part of the graph, which then grows with every batch; "
    "update them inside torch.no_grad()",
)
mistake(
    "BatchNorm1d.__call__",
    replace="mean, variance = x.mean(dims), x.var(dims)",
    by="mean, variance = x.detach().mean(dims), x.detach().var(dims)",
    says="the batch's statistics are cut off from the graph; the gradient must go through them",
)
mistake(
    "BatchNorm1d.__call__",
    replace="return self.gamma * normalised + self.beta",
    by="return normalised",
    says="gamma and beta are not applied",
)
mistake(
    "BatchNorm1d.__call__",
    replace="return self.gamma * normalised + self.beta",
    by="return self.gamma * (normalised + self.beta)",
    says="beta is added before gamma multiplies; multiply first",
)
mistake(
    "BatchNorm1d.__call__",
    replace="self.running_var = (1 - self.momentum) * self.running_var + self.momentum * variance",
    by="pass",
    says="running_var is not updated",
)
mistake(
    "BatchNorm1d.__call__",
    replace="normalised = (x - mean)",
    by="mean, variance = self.running_mean, self.running_var\nnormalised = (x - mean)",
    says="training normalises with the running statistics; it must use the batch's own",
)
mistake(
    "BatchNorm1d.__call__",
    replace="(1 - self.momentum) * self.running_mean + self.momentum * mean",
    by="self.running_mean + self.momentum * mean",
    says="the old running mean is not scaled by 1 - momentum, so it grows without end",
)


# --- Sequential ----------------------------------------------------------------------------------


@check("Sequential.__call__", cases=4)
def one_after_the_other(lesson, draw):
    """The input goes through all layers, in order; without layers it comes back."""
    factors = draw.numbers("factors", draw.size("factors", 0, 3))
    model = lesson.Sequential([Plain(factor) for factor in factors])
    return {"output": model(draw.tensor("x", 2, 2))}


@check("Sequential.__call__", cases=2)
def called_twice(lesson, draw):
    """A second call begins with its own input."""
    model = lesson.Sequential([Plain(draw.number("factor")), torch.tanh])
    model(draw.tensor("first", 2))
    return {"second output": model(draw.tensor("second", 2)), "layers": len(model.layers)}


@check("Sequential.__call__", cases=2)
def nested(lesson, draw):
    """A Sequential may be a layer of another one."""
    a, b, c = (Plain(draw.number(name)) for name in ("a", "b", "c"))
    model = lesson.Sequential([a, lesson.Sequential([b, c]), torch.exp])
    return {"output": model(draw.tensor("x", 2))}


mistake(
    "Sequential.__call__",
    body="""
    out = x
    for layer in self.layers:
        out = layer(x)
    return out
    """,
    says="every layer gets the first input, so only the last one counts; "
    "each must get the output of the one before",
)
mistake(
    "Sequential.__call__",
    replace="in self.layers",
    by="in reversed(self.layers)",
    says="the layers are called from last to first",
)
mistake(
    "Sequential.__call__",
    replace="    x = layer(x)\nreturn x",
    by="    x = layer(x)\n    return x",
    says="`return` stands inside the loop, so only the first layer is called",
)
mistake(
    "Sequential.__call__",
    replace="x = layer(x)",
    by="layer(x)",
    says="what the layers return is dropped; keep it as the next input",
)
mistake(
    "Sequential.__call__",
    replace="x = layer(x)",
    by="x = x + layer(x)",
    says="the input is added to each layer's output; hand on the output alone",
)


@check("Sequential.parameters", cases=3)
def all_in_order(lesson, draw):
    """The parameters of all layers stand in one flat list, in order; a layer may have none."""
    tensors = [draw.tensor(f"tensor {i}", i + 1) for i in range(draw.size("tensor 0", 2, 4))]
    model = lesson.Sequential([Plain(1.0, *tensors[1:]), Plain(2.0), Plain(3.0, tensors[0])])
    return {"parameters": model.parameters()}


@check("Sequential.parameters", cases=2)
def parameters_of_nested(lesson, draw):
    """A Sequential in a Sequential gives its parameters too, in its place."""
    one, two, three = (draw.tensor(name, draw.integer(name, 1, 3)) for name in "abc")
    inner = lesson.Sequential([Plain(1.0, two), Flagged(1.0, True)])
    model = lesson.Sequential([Plain(1.0, one), inner, Plain(1.0, three)])
    return {"parameters": model.parameters()}


@check("Sequential.parameters", cases=2)
def the_tensors_themselves(lesson, draw):
    """What changes the parameters in place changes the layers."""
    tensors = [draw.tensor(f"tensor {i}", 2) for i in range(draw.size("tensor 0", 1, 3))]
    layers = [Plain(1.0, tensor) for tensor in tensors]
    for p in lesson.Sequential(layers).parameters():
        p.add_(1)
    return {"tensors after adding 1 to the parameters": tensors}


mistake(
    "Sequential.parameters",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="[layer.parameters() for layer in self.layers]",
    says="this is a list of lists; one flat list is asked for",
)
mistake(
    "Sequential.parameters",
    replace="[p for layer",
    by="[p.clone() for layer",
    says="these are copies, so what an optimiser changes never reaches the layers",
)
mistake(
    "Sequential.parameters",
    replace="in self.layers for",
    by="in reversed(self.layers) for",
    says="the layers are taken from last to first",
)
mistake(
    "Sequential.parameters",
    replace="for p in layer.parameters()]",
    by="for p in layer.parameters()[:1]]",
    says="only the first parameter of each layer is taken; a Linear has a bias too",
)
mistake(
    "Sequential.parameters",
    replace="in self.layers for",
    by="in self.layers[:-1] for",
    says="the last layer is left out",
)
mistake(
    "Sequential.parameters",
    replace="for layer in self.layers for",
    by='for layer in self.layers if not hasattr(layer, "layers") for',
    says="a Sequential among the layers is passed over; its parameters count too",
)


# --- set_training --------------------------------------------------------------------------------


@check("set_training", cases=4)
def every_flag(lesson, draw):
    """Every layer with the flag gets the mode, whatever it was before; others get no flag."""
    before = [draw.choice("flags", [True, False]) for _ in range(draw.size("flags", 1, 4))]
    draw.given("flags", before)
    layers = [Plain(1.0), *(Flagged(2.0, flag) for flag in before), Plain(3.0)]
    lesson.set_training(lesson.Sequential(layers), draw.given("mode", draw.case % 2 == 1))
    return {"attributes of the layers": [vars(layer) for layer in layers]}


@check("set_training", cases=2)
def flags_of_nested(lesson, draw):
    """Layers of a Sequential in the Sequential are told too."""
    mode = draw.given("mode", bool(draw.case))
    outer, inner, innermost = (Flagged(1.0, not mode) for _ in range(3))
    nested = lesson.Sequential([Plain(1.0), inner, lesson.Sequential([innermost])])
    lesson.set_training(lesson.Sequential([nested, outer]), mode)
    return {
        "outer flag": outer.training,
        "inner flag": inner.training,
        "innermost flag": innermost.training,
    }


@check("set_training", cases=2)
def twice(lesson, draw):
    """Setting the same mode twice changes nothing more."""
    layer = Flagged(1.0, draw.choice("flag", [True, False]))
    model, mode = lesson.Sequential([layer]), draw.given("mode", bool(draw.case))
    lesson.set_training(model, mode)
    lesson.set_training(model, mode)
    return {"flag": layer.training}


mistake(
    "set_training",
    replace='if hasattr(layer, "training"):\n        layer.training = mode',
    by="layer.training = mode",
    says="layers that had no flag get one; look first whether it is there",
)
mistake(
    "set_training",
    replace="layer.training = mode",
    by="layer.training = False",
    says="the flag is always turned off; set it to the mode that is asked for",
)
mistake(
    "set_training",
    replace="layer.training = mode",
    by="layer.training = not layer.training",
    says="the flag is turned round, whatever it was; set it to the mode",
)
mistake(
    "set_training",
    replace='if hasattr(layer, "layers"):\n        set_training(layer, mode)',
    by="pass",
    says="layers of a Sequential among the layers are not told",
)
mistake(
    "set_training",
    replace='if hasattr(layer, "layers"):\n        set_training(layer, mode)',
    by='if hasattr(layer, "layers"):\n        set_training(layer, not mode)',
    says="a nested Sequential is put into the opposite mode",
)
mistake(
    "set_training",
    replace="layer.training = mode",
    by="layer.training = mode\n        break",
    says="the loop ends after the first layer with a flag",
)
mistake(
    "set_training",
    body="""
    for layer in model.layers:
        if isinstance(layer, BatchNorm1d):
            layer.training = mode
    """,
    says="only BatchNorm1d is told; ask every layer whether it has the flag",
)


# --- count_parameters ----------------------------------------------------------------------------


@check("count_parameters", cases=4)
def elements(lesson, draw):
    """The elements of all tensors are counted, of any number of dimensions."""
    shapes = [(3,), (2, 4), (), (2, 3, 2), (5, 1)]
    shapes = draw.given("shapes of the parameters", shapes[: [1, 3, 4, 5][draw.case]])
    tensors = [torch.zeros(shape) for shape in shapes]
    return {"count": lesson.count_parameters(Plain(1.0, *tensors))}


@check("count_parameters", cases=2)
def frozen_ones(lesson, draw):
    """Tensors count whether they require a gradient or not, and a model may have none."""
    sizes = draw.given("sizes of the parameters", [[], [2, 3]][draw.case])
    tensors = [torch.zeros(size, requires_grad=size % 2 == 0) for size in sizes]
    return {"count": lesson.count_parameters(Plain(1.0, *tensors))}


mistake(
    "count_parameters",
    body="return len(model.parameters())",
    says="this is the number of tensors; count their elements",
)
mistake(
    "count_parameters",
    replace="p.nelement()",
    by="(len(p) if p.dim() else 1)",
    says="len of a tensor is the size of its first dimension; count all elements",
)
mistake(
    "count_parameters",
    replace="in model.parameters())",
    by="in model.parameters() if p.dim() > 1)",
    says="only matrices are counted; biases and the parameters of BatchNorm count too",
)
mistake(
    "count_parameters",
    replace="in model.parameters())",
    by="in model.parameters() if p.requires_grad)",
    says="tensors that require no gradient are left out; count all that parameters() gives",
)
mistake(
    "count_parameters",
    replace="p.nelement()",
    by="sum(p.shape)",
    says="the sizes of a tensor's dimensions are added; its elements are their product",
)


# --- build_wavenet -------------------------------------------------------------------------------


def built(lesson, draw):
    """A small tree of the case's size."""
    sizes = {
        "vocab_size": draw.integer("vocab_size", 3, 6),
        "n_embd": draw.integer("n_embd", 2, 4),
        "n_hidden": draw.integer("n_hidden", 3, 5),
        "block_size": draw.given("block_size", [2, 4, 8, 16][draw.case]),
    }
    return lesson.build_wavenet(**sizes), sizes


@check("build_wavenet", cases=4)
def shapes_of_the_parameters(lesson, draw):
    """The parameters have the shapes of the tree, for contexts of several lengths."""
    model, _ = built(lesson, draw)
    return {
        "layers": len(model.layers),
        "shapes": [tuple(p.shape) for p in model.parameters()],
        "requires_grad": [p.requires_grad for p in model.parameters()],
        "is a leaf": [p.is_leaf for p in model.parameters()],
    }


@check("build_wavenet", cases=1)
def the_lectures_size(lesson, draw):
    """The lecture's model has its shapes; without block_size the context is eight characters."""
    sizes = draw.given("vocab_size, n_embd, n_hidden", [27, 24, 128])
    model = lesson.build_wavenet(*sizes)
    return {"shapes": [tuple(p.shape) for p in model.parameters()]}


@check("build_wavenet", cases=3, **SINGLE)
def logits_of_the_tree(lesson, draw):
    """With given weights the layers, in their order, give the logits of the tree."""
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


@check("build_wavenet", cases=1, **SPREAD)
def spread_of_the_weights(lesson, draw):
    """Weights begin with the spread of their layers, the last ones with a tenth of it."""
    sizes = draw.given("vocab_size, n_embd, n_hidden, block_size", [50, 20, 64, 4])
    model = lesson.build_wavenet(*sizes)
    parameters = model.parameters()
    return {
        "spreads": [p.std() for p in parameters],
        "spread of the last weight, times ten": 10 * parameters[-2].std(),
        "means of the vectors": [p.mean() for p in parameters if p.dim() == 1],
    }


@check("build_wavenet", cases=1)
def weights_of_the_generator(lesson, draw):
    """All weights come from the generator: with the same state it builds the same model."""
    generator = draw.generator()
    state = generator.get_state()
    sizes = draw.given("vocab_size, n_embd, n_hidden, block_size", [4, 2, 3, 4])
    first = lesson.build_wavenet(*sizes, generator=generator).parameters()
    generator.set_state(state)
    second = lesson.build_wavenet(*sizes, generator=generator).parameters()
    return {"differences": [b - a for a, b in zip(first, second, strict=True)]}


mistake(
    "build_wavenet",
    replace="bias=False, generator",
    by="generator",
    says="the Linear layers before a BatchNorm keep their bias, which the mean takes away again",
)
mistake(
    "build_wavenet",
    replace="layers[-1].weight *= 0.1\n",
    by="",
    says="the last weights are not scaled down, so the untrained model is confidently wrong",
)
mistake(
    "build_wavenet",
    replace="    p.requires_grad = True\n",
    by="    pass\n",
    says="the parameters do not require gradients, so nothing can be trained",
)
mistake(
    "build_wavenet",
    body="""
    layers = [Embedding(vocab_size, n_embd, generator), FlattenConsecutive(block_size)]
    layers += [Linear(block_size * n_embd, n_hidden, bias=False, generator=generator)]
    layers += [BatchNorm1d(n_hidden), Tanh(), Linear(n_hidden, vocab_size, generator=generator)]
    layers[-1].weight *= 0.1
    model = Sequential(layers)
    for p in model.parameters():
        p.requires_grad = True
    return model
    """,
    says="the whole context is flattened at once, as in part 2; join two neighbours a level",
)
mistake(
    "build_wavenet",
    replace="width, places = n_hidden, places // 2",
    by="places = places // 2",
    says="every level expects the width of the embedding; after the first it is n_hidden",
)
mistake(
    "build_wavenet",
    replace="Linear(2 * width,",
    by="Linear(width,",
    says="a Linear here gets two neighbours side by side: 2 * width inputs",
)
mistake(
    "build_wavenet",
    replace="BatchNorm1d(n_hidden), Tanh()]",
    by="Tanh(), BatchNorm1d(n_hidden)]",
    says="BatchNorm stands after the Tanh; it belongs before it",
)
mistake(
    "build_wavenet",
    replace="BatchNorm1d(n_hidden), Tanh()]",
    by="BatchNorm1d(n_hidden)]",
    says="the Tanh is missing, so all levels together are one linear layer",
)
mistake(
    "build_wavenet",
    replace="linear, BatchNorm1d(n_hidden), Tanh()]",
    by="linear, Tanh()]",
    says="the BatchNorm is missing",
)
mistake(
    "build_wavenet",
    replace="while places > 1:",
    by="for places in (8, 4, 2):",
    says="there are always three levels; their number follows from block_size",
)
mistake(
    "build_wavenet",
    replace="Linear(width, vocab_size, generator=generator)",
    by="Linear(width, vocab_size, bias=False, generator=generator)",
    says="the last Linear has no bias; with no BatchNorm after it, it needs one",
)
mistake(
    "build_wavenet",
    replace="layers[-1].weight *= 0.1\n",
    by="for layer in layers[3::4] + layers[-1:]:\n    layer.weight *= 0.1\n",
    says="the weights of all Linear layers are scaled down; only the last one's should be",
)
mistake(
    "build_wavenet",
    replace="Embedding(vocab_size, n_embd, generator)",
    by="Embedding(vocab_size, n_embd)",
    says="the embedding does not use the generator",
)


# --- receptive_field -----------------------------------------------------------------------------


@check("receptive_field", cases=5)
def stacks_of_any_kind(lesson, draw):
    """Each layer looks (kernel_size - 1) * dilation further back."""
    kernel_size = draw.integer("kernel_size", 2, 5)
    dilations = [draw.integer("dilations", 1, 9) for _ in range(draw.size("dilations", 1, 5))]
    return {"characters": lesson.receptive_field(kernel_size, draw.given("dilations", dilations))}


@check("receptive_field", cases=3)
def smallest_ones(lesson, draw):
    """Without layers, or with a kernel of one, an output sees one character."""
    kernel_size = draw.given("kernel_size", [2, 1, 4][draw.case])
    dilations = draw.given("dilations", [[], [1, 2, 4], []][draw.case])
    return {"characters": lesson.receptive_field(kernel_size, dilations)}


mistake(
    "receptive_field",
    replace="return 1 + ",
    by="return ",
    says="the place itself is forgotten: add 1",
)
mistake(
    "receptive_field",
    replace="(kernel_size - 1)",
    by="kernel_size",
    says="one of the kernel's taps sits on the present and reaches no further back",
)
mistake(
    "receptive_field",
    replace="1 + (kernel_size - 1) * sum(dilations)",
    by="kernel_size ** len(dilations)",
    says="this holds for a tree, whose dilations are powers of the kernel size; "
    "other dilations are allowed",
)
mistake(
    "receptive_field",
    replace="sum(dilations)",
    by="len(dilations)",
    says="the dilations are not used",
)
mistake(
    "receptive_field",
    replace="sum(dilations)",
    by="max(dilations, default=0)",
    says="only the layer with the largest dilation is counted; all of them look further back",
)


# --- causal_convolution --------------------------------------------------------------------------


@check("causal_convolution", cases=4, **SINGLE)
def weighted_past(lesson, draw):
    """Each output is the weighted sum of the present and of what lies `dilation` apart before."""
    channels, out = draw.size("x", 1, 3), draw.size("weight", 1, 2)
    x = draw.tensor("x", 1, draw.size("x", 3, 7), channels)
    weight = draw.tensor("weight", draw.size("weight", 2, 4), channels, out)
    return {
        "dilation 1": lesson.causal_convolution(x, weight),
        "dilation 2": lesson.causal_convolution(x, weight, dilation=2),
        "x afterwards": x,
    }


@check("causal_convolution", cases=5, **SINGLE)
def sizes_at_the_edge(lesson, draw):
    """One character, one tap, several examples, or a dilation that reaches beyond the beginning."""
    sizes = [(1, 1, 2, 1), (2, 3, 1, 2), (3, 2, 3, 4), (2, 6, 2, 3), (1, 3, 2, 4)]
    batch, time, taps, dilation = sizes[draw.case]
    x = draw.tensor("x", batch, time, 2)
    weight = draw.tensor("weight", taps, 2, 3)
    return {"output": lesson.causal_convolution(x, weight, draw.given("dilation", dilation))}


@check("causal_convolution", cases=2, **SINGLE)
def future_changed(lesson, draw):
    """What comes later does not change what was computed before."""
    x = draw.tensor("x", 1, 5, 2)
    weight = draw.tensor("weight", 3, 2, 2)
    changed = x.clone()
    place = draw.integer("changed place", 1, 3)
    changed[:, place] += 10
    before = lesson.causal_convolution(x, weight, draw.given("dilation", 1 + draw.case))
    after = lesson.causal_convolution(changed, weight, 1 + draw.case)
    return {"outputs before that place": after[:, :place], "change": after - before}


@check("causal_convolution", cases=2, **SINGLE)
def gradients_of_both(lesson, draw):
    """Input and weight get their gradients."""
    x = draw.tensor("x", 2, 4, 2).requires_grad_()
    weight = draw.tensor("weight", 2, 2, 3).requires_grad_()
    out = lesson.causal_convolution(x, weight, draw.given("dilation", 1 + draw.case))
    (out * draw.tensor("gradient of the result", 2, 4, 3)).sum().backward()
    return {"gradient of x": x.grad, "gradient of weight": weight.grad}


mistake(
    "causal_convolution",
    replace="F.pad(x, (0, 0, (taps - 1) * dilation, 0))",
    by="F.pad(x, (0, 0, 0, (taps - 1) * dilation))",
    says="the zeros stand after the end, so each output looks ahead; put them before the beginning",
)
mistake(
    "causal_convolution",
    replace="F.pad(x, (0, 0, (taps - 1) * dilation, 0))",
    by="F.pad(x, (0, 0, (taps * dilation - dilation) // 2, (taps * dilation - dilation + 1) // 2))",
    says="the zeros stand on both sides, so outputs look ahead; put them all before the beginning",
)
mistake(
    "causal_convolution",
    replace="shifted[k] @ weight[k]",
    by="shifted[k] @ weight[taps - 1 - k]",
    says="the taps are reversed: the last one meets the present",
)
mistake(
    "causal_convolution",
    replace="padded[:, k * dilation : k * dilation + time]",
    by="padded[:, k : k + time]",
    says="the taps are one step apart, whatever the dilation is",
)
mistake(
    "causal_convolution",
    replace="F.pad(x, (0, 0, (taps - 1) * dilation, 0))",
    by="F.pad(x, ((taps - 1) * dilation, 0))",
    says="F.pad counts dimensions from the last: these zeros became channels, not time steps",
)
mistake(
    "causal_convolution",
    body="""
    taps, time = weight.shape[0], x.shape[1] - (weight.shape[0] - 1) * dilation
    shifted = [x[:, k * dilation : k * dilation + time] for k in range(taps)]
    return sum(shifted[k] @ weight[k] for k in range(taps))
    """,
    says="without zeros before the beginning the output is too short; "
    "each of the T places needs an output",
)
mistake(
    "causal_convolution",
    replace="padded = F.pad(x, (0, 0, (taps - 1) * dilation, 0))",
    by="padded = torch.cat([x[:, :1].expand(-1, (taps - 1) * dilation, -1), x], dim=1)",
    says="the first character is repeated before the beginning; zeros belong there",
)
mistake(
    "causal_convolution",
    body="""
    shifted = [x.roll((weight.shape[0] - 1 - k) * dilation, dims=1) for k in range(len(weight))]
    return sum(shifted[k] @ weight[k] for k in range(len(weight)))
    """,
    says="roll brings the end round to the beginning, so the future leaks in; zeros belong there",
)
mistake(
    "causal_convolution",
    replace="F.pad(x, (0, 0, (taps - 1) * dilation, 0))",
    by="F.pad(x, (0, 0, taps * dilation, 0))",
    says="there are too many zeros, so even the last tap misses the present",
)


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


@check("logits_everywhere", cases=5, **SINGLE)
def logits_of_all_windows(lesson, draw):
    """At every place stand the logits of the tree; before the first full window zeros fill it."""
    levels, batch, time = [(1, 1, 2), (2, 2, 6), (3, 1, 11), (2, 2, 3), (3, 1, 1)][draw.case]
    model = trained_tree(lesson, draw, levels)
    logits = lesson.logits_everywhere(model, draw.indices("indices", batch, time, high=4))
    full = 2**levels - 1
    return {
        "shape": tuple(logits.shape),
        "logits of full windows": logits[:, full:],
        "logits before the first full window": logits[:, :full],
    }


@check("logits_everywhere", cases=2, **SINGLE)
def model_stays(lesson, draw):
    """The model is not changed."""
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


mistake(
    "logits_everywhere",
    replace="    dilation *= 2\n",
    by="",
    says="every level has dilation 1; the neighbours of a level are twice as far apart as those "
    "of the level below",
)
mistake(
    "logits_everywhere",
    replace="dilation *= 2",
    by="dilation += 1",
    says="the dilation grows by one a level; it doubles",
)
mistake(
    "logits_everywhere",
    replace="taps = linear.weight.view(2, -1, linear.weight.shape[1])",
    by="taps = linear.weight.view(2, -1, linear.weight.shape[1]).flip(0)",
    says="the taps are exchanged: the upper half of the weight meets the earlier neighbour",
)
mistake(
    "logits_everywhere",
    replace="linear.weight.view(2, -1, linear.weight.shape[1])",
    by="linear.weight.view(-1, 2, linear.weight.shape[1]).transpose(0, 1)",
    says="the weight is cut into every second row; its upper and lower halves are the taps",
)
mistake(
    "logits_everywhere",
    replace="tanh(batchnorm(",
    by="batchnorm(tanh(",
    says="the Tanh comes before the BatchNorm; keep the order of the layers",
)
mistake(
    "logits_everywhere",
    replace="tanh(batchnorm(causal_convolution(x, taps, dilation)))",
    by="tanh(causal_convolution(x, taps, dilation))",
    says="the BatchNorm is left out",
)
mistake(
    "logits_everywhere",
    body="return model(indices).unsqueeze(1).expand(-1, indices.shape[1], -1)",
    says="the whole text is sent through the tree, which wants windows of block_size; "
    "run its levels as convolutions",
)
mistake(
    "logits_everywhere",
    body="""
    size = 2 ** (len(model.layers) // 4)
    padded = F.pad(indices, (size - 1, 0))
    return torch.stack([model(padded[:, t : t + size]) for t in range(indices.shape[1])], dim=1)
    """,
    says="the tree runs once for each window, with token 0 before the beginning; run its levels as "
    "convolutions, where zeros fill each level",
)
mistake(
    "logits_everywhere",
    body="""
    size = 2 ** (len(model.layers) // 4)
    logits = [model(indices[:, t : t + size]) for t in range(indices.shape[1] - size + 1)]
    return torch.stack(logits, dim=1)
    """,
    says="there are logits for full windows only; every place needs them, and causal_convolution "
    "fills what is missing with zeros",
)
mistake(
    "logits_everywhere",
    body="""
    embedding, *levels, output = model.layers
    zeros = 2 ** (len(levels) // 4) - 1
    x, dilation = F.pad(embedding(indices), (0, 0, zeros, 0)), 1
    while levels:
        _, linear, batchnorm, tanh, *levels = levels
        taps = linear.weight.view(2, -1, linear.weight.shape[1])
        x = tanh(batchnorm(causal_convolution(x, taps, dilation)))
        dilation *= 2
    return output(x)[:, zeros:]
    """,
    says="zeros stand before the beginning once, and the first level makes something else of them; "
    "every level begins with zeros of its own",
)
mistake(
    "logits_everywhere",
    replace="return output(x)",
    by="return x",
    says="the last layer is left out: these are no logits yet",
)
