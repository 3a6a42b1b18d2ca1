"""Observations: whatever a learner may return crosses the wall, and is compared as it should be."""

from __future__ import annotations

import contextlib
import math
import time
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading.comparison import compare
from autograder.grading.display import kind_of
from autograder.grading.result import Result
from autograder.pool.pool import Answer, Fate
from autograder.worker.decoding import Malformed, decode
from autograder.worker.observation import encode

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers() | st.tuples(st.integers()), inner, max_size=4)
        | st.frozensets(st.integers() | st.text(), max_size=4)
    ),
    max_leaves=12,
)


def differ(expected, actual, tolerance=None):
    return compare(decode(encode(expected)), decode(encode(actual)), tolerance)


@given(plain)
@settings(max_examples=300)
def test_every_plain_value_equals_itself(value):
    assert differ(value, value) is None


@given(plain, plain)
@settings(max_examples=300)
def test_comparison_is_fair_in_both_directions(one, other):
    assert (differ(one, other, (0.0, 0.0)) is None) == (differ(other, one, (0.0, 0.0)) is None)


@given(
    st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=3),
    st.lists(st.floats(-2, 2, width=32), min_size=3, max_size=3),
    st.sampled_from([None, (0.25, 0.005), (0.5, 0.0)]),
)
def test_a_difference_of_tensors_always_has_a_place(one, other, tolerance):
    """Near is relative to the expected value, for the verdict and for the place alike."""
    expected, actual = torch.tensor(one), torch.tensor(other[: len(one)])
    found = compare(*(decode(encode(value)) for value in (expected, actual)), tolerance)
    rtol, atol = tolerance or (1.3e-6, 1e-5)
    near = (actual - expected).abs() <= atol + rtol * expected.abs()
    assert (found is None) == bool(near.all())
    if found:
        assert found.path == str([int((~near).nonzero()[0])])


@pytest.mark.parametrize(
    "forged",
    [
        {"type": ["E"], "message": "", "lines": []},
        {"type": "E", "message": torch.ones(2), "lines": []},
        {"type": "E", "message": "", "lines": torch.tensor(1)},
        {"type": "E", "message": "", "lines": [True]},
        {"type": "E", "message": "", "lines": [], "builtin": torch.ones(2)},
        5,
    ],
)
def test_an_error_of_another_form_is_malformed(forged):
    assert Result(Answer(Fate.ANSWERED, encode({"error": forged}))).outcome == "malformed"


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_are_an_observation_or_malformed(payload):
    with contextlib.suppress(Malformed):
        decode(payload)


@given(plain, st.integers(min_value=0), st.integers(min_value=0, max_value=255))
@settings(max_examples=300)
def test_a_damaged_observation_never_raises_anything_else(value, place, byte):
    payload = bytearray(encode(value))
    payload[place % len(payload)] = byte
    with contextlib.suppress(Malformed):
        compare(decode(encode(value)), decode(bytes(payload)))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ([1, 2], (1, 2)),
        (1.5, torch.tensor(1.5)),
        (torch.tensor(1.5), 1.5),
        (True, torch.tensor(True)),
        (torch.tensor(False), False),
        (3, 3.0),
        (3, np.int64(3)),
        (0.1 + 0.2, 0.3),
        (torch.ones(2), torch.ones(2, dtype=torch.float64)),
        (torch.ones(2, requires_grad=True), torch.nn.Parameter(torch.ones(2))),
        (torch.ones(2, dtype=torch.int64), torch.ones(2, dtype=torch.int32)),
        (torch.tensor([math.nan]), torch.tensor([math.nan])),
        (float("nan"), np.float32("nan")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1: "x"}, {1.0: "x"}),
        ({1, 2}, frozenset([2, 1])),
        (torch.ones(2, 2), torch.ones(4).as_strided((2, 2), (1, 2))),
        (torch.ones(2, dtype=torch.bfloat16), torch.ones(2)),
        (np.ones(2), np.ones(2, dtype=np.float32)),
    ],
)
def test_values_that_agree(expected, actual):
    assert differ(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual", "kind", "text"),
    [
        (1.0, 2.0, "value", "expected 1.0, got 2.0"),
        (1, 1.0001, "value", "expected 1, got 1.0001"),
        (True, 1, "type", "expected a bool (True), got a number (1)"),
        (1, True, "type", "expected a number (1), got a bool (True)"),
        (True, torch.tensor(False), "value", "expected True, got False"),
        (
            True,
            torch.tensor([True]),
            "type",
            "expected a bool (True), got a tensor of shape (1,) and dtype bool",
        ),
        ("a", "b", "value", "expected 'a', got 'b'"),
        (b"a", "a", "type", "expected bytes, got a string ('a')"),
        ([1, 2], [1], "length", "expected length 2 [1, 2], got length 1 [1]"),
        ({"a": [0, 1]}, {"a": [0, 2]}, "value", "a[1]: expected 1, got 2"),
        ({"a": 1}, {"b": 1}, "keys", "expected the key 'a', got the keys ['b']"),
        (float("inf"), 1e308, "value", "expected inf, got 1e+308"),
        (float("nan"), 0.0, "value", "expected nan, got 0.0"),
        (torch.zeros(2, 1), torch.zeros(2), "shape", "expected shape (2, 1), got shape (2,)"),
        (torch.zeros(2), torch.zeros(2).long(), "dtype", "expected dtype float32, got dtype int64"),
        (torch.zeros(2), [0.0, 0.0], "type", "expected a tensor of shape (2,) and dtype float32, "),
        (
            torch.tensor([[1.0, 2.0]]),
            torch.tensor([[1.0, 3.0]]),
            "value",
            "at [0, 1]: expected 2.0, ",
        ),
        ({1, 2}, {1, 3}, "value", "expected 2 in the set, got none"),
        (2**70, 2**70 + 1, "value", "expected 1180591620717411303424"),
        (10**400, 10**400 + 1, "value", "expected 1000"),
    ],
)
def test_values_that_differ(expected, actual, kind, text):
    difference = differ(expected, actual)
    assert difference.kind == kind
    assert text in str(difference)


class Liar:
    """Equals everything, is everything, and says nothing true."""

    __eq__ = __le__ = __ge__ = lambda self, other: True
    __hash__ = object.__hash__
    __class__ = float
    __len__ = __index__ = __int__ = __float__ = lambda self: 1

    def __repr__(self):
        raise SystemExit("repr")

    @classmethod
    def __torch_function__(cls, *arguments, **options):
        return True


class FloatLiar(float):
    def __repr__(self):
        return "1.0"

    def __float__(self):
        return 1.0

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class ListLiar(list):
    def __iter__(self):
        return iter([1, 2, 3])

    def __len__(self):
        return 3


class TensorLiar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *arguments, **options):
        return True


class Meta(type):
    __mro__ = (float, object)

    def __eq__(cls, other):
        return True

    __hash__ = type.__hash__


class MetaLiar(metaclass=Meta):
    pass


def generator():
    yield 1


NOT_ONE = {
    "liar": Liar,
    "float liar": lambda: FloatLiar(2.0),
    "metaclass liar": MetaLiar,
    "tensor liar": lambda: torch.zeros(()).as_subclass(TensorLiar),
    "meta tensor": lambda: torch.zeros((), device="meta"),
    "generator": generator,
    "object": object,
    "a class": lambda: Liar,
    "a type": lambda: float,
    "a module": lambda: math,
    "a function": lambda: generator,
    "a list": lambda: [1.0],
    "a string": lambda: "1.0",
    "nothing": lambda: None,
}


@pytest.mark.parametrize("make", NOT_ONE.values(), ids=NOT_ONE)
def test_nothing_else_passes_for_a_number(make):
    assert differ(1.0, make()) is not None


NOT_A_LIST = {
    "list liar": ListLiar,
    "float liar inside": lambda: [1, 2, FloatLiar(4)],
    "a range": lambda: range(1, 4),
    "a tensor": lambda: torch.tensor([1, 2, 3]),
}


@pytest.mark.parametrize("make", NOT_A_LIST.values(), ids=NOT_A_LIST)
def test_nothing_else_passes_for_a_list(make):
    assert differ([1, 2, 3], make()) is not None


def test_what_is_not_plain_data_is_named():
    difference = differ(1.0, Liar())
    assert str(difference) == "expected a number (1.0), got a Liar"
    for value, words in [
        (torch.zeros(2, 2).to_sparse(), "a sparse tensor"),
        (torch.zeros(2, device="meta"), "a meta tensor"),
        (generator(), "a generator"),
        (10**5000, "an int of"),
        (torch.zeros(1).expand(10**9), "too large to compare"),
    ]:
        assert words in kind_of(decode(encode(value)))


def test_cycles_and_depth_and_a_million_elements():
    cycle = [1]
    cycle.append(cycle)
    assert "contains itself" in str(differ([1, [1]], cycle))
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert differ([[]], deep) is not None
    many = list(range(1_000_000))
    assert "length" in str(differ([1, 2], many))
    assert differ(many, many) is not None, "what was cut cannot be called equal"


def forged(text: str, blob: bytes = b"") -> bytes:
    return len(text).to_bytes(4, "big") + text.encode() + blob


def test_at_most_64_dimensions_cross_the_wall():
    assert differ(torch.ones([1] * 64), torch.ones([1] * 64)) is None
    many = torch.ones(()).reshape([1] * 1000)
    assert str(differ(1.0, many)) == "expected a number (1.0), got a tensor of 1000 dimensions"
    with pytest.raises(Malformed, match="1000 dimensions"):
        decode(forged(f'["tensor","float32",{[1] * 1000}]', bytes(4)))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.bool, torch.complex64, torch.int8])
def test_a_tensor_of_any_dtype_may_be_a_key(dtype):
    one, other = torch.zeros(2, dtype=dtype), torch.ones(2, dtype=dtype)
    assert differ({one: 1}, {one.clone(): 1}) is None
    assert differ({one: 1}, {other: 1}).kind == "keys"
    assert differ({torch.zeros((), dtype=dtype): 1}, {}).kind == "keys"


def nested(depth: int, width: int):
    return {number: nested(depth - 1, width) for number in range(width)} if depth else {}


@pytest.mark.parametrize(
    "value",
    [
        nested(38, 1) | nested(1, 10**6),
        nested(3, 60),
        [[[[]]]] * 10**5,
        {(n, n): (1j, [{n}]) for n in range(40_000)},
        ['[{,\\"' * 20_000] * 20,
        [torch.ones(1)] * 20_000,
    ],
)
def test_whatever_is_encoded_can_be_decoded(value):
    assert decode(encode({"value": value})).kind == "dict"


@pytest.mark.parametrize(
    "text",
    [
        "[" + ",".join("1" * 10**6) + "]",
        "[" * 10**6,
        "{" + ",".join(f'"{n}":1' for n in range(100_000)) + "}",
        '["str","' + "[" * 10**6 + '",' + "[" * 700_000,
    ],
    ids=["commas", "brackets", "braces", "after a string"],
)
def test_more_values_than_an_encoder_sends_are_refused_unread(text, monkeypatch):
    read = mock.Mock()
    monkeypatch.setattr("json.loads", read)
    with pytest.raises(Malformed, match="more values"):
        decode(forged(text))
    assert not read.called


def test_a_few_more_values_are_refused_when_they_are_read():
    text = '["list",0,[' + ",".join(['["none"]'] * 10_500) + "]]"
    with pytest.raises(Malformed, match="larger"):
        decode(forged(text))


def test_signs_in_a_string_are_not_counted_and_take_no_time():
    text = "[,{" * 300_000
    assert decode(forged(f'["str","{text}"]')).value == text
    begun = time.process_time()
    with pytest.raises(Malformed, match="JSON"):
        decode(forged('["str","' + text + '\\"' * 400_000))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "blob"),
    [
        ('["tensor","float32",[3]]', bytes(8)),
        ('["tensor","float32",[2]]', bytes(12)),
        ('["list",2,[["tensor","float32",[2]],["tensor","float32",[2]]]]', bytes(8)),
        ('["tensor","float32",[-1,-1]]', bytes(4)),
        ('["tensor","float32",[1.0]]', bytes(4)),
        ('["tensor","float32",[true]]', bytes(4)),
        ('["tensor","float32","4"]', bytes(16)),
        ('["tensor","quint8",[1]]', bytes(1)),
        ('["tensor",["float32"],[1]]', bytes(4)),
        ('["tensor","float32",[0,4000000]]', b""),
        ('["tensor","float32",[4611686018427387904,4]]', b""),
    ],
)
def test_a_tensor_holds_what_has_arrived_for_it(text, blob):
    with pytest.raises(Malformed):
        decode(forged(text, blob))


def test_a_bool_that_is_no_bit_is_true():
    given = decode(forged('["tensor","bool",[3]]', b"\x00\x02\xff")).value
    assert given.tolist() == [False, True, True] and int(given.sum()) == 2


def test_numbers_may_be_float32_inside():
    exact = 1 / 3
    assert differ(exact, torch.tensor(exact).item()) is None
    assert differ(exact, exact * 1.001) is not None
    assert differ(torch.full((3,), exact), torch.full((3,), exact).double() + 1e-7) is None
