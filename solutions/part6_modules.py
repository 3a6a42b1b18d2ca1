# %% [markdown]
# # Modules: a network that knows its parts
#
# In part 5 every layer had a method `parameters()`, and you wrote it anew for each of them. Forget one layer, and
# nothing fails: it's just never trained. You also had to walk through the layers to switch them to evaluation, to
# count their numbers, to set `requires_grad`. The next lesson builds a GPT, whose layers have layers that have
# layers, and there you'd do little else.
#
# PyTorch has one class that does all of it, `torch.nn.Module`. Every model that you'll ever read derives from it. It
# can look like magic: you write `self.weight = ...`, and the optimizer knows. So build it. It takes about fifty
# lines, and each of the famous traps (a list that hides its layers, a saved model that goes on changing, an `eval()`
# that reaches half of the network) is one of these lines left out.
#
# No lecture has this. It's the bridge between part 5, where layers are small classes of your own, and *Let's build
# GPT*, https://www.youtube.com/watch?v=kCc8FmEb1nY, which takes `nn.Module` as known.
#
# It builds on part 3 and part 5: layers as classes, batch normalization, training and evaluation. `nn.Parameter`,
# torch's tensor that is meant to be trained, may be used; `nn.Module` is what you build here, so it's refused in the
# exercises.

# %%
import io
import random

import torch
import torch.nn.functional as F
from torch import nn


# %% [markdown]
# ## 1. Three drawers
#
# What happens at `layer.weight = W`? Python calls `layer.__setattr__("weight", W)`. Usually that puts the value into
# `layer.__dict__`, and reading `layer.weight` looks there. A class may write its own `__setattr__`, and that's the
# whole trick: look at *what* is assigned, and put it into the drawer where it belongs.
#
# ```
#                             ┌─ nn.Parameter ──────▶  _parameters   training moves it
#                             ├─ a thing with parts ▶  _modules      it has drawers of its own
# layer.name = value  ────────┤
#                             ├─ tensor, and _buffers
#                             │  has the name ──────▶  _buffers      belongs to the model, isn't trained
#                             └─ anything else ─────▶  __dict__      a number, a string, a list, ...
# ```
#
# An `nn.Parameter` is a tensor with a badge. It does nothing that a tensor with `requires_grad` doesn't do, but
# `isinstance` can tell it from all the tensors that just happen to be attributes.
#
# A name must be in one drawer only. Say a layer has a parameter `bias`, and somebody sets it to None. If the old
# parameter stays in its drawer, it's still counted, trained and saved. (torch is stricter than we are: there a
# parameter can be replaced by another one or by None, and by nothing else.)
#
# What isn't in `__dict__` is found by `__getattr__`: Python calls it for each name that it doesn't find by itself.
# It's given, and so is `__init__`, which makes the drawers. Look at what happens in a class that forgets to call it.

# %%
def numbers_of_tied_layers():
    """An embedding has a weight (1000, 64). The last layer, without a bias, uses that very tensor as its own weight. How
    many numbers are there to train?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: two names, one tensor.
    # because: both layers hold the same 64,000 numbers, and what is found twice counts once
    model = Module()
    model.embedding = Embedding(1000, 64)
    model.output = Linear(64, 1000, bias=False)
    model.output.weight = model.embedding.weight
    return sum(parameter.numel() for parameter in model.parameters())
    ### END PREDICTION


# %% [markdown]
# ## 2. A tree with names
#
# The drawers `_modules` make a tree. Each part has a name that says how to get there, with dots in between, as you'd
# write it in Python:
#
# ```
# model                          ""
# ├── embedding                  "embedding"
# │   └── weight                 "embedding.weight"
# └── layers                     "layers"
#     ├── 0                      "layers.0"
#     │   ├── weight             "layers.0.weight"
#     │   └── bias               "layers.0.bias"
#     └── 1                      "layers.1"
# ```
#
# `named_modules` lists the parts, and `named_parameters` what's in their drawers. One thing may hang in the tree
# twice: GPT-2 uses the same matrix as its embedding and in its last layer. That's one parameter, so it has to be
# listed once. An optimizer that gets it twice makes two steps where one is meant (torch's warns you).
#
# Once they pass, `grad plot Parts.__setattr__` shows the drawers of a layer, and `grad plot named_parameters` a whole
# tree.

# %%
class Parts:
    """Something that knows what it's made of.

    Its drawers are three dicts from an attribute's name to what it holds: `_parameters` (nn.Parameter), `_buffers`
    (tensors) and `_modules` (other Parts). All other attributes are in `__dict__`, as usual. Nothing holds itself.
    """

    def __init__(self):
        """Given. Make the drawers, past __setattr__, which needs them."""
        self.__dict__.update(_parameters={}, _buffers={}, _modules={})

    def __getattr__(self, name):
        """Given. Python calls this for a name that isn't in `__dict__`: look into the drawers."""
        for drawer in ("_parameters", "_buffers", "_modules"):
            if drawer not in self.__dict__:
                raise AttributeError(f"{type(self).__name__} has no drawers yet: call super().__init__() first")
            if name in self.__dict__[drawer]:
                return self.__dict__[drawer][name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def register_buffer(self, name, tensor):
        """Given. Put a tensor into the drawer for what belongs to the model and isn't trained."""
        self.__dict__.pop(name, None)
        self._buffers[name] = tensor

    def __setattr__(self, name, value):
        """Put the value of an attribute into the drawer where it belongs; `self.name = value` calls this.

        An nn.Parameter goes into `_parameters`, and a Parts, of whatever subclass, into `_modules`. Any other tensor goes
        into `_buffers` if that has the name already. All else goes into `self.__dict__`. Afterwards the name is in no
        other place than that. Returns None. nn.Module is refused.

        >>> layer = Parts()
        >>> layer.weight, layer.inner, layer.size = nn.Parameter(torch.zeros(2)), Parts(), 3
        >>> list(layer._parameters), list(layer._modules), layer.__dict__["size"]
        (['weight'], ['inner'], 3)
        >>> layer.weight = None
        >>> list(layer._parameters), layer.weight
        ([], None)
        """
        ### BEGIN SOLUTION
        # hint: isinstance(value, nn.Parameter) tells which drawer it is. Which test tells a Parts, and which a tensor?
        # hint: Choose one dict of the four: self._parameters, self._modules, self._buffers, self.__dict__.
        # hint: Take the name out of the other dicts, d.pop(name, None). Then put the value into the chosen one.
        # hint: Inside of this method `self.name = value` would call it again, forever. Write into the dicts.
        # learned: self.weight = ... registers a parameter because __setattr__ looks at what it's given
        if isinstance(value, nn.Parameter):
            place = self._parameters
        elif isinstance(value, Parts):
            place = self._modules
        elif isinstance(value, torch.Tensor) and name in self._buffers:
            place = self._buffers
        else:
            place = self.__dict__
        for other in (self._parameters, self._modules, self._buffers, self.__dict__):
            if other is not place:
                other.pop(name, None)
        place[name] = value
        ### END SOLUTION

    def named_modules(self):
        """List this thing and all that's inside it, with dotted names.

        Gives pairs (name, thing), in a list or one by one: first this one, under the name "". Then, for each entry of
        `_modules` in order, that one and all that's inside it, before the next entry. What hangs in the tree twice is
        given once, under the first of its names. nn.Module is refused.

        >>> model = Parts()
        >>> model.one, model.two = Parts(), Parts()
        >>> model.one.inner = Parts()
        >>> [name for name, _ in model.named_modules()]
        ['', 'one', 'one.inner', 'two']
        """
        ### BEGIN SOLUTION
        # hint: Every part can list itself: call part.named_modules() for each of self._modules.items().
        # hint: A part calls itself "", and here it's called name; what it calls inner is f"{name}.{inner}" here.
        # hint: For the ones found twice keep a dict from the thing to its name: first.setdefault(thing, name).
        # learned: a tree is walked by letting each part list its own, and adding one's own name in front
        first = {self: ""}
        for name, part in self._modules.items():
            for inner, module in part.named_modules():
                first.setdefault(module, f"{name}.{inner}" if inner else name)
        return [(name, module) for module, name in first.items()]
        ### END SOLUTION

    def named_parameters(self):
        """List the parameters of this thing and of all that's inside it, with dotted names.

        Gives pairs (name, parameter), in a list or one by one, in the order of named_modules: the parameters themselves,
        no copies, frozen ones too. One that is found twice is given once, under the first of its names. nn.Module is
        refused.

        >>> model = Parts()
        >>> model.one, model.two = Parts(), Parts()
        >>> model.one.weight = model.two.weight = nn.Parameter(torch.zeros(2))
        >>> model.bias = nn.Parameter(torch.zeros(3))
        >>> [(name, tuple(parameter.shape)) for name, parameter in model.named_parameters()]
        [('bias', (3,)), ('one.weight', (2,))]
        """
        ### BEGIN SOLUTION
        # hint: named_modules gives every thing once; look into the drawer _parameters of each.
        # hint: The name is f"{name}.{inner}", and only inner for the thing whose name is "".
        # hint: `parameter in a_list` compares numbers, and not tensors. Ask a set of ids, or use a dict as before.
        # learned: a parameter is one parameter however many names lead to it
        first = {}
        for name, module in self.named_modules():
            for inner, parameter in module._parameters.items():
                first.setdefault(parameter, f"{name}.{inner}" if name else inner)
        return [(name, parameter) for parameter, name in first.items()]
        ### END SOLUTION

    def parameters(self):
        """Given. The parameters alone, in a list."""
        return [parameter for _, parameter in self.named_parameters()]


# %%
def zeros_after_setting_one_flag():
    """A layer Dropout(0.5) sets half of its numbers to 0 while training, and none in evaluation. A model holds such a layer.
    You set `model.training = False`, and send 1,000 ones through the layer. How many come out as 0?

    Answer: a number, within 20 %.
    """
    ### BEGIN PREDICTION
    # hint: who reads the flag that you've set?
    # because: the flag of the model is off and that of the Dropout inside is on, so it drops half of the ones; eval() sets both
    model = ModuleList([Dropout(0.5)])
    model.training = False
    return (model[0](torch.ones(1000)) == 0).sum()
    ### END PREDICTION


# %% [markdown]
# ## 3. What one does with a tree
#
# A *module* is such a thing that can be called. You write `forward` and call the model: `model(x)`. Why the detour?
# The call is the one place through which all data goes, so that's where you can listen. A *hook* is a function that
# is called after `forward` with the module, its arguments and its result. With a hook on each layer you see the
# activations of part 3 without a line of code in the layers. Whoever calls `model.forward(x)` gets past the hooks.
#
# All other methods walk through the tree. `zero_grad` forgets the gradient of every parameter, `apply` calls a
# function with every module. `train` sets the flag `training` of every module, because some layers must know: dropout
# drops nothing in evaluation, and batch normalization takes its running values. `model.training = False` sets one
# flag, that of the model itself, and the layers inside never hear of it.
#
# Once it passes, `grad plot Module.__call__` hangs a hook on every layer of a network.

# %%
class Module(Parts):
    """A thing with parts that can be called. A subclass calls `super().__init__()` first, and writes `forward`.

    Attributes: `training`, a bool; `hooks`, a list of functions.
    """

    def __init__(self):
        """Given. A module begins in training mode, and nobody listens."""
        super().__init__()
        self.training = True
        self.hooks = []

    def __call__(self, *args, **kwargs):
        """Run `forward`, then the hooks; `model(x)` calls this.

        All arguments are handed on to self.forward. Then each of `hooks`, in order, is called as hook(self, args, result):
        args is the tuple of the arguments without names, and result what the module returns as it stands by then. What a
        hook returns takes the place of the result, unless it's None. Returns the result. nn.Module is refused.

        >>> class Double(Module):
        ...     def forward(self, x):
        ...         return 2 * x
        >>> double = Double()
        >>> double(4)
        8
        >>> seen = []
        >>> double.hooks.append(lambda module, args, result: seen.append((args, result)))
        >>> double.hooks.append(lambda module, args, result: result + 1)
        >>> double(4), seen
        (9, [((4,), 8)])
        """
        ### BEGIN SOLUTION
        # hint: *args and **kwargs hand everything on: self.forward(*args, **kwargs).
        # hint: In a loop over self.hooks, call each with self, args and the present result.
        # hint: Many hooks only look, and return None. A result of 0 or False is one, so test `is not None`.
        # learned: models are called, and not their forward, because the call is where one can listen
        result = self.forward(*args, **kwargs)
        for hook in self.hooks:
            changed = hook(self, args, result)
            if changed is not None:
                result = changed
        return result
        ### END SOLUTION

    def train(self, mode=True):
        """Switch this module and all that's inside it, however deep, to training or to evaluation.

        mode: a bool, the new value of `training`. Returns the module itself. nn.Module is refused.

        >>> model = Module()
        >>> model.inner = Module()
        >>> model.train(False) is model, model.inner.training
        (True, False)
        """
        ### BEGIN SOLUTION
        # hint: named_modules lists all of them, this one too.
        # hint: Don't forget to give the module back: return self.
        # learned: a mode is a flag in every module of the tree
        for _, module in self.named_modules():
            module.training = mode
        return self
        ### END SOLUTION

    def eval(self):
        """Given. Switch to evaluation, all the way down. Returns the module."""
        return self.train(False)

    def zero_grad(self):
        """Given. Forget all gradients, so that the next backward pass doesn't add to them."""
        for parameter in self.parameters():
            parameter.grad = None

    def apply(self, function):
        """Given. Call function(module) with every module in the tree. Returns the module."""
        for _, module in self.named_modules():
            function(module)
        return self


# %% [markdown]
# ## 4. Layers
#
# Now layers are short: they say which parameters they have and what they compute. Nobody lists anything.
#
# `Linear` is laid out here as torch has it: its weight is (fan_out, fan_in), a row for each output, and `forward`
# multiplies with the transposed weight. In parts 2 to 5 it was the other way round. torch draws both weight and bias
# evenly between -1/√fan_in and 1/√fan_in; for fan_in = 100 that's from -0.1 to 0.1.
#
# Three things are easy to forget in `__init__`: `super().__init__()` first; `nn.Parameter` around the tensor; and a
# bias that is None where none is wanted, so that `forward` can ask for it.

# %%
class Linear(Module):
    """x @ weight.T + bias over the last dimension, with torch's layout."""

    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        """Make the parameters.

        `weight`: an nn.Parameter (fan_out, fan_in). `bias`: an nn.Parameter (fan_out,), or None where bias is False. All
        numbers are drawn evenly from -1/sqrt(fan_in) to 1/sqrt(fan_in), with the generator where one is given.

        >>> layer = Linear(4, 3)
        >>> sorted((name, tuple(parameter.shape)) for name, parameter in layer.named_parameters())
        [('bias', (3,)), ('weight', (3, 4))]
        >>> Linear(4, 3, bias=False).bias is None
        True
        """
        ### BEGIN SOLUTION
        # hint: super().__init__() makes the drawers; before that no attribute can be set.
        # hint: 2 * torch.rand(rows, columns, generator=generator) - 1 is even from -1 to 1. By what do you multiply it?
        # hint: Wrap the tensor last: nn.Parameter(...). What is computed from a Parameter is a plain tensor.
        # learned: a layer only declares its parameters; who trains them finds them by their drawer
        super().__init__()
        limit = fan_in**-0.5
        self.weight = nn.Parameter((2 * torch.rand(fan_out, fan_in, generator=generator) - 1) * limit)
        self.bias = nn.Parameter((2 * torch.rand(fan_out, generator=generator) - 1) * limit) if bias else None
        ### END SOLUTION

    def forward(self, x):
        """Given."""
        product = x @ self.weight.T
        return product if self.bias is None else product + self.bias


class Embedding(Module):
    """A table of vectors, (number, dimension), as in part 5; given."""

    def __init__(self, number, dimension, generator=None):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(number, dimension, generator=generator))

    def forward(self, indices):
        return self.weight[indices]


class Tanh(Module):
    """tanh of each number; given."""

    def forward(self, x):
        return torch.tanh(x)


# %%
def numbers_in_a_plain_list():
    """A model keeps three Linear(10, 10) with their biases in a plain Python list, `self.layers = [...]`. How many numbers
    do `model.parameters()` hand to the optimizer?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: what does __setattr__ do with a list?
    # because: a list is neither a parameter nor a module, so nobody looks inside it; the model runs, and never learns
    model = Module()
    model.layers = [Linear(10, 10) for _ in range(3)]
    return sum(parameter.numel() for parameter in model.parameters())
    ### END PREDICTION


# %% [markdown]
# A network has any number of layers, so it keeps them in a list. But `__setattr__` sees a list, and a list goes into
# `__dict__`. The model computes the right thing and its loss even falls a bit, thanks to the layers that are
# registered. The others stay as they were drawn. It's the most frequent bug with modules, and nothing reports it.
#
# The cure is a list that is a module itself. Its parts need names, and those of a list are numbers: "0", "1", "2".
# That's where names like `layers.0.weight` come from.

# %%
class ModuleList(Module):
    """A list of modules that doesn't hide them."""

    def __init__(self, modules=()):
        """Register each of the modules under its place in the list, written as a string: "0", "1", ...

        modules: any iterable of modules, read once. nn.Module is refused.

        >>> layers = ModuleList(Tanh() for _ in range(2))
        >>> [name for name, _ in layers.named_modules()]
        ['', '0', '1']
        """
        ### BEGIN SOLUTION
        # hint: enumerate(modules) gives each its number.
        # hint: setattr(self, name, value) is `self.name = value` for a name that's computed: setattr(self, str(0), ...).
        # hint: As in every module, super().__init__() comes first.
        # learned: a plain list hides what it holds; a list that is a module registers it under numbers
        super().__init__()
        for number, module in enumerate(modules):
            setattr(self, str(number), module)
        ### END SOLUTION

    def __len__(self):
        """Given."""
        return len(self._modules)

    def __iter__(self):
        """Given."""
        return iter(list(self._modules.values()))

    def __getitem__(self, index):
        """Given."""
        return list(self._modules.values())[index]


# %% [markdown]
# How large is a model? Now that it can list its parameters, you only have to add up. But two numbers are interesting:
# how many are there, and how many of them are trained? A parameter whose `requires_grad` is off is *frozen*. It takes
# part in every prediction, it gets no gradient, and no memory is spent on it by an optimizer. You'll freeze some
# below.

# %%
def count_parameters(model):
    """Count the numbers in the parameters of a model: those that are trained, and those that are frozen.

    Returns (trained, frozen), two ints: the numbers in parameters that require gradients, and those in all others. A shared
    parameter counts once; buffers don't count.

    >>> model = ModuleList([Linear(3, 5), Linear(5, 2, bias=False)])
    >>> model[1].weight.requires_grad = False
    >>> count_parameters(model)
    (20, 10)
    """
    ### BEGIN SOLUTION
    # hint: parameter.numel() is how many numbers it has, and parameter.requires_grad tells whether it's trained.
    # hint: Two sums over model.parameters(), one with `if`, one with `if not`.
    # learned: what is frozen is a part of the model, and no part of the training
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    frozen = sum(parameter.numel() for parameter in model.parameters() if not parameter.requires_grad)
    return trained, frozen
    ### END SOLUTION


# %%
def largest_number_behind_dropout():
    """While training, Dropout(0.2) sets a fifth of its numbers to 0, and keeps their mean what it was, but for chance. In go
    1,000 ones. What's the largest number that comes out?

    Answer: a number, within 2 %.
    """
    ### BEGIN PREDICTION
    # hint: four fifths are left, and must add up to what all of them did.
    # because: the four fifths that are left are divided by 0.8, so that the sums of the next layer are as large as without dropout
    return Dropout(0.2)(torch.ones(1000)).max()
    ### END PREDICTION


# %% [markdown]
# ## 5. Two modes
#
# *Dropout* (Srivastava and others 2014) sets a random share p of its input to zero, so that no layer can rely on a
# single number. Only while training: a prediction should be as good as it can be, and the same each time.
#
# With a share of p missing, the next layer's sums would be smaller by the factor 1 - p while training, and that layer
# would meet larger ones in evaluation. So what's left is divided by 1 - p. With p = 0.5:
#
# ```
# x                 3.0   1.0   2.0   4.0        sum 10
# training          6.0   0.0   4.0   0.0        sum 10 on average, here by luck
# evaluation        3.0   1.0   2.0   4.0        sum 10
# ```
#
# Once it passes, `grad plot Dropout.forward` sends the same numbers through it again and again.

# %%
class Dropout(Module):
    """Drops a share p of the numbers while training; given but for `forward`."""

    def __init__(self, p=0.5, generator=None):
        """Given. p: at least 0, less than 1."""
        super().__init__()
        self.p, self.generator = p, generator

    def forward(self, x):
        """Drop numbers while training, and do nothing in evaluation.

        x: float tensor of any shape, not changed. In training mode each number, independently of all others, becomes 0
        with probability p, and is divided by 1 - p otherwise; self.generator, where it isn't None, draws which ones.
        In evaluation mode the numbers stay as they are, and nothing is drawn. Returns a tensor of the same shape.

        >>> layer = Dropout(0.5)
        >>> sorted(set(layer(torch.full((100,), 3.0)).tolist()))
        [0.0, 6.0]
        >>> layer.eval()(torch.tensor([3.0, 1.0]))
        tensor([3., 1.])
        """
        ### BEGIN SOLUTION
        # hint: self.training tells the mode; in evaluation the input goes straight through.
        # hint: torch.rand(x.shape, generator=self.generator) is evenly between 0 and 1: how often is it below p?
        # hint: Multiply by the mask of those that stay, and divide by 1 - self.p.
        # learned: dropout scales up what it leaves, so that evaluation needs no correction
        if not self.training:
            return x
        stays = torch.rand(x.shape, generator=self.generator) >= self.p
        return x * stays / (1 - self.p)
        ### END SOLUTION


# %%
def tensors_of_a_saved_batchnorm():
    """The BatchNorm1d that you build below has gamma, beta, a running mean, a running variance, eps and momentum. How many
    tensors does its saved state have?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: which of these change after the layer is made?
    # because: two parameters and two buffers are saved; eps and momentum are plain numbers, and whoever builds the layer anew gives them again
    return len(state_dict(BatchNorm1d(8)))
    ### END PREDICTION


# %% [markdown]
# ## 6. Buffers
#
# A batch normalization has two kinds of tensors. Its gain and its shift, `gamma` and `beta`, are trained. Its running
# mean and variance are *measured*: each batch moves them a little, and evaluation can't do without them. What are
# these two for the module? Try the drawers that you have:
#
# * A plain attribute: it works until you save the model. The saved file has no running values, the loaded model
#   starts again with 0 and 1, and its predictions are wrong.
# * A parameter: it's saved. But the optimizer has it too, and weight decay pulls it to 0; it counts as trained, too.
#
# Hence the third drawer: a *buffer* is saved and loaded with the model, and no optimizer ever sees it. The same goes
# for the causal mask in the next lesson: it's a constant, it belongs to the model, and training it would be absurd.
#
# When `forward` writes `self.running_mean = ...`, your `__setattr__` sees a tensor whose name is in `_buffers`, and
# puts it there.

# %%
class BatchNorm1d(Module):
    """Normalizes each column of (N, dim), as torch's does; given but for `__init__`."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        """Make parameters, buffers and settings.

        Parameters: `gamma` of ones and `beta` of zeros. Buffers: `running_mean` of zeros and `running_var` of ones. All
        four are float tensors (dim,). `eps` and `momentum` are kept as they are given.

        >>> layer = BatchNorm1d(2)
        >>> sorted(layer._parameters), sorted(layer._buffers), layer.momentum
        (['beta', 'gamma'], ['running_mean', 'running_var'], 0.1)
        """
        ### BEGIN SOLUTION
        # hint: Which two does training move, and which two are only measured?
        # hint: self.register_buffer("running_mean", tensor) fills the third drawer.
        # hint: Two numbers are plain attributes: self.eps, self.momentum.
        # learned: a buffer is saved with the model, and the optimizer doesn't know it
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))
        ### END SOLUTION

    def forward(self, x):
        """Given. Like torch it normalizes by the variance over N, and keeps the one over N - 1."""
        if self.training:
            mean, variance = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0)
        else:
            mean, variance = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(variance + self.eps) + self.beta


# %%
def state_after_one_more_step():
    """You say `best = model.state_dict()` to a model of torch's, and make one more step: each parameter changes in place, as
    optimizers do it. Which weights are in `best` now?

    Answer: one of: those from before the step; those from after it.
    """
    ### BEGIN PREDICTION
    # hint: does torch copy the weights?
    # because: torch hands out the tensors themselves, and a step changes them in place; who wants to keep them must copy them
    model = nn.Linear(2, 2)
    best, before = model.state_dict(), model.weight.detach().clone()
    model(torch.ones(1, 2)).sum().backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
    return "those from before the step" if best["weight"].equal(before) else "those from after it"
    ### END PREDICTION


# %% [markdown]
# ## 7. What is saved
#
# A *state dict* is all that training has made of a model: a plain dict from dotted names to tensors, the parameters
# and the buffers. It has no code in it. To load it you build the model anew and fill in the numbers, which is why the
# names matter so much.
#
# Does it hold copies? torch's doesn't. It hands out tensors that share the model's memory, which costs nothing when a
# file is written at once. But `best = model.state_dict()` in a training loop keeps nothing: every later step changes
# `best` as well. Yours has a switch, and copies by default. Either way the tensors are *detached*: they belong to no
# graph.
#
# torch has this and the loading as methods of `Module`. Here they're functions, because their story comes so late.

# %%
def state_dict(module, copy=True):
    """Collect the tensors of a module and of all that's inside it: parameters and buffers, by their dotted names.

    Returns a dict from name to tensor. Every name that leads to a tensor is in it, so a shared one is there under each of
    its names. With copy each tensor has memory of its own; without, it shares the model's, so that writing into one changes
    the other. The tensors require no gradients either way. The model isn't changed. nn.Module is refused.

    >>> model = ModuleList([BatchNorm1d(2), Linear(2, 1)])
    >>> sorted(state_dict(model))
    ['0.beta', '0.gamma', '0.running_mean', '0.running_var', '1.bias', '1.weight']
    >>> before = state_dict(model)
    >>> state_dict(model, copy=False)["0.gamma"] *= 5
    >>> model[0].gamma.tolist(), before["0.gamma"].tolist()
    ([5.0, 5.0], [1.0, 1.0])
    """
    ### BEGIN SOLUTION
    # hint: A module's own tensors are in two drawers; those of its parts come from state_dict(part, copy).
    # hint: In front of a part's names stand the part's own and a dot.
    # hint: tensor.detach() shares memory and belongs to no graph; .clone() behind it makes the copy.
    # learned: a state dict of aliases changes with the model, and a copy stays
    state = {}
    for name, tensor in (*module._parameters.items(), *module._buffers.items()):
        state[name] = tensor.detach().clone() if copy else tensor.detach()
    for name, part in module._modules.items():
        for inner, tensor in state_dict(part, copy).items():
            state[f"{name}.{inner}"] = tensor
    return state
    ### END SOLUTION


# %% [markdown]
# Loading is the opposite: write each tensor of a state into the model's tensor of the same name. Into, and not in
# place of: the optimizer holds the model's tensors, and it would go on to train the old ones.
#
# And what if the two don't fit? A layer was renamed, a width was changed, a file is from another model. Three things
# can be wrong: a name is *missing* in the state, a name is *unexpected*, or a tensor has the *wrong shape*. Say all
# of them at once, and load nothing: half a model is worse than none. The shape needs a look of its own, for `copy_`
# broadcasts: a bias of one number fits any layer, and no error says that it shouldn't.

# %%
def load_state_dict(module, state):
    """Write the tensors of a state into a module: parameters and buffers, in place.

    state: a dict from dotted names to tensors, not changed; nothing of it is kept. If it fits, each tensor's numbers are
    copied into the module's own tensor of that name, and the module's tensors stay the same objects in the same memory. If
    it doesn't, nothing is changed, and a ValueError is raised whose text contains every name that's wrong: those that the
    module has and the state hasn't, those that only the state has, and those whose shapes differ. Other names aren't in it.
    Returns None. nn.Module is refused.

    >>> one, other = Linear(2, 1), Linear(2, 1)
    >>> load_state_dict(other, state_dict(one))
    >>> other.weight.equal(one.weight)
    True
    >>> try:
    ...     load_state_dict(one, {"weight": torch.zeros(1), "extra": torch.zeros(1)})
    ... except ValueError as error:
    ...     print(all(name in str(error) for name in ("bias", "extra", "weight")))
    True
    """
    ### BEGIN SOLUTION
    # hint: state_dict(module, copy=False) gives names and tensors that share the module's memory.
    # hint: Make three lists: names of yours that aren't in state, names of state that aren't yours, and unequal shapes.
    # hint: Raise before anything is written. Then mine[name].copy_(state[name]) for every name.
    # learned: loading compares names and shapes first, and then writes into the tensors that the optimizer holds
    mine = state_dict(module, copy=False)
    missing = [name for name in mine if name not in state]
    unexpected = [name for name in state if name not in mine]
    misshapen = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    if missing or unexpected or misshapen:
        raise ValueError(f"missing: {missing}; unexpected: {unexpected}; of another shape: {misshapen}")
    for name, tensor in mine.items():
        tensor.copy_(state[name])
    ### END SOLUTION


# %% [markdown]
# ## 8. How it starts, and what stays
#
# Each layer draws its own weights when it's made. A model may want others: GPT-2 starts all its matrices and
# embeddings with normal numbers of spread 0.02, and all biases with 0. The usual way is a function of one module,
# which `model.apply(...)` calls with each: it looks at what kind of module it has got, and leaves the kinds alone
# that it doesn't know. A gain of ones, as in a normalization, must stay.
#
# Once it passes, `grad plot initialize` shows the weights before and after.

# %%
def initialize(model, std=0.02, generator=None):
    """Draw the weights of a model anew, as GPT-2 does.

    The `weight` of every Linear and every Embedding in the model gets normal numbers of mean 0 and spread std, drawn with the
    generator where one is given; the `bias` of every Linear that has one becomes 0. All other parameters and all buffers stay
    as they are. It happens in place: the parameters stay the same objects, and are still leaves that require gradients.
    Returns None.

    >>> model = ModuleList([Embedding(5, 2), Linear(2, 3), BatchNorm1d(3)])
    >>> initialize(model, std=0.0)
    >>> sorted(round(parameter.sum().item(), 4) for parameter in model.parameters())
    [0.0, 0.0, 0.0, 0.0, 3.0]
    """
    ### BEGIN SOLUTION
    # hint: Write a function of one module inside, and let model.apply call it.
    # hint: isinstance(module, (Linear, Embedding)) asks for either kind.
    # hint: weight.normal_(0, std, generator=generator) draws in place, and bias.zero_() empties.
    # hint: A leaf that requires gradients can only be changed inside `with torch.no_grad():`.
    # learned: apply visits every module, and the function decides by its kind
    def start(module):
        if isinstance(module, (Linear, Embedding)):
            module.weight.normal_(0, std, generator=generator)
        if isinstance(module, Linear) and module.bias is not None:
            module.bias.zero_()

    with torch.no_grad():
        model.apply(start)
    ### END SOLUTION


# %%
def frozen_with_an_old_gradient():
    """After a backward pass you freeze a weight, `weight.requires_grad_(False)`. Then you say
    `weight.data -= 0.1 * weight.grad`, make one more pass, and say it again; nobody clears any gradient. How often does the
    weight move?

    Answer: one of: never; once; twice.
    """
    ### BEGIN PREDICTION
    # hint: freezing stops new gradients. What about the one that is there, and who clears it?
    # because: a frozen weight gets no new gradient, and keeps the old one; every step makes the same move again until somebody clears it
    layer = nn.Linear(3, 1)
    layer(torch.ones(1, 3)).sum().backward()
    layer.weight.requires_grad_(False)
    moved = 0
    for _ in range(2):
        before = layer.weight.clone()
        layer.weight.data -= 0.1 * layer.weight.grad
        moved += not layer.weight.equal(before)
        layer(torch.ones(1, 3)).sum().backward()
    return ("never", "once", "twice")[moved]
    ### END PREDICTION


# %% [markdown]
# *Finetuning* often trains a few layers of a model that others have trained, and freezes the rest. Freezing is
# `requires_grad = False`, on each parameter. On the module it would be an attribute like any other, and nobody reads
# it.
#
# An optimizer knows nothing of that flag. It looks at `grad`: a parameter without one is left alone. So a frozen
# parameter must lose the gradient that it has, or the next step still moves it. Best is not to hand it over at all.
#
# Names make it easy to say what to freeze: all of `layers.1`. Mind the dot. `layers.10` begins with the same letters,
# and isn't a part of it.

# %%
def freeze(model, part):
    """Freeze a part of a model: no gradients for its parameters from now on.

    part: the dotted name of a module inside the model, or of one parameter. Every parameter whose name is `part`, or begins
    with `part` and a dot, stops requiring gradients and loses the gradient that it has. All others stay as they are. Returns
    the list of the parameters that still require gradients, in the order of named_parameters: what the optimizer should
    get. The names are those of named_parameters, where a shared parameter has only its first one. Where no parameter has
    such a name, a ValueError is raised.

    >>> model = ModuleList([Linear(2, 2), Linear(2, 2)])
    >>> [parameter is model[1].weight or parameter is model[1].bias for parameter in freeze(model, "0")]
    [True, True]
    >>> model[0].weight.requires_grad, model[1].weight.requires_grad
    (False, True)
    """
    ### BEGIN SOLUTION
    # hint: named_parameters gives names and parameters; which names belong to the part?
    # hint: name == part, or name.startswith(part + "."). An empty list of these is an error.
    # hint: For each of them parameter.requires_grad = False and parameter.grad = None.
    # learned: an optimizer looks at gradients and not at flags, so what is frozen must have none
    chosen = [parameter for name, parameter in model.named_parameters() if f"{name}.".startswith(f"{part}.")]
    if not chosen:
        raise ValueError(f"no parameter has the name {part!r}, or one that begins with it and a dot")
    for parameter in chosen:
        parameter.requires_grad = False
        parameter.grad = None
    return [parameter for parameter in model.parameters() if parameter.requires_grad]
    ### END SOLUTION


# %% [markdown]
# ## 9. The same network in torch.nn
#
# Here's a whole network on your modules, the one of part 2 with any number of hidden layers. Below it stands the same
# network in torch. Compare them: the base class and an `nn.` in front of each layer, and that's all.

# %%
class Network(Module):
    """Characters in, logits out; given."""

    def __init__(self, vocab_size, block_size=3, n_embd=10, n_hidden=64, depth=2, dropout=0.0, generator=None):
        super().__init__()
        self.embedding = Embedding(vocab_size, n_embd, generator)
        layers, width = [], block_size * n_embd
        for _ in range(depth):
            linear = Linear(width, n_hidden, generator=generator)
            layers += [linear, BatchNorm1d(n_hidden), Tanh(), Dropout(dropout, generator)]
            width = n_hidden
        self.layers = ModuleList(layers)
        self.output = Linear(width, vocab_size, generator=generator)

    def forward(self, indices):
        x = self.embedding(indices).flatten(1)
        for layer in self.layers:
            x = layer(x)
        return self.output(x)


class TorchNetwork(nn.Module):
    """The same in torch; given."""

    def __init__(self, vocab_size, block_size=3, n_embd=10, n_hidden=64, depth=2, dropout=0.0):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, n_embd)
        layers, width = [], block_size * n_embd
        for _ in range(depth):
            layers += [nn.Linear(width, n_hidden), nn.BatchNorm1d(n_hidden), nn.Tanh(), nn.Dropout(dropout)]
            width = n_hidden
        self.layers = nn.ModuleList(layers)
        self.output = nn.Linear(width, vocab_size)

    def forward(self, indices):
        x = self.embedding(indices).flatten(1)
        for layer in self.layers:
            x = layer(x)
        return self.output(x)


# %% [markdown]
# Do they compute the same? Put your weights into torch's network and see. The names agree nearly everywhere, since
# both come from the same attributes. What we call `gamma` and `beta`, as in the paper, torch calls `weight` and
# `bias`. And its batch normalization has one more buffer, `num_batches_tracked`, a count that nearly nobody uses.
# It's missing in your state, and torch would tell you so, just as you do.
#
# Renaming the entries of a state dict is an everyday task: every published model has names of its own. The last
# lesson will load GPT-2's.

# %%
def for_torch(state):
    """Rename the entries of a state for torch's layers.

    state: a dict as from state_dict, not changed. Returns a new dict with the same tensors. A name whose last part is gamma
    gets weight in its place, and beta becomes bias; the parts before the last stay, whatever they're called. Beside each
    `running_mean` the result has a `num_batches_tracked` too, with the same parts before it: an int64 tensor of no dimension,
    0.

    >>> list(for_torch({"gamma.0.beta": torch.zeros(1), "weight": torch.zeros(1)}))
    ['gamma.0.bias', 'weight']
    >>> for_torch({"norm.running_mean": torch.zeros(1)})["norm.num_batches_tracked"]
    tensor(0)
    """
    ### BEGIN SOLUTION
    # hint: name.rpartition(".") gives what's before the last dot, the dot, and what's behind it; all for a name without dots.
    # hint: A dict says what is renamed: {"gamma": "weight", "beta": "bias"}.get(last, last).
    # hint: Where the last part is running_mean, add one entry more: torch.tensor(0).
    # learned: a state dict is plain data, so another model's names are only a dict away
    renamed = {}
    for name, tensor in state.items():
        place, dot, last = name.rpartition(".")
        renamed[place + dot + {"gamma": "weight", "beta": "bias"}.get(last, last)] = tensor
        if last == "running_mean":
            renamed[place + dot + "num_batches_tracked"] = torch.tensor(0)
    return renamed
    ### END SOLUTION


# %% [markdown]
# ## Milestone: save, resume, compare
#
# Run this file, or the cells below. A training is stopped in the middle, saved, and resumed by a model that's made
# anew; its curve must be that of a training that never stopped. Think of what has to be saved for that: the
# parameters, the buffers, and what the optimizer remembers. Leave out one of them, and the picture shows what it
# costs.
#
# At the end your network learns the names of part 2, and torch's network, which begins with your weights, learns
# beside it.

# %%
def say_shape(tensor):
    """(2, 3) as 2 x 3."""
    return " x ".join(map(str, tensor.shape)) or "one number"


def drawers(run):
    """The drawers of one thing: what was assigned, and where it went."""
    ### STAGE Parts.__setattr__
    norm = Parts()
    norm.register_buffer("running_mean", torch.zeros(64))
    norm.gamma, norm.beta = nn.Parameter(torch.ones(64)), nn.Parameter(torch.zeros(64))
    norm.activation, norm.eps, norm.name = Parts(), 1e-5, "first norm"
    norm.running_mean = torch.ones(64)
    plain = [name for name in norm.__dict__ if not name.startswith("_")]
    found = {drawer: list(getattr(norm, drawer)) for drawer in ("_parameters", "_buffers", "_modules")}
    with run.plot("drawers", size=(6, 2.5)) as axes:
        axes.axis("off")
        axes.set(xlim=(0, 4), ylim=(-2.6, 1), title="Where the attributes went")
        for place, (drawer, names) in enumerate({**found, "__dict__": plain}.items()):
            axes.text(place + 0.5, 0.4, drawer, ha="center", family="monospace", weight="bold")
            axes.fill_between([place + 0.05, place + 0.95], -2.5, 0.1, color="whitesmoke")
            for row, name in enumerate(names):
                axes.text(place + 0.5, -0.5 - 0.8 * row, name, ha="center", family="monospace", color="C0")


def small_tree():
    """A model of plain Parts: an embedding, two layers in a row, and an output that shares the embedding's weight."""
    model = Parts()
    model.embedding, model.layers, model.output = Parts(), Parts(), Parts()
    model.embedding.weight = nn.Parameter(torch.zeros(27, 16))
    for number in range(2):
        layer = Parts()
        layer.weight, layer.bias = nn.Parameter(torch.zeros(16, 16)), nn.Parameter(torch.zeros(16))
        setattr(model.layers, str(number), layer)
    model.output.weight, model.output.bias = model.embedding.weight, nn.Parameter(torch.zeros(27))
    return model


def tree(run):
    """A tree of modules, drawn: dotted names, shapes, and what is listed only once."""
    ### STAGE Parts.named_parameters, Parts.named_modules, Parts.__setattr__
    model = small_tree()
    listed, rows = dict(model.named_parameters()), []
    for name, module in model.named_modules():
        rows.append((name.count(".") + bool(name), name.rpartition(".")[2] or "model", "black"))
        for inner, parameter in module._parameters.items():
            full = f"{name}.{inner}" if name else inner
            again = "" if full in listed else "  (listed already)"
            rows.append((full.count(".") + 1, f"{inner}  {say_shape(parameter)}{again}", "gray" if again else "C0"))
    with run.plot("tree", size=(5, 4)) as axes:
        axes.axis("off")
        axes.set(xlim=(-0.2, 7), ylim=(len(rows) - 0.5, -0.7), title=f"{len(listed)} parameters, each of them once")
        for row, (depth, text, color) in enumerate(rows):
            above = max((r for r in range(row) if rows[r][0] < depth), default=None)
            if above is not None:
                axes.plot([depth - 0.9, depth - 0.9, depth - 0.1], [above + 0.4, row, row], color="lightgray", zorder=0)
            axes.text(depth, row, text, color=color, va="center", family="monospace")


def listened(run):
    """A hook on each layer of a deep network: how far the activations spread, layer by layer."""
    ### STAGE Module.__call__, ModuleList.__init__, Linear.__init__, Parts.named_modules, Parts.__setattr__
    generator = torch.Generator().manual_seed(0)
    layers = ModuleList(kind for _ in range(6) for kind in (Linear(100, 100, generator=generator), Tanh()))
    spreads = {}
    for name, module in layers.named_modules():
        if name:
            label = f"{name} {type(module).__name__}"
            module.hooks.append(lambda module, args, result, label=label: spreads.update({label: result.std().item()}))
    x = torch.randn(500, 100, generator=generator)
    with torch.no_grad():
        for layer in layers:
            x = layer(x)
    with run.plot("hooks", size=(6, 4.5)) as axes:
        axes.barh(list(spreads), list(spreads.values()), color=["C0", "C1"] * 6)
        axes.invert_yaxis()
        axes.set(xlabel="spread of the layer's output", title="What the hooks have seen: a signal fades")


def modes(run):
    """The same numbers through dropout, call after call, in both modes."""
    ### STAGE Dropout.forward, Module.train, Module.__call__, Parts.named_modules, Parts.__setattr__
    layer, x = Dropout(0.5, torch.Generator().manual_seed(0)), torch.linspace(0.5, 1.5, 24)
    with run.plot("modes", rows=2, size=(6, 6)) as panels:
        for axes, mode in zip(panels, (True, False)):
            layer.train(mode)
            calls = torch.stack([layer(x) for _ in range(8)])
            picture = axes.imshow(calls, aspect="auto", cmap="Blues", vmin=0, vmax=3)
            axes.figure.colorbar(picture, ax=axes)
            name = "training" if mode else "evaluation"
            axes.set(ylabel="call", title=f"{name}: mean {calls.mean():.2f}, each call {'another' if mode else 'the same'}")
        panels[1].set(xlabel="number")


def starts(run):
    """The weights of a network as the layers draw them, and as `initialize` does."""
    ### STAGE initialize, BatchNorm1d.__init__, ModuleList.__init__, Linear.__init__
    ### STAGE Parts.named_parameters, Parts.named_modules, Parts.__setattr__
    generator = torch.Generator().manual_seed(0)
    model = Network(27, generator=generator)
    with run.plot("starts", rows=2, size=(6, 6)) as panels:
        for axes, name in zip(panels, ("as each layer draws them", "after initialize")):
            for label, layer in (("embedding", model.embedding), ("first Linear", model.layers[0]), ("output", model.output)):
                heights, edges = torch.histogram(layer.weight.detach().flatten(), bins=15, density=True)
                axes.plot((edges[:-1] + edges[1:]) / 2, heights, label=label)
            axes.set(ylabel="density", title=f"Weights {name}")
            initialize(model, generator=generator)
        panels[0].legend(fontsize="small")
        panels[1].set(xlabel="weight")


# %%
def circle(count, generator):
    """Points (count, 2), and whether each lies in a circle; a task that a small network learns in seconds."""
    x = 2 * torch.rand(count, 2, generator=generator) - 1
    return x + 1, (x.norm(dim=1) < 0.8).float()


def through(layers, x):
    """One layer after the other; a number for each row."""
    for layer in layers:
        x = layer(x)
    return x[:, 0]


class Momentum:
    """Gradient descent that remembers a velocity for each parameter; given."""

    def __init__(self, parameters, rate=0.03):
        self.parameters, self.rate = list(parameters), rate
        self.velocities = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self):
        for parameter, velocity in zip(self.parameters, self.velocities):
            velocity.mul_(0.9).add_(parameter.grad)
            parameter -= self.rate * velocity


def ring_losses(model, optimizer, first, last):
    """Train from step `first` to `last`; the loss of each step, in evaluation mode on the same points."""
    points, inside = circle(500, torch.Generator().manual_seed(99))
    losses = []
    for step in range(first, last):
        x, y = circle(64, torch.Generator().manual_seed(step))
        model.train()
        model.zero_grad()
        F.binary_cross_entropy_with_logits(through(model, x), y).backward()
        optimizer.step()
        with torch.no_grad():
            losses.append(F.binary_cross_entropy_with_logits(through(model.eval(), points), inside).item())
    return losses


def ring_model():
    """Two hidden layers with batch normalization, made anew."""
    generator, layers, width = torch.Generator().manual_seed(7), [], 2
    for _ in range(2):
        layers += [Linear(width, 32, generator=generator), BatchNorm1d(32), Tanh()]
        width = 32
    return ModuleList([*layers, Linear(width, 1, generator=generator)])


def resume(file, forgotten):
    """A model that's made anew and its optimizer, both as they were saved, but for what is forgotten."""
    model = ring_model()
    optimizer, fresh = Momentum(model.parameters()), state_dict(model)
    file.seek(0)
    saved = torch.load(file)
    kept = {name: fresh[name] if forgotten == "buffers" and "running" in name else saved["model"][name] for name in fresh}
    load_state_dict(model, kept)
    if forgotten != "velocities":
        optimizer.velocities = saved["velocities"]
    return model, optimizer


def resumed(run):
    """A training that is saved in the middle and resumed, beside one that never stopped."""
    ### STAGE load_state_dict, state_dict, Module.train, Module.__call__, BatchNorm1d.__init__, ModuleList.__init__
    ### STAGE Linear.__init__, Parts.named_parameters, Parts.named_modules, Parts.__setattr__
    half, end, model, file = 100, 200, ring_model(), io.BytesIO()
    optimizer = Momentum(model.parameters())
    whole = ring_losses(model, optimizer, 0, half)
    torch.save({"model": state_dict(model), "velocities": optimizer.velocities}, file)
    whole += ring_losses(model, optimizer, half, end)
    curves = {forgotten: ring_losses(*resume(file, forgotten), half, end) for forgotten in ("nothing", "buffers", "velocities")}
    worst = max(abs(one - other) for one, other in zip(whole[half:], curves["nothing"]))
    run.figure("largest difference after resuming", worst, passed=worst < 1e-6)
    with run.plot("resumed") as axes:
        axes.plot(whole, color="lightgray", linewidth=5, label="never stopped")
        for forgotten, losses in curves.items():
            style = "--" if forgotten == "nothing" else "-"
            axes.plot(range(half, end), losses, style, label=f"{forgotten} forgotten", linewidth=1.2)
        axes.axvline(half, color="black", linestyle=":", linewidth=1)
        axes.set(xlabel="step", ylabel="loss", ylim=(0, 2), title="Saved in the middle, and resumed")
        axes.legend(fontsize="small")


def frozen(run):
    """How far each parameter moves in a hundred steps, with a part of the network frozen."""
    ### STAGE freeze, Module.train, Module.__call__, BatchNorm1d.__init__, ModuleList.__init__, Linear.__init__
    ### STAGE Parts.named_parameters, Parts.named_modules, Parts.__setattr__
    model = ring_model()
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    freeze(model, "0")
    ring_losses(model, Momentum(freeze(model, "3")), 0, 100)
    moved = {name: (parameter - before[name]).abs().mean().item() for name, parameter in model.named_parameters()}
    with run.plot("frozen", size=(6, 4.5)) as axes:
        axes.barh(list(moved), list(moved.values()))
        axes.invert_yaxis()
        axes.set(xlabel="mean distance moved", title="Layers 0 and 3 are frozen")


# %%
def build_dataset(words, stoi, block_size=3):
    """Contexts (N, block_size) and the characters that follow them (N,), as in part 2."""
    contexts, targets = [], []
    for word in words:
        context = [0] * block_size
        for character in word + ".":
            contexts.append(context)
            targets.append(stoi[character])
            context = context[1:] + [stoi[character]]
    return torch.tensor(contexts), torch.tensor(targets)


def split_names(words):
    """Training split and dev split, contexts and targets of each, and the size of the vocabulary."""
    stoi = {character: index for index, character in enumerate(["."] + sorted(set("".join(words))))}
    words = random.Random(42).sample(words, len(words))
    first, second = int(0.8 * len(words)), int(0.9 * len(words))
    return build_dataset(words[:first], stoi), build_dataset(words[first:second], stoi), len(stoi)


def training(run):
    """Your network and torch's learn the names side by side, from the same weights."""
    ### STAGE for_torch, state_dict, count_parameters, initialize, Module.train, Module.__call__, Dropout.forward
    ### STAGE BatchNorm1d.__init__, ModuleList.__init__, Linear.__init__
    ### STAGE Parts.named_parameters, Parts.named_modules, Parts.__setattr__
    (contexts, targets), dev, vocab_size = split_names(run.names())
    mine, theirs = Network(vocab_size, generator=torch.Generator().manual_seed(1)), TorchNetwork(vocab_size)
    theirs.load_state_dict(for_torch(state_dict(mine)))
    run.figure("parameters", count_parameters(mine)[0], passed=count_parameters(mine)[0] == sum(p.numel() for p in theirs.parameters()))
    networks = {"your modules": mine, "torch.nn": theirs}
    optimizers = [torch.optim.AdamW(model.parameters(), lr=0.003) for model in networks.values()]
    curves, generator = {name: [] for name in networks}, torch.Generator().manual_seed(2)
    for _ in run.steps(2_000, 20_000):
        rows = torch.randint(len(contexts), (64,), generator=generator)
        for (name, model), optimizer in zip(networks.items(), optimizers):
            loss = F.cross_entropy(model(contexts[rows]), targets[rows])
            model.zero_grad()
            loss.backward()
            optimizer.step()
            curves[name].append(loss.item())
        run.show(loss=loss)
    early = max(abs(one - other) for one, other in zip(*(losses[:20] for losses in curves.values())))
    run.figure("largest difference of the first 20 losses", early, passed=early < 1e-3)
    compare(run, networks, curves, dev)


def compare(run, networks, curves, dev):
    """Losses on the dev split, the same outputs from the same weights, and both curves."""
    mine, theirs = networks.values()
    with torch.no_grad():
        for name, model in networks.items():
            loss = F.cross_entropy(model.eval()(dev[0]), dev[1]).item()
            limit = (2.25 if run.full else 2.4) if run.real_data else 2.9
            run.figure(f"dev loss, {name}", loss, passed=loss < limit)
        theirs.load_state_dict(for_torch(state_dict(mine)))
        worst = (mine(dev[0]) - theirs(dev[0])).abs().max().item()
    run.figure("largest difference of the logits, with the same weights", worst, passed=worst < 1e-3)
    with run.plot("side-by-side") as axes:
        for (name, losses), width, style in zip(curves.items(), (4, 1.2), ("-", "--")):
            group = max(1, len(losses) // 50)
            means = [sum(losses[i : i + group]) / group for i in range(0, len(losses) - group + 1, group)]
            axes.plot([group * (i + 1) for i in range(len(means))], means, style, linewidth=width, label=name, alpha=0.8)
        axes.set(xlabel="step", ylabel="loss", title="The same network twice")
        axes.legend()


def milestone(run):
    """See the drawers, the tree and the modes of your modules, resume a training, and train beside torch.nn."""
    run.stages(drawers, tree, listened, modes, starts, resumed, frozen, training)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
