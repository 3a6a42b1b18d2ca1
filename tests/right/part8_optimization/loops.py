"""Plain loops and lists, parameters changed through `.data`, everything step by step."""

import math

import torch


def descend(curvatures, start, rate, steps):
    path = torch.zeros(steps + 1, len(start))
    path[0] = start
    for step in range(1, steps + 1):
        for i in range(len(start)):
            here = path[step - 1, i]
            gradient = curvatures[i] * here
            path[step, i] = here - rate * gradient
    return path


def largest_stable_rate(hessian):
    values, vectors = torch.linalg.eigh(hessian)
    largest = 0.0
    for value in values.tolist():
        if value > largest:
            largest = value
    return 2.0 / largest


def best_rate(curvatures):
    ordered = sorted(curvatures.tolist())
    smallest, largest = ordered[0], ordered[-1]
    rate = 2.0 / (smallest + largest)
    factor = abs(1.0 - rate * smallest)
    return rate, factor


def momentum_step(parameter, gradient, state, rate, momentum=0.9, nesterov=False):
    if "v" in state:
        velocity = momentum * state["v"] + gradient
    else:
        velocity = 1.0 * gradient
    state["v"] = velocity
    if nesterov:
        direction = gradient + momentum * velocity
    else:
        direction = velocity
    parameter.data = parameter.data - rate * direction


def best_momentum(curvatures):
    ordered = sorted(curvatures.tolist())
    r, R = ordered[0] ** 0.5, ordered[-1] ** 0.5
    rate = 2.0 / (R + r)
    shrink = (R - r) / (R + r)
    return rate * rate, shrink * shrink


def rmsprop_step(parameter, gradient, state, rate, decay=0.99, eps=1e-8):
    if "s" not in state:
        state["s"] = 0 * gradient
    state["s"] = decay * state["s"] + (1 - decay) * gradient * gradient
    root = torch.sqrt(state["s"])
    parameter.data -= rate * (gradient / (root + eps))


def adam_step(parameter, gradient, state, rate, betas=(0.9, 0.999), eps=1e-8, correct=True):
    if len(state) == 0:
        state["t"] = 0
        state["m"] = 0 * gradient
        state["s"] = 0 * gradient
    state["t"] += 1
    state["m"] = betas[0] * state["m"] + (1 - betas[0]) * gradient
    state["s"] = betas[1] * state["s"] + (1 - betas[1]) * gradient * gradient
    m, s = state["m"], state["s"]
    if correct:
        m = m / (1 - betas[0] ** state["t"])
        s = s / (1 - betas[1] ** state["t"])
    parameter.data -= rate * (m / (torch.sqrt(s) + eps))


def adamw_step(parameter, gradient, state, rate, decay=0.01, decoupled=True, betas=(0.9, 0.999), eps=1e-8):
    old = parameter.data.clone()
    if decoupled:
        parameter.data = old - rate * decay * old
        adam_step(parameter, gradient, state, rate, betas, eps)
    else:
        adam_step(parameter, gradient + decay * old, state, rate, betas, eps)


def orthogonalize(matrix, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    norm = math.sqrt((matrix * matrix).sum().item())
    if norm < 1e-7:
        norm = 1e-7
    X = matrix / norm
    for _ in range(steps):
        cubed = X @ X.T @ X
        fifth = X @ X.T @ cubed
        X = coefficients[0] * X + coefficients[1] * cubed + coefficients[2] * fifth
    return X


def muon_step(parameter, gradient, state, rate, momentum=0.95):
    old = state.get("m")
    if old is None:
        average = (1 - momentum) * gradient
    else:
        average = momentum * old + (1 - momentum) * gradient
    state["m"] = average
    factor = 1.0
    if parameter.shape[1] > parameter.shape[0]:
        factor = (parameter.shape[1] / parameter.shape[0]) ** 0.5
    parameter.data = parameter.data - rate * factor * orthogonalize(average)


class Optimizer:
    def __init__(self, groups, rule):
        self.groups = groups
        self.rule = rule
        self.states = {}

    def zero_grad(self):
        for group in self.groups:
            for parameter in group["parameters"]:
                parameter.grad = None

    def step(self):
        for number in range(len(self.groups)):
            group = self.groups[number]
            options = {}
            for name in group:
                if name != "parameters":
                    options[name] = group[name]
            for position in range(len(group["parameters"])):
                parameter = group["parameters"][position]
                if parameter.grad is None:
                    continue
                if (number, position) not in self.states:
                    self.states[(number, position)] = {}
                self.rule(parameter, parameter.grad, self.states[(number, position)], **options)


def parameter_groups(parameters, rate, decay):
    first, second = [], []
    for parameter in parameters:
        if len(parameter.shape) >= 2:
            first.append(parameter)
        else:
            second.append(parameter)
    return [
        {"decay": decay, "rate": rate, "parameters": first},
        {"decay": 0.0, "rate": rate, "parameters": second},
    ]


def clip_by_norm(parameters, largest):
    total = 0.0
    for parameter in parameters:
        if parameter.grad is not None:
            total += float((parameter.grad.double() ** 2).sum())
    norm = math.sqrt(total)
    if norm > largest:
        factor = largest / norm
        for parameter in parameters:
            if parameter.grad is not None:
                parameter.grad.data[...] = factor * parameter.grad
    return norm


def noise_scale(gradients):
    noise, length = 0.0, 0.0
    for column in gradients.t().tolist():
        mean = sum(column) / len(column)
        noise += sum((number - mean) ** 2 for number in column) / (len(column) - 1)
        length += mean**2
    return noise / length


def range_test(take_step, rates, keep=0.9, stop=4.0):
    smoothed = []
    average = None
    for rate in rates:
        loss = float(take_step(rate))
        if math.isnan(loss) or math.isinf(loss):
            break
        if average is None:
            average = loss
        else:
            average = keep * average + (1 - keep) * loss
        too_high = False
        for earlier in smoothed:
            if average > stop * earlier:
                too_high = True
        if too_high:
            break
        smoothed.append(average)
    return smoothed


def pick_rate(rates, smoothed, back=10.0):
    best = 0
    for position in range(1, len(smoothed)):
        if smoothed[position] < smoothed[best]:
            best = position
    return rates[best] / back


def step_decay(step, peak, every, factor=0.1):
    rate = peak
    while step >= every:
        rate *= factor
        step -= every
    return rate


def warmup_cosine(step, steps, peak, warmup, end=0.0):
    if step < warmup:
        return peak * (step + 1) / warmup
    last = steps - 1
    progress = (step - warmup) / (last - warmup)
    share = 0.5 * (1 + math.cos(math.pi * progress))
    return share * peak + (1 - share) * end


def warmup_stable_decay(step, steps, peak, warmup, decay):
    if step < warmup:
        return peak * (step + 1) / warmup
    first_of_the_fall = steps - decay
    if step < first_of_the_fall:
        return peak
    return peak - (step - first_of_the_fall) * peak / decay


def basin_width(rates, losses, slack=0.1):
    best = None
    for position, loss in enumerate(losses):
        if math.isfinite(loss) and (best is None or loss < losses[best]):
            best = position
    left = best
    while left - 1 >= 0 and math.isfinite(losses[left - 1]) and losses[left - 1] <= losses[best] + slack:
        left -= 1
    right = best
    for position in range(best + 1, len(losses)):
        if not losses[position] <= losses[best] + slack:
            break
        right = position
    return math.log(rates[right] / rates[left]) / math.log(10)


def initial_std(fan_in, fan_out, mode="fan_in", gain=1.0):
    if mode == "fan_in":
        variance = gain**2 / fan_in
    elif mode == "fan_out":
        variance = gain**2 / fan_out
    else:
        variance = 2 * gain**2 / (fan_in + fan_out)
    return math.sqrt(variance)


def orthogonal_weight(fan_in, fan_out, generator, gain=1.0):
    """Gram and Schmidt's way, twice over each vector because of rounding."""
    few, many = min(fan_in, fan_out), max(fan_in, fan_out)
    found = []
    for _ in range(few):
        vector = torch.randn(many, generator=generator, dtype=torch.float64)
        for _ in range(2):
            for other in found:
                vector = vector - (vector @ other) * other
        found.append(vector / vector.norm())
    weight = gain * torch.stack(found).float()
    if fan_in <= fan_out:
        return weight
    return weight.t()


def signal_by_layer(x, weights, activation):
    spreads = []
    signal = x
    for weight in weights:
        signal = activation(torch.matmul(signal, weight))
        mean = signal.mean()
        variance = ((signal - mean) ** 2).sum() / (signal.numel() - 1)
        spreads.append(math.sqrt(variance.item()))
    return spreads


def residual_scale(blocks, growth):
    to_add = growth * growth - 1.0
    return math.sqrt(to_add / blocks)


def mup_scales(kind, fan_in, base, std, rate):
    m = fan_in / base
    if kind == "hidden":
        std, rate = std / math.sqrt(m), rate / m
    elif kind == "output":
        std, rate = std / m, rate / m
    return (std, rate)


def diagnose(seen):
    for share in seen["dead"]:
        if share > 0.5:
            return "dead units"
    for share in seen["saturated"]:
        if share > 0.5:
            return "saturated units"
    first_layer, last_layer = seen["activations"][0], seen["activations"][-1]
    if last_layer > 10 * first_layer:
        return "exploding"
    if last_layer < 0.15 * first_layer:
        return "vanishing"
    if seen["losses"][0] > 25:
        return "wrong loss scale"
    start = seen["update ratios"][0]
    if start > -0.7:
        return "rate too high"
    if start < -3.5:
        return "rate too low"
    one, other = seen["dev losses"]
    if one != other:
        return "evaluation in training mode"
    total = 0.0
    for number in (4, 5, 6, 7):
        total += seen["update ratios"][number]
    if total / 4 > -1.65:
        return "no zero_grad"
    if sum(seen["losses"][50:]) / 10 > 1.1:
        return "labels shuffled"
    a, b, c = seen["bias gradients"][0], seen["bias gradients"][1], seen["bias gradients"][2]
    if a > 1.4 and b > 1.4 and c > 1.4:
        return "decay on biases"
    return "healthy"


HEALTHY = {
    "activation": "relu",
    "gain": 1.0,
    "first bias": 0.0,
    "rate": 0.1,
    "zero_grad": True,
    "shuffled": False,
    "reduction": "mean",
    "dropout": 0.0,
    "evaluate in": "evaluation",
    "bias decay": 0.0,
}


def cure(illness, recipe):
    new = {}
    for name in recipe:
        new[name] = recipe[name]
    if illness == "dead units":
        new["first bias"] = 0.01
    if illness in ("saturated units", "exploding", "vanishing"):
        new["gain"] = 1.1
    if illness == "wrong loss scale":
        new["reduction"] = "mean"
    if illness in ("rate too high", "rate too low"):
        new["rate"] = 0.08
    if illness == "evaluation in training mode":
        new["evaluate in"] = "evaluation"
    if illness == "no zero_grad":
        new["zero_grad"] = True
    if illness == "decay on biases":
        new["bias decay"] = 0.0
    if illness == "labels shuffled":
        new["shuffled"] = False
    return new
