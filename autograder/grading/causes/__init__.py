"""General causes: what may be wrong, found by rules over results, errors and source.

No rule knows an exercise by name, and no author wrote a word for one. A rule speaks only where
every failing case that it is about supports it.
"""
