"""The arguments in which glmmTMB says what no other package does: formulas of zeros and of the spread, and priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError, nearest
from tildemc.limits import allowed
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression, unparenthesised
from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.families import DISPERSION, of_trials, with_zeros, without_zeros
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.residuals import bar_of, levels_alone
from tildemc.syntax.rewrite import moved, rewritten, summands, total
from tildemc.syntax.several import owned
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Modifier,
    Name,
    Number,
    Predictor,
    PriorStatement,
    Text,
    Tilde,
)

__all__ = ["glmmtmb_priors", "with_formulas"]


def with_formulas(
    given: Mapping[str, Expr], formula: Formula, family: FamilyName, notes: list[str]
) -> tuple[Formula, FamilyName]:
    """The formula and the family with what `ziformula` and `dispformula` say.

    Parameters
    ----------
    given : mapping of str to Expr
        The call's arguments.
    formula : Formula
    family : FamilyName
    notes : list of str
        Gets what is to be told.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    predictors = list(formula.predictors)
    plain = family.name.removeprefix("truncated_")
    zero = _one_sided(given.get("ziformula"), "ziformula")
    if zero is not None and zero != Number(0.0):
        own = _without_offsets(formula.predictors[0].right)
        zero = rewritten(zero, lambda part: own if part == Name(".") else None)
        family, parameter = with_zeros(family)
        predictors.append(Predictor(parameter, zero, zero.span))
        formula = _of_one_trial(formula) if of_trials(family) else formula
    return _spread(given, replace(formula, predictors=tuple(predictors)), plain, notes), family


def _without_offsets(right: Expr) -> Expr:
    """What glmmTMB puts in place of the dot of `ziformula = ~ .`: the formula's own right side, less its offsets."""
    kept = [part for part in summands(right) if not (isinstance(part, Call) and part.function == "offset")]
    return total(kept) if kept else Number(1.0, right.span)


def _of_one_trial(formula: Formula) -> Formula:
    """The formula with its trials: one in each row, where none are said."""
    counted = isinstance(formula.response, Call) and formula.response.function == "cbind"
    if counted or any(modifier.function == "trials" for modifier in formula.modifiers):
        return formula
    return replace(formula, modifiers=(Modifier("trials", (Argument(Number(1.0)),)), *formula.modifiers))


def _spread(given: Mapping[str, Expr], formula: Formula, family: str, notes: list[str]) -> Formula:
    """The formula with what `dispformula` says, for a family as it is without more zeros."""
    spread = _one_sided(given.get("dispformula"), "dispformula")
    if spread is None or spread == Number(1.0):
        return formula
    parameter = DISPERSION.get(family)
    if parameter is None:
        notes.append(f"`dispformula` is dropped: {family} has no dispersion")
        return formula
    if spread == Number(0.0):
        return _without_noise(formula, spread.span)
    if parameter == "sigma":
        notes.append(
            "`dispformula` models log sigma, as glmmTMB has since 1.1.9; up to 1.1.8 it was the log variance, "
            "and coefficients were twice as large"
        )
    return replace(formula, predictors=(*formula.predictors, Predictor(parameter, spread, spread.span)))


def _without_noise(formula: Formula, span: Span | None) -> Formula:
    """`dispformula = ~ 0`: the group term that tells all rows of a group apart is the residuals' own covariance."""
    first, *others = formula.predictors
    parts = summands(first.right)
    alone = [part for part in parts if (found := bar_of(part)) is not None and levels_alone(found[1].left)]
    if not alone:
        message = "`dispformula = ~ 0` leaves no noise: a group term must have an effect for each row of a group, "
        raise UnsupportedError(f"{message}as in `ar1(0 + factor(time) | g)`", span)
    kept = [
        Call("residual", (Argument(part, None, part.span),), part.span) if part is alone[-1] else part for part in parts
    ]
    return replace(formula, predictors=(replace(first, right=total(kept)), *others))


def _one_sided(value: Expr | None, name: str) -> Expr | None:
    match None if value is None else unparenthesised(value):
        case None:
            return None
        case Tilde(None, right):
            return right if bar_of(right) is not None else unparenthesised(right)
        case other:
            raise FormulaSyntaxError(f"`{name}` is a formula without a left side, as in `{name} = ~ x`", other.span)


# Priors

_EXAMPLE = 'data.frame(prior = "normal(0, 3)", class = "fixef", coef = "x")'
_COLUMNS = ("prior", "class", "coef")
_FIXED = {"fixef": "", "beta": "", "fixef_zi": "zi", "betazi": "zi", "beta_zi": "zi", "fixef_disp": "disp",
          "betadisp": "disp", "betad": "disp"}  # fmt: skip
"""Classes of coefficients, and what they are of beside the mean."""
_EFFECTS = {"ranef": "", "theta": "", "ranef_zi": "zi", "thetazi": "zi", "theta_zi": "zi", "ranef_disp": "disp"}
_SD, _COR = "_sd", "_cor"
_INTERCEPT = "(Intercept)"
_ORDER = {"normal": ("normal", (0, 1)), "cauchy": ("cauchy", (0, 1)), "t": ("student_t", (2, 0, 1))}
"""Densities of coefficients: what each is called here, and where its numbers stand there."""


def glmmtmb_priors(given: Expr, family: FamilyName) -> list[PriorStatement]:
    """The statements of `priors = data.frame(prior = "normal(0, 3)", class = "fixef", coef = "x")`.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
        With the place in the text.
    """
    match unparenthesised(given):
        case Constant(None):
            return []
        case Call("data.frame" | "tibble" | "rbind", arguments, span) if arguments:
            frames = [a.value for a in arguments if isinstance(a.value, Call) and a.name is None]
            if frames:
                return [statement for frame in frames for statement in glmmtmb_priors(frame, family)]
            named = {argument.name or name: argument for argument, name in zip(arguments, _COLUMNS, strict=False)}
        case Call("c", arguments) if arguments:
            return [statement for argument in arguments for statement in glmmtmb_priors(argument.value, family)]
        case Call("set_prior" | "prior_string", arguments, span):
            # glmmTMB takes what brms makes of these, which are rows of such a table.
            return glmmtmb_priors(Call("data.frame", arguments, span), family)
        case other:
            message = f"priors of `glmmTMB()` are a table, `{_EXAMPLE}`"
            raise unbound(other, "priors", _EXAMPLE) or FormulaSyntaxError(message, other.span)
    if "prior" not in named or "class" not in named:
        raise FormulaSyntaxError(f"priors of `glmmTMB()` have a density and a class each, `{_EXAMPLE}`", span)
    columns = {name: _texts(argument.value) for name, argument in named.items() if name in _COLUMNS}
    rows = max(map(len, columns.values()))
    if not all(columns.values()):
        raise FormulaSyntaxError(f"priors of `glmmTMB()` have a density and a class each, `{_EXAMPLE}`", span)
    each = [{name: column[k % len(column)] for name, column in columns.items()} for k in range(rows)]
    return [_stated(row, family) for row in each]


def _texts(expr: Expr) -> list[Text]:
    match unparenthesised(expr):
        case Text() as text:
            return [text]
        case Number(value, span):
            return [Text(f"{value:g}", span)]
        case Call("c", arguments):
            return [text for argument in arguments for text in _texts(argument.value)]
        case Call("rep", (Argument(repeated), Argument(Number(times)), *_)) if 0 <= times <= allowed().terms:
            return _texts(repeated) * int(times)
        case other:
            raise FormulaSyntaxError('columns of priors are texts, as in `class = c("fixef", "ranef_sd")`', other.span)


def _stated(row: Mapping[str, Text], family: FamilyName) -> PriorStatement:
    """The statement of one row of the table."""
    named, coef = row["class"], row.get("coef", Text(""))
    plain = named.value.removesuffix(_SD).removesuffix(_COR)
    density = _density(row["prior"])
    spans = row["prior"].span, named.span, row["prior"].span
    if plain in _FIXED:
        about = (Text(coef.value, coef.span),) if coef.value.strip() else None
        if about and coef.value.strip().isdigit():
            raise UnsupportedError(f'name the coefficient, as in `coef = "x"`, not its place {coef.value}', coef.span)
        target = "Intercept" if coef.value.strip() in (_INTERCEPT, "Intercept") else "b"
        name, arguments = _of_coefficients(density)
        owner = _owner(_FIXED[plain], family, named)
        return PriorStatement(owned(target, owner, ""), about if target == "b" else None, name, arguments, *spans)
    if plain in _EFFECTS:
        group = coef.value.rpartition("|")[2].strip()
        about = (Text(group, coef.span),) if group else None
        target, name, arguments = _of_effects(density, named)
        return PriorStatement(owned(target, _owner(_EFFECTS[plain], family, named), ""), about, name, arguments, *spans)
    known = [*_FIXED, *(f"{effect}{end}" for effect in _EFFECTS for end in (_SD, _COR))]
    raise SemanticError(
        f"there is no class `{named.value}` of glmmTMB's priors here{nearest(named.value, known)}", named.span
    )


def _owner(part: str, family: FamilyName, named: Text) -> str:
    """The parameter whose predictor a class is of."""
    match part:
        case "":
            return ""
        case "zi":
            return "hu" if family.name.startswith("hurdle_") else "zi"
        case _:
            parameter = DISPERSION.get(without_zeros(family)[0].name.removeprefix("truncated_"))
            if parameter is None:
                raise SemanticError(f"{family.name} has no dispersion for `{named.value}`", named.span)
            return parameter


def _density(text: Text) -> Call:
    found = moved(parse_expression(text.value), text.span)
    if not isinstance(found, Call):
        raise FormulaSyntaxError("a density is a name and its arguments, as in `normal(0, 1)`", text.span)
    return found


def _of_coefficients(density: Call) -> tuple[str, tuple[Argument, ...]]:
    if density.function not in _ORDER:
        known = "`normal(mean, sd)`, `t(mean, sd, df)` or `cauchy(location, scale)`"
        message = f"coefficients take {known}, not `{density.function}()`"
        raise UnsupportedError(message, density.span)
    name, order = _ORDER[density.function]
    if len(density.arguments) != len(order):
        raise FormulaSyntaxError(f"`{density.function}()` has {len(order)} numbers in glmmTMB", density.span)
    return name, tuple(density.arguments[place] for place in order)


def _of_effects(density: Call, named: Text) -> tuple[str, str, tuple[Argument, ...]]:
    """What a density is of, and that density here: glmmTMB's gamma is of sds, by its mean and its shape."""
    match density:
        case Call("gamma", (mean, shape)) if not named.value.endswith(_COR):
            rate = Binary("/", shape.value, mean.value, density.span)
            return "sd", "gamma", (Argument(shape.value), Argument(rate))
        case Call("lkj", (shape,)) if named.value.endswith(_COR):
            return "cor", "lkj", (shape,)
        case _:
            message = (
                "effects take `gamma(mean, shape)` of their sds, `ranef_sd`, or `lkj(eta)` of their correlations, "
            )
            raise UnsupportedError(
                f"{message}`ranef_cor`: other priors of glmmTMB's are of the logs of sds", density.span
            )
