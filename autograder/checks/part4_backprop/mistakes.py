"""Known mistakes of `part4_backprop`."""

from autograder.checks import mistakes, whole

mistakes("compare", [
    ("same_shape = mine.shape == reference.shape", "same_shape = True",
     "shapes that differ are broadcast here and then look equal; compare the shapes first"),
    ("same_shape = mine.shape == reference.shape", "same_shape = mine.numel() == reference.numel()",
     "the numbers of elements are compared, but (64,) and (1, 64) have equally many"),
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
     '"approximate" does not ask for the shape, and allclose broadcasts'),
    ("torch.equal(mine, reference)", "torch.allclose(mine, reference)",
     '"exact" allows for rounding here; it means equal to the last bit'),
    ("torch.allclose(mine, reference)", "torch.equal(mine, reference)",
     '"approximate" asks for equality to the last bit here; it has to allow for rounding'),
    ("(mine - reference).abs().max()", "(mine - reference).max()",
     "without abs() a value that is far too small counts as no difference"),
    (".abs().max()", ".abs().mean()", "this is the mean difference; the largest one is asked for"),
    ("(mine - reference).abs().max().item() if same_shape else math.inf",
     "(mine - reference).abs().max().item()",
     "different shapes cannot be subtracted, or only by a broadcast that hides the mistake"),
    ("else math.inf", "else 0.0",
     "a wrong shape is reported as a difference of 0, which looks perfect; it is infinite"),
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
     "dimensions that broadcasting put in front have to be summed away as well"),
    whole("""
        while gradient.dim() > len(shape):
            gradient = gradient.sum(0)
        return gradient
        """, "dimensions of size 1 that were stretched have to be summed too, with keepdim=True"),
    whole("""
        while gradient.dim() > len(shape):
            gradient = gradient.sum(0)
        return gradient.sum([d for d, size in enumerate(shape) if size == 1])
        """,
        "the sum is right but its dimension of size 1 is gone: keepdim=True leaves it in place"),
    ("gradient = gradient.sum(0)", "gradient = gradient.sum(-1)",
     "broadcasting adds dimensions in front, so it is dimension 0 that is summed away"),
    ("gradient = gradient.sum(dimension, keepdim=True)", "gradient = gradient.sum(0, keepdim=True)",
     "sum over the dimension that is 1 in the shape, which is not always the first"),
])

mistakes("backward_log_softmax_nll", [
    ("= -1.0 / n", "= -1.0", "the loss is a mean over n examples, so dlogprobs is -1/n"),
    ("= -1.0 / n", "= 1.0 / n", "the loss is *minus* the mean log probability: dlogprobs is -1/n"),
    ("= -1.0 / n", '= -1.0 / cache["logits"].shape[1]',
     "the mean is taken over the n examples, not over the V characters"),
    ('dlogprobs[torch.arange(n), cache["Y"]] = -1.0 / n', "dlogprobs += -1.0 / n",
     "only the log probabilities of the right characters are in the loss; all others get 0"),
    ('dlogprobs[torch.arange(n), cache["Y"]] = -1.0 / n', 'dlogprobs[:, cache["Y"]] = -1.0 / n',
     "`[:, Y]` sets these columns in every row; `[arange(n), Y]` is one element of each row"),
    ('dlogprobs / cache["probs"]', 'dlogprobs * cache["probs"]',
     "the derivative of log(x) is 1/x: divide by probs"),
    ("(counts * dprobs).sum(1, keepdim=True)", "(counts * dprobs).sum(1)",
     "counts_sum_inv is a column (n, 1), its gradient here (n,): sum with keepdim=True"),
    ("(counts * dprobs).sum(1, keepdim=True)", "counts * dprobs",
     "counts_sum_inv was broadcast over the columns, so its gradient is a sum over each row"),
    ("(counts * dprobs).sum(1, keepdim=True)", "(counts * dprobs).sum(0, keepdim=True)",
     "counts_sum_inv is a column, one number for each row: sum over dimension 1"),
    ("(counts * dprobs).sum(1, keepdim=True)", "dprobs.sum(1, keepdim=True)",
     "in probs = counts * counts_sum_inv the derivative by counts_sum_inv is counts"),
    ("-(counts_sum**-2) * dcounts_sum_inv", "counts_sum**-2 * dcounts_sum_inv",
     "the derivative of 1/x is -1/x**2: the minus is missing in dcounts_sum"),
    ("-(counts_sum**-2) * dcounts_sum_inv", "-(counts_sum**-1) * dcounts_sum_inv",
     "the derivative of x**-1 is -x**-2: the exponent goes down by one in dcounts_sum"),
    ("-(counts_sum**-2) * dcounts_sum_inv", "(-(counts_sum**-2) * dcounts_sum_inv)[:, 0]",
     "counts_sum is a column (n, 1), and so is its gradient, not (n,)"),
    ("dcounts += dcounts_sum\n", "",
     "counts is used twice, for probs and for counts_sum: the second road is missing in dcounts"),
    ("dcounts += dcounts_sum", "dcounts = dcounts_sum.expand_as(counts)",
     "the second road of counts overwrites the first; the two have to be added"),
    ("dcounts = counts_sum_inv * dprobs", "dcounts = counts_sum * dprobs",
     "in probs = counts * counts_sum_inv the derivative by counts is counts_sum_inv"),
    ("dcounts += dcounts_sum", "dcounts += dcounts_sum / counts.shape[1]",
     "in a sum every element has the derivative 1, nothing is divided among them"),
    ("dnorm_logits = counts * dcounts", 'dnorm_logits = cache["norm_logits"] * dcounts',
     "the derivative of exp(x) is exp(x), and that is counts"),
    ("dnorm_logits = counts * dcounts", 'dnorm_logits = cache["probs"] * dcounts',
     "exp(norm_logits) is counts; probs are the counts after the division"),
    ("(-dnorm_logits).sum(1, keepdim=True)", "-dnorm_logits",
     "logit_maxes was broadcast over the columns, so its gradient is a sum over each row"),
    ('    "logit_maxes": dlogit_maxes,\n', "",
     "the gradient of logit_maxes is missing from the dict; it is nearly 0, and worth seeing"),
    ('"logit_maxes": dlogit_maxes', '"logit_maxes": dlogit_maxes[:, 0]',
     "logit_maxes is a column (n, 1), its gradient here (n,): sum with keepdim=True"),
    ("dlogits = dnorm_logits +", "dlogits = -dnorm_logits +",
     "in norm_logits = logits - logit_maxes the derivative by logits is +1"),
    ("dnorm_logits + is_max * dlogit_maxes", "is_max * dlogit_maxes",
     "logits is used twice: what came straight through the subtraction is lost"),
    ("return {", 'cache["dlogits"] = dlogits\nreturn {',
     "a gradient is written into the cache; return the gradients alone"),
    ('dlogprobs = torch.zeros_like(cache["logprobs"])', 'dlogprobs = cache["logprobs"].zero_()',
     "a tensor of the cache is overwritten; make new zeros with torch.zeros_like"),
])

mistakes("backward_linear", [
    ("dout @ W.T", "dout @ W",
     "dx is dout times W *transposed*; without it the shapes fit only by chance"),
    ("x.T @ dout", "x @ dout",
     "dW is x *transposed* times dout; without it the shapes fit only by chance"),
    ("x.T @ dout", "dout.T @ x", "dW has the shape of W, (I, O); this is its transpose"),
    ("x.T @ dout", "x.T @ dout / len(x)",
     "dW is a plain sum over the examples; the mean is in dout already"),
    ("dout.sum(0)", "dout.sum(0, keepdim=True)",
     "b has the shape (O,), its gradient here (1, O), which only broadcasts"),
    ("dout.sum(0)", "dout.sum(1)", "b was broadcast over the rows, so sum over dimension 0"),
    ("dout.sum(0)", "dout.mean(0)",
     "b is used once for each row, and its gradients add up: a sum, no mean"),
    ("dout.sum(0)", "dout", "b was broadcast over the rows, so its gradient is a sum over them"),
    ("dout @ W.T, x.T @ dout, dout.sum(0)", "x.T @ dout, dout @ W.T, dout.sum(0)",
     "the order is dx, dW, db"),
])

mistakes("backward_tanh", [
    ("(1 - h**2) * dout", "1 - h**2",
     "this is the derivative of tanh alone; the chain rule multiplies it by dout"),
    ("(1 - h**2) * dout", "(1 - torch.tanh(h) ** 2) * dout",
     "h is the *output* of tanh already, it goes into 1 - h**2 as it is"),
    ("(1 - h**2) * dout", "(1 - h) ** 2 * dout",
     "the square belongs to h alone: 1 - h**2, not (1 - h)**2"),
    ("(1 - h**2) * dout", "(1 - h) * dout", "h has to be squared: 1 - h**2"),
    ("(1 - h**2) * dout", "h * (1 - h) * dout",
     "h (1 - h) is the derivative of the logistic sigmoid; that of tanh is 1 - h**2"),
    ("(1 - h**2) * dout", "(1 + h**2) * dout", "the derivative of tanh is 1 *minus* h**2"),
    ("(1 - h**2) * dout", "(h**2 - 1) * dout", "the sign is wrong: 1 - h**2, never negative"),
    ("(1 - h**2) * dout", "dout.mul_(1 - h**2)", "the argument dout is changed; make a new tensor"),
])

mistakes("backward_batchnorm", [
    ('(cache["bnraw"] * dhpreact).sum(0, keepdim=True)', '(cache["bnraw"] * dhpreact).sum(0)',
     "bngain is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    ('(cache["bnraw"] * dhpreact).sum(0, keepdim=True)', 'cache["bnraw"] * dhpreact',
     "bngain was broadcast over the rows, so its gradient is a sum over them"),
    ('(cache["bnraw"] * dhpreact).sum', '(cache["hprebn"] * dhpreact).sum',
     "the gain multiplies bnraw, not hprebn, so bnraw is its local derivative"),
    ('(cache["bnraw"] * dhpreact).sum(0, keepdim=True)',
     '(cache["bnraw"] * dhpreact).mean(0, keepdim=True)',
     "the n copies of bngain add their gradients: a sum, no mean"),
    ("dbnbias = dhpreact.sum(0, keepdim=True)", "dbnbias = dhpreact.sum(0)",
     "bnbias is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    ("keepdim=True", "keepdim=False",
     "every gradient of a row (1, H) is (H,) here, which only broadcasts to it: keepdim=True"),
    (('dbngain = (cache["bnraw"] * dhpreact).sum(0, keepdim=True)\n'
      "dbnbias = dhpreact.sum(0, keepdim=True)"),
     'dbngain = (cache["bnraw"] * dhpreact).sum(0)\ndbnbias = dhpreact.sum(0)',
     "bngain and bnbias are rows (1, H), their gradients here (H,) only broadcast: keepdim=True"),
    ("return {", 'cache["dhprebn"] = dhprebn\nreturn {',
     "a gradient is written into the cache; return the gradients alone"),
    ("dbnbias = dhpreact.sum(0, keepdim=True)", "dbnbias = dhpreact",
     "bnbias was broadcast over the rows, so its gradient is a sum over them"),
    ('dbnraw = cache["bngain"] * dhpreact', "dbnraw = dhpreact.clone()",
     "between bnraw and hpreact stands the gain: dbnraw is bngain times dhpreact"),
    ("(bndiff * dbnraw).sum(0, keepdim=True)", "(bndiff * dbnraw).sum(0)",
     "bnvar_inv is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    ("(bndiff * dbnraw).sum(0, keepdim=True)", "dbnraw.sum(0, keepdim=True)",
     "in bnraw = bndiff * bnvar_inv the derivative by bnvar_inv is bndiff"),
    ("(bndiff * dbnraw).sum(0, keepdim=True)", "(bndiff * dbnraw).sum(1, keepdim=True)",
     "bnvar_inv is one number for each column: sum over the rows, dimension 0"),
    ("dbnvar = -0.5 *", "dbnvar = 0.5 *",
     "the derivative of x**-0.5 is *minus* 0.5 x**-1.5: the sign of dbnvar is wrong"),
    ('(cache["bnvar"] + EPSILON) ** -1.5', '(cache["bnvar"] + EPSILON) ** -0.5',
     "the derivative of x**-0.5 has the exponent -1.5 in dbnvar, one less"),
    ('dbnvar = -0.5 * (cache["bnvar"] + EPSILON)', 'dbnvar = -(cache["bnvar"] + EPSILON)',
     "the derivative of x**-0.5 has the factor -0.5, the old exponent"),
    ('(cache["bnvar"] + EPSILON) **', 'cache["bnvar"] **',
     "EPSILON is missing in dbnvar: bnvar_inv was computed from bnvar + EPSILON"),
    ("dbnvar / (n - 1)", "dbnvar / n",
     "bnvar divides by n - 1 (Bessel's correction), so dbndiff2 does as well"),
    ("torch.ones_like(bndiff) * dbnvar / (n - 1)", "torch.ones_like(bndiff) * dbnvar",
     "bnvar is a sum divided by n - 1, so dbndiff2 is divided by n - 1 too"),
    ("torch.ones_like(bndiff) * dbnvar / (n - 1)", "dbnvar / (n - 1)",
     "bndiff2 is (n, H), its gradient here (1, H) only broadcasts to it: make n equal rows"),
    ("dbndiff += 2 * bndiff * dbndiff2\n", "",
     "bndiff is used twice, for bnraw and for bndiff2: the road through the variance is missing"),
    ("dbndiff += 2 * bndiff * dbndiff2", "dbndiff = 2 * bndiff * dbndiff2",
     "the second road of bndiff overwrites the first; the two have to be added"),
    ("2 * bndiff * dbndiff2", "bndiff * dbndiff2",
     "the derivative of x**2 is 2 x: the factor 2 is missing in dbndiff"),
    ("2 * bndiff * dbndiff2", '2 * cache["bndiff2"] * dbndiff2',
     "the derivative of bndiff**2 is 2 * bndiff, not 2 * bndiff2"),
    ("dbndiff = bnvar_inv * dbnraw", "dbndiff = dbnraw.clone()",
     "in bnraw = bndiff * bnvar_inv the derivative by bndiff is bnvar_inv"),
    ("-dbndiff.sum(0, keepdim=True)", "-dbndiff.sum(0)",
     "bnmeani is a row (1, H), its gradient here (H,) only broadcasts to it: keepdim=True"),
    ("-dbndiff.sum(0, keepdim=True)", "dbndiff.sum(0, keepdim=True)",
     "bnmeani is subtracted, so its gradient has a minus sign"),
    ("-dbndiff.sum(0, keepdim=True)", "-dbndiff",
     "bnmeani was broadcast over the rows, so its gradient is a sum over them"),
    ("dhprebn += dbnmeani / n\n", "",
     "hprebn also makes the mean: the road through bnmeani is missing"),
    ("dhprebn += dbnmeani / n", "dhprebn += dbnmeani",
     "each row is one n-th of the mean, so dbnmeani is divided by n on its way to hprebn"),
    ("dhprebn += dbnmeani / n", "dhprebn += dbnmeani / (n - 1)",
     "the mean divides by n; only the variance divides by n - 1"),
    ("dbndiff.clone()", "dbndiff",
     "dhprebn and dbndiff are one tensor here, so += changes both; add to a copy"),
    ('dbnraw = cache["bngain"] * dhpreact', 'dbnraw = dhpreact.mul_(cache["bngain"])',
     "the argument dhpreact is changed; make a new tensor"),
])

mistakes("backward_embedding", [
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        dC[X] = demb
        return dC
        """, "the gradient of a later copy overwrites the earlier ones; they have to be added"),
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        for t in range(X.shape[1]):
            dC[X[:, t]] += demb[:, t]
        return dC
        """,
        "`dC[X] += demb` writes a row once, however often it occurs: use index_add_ or a loop"),
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        dC.index_add_(0, X.flatten(), demb.reshape(-1, demb.shape[-1]))
        return dC / torch.bincount(X.flatten(), minlength=vocab_size).clamp(min=1)[:, None]
        """, "the copies' gradients are averaged; they have to be summed"),
    whole("""
        dC = torch.zeros(vocab_size, demb.shape[-1])
        return dC.index_add_(0, X[:, -1], demb[:, -1])
        """, "only the last position of the context is counted; every position was looked up"),
    whole("""
        dC = torch.zeros(int(X.max()) + 1, demb.shape[-1])
        return dC.index_add_(0, X.flatten(), demb.reshape(-1, demb.shape[-1]))
        """,
        "dC has a row for every character of the vocabulary, also for those that do not occur in "
        "X"),
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
     "exp overflows for large logits; subtract each row's maximum before, or call torch.softmax"),
    ("torch.softmax(logits, 1)", "torch.log_softmax(logits, 1)",
     "the probabilities themselves are needed, not their logarithms"),
    ("dlogits[torch.arange(len(targets)), targets] -= 1\n", "",
     "at the right character 1 has to be subtracted from the probability"),
    ("dlogits[torch.arange(len(targets)), targets] -= 1", "dlogits[:, targets] -= 1",
     "`[:, targets]` takes these columns of every row; one element of each row is meant"),
    ("dlogits[torch.arange(len(targets)), targets] -= 1", "dlogits -= 1",
     "1 is subtracted at the right character only"),
    ("return dlogits / len(targets)", "return -dlogits / len(targets)",
     "the sign is wrong: this gradient would push the right character down"),
    ("torch.softmax(logits, 1)", "logits.clone()", "the logits have to become probabilities first"),
])

mistakes("batchnorm_gradient", [
    ("n / (n - 1) * bnraw", "bnraw",
     "the variance divides by n - 1, which leaves a factor n / (n - 1)"),
    (" - dhpreact.sum(0)", "", "the road through the mean is missing: minus the sum of dhpreact"),
    ("dhpreact.sum(0)", "dhpreact.mean(0)",
     "inside the bracket stands the sum of dhpreact, since all is divided by n in front"),
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
     "inside the bracket dhpreact is multiplied by n, since all is divided by n in front"),
    ("bngain * bnvar_inv / n * (n * dhpreact - dhpreact.sum(0) - n / (n - 1) * bnraw * along)",
     "bngain * bnvar_inv * dhpreact",
     "mean and variance are treated as constants here, but both are made of the batch"),
])

mistakes("mlp_gradients", [
    ('backward_tanh(dh, cache["h"])', "dh",
     "between h and hpreact stands tanh; its gradient is skipped"),
    ('backward_tanh(dh, cache["h"])', 'backward_tanh(dh, cache["hpreact"])',
     "backward_tanh wants the output h, not the input hpreact"),
    ('backward_linear(dlogits, cache["h"], W2)', 'backward_linear(dlogits, cache["hpreact"], W2)',
     "what goes into the second linear layer is h, after the tanh"),
    ('backward_linear(dhprebn, cache["embcat"], W1)',
     'backward_linear(dhpreact, cache["embcat"], W1)',
     "the first linear layer gets dhprebn, behind batch normalisation, and not dhpreact"),
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
     "embcat holds the embeddings in the context's order; their gradients here have another"),
    ('batchnorm_gradient(dhpreact, bngain, cache["bnraw"], cache["bnvar_inv"])',
     'bngain * cache["bnvar_inv"] * dhpreact',
     "batch normalisation's mean and variance depend on hprebn as well; use batchnorm_gradient"),
    ("return [dC,", "C -= 0.1 * dC\nreturn [dC,",
     "the parameters are changed here; only gradients are asked for"),
])

mistakes("sgd_step", [
    whole("""
        for i, gradient in enumerate(gradients):
            parameters[i] = parameters[i] - learning_rate * gradient
        """, "the list holds new tensors; the old ones did not move, and they are the parameters"),
    ("parameter -=", "parameter +=", "this climbs: a step *down* subtracts the gradient"),
    ("parameter -= learning_rate * gradient", "parameter = parameter - learning_rate * gradient",
     "a new tensor gets the name `parameter` and is forgotten; change the old one in place"),
    ("    parameter -= learning_rate * gradient",
     "    parameter -= learning_rate * gradient\n    break",
     "the loop stops after the first parameter; every parameter has to move"),
    ("learning_rate * gradient", "gradient", "the step is the learning rate times the gradient"),
    ("learning_rate * gradient", "learning_rate * gradient.sign()",
     "the gradient's size counts, not only its sign"),
    ("parameter -= learning_rate * gradient", "parameter *= 1 - learning_rate * gradient",
     "the step is subtracted, the parameter is not scaled by it"),
    ("    parameter -= learning_rate * gradient",
     "    parameter -= learning_rate * gradient\nreturn parameters",
     "the parameters are returned, as if they were new ones; they change in place, so return None"),
    ("parameter -= learning_rate * gradient", "parameter -= gradient.mul_(learning_rate)",
     "the gradients are changed; make the product a new tensor"),
])
