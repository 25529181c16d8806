"""Smooth terms: a call such as `s(x, k = 6)` and the data -> bases in mixed-model form."""
