"""The references of the modules lesson against torch.nn, on the same networks."""

import copy
import io

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.references import load

lesson = load("part6_modules")
SEEDS = st.integers(0, 10_000)
quick = settings(deadline=None, max_examples=25)
# Attributes of one tree: what is assigned, and under which name; names may come again.
KINDS = st.sampled_from(["parameter", "shared", "module", "shared module", "number", "None"])
ASSIGNED = st.lists(st.tuples(st.sampled_from("abc"), KINDS, st.integers(0, 3)), max_size=12)


def close(actual, expected, **tolerances):
    torch.testing.assert_close(actual, expected, **tolerances)


def numbers(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def grown(kind, assigned):
    """A tree from these assignments, of our modules or of torch's."""
    model = kind()
    modules, shared, shared_module = [model], nn.Parameter(numbers(0, 2)), kind()
    shared_module.weight = nn.Parameter(numbers(1, 3))
    for number, (name, what, which) in enumerate(assigned):
        made = {
            "parameter": lambda n=number: nn.Parameter(numbers(n, 2)), "shared": lambda: shared,
            "module": kind, "shared module": lambda: shared_module, "number": lambda n=number: n,
            "None": lambda: None,
        }  # fmt: skip
        owner, value = modules[which % len(modules)], made[what]()
        stays = isinstance(value, type(getattr(owner, name, None)))
        if kind is nn.Module and name in owner._modules | owner._parameters and not stays:
            delattr(owner, name)  # torch lets nothing else take their place
        setattr(owner, name, value)
        if what == "module":
            modules.append(value)
    return model


@quick
@given(ASSIGNED)
def test_names_are_those_of_torch(assigned):
    ours, theirs = grown(lesson.Module, assigned), grown(nn.Module, assigned)
    for walk in ("named_modules", "named_parameters"):
        mine, torchs = getattr(ours, walk)(), getattr(theirs, walk)()
        assert [name for name, _ in mine] == [name for name, _ in torchs]
    close(dict(ours.named_parameters()), dict(theirs.named_parameters()))
    close(lesson.state_dict(ours), dict(theirs.state_dict()))


@quick
@given(ASSIGNED, st.booleans())
def test_modes_reach_what_torchs_reach(assigned, mode):
    ours, theirs = grown(lesson.Module, assigned), grown(nn.Module, assigned)
    assert ours.train(mode) is ours
    assert [m.training for _, m in ours.named_modules()] == [mode] * len(list(theirs.modules()))


def test_hooks_are_torchs():
    ours, theirs, x = lesson.Linear(3, 2), nn.Linear(3, 2), numbers(0, 4, 3)
    theirs.load_state_dict(lesson.state_dict(ours))
    seen = []
    for hook in (lambda m, args, y: seen.append((args, y)), lambda m, args, y: 2 * y):
        ours.hooks.append(hook)
        theirs.register_forward_hook(hook)
    close(ours(x), theirs(x))
    close(seen[0], seen[1])


def test_a_linear_layer_is_drawn_like_torchs():
    ours, theirs = lesson.Linear(50, 4000), nn.Linear(50, 4000)
    for one, other in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        close(one.std(), other.std(), rtol=0.05, atol=0)
        assert one.abs().max() <= 50**-0.5 and other.abs().max() <= 50**-0.5


def networks(seed, depth=2, dropout=0.0):
    """A network of ours, and torch's with the same weights."""
    ours = lesson.Network(
        11, depth=depth, n_hidden=8, dropout=dropout, generator=torch.Generator().manual_seed(seed)
    )
    theirs = lesson.TorchNetwork(11, depth=depth, n_hidden=8, dropout=dropout)
    theirs.load_state_dict(lesson.for_torch(lesson.state_dict(ours)))
    return ours, theirs


@quick
@given(SEEDS, st.integers(0, 3))
def test_the_same_weights_give_the_same_outputs(seed, depth):
    ours, theirs = networks(seed, depth)
    x = torch.randint(11, (16, 3), generator=torch.Generator().manual_seed(seed))
    close(ours(x), theirs(x), atol=1e-4, rtol=1e-4)
    close(ours.eval()(x), theirs.eval()(x), atol=1e-4, rtol=1e-4)
    assert lesson.count_parameters(ours) == (sum(p.numel() for p in theirs.parameters()), 0)


def test_training_moves_both_alike():
    ours, theirs = networks(3)
    optimizers = [torch.optim.SGD(model.parameters(), lr=0.1) for model in (ours, theirs)]
    for step in range(10):
        x = torch.randint(11, (32, 3), generator=torch.Generator().manual_seed(step))
        for model, optimizer in zip((ours, theirs), optimizers, strict=True):
            model.zero_grad()
            F.cross_entropy(model(x), x[:, 0]).backward()
            optimizer.step()
    state = lesson.for_torch(lesson.state_dict(ours))
    counts = {name for name in state if name.endswith("num_batches_tracked")}
    wanted = {name: tensor for name, tensor in theirs.state_dict().items() if name not in counts}
    close({name: state[name] for name in wanted}, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("mode", [True, False])
def test_dropout_scales_as_torchs(mode):
    x = torch.full((40_000,), 3.0)
    ours, theirs = lesson.Dropout(0.3).train(mode)(x), nn.Dropout(0.3).train(mode)(x)
    close(ours.unique(), theirs.unique())
    close(ours.mean(), theirs.mean(), rtol=0.03, atol=0)


def test_a_state_is_saved_and_loaded_by_torch():
    ours, _ = networks(1)
    file = io.BytesIO()
    torch.save(lesson.state_dict(ours), file)
    file.seek(0)
    other, _ = networks(2)
    lesson.load_state_dict(other, torch.load(file))
    x = torch.randint(11, (16, 3))
    close(other.eval()(x), ours.eval()(x))


@pytest.mark.parametrize("wrong", ["missing", "unexpected", "shape"])
def test_what_torch_refuses_is_refused(wrong):
    ours, theirs = lesson.Linear(3, 2), nn.Linear(3, 2)
    state = dict(theirs.state_dict())
    if wrong == "missing":
        del state["bias"]
    elif wrong == "unexpected":
        state["bias2"] = torch.zeros(2)
    else:
        state["bias"] = torch.zeros(1)
    with pytest.raises(RuntimeError, match="bias"):
        theirs.load_state_dict(state)
    with pytest.raises(ValueError, match="bias"):
        lesson.load_state_dict(ours, state)


def test_torch_aliases_and_ours_copies():
    ours, theirs = lesson.Linear(3, 2), nn.Linear(3, 2)
    states = lesson.state_dict(ours), lesson.state_dict(ours, copy=False), theirs.state_dict()
    with torch.no_grad():
        ours.weight.zero_()
        theirs.weight.zero_()
    assert [bool(state["weight"].any()) for state in states] == [True, False, False]


def test_a_model_can_be_copied():
    """copy asks for attributes before there are drawers."""
    ours, _ = networks(1)
    other = copy.deepcopy(ours)
    close(lesson.state_dict(other), lesson.state_dict(ours))
    assert all(p is not q for p, q in zip(other.parameters(), ours.parameters(), strict=True))


def test_initialize_draws_as_nn_init():
    model = lesson.ModuleList(
        [lesson.Embedding(200, 100), lesson.Linear(100, 200), lesson.BatchNorm1d(5)]
    )
    lesson.initialize(model, std=0.3, generator=torch.Generator().manual_seed(0))
    drawn = nn.init.normal_(torch.empty(20_000), 0, 0.3)
    for weight in (model[0].weight, model[1].weight):
        close(weight.std(), drawn.std(), rtol=0.05, atol=0)
    assert not model[1].bias.any() and model[2].gamma.eq(1).all()


def test_what_is_frozen_does_not_move():
    model, _ = networks(5)
    before = lesson.state_dict(model)
    x = torch.randint(11, (16, 3))
    F.cross_entropy(model(x), x[:, 0]).backward()
    everything = torch.optim.AdamW(model.parameters(), lr=0.1)
    rest = lesson.freeze(model, "layers")
    everything.step()
    moved = {
        name.partition(".")[0] for name, p in model.named_parameters() if not p.equal(before[name])
    }
    assert moved == {"embedding", "output"}
    assert {id(p) for p in rest} == {
        id(p) for p in [*model.embedding.parameters(), *model.output.parameters()]
    }
