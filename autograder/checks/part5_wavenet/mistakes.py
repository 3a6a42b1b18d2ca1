"""Known mistakes of `part5_wavenet`."""

from autograder.checks import mistakes, whole

mistakes("smooth", [
    (".mean(1)", ".mean(0)",
     "this averages the first of all groups, the second of all groups, and so on; average within "
     "each group"),
    (".view(groups, every).mean(1)", ".view(every, groups).mean(0)",
     "each group takes losses that are far apart; a group is `every` neighbors"),
    whole("return torch.stack([part.mean() for part in torch.tensor(losses).split(every)])",
          "a last group that is not full is averaged too; leave it out"),
    whole("return torch.tensor(losses).view(-1, every).mean(1)",
          "view fails where the last group is not full; leave out first what is over"),
    (".mean(1)", ".sum(1)", "these are sums; the mean of each group is asked for"),
    whole("return torch.tensor(losses).unfold(0, every, 1).mean(1)",
          "this mean moves on by one loss at a time; groups do not overlap"),
    (".mean(1)", ".median(1).values", "this is the median of each group; the mean is asked for"),
    ("losses[: groups * every]", "losses[len(losses) - groups * every :]",
     "the losses at the beginning are left out; leave out what is over at the end"),
])

mistakes("Embedding.__init__", [
    ("torch.randn(num_embeddings, embedding_dim,", "torch.randn(embedding_dim, num_embeddings,",
     "rows and columns are exchanged: one row for each character"),
    ("torch.randn(", "torch.rand(",
     "torch.rand is uniform from 0 to 1; torch.randn draws standard normal numbers"),
    (", generator=generator)", ")", "the generator is not used"),
    ("generator=generator)", "generator=torch.Generator().manual_seed(2147483647))",
     "a generator of its own draws, begun anew each time; use the one that is handed over"),
    ("self.weight", "torch.manual_seed(42)\nself.weight",
     "the global seed is set here, for everybody; leave it to the generator"),
    ("generator=generator)", "generator=generator) / num_embeddings**0.5",
     "the numbers are divided as the weights of a Linear are; an embedding begins standard normal"),
    whole("self.weight = torch.zeros(num_embeddings, embedding_dim)",
          "all characters begin with the same vector of zeros; draw standard normal numbers"),
])

mistakes("Embedding.__call__", [
    ("self.weight[indices]", "self.weight[indices].flatten(1)",
     "the vectors are put side by side; each index keeps a vector of its own, in a dimension more"),
    ("self.weight[indices]", "self.weight[:, indices]",
     "the columns are indexed; the rows hold the vectors"),
    ("self.weight[indices]", "self.weight[indices].detach()",
     "the vectors are cut off from the graph, so the table gets no gradient"),
    ("self.weight[indices]", "self.weight[indices - 1]",
     "every index is one too low; the first row belongs to index 0"),
    ("self.weight[indices]", "self.weight[indices].sum(-2)",
     "the vectors of a row are added up, which loses their order; keep each of them"),
])

mistakes("Embedding.parameters", [
    ("[self.weight]", "[self.weight.clone()]",
     "this is a copy of the table, so what an optimizer changes never reaches the layer"),
    ("[self.weight]", "[self.weight.detach()]",
     "a detached tensor never gets the gradient; hand out the table itself"),
    ("[self.weight]", "[]", "the table is a parameter, or training never moves it"),
    ("[self.weight]", "self.weight",
     "this is the table itself; a list with the table in it is asked for"),
    ("[self.weight]", "[self.weight, self.weight]",
     "the table stands in the list twice, so each step would move it twice"),
])

mistakes("FlattenConsecutive.__call__", [
    ("return x.squeeze(1)", "return x",
     "the last place keeps its dimension of size 1; drop it where one place is left"),
    ("x.squeeze(1)", "x.squeeze()",
     "squeeze() drops every dimension of size 1, a batch of one example too; name the dimension"),
    ("x.reshape(B, T // self.n, C * self.n)", "x.reshape(B, self.n, -1)",
     "n is taken for the number of places that are left; it is the number of neighbors joined"),
    ("x.reshape(B, T // self.n, C * self.n)", "torch.cat(x.split(T // self.n, dim=1), dim=2)",
     "places far apart are joined, such as the first with the one in the middle; neighbors "
     "belong together"),
    ("x.reshape(B, T // self.n, C * self.n)",
     "x.view(B, T // self.n, self.n, C).transpose(2, 3).reshape(B, T // self.n, C * self.n)",
     "the channels of the neighbors are mixed one by one; all those of the earlier come first"),
    ("x.reshape(B, T // self.n, C * self.n)",
     "x.view(B, T // self.n, self.n, C).flip(2).reshape(B, T // self.n, C * self.n)",
     "the later neighbor comes first; the earlier one must"),
    ("x.reshape(B, T // self.n, C * self.n)", "x.reshape(B, T // 2, C * 2)",
     "two neighbors are joined whatever n is"),
    ("x.reshape(B, T // self.n, C * self.n)\n", "x.reshape(B, -1)\n",
     "all places are flattened at once; join only n neighbors"),
    ("x.reshape(B, T // self.n, C * self.n)\n", "x.view(B, T // self.n, self.n, C).sum(2)\n",
     "the neighbors are added up; put their channels side by side"),
])

mistakes("BatchNorm1d.__call__", [
    ("dims = tuple(range(x.dim() - 1))\n    mean, variance = x.mean(dims), x.var(dims)",
     "mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)",
     "for three dimensions the statistics are taken over the batch alone, each place apart; take "
     "them over batch and places, dimensions 0 and 1"),
    ("tuple(range(x.dim() - 1))", "tuple(range(x.dim()))",
     "all channels are normalized together; each has statistics of its own"),
    ("mean, variance = x.mean(dims), x.var(dims)",
     "mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True)",
     "the statistics are taken over the channels, as LayerNorm does; take them over everything "
     "else"),
    ("x.var(dims)", "x.var(dims, unbiased=False)",
     "this variance divides by N; the unbiased one divides by N - 1"),
    ("x.var(dims)", "x.std(dims)", "this is the standard deviation where the variance is needed"),
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
        """, "the momentum is reversed: it is the share of the new statistics, not of the old"),
    ("self.momentum", "0.1", "the share of the new statistics is always 0.1; use self.momentum"),
    (" + self.eps)", ")", "eps is missing, so a channel without spread divides by zero"),
    ("torch.sqrt(variance + self.eps)", "(torch.sqrt(variance) + self.eps)",
     "eps is added to the root; it belongs under it, to the variance"),
    ("if self.training:", "if True:",
     "the flag `training` is not looked at: evaluation must use the running statistics"),
    ("with torch.no_grad():", "if True:",
     "the running statistics are part of the graph, which then grows with every batch; update "
     "them inside torch.no_grad()"),
    ("mean, variance = x.mean(dims), x.var(dims)",
     "mean, variance = x.detach().mean(dims), x.detach().var(dims)",
     "the batch's statistics are cut off from the graph; the gradient must go through them"),
    ("return self.gamma * normalized + self.beta", "return normalized",
     "gamma and beta are not applied"),
    ("return self.gamma * normalized + self.beta", "return self.gamma * (normalized + self.beta)",
     "beta is added before gamma multiplies; multiply first"),
    ("self.momentum * variance", "self.momentum * mean",
     "running_var follows the mean; it must follow the variance"),
    ("self.momentum", "(self.momentum or 0.1)",
     "a momentum of 0 is taken for none; then the statistics stay as they are"),
    ("self.running_var = (1 - self.momentum) * self.running_var + self.momentum * variance", "pass",
     "running_var is not updated"),
    ("normalized = (x - mean)",
     "mean, variance = self.running_mean, self.running_var\nnormalized = (x - mean)",
     "training normalizes with the running statistics; it must use the batch's own"),
    ("(1 - self.momentum) * self.running_mean + self.momentum * mean",
     "self.running_mean + self.momentum * mean",
     "the old running mean is not scaled by 1 - momentum, so it grows without end"),
])

mistakes("Sequential.__call__", [
    whole("""
        out = x
        for layer in self.layers:
            out = layer(x)
        return out
        """,
        "every layer gets the first input, so only the last one counts; each must get the output "
        "of the one before"),
    ("in self.layers", "in reversed(self.layers)", "the layers are called from last to first"),
    ("    x = layer(x)\nreturn x", "    x = layer(x)\n    return x",
     "`return` stands inside the loop, so only the first layer is called"),
    ("x = layer(x)", "layer(x)", "what the layers return is dropped; keep it as the next input"),
    ("x = layer(x)", "x = x + layer(x)",
     "the input is added to each layer's output; hand on the output alone"),
])

mistakes("Sequential.parameters", [
    ("[p for layer in self.layers for p in layer.parameters()]",
     "[layer.parameters() for layer in self.layers]",
     "this is a list of lists; one flat list is asked for"),
    ("[p for layer", "[p.clone() for layer",
     "these are copies, so what an optimizer changes never reaches the layers"),
    ("[p for layer", "[p.detach() for layer",
     "detached tensors never get the gradients; hand out the tensors themselves"),
    ("in self.layers for", "in reversed(self.layers) for",
     "the layers are taken from last to first"),
    ("for p in layer.parameters()]", "for p in layer.parameters()[:1]]",
     "only the first parameter of each layer is taken; a Linear has a bias too"),
    ("in self.layers for", "in self.layers[:-1] for", "the last layer is left out"),
    ("for layer in self.layers for", 'for layer in self.layers if not hasattr(layer, "layers") for',
     "a Sequential among the layers is passed over; its parameters count too"),
])

mistakes("set_training", [
    ('if hasattr(layer, "training"):\n        layer.training = mode', "layer.training = mode",
     "layers that had no flag get one; look first whether it is there"),
    ("layer.training = mode", "layer.training = False",
     "the flag is always turned off; set it to the mode that is asked for"),
    ("layer.training = mode", "layer.training = not layer.training",
     "the flag is turned round, whatever it was; set it to the mode"),
    whole("""
        for layer in model.layers:
            for each in [layer, *getattr(layer, "layers", [])]:
                if hasattr(each, "training"):
                    each.training = mode
        """, "layers are told down to the second depth; they may be nested deeper"),
    ('if hasattr(layer, "layers"):\n        set_training(layer, mode)', "pass",
     "layers of a Sequential among the layers are not told"),
    ('if hasattr(layer, "layers"):\n        set_training(layer, mode)',
     'if hasattr(layer, "layers"):\n        set_training(layer, not mode)',
     "a nested Sequential is put into the opposite mode"),
    ("layer.training = mode", "layer.training = mode\n        break",
     "the loop ends after the first layer with a flag"),
    whole("""
        for layer in model.layers:
            if isinstance(layer, BatchNorm1d):
                layer.training = mode
        """, "only BatchNorm1d is told; ask every layer whether it has the flag"),
])

mistakes("count_parameters", [
    whole("return len(model.parameters())", "this is the number of tensors; count their elements"),
    ("p.nelement()", "(len(p) if p.dim() else 1)",
     "len of a tensor is the size of its first dimension; count all elements"),
    ("in model.parameters())", "in model.parameters() if p.dim() > 1)",
     "only matrices are counted; biases and the parameters of BatchNorm count too"),
    ("in model.parameters())", "in model.parameters() if p.requires_grad)",
     "tensors that require no gradient are left out; count all that parameters() gives"),
    ("p.nelement()", "sum(p.shape)",
     "the sizes of a tensor's dimensions are added; its elements are their product"),
])

mistakes("build_wavenet", [
    ("bias=False, generator", "generator",
     "the Linear layers before a BatchNorm keep their bias, which the mean takes away again"),
    ("layers[-1].weight *= 0.1\n", "",
     "the last weights are not scaled down, so the untrained model is confidently wrong"),
    ("    p.requires_grad = True\n", "    pass\n",
     "the parameters do not require gradients, so nothing can be trained"),
    whole("""
        layers = [Embedding(vocab_size, n_embd, generator), FlattenConsecutive(block_size)]
        layers += [Linear(block_size * n_embd, n_hidden, bias=False, generator=generator)]
        layers += [BatchNorm1d(n_hidden), Tanh(), Linear(n_hidden, vocab_size, generator=generator)]
        layers[-1].weight *= 0.1
        model = Sequential(layers)
        for p in model.parameters():
            p.requires_grad = True
        return model
        """, "the whole context is flattened at once, as in part 2; join two neighbors a level"),
    ("width, places = n_hidden, places // 2", "places = places // 2",
     "every level expects the width of the embedding; after the first it is n_hidden"),
    ("Linear(2 * width,", "Linear(width,",
     "a Linear here gets two neighbors side by side: 2 * width inputs"),
    ("BatchNorm1d(n_hidden), Tanh()]", "Tanh(), BatchNorm1d(n_hidden)]",
     "BatchNorm stands after the Tanh; it belongs before it"),
    ("BatchNorm1d(n_hidden), Tanh()]", "BatchNorm1d(n_hidden)]",
     "the Tanh is missing, so all levels together are one linear layer"),
    ("linear, BatchNorm1d(n_hidden), Tanh()]", "linear, Tanh()]", "the BatchNorm is missing"),
    ("while places > 1:", "for places in (8, 4, 2):",
     "there are always three levels; their number follows from block_size"),
    ("Linear(width, vocab_size, generator=generator)",
     "Linear(width, vocab_size, bias=False, generator=generator)",
     "the last Linear has no bias; with no BatchNorm after it, it needs one"),
    ("layers[-1].weight *= 0.1\n",
     "for layer in layers[3::4] + layers[-1:]:\n    layer.weight *= 0.1\n",
     "the weights of all Linear layers are scaled down; only the last one's should be"),
    ("Embedding(vocab_size, n_embd, generator)", "Embedding(vocab_size, n_embd)",
     "the embedding does not use the generator"),
    ("bias=False, generator=generator)", "bias=False)",
     "the Linear layers of the levels do not use the generator"),
    ("Linear(width, vocab_size, generator=generator)", "Linear(width, vocab_size)",
     "the last Linear does not use the generator"),
    ("layers = [Embedding",
     "generator = generator and torch.Generator().manual_seed(generator.initial_seed())\n"
     "layers = [Embedding",
     "the generator begins anew in every call; draw on from where it stands"),
])

mistakes("receptive_field", [
    ("return 1 + ", "return ", "the place itself is forgotten: add 1"),
    ("(kernel_size - 1)", "kernel_size",
     "one of the kernel's taps sits on the present and reaches no further back"),
    ("1 + (kernel_size - 1) * sum(dilations)", "kernel_size ** len(dilations)",
     "this holds for a tree, whose dilations are powers of the kernel size; other dilations are "
     "allowed"),
    ("sum(dilations)", "len(dilations)", "the dilations are not used"),
    ("sum(dilations)", "max(dilations, default=0)",
     "only the layer with the largest dilation is counted; all of them look further back"),
])

mistakes("causal_convolution", [
    ("F.pad(x, (0, 0, (taps - 1) * dilation, 0))", "F.pad(x, (0, 0, 0, (taps - 1) * dilation))",
     "the zeros stand after the end, so each output looks ahead; put them before the beginning"),
    ("F.pad(x, (0, 0, (taps - 1) * dilation, 0))",
     "F.pad(x, (0, 0, (taps * dilation - dilation) // 2, (taps * dilation - dilation + 1) // 2))",
     "the zeros stand on both sides, so outputs look ahead; put them all before the beginning"),
    ("shifted[k] @ weight[k]", "shifted[k] @ weight[taps - 1 - k]",
     "the taps are reversed: the last one meets the present"),
    ("padded[:, k * dilation : k * dilation + time]", "padded[:, k : k + time]",
     "the taps are one step apart, whatever the dilation is"),
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
        "roll brings the end round to the beginning, so the future leaks in; zeros belong there"),
    ("F.pad(x, (0, 0, (taps - 1) * dilation, 0))", "F.pad(x, (0, 0, taps * dilation, 0))",
     "there are too many zeros, so even the last tap misses the present"),
])

mistakes("logits_everywhere", [
    ("    dilation *= 2\n", "",
     "every level has dilation 1; the neighbors of a level are twice as far apart as those of "
     "the level below"),
    ("dilation *= 2", "dilation += 1", "the dilation grows by one a level; it doubles"),
    ("dilation *= 2", "dilation = min(2 * dilation, 4)",
     "the dilation stops at 4; it doubles at every level, of which there may be more than three"),
    ("taps = linear.weight.view(2, -1, linear.weight.shape[1])",
     "taps = linear.weight.view(2, -1, linear.weight.shape[1]).flip(0)",
     "the taps are exchanged: the upper half of the weight meets the earlier neighbor"),
    ("linear.weight.view(2, -1, linear.weight.shape[1])",
     "linear.weight.view(-1, 2, linear.weight.shape[1]).transpose(0, 1)",
     "the weight is cut into every second row; its upper and lower halves are the taps"),
    ("tanh(batchnorm(", "batchnorm(tanh(",
     "the Tanh comes before the BatchNorm; keep the order of the layers"),
    ("tanh(batchnorm(causal_convolution(x, taps, dilation)))",
     "tanh(causal_convolution(x, taps, dilation))", "the BatchNorm is left out"),
    whole("return model(indices).unsqueeze(1).expand(-1, indices.shape[1], -1)",
          "the whole text is sent through the tree, which wants windows of block_size; run its "
          "levels as convolutions"),
    whole("""
        size = 2 ** (len(model.layers) // 4)
        padded = F.pad(indices, (size - 1, 0))
        return torch.stack([model(padded[:, t : t + size]) for t in range(indices.shape[1])], dim=1)
        """,
        "the tree runs once for each window, with token 0 before the beginning; run its levels "
        "as convolutions, where zeros fill each level"),
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
        "zeros stand before the beginning once, and the first level makes something else of "
        "them; every level begins with zeros of its own"),
    ("return output(x)", "return x", "the last layer is left out: these are no logits yet"),
])
