"""Jupyter: `grad lab`, and `grade(...)` in a notebook with a grader in a process of its own."""
