"""The text of this package's functions, for programs that run without it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["TENSORS", "arrays", "definitions"]

_PACKAGE = Path(__file__).parents[2]
TENSORS = _PACKAGE / "targets" / "pymc" / "functions.py"
"""The module of functions of tensors. Modules are read and not run, for that would load what they need."""

_GIVEN = r": (?:Tensor|Floats|list\[Floats\]|ArrayLike|Law|Given|Reached|Chance|Ends|Shape|Integers|float|bool|int)\b"
_ANNOTATION = re.compile(rf"{_GIVEN}| -> .+(?=:)")


@dataclass(frozen=True, slots=True)
class _Definition:
    """A definition's text, and the other definitions that it uses, of its module or of those that this imports."""

    name: str
    module: Path
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
    if name in _read(module):
        own = _read(module)[name]
        for used in own.uses:
            yield from _with_what_it_uses(own.module, used)
        yield own


@cache
def _read(module: Path) -> dict[str, _Definition]:
    """The functions, classes and constants that a module has, or has of the package's, without their annotations."""
    text = module.read_text(encoding="utf-8")
    body = ast.parse(text).body
    imported = {known.name: known for node in body for known in _imported(node)}
    nodes = {name: node for node in body for name in _defined(node)}
    known = {*imported, *nodes}
    own = {n: _Definition(n, module, _plain(text, node), _uses(node, known - {n})) for n, node in nodes.items()}
    return imported | own


def _imported(node: ast.stmt) -> Iterator[_Definition]:
    match node:
        case ast.ImportFrom(module=str(module)) if module.startswith("tildemc.spec."):
            known = _read(_PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py"))
            yield from (known[alias.name] for alias in node.names if alias.name in known)
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


_TYPES = {
    "__all__", "Parts", "Rule", "Tensor", "Floats", "Law", "Given", "Ends", "Reached", "Chance", "Moments", "Shape",
    "System",
}  # fmt: skip


def _plain(text: str, node: ast.stmt) -> str:
    lines = (ast.get_source_segment(text, node) or "").splitlines()
    return "\n".join(_ANNOTATION.sub("", line) if line.lstrip().startswith("def ") else line for line in lines)


def _uses(node: ast.stmt, known: set[str]) -> tuple[str, ...]:
    names = (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    return tuple(dict.fromkeys(name for name in names if name in known))
