"""A sum of R's terms in, Stata's variables out, with `ibn.` where R has a column for every level.

What is written is held to what was meant: both languages' rules say which columns each term has, and where no choice
of `i.` and `ibn.` gives R's, that stands among what cannot be said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product as choices
from typing import assert_never

from tildemc.errors import TildeError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.bars import terms_of
from tildemc.syntax.rcoding import full_factors
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.stata.cells import key_of, left_out
from tildemc.syntax.stata.varlist import Base, Categorical, Continuous, Indicator, Variable
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Text, Unary, deparse
from tildemc.syntax.unparse.parts import Saying
from tildemc.syntax.unparse.stata_expr import is_stata_name

__all__ = ["Sum", "level_of", "opened", "stata_sum"]

_PLACE = Span("", 0, 0)
_NONE: frozenset[str] = frozenset()
_INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms as Stata writes them.

    Attributes
    ----------
    terms : tuple of str
    constant : bool
    several : bool
        Whether there may be more than one column.
    """

    terms: tuple[str, ...]
    constant: bool
    several: bool


def stata_sum(parts: Sequence[Expr], saying: Saying, *, exact: bool = False) -> Sum:
    """The terms of a sum in Stata; what cannot be said is noted.

    Parameters
    ----------
    parts : sequence of Expr
        Its summands.
    saying : Saying
    exact : bool
        Whether every column counts, as for effects that vary independently, and not only what they span.
    """
    parts = opened(parts)
    specific = [part for part in parts if isinstance(part, Call) and part.function == "cs"]
    saying.unsaid += [f"effects on each threshold, `{deparse(part)}`" for part in specific]
    parts = [part for part in parts if part not in specific]
    if not parts:
        return Sum((), True, several=False)
    constant, terms = _worked_out(parts, saying)
    if not constant and Name(_INTERCEPT) in terms:
        # brms's `0 + Intercept + x`: the constant as an ordinary coefficient.
        parts = [part for part in parts if part != Name(_INTERCEPT) and not _is_constant(part)]
        constant, terms = True, [term for term in terms if term != Name(_INTERCEPT)]
    written = [term for term in terms if _product(_variables(term), saying.factors) is not None]
    for term in terms:
        if term not in written:
            saying.unsaid.append(f"the term `{deparse(term)}`: make a column of it first")
    meant = _meant(terms, written, saying.factors, constant=constant)
    every = frozenset(name for columns in meant for kind, name, *_ in columns if kind == "full")
    names = frozenset(name for columns in meant for kind, name, *_ in columns if kind in ("full", "contrast"))
    told = _NONE
    for told in (_NONE, every, names):
        found = _in_stata(written, saying.factors, told, constant=constant)
        if _alike(meant, found, constant=constant, exact=exact):
            break
    else:
        told = _NONE
        shown = " + ".join(deparse(term) for term in written)
        saying.unsaid.append(f"the columns of `{shown}`: Stata leaves out other levels than R")
    several = len(written) + constant > 1 or any(kind != "number" for columns in meant for kind, *_ in columns)
    return Sum(_shown(parts, written, saying.factors, told), constant, several)


def level_of(right: Expr, saying: Saying) -> str | None:
    """The `g` of `sigma ~ by(g)`, and of `~ 0 + factor(g)` and `~ factor(g)`: a value for each level all the same."""
    match right:
        case Call("by", (Argument(Name(name), None),)) if is_stata_name(name):
            return name
        case _:
            pass
    parts = opened([right])
    if any(isinstance(part, Binary) for part in parts):
        return None
    _, terms = terms_of(total(parts))
    factor = _factor(terms[0]) if len(terms) == 1 and _is_factor(terms[0], saying.factors) else None
    return None if factor is None else factor.name


def opened(parts: Sequence[Expr]) -> list[Expr]:
    """The summands of the summands; what is taken away stands under a minus."""
    found: list[Expr] = []
    waiting = list(reversed(parts))
    while waiting:
        match unparenthesised(waiting.pop()):
            case Binary("+", left, right):
                waiting += [right, left]
            case Binary("-", left, Number() as number):
                waiting += [Unary("-", number), left]
            case part:
                found.append(part)
    return found


def _worked_out(parts: Sequence[Expr], saying: Saying) -> tuple[bool, list[Expr]]:
    """Whether there is a constant, and the terms with `*` and `-` worked out."""
    try:
        constant, terms = terms_of(total([*parts]))
    except TildeError:
        kept = [part for part in parts if not isinstance(unparenthesised(part), Binary)]
        lost = [part for part in parts if part not in kept]
        saying.unsaid += [f"the term `{deparse(part)}`: write it out, joined by `+` and `:`" for part in lost]
        constant, terms = terms_of(total([*kept] or [Number(1.0)]))
    # `x:x` is x to R, and `x * x` therefore too.
    return constant, list({frozenset(map(deparse, _variables(term))): term for term in reversed(terms)}.values())[::-1]


# Variables


def _variables(term: Expr) -> list[Expr]:
    """What `a:b:c` multiplies, each once."""
    found: list[Expr] = []
    while isinstance(term, Binary) and term.operator == ":":
        found.append(unparenthesised(term.right))
        term = unparenthesised(term.left)
    return list({deparse(variable): variable for variable in (term, *reversed(found))}.values())


def _product(variables: Sequence[Expr], factors: frozenset[str]) -> tuple[Variable, ...] | None:
    """The variables as Stata has them; None where it has no such."""
    found = [_stata_variables(variable, factors) for variable in variables]
    return None if None in found else tuple(v for some in found for v in some or ())


def _stata_variables(variable: Expr, factors: frozenset[str]) -> tuple[Variable, ...] | None:
    match variable:
        case Name(name) if is_stata_name(name):
            return (Categorical(name, Base(), _PLACE) if name in factors else Continuous(name, _PLACE),)
        case Call("I", (Argument(Binary("^", Name(name), Number(power)), None),)) if power in (2, 3, 4):
            return (Continuous(name, _PLACE),) * int(power) if is_stata_name(name) else None
        case Call("dummy", (Argument(Name(name), None), Argument(Text() | Number() as level, None))):
            code = _code(level)
            return None if code is None or not is_stata_name(name) else (Indicator(name, code, _PLACE),)
        case Call("indicators", arguments):
            return _of_indicators(arguments)
        case Call():
            factor = _factor(variable)
            return None if factor is None else (factor,)
        case _:
            return None


def _factor(call: Expr) -> Categorical | None:
    """`factor(g)` and the ways to choose its base."""
    match call:
        case Name(name) | Call("factor" | "as.factor", (Argument(Name(name), None),)) if is_stata_name(name):
            return Categorical(name, Base(), _PLACE)
        case Call("relevel", (Argument(inner, None), Argument(Text() | Number() as level, None | "ref"))):
            factor, code = _factor(inner), _code(level)
            return None if factor is None or code is None else Categorical(factor.name, Base("value", code), _PLACE)
        case Call("C", (Argument(inner, None), Argument(contrast, None))):
            factor, base = _factor(inner), _base(contrast)
            return None if factor is None or base is None else Categorical(factor.name, base, _PLACE)
        case _:
            return None


def _base(contrast: Expr) -> Base | None:
    match contrast:
        case Name("SAS" | "contr.SAS"):
            return Base("last")
        case Call(function, (Argument(Number(rank), None | "base"),)) if function.endswith("treatment"):
            return Base("rank", int(rank))
        case _:
            return None


def _of_indicators(arguments: Sequence[Argument]) -> tuple[Variable, ...] | None:
    factors = [_factor(argument.value) for argument in arguments if argument.name is None]
    bases = [argument.value for argument in arguments if argument.name == "base"]
    if any(argument.name == "without" for argument in arguments):
        return None
    if None in factors or any(not isinstance(base, Number | Constant) for base in bases):
        return None
    code = _code(bases[0]) if bases and isinstance(bases[0], Number) else None
    return tuple(Categorical(f.name, f.base if code is None else Base("value", code), _PLACE) for f in factors if f)


def _code(level: Expr) -> int | None:
    """The code that a level is in Stata; None where it is text."""
    text = level.value if isinstance(level, Text) else deparse(level)
    return int(text) if text.isdecimal() else None


# Columns

_Columns = tuple[tuple[str, ...], ...]
"""What multiplies to columns: a `number`, all levels (`full`), all but one (`contrast`), or `cells` but one."""


def _meant(terms: list[Expr], written: list[Expr], factors: frozenset[str], *, constant: bool) -> list[_Columns]:
    """The columns that R has of the terms that are written."""
    variables = [_variables(term) for term in terms]
    texts = [[(deparse(v), _is_factor(v, factors)) for v in some] for some in variables]
    found: list[_Columns] = []
    for term, some, full in zip(terms, variables, full_factors(texts, intercept=constant), strict=True):
        if term in written:
            parts = [_of_r(v, factors, full=place in full) for place, v in enumerate(some)]
            found.append(tuple(sorted(part for inner in parts for part in inner)))
    return found


def _is_factor(variable: Expr, factors: frozenset[str]) -> bool:
    if isinstance(variable, Name):
        return variable.text in factors
    return isinstance(variable, Call) and variable.function in ("factor", "as.factor", "relevel", "C", "ordered")


def _of_r(variable: Expr, factors: frozenset[str], *, full: bool) -> list[tuple[str, ...]]:
    own = _stata_variables(variable, factors) or ()
    if isinstance(variable, Call) and variable.function == "indicators":
        full = any(a.name == "base" and a.value == Constant(None) for a in variable.arguments)
        if len(own) > 1 and not full:
            return [("cells", *sorted(v.name for v in own))]
    return [_of_variable(v, full=full) for v in own]


def _in_stata(terms: list[Expr], factors: frozenset[str], told: frozenset[str], *, constant: bool) -> list[_Columns]:
    """The columns that Stata has of the terms if the factors in `told` are under `ibn.`."""
    products = [
        tuple(
            Categorical(v.name, Base("none"), _PLACE) if isinstance(v, Categorical) and v.name in told else v
            for v in _product(_variables(term), factors) or ()
        )
        for term in terms
    ]
    out = left_out(products, intercept=constant)
    found: list[_Columns] = []
    for some in products:
        sets = out[key_of(some)]
        together = [places for places in sets if len(places) > 1]
        alone = {place for places in sets if len(places) == 1 for place in places}
        parts = [("cells", *sorted(some[place].name for place in places)) for places in together]
        rest = [place for place in range(len(some)) if not any(place in places for places in together)]
        parts += [_of_variable(some[place], full=place not in alone) for place in rest]
        found.append(tuple(sorted(parts)))
    return found


def _of_variable(variable: Variable, *, full: bool) -> tuple[str, ...]:
    match variable:
        case Continuous(name):
            return ("number", name)
        case Indicator(name, level):
            return ("number", f"{level}.{name}")
        case Categorical(name, base):
            return ("full", name) if full else ("contrast", name, base.kind, str(base.number))
        case never:
            assert_never(never)


def _alike(one: list[_Columns], other: list[_Columns], *, constant: bool, exact: bool) -> bool:
    """Whether two lists of columns are the same, or span the same."""
    if exact:
        return Counter(one) == Counter(other)
    return _spanned(one, constant=constant) == _spanned(other, constant=constant)


_Monomial = frozenset[tuple[tuple[str, ...], int]]


def _spanned(columns: list[_Columns], *, constant: bool) -> set[_Monomial]:
    """A base of what columns span: products of numbers and of indicators of the levels but one."""
    found: set[_Monomial] = {frozenset()} if constant else set()
    for factors in columns:
        for chosen in choices(*(_monomials(factor, constant=constant) for factor in factors)):
            found.add(frozenset(Counter(atom for some in chosen for atom in some).items()))
    # Which level an indicator leaves out does not matter where the product without it is there too.
    return {frozenset((_without_base(atom, monomial, found), n) for atom, n in monomial) for monomial in found}


def _without_base(atom: tuple[str, ...], monomial: _Monomial, found: set[_Monomial]) -> tuple[str, ...]:
    smaller = frozenset(pair for pair in monomial if pair[0] != atom)
    return atom[:2] if atom[0] == "level" and smaller in found else atom


def _monomials(factor: tuple[str, ...], *, constant: bool) -> list[tuple[tuple[str, ...], ...]]:
    kind, *names = factor
    match kind:
        case "full":
            return [(), (("level", names[0]),)]
        case "contrast":
            return [(("level", *names),)]
        case "cells" if constant:
            return [
                tuple(("level", name) for name, there in zip(names, some, strict=True) if there)
                for some in choices((False, True), repeat=len(names))
            ]
        case _:
            return [(factor,)]


# Text


def _shown(parts: Sequence[Expr], terms: list[Expr], factors: frozenset[str], told: frozenset[str]) -> tuple[str, ...]:
    """The summands with `##` where each can be said so, else the terms one by one."""
    whole = [_compact(part, factors, told) for part in parts if not _is_constant(part)]
    found = [text for text in whole if text is not None]
    if len(found) < len(whole):
        found = [_joined(_variables(term), factors, told) or "" for term in terms]
    found = list(dict.fromkeys(found))
    return tuple(text.removeprefix("c.") if "#" not in text else text for text in found)


def _is_constant(part: Expr) -> bool:
    return isinstance(part, Number) or (isinstance(part, Unary) and isinstance(part.operand, Number))


def _compact(part: Expr, factors: frozenset[str], told: frozenset[str]) -> str | None:
    """`a:b` and `a*b`, from the left, which may be longer than Python recurses."""
    joints: list[str] = []
    sides: list[Expr] = []
    term = unparenthesised(part)
    while isinstance(term, Binary) and term.operator in (":", "*"):
        joints.append("#" if term.operator == ":" else "##")
        sides.append(unparenthesised(term.right))
        term = unparenthesised(term.left)
    shown = [_side(side, factors, told) for side in (term, *reversed(sides))]
    if None in shown or len(shown) > len(set(shown)):
        return None
    return "".join(f"{side}{joint}" for side, joint in zip(shown, [*reversed(joints), ""], strict=True))


def _side(side: Expr, factors: frozenset[str], told: frozenset[str]) -> str | None:
    """What stands on one side of `#`."""
    if isinstance(side, Binary) and side.operator == "+":
        shown = [_compact(part, factors, told) for part in summands(side)]
        return None if None in shown else f"({' '.join(text for text in shown if text)})"
    return (
        _compact(side, factors, told)
        if isinstance(side, Binary) and side.operator in (":", "*")
        else (_joined([side], factors, told))
    )


def _joined(variables: Sequence[Expr], factors: frozenset[str], told: frozenset[str]) -> str | None:
    """`i.a#c.x`."""
    some = _product(variables, factors)
    return None if some is None else "#".join(_operated(variable, told) for variable in some)


def _operated(variable: Variable, told: frozenset[str]) -> str:
    """A variable under its operator."""
    match variable:
        case Continuous(name):
            return f"c.{name}"
        case Indicator(name, level):
            return f"{level}.{name}"
        case Categorical(name) if name in told:
            return f"ibn.{name}"
        case Categorical(name, base):
            kinds = {"value": f"b{base.number}", "rank": f"b(#{base.number})", "last": "b(last)", "none": "bn"}
            return f"i{kinds.get(base.kind, '')}.{name}"
        case never:
            assert_never(never)
