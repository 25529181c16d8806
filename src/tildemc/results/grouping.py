"""Which grouping factor a person means."""

from __future__ import annotations

from tildemc.errors import SemanticError, nearest
from tildemc.spec.model import ModelSpec
from tildemc.visible import shown

__all__ = ["factor_of"]


def factor_of(spec: ModelSpec, group: str | None) -> str:
    """The label of the factor that is meant: the one that there is, or the one that is named.

    Raises
    ------
    SemanticError
        If there is none, or several and none of them is named.
    """
    labels = [*dict.fromkeys(effects.factor.label for effects in spec.groups())]
    if not labels:
        raise SemanticError(f"`{spec.formula}` has no group effects; write a group term, as in `(1 | county)`")
    listed = ", ".join(f"`{label}`" for label in labels)
    if group is None:
        if len(labels) == 1:
            return labels[0]
        raise SemanticError(f'there are group effects by {listed}; name one of these, as in `group="{labels[0]}"`')
    if group not in labels:
        hint = nearest(group, labels) if isinstance(group, str) else ""
        raise SemanticError(f"there are no group effects by {shown(group)}{hint}; there are some by {listed}")
    return group
