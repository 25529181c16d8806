"""Which of several responses a person asks for, and the model of that one."""

from __future__ import annotations

from tildemc.errors import SemanticError, nearest
from tildemc.spec.design import Numbers
from tildemc.spec.families.multivariate import parameter_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.responses import response_names, seen_by
from tildemc.visible import shown

__all__ = ["kind_of", "of_response", "response_named"]


def response_named(spec: ModelSpec, asked: object) -> str:
    """The name of the response that a person asks for, by that or as it is written.

    Raises
    ------
    SemanticError
        If there is no such response, or several and none is named.
    """
    names = response_names(spec)
    by_label = {response.label: response.name for response in spec.responses}
    if isinstance(asked, str) and (asked in names or asked in by_label):
        return asked if asked in names else by_label[asked]
    listed = " and ".join(f'`response="{name}"`' for name in names)
    if asked is None:
        raise SemanticError(f"the model has several responses: ask for one, {listed}")
    if not names:
        raise SemanticError(f"the model has one response, `{spec.response.label}`: leave `response` out")
    raise SemanticError(f"there is no response {shown(asked)}{nearest(str(asked), names)}; there are {listed}")


def of_response(
    spec: ModelSpec, design: Numbers, asked: str | None, *, everywhere: bool = False
) -> tuple[ModelSpec, Numbers]:
    """The model of one response, and the rows that have it; or all rows.

    Where there is one response, and none is asked for, both are as they are.

    Raises
    ------
    SemanticError
        As `response_named`.
    """
    if asked is None and not spec.responses:
        return spec, design
    name = response_named(spec, asked)
    return seen_by(spec, design.whole("one of several responses"), name, everywhere=everywhere)


def kind_of(spec: ModelSpec, kind: object) -> object:
    """What is asked of rows: of one of several responses `sigma` is its own."""
    if spec.part_of is None or not isinstance(kind, str):
        return kind
    known = spec.part_of.family.multivariate
    assert known is not None
    name = spec.response.name
    family = known.families[known.names.index(name)]
    if family.parameter(kind) is None:
        return kind
    return parameter_of(family, kind, name, correlated=known.correlated)
