"""The text of this package's functions, for programs that run without it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["TENSORS", "arrays", "definitions"]

_PACKAGE = Path(__file__).parents[2]
TENSORS = _PACKAGE / "targets" / "pymc" / "functions.py"
"""The module of functions of tensors. Modules are read and not run, for that would load what they need."""

_SHARED = _PACKAGE / "spec" / "special.py"
"""What other modules may import functions from."""

_ANNOTATION = re.compile(
    r": (?:Tensor|Floats|ArrayLike|Function|Reached|Chance|Ends|Shape|list\[float\]|float|bool|int)"
    r"| -> (?:Tensor|Floats|Moments|list\[Floats\])"
)


@dataclass(frozen=True, slots=True)
class _Definition:
    """A definition's text, and the other definitions that it uses, of its module or of those that this imports."""

    name: str
    text: str
    uses: tuple[str, ...]


def arrays(function: str) -> tuple[Path, str] | None:
    """The module of this package that has a function of arrays, by its full name, and its name there."""
    home, _, name = function.rpartition(".")
    first, *rest = home.split(".")
    return (_PACKAGE.joinpath(*rest).with_suffix(".py"), name) if first == _PACKAGE.name else None


def definitions(module: Path, names: Iterable[str]) -> dict[str, str]:
    """The functions of these names and what they use of these modules, by name, each after what it uses.

    Parameters
    ----------
    module : Path
    names : iterable of str
        Those that the module does not have are left out.
    """
    return {used.name: used.text for name in names for used in _with_what_it_uses(module, name)}


def _with_what_it_uses(module: Path, name: str) -> Iterator[_Definition]:
    known = _read(module)
    if name in known:
        for used in known[name].uses:
            yield from _with_what_it_uses(module if used in known else _SHARED, used)
        yield known[name]


@cache
def _read(module: Path) -> dict[str, _Definition]:
    """The functions and constants of a module, their annotations left out."""
    text = module.read_text(encoding="utf-8")
    body = ast.parse(text).body
    nodes = {name: node for node in body for name in _defined(node)}
    imported = {
        alias.name: node
        for node in body
        if isinstance(node, ast.ImportFrom) and node.module == "tildemc.spec.special"
        for alias in node.names
    }
    known = {**imported, **nodes}
    return {name: _Definition(name, _plain(text, node), _uses(node, known)) for name, node in nodes.items()}


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.Assign(targets=[ast.Name(name)]) if name not in _TYPES:
            yield name
        case _:
            pass


_TYPES = {"__all__", "Tensor", "Floats", "Function", "Reached", "Chance", "Moments", "Ends", "Shape"}


def _plain(text: str, node: ast.stmt) -> str:
    head, *body = (ast.get_source_segment(text, node) or "").splitlines()
    return "\n".join([_ANNOTATION.sub("", head) if head.startswith("def ") else head, *body])


def _uses(node: ast.stmt, known: Mapping[str, ast.stmt]) -> tuple[str, ...]:
    names = (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    return tuple(dict.fromkeys(name for name in names if name in known and known[name] is not node))
