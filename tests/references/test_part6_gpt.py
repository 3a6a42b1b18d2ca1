"""The GPT lesson's references against torch's own modules, brute force and closed forms."""

import math
import os
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.references import load

lesson = load("part6_gpt")
shapes = st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 4))
seeds = st.integers(0, 10_000)
few = settings(max_examples=30, deadline=None)


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def filled(module, seed=0):
    """The module with random parameters, the gains of its norms near one."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in module.named_parameters():
        values = torch.randn(parameter.shape, generator=generator) * 0.3
        parameter.data = values + 1.0 if name.endswith("gamma") else values
    return module


# --- an oracle of torch's own modules ------------------------------------------------------------


def layer_norm_of(norm):
    oracle = nn.LayerNorm(len(norm.gamma))
    oracle.load_state_dict({"weight": norm.gamma, "bias": norm.beta})
    return oracle


def attention_of(attention, n_embd):
    """nn.MultiheadAttention with the weights of our heads stacked."""
    oracle = nn.MultiheadAttention(n_embd, len(attention.heads), batch_first=True)
    stacked = [
        torch.cat([getattr(head, name).weight for head in attention.heads])
        for name in ("query", "key", "value")
    ]
    oracle.in_proj_weight.data = torch.cat(stacked)
    oracle.in_proj_bias.data.zero_()
    oracle.out_proj.load_state_dict(attention.proj.state_dict())
    return oracle


class OracleGPT(nn.Module):
    """The same model from nn.TransformerEncoderLayer, nn.MultiheadAttention and nn.LayerNorm."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        n_embd = model.lm_head.in_features
        self.layers = nn.ModuleList(self.layer_of(block, n_embd) for block in model.blocks)
        self.norm = layer_norm_of(model.ln_f)

    def layer_of(self, block, n_embd):
        layer = nn.TransformerEncoderLayer(
            n_embd, len(block.sa.heads), 4 * n_embd, 0.0, batch_first=True, norm_first=True
        )
        layer.self_attn = attention_of(block.sa, n_embd)
        layer.linear1.load_state_dict(block.ffwd.net[0].state_dict())
        layer.linear2.load_state_dict(block.ffwd.net[2].state_dict())
        layer.norm1, layer.norm2 = layer_norm_of(block.ln1), layer_norm_of(block.ln2)
        return layer

    def forward(self, idx):
        T = idx.shape[1]
        x = self.model.token_embedding_table(idx) + self.model.position_embedding_table.weight[:T]
        mask = torch.ones(T, T, dtype=torch.bool).triu(1)
        for layer in self.layers:
            x = layer(x, src_mask=mask)
        return self.model.lm_head(self.norm(x))


@pytest.mark.parametrize("T", [1, 2, 5, 8])
@pytest.mark.parametrize("n_head", [1, 2, 4])
def test_gpt_equals_torchs_own_transformer(T, n_head):
    model = filled(lesson.GPT(11, 8, n_head, 3, 8))
    idx = torch.randint(11, (3, T), generator=torch.Generator().manual_seed(T))
    logits, loss = model(idx, idx.roll(1, 1))
    assert logits.shape == (3, T, 11)
    torch.testing.assert_close(logits, OracleGPT(model)(idx), rtol=1e-5, atol=1e-5)
    expected = F.cross_entropy(logits.transpose(1, 2), idx.roll(1, 1))
    torch.testing.assert_close(loss, expected)


def test_gpt_gradients_equal_those_of_torchs_own_transformer():
    model = filled(lesson.GPT(7, 8, 2, 2, 6))
    oracle = OracleGPT(model).double()
    idx = torch.randint(7, (2, 6), generator=torch.Generator().manual_seed(1))
    _, loss = model(idx, idx.flip(0))
    names = ("token_embedding_table.weight", "position_embedding_table.weight", "lm_head.weight")
    parameters = [dict(model.named_parameters())[name] for name in names]
    ours = torch.autograd.grad(loss, parameters)
    theirs = torch.autograd.grad(
        F.cross_entropy(oracle(idx).transpose(1, 2), idx.flip(0)), parameters
    )
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


@few
@given(shapes, seeds)
def test_attention_equals_torchs(shape, seed):
    query, key, value = randn(3, *shape, seed=seed)
    expected = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(lesson.attention_by_hand(query, key, value), expected)
    torch.testing.assert_close(lesson.attention_weights(query, key) @ value, expected)


@pytest.mark.parametrize("leading", [(), (2,), (2, 3), (1, 2, 2)])
def test_attention_of_any_leading_dimensions(leading):
    query, key, value = randn(3, *leading, 5, 4)
    expected = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(lesson.attention_by_hand(query, key, value), expected)


@pytest.mark.parametrize("n_embd, head_size, T", [(4, 4, 3), (6, 2, 8), (3, 5, 1), (2, 7, 8)])
def test_head_equals_torchs_attention_of_its_projections(n_embd, head_size, T):
    head = filled(lesson.Head(n_embd, head_size, 8))
    x = randn(2, T, n_embd)
    expected = F.scaled_dot_product_attention(
        head.query(x), head.key(x), head.value(x), is_causal=True
    )
    torch.testing.assert_close(head(x), expected)


@pytest.mark.parametrize("n_head", [1, 2, 3])
def test_multi_head_attention_equals_torchs(n_head):
    n_embd = 6
    attention = filled(lesson.MultiHeadAttention(n_embd, n_head, n_embd // n_head, 8))
    x = randn(2, 7, n_embd)
    mask = torch.ones(7, 7, dtype=torch.bool).triu(1)
    expected, _ = attention_of(attention, n_embd)(x, x, x, attn_mask=mask)
    torch.testing.assert_close(attention(x), expected)


@few
@given(shapes, seeds)
def test_layer_norm_equals_torchs(shape, seed):
    norm = filled(lesson.LayerNorm(shape[-1], eps=1e-3), seed)
    oracle = nn.LayerNorm(shape[-1], eps=1e-3)
    oracle.load_state_dict({"weight": norm.gamma, "bias": norm.beta})
    x = randn(*shape, seed=seed) * 5 + 2
    torch.testing.assert_close(norm(x), oracle(x), rtol=1e-5, atol=1e-5)


def test_gradients_of_head_and_norm_are_those_of_differences():
    head, norm = lesson.Head(3, 2, 4).double(), lesson.LayerNorm(3).double()
    x = randn(1, 4, 3).double().requires_grad_()
    assert torch.autograd.gradcheck(head, (x,))
    assert torch.autograd.gradcheck(norm, (x,))


def test_all_heads_at_once_equals_the_list_of_heads():
    attention = filled(lesson.MultiHeadAttention(5, 3, 4, 8))
    x = randn(2, 6, 5)
    weights = [
        torch.cat([getattr(head, name).weight for head in attention.heads])
        for name in ("query", "key", "value")
    ]
    expected = torch.cat([head(x) for head in attention.heads], dim=-1)
    torch.testing.assert_close(lesson.all_heads_at_once(x, *weights, 3), expected)


# --- four papers ---------------------------------------------------------------------------------


@few
@given(shapes, seeds)
def test_rms_norm_is_torchs(shape, seed):
    x, gain = randn(*shape, seed=seed), randn(shape[-1], seed=seed + 1)
    expected = nn.RMSNorm(shape[-1], eps=1e-5)
    with torch.no_grad():
        expected.weight.copy_(gain)
    torch.testing.assert_close(lesson.rms_norm(x, gain), expected(x), rtol=1e-4, atol=1e-5)


def test_swiglu_is_a_network_of_torchs_layers():
    gate, up, down = (
        nn.Linear(3, 7, bias=False),
        nn.Linear(3, 7, bias=False),
        nn.Linear(7, 3, bias=False),
    )
    x = randn(2, 5, 3)
    expected = down(nn.SiLU()(gate(x)) * up(x))
    result = lesson.swiglu(x, gate.weight, up.weight, down.weight)
    torch.testing.assert_close(result, expected)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), seeds)
def test_a_turn_is_a_rotation_by_the_place(one, other, further, seed):
    query, key = (randn(1, 8, seed=seed + n).double() for n in range(2))

    def turned(x, place):
        return lesson.rotate(x, torch.tensor([place], dtype=torch.float64))

    matrix = torch.zeros(8, 8, dtype=torch.float64)
    for i in range(4):
        generator = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
        angle = one * 10000.0 ** (-2 * i / 8)
        matrix[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = torch.matrix_exp(angle * generator)
    close = {"rtol": 1e-3, "atol": 1e-3}  # the table of angles is float32
    torch.testing.assert_close(turned(query, one), query @ matrix.T, **close)
    here = (turned(query, one) * turned(key, other)).sum()
    there = (turned(query, one + further) * turned(key, other + further)).sum()
    torch.testing.assert_close(here, there, **close)
    torch.testing.assert_close(turned(query, one).norm(), query.norm(), **close)


def test_grouped_attention_is_torchs():
    query, key, value = randn(2, 6, 5, 4), randn(2, 2, 5, 4, seed=1), randn(2, 2, 5, 4, seed=2)
    expected = F.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
    torch.testing.assert_close(lesson.grouped_attention(query, key, value), expected)


def test_a_modern_gpt_has_as_many_parameters_and_sees_no_future():
    plain = lesson.Modern(65)
    gated = lesson.Modern(65, rms=True, gated=True, rotary=True, groups=2)
    sizes = [sum(p.numel() for p in model.parameters()) for model in (plain, gated)]
    assert sizes[1] < sizes[0] < 1.2 * sizes[1]
    idx = torch.randint(65, (2, 32), generator=torch.Generator().manual_seed(1))
    other = idx.clone()
    other[:, 20:] = 0
    logits = [gated(each, each)[0][:, :20] for each in (idx, other)]
    torch.testing.assert_close(*logits)


# --- averages, batches, tokens -------------------------------------------------------------------


@few
@given(shapes, seeds)
def test_three_averages_are_the_cumulated_mean(shape, seed):
    x = randn(*shape, seed=seed)
    expected = x.cumsum(1) / torch.arange(1, shape[1] + 1)[:, None]
    for average in (
        lesson.average_past_loop,
        lesson.average_past_matmul,
        lesson.average_past_softmax,
    ):
        torch.testing.assert_close(average(x), expected, rtol=1e-5, atol=1e-5)


@given(st.text(max_size=30))
def test_tokenizer_is_reversible_and_numbers_sorted_characters(text):
    encode, decode = lesson.build_tokenizer(text)
    assert decode(encode(text)) == text
    assert encode("".join(sorted(set(text)))) == list(range(len(set(text))))


@given(st.integers(0, 300), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
def test_split_keeps_every_token_once(number, fraction):
    train, validation = lesson.split_data(torch.arange(number), fraction)
    assert torch.cat((train, validation)).tolist() == list(range(number))
    assert len(train) == math.floor(fraction * number)


@few
@given(st.integers(1, 6), st.integers(1, 8), seeds)
def test_every_window_is_drawn_equally_often(block_size, places, seed):
    data = torch.arange(block_size + places)
    generator = torch.Generator().manual_seed(seed)
    x, y = lesson.get_batch(data, block_size, 500 * places, generator)
    assert x.shape == y.shape == (500 * places, block_size)
    assert torch.equal(y, x + 1)
    assert torch.equal(x - x[:, :1], torch.arange(block_size).expand_as(x))
    counts = torch.bincount(x[:, 0], minlength=places)
    assert len(counts) == places
    assert (counts - 500).abs().max() < 7 * math.sqrt(500)


def test_a_text_too_short_for_a_window_is_refused():
    with pytest.raises(RuntimeError):
        lesson.get_batch(torch.arange(4), 4, 1)


# --- the models ----------------------------------------------------------------------------------


def test_bigram_model_at_its_optimum_is_the_table_of_counts():
    data = torch.tensor([0, 1, 0, 1, 0, 2, 0, 1])
    x, y = data[None, :-1], data[None, 1:]
    counts = torch.zeros(3, 3).index_put((x[0], y[0]), torch.ones(7), accumulate=True)
    model = lesson.BigramLanguageModel(3)
    model.token_embedding_table.weight.data = (counts / counts.sum(1, keepdim=True)).log()
    model.token_embedding_table.weight.data.clamp_(min=-50)
    expected = -(3 * math.log(3 / 4) + math.log(1 / 4)) / 7
    assert model(x, y)[1].item() == pytest.approx(expected, rel=1e-6)


def test_a_uniform_model_costs_the_logarithm_of_its_vocabulary():
    model = lesson.GPT(65, 8, 2, 1, 4)
    nn.init.zeros_(model.lm_head.weight)
    nn.init.zeros_(model.lm_head.bias)
    idx = torch.randint(65, (2, 4))
    assert model(idx, idx)[1].item() == pytest.approx(math.log(65), rel=1e-6)


def test_the_lectures_models_have_its_number_of_parameters():
    with torch.device("meta"):
        large, small = lesson.GPT(65, **lesson.LECTURE), lesson.GPT(65, **lesson.SHORT)
    assert sum(parameter.numel() for parameter in large.parameters()) == 10_788_929
    assert sum(parameter.numel() for parameter in small.parameters()) == 209_729


@pytest.mark.parametrize("start", range(1, 8))
def test_the_future_changes_nothing(start):
    model = filled(lesson.GPT(9, 8, 2, 2, 8))
    idx = torch.randint(9, (2, 8), generator=torch.Generator().manual_seed(start))
    other = idx.clone()
    other[:, start:] = (other[:, start:] + 1) % 9
    one, two = model(idx)[0], model(other)[0]
    assert torch.equal(one[:, :start], two[:, :start])
    assert not torch.equal(one[:, start], two[:, start])


def test_a_shorter_context_gives_the_same_logits():
    model = filled(lesson.GPT(9, 8, 2, 2, 8))
    idx = torch.randint(9, (1, 8), generator=torch.Generator().manual_seed(0))
    for T in range(1, 9):
        torch.testing.assert_close(model(idx[:, :T])[0], model(idx)[0][:, :T])


def test_everything_stays_on_the_device_of_its_input():
    """The meta device has shapes and no numbers; mixed with the CPU it raises."""
    model = lesson.GPT(9, 8, 2, 2, 8).to("meta")
    idx = torch.zeros(2, 5, dtype=torch.int64, device="meta")
    logits, loss = model(idx, idx)
    assert (logits.device.type, loss.device.type) == ("meta", "meta")
    x = torch.zeros(2, 5, 8, device="meta")
    assert lesson.attention_by_hand(x, x, x).device.type == "meta"
    assert lesson.average_past_matmul(x).device.type == "meta"
    assert lesson.average_past_softmax(x).device.type == "meta"


def test_dropout_only_while_training():
    model = filled(lesson.GPT(9, 8, 2, 2, 8, dropout=0.5))
    idx = torch.randint(9, (2, 8), generator=torch.Generator().manual_seed(0))
    assert not torch.equal(model(idx)[0], model(idx)[0])
    model.eval()
    assert torch.equal(model(idx)[0], model(idx)[0])
    assert sum(isinstance(part, nn.Dropout) for part in model.modules()) == 2 * (2 + 1 + 1)


def test_generation_draws_from_the_models_distribution_over_its_window():
    model = filled(lesson.GPT(3, 4, 2, 1, 2)).eval()
    prompt = torch.tensor([[2, 0, 1]])
    generator = torch.Generator().manual_seed(0)
    drawn = model.generate(prompt.expand(4000, 3), 1, generator)[:, 3]
    expected = F.softmax(model(prompt[:, 1:])[0][0, -1], dim=-1)
    found = torch.bincount(drawn, minlength=3) / 4000
    assert (found - expected).abs().max() < 6 * math.sqrt(0.25 / 4000)
    assert model.generate(prompt, 7).shape == (1, 10)


def test_estimate_loss_of_a_model_with_dropout_is_that_without():
    torch.manual_seed(0)
    model = lesson.GPT(5, 8, 2, 1, 4, dropout=0.9)
    batches = [(idx, idx.roll(1, 1)) for idx in torch.randint(5, (3, 2, 4))]
    estimated = lesson.estimate_loss(model, batches)
    assert model.training
    model.eval()
    expected = sum(model(x, y)[1].item() for x, y in batches) / 3
    assert estimated == pytest.approx(expected, rel=1e-6)


def test_a_small_gpt_learns_a_rule_that_bigrams_cannot():
    """The next token is the one before the last; knowing only the last one costs ln 2."""
    torch.manual_seed(0)
    model = lesson.GPT(2, 16, 2, 1, 8)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    pairs = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]]).repeat(4, 5)
    x, y = pairs[:, :8], pairs[:, 1:9]
    for _ in range(80):
        lesson.train_step(model, optimizer, x, y)
    loss = F.cross_entropy(model(x)[0][:, 1:].flatten(0, 1), y[:, 1:].flatten())
    assert loss.item() < 0.1


def test_bigrams_on_tiny_shakespeare_cost_what_their_counts_say():
    folder = os.environ.get("GRADSCHOOL_DATA")
    if not folder:
        pytest.skip("GRADSCHOOL_DATA names no folder with tinyshakespeare.txt")
    text = (Path(folder) / "tinyshakespeare.txt").read_text(encoding="utf-8")
    encode, decode = lesson.build_tokenizer(text)
    data = torch.tensor(encode(text))
    assert (len(text), len(set(text)), decode(data[:13].tolist())) == (1115394, 65, "First Citizen")
    train, validation = lesson.split_data(data)
    pairs = train[:-1] * 65 + train[1:]
    counts = torch.bincount(pairs, minlength=65 * 65).view(65, 65) + 0.1
    model = lesson.BigramLanguageModel(65)
    model.token_embedding_table.weight.data = (counts / counts.sum(1, keepdim=True)).log()
    with torch.no_grad():
        _, loss = model(validation[None, :-1], validation[None, 1:])
    assert loss.item() == pytest.approx(2.49, abs=0.01)
