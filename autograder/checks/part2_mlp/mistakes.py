"""Known mistakes of part 2: the multilayer perceptron."""

from autograder.checks import mistakes, whole

mistakes("contexts", [
    ("range(len(word) + 1)", "range(len(word))",
     "the last pair is missing: the dot that ends the word must be predicted too"),
    ("range(len(word) + 1)", "range(1, len(word) + 1)",
     "the first pair is missing: the first letter must be predicted too, from dots alone"),
    ('"." * block_size + word + "."', '"..." + word + "."',
     "three dots are put before the word, whatever the block size is"),
    whole("""
        chain = "." * block_size + word + "."
        return [
            (chain[start + 1 : start + 1 + block_size], chain[start + block_size])
            for start in range(len(word) + 1)
        ]
        """, "the context already contains the character that is to be predicted"),
    ("(chain[start : start + block_size],", "(chain[start : start + block_size][::-1],",
     "the context runs backwards: the oldest character comes first"),
    whole("""
        chain = word + "."
        return [
            (chain[max(0, end - block_size) : end], chain[end]) for end in range(len(chain))
        ]
        """, "the first contexts are too short; dots fill them up to the block size"),
    whole("""
        chain = word + "."
        return [
            (chain[max(0, end - block_size) : end].ljust(block_size, "."), chain[end])
            for end in range(len(chain))
        ]
        """, "the dots are on the right of the context; they stand for what is before the word"),
    whole("""
        chain = "." * block_size + word + "." * block_size
        return [
            (chain[start : start + block_size], chain[start + block_size])
            for start in range(len(chain) - block_size)
        ]
        """, "one dot ends the word; after it there's nothing left to predict"),
    ('"." * block_size + word + "."', '"." * block_size + word.lower() + "."',
     "capitals have been made small; they are characters of their own"),
    ('"." * block_size + word + "."', '"." * block_size + word.strip() + "."',
     "strip takes white space off the word; each character counts"),
    ("for start in range(len(word) + 1)", "for start in range(len(word) + bool(word))",
     "an empty word has no context here; it has one, of dots, and what comes next is the dot"),
    ("for start in range(len(word) + 1)", "for start in range(min(len(word), 50) + 1)",
     "the word is cut off after a number of characters; it may have any length"),
])

mistakes("build_dataset", [
    ("return torch.tensor(X), torch.tensor(Y)",
     "return torch.tensor(X, dtype=torch.int32), torch.tensor(Y, dtype=torch.int32)",
     "the tensors are int32; they must be int64"),
    whole("""
        X, Y = [], []
        context = [0] * block_size
        for word in words:
            for character in word + ".":
                X.append(context)
                Y.append(stoi[character])
                context = context[1:] + [stoi[character]]
        return torch.tensor(X), torch.tensor(Y)
        """, "the context runs on from one word into the next; every word starts from dots again"),
    whole("""
        X, Y = [], []
        for word in words:
            context = [0] * block_size
            for character in word + ".":
                X.append(context)
                Y.append(stoi[character])
                context.pop(0)
                context.append(stoi[character])
        return torch.tensor(X), torch.tensor(Y)
        """,
        "all contexts of a word are the same list, which was changed after it was noted "
        "down; make a new list for each"),
    ("return torch.tensor(X), torch.tensor(Y)", "return torch.Tensor(X), torch.Tensor(Y)",
     "torch.Tensor with a capital T makes floats; indices must be int64"),
    ("return torch.tensor(X), torch.tensor(Y)",
     "return torch.tensor(X), torch.tensor(Y).unsqueeze(1)",
     "Y must be one-dimensional, a single index for each example"),
    ("contexts(word, block_size)", "contexts(word, 3)",
     "the block size is always 3; use the argument"),
    ("contexts(word, block_size)", "contexts(word, block_size)[:-1]",
     "the example that ends each word is missing"),
    ("for character in context]", "for character in reversed(context)]",
     "the context runs backwards: the oldest character comes first"),
    ("Y.append(stoi[following])", "Y.append(stoi[context[-1]])",
     "Y repeats the last character of the context; it must hold the one after it"),
    ("return torch.tensor(X), torch.tensor(Y)",
     "return torch.tensor(X[: len(words)]), torch.tensor(Y[: len(words)])",
     "there are too few examples; a word of n characters gives n + 1"),
    ("return torch.tensor(X), torch.tensor(Y)", "return torch.tensor(sorted(X)), torch.tensor(Y)",
     "X and Y are no longer in step: what is done to the order of one must be done to both"),
    ("for word in words:", "for word in dict.fromkeys(words):",
     "a word that is in the list twice is written down once; keep every occurrence"),
    ("for word in words:", "for word in filter(None, words):",
     "empty words are left out; an empty word has an example too: the dot comes after dots"),
    ("for word in words:", "for word in words[:1000]:",
     "only the first words are used; a slice for trying things out has been left in"),
])

mistakes("split_words", [
    ("shuffled = list(words)", "shuffled = list(dict.fromkeys(words))",
     "a word that is there twice is kept once; every entry of the list must survive"),
    ("shuffled = list(words)", "shuffled = words",
     "the caller's list is shuffled too: `shuffled = words` isn't a copy"),
    ("random.Random(seed).shuffle(shuffled)\n",
     "random.Random(seed).sample(shuffled, len(shuffled))\n",
     "the words aren't shuffled before they are cut, or the shuffled copy isn't the one that is "
     "cut"),
    ("random.Random(seed).shuffle(shuffled)", "random.shuffle(shuffled)",
     "the seed isn't used, so every call gives another split"),
    ("random.Random(seed)", "random.Random(42)", "the seed is always 42; use the argument"),
    ("shuffled[first:second], shuffled[second:]", "shuffled[first:second], shuffled[first:]",
     "the dev words are among the test words too; the third list begins where the second ends"),
    ("shuffled[first:second], shuffled[second:]",
     "shuffled[first + 1 : second], shuffled[second + 1 :]",
     "the word at each cut is lost; a slice begins exactly where the one before it ended"),
    ("second = int((fractions[0] + fractions[1]) * len(words))",
     "second = int(fractions[1] * len(words))",
     "the second cut is at the wrong place; it comes after the first two shares together"),
    whole("""
        shuffled = list(words)
        random.Random(seed).shuffle(shuffled)
        first, second = int(0.8 * len(words)), int(0.9 * len(words))
        return shuffled[:first], shuffled[first:second], shuffled[second:]
        """, "the fractions are always 0.8, 0.1 and 0.1; use the argument"),
    whole("""
        shuffled = list(words)
        random.Random(seed).shuffle(shuffled)
        sizes = [int(fraction * len(words)) for fraction in fractions]
        return [shuffled[:size] for size in sizes]
        """, "all three lists begin at the first word, so they share words"),
    whole("""
        generator = random.Random(seed)
        return [generator.sample(words, int(fraction * len(words))) for fraction in fractions]
        """, "each list is drawn by itself, so a word may be in two of them or in none"),
    whole("""
        shuffled = list(words)
        random.Random(seed).shuffle(shuffled)
        first, second, third = (int(fraction * len(words)) for fraction in fractions)
        return (
            shuffled[:first],
            shuffled[first : first + second],
            shuffled[first + second : first + second + third],
        )
        """,
        "what is left over by rounding is in none of the lists; let the last one go to the end"),
    whole("""
        shuffled = list(words)
        random.Random(seed).shuffle(shuffled)
        first, second, third = (round(fraction * len(words)) for fraction in fractions)
        return shuffled[:first], shuffled[first : first + second], shuffled[-third:]
        """,
        "three sizes that are rounded by themselves don't add up, so words are lost or come "
        "twice; let each list begin where the one before it ended"),
])

mistakes("leaked_words", [
    ("for word in other", "for word in dict.fromkeys(other)",
     "a word that is in the other split twice is listed once; it's tested twice, so list it twice"),
    ("[word for word in other if word in seen]", "sorted(seen & set(other))",
     "sets forget how often a word comes, and in which order; go through the list itself"),
    ("if word in seen", "if word not in seen",
     "these are the words that did *not* leak; list those that stand in both"),
    ("return [word for word in other if word in seen]",
     "return [word for word in train if word in set(other)]",
     "this goes through the training words; list the entries of the other split"),
    ("if word in seen", "if any(word in known for known in train)",
     "`in` finds a part of a string too, `an` in `ann`; compare whole words"),
    ("return [word for word in other if word in seen]",
     "return len([word for word in other if word in seen])",
     "this is their number; return the words themselves"),
    whole("""
        return [word for word in other if word.lower() in {name.lower() for name in train}]
        """, "capitals are treated like small letters; they are characters of their own"),
])

mistakes("embed", [
    ("C[X].flatten(1)", "C[X].sum(1)",
     "the embeddings of a context are added up, so `ab` and `ba` look the same; lay them "
     "side by side"),
    ("C[X].flatten(1)", "C[X].mean(1)",
     "the embeddings of a context are averaged, which loses their order; lay them side by side"),
    ("C[X].flatten(1)", "C[X]", "the result has three dimensions; join the last two"),
    ("C[X].flatten(1)", "C[X].transpose(0, 1).reshape(len(X), -1)",
     "the examples are mixed: after this transposition a row holds characters of several contexts"),
    ("C[X].flatten(1)", "C[X].transpose(1, 2).flatten(1)",
     "the numbers of the embeddings are interleaved; each embedding stays together"),
    ("C[X].flatten(1)", "C[X].view(-1, 6)", "the width is always 6; it's block_size times E"),
    ("C[X].flatten(1)", "torch.cat([C[X[:, i]] for i in range(X.shape[1])], 0)",
     "the embeddings are stacked below each other; concatenate them along dimension 1"),
    ("C[X].flatten(1)", "C[X.flip(1)].flatten(1)", "the order of the context is reversed"),
    ("C[X].flatten(1)", "C.data[X].flatten(1)",
     "no gradient flows back into C: C.data and detach cut it off"),
])

mistakes("init_parameters", [
    ("for parameter in parameters:\n    parameter.requires_grad = True\n", "",
     "the parameters don't require gradients, so they can't be trained"),
    ("return parameters", "return [parameter * 1.0 for parameter in parameters]",
     "these are results of a computation and not leaves, so their grad stays None; scale first, "
     "then set requires_grad"),
    ("torch.randn", "torch.rand",
     "rand is uniform between 0 and 1; standard normal numbers come from randn"),
    (", generator=generator", "",
     "the generator isn't used, so each run starts from other weights"),
    ("C = torch.randn(", "generator = torch.Generator().manual_seed(2147483647)\nC = torch.randn(",
     "a generator is made and seeded here, so every network starts from the same numbers; draw "
     "from the one that's passed in"),
    (", generator=generator) * output_scale",
     ", generator=generator, requires_grad=True) * output_scale",
     "W2 and b2 were multiplied after they required gradients, so they are results of a "
     "computation and not leaves; scale first, then set requires_grad"),
    whole("""
        C = torch.randn((vocab_size, n_embd), generator=generator)
        W1 = torch.randn((block_size * n_embd, n_hidden), generator=generator)
        W2 = torch.randn((n_hidden, vocab_size), generator=generator) * output_scale
        parameters = [C, W1, torch.zeros(n_hidden), W2, torch.zeros(vocab_size)]
        for parameter in parameters:
            parameter.requires_grad = True
        return parameters
        """, "both biases are all zeros; here the biases are standard normal too"),
    ("torch.randn(n_hidden, generator=generator)", "torch.zeros(n_hidden)",
     "b1 is all zeros; here the biases are standard normal too"),
    ("torch.randn(n_hidden, generator=generator)",
     "torch.randn((1, n_hidden), generator=generator)",
     "a bias has one dimension, of the length of its layer"),
    ("block_size * n_embd, n_hidden", "n_embd, n_hidden",
     "W1 receives the embeddings of the whole context: block_size * n_embd numbers"),
    ("(block_size * n_embd, n_hidden)", "(n_hidden, block_size * n_embd)",
     "W1 is transposed: its rows belong to the inputs and its columns to the neurons"),
    (" * output_scale", "", "output_scale has no effect; W2 and b2 are multiplied by it"),
    ("b2 = torch.randn(vocab_size, generator=generator) * output_scale",
     "b2 = torch.randn(vocab_size, generator=generator)",
     "b2 isn't multiplied by output_scale; it shifts the first logits as much as W2 does"),
    ("for parameter in parameters:\n",
     "for parameter in parameters:\n    parameter *= output_scale\n",
     "output_scale is applied to all parameters; only the last layer should be multiplied"),
    ("[C, W1, b1, W2, b2]", "[C, W1, W2, b1, b2]",
     "the order is C, W1, b1, W2, b2: a weight, then its bias"),
    ("(n_hidden, vocab_size)", "(n_hidden, 27)",
     "the vocabulary has always 27 characters here; use vocab_size"),
    ("torch.randn", "(lambda *a, **k: (torch.rand(*a, **k) - 0.5) * 12**0.5)",
     "the numbers are uniform, though with the right spread; standard normal ones come from randn"),
    ("C = torch.randn(",
     ('if not hasattr(init_parameters, "g"):\n'
      "    init_parameters.g = torch.Generator().manual_seed(2147483647)\n"
      "generator = init_parameters.g\n"
      "C = torch.randn("),
     "this draws from a generator outside the function, so the one that's passed in has no "
     "effect; use the argument"),
    ("C = torch.randn(",
     "generator = torch.Generator().manual_seed(generator.initial_seed())\nC = torch.randn(",
     "a copy of the generator is made and seeded again, so a second network equals the first; "
     "draw from the one that's passed in"),
    ("b2 = torch.randn(vocab_size, generator=generator)", "b2 = torch.randn(vocab_size)",
     "b2 isn't drawn from the generator; each draw needs generator=generator"),
    ("W2 = torch.randn((n_hidden, vocab_size), generator=generator)",
     "W2 = torch.randn((n_hidden, vocab_size))",
     "W2 isn't drawn from the generator; each draw needs generator=generator"),
])

mistakes("forward", [
    ("torch.tanh(embed(C, X) @ W1 + b1)", "(embed(C, X) @ W1 + b1)",
     "the tanh is missing, and without it the two layers are no more than one linear layer"),
    ("torch.tanh(", "torch.relu(", "the hidden layer uses relu; it should be tanh"),
    ("torch.tanh(", "torch.sigmoid(", "the hidden layer uses the sigmoid; it should be tanh"),
    ("torch.tanh(embed(C, X) @ W1 + b1)", "torch.tanh(embed(C, X) @ W1)", "b1 is left out"),
    ("torch.tanh(embed(C, X) @ W1 + b1)", "torch.tanh(embed(C, X) @ W1) + b1",
     "b1 is added after the tanh; it belongs inside"),
    ("return hidden @ W2 + b2", "return hidden @ W2", "b2 is left out"),
    ("return hidden @ W2 + b2", "return torch.tanh(hidden @ W2 + b2)",
     "the logits go through a tanh too; they must be free to take any value"),
    ("return hidden @ W2 + b2", "return torch.softmax(hidden @ W2 + b2, 1)",
     "these are probabilities; return the logits, and the loss does the softmax"),
    ("embed(C, X)", "C[X]", "the embeddings of a context aren't joined into one row"),
    ("C, W1, b1, W2, b2 = parameters", "C, W1, b1, W2, b2 = [p.detach() for p in parameters]",
     "the parameters are cut off from the graph, so none of them gets a gradient"),
    ("embed(C, X) @ W1", "embed(C.detach(), X) @ W1",
     "the embedding gets no gradient; it's learned like the other parameters"),
])

mistakes("cross_entropy", [
    ("shifted = logits - logits.max(1, keepdim=True).values", "shifted = logits",
     "the exponential of 1,000 is infinite; subtract each row's largest logit first"),
    ("logits.max(1, keepdim=True).values", "logits.max()",
     "the largest logit of the whole tensor is subtracted, and rows that lie far below it "
     "vanish; subtract each row's own"),
    ("logits.max(1, keepdim=True).values", "logits.mean(1, keepdim=True)",
     "the mean is subtracted, above which large logits still overflow; subtract the maximum"),
    whole("""
        counts = logits.exp()
        probabilities = counts / counts.sum(1, keepdim=True)
        return -probabilities[torch.arange(len(targets)), targets].log().mean()
        """,
        "this is the recipe of part 1, which breaks for large logits, as infinity divided by "
        "infinity is nan; subtract each row's largest logit, and take the logarithm of the sum"),
    whole("""
        counts = (logits - logits.max(1, keepdim=True).values).exp()
        probabilities = counts / counts.sum(1, keepdim=True)
        return -probabilities[torch.arange(len(targets)), targets].log().mean()
        """,
        "a very small probability becomes exactly 0 before its logarithm is taken, which is "
        "minus infinity; take the logarithm of the sum and subtract"),
    whole("""
        counts = (logits - logits.max(1, keepdim=True).values).exp()
        probabilities = counts / counts.sum(1, keepdim=True)
        return -(probabilities[torch.arange(len(targets)), targets] + 1e-10).log().mean()
        """,
        "adding a small number under the logarithm hides the infinity and gives a wrong loss; "
        "take the logarithm of the sum and subtract"),
    ("return (log_totals - picked).mean()", "return (log_totals - picked).sum()",
     "the losses are added up; take their mean over the examples"),
    ("return (log_totals - picked).mean()", "return (picked - log_totals).mean()",
     "the sign is wrong: this is the log likelihood, the loss is minus that"),
    ("shifted[torch.arange(len(targets)), targets]", "shifted[:, targets]",
     "`[:, targets]` takes every target from every row; take targets[n] from row n only"),
    ("picked = shifted[", "picked = logits[",
     "the target's logit isn't shifted while the others are; use the shifted ones throughout"),
    ("shifted.exp().sum(1).log()", "shifted.exp().sum(0).log()[targets]",
     "the sum runs over the examples; it must run over the characters of each row"),
    ("shifted.exp().sum(1).log()", "shifted.exp().sum(1).log2()",
     "the logarithm is to base 2; take the natural one"),
    ("return (log_totals - picked).mean()", "return (log_totals - picked).mean().item()",
     "a float has no gradient; return the tensor, without item"),
    ("shifted = logits - logits.max(1, keepdim=True).values",
     "shifted = logits.data.sub_(logits.data.max(1, keepdim=True).values) + 0 * logits",
     "the caller's logits are changed in place; make a new tensor"),
    ("shifted = logits - logits.max(1, keepdim=True).values", "shifted = logits.clamp(-50, 50)",
     "clamping changes logits beyond the limits, and with them the loss and its gradient; shift "
     "each row by its maximum"),
])

mistakes("expected_initial_loss", [
    ("math.log(vocab_size)", "-math.log(vocab_size)",
     "the sign is wrong: the logarithm of a probability is negative, the loss is minus that"),
    ("math.log(vocab_size)", "math.log2(vocab_size)",
     "this is in bits, the logarithm to base 2; the losses here use the natural one"),
    ("math.log(vocab_size)", "math.log10(vocab_size)",
     "this is the logarithm to base 10; the losses here use the natural one"),
    ("math.log(vocab_size)", "1 / vocab_size",
     "this is the probability; the loss is minus its logarithm"),
    ("math.log(vocab_size)", "3.2958", "this is the value for 27 characters only"),
    ("math.log(vocab_size)", "math.log(max(vocab_size - 1, 1))",
     "the dot is a character that can come next too"),
])

mistakes("minibatch", [
    ("rows = torch.randint(0, len(X), (batch_size,), generator=generator)",
     ("start = torch.randint(0, len(X), (1,), generator=generator)\n"
      "rows = (start + torch.arange(batch_size)) % len(X)"),
     "one draw decides the whole batch, a slice of X, where one word's examples stand together, "
     "or one row again and again; draw every row by itself"),
    ("return X[rows], Y[rows]",
     ("other = torch.randint(0, len(X), (batch_size,), generator=generator)\n"
      "return X[rows], Y[other]"),
     "the rows of X and of Y are drawn separately, so inputs get the targets of others"),
    ("return X[rows], Y[rows]", "return X[rows], Y[:batch_size]",
     "the targets are always the first ones of Y; take the same rows as of X"),
    ("rows = torch.randint(0, len(X), (batch_size,), generator=generator)",
     "rows = torch.arange(batch_size)", "the batch is always the same rows; draw them at random"),
    ("len(X)", "max(len(X) - 1, 1)",
     "the last row is never drawn: randint already leaves out its upper limit"),
    ("torch.randint(0, len(X)", "torch.randint(min(1, len(X) - 1), len(X)",
     "the first row is never drawn: rows begin at 0"),
    (", generator=generator", "", "the generator isn't used, so a run can't be repeated"),
    ("(batch_size,)", "(32,)", "the batch has always 32 rows; use batch_size"),
    ("torch.randint(0, len(X)", "torch.randint(0, X.shape[1]",
     "X.shape[1] is the block size; the rows are counted by X.shape[0]"),
    ("(batch_size,)", "(1,)", "a single row is drawn; draw batch_size rows"),
    ("return X[rows], Y[rows]", "return Y[rows], X[rows]", "X's batch comes first, then Y's"),
    ("torch.randint(0, len(X)", "torch.randint(0, min(batch_size, len(X))",
     "the rows are drawn from the first batch_size ones only; draw from all rows of X"),
    ("torch.randint(0, len(X)", "torch.randint(0, min(1000, len(X))",
     "the rows are drawn from the first ones only; draw from all rows of X"),
    ("rows = torch.randint(0, len(X), (batch_size,), generator=generator)",
     ('if not hasattr(minibatch, "g"):\n'
      "    minibatch.g = torch.Generator().manual_seed(2147483647)\n"
      "rows = torch.randint(0, len(X), (batch_size,), generator=minibatch.g)"),
     "this draws from a generator outside the function, so the one that's passed in has no "
     "effect; use the argument"),
    ("rows = torch.randint(0, len(X), (batch_size,), generator=generator)",
     ("import numpy as np\n"
      "rows = torch.tensor(np.random.randint(0, len(X), batch_size))"),
     "numpy draws here, from its own stream; draw from the generator that's passed in"),
    ("rows = torch.randint(0, len(X), (batch_size,), generator=generator)",
     "rows = torch.tensor([random.randrange(len(X)) for _ in range(batch_size)])",
     "Python's random draws here; draw from the generator that's passed in"),
    ("generator=generator)",
     "generator=torch.Generator().manual_seed(generator.initial_seed()))",
     "the generator is seeded again in every call and gives the same batch again and again"),
])

mistakes("sgd_step", [
    ("for parameter in parameters:\n    parameter.grad = None\nloss.backward()", "loss.backward()",
     "the old gradients aren't cleared, and backward adds to them"),
    ("parameter -= learning_rate * parameter.grad", "parameter += learning_rate * parameter.grad",
     "the step goes uphill; subtract the gradient"),
    ("parameter -= learning_rate * parameter.grad",
     "parameter = parameter - learning_rate * parameter.grad",
     "nothing has moved: `parameter = parameter - ...` only makes a new tensor of this name, and "
     "gradients that are cleared after backward are 0; clear before, and change in place"),
    ("        parameter -= learning_rate * parameter.grad",
     "        parameter -= learning_rate * parameter.grad\n        break",
     "only the first parameter is trained: the loop ends too early"),
    ("parameter -= learning_rate * parameter.grad", "parameter -= parameter.grad",
     "the learning rate has no effect"),
    ("parameter -= learning_rate * parameter.grad",
     "parameter -= learning_rate * parameter.grad.sign()", "only the sign of the gradient is used"),
    ("parameter -= learning_rate * parameter.grad",
     "parameter -= learning_rate * parameter.grad / len(parameters)",
     "the gradient is divided by a number once more; the loss is a mean already"),
    ("with torch.no_grad():", "if True:",
     "the update is recorded as a part of the graph, which torch refuses for a leaf; do it under "
     "torch.no_grad() or on parameter.data"),
    ("    parameter.grad = None", "    parameter.grad.zero_()",
     "before the first step grad is None, which has no zero_; set it to None, or test for it"),
    whole("""
        loss.backward()
        with torch.no_grad():
            for parameter in parameters:
                parameter -= learning_rate * parameter.grad
                parameter.grad = None
        """,
        "the gradients are cleared after the step, so what was there before it takes part; "
        "clear before backward"),
    ("        parameter -= learning_rate * parameter.grad",
     "        parameter -= learning_rate * parameter.grad\nreturn loss.item()",
     "something is returned; the step changes the parameters, and returns nothing"),
    ("with torch.no_grad():\n    for", "torch.set_grad_enabled(False)\nif True:\n    for",
     "the recording is switched off and never on again; use `with torch.no_grad():`"),
])

mistakes("overfit", [
    whole("""
        losses = []
        for _ in range(steps):
            sgd_step(parameters, cross_entropy(forward(parameters, X), Y), learning_rate)
            losses.append(cross_entropy(forward(parameters, X), Y).item())
        return losses
        """, "the losses are those after the steps; note each one before its step"),
    whole("""
        losses = []
        loss = cross_entropy(forward(parameters, X), Y)
        for _ in range(steps):
            losses.append(loss.item())
            sgd_step(parameters, loss, learning_rate)
        return losses
        """,
        "the loss is computed once, before the loop; every step changes the parameters, so go "
        "forward again each time"),
    ("return losses", "return losses[-1]",
     "only the last loss is returned; the list of all of them shows how it falls"),
    ("losses = []", "losses = []\nX, Y = X[:32], Y[:32]",
     "only the first 32 rows are used; use all rows that are passed in"),
    ("losses = []",
     "losses = []\nparameters = [p.detach().clone().requires_grad_() for p in parameters]",
     "copies are trained here, and the caller's parameters stay as they were"),
    ("loss, learning_rate)", "loss, 0.1)",
     "the learning rate is always 0.1; use the one that's passed in"),
])

mistakes("train_on_batches", [
    ("losses = []\nfor rate in rates:\n    Xb, Yb = minibatch(X, Y, batch_size, generator)\n",
     "losses = []\nXb, Yb = minibatch(X, Y, batch_size, generator)\nfor rate in rates:\n",
     "one minibatch is drawn before the loop and serves for all steps; draw a new one in each"),
    ("loss, rate)", "loss, rates[0])",
     "every step takes the first rate; each has its own rate"),
    ("minibatch(X, Y, batch_size, generator)", "minibatch(X, Y, 32, generator)",
     "the batch always has 32 rows; use batch_size"),
    ("forward(parameters, Xb), Yb)", "forward(parameters, X), Y)",
     "the loss is over all rows, which makes each step slow and exact; use the minibatch"),
    ("minibatch(X, Y, batch_size, generator)",
     "minibatch(X, Y, batch_size, torch.Generator().manual_seed(generator.initial_seed()))",
     "the generator is seeded again in every step and gives the same minibatch again and again"),
    ("minibatch(X, Y, batch_size, generator)", "X[:batch_size], Y[:batch_size]",
     "the batch is always the first rows; draw it at random"),
    whole("""
        losses = []
        for rate in rates:
            Xb, Yb = minibatch(X, Y, batch_size, generator)
            sgd_step(parameters, cross_entropy(forward(parameters, Xb), Yb), rate)
            losses.append(cross_entropy(forward(parameters, Xb), Yb).item())
        return losses
        """, "the losses are those after the steps; note each one before its step"),
    ("return losses", "return sum(losses) / len(losses)",
     "this is the mean of the losses; return the list"),
])

mistakes("learning_rates", [
    ("10 ** torch.linspace(low, high, n)", "torch.linspace(10**low, 10**high, n)",
     "the rates are evenly spaced themselves, so nearly all lie in the top decade; space "
     "the exponents evenly and raise 10 to them"),
    ("10 ** torch.linspace(low, high, n)", "torch.linspace(low, high, n)",
     "these are the exponents; raise 10 to them"),
    ("10 ** torch.linspace(low, high, n)", "torch.linspace(low, high, n).exp()",
     "the base is e; the exponents are of 10"),
    ("10 ** torch.linspace(low, high, n)", "2 ** torch.linspace(low, high, n)",
     "the base is 2; the exponents are of 10"),
    ("torch.linspace(low, high, n)", "torch.linspace(low, high, n + 1)[:-1]",
     "the upper end is missing; both ends are included"),
    ("torch.linspace(low, high, n)", "torch.linspace(high, low, n)",
     "the rates fall; the rate for `low` comes first"),
    ("torch.linspace(low, high, n)", "torch.linspace(low, high, n + 1)",
     "there's one rate too many; n counts both ends"),
    ("torch.linspace(low, high, n)", "torch.linspace(-3, 0, n)",
     "the exponents are always -3 to 0; use low and high"),
    ("torch.linspace(low, high, n)", "(low + (high - low) * torch.rand(n)).sort().values",
     "the exponents are random; they should be evenly spaced"),
])

mistakes("sweep_learning_rates", [
    ("losses = []\nfor rate in rates:\n    parameters = make_parameters()\n",
     "losses = []\nparameters = make_parameters()\nfor rate in rates:\n",
     "one network is trained by all the rates, one after the other; each rate needs a fresh one"),
    (("for rate in rates:\n"
      "    parameters = make_parameters()\n"
      "    generator = torch.Generator().manual_seed(seed)\n"),
     ("generator = torch.Generator().manual_seed(seed)\n"
      "for rate in rates:\n"
      "    parameters = make_parameters()\n"),
     "the generator runs on from one training to the next, so the rates see different minibatches; "
     "make a new one for each"),
    ("evaluate(parameters, *dev)", "evaluate(parameters, *train)",
     "the loss is that on the training split; the dev words tell how good the network is"),
    whole("""
        losses = []
        for rate in rates:
            parameters = make_parameters()
            generator = torch.Generator().manual_seed(seed)
            same = [float(rate)] * steps
            noted = train_on_batches(parameters, *train, same, batch_size, generator)
            losses.append(noted[-1])
        return losses
        """, "the loss of the last minibatch is noise; evaluate on the dev split"),
    ("* steps, batch_size", "* 100, batch_size", "each training has 100 steps; use the argument"),
    ("manual_seed(seed)", "manual_seed(42)", "the seed is always 42; use the argument"),
    ("return losses", "return min(losses)",
     "only the lowest loss is returned; a valley needs all of them"),
    ("[float(rate)] * steps", "[float(rate) * step / steps for step in range(steps)]",
     "the rate grows during the training; here each training keeps one rate"),
])

mistakes("best_learning_rate", [
    ("usable.argmin()", "losses.argmin()",
     "argmin takes nan for the smallest, and -inf is smaller than all; leave out losses that "
     "aren't finite"),
    ("losses.isfinite()", "~losses.isnan()",
     "nan is left out but -inf still wins; only finite losses count"),
    ("torch.where(losses.isfinite(), losses, math.inf)", "losses.nan_to_num(0.0)",
     "nan has become 0, which wins; put inf in its place"),
    whole("""
        best = 0
        for number, loss in enumerate(losses.tolist()):
            if loss < losses[best]:
                best = number
        return rates[best].item()
        """,
        "a comparison with nan is false, so nan wins if it comes first; leave it out before "
        "you compare"),
    ("usable.argmin()", "torch.where(losses.isfinite(), losses, -math.inf).argmax()",
     "the rate with the highest loss is returned; the lowest is the best"),
    ("rates[usable.argmin()].item()", "usable.min().item()",
     "this is the lowest loss; return the rate that gave it"),
    ("rates[usable.argmin()].item()", "usable.argmin().item()",
     "this is the position of the best rate; return the rate"),
    ("rates[usable.argmin()]", "rates[losses.isfinite()].min()",
     "this is the smallest usable rate; return the one with the lowest loss"),
    whole("""
        usable = losses.isfinite()
        return rates[losses[usable].argmin()].item()
        """,
        "after the bad losses are left out the positions no longer fit; leave out the same rates"),
    ("usable = torch.where(losses.isfinite(), losses, math.inf)",
     "usable = losses\nusable[~usable.isfinite()] = math.inf",
     "the caller's losses are overwritten; torch.where makes a new tensor"),
    ("losses.isfinite()", "losses.isfinite() & (losses > 0)",
     "losses below 0 are left out; only those that aren't finite never win"),
])

mistakes("decayed_rate", [
    whole("return learning_rate if step < 100_000 else learning_rate / 10",
          "the decay comes at step 100,000, which a shorter training never reaches; take half of "
          "steps"),
    ("step < steps / 2", "step <= steps", "the decay never comes: the steps end before it"),
    ("step < steps / 2", "step <= steps / 2",
     "the decay comes one step late: at steps / 2 the rate is a tenth already"),
    ("step < steps / 2", "step < steps // 2",
     "`//` rounds half of an odd number down, so the decay comes one step early; compare "
     "with steps / 2"),
    ("step < steps / 2", "step > steps / 2", "the halves are swapped: the full rate comes first"),
    ("learning_rate / 10", "0.01", "the later rate is always 0.01; take a tenth of learning_rate"),
    ("learning_rate / 10", "learning_rate / 2",
     "the later rate is a half of the full one; it should be a tenth"),
    ("learning_rate if step < steps / 2 else learning_rate / 10",
     "learning_rate * (1 - 0.9 * step / steps)",
     "the rate falls a little with every step; it should fall once, at half of the steps"),
    whole("return 0.1 if step < 100_000 else 0.01",
          "this line is for 200,000 steps at a rate of 0.1; take half of steps, and learning_rate"),
    whole("return 0.1 if step < steps / 2 else 0.01",
          "the rates are always 0.1 and 0.01; take learning_rate and a tenth of it"),
])

mistakes("evaluate", [
    ("with torch.no_grad():\n    return cross_entropy(forward(parameters, X), Y).item()",
     ("torch.set_grad_enabled(False)\n"
      "loss = cross_entropy(forward(parameters, X), Y).item()\n"
      "torch.set_grad_enabled(True)\n"
      "return loss"),
     "the recording is always switched on at the end, even where it was off before; `with "
     "torch.no_grad():` leaves it as it was"),
    ("    return cross_entropy(forward(parameters, X), Y).item()",
     "    return cross_entropy(forward(parameters, X[-32:]), Y[-32:]).item()",
     "this is the loss of one batch; evaluate on the whole split"),
    ("    return cross_entropy(forward(parameters, X), Y).item()",
     ("    losses = [cross_entropy(forward(parameters, X[i:i + 32]), Y[i:i + 32]).item()\n"
      "              for i in range(0, len(X), 32)]\n"
      "    return sum(losses) / len(losses)"),
     "the mean of the batches' means gives the rows of a shorter last batch too much weight"),
    ("with torch.no_grad():", "if True:",
     "a graph is recorded and thrown away; `item` at the end doesn't prevent it, "
     "torch.no_grad() does"),
    ("with torch.no_grad():\n    return", "torch.set_grad_enabled(False)\nreturn",
     "the recording is switched off and never on again, so no training can follow; use "
     "`with torch.no_grad():`"),
    ("with torch.no_grad():\n    return",
     "for parameter in parameters:\n    parameter.requires_grad = False\nreturn",
     "the parameters no longer require gradients afterwards, so no training can follow"),
    ("with torch.no_grad():\n    return cross_entropy(forward(parameters, X), Y).item()",
     "loss = cross_entropy(forward(parameters, X), Y)\nloss.backward()\nreturn loss.item()",
     "backward is called, which changes the gradients; an evaluation needs none"),
    (".item()", ".exp().item()", "this is the exponential of the loss, the perplexity"),
    ("forward(parameters, X), Y)", "forward(parameters, X).softmax(1), Y)",
     "softmax is applied before the loss, which applies it again; hand the logits over"),
    ("cross_entropy(forward(parameters, X), Y).item()",
     "cross_entropy(forward(parameters, X), Y).item() * len(X)",
     "this is the sum over the rows; take the mean"),
    ("forward(parameters, X), Y)", "forward(parameters, X[:1000]), Y[:1000])",
     "rows after the first 1,000 don't count; evaluate on the whole split"),
])

mistakes("sample_name", [
    (", generator=generator", "",
     "multinomial isn't given the generator, so the same seed doesn't give the same name"),
    ("torch.multinomial(probabilities[0], 1, generator=generator).item()",
     "probabilities[0].argmax().item()",
     "every name is the same: the most probable character is always taken, or the generator is "
     "seeded again; draw each character by its probability, from the generator that's passed in"),
    (".softmax(1)", "",
     "the characters are drawn from the logits; turn them into probabilities first"),
    (".softmax(1)", ".softmax(1).exp()",
     "the probabilities are put through an exponential once more, so what is all but impossible "
     "gets drawn"),
    ("context = context[1:] + [index]", "context = [index] + context[:-1]",
     "the new character is added on the left, where the oldest is, and that's the one to drop"),
    ("context = context[1:] + [index]", "context = [index] * block_size",
     "the whole context is overwritten by the last character; only move it on by one"),
    ("context, name = [0] * block_size", "context, name = [1] * block_size",
     "the name begins from a context of another character; begin from dots, index 0"),
    ("return name", "return name + itos[0]", "the dot at the end isn't a part of the name"),
    ('[0] * block_size, ""', "[0] * block_size, itos[0] * block_size",
     "the dots of the first context aren't a part of the name"),
    whole("""
        context, name = getattr(sample_name, "context", [0] * block_size)[:block_size], ""
        context = [0] * (block_size - len(context)) + context
        while True:
            probabilities = forward(parameters, torch.tensor([context])).softmax(1)
            index = torch.multinomial(probabilities[0], 1, generator=generator).item()
            if index == 0:
                sample_name.context = context
                return name
            name += itos[index]
            context = context[1:] + [index]
        """, "the context isn't reset: a name begins from where the one before it ended"),
    whole("""
        context, name = [0] * block_size, []
        while True:
            probabilities = forward(parameters, torch.tensor([context])).softmax(1)
            index = torch.multinomial(probabilities[0], 1, generator=generator).item()
            if index == 0:
                return name
            name.append(itos[index])
            context = context[1:] + [index]
        """, "a list of characters is returned; join them into one string"),
    (".softmax(1)", ".exp()",
     "the exponential of a large logit is infinite, and drawing from that fails; use softmax, "
     "which is safe"),
    whole("""
        context, name = [0] * block_size, ""
        for _ in range(20):
            probabilities = forward(parameters, torch.tensor([context])).softmax(1)
            index = torch.multinomial(probabilities[0], 1, generator=generator).item()
            if index == 0:
                break
            name += itos[index]
            context = context[1:] + [index]
        return name
        """, "the name is cut off after a number of characters; it goes on until the dot comes"),
    whole("""
        context, name = [0] * block_size, ""
        for _ in range(50):
            probabilities = forward(parameters, torch.tensor([context])).softmax(1)
            index = torch.multinomial(probabilities[0], 1, generator=generator).item()
            if index == 0:
                break
            name += itos[index]
            context = context[1:] + [index]
        return name
        """, "the name is cut off after a number of characters; it goes on until the dot comes"),
    ("context, name = [0] * block_size",
     ('if not hasattr(sample_name, "g"):\n'
      "    sample_name.g = torch.Generator().manual_seed(2147483647)\n"
      "generator = sample_name.g\n"
      "context, name = [0] * block_size"),
     "this draws from a generator outside the function, so the one that's passed in has no "
     "effect; use the argument"),
    ("context, name = [0] * block_size",
     ("generator = torch.Generator().manual_seed(generator.initial_seed())\n"
      "context, name = [0] * block_size"),
     "the generator is seeded again in every call and gives the same name again and again"),
])
