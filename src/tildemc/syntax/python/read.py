"""Python text in, a Statement out: the model of its last call of Bambi, statsmodels or pymer4."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.syntax.family import BAMBI, FamilyName, family_in, family_name
from tildemc.syntax.formula import formula_of
from tildemc.syntax.frames import Frame
from tildemc.syntax.python.bambi import OPPOSITE, PARAMETERS, known_family
from tildemc.syntax.python.data import frame_of
from tildemc.syntax.python.formulas import formula_in, independent, renamed
from tildemc.syntax.python.priors import bambi_priors
from tildemc.syntax.python.script import Script, Written, known, script_of
from tildemc.syntax.rewrite import rewritten, summands, total
from tildemc.syntax.statement import Estimation, Statement
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Formula, Name, Number, Parens, PriorStatement, Tilde
from tildemc.syntax.unparse.text import formula_text

__all__ = ["read_python"]

_SIGNATURES = {
    "bambi": ("formula", "data", "family", "priors", "link"),
    "pymer4": ("formula", "data", "family"),
    "statsmodels": ("formula", "data", "subset"),
    "mixedlm": ("formula", "data", "re_formula", "vc_formula", "subset"),
}
_MORE = ("groups", "family", "re_formula", "vc_formula", "missing", "offset", "exposure", "link")
_DROPPED = {
    "noncentered": "how effects are sampled is chosen here", "auto_scale": "default priors are tildemc's",
    "dropna": "rows that lack a value are left out here", "center_predictors": "predictors are centred here",
    "potentials": "", "categorical": "what is categorical goes by the column", "missing": "rows that lack a value are "
    "left out here", "extra_namespace": "", "prior_cors": "", "use_t": "results are draws", "use_sqrt": "",
}  # fmt: skip
_FAMILIES = {
    "ols": ("gaussian", None), "glm": ("gaussian", None), "mixedlm": ("gaussian", None),
    "logit": ("bernoulli", "logit"), "probit": ("bernoulli", "probit"), "poisson": ("poisson", "log"),
    "negativebinomial": ("negbinomial", "log"), "mnlogit": ("categorical", None),
}  # fmt: skip
"""What functions of statsmodels fit."""
_CLASSES = {
    "Gaussian": ("gaussian", None), "Binomial": ("bernoulli", "logit"), "Poisson": ("poisson", "log"),
    "Gamma": ("gamma", "inverse"), "InverseGaussian": ("inverse_gaussian", "1/mu^2"),
    "NegativeBinomial": ("negbinomial", "log"),
}  # fmt: skip
"""statsmodels's families with the links that they have by themselves."""
_LINKS = {"identity", "log", "logit", "probit", "cloglog", "inverse"}
_LINK_CLASSES = {"inversepower": "inverse", "inversesquared": "1/mu^2"}


@dataclass
class _Reading:
    """What the parts of one reading share."""

    script: Script
    model: Written
    given: dict[str, ast.expr]
    notes: list[str] = field(default_factory=list)

    def word(self, name: str) -> str | None:
        """An argument that is a text, if it is given."""
        node = self.given.get(name)
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        raise FormulaSyntaxError(f"`{name}` is a text in quotes here", self.script.span(node))


def read_python(text: str) -> Statement:
    """The model that a call of Bambi, statsmodels or pymer4 writes; the last, where there are several.

    Parameters
    ----------
    text : str
        One call, or a script: names that it binds are known, and nothing is run.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    script = script_of(text)
    *_, model = script.models.values()
    reading = _Reading(script, model, {})
    reading.given = _given(model, script, reading.notes)
    formula = _formula(reading)
    family = _FAMILY[model.package](reading)
    priors = _priors(reading, family)
    frame = _data(reading)
    return Statement(
        replace(formula, text=formula_text(formula)),
        "python",
        str(family),
        tuple(priors),
        data=frame.name,
        file=frame.file,
        steps=frame.steps,
        notes=tuple(dict.fromkeys(reading.notes)),
        family_span=script.span(reading.given.get("family", model.call.func)),
        estimation=Estimation("lme4" if model.package == "pymer4" else ""),
    )


def _given(model: Written, script: Script, notes: list[str]) -> dict[str, ast.expr]:
    """The arguments by name, and notes of those that are dropped."""
    plain = model.function.removesuffix(".from_formula").lower()
    known_names = _SIGNATURES["mixedlm" if plain == "mixedlm" else model.package]
    found: dict[str, ast.expr] = {}
    if len(model.call.args) > len(known_names):
        raise FormulaSyntaxError(f"`{model.function}()` has fewer arguments", script.span(model.call.args[-1]))
    for name, value in zip(known_names, model.call.args, strict=False):
        found[name] = known(value, model.bound) if name != "data" else value
    for keyword in model.call.keywords:
        name = keyword.arg or ""
        if name in found:
            raise FormulaSyntaxError(f"`{name}` is given twice", script.span(keyword))
        if name in _DROPPED and (_DROPPED[name] or _is_none(keyword.value)):
            notes.append(f"`{name}` is dropped: {_DROPPED[name] or 'it is None'}")
        elif name in known_names or (model.package == "statsmodels" and name in _MORE):
            found[name] = known(keyword.value, model.bound) if name != "data" else keyword.value
        else:
            hint = nearest(name, (*known_names, *_DROPPED))
            raise UnsupportedError(f"`{name}` of `{model.function}()` is not read{hint}", script.span(keyword))
    rows = found.get("subset")
    if rows is not None and not _is_none(rows):
        message = "`subset` is not read: prepare the data first; everything else of this call is read"
        raise UnsupportedError(message, script.span(rows))
    if "formula" not in found:
        message = f'`{model.function}()` needs a formula, as in `{model.function}("y ~ x", df)`'
        raise FormulaSyntaxError(message, script.span(model.call))
    return found


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _data(reading: _Reading) -> Frame:
    node = reading.given.get("data")
    frame = Frame() if node is None else frame_of(node, reading.model.frames, reading.script.span)
    reading.notes += frame.notes
    return frame


# The formula


def _formula(reading: _Reading) -> Formula:
    family = reading.word("family") or "gaussian" if reading.model.package == "bambi" else ""
    statements = [_of_parameter(_statement(node, reading), family, reading) for node in _statements(reading)]
    if reading.model.function.lower().startswith("mixedlm"):
        first = statements[0]
        if not isinstance(first, Tilde):
            raise FormulaSyntaxError("a formula needs `~`, as in `y ~ x`", first.span)
        statements[0] = replace(first, right=total([first.right, *_groups(reading)]))
    for name in ("offset", "exposure"):
        if name in reading.given:
            message = f"`{name}=` is not read; write `offset(log(e))` in the formula"
            raise UnsupportedError(message, reading.script.span(reading.given[name]))
    return formula_of(statements, reading.script.text)


def _of_parameter(statement: Expr, family: str, reading: _Reading) -> Expr:
    """`alpha ~ x` with the name that the parameter has here."""
    match statement:
        case Tilde(Name(theirs, span), right) if family and theirs in PARAMETERS:
            name = _here(BAMBI.get(family, family), theirs)
            if name in OPPOSITE:
                told = f"`psi` is the share without zeros in Bambi: coefficients of `{name}` have the opposite sign"
                reading.notes.append(told)
            return replace(statement, left=Name(name, span), right=right)
        case _:
            return statement


def _statements(reading: _Reading) -> list[ast.expr]:
    """The texts of `bmb.Formula("y ~ x", "sigma ~ z")`, or the one."""
    node = reading.given["formula"]
    match node:
        case ast.Call(ast.Attribute(attr="Formula") | ast.Name("Formula"), [_, *_] as texts, []):
            return [known(text, reading.model.bound) for text in texts]
        case _:
            return [node]


def _statement(node: ast.expr, reading: _Reading) -> Expr:
    expr = renamed(formula_in(node, reading.script), reading.notes)
    if reading.model.package == "bambi":
        expr = _settled(expr, reading)
        alone = independent(expr)
        if alone != expr:
            reading.notes.append(
                "effects of a group are independent in Bambi, and so here: `(1 + x | g)` of a formula correlates them"
            )
        return alone
    return expr


def _settled(expr: Expr, reading: _Reading) -> Expr:
    """`hsgp(x, z, m=m, c=c)` with the numbers that the text binds these names to."""

    def change(node: Expr) -> Expr | None:
        match node:
            case Call("hsgp", arguments):
                given = (replace(a, value=_bound(a.value, reading) if a.name else a.value) for a in arguments)
                return replace(node, arguments=tuple(given))
            case _:
                return None

    return rewritten(expr, change)


def _bound(value: Expr, reading: _Reading) -> Expr:
    found = reading.model.bound.get(value.text) if isinstance(value, Name) else None
    match found:
        case ast.Constant(int(number) | float(number)):
            return Number(float(number), value.span)
        case ast.List(items) | ast.Tuple(items):
            numbers = [item.value for item in items if isinstance(item, ast.Constant)]
            parts = (Argument(Number(float(n), value.span)) for n in numbers if isinstance(n, int | float))
            return Call("c", tuple(parts), value.span)
        case _:
            return value


def _groups(reading: _Reading) -> list[Expr]:
    """The group terms of `groups=`, `re_formula=` and `vc_formula=`."""
    group = _group(reading)
    span = group.span
    found: list[Expr] = []
    effects, components = reading.given.get("re_formula"), reading.given.get("vc_formula")
    if effects is not None and not _is_none(effects):
        bar = Binary("|", _terms(effects, reading), group, span)
        found.append(Parens(bar, span))
    elif components is None or _is_none(components):
        found.append(Parens(Binary("|", Number(1.0, span), group, span), span))
    if components is not None and not _is_none(components):
        if not isinstance(components, ast.Dict):
            message = '`vc_formula` is a dictionary, as in `{"b": "0 + C(b)"}`'
            raise FormulaSyntaxError(message, reading.script.span(components))
        found += [_component(known(value, reading.model.bound), group, reading) for value in components.values]
    return found


def _terms(node: ast.expr, reading: _Reading) -> Expr:
    """The right side of `~x`; the tilde may be left out."""
    expr = renamed(formula_in(node, reading.script), reading.notes)
    return expr.right if isinstance(expr, Tilde) else expr


def _component(node: ast.expr, group: Expr, reading: _Reading) -> Expr:
    """`0 + C(b)`: effects of one variance, of the levels of `b` within a group, or of a number."""
    terms = [part for part in summands(_terms(node, reading)) if part != Number(0.0)]
    match terms:
        case [Call("factor", (inner,), span)]:
            return Parens(Binary("|", Number(1.0, span), Binary(":", group, inner.value, span), span), span)
        case [Name(_, span) as slope]:
            left = Binary("+", Number(0.0, span), slope, span)
            return Parens(Binary("|", left, group, span), span)
        case _:
            message = "a variance component is of one column: `0 + C(b)` of its levels, `0 + x` of a number"
            raise UnsupportedError(message, reading.script.span(node))


def _group(reading: _Reading) -> Expr:
    """`groups="g"`, `groups=d["g"]`, `groups=d.g`."""
    node = reading.given.get("groups")
    match node:
        case None:
            message = '`mixedlm()` needs `groups`, as in `groups=df["g"]`'
            raise FormulaSyntaxError(message, reading.script.span(reading.model.call))
        case ast.Constant(str(name)) | ast.Subscript(_, ast.Constant(str(name))) | ast.Attribute(_, name):
            return Name(name, reading.script.span(node))
        case other:
            raise FormulaSyntaxError('`groups` is a column, as in `groups=df["g"]`', reading.script.span(other))


# Families


def _bambis(reading: _Reading) -> FamilyName:
    name = reading.word("family") or "gaussian"
    family = family_name(name, reading.script.span(reading.given.get("family", reading.model.call)))
    if family.name == "bernoulli":
        reading.notes.append("of two words Bambi models the first in the order of the alphabet; here it is the last")
    link = reading.given.get("link")
    found: dict[str, str] = {}
    if isinstance(link, ast.Dict):
        for key, value in zip(link.keys, link.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(value, ast.Constant):
                raise FormulaSyntaxError("`link` is a text, or texts by parameter", reading.script.span(link))
            found[str(key.value)] = str(value.value)
    elif link is not None and not _is_none(link):
        found["mu"] = reading.word("link") or ""
    own = {_here(family.name, parameter): _linked(word) for parameter, word in found.items()}
    main = own.pop("p", None) or own.pop("mu", None) or known_family(family.name).link
    return replace(family, link=main, links=own)


def _linked(word: str) -> str:
    return {"inverse_squared": "1/mu^2"}.get(word, word)


def _here(family: str, parameter: str) -> str:
    """What a parameter of Bambi's is called here."""
    return {theirs: ours for ours, theirs in known_family(family).parameters.items()}.get(parameter, parameter)


def _statsmodels(reading: _Reading) -> FamilyName:
    plain = reading.model.function.removesuffix(".from_formula").lower()
    family, link = _FAMILIES[plain]
    node = reading.given.get("family")
    if node is not None:
        match node:
            case ast.Call(ast.Attribute(attr=name) | ast.Name(name), arguments, keywords) if name in _CLASSES:
                family, link = _CLASSES[name]
                for given in (*arguments, *(k.value for k in keywords if k.arg == "link")):
                    link = _link_class(given, reading)
            case other:
                listed = ", ".join(f"sm.families.{name}()" for name in _CLASSES)
                raise UnsupportedError(f"families of statsmodels here are {listed}", reading.script.span(other))
    return FamilyName(family, link)


def _link_class(node: ast.expr, reading: _Reading) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    word = _LINK_CLASSES.get(name.lower(), name.lower())
    if word not in _LINKS and word not in _LINK_CLASSES.values():
        raise UnsupportedError(f"the link `{name}` is not built; there are {', '.join(sorted(_LINKS))}",
                               reading.script.span(node))  # fmt: skip
    return word


def _pymer4(reading: _Reading) -> FamilyName:
    name = reading.word("family") or "gaussian"
    return FamilyName("bernoulli" if name == "binomial" else family_in(Name(name)).name)


_FAMILY: dict[str, Callable[[_Reading], FamilyName]] = {
    "bambi": _bambis,
    "statsmodels": _statsmodels,
    "pymer4": _pymer4,
}


def _priors(reading: _Reading, family: FamilyName) -> list[PriorStatement]:
    node = reading.given.get("priors")
    if node is None or _is_none(node):
        return []
    stated = bambi_priors(node, reading.model.bound, reading.script, PARAMETERS)
    return [_of_here(each, family) for each in stated]


def _of_here(prior: PriorStatement, family: FamilyName) -> PriorStatement:
    """A prior of a parameter by its name here; Bambi's share is that of what is no zero."""
    owner, dot, kind = prior.target.rpartition(".")
    name = _here(family.name, owner or kind)
    found = replace(prior, target=f"{name}.{kind}" if dot else name if kind in PARAMETERS else kind)
    if name not in OPPOSITE:
        return found
    match found.arguments:
        case (Argument(_, "alpha") as alpha, Argument(_, "beta") as beta) if prior.distribution == "Beta" and not dot:
            return replace(found, arguments=(replace(alpha, name="beta"), replace(beta, name="alpha")))
        case _:
            message = f"`psi` is the share without zeros, and `{name}` here that of zeros: `Beta(alpha, beta)` is read"
            raise UnsupportedError(message, prior.span)
