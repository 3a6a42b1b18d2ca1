"""Known mistakes of `part9_gpt2`."""

from autograder.checks import mistakes, whole

mistakes("count_parameters", [
    ("(config.vocab_size + config.block_size)", "(2 * config.vocab_size + config.block_size)",
     "the output layer is counted too; it is the token table itself, and counts once"),
    ("* (attention + mlp + norms) + 2 * width", "* (attention + mlp + norms)",
     "the LayerNorm at the end is missing: C gains and C biases"),
    ("+ 5 * width", "", "the biases of the MLP are missing: 4 C on the way up, C on the way down"),
    ("4 * width * width + 4 * width", "4 * width * width",
     "the biases of attention are missing: 3 C of c_attn and C of c_proj"),
    ("norms = 4 * width", "norms = 2 * width",
     "a layer has two LayerNorms, each with C gains and C biases"),
    ("4 * width * width + 4", "config.n_head * 4 * width * width + 4",
     "the heads are counted one by one; they only cut the same C channels into pieces"),
    ("config.vocab_size + config.block_size", "config.vocab_size",
     "the table of the positions is missing"),
])

mistakes("gelu", [
    ("0.044715 * x**3", "0.044715 * x**2",
     "the small term has x squared; it is the third power"),
    ("inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)",
     "inner = math.sqrt(2 / math.pi) * x + 0.044715 * x**3",
     "the root multiplies x alone; it stands before the bracket"),
    ("math.sqrt(2 / math.pi)", "math.sqrt(math.pi / 2)",
     "the root has its fraction upside down: 2 over pi"),
    ("math.sqrt(2 / math.pi)", "(2 / math.pi)", "the root of 2 / pi is meant"),
    whole("return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))",
          "this is the exact function; GPT-2 uses the approximation by tanh"),
    whole("return x * torch.sigmoid(1.702 * x)",
          "this is the approximation by a sigmoid; GPT-2 uses that by tanh"),
    ("0.5 * x * (1 + torch.tanh(inner))", "0.5 * (1 + torch.tanh(inner))",
     "this is the share alone; it multiplies x"),
    whole("return torch.relu(x)", "this is ReLU, which is exactly 0 on the left"),
])

mistakes("split_heads", [
    (".view(B, T, n_head, -1).transpose(1, 2)", ".reshape(B, n_head, T, -1)",
     "this view has the right shape and mixes positions with channels; cut channels, then swap"),
    (".transpose(1, 2)", "", "the heads still stand behind time; swap dimensions 1 and 2"),
    ("view(B, T, n_head, -1)", "view(B, T, -1, n_head).transpose(-2, -1)",
     "channels are dealt out to the heads by turns; each head has neighboring channels"),
    whole("""
        B, T, width = qkv.shape
        heads = qkv.view(B, T, n_head, 3, width // 3 // n_head)
        return tuple(heads[:, :, :, i].transpose(1, 2) for i in range(3))
        """,
          "each head's query, key and value are taken to lie side by side; all queries come first"),
    whole("""
        B, T, width = qkv.shape
        thirds = qkv.view(B, T, width // 3, 3).unbind(-1)
        return tuple(third.reshape(B, T, n_head, -1).transpose(1, 2) for third in thirds)
        """, "every third channel is taken; the thirds lie one behind the other"),
    ("for third in qkv.chunk(3, dim=-1))", "for third in qkv.chunk(3, dim=-1)[::-1])",
     "values come out first; the order is queries, keys, values"),
])

mistakes("attention", [
    ("tril(S - T)", "tril()",
     "the triangle begins in the upper left corner, so a lone query sees the first key alone; its "
     "diagonal is S - T"),
    ("tril(S - T)", "tril(T - S)", "the diagonal lies on the wrong side; it is S - T"),
    ("tril(S - T)", "tril(S - T + 1)", "each query sees one key too many, that of the future"),
    (" / math.sqrt(query.shape[-1])", "",
     "the scores are not scaled; divide them by the square root of d"),
    ("math.sqrt(query.shape[-1])", "query.shape[-1]",
     "the scores are divided by d itself; its square root is meant"),
    ("math.sqrt(query.shape[-1])", "math.sqrt(S)",
     "the scale is taken from the number of keys; it is the size of a query"),
    ('masked_fill(~visible, float("-inf"))', "masked_fill(~visible, 0.0)",
     "hidden scores are 0, and e^0 is 1, so the future leaks in; use minus infinity"),
    ('scores.masked_fill(~visible, float("-inf")).softmax(-1)', "scores.softmax(-1) * visible",
     "the mask comes after the softmax, so the weights no longer add up to 1; mask the scores"),
    ("softmax(-1)", "softmax(-2)",
     "softmax runs over the queries; for each query the weights of the keys add up to 1"),
    ('scores.masked_fill(~visible, float("-inf"))', "scores",
     "nothing is masked, so every position sees the future"),
])
mistakes("attention", [
    whole("""
        T, S = query.shape[-2], key.shape[-2]
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        visible = torch.ones(T, S, dtype=torch.bool).tril(S - T)
        weights = scores.exp() * visible
        return weights / weights.sum(-1, keepdim=True) @ value
        """, "a large score overflows; softmax subtracts each row's maximum first"),
    whole("""
        T, S = query.shape[-2], key.shape[-2]
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        visible = torch.ones(T, S, dtype=torch.bool).tril(S - T)
        weights = (scores - scores.max()).exp() * visible
        return weights / weights.sum(-1, keepdim=True) @ value
        """, "one large score makes all others 0 / 0; each row has a maximum of its own"),
])

mistakes("CausalSelfAttention.forward", [
    ("heads.transpose(1, 2).flatten(2)", "heads.reshape(x.shape)",
     "the heads are joined without swapping them with time, so positions and channels are mixed"),
    ("self.c_proj(heads.transpose(1, 2).flatten(2))", "heads.transpose(1, 2).flatten(2)",
     "the projection c_proj is missing"),
    ("self.attend(query, key, value)", "self.attend(query, value, key)",
     "keys and values are exchanged; attend takes query, key, value"),
    ("self.attend(query, key, value)", "self.attend(key, query, value)",
     "queries and keys are exchanged; attend takes query, key, value"),
    ("self.attend(query, key, value)", "attention(query, key, value)",
     "attention is called directly; call self.attend, which can be exchanged for a faster one"),
    ("self.n_head)", "1)", "there is one head only; the layer has self.n_head of them"),
    ("return self.c_proj(", "return x + self.c_proj(",
     "the input is added here; the residual path is the block's"),
    ("heads.transpose(1, 2).flatten(2)", "heads.permute(0, 2, 3, 1).flatten(2)",
     "the heads' channels are dealt out by turns; each head's channels lie side by side"),
])

mistakes("GPT.forward", [
    ("torch.arange(start, start + idx.shape[1]", "torch.arange(idx.shape[1]",
     "positions are counted from 0; the first token stands at position start"),
    ("start + idx.shape[1]", "idx.shape[1]",
     "the positions end at T, so there are too few of them; they end at start + T"),
    (" + self.wpe(positions)", "", "the positions are missing; without them order does not count"),
    ("self.lm_head(self.ln_f(x))", "self.lm_head(x)", "the last norm, ln_f, is missing"),
    ("x = block(x)", "block(x)", "what the block returns is dropped; keep it as x"),
    ("x = block(x)", "x = x + block(x)",
     "x is added once more; the blocks have their residual path inside"),
    ("if targets is None:\n    return logits, None\n", "if targets is None:\n    targets = idx\n",
     "without targets there is no loss: return None for it"),
    ("return logits, None", "return logits",
     "without targets the result is still a pair: the logits and None"),
    ("logits.flatten(0, 1), targets.flatten()", "logits.flatten(0, 1)[:-1], targets.flatten()[1:]",
     "the targets are shifted once more; they are what follows each token already"),
    ("return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
     "return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction=\"sum\")",
     "the loss is a sum over the predictions; take their mean"),
    ("self.lm_head(self.ln_f(x))\n", "self.lm_head(self.ln_f(x))[:, [-1]]\n",
     "only the last position's logits are there; all positions predict"),
])

mistakes("tie_weights", [
    whole("model.lm_head.weight.data = model.wte.weight.data",
          "the two parameters share their numbers and are still two: each has its own gradient and "
          "its own step; assign the parameter itself"),
    whole("model.lm_head.weight = nn.Parameter(model.wte.weight.detach().clone())",
          "this is a copy, which goes its own way from the first step on"),
    whole("model.wte.weight = model.lm_head.weight",
          "the output layer's numbers win; the token table's are to stay"),
    whole("model.lm_head = model.wte",
          "the module is replaced, and an embedding cannot multiply; tie the weight"),
    ("model.lm_head.weight = model.wte.weight",
     "model.lm_head.weight = model.wte.weight\nreturn model",
     "the model is changed in place; nothing is returned"),
])

mistakes("init_weights", [
    ("std / math.sqrt(2 * model.config.n_layer)", "std * 2 / math.sqrt(model.config.n_layer)",
     "2 over the root of the layers: the 2 belongs under the root, below the line"),
    ("std / math.sqrt(2 * model.config.n_layer)", "std * (2 * model.config.n_layer) ** -0.05",
     "the exponent is -0.05; a root below the line is -0.5"),
    ("std / math.sqrt(2 * model.config.n_layer)", "std * math.sqrt(2 * model.config.n_layer)",
     "the residual projections are drawn larger; divide by the root, do not multiply"),
    ("std / math.sqrt(2 * model.config.n_layer)", "std / math.sqrt(model.config.n_layer)",
     "each layer adds two branches, so it is the root of twice the layers"),
    ("std / math.sqrt(2 * model.config.n_layer)", "std / (2 * model.config.n_layer)",
     "the root is missing: variances add up, not spreads"),
    ('name.endswith("c_proj")', 'name.endswith("attn.c_proj")',
     "only attention's projection is small; the MLP's is the end of a branch too"),
    ('name.endswith("c_proj")', "isinstance(module, nn.Linear)",
     "every linear layer is drawn small; only the c_proj end a branch"),
    ("isinstance(module, nn.Linear | nn.Embedding)", "isinstance(module, nn.Linear)",
     "the embeddings are never reached; they are drawn like the linear layers"),
    ("nn.init.zeros_(module.bias)", "nn.init.normal_(module.bias, std=std)",
     "biases are drawn; they begin at zero"),
    ("residual if name.endswith(\"c_proj\") else std", "std",
     "all weights have the same spread; what ends a branch is drawn smaller"),
    ("std=spread, generator=generator", "std=spread",
     "the generator is not used; pass it to what draws"),
    ("std=spread,", "std=spread**2,", "this is a variance; normal_ takes the spread"),
    whole("""
        residual = std / math.sqrt(2 * model.config.n_layer)
        for name, parameter in model.named_parameters():
            spread = residual if "c_proj" in name else std
            nn.init.normal_(parameter, std=spread, generator=generator)
        """, "every parameter is drawn, biases and norms too; these begin at 0, 0 and 1"),
])

mistakes("read_tokens", [
    whole("""
        for shard in shards:
            if start < len(shard):
                return shard[start : start + count].long()
            start -= len(shard)
        """, "what is left of a shard is too short, and the next one is not read on"),
    whole("""
        text = torch.cat(shards).long()
        start %= len(text)
        return text[start : start + count]
        """, "behind the last shard nothing follows; the first one does"),
    whole("""
        pieces, start = [], start % sum(len(shard) for shard in shards)
        for shard in shards:
            if start < len(shard):
                pieces.append(shard[start:])
            start = max(0, start - len(shard))
        text = torch.cat(pieces + shards).long()
        return text[:count]
        """, "after the second round the text ends; it goes round as often as needed"),
    (".long()", "", "the tokens keep the small type of the shard; embeddings want int64"),
    whole("""
        text = torch.cat(shards).long()
        start = min(start, len(text) - count)
        return text[start : start + count]
        """, "a start near the end is moved back, so tokens are read twice and others too late"),
    ("place = start % total", "place = min(start, total - 1)",
     "a start beyond the end reads the last token again and again; it goes round: start % total"),
    ("    place -= len(shard)", "    place = 0",
     "the place is forgotten after the first shard; subtract the shard's length"),
])

mistakes("Loader.next_batch", [
    ("self.calls * self.world + self.rank", "self.calls + self.rank",
     "the number of processes is missing, so ranks read each other's pieces; it multiplies calls"),
    ("self.calls * self.world + self.rank", "self.calls",
     "every rank reads the same pieces; add the rank"),
    ("self.calls * self.world + self.rank", "self.calls * self.world",
     "the rank is forgotten, so that all processes read the same pieces"),
    ("size + 1)", "size)\ntokens = torch.cat((tokens, tokens[:1]))",
     "the last target is the piece's own first token; read one token more"),
    ("tokens[1:]", "tokens[:-1]", "y equals x; y holds the token that follows"),
    ("self.calls += 1\n", "", "the calls are not counted, so each gives the same batch"),
    ("piece * size, size + 1)", "piece * (size + 1), size + 1)",
     "one token between two pieces is skipped; a piece is batch_size * block_size tokens long"),
    ("piece * size, size + 1)", "piece, size + 1)",
     "pieces overlap: each begins one token later; the start is piece * size"),
    whole("""
        size = self.batch_size * self.block_size
        total = sum(map(len, self.shards)) // size
        piece = (self.calls * self.world + self.rank) % max(1, total)
        tokens = read_tokens(self.shards, piece * size, size + 1)
        self.calls += 1
        shape = (self.batch_size, self.block_size)
        return tokens[:-1].view(shape), tokens[1:].view(shape)
        """, "what is too short for a piece at the end is never read; pieces go on across the end"),
    ("shape = (self.batch_size, self.block_size)", "shape = (self.block_size, self.batch_size)",
     "rows and columns are swapped; a row is block_size tokens"),
])

mistakes("parameter_groups", [
    ("p.dim() >= 2]", "p.dim() > 2]",
     "matrices do not decay; tensors of two dimensions and more do"),
    ("p.dim() < 2]", "p.dim() == 1]",
     "parameters without a dimension are in no group, and would never learn"),
    ("if parameter.requires_grad]", "]", "frozen parameters are listed too; leave them out"),
    whole("""
        named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
        return [
            {"params": [p for n, p in named if "bias" not in n], "weight_decay": weight_decay},
            {"params": [p for n, p in named if "bias" in n], "weight_decay": 0.0},
        ]
        """, "names decide; the gains of LayerNorms decay then, and they should not"),
    ('"weight_decay": 0.0', '"weight_decay": weight_decay',
     "both groups decay; the second has 0.0"),
    whole("""
        learning = [p for p in model.parameters() if p.requires_grad]
        return [
            {"params": [p for p in learning if p.dim() < 2], "weight_decay": 0.0},
            {"params": [p for p in learning if p.dim() >= 2], "weight_decay": weight_decay},
        ]
        """, "the groups come in the other order; those that decay come first"),
    whole("""
        parts = [m for m in model.modules() if isinstance(getattr(m, "weight", None), nn.Parameter)]
        decayed = [m.weight for m in parts if m.weight.dim() >= 2]
        others = [p for p in model.parameters() if p.requires_grad and p.dim() < 2]
        return [
            {"params": decayed, "weight_decay": weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        """, "a tied table is listed by both modules; model.parameters() lists it once"),
])

mistakes("learning_rate", [
    ("peak * (step + 1) / warmup", "peak * step / warmup",
     "step 0 has a rate of 0 and does nothing; count from 1: step + 1"),
    ("(steps - 1 - warmup)", "(steps - warmup)",
     "the cosine ends one step too late, so the last step never has the least rate"),
    ("0.5 * (1 + math.cos(math.pi * share)) * (peak - least)", "(1 - share) * (peak - least)",
     "the rate falls along a line; half a cosine is asked for"),
    ("return least + 0.5", "return 0.5",
     "the cosine ends at 0; it ends at least"),
    ("* (peak - least)", "* peak",
     "the cosine begins above peak; it spans peak - least"),
    ("share = (step - warmup)", "share = step",
     "the share counts from step 0, so the rate jumps behind the warm-up; count from warmup"),
    ("if step >= steps - 1:\n    return least\n", "if step > steps + 99:\n    return least\n",
     "behind the last step the cosine goes up again; later steps have least"),
    ("math.cos(math.pi * share)", "math.cos(2 * math.pi * share)",
     "this is a whole cosine, which comes back up; half of one is needed"),
    ("if step < warmup:\n    return peak * (step + 1) / warmup\n",
     "if step < warmup:\n    return peak\n",
     "the warm-up has the full rate; it grows step by step"),
])

mistakes("clip_gradients", [
    ("norm = torch.stack([gradient.norm() for gradient in gradients]).norm()",
     "norm = torch.stack([gradient.norm() for gradient in gradients]).sum()",
     "the norms are added up; squares add up, and the norm is the root of their sum"),
    ("norm = torch.stack([gradient.norm() for gradient in gradients]).norm()",
     "norm = torch.stack([gradient.norm() for gradient in gradients]).max()",
     "the longest single gradient decides; all of them are one vector"),
    whole("""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
        for gradient in gradients:
            if gradient.norm() > limit:
                gradient.mul_(limit / gradient.norm())
        return norm
        """, "each gradient is clipped by itself, which turns the step; one factor is for all"),
    whole("""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
        for gradient in gradients:
            gradient.clamp_(-limit, limit)
        return norm
        """, "single entries are cut off, which turns the step; shorten the whole vector"),
    ("if norm > limit:", "if True:",
     "short gradients are made longer; only those that are too long are changed"),
    ("gradient.mul_(limit / norm)", "gradient = gradient * (limit / norm)",
     "a new tensor gets the result, and the gradient stays as it was; multiply in place"),
    ("return norm", "return min(norm, torch.tensor(limit))",
     "the norm afterwards is returned; the one from before tells how high the fever was"),
    ("if parameter.grad is not None]", "]",
     "parameters without a gradient are not passed over: their grad is None"),
    whole("""
        norm = torch.stack([p.grad.norm() for p in parameters if p.grad is not None]).norm()
        if norm > limit:
            for parameter in parameters:
                if parameter.grad is not None:
                    parameter.grad.mul_(limit / norm)
        return norm
        """, "a generator of parameters is used up by the first loop; make a list of it first"),
    whole("""
        parameters = [p for p in parameters if p.grad is not None]
        norm = torch.stack([p.grad.norm() for p in parameters]).norm()
        if norm > limit:
            for parameter in parameters:
                parameter.grad = parameter.grad * (limit / norm)
        return norm
        """, "each parameter gets another gradient; change the one that is there, in place"),
])

mistakes("train_step", [
    ("loss = loss / len(batches)\n    loss.backward()\n    mean += loss.detach()",
     "loss.backward()\n    mean += loss.detach() / len(batches)",
     "the gradients add up to a sum; divide each loss by the number of batches before backward"),
    ("mean += loss.detach()", "mean = loss.detach() * len(batches)",
     "the last batch's loss is returned; it is the mean over all of them"),
    ("optimizer.zero_grad()\nmean", "mean",
     "gradients are never cleared, so those of earlier steps count again"),
    ("for x, y in batches:", "for x, y in batches:\n    optimizer.zero_grad()",
     "gradients are cleared before each batch, so only the last one counts"),
    ("norm = clip_gradients(model.parameters(), limit)\noptimizer.step()",
     "optimizer.step()\nnorm = clip_gradients(model.parameters(), limit)",
     "clipping comes after the step, where it is of no use"),
    ("model.parameters(), limit)", "model.parameters(), 1.0)",
     "the limit is always 1; it is the one that is given"),
    ("        _, loss = model(x, y)\n    loss = loss / len(batches)\n    loss.backward()",
     ("        _, loss = model(x, y)\n        loss = loss / len(batches)\n"
      "        loss.backward()"),
     "backward runs under autocast as well; only the forward pass belongs inside"),
    ("enabled=dtype != torch.float32", "enabled=False",
     "autocast is never on; it is for every dtype but float32"),
    ("dtype=dtype, ", "dtype=torch.bfloat16, ",
     "autocast always has bfloat16; it takes the dtype that is given"),
    ("mean += loss.detach()", "mean = mean + loss",
     "the mean keeps the graphs of all batches, and their memory; add loss.detach()"),
    ("return mean, norm", "return mean", "the norm is missing: return (loss, norm)"),
    ("optimizer.step()\n", "", "the parameters never move; the optimizer must step"),
    ("norm = clip_gradients(model.parameters(), limit)\noptimizer.step()",
     ("norm = clip_gradients(model.parameters(), limit)\noptimizer.step()\n"
      "mean = mean * len(batches)"),
     "the losses are added up; their mean is asked for"),
])
mistakes("train_step", [
    whole("""
        optimizer.zero_grad()
        mean = 0.0
        for x, y in batches:
            with torch.autocast(x.device.type, dtype=dtype, enabled=dtype != torch.float32):
                _, loss = model(x, y)
            loss = loss / len(batches)
            loss.backward()
            mean += loss.detach()
            norm = clip_gradients(model.parameters(), limit)
        optimizer.step()
        return mean, norm
        """, "gradients are clipped after each batch; clip once, when all of them have added up"),
    whole("""
        mean = 0.0
        for x, y in batches:
            optimizer.zero_grad()
            with torch.autocast(x.device.type, dtype=dtype, enabled=dtype != torch.float32):
                _, loss = model(x, y)
            loss.backward()
            mean += loss.detach() / len(batches)
            norm = clip_gradients(model.parameters(), limit)
            optimizer.step()
        return mean, norm
        """, "there is a step for each batch; the gradients are to add up first, for one step"),
])

mistakes("round_up", [
    whole("return (size // multiple + 1) * multiple",
          "a size that is a multiple already is rounded up to the next one"),
    ("-(-size // multiple) * multiple", "size // multiple * multiple",
     "the size is rounded down; some tokens have no row then"),
    ("-(-size // multiple) * multiple", "-(-size // multiple)",
     "this is how many multiples are needed; multiply by the multiple"),
    whole("return round(size / multiple) * multiple",
          "the nearest multiple may be smaller than size; it must not be"),
    whole("return math.ceil(size / multiple) * multiple",
          "a float rounds large integers; divide with //"),
])

mistakes("flops_per_token", [
    ("return 3 * (", "return (", "this is the forward pass alone; backward is twice as much again"),
    ("return 3 * (", "return 2 * (", "backward does twice the work of forward, so it is 3 in all"),
    ("(2 * weights + attention)", "(weights + attention)",
     "a weight takes two operations, a multiplication and an addition"),
    ("(2 * weights + attention)", "(2 * weights)",
     "attention is missing: 4 T C operations in each layer"),
    ("attention = 4 *", "attention = 2 *",
     "queries meet keys, and weights meet values: twice 2 T C operations"),
    (" + config.vocab_size * width", "", "the output layer is missing: V C weights"),
    ("config.vocab_size * width", "(config.vocab_size + config.block_size) * width",
     "the table of positions is looked up; nothing is multiplied"),
    ("weights = 12 * config.n_layer * width * width + config.vocab_size * width",
     "weights = count_parameters(config)",
     "all parameters are counted; biases, norms and the position table are not multiplied"),
    ("config.block_size * width", "config.block_size * config.block_size * width",
     "this is attention for a whole text; a single token meets T keys"),
])

mistakes("utilization", [
    ("* flops_per_token(config) / peak", "* count_parameters(config) / peak",
     "a parameter takes six operations for each token; count operations with flops_per_token"),
    ("tokens_per_second * flops_per_token(config) / peak",
     "peak / (tokens_per_second * flops_per_token(config))",
     "the fraction is upside down; the peak stands below the line"),
    ("tokens_per_second * flops_per_token(config) / peak",
     "100 * tokens_per_second * flops_per_token(config) / peak",
     "these are percent; a share is asked for"),
    ("tokens_per_second * flops", "flops", "the tokens per second are missing"),
    ("tokens_per_second * flops_per_token(config) / peak",
     "tokens_per_second * config.block_size * flops_per_token(config) / peak",
     "tokens are taken for texts; the rate counts tokens already"),
])

mistakes("take_checkpoint", [
    whole("""
        return {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "calls": loader.calls,
            "step": step,
            "random": torch.get_rng_state(),
        }
        """, "nothing is copied, so training on changes the checkpoint too; copy the state_dicts"),
    ('"random": torch.get_rng_state()', '"random": torch.Generator().get_state()',
     "this is a fresh generator's state; torch.get_rng_state() is that of the global one"),
    ('"step": step', '"step": step + 1', "the step is the one that is given"),
    ('"calls": loader.calls', '"calls": step',
     "the loader's calls are kept, which may not be the step"),
    whole("""
        return {
            "model": copy.deepcopy(model.state_dict()),
            "optimizer": optimizer.state_dict(),
            "calls": loader.calls,
            "step": step,
            "random": torch.get_rng_state(),
        }
        """, "the optimizer's averages are not copied, and go on changing"),
    whole("""
        return {
            "model": dict(model.state_dict()),
            "optimizer": copy.deepcopy(optimizer.state_dict()),
            "calls": loader.calls,
            "step": step,
            "random": torch.get_rng_state(),
        }
        """, "a new dict still holds the model's own tensors; copy these, as deepcopy does"),
    ('"optimizer": optimizer.state_dict(),\n', "",
     "the optimizer's averages are missing; without them the next steps are others"),
])

mistakes("resume", [
    ("checkpoint = copy.deepcopy(checkpoint)\n", "",
     "the optimizer goes on with the checkpoint's own tensors, so it is good for one use only"),
    ('torch.set_rng_state(checkpoint["random"])\n', "",
     "the random numbers go on where they were; put torch's generator back"),
    ('loader.calls = checkpoint["calls"]\n', "",
     "the loader goes on where it was; put its calls back"),
    ('optimizer.load_state_dict(checkpoint["optimizer"])\n', "",
     "the optimizer keeps its own averages; load those of the checkpoint"),
    ('model.load_state_dict(checkpoint["model"])\n', "",
     "the parameters are not put back; load those of the checkpoint"),
    ('return checkpoint["step"]', 'return checkpoint["step"] + 1',
     "the step is returned as it stands in the checkpoint"),
    ('return checkpoint["step"]', 'return checkpoint["calls"]',
     "the loader's calls are returned; the step is asked for"),
])

mistakes("keep_top_k", [
    ("logits < limit", "logits <= limit", "the k-th largest is dropped too; it is one of the k"),
    ("min(k, logits.shape[-1])", "k", "topk fails where k is larger than the number of tokens"),
    ('float("-inf")', "0.0", "a logit of 0 keeps its probability; use minus infinity"),
    ('return logits.masked_fill(logits < limit, float("-inf"))',
     'return logits.masked_fill_(logits < limit, float("-inf"))',
     "the logits themselves are changed; masked_fill without the underscore makes a new tensor"),
    ('return logits.masked_fill(logits < limit, float("-inf"))',
     'return logits.masked_fill(logits > limit, float("-inf"))',
     "the largest are dropped; what lies below the limit is to go"),
    ("[..., -1:]", "[..., :1]", "the largest is the limit, so one token is left; take the k-th"),
    whole("""
        limit = logits.flatten().topk(min(k, logits.numel())).values[-1]
        return logits.masked_fill(logits < limit, float("-inf"))
        """, "the k largest of everything are kept; each row keeps k of its own"),
    whole("return logits.topk(min(k, logits.shape[-1])).values",
          "the k values come out alone, and nobody knows whose they are; keep all places"),
])

mistakes("keep_top_p", [
    (" - probabilities >= p", " >= p",
     "the token that crosses the line is dropped; it belongs to those that are kept"),
    (" - probabilities >= p", " > p",
     "the token that crosses the line is dropped, perhaps all are; look at what is before each"),
    ("dropped.scatter(-1, order, dropped)", "dropped",
     "what was sorted is not brought back to the tokens' own places; scatter does that"),
    ("sort(descending=True)", "sort()",
     "the unlikeliest are added up first; sort with descending=True"),
    ("logits.softmax(-1).sort", "logits.exp().sort",
     "exponentials are not probabilities yet; use a softmax"),
    ('masked_fill(dropped.scatter(-1, order, dropped), float("-inf"))',
     "masked_fill(dropped.scatter(-1, order, dropped), 0.0)",
     "a logit of 0 keeps its probability; use minus infinity"),
    ("return logits.masked_fill(", "return logits.masked_fill_(",
     "the logits themselves are changed; make a new tensor"),
    ("return logits.masked_fill(", "return logits.softmax(-1).log().masked_fill(",
     "the logits that are kept come out normalized; they stay as they are"),
    whole("""
        probabilities = logits.softmax(-1)
        return logits.masked_fill(probabilities < 1 - p, float("-inf"))
        """, "single probabilities are compared with p; the likeliest are to be added up"),
])

mistakes("pick_token", [
    ("logits = logits / temperature\n", "", "the temperature is not used; divide the logits by it"),
    ("logits = logits / temperature", "logits = logits * temperature",
     "the logits are multiplied by the temperature; divide by it"),
    whole("""
        if temperature == 0:
            return logits.argmax(-1, keepdim=True)
        if top_k is not None:
            logits = keep_top_k(logits, top_k)
        if top_p is not None:
            logits = keep_top_p(logits, top_p)
        return torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)
        """, "the temperature comes last; it must come before top_p adds up probabilities"),
    whole("""
        if temperature == 0:
            return logits.argmax(-1, keepdim=True)
        logits = logits / temperature
        if top_p is not None:
            logits = keep_top_p(logits, top_p)
        if top_k is not None:
            logits = keep_top_k(logits, top_k)
        return torch.multinomial(logits.softmax(-1), 1, generator=generator)
        """, "top_p comes before top_k; top_k cuts first"),
    (", generator=generator", "", "the generator is not used; pass it to what draws"),
    ("argmax(-1, keepdim=True)", "argmax(-1)",
     "at temperature 0 a dimension is lost; the result is (B, 1)"),
    ("torch.multinomial(logits.softmax(-1), 1, generator=generator)",
     "logits.argmax(-1, keepdim=True)", "the likeliest token is taken each time; draw"),
    ("if top_k is not None:\n    logits = keep_top_k(logits, top_k)\n", "",
     "top_k is not used"),
    ("if top_p is not None:\n    logits = keep_top_p(logits, top_p)\n", "",
     "top_p is not used"),
    ("if temperature == 0:\n    return logits.argmax(-1, keepdim=True)\n", "",
     "a temperature of 0 divides by zero; take the likeliest token then"),
    ("logits.softmax(-1), 1", "logits.softmax(0), 1",
     "softmax runs over the batch; each row's own tokens add up to 1"),
])

mistakes("KeyValueCache.__call__", [
    ("torch.cat((self.key, key), dim=-2)", "torch.cat((key, self.key), dim=-2)",
     "the new keys are put in front, and no longer belong to the values; they come last"),
    ("dim=-2", "dim=-1",
     "the pieces are joined along the channels; time is the last dimension but one"),
    ("return attention(query, self.key, self.value)", "return attention(query, key, value)",
     "only the new piece is attended to; all keys and values so far are meant"),
    ("    self.value = torch.cat((self.value, value), dim=-2)", "    self.value = value",
     "the values of earlier pieces are lost; append the new ones"),
    (("    self.key = torch.cat((self.key, key), dim=-2)\n"
      "    self.value = torch.cat((self.value, value), dim=-2)"),
     ("    key = torch.cat((self.key, key), dim=-2)\n"
      "    value = torch.cat((self.value, value), dim=-2)\n"
      "    return attention(query, key, value)"),
     "only the first piece is kept; keep what has been joined, for the next call"),
    ("    self.value = torch.cat((self.value, value), dim=-2)",
     "    self.value = torch.cat((self.value, key), dim=-2)",
     "keys are appended to the values"),
    whole("""
        if self.key is not None:
            key = torch.cat((self.key, key), dim=-2)
            value = torch.cat((self.value, value), dim=-2)
        self.key, self.value = key, value
        weights = (query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])).softmax(-1)
        return weights @ value
        """, "nothing is masked: the positions of one piece see each other's future"),
])

mistakes("generate_cached", [
    ("start=idx.shape[1] - new.shape[1]", "start=0",
     "every piece is taken for the beginning of the text; say where it starts"),
    ("start=idx.shape[1] - new.shape[1]", "start=idx.shape[1]",
     "the start counts the new tokens too; it is the position of the first of them"),
    ("start=idx.shape[1] - new.shape[1]", "start=idx.shape[1] - 1",
     "the prompt too is said to begin at its last position; it begins at 0"),
    ("model(new, ", "model(idx, ",
     "the whole text is read and kept once more for each token; only the new tokens are read"),
    ("logits[:, -1]", "logits[:, 0]", "what comes next is said by the last position"),
    ("idx = torch.cat((idx, new), dim=1)", "idx = torch.cat((new, idx), dim=1)",
     "the new token is put in front; it belongs at the end"),
    ("return idx", "return idx[:, -max_new_tokens:]",
     "only the new tokens are returned; the result begins with idx"),
    ("with caching(model), torch.no_grad():", "with caching(model):",
     "a graph is built for every token and never used; work under torch.no_grad()"),
    whole("return generate(model, idx, max_new_tokens, choose)",
          "the whole text is read anew for each token; keep what has been read"),
    whole("""
        new = idx
        with torch.no_grad():
            for _ in range(max_new_tokens):
                with caching(model):
                    logits, _ = model(new, start=idx.shape[1] - new.shape[1])
                new = choose(logits[:, -1])
                idx = torch.cat((idx, new), dim=1)
        return idx
        """, "the caches begin anew with every token; put caching around the whole loop"),
    whole("""
        new = idx
        with torch.no_grad():
            for block in model.h:
                block.attn.attend = KeyValueCache()
            for _ in range(max_new_tokens):
                logits, _ = model(new, start=idx.shape[1] - new.shape[1])
                new = choose(logits[:, -1])
                idx = torch.cat((idx, new), dim=1)
        return idx
        """, "the caches stay in the model afterwards; `caching` puts its attention back"),
    ("new = choose(logits[:, -1])", "new = logits[:, -1].argmax(-1, keepdim=True)",
     "the likeliest token is taken; `choose` decides"),
])

mistakes("pack_endings", [
    ("mask[row, len(context) : end] = 1", "mask[row, :end] = 1",
     "the context is marked too; only the ending is judged"),
    ("mask[row, len(context) : end] = 1", "mask[row, len(context) :] = 1",
     "the filling is marked too; the mask ends with the ending"),
    ("mask[row, len(context) : end] = 1", "mask[row, len(context) - 1 : end - 1] = 1",
     "the mask is shifted already; here it marks the ending's own tokens"),
    ("max(map(len, endings))", "len(endings[0])",
     "the first ending sets the length; the longest must fit"),
    ("tokens[row, :end] = torch.tensor(context + ending)",
     "tokens[row, -end:] = torch.tensor(context + ending)",
     "the filling comes first; it belongs at the end"),
    ("tokens[row, :end] = torch.tensor(context + ending)",
     "tokens[row, : len(ending)] = torch.tensor(ending)",
     "the context is missing in the rows"),
    ("mask[row, len(context) : end] = 1",
     "mask[row, len(context) :] = (tokens[row, len(context) :] != 0).long()",
     "a token 0 is taken for filling; lengths tell, and not values"),
    ("dtype=torch.int64", "dtype=torch.float32", "tokens are integers, int64"),
])

mistakes("ending_losses", [
    ("logits[:, :-1].transpose(1, 2), tokens[:, 1:]",
     "logits[:, 1:].transpose(1, 2), tokens[:, 1:]",
     "each token is predicted by its own position; position t predicts the token at t + 1"),
    ("mask = mask[:, 1:]", "mask = mask[:, :-1]",
     "the mask is shifted with the logits; it marks tokens, and goes with them"),
    (" / mask.sum(1)", "", "the losses are added up, which favors short endings; take their mean"),
    ("(losses * mask).sum(1) / mask.sum(1)", "losses.mean(1)",
     "the context and the filling count too; only the marked tokens do"),
    ("(losses * mask).sum(1) / mask.sum(1)", "(losses * mask).mean(1)",
     "the sum is divided by the length of the row; divide by the number of marked tokens"),
    ("(losses * mask).sum(1) / mask.sum(1)", "(losses * mask).sum() / mask.sum()",
     "all rows are averaged together; each has its own mean"),
    ("(losses * mask).sum(1) / mask.sum(1)", "-(losses * mask).sum(1) / mask.sum(1)",
     "this is the mean logarithm of the probability; the loss has a minus"),
    ("logits[:, :-1].transpose(1, 2)", "logits[:, :-1].reshape(len(logits), logits.shape[2], -1)",
     "reshaping mixes positions with classes; transpose dimensions 1 and 2"),
])
mistakes("ending_losses", [
    whole("""
        logits = logits.masked_fill(mask[:, :, None] == 0, 0.0)
        losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), tokens[:, 1:], reduction="none")
        return losses.mean(1)
        """, "hidden logits are set to zero, which costs log V each; leave these losses out"),
])

mistakes("read_safetensors", [
    ('"little")', '"big")',
     "the length is read from the wrong end; the least significant byte is first"),
    ("begin = 8 + int", "begin = int",
     "the header begins behind the eight bytes of its length; add 8"),
    ("data[begin + first : begin + last]", "data[first:last]",
     "the offsets count from the end of the header, and not of the file"),
    ("data[begin + first : begin + last]", "data[begin + first : begin + first + last]",
     "the second offset is an end, not a length"),
    (".view(entry[\"shape\"])", "", "the numbers are left in one row; view them in their shape"),
    ("dtype=DTYPES[entry[\"dtype\"]]", "dtype=torch.float32",
     "every tensor is read as float32; the header says which type it is"),
    ('if name != "__metadata__":', "if True:",
     "the metadata are taken for a tensor; pass over __metadata__"),
    ('if begin > len(data) or data[8:9] != b"{":',
     'if data[:1] == b"\\x80" or data[:2] == b"PK":',
     "the first byte decides; a header of 128 bytes begins like a pickle, and other files pass"),
    ('raise ValueError("this is not a safetensors file")', "return {}",
     "what is no safetensors file gives an empty dict; it must be refused with a ValueError"),
    ("raise ValueError(", "raise RuntimeError(", "the error is to be a ValueError"),
    ('if begin > len(data) or data[8:9] != b"{":', 'if data[8:9] != b"{":',
     "a header that is cut off passes; compare its length with that of the file"),
])
mistakes("read_safetensors", [
    ('if begin > len(data) or data[8:9] != b"{":', "if begin > len(data):",
     "a header that is no `{...}` passes; look at its first byte"),
])

mistakes("load_published", [
    ("parameter.copy_(tensor)", "parameter.data = tensor",
     "the parameters share memory with the tensors of the file, which training then changes; "
     "copy the numbers"),
    ("tensors[name].T if name.endswith(TRANSPOSED) else tensors[name]", "tensors[name]",
     "nothing is transposed; Conv1D keeps (in, out) where nn.Linear keeps (out, in)"),
    ("tensors[name].T if name.endswith(TRANSPOSED) else tensors[name]",
     "tensors[name] if tensors[name].shape == parameter.shape else tensors[name].T",
     "only what does not fit is transposed; attn.c_proj is square and fits both ways"),
    ("name.endswith(TRANSPOSED)", "tensors[name].dim() == 2",
     "the tables are transposed too; only the four kinds of Conv1D are"),
    ("tensor.shape != parameter.shape", "tensor.numel() == 0",
     "copy_ broadcasts, so a row fills a whole table without a word; compare the shapes"),
    ('raise ValueError(f"{name} is missing")', "continue",
     "what is missing keeps its random numbers; refuse it"),
    ("parameter.copy_(tensor)", "parameter = tensor.clone()",
     "the name gets another tensor, and the model keeps its own; copy into the parameter"),
    ("raise ValueError(f\"{name} is missing\")", "raise KeyError(name)",
     "the error is to be a ValueError that names the parameter"),
])
