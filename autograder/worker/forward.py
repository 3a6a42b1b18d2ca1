"""A learner's function called on weights and hidden inputs, for an open task.

Both come as plain data with the job, and what is wanted of the inputs is nowhere in this process.
"""

from __future__ import annotations

import types
from typing import Any

import numpy
import torch

from autograder.worker.wire import Numbers


def run_forward(
    lesson: types.ModuleType, name: str, weights: dict[str, Numbers], inputs: Numbers
) -> Any:
    """What the lesson's function returns for these inputs; each call has weights of its own."""
    tensors = {each: _tensor(numbers, "<f4") for each, numbers in weights.items()}
    with torch.no_grad():
        return getattr(lesson, name)(tensors, _tensor(inputs, "<i8"))


def _tensor(numbers: Numbers, dtype: str) -> torch.Tensor:
    shape, data = numbers
    return torch.from_numpy(numpy.frombuffer(data, dtype).reshape(shape).copy())
