"""Warm workers: processes that are started, held to their deadlines, killed and replaced."""
