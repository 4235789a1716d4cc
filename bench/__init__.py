"""Benchmarks: each module measures one thing and gives its figures; `bin/bench` runs them."""
