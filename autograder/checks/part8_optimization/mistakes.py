"""Known mistakes of part 8: optimization."""

from autograder.checks import mistakes, whole

mistakes("descend", [
    ("[-1] - rate", "[-1] + rate", "the walk goes up; subtract rate times gradient"),
    ("rate * curvatures * places[-1]", "rate * curvatures",
     "the gradient is the curvature times the place, and not the curvature alone"),
    ("rate * curvatures * places[-1]", "rate * curvatures * places[-1] ** 2 / 2",
     "that's the loss; its gradient is curvature times x"),
    ("rate * curvatures * places[-1]", "rate * curvatures * start",
     "the gradient is always that of the start; it must be that of the present place"),
    ("places = [start]", "places = []\nplaces.append(start - rate * curvatures * start)",
     "the start is missing: the path begins with it"),
    whole("""
        x, places = start, []
        for _ in range(steps + 1):
            places.append(x)
            x -= rate * curvatures * x
        return torch.stack(places)
        """,
        "`-=` changes the start itself, and every place in the list is the same tensor; make a "
        "new one: x = x - ..."),
])

mistakes("largest_stable_rate", [
    ("2 /", "1 /",
     "the factor 1 - rate * curvature may go down to -1, and that's at 2 / curvature"),
    ("[-1]", "[0]", "that's the flattest direction; the steepest one sets the limit"),
    ("torch.linalg.eigvalsh(hessian)[-1]", "hessian.diagonal().max()",
     "the diagonal has the curvatures along the axes; the steepest direction may lie between "
     "them, so take the eigenvalues"),
    ("torch.linalg.eigvalsh(hessian)[-1]", "hessian.norm()",
     "the norm of all entries is larger than the largest curvature, unless there is only one"),
    ("torch.linalg.eigvalsh(hessian)[-1]", "torch.linalg.eigvalsh(hessian).sum()",
     "the eigenvalues are added up, as a trace does; the largest one alone counts"),
])

mistakes("best_rate", [
    ("2 / (steep + flat)", "2 / steep",
     "that's the largest stable rate, at which the steep coordinate doesn't shrink at all"),
    ("2 / (steep + flat)", "1 / steep",
     "that removes the steep coordinate in one step; a rate at which both shrink alike is better"),
    ("(steep - flat) / (steep + flat)", "(flat - steep) / (steep + flat)",
     "the factor is a size, so it's not negative"),
    ("(steep - flat) / (steep + flat)", "steep / flat",
     "that's the condition number; the factor is what a step leaves of the distance"),
    ("(steep - flat) / (steep + flat)", "1 - 2 / (steep + flat)",
     "the curvature is missing: a step multiplies a coordinate by 1 - rate * curvature"),
    ("steep, flat = curvatures.max().item(), curvatures.min().item()",
     "steep, flat = curvatures[-1].item(), curvatures[0].item()",
     "the curvatures come in any order; take the largest and the smallest"),
])

mistakes("momentum_step", [
    (" + gradient\n", " + (1 - momentum) * gradient\n",
     "that's an average; in PyTorch's convention the velocity takes in the whole gradient"),
    ('state["velocity"] = velocity', "pass",
     "the velocity isn't kept, so each step is the first one"),
    ('state["velocity"] = velocity', 'state["velocity"] = gradient',
     "what is kept is the last gradient, and not the velocity"),
    ("gradient + momentum * velocity if nesterov else velocity", "velocity",
     "nesterov is ignored; it takes gradient + momentum * velocity"),
    ("gradient + momentum * velocity if nesterov", "momentum * velocity if nesterov",
     "Nesterov adds the gradient to the share of the velocity once more"),
    ("if nesterov else", "if not nesterov else", "the two variants are exchanged"),
    whole("""
        with torch.no_grad():
            velocity = momentum * state.get("velocity", torch.zeros_like(gradient))
            velocity = velocity + rate * gradient
            state["velocity"] = velocity
            parameter -= rate * gradient + momentum * velocity if nesterov else velocity
        """,
        "the rate is in the velocity, so a new rate doesn't reach what has gathered; multiply "
        "by it at the end"),
    ("gradient + momentum * velocity if nesterov", "velocity + momentum * velocity if nesterov",
     "Nesterov adds the gradient to a share of the velocity; here the velocity stands for both"),
    ("parameter -= rate", "parameter += rate", "the step goes up; subtract it"),
    whole("""
        with torch.no_grad():
            if "velocity" not in state:
                state["velocity"] = gradient
            else:
                state["velocity"] = momentum * state["velocity"] + gradient
            velocity = state["velocity"]
            parameter -= rate * (gradient + momentum * velocity if nesterov else velocity)
        """,
        "the first velocity is the gradient's own tensor, which gets other numbers before the "
        "next step; keep a copy: gradient.clone()"),
    whole("""
        velocity = momentum * state.get("velocity", torch.zeros_like(gradient)) + gradient
        state["velocity"] = velocity
        parameter = parameter - rate * (gradient + momentum * velocity if nesterov else velocity)
        """,
        "`parameter = ...` gives the name to a new tensor, and the one that was handed over "
        "stays; change it in place"),
    whole("""
        with torch.no_grad():
            old = state.get("velocity", torch.zeros_like(gradient))
            velocity = momentum * old + rate * gradient
            state["velocity"] = velocity
            parameter -= velocity + rate * gradient if nesterov else velocity
        """, "with nesterov the share of the velocity is missing: gradient + momentum * velocity"),
])

mistakes("best_momentum", [
    ("curvatures.max().item() ** 0.5, curvatures.min().item() ** 0.5",
     "curvatures.max().item(), curvatures.min().item()",
     "the roots are missing: take those of the largest and the smallest curvature first"),
    ("(2 / (steep + flat)) ** 2", "2 / (steep + flat)", "the rate is a square"),
    ("((steep - flat) / (steep + flat)) ** 2", "(steep - flat) / (steep + flat)",
     "that's the factor by which the distance shrinks; the momentum is its square"),
    ("(2 / (steep + flat)) ** 2", "2 / (steep + flat) ** 2",
     "the 2 belongs into the bracket that is squared"),
    ("(2 / (steep + flat)) ** 2", "2 / (steep**2 + flat**2)",
     "that's the best rate without momentum"),
])

mistakes("rmsprop_step", [
    ("(1 - decay) * gradient**2", "gradient**2",
     "an average gives the new square the share 1 - decay"),
    ("(square.sqrt() + eps)", "(square + eps).sqrt()", "eps stands outside of the root"),
    ("(square.sqrt() + eps)", "(square + eps)",
     "the root is missing, so that the size of the gradient doesn't cancel"),
    ("gradient**2", "gradient", "it's the squares that are averaged"),
    ('state["square"] = square', "pass", "the average isn't kept, so each step is the first one"),
    ("decay * state.get", "(1 - decay) * state.get",
     "the average keeps the share `decay` of what it was"),
    ("rate * gradient /", "rate /",
     "the gradient is divided by the root, and here it's the rate alone"),
    whole("""
        with torch.no_grad():
            square = state.get("square", torch.zeros_like(gradient))
            state["square"] = decay * square + (1 - decay) * gradient**2
            parameter -= rate * gradient / (square.sqrt() + eps)
        """, "the step uses the average from before this gradient; update it first"),
    whole("""
        with torch.no_grad():
            square = decay * state.get("square", gradient**2) + (1 - decay) * gradient**2
            state["square"] = square
            parameter -= rate * gradient / (square.sqrt() + eps)
        """, "the average begins at 0, and not at the first square"),
    whole("""
        with torch.no_grad():
            square = decay * state.get("square", 0.0) + (1 - decay) * (gradient**2).mean()
            state["square"] = square
            parameter -= rate * gradient / (square.sqrt() + eps)
        """, "each number has an average of its own; here one stands for all of them"),
])

mistakes("adam_step", [
    ("    if correct:\n        mean, square = mean / (1 - b1**steps), square / (1 - b2**steps)\n",
     "",
     "the averages are never corrected"),
    ("if correct", "if True", "`correct` is ignored; with False the averages are used as they are"),
    ('state.get("steps", 0) + 1', 'state.get("steps", 1) + 1',
     "the count begins at 2; in the first step t is 1"),
    ('state.get("steps", 0) + 1', "state.get(\"steps\", 0) + 1\n    steps = max(steps - 1, 1)",
     "the count lags behind by one from the second step on; t is 2 in the second step"),
    ("mean / (1 - b1**steps)", "mean / (1 - b1)",
     "that's right in the first step alone; the weights add up to 1 - b1**t"),
    ("square / (1 - b2**steps)", "square / (1 - b1**steps)",
     "each average is corrected with its own beta"),
    ("mean / (1 - b1**steps), square / (1 - b2**steps)", "mean / (1 - b1**steps), square",
     "the square is not corrected, so the first steps are too long"),
    ("(square.sqrt() + eps)", "(square + eps).sqrt()", "eps is added after the root is taken"),
    ("rate * mean /", "rate * gradient /",
     "that's RMSProp: Adam steps along the average of the gradients"),
    ("b1, b2 = betas", "b2, b1 = betas", "the betas are exchanged: b1 is that of the mean"),
    ("(1 - b2) * gradient**2", "(1 - b2) * gradient", "the second average is of the squares"),
    whole("""
        b1, b2 = betas
        with torch.no_grad():
            zeros = torch.zeros_like(gradient)
            steps = state["steps"] = state.get("steps", 0) + 1
            mean = b1 * state.get("mean", zeros) + (1 - b1) * gradient
            square = b2 * state.get("square", zeros) + (1 - b2) * gradient**2
            if correct:
                mean, square = mean / (1 - b1**steps), square / (1 - b2**steps)
            state["mean"], state["square"] = mean, square
            parameter -= rate * mean / (square.sqrt() + eps)
        """,
        "the corrected averages are kept and corrected again in the next step; keep the plain "
        "ones"),
])

mistakes("adamw_step", [
    ("parameter *= 1 - rate * decay", "parameter *= 1 - decay",
     "the rate is missing: a parameter shrinks by rate * decay in each step"),
    ("gradient = gradient + decay * parameter", "gradient += decay * parameter",
     "`+=` changes the gradient of whoever called; make a new one"),
    ("gradient = gradient + decay * parameter", "gradient = gradient + decay * parameter**2 / 2",
     "that's the penalty; its gradient is decay * parameter"),
    ("if decoupled", "if not decoupled", "the two variants are exchanged"),
    ("if decoupled:\n        parameter *= 1 - rate * decay\n    else:\n        gradient",
     "if True:\n        gradient",
     "that's Adam with an L2 penalty, always; decoupled decay stays out of the gradient"),
    ("parameter *= 1 - rate * decay", "parameter -= decay * parameter.sign() * rate",
     "that pulls all weights by the same amount; decay multiplies them by 1 - rate * decay"),
    ("adam_step(parameter, gradient, state, rate, betas, eps)",
     "adam_step(parameter, gradient, state, rate)",
     "betas and eps aren't handed on to adam_step"),
    ("adam_step(parameter, gradient, state, rate, betas, eps)",
     "adam_step(parameter, gradient, {}, rate, betas, eps)",
     "Adam gets an empty state in each step and remembers nothing; hand the state on"),
    whole("""
        old = parameter.detach().clone()
        if not decoupled:
            gradient = gradient + decay * old
        adam_step(parameter, gradient, state, rate, betas, eps)
        if decoupled:
            with torch.no_grad():
                parameter *= 1 - rate * decay
        """, "the parameter shrinks after Adam's step, so the step shrinks too; it comes first"),
])

mistakes("orthogonalize", [
    (" / matrix.norm().clamp(min=1e-7)", "",
     "the matrix is not divided by its norm first; with large singular values the iteration "
     "explodes"),
    ("matrix.norm()", "matrix.abs().max()",
     "that's the largest number; divide by the Frobenius norm"),
    ("matrix.norm()", "matrix.square().sum()", "the root of the sum of squares is missing"),
    (".clamp(min=1e-7)", "", "a matrix of zeros is divided by 0 and gives NaN"),
    (".clamp(min=1e-7)", " + 1e-7",
     "the 1e-7 is added; it takes the place of the norm where that is smaller"),
    ("A = X @ X.T", "A = X.T @ X",
     "the product is of shape (M, M) and can't stand on the left of X"),
    ("X @ X.T", "matrix @ matrix.T", "A is made of the matrix, and not of the present X"),
    ("c * A @ A", "c * A * A", "A is multiplied number by number; it's a product of matrices"),
    ("a * X + ", "", "the part a * X is missing"),
    ("(b * A + c * A @ A) @ X", "b * A @ X + c * A @ A",
     "the second product lacks the X on its right"),
    ("A = X @ X.T\n    X", "X", "A is never made"),
    ("for _ in range(steps):\n    A = X @ X.T\n", "A = X @ X.T\nfor _ in range(steps):\n",
     "A stays that of the first round; make it anew in each"),
])

mistakes("muon_step", [
    ("orthogonalize(average)", "average", "the average is subtracted as it is; orthogonalize it"),
    ('state["average"] = average', 'state["average"] = orthogonalize(average)',
     "what is kept is the orthogonalized average; keep the plain one"),
    ("max(1, fan_out / fan_in)", "max(1, fan_in / fan_out)",
     "the factor is for more outputs than inputs: fan_out / fan_in"),
    ("max(1, fan_out / fan_in)", "(fan_out / fan_in)",
     "the factor is at least 1, also where there are fewer outputs than inputs"),
    (" * max(1, fan_out / fan_in) ** 0.5", "",
     "the factor for the shape is missing: the root of max(1, fan_out / fan_in)"),
    ('state["average"] = average', "pass", "the average isn't kept, so each step is the first one"),
    ("max(1, fan_out / fan_in) ** 0.5", "max(1, fan_out / fan_in)", "the root is missing"),
    whole("""
        with torch.no_grad():
            step = orthogonalize(gradient)
            old = state.get("average", torch.zeros_like(gradient))
            average = momentum * old + (1 - momentum) * step
            state["average"] = average
            fan_in, fan_out = parameter.shape
            parameter -= rate * max(1, fan_out / fan_in) ** 0.5 * average
        """, "first the average, then orthogonalize: an average of orthogonal matrices isn't one"),
])

mistakes("Optimizer.step", [
    ("if parameter.grad is not None", "if True",
     "parameters without a gradient are to be left out"),
    ("self.states.setdefault(parameter, {})", "{}",
     "the state is new in each step, so the rule remembers nothing"),
    ("self.states.setdefault(parameter, {})", "self.states",
     "all parameters share one state; each needs a dict of its own"),
    ("self.states.setdefault(parameter, {})", "self.states.setdefault(tuple(parameter.shape), {})",
     "parameters of the same shape share a state; each needs a dict of its own"),
    ('{name: value for name, value in group.items() if name != "parameters"}',
     '{name: value for name, value in self.groups[0].items() if name != "parameters"}',
     "every parameter gets the options of the first group; take those of its own"),
    ('{name: value for name, value in group.items() if name != "parameters"}',
     '{"rate": group.get("rate")}',
     "the rate alone is handed on; a group may have other options, such as a decay"),
    whole("""
        for group in self.groups:
            parameters = group.pop("parameters")
            for parameter in parameters:
                if parameter.grad is not None:
                    state = self.states.setdefault(parameter, {})
                    self.rule(parameter, parameter.grad, state, **group)
        """, "pop takes the parameters out of the group for good, and the next step finds none"),
    whole("""
        for group in self.groups:
            options = {name: value for name, value in group.items() if name != "parameters"}
            for position, parameter in enumerate(group["parameters"]):
                if parameter.grad is not None:
                    state = self.states.setdefault(position, {})
                    self.rule(parameter, parameter.grad, state, **options)
        """,
        "the position in the group is no name for a state: the first parameters of two groups "
        "share one"),
    whole("""
        self.options = getattr(self, "options", [dict(group) for group in self.groups])
        for group in self.options:
            options = {name: value for name, value in group.items() if name != "parameters"}
            for parameter in group["parameters"]:
                if parameter.grad is not None:
                    state = self.states.setdefault(parameter, {})
                    self.rule(parameter, parameter.grad, state, **options)
        """,
        "the options are those of the first step for ever; a schedule changes them, so read the "
        "group anew"),
])

mistakes("parameter_groups", [
    (".ndim >= 2", ".ndim > 2", "two dimensions decay as well: matrices have two"),
    ("parameter.ndim < 2", "parameter.ndim == 1", "a tensor of no dimension is in no group at all"),
    (".ndim >= 2", ".ndim < 2", "the first group is that of the matrices"),
    ('"decay": 0.0', '"decay": decay', "the second group decays too; its decay is 0"),
    (".ndim >= 2", ".shape[0] >= 2",
     "that asks for the size of the first dimension, and not for their number"),
    ('"rate": rate, "decay": 0.0', '"rate": 0.0, "decay": 0.0',
     "the second group has a rate of 0 and would never be trained; only its decay is 0"),
    ('{"parameters": others, "rate": rate, "decay": 0.0},', "",
     "the other parameters are in no group and would never be trained"),
])

mistakes("clip_by_norm", [
    ("gradient.mul_(largest / norm)", "gradient.clamp_(-largest, largest)",
     "each number is cut off; multiply all of them by one factor, so that the direction stays"),
    ("gradient.mul_(largest / norm)", "gradient.mul_(largest)",
     "the gradients are to be divided by the norm too"),
    ("gradient.mul_(largest / norm)", "gradient.mul_(largest / gradient.norm())",
     "each gradient is divided by its own norm, which turns the whole; take the norm of all "
     "together"),
    ("if norm > largest", "if True",
     "a gradient that is short enough is made longer; leave it as it is"),
    ("return norm", "return min(norm, largest)", "return the norm from before the clipping"),
    ("gradient.square().sum().item() for gradient in gradients) ** 0.5",
     "gradient.norm().item() for gradient in gradients)",
     "the norms are added up; it's the squares that add up, and then comes the root"),
    ("gradient.square().sum().item() for gradient in gradients) ** 0.5",
     "gradient.square().sum().item() for gradient in gradients)",
     "the root is missing"),
    (" if parameter.grad is not None", "",
     "a parameter without a gradient has None, which has no numbers"),
    whole("""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norm = sum(gradient.square().sum().item() for gradient in gradients) ** 0.5
        for parameter in parameters:
            if parameter.grad is not None and norm > largest:
                parameter.grad = parameter.grad * largest / norm
        return norm
        """, "the parameter gets a new gradient; change the one that it has in place"),
])

mistakes("noise_scale", [
    ("gradients.var(0).sum()", "gradients.std(0).sum()",
     "the variances add up, and not the deviations"),
    ("gradients.var(0).sum()", "gradients.var(0).mean()",
     "the variances of all columns are added up"),
    ("gradients.var(0).sum()", "gradients.var()",
     "that's one variance of all numbers; each column has its own"),
    ("gradients.mean(0).square().sum()", "gradients.square().mean(0).sum()",
     "that's the mean of the squares; square the means"),
    ("gradients.mean(0).square().sum()", "gradients.mean(0).norm()",
     "the length of the mean gradient is to be squared"),
    ("gradients.var(0)", "gradients.var(0, correction=0)",
     "divide by N - 1: the unbiased variance"),
    ("gradients.var(0).sum() / gradients.mean(0).square().sum()",
     "gradients.var(1).sum() / gradients.mean(1).square().sum()",
     "the examples are in the rows: mean and variance run over dimension 0"),
    ("gradients.var(0).sum() / gradients.mean(0).square().sum()",
     "(gradients.var(0) / gradients.mean(0).square()).sum()",
     "the quotients of the columns are added up; add up above and below the line first"),
])

mistakes("range_test", [
    ("keep * smoothed[-1] + (1 - keep) * loss", "(1 - keep) * smoothed[-1] + keep * loss",
     "the shares are exchanged: `keep` belongs to the smoothed loss before"),
    ("        loss = keep * smoothed[-1] + (1 - keep) * loss\n", "", "nothing is smoothed"),
    ("    if not math.isfinite(loss):\n        break\n", "",
     "a NaN gets into the average, and compares with nothing; stop where a loss is not finite"),
    ("not math.isfinite(loss)", "math.isnan(loss)", "an infinite loss ends the test as well"),
    ("        if loss > stop * min(smoothed):\n            break\n", "",
     "the test goes on however far the loss has run away"),
    ("min(smoothed)", "smoothed[0]",
     "the limit is `stop` times the smallest loss so far, and not the first one"),
    ("min(smoothed)", "smoothed[-1]",
     "the limit is `stop` times the smallest loss so far, and not the last one"),
    ("        if loss > stop * min(smoothed):\n            break\n    smoothed.append(loss)\n",
     "    smoothed.append(loss)\n    if loss > stop * min(smoothed):\n        break\n",
     "the loss that has run away is kept; it isn't wanted"),
    ("    if smoothed:\n        loss =",
     "    if True:\n        smoothed = smoothed or [0.0]\n        loss =",
     "the average begins at 0; the first smoothed loss is the first loss"),
    whole("""
        losses = [take_step(rate) for rate in rates]
        smoothed = []
        for loss in losses:
            if not math.isfinite(loss):
                break
            if smoothed:
                loss = keep * smoothed[-1] + (1 - keep) * loss
                if loss > stop * min(smoothed):
                    break
            smoothed.append(loss)
        return smoothed
        """,
        "all rates are tried before anybody looks; stop the training as soon as the loss runs "
        "away"),
    whole("""
        smoothed, average = [], None
        for rate in rates:
            loss = take_step(rate)
            if not math.isfinite(loss):
                break
            average = loss if average is None else keep * average + (1 - keep) * loss
            if smoothed and loss > stop * min(smoothed):
                break
            smoothed.append(average)
        return smoothed
        """,
        "it's the smoothed loss that is compared with the limit: a single minibatch may be bad "
        "luck"),
])

mistakes("pick_rate", [
    (" / back", "", "that's the rate of the lowest point, which is too high; divide it by `back`"),
    (" / back", " * back", "the rate is multiplied by `back`; step back from the lowest point"),
    (" / back", " / 10", "`back` is fixed at 10; use the one that is passed in"),
    ("min(smoothed)", "max(smoothed)", "that's the highest loss; the lowest one is wanted"),
    ("rates[smoothed.index(min(smoothed))] / back", "min(smoothed) / back",
     "that's a loss, and not its rate"),
    ("smoothed.index(min(smoothed))", "len(smoothed) - 1",
     "that's where the test ended; look for the lowest loss"),
    ("smoothed.index(min(smoothed))", "len(smoothed) - 1 - smoothed[::-1].index(min(smoothed))",
     "of equal losses the first one counts, with the smallest rate"),
])

mistakes("step_decay", [
    ("step // every", "step / every", "the rate falls in every step; `//` counts whole stairs"),
    ("step // every", "(step + 1) // every",
     "each stair begins one step too early: the first `every` steps have the peak"),
    ("factor ** (step // every)", "factor * (step // every)",
     "each stair multiplies by the factor once more: a power"),
    ("peak * factor ** (step // every)", "peak * (factor if step >= every else 1)",
     "the rate falls only once; it falls after each further `every` steps"),
    ("step // every", "step % every", "that's the place on a stair; count the stairs behind it"),
])

mistakes("warmup_cosine", [
    ("(step + 1) / warmup", "step / warmup",
     "the first step has a rate of 0 and does nothing; begin with 1 / warmup"),
    ("(steps - 1 - warmup)", "(steps - warmup)",
     "the cosine ends one step after the last; the progress is 1 at step `steps - 1`"),
    ("(step - warmup) / (steps - 1 - warmup)", "step / (steps - 1)",
     "the progress counts from the first step, so the rate jumps after the warm-up; it's 0 at "
     "step `warmup`"),
    ("(peak - end) *", "peak *", "the cosine comes on top of the end and starts above the peak"),
    ("return end + (peak - end) *", "return (peak - end) *",
     "the end isn't added, so the last rate is 0"),
    ("(1 + math.cos(math.pi * progress)) / 2", "math.cos(math.pi * progress)",
     "the cosine goes down to -1; bring it between 0 and 1"),
    ("math.cos(math.pi * progress)", "math.cos(progress)", "half a cosine needs the factor pi"),
    ("(1 + math.cos(math.pi * progress)) / 2", "(1 - progress)", "that's a straight line"),
    ("step < warmup", "step <= warmup",
     "step `warmup` is the first one of the cosine, and has the peak"),
])

mistakes("warmup_stable_decay", [
    ("(step + 1) / warmup", "step / warmup",
     "the first step has a rate of 0 and does nothing; begin with 1 / warmup"),
    ("peak * (steps - step) / decay", "peak * (steps - 1 - step) / decay",
     "the last step has a rate of 0 and does nothing; it should be peak / decay"),
    ("peak * (steps - step) / decay", "peak * (decay - (steps - step)) / decay",
     "the rate rises again; it's the steps that are left which count"),
    ("if steps - step < decay", "if step > decay",
     "the fall begins after `decay` steps; it's the last `decay` steps that fall"),
    ("peak * (steps - step) / decay", "peak * (steps - step) / steps",
     "the fall is spread over the whole run; divide by `decay`"),
    ("peak * (steps - step) / decay", "peak / decay", "the fall is a cliff; it goes down evenly"),
    ("(step + 1) / warmup", "(step + 1) / steps",
     "the warm-up is spread over the whole run; divide by `warmup`"),
])

mistakes("basin_width", [
    ("loss if math.isfinite(loss) else math.inf", "loss",
     "NaN is neither smaller nor larger than any number; treat it as infinite"),
    ("math.log10(rates[high] / rates[low])", "rates[high] / rates[low]",
     "that's a factor; the width is its logarithm to base 10"),
    ("math.log10(", "math.log(", "that's the natural logarithm; powers of ten want log10"),
    ("math.log10(rates[high] / rates[low])", "rates[high] - rates[low]",
     "the width is measured on the logarithm of the rate"),
    ("math.log10(rates[high] / rates[low])", "high - low",
     "that counts rates; measure the powers of ten between them"),
    ("known[low] + slack", "known[low] * (1 + slack)",
     "the slack is added to the lowest loss, not multiplied by it"),
    ("known[low] + slack", "slack", "the limit lies `slack` above the lowest loss"),
    ("while low > 0 and known[low - 1] <= limit:\n    low -= 1\n", "",
     "only the side of the larger rates is looked at"),
    ("while high + 1 < len(known) and known[high + 1] <= limit:\n    high += 1\n", "",
     "only the side of the smaller rates is looked at"),
    whole("""
        known = [loss if math.isfinite(loss) else math.inf for loss in losses]
        good = [rate for rate, loss in zip(rates, known) if loss <= min(known) + slack]
        return math.log10(good[-1] / good[0])
        """,
        "good losses beyond a bad one count here; the basin ends where the first bad one stands"),
])

mistakes("initial_std", [
    ("fan**0.5", "fan", "the root is missing: variances add up, and the spread is their root"),
    ("(fan_in + fan_out) / 2", "fan_in + fan_out",
     "the two fans are added; Xavier takes their mean"),
    ("(fan_in + fan_out) / 2", "(fan_in * fan_out) ** 0.5",
     "that's the geometric mean; Xavier takes half of the sum"),
    ('"fan_in": fan_in, "fan_out": fan_out', '"fan_in": fan_out, "fan_out": fan_in',
     "the two fans are exchanged"),
    ("gain / fan**0.5", "1 / fan**0.5", "the gain is ignored"),
    ("gain / fan**0.5", "(gain / fan) ** 0.5",
     "the gain multiplies the spread, and not the variance"),
])

mistakes("orthogonal_weight", [
    (", generator=generator", "", "the generator is not used, so that a run cannot be repeated"),
    ("Q = Q * R.diagonal().sign()\n", "",
     "QR alone favors some matrices: multiply each column by the sign of R's diagonal"),
    ("R.diagonal().sign()", "R.diagonal()",
     "the columns are multiplied by R's diagonal itself; only its sign is wanted"),
    ("gain * (Q if fan_in >= fan_out else Q.T)", "Q if fan_in >= fan_out else Q.T",
     "the gain is ignored"),
    ("(Q if fan_in >= fan_out else Q.T)", "Q",
     "a weight with more outputs than inputs comes out the wrong way round; transpose it"),
    ("torch.randn(rows, columns, generator=generator)",
     "torch.rand(rows, columns, generator=generator)",
     "numbers between 0 and 1 all point into one corner; draw normal ones"),
    ("torch.linalg.qr(torch.randn(rows, columns, generator=generator))",
     "(torch.randn(rows, columns, generator=generator) / rows**0.5, torch.eye(columns))",
     "that's a random matrix of the right spread; it's orthogonal only after a QR decomposition"),
])

mistakes("signal_by_layer", [
    ("x = activation(x @ weight)\n    spreads.append(x.std().item())",
     "x = x @ weight\n    spreads.append(x.std().item())\n    x = activation(x)",
     "the spread is measured in front of the activation; measure what comes out of the layer"),
    ("activation(x @ weight)", "x @ weight", "the activation is never applied"),
    ("    x = activation(x @ weight)\n    spreads.append(x.std().item())",
     "    spreads.append(activation(x @ weight).std().item())",
     "every layer gets the first signal; what comes out of one goes into the next"),
    ("x.std()", "x.var()", "that's the variance; the spread is its root"),
    ("x.std()", "x.std(0).mean()",
     "that's a mean of spreads, column by column; take the spread of all numbers"),
    ("spreads = []", "spreads = [x.std().item()]",
     "the input is no layer; begin with what comes out of the first"),
    ("x @ weight", "x @ weight / weight.shape[0] ** 0.5",
     "the weights are scaled already; use them as they are"),
])

mistakes("residual_scale", [
    ("(growth**2 - 1) / blocks", "(growth - 1) / blocks",
     "it's the variances that add up: the squares of the spreads"),
    ("((growth**2 - 1) / blocks) ** 0.5", "(growth**2 - 1) / blocks",
     "that's the variance of what a block adds; its root is the spread"),
    ("growth**2 - 1", "growth**2",
     "the stream starts with a variance of 1, which is not the blocks' doing"),
    ("((growth**2 - 1) / blocks) ** 0.5", "(growth**2 - 1) ** 0.5 / blocks",
     "the number of blocks belongs under the root"),
    ("((growth**2 - 1) / blocks) ** 0.5", "growth ** (1 / blocks)",
     "a stream adds; that's the factor of layers that multiply"),
    ("((growth**2 - 1) / blocks) ** 0.5", "(growth - 1) / blocks",
     "spreads of independent numbers don't add up, their squares do"),
])

mistakes("mup_scales", [
    ("fan_in / base", "base / fan_in",
     "m is the wrong way round: how many times as wide the network is"),
    ('if kind == "input"', "if False",
     "the input's weights stay as they were: their fan-in doesn't grow"),
    ('(m**0.5 if kind == "hidden" else m)', "m**0.5",
     "the output's spread is divided by m, without a root"),
    ('(m**0.5 if kind == "hidden" else m)', "m",
     "the hidden weights' spread is divided by the root of m"),
    (", rate / m", ", rate", "the rate stays; with Adam it must shrink as the network grows"),
    (", rate / m", ", rate / m**0.5",
     "the rate is divided by m itself: all terms of the sum move the same way"),
    ('kind == "hidden"', 'kind == "output"', "hidden and output are exchanged"),
])

mistakes("diagnose", [
    ('"exploding", growth, 0.9', '"exploding", growth, 0.0',
     "many healthy networks grow a little from layer to layer; set the limit between the columns "
     "of the table"),
    ('"vanishing", -growth, 0.9', '"vanishing", -growth, 0.0',
     "many healthy networks fade a little from layer to layer; set the limit between the columns "
     "of the table"),
    ('seen["activations"][-1] / seen["activations"][0]',
     'seen["activations"][0] / seen["activations"][-1]',
     "that's first / last: exploding and vanishing are exchanged"),
    ('seen["losses"][0]), 1.3', 'seen["losses"][0]), 0.15',
     "a healthy network's first loss may lie well above that of a uniform guess; a sum is 32 "
     "times the mean"),
    ('"rate too high", first, -0.75', '"rate too high", first, -2.9',
     "an update of a hundredth is healthy here: the networks are small, and their first steps "
     "large"),
    ("/ 10, 1.15", "/ 10, 0.3",
     "healthy networks are at about 0.5 after 60 steps; shuffled labels keep the loss of a "
     "uniform guess"),
    ('"no zero_grad", middle', '"no zero_grad", seen["update ratios"][-1]',
     "the last entries have fallen with the rate; look at entries 4 to 7"),
    ('min(seen["bias gradients"][:3])', 'min(seen["weight gradients"][:3])',
     "it's the biases that are pulled to 0, and not the weights"),
    ('if max(seen["dead"]) > 0.6', 'if max(seen["dead"]) > 0',
     "a few dead units are nothing; a layer that is dead as a whole is"),
    ('max(seen["saturated"]), 0.5', "0.0, 0.5",
     "nobody asks for saturated units, and what they cause is taken for something else"),
    ('seen["dev losses"][0] != seen["dev losses"][1], 0.5',
     'seen["dev losses"][0] - seen["dev losses"][1], 0.5',
     "the two dev losses may differ by little, and either may be the larger: ask whether they "
     "are the same"),
    whole("""
        if sum(seen["losses"][-10:]) / 10 > 1.15:
            return "labels shuffled"
        return "healthy"
        """,
        "many illnesses keep the loss high; ask for those first that show before the first step"),
])

mistakes("cure", [
    ("return recipe |", "return HEALTHY |",
     "the whole recipe is replaced; change the one entry that ails"),
    ('"saturated units": "gain"', '"saturated units": "activation"',
     "tanh isn't the trouble; the weights are too wide for it"),
    ('"evaluation in training mode": "evaluate in"', '"evaluation in training mode": "dropout"',
     "the dropout may stay; it's the mode of the evaluation that is wrong"),
    ('"vanishing": "gain"', '"vanishing": "rate"',
     "a larger rate doesn't bring a signal back that has faded; widen the weights"),
    ('"exploding": "gain"', '"exploding": "rate"',
     "a smaller rate doesn't tame what is too large before the first step; narrow the weights"),
    ('"wrong loss scale": "reduction"', '"wrong loss scale": "rate"',
     "the rate is healthy; it's the loss that is a sum"),
    ('"dead units": "first bias"', '"dead units": "gain"',
     "wider weights don't reach a bias that deep; begin with biases of 0"),
    ("return recipe | {name: HEALTHY[name] for name in changed}",
     "recipe.update({name: HEALTHY[name] for name in changed})\nreturn recipe",
     "the recipe that was handed over is changed; make a new one"),
    ("return recipe | {name: HEALTHY[name] for name in changed}",
     "return {name: HEALTHY[name] for name in changed}",
     "the other entries are lost; the recipe must be complete"),
])
