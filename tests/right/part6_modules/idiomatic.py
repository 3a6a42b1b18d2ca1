"""As torch writes it: generators, memo sets, in-place calls, methods of dict."""

import itertools
from collections import OrderedDict

import torch
from torch import nn


class Parts:
    def __init__(self):
        for drawer in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, drawer, OrderedDict())

    def __getattr__(self, name):
        if "_modules" not in vars(self):
            raise AttributeError(f"call super().__init__() before {name}")
        for drawer in (self._parameters, self._buffers, self._modules):
            if name in drawer:
                return drawer[name]
        raise AttributeError(name)

    def register_buffer(self, name, tensor):
        vars(self).pop(name, None)
        self._buffers[name] = tensor

    def __setattr__(self, name, value):
        def remove_from(*drawers):
            for drawer in drawers:
                if name in drawer:
                    del drawer[name]

        if isinstance(value, nn.Parameter):
            remove_from(vars(self), self._buffers, self._modules)
            self._parameters[name] = value
        elif isinstance(value, Parts):
            remove_from(vars(self), self._parameters, self._buffers)
            self._modules[name] = value
        elif name in self._buffers and torch.is_tensor(value):
            self._buffers[name] = value
        else:
            remove_from(self._parameters, self._buffers, self._modules)
            object.__setattr__(self, name, value)

    def named_modules(self, memo=None, prefix=""):
        memo = set() if memo is None else memo
        if self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            yield from module.named_modules(memo, f"{prefix}.{name}".lstrip("."))

    def named_parameters(self):
        memo = set()
        for prefix, module in self.named_modules():
            for name, parameter in module._parameters.items():
                if parameter not in memo:
                    memo.add(parameter)
                    yield ".".join(filter(None, (prefix, name))), parameter

    def parameters(self):
        return [parameter for _, parameter in self.named_parameters()]


class Module(Parts):
    def __init__(self):
        super().__init__()
        self.training = True
        self.hooks = []

    def __call__(self, *args, **kwargs):
        result = self.forward(*args, **kwargs)
        for hook in self.hooks:
            if (answer := hook(self, args, result)) is not None:
                result = answer
        return result

    def train(self, mode=True):
        self.training = mode
        for module in self._modules.values():
            module.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def zero_grad(self):
        for parameter in self.parameters():
            parameter.grad = None

    def apply(self, function):
        for module in self._modules.values():
            module.apply(function)
        function(self)
        return self


class Linear(Module):
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        super().__init__()
        bound = 1 / fan_in**0.5
        self.weight = nn.Parameter(torch.empty(fan_out, fan_in).uniform_(-bound, bound, generator=generator))
        self.bias = None
        if bias:
            self.bias = nn.Parameter(torch.empty(fan_out).uniform_(-bound, bound, generator=generator))

    def forward(self, x):
        return nn.functional.linear(x, self.weight, self.bias)


class Embedding(Module):
    def __init__(self, number, dimension, generator=None):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(number, dimension, generator=generator))

    def forward(self, indices):
        return self.weight[indices]


class Tanh(Module):
    def forward(self, x):
        return torch.tanh(x)


class ModuleList(Module):
    def __init__(self, modules=()):
        super().__init__()
        self._modules.update(zip(map(str, itertools.count()), modules))

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __getitem__(self, index):
        return list(self._modules.values())[index]


def count_parameters(model):
    numbers = {True: 0, False: 0}
    for parameter in model.parameters():
        numbers[parameter.requires_grad] += parameter.numel()
    return numbers[True], numbers[False]


class Dropout(Module):
    def __init__(self, p=0.5, generator=None):
        super().__init__()
        self.p, self.generator = p, generator

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        mask = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.generator)
        return x * mask.div_(1 - self.p)


class BatchNorm1d(Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        for name, value in (("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((dim,), value))
        self.beta = nn.Parameter(torch.zeros(dim))
        self.gamma = nn.Parameter(torch.ones(dim))
        self.momentum = momentum
        self.eps = eps

    def forward(self, x):
        mean, variance = self.running_mean, self.running_var
        if self.training:
            mean, variance = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                self.running_mean = torch.lerp(self.running_mean, mean, self.momentum)
                self.running_var = torch.lerp(self.running_var, x.var(0), self.momentum)
        return self.gamma * (x - mean) * (variance + self.eps).rsqrt() + self.beta


def state_dict(module, copy=True, destination=None, prefix=""):
    destination = OrderedDict() if destination is None else destination
    own = module._parameters | module._buffers
    destination.update((prefix + name, tensor.data.clone() if copy else tensor.data) for name, tensor in own.items())
    for name, part in module._modules.items():
        state_dict(part, copy, destination, f"{prefix}{name}.")
    return destination


@torch.no_grad()
def load_state_dict(module, state):
    mine = state_dict(module, copy=False)
    problems = [f"Missing key: {name}" for name in mine.keys() - state.keys()]
    problems += [f"Unexpected key: {name}" for name in state.keys() - mine.keys()]
    problems += [
        f"size mismatch for {name}: {tuple(state[name].shape)}"
        for name in mine.keys() & state.keys()
        if mine[name].shape != state[name].shape
    ]
    if problems:
        raise ValueError("\n".join(problems))
    for name in mine:
        mine[name][...] = state[name]


@torch.no_grad()
def initialize(model, std=0.02, generator=None):
    for _, module in model.named_modules():
        match module:
            case Linear():
                nn.init.normal_(module.weight, std=std, generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            case Embedding():
                nn.init.normal_(module.weight, std=std, generator=generator)


def freeze(model, part):
    parts = part.split(".")
    found = [p for name, p in model.named_parameters() if name.split(".")[: len(parts)] == parts]
    if not found:
        raise ValueError(part)
    for parameter in found:
        parameter.requires_grad_(False).grad = None
    return list(filter(lambda parameter: parameter.requires_grad, model.parameters()))


def for_torch(state):
    result = {}
    for name, tensor in state.items():
        *place, last = name.split(".")
        if last == "running_mean":
            result[".".join([*place, "num_batches_tracked"])] = torch.zeros((), dtype=torch.long)
        last = "weight" if last == "gamma" else "bias" if last == "beta" else last
        result[".".join([*place, last])] = tensor
    return result
