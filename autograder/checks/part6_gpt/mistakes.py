"""Known mistakes of `part6_gpt`."""

from autograder.checks import mistakes, whole

mistakes("build_tokenizer", [
    ("sorted(set(text))", "list(dict.fromkeys(text))",
     "the characters are numbered in the order in which they first occur; sort them"),
    ("sorted(set(text))", "sorted(text)",
     "a character that occurs twice gets two numbers; list each character once"),
    ("sorted(set(text))", "sorted(set(text.lower()))",
     "the text is put into lower case; capital letters are characters too, so leave it as it is"),
    ("enumerate(characters)", "enumerate(characters, 1)",
     "the tokens count from 1; there's no '.' here to reserve the 0 for"),
    ('"".join(characters[token] for token in tokens)', "[characters[token] for token in tokens]",
     "decode returns a list of characters; join them into one string"),
    ('"".join(', '" ".join(',
     "decode puts spaces between the characters; join with the empty string"),
    ("for character in string]", "for character in sorted(string)]",
     "encode sorts the text; keep its characters in order"),
])

mistakes("split_data", [
    ("data[boundary:]", "data",
     "validation is the whole text, so the model has trained on most of it; take only what's left"),
    ("data[:boundary], data", "data, data",
     "training uses the whole text, validation part included; leave that part out"),
    ("return data[:boundary], data[boundary:]", "return data[boundary:], data[:boundary]",
     "the two parts are swapped: train comes first"),
    ("data[boundary:]", "data[boundary + 1 :]",
     "one token between the two parts is lost; the second starts right after the first"),
    ("int(fraction * len(data))", "-int(-fraction * len(data) // 1)",
     "the cut is rounded up; int() rounds it down"),
    whole("""
        boundary = int(fraction * len(data))
        return data[-boundary:], data[:-boundary]
        """, "validation is taken from the beginning; it is the end of the text"),
])

mistakes("get_batch", [
    ("len(data) - block_size,", "len(data) - block_size - 1,",
     "the last window is never drawn; randint's upper end is excluded already"),
    ("len(data) - block_size,", "len(data),",
     "a window may start so late that it runs past the end of the data"),
    ("len(data) - block_size,", "len(data) - block_size + 1,",
     "a window may start one place too late: its last entry has no successor"),
    ("data[start + 1 : start + block_size + 1]", "data[start : start + block_size]",
     "y equals x; shift it one step ahead, or the model only learns to copy"),
    ("data[start + 1 : start + block_size + 1]", "data[start + block_size]",
     "y has one target per window; every position of x has its own target"),
    ("data[start + 1 : start + block_size + 1]", "data[start : start + block_size].roll(-1)",
     "the last target is the window's own first token; take it from the data"),
    (", generator=generator", "", "the generator isn't used; pass it on to whatever draws"),
    (", generator=generator)", ", generator=torch.Generator().manual_seed(1337))",
     "the draws come from a new generator, which starts over in every call; use the one that's "
     "passed in"),
    ("generator=generator", "generator=generator or torch.Generator().manual_seed(1337)",
     "with no generator, the windows are the same in every call; pass None on to torch instead"),
    ("starts = torch.randint(len(data) - block_size, (batch_size,), generator=generator)",
     ("import numpy\n"
      "starts = numpy.random.randint(len(data) - block_size, size=batch_size).tolist()"),
     "numpy draws here; draw with torch, from the generator that's passed in"),
    ("y = torch.stack(",
     ("starts = torch.randint(len(data) - block_size, (batch_size,), generator=generator)\n"
      "y = torch.stack("), "y comes from different places than x; draw the places only once"),
    ("(batch_size,), generator=generator)", "(1,), generator=generator).expand(batch_size)",
     "all rows are the same window; draw one place for each row"),
    ("starts = torch.randint(len(data) - block_size, (batch_size,), generator=generator)",
     "starts = torch.arange(batch_size) % (len(data) - block_size)",
     "the windows are always the same ones; draw their places at random"),
    ("for start in starts])", "for start in starts], dim=1)",
     "time runs down the columns; a window is a row: (batch_size, block_size)"),
    ("starts = torch.randint(", "torch.manual_seed(1337)\nstarts = torch.randint(",
     "the seed is set in every call, so every batch is the same; set it once, before training"),
])

mistakes("BigramLanguageModel.__init__", [
    ("nn.Embedding(vocab_size, vocab_size)", "nn.Embedding(vocab_size, 32)",
     "the rows are too short: a row of the table is the logits, as long as the vocabulary"),
    ("nn.Embedding(vocab_size, vocab_size)", "nn.Linear(vocab_size, vocab_size)",
     "a linear layer multiplies; a table that you look up by token is an nn.Embedding"),
    ("nn.Embedding(vocab_size, vocab_size)", "torch.randn(vocab_size, vocab_size)",
     "a plain tensor is never trained; use an nn.Embedding"),
    ("super().__init__()\n", "",
     "a module can hold its parts only once nn.Module's own __init__, by super(), has run"),
    ("nn.Embedding(vocab_size, vocab_size)", "nn.Embedding(vocab_size + 1, vocab_size)",
     "the table has one row too many; tokens run from 0 to vocab_size - 1"),
])

mistakes("BigramLanguageModel.forward", [
    ("F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
     "F.cross_entropy(logits.reshape(idx.shape[0], -1, idx.shape[1]), targets)",
     "reshaping (B, T, V) to (B, V, T) shuffles the logits; flatten B and T instead"),
    ("F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
     "F.cross_entropy(logits, targets)",
     "cross_entropy takes the second dimension for the classes, and here that is time; flatten B "
     "and T, in the logits and in the targets"),
    ("targets.flatten())", 'targets.flatten(), reduction="sum")',
     "the loss is a sum over the predictions; take their mean"),
    ("return logits, loss", "return logits.flatten(0, 1), loss",
     "the logits are flattened, as in the video; here they're always (B, T, V)"),
    ("F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
     "F.cross_entropy(logits[:, -1], targets[:, -1])",
     "only the last position counts; the loss is the mean over all positions"),
    ("logits.flatten(0, 1), targets", "logits.flatten(0, 1).softmax(-1), targets",
     "cross_entropy takes logits; with probabilities, softmax is applied twice"),
    ("return logits, None", "return logits",
     "only the logits are returned; without targets the result is still a pair, the logits and "
     "None"),
    ("if targets is None:\n    return logits, None\n", "if targets is None:\n    targets = idx\n",
     "without targets there's no loss; return None in its place"),
    ("return logits, loss", "return logits, loss.detach()",
     "the loss is cut off from the graph, so nothing can be learned from it"),
    ("self.token_embedding_table(idx)", "self.token_embedding_table.weight.T[idx]",
     "the columns of the table are looked up; row i holds what follows token i"),
])

mistakes("BigramLanguageModel.generate", [
    ("torch.multinomial(probabilities, num_samples=1, generator=generator)",
     "probabilities.argmax(-1, keepdim=True)",
     "the likeliest token is taken each time; draw from the probabilities"),
    ("logits[:, -1]", "logits[:, 0]",
     "the first position predicts the second; the last one predicts what comes next"),
    ("F.softmax(logits[:, -1], dim=-1)", "F.softmax(logits[:, -1], dim=0)",
     "softmax runs over the batch; each row's own tokens must sum to one"),
    ("F.softmax(logits[:, -1], dim=-1)", "logits[:, -1]",
     "the logits are drawn from as they are; softmax turns them into probabilities first"),
    ("F.softmax(logits[:, -1], dim=-1)", "logits[:, -1].abs()",
     "logits aren't probabilities; apply softmax before you draw"),
    (", generator=generator", "", "the generator isn't used; pass it on to whatever draws"),
    ("return idx", "return idx[:, -max_new_tokens:]",
     "only the new tokens are returned; the result starts with idx"),
    ("return idx", "return idx[:, idx.shape[1] - max_new_tokens :]",
     "only what was drawn is returned; the result starts with idx"),
    ("idx = torch.cat((idx, next_token), dim=1)", "idx = torch.cat((next_token, idx), dim=1)",
     "the new token is put in front; it belongs at the end"),
    ("range(max_new_tokens)", "range(max_new_tokens - 1)",
     "one token is missing at the end; the loop runs max_new_tokens times"),
    whole("""
        logits, _ = self(idx)
        probabilities = F.softmax(logits[:, -1], dim=-1)
        next_tokens = torch.multinomial(probabilities, max_new_tokens or 1, replacement=True,
                                        generator=generator)
        return torch.cat((idx, next_tokens[:, :max_new_tokens]), dim=1)
        """, "all tokens are drawn from one prediction; predict again after each token"),
])

for name in ("BigramLanguageModel.generate", "GPT.generate"):
    mistakes(name, [
        ("F.softmax(logits[:, -1], dim=-1)", "F.softmax(logits[:, -1] / 0.8, dim=-1)",
         "the logits are divided by a temperature; draw from their softmax as it is"),
        ("generator=generator", "generator=generator and torch.Generator().manual_seed(1337)",
         "the draws come from a new generator, which starts over in every call; use the one "
         "that's passed in"),
        ("for _ in range(max_new_tokens):", "for _ in range(min(max_new_tokens, 100)):",
         "the text ends after 100 tokens; max_new_tokens may be larger"),
        ("for _ in range(max_new_tokens):", "self.eval()\nfor _ in range(max_new_tokens):",
         "the model is left in evaluation mode; don't touch its mode, or put it back"),
    ])

mistakes("train_step", [
    ("optimizer.zero_grad()\n", "",
     "gradients are never cleared, so each step adds those of all earlier batches"),
    ("optimizer.zero_grad()\nloss.backward()\noptimizer.step()",
     "loss.backward()\noptimizer.step()\noptimizer.zero_grad()",
     "gradients are cleared only after the step, so one that was left from before still counts"),
    ("optimizer.zero_grad()\nloss.backward()", "loss.backward()\noptimizer.zero_grad()",
     "the gradient is cleared before it is used; clear first, then go backward"),
    ("optimizer.step()\n", "", "the parameters never move; let the optimizer take its step"),
    ("return loss.item()", "return model(x, y)[1].item()",
     "the loss is computed again after the step; return the one before it"),
    ("loss.backward()", "(-loss).backward()",
     "this makes the loss larger; go backward from the loss itself"),
    ("return loss.item()", "", "nothing is returned; return the loss as a float"),
])

mistakes("estimate_loss", [
    ("model.eval()\n", "",
     "the model stays in training mode, so dropout disturbs the loss; call model.eval()"),
    ("model.train(was_training)\n", "",
     "the model stays in evaluation mode, so training goes on without dropout"),
    ("model.train(was_training)", "model.train()",
     "the model always ends in training mode; go back to the mode that it was in"),
    ("with torch.no_grad():", "if True:",
     "a graph is built for every batch and never used; turn that off with torch.no_grad()"),
    ("sum(losses) / len(losses)", "sum(losses)",
     "the losses are added up; divide by the number of batches"),
    ("sum(losses) / len(losses)", "losses[-1]",
     "only the last batch counts; take the mean over all of them"),
    ("\nwith torch.no_grad():", "\ntorch.set_grad_enabled(False)\nif True:",
     "gradients stay switched off afterwards; use torch.no_grad() as a block"),
    ("model.eval()\n", "model.training = False\n",
     "this sets the flag of the outer module alone; model.eval() reaches the layers inside too"),
    ("for x, y in batches]", "for x, y in dict.fromkeys(batches)]",
     "a batch that's in the list twice counts once; count it as often as it's there"),
    ("return sum(losses)", "torch.set_grad_enabled(True)\nreturn sum(losses)",
     "gradients are switched on at the end, whatever they were before; torch.no_grad() puts them "
     "back by itself"),
    ("return sum(losses) / len(losses)",
     ("weights = [len(x) for x, _ in batches]\n"
      "return sum(loss * weight for loss, weight in zip(losses, weights)) / sum(weights)"),
     "longer batches weigh more here; each batch should count the same"),
])

mistakes("average_past_loop", [
    (": t + 1]", ":t]",
     "the position itself is left out, so the first one averages nothing; end the slice at t + 1"),
    (": t + 1]", ": t + 2]", "the next position is averaged too; position t must be the last"),
    (": t + 1]", ":]",
     "each position averages the whole row, the future included; end the slice at t + 1"),
    (".mean(0)", ".mean()", "the channels are averaged as well; the mean runs over time only"),
    (".mean(0)", ".sum(0)", "the past is added up; divide by the number of positions"),
    ("x[b, : t + 1].mean(0)", "x[:, : t + 1].mean((0, 1))",
     "the rows of the batch are mixed; each row averages only its own past"),
    ("averages = torch.zeros_like(x)", "averages = x",
     "the averages overwrite x while it is still needed; write into a new tensor"),
])

mistakes("average_past_loop", [
    ("x[b, : t + 1]", "x[b, max(0, t - 7) : t + 1]",
     "only the last 8 positions are averaged; the past starts at position 0"),
])

mistakes("average_past_matmul", [
    ("torch.tril(", "torch.triu(", "the upper triangle looks at the future; keep the lower one"),
    ("weights = weights / weights.sum(1, keepdim=True)\n", "",
     "the past is added up; divide each row of weights by its sum"),
    ("weights.sum(1, keepdim=True)", "weights.sum(1)",
     "without keepdim each column is divided by a row's sum; keep the dimension"),
    ("weights.sum(1, keepdim=True)", "weights.sum(0, keepdim=True)",
     "the columns of the weights sum to one; the rows should"),
    ("weights.sum(1, keepdim=True)", "T",
     "every row is divided by T; but row t has only t + 1 positions"),
    ("torch.tril(torch.ones(T, T, device=x.device))", "torch.ones(T, T)",
     "every position averages the whole row, the future included; keep the lower triangle"),
    ("torch.tril(torch.ones(T, T, device=x.device))", "torch.tril(torch.ones(T, T), diagonal=-1)",
     "the position itself is left out; keep the diagonal"),
])

mistakes("average_past_softmax", [
    ('float("-inf")', "0.0",
     "the mask has no effect (a score of 0 still gets its share, and masked_fill returns a new "
     "tensor); the future needs a score of minus infinity"),
    ("tril == 0", "tril == 1",
     "the mask hides the past and keeps the future; hide where tril is 0"),
    ("dim=-1", "dim=0",
     "the columns of the weights sum to one; run softmax over the last dimension"),
    ("torch.tril(", "torch.triu(", "the upper triangle looks at the future; keep the lower one"),
    ("torch.tril(torch.ones(T, T, device=x.device))", "torch.tril(torch.ones(T, T), diagonal=-1)",
     "the position itself is masked too; keep the diagonal"),
    ('scores = scores.masked_fill(tril == 0, float("-inf"))\nweights = F.softmax(scores, dim=-1)',
     "weights = F.softmax(scores, dim=-1) * tril",
     "the mask comes after the softmax, so the rows no longer sum to one; mask the scores"),
    ("weights = F.softmax(scores, dim=-1)", "weights = scores.exp()",
     "the exponentials aren't divided by their sum; that's the other half of softmax"),
])

mistakes("attention_weights", [
    (" * head_size**-0.5", "",
     "the scores aren't scaled; divide them by the square root of head_size"),
    ("* head_size**-0.5", "/ head_size",
     "the scores are divided by head_size itself; divide by its square root"),
    ("* head_size**-0.5", "* head_size**0.5",
     "the scores are multiplied by the square root of head_size; divide by it"),
    ("* head_size**-0.5", "* T**-0.5",
     "the scale uses the number of positions; use the size of the head"),
    ('float("-inf")', "0.0",
     "masked scores are 0, and e^0 is 1, so the future leaks in; use minus infinity"),
    ('scores = scores.masked_fill(tril == 0, float("-inf"))',
     'scores.masked_fill(tril == 0, float("-inf"))',
     "masked_fill returns a new tensor; that result is thrown away, so the future leaks in"),
    ("tril == 0", "tril == 1",
     "the mask hides the past and keeps the future; hide where tril is 0"),
    ("dim=-1", "dim=-2",
     "softmax runs over the queries; for each query, the weights of the keys should sum to one"),
    ("dim=-1", "dim=1",
     "dimension 1 is that of the keys only for a single sequence; take the last one, -1"),
    ("query @ key.transpose(-2, -1)", "key @ query.transpose(-2, -1)",
     "rows and columns are swapped; row t belongs to query t"),
    ('scores = scores.masked_fill(tril == 0, float("-inf"))\nreturn F.softmax(scores, dim=-1)',
     "return F.softmax(scores, dim=-1) * tril",
     "the mask comes after the softmax, so the rows no longer sum to one; mask the scores"),
    ("scores = scores.masked_fill(tril == 0, float(\"-inf\"))\nreturn F.softmax(scores, dim=-1)",
     ("weights = (scores - scores.max()).exp() * tril\n"
      "return weights / weights.sum(-1, keepdim=True)"),
     "one large score turns other rows into 0 / 0; subtract each row's own maximum, after the "
     "mask"),
    ("scores = scores.masked_fill(tril == 0, float(\"-inf\"))\nreturn F.softmax(scores, dim=-1)",
     "weights = scores.exp() * tril\nreturn weights / weights.sum(-1, keepdim=True)",
     "a large score overflows; subtract each row's maximum first, as F.softmax does"),
    ("torch.tril(torch.ones(T, T, device=query.device))",
     "torch.tril(torch.ones(T, T), diagonal=-1)",
     "no position looks at itself, and the first one finds nothing at all; keep the diagonal"),
    ("key.transpose(-2, -1)", "key.transpose(0, 1)",
     "the first two dimensions are swapped, which is right for a single sequence only"),
    ("key.transpose(-2, -1)", "key.transpose(1, 2)",
     "dimensions 1 and 2 are the last two in a batch of sequences only; count from the back, "
     "transpose(-2, -1)"),
    ("key.transpose(-2, -1)", "key",
     "the keys are not transposed; swap their last two dimensions, so that a query meets a key"),
])

mistakes("attention_by_hand", [
    ("(query, key)", "(key, query)",
     "query and key are swapped; the rows of the scores belong to the queries"),
    ("@ value", "@ key",
     "the keys are averaged; keys only decide the weights, and the values are passed on"),
    ("(query, key)", "(query, value)",
     "the values are compared with the queries; that's what the keys are for"),
    ("(query, key) @", "(query, key).transpose(-2, -1) @",
     "the weights are transposed; row t of the weights collects for position t"),
    ("attention_weights(query, key) @ value",
     "F.softmax(query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5, dim=-1) @ value",
     "nothing is masked, so every position sees the future"),
    ("attention_weights(query, key) @ value", "value + attention_weights(query, key) @ value",
     "the value itself is added on top; the residual path comes later, in the block"),
    ("attention_weights(query, key) @ value", "attention_weights(query, key)",
     "these are the weights; they still have to collect the values"),
])

mistakes("Head.__init__", [
    ("bias=False", "bias=True", "the projections have a bias; turn it off"),
    ('self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))',
     "self.tril = torch.tril(torch.ones(block_size, block_size))",
     "tril is a plain tensor and would stay behind when the model moves to a GPU; register it as "
     "a buffer"),
    ('self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))',
     "self.tril = nn.Parameter(torch.tril(torch.ones(block_size, block_size)))",
     "tril is a parameter, so training would change the mask; register it as a buffer"),
    ("torch.tril(torch.ones(block_size, block_size))", "torch.ones(block_size, block_size)",
     "tril is all ones and hides nothing; keep the lower triangle"),
    ("torch.tril(torch.ones(block_size, block_size))",
     "torch.tril(torch.ones(head_size, head_size))",
     "tril is as large as the head; it must cover block_size positions"),
    ("nn.Linear(n_embd, head_size", "nn.Linear(n_embd, n_embd",
     "the projections keep the width of the input; they should lead to head_size"),
    ("nn.Linear(n_embd, head_size", "nn.Linear(head_size, n_embd",
     "the projections run the wrong way; they should lead from n_embd to head_size"),
    ("self.query = nn.Linear(n_embd, head_size, bias=False)", "self.query = self.key",
     "query and key are one and the same layer; each needs its own weights"),
    ("nn.Dropout(dropout)", "nn.Dropout(0.0)",
     "the dropout that's passed in isn't used; hand it to nn.Dropout"),
    ("nn.Dropout(dropout)", "nn.Dropout(0.2)",
     "the share is always 0.2; use the dropout that's passed in, and 0 by default"),
    ("nn.Dropout(dropout)", "nn.Identity()",
     "there's no nn.Dropout for the attention weights; keep one"),
])

mistakes("Head.forward", [
    (" * key.shape[-1] ** -0.5", "",
     "the scores aren't scaled; divide them by the square root of head_size"),
    ("* key.shape[-1] ** -0.5", "* x.shape[-1] ** -0.5",
     "the scale is 1/sqrt(n_embd), as in the video's code, where it's a slip: the keys have "
     "head_size channels, so divide by sqrt(head_size)"),
    ("* key.shape[-1] ** -0.5", "/ key.shape[-1]",
     "the scores are divided by head_size itself; divide by its square root"),
    ('float("-inf")', "0.0",
     "masked scores are 0, and e^0 is 1, so the future leaks in; use minus infinity"),
    ("scores = scores.masked_fill(", "scores.masked_fill(",
     "masked_fill returns a new tensor; that result is thrown away, so the future leaks in"),
    ("[:T, :T] == 0", "[:T, :T] == 1",
     "the mask hides the past and keeps the future; hide where tril is 0"),
    ("[:T, :T]", "", "the mask is too large for a short input; cut out its corner, tril[:T, :T]"),
    ("dim=-1", "dim=1",
     "softmax runs over the queries; for each query, the weights of the keys should sum to one"),
    ("query @ key.transpose(-2, -1)", "key @ query.transpose(-2, -1)",
     "query and key are swapped; row t of the scores belongs to query t"),
    ("weights @ value", "weights @ key",
     "the keys are averaged; keys only decide the weights, and the values are passed on"),
    ("weights @ value", "weights @ x",
     "the input itself is averaged; pass on the values instead"),
    ("self.dropout(F.softmax(scores, dim=-1))", "F.softmax(scores, dim=-1)",
     "no weight is ever dropped; apply dropout to the weights"),
    ("self.dropout(F.softmax(scores, dim=-1))\nreturn weights @ value",
     "F.softmax(scores, dim=-1)\nreturn self.dropout(weights @ value)",
     "dropout acts on the output; apply it to the attention weights"),
    ("self.dropout(F.softmax(scores, dim=-1))", "F.softmax(self.dropout(scores), dim=-1)",
     "dropout acts on the scores, where 0 is a score like any other; drop after softmax"),
    ("self.dropout(F.softmax(scores, dim=-1))",
     "F.dropout(F.softmax(scores, dim=-1), self.dropout.p)",
     "weights are dropped in evaluation mode too; dropout must follow self.training"),
])

mistakes("MultiHeadAttention.__init__", [
    whole("""
        super().__init__()
        self.heads = [Head(n_embd, head_size, block_size, dropout) for _ in range(n_head)]
        self.proj = nn.Linear(n_head * head_size, n_embd)
        self.dropout = nn.Dropout(dropout)
        """,
        "the heads are in a plain list, so their parameters are never trained; use nn.ModuleList"),
    whole("""
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, head_size, block_size, dropout)] * n_head)
        self.proj = nn.Linear(n_head * head_size, n_embd)
        self.dropout = nn.Dropout(dropout)
        """, "this is one head, listed several times; make a new one for each place"),
    ("nn.Linear(n_head * head_size, n_embd)", "nn.Linear(n_embd, n_embd)",
     "proj takes n_embd channels, but the heads give n_head * head_size, which needn't be the "
     "same"),
    ("nn.Linear(n_head * head_size, n_embd)", "nn.Linear(head_size, n_embd)",
     "proj takes the channels of one head; it gets those of all heads"),
    ("nn.Linear(n_head * head_size, n_embd)", "nn.Linear(n_head * head_size, n_embd, bias=False)",
     "proj has no bias; only key, query and value go without"),
    ("Head(n_embd, head_size, block_size, dropout)",
     "Head(n_embd, head_size // n_head, block_size, dropout)",
     "head_size is divided once more; it's already the size of one head"),
    ("Head(n_embd, head_size, block_size, dropout)", "Head(n_embd, head_size, block_size)",
     "the heads don't get the dropout; pass it on"),
    ("nn.Dropout(dropout)", "nn.Dropout(0.0)",
     "nothing is dropped from the result of proj; use the dropout there too"),
    ("nn.Dropout(dropout)", "nn.Dropout(0.2)",
     "the share for the result is always 0.2; use the dropout that's passed in"),
    ("nn.Dropout(dropout)", "nn.Identity()",
     "there's no nn.Dropout for the result of proj; keep one besides those of the heads"),
])

mistakes("MultiHeadAttention.forward", [
    ("return self.dropout(self.proj(out))", "self.dropout(self.proj(out))\nreturn out",
     "the heads' outputs come back without the projection; return what proj makes of them"),
    ("self.dropout(self.proj(out))", "self.proj(out)",
     "nothing is dropped from the result; dropout comes after proj"),
    ("self.dropout(self.proj(out))", "self.proj(self.dropout(out))",
     "dropout comes before proj; apply it to the result of proj"),
    ("for head in self.heads]", "for head in reversed(self.heads)]",
     "the heads are joined in the wrong order; put the first head first"),
    ("torch.cat([head(x) for head in self.heads], dim=-1)",
     "torch.stack([head(x) for head in self.heads], dim=-1).flatten(-2)",
     "the channels of the heads are interleaved; put each head's channels side by side"),
    ("torch.cat([head(x) for head in self.heads], dim=-1)", "sum(head(x) for head in self.heads)",
     "the heads' outputs are added up; join them along the channels"),
    ("dim=-1)", "dim=1)",
     "the heads are joined along time; join them along the channels, the last dimension"),
    ("return self.dropout(self.proj(out))", "return x + self.dropout(self.proj(out))",
     "the input is added here; the residual path comes later, in the block"),
])

mistakes("FeedForward.__init__", [
    ("4 * n_embd", "n_embd", "the inner layer is as wide as the input; make it four times as wide"),
    ("4 * n_embd", "2 * n_embd",
     "the inner layer is twice as wide as the input; make it four times as wide"),
    ("    nn.ReLU(),\n", "",
     "the ReLU is missing, and two linear layers in a row are no more than one"),
    ("nn.ReLU()", "nn.Tanh()", "there's a tanh between the layers; use a ReLU here"),
    ("nn.ReLU()", "nn.GELU()", "there's a GELU between the layers, as in GPT-2; use a ReLU here"),
    ("    nn.Dropout(dropout),\n", "    nn.ReLU(),\n    nn.Dropout(dropout),\n",
     "a second ReLU cuts off the negative results; the last layer is linear"),
    ("    nn.Dropout(dropout),\n", "",
     "nothing is dropped; dropout comes after the second linear layer"),
    whole("""
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4 * n_embd, n_embd),
        )
        """, "dropout comes between the layers; apply it to the result"),
    ("nn.Dropout(dropout)", "nn.Dropout(0.2)",
     "the share is always 0.2; use the dropout that's passed in"),
    ("n_embd),", "n_embd, bias=False),", "the linear layers have no bias; keep it"),
])

mistakes("LayerNorm.__init__", [
    ("self.eps = eps", "self.eps = 1e-5", "the eps that's passed in isn't used; keep it"),
    ("nn.Parameter(torch.ones(dim))", "torch.ones(dim)",
     "gamma is a plain tensor and is never trained; wrap it in nn.Parameter"),
    ("nn.Parameter(torch.zeros(dim))", "torch.zeros(dim)",
     "beta is a plain tensor and is never trained; wrap it in nn.Parameter"),
    whole("""
        super().__init__()
        self.eps = eps
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        """, "gamma and beta are plain tensors and are never trained; wrap both in nn.Parameter"),
    ("torch.ones(dim)", "torch.zeros(dim)",
     "gamma starts at zero, so the output is zero; start it at one"),
    ("(dim))", "(1))",
     "there's one gamma and one beta for all channels; each channel needs its own"),
    ("torch.zeros(dim)", "torch.ones(dim)",
     "beta starts at one and shifts everything; start it at zero"),
])

mistakes("LayerNorm.forward", [
    ("(-1, keepdim=True", "(0, keepdim=True",
     "this normalizes over the batch, as batch norm does; layer norm runs over the channels"),
    (", unbiased=False", "",
     "the variance divides by dim - 1, as torch and the video do by default; here it divides by "
     "dim, as nn.LayerNorm does"),
    ("(variance + self.eps).sqrt()", "(variance.sqrt() + self.eps)",
     "eps is added to the standard deviation; add it to the variance, under the root"),
    ("(variance + self.eps).sqrt()", "variance.sqrt()",
     "eps is missing, so equal channels divide by zero"),
    ("(variance + self.eps).sqrt()", "(variance + self.eps)",
     "this divides by the variance; the square root is missing"),
    ("(x - mean)", "x", "the mean is never subtracted"),
    ("return self.gamma * normalized + self.beta",
     "self.gamma * normalized + self.beta\nreturn normalized",
     "gamma and beta have no effect; return the scaled and shifted channels"),
    ("self.gamma * normalized + self.beta", "self.gamma * (normalized + self.beta)",
     "beta is scaled by gamma; scale first, then shift"),
    ("keepdim=True", "keepdim=False",
     "without keepdim, the mean and variance line up with the channels instead of the positions"),
    ("(-1, keepdim=True", "(tuple(range(1, x.dim())), keepdim=True",
     "the mean runs over time as well; normalize each position by itself"),
])

mistakes("Block.__init__", [
    ("n_embd // n_head, block_size", "n_embd, block_size",
     "every head is as wide as the input; let the heads share that width"),
    ("n_head, n_embd // n_head, block_size", "n_embd // n_head, n_head, block_size",
     "the number of heads and their size are swapped"),
    ("self.ln2 = LayerNorm(n_embd)", "self.ln2 = self.ln1",
     "both norms are one and the same; each branch needs its own"),
    ("block_size, dropout)", "block_size)", "attention doesn't get the dropout; pass it on"),
    ("FeedForward(n_embd, dropout)", "FeedForward(n_embd)",
     "the feed-forward layer doesn't get the dropout; pass it on"),
    ("n_embd, n_head, n_embd // n_head, block_size", "n_embd, 1, n_embd, block_size",
     "there's one wide head; make n_head of them"),
    ("LayerNorm(n_embd)", "LayerNorm(n_embd // n_head)",
     "the norms are as wide as one head; they normalize all n_embd channels"),
])

mistakes("Block.forward", [
    ("x = x + self.sa(self.ln1(x))", "x = self.sa(self.ln1(x))",
     "attention replaces x; the residual path adds its result to x"),
    ("return x + self.ffwd(self.ln2(x))", "return self.ffwd(self.ln2(x))",
     "the feed-forward layer replaces x; the residual path adds its result to x"),
    whole("""
        x = self.ln1(x + self.sa(x))
        return self.ln2(x + self.ffwd(x))
        """,
        "the norms come after the additions, as in the first Transformer; here each branch "
        "starts with its norm"),
    whole("""
        x = self.ln1(x)
        x = x + self.sa(x)
        x = self.ln2(x)
        return x + self.ffwd(x)
        """, "the norms are on the residual path; normalize only what goes into the branches"),
    ("self.ln2(x)", "self.ln1(x)", "the first norm is used twice; the second branch has ln2"),
    whole("return x + self.sa(self.ln1(x)) + self.ffwd(self.ln2(x))",
          "both branches start from the input; the second should start from the first one's "
          "result"),
    whole("""
        x = x + self.ffwd(self.ln2(x))
        return x + self.sa(self.ln1(x))
        """, "the feed-forward layer comes first; attention should"),
    ("return x + self.ffwd(self.ln2(x))", "self.ffwd(self.ln2(x))\nreturn x",
     "the feed-forward layer's result is thrown away; add it"),
    whole("""
        x += self.sa(self.ln1(x))
        x += self.ffwd(self.ln2(x))
        return x
        """, "+= changes the caller's tensor; write x = x + ..."),
    whole("""
        x = x + self.sa(x)
        return x + self.ffwd(x)
        """, "the branches aren't normalized; ln1 and ln2 come first in them"),
])

mistakes("GPT.__init__", [
    whole("""
        super().__init__()
        self.block_size = block_size
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(*[Block(n_embd, n_head, block_size, dropout)] * n_layer)
        self.ln_f = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)
        """, "this is one block, listed several times; make a new one for every layer"),
    whole("""
        super().__init__()
        self.block_size = block_size
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.blocks = [Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer)]
        self.ln_f = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)
        """,
        "the blocks are in a plain list, so their parameters are never trained; use nn.Sequential"),
    ("nn.Embedding(block_size, n_embd)", "nn.Embedding(vocab_size, n_embd)",
     "the position table has a row for each token; it needs one for each position"),
    ("nn.Embedding(vocab_size, n_embd)", "nn.Embedding(vocab_size, vocab_size)",
     "the token table holds logits, as in the bigram model; now its rows are n_embd wide"),
    ("for _ in range(n_layer)", "for _ in range(n_head)",
     "there are as many blocks as heads; make n_layer of them"),
    ("Block(n_embd, n_head, block_size, dropout)", "Block(n_embd, n_head, block_size)",
     "the blocks don't get the dropout; pass it on"),
    ("nn.Linear(n_embd, vocab_size)", "nn.Linear(n_embd, vocab_size, bias=False)",
     "lm_head has no bias; give it one, as in the lecture"),
    ("Block(n_embd, n_head, block_size, dropout)", "Block(n_embd, 1, block_size, dropout)",
     "each block has a single head; pass n_head on"),
    ("self.block_size = block_size\n", "", "block_size isn't kept, and generate needs it"),
    ("self.lm_head = nn.Linear(n_embd, vocab_size)",
     ("self.lm_head = nn.Linear(n_embd, vocab_size)\n"
      "self.lm_head.weight = self.token_embedding_table.weight"),
     "lm_head shares its weight with the token table, as GPT-2 does; here each has its own"),
])

mistakes("GPT.forward", [
    ("F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
     "F.cross_entropy(logits.reshape(idx.shape[0], -1, idx.shape[1]), targets)",
     "reshaping (B, T, V) to (B, V, T) shuffles the logits; flatten B and T instead"),
    ("F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
     "F.cross_entropy(logits, targets)",
     "cross_entropy takes the second dimension for the classes, and here that is time; flatten B "
     "and T, in the logits and in the targets"),
    ("targets.flatten())", 'targets.flatten(), reduction="sum")',
     "the loss is a sum over the predictions; take their mean"),
    ("return logits, loss", "return logits.flatten(0, 1), loss",
     "the logits are flattened, as in the video; here they're always (B, T, V)"),
    ("F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
     "F.cross_entropy(logits[:, -1], targets[:, -1])",
     "only the last position counts; the loss is the mean over all positions"),
    ("logits.flatten(0, 1), targets", "logits.flatten(0, 1).softmax(-1), targets",
     "cross_entropy takes logits; with probabilities, softmax is applied twice"),
    ("return logits, None", "return logits",
     "only the logits are returned; without targets the result is still a pair, the logits and "
     "None"),
    ("if targets is None:\n    return logits, None\n", "if targets is None:\n    targets = idx\n",
     "without targets there's no loss; return None in its place"),
    ("self.token_embedding_table(idx) + self.position_embedding_table(positions)",
     "self.token_embedding_table(idx)",
     "positions are left out, and without them attention can't tell the order"),
    ("self.position_embedding_table(positions)",
     "self.position_embedding_table(idx % len(self.position_embedding_table.weight))",
     "positions are looked up by token; they count 0, 1, 2 ... along the window"),
    ("torch.arange(idx.shape[1], device=idx.device)", "torch.arange(self.block_size)",
     "this always takes block_size positions, but the window may be shorter; take T of them"),
    ("self.lm_head(self.ln_f(self.blocks(x)))", "self.lm_head(self.blocks(x))",
     "the last norm is left out; apply ln_f after the blocks"),
    ("self.lm_head(self.ln_f(self.blocks(x)))", "self.lm_head(self.blocks(self.ln_f(x)))",
     "ln_f comes before the blocks; apply it to their result"),
    ("logits = self.lm_head(self.ln_f(self.blocks(x)))",
     "self.blocks(x)\nlogits = self.lm_head(self.ln_f(x))",
     "the blocks' result is thrown away; go on with it"),
    ("self.token_embedding_table(idx) + self.position_embedding_table(positions)",
     "self.token_embedding_table(idx) * self.position_embedding_table(positions)",
     "the two embeddings are multiplied; add them"),
    ("self.lm_head(self.ln_f(self.blocks(x)))", "self.lm_head(self.ln_f(self.blocks(x)))[:, -1:]",
     "only the last position has logits; every position predicts"),
])

mistakes("GPT.generate", [
    ("torch.multinomial(probabilities, num_samples=1, generator=generator)",
     "probabilities.argmax(-1, keepdim=True)",
     "the likeliest token is taken each time; draw from the probabilities"),
    ("logits[:, -1]", "logits[:, 0]",
     "the first position predicts the second; the last one predicts what comes next"),
    ("F.softmax(logits[:, -1], dim=-1)", "F.softmax(logits[:, -1], dim=0)",
     "softmax runs over the batch; each row's own tokens must sum to one"),
    ("F.softmax(logits[:, -1], dim=-1)", "logits[:, -1]",
     "the logits are drawn from as they are; softmax turns them into probabilities first"),
    ("F.softmax(logits[:, -1], dim=-1)", "logits[:, -1].abs()",
     "logits aren't probabilities; apply softmax before you draw"),
    (", generator=generator", "", "the generator isn't used; pass it on to whatever draws"),
    ("return idx", "return idx[:, -max_new_tokens:]",
     "only the new tokens are returned; the result starts with idx"),
    ("return idx", "return idx[:, idx.shape[1] - max_new_tokens :]",
     "only what was drawn is returned; the result starts with idx"),
    ("idx = torch.cat((idx, next_token), dim=1)", "idx = torch.cat((next_token, idx), dim=1)",
     "the new token is put in front; it belongs at the end"),
    ("range(max_new_tokens)", "range(max_new_tokens - 1)",
     "one token is missing at the end; the loop runs max_new_tokens times"),
    whole("""
        logits, _ = self(idx[:, -self.block_size :])
        probabilities = F.softmax(logits[:, -1], dim=-1)
        next_tokens = torch.multinomial(probabilities, max_new_tokens or 1, replacement=True,
                                        generator=generator)
        return torch.cat((idx, next_tokens[:, :max_new_tokens]), dim=1)
        """, "all tokens are drawn from one prediction; predict again after each token"),
    ("idx[:, -self.block_size :]", "idx",
     "the context is not cropped, and there are only block_size positions; pass the last "
     "block_size tokens"),
    ("idx[:, -self.block_size :]", "idx[:, : self.block_size]",
     "the context is the first block_size tokens, which never change; take the last ones"),
    ("idx[:, -self.block_size :]", "idx[:, -self.block_size + 1 :]",
     "the context is one token too short; take block_size tokens"),
    ("logits, _ = self(idx[:, -self.block_size :])",
     "idx = idx[:, -self.block_size :]\n    logits, _ = self(idx)",
     "the text itself is cropped, and its beginning is lost; crop only what the model sees"),
    ("idx[:, -self.block_size :]", "idx[:, -1:]",
     "the model sees only the last token; show it up to block_size of them"),
])

mistakes("all_heads_at_once", [
    (".view(B, T, n_head, -1).transpose(1, 2)", ".view(B, n_head, T, -1)",
     "a view alone shuffles time and heads; view as (B, T, n_head, head_size), then swap"),
    ("out.transpose(1, 2).reshape(B, T, -1)", "out.reshape(B, T, -1)",
     "heads and time are not swapped back, so the outputs are shuffled"),
    (".view(B, T, n_head, -1).transpose(1, 2)", ".view(B, T, -1, n_head).permute(0, 3, 1, 2)",
     "the rows of the weights are dealt out to the heads in turn; a head's rows are neighbors"),
    ("view(B, T, n_head, -1)", "view(B, T, -1, n_head)",
     "head_size and n_head are swapped; a head's rows are neighbors, so n_head comes first"),
    ("view(B, T, n_head, -1)", "view(B, T, 1, -1)",
     "all rows make one wide head; cut them into n_head heads"),
    ("split(query_weight), split(key_weight)", "split(key_weight), split(query_weight)",
     "query and key are swapped"),
    (".transpose(1, 2)\n", "\n",
     "attention runs between the heads; time must be the second-to-last dimension"),
    ("return out.transpose(1, 2).reshape(B, T, -1)", "return out",
     "the result still has a dimension for the heads; join them side by side"),
])

mistakes("rms_norm", [
    ("x.square().mean(-1, keepdim=True)", "x.square().sum(-1, keepdim=True)",
     "the squares are summed; take their mean"),
    ("x.square().mean(-1, keepdim=True)", "x.var(-1, keepdim=True, unbiased=False)",
     "that's the variance, which takes the mean away; take the mean of the squares"),
    ("(x.square().mean(-1, keepdim=True) + eps).sqrt()",
     "(x.square().mean(-1, keepdim=True).sqrt() + eps)",
     "eps is added after the root; add it under the root"),
    (" + eps", "", "eps is left out, so a row of zeros becomes nan"),
    (".sqrt()", "", "the root is missing"),
    ("mean(-1, keepdim=True)", "mean()", "one mean over everything; each row has its own"),
    ("mean(-1, keepdim=True)", "mean(0, keepdim=True)",
     "the mean runs down the rows; take it over the channels of each row"),
    ("gain * x", "x", "gain is left out"),
    ("gain * x", "gain * (x - x.mean(-1, keepdim=True))",
     "the mean is taken away as in layer normalization; RMSNorm leaves it"),
    ("x.square().mean(-1, keepdim=True)", "x.abs().mean(-1, keepdim=True).square()",
     "the sizes are averaged and then squared; square first"),
])

mistakes("swiglu", [
    ("F.silu(x @ gate_weight.T) * (x @ up_weight.T)",
     "(x @ gate_weight.T) * F.silu(x @ up_weight.T)",
     "silu is applied to the projection of up_weight; it belongs to the gate"),
    ("F.silu(", "torch.sigmoid(", "the gate is a plain sigmoid; silu is z times the sigmoid of z"),
    ("F.silu(", "F.relu(", "the gate is a ReLU; use silu"),
    ("F.silu(", "F.gelu(", "the gate is a GELU; use silu"),
    (" * (x @ up_weight.T)", "", "the other projection is missing, so nothing is gated"),
    (") * (x", ") + (x", "the two projections are added; multiply them"),
    ("F.silu(x @ gate_weight.T)", "F.silu(x @ gate_weight.T).square()",
     "the gate is squared"),
    ("return (F.silu(x @ gate_weight.T) * (x @ up_weight.T)) @ down_weight.T",
     "return F.silu((x @ gate_weight.T) * (x @ up_weight.T)) @ down_weight.T",
     "silu is applied to the product; apply it to the gate alone"),
])

mistakes("rotate", [
    ("a * cos - b * sin, a * sin + b * cos", "a * cos + b * sin, b * cos - a * sin",
     "the pairs are turned the other way round"),
    ("a * cos - b * sin, a * sin + b * cos", "a * cos - b * sin, a * sin - b * cos",
     "a sign is wrong: the second member is a sin + b cos"),
    ("a, b = x[..., 0::2], x[..., 1::2]", "a, b = x.chunk(2, -1)",
     "the first half is paired with the second; neighboring channels are a pair"),
    ("torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)",
     "torch.cat((a * cos - b * sin, a * sin + b * cos), -1)",
     "the turned pairs are torn apart: all first members come before all second ones"),
    ("torch.arange(0, d, 2) / d", "torch.arange(d // 2) / d",
     "the exponent is -i / d; it's -2i / d"),
    ("(-torch.arange(0, d, 2) / d)", "(torch.arange(0, d, 2) / d)",
     "the angles grow with the pair; the exponent is negative"),
    ("places[:, None] * ", "torch.arange(x.shape[-2])[:, None] * ",
     "the places that are passed in are ignored; the rows are counted from 0"),
    ("places[:, None] * ", "(places[:, None] + 1) * ",
     "the places are counted from 1; nothing turns at place 0"),
    ("places[:, None] * 10000.0 ** (-torch.arange(0, d, 2) / d)",
     "places[:, None] * torch.ones(d // 2)",
     "all pairs turn at the same pace; each later pair turns more slowly"),
    ("10000.0", "1000.0", "the base is 1,000; it's 10,000"),
])

mistakes("grouped_attention", [
    ("key.repeat_interleave(times, dim=1), value.repeat_interleave(times, dim=1)",
     "key.repeat(1, times, 1, 1), value.repeat(1, times, 1, 1)",
     "the heads are repeated as 0 1 0 1, so neighbors don't share; repeat each by itself"),
    ("value.repeat_interleave(times, dim=1)", "value.repeat(1, times, 1, 1)",
     "the values stand in another order than the keys: 0 1 0 1, and not 0 0 1 1"),
    ("key.repeat_interleave(times, dim=1), value.repeat_interleave(times, dim=1)",
     "key[:, :1], value[:, :1]", "all heads share the first head of keys; there are several"),
    ("attention_by_hand(query, key, value)", "attention_by_hand(key, query, value)",
     "query and key are swapped"),
    ("attention_by_hand(query, key, value)", "attention_by_hand(query, value, key)",
     "key and value are swapped"),
    ("times = query.shape[1] // key.shape[1]", "times = key.shape[1]",
     "the heads are repeated as often as there are groups; H / G times is right"),
    whole("""
        B, H, T, d = query.shape
        G = key.shape[1]
        query = query.view(B, G, H // G, T, d).mean(2)
        return attention_by_hand(query, key, value).repeat_interleave(H // G, dim=1)
        """, "the queries of a group are averaged; each keeps its own attention"),
])
