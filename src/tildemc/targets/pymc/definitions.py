"""The text of this package's functions, for programs that run without it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["ARRAYS", "TENSORS", "definitions"]

_PACKAGE = Path(__file__).parents[2]
TENSORS, ARRAYS = _PACKAGE / "targets" / "pymc" / "functions.py", _PACKAGE / "spec" / "special.py"
"""Modules of functions of tensors, and of arrays: they are read and not run, for that would load what they need."""

_ANNOTATION = re.compile(r": (?:Tensor|Floats|ArrayLike|Function|Reached|Ends|Shape|float|int|bool)\b| -> .+(?=:)")


@dataclass(frozen=True, slots=True)
class _Definition:
    """A definition's text, and the other definitions that it uses."""

    name: str
    module: Path
    text: str
    uses: tuple[str, ...]


def definitions(module: Path, names: Iterable[str]) -> dict[str, str]:
    """The functions of these names and what they use of their own module, by name, each after what it uses.

    Parameters
    ----------
    module : str
        `TENSORS` or `ARRAYS`.
    names : iterable of str
        Those that the module does not have are left out.
    """
    found: dict[str, str] = {}
    for name in names:
        for own in _with_what_it_uses(module, name):
            found[own.name] = own.text
    return found


def _with_what_it_uses(module: Path, name: str) -> Iterator[_Definition]:
    if name in _read(module):
        own = _read(module)[name]
        for used in own.uses:
            yield from _with_what_it_uses(own.module, used)
        yield own


@cache
def _read(module: Path) -> dict[str, _Definition]:
    """The functions, classes and constants that a module has of its own or of the package's, without annotations."""
    text = module.read_text(encoding="utf-8")
    tree = ast.parse(text)
    found = {name: known for node in tree.body for name, known in _imported(node)}
    nodes = {name: node for node in tree.body for name in _defined(node)}
    known = {*found, *nodes}
    return found | {n: _Definition(n, module, _plain(text, node), _uses(node, n, known)) for n, node in nodes.items()}


def _imported(node: ast.stmt) -> Iterator[tuple[str, _Definition]]:
    match node:
        case ast.ImportFrom(module=str(module)) if module.startswith("tildemc.spec."):
            path = _PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
            yield from ((alias.name, _read(path)[alias.name]) for alias in node.names)
        case _:
            pass


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(name)]) if (
            name not in _TYPES
        ):
            yield name
        case _:
            pass


_TYPES = {"__all__", "Parts", "Rule", "Tensor", "Floats", "Function", "Reached", "Ends", "Shape"}


def _plain(text: str, node: ast.stmt) -> str:
    lines = (ast.get_source_segment(text, node) or "").splitlines()
    return "\n".join(_ANNOTATION.sub("", line) if line.lstrip().startswith("def ") else line for line in lines)


def _uses(node: ast.stmt, own: str, known: set[str]) -> tuple[str, ...]:
    names = (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    return tuple(dict.fromkeys(name for name in names if name in known - {own}))
