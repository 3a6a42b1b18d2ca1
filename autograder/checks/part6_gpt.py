"""Checks and known mistakes of `part6_gpt`.

Weights are set by the attribute names that the docstrings promise. Where a class is made of others,
its `forward` is checked with simple layers in place of its parts, so that a fault in a part is not
blamed on the whole; and with its own parts only through what any right inside gives (what does not
change, what is counted). Random choices are forced by logits of 1,000, or judged by their shares.
A size is drawn under the name of the input that it is a size of, which then takes its place in the
report.
"""

import torch
from torch import nn

from autograder.checks import check, forbid, mistake, points

forbid(
    "attention_weights",
    "attention",
    says="attention is built here: write its scores, its mask and its softmax yourself",
)
for name in ("attention_by_hand", "Head.forward", "MultiHeadAttention.forward"):
    forbid(name, "attention", says="attention is built here: torch's own may not be called")
forbid(
    "all_heads_at_once",
    "attention",
    says="attention is built here: use your own attention_by_hand on all heads at once",
)
forbid(
    "LayerNorm.forward",
    "layer_norm",
    says="layer normalisation is built here, from a mean and a variance",
)
for name in ("get_batch", "attention_weights", "Block.forward", "GPT.generate"):
    points(name, 2)
for name in ("Head.forward", "GPT.forward"):
    points(name, 3)

SHARES = {"tolerance": (0.0, 0.1), "because": "a share of some thousand random choices"}
DEEP = {
    "tolerance": (1e-4, 1e-4),
    "because": "float32 sums in another order, through several layers",
}


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


def forced(following):
    """Logits for a softmax that is 1 at `following[i]` in row i, and 0 elsewhere."""
    return 1000.0 * torch.eye(len(following))[following]


def shares(tokens, number):
    """How often each of the tokens 0 .. number - 1 occurs, as a share."""
    counts = [0] * number
    for token in tokens.flatten().tolist():
        counts[token] += 1
    return [count / tokens.numel() for count in counts]


# --- build_tokenizer -----------------------------------------------------------------------------


@check("build_tokenizer")
def numbers_in_sorted_order(lesson, draw):
    """Tokens number the distinct characters in sorted order, from 0 on."""
    text = draw.text("text", draw.size("text", 2, 20), alphabet="zyCBa !?\n")
    encode, _ = lesson.build_tokenizer(text)
    return {"encode(text)": encode(text)}


@check("build_tokenizer")
def decodes_any_tokens(lesson, draw):
    """decode joins the characters of any list of tokens into one string."""
    text = draw.given("text", "".join(draw.shuffled("text", "hello World")))
    _, decode = lesson.build_tokenizer(text)
    tokens = draw.indices("tokens", draw.size("tokens", 1, 9), high=8).tolist()
    return {"decode(tokens)": decode(tokens)}


@check("build_tokenizer", cases=2)
def encodes_other_text(lesson, draw):
    """encode takes any text of the known characters, an empty one too."""
    encode, decode = lesson.build_tokenizer(draw.given("text", "the quick brown fox"))
    other = draw.text("other text", draw.size("other text", 0, 8), alphabet="thequick")
    return {"encode": encode(other), "decode(encode)": decode(encode(other))}


@check("build_tokenizer", cases=2)
def tokenizers_are_apart(lesson, draw):
    """A second tokenizer leaves the first one as it was."""
    encode, decode = lesson.build_tokenizer(draw.given("first text", "bcd"))
    lesson.build_tokenizer(draw.text("second text", draw.size("second text", 4, 7), "abcdxyz"))
    return {"encode('dcb')": encode("dcb"), "decode([0, 1, 2])": decode([0, 1, 2])}


mistake(
    "build_tokenizer",
    replace="sorted(set(text))",
    by="list(dict.fromkeys(text))",
    says="the characters are numbered as they first occur; sort them",
)
mistake(
    "build_tokenizer",
    replace="sorted(set(text))",
    by="sorted(text)",
    says="a character that occurs twice takes two numbers; list each character once",
)
mistake(
    "build_tokenizer",
    replace="sorted(set(text))",
    by="sorted(set(text.lower()))",
    says="capital letters are characters of their own; do not change the text",
)
mistake(
    "build_tokenizer",
    replace="enumerate(characters)",
    by="enumerate(characters, 1)",
    says="the tokens count from 1; there is no '.' to keep the 0 for",
)
mistake(
    "build_tokenizer",
    replace='"".join(characters[token] for token in tokens)',
    by="[characters[token] for token in tokens]",
    says="decode returns a list of characters; join them into one string",
)
mistake(
    "build_tokenizer",
    replace='"".join(',
    by='" ".join(',
    says="decode puts spaces between the characters; join with the empty string",
)
mistake(
    "build_tokenizer",
    replace="for character in string]",
    by="for character in sorted(string)]",
    says="encode must keep the order of the characters",
)


# --- split_data ----------------------------------------------------------------------------------


def numbered_data(draw, low, high):
    return draw.given("data", 7 + torch.arange(draw.size("data", low, high)))


@check("split_data", cases=5)
def cut_in_two(lesson, draw):
    """The first part trains, the rest validates, at any fraction."""
    data = numbered_data(draw, 3, 19)
    train, validation = lesson.split_data(data, draw.choice("fraction", [0.5, 0.75, 0.8, 0.6]))
    return {"train": train, "validation": validation}


@check("split_data", cases=2)
def all_or_nothing(lesson, draw):
    """At a fraction of 1 nothing is left to validate on, at 0 nothing to train on."""
    data = numbered_data(draw, 3, 9)
    train, validation = lesson.split_data(data, draw.given("fraction", [1.0, 0.0][draw.case]))
    return {"train": train, "validation": validation}


@check("split_data", cases=2)
def nine_tenths(lesson, draw):
    """Without a fraction, nine tenths train."""
    data = numbered_data(draw, 19, 45)
    train, validation = lesson.split_data(data)
    return {"train": train, "validation": validation, "data afterwards": data}


mistake(
    "split_data",
    replace="data[boundary:]",
    by="data",
    says="validation is the whole text, so most of it was trained on; take what is left over",
)
mistake(
    "split_data",
    replace="data[:boundary], data",
    by="data, data",
    says="training uses the whole text, validation included; keep the validation part away",
)
mistake(
    "split_data",
    replace="return data[:boundary], data[boundary:]",
    by="return data[boundary:], data[:boundary]",
    says="the two parts are swapped: train comes first",
)
mistake(
    "split_data",
    replace="data[boundary:]",
    by="data[boundary + 1 :]",
    says="one token between the two parts is lost",
)
mistake(
    "split_data",
    replace="int(fraction * len(data))",
    by="-int(-fraction * len(data) // 1)",
    says="the cut is rounded up; int() rounds it down",
)
mistake(
    "split_data",
    body="""
    boundary = int(fraction * len(data))
    return data[-boundary:], data[:-boundary]
    """,
    says="validation is taken from the beginning; it is the end of the text",
)


# --- get_batch -----------------------------------------------------------------------------------


@check("get_batch")
def windows_and_successors(lesson, draw):
    """Each row of x holds neighbours, and y the successor of each entry of x."""
    data = draw.given("data", 5 + 3 * torch.arange(draw.size("data", 8, 30)))
    block_size, batch_size = draw.size("block_size", 2, 5), draw.size("batch_size", 3, 6)
    x, y = lesson.get_batch(data, block_size, batch_size, draw.generator())
    return {
        "shape of x": shape(x),
        "shape of y": shape(y),
        "x minus the entry before it": x[:, 1:] - x[:, :-1],
        "y minus x": y - x,
        "remainder of x by 3": x % 3,
    }


@check("get_batch")
def the_only_window(lesson, draw):
    """With one token more than block_size there is one window, and it is drawn."""
    block_size = draw.size("block_size", 1, 5)
    data = draw.given("data", torch.arange(block_size + 1) * 2)
    batch_size = draw.given("batch_size", 2)
    x, y = lesson.get_batch(data, block_size, batch_size, draw.generator())
    return {"x": x, "y": y}


@check("get_batch")
def every_start(lesson, draw):
    """Over many windows, every place occurs as a start, the first and the last one too."""
    block_size, starts = draw.size("block_size", 1, 4), draw.integer("data", 2, 4)
    data = draw.given("data", 10 * torch.arange(block_size + starts))
    x, _ = lesson.get_batch(data, block_size, draw.given("batch_size", 150), draw.generator())
    return {"first entries of the windows": sorted(set(x[:, 0].tolist())), "rows": len(x)}


@check("get_batch", cases=1, tolerance=(0.0, 0.085), because="shares of 2,000 rows: six sigma")
def every_start_alike(lesson, draw):
    """Every place is as likely as the others, whatever the row before it is."""
    data = draw.given("data", torch.arange(5))
    sizes = draw.given("block_size, batch_size", (1, 2000))
    starts = lesson.get_batch(data, *sizes, draw.generator())[0][:, 0]
    return {
        "share of each start": [(starts == start).float().mean() for start in range(4)],
        "share of rows one place after the row before": (
            (starts[1:] - starts[:-1] == 1).float().mean()
        ),
    }


@check("get_batch", cases=2, tolerance=(0.0, 0.3), because="a share of 100 random rows")
def drawn_anew(lesson, draw):
    """Places are drawn at random: another call gives other windows, without a generator too."""
    generator = draw.given("generator", None) if draw.case else draw.generator()
    data = draw.given("data", torch.arange(12))
    sizes = draw.given("block_size, batch_size", (2, 100))
    first, _ = lesson.get_batch(data, *sizes, generator)
    second, _ = lesson.get_batch(data, *sizes, generator)
    changed = (first - second)[:, 0].sign().abs().float()
    return {"share of rows that are new in the second draw": changed.mean()}


@check("get_batch", cases=1)
def generator_decides(lesson, draw):
    """Two generators with the same seed give the same windows."""
    data, seed = draw.given("data", torch.arange(50)), draw.integer("seed", 0, 1000)
    sizes = draw.given("block_size, batch_size", (3, 9))
    generators = [torch.Generator().manual_seed(seed) for _ in "ab"]
    x, y = zip(*(lesson.get_batch(data, *sizes, each) for each in generators), strict=True)
    return {"first x minus second x": x[0] - x[1], "first y minus second y": y[0] - y[1]}


mistake(
    "get_batch",
    replace="len(data) - block_size,",
    by="len(data) - block_size - 1,",
    says="the last window is never drawn; randint's upper end is excluded already",
)
mistake(
    "get_batch",
    replace="len(data) - block_size,",
    by="len(data),",
    says="windows may begin so late that they run over the end of the data",
)
mistake(
    "get_batch",
    replace="len(data) - block_size,",
    by="len(data) - block_size + 1,",
    says="the last window has no successor for its last entry; it begins one place too late",
)
mistake(
    "get_batch",
    replace="data[start + 1 : start + block_size + 1]",
    by="data[start : start + block_size]",
    says="y equals x; y must be one step later, or the model only learns to copy",
)
mistake(
    "get_batch",
    replace="data[start + 1 : start + block_size + 1]",
    by="data[start + block_size]",
    says="y holds one target a window; every position of x has its own target",
)
mistake(
    "get_batch",
    replace="data[start + 1 : start + block_size + 1]",
    by="data[start : start + block_size].roll(-1)",
    says="the last target is the window's own first token; take it from the data",
)
mistake(
    "get_batch",
    replace=", generator=generator",
    by="",
    says="the generator is not used; pass it to what draws",
)
mistake(
    "get_batch",
    replace="y = torch.stack(",
    by="starts = torch.randint(len(data) - block_size, (batch_size,), generator=generator)\n"
    "y = torch.stack(",
    says="y comes from other places than x; draw the places once",
)
mistake(
    "get_batch",
    replace="(batch_size,), generator=generator)",
    by="(1,), generator=generator).expand(batch_size)",
    says="all rows are the same window; draw one place for each row",
)
mistake(
    "get_batch",
    replace="starts = torch.randint(len(data) - block_size, (batch_size,), generator=generator)",
    by="starts = torch.arange(batch_size) % (len(data) - block_size)",
    says="the windows are always the same ones; their places are to be drawn at random",
)
mistake(
    "get_batch",
    replace="for start in starts])",
    by="for start in starts], dim=1)",
    says="time runs down the columns; a window is a row: (batch_size, block_size)",
)


mistake(
    "get_batch",
    replace="starts = torch.randint(",
    by="torch.manual_seed(1337)\nstarts = torch.randint(",
    says="the seed is set in every call, so every batch is the same; set it once, before training",
)


# --- BigramLanguageModel.__init__ ----------------------------------------------------------------


@check("BigramLanguageModel.__init__")
def table_of_logits(lesson, draw):
    """The table has a row and a column for each token, and nothing else is trained."""
    model = lesson.BigramLanguageModel(draw.size("vocab_size", 1, 7))
    table = model.token_embedding_table
    return {"shape of the weight": shape(table.weight), "number of parameters": count(model)}


@check("BigramLanguageModel.__init__", cases=2)
def table_looks_up(lesson, draw):
    """The table looks rows up by token, and can be trained."""
    vocab_size = draw.size("table", 2, 5)
    model = lesson.BigramLanguageModel(vocab_size)
    put(model.token_embedding_table.weight, draw.tensor("table", vocab_size, vocab_size))
    rows = model.token_embedding_table(draw.indices("tokens", 2, 3, high=vocab_size))
    rows.sum().backward()
    return {"rows": rows, "gradient": model.token_embedding_table.weight.grad}


mistake(
    "BigramLanguageModel.__init__",
    replace="nn.Embedding(vocab_size, vocab_size)",
    by="nn.Embedding(vocab_size, 32)",
    says="the rows of the table are the logits, so they are as long as the vocabulary",
)
mistake(
    "BigramLanguageModel.__init__",
    replace="nn.Embedding(vocab_size, vocab_size)",
    by="nn.Linear(vocab_size, vocab_size)",
    says="a linear layer multiplies; a table that is looked up by token is an nn.Embedding",
)
mistake(
    "BigramLanguageModel.__init__",
    replace="nn.Embedding(vocab_size, vocab_size)",
    by="torch.randn(vocab_size, vocab_size)",
    says="a plain tensor is never trained; use an nn.Embedding",
)
mistake(
    "BigramLanguageModel.__init__",
    replace="super().__init__()\n",
    by="",
    says="super().__init__() is missing; a module cannot keep its parts before it",
)
mistake(
    "BigramLanguageModel.__init__",
    replace="nn.Embedding(vocab_size, vocab_size)",
    by="nn.Embedding(vocab_size + 1, vocab_size)",
    says="the table has a row too many; tokens run from 0 to vocab_size - 1",
)


# --- BigramLanguageModel.forward -----------------------------------------------------------------


def bigram_model(lesson, draw, vocab_size):
    model = lesson.BigramLanguageModel(vocab_size)
    put(model.token_embedding_table.weight, draw.tensor("table", vocab_size, vocab_size))
    return model


@check("BigramLanguageModel.forward")
def logits_without_targets(lesson, draw):
    """Without targets there are logits (B, T, V) and no loss."""
    vocab_size = draw.size("table", 2, 5)
    model = bigram_model(lesson, draw, vocab_size)
    idx = draw.indices("idx", draw.size("idx", 1, 3), draw.size("idx", 1, 4), high=vocab_size)
    logits, loss = model(idx)
    return {"logits": logits, "loss": loss}


@check("BigramLanguageModel.forward")
def mean_loss(lesson, draw):
    """With targets the loss is the mean over all positions, and the logits keep their shape."""
    vocab_size = draw.size("table", 2, 5)
    model = bigram_model(lesson, draw, vocab_size)
    batch, time = draw.size("idx", 1, 3), draw.size("idx", 1, 4)
    idx = draw.indices("idx", batch, time, high=vocab_size)
    logits, loss = model(idx, draw.indices("targets", batch, time, high=vocab_size))
    return {"loss": loss, "logits": logits}


@check("BigramLanguageModel.forward", cases=2)
def loss_reaches_table(lesson, draw):
    """The loss sends a gradient back into the table."""
    model = bigram_model(lesson, draw, 3)
    time = draw.size("idx", 2, 4)
    idx, targets = (draw.indices(name, 2, time, high=3) for name in ("idx", "targets"))
    _, loss = model(idx, targets)
    loss.backward()
    return {"gradient of the table": model.token_embedding_table.weight.grad}


LOSS = "F.cross_entropy(logits.flatten(0, 1), targets.flatten())"


# What goes wrong between logits and loss goes wrong in every language model.
for exercise in ("BigramLanguageModel.forward", "GPT.forward"):
    mistake(
        exercise,
        replace=LOSS,
        by="F.cross_entropy(logits.reshape(idx.shape[0], -1, idx.shape[1]), targets)",
        says="reshaping (B, T, V) to (B, V, T) shuffles the logits; flatten B and T instead",
    )
    mistake(
        exercise,
        replace="targets.flatten())",
        by='targets.flatten(), reduction="sum")',
        says="the loss is a sum over the predictions; take their mean",
    )
    mistake(
        exercise,
        replace="return logits, loss",
        by="return logits.flatten(0, 1), loss",
        says="the logits come out flattened, as in the video; here they are (B, T, V) always",
    )
    mistake(
        exercise,
        replace=LOSS,
        by="F.cross_entropy(logits[:, -1], targets[:, -1])",
        says="only the last position counts; the loss is the mean over all positions",
    )
    mistake(
        exercise,
        replace="logits.flatten(0, 1), targets",
        by="logits.flatten(0, 1).softmax(-1), targets",
        says="cross_entropy takes logits; with probabilities softmax is applied twice",
    )
    mistake(
        exercise,
        replace="return logits, None",
        by="return logits",
        says="without targets the result is still a pair: the logits and None",
    )
    mistake(
        exercise,
        replace="if targets is None:\n    return logits, None\n",
        by="if targets is None:\n    targets = idx\n",
        says="without targets there is no loss: return None for it",
    )

mistake(
    "BigramLanguageModel.forward",
    replace="return logits, loss",
    by="return logits, loss.detach()",
    says="the loss is cut off from the graph; nothing can be learned from it",
)
mistake(
    "BigramLanguageModel.forward",
    replace="self.token_embedding_table(idx)",
    by="self.token_embedding_table.weight.T[idx]",
    says="the columns of the table are looked up; row i holds what follows token i",
)


# --- BigramLanguageModel.generate ----------------------------------------------------------------


def forced_bigrams(lesson, draw, vocab_size):
    """A model in which each token has one successor, as drawn."""
    model = lesson.BigramLanguageModel(vocab_size)
    following = draw.shuffled("the only successor of each token", range(vocab_size))
    put(model.token_embedding_table.weight, forced(following))
    return model


@check("BigramLanguageModel.generate")
def follows_the_last_token(lesson, draw):
    """Where each token has one successor, the text is a chain from the last token on."""
    vocab_size = draw.size("idx", 3, 8)
    model = forced_bigrams(lesson, draw, vocab_size)
    idx = draw.indices("idx", draw.size("idx", 1, 3), draw.size("idx", 1, 4), high=vocab_size)
    generated = model.generate(idx, draw.integer("max_new_tokens", 3, 6))
    return {"generated": generated, "idx afterwards": idx}


@check("BigramLanguageModel.generate", cases=2)
def as_many_as_asked(lesson, draw):
    """max_new_tokens are appended, none or one too."""
    model = forced_bigrams(lesson, draw, 3)
    idx = draw.indices("idx", 2, 2, high=3)
    return {"generated": model.generate(idx, draw.size("max_new_tokens", 0, 1))}


@check("BigramLanguageModel.generate", cases=1, **SHARES)
def draws_by_probability(lesson, draw):
    """Tokens are drawn as often as the softmax of the logits says."""
    model = lesson.BigramLanguageModel(3)
    probabilities = draw.given("probabilities of the next token", torch.tensor([0.6, 0.1, 0.3]))
    put(model.token_embedding_table.weight, probabilities.log().expand(3, 3))
    return {"shares": shares(model.generate(torch.zeros(2500, 1).long(), 1)[:, 1], 3)}


@check("BigramLanguageModel.generate", cases=1)
def same_seed_same_text(lesson, draw):
    """Two generators with the same seed give the same text."""
    model, seed = lesson.BigramLanguageModel(5), draw.integer("seed", 0, 1000)
    put(model.token_embedding_table.weight, torch.zeros(5, 5))
    idx = torch.zeros(3, 1).long()
    first, second = (
        model.generate(idx, 12, generator=torch.Generator().manual_seed(seed)) for _ in "ab"
    )
    return {"first text minus second text": first - second}


DRAWN = "torch.multinomial(probabilities, num_samples=1, generator=generator)"


CROPPED = "idx[:, -self.block_size :]"
# What goes wrong in the loop goes wrong in every language model, too.
for exercise, seen in (("BigramLanguageModel.generate", "idx"), ("GPT.generate", CROPPED)):
    mistake(
        exercise,
        replace=DRAWN,
        by="probabilities.argmax(-1, keepdim=True)",
        says="the likeliest token is taken each time; draw from the probabilities",
    )
    mistake(
        exercise,
        replace="logits[:, -1]",
        by="logits[:, 0]",
        says="the first position predicts the second; what comes next is said by the last one",
    )
    mistake(
        exercise,
        replace="F.softmax(logits[:, -1], dim=-1)",
        by="F.softmax(logits[:, -1], dim=0)",
        says="softmax runs over the batch; each row's own tokens must sum to one",
    )
    mistake(
        exercise,
        replace="F.softmax(logits[:, -1], dim=-1)",
        by="logits[:, -1].abs()",
        says="logits are no probabilities; softmax comes before the draw",
    )
    mistake(
        exercise,
        replace=", generator=generator",
        by="",
        says="the generator is not used; pass it to what draws",
    )
    mistake(
        exercise,
        replace="return idx",
        by="return idx[:, -max_new_tokens:]",
        says="only the new tokens are returned; the result begins with idx",
    )
    mistake(
        exercise,
        replace="idx = torch.cat((idx, next_token), dim=1)",
        by="idx = torch.cat((next_token, idx), dim=1)",
        says="the new token is put in front; it belongs at the end",
    )
    mistake(
        exercise,
        replace="range(max_new_tokens)",
        by="range(max_new_tokens - 1)",
        says="one token is missing at the end; the loop runs max_new_tokens times",
    )
    mistake(
        exercise,
        body=f"""
        logits, _ = self({seen})
        probabilities = F.softmax(logits[:, -1], dim=-1)
        next_tokens = torch.multinomial(probabilities, max_new_tokens or 1, replacement=True,
                                        generator=generator)
        return torch.cat((idx, next_tokens[:, :max_new_tokens]), dim=1)
        """,
        says="all tokens are drawn from one prediction; predict again after each token",
    )


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


@check("train_step")
def one_step(lesson, draw):
    """The loss is that before the step, and the parameter moves against its gradient."""
    model, optimizer, x, y = line_and_batches(draw)
    x, y = draw.given("x", x[:1]), draw.given("y", y[:1])
    loss = lesson.train_step(model, optimizer, x, y)
    return {"loss": loss, "gradients at the step": optimizer.gradients, "w": model.w}


@check("train_step")
def gradients_do_not_add_up(lesson, draw):
    """Each step uses the gradient of its own batch, also where an old gradient was left."""
    model, optimizer, x, y = line_and_batches(draw)
    model.w.grad = draw.given("gradient left from before", torch.tensor([5.0]))
    losses = [lesson.train_step(model, optimizer, a, b) for a, b in zip(x, y, strict=True)]
    return {"gradients at each step": optimizer.gradients, "losses": losses, "w": model.w}


mistake(
    "train_step",
    replace="optimizer.zero_grad()\n",
    by="",
    says="gradients are never cleared, so each step adds those of all batches before",
)
mistake(
    "train_step",
    replace="optimizer.zero_grad()\nloss.backward()\noptimizer.step()",
    by="loss.backward()\noptimizer.step()\noptimizer.zero_grad()",
    says="gradients are cleared after the step only; one that was left from before still counts",
)
mistake(
    "train_step",
    replace="optimizer.zero_grad()\nloss.backward()",
    by="loss.backward()\noptimizer.zero_grad()",
    says="the gradient is cleared before it is used; clear first, then go backward",
)
mistake(
    "train_step",
    replace="optimizer.step()\n",
    by="",
    says="the parameters never move; the optimizer must step",
)
mistake(
    "train_step",
    replace="return loss.item()",
    by="return model(x, y)[1].item()",
    says="the loss is computed again after the step; return the one before it",
)
mistake(
    "train_step",
    replace="loss.backward()",
    by="(-loss).backward()",
    says="the loss is made larger; the step goes against the gradient of the loss itself",
)
mistake(
    "train_step",
    replace="return loss.item()",
    by="",
    says="nothing is returned; return the loss as a float",
)


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
    number = draw.size("x0", 1, most)
    return [tuple(draw.tensor(f"{name}{i}", 1 + i, 2) for name in "xy") for i in range(number)]


@check("estimate_loss")
def mean_over_batches(lesson, draw):
    """The result is the mean of the batches' losses."""
    model = Watched().eval()
    return {"mean loss": lesson.estimate_loss(model, watched_batches(draw, most=4))}


@check("estimate_loss", cases=2)
def without_training(lesson, draw):
    """The model evaluates in evaluation mode and builds no graph."""
    model = Watched()
    loss = lesson.estimate_loss(model, watched_batches(draw, most=2))
    return {"modes inside": model.modes, "graphs inside": model.graphs, "mean loss": loss}


@check("estimate_loss", cases=2)
def mode_comes_back(lesson, draw):
    """Afterwards the model is in the mode that it was in, and gradients are on."""
    model = Watched()
    model.train(draw.given("in training mode before", draw.case == 0))
    lesson.estimate_loss(model, watched_batches(draw, most=1))
    return {
        "in training mode afterwards": model.training,
        "the dropout inside in training mode afterwards": model.inner.training,
        "gradients on afterwards": torch.is_grad_enabled(),
        "the parameter can be trained afterwards": model.w.requires_grad,
    }


mistake(
    "estimate_loss",
    replace="model.eval()\n",
    by="",
    says="the model stays in training mode, so dropout disturbs the loss; call model.eval()",
)
mistake(
    "estimate_loss",
    replace="model.train(was_training)\n",
    by="",
    says="the model stays in evaluation mode, so training goes on without dropout",
)
mistake(
    "estimate_loss",
    replace="model.train(was_training)",
    by="model.train()",
    says="the model always ends in training mode; go back to the mode that it was in",
)
mistake(
    "estimate_loss",
    replace="with torch.no_grad():",
    by="if True:",
    says="a graph is built for every batch and never used; work under torch.no_grad()",
)
mistake(
    "estimate_loss",
    replace="sum(losses) / len(losses)",
    by="sum(losses)",
    says="the losses are added up; divide by the number of batches",
)
mistake(
    "estimate_loss",
    replace="sum(losses) / len(losses)",
    by="losses[-1]",
    says="only the last batch counts; take the mean over all of them",
)
mistake(
    "estimate_loss",
    replace="\nwith torch.no_grad():",
    by="\ntorch.set_grad_enabled(False)\nif True:",
    says="gradients stay switched off afterwards; use torch.no_grad() as a block",
)


mistake(
    "estimate_loss",
    replace="model.eval()\n",
    by="model.training = False\n",
    says="this flag is the outer module's alone; model.eval() reaches the layers inside too",
)
mistake(
    "estimate_loss",
    replace="return sum(losses) / len(losses)",
    by="weights = [len(x) for x, _ in batches]\n"
    "return sum(loss * weight for loss, weight in zip(losses, weights)) / sum(weights)",
    says="longer batches weigh more here; each batch is to count the same",
)


# --- the average of the past, three ways ---------------------------------------------------------


def checks_of_averages(name):
    @check(name)
    def means_of_the_past(lesson, draw):
        """Each position becomes the mean of itself and of all before it."""
        x = draw.tensor("x", draw.size("x", 1, 3), draw.size("x", 1, 5), draw.size("x", 1, 2))
        return {"averages": getattr(lesson, name)(x), "x afterwards": x}

    @check(name, cases=2)
    def future_is_not_seen(lesson, draw):
        """What comes later cannot change the mean of what came before."""
        x = draw.tensor("x", 2, draw.size("x", 2, 5), 2)
        x, other, start = with_other_future(draw, x, 1)
        one, two = getattr(lesson, name)(x), getattr(lesson, name)(other)
        return {
            "first position": one[:, 0],
            "earlier positions": one[:, :start],
            "earlier positions with another future": two[:, :start],
        }


AVERAGES = ("average_past_loop", "average_past_matmul", "average_past_softmax")
for name in AVERAGES:
    checks_of_averages(name)

mistake(
    "average_past_loop",
    replace=": t + 1]",
    by=":t]",
    says="the position itself is left out, so the first averages nothing; end the slice at t + 1",
)
mistake(
    "average_past_loop",
    replace=": t + 1]",
    by=": t + 2]",
    says="the next position is averaged too; the slice must end with t",
)
mistake(
    "average_past_loop",
    replace=": t + 1]",
    by=":]",
    says="each position averages the whole row, the future included; end the slice at t + 1",
)
mistake(
    "average_past_loop",
    replace=".mean(0)",
    by=".mean()",
    says="the channels are averaged as well; the mean runs over time only",
)
mistake(
    "average_past_loop",
    replace=".mean(0)",
    by=".sum(0)",
    says="the past is added up; divide by the number of positions",
)
mistake(
    "average_past_loop",
    replace="x[b, : t + 1].mean(0)",
    by="x[:, : t + 1].mean((0, 1))",
    says="the rows of the batch are mixed; each averages only its own past",
)
mistake(
    "average_past_loop",
    replace="averages = torch.zeros_like(x)",
    by="averages = x",
    says="the averages overwrite x while it is still needed; write into a new tensor",
)

mistake(
    "average_past_matmul",
    replace="torch.tril(",
    by="torch.triu(",
    says="the upper triangle looks at the future; keep the lower one",
)
mistake(
    "average_past_matmul",
    replace="weights = weights / weights.sum(1, keepdim=True)\n",
    by="",
    says="the past is added up; divide each row of weights by its sum",
)
mistake(
    "average_past_matmul",
    replace="weights.sum(1, keepdim=True)",
    by="weights.sum(1)",
    says="without keepdim each column is divided by a row's sum; keep the dimension",
)
mistake(
    "average_past_matmul",
    replace="weights.sum(1, keepdim=True)",
    by="weights.sum(0, keepdim=True)",
    says="the columns sum to one; the rows of the weights must",
)
mistake(
    "average_past_matmul",
    replace="weights.sum(1, keepdim=True)",
    by="T",
    says="every row is divided by T; row t has only t + 1 positions to share",
)
mistake(
    "average_past_matmul",
    replace="torch.tril(torch.ones(T, T, device=x.device))",
    by="torch.ones(T, T)",
    says="every position averages the whole row, the future included; keep the lower triangle",
)
mistake(
    "average_past_matmul",
    replace="torch.tril(torch.ones(T, T, device=x.device))",
    by="torch.tril(torch.ones(T, T), diagonal=-1)",
    says="the position itself is left out; the diagonal belongs to the weights",
)

MASKED = 'scores = scores.masked_fill(tril == 0, float("-inf"))'
mistake(
    "average_past_softmax",
    replace='float("-inf")',
    by="0.0",
    says="the mask has no effect (a score of 0 still gets its share, and masked_fill returns a new "
    "tensor); the future needs a score of minus infinity",
)
mistake(
    "average_past_softmax",
    replace="tril == 0",
    by="tril == 1",
    says="the mask hides the past and keeps the future; hide where tril is 0",
)
mistake(
    "average_past_softmax",
    replace="dim=-1",
    by="dim=0",
    says="the columns of the weights sum to one; softmax runs over the last dimension",
)
mistake(
    "average_past_softmax",
    replace="torch.tril(",
    by="torch.triu(",
    says="the upper triangle looks at the future; keep the lower one",
)
mistake(
    "average_past_softmax",
    replace="torch.tril(torch.ones(T, T, device=x.device))",
    by="torch.tril(torch.ones(T, T), diagonal=-1)",
    says="the position itself is masked too; the diagonal stays",
)
mistake(
    "average_past_softmax",
    replace=MASKED + "\nweights = F.softmax(scores, dim=-1)",
    by="weights = F.softmax(scores, dim=-1) * tril",
    says="the mask comes after the softmax, so the rows no longer sum to one; mask the scores",
)
mistake(
    "average_past_softmax",
    replace="weights = F.softmax(scores, dim=-1)",
    by="weights = scores.exp()",
    says="the exponentials are not divided by their sum; that is the other half of softmax",
)


# --- attention_weights ---------------------------------------------------------------------------


def drawn_attention(draw, names, *leading, longest=5):
    time, head_size = draw.size("query", 1, longest), draw.size("query", 2, 4)
    return [draw.tensor(name, *leading, time, head_size) for name in names]


@check("attention_weights")
def one_row_of_time(lesson, draw):
    """The weights of a single sequence, of shape (T, T)."""
    query, key = drawn_attention(draw, ("query", "key"))
    return {"weights": lesson.attention_weights(query, key)}


@check("attention_weights", cases=2)
def leading_dimensions(lesson, draw):
    """Further dimensions before the last two are kept apart."""
    leading = (2,) if draw.case == 0 else (2, 3)
    time = draw.integer("query", 2, 4)
    query, key = (draw.tensor(name, *leading, time, 3) for name in ("query", "key"))
    return {"weights": lesson.attention_weights(query, key)}


@check("attention_weights", cases=2)
def weights_see_no_future(lesson, draw):
    """Later queries and keys cannot change the weights of earlier positions."""
    query, key = (draw.tensor(name, draw.size("query", 3, 5), 2) for name in ("query", "key"))
    key, other, start = with_other_future(draw, key, 0)
    one, two = lesson.attention_weights(query, key), lesson.attention_weights(query, other)
    return {
        "first row": one[0],
        "earlier rows": one[:start],
        "earlier rows with another future": two[:start],
    }


SCALE = "* head_size**-0.5"
mistake(
    "attention_weights",
    replace=" " + SCALE,
    by="",
    says="the scores are not scaled; divide them by the square root of head_size",
)
mistake(
    "attention_weights",
    replace=SCALE,
    by="/ head_size",
    says="the scores are divided by head_size itself; its square root is meant",
)
mistake(
    "attention_weights",
    replace=SCALE,
    by="* head_size**0.5",
    says="the scores are multiplied by the square root of head_size; divide by it",
)
mistake(
    "attention_weights",
    replace=SCALE,
    by="* T**-0.5",
    says="the scale is taken from the number of positions; it is that of the head's size",
)
mistake(
    "attention_weights",
    replace='float("-inf")',
    by="0.0",
    says="masked scores are 0, and e^0 is 1, so the future leaks in; use minus infinity",
)
mistake(
    "attention_weights",
    replace=MASKED,
    by=MASKED.removeprefix("scores = "),
    says="masked_fill returns a new tensor, and that result is dropped, so the future leaks in",
)
mistake(
    "attention_weights",
    replace="tril == 0",
    by="tril == 1",
    says="the mask hides the past and keeps the future; hide where tril is 0",
)
mistake(
    "attention_weights",
    replace="dim=-1",
    by="dim=-2",
    says="softmax runs over the queries; for each query the weights of the keys sum to one",
)
mistake(
    "attention_weights",
    replace="dim=-1",
    by="dim=1",
    says="dimension 1 holds the keys of a single sequence only; take the last one, -1",
)
mistake(
    "attention_weights",
    replace="query @ key.transpose(-2, -1)",
    by="key @ query.transpose(-2, -1)",
    says="rows and columns are swapped; row t belongs to query t",
)
mistake(
    "attention_weights",
    replace=MASKED + "\nreturn F.softmax(scores, dim=-1)",
    by="return F.softmax(scores, dim=-1) * tril",
    says="the mask comes after the softmax, so the rows no longer sum to one; mask the scores",
)
mistake(
    "attention_weights",
    replace="torch.tril(torch.ones(T, T, device=query.device))",
    by="torch.tril(torch.ones(T, T), diagonal=-1)",
    says="a position may not look at itself, and the first one finds nothing; keep the diagonal",
)
mistake(
    "attention_weights",
    replace="key.transpose(-2, -1)",
    by="key.transpose(0, 1)",
    says="the first two dimensions are swapped, which is right for a single sequence only",
)


# --- attention_by_hand ---------------------------------------------------------------------------


@check("attention_by_hand")
def averages_values(lesson, draw):
    """The values are averaged with the attention weights."""
    query, key, value = drawn_attention(draw, ("query", "key", "value"), 2)
    return {"output": lesson.attention_by_hand(query, key, value)}


@check("attention_by_hand", cases=2)
def several_leading_dimensions(lesson, draw):
    """It works with none, and with two dimensions before the last two."""
    leading = () if draw.case == 0 else (2, 3)
    query, key, value = drawn_attention(draw, ("query", "key", "value"), *leading, longest=3)
    return {"output": lesson.attention_by_hand(query, key, value)}


@check("attention_by_hand", cases=2)
def values_of_the_future(lesson, draw):
    """Later values cannot change earlier outputs."""
    query, key, value = (draw.tensor(name, 1, 4, 2) for name in ("query", "key", "value"))
    value, other, start = with_other_future(draw, value, 1)
    one, two = (lesson.attention_by_hand(query, key, given) for given in (value, other))
    return {
        "first output": one[:, 0],
        "earlier outputs": one[:, :start],
        "earlier outputs with another future": two[:, :start],
    }


WHOLE = "attention_weights(query, key) @ value"
mistake(
    "attention_by_hand",
    replace="(query, key)",
    by="(key, query)",
    says="query and key are swapped; the query's rows decide",
)
mistake(
    "attention_by_hand",
    replace="@ value",
    by="@ key",
    says="the keys are averaged; keys only decide the weights, values are passed on",
)
mistake(
    "attention_by_hand",
    replace="(query, key)",
    by="(query, value)",
    says="the values are compared with the queries; that is what the keys are for",
)
mistake(
    "attention_by_hand",
    replace="(query, key) @",
    by="(query, key).transpose(-2, -1) @",
    says="the weights are transposed; row t of the weights collects for position t",
)
mistake(
    "attention_by_hand",
    replace=WHOLE,
    by="F.softmax(query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5, dim=-1) @ value",
    says="nothing is masked, so every position sees the future",
)
mistake(
    "attention_by_hand",
    replace=WHOLE,
    by="value + " + WHOLE,
    says="the value itself is added on top; the residual path comes in the block",
)
mistake(
    "attention_by_hand",
    replace=WHOLE,
    by=WHOLE.removesuffix(" @ value"),
    says="the weights are returned; they still have to collect the values",
)


# --- Head ----------------------------------------------------------------------------------------


def drawn_head(lesson, draw, n_embd, head_size, block_size, dropout=0.0):
    head = lesson.Head(n_embd, head_size, block_size, dropout)
    for name in ("query", "key", "value"):
        layer = getattr(head, name)
        put(layer.weight, draw.tensor(f"{name}.weight", head_size, n_embd))
    return head


@check("Head.__init__")
def projections_and_mask(lesson, draw):
    """Three projections without bias, a mask that is a buffer, and nothing else that is trained."""
    n_embd, head_size = draw.size("n_embd", 3, 7), draw.size("head_size", 2, 4)
    head = lesson.Head(n_embd, head_size, draw.size("block_size", 1, 5))
    tril = dict(head.named_buffers()).get("tril")
    return {
        "shapes of key, query, value": [
            shape(layer.weight) for layer in (head.key, head.query, head.value)
        ],
        "biases": [layer.bias for layer in (head.key, head.query, head.value)],
        "number of parameters": count(head),
        "buffer tril": tril if tril is None else tril.float(),
    }


@check("Head.__init__", cases=2)
def dropout_of_a_head(lesson, draw):
    """The dropout that is given is that of the head's nn.Dropout; by default it is 0."""
    given = [draw.number("dropout", 0.1, 0.9)] if draw.case else []
    return {"dropout": shares_of_dropout(lesson.Head(3, 2, 4, *given))}


mistake(
    "Head.__init__",
    replace="bias=False",
    by="bias=True",
    says="the projections have a bias; give bias=False",
)
mistake(
    "Head.__init__",
    replace='self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))',
    by="self.tril = torch.tril(torch.ones(block_size, block_size))",
    says="tril is a plain tensor and would stay behind when the model moves to a GPU; register it "
    "as a buffer",
)
mistake(
    "Head.__init__",
    replace='self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))',
    by="self.tril = nn.Parameter(torch.tril(torch.ones(block_size, block_size)))",
    says="tril is a parameter, so training would change the mask; register it as a buffer",
)
mistake(
    "Head.__init__",
    replace="torch.tril(torch.ones(block_size, block_size))",
    by="torch.ones(block_size, block_size)",
    says="tril is all ones and hides nothing; keep the lower triangle",
)
mistake(
    "Head.__init__",
    replace="torch.tril(torch.ones(block_size, block_size))",
    by="torch.tril(torch.ones(head_size, head_size))",
    says="tril is as large as the head; it must reach over block_size positions",
)
mistake(
    "Head.__init__",
    replace="nn.Linear(n_embd, head_size",
    by="nn.Linear(n_embd, n_embd",
    says="the projections keep the width of the input; they lead to head_size",
)
mistake(
    "Head.__init__",
    replace="nn.Linear(n_embd, head_size",
    by="nn.Linear(head_size, n_embd",
    says="the projections run the wrong way; they lead from n_embd to head_size",
)
mistake(
    "Head.__init__",
    replace="self.query = nn.Linear(n_embd, head_size, bias=False)",
    by="self.query = self.key",
    says="query and key are one and the same layer; each has weights of its own",
)
mistake(
    "Head.__init__",
    replace="nn.Dropout(dropout)",
    by="nn.Dropout(0.0)",
    says="the dropout that is given is not used; pass it to nn.Dropout",
)


@check("Head.forward")
def first_position_sees_itself(lesson, draw):
    """The first position can only look at itself, whatever comes later."""
    head = drawn_head(lesson, draw, 2, 3, 5)
    x = draw.tensor("x", 1, draw.size("x", 2, 5), 2)
    x, other, _ = with_other_future(draw, x, 1)
    return {
        "first output": head(x)[:, :1],
        "first output with another future": head(other)[:, :1],
    }


@check("Head.forward", cases=4)
def attends(lesson, draw):
    """The output is causal attention of query, key and value, for T from 1 to block_size."""
    block_size = draw.given("block_size", 5)
    n_embd, head_size = draw.size("x", 3, 5), draw.size("x", 2, 3)
    head = drawn_head(lesson, draw, n_embd, head_size, block_size)
    return {"output": head(draw.tensor("x", 2, draw.size("x", 1, block_size), n_embd))}


@check("Head.forward", cases=2)
def later_tokens_do_not_matter(lesson, draw):
    """Changing the future leaves all earlier outputs as they are."""
    head = drawn_head(lesson, draw, 3, 2, 6)
    x, other, start = with_other_future(draw, draw.tensor("x", 2, 5 + draw.case, 3), 1)
    return {
        "earlier outputs": head(x)[:, :start],
        "earlier outputs with another future": head(other)[:, :start],
    }


@check("Head.forward", cases=2, **DEEP)
def gradients_of_a_head(lesson, draw):
    """Query, key and value all get their gradient."""
    head = drawn_head(lesson, draw, 3, 2, 4)
    x = draw.tensor("x", 1, 3 + draw.case, 3)
    (head(x) ** 2).sum().backward()
    return {f"gradient of {name}": getattr(head, name).weight.grad for name in PROJECTIONS}


PROJECTIONS = ("value", "query", "key")


@check("Head.forward", cases=1)
def evaluation_drops_nothing(lesson, draw):
    """In evaluation mode no weight is dropped."""
    head = drawn_head(lesson, draw, 2, 2, 4, draw.given("dropout", 0.9)).eval()
    return {"output": head(draw.tensor("x", 2, 4, 2))}


@check("Head.forward", cases=1, **SHARES)
def drops_whole_weights(lesson, draw):
    """While training, a dropped weight takes all channels of its value along."""
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


HEAD_SCALE = "* key.shape[-1] ** -0.5"
mistake(
    "Head.forward",
    replace=" " + HEAD_SCALE,
    by="",
    says="the scores are not scaled; divide them by the square root of head_size",
)
mistake(
    "Head.forward",
    replace=HEAD_SCALE,
    by="* x.shape[-1] ** -0.5",
    says="the scale is 1/sqrt(n_embd), as in the video's code, where it is a slip: the keys have "
    "head_size channels, so divide by sqrt(head_size)",
)
mistake(
    "Head.forward",
    replace=HEAD_SCALE,
    by="/ key.shape[-1]",
    says="the scores are divided by head_size itself; its square root is meant",
)
mistake(
    "Head.forward",
    replace='float("-inf")',
    by="0.0",
    says="masked scores are 0, and e^0 is 1, so the future leaks in; use minus infinity",
)
mistake(
    "Head.forward",
    replace="scores = scores.masked_fill(",
    by="scores.masked_fill(",
    says="masked_fill returns a new tensor, and that result is dropped, so the future leaks in",
)
mistake(
    "Head.forward",
    replace="[:T, :T] == 0",
    by="[:T, :T] == 1",
    says="the mask hides the past and keeps the future; hide where tril is 0",
)
mistake(
    "Head.forward",
    replace="[:T, :T]",
    by="",
    says="the whole mask meets fewer positions; cut its corner out, tril[:T, :T]",
)
mistake(
    "Head.forward",
    replace="dim=-1",
    by="dim=1",
    says="softmax runs over the queries; for each query the weights of the keys sum to one",
)
mistake(
    "Head.forward",
    replace="query @ key.transpose(-2, -1)",
    by="key @ query.transpose(-2, -1)",
    says="query and key are swapped; row t of the scores belongs to query t",
)
mistake(
    "Head.forward",
    replace="weights @ value",
    by="weights @ key",
    says="the keys are averaged; keys only decide the weights, values are passed on",
)
mistake(
    "Head.forward",
    replace="weights @ value",
    by="weights @ x",
    says="the input itself is averaged; what is passed on is the value",
)
mistake(
    "Head.forward",
    replace="self.dropout(F.softmax(scores, dim=-1))",
    by="F.softmax(scores, dim=-1)",
    says="no weight is ever dropped; apply dropout to the weights",
)
mistake(
    "Head.forward",
    replace="self.dropout(F.softmax(scores, dim=-1))\nreturn weights @ value",
    by="F.softmax(scores, dim=-1)\nreturn self.dropout(weights @ value)",
    says="dropout acts on the output; it belongs on the attention weights",
)
mistake(
    "Head.forward",
    replace="self.dropout(F.softmax(scores, dim=-1))",
    by="F.softmax(self.dropout(scores), dim=-1)",
    says="dropout acts on the scores, where a zero is a score like any other; drop after softmax",
)
mistake(
    "Head.forward",
    replace="self.dropout(F.softmax(scores, dim=-1))",
    by="F.dropout(F.softmax(scores, dim=-1), self.dropout.p)",
    says="weights are dropped in evaluation mode too; dropout must follow self.training",
)


# --- MultiHeadAttention --------------------------------------------------------------------------


@check("MultiHeadAttention.__init__")
def heads_and_projection(lesson, draw):
    """n_head heads that the module knows, and a projection of all of them back to n_embd."""
    n_embd, n_head = draw.size("n_embd", 4, 6), draw.size("n_head", 2, 3)
    block_size = draw.integer("block_size", 6, 8)
    attention = lesson.MultiHeadAttention(n_embd, n_head, draw.size("head_size", 3, 5), block_size)
    return {
        "number of heads": len(attention.heads),
        "shape of each head's key": [shape(head.key.weight) for head in attention.heads],
        "shape of each head's tril": [shape(head.tril) for head in attention.heads],
        "shape of proj": shape(attention.proj.weight),
        "bias of proj": None if attention.proj.bias is None else shape(attention.proj.bias),
        "parameters of the module less those of its heads": count(attention)
        - sum(map(count, attention.heads)),
    }


@check("MultiHeadAttention.__init__", cases=2)
def dropout_in_both_places(lesson, draw):
    """dropout goes to every head, and to an nn.Dropout for the result."""
    given = [draw.number("dropout", 0.1, 0.9)] if draw.case else []
    attention = lesson.MultiHeadAttention(2, 2, 2, 4, *given)
    heads = [shares_of_dropout(head) for head in attention.heads]
    result = shares_of_dropout(attention, besides=attention.heads)
    return {"dropout of each head": heads, "dropout besides the heads": result}


mistake(
    "MultiHeadAttention.__init__",
    body="""
    super().__init__()
    self.heads = [Head(n_embd, head_size, block_size, dropout) for _ in range(n_head)]
    self.proj = nn.Linear(n_head * head_size, n_embd)
    self.dropout = nn.Dropout(dropout)
    """,
    says="the heads are in a plain list, so their parameters are never trained; use nn.ModuleList",
)
mistake(
    "MultiHeadAttention.__init__",
    body="""
    super().__init__()
    self.heads = nn.ModuleList([Head(n_embd, head_size, block_size, dropout)] * n_head)
    self.proj = nn.Linear(n_head * head_size, n_embd)
    self.dropout = nn.Dropout(dropout)
    """,
    says="it is one head, listed several times; make a new one for each place",
)
mistake(
    "MultiHeadAttention.__init__",
    replace="nn.Linear(n_head * head_size, n_embd)",
    by="nn.Linear(n_embd, n_embd)",
    says="proj takes n_embd channels, which fits only if the heads happen to have as many; "
    "they give n_head * head_size",
)
mistake(
    "MultiHeadAttention.__init__",
    replace="nn.Linear(n_head * head_size, n_embd)",
    by="nn.Linear(head_size, n_embd)",
    says="proj takes the channels of one head; it gets those of all of them",
)
mistake(
    "MultiHeadAttention.__init__",
    replace="nn.Linear(n_head * head_size, n_embd)",
    by="nn.Linear(n_head * head_size, n_embd, bias=False)",
    says="proj has no bias; only key, query and value go without",
)
mistake(
    "MultiHeadAttention.__init__",
    replace="Head(n_embd, head_size, block_size, dropout)",
    by="Head(n_embd, head_size // n_head, block_size, dropout)",
    says="head_size is divided once more; it is the size of each head already",
)
mistake(
    "MultiHeadAttention.__init__",
    replace="Head(n_embd, head_size, block_size, dropout)",
    by="Head(n_embd, head_size, block_size)",
    says="the heads do not get the dropout; pass it on",
)
mistake(
    "MultiHeadAttention.__init__",
    replace="nn.Dropout(dropout)",
    by="nn.Dropout(0.0)",
    says="the result of proj is not dropped from; dropout applies there too",
)


def attention_of_stand_ins(lesson, draw, n_embd, n_head, head_size, dropout=0.0):
    """Attention whose heads are plain linear layers."""
    attention = lesson.MultiHeadAttention(n_embd, n_head, head_size, 6, dropout)
    heads = [drawn_linear(draw, f"head {i}", n_embd, head_size) for i in range(n_head)]
    attention.heads = nn.ModuleList(heads)
    put(attention.proj.weight, draw.tensor("proj.weight", n_embd, n_head * head_size))
    put(attention.proj.bias, draw.tensor("proj.bias", n_embd))
    return attention


@check("MultiHeadAttention.forward")
def joins_and_mixes(lesson, draw):
    """The heads' outputs stand side by side, and proj mixes them (heads are linear layers here)."""
    n_embd, n_head = draw.size("x", 2, 4), draw.size("x", 1, 3)
    attention = attention_of_stand_ins(lesson, draw, n_embd, n_head, draw.size("x", 1, 2))
    return {"output": attention(draw.tensor("x", 2, draw.size("x", 1, 3), n_embd))}


@check("MultiHeadAttention.forward", cases=2)
def joins_two_heads(lesson, draw):
    """The first head comes first (heads are linear layers here)."""
    attention = attention_of_stand_ins(lesson, draw, 2, 2, 2)
    rows = draw.shuffled("proj.weight", range(4))[:2]
    put(attention.proj.weight, draw.given("proj.weight", torch.eye(4)[rows]))
    return {"output": attention(draw.tensor("x", 1, 1, 2))}


@check("MultiHeadAttention.forward", cases=1, **SHARES)
def drops_from_the_result(lesson, draw):
    """While training, single channels of the result of proj are dropped; in evaluation none."""
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
        "mean output in evaluation": attention.eval()(x).mean(),
    }


mistake(
    "MultiHeadAttention.forward",
    replace="return self.dropout(self.proj(out))",
    by="self.dropout(self.proj(out))\nreturn out",
    says="the projection is computed and dropped; return its result",
)
mistake(
    "MultiHeadAttention.forward",
    replace="self.dropout(self.proj(out))",
    by="self.proj(out)",
    says="nothing is dropped from the result; dropout comes after proj",
)
mistake(
    "MultiHeadAttention.forward",
    replace="self.dropout(self.proj(out))",
    by="self.proj(self.dropout(out))",
    says="dropout comes before proj; it applies to the result of proj",
)
mistake(
    "MultiHeadAttention.forward",
    replace="for head in self.heads]",
    by="for head in reversed(self.heads)]",
    says="the heads are joined in the wrong order; the first head comes first",
)
mistake(
    "MultiHeadAttention.forward",
    replace="torch.cat([head(x) for head in self.heads], dim=-1)",
    by="torch.stack([head(x) for head in self.heads], dim=-1).flatten(-2)",
    says="the channels of the heads are interleaved; put each head's channels side by side",
)
mistake(
    "MultiHeadAttention.forward",
    replace="torch.cat([head(x) for head in self.heads], dim=-1)",
    by="sum(head(x) for head in self.heads)",
    says="the heads' outputs are added up; join them along the channels",
)
mistake(
    "MultiHeadAttention.forward",
    replace="dim=-1)",
    by="dim=1)",
    says="the heads are joined along time; join them along the channels, the last dimension",
)
mistake(
    "MultiHeadAttention.forward",
    replace="return self.dropout(self.proj(out))",
    by="return x + self.dropout(self.proj(out))",
    says="the input is added here; the residual path belongs to the block",
)


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


@check("FeedForward.__init__")
def two_layers(lesson, draw):
    """Two linear layers with bias, four times as wide inside."""
    layer = lesson.FeedForward(draw.size("n_embd", 1, 5))
    shapes = sorted(shape(parameter) for parameter in layer.parameters())
    return {"shapes of the parameters": shapes}


@check("FeedForward.__init__")
def linear_relu_linear(lesson, draw):
    """Each position goes through linear, ReLU, linear, with any number of dimensions before."""
    n_embd = draw.size("first weight", 1, 3)
    layer = drawn_feed_forward(lesson, draw, n_embd)
    x = draw.tensor("x", *[(2,), (1, 3), (2, 1, 2)][draw.case], n_embd)
    return {"output": layer(x), "x afterwards": x}


@check("FeedForward.__init__", cases=1, **DEEP)
def gradients_of_a_feed_forward(lesson, draw):
    """Every parameter gets its gradient."""
    layer = drawn_feed_forward(lesson, draw, 2)
    (layer(draw.tensor("x", 4, 2)) ** 2).sum().backward()
    return {str(shape(p)): p.grad for p in sorted(layer.parameters(), key=shape)}


@check("FeedForward.__init__", cases=1, **SHARES)
def drops_at_the_end(lesson, draw):
    """While training, single channels of the result are dropped; in evaluation none."""
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
        "mean output in evaluation": layer.eval()(torch.ones(9, 2)).mean(),
    }


mistake(
    "FeedForward.__init__",
    replace="4 * n_embd",
    by="n_embd",
    says="the inner layer is as wide as the input; it is four times as wide",
)
mistake(
    "FeedForward.__init__",
    replace="4 * n_embd",
    by="2 * n_embd",
    says="the inner layer is twice as wide as the input; it is four times as wide",
)
mistake(
    "FeedForward.__init__",
    replace="    nn.ReLU(),\n",
    by="",
    says="the ReLU is missing, and two linear layers in a row are only one",
)
mistake(
    "FeedForward.__init__",
    replace="nn.ReLU()",
    by="nn.Tanh()",
    says="tanh stands between the layers; it is a ReLU here",
)
mistake(
    "FeedForward.__init__",
    replace="nn.ReLU()",
    by="nn.GELU()",
    says="GELU stands between the layers, as in GPT-2; it is a ReLU here",
)
mistake(
    "FeedForward.__init__",
    replace="    nn.Dropout(dropout),\n",
    by="    nn.ReLU(),\n    nn.Dropout(dropout),\n",
    says="a second ReLU cuts off the negative results; the last layer is linear",
)
mistake(
    "FeedForward.__init__",
    replace="    nn.Dropout(dropout),\n",
    by="",
    says="nothing is dropped; dropout comes after the second linear layer",
)
mistake(
    "FeedForward.__init__",
    body="""
    super().__init__()
    self.net = nn.Sequential(
        nn.Linear(n_embd, 4 * n_embd),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(4 * n_embd, n_embd),
    )
    """,
    says="dropout stands between the layers; it applies to the result",
)
mistake(
    "FeedForward.__init__",
    replace="n_embd),",
    by="n_embd, bias=False),",
    says="the linear layers have no bias; keep it",
)


# --- LayerNorm -----------------------------------------------------------------------------------


@check("LayerNorm.__init__")
def gamma_and_beta(lesson, draw):
    """gamma is ones, beta is zeros, and both are parameters."""
    norm = lesson.LayerNorm(draw.size("dim", 1, 5))
    parameters = dict(norm.named_parameters())
    return {
        "gamma": norm.gamma,
        "beta": norm.beta,
        "parameters": {name: parameters.get(name) for name in ("gamma", "beta")},
        "number of parameters": count(norm),
    }


@check("LayerNorm.__init__", cases=2)
def eps_is_kept(lesson, draw):
    """The eps that is given is kept; by default it is 1e-5."""
    given = [draw.choice("eps", [0.5, 1.0, 2.0])] if draw.case else []
    return {"eps": lesson.LayerNorm(3, *given).eps}


mistake(
    "LayerNorm.__init__",
    replace="self.eps = eps",
    by="self.eps = 1e-5",
    says="the eps that is given is not used; keep it",
)
mistake(
    "LayerNorm.__init__",
    replace="nn.Parameter(torch.ones(dim))",
    by="torch.ones(dim)",
    says="gamma is a plain tensor and is never trained; wrap it in nn.Parameter",
)
mistake(
    "LayerNorm.__init__",
    replace="nn.Parameter(torch.zeros(dim))",
    by="torch.zeros(dim)",
    says="beta is a plain tensor and is never trained; wrap it in nn.Parameter",
)
mistake(
    "LayerNorm.__init__",
    replace="torch.ones(dim)",
    by="torch.zeros(dim)",
    says="gamma starts at zero, so the output is zero; it starts at one",
)
mistake(
    "LayerNorm.__init__",
    replace="(dim))",
    by="(1))",
    says="there is one gamma and one beta for all channels; each channel has its own",
)
mistake(
    "LayerNorm.__init__",
    replace="torch.zeros(dim)",
    by="torch.ones(dim)",
    says="beta starts at one and shifts everything; it starts at zero",
)


def drawn_norm(lesson, draw, dim):
    norm = lesson.LayerNorm(dim)
    put(norm.gamma, draw.tensor("gamma", dim))
    put(norm.beta, draw.tensor("beta", dim))
    return norm


@check("LayerNorm.forward")
def normalises_each_position(lesson, draw):
    """Each position is normalised over its own channels, with any number of dimensions before."""
    dim = draw.size("x", 2, 4)
    norm = lesson.LayerNorm(dim)
    leading = [(2,), (2, 3), (2, 1, 3)][draw.case]
    x = draw.given("x", draw.tensor("x", *leading, dim) * 3 + 1)
    return {"output": norm(x), "x afterwards": x}


@check("LayerNorm.forward", tolerance=(1e-3, 1e-3),
       because="mean of squares less squared mean cancels in float32 where channels are near")
def scales_and_shifts(lesson, draw):
    """The normalised channels are scaled by gamma and shifted by beta."""
    dim = draw.size("x", 2, 4)
    return {"output": drawn_norm(lesson, draw, dim)(draw.tensor("x", 2, 2, dim))}


@check("LayerNorm.forward", cases=3)
def small_and_equal_channels(lesson, draw):
    """Where the channels are nearly equal, the layer's eps under the root keeps it finite."""
    x = draw.given("x", draw.tensor("x", 2, 3) / 1000 if draw.case else torch.ones(2, 3))
    eps = draw.given("eps", 1e-6 if draw.case == 2 else 1e-5)
    return {"output": lesson.LayerNorm(3, eps)(x)}


@check("LayerNorm.forward", cases=1, **DEEP)
def gradients_of_a_norm(lesson, draw):
    """The input, gamma and beta all get their gradient."""
    norm, x = drawn_norm(lesson, draw, 3), draw.tensor("x", 2, 3).requires_grad_()
    (norm(x) ** 2).sum().backward()
    return {"gamma": norm.gamma.grad, "beta": norm.beta.grad, "x": x.grad}


mistake(
    "LayerNorm.forward",
    replace="(-1, keepdim=True",
    by="(0, keepdim=True",
    says="the batch is normalised, as batch norm does; layer norm runs over the channels",
)
mistake(
    "LayerNorm.forward",
    replace=", unbiased=False",
    by="",
    says="the variance divides by dim - 1, as torch and the video do by default; here it divides "
    "by dim, as nn.LayerNorm does",
)
mistake(
    "LayerNorm.forward",
    replace="(variance + self.eps).sqrt()",
    by="(variance.sqrt() + self.eps)",
    says="eps is added to the standard deviation; it belongs to the variance, under the root",
)
mistake(
    "LayerNorm.forward",
    replace="(variance + self.eps).sqrt()",
    by="variance.sqrt()",
    says="eps is missing, so equal channels divide by zero",
)
mistake(
    "LayerNorm.forward",
    replace="(variance + self.eps).sqrt()",
    by="(variance + self.eps)",
    says="it is divided by the variance; the root is missing",
)
mistake(
    "LayerNorm.forward",
    replace="(x - mean)",
    by="x",
    says="the mean is not subtracted",
)
mistake(
    "LayerNorm.forward",
    replace="return self.gamma * normalised + self.beta",
    by="self.gamma * normalised + self.beta\nreturn normalised",
    says="gamma and beta have no effect; return the scaled and shifted channels",
)
mistake(
    "LayerNorm.forward",
    replace="self.gamma * normalised + self.beta",
    by="self.gamma * (normalised + self.beta)",
    says="beta is scaled by gamma; scale first, then shift",
)
mistake(
    "LayerNorm.forward",
    replace="keepdim=True",
    by="keepdim=False",
    says="without keepdim mean and variance meet the channels instead of the positions",
)
mistake(
    "LayerNorm.forward",
    replace="(-1, keepdim=True",
    by="(tuple(range(1, x.dim())), keepdim=True",
    says="time is averaged over as well; each position is normalised by itself",
)


# --- Block ---------------------------------------------------------------------------------------


@check("Block.__init__")
def parts_of_a_block(lesson, draw):
    """Attention whose heads share the width, a feed-forward layer, and two norms."""
    n_head, block_size = draw.size("n_head", 1, 3), draw.integer("block_size", 4, 8)
    n_embd = draw.given("n_embd", 2 * n_head)
    block = lesson.Block(n_embd, n_head, block_size)
    return {
        "number of heads": len(block.sa.heads),
        "shape of each head's key": [shape(head.key.weight) for head in block.sa.heads],
        "shape of each head's tril": [shape(head.tril) for head in block.sa.heads],
        "shapes of gamma in ln1 and ln2": [shape(block.ln1.gamma), shape(block.ln2.gamma)],
        "parameters of ffwd": count(block.ffwd),
        "parameters of the block less those of sa and ffwd": count(block)
        - count(block.sa)
        - count(block.ffwd),
    }


@check("Block.__init__", cases=2)
def dropout_in_the_branches(lesson, draw):
    """dropout goes to attention and to the feed-forward layer."""
    given = [draw.number("dropout", 0.1, 0.9)] if draw.case else []
    block = lesson.Block(4, 2, 5, *given)
    return {"dropout": {name: shares_of_dropout(getattr(block, name)) for name in ("sa", "ffwd")}}


mistake(
    "Block.__init__",
    replace="n_embd // n_head, block_size",
    by="n_embd, block_size",
    says="every head is as wide as the input; share the width: n_embd // n_head",
)
mistake(
    "Block.__init__",
    replace="n_head, n_embd // n_head, block_size",
    by="n_embd // n_head, n_head, block_size",
    says="the number of heads and their size are swapped",
)
mistake(
    "Block.__init__",
    replace="self.ln2 = LayerNorm(n_embd)",
    by="self.ln2 = self.ln1",
    says="both norms are one and the same; each branch has its own",
)
mistake(
    "Block.__init__",
    replace="block_size, dropout)",
    by="block_size)",
    says="attention does not get the dropout; pass it on",
)
mistake(
    "Block.__init__",
    replace="FeedForward(n_embd, dropout)",
    by="FeedForward(n_embd)",
    says="the feed-forward layer does not get the dropout; pass it on",
)
mistake(
    "Block.__init__",
    replace="n_embd, n_head, n_embd // n_head, block_size",
    by="n_embd, 1, n_embd, block_size",
    says="there is one wide head; make n_head of them",
)
mistake(
    "Block.__init__",
    replace="LayerNorm(n_embd)",
    by="LayerNorm(n_embd // n_head)",
    says="the norms are as wide as one head; they normalise all n_embd channels",
)


BRANCHES = ("sa", "ffwd", "ln1", "ln2")


@check("Block.forward")
def two_branches(lesson, draw):
    """Each branch normalises, computes, and is added (its parts are linear layers here)."""
    n_embd = draw.size("x", 1, 3)
    block = lesson.Block(n_embd, 1, 4)
    for name in BRANCHES:
        setattr(block, name, drawn_linear(draw, name, n_embd, n_embd))
    x = draw.tensor("x", draw.size("x", 1, 2), draw.size("x", 1, 3), n_embd)
    return {"output": block(x), "x afterwards": x}


@check("Block.forward", cases=1)
def residual_path(lesson, draw):
    """Where both branches give 0, the input goes through unchanged."""
    block = lesson.Block(2, 1, 4)
    for name in BRANCHES:
        stand_in = nn.Linear(2, 2, bias=False)
        put(stand_in.weight, torch.zeros(2, 2) if name in ("sa", "ffwd") else torch.eye(2))
        setattr(block, name, stand_in)
    return {"output": block(draw.tensor("x", 1, 3, 2))}


mistake(
    "Block.forward",
    replace="x = x + self.sa(self.ln1(x))",
    by="x = self.sa(self.ln1(x))",
    says="attention replaces x; the residual path adds its result to x",
)
mistake(
    "Block.forward",
    replace="return x + self.ffwd(self.ln2(x))",
    by="return self.ffwd(self.ln2(x))",
    says="the feed-forward layer replaces x; the residual path adds its result to x",
)
mistake(
    "Block.forward",
    body="""
    x = self.ln1(x + self.sa(x))
    return self.ln2(x + self.ffwd(x))
    """,
    says="the norms come after the additions, as in the first Transformer; here each stands at its "
    "branch's entrance",
)
mistake(
    "Block.forward",
    body="""
    x = self.ln1(x)
    x = x + self.sa(x)
    x = self.ln2(x)
    return x + self.ffwd(x)
    """,
    says="the norms are on the residual path; only the branches are normalised",
)
mistake(
    "Block.forward",
    replace="self.ln2(x)",
    by="self.ln1(x)",
    says="the first norm is used twice; the second branch has ln2",
)
mistake(
    "Block.forward",
    body="return x + self.sa(self.ln1(x)) + self.ffwd(self.ln2(x))",
    says="both branches start from the input; the second starts from the first one's result",
)
mistake(
    "Block.forward",
    body="""
    x = x + self.ffwd(self.ln2(x))
    return x + self.sa(self.ln1(x))
    """,
    says="it computes before it communicates; attention comes first",
)
mistake(
    "Block.forward",
    replace="return x + self.ffwd(self.ln2(x))",
    by="self.ffwd(self.ln2(x))\nreturn x",
    says="the feed-forward layer is computed and its result is dropped; add it",
)
mistake(
    "Block.forward",
    body="""
    x += self.sa(self.ln1(x))
    x += self.ffwd(self.ln2(x))
    return x
    """,
    says="+= changes the caller's tensor; write x = x + ...",
)
mistake(
    "Block.forward",
    body="""
    x = x + self.sa(x)
    return x + self.ffwd(x)
    """,
    says="the branches are not normalised; ln1 and ln2 stand at their entrances",
)


# --- GPT -----------------------------------------------------------------------------------------


@check("GPT.__init__")
def parts_of_a_gpt(lesson, draw):
    """Two tables, n_layer blocks, a last norm and a linear layer, all of them trained."""
    n_layer, block_size = draw.size("n_layer", 1, 3), draw.integer("block_size", 6, 8)
    n_embd, n_head = draw.given("n_embd", 4), draw.given("n_head", 2)
    model = lesson.GPT(draw.integer("vocab_size", 3, 5), n_embd, n_head, n_layer, block_size)
    return {
        "block_size": model.block_size,
        "shape of the token table": shape(model.token_embedding_table.weight),
        "shape of the position table": shape(model.position_embedding_table.weight),
        "number of blocks": len(model.blocks),
        "shape of gamma in ln_f": shape(model.ln_f.gamma),
        "shape of lm_head": shape(model.lm_head.weight),
        "bias of lm_head": None if model.lm_head.bias is None else shape(model.lm_head.bias),
        "parameters of the model less those of its blocks": count(model)
        - sum(map(count, model.blocks)),
    }


@check("GPT.__init__", cases=1)
def heads_and_lengths_of_a_gpt(lesson, draw):
    """The blocks have n_head heads and take block_size positions."""
    sizes = draw.given("vocab_size, n_embd, n_head, n_layer", (3, 6, 3, 2))
    model = lesson.GPT(*sizes, draw.integer("block_size", 5, 7))
    heads = [[shape(head.tril) for head in block.sa.heads] for block in model.blocks]
    return {"shapes of tril in the heads of each block": heads}


@check("GPT.__init__", cases=2)
def dropout_of_a_gpt(lesson, draw):
    """dropout goes to every block."""
    given = [draw.number("dropout", 0.1, 0.9)] if draw.case else []
    model = lesson.GPT(3, 4, 2, 2, 5, *given)
    return {"dropout of each block": [shares_of_dropout(block) for block in model.blocks]}


mistake(
    "GPT.__init__",
    body="""
    super().__init__()
    self.block_size = block_size
    self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
    self.position_embedding_table = nn.Embedding(block_size, n_embd)
    self.blocks = nn.Sequential(*[Block(n_embd, n_head, block_size, dropout)] * n_layer)
    self.ln_f = LayerNorm(n_embd)
    self.lm_head = nn.Linear(n_embd, vocab_size)
    """,
    says="it is one block, listed several times; make new weights for every layer",
)
mistake(
    "GPT.__init__",
    body="""
    super().__init__()
    self.block_size = block_size
    self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
    self.position_embedding_table = nn.Embedding(block_size, n_embd)
    self.blocks = [Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer)]
    self.ln_f = LayerNorm(n_embd)
    self.lm_head = nn.Linear(n_embd, vocab_size)
    """,
    says="the blocks are in a plain list, so their parameters are never trained; use nn.Sequential",
)
mistake(
    "GPT.__init__",
    replace="nn.Embedding(block_size, n_embd)",
    by="nn.Embedding(vocab_size, n_embd)",
    says="the position table has a row for each token; it needs one for each position",
)
mistake(
    "GPT.__init__",
    replace="nn.Embedding(vocab_size, n_embd)",
    by="nn.Embedding(vocab_size, vocab_size)",
    says="the token table holds logits, as in the bigram model; its rows are n_embd wide now",
)
mistake(
    "GPT.__init__",
    replace="for _ in range(n_layer)",
    by="for _ in range(n_head)",
    says="there are as many blocks as heads; there are n_layer of them",
)
mistake(
    "GPT.__init__",
    replace="Block(n_embd, n_head, block_size, dropout)",
    by="Block(n_embd, n_head, block_size)",
    says="the blocks do not get the dropout; pass it on",
)
mistake(
    "GPT.__init__",
    replace="nn.Linear(n_embd, vocab_size)",
    by="nn.Linear(n_embd, vocab_size, bias=False)",
    says="lm_head has no bias; it has one here, as in the lecture",
)
mistake(
    "GPT.__init__",
    replace="Block(n_embd, n_head, block_size, dropout)",
    by="Block(n_embd, 1, block_size, dropout)",
    says="each block has a single head; pass n_head on",
)
mistake(
    "GPT.__init__",
    replace="self.block_size = block_size\n",
    by="",
    says="block_size is not kept, and generate needs it",
)
mistake(
    "GPT.__init__",
    replace="self.lm_head = nn.Linear(n_embd, vocab_size)",
    by="self.lm_head = nn.Linear(n_embd, vocab_size)\n"
    "self.lm_head.weight = self.token_embedding_table.weight",
    says="lm_head shares its weight with the token table, as GPT-2 does; here each has its own",
)


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


@check("GPT.forward", cases=4, **DEEP)
def from_tokens_to_logits(lesson, draw):
    """Tokens and positions go in, logits (B, T, V) come out (blocks and ln_f are linear here)."""
    model = gpt_of_stand_ins(lesson, draw, 3, draw.size("idx", 1, 3), 4)
    idx = draw.indices("idx", draw.size("idx", 1, 2), draw.size("idx", 1, 4), high=3)
    logits, loss = model(idx)
    return {"logits": logits, "loss": loss}


@check("GPT.forward", **DEEP)
def loss_of_a_gpt(lesson, draw):
    """With targets the loss is the mean over all positions (blocks and ln_f are linear here)."""
    model = gpt_of_stand_ins(lesson, draw, 4, 2, 4)
    batch, time = draw.size("idx", 1, 3), draw.size("idx", 1, 4)
    idx, targets = (draw.indices(name, batch, time, high=4) for name in ("idx", "targets"))
    logits, loss = model(idx, targets)
    return {"loss": loss, "logits": logits}


@check("GPT.forward", cases=2)
def gpt_is_causal(lesson, draw):
    """With its own blocks, later tokens do not change earlier logits: the difference is 0."""
    model = lesson.GPT(3, 4, 2, 2, 6)
    time = draw.size("idx", 2, 6)
    idx, other, start = with_other_future(draw, draw.indices("idx", 2, time, high=3), 1)
    return {"change of earlier logits": (model(other)[0] - model(idx)[0])[:, :start]}


@check("GPT.forward", cases=1)
def everything_learns(lesson, draw):
    """The loss sends a gradient to every parameter."""
    model = lesson.GPT(5, 4, 2, 2, 6)
    _, loss = model(*(draw.indices(name, 3, 6, high=5) for name in ("idx", "targets")))
    loss.backward()
    missed = [p for p in model.parameters() if p.grad is None or p.grad.abs().sum() == 0]
    return {"parameters without a gradient": sum(parameter.numel() for parameter in missed)}


TOKENS = "self.token_embedding_table(idx)"
POSITIONS = "self.position_embedding_table(positions)"
mistake(
    "GPT.forward",
    replace=f"{TOKENS} + {POSITIONS}",
    by=TOKENS,
    says="positions are left out, and attention cannot tell the order without them",
)
mistake(
    "GPT.forward",
    replace=POSITIONS,
    by="self.position_embedding_table(idx % len(self.position_embedding_table.weight))",
    says="positions are looked up by token; they count 0, 1, 2 ... along the window",
)
mistake(
    "GPT.forward",
    replace="torch.arange(idx.shape[1], device=idx.device)",
    by="torch.arange(self.block_size)",
    says="there are always block_size positions, but the window may be shorter; take T of them",
)
mistake(
    "GPT.forward",
    replace="self.lm_head(self.ln_f(self.blocks(x)))",
    by="self.lm_head(self.blocks(x))",
    says="the last norm is left out; ln_f comes after the blocks",
)
mistake(
    "GPT.forward",
    replace="self.lm_head(self.ln_f(self.blocks(x)))",
    by="self.lm_head(self.blocks(self.ln_f(x)))",
    says="ln_f comes before the blocks; it normalises what they give",
)
mistake(
    "GPT.forward",
    replace="logits = self.lm_head(self.ln_f(self.blocks(x)))",
    by="self.blocks(x)\nlogits = self.lm_head(self.ln_f(x))",
    says="the blocks are computed and their result is dropped; go on with it",
)
mistake(
    "GPT.forward",
    replace=f"{TOKENS} + {POSITIONS}",
    by=f"{TOKENS} * {POSITIONS}",
    says="the two embeddings are multiplied; add them",
)
mistake(
    "GPT.forward",
    replace="self.lm_head(self.ln_f(self.blocks(x)))",
    by="self.lm_head(self.ln_f(self.blocks(x)))[:, -1:]",
    says="only the last position gives logits; all of them predict",
)


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


@check("GPT.generate")
def chain_beyond_the_window(lesson, draw):
    """Where each token has one successor, the text is a chain, to twice block_size and more."""
    block_size = draw.size("block_size", 2, 4)
    model = chained_gpt(lesson, draw, block_size)
    idx = draw.indices("idx", draw.size("idx", 1, 2), draw.size("idx", 1, 6), high=7)
    generated = model.generate(idx, draw.given("max_new_tokens", 2 * block_size + 1))
    return {"generated": generated, "idx afterwards": idx}


@check("GPT.generate")
def exactly_the_last_block_size(lesson, draw):
    """Where the oldest token of the window decides, the window holds the last block_size tokens."""
    block_size = draw.size("block_size", 2, 4)
    model = chained_gpt(lesson, draw, block_size, Oldest())
    idx = draw.given("idx", torch.tensor([draw.shuffled("idx", range(7))[: block_size + 1]]))
    return {"generated": model.generate(idx, draw.given("max_new_tokens", 2 * block_size))}


@check("GPT.generate", cases=2)
def gpt_as_many_as_asked(lesson, draw):
    """max_new_tokens are appended, none or one too."""
    model = chained_gpt(lesson, draw, 3)
    idx = draw.indices("idx", 2, 2, high=7)
    return {"generated": model.generate(idx, draw.size("max_new_tokens", 0, 1))}


@check("GPT.generate", cases=1, **SHARES)
def gpt_draws_by_probability(lesson, draw):
    """Tokens are drawn as often as the softmax of the logits says."""
    model = forced_gpt(lesson, 3, 1, 2)
    put(model.lm_head.weight, torch.zeros(3, 1))
    probabilities = draw.given("probabilities of the next token", torch.tensor([0.6, 0.1, 0.3]))
    put(model.lm_head.bias, probabilities.log())
    return {"shares": shares(model.generate(torch.zeros(2500, 1).long(), 1)[:, 1], 3)}


@check("GPT.generate", cases=1)
def gpt_same_seed_same_text(lesson, draw):
    """Two generators with the same seed give the same text."""
    model, seed = forced_gpt(lesson, 5, 1, 2), draw.integer("seed", 0, 1000)
    put(model.lm_head.weight, torch.zeros(5, 1))
    idx = torch.zeros(3, 1).long()
    first, second = (
        model.generate(idx, 12, generator=torch.Generator().manual_seed(seed)) for _ in "ab"
    )
    return {"first text minus second text": first - second}


mistake(
    "GPT.generate",
    replace=CROPPED,
    by="idx",
    says="the context is not cropped, and there are only block_size positions; pass the last "
    "block_size tokens",
)
mistake(
    "GPT.generate",
    replace=CROPPED,
    by="idx[:, : self.block_size]",
    says="the context is the first block_size tokens, which never change; it is the last ones",
)
mistake(
    "GPT.generate",
    replace=CROPPED,
    by="idx[:, -self.block_size + 1 :]",
    says="the context is one token too short; it holds block_size tokens",
)
mistake(
    "GPT.generate",
    replace=f"logits, _ = self({CROPPED})",
    by=f"idx = {CROPPED}\n    logits, _ = self(idx)",
    says="the text itself is cropped and its beginning lost; crop only what the model sees",
)
mistake(
    "GPT.generate",
    replace=CROPPED,
    by="idx[:, -1:]",
    says="the model sees the last token only; it may see block_size of them",
)


# --- all_heads_at_once ---------------------------------------------------------------------------


def drawn_heads(lesson, draw, n_head, head_size, time, n_embd=3):
    width = n_head * head_size
    x = draw.tensor("x", 2, time, n_embd)
    weights = [draw.tensor(f"{name}_weight", width, n_embd) for name in ("query", "key", "value")]
    return lesson.all_heads_at_once(x, *weights, n_head), x


@check("all_heads_at_once")
def heads_side_by_side(lesson, draw):
    """Each head attends with its own rows of the weights; outputs stand side by side."""
    n_head, head_size = draw.size("n_head", 1, 3), draw.integer("x", 2, 3)
    output, x = drawn_heads(lesson, draw, n_head, head_size, draw.size("x", 2, 4))
    return {"output": output, "x afterwards": x}


@check("all_heads_at_once", cases=2)
def one_position(lesson, draw):
    """With a single position each head gives back its value."""
    output, _ = drawn_heads(lesson, draw, draw.size("n_head", 2, 4), 2, 1)
    return {"output": output}


@check("all_heads_at_once", cases=2)
def heads_see_no_future(lesson, draw):
    """What comes later cannot change earlier outputs."""
    weights = [draw.tensor(f"{name}_weight", 4, 3) for name in ("query", "key", "value")]
    x, other, start = with_other_future(draw, draw.tensor("x", 1, 4, 3), 1)
    one, two = (lesson.all_heads_at_once(given, *weights, 2) for given in (x, other))
    return {
        "first output": one[:, 0],
        "earlier outputs": one[:, :start],
        "earlier outputs with another future": two[:, :start],
    }


mistake(
    "all_heads_at_once",
    replace=".view(B, T, n_head, -1).transpose(1, 2)",
    by=".view(B, n_head, T, -1)",
    says="a view alone shuffles time and heads; view as (B, T, n_head, head_size), then swap",
)
mistake(
    "all_heads_at_once",
    replace="out.transpose(1, 2).reshape(B, T, -1)",
    by="out.reshape(B, T, -1)",
    says="heads and time are not swapped back, so the outputs are shuffled",
)
mistake(
    "all_heads_at_once",
    replace=".view(B, T, n_head, -1).transpose(1, 2)",
    by=".view(B, T, -1, n_head).permute(0, 3, 1, 2)",
    says="the rows of the weights are dealt out to the heads in turn; each head has neighbours",
)
mistake(
    "all_heads_at_once",
    replace="view(B, T, n_head, -1)",
    by="view(B, T, -1, n_head)",
    says="head_size and n_head are swapped; a head's rows are neighbours, so n_head comes first",
)
mistake(
    "all_heads_at_once",
    replace="view(B, T, n_head, -1)",
    by="view(B, T, 1, -1)",
    says="all rows make one wide head; cut them into n_head heads",
)
mistake(
    "all_heads_at_once",
    replace="split(query_weight), split(key_weight)",
    by="split(key_weight), split(query_weight)",
    says="query and key are swapped",
)
mistake(
    "all_heads_at_once",
    replace=".transpose(1, 2)\n",
    by="\n",
    says="attention runs between the heads; time must be the last dimension but one",
)
mistake(
    "all_heads_at_once",
    replace="return out.transpose(1, 2).reshape(B, T, -1)",
    by="return out",
    says="the result still has a dimension for the heads; join them side by side",
)
