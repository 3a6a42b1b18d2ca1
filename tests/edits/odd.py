def texts(x):
    del x[0]
    return f"{x!r:>{3}} and {x + 1}"


def matches(x):
    match x:
        case [1, *y] if y:
            return y
        case "a" | {"b": 2}:
            pass
    return None


def arguments(x: int = 3, *y, z=(1, 2), **w):
    n: int = (m := x) + 1
    return n, *y, z, w, m


def blocks(x):
    with open(x) as y, x:
        try:
            yield from y
        except* ValueError as error:
            raise error from None
        else:
            x[1:, ..., None] @= -1
    while x:
        continue


def targets(self, x):
    self.y, x.z[0] = lambda a, *b: a if b else x, {**x, "k": not x}
    global g
    g = {a for a in x if a for b in a if b}


def nothing(): ...
