"""Stata's `menl`: non-linear mixed-effects models, an expression with parameters and effects in braces.

`{b}` is a parameter, `{U[g]}` an effect that varies by g, `{lc: x1 x2 U[g]}` a linear combination with a constant, and
`define(b: {b0} + {U[g]})` a name for an expression (Stata manual, [ME] menl).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.formula import formula_of
from tildemc.syntax.rewrite import rewritten, total
from tildemc.syntax.starting import prior_about, told_about
from tildemc.syntax.stata.apart import set_apart
from tildemc.syntax.stata.coding import code
from tildemc.syntax.stata.menl_options import Options, read_options
from tildemc.syntax.stata.menl_written import COMBINATION, LISTED, PARAMETER, Definition, Menl, number_of, parse_menl
from tildemc.syntax.stata.rows import needed_by, of_rows
from tildemc.syntax.stata.varlist import columns_named, products
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import Part, Term
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Name,
    Number,
    Parens,
    PriorStatement,
    Text,
    Tilde,
)
from tildemc.syntax.unparse.text import formula_text

__all__ = ["FUNCTIONS", "read_menl"]

FUNCTIONS = {"ln": "log", "normal": "Phi", "invlogit": "inv_logit", "min": "fmin", "max": "fmax", "lngamma": "lgamma",
              "cond": "ifelse", "invcloglog": "inv_cloglog", "ln1p": "log1p"}  # fmt: skip
"""What Stata calls functions of curves by another name."""
_TAKEN = ("mu", "sigma")
_EFFECT = re.compile(r"(\w+)\[([\w>]*)\]")


@dataclass
class _Effect:
    """`U[g]`: the groups, and what the effect is multiplied by in a linear combination."""

    factor: Expr
    left: Expr
    span: Span | None


@dataclass
class _Reading:
    """What was read so far.

    Attributes
    ----------
    columns : sequence of str or None
    defined : mapping of str to Definition
    expressions : mapping of str to Expr
        What defined names stand for, if it is no linear combination.
    sums : mapping of str to (terms, effects)
        Of parameters and linear combinations.
    effects : mapping of str to (str, _Effect)
        With the parameter whose sum has it.
    """

    columns: Sequence[str] | None
    defined: dict[str, Definition]
    notes: list[str] = field(default_factory=list)
    expressions: dict[str, Expr] = field(default_factory=dict)
    sums: dict[str, list[Expr]] = field(default_factory=dict)
    effects: dict[str, tuple[str, _Effect]] = field(default_factory=dict)
    start: dict[tuple[str, str], tuple[float, Span | None]] = field(default_factory=dict)

    def expression(self, expr: Expr) -> Expr:
        """An expression in the names of parameters."""
        return rewritten(expr, self._part)

    def _part(self, part: Expr) -> Expr | None:
        match part:
            case Call(function, (Argument(Name() as name), *start), span) if function == PARAMETER:
                return self._parameter(name, [a.value for a in start], span)
            case Call(function, (Argument(Name() as name), *items), span) if function == COMBINATION:
                return self._combination(name, items, span)
            case Call(function, arguments, span) if function in FUNCTIONS:
                own = tuple(Argument(self.expression(argument.value)) for argument in arguments)
                return Call(FUNCTIONS[function], own, span)
            case Name(text, span) if _EFFECT.fullmatch(text):
                raise FormulaSyntaxError(f"an effect stands in braces here: `{{{text}}}`", span)
            case Name(text, span) if "#" in text or "." in text:
                raise FormulaSyntaxError(f"`{text}` belongs to a linear combination, as in `{{lc: {text}}}`", span)
            case Name(text, span) if span is not None:
                [column] = columns_named(Word(text, span), self.columns)
                return Name(column, span)
            case _:
                return None

    def _parameter(self, name: Name, start: Sequence[Expr], span: Span | None) -> Expr:
        effect = _EFFECT.fullmatch(name.text)
        if effect is not None:
            self._own_effect(effect[1], effect[2], span)
            return Name(effect[1], span)
        if name.text not in self.defined and name.text not in self.effects:
            self._check_name(name.text, span)
            self.sums.setdefault(name.text, [Number(1.0, span)])
        for value in start:
            self.start[name.text, ""] = number_of(value), span
        return Name(name.text, span)

    def _check_name(self, name: str, span: Span | None) -> None:
        if name in _TAKEN:
            raise FormulaSyntaxError(f"`{name}` is the response's own parameter here: call this one otherwise", span)

    def _own_effect(self, name: str, path: str, span: Span | None) -> None:
        """An effect by itself is a parameter whose sum is that effect alone."""
        if not path and name in self.effects:
            return
        before = self.effects.get(name)
        effect = _Effect(_factor(path, span), Number(1.0, span), span)
        if before is not None and (before[0] != name or before[1].factor != effect.factor):
            raise UnsupportedError(f"`{name}` stands in two places of unlike kinds: give each its own name", span)
        self._check_name(name, span)
        self.effects[name] = name, effect
        self.sums.setdefault(name, [Number(0.0, span)])

    def _combination(self, name: Name, items: Sequence[Argument], span: Span | None) -> Expr:
        listed = [item.value for item in items if item.name is None]
        options = {item.name for item in items if item.name is not None}
        if not listed:
            if name.text not in self.defined and name.text not in self.sums:
                raise FormulaSyntaxError(f"`{name.text}` is defined nowhere: `define({name.text}: x1 x2)`", span)
            return Name(name.text, span)
        plain = listed[0].text if isinstance(listed[0], Name) else ""
        if len(listed) == 1 and "xb" not in options and plain and "[" not in plain and "#" not in plain:
            # Stata takes one name for a parameter's own, within a group of parameters.
            return self._parameter(Name(f"{name.text}_{plain}", span), (), span)
        self.combination(name.text, listed, constant="noconstant" not in options, span=span)
        return Name(name.text, span)

    def combination(self, name: str, listed: Sequence[Expr], *, constant: bool, span: Span | None) -> None:
        """`lc: x1 i.f U[g] c.x1#V[g]`."""
        self._check_name(name, span)
        if name in self.sums:
            raise FormulaSyntaxError(f"`{name}` is defined twice", span)
        fixed: list[Term] = []
        for item in listed:
            if not isinstance(item, Name) or item.span is None:
                message = "a linear combination is a list of variables and effects, as in `{lc: x1 x2 U[g]}`"
                raise FormulaSyntaxError(message, item.span or span)
            *factors, last = re.split(r"#", item.text)
            effect = _EFFECT.fullmatch(last)
            if effect is None:
                fixed.append(_term(item))
                continue
            if effect[1] in self.effects:
                raise UnsupportedError(f"`{effect[1]}` stands in two places: give each its own name", item.span)
            left: Expr = Number(1.0, item.span)
            if factors:
                varying = code(products([_term(Name("#".join(factors), item.span))], self.columns), intercept=False)
                left = total([Number(0.0, item.span), *varying.terms])
            self.effects[effect[1]] = name, _Effect(_factor(effect[2], item.span), left, item.span)
        coded = code(products(fixed, self.columns), intercept=constant)
        self.notes += coded.notes
        self.sums[name] = [Number(float(constant), span), *coded.terms]


def read_menl(text: str, columns: Sequence[str] | None, priors: str) -> Statement:
    """The model that a `menl` command writes.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
        With the place in the text.
    """
    command = parse_menl(text, text)
    reading = _Reading(columns, {definition.name.text: definition for definition in command.definitions})
    options = read_options(command.options)
    reading.notes += options.notes
    main = reading.expression(command.value)
    for definition in command.definitions:
        _define(reading, definition)
    formula = formula_of(_statements(command, main, reading, options), text)
    statement = Statement(
        replace(formula, text=formula_text(formula)),
        "stata",
        "gaussian",
        tuple(_priors(reading, options)),
        notes=tuple(dict.fromkeys(reading.notes)),
        display=options.display,
        default_priors=priors,
        family_span=command.name.span,
    )
    return set_apart(of_rows(statement, command.rows, needed_by(formula.predictors)), command.prefixes)


def _define(reading: _Reading, definition: Definition) -> None:
    """An expression, or, where nothing stands in braces, a linear combination."""
    name = definition.name
    match definition.value:
        case Call(function, arguments) if function == LISTED:
            listed = [argument.value for argument in arguments]
        case Name() as alone:
            listed = [alone]
        case value:
            reading.expressions[name.text] = reading.expression(value)
            return
    reading.combination(name.text, listed, constant=not definition.noconstant, span=definition.span)


def _statements(command: Menl, main: Expr, reading: _Reading, options: Options) -> list[Expr]:
    """Brms's `bf(…, nl = TRUE)` that says the same."""
    identities: dict[str, str] = {}
    for number, covariance in enumerate(options.covariances, start=1):
        for word in covariance.effects:
            if word.text not in reading.effects:
                hint = nearest(word.text, reading.effects) or f"; there are {', '.join(reading.effects) or 'none'}"
                raise FormulaSyntaxError(f"there is no effect `{word.text}`{hint}", word.span)
            if covariance.correlated:
                identities[word.text] = f"cov{number}"
    for effect, (owner, found) in reading.effects.items():
        reading.sums[owner].append(_group(found, identities.get(effect)))
    response = Name(columns_named(command.response, reading.columns)[0], command.response.span)
    curve = Argument(Tilde(response, main, command.span))
    sums = (
        Argument(Tilde(Name(name, terms[0].span), total(terms), terms[0].span)) for name, terms in reading.sums.items()
    )
    sigma = () if options.sigma is None else (Argument(Tilde(Name("sigma", options.sigma.span), options.sigma)),)
    whole: Expr = Call("bf", (curve, *sums, *sigma, Argument(Constant(True), "nl")), command.span)
    for name, value in reading.expressions.items():
        named = Argument(Tilde(Name(name, value.span), value, value.span))
        whole = Binary("+", whole, Call("nlf", (named,), value.span), command.span)
    return [whole]


def _group(effect: _Effect, identity: str | None) -> Expr:
    """`(1 | g)`, or `(1 | ID | g)` where it is correlated with others."""
    span = effect.span
    left = effect.left if identity is None else Binary("|", effect.left, Name(identity, span), span)
    return Parens(Binary("|", left, effect.factor, span), span)


def _factor(path: str, span: Span | None) -> Expr:
    """`school>class`: the classes of each school."""
    first, *others = path.split(">")
    factor: Expr = Name(first, span)
    for other in others:
        factor = Binary(":", factor, Name(other, span), span)
    return factor


def _term(item: Name) -> Term:
    """A variable of a linear combination, as lists of variables have it."""
    assert item.span is not None
    parts = []
    for text in item.text.split("#"):
        operator, dot, name = text.rpartition(".")
        operators = (Word(operator + dot, item.span),) if dot else ()
        parts.append(Part(operators, Word(name, item.span), (), item.span))
    return Term(tuple(parts), ("#",) * (len(parts) - 1), item.span)


def _priors(reading: _Reading, options: Options) -> Iterator[PriorStatement]:
    """About starting values."""
    told: list[str] = []
    for (name, column), (value, span) in {**reading.start, **options.start}.items():
        if name not in reading.sums:
            hint = nearest(name, reading.sums) or f"; there are {', '.join(reading.sums)}"
            raise FormulaSyntaxError(f"there is no parameter `{name}`{hint}", span)
        if column in ("", "_cons"):
            yield prior_about(f"{name}.Intercept", None, value, span)
        else:
            yield prior_about(f"{name}.b", (Text(column, span),), value, span)
        told.append(f"{name}:{column}" if column else name)
    if told:
        reading.notes.append(told_about(told))
