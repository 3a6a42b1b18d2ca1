"""Known mistakes of `part6_modules`."""

from autograder.checks import mistakes, whole

mistakes("Parts.__setattr__", [
    whole("self.__dict__[name] = value",
          "everything goes into __dict__, so no parameter and no part is ever found"),
    ("for other in (self._parameters, self._modules, self._buffers, self.__dict__):\n"
     "    if other is not place:\n        other.pop(name, None)\n", "",
     "the old place keeps the name: a parameter that's replaced by None is still trained"),
    ("for other in (self._parameters, self._modules, self._buffers, self.__dict__):",
     "for other in (self._parameters, self._modules, self._buffers):",
     "__dict__ keeps the name, and what's there hides the new value from whoever reads it"),
    ("isinstance(value, nn.Parameter)", "isinstance(value, torch.Tensor)",
     "every tensor becomes a parameter; only an nn.Parameter has the badge"),
    ("isinstance(value, torch.Tensor) and name in self._buffers",
     "isinstance(value, torch.Tensor)",
     "every tensor becomes a buffer; it's one only where the name is in _buffers already"),
    ("isinstance(value, torch.Tensor) and name in self._buffers", "name in self._buffers",
     "whatever has a buffer's name becomes a buffer; only a tensor may take its place"),
    ("elif isinstance(value, torch.Tensor) and name in self._buffers:\n"
     "    place = self._buffers\n", "",
     "a tensor under a buffer's name becomes a plain attribute, and isn't saved any more"),
    ("isinstance(value, Parts)", "type(value) is Parts",
     "a subclass of Parts isn't recognized; ask isinstance"),
    ("    place = self._modules", "    place = self._parameters",
     "parts are put among the parameters; they have a drawer of their own"),
    ("place[name] = value", "place[name] = value.detach() if place is self._buffers else value\n"
     "if place is not self.__dict__:\n    self.__dict__[name] = value",
     "the value is in __dict__ as well; a name is in one place only"),
])

mistakes("Parts.named_modules", [
    whole("""
        pairs = [("", self)]
        for name, part in self._modules.items():
            pairs.append((name, part))
        return pairs
        """, "only the direct parts are listed; each of them has parts of its own"),
    ('first = {self: ""}', "first = {}", "the thing itself is missing; it comes first, under \"\""),
    ('f"{name}.{inner}" if inner else name', 'f"{name}.{inner}"',
     "the name ends in a dot where the part itself is meant: its own list calls it \"\""),
    ('f"{name}.{inner}" if inner else name', "inner or name",
     "the name of the part is missing in front of the names inside of it"),
    ('f"{name}.{inner}" if inner else name', 'f"{inner}.{name}" if inner else name',
     "the names are in the wrong order: from the outermost to the innermost"),
    ('f"{name}.{inner}" if inner else name', 'f"{name}/{inner}" if inner else name',
     "names are joined by a dot"),
    ("first.setdefault(module,", "first.__setitem__(module,",
     "what is found twice is listed under its last name; the first one counts"),
    whole("""
        pairs = [("", self)]
        for name, part in self._modules.items():
            for inner, module in part.named_modules():
                pairs.append((f"{name}.{inner}" if inner else name, module))
        return pairs
        """, "a part that hangs in the tree twice is listed twice"),
    whole("""
        pairs, rest = [], [("", self)]
        while rest:
            name, module = rest.pop(0)
            if all(module is not other for _, other in pairs):
                pairs.append((name, module))
                before = f"{name}." if name else ""
                rest += [(before + inner, part) for inner, part in module._modules.items()]
        return pairs
        """, "the tree is listed level by level; all of a part comes before the next part"),
])

mistakes("Parts.named_parameters", [
    whole("return list(self._parameters.items())",
          "only the thing's own parameters are listed; those of its parts belong to it too"),
    ('f"{name}.{inner}" if name else inner', 'f"{name}.{inner}"',
     "the own parameters' names begin with a dot; the thing itself is called \"\""),
    ('f"{name}.{inner}" if name else inner', "inner",
     "the part's name is missing, so the parameters of two layers have the same name"),
    ("module._parameters.items()", "(module._parameters | module._buffers).items()",
     "buffers are listed too, and would be trained"),
    ("first.setdefault(parameter,", "first.__setitem__(parameter,",
     "a shared parameter is listed under its last name; the first one counts"),
    ("first.setdefault(parameter,", "parameter.requires_grad and first.setdefault(parameter,",
     "frozen parameters are left out; they're parameters all the same"),
    whole("""
        pairs = []
        for name, module in self.named_modules():
            for inner, parameter in module._parameters.items():
                pairs.append((f"{name}.{inner}" if name else inner, parameter))
        return pairs
        """, "a shared parameter is listed under each of its names, and would be trained twice"),
    whole("""
        pairs = []
        for name, module in self.named_modules():
            for inner, parameter in module._parameters.items():
                if not any(torch.equal(parameter, other) for _, other in pairs):
                    pairs.append((f"{name}.{inner}" if name else inner, parameter))
        return pairs
        """, "two parameters with the same numbers are taken for one; ask `is`, or compare ids"),
    ("for parameter, name in first.items()", "for name, parameter in "
     "{name: parameter.detach().clone() for parameter, name in first.items()}.items()",
     "copies are listed; an optimizer that moves them moves nothing in the model"),
])

mistakes("Module.__call__", [
    ("self.forward(*args, **kwargs)", "self.forward(*args)",
     "arguments with names are lost; hand **kwargs on as well"),
    ("self.forward(*args, **kwargs)", "self.forward(args[0], **kwargs)",
     "only the first argument is handed on"),
    ("for hook in self.hooks:\n    changed = hook(self, args, result)\n"
     "    if changed is not None:\n        result = changed\n", "",
     "the hooks are never called"),
    ("if changed is not None:\n        result = changed", "pass",
     "what a hook returns is thrown away; it takes the result's place"),
    ("if changed is not None:\n        ", "",
     "a hook that only looks returns None, and then the result is lost"),
    ("if changed is not None:", "if isinstance(changed, torch.Tensor) or changed:",
     "a result of 0 counts as none; test `is not None`"),
    ("hook(self, args, result)", "hook(self, *args, result)",
     "a hook gets the arguments as one tuple, and not one by one"),
    ("hook(self, args, result)", "hook(args, result)",
     "the module itself is missing; it comes first"),
    ("hook(self, args, result)", "hook(self, result, args)",
     "arguments and result are exchanged"),
    ("for hook in self.hooks:", "for hook in self.hooks[:1]:",
     "only the first hook is called"),
    whole("""
        result = self.forward(*args, **kwargs)
        answers = [hook(self, args, result) for hook in self.hooks]
        return next((answer for answer in answers[::-1] if answer is not None), result)
        """, "every hook sees forward's result; the second must see what the first has made of it"),
])

mistakes("Module.train", [
    whole("self.training = mode\nreturn self",
          "only this module is switched; those inside never hear of it"),
    whole("""
        self.training = mode
        for part in self._modules.values():
            part.training = mode
        return self
        """, "the parts are switched, and their parts aren't; go all the way down"),
    ("return self", "return None", "nothing is returned; give the module back"),
    ("module.training = mode", "module.training = True",
     "every module is switched to training, whatever the mode is"),
    ("module.training = mode", "module.training = not module.training",
     "the flag is turned over; it's set to the mode"),
    ("for _, module in self.named_modules():", "for _, module in list(self.named_modules())[1:]:",
     "the module itself is left out; its own flag counts too"),
])

mistakes("Linear.__init__", [
    ("super().__init__()\n", "",
     "super().__init__() hasn't run, so there are no drawers yet; it comes first"),
    ("torch.rand(fan_out, fan_in, generator=generator)",
     "torch.rand(fan_in, fan_out, generator=generator)",
     "the weight is (fan_in, fan_out), as in part 3; torch's layout is (fan_out, fan_in)"),
    ("nn.Parameter((2 * torch.rand(fan_out, fan_in, generator=generator) - 1) * limit)",
     "(2 * torch.rand(fan_out, fan_in, generator=generator) - 1) * limit",
     "the weight is a plain tensor, and nobody will train it; wrap it in nn.Parameter"),
    ("nn.Parameter((2 * torch.rand(fan_out, generator=generator) - 1) * limit)",
     "(2 * torch.rand(fan_out, generator=generator) - 1) * limit",
     "the bias is a plain tensor, and nobody will train it; wrap it in nn.Parameter"),
    (" if bias else None", "", "there's a bias though none is wanted"),
    ("if bias else None", "if bias else nn.Parameter(torch.zeros(fan_out))",
     "a bias of zeros is trained as well; without one, bias is None"),
    ("torch.rand(fan_out, fan_in,", "torch.randn(fan_out, fan_in,",
     "the weight is drawn from a normal distribution; it's to be even between the limits"),
    ("2 * torch.rand(fan_out, fan_in, generator=generator) - 1",
     "torch.rand(fan_out, fan_in, generator=generator)",
     "all weights are positive; they go from -limit to limit"),
    ("fan_in**-0.5", "fan_out**-0.5", "the limit depends on the number of inputs"),
    ("fan_in**-0.5", "fan_in**-1.0", "the root is missing: the limit is 1 / sqrt(fan_in)"),
    ("(2 * torch.rand(fan_out, generator=generator) - 1) * limit", "torch.zeros(fan_out)",
     "the bias begins at 0; here it's drawn like the weight"),
    ("generator=generator", "generator=None",
     "the generator isn't used; hand it to whatever draws"),
])

mistakes("ModuleList.__init__", [
    whole("super().__init__()\nself.modules = list(modules)",
          "a plain list hides the modules; each must be an attribute of its own"),
    ("super().__init__()\n", "",
     "super().__init__() hasn't run, so there are no drawers yet; it comes first"),
    ("enumerate(modules)", "enumerate(modules, 1)", "the numbers begin with 1; a list begins at 0"),
    ("str(number)", 'f"layer{number}"', "the name is the number alone, as a string"),
    ("setattr(self, str(number), module)", "self._modules[number] = module",
     "the name is a number; names are strings, so str(number)"),
    ("setattr(self, str(number), module)", "self._modules[type(module).__name__] = module",
     "two modules of one class get the same name, and the second replaces the first"),
    ("for number, module in enumerate(modules):\n    setattr(self, str(number), module)",
     ("list(modules)\n"
      "for number, module in enumerate(modules):\n    setattr(self, str(number), module)"),
     "modules is read twice; an iterator has nothing left the second time"),
])

mistakes("count_parameters", [
    ("parameter.numel()", "1", "that counts tensors; add up how many numbers each one has"),
    ("parameter.numel()", "len(parameter)",
     "len is the size of the first dimension; numel counts all numbers"),
    ("return trained, frozen", "return frozen, trained", "the two are exchanged"),
    ("return trained, frozen", "return trained + frozen, frozen",
     "the first number is to be those that are trained, and not all"),
    ("return trained, frozen", "return trained", "the frozen ones are missing; return a pair"),
    ("model.parameters()", "list(model._parameters.values())",
     "only the model's own drawer is counted; what's inside its parts counts too"),
    ("parameter.numel() for parameter in model.parameters() if",
     "parameter.numel() for _, module in model.named_modules() "
     "for parameter in module._parameters.values() if",
     "a shared parameter is counted for each of its names"),
    ("for parameter in model.parameters() if not parameter.requires_grad",
     "for parameter in [*(p for p in model.parameters() if not p.requires_grad), "
     "*(b for _, m in model.named_modules() for b in m._buffers.values())]",
     "buffers are counted as frozen; they're no parameters"),
])

mistakes("Dropout.forward", [
    ("if not self.training:\n    return x\n", "",
     "numbers are dropped in evaluation as well; ask self.training"),
    ("if not self.training:", "if self.training:", "the two modes are exchanged"),
    (" / (1 - self.p)", "", "what stays isn't scaled up, so the sums shrink while training"),
    ("/ (1 - self.p)", "/ self.p", "what stays is divided by the share that goes"),
    ("/ (1 - self.p)", "* (1 - self.p)", "what stays is scaled down; divide by 1 - p"),
    (">= self.p", "< self.p", "p is the share that is dropped, and not the one that stays"),
    ("torch.rand(x.shape,", "torch.rand(x.shape[:1] + (1,) * (x.dim() - 1),",
     "whole rows are dropped; each number is drawn by itself"),
    ("torch.rand(x.shape,", "torch.rand(x.shape[1:],",
     "every row loses the same columns; each number is drawn by itself"),
    ("generator=self.generator", "generator=None",
     "the layer's generator isn't used; hand it to what draws"),
    ("return x\n", "return x * (1 - self.p)\n",
     "evaluation scales down; the scale is in training already"),
    ("return x * stays / (1 - self.p)",
     "with torch.no_grad():\n    return x * stays / (1 - self.p)",
     "no gradient can flow back; the mask is multiplied inside of the graph"),
])

mistakes("BatchNorm1d.__init__", [
    ('self.register_buffer("running_mean", torch.zeros(dim))\n'
     'self.register_buffer("running_var", torch.ones(dim))',
     "self.running_mean = nn.Parameter(torch.zeros(dim))\n"
     "self.running_var = nn.Parameter(torch.ones(dim))",
     "the running values are parameters, and the optimizer would train them; they're buffers"),
    ('self.register_buffer("running_mean", torch.zeros(dim))\n'
     'self.register_buffer("running_var", torch.ones(dim))',
     "self.running_mean = torch.zeros(dim)\nself.running_var = torch.ones(dim)",
     "the running values are plain attributes, and wouldn't be saved; register them as buffers"),
    ("nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))",
     "torch.ones(dim), torch.zeros(dim)",
     "gamma and beta are plain tensors, and wouldn't be trained; wrap them in nn.Parameter"),
    ("self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))",
     ('self.register_buffer("gamma", torch.ones(dim))\n'
      'self.register_buffer("beta", torch.zeros(dim))'),
     "gamma and beta are buffers, and no optimizer would find them; they're parameters"),
    ("nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))",
     "nn.Parameter(torch.zeros(dim)), nn.Parameter(torch.ones(dim))",
     "the gain begins at 1 and the shift at 0; they're exchanged"),
    ('"running_var", torch.ones(dim)', '"running_var", torch.zeros(dim)',
     "the running variance begins at 1"),
    ("super().__init__()\n", "",
     "super().__init__() hasn't run, so there are no drawers yet; it comes first"),
    ("self.eps, self.momentum = eps, momentum", "self.eps, self.momentum = 1e-5, 0.1",
     "eps and momentum are always the defaults; keep what's given"),
    ("self.eps, self.momentum = eps, momentum",
     "self.eps = nn.Parameter(torch.tensor(eps))\n"
     "self.momentum = nn.Parameter(torch.tensor(momentum))",
     "eps and momentum are settings, and nothing to train; keep them as plain numbers"),
])

mistakes("state_dict", [
    ("tensor.detach().clone() if copy else tensor.detach()", "tensor.detach()",
     "the copy shares the model's memory and changes with it; clone it"),
    ("tensor.detach().clone() if copy else tensor.detach()", "tensor.detach().clone()",
     "without copy the tensors are to share the model's memory"),
    ("tensor.detach().clone() if copy else tensor.detach()",
     "tensor.detach() if copy else tensor.detach().clone()", "the two cases of copy are exchanged"),
    ("tensor.detach().clone() if copy else tensor.detach()", "tensor.clone() if copy else tensor",
     "the tensors still belong to the graph and require gradients; detach them"),
    ("(*module._parameters.items(), *module._buffers.items())", "module._parameters.items()",
     "the buffers are missing; they're saved with the model"),
    ("state_dict(part, copy)", "state_dict(part)",
     "copy isn't handed on, so parts are always copied"),
    ('state[f"{name}.{inner}"]', "state[inner]",
     "the part's name is missing, so the tensors of one layer replace those of another"),
    ("for name, part in module._modules.items():\n"
     "    for inner, tensor in state_dict(part, copy).items():\n"
     '        state[f"{name}.{inner}"] = tensor\n', "",
     "the parts are missing; their tensors belong to the state"),
    whole("""
        state = {name: parameter.detach() for name, parameter in module.named_parameters()}
        for name, part in module.named_modules():
            for inner, buffer in part._buffers.items():
                state[f"{name}.{inner}" if name else inner] = buffer
        return {name: tensor.clone() if copy else tensor for name, tensor in state.items()}
        """, "a shared tensor is there under its first name only; a state has all names"),
])

mistakes("load_state_dict", [
    ("tensor.copy_(state[name])", "tensor.data = state[name]",
     "only a tensor beside the model is changed; copy the numbers into the model's own memory"),
    ("if missing or unexpected or misshapen:", "if missing or misshapen:",
     "names that only the state has are let through"),
    ("if missing or unexpected or misshapen:", "if unexpected or misshapen:",
     "names that the state hasn't are not looked at before the copying"),
    ("if missing or unexpected or misshapen:", "if missing or unexpected:",
     "shapes are not compared, and copy_ broadcasts without a word"),
    ("state[name].shape != mine[name].shape", "state[name].numel() != mine[name].numel()",
     "the numbers of elements are compared; (2, 3) and (3, 2) have the same, so compare shapes"),
    ('f"missing: {missing}; unexpected: {unexpected}; of another shape: {misshapen}"',
     "(missing or unexpected or misshapen)[0]",
     "only the first wrong name is told; tell all of them"),
    ("missing: {missing}; unexpected", "unexpected", "missing names aren't told"),
    ("raise ValueError(", "raise KeyError(", "that's another error; raise a ValueError"),
    ("    raise ValueError(",
     "    for name in mine:\n        if name in state and name not in misshapen:\n"
     "            mine[name].copy_(state[name])\n    raise ValueError(",
     "what fits is loaded before the error; half a model is worse than none"),
    whole("""
        mine = state_dict(module, copy=False)
        for name, tensor in mine.items():
            if name in state and state[name].shape == tensor.shape:
                tensor.copy_(state[name])
        """, "what doesn't fit is passed over in silence; raise a ValueError"),
    whole("""
        mine = state_dict(module, copy=False)
        wrong = set(mine) ^ set(state)
        wrong |= {name for name in mine if name in state and state[name].shape != mine[name].shape}
        if wrong:
            raise ValueError(f"these don't fit: {sorted(wrong)}")
        for place, part in module.named_modules():
            before = f"{place}." if place else ""
            for name in part._parameters:
                part._parameters[name] = nn.Parameter(state[before + name].clone())
            for name in part._buffers:
                part._buffers[name] = state[before + name].clone()
        """, "the model gets new tensors, and the optimizer keeps the old ones; copy into them"),
    whole("""
        mine = state_dict(module, copy=False)
        wrong = set(mine) ^ set(state)
        wrong |= {name for name in mine if name in state and state[name].shape != mine[name].shape}
        if wrong:
            raise ValueError(f"these don't fit: {sorted(wrong)}")
        for place, part in module.named_modules():
            before = f"{place}." if place else ""
            for name, tensor in (*part._parameters.items(), *part._buffers.items()):
                tensor.data = state[before + name]
        """, "the model shares its memory with the state, and changes with it; copy the numbers"),
])

mistakes("initialize", [
    ("isinstance(module, (Linear, Embedding))", "isinstance(module, Linear)",
     "the embeddings keep their weights; they're drawn anew as well"),
    ("if isinstance(module, (Linear, Embedding)):", 'if hasattr(module, "weight"):',
     "whatever has a weight is drawn anew; a normalization's gain must stay"),
    ("isinstance(module, Linear) and module.bias is not None",
     'getattr(module, "bias", None) is not None',
     "every bias is emptied; that's for Linear alone"),
    (" and module.bias is not None", "",
     "a Linear without a bias has None there; ask before you empty it"),
    ("if isinstance(module, Linear) and module.bias is not None:\n"
     "        module.bias.zero_()\n", "",
     "the biases keep what they were drawn; they become 0"),
    ("module.bias.zero_()", "module.bias.normal_(0, std, generator=generator)",
     "the biases are drawn too; they become 0"),
    (".normal_(0, std, generator=generator)", ".normal_(0, std)",
     "the generator isn't used; hand it to normal_"),
    ("normal_(0, std,", "normal_(0, 0.02,", "the spread is always 0.02; use the one that's given"),
    ("normal_(0, std,", "normal_(0, std**2,", "normal_ takes the spread, and not the variance"),
    ("normal_(0, std, generator", "uniform_(-std, std, generator",
     "the weights are drawn evenly; they're to be normal numbers"),
    ("module.weight.normal_(0, std, generator=generator)",
     "module.weight = nn.Parameter(std * torch.randn(module.weight.shape, generator=generator))",
     "the layers get new parameters, and whoever holds the old ones is left behind; draw in place"),
    ("    model.apply(start)",
     "    for module in model._modules.values():\n        start(module)",
     "only the direct parts are visited; apply goes all the way down"),
])

mistakes("freeze", [
    ('f"{name}.".startswith(f"{part}.")', "name.startswith(part)",
     "layers.1 freezes layers.10 too; the name must end there, or go on with a dot"),
    ('f"{name}.".startswith(f"{part}.")', 'name.startswith(f"{part}.")',
     "a single parameter can't be named: its name is the part itself, with no dot behind it"),
    ('f"{name}.".startswith(f"{part}.")', "part in name",
     "names that contain the part somewhere are frozen; they must begin with it"),
    ('f"{name}.".startswith(f"{part}.")', "name == part",
     "only a parameter of just that name is frozen; a module's parameters begin with its name"),
    ("    parameter.grad = None\n", "",
     "the old gradient is still there, and the optimizer looks at nothing else"),
    ("    parameter.requires_grad = False\n", "",
     "the gradients are forgotten once, and come back with the next pass"),
    ("return [parameter for parameter in model.parameters() if parameter.requires_grad]",
     "return chosen", "that's what is frozen; return what is still trained"),
    ("return [parameter for parameter in model.parameters() if parameter.requires_grad]",
     "return model.parameters()", "the frozen ones are returned too; leave them out"),
    ("return [parameter for parameter in model.parameters() if parameter.requires_grad]",
     "return [p for p in model.parameters() if all(p is not other for other in chosen)]",
     "what was frozen before is returned as well; ask requires_grad"),
    ("if not chosen:", "if not model.parameters():",
     "a misspelled name freezes nothing, and nobody is told; raise a ValueError"),
    whole("""
        found = dict(model.named_modules())
        if part not in found:
            raise ValueError(f"there is no part {part}")
        found[part].requires_grad = False
        return [parameter for parameter in model.parameters() if parameter.requires_grad]
        """, "the flag is set on the module, where nobody reads it; set it on each parameter"),
])

mistakes("for_torch", [
    ('{"gamma": "weight", "beta": "bias"}.get(last, last)', "last", "nothing is renamed"),
    ('{"gamma": "weight", "beta": "bias"}', '{"gamma": "bias", "beta": "weight"}',
     "weight and bias are exchanged: gamma is the weight"),
    ('place + dot + {"gamma": "weight", "beta": "bias"}.get(last, last)',
     'name.replace("gamma", "weight").replace("beta", "bias")',
     "the words are replaced wherever they stand; only the last part of a name counts"),
    ('renamed[place + dot + {"gamma": "weight", "beta": "bias"}.get(last, last)]',
     'renamed[{"gamma": "weight", "beta": "bias"}.get(name, name)]',
     "only a whole name is renamed; look at what's behind the last dot"),
    ('    if last == "running_mean":\n'
     '        renamed[place + dot + "num_batches_tracked"] = torch.tensor(0)\n', "",
     "num_batches_tracked is missing, and torch asks for it"),
    ('place + dot + "num_batches_tracked"', '"num_batches_tracked"',
     "the count has lost its place; it stands beside its running_mean"),
    ("torch.tensor(0)", "torch.tensor(0.0)", "the count is a float; it's a whole number, int64"),
    ("torch.tensor(0)", "torch.tensor([0])", "the count has a dimension; it's a single number"),
    ('last == "running_mean"', '"running_mean" in name',
     "a count is added for names that only contain running_mean"),
    ("= tensor\n", "= tensor.clone()\n", "the tensors are copied; the result holds the same ones"),
    ("renamed = {}", "renamed = state", "the state itself is changed; make a new dict"),
])
