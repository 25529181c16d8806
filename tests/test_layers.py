"""The architecture's imports: they point one way, and what is foreign or heavy stays where it belongs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src"

SEES: dict[str, set[str]] = {
    "arrays": set(),
    "visible": set(),
    "trees": set(),
    "span": {"visible"},
    "errors": {"span", "visible"},
    "limits": {"span", "visible", "errors"},
    "threads": set(),
    "storage": set(),
    "shipped": set(),
    "usage": set(),
    "manual": {"errors", "visible", "shipped", "usage"},
    "processes": set(),
    "screen": set(),
    "markup": {"visible"},
    "page": {"visible", "screen", "markup"},
    "table": {"visible", "screen"},
    "syntax": {"span", "errors", "limits", "trees", "storage", "shipped"},
    "spec": {"arrays", "span", "errors", "threads", "trees"},
    "resolve": {"arrays", "span", "visible", "errors", "limits", "threads", "trees", "syntax", "spec"},
    "passes": {"arrays", "span", "errors", "spec", "threads"},
    "kernels": {"arrays", "storage"},
    "scalars": {"arrays", "errors", "spec", "kernels"},
    "targets": {
        "arrays",
        "span",
        "visible",
        "errors",
        "trees",
        "spec",
        "kernels",
        "scalars",
        "threads",
        "screen",
        "page",
        "table",
    },
    "project": {"visible", "errors", "spec", "targets"},
    "results": {
        *("arrays", "span", "visible", "errors", "limits", "trees", "spec", "resolve", "passes", "targets", "screen"),
        *("page", "markup", "kernels", "table"),
    },
    "engines": {"arrays", "span", "visible", "errors", "threads", "spec", "passes", "targets", "results"},
    "batches": {
        *(
            "arrays",
            "storage",
            "processes",
            "span",
            "visible",
            "errors",
            "limits",
            "threads",
            "trees",
            "screen",
            "markup",
            "page",
            "table",
            "spec",
            "resolve",
            "passes",
        ),
        *("syntax", "targets", "results", "engines", "reading", "compiled", "api"),
    },
    "reading": {"arrays", "errors", "syntax", "spec", "resolve", "passes", "engines"},
    "described": {"arrays", "visible", "errors", "spec", "resolve", "targets", "project"},
    "own": {"visible", "errors", "resolve"},
    "compiled": {
        *("own", "arrays", "visible", "errors", "limits", "syntax", "spec", "resolve", "described", "reading"),
        *("results", "engines"),
    },
    "api": {
        "arrays",
        "own",
        "visible",
        "errors",
        "limits",
        "syntax",
        "resolve",
        "reading",
        "results",
        "engines",
        "compiled",
    },
    "": {"own", "errors", "limits", "described", "compiled", "api", "batches"},
    "play": {
        *("", "errors", "visible", "processes", "screen", "markup", "page", "spec", "resolve", "targets", "results"),
        *("engines", "reading", "compiled"),
    },
    "options": {"engines", "spec", "syntax", "usage"},
    "cli": {
        *("", "options", "usage", "manual", "play", "span", "visible", "errors", "limits", "engines", "results"),
        *("batches", "compiled", "api"),
    },
    "__main__": {"cli"},
}
"""What each part of the package may import besides itself; "" is the package's own __init__."""

HOMES = {
    "lark": {"syntax"},
    "narwhals": {"resolve"},
    "typer": {"cli", "options", "manual", "batches", "play"},
    "starlette": {"play"},
    "uvicorn": {"play"},
}
"""Libraries that belong to one part."""

HEAVY = {"arviz", "formulaic", "matplotlib", "nutpie", "pymc", "pytensor", "xarray"}
"""Libraries that are imported where they are used."""

HEAVY_MODULES = {
    "tildemc.targets.pymc.build": {"pymc", "pytensor"},
    "tildemc.targets.pymc.functions": {"pymc", "pytensor"},
    "tildemc.engines.nutpie_door": {"nutpie"},
    "tildemc.results.validation": {"arviz", "xarray"},
}
"""Modules that nobody imports unless those libraries are wanted."""


@dataclass(frozen=True)
class Import:
    """One import: `module` imports `target`, maybe only for its types, maybe only inside a function."""

    module: str
    target: str
    line: int
    for_types: bool
    at_top: bool

    def __str__(self) -> str:
        return f"{self.module}, line {self.line}, imports {self.target}"


def modules() -> dict[str, Path]:
    """All modules of the package by name."""
    found = {".".join(path.relative_to(SRC).with_suffix("").parts): path for path in sorted(SRC.rglob("*.py"))}
    return {name.removesuffix(".__init__"): path for name, path in found.items()}


def read(name: str) -> Iterator[Import]:
    """The imports of a module, at whatever depth they stand."""

    def visit(node: ast.AST, for_types: bool, at_top: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, node.lineno, for_types, at_top)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}, line {node.lineno}: a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield Import(name, inner if inner in MODULES else str(node.module), node.lineno, for_types, at_top)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                yield from visit(statement, True, at_top)
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.expr):  # no import is within one
                    yield from visit(child, for_types, at_top and not inside)

    return visit(tree(name), False, True)


def part(module: str) -> str:
    """The part of the package that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def target(module: str) -> str:
    """The target that a module of `tildemc.targets` belongs to."""
    return ".".join(module.split(".")[:3])


MODULES = modules()


@cache
def tree(name: str) -> ast.Module:
    """A module, parsed."""
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


@cache
def imports() -> list[Import]:
    """Those of all modules."""
    return [found for name in MODULES for found in read(name)]


def ours() -> list[Import]:
    """The imports of the package's own modules."""
    return [found for found in imports() if found.target.split(".")[0] == "tildemc"]


def foreign() -> list[Import]:
    """The imports of libraries."""
    return [found for found in imports() if found.target.split(".")[0] != "tildemc"]


def test_every_module_has_a_place() -> None:
    assert not [name for name in MODULES if part(name) not in SEES]


def test_imports_point_up() -> None:
    wrong = [i for i in ours() if part(i.target) not in SEES[part(i.module)] | {part(i.module)}]
    assert not wrong, "\n".join(map(str, wrong))


MUTUAL = {("tildemc.results.fit", "tildemc.results.pooling")}
"""A method of the one gives the other, which consists of the one: imported where it is called."""


def circles() -> list[list[str]]:
    """The groups of modules of which each imports each, by whatever way: Tarjan (1972), Depth-first search."""
    counted = [i for i in ours() if (i.module, i.target) not in MUTUAL or (i.at_top and not i.for_types)]
    ahead = {name: sorted({i.target for i in counted if i.module == name != i.target}) for name in MODULES}
    found: list[list[str]] = []
    met: dict[str, int] = {}
    back: dict[str, int] = {}
    held: list[str] = []

    def visit(name: str) -> None:
        met[name] = back[name] = len(met)
        held.append(name)
        for other in ahead[name]:
            if other not in met:
                visit(other)
            if other in held:
                back[name] = min(back[name], back[other])
        if back[name] == met[name]:
            circle = held[held.index(name) :]
            del held[held.index(name) :]
            if len(circle) > 1:
                found.append(circle)

    for name in MODULES:
        if name not in met:
            visit(name)
    return found


def test_no_module_needs_itself() -> None:
    """Not even for its types, nor inside a function: what two modules need of one another is a third."""
    assert circles() == []


MADE_OF = {"tildemc.targets.glmm": {"tildemc.targets.direct", "tildemc.targets.marginal"}}
"""A target that is made of parts of others, which know nothing of it: rows of the one, variances of the other."""


def test_targets_do_not_know_one_another() -> None:
    within = [i for i in ours() if part(i.module) == part(i.target) == "targets"]
    known = {"tildemc.targets.shared"}
    wrong = [
        i for i in within if target(i.target) not in {target(i.module), *known, *MADE_OF.get(target(i.module), set())}
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_libraries_stay_at_home() -> None:
    wrong = [i for i in foreign() if part(i.module) not in HOMES.get(i.target.split(".")[0], {part(i.module)})]
    assert not wrong, "\n".join(map(str, wrong))


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    at_start = [(i, i.target.split(".")[0]) for i in foreign() if i.at_top and not i.for_types]
    wrong = [i for i, library in at_start if library in HEAVY - HEAVY_MODULES.get(i.module, set())]
    heavy = [i for i in ours() if i.target in HEAVY_MODULES and i.at_top and not i.for_types]
    wrong += [i for i in heavy if not HEAVY_MODULES[i.target] <= HEAVY_MODULES.get(i.module, set())]
    assert not wrong, "\n".join(map(str, wrong))


# One test for all modules: a thousand of one each would take longer to be counted than to be held.

RUN = ({"eval", "exec", "compile", "__import__"}, {"eval", "exec", "query", "import_module"})
"""What runs text as code, by its name and as somebody's attribute."""


def test_no_text_is_run_as_code() -> None:
    found = [f"{name}, line {node.lineno}" for name in MODULES for node in ast.walk(tree(name)) if runs_text(node)]
    assert not found


def runs_text(node: ast.AST) -> bool:
    """Whether it is a call of what runs text."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in RUN[0]
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in RUN[1]
    return False


def test_a_match_says_what_the_rest_is() -> None:
    """The last case takes all that is left, or says that nothing is: mypy holds that it is right."""
    matches = ((name, node) for name in MODULES for node in ast.walk(tree(name)) if isinstance(node, ast.Match))
    assert not [f"{name}, line {node.lineno}" for name, node in matches if not takes_the_rest(node.cases[-1])]


def takes_the_rest(last: ast.match_case) -> bool:
    """Whether a case is of any value."""
    return isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None
