"""Known mistakes of `part5_wavenet`."""

from autograder.checks import mistakes, whole

mistakes("smooth", [
    (".mean(1)", ".mean(0)",
     "this averages the first losses of all groups, then the second ones, and so on; average "
     "within each group"),
    (".view(groups, every).mean(1)", ".view(every, groups).mean(0)",
     "each group takes losses that are far apart; a group is `every` neighbors"),
    whole("return torch.stack([part.mean() for part in torch.tensor(losses).split(every)])",
          "the last group is averaged too, though it isn't full; leave it out"),
    whole("return torch.tensor(losses).view(-1, every).mean(1)",
          "view fails if the last group isn't full; cut off what's left over first"),
    (".mean(1)", ".sum(1)", "these are sums; return the mean of each group"),
    whole("return torch.tensor(losses).unfold(0, every, 1).mean(1)",
          "this is a moving mean, one loss further each time; groups don't overlap"),
    (".mean(1)", ".median(1).values", "this is the median of each group; return the mean"),
    ("losses[: groups * every]", "losses[len(losses) - groups * every :]",
     "the losses at the beginning are left out; drop what's left over at the end"),
])

mistakes("Embedding.__init__", [
    ("torch.randn(num_embeddings, embedding_dim,", "torch.randn(embedding_dim, num_embeddings,",
     "rows and columns are swapped: there's one row for each character"),
    ("torch.randn(", "torch.rand(",
     "torch.rand is uniform from 0 to 1; torch.randn draws standard normal numbers"),
    (", generator=generator)", ")", "the generator isn't used; pass it on to whatever draws"),
    ("generator=generator)", "generator=torch.Generator().manual_seed(2147483647))",
     "the numbers come from a new generator, which starts over in every call; use the one that's "
     "passed in"),
    ("self.weight", "torch.manual_seed(42)\nself.weight",
     "this sets the global seed, for the whole program; draw from the generator instead"),
    ("generator=generator)", "generator=generator) / num_embeddings**0.5",
     "the numbers are scaled down like the weights of a Linear; an embedding starts out standard "
     "normal"),
    whole("self.weight = torch.zeros(num_embeddings, embedding_dim)",
          "every character starts with the same vector of zeros; draw standard normal numbers"),
])

mistakes("Embedding.__call__", [
    ("self.weight[indices]", "self.weight[indices].flatten(1)",
     "the vectors are put side by side; each index keeps its own vector, in one more dimension"),
    ("self.weight[indices]", "self.weight[:, indices]",
     "this indexes the columns; the vectors are the rows"),
    ("self.weight[indices]", "self.weight[indices].detach()",
     "the vectors are cut off from the graph, so the table gets no gradient"),
    ("self.weight[indices]", "self.weight[indices - 1]",
     "every index is one too low; the first row belongs to index 0"),
    ("self.weight[indices]", "self.weight[indices].sum(-2)",
     "the vectors of a row are added up, and their order is lost; keep each of them"),
])

mistakes("Embedding.parameters", [
    ("[self.weight]", "[self.weight.clone()]",
     "this is a copy of the table, so what an optimizer changes never reaches the layer"),
    ("[self.weight]", "[self.weight.detach()]",
     "a detached tensor never gets the gradient; return the table itself"),
    ("[self.weight]", "[]",
     "the list is empty, so training would never move the table; it's a parameter"),
    ("[self.weight]", "self.weight",
     "this is the table itself; return a list with the table in it"),
    ("[self.weight]", "[self.weight, self.weight]",
     "the table is in the list twice, so each step would move it twice"),
])

mistakes("FlattenConsecutive.__call__", [
    ("return x.squeeze(1)", "return x",
     "the last place keeps its dimension of size 1; drop that dimension if only one place is left"),
    ("x.squeeze(1)", "x.squeeze()",
     "squeeze() drops every dimension of size 1, a batch of one example too; name the dimension"),
    ("x.reshape(B, T // self.n, C * self.n)", "x.reshape(B, self.n, -1)",
     "n is used as the number of places that are left; it's the number of neighbors to join"),
    ("x.reshape(B, T // self.n, C * self.n)", "torch.cat(x.split(T // self.n, dim=1), dim=2)",
     "places far apart are joined, such as the first and the middle one; join neighbors"),
    ("x.reshape(B, T // self.n, C * self.n)",
     "x.view(B, T // self.n, self.n, C).transpose(2, 3).reshape(B, T // self.n, C * self.n)",
     "the neighbors' channels are interleaved; all channels of the earlier one come first"),
    ("x.reshape(B, T // self.n, C * self.n)",
     "x.view(B, T // self.n, self.n, C).flip(2).reshape(B, T // self.n, C * self.n)",
     "the later neighbor comes first; put the earlier one first"),
    ("x.reshape(B, T // self.n, C * self.n)", "x.reshape(B, T // 2, C * 2)",
     "two neighbors are joined, whatever n is; use self.n"),
    ("x.reshape(B, T // self.n, C * self.n)\n", "x.reshape(B, -1)\n",
     "all places are flattened at once; join only n neighbors"),
    ("x.reshape(B, T // self.n, C * self.n)\n", "x.view(B, T // self.n, self.n, C).sum(2)\n",
     "the neighbors are added up; put their channels side by side"),
])

mistakes("BatchNorm1d.__call__", [
    ("dims = tuple(range(x.dim() - 1))\n    mean, variance = x.mean(dims), x.var(dims)",
     "mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)",
     "with three dimensions, each place gets its own statistics, over the batch alone; take them "
     "over batch and places, dimensions 0 and 1"),
    ("tuple(range(x.dim() - 1))", "tuple(range(x.dim()))",
     "all channels are normalized together; each channel has its own statistics"),
    ("mean, variance = x.mean(dims), x.var(dims)",
     "mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True)",
     "the statistics are taken over the channels, as LayerNorm does; take them over everything "
     "else"),
    ("x.var(dims)", "x.var(dims, unbiased=False)",
     "this variance divides by N; the unbiased one divides by N - 1"),
    ("x.var(dims)", "x.std(dims)", "this is the standard deviation, where the variance is needed"),
    whole("""
        if self.training:
            dims = tuple(range(x.dim() - 1))
            mean, variance = x.mean(dims), x.var(dims)
            with torch.no_grad():
                self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
                self.running_var = self.momentum * self.running_var + (1 - self.momentum) * variance
        else:
            mean, variance = self.running_mean, self.running_var
        normalized = (x - mean) / torch.sqrt(variance + self.eps)
        return self.gamma * normalized + self.beta
        """, "the momentum is reversed: it's the share of the new statistics, not of the old ones"),
    ("self.momentum", "0.1", "the share of the new statistics is always 0.1; use self.momentum"),
    (" + self.eps)", ")", "eps is missing, so a constant channel divides by zero"),
    ("torch.sqrt(variance + self.eps)", "(torch.sqrt(variance) + self.eps)",
     "eps is added to the root; it belongs under it, to the variance"),
    ("if self.training:", "if True:",
     "the flag `training` is ignored; in evaluation, use the running statistics"),
    ("with torch.no_grad():", "if True:",
     "the running statistics are part of the graph, which then grows with every batch; update "
     "them inside torch.no_grad()"),
    ("mean, variance = x.mean(dims), x.var(dims)",
     "mean, variance = x.detach().mean(dims), x.detach().var(dims)",
     "the batch's statistics are cut off from the graph; the gradient must go through them"),
    ("return self.gamma * normalized + self.beta", "return normalized",
     "gamma and beta are never applied; scale and shift the result"),
    ("return self.gamma * normalized + self.beta", "return self.gamma * (normalized + self.beta)",
     "beta is added before gamma multiplies; multiply first"),
    ("self.momentum * variance", "self.momentum * mean",
     "running_var follows the mean; it must follow the variance"),
    ("self.momentum", "(self.momentum or 0.1)",
     "a momentum of 0 is taken as \"not given\"; it's a number like any other, and leaves the "
     "statistics alone"),
    ("self.running_var = (1 - self.momentum) * self.running_var + self.momentum * variance", "pass",
     "running_var is never updated"),
    ("normalized = (x - mean)",
     "mean, variance = self.running_mean, self.running_var\nnormalized = (x - mean)",
     "training normalizes with the running statistics; use the batch's own"),
    ("(1 - self.momentum) * self.running_mean + self.momentum * mean",
     "self.running_mean + self.momentum * mean",
     "the old running mean isn't scaled by 1 - momentum, so it grows and grows"),
])

mistakes("Sequential.__call__", [
    whole("""
        out = x
        for layer in self.layers:
            out = layer(x)
        return out
        """,
        "every layer gets the first input, so only the last layer counts; feed each one the "
        "output of the one before"),
    ("in self.layers", "in reversed(self.layers)", "the layers are called from last to first"),
    ("    x = layer(x)\nreturn x", "    x = layer(x)\n    return x",
     "`return` is inside the loop, so only the first layer is called"),
    ("x = layer(x)", "layer(x)",
     "what each layer returns is thrown away; keep it as the next input"),
    ("x = layer(x)", "x = x + layer(x)",
     "the input is added to each layer's output; pass on the output alone"),
])

mistakes("Sequential.parameters", [
    ("[p for layer in self.layers for p in layer.parameters()]",
     "[layer.parameters() for layer in self.layers]",
     "this is a list of lists; return one flat list"),
    ("[p for layer", "[p.clone() for layer",
     "these are copies, so what an optimizer changes never reaches the layers"),
    ("[p for layer", "[p.detach() for layer",
     "detached tensors never get the gradients; return the tensors themselves"),
    ("in self.layers for", "in reversed(self.layers) for",
     "the layers are taken from last to first"),
    ("for p in layer.parameters()]", "for p in layer.parameters()[:1]]",
     "only the first parameter of each layer is taken; a Linear has a bias too"),
    ("in self.layers for", "in self.layers[:-1] for", "the last layer is left out"),
    ("for layer in self.layers for", 'for layer in self.layers if not hasattr(layer, "layers") for',
     "a Sequential among the layers is skipped; its parameters count too"),
])

mistakes("set_training", [
    ('if hasattr(layer, "training"):\n        layer.training = mode', "layer.training = mode",
     "layers that had no flag get one; check first whether it's there"),
    ("layer.training = mode", "layer.training = False",
     "the flag is always turned off; set it to `mode`"),
    ("layer.training = mode", "layer.training = not layer.training",
     "the flag is flipped, whatever it was; set it to `mode`"),
    whole("""
        for layer in model.layers:
            for each in [layer, *getattr(layer, "layers", [])]:
                if hasattr(each, "training"):
                    each.training = mode
        """, "only two levels of layers are set; they may be nested deeper"),
    ('if hasattr(layer, "layers"):\n        set_training(layer, mode)', "pass",
     "a Sequential among the layers is skipped; its layers need the mode too"),
    ('if hasattr(layer, "layers"):\n        set_training(layer, mode)',
     'if hasattr(layer, "layers"):\n        set_training(layer, not mode)',
     "a nested Sequential is put into the opposite mode"),
    ("layer.training = mode", "layer.training = mode\n        break",
     "the loop ends after the first layer with a flag; go on to the last layer"),
    whole("""
        for layer in model.layers:
            if isinstance(layer, BatchNorm1d):
                layer.training = mode
        """, "only BatchNorm1d layers are set; ask every layer whether it has the flag"),
])

mistakes("count_parameters", [
    whole("return len(model.parameters())", "this is the number of tensors; count their elements"),
    ("p.nelement()", "(len(p) if p.dim() else 1)",
     "len of a tensor is the size of its first dimension; count all elements"),
    ("in model.parameters())", "in model.parameters() if p.dim() > 1)",
     "only matrices are counted; biases and the parameters of BatchNorm count too"),
    ("in model.parameters())", "in model.parameters() if p.requires_grad)",
     "tensors that don't require a gradient are left out; count everything in parameters()"),
    ("p.nelement()", "sum(p.shape)",
     "the sizes of a tensor's dimensions are added up; the number of elements is their product"),
])

mistakes("build_wavenet", [
    ("bias=False, generator", "generator",
     "the Linear layers before a BatchNorm keep their bias, which BatchNorm subtracts again with "
     "the mean; turn it off"),
    ("layers[-1].weight *= 0.1\n", "",
     "the last layer's weights aren't scaled down, so the untrained model is confidently wrong"),
    ("    p.requires_grad = True\n", "    pass\n",
     "the parameters don't require gradients, so nothing can be trained"),
    whole("""
        layers = [Embedding(vocab_size, n_embd, generator), FlattenConsecutive(block_size)]
        layers += [Linear(block_size * n_embd, n_hidden, bias=False, generator=generator)]
        layers += [BatchNorm1d(n_hidden), Tanh(), Linear(n_hidden, vocab_size, generator=generator)]
        layers[-1].weight *= 0.1
        model = Sequential(layers)
        for p in model.parameters():
            p.requires_grad = True
        return model
        """,
        "the whole context is flattened at once, as in part 2; join two neighbors at each level"),
    ("width, places = n_hidden, places // 2", "places = places // 2",
     "every level expects the width of the embedding; after the first level it's n_hidden"),
    ("Linear(2 * width,", "Linear(width,",
     "a Linear here gets two neighbors side by side: 2 * width inputs"),
    ("BatchNorm1d(n_hidden), Tanh()]", "Tanh(), BatchNorm1d(n_hidden)]",
     "BatchNorm comes after the Tanh; put it before"),
    ("BatchNorm1d(n_hidden), Tanh()]", "BatchNorm1d(n_hidden)]",
     "the Tanh is missing, so all levels together are one linear layer"),
    ("linear, BatchNorm1d(n_hidden), Tanh()]", "linear, Tanh()]",
     "the BatchNorm is missing; it comes between the Linear and the Tanh"),
    ("while places > 1:", "for places in (8, 4, 2):",
     "there are always three levels; their number depends on block_size"),
    ("Linear(width, vocab_size, generator=generator)",
     "Linear(width, vocab_size, bias=False, generator=generator)",
     "the last Linear has no bias; with no BatchNorm after it, it needs one"),
    ("layers[-1].weight *= 0.1\n",
     "for layer in layers[3::4] + layers[-1:]:\n    layer.weight *= 0.1\n",
     "the weights of every Linear are scaled down; scale only the last one's"),
    ("Embedding(vocab_size, n_embd, generator)", "Embedding(vocab_size, n_embd)",
     "the embedding doesn't use the generator; pass it on"),
    ("bias=False, generator=generator)", "bias=False)",
     "the Linear layers of the levels don't use the generator; pass it on"),
    ("Linear(width, vocab_size, generator=generator)", "Linear(width, vocab_size)",
     "the last Linear doesn't use the generator; pass it on"),
    ("layers = [Embedding",
     "generator = generator and torch.Generator().manual_seed(generator.initial_seed())\n"
     "layers = [Embedding",
     "the generator starts over in every call; keep drawing from where it is"),
])

mistakes("receptive_field", [
    ("return 1 + ", "return ", "the place itself is forgotten; add 1"),
    ("(kernel_size - 1)", "kernel_size",
     "one of the kernel's taps sits on the present, so that one doesn't reach back"),
    ("1 + (kernel_size - 1) * sum(dilations)", "kernel_size ** len(dilations)",
     "this holds for a tree, whose dilations are powers of the kernel size; here they can be any "
     "numbers"),
    ("sum(dilations)", "len(dilations)",
     "the number of layers is counted, not their dilations; use those"),
    ("sum(dilations)", "max(dilations, default=0)",
     "only the layer with the largest dilation counts here; each layer looks further back"),
])

mistakes("causal_convolution", [
    ("F.pad(x, (0, 0, (taps - 1) * dilation, 0))", "F.pad(x, (0, 0, 0, (taps - 1) * dilation))",
     "the zeros come after the end, so each output looks ahead; put them before the beginning"),
    ("F.pad(x, (0, 0, (taps - 1) * dilation, 0))",
     "F.pad(x, (0, 0, (taps * dilation - dilation) // 2, (taps * dilation - dilation + 1) // 2))",
     "the zeros are on both sides, so outputs look ahead; put them all before the beginning"),
    ("shifted[k] @ weight[k]", "shifted[k] @ weight[taps - 1 - k]",
     "the taps are reversed: the last one meets the present"),
    ("padded[:, k * dilation : k * dilation + time]", "padded[:, k : k + time]",
     "the taps are one step apart, whatever the dilation is; put them `dilation` apart"),
    ("F.pad(x, (0, 0, (taps - 1) * dilation, 0))", "F.pad(x, ((taps - 1) * dilation, 0))",
     "F.pad counts dimensions from the last: these zeros became channels, not time steps"),
    whole("""
        taps, time = weight.shape[0], x.shape[1] - (weight.shape[0] - 1) * dilation
        shifted = [x[:, k * dilation : k * dilation + time] for k in range(taps)]
        return sum(shifted[k] @ weight[k] for k in range(taps))
        """,
        "without zeros before the beginning the output is too short; each of the T places needs "
        "an output"),
    ("padded = F.pad(x, (0, 0, (taps - 1) * dilation, 0))",
     "padded = torch.cat([x[:, :1].expand(-1, (taps - 1) * dilation, -1), x], dim=1)",
     "the first character is repeated before the beginning; zeros belong there"),
    whole("""
        shifted = [x.roll((weight.shape[0] - 1 - k) * dilation, dims=1) for k in range(len(weight))]
        return sum(shifted[k] @ weight[k] for k in range(len(weight)))
        """,
        "roll moves the end around to the beginning, so the future leaks in; zeros belong there"),
    ("F.pad(x, (0, 0, (taps - 1) * dilation, 0))", "F.pad(x, (0, 0, taps * dilation, 0))",
     "there are too many zeros, so even the last tap misses the present; it has to meet it"),
])

mistakes("logits_everywhere", [
    ("    dilation *= 2\n", "",
     "every level has dilation 1; neighbors are twice as far apart on each level as on the one "
     "below"),
    ("dilation *= 2", "dilation += 1", "the dilation grows by one per level; double it"),
    ("dilation *= 2", "dilation = min(2 * dilation, 4)",
     "the dilation stops at 4; it doubles at every level, and there may be more than three"),
    ("taps = linear.weight.view(2, -1, linear.weight.shape[1])",
     "taps = linear.weight.view(2, -1, linear.weight.shape[1]).flip(0)",
     "the taps are swapped: the upper half of the weight belongs to the earlier neighbor"),
    ("linear.weight.view(2, -1, linear.weight.shape[1])",
     "linear.weight.view(-1, 2, linear.weight.shape[1]).transpose(0, 1)",
     "the weight is split into its even and odd rows; the taps are its upper and lower halves"),
    ("tanh(batchnorm(", "batchnorm(tanh(",
     "the Tanh comes before the BatchNorm; keep the layers in their order"),
    ("tanh(batchnorm(causal_convolution(x, taps, dilation)))",
     "tanh(causal_convolution(x, taps, dilation))",
      "the BatchNorm is left out; it comes before the Tanh, as in the tree"),
    whole("return model(indices).unsqueeze(1).expand(-1, indices.shape[1], -1)",
          "the whole text goes through the tree, which expects windows of block_size; run its "
          "levels as convolutions"),
    whole("""
        size = 2 ** (len(model.layers) // 4)
        padded = F.pad(indices, (size - 1, 0))
        return torch.stack([model(padded[:, t : t + size]) for t in range(indices.shape[1])], dim=1)
        """,
        "the tree runs once for each window, with token 0 before the beginning; run its levels "
        "as convolutions, each with zeros before its own beginning"),
    whole("""
        size = 2 ** (len(model.layers) // 4)
        logits = [model(indices[:, t : t + size]) for t in range(indices.shape[1] - size + 1)]
        return torch.stack(logits, dim=1)
        """,
        "there are logits for full windows only; every place needs them, and causal_convolution "
        "fills what is missing with zeros"),
    whole("""
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
        "zeros are put before the beginning only once, and the first level turns them into "
        "something else; every level needs its own zeros"),
    ("return output(x)", "return x", "the last layer is left out, so these aren't logits yet"),
])
