"""Checks of `part0_micrograd_nn`.

The lesson imports `Value` from the engine lesson. While it is graded it gets the stand-in below, so
that a bug in the learner's `Value` costs nothing here, and no other `Value` can be read off.
"""

import torch

from autograder.checks import exercise, provide
from autograder.checks.vocabulary import afterwards


class Value:
    """A scalar whose gradients are torch's own; in use it is like the `Value` of the engine lesson.

    `data` and `grad` are floats that may be set; `grad` begins at 0.0, and `backward` adds to it.
    One that is made with operands sends its gradient back by its own `_backward`.
    """

    def __init__(self, data, operands=(), operation="", label=""):
        self._prev, self._op, self.label = tuple(operands), operation, label
        self._backward = _nothing
        self._number, self._slope, self._made = _number("data", data), 0.0, None
        if self._prev:
            operands = tuple(dict.fromkeys(self._prev))
            tensors = [operand._tensor for operand in operands]
            self._made = _Handmade.apply(self, operands, *tensors)
            self._made.retain_grad()

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    @property
    def _tensor(self):
        """Made when it is first needed: of most Values only the number is."""
        if self._made is None:
            self._made = _double(self._number).requires_grad_()
            self._made.grad = _double(self._slope)
        return self._made

    @property
    def data(self):
        return self._number if self._made is None else self._made.item()

    @data.setter
    def data(self, number):
        self._number = _number("data", number)
        if self._made is not None:
            self._made.data.fill_(self._number)

    @property
    def grad(self):
        if self._made is None:
            return self._slope
        return 0.0 if self._made.grad is None else self._made.grad.item()

    @grad.setter
    def grad(self, number):
        self._slope = _number("grad", number)
        if self._made is not None:
            self._made.grad = _double(self._slope)

    def backward(self):
        self._tensor.backward(retain_graph=True)


def _nothing():
    """What a leaf does on the way back, and a result of which torch takes care."""


def _number(name, number):
    """A float; what is no number is refused in the words of the lesson, not in torch's."""
    if not hasattr(number, "__float__"):
        raise TypeError(f"`{name}` must be a number, not {type(number).__name__}")
    return float(number)


def _double(number):
    return torch.tensor(number, dtype=torch.float64)


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
        sent = [_double(operand.grad) for operand in ctx.operands]
        for value, earlier in before:
            value.grad = earlier
        return None, None, *sent


def _delegate(name):
    """A method of Value, of one operand or two, that has torch do the work."""
    operation, sign = getattr(torch.Tensor, name), name.strip("_")

    def method(self, *other):
        operands, arguments = (self,), other
        if other and type(other[0]) is Value:
            operands, arguments = (self, *other), (other[0]._tensor,)
        tensor = operation(self._tensor, *arguments)
        if type(tensor) is not torch.Tensor:
            return tensor
        tensor.retain_grad()
        result = Value.__new__(Value)
        result._made, result._prev, result._op = tensor, operands, sign
        result._backward, result.label = _nothing, ""
        return result

    method.__name__ = name
    return method


_ARITHMETIC = ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "neg")
for _name in (*(f"__{name}__" for name in _ARITHMETIC), "tanh", "relu", "exp", "log"):
    setattr(Value, _name, _delegate(_name))

# What else that lesson gives can be imported here; no exercise needs it, so it does nothing.
_ELSEWHERE = ("derivative", "gradient", "neuron_gradients", "topological_order", "trace")
_ELSEWHERE += ("draw_dot", "gradient_check", "softmax_nll")
_others = {name: lambda *_, **__: None for name in _ELSEWHERE}
provide("part0_micrograd_engine", Value=Value, **_others)

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


def repeating(draw, name, count):
    """Numbers in no order, with some of them twice."""
    numbers = draw.numbers(name, count - count // 5, -0.9, 0.9)
    return draw.given(name, numbers + numbers[: count // 5])


def outputs_of(result):
    """The data of a layer's output, be it one Value or a list of them."""
    return [out.data for out in result] if isinstance(result, list | tuple) else result.data


def data_of(parameters):
    """The data of a list of Values, sorted, as the order of parameters is free."""
    return sorted(parameters[number].data for number in range(len(parameters)))


# --- Neuron --------------------------------------------------------------------------------------


neuron_call = exercise("Neuron.__call__", points=2)


@neuron_call.check
def output_of_a_neuron(lesson, draw):
    """The output is the tanh of the weighted sum and the bias, and a call changes nothing."""
    nin = draw.size(1, 4, name="nin")
    neuron = neuron_of(lesson, draw, nin)
    x = draw.numbers("x", nin, 0.2, 0.9)
    return {"data": neuron(x).data, "data of a second call": neuron(x).data, "x afterwards": x}


@neuron_call.check
def gradients_of_a_neuron(lesson, draw):
    """Gradients reach the weights, the bias, and those inputs that are Values."""
    nin = draw.size(1, 3, name="nin")
    neuron = neuron_of(lesson, draw, nin)
    x = values(lesson, draw.numbers("x", nin, 0.2, 0.9))
    neuron(x).backward()
    return {
        "gradients of w": [weight.grad for weight in neuron.w],
        "gradient of b": neuron.b.grad,
        "gradients of x": [value.grad for value in x],
    }


@neuron_call.check(cases=2)
def many_inputs_and_another_call(lesson, draw):
    """There may be many inputs, and each call looks at its own x."""
    nin = draw.size(2, 53, name="nin")
    neuron = lesson.Neuron(nin)
    set_neuron(neuron, draw.numbers("w", nin, -0.2, 0.2), draw.number("b", -0.9, -0.2))
    inputs = [repeating(draw, "x", nin)]
    if draw.case == 0:
        inputs.append(repeating(draw, "another x", nin))
    return {"data of each call": [neuron(x).data for x in inputs]}


neuron_parameters = exercise("Neuron.parameters")


@neuron_parameters.check
def all_parameters_of_a_neuron(lesson, draw):
    """All weights and the bias are among the parameters, each once."""
    neuron = neuron_of(lesson, draw, draw.size(1, 4, name="nin"))
    return {"data, sorted": data_of(neuron.parameters())}


@neuron_parameters.check(cases=2)
def the_neurons_own_values(lesson, draw):
    """The parameters are the neuron's own Values: changing them changes the neuron."""
    neuron = neuron_of(lesson, draw, draw.size(1, 3, name="nin"))
    number = draw.number("number set", 2.0, 3.0)
    for parameter in neuron.parameters():
        parameter.data = number
    return {"w": [weight.data for weight in neuron.w], "b": neuron.b.data}


@neuron_parameters.check(cases=1)
def parameters_of_two_neurons(lesson, draw):
    """There may be many weights, and each list belongs to one neuron."""
    large, small = lesson.Neuron(103), lesson.Neuron(1)
    set_neuron(large, draw.numbers("w", 103), draw.number("b"))
    set_neuron(small, draw.numbers("w of another", 1), draw.number("b of another"))
    lists = [neuron.parameters() for neuron in (large, small)]
    return {"data of both, sorted": [data_of(parameters) for parameters in lists]}


# --- Layer ---------------------------------------------------------------------------------------


layer_call = exercise("Layer.__call__")


@layer_call.check
def outputs_of_a_layer(lesson, draw):
    """Every neuron answers to the whole input, in order."""
    nin, nout = draw.size(1, 3, name="nin"), draw.size(2, 4, name="nout")
    layer = lesson.Layer(nin, nout)
    set_layer(draw, layer, nin, nout)
    return {"outputs": outputs_of(layer(draw.numbers("x", nin, 0.2, 0.9)))}


@layer_call.check(cases=2)
def a_layer_of_one_neuron(lesson, draw):
    """A layer of one neuron gives a Value, not a list."""
    layer = lesson.Layer(2, 1)
    set_layer(draw, layer, 2, 1)
    return {"output": outputs_of(layer(draw.numbers("x", 2, 0.2, 0.9)))}


@layer_call.check(cases=2)
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


@layer_call.check
def many_of_each_and_another_call(lesson, draw):
    """It works for many inputs or many neurons, and each call returns a new result."""
    nin, nout = [(1, 2), (53, 1), (1, 53)][draw.case]
    layer = lesson.Layer(nin, nout)
    set_layer(draw, layer, nin, nout)
    inputs = [repeating(draw, "x", nin)]
    if draw.case == 0:
        inputs.append(draw.numbers("x of a second call", nin))
    results = [layer(x) for x in inputs]
    return {"outputs of each call": [outputs_of(result) for result in results]}


layer_parameters = exercise("Layer.parameters")


@layer_parameters.check
def all_parameters_of_a_layer(lesson, draw):
    """The parameters of all neurons are there, each once, in one flat list."""
    nin, nout = draw.size(1, 2, name="nin"), draw.size(1, 3, name="nout")
    layer = lesson.Layer(nin, nout)
    set_layer(draw, layer, nin, nout)
    return {"data, sorted": data_of(layer.parameters())}


@layer_parameters.check(cases=1)
def the_layers_own_values(lesson, draw):
    """The parameters are the layer's own Values: changing them changes the layer."""
    layer = lesson.Layer(1, 2)
    number = draw.number("number set", 2.0, 3.0)
    for parameter in layer.parameters():
        parameter.data = number
    return {"parameters of each neuron": [[n.w[0].data, n.b.data] for n in layer.neurons]}


@layer_parameters.check(cases=1)
def parameters_of_two_layers(lesson, draw):
    """There may be many parameters, and each list belongs to one layer."""
    sizes = [(2, 35), (1, 1)]
    layers = [lesson.Layer(*size) for size in sizes]
    for number, (layer, size) in enumerate(zip(layers, sizes, strict=True)):
        set_layer(draw, layer, *size, f"layer {number}, ")
    lists = [layer.parameters() for layer in layers]
    return {"data of both, sorted": [data_of(parameters) for parameters in lists]}


# --- MLP -----------------------------------------------------------------------------------------


mlp_init = exercise("MLP.__init__", points=2)


@mlp_init.check(cases=4)
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


@mlp_init.check(cases=1)
def nouts_stays(lesson, draw):
    """The list nouts isn't changed."""
    nouts = draw.given("nouts", [3, 2])
    model = lesson.MLP(draw.given("nin", 4), nouts)
    return {"nouts afterwards": nouts, "layers": len(model.layers)}


@mlp_init.check(cases=1)
def many_layers(lesson, draw):
    """There's a layer for each number in nouts, however many, and each draws its own numbers."""
    nouts = draw.given("nouts", [draw.integer("nouts", 1, 3) for _ in range(57)])
    model = lesson.MLP(draw.given("nin", 2), list(nouts))
    firsts = [layer.neurons[0] for layer in model.layers]
    numbers = [(neuron.b.data, neuron.w[0].data) for neuron in firsts]
    return {
        "neurons of each layer": [len(layer.neurons) for layer in model.layers],
        "inputs of each layer": [len(layer.neurons[0].w) for layer in model.layers],
        "different first neurons": len(set(numbers)),
    }


mlp_call = exercise("MLP.__call__")


@mlp_call.check
def output_of_a_network(lesson, draw):
    """Each layer is applied to what the one before gave."""
    nouts = draw.given("nouts", [[1], [2, 1], [3, 2, 2]][draw.case])
    model = mlp_of(lesson, draw, 2, nouts)
    return {"output": outputs_of(model(draw.numbers("x", 2, 0.2, 0.9)))}


@mlp_call.check(cases=2)
def gradients_through_a_network(lesson, draw):
    """Gradients reach the weights of the first layer."""
    model = mlp_of(lesson, draw, 2, [2, 1])
    model(draw.numbers("x", 2, 0.2, 0.9)).backward()
    return {"gradients": [weight.grad for n in model.layers[0].neurons for weight in n.w]}


@mlp_call.check
def many_inputs_or_outputs(lesson, draw):
    """There may be many inputs or outputs; each call returns its own result and leaves x alone."""
    nin, nouts = [(2, [2]), (53, [1]), (1, [53])][draw.case]
    model = mlp_of(lesson, draw, nin, nouts)
    inputs = [repeating(draw, "x", nin)]
    if draw.case == 0:
        inputs.append(draw.numbers("x of a second call", nin))
    results = [model(x) for x in inputs]
    outputs = [outputs_of(result) for result in results]
    return {"outputs of each call": outputs, **afterwards(x=inputs)}


mlp_parameters = exercise("MLP.parameters")


@mlp_parameters.check
def all_parameters_of_a_network(lesson, draw):
    """The parameters of all layers are there, each once, in one flat list."""
    model = mlp_of(lesson, draw, 1, draw.given("nouts", [[1], [2, 1], [2, 2, 1]][draw.case]))
    return {"data, sorted": data_of(model.parameters())}


@mlp_parameters.check(cases=1)
def the_networks_own_values(lesson, draw):
    """The parameters are the network's own Values: changing them changes the network."""
    model = lesson.MLP(1, [2, 1])
    number = draw.number("number set", 2.0, 3.0)
    for parameter in model.parameters():
        parameter.data = number
    biases = [neuron.b.data for layer in model.layers for neuron in layer.neurons]
    return {"biases": biases}


@mlp_parameters.check(cases=1)
def parameters_of_two_networks(lesson, draw):
    """There may be many parameters, and each list belongs to one network."""
    sizes = [(2, [35, 1]), (1, [1])]
    models = [mlp_of(lesson, draw, *size) for size in sizes]
    lists = [model.parameters() for model in models]
    return {"data of both, sorted": [data_of(parameters) for parameters in lists]}


# --- losses --------------------------------------------------------------------------------------


squared_error = exercise("squared_error")


@squared_error.check
def value_of_the_squared_error(lesson, draw):
    """The loss is the sum of the squared differences."""
    count = draw.size(1, 4)
    predictions = values(lesson, draw.numbers("predictions", count))
    targets = draw.numbers("targets", count, 2.1, 4.0)
    if draw.case == 2:
        targets = draw.given("targets", [*targets[:-1], targets[0]])
    return {"loss": lesson.squared_error(predictions, targets).data}


@squared_error.check
def gradients_of_the_squared_error(lesson, draw):
    """Every prediction gets its gradient."""
    count = draw.size(1, 4)
    predictions = values(lesson, draw.numbers("predictions", count))
    lesson.squared_error(predictions, draw.numbers("targets", count, 2.1, 4.0)).backward()
    return {"gradients of the predictions": [value.grad for value in predictions]}


@squared_error.check(cases=1)
def many_predictions(lesson, draw):
    """There may be many predictions, and both lists stay unchanged."""
    predictions = values(lesson, repeating(draw, "predictions", 57))
    targets = repeating(draw, "targets", 57)
    loss = lesson.squared_error(predictions, targets).data
    data = [prediction.data for prediction in predictions]
    return {"loss": loss, **afterwards(predictions=data, targets=targets)}


max_margin_loss = exercise("max_margin_loss", points=2)


@max_margin_loss.check(cases=4)
def margins_alone(lesson, draw):
    """Without regularization the loss is the mean of relu(1 - target * score)."""
    count = draw.size(1, 5)
    numbers = draw.numbers("scores", count, 0.2, 0.9)
    numbers = draw.given("scores", [*numbers[:3], *(2 + number for number in numbers[3:])])
    targets = draw.given("targets", [[1, -1][number % 2] for number in range(count)])
    scores, parameters = values(lesson, numbers), values(lesson, draw.given("parameters", [0.5]))
    loss = lesson.max_margin_loss(scores, targets, parameters, alpha=draw.given("alpha", 0.0))
    loss.backward()
    return {"loss": loss.data, "gradients of the scores": [score.grad for score in scores]}


@max_margin_loss.check
def regularization_alone(lesson, draw):
    """If every margin is kept, only alpha times the sum of the squared parameters remains."""
    scores, targets = draw.given("scores", [3.0, -4.0]), draw.given("targets", [1, -1])
    count = draw.size(1, 4)
    parameters = values(lesson, draw.numbers("parameters", count, -3.0, -1.2))
    alpha = draw.number("alpha", 0.2, 0.6)
    loss = lesson.max_margin_loss(values(lesson, scores), targets, parameters, alpha=alpha)
    loss.backward()
    gradients = [parameter.grad for parameter in parameters]
    return {"loss": loss.data, "gradients of the parameters": gradients}


@max_margin_loss.check(cases=1)
def alpha_has_a_default(lesson, draw):
    """alpha is 1e-4 by default."""
    scores, targets = values(lesson, draw.given("scores", [0.5])), draw.given("targets", [1])
    parameters = values(lesson, draw.given("parameters", [100.0, 200.0]))
    return {"loss": lesson.max_margin_loss(scores, targets, parameters).data}


@max_margin_loss.check(cases=1)
def one_after_another(lesson, draw):
    """Each call returns its own loss, for few examples or many, and the lists stay as they are."""
    losses, after = [], []
    for name, count in (("few", 2), ("others", 2), ("many", 53)):
        scores = values(lesson, repeating(draw, f"scores, {name}", count))
        targets = draw.given(f"targets, {name}", [1, -1, -1] * (count // 2))[:count]
        parameters = values(lesson, repeating(draw, f"parameters, {name}", count))
        alpha = draw.given("alpha", 0.25)
        losses.append(lesson.max_margin_loss(scores, targets, parameters, alpha=alpha).data)
        after.append([len(scores), targets, len(parameters)])
    return {"losses": losses, "scores, targets and parameters afterwards": after}


# --- training ------------------------------------------------------------------------------------


def with_gradients(lesson, draw, count):
    """Parameters with known data and gradients."""
    parameters = values(lesson, draw.numbers("data", count, 0.5, 2.0))
    gradients = draw.numbers("gradients", count, 0.5, 2.0)
    for parameter, number in zip(parameters, gradients, strict=True):
        parameter.grad = number
    return parameters


zero_grad = exercise("zero_grad")


@zero_grad.check
def every_gradient_is_zero(lesson, draw):
    """Afterwards every gradient is 0, and the data is as it was."""
    parameters = with_gradients(lesson, draw, draw.size(1, 4))
    returned = lesson.zero_grad(parameters)
    gradients, data = [p.grad for p in parameters], [p.data for p in parameters]
    return {"gradients": gradients, "data": data, "returned": returned}


@zero_grad.check(cases=1)
def ready_for_another_backward(lesson, draw):
    """After zero_grad a second backward pass gives the gradient of one pass."""
    parameter = lesson.Value(draw.number("parameter", 0.5, 2.0))
    (parameter * 3.0).backward()
    lesson.zero_grad([parameter])
    (parameter * 5.0).backward()
    return {"gradient": parameter.grad}


@zero_grad.check(cases=1)
def these_and_no_others(lesson, draw):
    """All the parameters in the list are set back, however many, and no others."""
    first = with_gradients(lesson, draw, 2)
    lesson.zero_grad(first)
    for parameter in first:
        parameter.grad = draw.given("gradient set afterwards in those of a first call", 3.0)
    many = with_gradients(lesson, draw, 57)
    lesson.zero_grad(many)
    gradients = {"of the first call": [p.grad for p in first], "now": [p.grad for p in many]}
    return {"gradients": gradients, **afterwards(parameters=len(many))}


sgd_step = exercise("sgd_step")


@sgd_step.check
def a_step_downhill(lesson, draw):
    """Every parameter moves against its gradient."""
    parameters = with_gradients(lesson, draw, draw.size(1, 4))
    returned = lesson.sgd_step(parameters, draw.number("learning_rate", 0.1, 0.6))
    data, gradients = [p.data for p in parameters], [p.grad for p in parameters]
    return {"data": data, "gradients": gradients, "returned": returned}


@sgd_step.check(cases=2)
def two_steps_downhill(lesson, draw):
    """A second step starts where the first one ended, and a negative gradient leads up."""
    parameter = lesson.Value(draw.number("data", 0.5, 2.0))
    parameter.grad = draw.number("gradient", -2.0, -0.5)
    rate = draw.number("learning_rate", 0.1, 0.6)
    lesson.sgd_step([parameter], rate)
    lesson.sgd_step([parameter], rate)
    return {"data": parameter.data}


@sgd_step.check(cases=1)
def many_parameters(lesson, draw):
    """All the parameters move, however many there are."""
    parameters = with_gradients(lesson, draw, 57)
    lesson.sgd_step(parameters, draw.number("learning_rate", 0.1, 0.6))
    return {"data": [parameter.data for parameter in parameters]}


class Line:
    """The smallest model that can be trained: y = w * x + b."""

    def __init__(self, lesson, w, b):
        self.w, self.b = lesson.Value(w), lesson.Value(b)

    def __call__(self, x):
        return self.w * x + self.b

    def parameters(self):
        return [self.w, self.b]


class Slope(Line):
    """The same without b, which is faster."""

    def __call__(self, x):
        return self.w * x

    def parameters(self):
        return [self.w]


def line_and_data(lesson, draw):
    draw.given("model(x)", "w * x + b")
    model = Line(lesson, draw.number("w", 0.2, 0.9), draw.number("b", 0.2, 0.9))
    count = draw.size(2, 4)
    return model, draw.numbers("xs", count, 0.3, 1.0), draw.numbers("ys", count, -1.5, -0.5)


train = exercise("train", points=3)


@train.check(cases=4)
def losses_of_a_training(lesson, draw):
    """There's one loss for each step, as it was before its update, even if that is 0."""
    model, xs, ys = line_and_data(lesson, draw)
    if draw.case == 3:
        ys = draw.given("ys", [model(x).data for x in xs])
    steps = draw.size(1, 5, name="steps")
    return {"losses": lesson.train(model, xs, ys, steps, draw.number("learning_rate", 0.05, 0.1))}


@train.check
def the_model_after_a_training(lesson, draw):
    """The parameters have taken every step, and each step follows its own gradient only."""
    model, xs, ys = line_and_data(lesson, draw)
    lesson.train(
        model, xs, ys, draw.size(1, 4, name="steps"), draw.number("learning_rate", 0.05, 0.1)
    )
    return {"w": model.w.data, "b": model.b.data}


@train.check(cases=2)
def gradients_from_before(lesson, draw):
    """Gradients that the parameters hold from before don't count."""
    model, xs, ys = line_and_data(lesson, draw)
    model.w.grad, model.b.grad = draw.numbers("gradients from before", 2, 2.0, 4.0)
    lesson.train(model, xs, ys, draw.given("steps", 2), draw.given("learning_rate", 0.05))
    return {"w": model.w.data, "b": model.b.data}


@train.check(cases=1)
def many_examples_and_two_models(lesson, draw):
    """All the examples count, however many, and each training returns its own list of losses."""
    draw.given("model(x)", "w * x")
    rate = draw.given("learning_rate", 0.005)
    found = []
    for name, count in (("first", 2), ("second", 2), ("third", 53)):
        model = Slope(lesson, draw.number(f"w of the {name}", 0.2, 0.9), 0.0)
        xs, ys = (repeating(draw, f"{which} of the {name}", count) for which in ("xs", "ys"))
        found.append((lesson.train(model, xs, ys, draw.given("steps", 1), rate), xs, ys))
    names = ("losses", "xs afterwards", "ys afterwards")
    return dict(zip(names, map(list, zip(*found, strict=True)), strict=True))


@train.check(cases=1)
def many_steps(lesson, draw):
    """There's a loss for each step, however many."""
    draw.given("model(x)", "w * x")
    model = Slope(lesson, draw.number("w", 0.2, 0.9), 0.0)
    steps, rate = draw.given("steps", 53), draw.given("learning_rate", 0.005)
    losses = lesson.train(model, [1.5], draw.given("ys, at x = 1.5", [-1.0]), steps, rate)
    return {"losses": losses, "w": model.w.data}


accuracy = exercise("accuracy")


@accuracy.check
def share_of_right_signs(lesson, draw):
    """The accuracy is the share of scores on the right side."""
    count = draw.size(1, 7)
    sizes = draw.numbers("scores", count, 0.1, 2.0)
    scores = draw.given("scores", [size * draw.choice("scores", [1, -1]) for size in sizes])
    targets = [draw.choice("targets", [1, -1]) for _ in range(count)]
    targets = draw.given("targets", targets)
    return {"accuracy": lesson.accuracy(values(lesson, scores), targets)}


@accuracy.check(cases=5)
def each_way_to_be_right_or_wrong(lesson, draw):
    """Positive and negative scores count alike, and their size doesn't matter."""
    score, target = [(0.25, 1), (3.0, -1), (-0.25, -1), (-3.0, 1), (0.25, 1)][draw.case]
    scores = values(lesson, draw.given("scores", [score, 0.5, 2.0, -1.5]))
    targets = draw.given("targets", [target, 1, 1 if draw.case == 4 else -1, -1])
    return {"accuracy": lesson.accuracy(scores, targets)}


@accuracy.check(cases=1)
def many_scores(lesson, draw):
    """There may be many scores, and both lists stay unchanged."""
    sizes = draw.numbers("scores", 57, 0.1, 2.0)
    scores = draw.given("scores", [size * draw.choice("scores", [1, -1]) for size in sizes])
    targets = draw.given("targets", [draw.choice("targets", [1, -1]) for _ in scores])
    held = values(lesson, scores)
    found = {"accuracy": lesson.accuracy(held, targets)}
    return {**found, **afterwards(scores=[score.data for score in held], targets=targets)}


# --- PyTorch -------------------------------------------------------------------------------------


neuron_in_torch = exercise("neuron_in_torch", points=2)


def drawn_neuron(draw, count):
    x, w = draw.numbers("x", count, 0.2, 0.9), draw.numbers("w", count, -0.9, -0.2)
    return {"x": x, "w": w, "b": draw.number("b", 0.3, 0.9)}


@neuron_in_torch.check
def output_and_gradients_in_torch(lesson, draw):
    """The output is the tanh of the weighted sum and the bias; all three leaves get gradients."""
    o, x, w, b = lesson.neuron_in_torch(**drawn_neuron(draw, draw.size(1, 4)))
    return {
        "o": o.detach(),
        "x, w and b": [x.detach(), w.detach(), b.detach()],
        "gradients of x, w and b": [x.grad, w.grad, b.grad],
        "dtypes": [str(each.dtype) for each in (o, x, w, b)],
    }


@neuron_in_torch.check(cases=2)
def leaves_of_the_graph(lesson, draw):
    """x, w and b are leaves that require gradients, and o was made from them."""
    o, *leaves = lesson.neuron_in_torch(**drawn_neuron(draw, draw.size(2, 3)))
    return {
        "they require gradients": [leaf.requires_grad for leaf in leaves],
        "they are leaves": [leaf.is_leaf for leaf in leaves],
        "o is a leaf": o.is_leaf,
        "b": leaves[2].detach(),
    }


@neuron_in_torch.check(cases=1)
def neurons_one_after_another(lesson, draw):
    """There may be many inputs, and each call makes its own leaves and leaves the lists alone."""
    inputs = [drawn_neuron(draw, count) for count in (3, 3, 103)]
    inputs[1]["b"] = draw.given("b of two calls", inputs[0]["b"])
    results = [lesson.neuron_in_torch(**each) for each in inputs]
    gradients = [[leaf.grad for leaf in leaves] for _, *leaves in results]
    return {"o": [o.detach() for o, *_ in results], "gradients": gradients, **afterwards(x=inputs)}
