"""Grading: what is run, what the reference yields, how two observations differ, the verdicts."""
