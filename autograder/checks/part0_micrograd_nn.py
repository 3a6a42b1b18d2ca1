"""Checks and known mistakes of `part0_micrograd_nn`.

The lesson imports `Value` from the engine lesson. While it is graded it gets the stand-in below, so
that a bug in the learner's `Value` costs nothing here, and no other `Value` can be read off.
"""

import torch

from autograder.checks import check, mistake, points, provide


class Value:
    """A scalar whose gradients are torch's own; in use it is like the `Value` of the engine lesson.

    `data` and `grad` are floats that may be set; `grad` begins at 0.0, and `backward` adds to it.
    One that is made with operands sends its gradient back by its own `_backward`.
    """

    def __init__(self, data, operands=(), operation=""):
        self._prev, self._op = tuple(operands), operation
        self._backward = lambda: None
        self._tensor = _double("data", data).requires_grad_()
        if self._prev:
            operands = tuple(dict.fromkeys(self._prev))
            tensors = [operand._tensor for operand in operands]
            self._tensor = _Handmade.apply(self, operands, *tensors)
            self._tensor.retain_grad()

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    @property
    def data(self):
        return self._tensor.item()

    @data.setter
    def data(self, number):
        self._tensor.data.copy_(_double("data", number))

    @property
    def grad(self):
        gradient = self._tensor.grad
        return 0.0 if gradient is None else gradient.item()

    @grad.setter
    def grad(self, number):
        self._tensor.grad = _double("grad", number)

    def backward(self):
        self._tensor.backward(retain_graph=True)


def _double(name, number):
    """A number as a tensor; what is none is refused in the words of the lesson, not in torch's."""
    if not hasattr(number, "__float__"):
        raise TypeError(f"`{name}` must be a number, not {type(number).__name__}")
    return torch.tensor(float(number), dtype=torch.float64)


class _Handmade(torch.autograd.Function):
    """The step of torch's backward pass that a Value made with operands takes by `_backward`."""

    @staticmethod
    def forward(ctx, node, operands, *_):
        ctx.node, ctx.operands = node, operands
        return node._tensor.detach().clone()

    @staticmethod
    def backward(ctx, gradient):
        before = [(value, value.grad) for value in (ctx.node, *ctx.operands)]
        ctx.node.grad = gradient
        for operand in ctx.operands:
            operand.grad = 0.0
        ctx.node._backward()
        sent = [_double("grad", operand.grad) for operand in ctx.operands]
        for value, earlier in before:
            value.grad = earlier
        return None, None, *sent


def _delegate(name):
    """A method of Value that has torch do the work."""
    operation = getattr(torch.Tensor, name)

    def method(self, *others):
        others = [other._tensor if type(other) is Value else other for other in others]
        tensor = operation(self._tensor, *others)
        if type(tensor) is not torch.Tensor:
            return tensor
        tensor.retain_grad()
        result = Value.__new__(Value)
        result._tensor = tensor
        return result

    method.__name__ = name
    return method


_ARITHMETIC = ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "neg")
for _name in (*(f"__{name}__" for name in _ARITHMETIC), "tanh", "relu", "exp", "log"):
    setattr(Value, _name, _delegate(_name))

provide("part0_micrograd_engine", Value=Value)
points("Neuron.__call__", 2)
points("MLP.__init__", 2)
points("max_margin_loss", 2)
points("train", 3)

SPREAD = {"tolerance": (0.0, 0.16), "because": "the numbers are random; this is six sigma"}


# --- helpers -------------------------------------------------------------------------------------


def values(lesson, numbers):
    return [lesson.Value(number) for number in numbers]


def set_neuron(neuron, weights, bias):
    """Give a neuron known numbers, whatever was drawn for it."""
    for weight, number in zip(neuron.w, weights, strict=True):
        weight.data = number
    neuron.b.data = bias


def neuron_of(lesson, draw, nin):
    """A neuron of known weights and bias."""
    neuron = lesson.Neuron(nin)
    set_neuron(neuron, draw.numbers("w", nin, 0.2, 0.9), draw.number("b", -0.9, -0.2))
    return neuron


def set_layer(draw, layer, nin, nout, where=""):
    """Give the neurons of a layer known numbers, as `set_neuron` does."""
    for number, neuron in zip(range(nout), layer.neurons, strict=True):
        weights = draw.numbers(f"{where}neurons[{number}].w", nin, -0.9, 0.9)
        set_neuron(neuron, weights, draw.number(f"{where}neurons[{number}].b", 0.2, 0.9))


def mlp_of(lesson, draw, nin, nouts):
    """A network of known weights and biases."""
    model = lesson.MLP(nin, list(nouts))
    sizes = [nin, *nouts]
    for number, layer in zip(range(len(nouts)), model.layers, strict=True):
        set_layer(draw, layer, sizes[number], sizes[number + 1], f"layers[{number}].")
    return model


def spread_of(numbers):
    """What a sample looks like as a whole."""
    numbers = [float(number) for number in numbers]
    return {
        "smallest": min(numbers),
        "largest": max(numbers),
        "mean": sum(numbers) / len(numbers),
        "mean distance from 0": sum(map(abs, numbers)) / len(numbers),
    }


def outputs_of(result):
    """The data of a layer's output, be it one Value or a list of them."""
    return [out.data for out in result] if isinstance(result, list | tuple) else result.data


def data_of(parameters):
    """The data of a list of Values, sorted, as the order of parameters is free."""
    return sorted(parameters[number].data for number in range(len(parameters)))


# --- Neuron --------------------------------------------------------------------------------------


@check("Neuron.__init__")
def as_many_weights_as_inputs(lesson, draw):
    """A neuron has one weight for each input and a bias, all of them Values."""
    neuron = lesson.Neuron(draw.size("nin", 1, 5))
    return {"gradients of w": [weight.grad for weight in neuron.w], "gradient of b": neuron.b.grad}


@check("Neuron.__init__", cases=1)
def values_of_their_own(lesson, draw):
    """No two weights or biases are the same Value, in one neuron or in two."""
    first, second = lesson.Neuron(draw.given("nin", 2)), lesson.Neuron(2)
    set_neuron(first, draw.given("w set in the first", [1.0, 2.0]), 3.0)
    set_neuron(second, draw.given("w set in the second", [4.0, 5.0]), 6.0)
    return {
        "w": [[weight.data for weight in neuron.w] for neuron in (first, second)],
        "b": [first.b.data, second.b.data],
    }


@check("Neuron.__init__", cases=1, **SPREAD)
def weights_fill_the_interval(lesson, draw):
    """The weights are drawn evenly from -1 to 1, each on its own."""
    neuron = lesson.Neuron(draw.given("nin", 1000))
    return spread_of(weight.data for weight in neuron.w)


@check("Neuron.__init__", cases=1, tolerance=(0.0, 0.3), because="random numbers; six sigma")
def biases_fill_the_interval(lesson, draw):
    """The biases are drawn evenly from -1 to 1."""
    neurons = [lesson.Neuron(1) for _ in range(draw.given("neurons", 300))]
    return spread_of(neuron.b.data for neuron in neurons)


@check("Neuron.__call__")
def output_of_a_neuron(lesson, draw):
    """The output is the tanh of the weighted sum and the bias, and a call changes nothing."""
    nin = draw.size("nin", 1, 4)
    neuron = neuron_of(lesson, draw, nin)
    x = draw.numbers("x", nin, 0.2, 0.9)
    return {"data": neuron(x).data, "data of a second call": neuron(x).data, "x afterwards": x}


@check("Neuron.__call__")
def gradients_of_a_neuron(lesson, draw):
    """Gradients reach the weights, the bias, and inputs that are Values."""
    nin = draw.size("nin", 1, 3)
    neuron = neuron_of(lesson, draw, nin)
    x = values(lesson, draw.numbers("x", nin, 0.2, 0.9))
    neuron(x).backward()
    return {
        "gradients of w": [weight.grad for weight in neuron.w],
        "gradient of b": neuron.b.grad,
        "gradients of x": [value.grad for value in x],
    }


@check("Neuron.parameters")
def all_parameters_of_a_neuron(lesson, draw):
    """All weights and the bias are among the parameters, each once."""
    neuron = neuron_of(lesson, draw, draw.size("nin", 1, 4))
    return {"data, sorted": data_of(neuron.parameters())}


@check("Neuron.parameters", cases=2)
def the_neurons_own_values(lesson, draw):
    """The parameters are the neuron's own Values: who changes them changes the neuron."""
    neuron = neuron_of(lesson, draw, draw.size("nin", 1, 3))
    number = draw.number("number set", 2.0, 3.0)
    for parameter in neuron.parameters():
        parameter.data = number
    return {"w": [weight.data for weight in neuron.w], "b": neuron.b.data}


mistake("Neuron.__init__", replace="random.uniform(-1, 1)", by="random.random()",
        says="random.random() draws from 0 to 1; negative weights are needed as well")
mistake("Neuron.__init__", replace="random.uniform(-1, 1)", by="random.gauss(0, 1)",
        says="these are normally distributed; uniform from -1 to 1 was asked for")
mistake("Neuron.__init__", replace="random.uniform(-1, 1)", by="random.randint(-1, 1)",
        says="randint draws whole numbers only; every number from -1 to 1 should be possible")
mistake("Neuron.__init__", replace="[Value(random.uniform(-1, 1)) for _ in range(nin)]",
        by="[Value(random.uniform(-1, 1))] * nin",
        says="[...] * nin holds one and the same Value nin times; draw each weight on its own")
mistake("Neuron.__init__", replace="[Value(random.uniform(-1, 1)) for _ in range(nin)]",
        by="[Value(number) for number in [random.uniform(-1, 1)] * nin]",
        says="one random number was drawn for all the weights; draw one for each")
mistake("Neuron.__init__", replace="self.b = Value(random.uniform(-1, 1))",
        by="self.b = Value(0.0)",
        says="the bias is always 0; draw it from -1 to 1 like the weights")
mistake("Neuron.__init__", replace="range(nin)", by="range(nin + 1)",
        says="there is one weight too many; the bias is kept apart, in b")
mistake("Neuron.__init__", replace="Value(random.uniform(-1, 1))", by="random.uniform(-1, 1)",
        says="weights and bias are bare numbers; only Values can collect gradients")
mistake("Neuron.__call__", replace="return total.tanh()", by="return total",
        says="the tanh is missing: without it a network of any depth is one linear function")
mistake("Neuron.__call__", replace=", self.b)", by=")",
        says="the bias is missing in the sum")
mistake("Neuron.__call__", replace="total.tanh()", by="total.relu()",
        says="this neuron is asked to end in tanh, not in relu")
mistake("Neuron.__call__",
        says="the bias is added once for each input; it belongs into the sum once",
        body="return sum(w * number + self.b for w, number in zip(self.w, x)).tanh()")
mistake("Neuron.__call__", replace="w * number", by="w + number",
        says="an input is multiplied by its weight, not added to it")
mistake("Neuron.__call__", replace="return total.tanh()", by="return Value(total.tanh().data)",
        says="a new Value made from the bare number is a leaf, and no gradient reaches the weights")
mistake("Neuron.__call__", replace="total.tanh()", by="total.tanh().data",
        says="the number was returned; return the Value, or nothing can be trained")
mistake("Neuron.__call__", replace="sum((w * number for w, number in zip(self.w, x)), self.b)",
        by="sum(w * number for w, number in zip(self.w, x)).tanh() + self.b",
        says="the bias is added to a tanh; it belongs into the sum that the one tanh is taken of")
mistake("Neuron.__call__",
        says="the sum is kept in self.b, so that each call starts from another bias",
        body="""
        for w, number in zip(self.w, x):
            self.b = self.b + w * number
        return self.b.tanh()
        """)
mistake("Neuron.parameters", body="return self.w",
        says="the bias is missing; it is trained like the weights")
mistake("Neuron.parameters", body="return [self.w, self.b]",
        says="this is a list inside a list; join them to one flat list")
mistake("Neuron.parameters", body="return [Value(p.data) for p in self.w + [self.b]]",
        says="these are copies; training would change them and leave the neuron as it is")
mistake("Neuron.parameters", body="return [p.data for p in self.w + [self.b]]",
        says="these are bare numbers; return the Values themselves")


# --- Layer ---------------------------------------------------------------------------------------


@check("Layer.__init__")
def sizes_of_a_layer(lesson, draw):
    """A layer has nout neurons, each with nin weights."""
    layer = lesson.Layer(draw.size("nin", 1, 4), draw.size("nout", 2, 3))
    return {"weights of each neuron": [len(neuron.w) for neuron in layer.neurons]}


@check("Layer.__init__", cases=2)
def neurons_of_their_own(lesson, draw):
    """The neurons of a layer are independent of each other."""
    layer = lesson.Layer(draw.given("nin", 2), draw.size("nout", 2, 4))
    for number, neuron in enumerate(layer.neurons):
        neuron.b.data = float(number)
    return {"biases after setting them to 0, 1, ...": [neuron.b.data for neuron in layer.neurons]}


@check("Layer.__init__", cases=1, tolerance=(0.0, 0.3), because="random numbers; six sigma")
def neurons_differ(lesson, draw):
    """Every neuron draws its own numbers, so that the neurons of a layer differ."""
    layer = lesson.Layer(draw.given("nin", 1), draw.given("nout", 300))
    return spread_of(neuron.b.data for neuron in layer.neurons)


@check("Layer.__call__")
def outputs_of_a_layer(lesson, draw):
    """Every neuron answers to the whole input, in order."""
    nin, nout = draw.size("nin", 1, 3), draw.size("nout", 2, 4)
    layer = lesson.Layer(nin, nout)
    set_layer(draw, layer, nin, nout)
    return {"outputs": outputs_of(layer(draw.numbers("x", nin, 0.2, 0.9)))}


@check("Layer.__call__", cases=2)
def a_layer_of_one_neuron(lesson, draw):
    """A layer of one neuron gives a Value, not a list."""
    layer = lesson.Layer(2, 1)
    set_layer(draw, layer, 2, 1)
    return {"output": outputs_of(layer(draw.numbers("x", 2, 0.2, 0.9)))}


@check("Layer.__call__", cases=2)
def gradients_through_a_layer(lesson, draw):
    """Each output sends its gradient to the input, and there they add up."""
    layer = lesson.Layer(2, 2)
    set_layer(draw, layer, 2, 2)
    x = values(lesson, draw.numbers("x", 2, 0.2, 0.9))
    first, second = layer(x)
    first.backward()
    second.backward()
    biases = [neuron.b.grad for neuron in layer.neurons]
    return {"gradients of x": [value.grad for value in x], "gradients of the biases": biases}


@check("Layer.parameters")
def all_parameters_of_a_layer(lesson, draw):
    """The parameters of all neurons are there, each once, in one flat list."""
    nin, nout = draw.size("nin", 1, 2), draw.size("nout", 1, 3)
    layer = lesson.Layer(nin, nout)
    set_layer(draw, layer, nin, nout)
    return {"data, sorted": data_of(layer.parameters())}


@check("Layer.parameters", cases=1)
def the_layers_own_values(lesson, draw):
    """The parameters are the layer's own Values: who changes them changes the layer."""
    layer = lesson.Layer(1, 2)
    number = draw.number("number set", 2.0, 3.0)
    for parameter in layer.parameters():
        parameter.data = number
    return {"parameters of each neuron": [[n.w[0].data, n.b.data] for n in layer.neurons]}


mistake("Layer.__init__", replace="[Neuron(nin) for _ in range(nout)]", by="[Neuron(nin)] * nout",
        says="[...] * nout holds one and the same neuron nout times; make each one anew")
mistake("Layer.__init__", says="the neurons are copies of one; let each draw numbers of its own",
        body="""
        import copy
        neuron = Neuron(nin)
        self.neurons = [copy.deepcopy(neuron) for _ in range(nout)]
        """)
mistake("Layer.__init__", replace="[Neuron(nin) for _ in range(nout)]",
        by="[Neuron(nout) for _ in range(nin)]",
        says="the sizes are swapped: nout neurons with nin inputs each")
mistake("Layer.__init__", replace="Neuron(nin)", by="Neuron(nout)",
        says="each neuron sees all nin inputs of the layer")
mistake("Layer.__init__", replace="range(nout)", by="range(nin)",
        says="the number of neurons is nout, not nin")
mistake("Layer.__call__", replace="outs[0] if len(outs) == 1 else outs", by="outs",
        says="a single output is to be returned without the list around it")
mistake("Layer.__call__", replace="outs[0] if len(outs) == 1 else outs", by="outs[0]",
        says="only the first output is returned; give the list where there are several")
mistake("Layer.__call__", replace="outs[0] if len(outs) == 1 else outs", by="sum(outs)",
        says="the outputs were added up; each is wanted for itself")
mistake("Layer.__call__", replace="[neuron(x) for neuron in self.neurons]",
        by="[neuron([number]) for neuron, number in zip(self.neurons, x)]",
        says="each neuron saw one input only; every neuron is called with the whole of x")
mistake("Layer.__call__", replace="[neuron(x) for neuron in self.neurons]",
        by="[self.neurons[0](x) for _ in self.neurons]",
        says="the first neuron answered for all; call each neuron once")
mistake("Layer.__call__", replace="outs = [neuron(x) for neuron in self.neurons]",
        by="outs = [Value(neuron(x).data) for neuron in self.neurons]",
        says="new Values made from the bare numbers cut the graph; pass the neurons' own on")
mistake("Layer.parameters", body="return [neuron.parameters() for neuron in self.neurons]",
        says="this is a list of lists; training needs one flat list of Values")
mistake("Layer.parameters", body="return self.neurons[0].parameters()",
        says="only the first neuron's parameters are there")
mistake("Layer.parameters",
        says="the biases are missing; ask each neuron for its parameters()",
        body="return [weight for neuron in self.neurons for weight in neuron.w]")
mistake("Layer.parameters",
        says="return inside the loop ends it after the first neuron's first parameter",
        body="""
        for neuron in self.neurons:
            for parameter in neuron.parameters():
                return [parameter]
        """)


# --- MLP -----------------------------------------------------------------------------------------


@check("MLP.__init__", cases=4)
def sizes_of_a_network(lesson, draw):
    """Each layer takes as many inputs as the one before has neurons, the first takes nin."""
    nouts = draw.given("nouts", [[2], [5, 1], [4, 3, 2], [4, 4, 4]][draw.case])
    model = lesson.MLP(draw.given("nin", [3, 4, 5, 3][draw.case]), list(nouts))
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    for number, neuron in enumerate(neurons):
        neuron.b.data = float(number)
    return {
        "neurons of each layer": [len(layer.neurons) for layer in model.layers],
        "inputs of each layer": [len(layer.neurons[0].w) for layer in model.layers],
        "biases after setting them to 0, 1, ...": [neuron.b.data for neuron in neurons],
    }


@check("MLP.__init__", cases=1)
def nouts_stays(lesson, draw):
    """The list nouts is not changed."""
    nouts = draw.given("nouts", [3, 2])
    model = lesson.MLP(draw.given("nin", 4), nouts)
    return {"nouts afterwards": nouts, "layers": len(model.layers)}


@check("MLP.__call__")
def output_of_a_network(lesson, draw):
    """Each layer is applied to what the one before gave."""
    nouts = draw.given("nouts", [[1], [2, 1], [3, 2, 2]][draw.case])
    model = mlp_of(lesson, draw, 2, nouts)
    return {"output": outputs_of(model(draw.numbers("x", 2, 0.2, 0.9)))}


@check("MLP.__call__", cases=2)
def gradients_through_a_network(lesson, draw):
    """Gradients reach the weights of the first layer."""
    model = mlp_of(lesson, draw, 2, [2, 1])
    model(draw.numbers("x", 2, 0.2, 0.9)).backward()
    return {"gradients": [weight.grad for n in model.layers[0].neurons for weight in n.w]}


@check("MLP.parameters")
def all_parameters_of_a_network(lesson, draw):
    """The parameters of all layers are there, each once, in one flat list."""
    model = mlp_of(lesson, draw, 1, draw.given("nouts", [[1], [2, 1], [2, 2, 1]][draw.case]))
    return {"data, sorted": data_of(model.parameters())}


@check("MLP.parameters", cases=1)
def the_networks_own_values(lesson, draw):
    """The parameters are the network's own Values: who changes them changes the network."""
    model = lesson.MLP(1, [2, 1])
    number = draw.number("number set", 2.0, 3.0)
    for parameter in model.parameters():
        parameter.data = number
    biases = [neuron.b.data for layer in model.layers for neuron in layer.neurons]
    return {"biases": biases}


mistake("MLP.__init__",
        body="self.layers = [Layer(([nin] + nouts)[nouts.index(n)], n) for n in nouts]",
        says="index finds the first of two equal sizes; pair each size with the one after it")
mistake("MLP.__init__",
        says="layers of one size are one and the same Layer; make a new one for each place",
        body="""
        sizes = [nin] + nouts
        made = {pair: Layer(*pair) for pair in zip(sizes, sizes[1:])}
        self.layers = [made[pair] for pair in zip(sizes, sizes[1:])]
        """)
mistake("MLP.__init__", replace="[nin] + nouts", by="nouts",
        says="the input size nin is missing, so that the first layer is lost")
mistake("MLP.__init__", replace="Layer(size, following)", by="Layer(nin, following)",
        says="only the first layer takes nin inputs; the others take the outputs of the one before")
mistake("MLP.__init__", replace="Layer(size, following)", by="Layer(following, size)",
        says="the sizes of each layer are swapped: inputs first, then outputs")
mistake("MLP.__init__", replace="sizes = [nin] + nouts", by="sizes = nouts\nsizes.insert(0, nin)",
        says="insert changes the list of whoever called; [nin] + nouts makes a new one")
mistake("MLP.__init__", replace="zip(sizes, sizes[1:])", by="zip(sizes, sizes[1:-1])",
        says="the last layer is missing")
mistake("MLP.__call__",
        says="every layer got the network's input; it is to get the output of the one before",
        body="""
        for layer in self.layers:
            out = layer(x)
        return out
        """)
mistake("MLP.__call__", replace="in self.layers", by="in self.layers[:-1]",
        says="the last layer is left out")
mistake("MLP.__call__", replace="in self.layers", by="in reversed(self.layers)",
        says="the layers are applied from the last to the first")
mistake("MLP.__call__", says="return inside the loop ends it after the first layer",
        body="""
        for layer in self.layers:
            x = layer(x)
            return x
        """)
mistake("MLP.__call__", says="the first layer's output is cut out of the graph; pass the Values on",
        body="""
        for layer in self.layers[:-1]:
            x = [Value(out.data) for out in layer(x)]
        return self.layers[-1](x)
        """)
mistake("MLP.parameters", body="return [layer.parameters() for layer in self.layers]",
        says="this is a list of lists; training needs one flat list of Values")
mistake("MLP.parameters", body="return self.layers[-1].parameters()",
        says="only the last layer's parameters are there, so that nothing else would be trained")
mistake("MLP.parameters", body="return self.layers[0].parameters()",
        says="only the first layer's parameters are there, so that nothing else would be trained")
mistake("MLP.parameters", body="return [n.b for layer in self.layers for n in layer.neurons]",
        says="only the biases are there; ask each layer for its parameters()")


# --- losses --------------------------------------------------------------------------------------


@check("squared_error")
def value_of_the_squared_error(lesson, draw):
    """The loss is the sum of the squared differences."""
    count = draw.size("predictions", 1, 4)
    predictions = values(lesson, draw.numbers("predictions", count))
    targets = draw.numbers("targets", count, 2.1, 4.0)
    if draw.case == 2:
        targets = draw.given("targets", [*targets[:-1], targets[0]])
    return {"loss": lesson.squared_error(predictions, targets).data}


@check("squared_error")
def gradients_of_the_squared_error(lesson, draw):
    """Every prediction gets its gradient."""
    count = draw.size("predictions", 1, 4)
    predictions = values(lesson, draw.numbers("predictions", count))
    lesson.squared_error(predictions, draw.numbers("targets", count, 2.1, 4.0)).backward()
    return {"gradients of the predictions": [value.grad for value in predictions]}


@check("max_margin_loss", cases=4)
def margins_alone(lesson, draw):
    """Without regularization the loss is the mean of relu(1 - target * score)."""
    count = draw.size("scores", 1, 5)
    numbers = draw.numbers("scores", count, 0.2, 0.9)
    numbers = draw.given("scores", [*numbers[:3], *(2 + number for number in numbers[3:])])
    targets = draw.given("targets", [[1, -1][number % 2] for number in range(count)])
    scores, parameters = values(lesson, numbers), values(lesson, draw.given("parameters", [0.5]))
    loss = lesson.max_margin_loss(scores, targets, parameters, alpha=draw.given("alpha", 0.0))
    loss.backward()
    return {"loss": loss.data, "gradients of the scores": [score.grad for score in scores]}


@check("max_margin_loss")
def regularization_alone(lesson, draw):
    """Where every margin is kept, alpha times the sum of the squared parameters remains."""
    scores, targets = draw.given("scores", [3.0, -4.0]), draw.given("targets", [1, -1])
    count = draw.size("parameters", 1, 4)
    parameters = values(lesson, draw.numbers("parameters", count, -3.0, -1.2))
    alpha = draw.number("alpha", 0.2, 0.6)
    loss = lesson.max_margin_loss(values(lesson, scores), targets, parameters, alpha=alpha)
    loss.backward()
    gradients = [parameter.grad for parameter in parameters]
    return {"loss": loss.data, "gradients of the parameters": gradients}


@check("max_margin_loss", cases=1)
def alpha_has_a_default(lesson, draw):
    """alpha is 1e-4 where nothing else is said."""
    scores, targets = values(lesson, draw.given("scores", [0.5])), draw.given("targets", [1])
    parameters = values(lesson, draw.given("parameters", [100.0, 200.0]))
    return {"loss": lesson.max_margin_loss(scores, targets, parameters).data}


mistake("squared_error", replace="** 2", by="** 1",
        says="the differences are added without being squared, so that errors cancel")
mistake("squared_error", replace="return sum", by="return 1 / len(targets) * sum",
        says="this is the mean; the sum was asked for")
mistake("squared_error", replace="prediction - target", by="prediction + target",
        says="the target is to be subtracted, not added")
mistake("squared_error", says="only the last pair is left: add each to a total",
        body="""
        for prediction, target in zip(predictions, targets):
            loss = (prediction - target) ** 2
        return loss
        """)
mistake("squared_error",
        body="return sum((p.data - target) ** 2 for p, target in zip(predictions, targets))",
        says="the loss was computed from bare numbers; use the Values, or there is no gradient")
mistake("squared_error", says="the sum is squared as a whole; square each difference first",
        body="return sum(p - target for p, target in zip(predictions, targets)) ** 2")
mistake("max_margin_loss", replace=".relu()", by="",
        says="without relu a very good score makes up for a wrong one")
mistake("max_margin_loss", replace="1 - target", by="1 + target",
        says="the sign is turned: a right answer has to make the loss smaller")
mistake("max_margin_loss", replace="sum(margins) / len(margins)", by="sum(margins)",
        says="the margins are added up; their mean was asked for")
mistake("max_margin_loss", replace="(1 - target * score)", by="(-target * score)",
        says="the margin of 1 is missing: a score just beyond 0 would be enough")
mistake("max_margin_loss", replace=" + alpha * sum(p * p for p in parameters)", by="",
        says="the regularization is missing: alpha times the sum of the squared parameters")
mistake("max_margin_loss", replace="alpha * sum", by="sum",
        says="the sum of squares is to be multiplied by alpha")
mistake("max_margin_loss", replace="p * p", by="p",
        says="the parameters are to be squared; as they are, negative ones would be rewarded")
mistake("max_margin_loss", replace="alpha * sum", by="1e-4 * sum",
        says="the argument alpha is not used")
mistake("max_margin_loss", replace="for p in parameters)",
        by="for p in parameters) / len(parameters)",
        says="the squared parameters are added up, not averaged")
mistake("max_margin_loss", replace="1 - target * score", by="1 - score",
        says="the target is left out, so that every score is pushed up")


# --- training ------------------------------------------------------------------------------------


def with_gradients(lesson, draw, count):
    """Parameters with known data and gradients."""
    parameters = values(lesson, draw.numbers("data", count, 0.5, 2.0))
    gradients = draw.numbers("gradients", count, 0.5, 2.0)
    for parameter, number in zip(parameters, gradients, strict=True):
        parameter.grad = number
    return parameters


@check("zero_grad")
def every_gradient_is_zero(lesson, draw):
    """Afterwards every gradient is 0, and the data is as it was."""
    parameters = with_gradients(lesson, draw, draw.size("data", 1, 4))
    lesson.zero_grad(parameters)
    return {"gradients": [p.grad for p in parameters], "data": [p.data for p in parameters]}


@check("zero_grad", cases=1)
def ready_for_another_backward(lesson, draw):
    """After zero_grad a second backward pass gives the gradient of one pass."""
    parameter = lesson.Value(draw.number("parameter", 0.5, 2.0))
    (parameter * 3.0).backward()
    lesson.zero_grad([parameter])
    (parameter * 5.0).backward()
    return {"gradient": parameter.grad}


@check("sgd_step")
def a_step_downhill(lesson, draw):
    """Every parameter moves against its gradient."""
    parameters = with_gradients(lesson, draw, draw.size("data", 1, 4))
    lesson.sgd_step(parameters, draw.number("learning_rate", 0.1, 0.6))
    return {"data": [parameter.data for parameter in parameters]}


@check("sgd_step", cases=2)
def two_steps_downhill(lesson, draw):
    """A second step starts where the first one ended, and a negative gradient leads up."""
    parameter = lesson.Value(draw.number("data", 0.5, 2.0))
    parameter.grad = draw.number("gradient", -2.0, -0.5)
    rate = draw.number("learning_rate", 0.1, 0.6)
    lesson.sgd_step([parameter], rate)
    lesson.sgd_step([parameter], rate)
    return {"data": parameter.data}


class Line:
    """The smallest model that can be trained: y = w * x + b."""

    def __init__(self, lesson, w, b):
        self.w, self.b = lesson.Value(w), lesson.Value(b)

    def __call__(self, x):
        return self.w * x + self.b

    def parameters(self):
        return [self.w, self.b]


def line_and_data(lesson, draw):
    draw.given("model(x)", "w * x + b")
    model = Line(lesson, draw.number("w", 0.2, 0.9), draw.number("b", 0.2, 0.9))
    count = draw.size("xs", 2, 4)
    return model, draw.numbers("xs", count, 0.3, 1.0), draw.numbers("ys", count, -1.5, -0.5)


@check("train", cases=4)
def losses_of_a_training(lesson, draw):
    """There is one loss for each step, as it was before its update, and be it 0 from the start."""
    model, xs, ys = line_and_data(lesson, draw)
    if draw.case == 3:
        ys = draw.given("ys", [model(x).data for x in xs])
    steps = draw.size("steps", 1, 5)
    return {"losses": lesson.train(model, xs, ys, steps, draw.number("learning_rate", 0.05, 0.1))}


@check("train")
def the_model_after_a_training(lesson, draw):
    """The model's parameters have taken every step, and each step its own gradient only."""
    model, xs, ys = line_and_data(lesson, draw)
    lesson.train(model, xs, ys, draw.size("steps", 1, 4), draw.number("learning_rate", 0.05, 0.1))
    return {"w": model.w.data, "b": model.b.data}


@check("train", cases=2)
def gradients_from_before(lesson, draw):
    """Gradients that the parameters hold from before do not count."""
    model, xs, ys = line_and_data(lesson, draw)
    model.w.grad, model.b.grad = draw.numbers("gradients from before", 2, 2.0, 4.0)
    lesson.train(model, xs, ys, draw.given("steps", 2), draw.given("learning_rate", 0.05))
    return {"w": model.w.data, "b": model.b.data}


@check("accuracy")
def share_of_right_signs(lesson, draw):
    """The accuracy is the share of scores on the right side."""
    count = draw.size("scores", 1, 7)
    sizes = draw.numbers("scores", count, 0.1, 2.0)
    scores = draw.given("scores", [size * draw.choice("scores", [1, -1]) for size in sizes])
    targets = [draw.choice("targets", [1, -1]) for _ in range(count)]
    targets = draw.given("targets", targets)
    return {"accuracy": lesson.accuracy(values(lesson, scores), targets)}


@check("accuracy", cases=5)
def each_way_to_be_right_or_wrong(lesson, draw):
    """Positive and negative scores count alike, and their size does not matter."""
    score, target = [(0.25, 1), (3.0, -1), (-0.25, -1), (-3.0, 1), (0.25, 1)][draw.case]
    scores = values(lesson, draw.given("scores", [score, 0.5, 2.0, -1.5]))
    targets = draw.given("targets", [target, 1, 1 if draw.case == 4 else -1, -1])
    return {"accuracy": lesson.accuracy(scores, targets)}


mistake("zero_grad", replace="parameter.grad = 0.0", by="parameter.data = 0.0",
        says="the data was set to 0, and all that was learned is lost; set the grad")
mistake("zero_grad", replace="parameter.grad = 0.0", by="parameter.grad == 0.0",
        says="no gradient has changed: `==` only compares, and a new Value is another one")
mistake("zero_grad", replace="parameter.grad = 0.0", by="parameter.grad = 0.0\n    return",
        says="only the first is set back: go through all parameters, and leave the loop at its end")
mistake("zero_grad", replace="parameter.grad = 0.0", by="parameter.grad = 1.0",
        says="gradients start at 0; the 1 belongs to the root of a backward pass only")
mistake("sgd_step", replace="-=", by="+=",
        says="this goes uphill: the gradient is to be subtracted")
mistake("sgd_step", replace="learning_rate * ", by="",
        says="the learning rate is missing, so that every step is far too long")
mistake("sgd_step", replace="parameter.data -= learning_rate * parameter.grad",
        by="parameter = parameter - learning_rate * parameter.grad",
        says="no data has changed: a new Value under the same name is not the one in the list")
mistake("sgd_step", replace="parameter.data -=", by="parameter.data = -",
        says="the data is replaced by the step; subtract the step from it")
mistake("sgd_step", replace="* parameter.grad", by="* parameter.grad\n    break",
        says="only the first has moved: go through all parameters, and leave the loop at its end")
mistake("train", replace="zero_grad(model.parameters())", by="pass",
        says="the gradients are never set back, so that each step follows the sum of all before it")
mistake("train",
        says="the parameters never change: zero_grad comes before backward, the update after it",
        body="""
        losses = []
        for _ in range(steps):
            loss = squared_error([model(x) for x in xs], ys)
            loss.backward()
            zero_grad(model.parameters())
            sgd_step(model.parameters(), learning_rate)
            losses.append(loss.data)
        return losses
        """)
mistake("train",
        says="set back at the end of a step, the gradients from before the first one still count",
        body="""
        losses = []
        for _ in range(steps):
            loss = squared_error([model(x) for x in xs], ys)
            loss.backward()
            sgd_step(model.parameters(), learning_rate)
            zero_grad(model.parameters())
            losses.append(loss.data)
        return losses
        """)
mistake("train",
        says="the gradients are set back once, before the loop; it has to happen in every step",
        body="""
        losses = []
        zero_grad(model.parameters())
        for _ in range(steps):
            loss = squared_error([model(x) for x in xs], ys)
            loss.backward()
            sgd_step(model.parameters(), learning_rate)
            losses.append(loss.data)
        return losses
        """)
mistake("train", replace="losses.append(loss.data)", by="losses.append(loss)",
        says="the list holds Values, and with them every step's graph; append loss.data")
mistake("train", replace="losses.append(loss.data)",
        by="losses.append(squared_error([model(x) for x in xs], ys).data)",
        says="this is the loss after the update; the loss before it was asked for")
mistake("train", replace="losses.append(loss.data)",
        by="losses.append(loss.data)\n    if loss.data < 1e-3:\n        break",
        says="the training ends as soon as the loss is small; it is to take all its steps")
mistake("train",
        says="the model is asked once, before the loop; make the predictions anew in every step",
        body="""
        losses = []
        predictions = [model(x) for x in xs]
        for _ in range(steps):
            loss = squared_error(predictions, ys)
            zero_grad(model.parameters())
            loss.backward()
            sgd_step(model.parameters(), learning_rate)
            losses.append(loss.data)
        return losses
        """)
mistake("train", replace="return losses", by="return losses[-1]",
        says="only the last loss is returned; give the whole list")
mistake("train", replace="    losses.append(loss.data)", by="losses.append(loss.data)",
        says="the loss is noted down after the loop, once; it belongs into the loop")
mistake("train", replace="range(steps)", by="range(steps + 1)",
        says="there is one step too many")
mistake("train", replace="[model(x) for x in xs], ys", by="[model(x) for x in xs[:1]], ys[:1]",
        says="only the first example is trained on")
mistake("train",
        says="the predictions are made once, before the loop; make them anew in every step",
        body="""
        losses = []
        predictions = [model(x) for x in xs]
        for _ in range(steps):
            loss = sum((p.data - y) ** 2 for p, y in zip(predictions, ys))
            zero_grad(model.parameters())
            squared_error([model(x) for x in xs], ys).backward()
            sgd_step(model.parameters(), learning_rate)
            losses.append(loss)
        return losses
        """)
mistake("accuracy", replace="sum(right) / len(right)", by="sum(right)",
        says="this is the number of right answers; divide it by the number of all")
mistake("accuracy", replace="(score.data > 0) == (target > 0)", by="score.data == target",
        says="a score need not equal its target, it only has to have its sign")
mistake("accuracy", replace=" == (target > 0)", by=" != (target > 0)",
        says="this is the share of wrong answers")
mistake("accuracy", replace="(score.data > 0) == (target > 0)", by="score.data > 0",
        says="this is the share of positive scores; the targets are left out")
mistake("accuracy", replace=" == (target > 0)", by=" and (target > 0)",
        says="a negative score with a negative target is right as well")
mistake("accuracy", replace="sum(right) / len(right)", by="sum(right) // len(right)",
        says="// leaves a whole number only; divide with / to get the share")
mistake("accuracy", replace="sum(right) / len(right)", by="100 * sum(right) / len(right)",
        says="this is in percent; a share lies between 0 and 1")
mistake("accuracy", replace="(score.data > 0) == (target > 0)", by="score.data * target >= 1",
        says="the margin is a matter for the loss; a score just beyond 0 is right as well")
