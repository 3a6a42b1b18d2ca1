"""The search for the place: which one change of the learner's own code would make it pass."""
