"""`bayes, options:` in, priors out."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.stata.families import column_or_number
from tildemc.syntax.stata.priors import Subject, read_priors, stata_defaults
from tildemc.syntax.stata.reading import Reading, shown
from tildemc.syntax.stata.tables import BAYES_OPTIONS, find_option
from tildemc.syntax.stata.written import Option, Prefix
from tildemc.syntax.tree import Number, PriorStatement

__all__ = ["bayes_priors"]


def bayes_priors(
    prefixes: Sequence[Prefix], subject: Subject, defaults: str, reading: Reading, *, hazards: bool
) -> list[PriorStatement]:
    """The priors that `bayes, ...:` states, then those that were asked for by default.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    stated: list[PriorStatement] = []
    bayes = [prefix for prefix in prefixes if prefix.word.text == "bayes"]
    options = [option for prefix in bayes for option in prefix.options]
    settings: dict[str, Option] = {}
    for option in options:
        name, use = find_option(option, BAYES_OPTIONS, "`bayes`")
        if name == "prior" and hazards:
            message = "this prior is of log hazards, and coefficients here are of log times: add the option `time`"
            raise UnsupportedError(message, option.span)
        if name == "prior":
            stated += read_priors(option, subject)
        elif name == "iwishartprior":
            message = "a prior of a whole covariance matrix is not built; state sds and correlations: `cor ~ lkj(2)`"
            raise UnsupportedError(message, option.span)
        elif use == "display":
            reading.display.append(shown(name, option))
        elif use:
            reading.notes.append(f"`{option.span}` is dropped: {use}")
        else:
            settings[name] = option
    if bayes and defaults != "stata":
        reading.notes.append("parameters without a stated prior have tildemc's default; Stata's own are an option")
    if defaults == "stata" and any(level.correlated for level in subject.levels):
        reading.notes.append(
            "Stata's inverse-Wishart prior of a covariance matrix is not built: each variance has the inverse gamma "
            "that follows from it, and the correlations are uniform"
        )
    if settings or defaults == "stata":
        stated += _without(stated, _general(settings, subject, all_of_them=defaults == "stata"))
    return stated


def _general(settings: dict[str, Option], subject: Subject, *, all_of_them: bool) -> list[PriorStatement]:
    """Stata's defaults, with the numbers of `normalprior()` and `igammaprior()`."""
    normal = _numbers(settings.get("normalprior"), 1) or [100.0]
    shape = _numbers(settings.get("igammaprior"), 2) or [0.01, 0.01]
    shown = ", ".join(f"{number:g}" for number in shape)
    found = stata_defaults(subject, coefficient_sd=normal[0], shape=shown)
    if all_of_them:
        return found
    kinds = {"normalprior": ("b", "Intercept"), "igammaprior": ("var",)}
    wanted = [kind for name in settings for kind in kinds[name]]
    return [prior for prior in found if prior.target in wanted]


def _numbers(option: Option | None, count: int) -> list[float]:
    if option is None:
        return []
    numbers: list[float] = []
    for word in option.given or ():
        value = column_or_number(word, None)
        if not isinstance(value, Number) or not value.value > 0:
            raise FormulaSyntaxError(f"`{word.text}` is not a number greater than 0", word.span)
        numbers.append(value.value)
    if len(numbers) != count:
        raise FormulaSyntaxError(f"`{option.name.text}()` takes {count} numbers", option.span)
    return numbers


def _without(stated: list[PriorStatement], defaults: list[PriorStatement]) -> list[PriorStatement]:
    """The defaults of what nothing was stated of."""
    taken = {(prior.target, prior.target_arguments) for prior in stated}
    return [prior for prior in defaults if (prior.target, prior.target_arguments) not in taken]
