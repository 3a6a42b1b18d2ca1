"""Known mistakes of `part4_backprop`."""

from autograder.checks import mistakes, whole

mistakes("compare", [
    ("same_shape = mine.shape == reference.shape", "same_shape = True",
     "shapes that differ get broadcast here and then look equal; compare the shapes first"),
    ("same_shape = mine.shape == reference.shape", "same_shape = mine.numel() == reference.numel()",
     "the numbers of elements are compared, but (64,) and (1, 64) have the same number"),
    whole("""
        return {
            "name": name,
            "exact": bool((mine == reference).all()),
            "approximate": torch.allclose(mine, reference),
            "difference": (mine - reference).abs().max().item(),
        }
        """,
        "==, allclose and - all broadcast, so a gradient of a wrong shape looks equal; compare "
        "the shapes first"),
    ("same_shape and torch.allclose(mine, reference)", "torch.allclose(mine, reference)",
     '"approximate" never asks for the shape, and allclose broadcasts'),
    ("torch.equal(mine, reference)", "torch.allclose(mine, reference)",
     '"exact" allows for rounding here; it means equal to the last bit'),
    ("torch.allclose(mine, reference)", "torch.equal(mine, reference)",
     '"approximate" demands equality to the last bit here; it must allow for rounding'),
    ("(mine - reference).abs().max()", "(mine - reference).max()",
     "without abs() a value that is far too small counts as no difference"),
    (".abs().max()", ".abs().mean()", "this is the mean difference; take the largest one"),
    ("(mine - reference).abs().max().item() if same_shape else math.inf",
     "(mine - reference).abs().max().item()",
     "different shapes can't be subtracted, or only by a broadcast that hides the mistake"),
    ("else math.inf", "else 0.0",
     "a wrong shape is reported as a difference of 0, which looks perfect; make it infinite"),
    ("torch.equal(mine, reference)", "bool((mine == reference).any())",
     '"exact" is true here as soon as one element agrees; all have to'),
])

mistakes("sum_to_shape", [
    ("gradient = gradient.sum(dimension, keepdim=True)",
     "gradient = gradient.mean(dimension, keepdim=True)",
     "each copy of a broadcast element adds its gradient: a sum, not a mean"),
    ("gradient = gradient.sum(0)", "gradient = gradient.mean(0)",
     "added dimensions are averaged away; every copy adds its gradient, so sum over them"),
    ("gradient.sum(", "gradient.mean(",
     "this is the mean over the broadcast; its gradient is the sum"),
    ("gradient.dim() > len(shape)", "gradient.dim() > len(shape) > 0",
     "a scalar has the shape (), and everything is summed for it"),
    ("gradient = gradient.sum(0)", "gradient = gradient[0]",
     "all copies along an added dimension count, not only the first"),
    ("while gradient.dim() > len(shape):\n    gradient = gradient.sum(0)\n", "",
     "dimensions that broadcasting put in front must be summed away as well"),
    whole("""
        while gradient.dim() > len(shape):
            gradient = gradient.sum(0)
        return gradient
        """, "dimensions of size 1 that were stretched must be summed too, with keepdim=True"),
    whole("""
        while gradient.dim() > len(shape):
            gradient = gradient.sum(0)
        return gradient.sum([d for d, size in enumerate(shape) if size == 1])
        """,
        "the sum is right but its dimension of size 1 is gone: keepdim=True leaves it in place"),
    ("gradient = gradient.sum(0)", "gradient = gradient.sum(-1)",
     "broadcasting adds dimensions in front, so it's dimension 0 that must be summed away"),
    ("gradient = gradient.sum(dimension, keepdim=True)", "gradient = gradient.sum(0, keepdim=True)",
     "sum over the dimension that is 1 in the shape, which is not always the first"),
])

mistakes("d_logprobs", [
    ("= -1.0 / n", "= -1.0",
     "the loss is a mean over n examples, so each of them counts 1/n"),
    ("= -1.0 / n", "= 1.0 / n",
     "the loss is *minus* the mean log probability; the minus is missing"),
    ("= -1.0 / n", '= -1.0 / cache["logits"].shape[1]',
     "the mean is taken over the n examples, not over the V characters"),
    ('dlogprobs[torch.arange(n), cache["Y"]] = -1.0 / n', "dlogprobs += -1.0 / n",
     "only the log probabilities of the right characters are in the loss; all others get 0"),
    ('dlogprobs[torch.arange(n), cache["Y"]] = -1.0 / n', 'dlogprobs[:, cache["Y"]] = -1.0 / n',
     "`[:, Y]` sets these columns in every row; `[arange(n), Y]` is one element of each row"),
    ('torch.zeros_like(cache["logprobs"])', 'cache["logprobs"].zero_()',
     "a tensor of the cache is overwritten; make new zeros with torch.zeros_like"),
    ("return dlogprobs", 'd["logprobs"] = dlogprobs\nreturn dlogprobs',
     "the gradient is written into d; only return it, the backward pass puts it there"),
])

mistakes("d_probs", [
    ('d["logprobs"] / cache["probs"]', 'd["logprobs"] * cache["probs"]',
     "the derivative of log(x) is 1/x: divide by probs"),
    ('d["logprobs"] / cache["probs"]', 'd["logprobs"] / cache["logprobs"]',
     "the derivative of log(x) is one over x, which is what went in; logprobs is what came out"),
    ('d["logprobs"] / cache["probs"]', 'd["logprobs"] / cache["counts"]',
     "the logarithm was taken of probs; counts haven't been divided yet"),
    ('d["logprobs"] / cache["probs"]', '1 / cache["probs"]',
     "this is the local derivative alone; the chain rule multiplies it by what comes from above"),
    ('d["logprobs"] / cache["probs"]', 'd["logprobs"].div_(cache["probs"])',
     "the gradient of logprobs is changed in place; make a new tensor"),
])

mistakes("d_counts_sum_inv", [
    (".sum(1, keepdim=True)", ".sum(1)",
     "counts_sum_inv is a column (n, 1), its gradient here (n,): sum with keepdim=True"),
    (".sum(1, keepdim=True)", "",
     "counts_sum_inv was broadcast over the columns, so its gradient is a sum over each row"),
    (".sum(1, keepdim=True)", ".sum(0, keepdim=True)",
     "counts_sum_inv is a column, one number for each row: sum over dimension 1"),
    ('(cache["counts"] * d["probs"])', 'd["probs"]',
     "in probs = counts * counts_sum_inv the derivative with respect to counts_sum_inv is counts"),
    ('cache["counts"]', 'cache["probs"]',
     "the other factor of the product is counts; probs is the product itself"),
])

mistakes("d_counts_sum", [
    ('-(cache["counts_sum"] ** -2)', 'cache["counts_sum"] ** -2',
     "the derivative of 1/x is -1/x**2; the minus is missing"),
    ("** -2", "** -1",
     "the derivative of x**-1 is -x**-2: the exponent goes down by one"),
    ('-(cache["counts_sum"] ** -2) * d["counts_sum_inv"]',
     '(-(cache["counts_sum"] ** -2) * d["counts_sum_inv"])[:, 0]',
     "counts_sum is a column (n, 1), and so is its gradient, not (n,)"),
    ('cache["counts_sum"] ** -2', 'cache["counts_sum_inv"] ** -2',
     "counts_sum_inv is already one over counts_sum; take the power of counts_sum"),
    (' * d["counts_sum_inv"]', "",
     "this is the local derivative alone; the chain rule multiplies it by what comes from above"),
])

mistakes("d_counts", [
    (' + d["counts_sum"]', "",
     "the road over counts_sum is missing: counts goes into probs, and into the sum as well"),
    ('cache["counts_sum_inv"] * d["probs"] + d["counts_sum"]',
     'd["counts_sum"].expand_as(cache["counts"])',
     "the straight road through the product is missing: only the one over counts_sum is here"),
    ('cache["counts_sum_inv"] *', 'cache["counts_sum"] *',
     "in probs = counts * counts_sum_inv the derivative with respect to counts is counts_sum_inv"),
    ('+ d["counts_sum"]', '+ d["counts_sum"] / cache["counts"].shape[1]',
     "in a sum every element has the derivative 1; nothing is divided among them"),
    ('+ d["counts_sum"]', '+ cache["counts"] * d["counts_sum"]',
     "in a sum every element has the derivative 1, not its own value"),
    ('+ d["counts_sum"]', '- d["counts_sum"]',
     "two roads add up, whatever signs they bring; here the second is subtracted"),
])

mistakes("d_norm_logits", [
    ('cache["counts"] *', 'cache["norm_logits"] *',
     "the derivative of exp(x) is exp(x), not x"),
    ('cache["counts"] *', 'cache["probs"] *',
     "exp(norm_logits) is counts; probs are the counts after the division"),
    ('cache["counts"] * d["counts"]', 'd["counts"].clone()',
     "the exponential is skipped; its derivative is a factor"),
    ('cache["counts"] *', 'cache["counts"].exp() *',
     "counts is exp(norm_logits) already; don't take the exponential twice"),
])

mistakes("d_logit_maxes", [
    ('(-d["norm_logits"])', 'd["norm_logits"]',
     "the maximum is subtracted, so its gradient has a minus"),
    (".sum(1, keepdim=True)", "",
     "logit_maxes was broadcast over the columns, so its gradient is a sum over each row"),
    (".sum(1, keepdim=True)", ".sum(1)",
     "logit_maxes is a column (n, 1), its gradient here (n,): sum with keepdim=True"),
    (".sum(1", ".mean(1",
     "the V copies of logit_maxes add their gradients: a sum, not a mean"),
    ('(-d["norm_logits"]).sum(1, keepdim=True)', 'torch.zeros_like(cache["logit_maxes"])',
     "it's 0 only in a real network, and there it comes out of the computation; send back the "
     "gradient that comes in"),
])

mistakes("d_logits", [
    (' + is_max * d["logit_maxes"]', "",
     "the road over the maximum is missing: the largest logit of each row was picked by it. (In "
     "a real network it brings 0; the numbers here are made up)"),
    ('d["norm_logits"] + is_max', "is_max",
     "the straight road through the subtraction is missing: only the one over the maximum is here"),
    ('is_max * d["logit_maxes"]', 'd["logit_maxes"]',
     "the maximum's gradient goes to every logit here; only each row's largest one was picked"),
    ('+ is_max * d["logit_maxes"]', '- is_max * d["logit_maxes"]',
     "two roads add up; the subtraction's minus is already in the gradient of logit_maxes"),
    ("logits.argmax(1)", "logits.argmin(1)",
     "the gradient of the maximum goes to the smallest logit here"),
    ('d["norm_logits"] +', '-d["norm_logits"] +',
     "in norm_logits = logits - logit_maxes the derivative with respect to logits is +1"),
])

mistakes("backward_linear", [
    ("dout @ W.T", "dout @ W",
     "dx is dout times W *transposed*; without it the shapes fit only by chance"),
    ("x.T @ dout", "x @ dout",
     "dW is x *transposed* times dout; without it the shapes fit only by chance"),
    ("x.T @ dout", "dout.T @ x", "dW has the shape of W, (I, O); this is its transpose"),
    ("x.T @ dout", "x.T @ dout / len(x)",
     "dW is a plain sum over the examples; the mean is already in dout"),
    ("dout.sum(0)", "dout.sum(0, keepdim=True)",
     "b has the shape (O,), its gradient here (1, O), which only broadcasts"),
    ("dout.sum(0)", "dout.sum(1)", "b was broadcast over the rows, so sum over dimension 0"),
    ("dout.sum(0)", "dout.mean(0)",
     "b is used once for each row, and its gradients add up: a sum, not a mean"),
    ("dout.sum(0)", "dout", "b was broadcast over the rows, so its gradient is a sum over them"),
    ("dout @ W.T, x.T @ dout, dout.sum(0)", "x.T @ dout, dout @ W.T, dout.sum(0)",
     "the order is dx, dW, db"),
])

mistakes("backward_tanh", [
    ("(1 - h**2) * dout", "1 - h**2",
     "this is the derivative of tanh alone; the chain rule multiplies it by dout"),
    ("(1 - h**2) * dout", "(1 - torch.tanh(h) ** 2) * dout",
     "h is already the *output* of tanh; it goes into 1 - h**2 as it is"),
    ("(1 - h**2) * dout", "(1 - h) ** 2 * dout",
     "the square belongs to h alone: 1 - h**2, not (1 - h)**2"),
    ("(1 - h**2) * dout", "(1 - h) * dout", "h must be squared: 1 - h**2"),
    ("(1 - h**2) * dout", "h * (1 - h) * dout",
     "h (1 - h) is the derivative of the logistic sigmoid; that of tanh is 1 - h**2"),
    ("(1 - h**2) * dout", "(1 + h**2) * dout", "the derivative of tanh is 1 *minus* h**2"),
    ("(1 - h**2) * dout", "(h**2 - 1) * dout", "the sign is wrong: 1 - h**2, never negative"),
    ("(1 - h**2) * dout", "dout.mul_(1 - h**2)", "the argument dout is changed; make a new tensor"),
])

mistakes("d_bngain", [
    (".sum(0, keepdim=True)", ".sum(0)",
     "bngain is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    (".sum(0, keepdim=True)", "",
     "bngain was broadcast over the rows, so its gradient is a sum over them"),
    ('cache["bnraw"]', 'cache["hprebn"]',
     "the gain multiplies bnraw, not hprebn, so bnraw is its local derivative"),
    (".sum(0", ".mean(0",
     "the n copies of bngain add their gradients: a sum, not a mean"),
    (".sum(0", ".sum(1",
     "each neuron has its own gain; sum over the examples, dimension 0"),
])

mistakes("d_bnbias", [
    (".sum(0, keepdim=True)", ".sum(0)",
     "bnbias is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    (".sum(0, keepdim=True)", ".clone()",
     "bnbias was broadcast over the rows, so its gradient is a sum over them"),
    (".sum(0", ".mean(0",
     "the n copies of bnbias add their gradients: a sum, not a mean"),
    ('d["hpreact"].sum', '(cache["bnbias"] * d["hpreact"]).sum',
     "the bias is added, it isn't a factor; its local derivative is 1"),
])

mistakes("d_bnraw", [
    ('cache["bngain"] * d["hpreact"]', 'd["hpreact"].clone()',
     "there's a gain between bnraw and hpreact, and it's missing here"),
    ('cache["bngain"] * d["hpreact"]', 'd["hpreact"].mul_(cache["bngain"])',
     "the gradient of hpreact is changed in place; make a new tensor"),
    ('cache["bngain"] *', 'cache["bnraw"] *',
     "the derivative of a product with respect to one factor is the *other* factor, the gain"),
    ('cache["bngain"] * d["hpreact"]', '(cache["bngain"] * d["hpreact"]).sum(0, keepdim=True)',
     "bnraw wasn't broadcast, so there's nothing to sum"),
])

mistakes("d_bnvar_inv", [
    (".sum(0, keepdim=True)", ".sum(0)",
     "bnvar_inv is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    ('(cache["bndiff"] * d["bnraw"])', 'd["bnraw"]',
     "in bnraw = bndiff * bnvar_inv the derivative with respect to bnvar_inv is bndiff"),
    (".sum(0", ".sum(1",
     "bnvar_inv is one number for each column: sum over the rows, dimension 0"),
    (".sum(0, keepdim=True)", "",
     "bnvar_inv was broadcast over the rows, so its gradient is a sum over them"),
    ('cache["bndiff"]', 'cache["bnraw"]',
     "the other factor of the product is bndiff; bnraw is the product itself"),
])

mistakes("d_bnvar", [
    ("-0.5 *", "0.5 *",
     "the derivative of x**-0.5 is *minus* 0.5 x**-1.5; the minus is missing"),
    ("** -1.5", "** -0.5",
     "the derivative of x**-0.5 has the exponent -1.5, one less"),
    ("-0.5 *", "-1.0 *",
     "the derivative of x**-0.5 has the factor -0.5, the old exponent"),
    ('(cache["bnvar"] + EPSILON)', 'cache["bnvar"]',
     "EPSILON is missing: bnvar_inv was computed from bnvar + EPSILON"),
    ('(cache["bnvar"] + EPSILON)', 'cache["bnvar_inv"]',
     "bnvar_inv is already bnvar + EPSILON to the power of -0.5; use one or the other"),
])

mistakes("d_bndiff2", [
    ("/ (n - 1)", "/ n",
     "bnvar divides by n - 1 (Bessel's correction), so its gradient is divided by n - 1 too"),
    (" / (n - 1)", "",
     "bnvar is a sum divided by n - 1, so its gradient is divided by n - 1 on the way back"),
    ('torch.ones_like(cache["bndiff2"]) * ', "",
     "bndiff2 is (n, H), its gradient here (1, H) only broadcasts to it: make n equal rows"),
    ('torch.ones_like(cache["bndiff2"])', 'cache["bndiff2"]',
     "in a sum every element has the derivative 1, not its own value"),
])

mistakes("d_bndiff", [
    (' + 2 * cache["bndiff"] * d["bndiff2"]', "",
     "the road through the variance is missing: bndiff goes into bnraw, and into bndiff2 as well"),
    ('cache["bnvar_inv"] * d["bnraw"] + 2', "2",
     "the straight road through the product is missing: only the one through the variance is here"),
    ('2 * cache["bndiff"] *', 'cache["bndiff"] *',
     "the derivative of x**2 is 2 x; the factor 2 is missing"),
    ('2 * cache["bndiff"] *', '2 * cache["bndiff2"] *',
     "the derivative of bndiff**2 is 2 * bndiff, not 2 * bndiff2"),
    ('cache["bnvar_inv"] * d["bnraw"]', 'd["bnraw"]',
     "in bnraw = bndiff * bnvar_inv the derivative with respect to bndiff is bnvar_inv"),
])

mistakes("d_bnmeani", [
    (".sum(0, keepdim=True)", ".sum(0)",
     "bnmeani is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    ('-d["bndiff"]', 'd["bndiff"]',
     "bnmeani is subtracted, so its gradient has a minus"),
    ('-d["bndiff"].sum(0, keepdim=True)', '-d["bndiff"]',
     "bnmeani was broadcast over the rows, so its gradient is a sum over them"),
    (".sum(0", ".mean(0",
     "the n copies of bnmeani add their gradients: a sum, not a mean"),
])

mistakes("d_hprebn", [
    (' + d["bnmeani"] / n', "",
     "the road through bnmeani is missing: hprebn is what the mean is made of"),
    ('d["bndiff"] + d["bnmeani"] / n', 'd["bnmeani"].expand_as(d["bndiff"]) / n',
     "the straight road through the subtraction is missing: only the one through the mean is here"),
    ('d["bnmeani"] / n', 'd["bnmeani"]',
     "each row is one n-th of the mean, so the gradient of bnmeani is divided by n on its way"),
    ('d["bnmeani"] / n', 'd["bnmeani"] / (n - 1)',
     "the mean divides by n; only the variance divides by n - 1"),
    ('d["bndiff"] + d["bnmeani"] / n', 'd["bndiff"].add_(d["bnmeani"] / n)',
     "the gradient of bndiff is changed in place; make a new tensor"),
])

mistakes("backward_embedding", [
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        dC[X] = demb
        return dC
        """,
        "of several writes to a row only the last one survives, with `dC[X] = demb` and with "
        "`dC[X] += demb` alike: use index_add_ or a loop"),
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        for t in range(X.shape[1]):
            dC[X[:, t]] += demb[:, t]
        return dC
        """,
        "`dC[X] += demb` writes each row only once, however often it occurs; use index_add_ or a "
        "loop"),
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        dC.index_add_(0, X.flatten(), demb.reshape(-1, demb.shape[-1]))
        return dC / torch.bincount(X.flatten(), minlength=vocab_size).clamp(min=1)[:, None]
        """, "the copies' gradients are averaged; they must be summed"),
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        return dC.index_add_(0, X[:, -1], demb[:, -1])
        """, "only the last position of the context counts here; every position was looked up"),
    whole("""
        dC = torch.zeros(int(X.max()) + 1, demb.shape[-1])
        return dC.index_add_(0, X.flatten(), demb.reshape(-1, demb.shape[-1]))
        """,
        "dC has too few rows; it needs one for every character of the vocabulary, even those not "
        "in X"),
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        return dC.index_add_(0, X.T.flatten(), demb.reshape(-1, demb.shape[-1]))
        """, "X and demb are flattened in different orders, so gradients go to the wrong rows"),
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        for i in range(X.shape[0]):
            for t in range(X.shape[1]):
                dC[X[i, t]] = demb[i, t]
        return dC * torch.bincount(X.flatten(), minlength=vocab_size)[:, None]
        """, "the last copy's gradient counts for all copies; each has its own gradient to add"),
])

mistakes("cross_entropy_gradient", [
    ("dlogits / len(targets)", "dlogits", "the loss is a mean, so its gradient is divided by n"),
    ("dlogits / len(targets)", "dlogits / logits.shape[1]",
     "the loss is a mean over the n examples, not over the V characters"),
    ("torch.softmax(logits, 1)", "torch.softmax(logits, 0)",
     "each row is one example, so softmax goes over dimension 1"),
    ("torch.softmax(logits, 1)", "logits.exp() / logits.exp().sum(1, keepdim=True)",
     "exp overflows for large logits; subtract each row's maximum first, or call torch.softmax"),
    ("torch.softmax(logits, 1)", "torch.log_softmax(logits, 1)",
     "these are the logarithms of the probabilities; use the probabilities themselves"),
    ("dlogits[torch.arange(len(targets)), targets] -= 1\n", "",
     "subtract 1 from the probability of the right character"),
    ("dlogits[torch.arange(len(targets)), targets] -= 1", "dlogits[:, targets] -= 1",
     "`[:, targets]` takes these columns of every row; take one element of each row"),
    ("dlogits[torch.arange(len(targets)), targets] -= 1", "dlogits -= 1",
     "1 is subtracted everywhere; subtract it only at the right character"),
    ("return dlogits / len(targets)", "return -dlogits / len(targets)",
     "the sign is wrong: this gradient would push the right character down"),
    ("torch.softmax(logits, 1)", "logits.clone()",
     "the logits are used as they are; turn them into probabilities first"),
])

mistakes("batchnorm_gradient", [
    ("n / (n - 1) * bnraw", "bnraw",
     "the variance divides by n - 1, which leaves a factor n / (n - 1)"),
    (" - dhpreact.sum(0)", "", "the road through the mean is missing: minus the sum of dhpreact"),
    ("dhpreact.sum(0)", "dhpreact.mean(0)",
     "inside the bracket it's the sum of dhpreact, since everything is divided by n in front"),
    ("dhpreact.sum(0)", "dhpreact.sum(1, keepdim=True)",
     "the statistics are those of the batch: sum over the examples, dimension 0"),
    (" - n / (n - 1) * bnraw * along", "", "the road through the variance is missing"),
    ("* bnraw * along", "* along",
     "the variance pulls each row in proportion to its own bnraw; that factor is missing"),
    ("bngain * bnvar_inv / n", "bnvar_inv / n", "the gain is missing as a factor in front"),
    ("bngain * bnvar_inv / n", "bngain / n", "bnvar_inv is missing as a factor in front"),
    ("bngain * bnvar_inv / n", "bngain * bnvar_inv",
     "everything in the bracket is divided by n in front"),
    ("(n * dhpreact", "(dhpreact",
     "inside the bracket dhpreact is multiplied by n, since everything is divided by n in front"),
    ("bngain * bnvar_inv / n * (n * dhpreact - dhpreact.sum(0) - n / (n - 1) * bnraw * along)",
     "bngain * bnvar_inv * dhpreact",
     "the mean and the variance are treated as constants here, but both are made from the batch"),
])

mistakes("mlp_gradients", [
    ('backward_tanh(dh, cache["h"])', "dh",
     "there's a tanh between h and hpreact, and its gradient is skipped"),
    ('backward_tanh(dh, cache["h"])', 'backward_tanh(dh, cache["hpreact"])',
     "backward_tanh wants the output h, not the input hpreact"),
    ('backward_linear(dlogits, cache["h"], W2)', 'backward_linear(dlogits, cache["hpreact"], W2)',
     "what goes into the second linear layer is h, after the tanh"),
    ('backward_linear(dhprebn, cache["embcat"], W1)',
     'backward_linear(dhpreact, cache["embcat"], W1)',
     "the first linear layer gets dhprebn, from behind batch normalization, not dhpreact"),
    ('(cache["bnraw"] * dhpreact).sum(0, keepdim=True)', '(cache["bnraw"] * dhpreact).sum(0)',
     "bngain is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    ('(cache["bnraw"] * dhpreact).sum(0, keepdim=True)', "dhpreact.sum(0, keepdim=True)",
     "the gain multiplies bnraw, so its gradient is the sum of bnraw * dhpreact"),
    ("dbnbias = dhpreact.sum(0, keepdim=True)", "dbnbias = dhpreact.sum(0)",
     "bnbias is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    (".sum(0, keepdim=True)", ".sum(0)",
     "bngain and bnbias are rows (1, H), their gradients here (H,) only broadcast: keepdim=True"),
    ("[dC, dW1, db1, dW2, db2, dbngain, dbnbias]", "[dW2, db2, dbngain, dbnbias, dW1, db1, dC]",
     "the gradients come in the order of the parameters, C first"),
    ('cross_entropy_gradient(cache["logits"], Y)',
     'cross_entropy_gradient(cache["logits"], Y) * len(Y)',
     "all gradients are n times too large: the loss is a mean over the examples"),
    ('dembcat.view(cache["emb"].shape)', 'dembcat.view(cache["emb"].shape).flip(1)',
     "embcat holds the embeddings in the context's order; their gradients come in another order "
     "here"),
    ('batchnorm_gradient(dhpreact, bngain, cache["bnraw"], cache["bnvar_inv"])',
     'bngain * cache["bnvar_inv"] * dhpreact',
     "batch normalization's mean and variance depend on hprebn as well; use batchnorm_gradient"),
    ("return [dC,", "C -= 0.1 * dC\nreturn [dC,",
     "the parameters are changed here; only compute the gradients"),
])

mistakes("sgd_step", [
    whole("""
        for i, gradient in enumerate(gradients):
            parameters[i] = parameters[i] - learning_rate * gradient
        """, "the list holds new tensors; the old ones, which are the parameters, didn't move"),
    ("parameter -=", "parameter +=", "this climbs; a step *down* subtracts the gradient"),
    ("parameter -= learning_rate * gradient", "parameter = parameter - learning_rate * gradient",
     "the name `parameter` goes to a new tensor, which is then forgotten; change the old one in "
     "place"),
    ("    parameter -= learning_rate * gradient",
     "    parameter -= learning_rate * gradient\n    break",
     "the loop stops after the first parameter; every parameter must move"),
    ("learning_rate * gradient", "gradient", "the step is the learning rate times the gradient"),
    ("learning_rate * gradient", "learning_rate * gradient.sign()",
     "the gradient's size counts, not only its sign"),
    ("parameter -= learning_rate * gradient", "parameter *= 1 - learning_rate * gradient",
     "the parameter is scaled by the step; subtract the step from it"),
    ("    parameter -= learning_rate * gradient",
     "    parameter -= learning_rate * gradient\nreturn parameters",
     "the parameters are returned, as if they were new ones; they change in place, so return None"),
    ("parameter -= learning_rate * gradient", "parameter -= gradient.mul_(learning_rate)",
     "the gradients are changed; put the product in a new tensor"),
])
