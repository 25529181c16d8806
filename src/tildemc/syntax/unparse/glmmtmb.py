"""Statement in, a call of `glmmTMB()` out."""

from __future__ import annotations

from dataclasses import replace

from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.families import DISPERSION, GLMMTMB, without_zeros
from tildemc.syntax.structures import KNOWN, STRUCTURES
from tildemc.syntax.tree import Formula, Name, deparse
from tildemc.syntax.unparse.groups import plain_groups
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import (
    SMOOTHS,
    Saying,
    family_said,
    refuse_curves,
    refuse_several,
    terms_unsaid,
    with_level_sds,
)
from tildemc.syntax.unparse.residuals import without_residuals
from tildemc.syntax.unparse.rlines import R_READS, r_lines
from tildemc.syntax.unparse.rparts import (
    FROM_ONE,
    modelled,
    plain_r,
    priors_unsaid,
    r_call,
    r_family,
    r_response,
    r_subset,
    structured,
)

__all__ = ["LANGUAGE"]


_TMB_LINKS = {**dict.fromkeys(DISPERSION.values(), "log"), "zi": "logit", "hu": "logit"}
"""The links of all but the mean."""
_NO_RESIDUALS = "glmmTMB has a group term with `dispformula = ~ 0` for it"


def _written(saying: Saying) -> str:
    """`glmmTMB(y ~ x + (1 | g), data = d, dispformula = ~ z)`."""
    statement = saying.statement
    refuse_several(statement.formula, "glmmTMB")
    refuse_curves(statement.formula, "glmmTMB")
    named = family_said(saying, _TMB_LINKS)
    plain, zero = without_zeros(named)
    # Zeros of a family that glmmTMB has not are no `ziformula`: the whole is what it cannot say.
    family, zero = (plain, zero) if plain.name in GLMMTMB else (named, None)
    formula = without_residuals(statement.formula, saying, _NO_RESIDUALS)
    formula = with_level_sds(plain_r(plain_groups(formula, saying, "glmmTMB"), saying), saying)
    formula = structured(formula, saying, "glmmTMB", built=(*STRUCTURES, KNOWN))
    main, *others = formula.predictors
    formula, family = _from_one(formula, family)
    shown_family = r_family(family, GLMMTMB, saying, "glmmTMB")
    arguments: dict[str, str | None] = {"family": None if shown_family == "gaussian()" else shown_family}
    arguments["ziformula"] = "~ 1" if zero else None
    dispersion = DISPERSION.get(family.name.removeprefix("truncated_"))
    for predictor in others:
        if predictor.parameter == dispersion:
            arguments["dispformula"] = f"~ {deparse(predictor.right)}"
        elif predictor.parameter == zero:
            arguments["ziformula"] = f"~ {deparse(predictor.right)}"
        else:
            saying.unsaid.append(f"`{modelled(predictor)}`: glmmTMB has no formula for `{predictor.parameter}`")
    formula, arguments["weights"] = r_response(formula, family.name, saying, likelihood_weights=True)
    terms_unsaid((predictor.right for predictor in formula.predictors), saying, SMOOTHS)
    priors_unsaid(saying, "glmmTMB")
    arguments["subset"] = r_subset(saying)
    shown = f"{deparse(formula.response)} ~ {deparse(main.right)}"
    return r_call("glmmTMB", [shown, f"data = {deparse(Name(statement.data or 'd'))}"], arguments)


def _from_one(formula: Formula, family: FamilyName) -> tuple[Formula, FamilyName]:
    """Brms's `y | trunc(lb = 1)` with the family poisson is glmmTMB's `truncated_poisson`."""
    truncated = f"truncated_{family.name}"
    others = tuple(m for m in formula.modifiers if m.function != "trunc" or m.arguments != FROM_ONE.arguments)
    if truncated not in GLMMTMB or len(others) == len(formula.modifiers):
        return formula, family
    return replace(formula, modifiers=others), replace(family, name=truncated)


LANGUAGE = Language(_written, r_lines, opens=R_READS)
