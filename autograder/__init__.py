"""Gradschool: a course that grades itself."""
