"""A family that PyMC has no class for -> a distribution of its own density, and the functions it is printed as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf

from tildemc.errors import UnsupportedError
from tildemc.spec.chance import Draw, Quantile, Step
from tildemc.spec.companions import companion_of
from tildemc.spec.expr import Apply, Const, Expr, Var, chain, infix, operand, substitute, walk
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.families.multivariate import beside, spelled_out
from tildemc.spec.likelihood import distribution_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import local
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.targets.pymc.definitions import TENSORS, arrays, definitions
from tildemc.targets.pymc.layout import Code, Sum, assignment, statement
from tildemc.targets.pymc.literals import number
from tildemc.targets.pymc.named import in_steps
from tildemc.targets.pymc.program import Own

__all__ = ["functions_of", "own_distribution", "predictor_of", "printed"]


def predictor_of(parameter: str) -> str:
    """What stands for the linear predictor of a parameter in a distribution's arguments."""
    return local(f"predictor of {parameter}")


def own_distribution(spec: ModelSpec) -> tuple[Own, Mapping[str, Expr]]:
    """The family's density and draw, and their arguments.

    These are its parameters and what of the response's companions it reads; of a parameter that has an upper end its
    linear predictor, which tells how far it is from there where the parameter itself is out of digits.

    Raises
    ------
    UnsupportedError
        If the density has a function that PyTensor does not: a distribution function that is worked out by NumPy.
    """
    family = distribution_of(spec)
    _check_functions(spec, family.log_density)
    density, draw, lost = family.log_density, family.draw, family.draw.value is UNKNOWN
    arguments: dict[str, Expr] = {}
    for parameter in family.parameters:
        predictor, own = spec.predictor(parameter.name), Var(parameter.name)
        if predictor is None or predictor.link.name == "identity" or parameter.support.upper == inf:
            arguments[parameter.name] = own
        else:
            here = Var(f"{predictor.link.name}_{parameter.name}")
            parts = predictor.link.of(own, here)
            density, draw = substitute(density, parts), draw.instead(parts)
            arguments[here.name] = Var(predictor_of(parameter.name))
    read = {part.name for part in walk(density) if isinstance(part, Var)} | draw.given
    arguments |= {name: Var(name) for name in spec.response.companions if name in read}
    if spec.responses:
        density, arguments = _of_first(spec, density, arguments)
    return Own(family.name, family.title, density, None if lost else draw, family.values.whole), arguments


def _of_first(spec: ModelSpec, density: Expr, arguments: Mapping[str, Expr]) -> tuple[Expr, dict[str, Expr]]:
    """A density of several responses as that of the first; no parameter is called as a response is."""
    first, spelled = beside("value", spec.responses[0].name), spelled_out(spec.family)
    called = {name: spelled.get(name, name) for name in arguments if name != first}
    density = substitute(density, {Var(name): Var(own) for name, own in called.items()})
    return substitute(density, {Var(first): Var("y")}), {own: arguments[name] for name, own in called.items()}


def _check_functions(spec: ModelSpec, density: Expr) -> None:
    applied = {part.function for part in walk(density) if isinstance(part, Apply)} - {"neg"}
    if all(VOCABULARY[function].pymc for function in applied):
        return
    columns = spec.response.companions
    beside = " and ".join(f"`{name}()`" for name in dict.fromkeys(companion_of(name).function for name in columns))
    raise UnsupportedError(
        f"no engine draws with {beside} of {spec.family} response, whose distribution function has no derivatives here",
        next((column.span for column in columns.values()), None),
    )


# As text


def functions_of(own: Own) -> tuple[str, ...]:
    """The names of the functions that stand before a program's model."""
    return (*_needed(own), *(_named(own) if own.draw else _named(own)[:1]))


def _named(own: Own) -> tuple[str, str]:
    return f"{own.name}_logp", f"{own.name}_random"


def _needed(own: Own) -> dict[str, str]:
    """The texts of the functions of this package that density and draw apply, by name."""
    tensors = (VOCABULARY[part.function].pymc for part in walk(own.log_density) if isinstance(part, Apply))
    draw = own.draw or Draw(Const(0.0))
    drawn = (part for expr in draw.expressions() for part in walk(expr) if isinstance(part, Apply))
    called = [VOCABULARY[part.function].numpy for part in drawn]
    called += [QUANTILE for step in draw.steps.values() if isinstance(step, Quantile)]
    texts = definitions(TENSORS, tensors)
    for module, name in filter(None, map(arrays, called)):
        texts |= definitions(module, [name])
    return texts


QUANTILE = "tildemc.spec.special.quantile"
"""What makes a draw of distribution functions."""


def printed(own: Own, arguments: tuple[str, ...]) -> Iterator[str]:
    """The functions' texts.

    Parameters
    ----------
    own : Own
    arguments : tuple of str
        The names of its arguments.
    """
    yield from _needed(own).values()
    logp, random = _named(own)
    parts, density = in_steps(own.log_density, lambda part: infix(part, _leaf, _of_tensors))
    yield "\n".join([
        f"def {logp}({', '.join(('value', *arguments))}):",
        f'    """{own.title}: the log density of a value."""',
        *(assignment(name, _sum(part), 4) for name, part in parts.items()),
        f"    return {statement(_sum(density), 4, 7)}",
    ])  # fmt: skip
    if own.draw is None:
        return
    steps = {name: _of_generator(step) for name, step in own.draw.steps.items()}
    # What is drawn last and returned needs no name.
    last = steps.popitem()[1] if [own.draw.value] == [*map(Var, steps)][-1:] else _of_arrays(own.draw.value)
    yield "\n".join([
        f"def {random}({', '.join((*arguments, 'rng=None', 'size=None'))}):",
        f'    """{own.title}: draws."""',
        *(assignment(name, code, 4) for name, code in steps.items()),
        f"    return {last}",
    ])  # fmt: skip


def _of_generator(step: Step | Quantile) -> str:
    if isinstance(step, Quantile):
        ends = ("None" if end is None else _of_arrays(end) for end in (step.lower, step.upper))
        names = ", ".join(step.given)
        functions = (f"lambda value, {names}: {_of_arrays(function)}" for function in (step.cdf, step.tail))
        return f"quantile(rng.uniform(size=size), [{names}], {', '.join((*functions, *ends))}, {step.whole})"
    return f"rng.{step.method}({', '.join((*map(_of_arrays, step.arguments), 'size=size'))})"


def _sum(expr: Expr) -> Code:
    """An expression, to be broken at the operators of its outermost sum or product."""
    parts = chain(expr)
    if len(parts) == 1:
        return infix(expr, _leaf, _of_tensors)
    first = operand(parts[1][0]) - 1
    return Sum(tuple((sign, infix(part, _leaf, _of_tensors, operand(sign) or first)) for sign, part in parts))


def _leaf(part: Expr) -> str:
    if isinstance(part, Var):
        return "value" if part.name == "y" else part.name
    return number(part.value)  # type: ignore[union-attr, arg-type]


def _of_tensors(function: str, arguments: tuple[str, ...]) -> str:
    return f"{VOCABULARY[function].pymc}({', '.join(arguments)})"


def _of_arrays(expr: Expr) -> str:
    return infix(expr, _leaf, _call_of_arrays)


def _call_of_arrays(function: str, arguments: tuple[str, ...]) -> str:
    home, _, name = VOCABULARY[function].numpy.rpartition(".")
    called = {"numpy": "np.", "scipy.special": "sp."}.get(home, "") + name
    return f"{called}({', '.join(arguments)})"
