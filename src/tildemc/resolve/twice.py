"""Effects by one factor with one label in several terms: the later ones get labels of their own, or are refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from tildemc.errors import SemanticError
from tildemc.span import Span
from tildemc.spec.covariance import Loadings
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.product import Coding, Product

__all__ = ["numbered", "refuse_twice", "told_apart"]


def told_apart(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, with sums of factors by another name where they stand beside effects of the same columns.

    In glmmTMB's `rr(0 + f | g) + diag(0 + f | g)` each effect has a variance of its own, as in factor analysis.
    """
    several = [isinstance(block.covariance.correlations, Loadings) for block in blocks]
    others = {label for block, sums in zip(blocks, several, strict=True) if not sums for label in block.labels}
    return tuple(
        _relabelled(block, lambda label: f"rr_{label}") if sums and others & {*block.labels} else block
        for block, sums in zip(blocks, several, strict=True)
    )


def numbered(blocks: Sequence[Block], factor: Factor, notes: list[str]) -> tuple[Block, ...]:
    """The blocks, where an effect stands in several of them the later ones by a number, `Intercept.2`, as lme4 has two.

    Parameters
    ----------
    blocks : sequence of Block
    factor : Factor
        What they are by.
    notes : list of str
        Gets what is to be told.
    """
    seen: Counter[str] = Counter()
    found: list[Block] = []
    for block in blocks:
        names = {label: f"{label}.{seen[label] + 1}" for label in block.labels if seen[label]}
        seen.update(block.labels)
        for label, name in names.items():
            notes.append(
                f"the effect `{label}` by {factor.label} stands in two terms, and is `{name}` in the later one: data "
                "know the sum of their variances alone; if one is meant, leave the other out, as in "
                f"`(0 + z | {factor.label})`"
            )
        found.append(_relabelled(block, partial(_by_now, names)) if names else block)
    return tuple(found)


def _by_now(names: Mapping[str, str], label: str) -> str:
    return names.get(label, label)


def refuse_twice(blocks: Sequence[Block], factor: Factor, span: Span | None) -> None:
    """Refuse an effect that stands in several blocks, as brms does.

    Raises
    ------
    SemanticError
    """
    seen: set[str] = set()
    for label in (label for block in blocks for label in block.labels):
        if label in seen:
            raise SemanticError(
                f"the effect `{label}` by {factor.label} stands twice, in terms that differ: write one term, as in "
                f"`(x + z | {factor.label})`, or leave it out of the second, `(0 + z | {factor.label})`",
                span,
            )
        seen.add(label)


def _relabelled(block: Block, name: Callable[[str], str]) -> Block:
    return replace(block, products=tuple(_renamed(product, name) for product in block.products))


def _renamed(product: Product, name: Callable[[str], str]) -> Product:
    """The product with its columns by other names; as it is where they keep theirs."""
    columns = tuple(replace(column, label=name(column.label), coded="") for column in product.columns)
    if all(new.label == old.label for new, old in zip(columns, product.columns, strict=True)):
        return product
    factors = tuple(levels for coding in product.codings for levels in coding.factors)
    return Product(name(product.label), (Coding(columns, factors=factors),))
