"""Open tasks: weights are data, a function is run on hidden inputs, and its outputs are scored."""
