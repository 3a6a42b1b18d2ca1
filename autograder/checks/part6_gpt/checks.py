"""Checks of `part6_gpt`.

Weights are set by the attribute names that the docstrings promise. Where a class is made of others,
its `forward` is checked with simple layers in place of its parts, so that a fault in a part is not
blamed on the whole; and with its own parts only through what any right inside gives (what does not
change, what is counted). Random choices are forced by logits of 1,000, or judged by their shares.
"""

import string

import torch
from torch import nn

from autograder.checks import exercise
from autograder.checks.vocabulary import (
    afterwards,
    draws_of,
    means_by_chance,
    shares_by_chance,
    twice,
)

# A 2 that is dropped with a probability of 0.25 is 0 or 8/3.
DROPPED = means_by_chance(4000, spread=1.16)
DEEP = {
    "tolerance": (1e-4, 1e-4),
    "because": "float32 sums in another order, through several layers",
}


NORMALIZED = {
    "tolerance": (1e-3, 1e-3),
    "because": "mean of squares less squared mean cancels in float32",
}
# More rows and places than anybody expects in a small check, and no multiple of 4.
MANY_ROWS, MANY_PLACES = (35, 2), (2, 35)


# --- helpers -------------------------------------------------------------------------------------


def put(parameter, values):
    """Give a parameter of the lesson these values."""
    with torch.no_grad():
        parameter.copy_(values)


def drawn_linear(draw, name, inputs, outputs, bias=False):
    """A linear layer whose weights are drawn; it stands in for a part of the lesson."""
    layer = nn.Linear(inputs, outputs, bias=bias)
    put(layer.weight, draw.tensor(f"weight of {name}", outputs, inputs))
    if bias:
        put(layer.bias, draw.tensor(f"bias of {name}", outputs))
    return layer


def shape(tensor):
    return list(tensor.shape)


def count(module):
    """Number of all trained values."""
    return sum(parameter.numel() for parameter in module.parameters())


def shares_of_dropout(module, besides=()):
    """The different shares of the nn.Dropouts in a module, but for those in some of its parts."""
    known = {part for other in besides for part in other.modules()}
    parts = [part for part in module.modules() if isinstance(part, nn.Dropout)]
    return sorted({float(part.p) for part in parts if part not in known})


def with_other_future(draw, x, time):
    """x, and x with other values from a drawn time on; and that time."""
    start = draw.integer("first changed time", 1, x.shape[time] - 1)
    other = x.clone()
    if x.is_floating_point():
        other.narrow(time, start, x.shape[time] - start).add_(10.0)
    else:
        changed = other.narrow(time, start, x.shape[time] - start)
        changed.copy_((changed + 1) % 3)
    return x, other, start


def twice_on_tensors(draw, call, limit=2.0, **shapes):
    """Two calls with other numbers of the same sizes, none of them beyond the limit."""
    one, other = (
        {
            name: draw.tensor(which + name, *size, low=-limit, high=limit)
            for name, size in shapes.items()
        }
        for which in ("", "second ")
    )
    return twice(call, one, other)


def many_tokens(draw, call, high):
    """Logits and losses of a model for many rows, and twice for many places."""

    def drawn(*size):
        return {name: draw.indices(name, *size, high=high) for name in ("idx", "targets")}

    long = drawn(2, 35)
    with torch.no_grad():
        logits, loss = call(*drawn(1013, 1).values())
    return {
        "loss of 1,013 rows": loss,
        "logits of 1,013 rows": logits,
        **twice(call, long, drawn(2, 35)),
    }


def continued(draw, model, high):
    """Two texts of many rows, or of many tokens, each continued by three tokens."""
    size = (MANY_ROWS, MANY_PLACES)[draw.case]
    one, other = (
        {"idx": draw.indices(which + "idx", *size, high=high)} for which in ("", "second ")
    )
    return {
        **twice(lambda idx: model.generate(idx, 3), one, other),
        "in training mode afterwards": model.training,
        "gradients on afterwards": torch.is_grad_enabled(),
    }


def draws_of_text(draw, model):
    """Whether the generator decides; from the global streams a model may have drawn its weights."""
    torch.manual_seed(0)
    idx = torch.zeros(3, 1).long()
    return draws_of(draw, lambda generator: model.generate(idx, 8, generator=generator))


def probabilities_of_eleven():
    """One likely token and ten that are not, so that a temperature shows."""
    return torch.tensor([0.5] + 10 * [0.05])


def forced(following):
    """Logits for a softmax that is 1 at `following[i]` in row i, and 0 elsewhere."""
    return 1000.0 * torch.eye(len(following))[following]


def shares(tokens, number):
    """How often each of the tokens 0 .. number - 1 occurs, as a share."""
    return torch.bincount(tokens.flatten(), minlength=number) / tokens.numel()


# --- build_tokenizer -----------------------------------------------------------------------------


build_tokenizer = exercise("build_tokenizer")


@build_tokenizer.check
def numbers_in_sorted_order(lesson, draw):
    """Tokens number the distinct characters in sorted order, starting from 0."""
    text = draw.text("text", draw.size(2, 20), alphabet="zyCBa !?\n")
    encode, _ = lesson.build_tokenizer(text)
    return {"encode(text)": encode(text)}


@build_tokenizer.check
def decodes_any_tokens(lesson, draw):
    """decode joins the characters of any list of tokens into one string."""
    text = draw.given("text", "".join(draw.shuffled("text", "hello World")))
    _, decode = lesson.build_tokenizer(text)
    tokens = draw.indices("tokens", draw.size(1, 9), high=8).tolist()
    return {"decode(tokens)": decode(tokens)}


@build_tokenizer.check(cases=2)
def encodes_other_text(lesson, draw):
    """encode takes any text of the known characters, even an empty one."""
    encode, decode = lesson.build_tokenizer(draw.given("text", "the quick brown fox"))
    other = draw.text("other text", draw.size(0, 8), alphabet="thequick")
    return {"encode": encode(other), "decode(encode)": decode(encode(other))}


@build_tokenizer.check(cases=2)
def tokenizers_are_apart(lesson, draw):
    """A second tokenizer leaves the first one alone."""
    encode, decode = lesson.build_tokenizer(draw.given("first text", "bcd"))
    lesson.build_tokenizer(draw.text("second text", draw.size(4, 7), "abcdxyz"))
    return {"encode('dcb')": encode("dcb"), "decode([0, 1, 2])": decode([0, 1, 2])}


@build_tokenizer.check(cases=1)
def many_characters(lesson, draw):
    """A long text of many characters is encoded to the end."""
    characters = draw.shuffled("text", string.ascii_letters + string.digits + " .!")
    text = draw.given("text", "".join(characters))
    encode, decode = lesson.build_tokenizer(text)
    tokens = encode(text + text[::-1])
    return {"encode": tokens, "decode(encode)": decode(tokens)}


# --- split_data ----------------------------------------------------------------------------------


def numbered_data(draw, low, high):
    return draw.given("data", 7 + torch.arange(draw.size(low, high)))


split_data = exercise("split_data")


@split_data.check(cases=5)
def cut_in_two(lesson, draw):
    """The first part trains, the rest validates, at any fraction."""
    data = numbered_data(draw, 3, 19)
    train, validation = lesson.split_data(data, draw.choice("fraction", [0.5, 0.75, 0.8, 0.6]))
    return {"train": train, "validation": validation}


@split_data.check(cases=2)
def all_or_nothing(lesson, draw):
    """A fraction of 1 leaves nothing to validate on, and 0 nothing to train on."""
    data = numbered_data(draw, 3, 9)
    train, validation = lesson.split_data(data, draw.given("fraction", [1.0, 0.0][draw.case]))
    return {"train": train, "validation": validation}


@split_data.check(cases=2)
def nine_tenths(lesson, draw):
    """If no fraction is given, nine tenths are for training."""
    data = numbered_data(draw, 19, 45)
    train, validation = lesson.split_data(data)
    return {"train": train, "validation": validation, "data afterwards": data}


@split_data.check(cases=1)
def many_tokens_cut(lesson, draw):
    """Long data is cut at the same share, repeated tokens included; each call cuts anew."""
    one, other = (
        {"data": draw.indices(which + "data", 1013, high=50)} for which in ("", "second ")
    )
    return twice(lesson.split_data, one, other)


# --- get_batch -----------------------------------------------------------------------------------


get_batch = exercise("get_batch", points=2)


@get_batch.check
def windows_and_successors(lesson, draw):
    """Each row of x is a run of neighbors, and y has the successor of each entry of x."""
    data = draw.given("data", 5 + 3 * torch.arange(draw.size(8, 30)))
    block_size, batch_size = draw.size(2, 5, name="block_size"), draw.size(3, 6, name="batch_size")
    x, y = lesson.get_batch(data, block_size, batch_size, draw.generator())
    return {
        "shape of x": shape(x),
        "shape of y": shape(y),
        "x minus the entry before it": x[:, 1:] - x[:, :-1],
        "y minus x": y - x,
        "remainder of x by 3": x % 3,
    }


@get_batch.check
def the_only_window(lesson, draw):
    """With one token more than block_size there's only one window, and it can be drawn."""
    block_size = draw.size(1, 5, name="block_size")
    data = draw.given("data", torch.arange(block_size + 1) * 2)
    batch_size = draw.given("batch_size", 2)
    x, y = lesson.get_batch(data, block_size, batch_size, draw.generator())
    return {"x": x, "y": y}


@get_batch.check
def every_start(lesson, draw):
    """Over many draws, every place turns up as a start, the first and the last one included."""
    block_size, starts = draw.size(1, 4, name="block_size"), draw.integer("data", 2, 4)
    data = draw.given("data", 10 * torch.arange(block_size + starts))
    x, _ = lesson.get_batch(data, block_size, draw.given("batch_size", 150), draw.generator())
    return {"first entries of the windows": sorted(set(x[:, 0].tolist())), "rows": len(x)}


@get_batch.check(cases=1, **shares_by_chance(1000))
def every_start_alike(lesson, draw):
    """Every place is as likely as any other, whatever was drawn for the row before."""
    data = draw.given("data", torch.arange(5))
    sizes = draw.given("block_size, batch_size", (1, 1000))
    starts = lesson.get_batch(data, *sizes, draw.generator())[0][:, 0]
    return {
        "share of each start": [(starts == start).float().mean() for start in range(4)],
        "share of rows one place after the row before": (
            (starts[1:] - starts[:-1] == 1).float().mean()
        ),
    }


@get_batch.check(cases=2, **shares_by_chance(100))
def drawn_anew(lesson, draw):
    """Places are drawn at random: another call gives other windows, even with no generator."""
    generator = draw.given("generator", None) if draw.case else draw.generator()
    data = draw.given("data", torch.arange(12))
    sizes = draw.given("block_size, batch_size", (2, 100))
    first, _ = lesson.get_batch(data, *sizes, generator)
    second, _ = lesson.get_batch(data, *sizes, generator)
    changed = (first - second)[:, 0].sign().abs().float()
    return {"share of rows that are new in the second draw": changed.mean()}


@get_batch.check(cases=1)
def generator_decides(lesson, draw):
    """The windows come from the generator that's passed in, and from nothing else."""
    data, sizes = draw.given("data", torch.arange(1000)), (3, 9)
    draw.given("block_size, batch_size", sizes)
    return draws_of(draw, lambda generator: lesson.get_batch(data, *sizes, generator))


@get_batch.check(cases=1)
def long_windows(lesson, draw):
    """Windows may be long, tokens may repeat, and there may be more windows than places."""
    data = draw.indices("data", 1013, high=5)
    sizes = draw.given("block_size, batch_size", (1012, 3))
    x, y = lesson.get_batch(data, *sizes, draw.generator())
    return {"x": x, "y": y, **afterwards(data=data)}


# --- BigramLanguageModel.__init__ ----------------------------------------------------------------


bigram_language_model_init = exercise("BigramLanguageModel.__init__")


@bigram_language_model_init.check
def table_of_logits(lesson, draw):
    """The table has a row and a column for each token, and it's all that is trained."""
    model = lesson.BigramLanguageModel(draw.size(1, 7, name="vocab_size"))
    table = model.token_embedding_table
    return {"shape of the weight": shape(table.weight), "number of parameters": count(model)}


@bigram_language_model_init.check(cases=2)
def table_looks_up(lesson, draw):
    """The table is looked up by token, and it can be trained."""
    vocab_size = draw.size(2, 5)
    model = lesson.BigramLanguageModel(vocab_size)
    put(model.token_embedding_table.weight, draw.tensor("table", vocab_size, vocab_size))
    rows = model.token_embedding_table(draw.indices("tokens", 2, 3, high=vocab_size))
    rows.sum().backward()
    return {"rows": rows, "gradient": model.token_embedding_table.weight.grad}


# --- BigramLanguageModel.forward -----------------------------------------------------------------


def bigram_model(lesson, draw, vocab_size):
    model = lesson.BigramLanguageModel(vocab_size)
    put(model.token_embedding_table.weight, draw.tensor("table", vocab_size, vocab_size))
    return model


bigram_language_model_forward = exercise("BigramLanguageModel.forward")


@bigram_language_model_forward.check
def logits_without_targets(lesson, draw):
    """Without targets you get logits (B, T, V) and no loss."""
    vocab_size = draw.size(2, 5)
    model = bigram_model(lesson, draw, vocab_size)
    idx = draw.indices("idx", draw.size(1, 3), draw.size(1, 4), high=vocab_size)
    logits, loss = model(idx)
    return {"logits": logits, "loss": loss}


@bigram_language_model_forward.check
def mean_loss(lesson, draw):
    """With targets, the loss is the mean over all positions; the logits keep their shape."""
    vocab_size = draw.size(2, 5)
    model = bigram_model(lesson, draw, vocab_size)
    batch, time = draw.size(1, 3), draw.size(1, 4)
    idx = draw.indices("idx", batch, time, high=vocab_size)
    logits, loss = model(idx, draw.indices("targets", batch, time, high=vocab_size))
    return {"loss": loss, "logits": logits}


@bigram_language_model_forward.check(cases=2)
def loss_reaches_table(lesson, draw):
    """The loss sends a gradient back to the table."""
    model = bigram_model(lesson, draw, 3)
    time = draw.size(2, 4)
    idx, targets = (draw.indices(name, 2, time, high=3) for name in ("idx", "targets"))
    _, loss = model(idx, targets)
    loss.backward()
    return {"gradient of the table": model.token_embedding_table.weight.grad}


@bigram_language_model_forward.check(cases=1)
def many_rows_and_places(lesson, draw):
    """Any number of rows and places works, repeats included; each call's result is new."""
    return many_tokens(draw, bigram_model(lesson, draw, 5), high=5)


# --- BigramLanguageModel.generate ----------------------------------------------------------------


def forced_bigrams(lesson, draw, vocab_size):
    """A model in which each token has one successor, as drawn."""
    model = lesson.BigramLanguageModel(vocab_size)
    following = draw.shuffled("the only successor of each token", range(vocab_size))
    put(model.token_embedding_table.weight, forced(following))
    return model


bigram_language_model_generate = exercise("BigramLanguageModel.generate")


@bigram_language_model_generate.check
def follows_the_last_token(lesson, draw):
    """If each token has only one successor, the text is a chain that starts at the last token."""
    vocab_size = draw.size(3, 8)
    model = forced_bigrams(lesson, draw, vocab_size)
    idx = draw.indices("idx", draw.size(1, 3), draw.size(1, 4), high=vocab_size)
    generated = model.generate(idx, draw.integer("max_new_tokens", 3, 6))
    return {"generated": generated, "idx afterwards": idx}


@bigram_language_model_generate.check
def as_many_as_asked(lesson, draw):
    """Exactly max_new_tokens tokens are appended: none, one, or many."""
    model = forced_bigrams(lesson, draw, 3)
    idx = draw.indices("idx", 2, 2, high=3)
    number = draw.given("max_new_tokens", [0, 1, 105][draw.case])
    return {"generated": model.generate(idx, number)}


@bigram_language_model_generate.check(cases=1, **shares_by_chance(8000))
def draws_by_probability(lesson, draw):
    """Tokens are drawn as often as the softmax of the logits says."""
    model = lesson.BigramLanguageModel(11)
    probabilities = draw.given("probabilities of the next token", probabilities_of_eleven())
    put(model.token_embedding_table.weight, probabilities.log().expand(11, 11))
    return {"shares": shares(model.generate(torch.zeros(8000, 1).long(), 1)[:, 1], 11)}


@bigram_language_model_generate.check(cases=1)
def same_seed_same_text(lesson, draw):
    """The text comes from the generator that's passed in, and from nothing else."""
    model = lesson.BigramLanguageModel(5)
    put(model.token_embedding_table.weight, torch.zeros(5, 5))
    return draws_of_text(draw, model)


@bigram_language_model_generate.check(cases=2)
def many_rows_continued(lesson, draw):
    """Every row of a large batch is continued, long rows too; each call's result is new."""
    return continued(draw, forced_bigrams(lesson, draw, 5), high=5)


# --- train_step ----------------------------------------------------------------------------------


class Line(nn.Module):
    """Predicts y = w x; the loss is the mean squared error."""

    def __init__(self, w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([w]))

    def forward(self, x, targets=None):
        predicted = self.w * x
        return predicted, ((predicted - targets) ** 2).mean()


class Descent:
    """An optimizer; it keeps the gradients that it was stepped with."""

    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.gradients = []

    def zero_grad(self, set_to_none=True):
        for parameter in self.parameters:
            parameter.grad = None if set_to_none else torch.zeros_like(parameter)

    def step(self, closure=None):
        for parameter in self.parameters:
            self.gradients.append(None if parameter.grad is None else parameter.grad.clone())
            if parameter.grad is not None:
                put(parameter, parameter - 0.1 * parameter.grad)


def line_and_batches(draw):
    model = Line(draw.number("w"))
    x, y = (draw.tensor(name, 3, 4, low=0.5, high=1.5) for name in ("x", "y"))
    return model, Descent(model.parameters()), x, y


train_step = exercise("train_step")


@train_step.check
def one_step(lesson, draw):
    """The loss returned is the one before the step; the parameter moves against its gradient."""
    model, optimizer, x, y = line_and_batches(draw)
    x, y = draw.given("x", x[:1]), draw.given("y", y[:1])
    loss = lesson.train_step(model, optimizer, x, y)
    return {"loss": loss, "gradients at the step": optimizer.gradients, "w": model.w}


@train_step.check
def gradients_do_not_add_up(lesson, draw):
    """Each step uses only its own batch's gradient, even if an old gradient was left behind."""
    model, optimizer, x, y = line_and_batches(draw)
    model.w.grad = draw.given("gradient left from before", torch.tensor([5.0]))
    losses = [lesson.train_step(model, optimizer, a, b) for a, b in zip(x, y, strict=True)]
    return {"gradients at each step": optimizer.gradients, "losses": losses, "w": model.w}


@train_step.check(cases=1)
def step_on_a_large_batch(lesson, draw):
    """Every row of a large batch takes part, repeated rows included."""
    model = Line(draw.number("w"))
    optimizer = Descent(model.parameters())
    rows = draw.indices("rows of the batch", 1013, high=40)
    x, y = (draw.tensor(name, 40, 35, low=0.5, high=1.5)[rows] for name in ("x", "y"))
    loss = lesson.train_step(model, optimizer, x, y)
    return {"loss": loss, "gradients at the step": optimizer.gradients}


# --- estimate_loss -------------------------------------------------------------------------------


class Watched(nn.Module):
    """A model whose loss shows its mode; it notes the mode and whether a graph is built."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(1))
        self.inner = nn.Dropout(0.5)
        self.modes, self.graphs = [], []

    def forward(self, x, targets=None):
        predicted = self.w * x
        self.modes += [mode(self), "inside: " + mode(self.inner)]
        self.graphs.append("a graph" if predicted.requires_grad else "no graph")
        return predicted, (predicted - targets).abs().mean() + 10.0 * self.training


def mode(module):
    return "training" if module.training else "evaluation"


def watched_batches(draw, most):
    """Batches of different lengths."""
    number = draw.size(1, most)
    return [tuple(draw.tensor(f"{name}{i}", 1 + i, 2) for name in "xy") for i in range(number)]


estimate_loss = exercise("estimate_loss")


@estimate_loss.check
def mean_over_batches(lesson, draw):
    """The result is the mean of the batches' losses."""
    model = Watched().eval()
    return {"mean loss": lesson.estimate_loss(model, watched_batches(draw, most=4))}


@estimate_loss.check(cases=2)
def without_training(lesson, draw):
    """The model runs in evaluation mode, and no graph is built."""
    model = Watched()
    loss = lesson.estimate_loss(model, watched_batches(draw, most=2))
    return {"modes inside": model.modes, "graphs inside": model.graphs, "mean loss": loss}


@estimate_loss.check(cases=1)
def many_batches(lesson, draw):
    """Every batch in the list counts, repeats included, and the list isn't changed."""
    kinds = [tuple(draw.tensor(f"{name}{i}", 1, 2) for name in "xy") for i in range(30)]
    order = draw.given("order of the batches", [*range(30), *range(20), 3, 3, 3, 4, 4, 5, 6, 7])
    batches = [kinds[i] for i in order]
    loss = lesson.estimate_loss(Watched().eval(), batches)
    return {"mean loss": loss, "number of batches afterwards": len(batches)}


@estimate_loss.check(cases=1)
def gradients_stay_off(lesson, draw):
    """If gradients were off before, they're off afterwards."""
    with torch.no_grad():
        lesson.estimate_loss(Watched(), watched_batches(draw, most=1))
        return {"gradients on afterwards": torch.is_grad_enabled()}


@estimate_loss.check(cases=2)
def mode_comes_back(lesson, draw):
    """Afterwards the model is back in the mode it was in, and gradients are on."""
    model = Watched()
    model.train(draw.given("in training mode before", draw.case == 0))
    lesson.estimate_loss(model, watched_batches(draw, most=1))
    return {
        "in training mode afterwards": model.training,
        "the dropout inside in training mode afterwards": model.inner.training,
        "gradients on afterwards": torch.is_grad_enabled(),
        "the parameter can be trained afterwards": model.w.requires_grad,
    }


# --- the average of the past, three ways ---------------------------------------------------------


def checks_of_averages(name):
    average = exercise(name)

    @average.check
    def means_of_the_past(lesson, draw):
        """Each position becomes the mean of itself and everything before it."""
        x = draw.tensor("x", draw.size(1, 3), draw.size(1, 5), draw.size(1, 2))
        return {"averages": getattr(lesson, name)(x), "x afterwards": x}

    @average.check(cases=2)
    def future_is_not_seen(lesson, draw):
        """What comes later can't change the mean of what came before."""
        x = draw.tensor("x", 2, draw.size(2, 5), 2)
        x, other, start = with_other_future(draw, x, 1)
        one, two = getattr(lesson, name)(x), getattr(lesson, name)(other)
        return {
            "first position": one[:, 0],
            "earlier positions": one[:, :start],
            "earlier positions with another future": two[:, :start],
        }

    @average.check(cases=2)
    def many_averages(lesson, draw):
        """Many rows and long ones are averaged to the end; each call returns a new result."""
        size = (*(MANY_ROWS, MANY_PLACES)[draw.case], 2)
        return twice_on_tensors(draw, getattr(lesson, name), x=size)


AVERAGES = ("average_past_loop", "average_past_matmul", "average_past_softmax")
for name in AVERAGES:
    checks_of_averages(name)


# --- attention_weights ---------------------------------------------------------------------------


def drawn_attention(draw, names, *leading, longest=5):
    time, head_size = draw.size(1, longest), draw.size(2, 4)
    return [draw.tensor(name, *leading, time, head_size) for name in names]


attention_weights = exercise("attention_weights", points=2)
attention_weights.forbid(
    "attention",
    says="you build attention here, so write its scores, its mask and its softmax yourself",
)


@attention_weights.check
def one_row_of_time(lesson, draw):
    """The weights of a single sequence have the shape (T, T)."""
    query, key = drawn_attention(draw, ("query", "key"))
    return {"weights": lesson.attention_weights(query, key)}


@attention_weights.check(cases=2)
def leading_dimensions(lesson, draw):
    """Whatever dimensions come before the last two are kept apart."""
    leading = (2,) if draw.case == 0 else (2, 3)
    time = draw.integer("query", 2, 4)
    query, key = (draw.tensor(name, *leading, time, 3) for name in ("query", "key"))
    return {"weights": lesson.attention_weights(query, key)}


def with_a_large_score(draw, *leading):
    """Queries and keys: the last key's score is large, or the first one's is far below zero."""
    query, key = (draw.tensor(name, *leading, 4, 2, low=0.5, high=1.5) for name in ("query", "key"))
    place, factor = [(3, 1000.0), (0, -1000.0)][draw.case]
    key[..., place, :] *= factor
    return query, draw.given("key", key)


@attention_weights.check(cases=2)
def a_large_score(lesson, draw):
    """A score of 1,000 or -1,000 leaves all weights finite, even at earlier positions."""
    return {"weights": lesson.attention_weights(*with_a_large_score(draw))}


@attention_weights.check(cases=1)
def weights_of_many_positions(lesson, draw):
    """It works for many positions and large heads, and each call returns a new result."""
    return twice_on_tensors(draw, lesson.attention_weights, query=(35, 34), key=(35, 34))


@attention_weights.check(cases=2)
def weights_see_no_future(lesson, draw):
    """Later queries and keys can't change the weights of earlier positions."""
    query, key = (draw.tensor(name, draw.size(3, 5), 2) for name in ("query", "key"))
    key, other, start = with_other_future(draw, key, 0)
    one, two = lesson.attention_weights(query, key), lesson.attention_weights(query, other)
    return {
        "first row": one[0],
        "earlier rows": one[:start],
        "earlier rows with another future": two[:start],
    }


# --- attention_by_hand ---------------------------------------------------------------------------


attention_by_hand = exercise("attention_by_hand")
attention_by_hand.forbid(
    "attention", says="you build attention here, so torch's own may not be called"
)


@attention_by_hand.check
def averages_values(lesson, draw):
    """The values are averaged with the attention weights."""
    query, key, value = drawn_attention(draw, ("query", "key", "value"), 2)
    return {"output": lesson.attention_by_hand(query, key, value)}


@attention_by_hand.check(cases=2)
def several_leading_dimensions(lesson, draw):
    """It works with no dimension before the last two, and with two of them."""
    leading = () if draw.case == 0 else (2, 3)
    query, key, value = drawn_attention(draw, ("query", "key", "value"), *leading, longest=3)
    return {"output": lesson.attention_by_hand(query, key, value)}


@attention_by_hand.check(cases=2)
def a_large_score_by_hand(lesson, draw):
    """A score of 1,000 or -1,000 leaves all outputs finite."""
    query, key = with_a_large_score(draw, 2)
    return {"output": lesson.attention_by_hand(query, key, draw.tensor("value", 2, 4, 3))}


@attention_by_hand.check(cases=1)
def many_values(lesson, draw):
    """It works for many positions and large heads, and each call returns a new result."""
    sizes = dict.fromkeys(("query", "key", "value"), (35, 34))
    return twice_on_tensors(draw, lesson.attention_by_hand, **sizes)


@attention_by_hand.check(cases=2)
def values_of_the_future(lesson, draw):
    """Later values can't change earlier outputs."""
    query, key, value = (draw.tensor(name, 1, 4, 2) for name in ("query", "key", "value"))
    value, other, start = with_other_future(draw, value, 1)
    one, two = (lesson.attention_by_hand(query, key, given) for given in (value, other))
    return {
        "first output": one[:, 0],
        "earlier outputs": one[:, :start],
        "earlier outputs with another future": two[:, :start],
    }


# --- Head ----------------------------------------------------------------------------------------


def drawn_head(lesson, draw, n_embd, head_size, block_size, dropout=0.0):
    head = lesson.Head(n_embd, head_size, block_size, dropout)
    for name in ("query", "key", "value"):
        layer = getattr(head, name)
        put(layer.weight, draw.tensor(f"{name}.weight", head_size, n_embd))
    return head


head_init = exercise("Head.__init__")


@head_init.check
def projections_and_mask(lesson, draw):
    """Three projections without a bias, a mask that's a buffer, and nothing else to train."""
    n_embd, head_size = draw.size(3, 7, name="n_embd"), draw.size(2, 4, name="head_size")
    head = lesson.Head(n_embd, head_size, draw.size(1, 5, name="block_size"))
    tril = dict(head.named_buffers()).get("tril")
    return {
        "shapes of key, query, value": [
            shape(layer.weight) for layer in (head.key, head.query, head.value)
        ],
        "biases": [layer.bias for layer in (head.key, head.query, head.value)],
        "number of parameters": count(head),
        "buffer tril": tril if tril is None else tril.float(),
    }


@head_init.check(cases=2)
def dropout_of_a_head(lesson, draw):
    """The head has an nn.Dropout with the share that's passed in, and 0 by default."""
    given = [draw.number("dropout", 0.1, 0.9)] if draw.case else []
    return {"dropout": shares_of_dropout(lesson.Head(3, 2, 4, *given))}


head_forward = exercise("Head.forward", points=3)
head_forward.forbid("attention", says="you build attention here, so torch's own may not be called")


@head_forward.check
def first_position_sees_itself(lesson, draw):
    """The first position can only look at itself, whatever comes later."""
    head = drawn_head(lesson, draw, 2, 3, 5)
    x = draw.tensor("x", 1, draw.size(2, 5), 2)
    x, other, _ = with_other_future(draw, x, 1)
    return {
        "first output": head(x)[:, :1],
        "first output with another future": head(other)[:, :1],
    }


@head_forward.check(cases=4)
def attends(lesson, draw):
    """The output is causal attention of query, key and value, for any T up to block_size."""
    block_size = draw.given("block_size", 5)
    n_embd, head_size = draw.size(3, 5), draw.size(2, 3)
    head = drawn_head(lesson, draw, n_embd, head_size, block_size)
    return {"output": head(draw.tensor("x", 2, draw.size(1, block_size), n_embd))}


@head_forward.check(cases=2)
def later_tokens_do_not_matter(lesson, draw):
    """Changing the future leaves all earlier outputs alone."""
    head = drawn_head(lesson, draw, 3, 2, 6)
    x, other, start = with_other_future(draw, draw.tensor("x", 2, 5 + draw.case, 3), 1)
    return {
        "earlier outputs": head(x)[:, :start],
        "earlier outputs with another future": head(other)[:, :start],
    }


@head_forward.check(
    cases=2,
    tolerance=(1e-3, 1e-3),
    because="scores of thirty are rounded to 2e-6, and these gradients are sums of a hundred that "
    "nearly cancel",
)
def gradients_of_a_head(lesson, draw):
    """Query, key and value all get their gradients."""
    head = drawn_head(lesson, draw, 3, 2, 4)
    x = draw.tensor("x", 1, 3 + draw.case, 3)
    x.requires_grad_()
    (head(x) ** 2).sum().backward()
    gradients = {f"gradient of {name}": getattr(head, name).weight.grad for name in PROJECTIONS}
    return {**gradients, "gradient of x": x.grad}


PROJECTIONS = ("value", "query", "key")


@head_forward.check(cases=1)
def evaluation_drops_nothing(lesson, draw):
    """In evaluation mode no weight is dropped."""
    head = drawn_head(lesson, draw, 2, 2, 4, draw.given("dropout", 0.9)).eval()
    return {"output": head(draw.tensor("x", 2, 4, 2))}


@head_forward.check(cases=1, **DROPPED)
def drops_whole_weights(lesson, draw):
    """In training, a dropped weight takes all channels of its value with it."""
    head = lesson.Head(2, 3, 4, draw.given("dropout", 0.25)).train()
    put(head.key.weight, torch.tensor([[0.0, 2.0]]).expand(3, 2))
    put(head.query.weight, torch.tensor([[0.0, 2.0]]).expand(3, 2))
    put(head.value.weight, torch.tensor([[1.0, 0.0]]).expand(3, 2))
    x = draw.given("each row of x", torch.tensor([[1.0, 1.0], [0.0, 1.0]]))
    out = head(x.expand(3000, 2, 2)).detach()
    kept = (out[:, 0] > 0.5).float()
    return {
        "share of first outputs that are kept": kept.mean(),
        "mean output": out.mean(),
        "share of rows where channels differ": (kept - kept[:, :1]).abs().amax(1).mean(),
        "mean distance of second outputs from 0.5": (out[:, 1] - 0.5).abs().mean(),
    }


@head_forward.check(cases=2)
def a_large_score_in_a_head(lesson, draw):
    """Scores far from 0 leave all outputs finite."""
    head = drawn_head(lesson, draw, 2, 2, 4)
    _, x = with_a_large_score(draw, 1)
    for layer in (head.query, head.key):
        put(layer.weight, draw.given("weights of query and key", torch.eye(2)))
    return {"output": head(draw.given("x", x * torch.tensor([1.0, 0.01])))}


@head_forward.check(cases=2)
def many_inputs_of_a_head(lesson, draw):
    """It works for many rows and for long ones, and each call returns a new result."""
    size = (*(MANY_ROWS, MANY_PLACES)[draw.case], 3)
    return twice_on_tensors(draw, drawn_head(lesson, draw, 3, 2, 40), x=size)


# --- MultiHeadAttention --------------------------------------------------------------------------


multi_head_attention_init = exercise("MultiHeadAttention.__init__")


@multi_head_attention_init.check
def heads_and_projection(lesson, draw):
    """n_head heads that the module knows about, and a projection of them all back to n_embd."""
    n_embd, n_head = draw.size(4, 6, name="n_embd"), draw.size(2, 3, name="n_head")
    block_size = draw.integer("block_size", 6, 8)
    attention = lesson.MultiHeadAttention(
        n_embd, n_head, draw.size(3, 5, name="head_size"), block_size
    )
    return {
        "number of heads": len(attention.heads),
        "shape of each head's key": [shape(head.key.weight) for head in attention.heads],
        "shape of each head's tril": [shape(head.tril) for head in attention.heads],
        "shape of proj": shape(attention.proj.weight),
        "bias of proj": None if attention.proj.bias is None else shape(attention.proj.bias),
        "parameters of the module less those of its heads": count(attention)
        - sum(map(count, attention.heads)),
    }


@multi_head_attention_init.check(cases=2)
def dropout_in_both_places(lesson, draw):
    """The dropout goes to every head, and to an nn.Dropout for the result."""
    given = [draw.number("dropout", 0.1, 0.9)] if draw.case else []
    attention = lesson.MultiHeadAttention(2, 2, 2, 4, *given)
    heads = [shares_of_dropout(head) for head in attention.heads]
    result = shares_of_dropout(attention, besides=attention.heads)
    return {"dropout of each head": heads, "dropout besides the heads": result}


def attention_of_stand_ins(lesson, draw, n_embd, n_head, head_size, dropout=0.0):
    """Attention whose heads are plain linear layers."""
    attention = lesson.MultiHeadAttention(n_embd, n_head, head_size, 40, dropout)
    heads = [drawn_linear(draw, f"head {i}", n_embd, head_size) for i in range(n_head)]
    attention.heads = nn.ModuleList(heads)
    put(attention.proj.weight, draw.tensor("proj.weight", n_embd, n_head * head_size))
    put(attention.proj.bias, draw.tensor("proj.bias", n_embd))
    return attention


multi_head_attention_forward = exercise("MultiHeadAttention.forward")
multi_head_attention_forward.forbid(
    "attention", says="you build attention here, so torch's own may not be called"
)


@multi_head_attention_forward.check
def joins_and_mixes(lesson, draw):
    """The heads' outputs are put side by side, then mixed by proj (heads here: linear layers)."""
    n_embd, n_head = draw.size(2, 4), draw.size(1, 3)
    attention = attention_of_stand_ins(lesson, draw, n_embd, n_head, draw.size(1, 2))
    return {"output": attention(draw.tensor("x", 2, draw.size(1, 3), n_embd))}


@multi_head_attention_forward.check(cases=2)
def joins_two_heads(lesson, draw):
    """The first head's output comes first (heads here: linear layers)."""
    attention = attention_of_stand_ins(lesson, draw, 2, 2, 2)
    rows = draw.shuffled("proj.weight", range(4))[:2]
    put(attention.proj.weight, draw.given("proj.weight", torch.eye(4)[rows]))
    return {"output": attention(draw.tensor("x", 1, 1, 2))}


@multi_head_attention_forward.check(cases=1, **DROPPED)
def drops_from_the_result(lesson, draw):
    """In training, single channels of proj's result are dropped; in evaluation, none."""
    attention = attention_of_stand_ins(lesson, draw, 2, 1, 2, draw.given("dropout", 0.25))
    put(attention.heads[0].weight, draw.given("weight of head 0", torch.eye(2)))
    put(attention.proj.weight, draw.given("proj.weight", torch.eye(2)))
    put(attention.proj.bias, draw.given("proj.bias", torch.ones(2)))
    x = draw.given("each row of x", torch.ones(1, 2)).expand(2000, 1, 2)
    out = attention.train()(x).detach()[:, 0]
    kept = (out > 0.5).float()
    return {
        "share of outputs that are kept": kept.mean(),
        "mean output": out.mean(),
        "mean distance from 2": (out - 2.0).abs().mean(),
        "share of rows where channels differ": (kept[:, 0] - kept[:, 1]).abs().mean(),
        "least output in evaluation": attention.eval()(x).min(),
    }


@multi_head_attention_forward.check(cases=2)
def many_inputs_of_all_heads(lesson, draw):
    """It works for many rows and long ones; each call's result is new (linear heads here)."""
    size = (*(MANY_ROWS, MANY_PLACES)[draw.case], 3)
    return twice_on_tensors(draw, attention_of_stand_ins(lesson, draw, 3, 2, 2), x=size)


@multi_head_attention_forward.check(cases=1, **DEEP)
def gradients_of_all_heads(lesson, draw):
    """The input, the heads and proj all get their gradients (heads here: linear layers)."""
    attention = attention_of_stand_ins(lesson, draw, 3, 2, 2)
    x = draw.tensor("x", 2, 2, 3).requires_grad_()
    (attention(x) * draw.tensor("gradient of the result", 2, 2, 3)).sum().backward()
    return {
        "gradient of proj.weight": attention.proj.weight.grad,
        "gradient of head 0": attention.heads[0].weight.grad,
        "gradient of x": x.grad,
    }


# --- FeedForward ---------------------------------------------------------------------------------


def drawn_feed_forward(lesson, draw, n_embd, dropout=0.0):
    """A feed-forward layer with drawn weights; each is found by its shape."""
    layer = lesson.FeedForward(n_embd, dropout)
    drawn = [
        draw.tensor("first weight", 4 * n_embd, n_embd),
        draw.tensor("first bias", 4 * n_embd),
        draw.tensor("second weight", n_embd, 4 * n_embd),
        draw.tensor("second bias", n_embd),
    ]
    by_shape = {tuple(values.shape): values for values in drawn}
    for parameter in layer.parameters():
        if tuple(parameter.shape) in by_shape:
            put(parameter, by_shape[tuple(parameter.shape)])
    return layer


feed_forward_init = exercise("FeedForward.__init__")


@feed_forward_init.check
def two_layers(lesson, draw):
    """Two linear layers with a bias, and four times the width between them."""
    layer = lesson.FeedForward(draw.size(1, 5, name="n_embd"))
    shapes = sorted(shape(parameter) for parameter in layer.parameters())
    return {"shapes of the parameters": shapes}


@feed_forward_init.check
def linear_relu_linear(lesson, draw):
    """Each position goes through linear, ReLU, linear, whatever dimensions come before."""
    n_embd = draw.size(1, 3)
    layer = drawn_feed_forward(lesson, draw, n_embd)
    x = draw.tensor("x", *[(2,), (1, 3), (2, 1, 2)][draw.case], n_embd)
    return {"output": layer(x), "x afterwards": x}


@feed_forward_init.check(cases=1, **DEEP)
def gradients_of_a_feed_forward(lesson, draw):
    """Every parameter gets its gradient."""
    layer = drawn_feed_forward(lesson, draw, 2)
    (layer(draw.tensor("x", 4, 2)) ** 2).sum().backward()
    return {str(shape(p)): p.grad for p in sorted(layer.parameters(), key=shape)}


@feed_forward_init.check(cases=1, **DROPPED)
def drops_at_the_end(lesson, draw):
    """In training, single channels of the result are dropped; in evaluation, none."""
    layer = lesson.FeedForward(2, draw.given("dropout", 0.25))
    first_unit = torch.tensor([1.0] + [0.0] * 7)
    values = {
        (8, 2): torch.zeros(8, 2),
        (8,): torch.ones(8),
        (2, 8): first_unit,
        (2,): torch.ones(2),
    }
    for parameter in layer.parameters():
        put(parameter, values[tuple(parameter.shape)])
    out = layer.train()(torch.ones(2000, 2)).detach()
    return {
        "share of outputs that are kept": (out > 0.5).float().mean(),
        "mean output": out.mean(),
        "mean distance from 2": (out - 2.0).abs().mean(),
        "least output in evaluation": layer.eval()(torch.ones(2000, 2)).min(),
    }


# --- LayerNorm -----------------------------------------------------------------------------------


layer_norm_init = exercise("LayerNorm.__init__")


@layer_norm_init.check
def gamma_and_beta(lesson, draw):
    """gamma starts as ones, beta as zeros, and both are parameters."""
    norm = lesson.LayerNorm(draw.size(1, 5, name="dim"))
    parameters = dict(norm.named_parameters())
    return {
        "gamma": norm.gamma,
        "beta": norm.beta,
        "parameters": {name: parameters.get(name) for name in ("gamma", "beta")},
        "number of parameters": count(norm),
    }


@layer_norm_init.check(cases=2)
def eps_is_kept(lesson, draw):
    """The eps that's passed in is kept; the default is 1e-5."""
    given = [draw.choice("eps", [0.5, 1.0, 2.0])] if draw.case else []
    return {"eps": lesson.LayerNorm(3, *given).eps}


def drawn_norm(lesson, draw, dim):
    norm = lesson.LayerNorm(dim)
    put(norm.gamma, draw.tensor("gamma", dim))
    put(norm.beta, draw.tensor("beta", dim))
    return norm


layer_norm_forward = exercise("LayerNorm.forward")
layer_norm_forward.forbid(
    "layer_norm", says="you build layer normalization here, from a mean and a variance"
)


def channels_apart(draw, *shape):
    """Channels that lie apart, so that no way to the variance cancels."""
    return draw.given("x", draw.tensor("x", *shape, low=-0.5) + 1.5 * torch.arange(shape[-1]))


@layer_norm_forward.check(**NORMALIZED)
def normalizes_each_position(lesson, draw):
    """Each position is normalized over its own channels, whatever dimensions come before."""
    dim = draw.size(2, 4)
    norm = lesson.LayerNorm(dim)
    leading = [(2,), (2, 3), (2, 1, 3)][draw.case]
    x = channels_apart(draw, *leading, dim)
    return {"output": norm(x), "x afterwards": x}


@layer_norm_forward.check(**NORMALIZED)
def scales_and_shifts(lesson, draw):
    """The normalized channels are scaled by gamma and shifted by beta."""
    dim = draw.size(2, 4)
    return {"output": drawn_norm(lesson, draw, dim)(channels_apart(draw, 2, 2, dim))}


@layer_norm_forward.check(cases=3, **NORMALIZED)
def small_and_equal_channels(lesson, draw):
    """If the channels are nearly equal, the layer's eps under the root keeps things finite."""
    x = draw.given("x", draw.tensor("x", 2, 3) / 1000 if draw.case else torch.ones(2, 3))
    eps = draw.given("eps", 1e-6 if draw.case == 2 else 1e-5)
    return {"output": lesson.LayerNorm(3, eps)(x)}


@layer_norm_forward.check(cases=1, **NORMALIZED)
def gradients_of_a_norm(lesson, draw):
    """The input, gamma and beta all get their gradients."""
    norm, x = drawn_norm(lesson, draw, 3), channels_apart(draw, 2, 3).requires_grad_()
    weights = draw.tensor("gradient of the result", 2, 3)
    (norm(x) * weights).sum().backward()
    return {"gamma": norm.gamma.grad, "beta": norm.beta.grad, "x": x.grad}


@layer_norm_forward.check(cases=1, **NORMALIZED)
def many_channels(lesson, draw):
    """It works for many positions and many channels, and each call returns a new result."""
    return twice_on_tensors(draw, drawn_norm(lesson, draw, 33), x=(35, 33))


# --- Block ---------------------------------------------------------------------------------------


BRANCHES = ("sa", "ffwd", "ln1", "ln2")


block_init = exercise("Block.__init__")


@block_init.check
def parts_of_a_block(lesson, draw):
    """Attention whose heads share the width, a feed-forward layer, and two norms."""
    n_head, block_size = draw.size(1, 3, name="n_head"), draw.integer("block_size", 4, 8)
    n_embd = draw.given("n_embd", 2 * n_head)
    block = lesson.Block(n_embd, n_head, block_size)
    return {
        "number of heads": len(block.sa.heads),
        "shape of each head's key": [shape(head.key.weight) for head in block.sa.heads],
        "shape of each head's tril": [shape(head.tril) for head in block.sa.heads],
        "shapes of gamma in ln1 and ln2": [shape(block.ln1.gamma), shape(block.ln2.gamma)],
        "parameters of ffwd": count(block.ffwd),
        "parameters of the block less those of its four parts": count(block)
        - sum(count(getattr(block, name)) for name in BRANCHES),
    }


@block_init.check(cases=2)
def dropout_in_the_branches(lesson, draw):
    """The dropout goes to the attention and to the feed-forward layer."""
    given = [draw.number("dropout", 0.1, 0.9)] if draw.case else []
    block = lesson.Block(4, 2, 5, *given)
    return {"dropout": {name: shares_of_dropout(getattr(block, name)) for name in ("sa", "ffwd")}}


def block_of_stand_ins(lesson, draw, n_embd):
    """A block whose parts are plain linear layers."""
    block = lesson.Block(n_embd, 1, 40)
    for name in BRANCHES:
        setattr(block, name, drawn_linear(draw, name, n_embd, n_embd))
    return block


block_forward = exercise("Block.forward", points=2)


@block_forward.check
def two_branches(lesson, draw):
    """Each branch normalizes, computes, and is added (its parts here: linear layers)."""
    n_embd = draw.size(1, 3)
    block = block_of_stand_ins(lesson, draw, n_embd)
    x = draw.tensor("x", draw.size(1, 2), draw.size(1, 3), n_embd)
    return {"output": block(x), "x afterwards": x}


@block_forward.check(cases=1)
def residual_path(lesson, draw):
    """If both branches give 0, the input comes through unchanged."""
    block = lesson.Block(2, 1, 4)
    for name in BRANCHES:
        stand_in = nn.Linear(2, 2, bias=False)
        put(stand_in.weight, torch.zeros(2, 2) if name in ("sa", "ffwd") else torch.eye(2))
        setattr(block, name, stand_in)
    return {"output": block(draw.tensor("x", 1, 3, 2))}


@block_forward.check(cases=2)
def many_inputs_of_a_block(lesson, draw):
    """It works for many rows and long ones; each call's result is new (linear parts here)."""
    size = (*(MANY_ROWS, MANY_PLACES)[draw.case], 2)
    return twice_on_tensors(draw, block_of_stand_ins(lesson, draw, 2), x=size)


@block_forward.check(cases=1, **DEEP)
def gradients_of_a_block(lesson, draw):
    """The input and all parts get their gradients (parts here: linear layers)."""
    block = block_of_stand_ins(lesson, draw, 2)
    x = draw.tensor("x", 2, 2, 2).requires_grad_()
    (block(x) * draw.tensor("gradient of the result", 2, 2, 2)).sum().backward()
    parts = {f"gradient of {name}": getattr(block, name).weight.grad for name in BRANCHES}
    return {"gradient of x": x.grad, **parts}


# --- GPT -----------------------------------------------------------------------------------------


gpt_init = exercise("GPT.__init__")


@gpt_init.check
def parts_of_a_gpt(lesson, draw):
    """Two tables, n_layer blocks, a last norm and a linear layer, and all of them trained."""
    n_layer, block_size = draw.size(1, 3, name="n_layer"), draw.integer("block_size", 6, 8)
    n_embd, n_head = draw.choice("n_embd", [6, 8]), draw.given("n_head", 2)
    model = lesson.GPT(draw.integer("vocab_size", 3, 5), n_embd, n_head, n_layer, block_size)
    return {
        "block_size": model.block_size,
        "shape of the token table": shape(model.token_embedding_table.weight),
        "shape of the position table": shape(model.position_embedding_table.weight),
        "number of blocks": len(model.blocks),
        "shape of gamma in ln_f": shape(model.ln_f.gamma),
        "shape of lm_head": shape(model.lm_head.weight),
        "bias of lm_head": None if model.lm_head.bias is None else shape(model.lm_head.bias),
        "parameters of the model less those of blocks and ln_f": count(model)
        - sum(map(count, [*model.blocks, model.ln_f])),
    }


@gpt_init.check(cases=1)
def heads_and_lengths_of_a_gpt(lesson, draw):
    """The blocks have n_head heads and take block_size positions."""
    sizes = draw.given("vocab_size, n_embd, n_head, n_layer", (3, 6, 3, 2))
    model = lesson.GPT(*sizes, draw.integer("block_size", 5, 7))
    heads = [[shape(head.tril) for head in block.sa.heads] for block in model.blocks]
    return {"shapes of tril in the heads of each block": heads}


@gpt_init.check(cases=2)
def dropout_of_a_gpt(lesson, draw):
    """The dropout goes to every block."""
    given = [draw.number("dropout", 0.1, 0.9)] if draw.case else []
    model = lesson.GPT(3, 4, 2, 2, 5, *given)
    return {"dropout of each block": [shares_of_dropout(block) for block in model.blocks]}


def gpt_of_stand_ins(lesson, draw, vocab_size, n_embd, block_size):
    """A GPT with drawn tables, whose blocks and last norm are plain linear layers."""
    model = lesson.GPT(vocab_size, n_embd, 1, 1, block_size)
    put(model.token_embedding_table.weight, draw.tensor("token table", vocab_size, n_embd))
    put(model.position_embedding_table.weight, draw.tensor("position table", block_size, n_embd))
    layers = [drawn_linear(draw, f"block {i}", n_embd, n_embd) for i in range(2)]
    model.blocks = nn.Sequential(*layers)
    model.ln_f = drawn_linear(draw, "ln_f", n_embd, n_embd)
    put(model.lm_head.weight, draw.tensor("lm_head.weight", vocab_size, n_embd))
    put(model.lm_head.bias, draw.tensor("lm_head.bias", vocab_size))
    return model


gpt_forward = exercise("GPT.forward", points=3)


@gpt_forward.check(cases=4, **DEEP)
def from_tokens_to_logits(lesson, draw):
    """Tokens and positions go in, logits (B, T, V) come out (linear blocks and ln_f here)."""
    model = gpt_of_stand_ins(lesson, draw, 3, draw.size(1, 3), 4)
    idx = draw.indices("idx", draw.size(1, 2), draw.size(1, 4), high=3)
    logits, loss = model(idx)
    return {"logits": logits, "loss": loss}


@gpt_forward.check(**DEEP)
def loss_of_a_gpt(lesson, draw):
    """With targets, the loss is the mean over all positions (linear blocks and ln_f here)."""
    model = gpt_of_stand_ins(lesson, draw, 4, 2, 4)
    batch, time = draw.size(1, 3), draw.size(1, 4)
    idx, targets = (draw.indices(name, batch, time, high=4) for name in ("idx", "targets"))
    logits, loss = model(idx, targets)
    return {"loss": loss, "logits": logits}


@gpt_forward.check(cases=2)
def gpt_is_causal(lesson, draw):
    """With its own blocks, later tokens change nothing in earlier logits: the difference is 0."""
    model = lesson.GPT(3, 4, 2, 2, 6)
    time = draw.size(2, 6)
    idx, other, start = with_other_future(draw, draw.indices("idx", 2, time, high=3), 1)
    return {"change of earlier logits": (model(other)[0] - model(idx)[0])[:, :start]}


@gpt_forward.check(cases=1)
def everything_learns(lesson, draw):
    """The loss sends a gradient to every parameter."""
    model = lesson.GPT(5, 4, 2, 2, 6)
    _, loss = model(*(draw.indices(name, 3, 6, high=5) for name in ("idx", "targets")))
    loss.backward()
    missed = [p for p in model.parameters() if p.grad is None or p.grad.abs().sum() == 0]
    return {"parameters without a gradient": sum(parameter.numel() for parameter in missed)}


@gpt_forward.check(cases=1, **DEEP)
def many_rows_of_a_gpt(lesson, draw):
    """Any number of rows and places works, repeats included; each call's result is new."""
    return many_tokens(draw, gpt_of_stand_ins(lesson, draw, 5, 2, 40), high=5)


class Oldest(nn.Module):
    """In place of the blocks: every position hands on what stands in the first one."""

    def forward(self, x):
        return x[:, :1].expand_as(x)


def forced_gpt(lesson, vocab_size, n_embd, block_size, *blocks):
    """A GPT without blocks or norm, whose positions say nothing."""
    model = lesson.GPT(vocab_size, n_embd, 1, 1, block_size)
    model.blocks = nn.Sequential(*blocks)
    model.ln_f = nn.Identity()
    put(model.position_embedding_table.weight, torch.zeros(block_size, n_embd))
    put(model.lm_head.bias, torch.zeros(vocab_size))
    return model


def chained_gpt(lesson, draw, block_size, *blocks, vocab_size=7):
    """A GPT in which each token has one successor, as drawn."""
    model = forced_gpt(lesson, vocab_size, vocab_size, block_size, *blocks)
    following = draw.shuffled("the only successor of each token", range(vocab_size))
    put(model.token_embedding_table.weight, torch.eye(vocab_size))
    put(model.lm_head.weight, forced(following).T)
    return model


gpt_generate = exercise("GPT.generate", points=2)


@gpt_generate.check
def chain_beyond_the_window(lesson, draw):
    """If each token has only one successor, the text is a chain, even beyond block_size."""
    block_size = draw.size(2, 4, name="block_size")
    model = chained_gpt(lesson, draw, block_size)
    idx = draw.indices("idx", draw.size(1, 2), draw.size(1, 6), high=7)
    generated = model.generate(idx, draw.given("max_new_tokens", 2 * block_size + 1))
    return {"generated": generated, "idx afterwards": idx}


@gpt_generate.check
def exactly_the_last_block_size(lesson, draw):
    """The model sees exactly the last block_size tokens; here the oldest of them decides."""
    block_size = draw.size(2, 4, name="block_size")
    model = chained_gpt(lesson, draw, block_size, Oldest())
    idx = draw.given("idx", torch.tensor([draw.shuffled("idx", range(7))[: block_size + 1]]))
    return {"generated": model.generate(idx, draw.given("max_new_tokens", 2 * block_size))}


@gpt_generate.check
def gpt_as_many_as_asked(lesson, draw):
    """Exactly max_new_tokens tokens are appended: none, one, or many."""
    model = chained_gpt(lesson, draw, 3)
    idx = draw.indices("idx", 2, 2, high=7)
    number = draw.given("max_new_tokens", [0, 1, 105][draw.case])
    return {"generated": model.generate(idx, number)}


@gpt_generate.check(cases=1, **shares_by_chance(8000))
def gpt_draws_by_probability(lesson, draw):
    """Tokens are drawn as often as the softmax of the logits says."""
    model = forced_gpt(lesson, 11, 1, 2)
    put(model.lm_head.weight, torch.zeros(11, 1))
    probabilities = draw.given("probabilities of the next token", probabilities_of_eleven())
    put(model.lm_head.bias, probabilities.log())
    return {"shares": shares(model.generate(torch.zeros(8000, 1).long(), 1)[:, 1], 11)}


@gpt_generate.check(cases=1)
def gpt_same_seed_same_text(lesson, draw):
    """The text comes from the generator that's passed in, and from nothing else."""
    model = forced_gpt(lesson, 5, 1, 2)
    put(model.lm_head.weight, torch.zeros(5, 1))
    return draws_of_text(draw, model)


@gpt_generate.check(cases=2)
def gpt_many_rows_continued(lesson, draw):
    """Every row of a large batch is continued, long rows too; each call's result is new."""
    return continued(draw, chained_gpt(lesson, draw, 4), high=7)


# --- all_heads_at_once ---------------------------------------------------------------------------


def drawn_heads(lesson, draw, n_head, head_size, time, n_embd=3):
    width = n_head * head_size
    x = draw.tensor("x", 2, time, n_embd)
    weights = [draw.tensor(f"{name}_weight", width, n_embd) for name in ("query", "key", "value")]
    return lesson.all_heads_at_once(x, *weights, n_head), x


all_heads_at_once = exercise("all_heads_at_once")
all_heads_at_once.forbid(
    "attention",
    says="you build attention here, so use your own attention_by_hand on all heads at once",
)


@all_heads_at_once.check
def heads_side_by_side(lesson, draw):
    """Each head attends with its own rows of the weights; outputs are put side by side."""
    n_head, head_size = draw.size(1, 3, name="n_head"), draw.integer("x", 2, 3)
    output, x = drawn_heads(lesson, draw, n_head, head_size, draw.size(2, 4))
    return {"output": output, "x afterwards": x}


@all_heads_at_once.check(cases=2)
def one_position(lesson, draw):
    """With a single position, each head returns its value."""
    output, _ = drawn_heads(lesson, draw, draw.size(2, 4, name="n_head"), 2, 1)
    return {"output": output}


@all_heads_at_once.check(cases=2)
def heads_see_no_future(lesson, draw):
    """What comes later can't change earlier outputs."""
    weights = [draw.tensor(f"{name}_weight", 4, 3) for name in ("query", "key", "value")]
    x, other, start = with_other_future(draw, draw.tensor("x", 1, 4, 3), 1)
    one, two = (lesson.all_heads_at_once(given, *weights, 2) for given in (x, other))
    return {
        "first output": one[:, 0],
        "earlier outputs": one[:, :start],
        "earlier outputs with another future": two[:, :start],
    }


@all_heads_at_once.check(cases=3, **DEEP)
def many_inputs_at_once(lesson, draw):
    """It works for many rows, places, channels or heads, and each call returns a new result."""
    sizes = [(*MANY_ROWS, 33), (*MANY_PLACES, 33), (1, 3, 2)]
    n_head, head_size = draw.given("n_head, head_size", [(2, 17), (2, 17), (167, 6)][draw.case])

    def call(x, *weights):
        return lesson.all_heads_at_once(x, *weights, n_head)

    x = sizes[draw.case]
    weights = dict.fromkeys(
        ("query_weight", "key_weight", "value_weight"), (n_head * head_size, x[2])
    )
    return twice_on_tensors(draw, call, limit=0.5, x=x, **weights)


@all_heads_at_once.check(cases=2)
def a_large_score_at_once(lesson, draw):
    """Scores far from 0 leave all outputs finite."""
    _, x = with_a_large_score(draw, 1)
    x = draw.given("x", x * torch.tensor([1.0, 0.01]))
    weights = draw.given("the three weights", torch.eye(2).repeat(2, 1))
    return {"output": lesson.all_heads_at_once(x, weights, weights, weights, 2)}


# --- rms_norm ------------------------------------------------------------------------------------


rms_norm = exercise("rms_norm")
rms_norm.forbid("layer_norm", says="you build the normalization here, from the mean of squares")


@rms_norm.check
def rows_are_scaled(lesson, draw):
    """Each row is divided by the root of the mean of its squares; gain scales its channels."""
    channels = draw.size(1, 5)
    x = draw.tensor("x", *[(2,), (1, 3), (2, 1, 2)][draw.case], channels)
    gain = draw.tensor("gain", channels)
    return {"result": lesson.rms_norm(x, gain), **afterwards(x=x, gain=gain)}


@rms_norm.check(cases=3)
def eps_under_the_root(lesson, draw):
    """eps is added to the mean of the squares, under the root; it's 1e-5 unless it's given."""
    x = draw.tensor("x", 2, 3, low=-0.01, high=0.01)
    eps = [draw.choice("eps", [0.5, 1.0, 2.0])] if draw.case else []
    return {"result": lesson.rms_norm(x, torch.ones(3), *eps)}


@rms_norm.check(cases=1)
def the_mean_stays(lesson, draw):
    """What all channels have in common isn't taken away."""
    x = draw.tensor("x", 2, 4, low=9, high=10)
    return {"result": lesson.rms_norm(x, torch.ones(4))}


@rms_norm.check(cases=2)
def many_rows_or_channels(lesson, draw):
    """Many rows, and many channels, are normalized; each call's result is new."""
    size = (MANY_ROWS, (2, 130))[draw.case]
    return twice_on_tensors(draw, lesson.rms_norm, x=size, gain=size[1:])


@rms_norm.check(cases=1, **DEEP)
def gradients_of_the_scale(lesson, draw):
    """The gradient goes through the root, and to gain."""
    x, gain = draw.tensor("x", 3, 4).requires_grad_(), draw.tensor("gain", 4).requires_grad_()
    (lesson.rms_norm(x, gain) * draw.tensor("gradient of the result", 3, 4)).sum().backward()
    return {"gradient of x": x.grad, "gradient of gain": gain.grad}


# --- swiglu --------------------------------------------------------------------------------------


swiglu = exercise("swiglu")


def gated_weights(draw, channels, hidden):
    shapes = {"gate": (hidden, channels), "up": (hidden, channels), "down": (channels, hidden)}
    return [draw.tensor(f"{name}_weight", *shape) for name, shape in shapes.items()]


@swiglu.check
def gate_times_up_then_down(lesson, draw):
    """silu of one projection times the other, projected down, whatever dimensions come before."""
    channels = draw.size(1, 4)
    weights = gated_weights(draw, channels, draw.size(2, 5))
    x = draw.tensor("x", *[(2,), (1, 3), (2, 1, 2)][draw.case], channels)
    return {"result": lesson.swiglu(x, *weights), **afterwards(x=x)}


@swiglu.check(cases=2)
def far_from_zero(lesson, draw):
    """A gate far below zero is closed; one far above is as large as it reads."""
    x = draw.tensor("x", 3, 1, low=(-90, 80)[draw.case], high=(-80, 90)[draw.case])
    one = torch.ones(1, 1)
    return {"result": lesson.swiglu(x, one, one, one)}


@swiglu.check(cases=2)
def gates_of_many_rows(lesson, draw):
    """Many rows, and many channels, go through the gate; each call's result is new."""
    rows, channels = (MANY_ROWS, (2, 130))[draw.case]
    shapes = {"gate": (13, channels), "up": (13, channels), "down": (channels, 13)}
    return twice_on_tensors(draw, lesson.swiglu, limit=0.5, x=(rows, channels), **shapes)


@swiglu.check(cases=1, **DEEP)
def gradients_of_the_gate(lesson, draw):
    """x and all three weights get their gradients."""
    weights = [weight.requires_grad_() for weight in gated_weights(draw, 2, 3)]
    x = draw.tensor("x", 4, 2).requires_grad_()
    lesson.swiglu(x, *weights).square().sum().backward()
    names = ("x", "gate_weight", "up_weight", "down_weight")
    leaves = zip(names, [x, *weights], strict=True)
    return {f"gradient of {name}": leaf.grad for name, leaf in leaves}


# --- rotate --------------------------------------------------------------------------------------


rotate = exercise("rotate", points=2)


@rotate.check(cases=4)
def pairs_are_turned(lesson, draw):
    """Each pair of neighboring channels is turned by its own angle, at each place."""
    time, channels = draw.size(2, 5), 2 * draw.size(1, 3)
    x = draw.tensor("x", *[(), (2,), (2, 3), (1,)][draw.case], time, channels)
    places = draw.given("places", torch.arange(time))
    return {"result": lesson.rotate(x, places), **afterwards(x=x, places=places)}


@rotate.check(cases=3, **DEEP)
def any_places(lesson, draw):
    """The places that are passed in count: they may begin later, or stand in any order."""
    time = draw.size(2, 5)
    places = draw.indices("places", time, high=60)
    if draw.case == 2:
        places = draw.given("places", torch.cat([places, places]))
    return {"result": lesson.rotate(draw.tensor("x", len(places), 4), places)}


@rotate.check(cases=2, **DEEP)
def only_the_distance_counts(lesson, draw):
    """The product of a query and a key depends on the distance of their places alone."""
    query, key = draw.tensor("query", 1, 6), draw.tensor("key", 1, 6)
    first = draw.indices("place of the query", 1, high=30)
    steps = draw.integer("further on", 1, 30)
    products = [
        (lesson.rotate(query, first + more) * lesson.rotate(key, more + 0 * first)).sum()
        for more in (0, steps)
    ]
    return {"products": products}


@rotate.check(cases=2, **DEEP)
def many_places_are_turned(lesson, draw):
    """Many places, and many channels, are turned; each call's result is new."""
    time, channels = [(130, 2), (2, 36)][draw.case]
    return twice_on_tensors(
        draw, lambda x: lesson.rotate(x, torch.arange(time)), x=(time, channels)
    )


@rotate.check(cases=1)
def gradient_of_a_turn(lesson, draw):
    """The gradient is turned back."""
    x = draw.tensor("x", 3, 4).requires_grad_()
    turned = lesson.rotate(x, torch.arange(3))
    (turned * draw.tensor("gradient of the result", 3, 4)).sum().backward()
    return {"gradient of x": x.grad}


# --- grouped_attention ---------------------------------------------------------------------------


def drawn_groups(draw, heads, groups, time, which=""):
    shapes = {"query": heads, "key": groups, "value": groups}
    return [draw.tensor(which + name, 2, n, time, 3) for name, n in shapes.items()]


grouped_attention = exercise("grouped_attention")
grouped_attention.forbid(
    "attention", says="you build attention here, so use your own attention_by_hand"
)


@grouped_attention.check(cases=5)
def heads_share_keys(lesson, draw):
    """Neighboring heads of queries share a head of keys and values."""
    heads, groups = [(4, 2), (6, 2), (6, 3), (2, 1), (3, 3)][draw.case]
    given = drawn_groups(draw, heads, groups, draw.size(2, 4))
    query, key, value = given
    return {
        "result": lesson.grouped_attention(*given),
        **afterwards(query=query, key=key, value=value),
    }


@grouped_attention.check(cases=1)
def groups_see_no_future(lesson, draw):
    """What comes later can't change earlier results."""
    query, key, value = drawn_groups(draw, 4, 2, 4)
    key, other, start = with_other_future(draw, key, time=2)
    results = [lesson.grouped_attention(query, each, value) for each in (key, other)]
    return {"first": results[0][:, :, :start], "second": results[1][:, :, :start]}


@grouped_attention.check(cases=2)
def many_heads_or_places(lesson, draw):
    """Many rows, heads, places and channels are attended to; each call's result is new."""
    rows, heads, time, channels = [(10, 36, 2, 2), (1, 2, 35, 35)][draw.case]
    shared = (rows, heads // 2, time, channels)
    shapes = {"query": (rows, heads, time, channels), "key": shared, "value": shared}
    return twice_on_tensors(draw, lesson.grouped_attention, **shapes)


@grouped_attention.check(cases=1, **DEEP)
def gradients_of_shared_keys(lesson, draw):
    """A shared head hears from all of its queries."""
    leaves = [each.requires_grad_() for each in drawn_groups(draw, 4, 2, 3)]
    result = lesson.grouped_attention(*leaves)
    (result * draw.tensor("gradient of the result", 2, 4, 3, 3)).sum().backward()
    names = zip(("query", "key", "value"), leaves, strict=True)
    return {f"gradient of {name}": leaf.grad for name, leaf in names}
