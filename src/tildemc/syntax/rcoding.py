"""R's coding rule on the texts of terms: which factors have a column for each level, and which leave one out.

The rule is `TermCode` of R's model.c: a variable is coded by contrasts in a term if an earlier term (or the empty
one) holds all of the term's other variables, else by one column a level. It looks at the text alone, so that R's
rank-deficient designs come out as R's. `model.matrix` then widens the first factor of a model without an intercept.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import and_

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
    # For each variable, a bit for each earlier term that holds it.
    holding: dict[str, int] = {}
    found: dict[int, frozenset[int]] = {}
    widened = intercept
    for number, place in enumerate(sorted(range(len(terms)), key=lambda place: len(terms[place]))):
        held = [holding.get(text, 0) for text, _ in terms[place]]
        before = list(accumulate(held, and_, initial=-1))
        after = list(accumulate(reversed(held), and_, initial=-1))[::-1]
        full: set[int] = set()
        for position, (text, is_factor) in enumerate(terms[place]):
            alone = len(held) > 1 and not before[position] & after[position + 1]
            if is_factor and (alone or not widened):
                full.add(position)
            widened = widened or is_factor
            holding[text] = held[position] | 1 << number
        found[place] = frozenset(full)
    return [found[place] for place in range(len(terms))]
