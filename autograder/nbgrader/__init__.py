"""nbgrader: assignments made from lessons, and submissions graded by this course's engine.

`import nbgrader` in this package is the real nbgrader; an assignment is made without it.
"""
