"""Lessons and submissions as text: scripts, notebooks and what learners hand in. Nothing is run."""
