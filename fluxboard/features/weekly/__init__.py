"""A board's week on one page: what was finished and decided, what it came to, what stands and is next."""
