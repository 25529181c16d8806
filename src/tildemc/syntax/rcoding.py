"""R's coding rule on the texts of terms: which factors have a column for each level, and which leave one out.

The rule is `TermCode` of R's model.c and `model.matrix`, which also widens the first factor of a model without an
intercept; what the factors' levels are does not matter to it.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["full_factors"]


def full_factors(terms: Sequence[Sequence[tuple[str, bool]]], *, intercept: bool) -> list[frozenset[int]]:
    """Which variables of each term have a column for each of their levels.

    Parameters
    ----------
    terms : sequence of sequence of (str, bool)
        For each term the texts of its variables, and whether they are factors.
    intercept : bool

    Returns
    -------
    list of frozenset of int
        For each term the places of these factors.
    """
    numbers: dict[str, int] = {}
    earlier: list[int] = []
    found: dict[int, frozenset[int]] = {}
    widened = intercept
    for place in sorted(range(len(terms)), key=lambda place: len(terms[place])):
        bits = [1 << numbers.setdefault(text, len(numbers)) for text, _ in terms[place]]
        whole = sum(bits)
        full: set[int] = set()
        for position, ((_, is_factor), bit) in enumerate(zip(terms[place], bits, strict=True)):
            rest = whole & ~bit
            alone = bool(rest) and not any(rest & other == rest for other in earlier)
            if is_factor and (alone or not widened):
                full.add(position)
            widened = widened or is_factor
        found[place] = frozenset(full)
        earlier.append(whole)
    return [found[place] for place in range(len(terms))]
