"""Known mistakes of `part0_micrograd_nn`."""

from autograder.checks import mistakes, whole

mistakes("Neuron.__call__", [
    ("return total.tanh()", "return total",
     "the tanh is missing: without it a network of any depth is one linear function"),
    (", self.b)", ")", "the bias is missing in the sum"),
    ("total.tanh()", "total.relu()", "this neuron ends in tanh, not in relu"),
    whole("return sum(w * number + self.b for w, number in zip(self.w, x)).tanh()",
          "the bias is added once for each input; add it only once"),
    ("w * number", "w + number", "multiply an input by its weight, don't add them"),
    ("return total.tanh()", "return Value(total.tanh().data)",
     "a new Value made from the bare number is a leaf, and no gradient reaches the weights"),
    ("total.tanh()", "total.tanh().data",
     "this returns the bare number; return the Value, or nothing can be trained"),
    ("sum((w * number for w, number in zip(self.w, x)), self.b)",
     "sum(w * number for w, number in zip(self.w, x)).tanh() + self.b",
     "the bias is added to a tanh; it belongs in the sum, and the tanh comes last"),
    whole("""
        for w, number in zip(self.w, x):
            self.b = self.b + w * number
        return self.b.tanh()
        """, "the sum is kept in self.b, so that each call starts from another bias"),
    ("zip(self.w, x)", "zip(self.w, x[:50])",
     "only the first inputs take part; there are as many as weights"),
])

mistakes("Neuron.parameters", [
    whole("return self.w", "the bias is missing, but it's trained like the weights"),
    whole("return [self.w, self.b]", "this is a list inside a list; join them into one flat list"),
    whole("return [Value(p.data) for p in self.w + [self.b]]",
          "these are copies; training would change them and leave the neuron as it is"),
    whole("return [p.data for p in self.w + [self.b]]",
          "these are bare numbers; return the Values themselves"),
    ("return self.w + [self.b]", "self.w.append(self.b)\nreturn self.w",
     "append changes self.w, so the bias becomes a weight too; self.w + [...] is a new list"),
])

mistakes("Layer.__call__", [
    ("outs[0] if len(outs) == 1 else outs", "outs",
     "return a single output without the list around it"),
    ("outs[0] if len(outs) == 1 else outs", "outs[0]",
     "only the first output is returned; return the list if there are several"),
    ("outs[0] if len(outs) == 1 else outs", "sum(outs)",
     "the outputs are added up; keep them apart"),
    ("[neuron(x) for neuron in self.neurons]",
     "[neuron([number]) for neuron, number in zip(self.neurons, x)]",
     "each neuron sees one input only; call every neuron with the whole of x"),
    ("[neuron(x) for neuron in self.neurons]", "[self.neurons[0](x) for _ in self.neurons]",
     "the first neuron answers for all; call each neuron once"),
    ("outs = [neuron(x) for neuron in self.neurons]",
     "outs = [Value(neuron(x).data) for neuron in self.neurons]",
     "new Values made from the bare numbers cut the graph; pass the neurons' own on"),
])

mistakes("Layer.parameters", [
    whole("return [neuron.parameters() for neuron in self.neurons]",
          "this is a list of lists; training needs one flat list of Values"),
    whole("return self.neurons[0].parameters()", "only the first neuron's parameters are there"),
    whole("return [weight for neuron in self.neurons for weight in neuron.w]",
          "the biases are missing; ask each neuron for its parameters()"),
    whole("""
        for neuron in self.neurons:
            for parameter in neuron.parameters():
                return [parameter]
        """, "return inside the loop ends it after the first neuron's first parameter"),
])

mistakes("MLP.__init__", [
    whole("self.layers = [Layer(([nin] + nouts)[nouts.index(n)], n) for n in nouts]",
          "index finds the first of two equal sizes; pair each size with the one after it"),
    whole("""
        sizes = [nin] + nouts
        made = {pair: Layer(*pair) for pair in zip(sizes, sizes[1:])}
        self.layers = [made[pair] for pair in zip(sizes, sizes[1:])]
        """, "layers of one size are one and the same Layer; make a new one for each place"),
    whole("""
        import copy
        sizes, made = [nin] + nouts, {}
        for pair in zip(sizes, sizes[1:]):
            made.setdefault(pair, Layer(*pair))
        self.layers = [copy.deepcopy(made[pair]) for pair in zip(sizes, sizes[1:])]
        """, "layers of one size are copies of each other; let each draw numbers of its own"),
    ("[nin] + nouts", "nouts", "the input size nin is missing, so the first layer is lost"),
    ("Layer(size, following)", "Layer(nin, following)",
     "only the first layer takes nin inputs; the others take the outputs of the one before"),
    ("Layer(size, following)", "Layer(following, size)",
     "the sizes of each layer are swapped: inputs first, then outputs"),
    ("sizes = [nin] + nouts", "sizes = nouts\nsizes.insert(0, nin)",
     "insert changes the caller's list; [nin] + nouts makes a new one"),
    ("zip(sizes, sizes[1:])", "zip(sizes, sizes[1:-1])", "the last layer is missing"),
])

mistakes("MLP.__call__", [
    whole("""
        for layer in self.layers:
            out = layer(x)
        return out
        """, "every layer gets the network's input; it needs the output of the one before"),
    ("in self.layers", "in self.layers[:-1]", "the last layer is left out"),
    ("in self.layers", "in reversed(self.layers)",
     "the layers are applied from the last to the first"),
    whole("""
        for layer in self.layers:
            x = layer(x)
            return x
        """, "return inside the loop ends it after the first layer"),
    whole("""
        for layer in self.layers[:-1]:
            x = [Value(out.data) for out in layer(x)]
        return self.layers[-1](x)
        """, "the first layer's output is cut out of the graph; pass the Values on"),
    whole("""
        while len(self.layers) > 1:
            x = self.layers.pop(0)(x)
        return self.layers[0](x)
        """, "pop takes the layers out of the network, and a second call finds only the last one"),
])

mistakes("MLP.parameters", [
    whole("return [layer.parameters() for layer in self.layers]",
          "this is a list of lists; training needs one flat list of Values"),
    whole("return self.layers[-1].parameters()",
          "only the last layer's parameters are there, so nothing else would be trained"),
    whole("return self.layers[0].parameters()",
          "only the first layer's parameters are there, so nothing else would be trained"),
    whole("return [n.b for layer in self.layers for n in layer.neurons]",
          "only the biases are there; ask each layer for its parameters()"),
])

mistakes("squared_error", [
    ("** 2", "** 1", "the differences are added without being squared, so errors cancel"),
    ("return sum", "return 1 / len(targets) * sum",
     "this is the mean; the exercise asks for the sum"),
    ("prediction - target", "prediction + target", "subtract the target, don't add it"),
    whole("""
        for prediction, target in zip(predictions, targets):
            loss = (prediction - target) ** 2
        return loss
        """, "only the last pair is left: add each to a total"),
    whole("return sum((p.data - target) ** 2 for p, target in zip(predictions, targets))",
          "the loss is computed from bare numbers; use the Values, or there's no gradient"),
    whole("return sum(p - target for p, target in zip(predictions, targets)) ** 2",
          "the sum is squared as a whole; square each difference first"),
])

mistakes("zero_grad", [
    ("parameter.grad = 0.0", "parameter.data = 0.0",
     "this sets the data to 0, and everything that was learned is lost; set the grad"),
    ("parameter.grad = 0.0", "parameter.grad == 0.0",
     "no gradient has changed: `==` only compares, and a new Value or a name of your own is "
     "something else"),
    ("parameter.grad = 0.0", "parameter.grad = 0.0\n    return",
     "only the first is set back: go through all parameters, and leave the loop at its end"),
    ("parameter.grad = 0.0", "parameter.grad = 1.0",
     "gradients start at 0; the 1 belongs to the root of a backward pass only"),
    ("parameter.grad = 0.0", "parameter.grad = 0.0\nreturn parameters",
     "the parameters are returned; they are changed in place, so return nothing"),
])

mistakes("sgd_step", [
    ("-=", "+=", "this goes uphill: subtract the gradient"),
    ("learning_rate * ", "", "the learning rate is missing, so every step is far too long"),
    ("parameter.data -= learning_rate * parameter.grad",
     "parameter = parameter - learning_rate * parameter.grad",
     "no data has changed: a new Value under the same name isn't the one in the list"),
    ("parameter.data -=", "parameter.data = -",
     "the data is replaced by the step; subtract the step from it"),
    ("* parameter.grad", "* parameter.grad\n    break",
     "only the first has moved: go through all parameters, and leave the loop at its end"),
    ("parameter.data -= learning_rate * parameter.grad",
     "parameter.data -= learning_rate * parameter.grad\n    parameter.grad = 0.0",
     "the gradients are set back here too; that's the job of zero_grad"),
    ("parameter.data -= learning_rate * parameter.grad",
     "parameter.data -= learning_rate * parameter.grad\nreturn parameters",
     "the parameters are returned; they are changed in place, so return nothing"),
])

mistakes("train", [
    ("zero_grad(model.parameters())", "pass",
     "the gradients are never set back, so each step follows the sum of all before it"),
    whole("""
        losses = []
        for _ in range(steps):
            loss = squared_error([model(x) for x in xs], ys)
            loss.backward()
            zero_grad(model.parameters())
            sgd_step(model.parameters(), learning_rate)
            losses.append(loss.data)
        return losses
        """, "the parameters never change: zero_grad comes before backward, the update after it"),
    whole("""
        losses = []
        for _ in range(steps):
            loss = squared_error([model(x) for x in xs], ys)
            loss.backward()
            sgd_step(model.parameters(), learning_rate)
            zero_grad(model.parameters())
            losses.append(loss.data)
        return losses
        """, "set back at the end of a step, the gradients from before the first one still count"),
    whole("""
        losses = []
        zero_grad(model.parameters())
        for _ in range(steps):
            loss = squared_error([model(x) for x in xs], ys)
            loss.backward()
            sgd_step(model.parameters(), learning_rate)
            losses.append(loss.data)
        return losses
        """, "the gradients are set back once, before the loop; it must happen in every step"),
    ("losses.append(loss.data)", "losses.append(loss)",
     "the list holds Values, and with them every step's graph; append loss.data"),
    ("losses.append(loss.data)", "losses.append(squared_error([model(x) for x in xs], ys).data)",
     "this is the loss after the update; the exercise asks for the one before it"),
    ("losses.append(loss.data)",
     "losses.append(loss.data)\n    if loss.data < 1e-3:\n        break",
     "the training ends as soon as the loss is small; it must take all its steps"),
    whole("""
        losses = []
        predictions = [model(x) for x in xs]
        for _ in range(steps):
            loss = squared_error(predictions, ys)
            zero_grad(model.parameters())
            loss.backward()
            sgd_step(model.parameters(), learning_rate)
            losses.append(loss.data)
        return losses
        """, "the model is called once, before the loop; make the predictions anew in every step"),
    ("return losses", "return losses[-1]", "only the last loss is returned; return the whole list"),
    ("    losses.append(loss.data)", "losses.append(loss.data)",
     "the loss is noted down once, after the loop; do it inside the loop"),
    ("range(steps)", "range(steps + 1)", "there's one step too many"),
    ("[model(x) for x in xs], ys", "[model(x) for x in xs[:1]], ys[:1]",
     "only the first example is trained on"),
    whole("""
        losses = []
        predictions = [model(x) for x in xs]
        for _ in range(steps):
            loss = sum((p.data - y) ** 2 for p, y in zip(predictions, ys))
            zero_grad(model.parameters())
            squared_error([model(x) for x in xs], ys).backward()
            sgd_step(model.parameters(), learning_rate)
            losses.append(loss)
        return losses
        """, "the predictions are made once, before the loop; make them anew in every step"),
    ("for x in xs], ys)", "for x in dict.fromkeys(xs)], ys)",
     "an example that is there twice counts twice; here each x is asked once"),
])

mistakes("max_margin_loss", [
    (".relu()", "", "without relu a very good score makes up for a wrong one"),
    ("1 - target", "1 + target", "the sign is flipped: a right answer must make the loss smaller"),
    ("sum(margins) / len(margins)", "sum(margins)",
     "the margins are added up; take their mean"),
    ("(1 - target * score)", "(-target * score)",
     "the margin of 1 is missing: a score just beyond 0 would be enough"),
    (" + alpha * sum(p * p for p in parameters)", "",
     "the regularization is missing: alpha times the sum of the squared parameters"),
    ("alpha * sum", "sum", "multiply the sum of squares by alpha"),
    ("p * p", "p",
     "square the parameters; as they are, negative ones would be rewarded"),
    ("alpha * sum", "1e-4 * sum", "the argument alpha isn't used"),
    ("for p in parameters)", "for p in parameters) / len(parameters)",
     "the squared parameters are added up, not averaged"),
    ("1 - target * score", "1 - score", "the target is left out, so every score is pushed up"),
])

mistakes("accuracy", [
    ("sum(right) / len(right)", "sum(right)",
     "this is the number of right answers; divide it by the number of all"),
    ("(score.data > 0) == (target > 0)", "score.data == target",
     "a score need not equal its target, it only needs to have its sign"),
    (" == (target > 0)", " != (target > 0)", "this is the share of wrong answers"),
    ("(score.data > 0) == (target > 0)", "score.data > 0",
     "this is the share of positive scores; the targets are left out"),
    (" == (target > 0)", " and (target > 0)",
     "a negative score with a negative target is right too"),
    ("sum(right) / len(right)", "sum(right) // len(right)",
     "// keeps only a whole number; divide with / to get the share"),
    ("sum(right) / len(right)", "100 * sum(right) / len(right)",
     "this is in percent; a share lies between 0 and 1"),
    ("(score.data > 0) == (target > 0)", "score.data * target >= 1",
     "the margin is the loss's business; a score just beyond 0 is right too"),
    ("zip(scores, targets)", "zip(scores[:50], targets)",
     "only the first scores are counted; there may be any number of them"),
])

mistakes("neuron_in_torch", [
    ("o.backward()\n", "", "backward was never called, so there are no gradients in `.grad` yet"),
    (".tanh()", "", "the tanh is missing: this is the sum alone"),
    (" + b)", ")", "the bias is missing in the sum"),
    ("dtype=torch.float64, ", "",
     "without dtype=torch.float64 the tensors have 32 bits and only 7 digits"),
    ("x = torch.tensor(x, dtype=torch.float64, requires_grad=True)",
     "x = torch.tensor(x, dtype=torch.float64)",
     "x doesn't require gradients, so it gets none; ask for them for all three leaves"),
    ("(x * w).sum()", "(x * w).mean()", "the products are averaged; add them up"),
    ("o = ((x * w).sum() + b).tanh()", "o = (x * w + b).tanh().sum()",
     "tanh is taken of each product; add the products and the bias up first, then squash once"),
    ("return o, x, w, b", "return o.item(), x, w, b",
     "o is a plain number; return the tensor, which knows how it was made"),
])
