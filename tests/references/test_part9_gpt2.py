"""The GPT-2 lesson's references against torch's own, part 6's attention, and closed forms."""

import math
import pickle

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.references import load

lesson = load("part9_gpt2")
SMALL = lesson.Config(vocab_size=32, block_size=16, n_layer=2, n_head=2, n_embd=16)


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def tokens(*shape, high=32, seed=0):
    return torch.randint(high, shape, generator=torch.Generator().manual_seed(seed))


def noisy_model(config=SMALL):
    """A tied model whose parameters are all far from what they begin with."""
    model = lesson.make_model(config)
    for number, parameter in enumerate(model.parameters()):
        parameter.data += 0.3 * randn(*parameter.shape, seed=number)
    return model


@pytest.mark.parametrize("config", [SMALL, lesson.Config(100, 12, 3, 3, 24)])
def test_the_count_is_that_of_the_model(config):
    model = lesson.make_model(config)
    assert lesson.count_parameters(config) == sum(p.numel() for p in model.parameters())


def test_the_published_sizes_have_the_published_counts():
    counts = [lesson.count_parameters(config) for config in lesson.SIZES.values()]
    assert counts == [124_439_808, 354_823_168, 774_030_080, 1_557_611_200]


def test_the_full_size_is_the_model_without_its_numbers():
    with torch.device("meta"):
        model = lesson.GPT(lesson.Config())
        lesson.tie_weights(model)
    assert sum(p.numel() for p in model.parameters()) == 124_439_808


def test_gelu_is_torchs_and_so_is_its_slope():
    x = torch.linspace(-6, 6, 200, dtype=torch.float64, requires_grad=True)
    ours, theirs = lesson.gelu(x), F.gelu(x, approximate="tanh")
    torch.testing.assert_close(ours, theirs)
    slopes = [torch.autograd.grad(y.sum(), x)[0] for y in (ours, theirs)]
    torch.testing.assert_close(*slopes)


@pytest.mark.parametrize("shape", [(3, 2), (2, 5, 4), (2, 3, 7, 4)])
def test_attention_is_torchs(shape):
    query, key, value = (randn(*shape, seed=seed) for seed in range(3))
    theirs = F.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(lesson.attention(query, key, value), theirs)


@pytest.mark.parametrize("T", [1, 2, 5])
def test_attention_of_the_last_positions_is_torchs_with_a_mask(T):
    query, key, value = randn(2, T, 4), randn(2, 5, 4, seed=1), randn(2, 5, 4, seed=2)
    mask = torch.ones(5, 5).tril().bool()[5 - T :]
    theirs = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    torch.testing.assert_close(lesson.attention(query, key, value), theirs)


def test_the_fused_layer_is_part_sixs_heads():
    part6 = load("part6_gpt")
    config, x = lesson.Config(n_embd=12, n_head=3), randn(2, 7, 12)
    layer = lesson.CausalSelfAttention(config)
    nn.init.zeros_(layer.c_attn.bias)
    heads = part6.MultiHeadAttention(n_embd=12, n_head=3, head_size=4, block_size=7)
    rows = layer.c_attn.weight.view(3, 3, 4, 12)
    for number, head in enumerate(heads.heads):
        for third, part in enumerate((head.query, head.key, head.value)):
            part.weight.data = rows[third, number].detach()
    heads.proj.load_state_dict(layer.c_proj.state_dict())
    torch.testing.assert_close(layer(x), heads(x))


class Oracle(nn.Module):
    """The same model of torch's own encoder layers."""

    def __init__(self, model):
        super().__init__()
        self.model, config = model, model.config
        self.layers = nn.ModuleList()
        for block in model.h:
            layer = nn.TransformerEncoderLayer(
                config.n_embd, config.n_head, 4 * config.n_embd, 0.0,
                lambda x: F.gelu(x, approximate="tanh"), batch_first=True, norm_first=True,
            )  # fmt: skip
            attention = layer.self_attn
            attention.in_proj_weight.data = block.attn.c_attn.weight.data
            attention.in_proj_bias.data = block.attn.c_attn.bias.data
            attention.out_proj.load_state_dict(block.attn.c_proj.state_dict())
            layer.linear1.load_state_dict(block.mlp.c_fc.state_dict())
            layer.linear2.load_state_dict(block.mlp.c_proj.state_dict())
            layer.norm1.load_state_dict(block.ln_1.state_dict())
            layer.norm2.load_state_dict(block.ln_2.state_dict())
            self.layers.append(layer)

    def forward(self, idx):
        T = idx.shape[1]
        x = self.model.wte(idx) + self.model.wpe.weight[:T]
        mask = torch.ones(T, T, dtype=torch.bool).triu(1)
        for layer in self.layers:
            x = layer(x, src_mask=mask)
        return self.model.ln_f(x) @ self.model.wte.weight.T


def test_the_model_is_torchs():
    model, idx = noisy_model(), tokens(3, 11)
    targets = idx.roll(-1, 1)
    logits, loss = model(idx, targets)
    theirs = Oracle(model)(idx)
    torch.testing.assert_close(logits, theirs, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(loss, F.cross_entropy(theirs.transpose(1, 2), targets))
    fresh = lesson.GPT(SMALL)
    lesson.init_weights(fresh)
    assert fresh(idx, targets)[1].item() == pytest.approx(math.log(32), abs=0.1)


def test_the_stream_begins_as_it_should():
    model = lesson.GPT(lesson.Config(vocab_size=64, block_size=64, n_layer=8, n_head=2, n_embd=64))
    lesson.init_weights(model, generator=torch.Generator().manual_seed(0))
    for name, parameter in model.named_parameters():
        small = name.endswith("c_proj.weight")
        expected = 0.02 / 4 if small else 0.02
        if "ln_" in name or name.endswith("bias"):
            assert parameter.std() == 0
        else:
            assert parameter.std().item() == pytest.approx(expected, rel=0.06), name


def test_an_epoch_of_all_ranks_is_the_text():
    shards = [torch.arange(0, 7), torch.arange(7, 8), torch.arange(8, 24)]
    loaders = [lesson.Loader(shards, 2, 2, rank, 3) for rank in range(3)]
    batches = [loader.next_batch() for _ in range(2) for loader in loaders]
    assert torch.cat([x.flatten() for x, _ in batches]).tolist() == list(range(24))
    assert torch.cat([y.flatten() for _, y in batches]).tolist() == [*range(1, 24), 0]


def test_the_rate_is_that_of_torchs_schedulers():
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=2.0)
    warm = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / 5, 1.0, total_iters=4)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 14, eta_min=0.2)
    both = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, cosine], [5])
    for step in range(20):
        ours = lesson.learning_rate(step, 20, 5, 2.0, 0.2)
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-9), step
        optimizer.step()
        both.step()


@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_clipping_is_torchs(limit):
    ours, theirs = noisy_model(), noisy_model()
    for model in (ours, theirs):
        model(tokens(2, 8), tokens(2, 8, seed=1))[1].backward()
    norm = lesson.clip_gradients(ours.parameters(), limit)
    expected = nn.utils.clip_grad_norm_(theirs.parameters(), limit)
    torch.testing.assert_close(norm, expected)
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_small_batches_make_the_step_of_a_big_one(parts):
    x, y = tokens(8, 8), tokens(8, 8, seed=1)
    ours, theirs = noisy_model(), noisy_model()
    batches = list(zip(x.chunk(parts), y.chunk(parts), strict=True))
    loss, norm = lesson.train_step(ours, torch.optim.SGD(ours.parameters(), lr=0.5), batches)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.5)
    expected = theirs(x, y)[1]
    expected.backward()
    torch.testing.assert_close(norm, nn.utils.clip_grad_norm_(theirs.parameters(), 1.0))
    optimizer.step()
    torch.testing.assert_close(loss, expected.detach())
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_the_operations_are_those_that_torch_counts():
    model = lesson.with_attention(noisy_model(), lesson.attention)
    idx = tokens(3, 16)
    with FlopCounterMode(display=False) as counter:
        model(idx, idx)[1].backward()
    assert counter.get_total_flops() == 3 * 16 * lesson.flops_per_token(SMALL)


def test_vocabulary_and_utilization_of_the_lecture():
    assert lesson.round_up(50257) == 50304 == 128 * 393
    operations = 6 * (85_000_000 + 38_600_000) + 12 * 12 * 768 * 1024
    assert lesson.flops_per_token(lesson.Config()) == pytest.approx(operations, rel=1e-3)
    assert lesson.utilization(SMALL, 7.0, 7.0 * lesson.flops_per_token(SMALL)) == 1


def test_a_resumed_training_is_the_same_bit_for_bit():
    def made():
        model = noisy_model()
        return model, lesson.make_optimizer(model), lesson.Loader([tokens(100)], 2, 8)

    def go_on(model, optimizer, loader):
        for _ in range(3):
            lesson.train_step(model, optimizer, [loader.next_batch()])
        return [parameter.detach().clone() for parameter in model.parameters()]

    first = made()
    go_on(*first)
    checkpoint = lesson.take_checkpoint(*first, step=3)
    expected = go_on(*first)
    for _ in range(2):
        second = made()
        assert lesson.resume(checkpoint, *second) == 3
        assert all(map(torch.equal, go_on(*second), expected))


def test_top_k_and_top_p_by_brute_force():
    logits = randn(50, 9)
    for row, top, nucleus in zip(
        logits, lesson.keep_top_k(logits, 4), lesson.keep_top_p(logits, 0.7), strict=True
    ):
        order = sorted(range(9), key=lambda token: -row[token])
        probabilities = row.softmax(0)
        count = next(n for n in range(1, 10) if probabilities[order[:n]].sum() >= 0.7)
        assert set(top.isfinite().nonzero().flatten().tolist()) == set(order[:4])
        assert set(nucleus.isfinite().nonzero().flatten().tolist()) == set(order[:count])


def test_tokens_are_drawn_as_the_probabilities_say():
    logits = randn(1, 6).expand(20_000, 6)
    drawn = lesson.pick_token(logits, 0.7, top_k=4, generator=torch.Generator().manual_seed(0))
    shares = torch.bincount(drawn.flatten(), minlength=6) / 20_000
    expected = lesson.keep_top_k(logits[0] / 0.7, 4).softmax(0)
    torch.testing.assert_close(shares, expected, rtol=0, atol=0.02)


def test_a_cache_changes_no_logit():
    model, idx = noisy_model(), tokens(2, 16)
    with torch.no_grad(), lesson.caching(model):
        pieces = [model(idx[:, a:b], start=a)[0] for a, b in ((0, 5), (5, 6), (6, 9), (9, 16))]
    torch.testing.assert_close(torch.cat(pieces, 1), model(idx)[0], rtol=1e-4, atol=1e-5)

    def likeliest(logits):
        return logits.argmax(-1, keepdim=True)

    slow = lesson.generate(model, idx[:, :3], 13, likeliest)
    assert torch.equal(lesson.generate_cached(model, idx[:, :3], 13, likeliest), slow)


def test_endings_are_scored_one_by_one():
    model, context, endings = noisy_model(), [3, 1, 4], [[1, 5], [9, 2, 6, 5], [3]]
    packed, mask = lesson.pack_endings(context, endings)
    losses = lesson.ending_losses(model(packed)[0], packed, mask)
    for ending, loss in zip(endings, losses, strict=True):
        row = torch.tensor([context + ending])
        logs = model(row)[0].log_softmax(-1)[0]
        each = [-logs[len(context) - 1 + i, token] for i, token in enumerate(ending)]
        torch.testing.assert_close(loss, torch.stack(each).mean())
    assert lesson.choose_ending(model, context, endings) == losses.argmin()


def test_a_pickle_is_refused(tmp_path):
    torch.save({"x": torch.ones(2)}, tmp_path / "x.pt")
    files = [(tmp_path / "x.pt").read_bytes(), *(pickle.dumps({"x": 1}, p) for p in range(6))]
    for data in files:
        with pytest.raises(ValueError):
            lesson.read_safetensors(data)


def test_published_weights_give_the_published_model():
    """A file written by hand, with Conv1D's weights, gives back the model that it was made of."""
    import json

    source, target = noisy_model(), lesson.make_model(SMALL)
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for name, parameter in source.named_parameters():
        turned = name.endswith(lesson.TRANSPOSED)
        tensor = (parameter.T if turned else parameter).detach().contiguous()
        piece = tensor.numpy().tobytes()
        offsets = [len(body), len(body) + len(piece)]
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": offsets}
        body += piece
    text = json.dumps(header).encode()
    tensors = lesson.read_safetensors(len(text).to_bytes(8, "little") + text + body)
    lesson.load_published(target, tensors)
    assert torch.equal(target(tokens(2, 9))[0], source(tokens(2, 9))[0])


def test_adamw_has_two_groups_and_the_tied_table_once():
    model = lesson.make_model(SMALL)
    decayed, others = lesson.parameter_groups(model, 0.1)
    assert {p.dim() for p in decayed["params"]} == {2} and {p.dim() for p in others["params"]} == {
        1
    }
    together = [id(p) for p in decayed["params"] + others["params"]]
    assert len(together) == len(set(together)) == len(list(model.parameters()))
