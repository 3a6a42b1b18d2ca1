"""Checks of the modules lesson: parts, names, modes, buffers, states."""

import torch
from torch import nn

from autograder.checks import exercise, forbid
from autograder.checks.vocabulary import (
    afterwards,
    draws_of,
    shares_by_chance,
    spreads_by_chance,
    streams_afterwards,
)

forbid("*", "module", says="you build torch's Module here, so nn.Module may not be used")

WORDS = ["weight", "table", "scale", "shift", "query", "value", "head", "body", "norm", "mask"]


def words(draw, count, what="names"):
    """Distinct names of attributes, none of which is a part of another."""
    return draw.given(what, draw.shuffled(what, WORDS)[:count])


def parameter(draw, name, *shape, trained=True):
    return nn.Parameter(draw.tensor(name, *shape), requires_grad=trained)


def thing(lesson, parameters=(), buffers=(), modules=(), kind="Parts"):
    """A thing whose drawers are filled without its `__setattr__`."""
    made = getattr(lesson, kind)()
    made._parameters.update(parameters)
    made._buffers.update(buffers)
    made._modules.update(modules)
    return made


def tagged(made, tag):
    """The thing with a number by which it is told from others."""
    made.__dict__["tag"] = tag
    return made


def tags(pairs):
    return [(name, module.__dict__["tag"]) for name, module in pairs]


def drawers(made):
    return {
        "_parameters": dict(made._parameters),
        "_buffers": dict(made._buffers),
        "_modules": {name: type(part).__name__ for name, part in made._modules.items()},
    }


def where(made, name):
    """In which places a name is found."""
    places = [p for p in ("_parameters", "_buffers", "_modules") if name in getattr(made, p)]
    return places + (["__dict__"] if name in made.__dict__ else [])


def raised(call):
    """Whether a call raises ValueError, and its text."""
    try:
        call()
    except ValueError as error:
        return True, str(error)
    return False, ""


# Parts.__setattr__


setting = exercise("Parts.__setattr__", points=2)


@setting.check
def each_into_its_drawer(lesson, draw):
    """Parameters, parts and all other values go to their places, and are read from there."""
    one, two, three, four, five = words(draw, 5)
    weight, number = parameter(draw, "a parameter", draw.size(1, 4)), draw.integer("a number", 1, 9)

    class Layer(lesson.Parts):
        pass

    made = lesson.Parts()
    setattr(made, one, weight)
    setattr(made, two, number)
    setattr(made, three, lesson.Parts())
    setattr(made, four, Layer())
    setattr(made, five, [lesson.Parts(), weight])
    return {
        **drawers(made),
        "where the number is": where(made, two),
        "where the list is": where(made, five),
        "parameter as it is read": getattr(made, one),
        "number as it is read": getattr(made, two),
    }


@setting.check(cases=2)
def one_place_for_a_name(lesson, draw):
    """What a name held before leaves its old place, whatever the two values are."""
    (name,), made, seen = words(draw, 1), lesson.Parts(), []
    values = {
        "a parameter": parameter(draw, "a parameter", 2),
        "None": None,
        "a part": lesson.Parts(),
        "a number": draw.integer("a number", 1, 9),
        "another parameter": parameter(draw, "another parameter", 3),
        "another part": lesson.Parts(),
    }
    for what in draw.given("in this order", [*draw.shuffled("order", list(values)), *values]):
        setattr(made, name, values[what])
        seen.append(where(made, name))
    return {"where the name is, each time": seen}


@setting.check(cases=2)
def buffers_stay_buffers(lesson, draw):
    """A tensor under a buffer's name replaces the buffer; elsewhere it's a plain attribute."""
    (one, two, three, four), made = words(draw, 4), lesson.Parts()
    for name in (one, three, four):
        made.register_buffer(name, draw.tensor("the buffers", 2))
    setattr(made, one, draw.tensor("a new tensor", 3))
    setattr(made, two, draw.tensor("a tensor without a buffer", 2))
    setattr(made, three, parameter(draw, "a parameter", 2))
    setattr(made, four, draw.given("in place of the last buffer", [None, 7][draw.case]))
    places = {name: where(made, name) for name in (one, two, three, four)}
    return {**drawers(made), "where each name is": places}


@setting.check(cases=1)
def many_attributes(lesson, draw):
    """There may be many attributes with long names, and two things have drawers of their own."""
    made, other = lesson.Parts(), lesson.Parts()
    numbers = draw.tensor("numbers", 131)
    for place, number in enumerate(numbers):
        setattr(
            made,
            f"a_rather_long_name_of_an_attribute_with_the_number_{place}",
            nn.Parameter(number),
        )
        setattr(made, f"part_{place}", lesson.Parts())
        setattr(made, f"plain_{place}", place)
    return {**drawers(made), "of another": drawers(other), "a plain one": made.plain_130}


@setting.check(cases=1)
def values_as_they_are(lesson, draw):
    """A value is kept whole and as it is, be it a long list, a text or a tensor."""
    made, other = lesson.Parts(), lesson.Parts()
    made.register_buffer("table", draw.tensor("first buffer", 2))
    values = {
        "numbers": draw.indices("numbers", 131, high=50).tolist(),
        "texts": draw.words("texts", 131, alphabet="dcba", longest=30),
        "text": draw.text("text", 131),
        "tensor": draw.tensor("tensor", 131, 37),
        "table": draw.tensor("buffer", 1013),
        "weight": parameter(draw, "parameter", 1013),
    }
    for name, value in values.items():
        setattr(made, name, value)
        setattr(other, name, value)
    return {name: [getattr(made, name), getattr(other, name)] for name in values}


# Parts.named_modules


walking = exercise("Parts.named_modules")


def tree(lesson, draw, depth, width, kind="Parts"):
    """A tree of tagged things, drawn: each has up to `width` parts."""
    made = tagged(getattr(lesson, kind)(), draw.integer("tags", 1, 999))
    if depth:
        count = width if depth == 1 else draw.integer("parts of a part", 1, width)
        for name in draw.shuffled("names of parts", WORDS)[:count]:
            made._modules[name] = tree(lesson, draw, depth - 1, width, kind)
    return made


@walking.check
def in_order_with_dots(lesson, draw):
    """Each thing comes before its parts, and all of a part before the next part."""
    depth = draw.case % 3 + (draw.case > 2)
    return {"names and tags": tags(tree(lesson, draw, depth, 3).named_modules())}


@walking.check(cases=2)
def found_twice_given_once(lesson, draw):
    """A thing under two names is given under the first one, and so is what's inside it."""
    one, two, three = words(draw, 3)
    shared = tree(lesson, draw, draw.case, 2)
    inner = tagged(thing(lesson, modules={two: shared}), draw.integer("inner tag", 1, 999))
    model = thing(lesson, modules={one: inner, two: shared, three: tree(lesson, draw, 0, 1)})
    return {"names and tags": tags(tagged(model, 0).named_modules())}


@walking.check(cases=1)
def deep_and_wide(lesson, draw):
    """There may be many parts, and parts of parts of parts."""
    numbers = draw.shuffled("tags", list(range(130)))
    model = tagged(lesson.Parts(), -1)
    wide = tagged(lesson.Parts(), -2)
    wide._modules.update({str(n): tagged(lesson.Parts(), n) for n in numbers})
    inside = model
    for number in numbers[:35]:
        inside._modules["a"] = tagged(lesson.Parts(), number)
        inside = inside._modules["a"]
    inside._modules["wide"] = wide
    model._modules["last"] = tagged(lesson.Parts(), numbers[0])
    return {"first": tags(model.named_modules()), "again": tags(model.named_modules())}


@walking.check(cases=2)
def a_tree_that_has_grown(lesson, draw):
    """Each call lists the tree as it is by then."""
    model = tree(lesson, draw, 2, 2)
    before = tags(model.named_modules())
    model._modules["late"] = tree(lesson, draw, draw.case, 1)
    return {"before": before, "after": tags(model.named_modules())}


# Parts.named_parameters


listing = exercise("Parts.named_parameters", points=2)


@listing.check
def parameters_by_name(lesson, draw):
    """All parameters come with dotted names, frozen ones too; buffers and attributes don't."""
    one, two, three = words(draw, 3)
    size = draw.size(1, 3)
    inner = thing(lesson, {one: parameter(draw, "inner", size, trained=draw.case != 1)})
    inner._buffers["count"] = draw.tensor("buffer", 2)
    middle = thing(lesson, {two: parameter(draw, "middle", 2, size)}, modules={one: inner})
    own = {three: parameter(draw, "own", size), one: parameter(draw, "own too", 1)}
    model = thing(lesson, own, modules={two: middle, "lone": thing(lesson)})
    return {"names and parameters": list(model.named_parameters())}


@listing.check(cases=2)
def one_parameter_two_names(lesson, draw):
    """A shared parameter is given once; two with the same numbers are two."""
    one, two, three = words(draw, 3)
    shared = parameter(draw, "shared", draw.size(1, 3))
    twin = nn.Parameter(shared.detach().clone())
    first = thing(lesson, {two: shared, three: twin})
    second = thing(lesson, {three: shared, two: parameter(draw, "other", 2)})
    model = thing(lesson, {} if draw.case else {one: shared, two: shared},
                  modules={one: first, two: second, three: first})  # fmt: skip
    return {"names and parameters": list(model.named_parameters())}


@listing.check(cases=1)
def the_parameters_themselves(lesson, draw):
    """What is given are the parameters themselves, those that the model has by then."""
    one, two = words(draw, 2)
    inner = thing(lesson, {one: parameter(draw, "inner", 2)})
    model = thing(lesson, {two: parameter(draw, "own", 3)}, modules={one: inner})
    seen = [(name, found.requires_grad) for name, found in model.named_parameters()]
    inner._parameters["late"] = parameter(draw, "a late one", 2)
    for _, found in model.named_parameters():
        found.data += 1
        found.grad = found.detach().clone()
    held = [model._parameters[two], inner._parameters[one], inner._parameters["late"]]
    return {
        "names, and whether they require gradients": seen,
        "parameters": held,
        "gradients": [p.grad for p in held],
    }


@listing.check(cases=1)
def many_parameters(lesson, draw):
    """There may be many parameters, in many parts, and equal shapes mean nothing."""
    numbers = draw.tensor("numbers", 131)
    parts = {str(n): thing(lesson, {"weight": nn.Parameter(x)}) for n, x in enumerate(numbers)}
    own = {f"w{n}": nn.Parameter(2 * x) for n, x in enumerate(numbers)}
    model = thing(lesson, own, modules={"deep": thing(lesson, modules=parts)})
    return {"all": list(model.named_parameters()), "again": list(model.named_parameters())}


# Module.__call__


calling = exercise("Module.__call__")


def summing(lesson):
    """A module that notes how it was called."""

    class Summing(lesson.Module):
        def forward(self, x, *more, scale=1):
            return (x + sum(more)) * scale

    return Summing()


@calling.check
def arguments_are_handed_on(lesson, draw):
    """forward gets all arguments, those with names too, and its result comes back."""
    module = summing(lesson)
    x, more = draw.tensor("x", draw.size(1, 3)), draw.numbers("more", draw.case)
    scale = draw.integer("scale", 2, 9)
    return {
        "result": module(x, *more, scale=scale),
        "result without a scale": module(x, *more),
        **afterwards(x=x),
    }


@calling.check(cases=2)
def hooks_look(lesson, draw):
    """Each hook is called in order with the module, the arguments, and the result."""
    module, seen = summing(lesson), []
    x, y, scale = (draw.integer(name, 2, 9) for name in ("x", "y", "scale"))

    def note(number):
        return lambda at, args, result: seen.append((number, at is module, args, result))

    module.hooks.extend([note(1), note(2)])
    results = [module(x, y, scale=scale)]
    module.hooks.append(note(3))
    results.append(module(x))
    return {"what the hooks saw": seen, "results": results}


@calling.check(cases=3)
def hooks_change(lesson, draw):
    """What a hook returns takes the result's place, even 0, unless it's None."""
    module, seen = summing(lesson), []
    x, other = draw.integer("x", 2, 9), draw.integer("from the hook", 11, 19)
    returned = draw.given("what the first hook returns", [None, 0, other][draw.case])
    module.hooks.append(lambda at, args, result: returned)
    module.hooks.append(lambda at, args, result: seen.append((args, result)))
    module.hooks.append(lambda at, args, result: None if draw.case == 1 else result + 1)
    return {"result": module(x), "what the second hook saw": seen}


@calling.check(cases=1)
def gradients_go_through(lesson, draw):
    """What forward returns comes back with its graph, and the hooks get it with its graph too."""
    module, seen = summing(lesson), []
    x = draw.tensor("x", 3).requires_grad_()
    module.hooks.append(lambda at, args, result: seen.append(result.requires_grad))
    module(x, scale=3).sum().backward()
    return {"gradient of x": x.grad, "hooks got a graph": seen}


@calling.check(cases=1)
def many_hooks(lesson, draw):
    """There may be many hooks and many arguments, and each call begins anew."""
    module, more = summing(lesson), draw.numbers("more", 131)
    module.hooks.extend(lambda at, args, result, n=n: result + n for n in range(131))
    return {"first": module(*more), "second": module(*more[::-1], scale=2)}


# Module.train


training = exercise("Module.train")


def flags(model):
    """The flag of each module of a tree that has no shared ones, in any order."""
    return [model.training, [flags(part) for part in model._modules.values()]]


def mixed(model, draw):
    """The tree, with flags of which nobody knows how they were set."""
    model.__dict__["training"] = draw.choice("flags before", [True, False])
    for part in model._modules.values():
        mixed(part, draw)
    return model


@training.check(cases=4)
def all_the_way_down(lesson, draw):
    """Every module in the tree gets the mode, and the model itself is returned."""
    model = mixed(tree(lesson, draw, draw.case % 3 + draw.case // 3, 3, "Module"), draw)
    mode = draw.choice("mode", [True, False])
    returned = model.train(mode)
    return {"flags": flags(model), "returned": tags([("", returned)])}


@training.check(cases=2)
def training_by_default(lesson, draw):
    """Without an argument it's training; eval() is the opposite."""
    model = mixed(tree(lesson, draw, 2, 2, "Module"), draw)
    returned = model.eval() if draw.case else model.train()
    return {"flags": flags(model), "returned": tags([("", returned)])}


@training.check(cases=1)
def deep_modules(lesson, draw):
    """There may be many modules, and modules deep inside."""
    model = mixed(tree(lesson, draw, 1, 3, "Module"), draw)
    inside = model
    for number in range(35):
        inside._modules["a"] = thing(lesson, kind="Module")
        inside = inside._modules["a"]
        inside._modules.update({str(n): thing(lesson, kind="Module") for n in range(number % 7)})
    inside._modules.update({str(n): thing(lesson, kind="Module") for n in range(131)})
    model.train(False)
    seen = flags(mixed(model, draw).train(False)), flags(model.train(True))
    return {"flags": seen, "tags": tags([("", model)])}


# Linear.__init__


linear = exercise("Linear.__init__")


@linear.check
def shapes_of_the_parameters(lesson, draw):
    """weight is (fan_out, fan_in), bias (fan_out,), and both are parameters of the layer."""
    fan_in, fan_out = draw.size(1, 5, name="fan_in"), draw.size(2, 9, name="fan_out")
    layer, bare = lesson.Linear(fan_in, fan_out), lesson.Linear(fan_in, fan_out, bias=False)
    return {
        "shapes": {name: tuple(p.shape) for name, p in layer._parameters.items()},
        "require gradients": [p.requires_grad for p in layer._parameters.values()],
        "are leaves": [p.is_leaf for p in layer._parameters.values()],
        "shapes without bias": {name: tuple(p.shape) for name, p in bare._parameters.items()},
        "bias without bias": bare.bias,
        "result": tuple(layer(draw.tensor("x", 3, fan_in)).shape),
        "in training": layer.training,
    }


def quarters(tensor, fan_in):
    """Shares of the numbers below, in the four quarters of, and above the interval."""
    scaled = tensor.detach().flatten() * fan_in**0.5
    edges = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0])
    return torch.bincount(torch.bucketize(scaled, edges), minlength=6) / len(scaled)


@linear.check(cases=2, **shares_by_chance(6000))
def drawn_evenly(lesson, draw):
    """Weight and bias are drawn evenly within 1 / sqrt(fan_in) of 0."""
    fan_in = draw.choice("fan_in", [4, 9, 25])
    layer = lesson.Linear(fan_in, draw.given("fan_out", 6000), generator=draw.generator())
    return {
        "fan_in": layer.weight.shape[1],
        "shares of the weight": quarters(layer.weight, fan_in),
        "shares of the bias": quarters(layer.bias, fan_in),
        "shares of the sum of both": quarters(layer.weight[:, 0] + layer.bias, fan_in),
    }


@linear.check(cases=1)
def the_generator_draws(lesson, draw):
    """The generator that's given draws all numbers, and nothing else does."""
    return draws_of(
        draw,
        lambda generator: [
            p.tolist() for p in lesson.Linear(6, 5, generator=generator).parameters()
        ],
    )


@linear.check(cases=1)
def drawn_without_generator(lesson, draw):
    """Without a generator each layer is another one."""
    size = draw.integer("fan_in", 20, 40)
    one, other = lesson.Linear(size, 30), lesson.Linear(size, 30)
    same = (one.weight == other.weight).sum() + (one.bias == other.bias).sum()
    return {"equal numbers": bool(same > 30), "shape": tuple(one.weight.shape)}


# ModuleList.__init__


listed = exercise("ModuleList.__init__")


@listed.check
def registered_by_number(lesson, draw):
    """Each module is registered under its number; the modules may come one by one."""
    modules = [tree(lesson, draw, 0, 1, "Module") for _ in range(draw.size(0, 5))]
    modules += modules[:1]  # one and the same stands in it twice
    layers = lesson.ModuleList(modules if draw.case % 2 else iter(modules))
    return {
        "names and tags": tags(layers._modules.items()),
        "length": len(layers),
        "tags in a loop": tags(("", module) for module in layers),
        "in training": layers.training,
        "of the list that was given": len(modules),
    }


@listed.check(cases=2)
def parameters_are_found(lesson, draw):
    """The parameters of all its modules are found, and lists can stand in lists."""
    count = draw.size(1, 3)
    modules = [
        thing(lesson, {"weight": parameter(draw, f"weight {n}", 2)}, kind="Module")
        for n in range(count)
    ]
    layers = lesson.ModuleList([lesson.ModuleList(modules), *modules[:1], lesson.ModuleList()])
    return {"names and parameters": list(layers.named_parameters()), "length": len(layers)}


@listed.check(cases=1)
def many_modules(lesson, draw):
    """There may be many modules, they keep their order, and two lists are apart."""
    modules = [tree(lesson, draw, 0, 1, "Module") for _ in range(131)]
    layers, others = lesson.ModuleList(modules), lesson.ModuleList(modules[:2])
    modules.clear()
    return {
        "names and tags": tags(layers._modules.items()),
        "of another": tags(others._modules.items()),
        "of an empty one": len(lesson.ModuleList()),
        "second to last": tags([("", layers[-2])]),
    }


# count_parameters


counting = exercise("count_parameters")


@counting.check
def trained_and_frozen(lesson, draw):
    """The numbers in parameters count, by whether they require gradients."""
    own = parameter(draw, "own", draw.size(1, 4), 3, trained=draw.case != 1)
    inner = {
        "weight": parameter(draw, "inner", draw.size(2, 5), trained=False),
        "gain": nn.Parameter(draw.tensor("gain", 1)[0]),
    }
    part = thing(lesson, inner, {"mean": draw.tensor("buffer", 5)}, kind="Module")
    model = thing(lesson, {"weight": own}, modules={"part": part}, kind="Module")
    return {"trained and frozen": lesson.count_parameters(model)}


@counting.check(cases=2)
def shared_ones_count_once(lesson, draw):
    """A shared parameter counts once, trained or frozen."""
    shared = parameter(draw, "shared", draw.integer("size", 2, 9), trained=bool(draw.case))
    parts = {name: thing(lesson, {"weight": shared}, kind="Module") for name in words(draw, 2)}
    own = {"bias": parameter(draw, "bias", 2)}
    return {"trained and frozen": lesson.count_parameters(thing(lesson, own, (), parts, "Module"))}


@counting.check(cases=1)
def many_to_count(lesson, draw):
    """There may be many parameters, in two models of different sizes."""

    def model(name):
        sizes = draw.indices(name, 131, high=9).tolist()
        own = {
            f"w{n}": nn.Parameter(torch.zeros(size, 2), requires_grad=n % 3 > 0)
            for n, size in enumerate(sizes)
        }
        return thing(lesson, own, kind="Module")

    one, other = model("sizes"), model("other sizes")
    results = lesson.count_parameters(one), lesson.count_parameters(other)
    return {"both": results, "frozen afterwards": [p.requires_grad for p in one.parameters()]}


# Dropout.forward


dropping = exercise("Dropout.forward")


def dropout(lesson, p, mode, generator=None):
    layer = lesson.Dropout(p, generator)
    layer.__dict__["training"] = mode
    return layer


@dropping.check
def nothing_in_evaluation(lesson, draw):
    """In evaluation mode the numbers pass as they are, and nothing is drawn."""
    x, generator = draw.tensor("x", draw.size(1, 4), 3), draw.generator()
    result = dropout(lesson, draw.choice("p", [0.1, 0.5, 0.9]), False, generator).forward(x)
    following = torch.rand(1, generator=generator)
    return {
        "result": result, "the generator's next number": following,
        **afterwards(x=x), **streams_afterwards(),
    }  # fmt: skip


@dropping.check
def zero_or_scaled(lesson, draw):
    """In training mode each number is 0, or divided by 1 - p."""
    p = draw.choice("p", [0.2, 0.5, 0.75])
    size = draw.number("each number of x", 1, 3)
    layer = dropout(lesson, p, True, draw.generator())
    x, other = torch.full((20, 101), size), torch.full((20, 101), 2 * size)
    results = [layer.forward(x), layer.forward(other)]
    return {
        "the values that come out": [sorted(set(result.flatten().tolist())) for result in results],
        "shapes": [tuple(result.shape) for result in results],
        **afterwards(x=x, other=other),
    }


@dropping.check(cases=1)
def nothing_at_zero(lesson, draw):
    """With p = 0 the numbers pass as they are in training too, and gradients flow."""
    x = draw.tensor("x", 3, 2).requires_grad_()
    result = dropout(lesson, draw.given("p", 0.0), True, draw.generator()).forward(x)
    result.square().sum().backward()
    return {"result": result, "gradient": x.grad}


@dropping.check(cases=2, **shares_by_chance(1000))
def each_by_itself(lesson, draw):
    """Each number is dropped with probability p, whatever happens to its neighbors."""
    p = draw.choice("p", [0.2, 0.4, 0.7])
    layer = dropout(lesson, p, True, draw.generator())
    x = torch.ones(draw.given("shape of x", (1000, 2)))
    gone, again = (layer.forward(x) == 0).float(), (layer.forward(x) == 0).float()
    return {
        "share in each column": gone.mean(0),
        "share of rows that are gone as a whole": gone.prod(1).mean(),
        "share of neighbors that are both gone": (gone[1:, 0] * gone[:-1, 0]).mean(),
        "share that is gone in two calls": (gone * again).mean(0),
        "always as many": len({layer.forward(x).count_nonzero().item() for _ in range(20)}) == 1,
    }


@dropping.check(cases=1)
def the_generator_drops(lesson, draw):
    """The layer's generator draws, and nothing else does."""
    x = torch.ones(60)
    return draws_of(
        draw, lambda generator: dropout(lesson, 0.5, True, generator).forward(x).tolist()
    )


@dropping.check(cases=1)
def gradients_of_what_stays(lesson, draw):
    """The gradient goes through what stays, as large as the scale; there may be no generator."""
    x = torch.full((40, 37), draw.number("each number of x", 1, 2)).requires_grad_()
    result = dropout(lesson, 0.5, True).forward(x)
    result.sum().backward()
    return {
        "gradient times x, less the result": (x.grad * x - result).abs().max(),
        "largest": result.max(),
    }


# BatchNorm1d.__init__


norm = exercise("BatchNorm1d.__init__")


@norm.check
def parameters_and_buffers(lesson, draw):
    """gamma and beta are parameters, the running values are buffers."""
    eps, momentum = draw.number("eps", 0.01, 0.5), draw.number("momentum", 0.01, 0.5)
    layer = lesson.BatchNorm1d(draw.size(1, 5, name="dim"), eps, momentum)
    return {
        **drawers(layer),
        "eps": layer.eps,
        "momentum": layer.momentum,
        "parameters require gradients": [p.requires_grad for p in layer._parameters.values()],
        "buffers require gradients": [b.requires_grad for b in layer._buffers.values()],
        "in training": layer.training,
    }


@norm.check(cases=2)
def it_works(lesson, draw):
    """The layer normalizes a batch, and its running values move and stay buffers."""
    size = draw.size(2, 4, name="dim")
    layer = lesson.BatchNorm1d(size) if draw.case else lesson.BatchNorm1d(size, 0.3, 0.4)
    x = draw.tensor("x", 6, size)
    results = [layer.forward(x), layer.forward(2 * x)]
    layer.__dict__["training"] = False
    return {"results": [*results, layer.forward(x)], **drawers(layer)}


@norm.check(cases=1)
def of_any_width(lesson, draw):
    """There may be many columns; two layers have tensors of their own."""
    one, other = lesson.BatchNorm1d(1013), lesson.BatchNorm1d(1013)
    move = draw.tensor("what is added to one of them", 1013)
    with torch.no_grad():
        for tensor in (*one._parameters.values(), *one._buffers.values()):
            tensor += move
    return {"one": drawers(one), "other": drawers(other), "defaults": [one.eps, one.momentum]}


# state_dict


stating = exercise("state_dict")


def model_of(lesson, draw, size=3, shared=False):
    """Three levels with parameters and buffers, and perhaps a parameter that two of them share."""
    one, two, three, four = words(draw, 4)
    weight = parameter(draw, "inner parameter", size, 2)
    count = torch.tensor(draw.integer("inner buffer", 1, 9))
    inner = thing(lesson, {one: weight}, {two: count}, kind="Module")
    middle = thing(lesson, (), {three: draw.tensor("middle buffer", size)}, {four: inner}, "Module")
    own = {two: parameter(draw, "own parameter", size, trained=False)}
    if shared:
        own[one] = weight
    return thing(lesson, own, {three: draw.tensor("own buffer", 1)}, {four: middle}, "Module")


def tensors(model):
    """All tensors of a model, drawer by drawer."""
    own = [*model._parameters.values(), *model._buffers.values()]
    return own + [tensor for part in model._modules.values() for tensor in tensors(part)]


@stating.check
def all_tensors_by_name(lesson, draw):
    """Parameters and buffers are there, under all their dotted names."""
    model = model_of(lesson, draw, draw.size(1, 4), shared=draw.case > 0)
    if draw.case:
        name, buffer = next(iter(model._buffers.items()))
        model._buffers[name] = buffer * torch.ones(1, requires_grad=True)
    state = lesson.state_dict(model, copy=draw.case != 1)
    return {
        "state": state,
        "require gradients": {name: tensor.requires_grad for name, tensor in state.items()},
        "model afterwards": tensors(model),
        "model requires gradients": [tensor.requires_grad for tensor in tensors(model)],
    }


@stating.check(cases=2)
def copies_stay(lesson, draw):
    """A copy stays as it was, whatever happens to the model, and the model to it."""
    model = model_of(lesson, draw, shared=bool(draw.case))
    state, second = lesson.state_dict(model), lesson.state_dict(model, copy=True)
    with torch.no_grad():
        for tensor in tensors(model):
            tensor *= 3
        for tensor in second.values():
            tensor *= 5
    return {"state": state, "second state": second, "model": tensors(model)}


@stating.check(cases=2)
def aliases_change(lesson, draw):
    """Without copy the tensors share the model's memory."""
    model = model_of(lesson, draw, shared=bool(draw.case))
    state = lesson.state_dict(model, copy=False)
    with torch.no_grad():
        for number, tensor in enumerate(tensors(model)):
            tensor += number + 1
    seen = {name: tensor.clone() for name, tensor in state.items()}
    state[min(state)] *= 7
    return {"state": seen, "model": tensors(model)}


@stating.check(cases=1)
def many_tensors(lesson, draw):
    """There may be many tensors, deep inside, and parts that are used twice."""
    numbers = draw.tensor("numbers", 131)
    parts = {
        str(n): thing(lesson, {"weight": nn.Parameter(x)}, {"mask": 2 * x}, kind="Module")
        for n, x in enumerate(numbers)
    }
    model = thing(lesson, modules=parts, kind="Module")
    for _ in range(30):
        model = thing(lesson, modules={"a": model, "twice": parts["0"]}, kind="Module")
    return {"state": lesson.state_dict(model), "aliases": lesson.state_dict(model, copy=False)}


# load_state_dict


loading = exercise("load_state_dict", points=2)


def filled(draw, state, what="state to load"):
    """A state of the same names and shapes, with other numbers."""
    names = draw.shuffled("order of the state", sorted(state))
    return {
        name: draw.tensor(f"{what}, {name}", *(state[name].shape or (1,)))
        .reshape(state[name].shape)
        .to(state[name].dtype)
        for name in names
    }


def names_to_tensors(model, before=""):
    """All names and tensors of a model, however the lesson collects them."""
    found = {
        before + name: tensor for name, tensor in {**model._parameters, **model._buffers}.items()
    }
    for name, part in model._modules.items():
        found.update(names_to_tensors(part, f"{before}{name}."))
    return found


@loading.check
def numbers_are_copied(lesson, draw):
    """Each tensor of the state is written into the tensor that the model has already."""
    model = model_of(lesson, draw, draw.size(1, 4))
    held = names_to_tensors(model)
    state = filled(draw, held)
    before = {name: tensor.clone() for name, tensor in state.items()}
    aliases = {name: tensor.detach() for name, tensor in held.items()}
    lesson.load_state_dict(model, state)
    seen = {
        "seen through aliases from before": aliases,
        "the model's tensors": {n: t.detach().clone() for n, t in names_to_tensors(model).items()},
        "the tensors that the model had": held,
        "require gradients": [tensor.requires_grad for tensor in held.values()],
        "are leaves": [tensor.is_leaf for tensor in held.values()],
        "gradients are on": torch.is_grad_enabled(),
    }
    for tensor in state.values():
        tensor *= 2
    return {
        **seen,
        "state before": before,
        "model, after the state has changed": names_to_tensors(model),
        "names in the state": sorted(state),
    }


@loading.check(cases=4)
def what_does_not_fit_is_named(lesson, draw):
    """A state that doesn't fit is refused with all wrong names, and nothing is loaded."""
    model = model_of(lesson, draw, 3)
    held = names_to_tensors(model)
    state = filled(draw, held)
    order = draw.shuffled("names", sorted(held))
    missing, misshapen, extra = order[0], order[1], "stranger.thing"
    kinds = [["missing"], ["unexpected"], ["wrong shape"], ["missing", "unexpected", "wrong shape"]]
    wrong = draw.given("what is wrong", kinds[draw.case])
    if "missing" in wrong:
        del state[missing]
    if "unexpected" in wrong:
        state[extra] = draw.tensor("unexpected tensor", 2)
    if "wrong shape" in wrong:
        state[misshapen] = torch.zeros(*held[misshapen].shape, 2)
    is_raised, text = raised(lambda: lesson.load_state_dict(model, state))
    return {
        "ValueError": is_raised,
        "names in its text": [name for name in [*sorted(held), extra] if name in text],
        "model afterwards": names_to_tensors(model),
    }


@loading.check(cases=3)
def shapes_that_broadcast(lesson, draw):
    """A tensor that would only fit by broadcasting or reshaping has the wrong shape."""
    (name,) = words(draw, 1)
    model = thing(lesson, {name: parameter(draw, "parameter", 3, 2)}, kind="Module")
    shape = draw.given("shape in the state", [(1,), (2, 3), (1, 3, 2)][draw.case])
    state = {name: draw.tensor("tensor in the state", *shape)}
    is_raised, text = raised(lambda: lesson.load_state_dict(model, state))
    return {"ValueError": is_raised, "named": name in text, "model": names_to_tensors(model)}


@loading.check(cases=1)
def many_to_load(lesson, draw):
    """There may be many tensors; the next model gets a state of its own."""
    results = []
    for which in ("one", "other"):
        numbers = draw.tensor(which, 131)
        parts = {
            str(n): thing(lesson, {"weight": nn.Parameter(torch.zeros(2))}, kind="Module")
            for n in range(131)
        }
        model = thing(lesson, modules=parts, kind="Module")
        state = {f"{n}.weight": x.repeat(2) for n, x in enumerate(numbers)}
        lesson.load_state_dict(model, state)
        results.append(names_to_tensors(model))
        del state["130.weight"]
        state["131.weight"] = numbers[:2]
        _, text = raised(lambda model=model, state=state: lesson.load_state_dict(model, state))
        results.append([name in text for name in ("129.weight", "130.weight", "131.weight")])
    return {"models": results}


# initialize


initialize = exercise("initialize")


def layered(lesson, draw, vocab=5, width=4):
    """A model of several kinds of layers, nested, one of which has a weight and is no Linear."""

    class Scale(lesson.Module):
        def __init__(self):
            super().__init__()
            self.weight = parameter(draw, "weight of another kind of layer", 3)
            self.bias = parameter(draw, "bias of another kind of layer", 3)

    inner = lesson.ModuleList([lesson.Linear(width, 3), Scale(), lesson.BatchNorm1d(3)])
    return lesson.ModuleList(
        [lesson.Embedding(vocab, width), inner, lesson.Linear(3, vocab, bias=False)]
    )


@initialize.check(cases=2)
def others_stay(lesson, draw):
    """Biases of Linear become 0; other kinds of layers, and all buffers, stay as they are."""
    model = layered(lesson, draw, draw.size(2, 5))
    norm = model[1][2]
    norm.gamma.data += draw.tensor("added to gamma", 3)
    norm._buffers["running_mean"] += draw.tensor("added to the running mean", 3)
    returned = lesson.initialize(model, 0.0)
    return {
        "parameters": dict(model.named_parameters()),
        "buffers": norm._buffers,
        "require gradients": [p.requires_grad for p in model.parameters()],
        "are leaves": [p.is_leaf for p in model.parameters()],
        "gradients are on": torch.is_grad_enabled(),
        "returned": returned,
    }


@initialize.check(cases=2, **spreads_by_chance(6000))
def spreads(lesson, draw):
    """The weights of every Linear and Embedding have the spread, 0.02 unless another is given."""
    std = draw.number("std", 0.1, 0.9)
    model = lesson.ModuleList(
        [lesson.Embedding(60, 100), lesson.ModuleList([lesson.Linear(100, 60)])]
    )
    held = model[0].weight, model[1][0].weight
    if draw.case:
        lesson.initialize(model, std, draw.generator())
    else:
        lesson.initialize(model, generator=draw.generator())
    return {
        "spreads": [weight.detach().std() for weight in held],
        "spread of the sum, of weights drawn apart": (held[0] + held[1]).detach().std(),
        "mean, with 1 added": [1 + weight.detach().mean() for weight in held],
        "share within one spread": [
            (weight.detach().abs() < weight.detach().std()).float().mean() for weight in held
        ],
        "bias": model[1][0].bias,
        "std": std,
    }


@initialize.check(cases=1)
def drawn_by_the_generator(lesson, draw):
    """The generator that's given draws all weights, and nothing else does."""
    model = lesson.ModuleList(
        [lesson.Embedding(4, 6, draw.generator()), lesson.Linear(6, 5, generator=draw.generator())]
    )

    def weights(generator):
        lesson.initialize(model, 0.5, generator)
        return [parameter.tolist() for parameter in model.parameters()]

    return draws_of(draw, weights)


# freeze


freezing = exercise("freeze")


def stack(lesson, draw, count, kind="ModuleList"):
    """Some linear layers with gradients, in a list inside of a model."""
    layers = [
        thing(lesson, {
            "weight": parameter(draw, f"weight {n}", 2),
            "bias": parameter(draw, f"bias {n}", 1),
        }, kind="Module")
        for n in range(count)
    ]  # fmt: skip
    body = thing(lesson, modules={str(n): layer for n, layer in enumerate(layers)}, kind="Module")
    own = {"layer": parameter(draw, "parameter of the model", 2)}
    model = thing(lesson, own, modules={"layers": body, "head": layers[0]}, kind="Module")
    for found in model.parameters():
        found.grad = torch.ones_like(found)
    return model


def standing(model):
    """Of each parameter: whether it requires gradients, and its gradient."""
    return {name: [p.requires_grad, p.grad] for name, p in model.named_parameters()}


def handed_over(parameters):
    """What an optimizer would get, and whether it could train it."""
    return [(p, p.requires_grad) for p in parameters]


@freezing.check(cases=4)
def a_part_by_its_name(lesson, draw):
    """A module's parameters or a single one are frozen and lose their gradients; no others."""
    model = stack(lesson, draw, 3)
    parts = ["layers.1", "layers.2.bias", "layers", "layer"]
    part = draw.given("part", parts[draw.case])
    returned = lesson.freeze(model, part)
    return {"returned": handed_over(returned), "parameters": standing(model)}


@freezing.check(cases=1)
def layers_ten_is_not_in_layers_one(lesson, draw):
    """layers.10 is no part of layers.1, and what was frozen before stays so."""
    model = stack(lesson, draw, 61)
    first, second = lesson.freeze(model, "layers.2"), lesson.freeze(model, "layers.1")
    return {
        "returned at first": first,
        "returned": handed_over(second),
        "parameters": standing(model),
    }


@freezing.check(cases=1)
def far_inside(lesson, draw):
    """A name may have many parts."""
    model = stack(lesson, draw, 2)
    for _ in range(14):
        model = thing(lesson, modules={"inner": model}, kind="Module")
    part = draw.given("part", 14 * "inner." + draw.choice("end", ["layers.1", "layers.1.weight"]))
    return {"returned": handed_over(lesson.freeze(model, part)), "parameters": standing(model)}


@freezing.check(cases=3)
def a_name_that_is_not_there(lesson, draw):
    """Where no parameter has such a name nothing is frozen, and a ValueError says so."""
    model = stack(lesson, draw, 2)
    part = draw.given("part", ["layers.7", "lay", "weight"][draw.case])
    is_raised, _ = raised(lambda: lesson.freeze(model, part))
    found = list(model.parameters())
    return {"ValueError": is_raised, "parameters": standing(model), "values": found}


# for_torch


renaming = exercise("for_torch")


@renaming.check
def last_parts_are_renamed(lesson, draw):
    """gamma and beta are renamed where they're the last part of a name, and nowhere else."""
    names = [
        "gamma", "norm.gamma", "norm.beta", "gamma.beta.weight", "beta.gamma", "body.gammas",
        "body.my_gamma", "body.1.alpha_beta", "gamma.head", "layers.12.beta", "scale",
    ]  # fmt: skip
    chosen = draw.shuffled("names", names)[: draw.size(2, 11)]
    state = {name: draw.tensor(name, 2) for name in chosen}
    result = lesson.for_torch(state)
    return {"result": result, **afterwards(state=state)}


@renaming.check(cases=3)
def counts_beside_running_means(lesson, draw):
    """Beside each running_mean there's a count of 0, of whole numbers; beside no other name."""
    (name,) = words(draw, 1)
    place = ["", f"{name}.", f"layers.10.{name}."][draw.case]
    parts = ("running_mean", "running_var", "gamma")
    state = {place + part: draw.tensor(part, 2) for part in parts}
    state["running_mean.weight"] = draw.tensor("weight", 1)
    state["my_running_mean"] = draw.tensor("my running mean", 1)
    result = lesson.for_torch(state)
    return {"result": result, **afterwards(state=state)}


@renaming.check(cases=1)
def the_same_tensors(lesson, draw):
    """The tensors are the state's own; there may be many of them."""
    state = {}
    for number, x in enumerate(draw.tensor("numbers", 131)):
        state[f"a.rather.long.name.of.a.layer.that.is.far.inside.{number}.gamma"] = x.clone()
        state[f"norms.{number}.running_mean"] = 2 * x
    result = lesson.for_torch(state)
    for tensor in state.values():
        tensor += 1
    second = lesson.for_torch({"beta": state["norms.0.running_mean"]})
    return {"result": result, "second": second, "names afterwards": sorted(state)}
