"""nlme's variance functions: the predictor of sigma that each means.

What is linear in its coefficients is a sum of terms of log sigma. All else, and what follows the fitted mean, is
arithmetic, and what stands in it has a sum of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from itertools import count

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.rewrite import called, is_offset, scaled_variance, total
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Expr,
    Name,
    Number,
    Parens,
    Predictor,
    PriorStatement,
    Tilde,
    Unary,
    spine,
)

__all__ = ["Variances", "variance_structure"]

_FITTED = Call("fitted", (Argument(Name(".")),))
_MEAN = "mu"
"""What formulas that reckon with the fitted values call them."""
_WIDTHS = {"logsigma": 10.0, "logconst": 5.0, "logprop": 5.0, "power": 2.0, "expon": 1.0}
"""The parameters of variance functions, and the sd of each one's prior about 0."""


@dataclass(frozen=True, slots=True)
class Variances:
    """The predictors of sigma, and of what its own is arithmetic of, with priors of these."""

    predictors: tuple[Predictor, ...]
    priors: tuple[PriorStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bent:
    """What a variance function adds to the log of sigma where that is arithmetic.

    Attributes
    ----------
    value : Expr
    own : mapping of str to Expr
        The sums of its parameters.
    whole : bool
        Whether it says how large sigma is, so that nothing else does.
    """

    value: Expr
    own: dict[str, Expr]
    whole: bool = False


@dataclass
class _Reading:
    """The names that parameters may not have, those of columns among them; and what each parameter is."""

    taken: Container[str]
    kinds: dict[str, str] = field(default_factory=dict)

    def name(self, kind: str) -> str:
        """A name for one more parameter of a kind."""
        tried = (f"{kind}{number}" if number > 1 else kind for number in count(1))
        found = next(name for name in tried if name not in self.taken and name not in self.kinds)
        self.kinds[found] = kind
        return found

    def priors(self, span: Span | None) -> tuple[PriorStatement, ...]:
        """A wide one about zero of each."""
        widths = {name: _WIDTHS[kind] for name, kind in self.kinds.items()}
        return tuple(
            PriorStatement(
                f"{name}.b", None, "normal", (Argument(Number(0.0)), Argument(Number(width))), span, span, span
            )
            for name, width in widths.items()
        )


@dataclass(frozen=True, slots=True)
class _Form:
    """`form = ~ value | groups` of a variance function, and the coefficient that is fixed, if it is."""

    call: Call
    value: Expr
    groups: tuple[Name, ...]
    fixed: Expr | None = None


def variance_structure(value: Expr, notes: list[str]) -> Variances:
    """What `varIdent(form = ~ 1 | g)` and its like say of sigma; `notes` are added to.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    reading = _Reading({part.text for part in walk(value) if isinstance(part, Name)})
    match unparenthesised(value):
        case Call("varComb", arguments) as whole:
            parts = [_term(unparenthesised(argument.value), reading) for argument in arguments]
            if not parts:
                raise FormulaSyntaxError(
                    "`varComb` joins variance functions: `varComb(varIdent(…), varExp(…))`", whole.span
                )
        case Call("varIdent") as whole:
            return Variances((Predictor("sigma", _by(_form(whole)), value.span),))
        case Call() as whole if whole.function in _TERMS:
            parts = [_term(whole, reading)]
        case Tilde(None, right, span):
            return Variances((Predictor("sigma", _form_of_fixed(right, span), value.span),))
        case Call(name, span=span):
            raise _unknown(name, span)
        case other:
            message = "weights of `lme()` and `gls()` are a variance function, as in `varIdent(form = ~ 1 | g)`"
            raise unbound(other, "weights", "varIdent(form = ~ 1 | g)") or FormulaSyntaxError(message, other.span)
    linear = [part for part in parts if not isinstance(part, _Bent)]
    bent = [part for part in parts if isinstance(part, _Bent)]
    if bent:
        return _arithmetic(linear, bent, reading, value.span, notes)
    # A sum has an intercept of its own unless it is nothing but known.
    alone = len(parts) == 1 and not is_offset(linear[0])
    return Variances((Predictor("sigma", total(linear if alone else [Number(1.0, value.span), *linear]), value.span),))


def _arithmetic(
    linear: list[Expr], bent: list[_Bent], reading: _Reading, span: Span | None, notes: list[str]
) -> Variances:
    """Sigma's own formula, and the sums of its parameters: what is linear is the sum of the log of sigma."""
    values = [part.value for part in bent]
    sums = {name: right for part in bent for name, right in part.own.items()}
    if not any(part.whole for part in bent):
        scale = reading.name("logsigma")
        values = [Name(scale, span), *values]
        sums = {scale: total([Number(1.0, span), *linear]), **sums}
    elif linear or len(bent) > 1:
        message = "`varConstProp` says how large the residuals' sd is and stands alone; `varConstPower` is relative"
        raise UnsupportedError(message, span)
    else:
        notes.append("`varConstProp` says how large the residuals' sd is: sigma beside it is 1")
    listed = ", ".join(f"`{name}.b ~ normal(0, {_WIDTHS[kind]:g})`" for name, kind in reading.kinds.items())
    notes.append(f"the parameters of the variance have wide priors, {listed}; state others if you know more")
    predictors = (Predictor(name, right, span) for name, right in sums.items())
    return Variances((Predictor("sigma", total(values), span, curve=True), *predictors), reading.priors(span))


def _term(part: Expr, reading: _Reading) -> Expr | _Bent:
    """What a variance function adds to the log of sigma."""
    match part:
        case Call() as whole if whole.function in _TERMS:
            return _TERMS[whole.function](_form(whole), reading)
        case Tilde(None, right, span):
            return _offset_of(_form_of_fixed(right, span))
        case Call(name, span=span):
            raise _unknown(name, span)
        case other:
            raise FormulaSyntaxError(
                "`varComb` joins variance functions, as in `varComb(varIdent(form = ~ 1 | g))`", other.span
            )


def _unknown(name: str, span: Span | None) -> FormulaSyntaxError:
    return FormulaSyntaxError(f"`{name}` is no variance function{nearest(name, (*_TERMS, 'varComb'))}", span)


def _form(call: Call) -> _Form:
    """The parts of `form = ~ value | groups`."""
    form: Expr | None = None
    fixed: Expr | None = None
    for argument in call.arguments:
        if argument.name == "fixed":
            fixed = unparenthesised(argument.value)
        elif argument.name == "form" or isinstance(unparenthesised(argument.value), Tilde):
            form = unparenthesised(argument.value)
    match form:
        case Tilde(None, Binary("|", value, groups)):
            return _Form(call, unparenthesised(value), _grouped(groups), fixed)
        case Tilde(None, value):
            return _Form(call, unparenthesised(value), (), fixed)
        case None if call.function in _OF_FITTED:
            return _Form(call, _FITTED, (), fixed)
        case _:
            message = f"`{call.function}` needs a formula, as in `{call.function}(form = ~ 1 | g)`"
            raise FormulaSyntaxError(message, call.span)


def _grouped(groups: Expr) -> tuple[Name, ...]:
    """`g`, or nlme's `a * b`: a level for each combination."""
    first, nodes = spine(unparenthesised(groups), "*:/")
    names = [part for part in (first, *(node.right for node in nodes)) if isinstance(part, Name)]
    if len(names) <= len(nodes):
        raise FormulaSyntaxError("the groups of a variance function are columns, `g` or `a * b`", groups.span)
    return tuple(names)


def _joined(parts: tuple[Expr, ...], span: Span | None) -> Expr:
    """`a:b`."""
    found, *others = parts
    for other in others:
        found = Binary(":", found, other, span)
    return found


def _levels(form: _Form) -> tuple[Name, ...]:
    if form.value != Number(1.0) or not form.groups:
        raise FormulaSyntaxError("`varIdent` takes groups, as in `varIdent(form = ~ 1 | g)`", form.call.span)
    if form.fixed is not None:
        name = form.groups[0].text
        instead = (
            f'`brm(bf(y ~ x, sigma ~ 1 + offset(log(2) * ({name} == "a"))))` holds the sd of a at twice the others\''
        )
        raise UnsupportedError(f"fixed ratios of `varIdent` are an offset of log sigma: {instead}", form.fixed.span)
    return form.groups


def _by(form: _Form) -> Expr:
    return called("by", _joined(_levels(form), form.call.span), span=form.call.span)


def _ident(form: _Form, reading: _Reading) -> Expr:
    span = form.call.span
    levels = [called("factor", name, span=name.span) for name in _levels(form)]
    found: Expr = levels[0]
    for level in levels[1:]:
        found = Binary("*", found, level, span)
    return found


def _follows(form: _Form) -> Expr:
    """What the variance is a function of: a column, or the fitted mean."""
    column = form.value
    if column == Number(1.0):
        raise FormulaSyntaxError(f"`{form.call.function}` needs a column, as in `form = ~ x`", form.call.span)
    if isinstance(column, Call) and column.function == "resid":
        message = "a variance that follows the residuals is not built; `fitted(.)` and columns are"
        raise UnsupportedError(message, column.span)
    return Name(_MEAN, column.span) if column == _FITTED else column


def _of_column(form: _Form, kind: str, value: Callable[[Expr], Expr], reading: _Reading) -> Expr | _Bent:
    """A coefficient times a function of a column or the mean: one, one for each level, or a known one."""
    column, span = _follows(form), form.call.span
    known = None if form.fixed is None else _number(form.fixed, form)
    if form.value == _FITTED:
        own: dict[str, Expr] = {}
        coefficient = known if known is not None else _own(kind, form, own, reading)
        return _Bent(Binary("*", coefficient, value(column), span), own)
    if known is not None:
        return called("offset", Binary("*", known, value(column), span), span=span)
    levels = tuple(called("factor", name, span=name.span) for name in form.groups)
    return _joined((value(column), *levels), span)


def _number(fixed: Expr, form: _Form) -> Expr:
    if not isinstance(fixed, Number | Unary) or form.groups:
        raise UnsupportedError("`fixed` is one number, without groups", fixed.span)
    return fixed


def _own(kind: str, form: _Form, own: dict[str, Expr], reading: _Reading) -> Expr:
    """One more parameter, of all rows or of each group; `own` is added to."""
    name, span = reading.name(kind), form.call.span
    levels = tuple(called("factor", group, span=group.span) for group in form.groups)
    own[name] = Binary("+", Number(0.0, span), _joined(levels, span), span) if levels else Number(1.0, span)
    return Name(name, span)


def _power(form: _Form, reading: _Reading) -> Expr | _Bent:
    def logarithm(column: Expr) -> Expr:
        return called("log", called("abs", column, span=column.span), span=column.span)

    return _of_column(form, "power", logarithm, reading)


def _exponential(form: _Form, reading: _Reading) -> Expr | _Bent:
    return _of_column(form, "expon", lambda column: column, reading)


def _const_power(form: _Form, reading: _Reading) -> _Bent:
    """`log(const + abs(v)^power)`."""
    own: dict[str, Expr] = {}
    const, power = _listed(form, {"const": "logconst", "power": "power"}, own, reading)
    size = called("abs", _follows(form), span=form.call.span)
    raised = Binary("^", size, power, form.call.span)
    return _Bent(called("log", Binary("+", _exp(const), raised, form.call.span), span=form.call.span), own)


def _const_prop(form: _Form, reading: _Reading) -> _Bent:
    """`log(sqrt(const^2 + prop^2 * v^2))`."""
    own: dict[str, Expr] = {}
    span, two = form.call.span, Number(2.0, form.call.span)
    const, prop = _listed(form, {"const": "logconst", "prop": "logprop"}, own, reading)
    column = _follows(form)
    column = column if isinstance(column, Name | Call) else Parens(column, span)
    part = Binary("^", Parens(Binary("*", _exp(prop), column, span), span), two, span)
    whole = Binary("+", Binary("^", _exp(const), two, span), part, span)
    return _Bent(called("log", called("sqrt", whole, span=span), span=span), own, whole=True)


def _exp(logarithm: Expr) -> Expr:
    return called("exp", logarithm, span=logarithm.span)


def _listed(form: _Form, kinds: dict[str, str], own: dict[str, Expr], reading: _Reading) -> list[Expr]:
    """Each parameter by nlme's name: known by `fixed = list(power = 1)`, or one of the model's, `own`."""
    known = _fixed_list(form, kinds)
    found: list[Expr] = []
    for name, kind in kinds.items():
        if name not in known:
            found.append(_own(kind, form, own, reading))
        else:
            value = known[name]
            found.append(called("log", value, span=value.span) if kind.startswith("log") else value)
    return found


def _fixed_list(form: _Form, kinds: dict[str, str]) -> dict[str, Expr]:
    match form.fixed:
        case None:
            return {}
        case Call("list" | "c", arguments) if all(a.name in kinds for a in arguments):
            return {str(a.name): _number(unparenthesised(a.value), form) for a in arguments}
        case other:
            names = " and ".join(f"`{name}`" for name in kinds)
            raise FormulaSyntaxError(f"`fixed` is a list with {names}, as in `fixed = list(const = 1)`", other.span)


def _form_of_fixed(value: Expr, span: Span | None) -> Expr:
    column = unparenthesised(value)
    if isinstance(column, Binary) and column.operator == "|":
        raise UnsupportedError("`varFixed` by group is not built", column.span)
    return scaled_variance(column, 0.5)


def _fixed(form: _Form, reading: _Reading) -> Expr:
    if form.groups:
        raise UnsupportedError("`varFixed` by group is not built", form.call.span)
    return _offset_of(_form_of_fixed(form.value, form.call.span))


def _offset_of(scaled: Expr) -> Expr:
    """The offset of `1 + offset(…)`."""
    assert isinstance(scaled, Binary)
    return scaled.right


_TERMS: dict[str, Callable[[_Form, _Reading], Expr | _Bent]] = {
    "varIdent": _ident,
    "varFixed": _fixed,
    "varExp": _exponential,
    "varPower": _power,
    "varConstPower": _const_power,
    "varConstProp": _const_prop,
}
_OF_FITTED = ("varExp", "varPower", "varConstPower", "varConstProp")
"""Those that follow the fitted values unless they name a column."""
