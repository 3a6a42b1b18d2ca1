"""The lessons as a book: a static site that needs no network."""
