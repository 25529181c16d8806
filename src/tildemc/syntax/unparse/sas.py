"""Statement in, PROC MIXED or PROC GLIMMIX of SAS out, with a data step before it for what these cannot work out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tildemc.errors import TildeError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.bars import terms_of
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.sas.families import DISTRIBUTIONS, LINKS
from tildemc.syntax.steps import Make, Step
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Formula, Modifier, Name, Number, Text, deparse, spine
from tildemc.syntax.unparse.groups import plain_groups
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import (
    Group,
    Saying,
    coding_unsaid,
    family_said,
    grouped,
    precision,
    refuse_curves,
    refuse_several,
    terms_unsaid,
)
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.residuals import residuals_apart
from tildemc.syntax.unparse.sas_lines import is_sas_name, sas_condition, sas_lines, sas_value
from tildemc.syntax.unparse.sas_residuals import Repeated, sas_residuals
from tildemc.syntax.unparse.stata_terms import level_of
from tildemc.syntax.unparse.text import modifier_text

__all__ = ["LANGUAGE"]

_TYPES = {"us": "un", "diag": "un(1)", "homcs": "cs", "cs": "csh", "ar1": "ar(1)", "hetar1": "arh(1)",
          "homtoep": "toep", "toep": "toeph"}  # fmt: skip
"""What SAS calls structures."""


class _LostError(Exception):
    """A part that SAS has no words for; it has been noted."""


@dataclass
class _Program:
    """The procedure as it is made.

    Attributes
    ----------
    saying : Saying
    classes : dict
        The columns of `class`, and what is said of each there.
    numbers : set of str
        The columns that stand as numbers.
    made : list of Make
        Columns that the data step makes for it.
    """

    saying: Saying
    classes: dict[str, str] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    made: list[Step] = field(default_factory=list)

    def lost(self, what: str) -> _LostError:
        """Note what is lost."""
        self.saying.unsaid.append(what)
        return _LostError()

    def column(self, expr: Expr) -> str:
        """The column of numbers that an expression is, made for it if need be."""
        inner = expr.arguments[0].value if isinstance(expr, Call) and expr.function == "I" else expr
        if isinstance(inner, Name) and is_sas_name(inner.text):
            self.numbers.add(inner.text)
            return inner.text
        value = sas_value(inner)
        if value is None:
            raise self.lost(f"`{deparse(expr)}`: make a column of it first")
        name = re.sub(r"\W+", "_", deparse(inner)).strip("_")[:32]
        name = name if is_sas_name(name) else f"x_{name}"[:32]
        step = Make(name, inner)
        self.made += [] if step in self.made else [step]
        return name

    def levels(self, column: Name, said: str = "") -> str:
        """A column of levels; one that is a number elsewhere has a copy for it."""
        if not is_sas_name(column.text):
            raise self.lost(f"the column `{column.text}`: SAS has no such names")
        name = column.text
        if name in self.numbers:
            name = f"{name}_class"
            step = Make(name, column)
            self.made += [] if step in self.made else [step]
        if said and self.classes.get(name) not in (None, "", said):
            self.saying.unsaid.append(f"two codings of `{column.text}`: SAS has one for each column")
        self.classes[name] = self.classes.get(name) or said
        return name


def _written(saying: Saying) -> str:
    """`proc mixed data=d; class g; model y = x / solution; random int / subject=g; run;`."""
    statement = saying.statement
    refuse_several(statement.formula, "SAS's `proc mixed` and `proc glimmix`")
    refuse_curves(statement.formula, "SAS's `proc mixed` and `proc glimmix`")
    family = family_said(saying, {})
    formula, terms = residuals_apart(plain_groups(statement.formula, saying, "SAS"))
    main, *others = formula.predictors
    coding_unsaid([main.right], saying)
    terms_unsaid([main.right], saying)
    saying.unsaid += [f"the parameter `{given}`" for given in formula.fixed]
    saying.unsaid += [f"the prior `{prior_text(prior)}`: SAS's procedures have none" for prior in statement.priors]
    program = _Program(saying)
    population, groups = grouped(main.right)
    effects, options = _population(population, program)
    said: list[str] = []
    response, counted = _response(formula, family, program)
    for group in groups:
        said += _group(group, program)
    repeated = [found for term in terms if (found := sas_residuals(term, saying))]
    by: str | None = None
    for predictor in others:
        weight = precision(predictor)
        level = level_of(predictor.right, saying) if predictor.parameter == "sigma" else None
        if isinstance(weight, Name) and family.name == "gaussian":
            said.append(f"weight {program.column(weight)};")
        elif level is not None and family.name == "gaussian":
            by = level
        else:
            told = f"{predictor.parameter} ~ {deparse(predictor.right)}"
            saying.unsaid.append(f"`{told}`: SAS has residual variances by a column's levels")
    known = _likelihood(family, saying)
    procedure = "mixed" if not known and not any(option.startswith("offset") for option in options) else "glimmix"
    said += counted + _repeated(repeated, by, program, procedure)
    return _program(program, procedure, f"model {response} = {' '.join(effects)}", [*options, *known], said)


def _program(program: _Program, procedure: str, model: str, options: list[str], said: list[str]) -> str:
    saying = program.saying
    data = saying.statement.data if saying.statement.data and is_sas_name(saying.statement.data) else "d"
    if saying.statement.row_numbers is not None:
        saying.unsaid.append(f"{saying.statement.row_numbers}: take them before")
    rows = saying.statement.rows
    where = None if rows is None else sas_condition(rows)
    if rows is not None and where is None:
        saying.unsaid.append(f"the rows where `{deparse(rows)}`")
    listed = " ".join(f"{name}({how})" if how else name for name, how in program.classes.items())
    lines = [f"by {' '.join(saying.statement.by)};"] if saying.statement.by else []
    lines += [f"where {where};"] if where else []
    lines += [f"class {listed};"] if listed else []
    lines += [f"{model.rstrip()} / {' '.join([*options, 'solution'])};", *said]
    step = sas_lines(tuple(program.made), saying)
    return "\n".join([*step, f"proc {procedure} data={data};", *(f"  {line}" for line in lines), "run;"])


def _likelihood(family: FamilyName, saying: Saying) -> list[str]:
    """What says that responses are not normal."""
    names = {row.family: name for name, row in reversed(DISTRIBUTIONS.items())}
    usual = {row.family: row.link for row in DISTRIBUTIONS.values()}
    if family.components or family.name not in names:
        saying.unsaid.append(f"the family {family if family.components else family.name}: SAS has none of that kind")
        return []
    link = family.link or usual[family.name]
    word = {ours: name for name, ours in reversed(LINKS.items())}.get(link)
    if word is None:
        saying.unsaid.append(f"the link {link}: SAS has none of that kind")
    if family.name == "cumulative":
        word = None if word is None else f"cum{word}"
        saying.unsaid.append("the sign of coefficients: SAS adds the predictor to the thresholds")
    if family.name == "gaussian" and link == "identity":
        return []
    told = [f"dist={names[family.name]}"]
    return [*told, *([f"link={word}"] if word and link != usual[family.name] else [])]


# Responses


def _response(formula: Formula, family: FamilyName, program: _Program) -> tuple[str, list[str]]:
    """The response, and the statements that say how often a row counts."""
    response, modifiers = formula.response, formula.modifiers
    match response:
        case Call("cbind", (Argument(successes), Argument(Binary("-", trials, taken)))) if taken == successes:
            response, modifiers = successes, (Modifier("trials", (Argument(trials),)), *modifiers)
        case Call("cbind", (Argument(successes), Argument(failures))):
            both = Binary("+", successes, failures)
            response, modifiers = successes, (Modifier("trials", (Argument(both),)), *modifiers)
        case _:
            pass
    event, trials_, said = "", "", []
    match response:
        case Binary("==", Name() as column, Text() | Number() as level):
            value = level.value if isinstance(level, Text) else deparse(level)
            response, event = column, f"(event='{value}')"
        case _ if family.name in ("bernoulli", "binomial") and all(m.function != "trials" for m in modifiers):
            event = "(descending)"
        case _:
            pass
    try:
        for modifier in modifiers:
            match modifier:
                case Modifier("trials", (Argument(count),)) if family.name == "binomial":
                    trials_ = f"/{program.column(count)}"
                case Modifier("weights", (Argument(Name() as count),)):
                    said.append(f"freq {program.column(count)};")
                case _:
                    program.saying.unsaid.append(f"`{modifier_text(modifier)}` of the response")
        return f"{program.column(response)}{event}{trials_}", said
    except _LostError:
        return f"y{event or ('(descending)' if family.name in ('bernoulli', 'binomial') else '')}", said


# Terms


def _population(parts: Sequence[Expr], program: _Program) -> tuple[list[str], list[str]]:
    """The effects, and the options of `model`."""
    offsets = [part for part in parts if isinstance(part, Call) and part.function == "offset"]
    rest = [part for part in parts if part not in offsets]
    options = []
    for part in offsets:
        try:
            options.append(f"offset={program.column(part.arguments[0].value)}")
        except _LostError:
            continue
    constant, terms = _worked_out(rest, program)
    found: list[str] = []
    for numbers in (True, False):
        # Columns that are numbers somewhere are known before any is taken for levels.
        found = [text for term in terms if (text := _effect(term, program, noted=not numbers))]
    return found, [*([] if constant else ["noint"]), *options]


def _worked_out(parts: Sequence[Expr], program: _Program) -> tuple[bool, list[Expr]]:
    try:
        constant, terms = terms_of(total([*parts] or [Number(1.0)]))
    except TildeError:
        lost = [part for part in parts if not isinstance(part, Name | Number)]
        program.saying.unsaid += [f"the term `{deparse(part)}`: write it out, joined by `+` and `:`" for part in lost]
        constant, terms = terms_of(total([part for part in parts if part not in lost] or [Number(1.0)]))
    if not constant and Name("Intercept") in terms:
        return True, [term for term in terms if term != Name("Intercept")]
    return constant, terms


def _effect(term: Expr, program: _Program, *, noted: bool = True) -> str | None:
    """`a*x`; what it lacks is noted."""
    before = [*program.saying.unsaid]
    try:
        first, nodes = spine(unparenthesised(term), ":")
        return "*".join(_variable(part, program) for part in (first, *(node.right for node in nodes)))
    except _LostError:
        return None
    finally:
        if not noted:
            program.saying.unsaid[:] = before


def _variable(part: Expr, program: _Program) -> str:
    match unparenthesised(part):
        case Call("factor" | "as.factor", (Argument(Name() as column, None),)):
            return program.levels(column, "ref=first")
        case Name() as column if column.text in program.saying.factors:
            return program.levels(column, "ref=first")
        case Call("relevel", (Argument(Call("factor", (Argument(Name() as column),))), Argument(base, "ref"))):
            return program.levels(column, f"ref='{base.value if isinstance(base, Text) else deparse(base)}'")
        case Call("C", (Argument(Name() as column), Argument(Name("SAS")))):
            return program.levels(column, "ref=last")
        case Call("I", (Argument(Binary("^", Name() as column, Number(power))),)) if power in (2.0, 3.0, 4.0):
            return "*".join([program.column(column)] * int(power))
        case Call("C") as coded:
            raise program.lost(f"the coding `{deparse(coded)}`: SAS compares levels with one of them")
        case other:
            return program.column(other)


# Groups


def _group(group: Group, program: _Program) -> list[str]:
    """`random int x / subject=g type=un;`, one for each factor of `a/b`."""
    left = group.left.left if isinstance(group.left, Binary) and group.left.operator == "|" else group.left
    constant, terms = _worked_out(summands(left), program)
    try:
        subjects = _subjects(group.factor, program)
    except _LostError:
        return []
    effects = [text for term in terms if (text := _effect(term, program))]
    levels = any(name in program.classes for text in effects for name in text.split("*"))
    structure = group.structure
    if levels and constant and structure == "us":
        # All levels have an effect in SAS, beside which the intercept is none.
        constant = len(effects) > 1
    words = [*(["int"] if constant else []), *effects]
    several = len(words) > 1 or levels
    kind = _TYPES.get(structure)
    if (structure == "diag" and not levels) or (structure == "homdiag" and levels and len(words) == 1):
        kind = None
    elif kind is None:
        program.saying.unsaid.append(f"the covariance structure `{structure}`: SAS has none of that kind here")
    told = f" type={kind}" if kind and several else ""
    if not words:
        return []
    return [f"random {' '.join(words)} / subject={subject}{told};" for subject in subjects]


def _subjects(factor: Expr, program: _Program) -> list[str]:
    """`a/b` is `a` and `a*b`."""
    first, nodes = spine(unparenthesised(factor), (":", "/"))
    parts = [first, *(node.right for node in nodes)]
    if not all(isinstance(part, Name) for part in parts):
        raise program.lost(f"the groups `{deparse(factor)}`: make a column of them first")
    names = [program.levels(part) for part in parts if isinstance(part, Name)]
    found = [names[0]]
    for node, name in zip(nodes, names[1:], strict=True):
        joined = f"{found[-1]}*{name}"
        found = [*found, joined] if node.operator == "/" else [*found[:-1], joined]
    return found


def _repeated(found: Sequence[Repeated], by: str | None, program: _Program, procedure: str) -> list[str]:
    """`repeated t / subject=g type=ar(1) group=v;`."""
    if not found and by is None:
        return []
    first = found[0] if found else Repeated(None, (), "", None)
    if first.by is not None and by not in (None, first.by.text):
        program.saying.unsaid.append(f"residual variances by `{by}`: SAS's `group={first.by.text}` is of all there is")
    if found and (first.by is None) != (by is None):
        told = first.by.text if first.by is not None else by
        program.saying.unsaid.append(f"`group={told}` of SAS's residuals: each level has a variance and correlations")
    try:
        time = f" {program.levels(first.time)}" if first.time is not None else ""
        subject = "*".join(program.levels(name) for name in first.subject)
        group = program.levels(Name(by or (first.by.text if first.by else ""))) if by or first.by else ""
    except _LostError:
        return []
    options = [f"subject={subject}"] if subject else []
    options += [f"type={first.type}"] if first.type else []
    options += [f"group={group}"] if group else []
    options += ["local"] if first.local else []
    if procedure == "mixed":
        return [f"repeated{time} / {' '.join(options)};"]
    return [f"random{time or ' _residual_'} / {' '.join([*options, 'residual'])};"]


LANGUAGE = Language(
    _written, sas_lines, apart=True, opens={"csv": 'proc import datafile="{file}" out={data} dbms=csv; run;'}
)
