"""Statement in, a call of lme4's `lmer()` or `glmer()` out; without group terms `lm()` or `glm()`."""

from __future__ import annotations

from tildemc.syntax.expression import walk
from tildemc.syntax.rcall.bars import split_bars
from tildemc.syntax.rcall.families import LME4
from tildemc.syntax.tree import Call, Formula, Name, deparse
from tildemc.syntax.unparse.groups import plain_groups
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import (
    Saying,
    family_said,
    grouped,
    precision,
    refuse_curves,
    refuse_several,
    terms_unsaid,
    without_bars,
)
from tildemc.syntax.unparse.residuals import without_residuals
from tildemc.syntax.unparse.rlines import R_READS, r_lines
from tildemc.syntax.unparse.rparts import (
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


def _written(saying: Saying) -> str:
    """`lmer(y ~ x + (1 | g), data = d)`; without group terms `lm` or `glm`."""
    statement = saying.statement
    refuse_several(statement.formula, "lme4")
    refuse_curves(statement.formula, "lme4")
    family = family_said(saying, {})
    name, link = family.name, family.link
    formula = without_residuals(statement.formula, saying, "lme4 has none; nlme has")
    formula = plain_r(plain_groups(formula, saying, "lme4"), saying, dummies=False)
    formula = structured(formula, saying, "lme4", built=("cs", "ar1"))
    _independent_factors(formula, saying)
    main, *others = formula.predictors
    arguments: dict[str, str | None] = {}
    for predictor in others:
        weight = precision(predictor)
        if weight is not None and name == "gaussian":
            arguments["weights"] = deparse(weight)
        else:
            saying.unsaid.append(f"`{modelled(predictor)}`: lme4 models the mean alone")
    formula, weights = r_response(formula, name, saying, likelihood_weights=name != "gaussian")
    arguments["weights"] = weights or arguments.get("weights")
    priors_unsaid(saying, "lme4")
    terms_unsaid((main.right,), saying)
    single = without_bars(main.right)
    right = split_bars(main.right)
    if name == "gaussian" and link in (None, "identity"):
        function = "lm" if single else "lmer"
    elif name == "negbinomial" and link in (None, "log"):
        function = "glm.nb" if single else "glmer.nb"
    else:
        function = "glm" if single else "glmer"
        arguments = {"family": r_family(family, LME4, saying, "lme4"), **arguments}
    arguments["subset"] = r_subset(saying)
    shown = f"{deparse(formula.response)} ~ {deparse(right)}"
    return r_call(function, [shown, f"data = {deparse(Name(statement.data or 'd'))}"], arguments)


def _independent_factors(formula: Formula, saying: Saying) -> None:
    """lme4 keeps a factor's levels correlated under `||`."""
    for group in grouped(formula.predictors[0].right)[1]:
        if group.structure != "diag":
            continue
        for node in walk(group.left):
            called = isinstance(node, Call) and node.function in ("factor", "as.factor", "C", "relevel", "ordered")
            if called or (isinstance(node, Name) and node.text in saying.factors):
                saying.unsaid.append(f"independent effects of the levels of `{deparse(node)}`: lme4 correlates them")
                break


LANGUAGE = Language(_written, r_lines, opens=R_READS)
