"""Known mistakes of part 3: activations, gradients and batch normalization."""

from autograder.checks import mistakes, whole

mistakes("loss_by_scale", [
    ("F.cross_entropy(scale * logits, targets).item()",
     "scale * F.cross_entropy(logits, targets).item()",
     "the loss is scaled; the scale must act on the logits, before the loss is taken"),
    ("scale * logits", "logits / scale",
     "the logits are divided by the scale; multiply them by it"),
    ("scale * logits", "scale + logits",
     "the scale is added; a softmax doesn't notice a constant added to all logits"),
    ("targets)", 'targets, reduction="sum")',
     "the losses are sums over the rows; take the mean"),
    ("scale * logits", "logits.mul_(scale)",
     "the logits are changed in place, so each scale acts on what the one before left"),
    ("scale * logits", "F.softmax(scale * logits, dim=-1)",
     "softmax is taken twice: cross_entropy expects logits and applies it by itself"),
    ("F.cross_entropy(scale * logits, targets)",
     "F.nll_loss(F.softmax(scale * logits, dim=-1), targets)",
     "the logarithm is missing: the loss is the negative log of the target's probability"),
    whole("""
        losses, rows = [], torch.arange(len(targets))
        for scale in scales:
            counts = (scale * logits).exp()
            probs = counts / counts.sum(1, keepdim=True)
            losses.append(-probs[rows, targets].log().mean().item())
        return losses
        """,
        "exp overflows for large logits; subtract each row's largest first, or leave it to "
        "F.cross_entropy"),
    ("for scale in scales", "for scale in dict.fromkeys(scales)",
     "a scale that's in the list twice gets only one loss; it has two"),
    whole("""
        losses = []
        while scales:
            losses.append(F.cross_entropy(scales.pop(0) * logits, targets).item())
        return losses
        """, "pop takes the scales out of the caller's list"),
])

mistakes("saturation", [
    ("h.abs()", "h", "only the positive end counts; activations near -1 are saturated too"),
    (".float().mean()", ".float().sum()",
     "this is a count; the share is that count divided by the number of activations"),
    (".mean().item()", ".mean().item() * 100", "this is in percent; a share goes from 0 to 1"),
    ("> threshold", "< threshold",
     "this is the share that isn't saturated; count what lies above the threshold"),
    ("> threshold", ">= threshold",
     "an activation exactly at the threshold doesn't count: it has to be strictly above"),
    ("> threshold", "> 0.97", "the threshold is fixed at 0.97; use the one that's passed in"),
    ("h.abs() > threshold", "h**2 > threshold",
     "the square is compared with the threshold; compare the absolute value"),
    ("(h.abs() > threshold).float().mean()", "(h.abs().mean() > threshold).float()",
     "the mean is compared with the threshold; compare each activation, then take the mean"),
    whole("return (h.abs_() > threshold).float().mean().item()",
          "abs_ changes h itself; abs makes a new tensor"),
])

mistakes("dead_neurons", [
    (".all(dim=0)", ".any(dim=0)",
     "one saturated example is enough here; a neuron is dead only if all examples are"),
    ("dim=0", "dim=1", "rows are counted; the neurons are the columns, so ask along dimension 0"),
    ("h.abs()", "h", "only neurons stuck near 1 are found; those stuck near -1 are just as dead"),
    whole("return ((h > threshold).all(dim=0) | (h < -threshold).all(dim=0)).sum().item()",
          "a neuron that jumps between both ends is dead too: take the absolute value first"),
    (".sum().item()", ".float().mean().item()",
     "this is a share; count the dead neurons"),
    whole("return (h.abs().mean(dim=0) > threshold).sum().item()",
          "a neuron whose mean is high can still have one living example; look at each of them"),
    ("> threshold", ">= threshold",
     "an activation exactly at the threshold isn't saturated: it has to be strictly above"),
    ("> threshold", "> 0.97", "the threshold is fixed at 0.97; use the one that's passed in"),
    whole("return (h.abs_() > threshold).all(dim=0).sum().item()",
          "abs_ changes h itself; abs makes a new tensor"),
    ("h.abs()", "h[:32].abs()", "only the first 32 examples are looked at; all of them count"),
])

mistakes("kaiming_std", [
    ("fan_in**0.5", "fan_in",
     "this divides by the fan-in; the variance does, but the spread is divided by the root"),
    ("gain / fan_in**0.5", "(gain / fan_in) ** 0.5",
     "the root covers the gain as well; it belongs to the fan-in alone"),
    ("gain / fan_in**0.5", "gain**2 / fan_in",
     "this is the variance; the standard deviation is its square root"),
    ("gain / fan_in**0.5", "gain * fan_in**0.5",
     "more inputs need smaller weights: divide by the root of the fan-in"),
    ("gain /", "1 /", "the gain isn't used"),
    ("gain /", "5 / 3 /", "the gain is fixed at 5/3; use the one that's passed in"),
])

mistakes("Linear.__init__", [
    ("self.weight = ", "generator = torch.Generator().manual_seed(2147483647)\nself.weight = ",
     "a generator is made and seeded here, so all layers of one shape start the same; draw from "
     "the one that's passed in"),
    ("self.weight = ", "generator = generator or torch.Generator().manual_seed(42)\nself.weight = ",
     "if no generator is passed in, one with a fixed seed is made, so all layers of one shape "
     "start the same; None means torch's own"),
    (" / fan_in**0.5", "",
     "the weights have a spread of 1; divide them by the square root of fan_in"),
    ("fan_in**0.5", "fan_in",
     "the weights are divided by fan_in; its square root keeps the spread of the activations"),
    ("fan_in**0.5", "fan_out**0.5",
     "the weights are scaled by fan_out; each output is a sum over fan_in inputs, so that's what "
     "counts"),
    ("torch.randn", "torch.rand",
     "torch.rand is uniform in [0, 1): too narrow, and never negative; use torch.randn"),
    ("/ fan_in**0.5", "* kaiming_std(fan_in)",
     "the gain of tanh is already multiplied in; a Linear starts with a spread of 1 / "
     "sqrt(fan_in)"),
    ("torch.randn((fan_in, fan_out), generator=generator)", "torch.zeros((fan_in, fan_out))",
     "all weights are zero, so all neurons are alike, and they stay alike"),
    ("(fan_in, fan_out)", "(fan_out, fan_in)",
     "the weight has the shape that torch.nn uses; here it's (fan_in, fan_out), for x @ weight"),
    (", generator=generator", "",
     "the generator isn't used, so the weights can't be repeated; pass it to torch.randn"),
    ("generator=generator", "generator=generator, requires_grad=True",
     "a weight that requires gradients and is then divided isn't a leaf: no gradient stays in it; "
     "scale it first"),
    (" if bias else None", "", "there's a bias even with bias=False; it should be None then"),
    ("torch.zeros(fan_out)", "torch.randn(fan_out, generator=generator)",
     "the bias starts at random numbers; start it at zero"),
    ("torch.zeros(fan_out)", "torch.zeros(fan_in)",
     "the bias has the wrong length; there's one for each output, so fan_out of them"),
    ("self.weight = ", "torch.manual_seed(42)\nself.weight = ",
     "a seed is set here, for everything that uses torch's own generator"),
    whole("""
        torch.manual_seed(generator.initial_seed() if generator else torch.seed())
        self.weight = torch.randn((fan_in, fan_out)) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None
        """,
        "only the generator's seed is used: the generator itself never moves on, so all layers "
        "of one shape start the same"),
    whole("""
        import numpy
        seed = generator.initial_seed() % 2**32 if generator else None
        weight = numpy.random.default_rng(seed).normal(size=(fan_in, fan_out))
        self.weight = torch.tensor(weight, dtype=torch.float32) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None
        """, "numpy draws here; let torch draw, from the generator that's passed in"),
])

mistakes("Linear.__call__", [
    whole("""
        out = x @ self.weight
        return out if self.bias is None else out + self.bias
        """, "the result is returned but not kept: store it in self.out as well"),
    whole("""
        out = x @ self.weight
        if self.bias is not None:
            out = out + self.bias
        self.out = out.detach()
        return out
        """,
        "`out` is cut off from the graph, so no gradient reaches it and there's none to look at; "
        "keep the result itself"),
    whole("""
        self.out = x @ self.weight
        return self.out if self.bias is None else self.out + self.bias
        """, "`out` is kept before the bias is added; it should be what the call returns"),
    whole("""
        if not hasattr(self, "out"):
            self.out = x @ self.weight
            if self.bias is not None:
                self.out = self.out + self.bias
        return self.out
        """, "`out` stays what the first call made it; every call must renew it"),
    whole("""
        self.out = x @ self.weight
        return self.out
        """, "the bias is never added"),
    whole("""
        self.out = x @ self.weight + self.bias
        return self.out
        """, "a layer without a bias fails: None can't be added, so check for it first"),
    ("if self.bias is not None:", "if self.bias:",
     "a tensor of several numbers is neither true nor false; check whether the bias is None"),
    ("self.out + self.bias", "self.out - self.bias", "the bias is subtracted; it is added"),
    ("x @ self.weight", "x @ self.weight.T",
     "the weight is transposed; with the shape (fan_in, fan_out), x @ weight needs no transpose"),
    ("self.weight", "self.weight.data",
     "`.data` or detach cuts the weight out of the graph, so it never gets a gradient"),
    whole("""
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        self.out = torch.tanh(self.out)
        return self.out
        """, "the tanh is a layer of its own here; a Linear stays linear"),
])

mistakes("Linear.parameters", [
    whole("return [self.weight, self.bias]",
          "None is listed as a parameter of a layer without a bias; leave it out"),
    whole("return [self.weight]", "the bias isn't listed, so it would never be trained"),
    ("[self.weight, self.bias]", "[self.bias, self.weight]",
     "the order is the other way around: the weight, then the bias"),
    whole("""
        found = [self.weight] if self.bias is None else [self.weight, self.bias]
        return [parameter.clone() for parameter in found]
        """, "copies are listed; training them would leave the layer as it is"),
    whole("""
        found = [self.weight] if self.bias is None else [self.weight, self.bias]
        return [parameter.detach() for parameter in found]
        """,
        "detached tensors are listed, so gradients get switched on for those and not for the "
        "layer's own"),
    ("is None", "is not None",
     "the two cases are swapped: list the bias if there is one"),
])

mistakes("Tanh.__call__", [
    whole("return torch.tanh(x)",
          "the result is returned but not kept: store it in self.out as well"),
    whole("""
        out = torch.tanh(x)
        self.out = out.detach()
        return out
        """,
        "`out` is cut off from the graph, so no gradient reaches it and there's none to look at; "
        "keep the result itself"),
    whole("""
        self.out = x
        return torch.tanh(x)
        """, "`out` keeps what went in; it should keep what comes out"),
    ("torch.tanh(x)", "torch.sigmoid(x)",
     "this is the sigmoid, from 0 to 1; tanh goes from -1 to 1"),
    ("torch.tanh(x)", "torch.relu(x)", "this is the ReLU; the layer is a tanh"),
    ("torch.tanh(x)", "torch.tanh(x.detach())",
     "the input is detached, so no gradient comes back through this layer"),
    ("torch.tanh(x)", "x.tanh_()",
     "the input is changed in place, but it belongs to the layer before; make a new tensor"),
    ("torch.tanh(x)", "(torch.exp(2 * x) - 1) / (torch.exp(2 * x) + 1)",
     "exp(2x) overflows for large x, and inf / inf is NaN; torch.tanh doesn't overflow"),
])

mistakes("deep_mlp", [
    ("layer.weight *= gain", "pass",
     "the gain isn't used; multiply the weights of each Linear in front of a Tanh by it"),
    ("for layer in layers[:-1]:", "for layer in layers:",
     "the last Linear gets the gain too; no Tanh follows it, so only its 0.1 is due"),
    ("for layer in layers[:-1]:", "for layer in layers[1:-1]:",
     "the first Linear is left out; a Tanh follows it, so it gets the gain as well"),
    ("layers[-1].weight *= 0.1", "pass",
     "the last Linear isn't scaled down, so the first loss will be too high"),
    ("layer.weight *= gain", "layer.weight *= 0.1 * gain",
     "all Linear layers are scaled down; 0.1 is only for the last one"),
    ("layer.weight *= gain", "layer.weight *= gain**0.5",
     "the root of the gain is used; the gain is a factor of the spread, not of the variance"),
    ("layer.weight *= gain", "layer.weight *= 5 / 3",
     "the gain is fixed at 5/3; use the one that's passed in"),
    ("layer.weight *= gain", "layer.weight *= kaiming_std(layer.weight.shape[0], gain)",
     "the fan-in counts twice: a Linear's weights are already divided by its root"),
    ("layers[-1].weight *= 0.1", "layers[-1].weight *= 0.0",
     "the last weights are exactly zero, so no gradient gets past them; scale them to a tenth"),
    whole("""
        layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            layers += [Linear(fan_in, fan_out, generator=generator), Tanh()]
        with torch.no_grad():
            for layer in layers[:-2:2]:
                layer.weight *= gain
            layers[-2].weight *= 0.1
        return layers
        """,
        "there's a Tanh at the end; logits must be free to take any value, so the last layer is "
        "a Linear"),
    whole("""
        layers = [Linear(a, b, generator=generator) for a, b in zip(sizes, sizes[1:])]
        with torch.no_grad():
            for layer in layers[:-1]:
                layer.weight *= gain
            layers[-1].weight *= 0.1
        return layers
        """,
        "there's no Tanh between the Linear layers, and without it many layers are worth no more "
        "than one"),
    whole("""
        layers, tanh = [], Tanh()
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            layers += [Linear(fan_in, fan_out, generator=generator), tanh]
        layers.pop()
        with torch.no_grad():
            for layer in layers[:-1:2]:
                layer.weight *= gain
            layers[-1].weight *= 0.1
        return layers
        """,
        "one and the same Tanh is in several places, so its `out` is overwritten; make a new one "
        "each time"),
    ("zip(sizes, sizes[1:])", "zip(sizes[:-1], sizes[1:-1])",
     "the last size is left out: n sizes give n - 1 Linear layers"),
    ("fan_out, generator=generator", "fan_out, bias=False, generator=generator",
     "the Linear layers have no bias; here each of them has one"),
    (", generator=generator", "",
     "the generator isn't passed on, so the network can't be repeated"),
    whole("""
        layers, seed = [], generator.initial_seed()
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            layers += [Linear(fan_in, fan_out, generator=generator.manual_seed(seed)), Tanh()]
        layers.pop()
        with torch.no_grad():
            for layer in layers[:-1:2]:
                layer.weight *= gain
            layers[-1].weight *= 0.1
        return layers
        """,
        "the generator is seeded again for each layer, so layers of one shape start the same"),
    ("layers = []", "layers = []\ngenerator = torch.Generator().manual_seed(2147483647)",
     "a generator is made and seeded here; draw from the one that's passed in"),
])

mistakes("forward", [
    whole("""
        for layer in layers:
            out = layer(x)
        return out
        """, "every layer gets the first x; give each one what the layer before it returned"),
    whole("""
        for layer in layers:
            return layer(x)
        """, "the return is inside the loop, so only the first layer is called"),
    whole("""
        for layer in reversed(layers):
            x = layer(x)
        return x
        """, "the layers run from last to first; the first in the list comes first"),
    whole("""
        while layers:
            x = layers.pop(0)(x)
        return x
        """, "the layers are taken out of the list, so the network is empty afterwards"),
    ("for layer in layers:", "for layer in layers[:-1]:", "the last layer is never called"),
    whole("""
        outs = []
        for layer in layers:
            x = layer(x)
            outs.append(x)
        return outs
        """, "all results are returned in a list; return only the last one"),
    whole("""
        for layer in layers:
            layer(x)
            x = layer(x)
        return x
        """, "each layer is called twice, and a BatchNorm would count its batch twice"),
    whole("""
        out = x
        for layer in layers:
            out = layer(out)
        x.copy_(out) if out.shape == x.shape else None
        return out
        """, "x is changed, but it belongs to the caller; make a new tensor"),
])

mistakes("activation_stats", [
    ("if isinstance(layer, Tanh)", "",
     "layers of all kinds are described; keep the Tanh layers only"),
    ("if isinstance(layer, Tanh)", "if not isinstance(layer, Tanh)",
     "the other layers are described; describe the Tanh layers"),
    ("enumerate(layers)", "enumerate(layer for layer in layers if isinstance(layer, Tanh))",
     "the Tanh layers are numbered on their own; give the position in the whole list"),
    ("enumerate(layers)", "enumerate(layers, start=1)", "positions start at 0, not at 1"),
    ("layer.out.std()", "layer.out.std(unbiased=False)",
     "the std divides by n; Tensor.std divides by n - 1 (by default, numpy's std doesn't)"),
    ("layer.out.std()", "layer.out.var()",
     "this is the variance; the standard deviation is its root"),
    ("layer.out.std()", "layer.out.std(0).mean()",
     "std is taken for each neuron and then averaged; take it over all elements at once"),
    ("layer.out.mean()", "layer.out.abs().mean()",
     "the mean of the absolute values tells nothing about a shift; take the plain mean"),
    ("saturation(layer.out)", "saturation(layer.out, 0.99)",
     "another threshold is used; here it's 0.97"),
    ("saturation(layer.out)", "(layer.out > 0.97).float().mean().item()",
     "only the positive end counts as saturated; take the absolute value"),
])

mistakes("gradient_stats", [
    ("layer.out.grad.std()", "layer.out.grad.abs_().std()",
     "abs_ changes the gradients themselves, and takes their signs away"),
    ("layer.out.grad", "layer.out",
     "these are the activations themselves; the gradients are in out.grad"),
    ("if isinstance(layer, Tanh)", "",
     "layers of all kinds are described; keep the Tanh layers only"),
    ("enumerate(layers)", "enumerate(layer for layer in layers if isinstance(layer, Tanh))",
     "the Tanh layers are numbered on their own; give the position in the whole list"),
    ("layer.out.grad.mean()", "layer.out.grad.abs().mean()",
     "the mean of the absolute values is taken; signs count"),
    ("layer.out.grad.std()", "layer.out.grad.std(unbiased=False)",
     "the std divides by n; Tensor.std divides by n - 1 (by default, numpy's std doesn't)"),
    ("layer.out.grad.std()", "layer.out.grad.norm()",
     "this is the norm, which grows with the number of elements; the standard deviation doesn't"),
    ("layer.out.grad.std()", "layer.out.std()",
     "the mean is the gradient's, but the std is that of the activations"),
])

mistakes("gradient_ratio", [
    ("parameter.grad.std() / parameter.std()", "parameter.std() / parameter.grad.std()",
     "the ratio is upside down: the gradient's spread is divided by the parameter's"),
    ("std()", "norm()",
     "norms are compared; they contain the mean, which the standard deviation leaves out"),
    ("std()", "var()", "variances are compared; compare the standard deviations"),
    ("parameter.grad.std() / parameter.std()", "(parameter.grad / parameter).std()",
     "the ratio is taken for each element; take the two spreads first, then divide"),
    (" / parameter.std()", "",
     "the gradient's spread alone says little; divide it by the parameter's"),
    ("parameter.grad.std() / parameter.std()",
     "parameter.grad.abs().mean() / parameter.abs().mean()",
     "mean sizes are compared; compare the standard deviations"),
])

mistakes("update_ratio", [
    ("math.log10(", "math.log(", "this is the natural logarithm; take the one to base 10"),
    ("learning_rate * gradient_ratio(parameter)", "gradient_ratio(parameter)",
     "the learning rate is missing: the step is learning rate times gradient"),
    ("math.log10(learning_rate * gradient_ratio(parameter))",
     "learning_rate * gradient_ratio(parameter)", "the logarithm is missing"),
    ("learning_rate * gradient_ratio(parameter)", "gradient_ratio(parameter) / learning_rate",
     "the gradient is divided by the learning rate; the step is their product"),
    ("math.log10(", "-math.log10(",
     "the sign is flipped: divide the step's spread by the parameter's, not the other way around"),
    whole("""
        ratio = math.log10(learning_rate * gradient_ratio(parameter))
        with torch.no_grad():
            parameter -= learning_rate * parameter.grad
        return ratio
        """, "the step is taken; it should only be measured"),
    whole("""
        step = learning_rate * parameter.grad
        return math.log10((step.norm() / parameter.norm()).item())
        """, "norms are compared; they contain the mean, which the standard deviation leaves out"),
    ("gradient_ratio(parameter)", "parameter.grad.std().item()",
     "the size of the step isn't compared with the parameter; divide by the parameter's spread"),
])

mistakes("normalize_batch", [
    ("(0, keepdim=True)", "(1, keepdim=True)",
     "rows are normalized; the statistics of a neuron run over the examples, dimension 0"),
    ("(0, keepdim=True)", "()",
     "one mean and one variance are taken for everything; each column has its own"),
    ("x.var(0, keepdim=True)", "x.var(0, keepdim=True, unbiased=False)",
     "the variance is divided by N; the unbiased one is divided by N - 1"),
    ("(variance + eps).sqrt()", "variance.sqrt()",
     "without eps, a constant column is 0 / 0"),
    ("(variance + eps).sqrt()", "(variance.sqrt() + eps)",
     "eps is outside the root; add it to the variance"),
    ("(variance + eps).sqrt()", "(variance + eps)",
     "the columns are divided by their variance; its root is missing"),
    ("variance + eps", "variance + 1e-5", "eps is fixed; use the one that's passed in"),
    ("(x - mean)", "x", "the mean isn't subtracted"),
    ("return (x - mean) / (variance + eps).sqrt()",
     "return (x - mean.detach()) / (variance.detach() + eps).sqrt()",
     "mean and variance are detached; they depend on x, so gradients must flow through them to x"),
    whole("""
        mean = x.mean(0, keepdim=True)
        variance = x.var(0, keepdim=True)
        with torch.no_grad():
            x -= mean
        return x / (variance + eps).sqrt()
        """, "x is changed in place; it belongs to the layer before"),
])

mistakes("calibrate", [
    ("keepdim=True", "keepdim=False",
     "the dimension is dropped: keepdim=True keeps a row of shape (1, D)"),
    ("(0, keepdim=True)", "(1, keepdim=True)",
     "these are statistics of the rows; each column needs its own, over dimension 0"),
    ("x.std(0, keepdim=True)", "x.var(0, keepdim=True)",
     "this is the variance; the standard deviation is its root"),
    ("x.std(0, keepdim=True)", "x.std(0, keepdim=True, unbiased=False)",
     "the std is divided by N; the unbiased one is divided by N - 1"),
    ("x.mean(0, keepdim=True), x.std(0, keepdim=True)",
     "x.std(0, keepdim=True), x.mean(0, keepdim=True)",
     "the two are swapped: first the mean, then the std"),
    ("x.std(0, keepdim=True)", "(x**2).mean(0, keepdim=True).sqrt()",
     "the spread is taken around zero; it must be taken around the column's mean"),
    ("(0, keepdim=True)", "().reshape(1, 1)",
     "one mean and one std are taken for everything; each column has its own"),
])

mistakes("running_average", [
    ("(1 - momentum) * running + momentum * batch", "momentum * running + (1 - momentum) * batch",
     "the momentum is reversed: it's the share of the new value, and the old one keeps the rest"),
    ("with torch.no_grad():",
     "momentum = 0.9 if momentum == 0.1 else momentum\nwith torch.no_grad():",
     "by default the new value counts 0.9 here; it should count 0.1"),
    ("(1 - momentum) * running", "running",
     "the old value isn't scaled down, so the running value grows with every batch"),
    ("(1 - momentum) * running + momentum * batch", "(running + batch) / 2",
     "this is the plain mean of both; the new value has the share `momentum`"),
    whole("return (1 - momentum) * running + momentum * batch",
          "the result carries the batch's graph; use torch.no_grad() or detach()"),
    whole("return (1 - momentum) * running + momentum * batch.detach()",
          "the batch is detached, but the running value still carries its graph along"),
    whole("return (1 - momentum) * running.detach() + momentum * batch",
          "the running value is detached, but the batch still brings its graph along"),
    ("return (1 - momentum) * running + momentum * batch",
     "return running.mul_(1 - momentum) + momentum * batch",
     "the running value is changed in place; return a new tensor"),
    ("(1 - momentum) * running + momentum * batch", "0.9 * running + 0.1 * batch",
     "the momentum is fixed at 0.1; use the one that's passed in"),
    ("with torch.no_grad():", "momentum = momentum or 0.1\nwith torch.no_grad():",
     'a momentum of 0 is taken as "not given"; it keeps the old value'),
    ("with torch.no_grad():",
     "if momentum == 0:\n    return running.detach()\nwith torch.no_grad():",
     "with a momentum of 0 the running value itself is returned; return a new tensor"),
    whole("return ((1 - momentum) * running + momentum * batch).detach().requires_grad_()",
          "the result requires gradients; a running value isn't a parameter"),
])

mistakes("BatchNorm1d.__init__", [
    ("self.gamma = torch.ones(dim)", "self.gamma = torch.zeros(dim)",
     "gamma starts as zeros, which wipes out everything; start it as ones"),
    ("self.beta = torch.zeros(dim)", "self.beta = torch.ones(dim)",
     "beta starts as ones; an offset that changes nothing is zero"),
    ("self.running_var = torch.ones(dim)", "self.running_var = torch.zeros(dim)",
     "the running variance starts as zeros; that of normalized numbers is one"),
    ("self.running_mean = torch.zeros(dim)", "self.running_mean = torch.ones(dim)",
     "the running mean starts as ones; that of normalized numbers is zero"),
    ("self.training = True", "self.training = False",
     "the layer starts at inference; a new layer is there to be trained"),
    ("self.eps = eps", "self.eps = 1e-5", "eps is fixed; keep the one that's passed in"),
    ("self.momentum = momentum", "self.momentum = 0.1",
     "the momentum is fixed; keep the one that's passed in"),
    ("self.momentum = momentum", "self.momentum = 1 - momentum",
     "the momentum is reversed; keep it as it's passed in"),
    ("self.running_var = torch.ones(dim)", "self.running_var = self.gamma",
     "gamma and running_var are the same tensor; each attribute needs its own"),
    ("(dim)", "(1)", "there's one number for all columns; each column has its own"),
])

mistakes("BatchNorm1d.__call__", [
    (", self.momentum)", ", 1 - self.momentum)",
     "the momentum is reversed: the new batch gets the share `momentum`, the old value the rest"),
    ("x.var(0, keepdim=True)", "x.var(0, keepdim=True, unbiased=False)",
     "the batch's variance is divided by N; the unbiased one is divided by N - 1"),
    ("running_average(self.running_var, variance, self.momentum)",
     "running_average(self.running_var, x.var(0, keepdim=True, unbiased=False), self.momentum)",
     "the running variance collects variances divided by N; use the unbiased ones"),
    whole("""
        variance = x.var(0, keepdim=True, unbiased=False)
        mean = x.mean(0, keepdim=True)
        if self.training:
            self.running_mean = running_average(self.running_mean, mean, self.momentum)
            unbiased = x.var(0, keepdim=True)
            self.running_var = running_average(self.running_var, unbiased, self.momentum)
        else:
            mean, variance = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        """,
        "this is PyTorch's convention: it divides by N to normalize and by N - 1 for the running "
        "variance; here, as in the lecture, both are unbiased"),
    whole("""
        mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        if self.training:
            self.running_mean = running_average(self.running_mean, mean, self.momentum)
            self.running_var = running_average(self.running_var, variance, self.momentum)
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        """, "the batch's own statistics are used at inference too; use the running ones there"),
    whole("""
        mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        if not self.training:
            mean, variance = self.running_mean, self.running_var
        self.running_mean = running_average(self.running_mean, mean, self.momentum)
        batch_variance = x.var(0, keepdim=True)
        self.running_var = running_average(self.running_var, batch_variance, self.momentum)
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        """, "the running values move at inference too; they should move only in training"),
    whole("""
        if self.training:
            mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
            self.running_mean = running_average(self.running_mean, mean, self.momentum)
            self.running_var = running_average(self.running_var, variance, self.momentum)
        mean, variance = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        """, "training normalizes with the running values; it must use the batch's own statistics"),
    ("if self.training:", "if not self.training:",
     "the two modes are swapped: the batch's statistics belong to training"),
    ("(variance + self.eps).sqrt()", "variance.sqrt()",
     "without eps, a constant column is 0 / 0"),
    ("(variance + self.eps).sqrt()", "(variance.sqrt() + self.eps)",
     "eps is outside the root; add it to the variance"),
    ("self.eps", "1e-5", "eps is fixed; use the layer's own"),
    ("(variance + self.eps).sqrt()", "(variance + self.eps)",
     "x is divided by the variance; its root is missing"),
    ("(0, keepdim=True)", "(1, keepdim=True)",
     "rows are normalized; the statistics of a neuron run over the batch, dimension 0"),
    ("self.gamma * (x - mean)", "(x - mean)", "gamma isn't used"),
    (" + self.beta", "", "beta isn't added"),
    whole("""
        if self.training:
            mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
            self.running_mean = running_average(self.running_mean, mean, self.momentum)
            self.running_var = running_average(self.running_var, variance, self.momentum)
        else:
            mean, variance = self.running_mean, self.running_var
        self.out = self.beta * (x - mean) / (variance + self.eps).sqrt() + self.gamma
        return self.out
        """, "gamma and beta are swapped: gamma multiplies, beta is added"),
    ("self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta",
     "self.gamma * ((x - mean) / (variance + self.eps).sqrt() + self.beta)",
     "beta is multiplied by gamma too; add it last"),
    ("return self.out", "result = self.out\nself.out = result.detach()\nreturn result",
     "`out` is cut off from the graph, so no gradient reaches it and there's none to look at; "
     "keep the result itself"),
    ("self.out", "out", "the result is returned but not kept: store it in self.out as well"),
    ("running_average(self.running_var, variance,",
     "running_average(self.running_var, variance.sqrt(),",
     "running_var collects standard deviations; it should collect variances"),
    ("self.running_var = running_average(self.running_var, variance, self.momentum)", "pass",
     "the running variance never moves; it follows the batch as the running mean does"),
    ("self.running_mean = running_average(self.running_mean, mean, self.momentum)", "pass",
     "the running mean never moves; it follows the batch as the running variance does"),
    whole("""
        if self.training:
            mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
            self.running_mean, self.running_var = mean.detach(), variance.detach()
        else:
            mean, variance = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        """,
        "only the last batch is remembered; the running values move towards it by the momentum"),
    whole("""
        if self.training:
            mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
            old, new = 1 - self.momentum, self.momentum
            self.running_mean = old * self.running_mean + new * mean
            self.running_var = old * self.running_var + new * variance
        else:
            mean, variance = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        """,
        "the running values carry the graph of every batch; update them inside torch.no_grad()"),
    whole("""
        if self.training:
            with torch.no_grad():
                mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
            self.running_mean = running_average(self.running_mean, mean, self.momentum)
            self.running_var = running_average(self.running_var, variance, self.momentum)
        else:
            mean, variance = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        """,
        "the batch's mean and variance are cut off from the graph; only the running values "
        "should be"),
    ("running_average(self.running_var, variance, self.momentum)",
     "running_average(self.running_var, mean, self.momentum)",
     "the running variance is moved towards the batch's mean; it follows the variance"),
    whole("""
        if self.training:
            mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
            with torch.no_grad():
                old, new = self.momentum, 1 - self.momentum
                self.running_mean = old * self.running_mean + new * mean
                self.running_var = running_average(self.running_var, variance, self.momentum)
        else:
            mean, variance = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        """, "the momentum is reversed for the running mean: it's the share of the new value"),
])

mistakes("BatchNorm1d.parameters", [
    whole("return [self.gamma, self.beta, self.running_mean, self.running_var]",
          "the running values are listed; no gradient trains them, so they aren't parameters"),
    whole("return [self.gamma]", "beta isn't listed, so it would never be trained"),
    whole("return [self.beta, self.gamma]", "the order is the other way around: gamma, then beta"),
    whole("return [self.gamma.clone(), self.beta.clone()]",
          "copies are listed; training them would leave the layer as it is"),
    whole("return [self.gamma.detach(), self.beta.detach()]",
          "detached tensors are listed, so gradients get switched on for those and not for the "
          "layer's own"),
    whole("return [self.running_mean, self.running_var]",
          "these are the buffers; gradients train gamma and beta"),
    whole("return []", "the list is empty, but gamma and beta need training"),
])

mistakes("batchnorm_mlp", [
    ("bias=False, ", "",
     "the Linear layers have a bias, which the normalization subtracts again; use bias=False"),
    ("layers[-1].gamma *= 0.1", "layers[-2].weight *= 0.1",
     "the last weights are scaled down, but the BatchNorm undoes that; scale its gamma down "
     "instead"),
    ("    layers[-1].gamma *= 0.1\n",
     "    for layer in layers[1::3]:\n            layer.gamma *= 0.1\n",
     "every gamma is scaled down; scale only the last one, for an honest first loss"),
    ("BatchNorm1d(fan_out)", "BatchNorm1d(fan_in)",
     "the BatchNorm1d has the wrong width; it's as wide as what the Linear gives it, fan_out"),
    whole("""
        layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            linear = Linear(fan_in, fan_out, bias=False, generator=generator)
            layers += [linear, BatchNorm1d(fan_out), Tanh()]
        layers.pop()
        return layers
        """, "the last gamma isn't scaled down, so the first loss will be too high"),
    whole("""
        layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            linear = Linear(fan_in, fan_out, bias=False, generator=generator)
            layers += [linear, Tanh(), BatchNorm1d(fan_out)]
        del layers[-2]
        layers[-1].gamma *= 0.1
        return layers
        """,
        "the normalization comes after the Tanh; it's what goes into the Tanh that needs it"),
    whole("""
        layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            linear = Linear(fan_in, fan_out, bias=False, generator=generator)
            layers += [linear, BatchNorm1d(fan_out), Tanh()]
        layers[-2].gamma *= 0.1
        return layers
        """,
        "there's a Tanh at the end; logits must be free to take any value, so the last layer is "
        "a BatchNorm1d"),
    whole("""
        layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            linear = Linear(fan_in, fan_out, bias=False, generator=generator)
            layers += [linear, BatchNorm1d(fan_out), Tanh()]
        layers = layers[:-2]
        layers[-1].weight *= 0.1
        return layers
        """, "the last Linear has no BatchNorm1d after it; give it one here"),
    whole("""
        layers, tanh = [], Tanh()
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            linear = Linear(fan_in, fan_out, bias=False, generator=generator)
            layers += [linear, BatchNorm1d(fan_out), tanh]
        layers.pop()
        layers[-1].gamma *= 0.1
        return layers
        """,
        "one and the same Tanh is in several places, so its `out` is overwritten; make a new one "
        "each time"),
    (", generator=generator", "",
     "the generator isn't passed on, so the network can't be repeated"),
    whole("""
        layers, seed = [], generator.initial_seed()
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            linear = Linear(fan_in, fan_out, False, generator.manual_seed(seed))
            layers += [linear, BatchNorm1d(fan_out), Tanh()]
        layers.pop()
        layers[-1].gamma *= 0.1
        return layers
        """,
        "the generator is seeded again for each layer, so layers of one shape start the same"),
    ("layers = []", "layers = []\ngenerator = torch.Generator().manual_seed(2147483647)",
     "a generator is made and seeded here; draw from the one that's passed in"),
])

mistakes("evaluate", [
    ("layer.training = False", "pass", "the layers are never switched to inference"),
    ("layer.training = flag", "pass",
     "the layers are left at inference, and training would go on like that"),
    ("layer.training = flag", "layer.training = True",
     "all layers are switched to training afterwards, even those that weren't in training before"),
    ("layer.training = False", "layer.training = True",
     "the layers are evaluated in training mode; inference is training = False"),
    ("if isinstance(layer, BatchNorm1d)]", "if isinstance(layer, BatchNorm1d)][:1]",
     "only the first BatchNorm1d is switched; switch all of them"),
    ("(forward(layers, x), targets)", "(forward(layers, x[-32:]), targets[-32:])",
     "only the last minibatch is measured; measure the loss over the whole split"),
    ("(forward(layers, x), targets)", "(forward(layers, x[:32]), targets[:32])",
     "only the first 32 examples are measured; measure the loss over the whole split"),
    ("(forward(layers, x), targets)", '(forward(layers, x), targets, reduction="sum")',
     "the loss is a sum over the examples; take the mean"),
    whole("""
        with torch.no_grad():
            loss = F.cross_entropy(forward(layers, x), targets).item()
        for layer in layers:
            if isinstance(layer, BatchNorm1d):
                layer.training = False
        return loss
        """, "the layers are switched to inference only after the loss is taken"),
    ("with torch.no_grad():", "torch.set_grad_enabled(False)\nif True:",
     "gradients are switched off for good; `with torch.no_grad():` puts back what was"),
    ("return loss", "torch.set_grad_enabled(True)\nreturn loss",
     "gradients are switched on at the end, though they may have been off before"),
    ("(forward(layers, x), targets)", "(forward(layers, x[:1000]), targets[:1000])",
     "only the first 1,000 examples are measured; measure the loss over the whole split"),
])

mistakes("rescale", [
    ("last if layer is linears[-1] else hidden(layer.weight.shape[0])",
     "hidden(layer.weight.shape[0])",
     "the last Linear is treated like the hidden ones; it's multiplied by `last`"),
    ("layer.weight.shape[0]", "layer.weight.shape[1]",
     "the rule is asked about the fan-out; the fan-in is the first size of the weight"),
    ("linears[-1]", "layers[-1]",
     "the last layer of the list doesn't have to be a Linear; look for the last Linear"),
    ("linears[-1]", "linears[0]",
     "the first Linear is treated as if it were the last one"),
    ("        for parameter in layer.parameters():\n            parameter *= factor",
     "        layer.weight *= factor",
     "the biases are left as they were; multiply them like the weights"),
    ("            parameter *= factor", "            parameter = parameter * factor",
     "the name `parameter` goes to a new tensor, and the layer keeps the old one; change it in "
     "place"),
    whole("""
        linears = [layer for layer in layers if isinstance(layer, Linear)]
        for layer in linears:
            factor = last if layer is linears[-1] else hidden(layer.weight.shape[0])
            layer.weight = layer.weight.detach() * factor
            layer.bias = None if layer.bias is None else layer.bias.detach() * factor
        """,
        "the layers hold new tensors, but an optimizer would still train the old ones; change "
        "them in place"),
    ("if isinstance(layer, Linear)]", "if layer.parameters()]",
     "a BatchNorm1d is scaled too; it has parameters, but it isn't a Linear"),
    ("hidden(layer.weight.shape[0])", "hidden(layers[0].weight.shape[0])",
     "the rule is asked only once, about the first layer; each Linear has its own fan-in"),
])

mistakes("learning_rate_at", [
    ("0.75 * steps", "150_000",
     "the decay comes at step 150,000, which a short run never sees; take a share of the run"),
    ("step < 0.75", "step <= 0.75",
     "the decay comes one step late: at three quarters of the run the second rate begins"),
    ("start if step < 0.75 * steps else end", "end if step < 0.75 * steps else start",
     "the two rates are swapped: the large one comes first"),
    ("0.75 * steps", "0.5 * steps",
     "the decay comes after half of the run; it should come after three quarters"),
    ("start if step < 0.75 * steps else end", "start + (end - start) * step / steps",
     "the rate falls little by little; here it stays, and then falls at once"),
    ("0.75 * steps", "steps - steps // 4 - 1", "the decay comes a step early"),
    ("0.75 * steps", "steps * 3 // 4",
     "three quarters are rounded down, or taken of `steps - 1`, so where 4 doesn't divide "
     "`steps` it comes early"),
    ("start if step < 0.75 * steps else end", "0.1 if step < 0.75 * steps else 0.01",
     "the rates are fixed at 0.1 and 0.01; use the ones that are passed in"),
    ("start if step < 0.75 * steps else end", "0.1 if step < 150_000 else 0.01",
     "the lecture's step 150,000 is fixed here, and so are its rates: a short run never decays"),
])

mistakes("train_on_batches", [
    ("for parameter in parameters:", "for parameter in parameters[1:]:",
     "the embedding is never moved; it's a parameter like the others"),
    ("for parameter in parameters:", "for parameter in parameters[:1]:",
     "only the embedding moves; the layers have parameters too"),
    ("rate * parameter.grad", "rates[0] * parameter.grad",
     "every step uses the first rate; each has its own"),
    ("losses = []\nfor rate in rates:\n    rows = torch.randint(len(contexts), (batch_size,), "
     "generator=generator)\n",
     "losses = []\nrows = torch.randint(len(contexts), (batch_size,), generator=generator)\n"
     "for rate in rates:\n",
     "one minibatch is drawn before the loop and used in every step; draw a new one each time"),
    ("(batch_size,)", "(32,)", "the batch always has 32 rows; use batch_size"),
    ("torch.randint(len(contexts), (batch_size,), generator=generator)",
     "torch.arange(batch_size)",
     "the batch is always the first rows; draw it at random"),
    (", generator=generator", "", "the generator isn't used, so a run can't be repeated"),
    ("parameter -= rate", "parameter += rate", "the step goes uphill; subtract the gradient"),
    ("embedding[contexts[rows]]", "embedding.detach()[contexts[rows]]",
     "the embedding is cut off from the graph, so it never gets a gradient"),
    ("return losses", "return losses[-1]",
     "only the last loss is returned; the list has one for each step"),
    ("generator=generator", "generator=torch.Generator().manual_seed(generator.initial_seed())",
     "the generator is seeded again in every step and gives the same minibatch again and again"),
])

mistakes("silent_parameters", [
    ("parameter.grad is None or not (parameter.grad != 0).any()", "parameter.grad is None",
     "a gradient that's zero everywhere moves nothing either; that parameter is silent too"),
    ("parameter.grad is None or not (parameter.grad != 0).any()", "not (parameter.grad != 0).any()",
     "a parameter without a gradient has None there; check for that first"),
    (".any()", ".all()",
     "one zero entry is enough here; a silent gradient is zero everywhere"),
    ("not (parameter.grad != 0).any()", "parameter.grad.sum() == 0",
     "a gradient whose entries cancel has the sum 0, yet it moves the parameter"),
    ("not (parameter.grad != 0).any()", "not (parameter.grad > 0).any()",
     "negative gradients count as silent here; they move a parameter too"),
    ("(parameter.grad != 0).any()", "(parameter.grad.abs() > 1e-8).any()",
     "a very small gradient counts as zero here; a silent one is exactly zero everywhere"),
    whole("""
        return [
            position
            for position, parameter in enumerate(parameters)
            if parameter.grad is not None and (parameter.grad != 0).any()
        ]
        """, "these are the parameters that do move; list the others"),
    whole("""
        return sum(
            1
            for parameter in parameters
            if parameter.grad is None or not (parameter.grad != 0).any()
        )
        """, "this is how many there are; list their positions"),
])

mistakes("fold_batchnorm", [
    ("offset = -batchnorm.running_mean.reshape(-1)", "offset = torch.zeros_like(scale)",
     "the mean is left out: the running mean is subtracted before the scaling, so it's part of "
     "the bias"),
    ("offset = -batchnorm", "offset = batchnorm", "the running mean is added; subtract it"),
    (" + batchnorm.beta", "", "beta is left out of the bias"),
    ("(batchnorm.running_var.reshape(-1) + batchnorm.eps)", "batchnorm.running_var.reshape(-1)",
     "eps is left out; it belongs under the root, beside the running variance"),
    ("+ batchnorm.eps).sqrt()", "+ batchnorm.eps)",
     "the scale divides by the variance; its root is missing"),
    ("batchnorm.gamma / (batchnorm", "1 / (batchnorm", "gamma is left out of the scale"),
    ("offset = offset + linear.bias", "pass",
     "the bias of the Linear is lost; it goes through the normalization like everything else"),
    whole("""
        scale = batchnorm.gamma / (batchnorm.running_var.reshape(-1) + batchnorm.eps).sqrt()
        bias = batchnorm.beta - batchnorm.running_mean.reshape(-1) * scale
        if linear.bias is not None:
            bias = bias + linear.bias
        return linear.weight * scale, bias
        """, "the bias of the Linear isn't scaled; it goes through the normalization too"),
    ("offset * scale + batchnorm.beta", "(offset + batchnorm.beta) * scale",
     "beta is scaled; it's added after the normalization, so it stays as it is"),
    ("if linear.bias is not None:", "if True:",
     "a Linear without a bias fails: its bias is None, which can't be added"),
    ("linear.weight * scale", "linear.weight * scale.reshape(-1, 1)",
     "the rows of the weight are scaled; each column, one output, has its own scale"),
    ("linear.weight * scale", "linear.weight", "the weight isn't scaled"),
    ("linear.weight * scale", "linear.weight.data.mul_(scale)",
     "the Linear's own weight is changed; return a new one"),
    ("scale = batchnorm.gamma", "batchnorm.training = False\nscale = batchnorm.gamma",
     "the flag is changed, so training would go on at inference; leave the layer as it is"),
    ("scale = batchnorm.gamma", "batchnorm.training = True\nscale = batchnorm.gamma",
     "the flag is changed; leave the layer in the mode it's in"),
])
