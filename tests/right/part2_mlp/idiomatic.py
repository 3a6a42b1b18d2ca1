"""Whole tensors, other torch calls, closures."""


import torch
import torch.nn.functional as F


def vocabulary(words):
    letters = sorted(set("".join(words)))
    return {".": 0, **{c: i + 1 for i, c in enumerate(letters)}}, dict(enumerate([".", *letters]))


def contexts(word, block_size):
    padded = word.rjust(len(word) + block_size, ".") + "."
    return [(padded[i - block_size : i], padded[i]) for i in range(block_size, len(padded))]


def build_dataset(words, stoi, block_size=3):
    chunks = []
    for word in words:
        codes = torch.tensor([0] * block_size + [stoi[c] for c in word] + [0])
        chunks.append(codes.unfold(0, block_size + 1, 1))
    windows = torch.cat(chunks)
    return windows[:, :-1], windows[:, -1]


def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    order = torch.randperm(len(words), generator=torch.Generator().manual_seed(seed))
    ends = (torch.tensor(fractions).cumsum(0) * len(words)).round().long()
    return tuple([words[i] for i in part] for part in order.tensor_split(ends[:-1]))


def leaked_words(train, other):
    return list(filter(frozenset(train).__contains__, other))


def embed(C, X):
    return F.embedding(X, C).view(X.shape[0], -1)


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator, output_scale=1.0):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    parameters = [torch.randn(s, generator=generator, requires_grad=True) for s in shapes.values()]
    with torch.no_grad():
        for parameter in parameters[3:]:
            parameter.mul_(output_scale)
    return parameters


def forward(parameters, X):
    C, W1, b1, W2, b2 = parameters
    h = F.linear(embed(C, X), W1.T, b1).tanh()
    return torch.addmm(b2, h, W2)


def cross_entropy(logits, targets):
    return (logits.logsumexp(1) - logits.gather(1, targets[:, None]).squeeze(1)).mean()


def expected_initial_loss(vocab_size):
    return -torch.tensor(1.0 / vocab_size).log()


def minibatch(X, Y, batch_size, generator):
    ix = torch.randperm(X.shape[0], generator=generator)[:batch_size]
    return X.index_select(0, ix), Y.index_select(0, ix)


def sgd_step(parameters, loss, learning_rate):
    optimizer = torch.optim.SGD(parameters, lr=learning_rate)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def downhill(parameters, X, Y, rate):
    loss = F.cross_entropy(forward(parameters, X), Y)
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.data.sub_(gradient, alpha=rate)
    return loss.item()


def overfit(parameters, X, Y, steps, learning_rate):
    return [downhill(parameters, X, Y, learning_rate) for _ in range(steps)]


def train_on_batches(parameters, X, Y, rates, batch_size, generator):
    def step(rate):
        return downhill(parameters, *minibatch(X, Y, batch_size, generator), rate)

    return list(map(step, rates))


def learning_rates(low, high, n):
    return torch.logspace(low, high, n, dtype=torch.float64)


def sweep_learning_rates(rates, make_parameters, train, dev, steps, batch_size, seed):
    generator = torch.Generator()

    def outcome(rate):
        generator.manual_seed(seed)
        parameters = make_parameters()
        train_on_batches(parameters, *train, [rate] * steps, batch_size, generator)
        return evaluate(parameters, *dev)

    return [outcome(rate) for rate in torch.as_tensor(rates).tolist()]


def best_learning_rate(rates, losses):
    good = losses.isfinite()
    return rates[good][losses[good].argmin()]


def decayed_rate(step, steps, learning_rate=0.1):
    match step < steps / 2:
        case True:
            return learning_rate
        case False:
            return learning_rate / 10


@torch.inference_mode()
def evaluate(parameters, X, Y):
    return F.cross_entropy(forward(parameters, X), Y).item()


def sample_name(parameters, itos, block_size, generator):
    @torch.no_grad()
    def characters():
        context = torch.zeros(1, block_size, dtype=torch.int64)
        while True:
            probs = F.softmax(forward(parameters, context), dim=-1)
            ix = torch.multinomial(probs, num_samples=1, generator=generator)
            if ix.item() == 0:
                return
            yield itos[ix.item()]
            context = torch.cat([context[:, 1:], ix], dim=1)

    return "".join(characters())
