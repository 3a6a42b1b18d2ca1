"""A class: many submissions collected, graded, compared, and told about."""
