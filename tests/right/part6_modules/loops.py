"""Plain loops and lists, a stack in place of recursion, everything step by step."""

import torch
from torch import nn


class Parts:
    def __init__(self):
        self.__dict__["_parameters"] = {}
        self.__dict__["_buffers"] = {}
        self.__dict__["_modules"] = {}

    def __getattr__(self, name):
        for drawer in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(drawer, {}):
                return self.__dict__[drawer][name]
        raise AttributeError("no attribute " + name)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def __setattr__(self, name, value):
        was_buffer = name in self._buffers
        if name in self._parameters:
            del self._parameters[name]
        if name in self._modules:
            del self._modules[name]
        if name in self._buffers:
            del self._buffers[name]
        if name in self.__dict__:
            del self.__dict__[name]
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, Parts):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            self.__dict__[name] = value

    def named_modules(self):
        pairs = []
        stack = [("", self)]
        while len(stack) > 0:
            name, module = stack.pop()
            known = False
            for _, other in pairs:
                if other is module:
                    known = True
            if known:
                continue
            pairs.append((name, module))
            children = []
            for inner in module._modules:
                if name == "":
                    children.append((inner, module._modules[inner]))
                else:
                    children.append((name + "." + inner, module._modules[inner]))
            for child in reversed(children):
                stack.append(child)
        return pairs

    def named_parameters(self):
        pairs = []
        seen = []
        for name, module in self.named_modules():
            for inner in module._parameters:
                parameter = module._parameters[inner]
                if id(parameter) in seen:
                    continue
                seen.append(id(parameter))
                if name != "":
                    inner = name + "." + inner
                pairs.append((inner, parameter))
        return pairs

    def parameters(self):
        return [pair[1] for pair in self.named_parameters()]


class Module(Parts):
    def __init__(self):
        super().__init__()
        self.training = True
        self.hooks = []

    def __call__(self, *args, **kwargs):
        out = self.forward(*args, **kwargs)
        for i in range(len(self.hooks)):
            new = self.hooks[i](self, args, out)
            if new is None:
                continue
            out = new
        return out

    def train(self, mode=True):
        stack = [self]
        while stack:
            module = stack.pop()
            module.training = mode
            for name in module._modules:
                stack.append(module._modules[name])
        return self

    def eval(self):
        self.train(False)
        return self

    def zero_grad(self):
        for parameter in self.parameters():
            parameter.grad = None

    def apply(self, function):
        for pair in self.named_modules():
            function(pair[1])
        return self


class Linear(Module):
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        super().__init__()
        limit = (1.0 / fan_in) ** 0.5
        if bias:
            b = torch.rand(fan_out, generator=generator) * 2 * limit - limit
            self.bias = nn.Parameter(b)
        else:
            self.bias = None
        W = torch.rand((fan_out, fan_in), generator=generator) * 2 * limit - limit
        self.weight = nn.Parameter(W)

    def forward(self, x):
        out = x @ self.weight.t()
        if self.bias is not None:
            out = out + self.bias
        return out


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
        i = 0
        for module in modules:
            self._modules[str(i)] = module
            i += 1

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        for i in range(len(self)):
            yield self._modules[str(i)]

    def __getitem__(self, index):
        if index < 0:
            index += len(self)
        return self._modules[str(index)]


def count_parameters(model):
    trained = 0
    frozen = 0
    for parameter in model.parameters():
        count = 1
        for size in parameter.shape:
            count *= size
        if parameter.requires_grad:
            trained += count
        else:
            frozen += count
    return [trained, frozen]


class Dropout(Module):
    def __init__(self, p=0.5, generator=None):
        super().__init__()
        self.p = p
        self.generator = generator

    def forward(self, x):
        if self.training:
            drops = torch.rand(x.numel(), generator=self.generator).reshape(x.shape) < self.p
            return torch.where(drops, torch.zeros_like(x), x / (1 - self.p))
        return x.clone()


class BatchNorm1d(Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        self._buffers["running_mean"] = torch.zeros(dim)
        self._buffers["running_var"] = torch.ones(dim)
        self.eps = eps
        self.momentum = momentum

    def forward(self, x):
        if self.training:
            mean = x.mean(0)
            var = ((x - mean) ** 2).mean(0)
            old, new = 1 - self.momentum, self.momentum
            unbiased = var.detach() * len(x) / (len(x) - 1)
            self.running_mean = old * self.running_mean + new * mean.detach()
            self.running_var = old * self.running_var + new * unbiased
        else:
            mean = self.running_mean
            var = self.running_var
        return self.gamma * (x - mean) / (var + self.eps) ** 0.5 + self.beta


def state_dict(module, copy=True):
    state = {}
    stack = [("", module)]
    while stack:
        before, part = stack.pop()
        for drawer in (part._parameters, part._buffers):
            for name in drawer:
                tensor = drawer[name].detach()
                if copy:
                    tensor = torch.empty_like(tensor).copy_(tensor)
                state[before + name] = tensor
        for name in part._modules:
            stack.append((before + name + ".", part._modules[name]))
    return state


def load_state_dict(module, state):
    mine = state_dict(module, copy=False)
    text = ""
    for name in mine:
        if name not in state:
            text += " missing: " + name
        elif list(mine[name].shape) != list(state[name].shape):
            text += " wrong shape: " + name
    for name in state:
        if name not in mine:
            text += " unexpected: " + name
    if text != "":
        raise ValueError(text)
    for name in mine:
        mine[name].copy_(state[name])


def initialize(model, std=0.02, generator=None):
    def draw_anew(module):
        if isinstance(module, Linear) or isinstance(module, Embedding):
            numbers = std * torch.randn(module.weight.shape, generator=generator)
            module.weight.data.copy_(numbers)
        if isinstance(module, Linear) and module.bias is not None:
            module.bias.data.fill_(0.0)

    model.apply(draw_anew)


def freeze(model, part):
    count = 0
    for name, parameter in model.named_parameters():
        if name == part or name.startswith(part + "."):
            parameter.requires_grad = False
            parameter.grad = None
            count += 1
    if count == 0:
        raise ValueError("nothing is called " + part)
    rest = []
    for parameter in model.parameters():
        if parameter.requires_grad:
            rest.append(parameter)
    return rest


def for_torch(state):
    result = {}
    for name in state:
        new = name
        if name == "gamma" or name.endswith(".gamma"):
            new = name[: -len("gamma")] + "weight"
        if name == "beta" or name.endswith(".beta"):
            new = name[: -len("beta")] + "bias"
        result[new] = state[name]
        if name == "running_mean" or name.endswith(".running_mean"):
            result[name[: -len("running_mean")] + "num_batches_tracked"] = torch.tensor(0)
    return result
