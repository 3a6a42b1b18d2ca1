"""Slips: small changes of a reference that somebody may have made, each with its sentence.

Nobody lists them: they are made by rules for operators, names, axes, calls and statements. What an
exercise yields with one of them in its reference is compared with what a submission yields.
"""
