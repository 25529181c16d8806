"""`me(x, sd)` in a predictor: true values of what is measured with error, and the terms that are their effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.resolve.algebra import Interaction, Terms
from tildemc.resolve.coding import code_terms
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.groupterms import factor_of
from tildemc.resolve.lessons import moments
from tildemc.resolve.meaning import arithmetic
from tildemc.resolve.missing import MISSING
from tildemc.resolve.quantities import cleaned
from tildemc.resolve.schema import Schema
from tildemc.spec.moments import Moments
from tildemc.spec.priors import Prior, default
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.measured import Measured, Variable
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Path
from tildemc.syntax import tree
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.several import named
from tildemc.syntax.tree import Name, deparse

__all__ = ["MeasuredTerms", "without_measured"]

_FUNCTION = "me"
_FUNCTIONS = (_FUNCTION, MISSING)
_SIGNATURE = Signature(_FUNCTION, ("x", "sdx", "gr"), needed=("x", "sdx"), error=SemanticError)


def without_measured(terms: Terms) -> Terms:
    """The terms that have no `me()` in them."""
    return replace(terms, interactions=tuple(i for i in terms.interactions if not _calls(i)))


def _calls(interaction: Interaction, functions: Sequence[str] = _FUNCTIONS) -> list[tree.Call]:
    return [v for v in interaction.variables if isinstance(v, tree.Call) and v.function in functions]


@dataclass(frozen=True)
class MeasuredTerms:
    """What a model has of measured variables.

    Attributes
    ----------
    sets : tuple of Measured
        Their true values, those together that are correlated.
    places : dict
        Where the true values of a call's variable stand, by the call's text.
    observed : dict
        What is there of each.
    """

    sets: tuple[Measured, ...]
    places: dict[str, tuple[Path, int]]
    observed: dict[tuple[Path, int], Column]
    columns: Schema

    @classmethod
    def of(cls, formula: Expanded, columns: Schema, latents: Sequence[Latent] = ()) -> MeasuredTerms:
        """Those of all predictors; `latents` are the missing values that some read.

        Raises
        ------
        SemanticError, UnsupportedError, DataError
            With the place in the text.
        """
        calls: dict[str, tree.Call] = {}
        missing: dict[str, tree.Call] = {}
        for predictor in formula.predictors:
            for bar in predictor.bars:
                for call in (call for i in bar.terms.interactions for call in _calls(i, (_FUNCTION,))):
                    raise UnsupportedError("effects by a group of what is measured with error are not built", call.span)
            for interaction in predictor.terms.interactions:
                calls |= {deparse(call): call for call in _calls(interaction, (_FUNCTION,))}
                missing |= {deparse(call): call for call in _calls(interaction, (MISSING,))}
        together: dict[tuple[str, ...], list[str]] = {}
        known = {text: _Measurement.of(call) for text, call in calls.items()}
        _check_each_once(known)
        for text, one in known.items():
            apart = () if formula.correlated_measured else (text,)
            together.setdefault((*(name.text for name in one.groups), "", *apart), []).append(text)
        sets = tuple(_set([known[text] for text in texts], columns) for texts in together.values())
        places = {
            text: (one.path, k)
            for one, texts in zip(sets, together.values(), strict=True)
            for k, text in enumerate(texts)
        }
        by_name = {latent.response: latent for latent in latents}
        own = {text: by_name[named(call.arguments[0].value)] for text, call in missing.items()}
        places |= {text: (latent.path, 0) for text, latent in own.items()}
        observed = {(one.path, k): v.value for one in sets for k, v in enumerate(one.variables)}
        observed |= {(latent.path, 0): latent.observed for latent in latents}
        return cls(sets, places, observed, columns)

    def effects(self, terms: Terms, parameter: str, coefficient: Prior) -> Iterator[MeasuredEffect]:
        """The effects of true values among some terms."""
        by_calls: dict[tuple[str, ...], list[Interaction]] = {}
        for interaction in terms.interactions:
            texts = tuple(deparse(call) for call in _calls(interaction))
            if texts:
                by_calls.setdefault(texts, []).append(interaction)
        for texts, interactions in by_calls.items():
            alone = [i for i in interactions if len(i.variables) == len(texts)]
            text, label = ":".join(texts), ":".join(map(cleaned, texts))
            of = tuple(self.places[one] for one in texts)
            made = MeasuredEffect(
                parameter, text, label, of, tuple(self.observed[one] for one in of), None, coefficient
            )
            if alone:
                yield made
            rest = tuple(_rest(i) for i in interactions if len(i.variables) > len(texts))
            for product in code_terms(Terms(bool(alone), rest), self.columns):
                for column in product.columns:
                    yield replace(
                        made, text=f"{text}:{column.label}", label=f"{label}:{cleaned(column.label)}", times=column
                    )


def _rest(interaction: Interaction) -> Interaction:
    """A product without the true values in it."""
    pairs = [*zip(interaction.variables, interaction.names, strict=True)]
    kept = [(v, name) for v, name in pairs if not (isinstance(v, tree.Call) and v.function in _FUNCTIONS)]
    for variable, _ in kept:
        if isinstance(variable, tree.Call) and variable.function == "mo":
            raise UnsupportedError("a product of `me()` and `mo()` is not built", variable.span)
    return Interaction(tuple(variable for variable, _ in kept), tuple(name for _, name in kept))


@dataclass(frozen=True, slots=True)
class _Measurement:
    """What one call says."""

    call: tree.Call
    value: tree.Expr
    noise: tree.Expr
    groups: tuple[Name, ...]

    @classmethod
    def of(cls, call: tree.Call) -> _Measurement:
        given = _SIGNATURE.match(call.arguments, call.span)
        groups = () if "gr" not in given else tuple(_names(given["gr"].value))
        return cls(call, given["x"].value, given["sdx"].value, groups)


def _names(expr: tree.Expr) -> Iterator[Name]:
    """The columns of `g` or `a:b`."""
    match unparenthesised(expr):
        case Name() as name:
            yield name
        case tree.Constant(None):
            return
        case tree.Binary(":", left, right):
            yield from (*_names(left), *_names(right))
        case other:
            raise SemanticError("`gr` of `me()` is a column, or several as in `a:b`", other.span)


def _check_each_once(known: dict[str, _Measurement]) -> None:
    """A variable has one true value, whichever error is said of it."""
    seen: dict[str, str] = {}
    for text, one in known.items():
        variable = deparse(one.value)
        if variable in seen:
            raise SemanticError(f"`{variable}` is measured with one error, but `{seen[variable]}` says another",
                                one.call.span)  # fmt: skip
        seen[variable] = text


def _set(together: Sequence[_Measurement], columns: Schema) -> Measured:
    groups = together[0].groups
    variables = tuple(_variable(one, columns) for one in together)
    factor = factor_of(groups, columns) if groups else None
    rows = columns.row_labels(together[0].call.span)
    return Measured(variables, factor, () if groups else rows, default("lkj", 1.0) if len(variables) > 1 else None)


def _variable(one: _Measurement, columns: Schema) -> Variable:
    text = deparse(one.value)
    value, noise = (Column(deparse(e), arithmetic(e, columns), e.span) for e in (one.value, one.noise))
    mean, sd = columns.learned(f"mean and sd of {text}", value.value, moments(_mean_and_sd))
    of_mean = _numbered("normal", (mean, 2.5 * sd), f"normal(mean({text}), 2.5 · sd({text}))")
    of_sd = _numbered("student_t", (3.0, 0.0, sd), f"student_t(3, 0, sd({text}))", lower=0.0)
    return Variable(cleaned(f"{_FUNCTION}{text}"), value, noise, of_mean, of_sd)


def _numbered(name: str, numbers: Sequence[float], origin: str, **ends: float) -> Prior:
    """A default prior in 4 digits, as all that are made of the data."""
    return replace(default(name, *(float(f"{number:.4g}") for number in numbers), **ends), origin=origin)


def _mean_and_sd(found: Moments) -> tuple[float, float]:
    return float(found.mean[0]), float(found.spread[0])
