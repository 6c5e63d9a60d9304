"""Which rules an article just written meets: candidates by words, then confirmed. See docs/decisions/0009."""
