"""Milestones: a lesson ends with `main(milestone)`, which trains with the learner's functions."""

from autograder.milestone.program import main, run_file

__all__ = ["main", "run_file"]
