"""Python text in, the calls that fit models out, with what their names are bound to; Python's own parser reads it.

Nothing of the text is run. Lines that neither fit a model nor change data are passed over.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.frames import Frame
from tildemc.syntax.python.data import changed

__all__ = ["FITTERS", "Script", "Written", "is_python", "known", "script_of"]

FITTERS = {
    "Model": "bambi", "Lmer": "pymer4", "lmer": "pymer4", "glmer": "pymer4", "Lm": "pymer4", "lm": "pymer4",
    "glm": "statsmodels", "ols": "statsmodels", "logit": "statsmodels", "probit": "statsmodels",
    "poisson": "statsmodels", "negativebinomial": "statsmodels", "mnlogit": "statsmodels",
    "mixedlm": "statsmodels", "MixedLM.from_formula": "statsmodels", "OLS.from_formula": "statsmodels",
    "GLM.from_formula": "statsmodels", "Logit.from_formula": "statsmodels", "Poisson.from_formula": "statsmodels",
}  # fmt: skip
"""The functions that fit models, and whose they are."""
_OTHERS = {
    "gee": "is of averages over groups, which no likelihood says; `mixedlm` is read",
    "wls": "is not read; `y | weights(w) ~ x` counts rows, `sigma ~ 1 + offset(-0.5 * log(w))` weighs them",
    "gls": "is not read; write how residuals go together as a term, `corAR1(form = ~ t | g)`",
    "rlm": "downweighs rows; write `family=\"t\"`",
    "quantreg": "is no likelihood; write `family=\"asymmetriclaplace\"`",
    "phreg": "is Cox's model; write `family=\"cox\"`",
}  # fmt: skip
_BEGINS = re.compile(
    r"(?<![\w.])(?:bmb|bambi|smf|sm|statsmodels|pymer4)\.[\w.]+\s*\(|(?<![\w.])(?:Model|Lmer)\s*\(\s*[rf]*[\"']"
    r"|\b(?:MixedLM|OLS|GLM|Logit)\.from_formula\s*\(|^[^\S\n]*(?:from|import)\s+(?:bambi|statsmodels|pymer4)\b",
    re.MULTILINE,
)
_DEEPEST = 50
"""So many names may stand for each other."""


@dataclass(frozen=True, slots=True)
class Written:
    """A call that fits a model.

    Attributes
    ----------
    function, package : str
        Its function, and whose that is.
    call : ast.Call
    bound : mapping of str to ast.expr
        What names stand for where it stands.
    frames : mapping of str to Frame
        The data by then.
    end : int
        Where its statement ends.
    """

    function: str
    package: str
    call: ast.Call
    bound: Mapping[str, ast.expr]
    frames: Mapping[str, Frame]
    end: int


@dataclass
class Script:
    """A text and its models by name."""

    text: str
    models: dict[str, Written] = field(default_factory=dict)

    @cached_property
    def _lines(self) -> list[int]:
        starts = [0]
        for line in self.text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> Span:
        """Where a part of the text stands."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return Span(self.text, self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset))

    def _at(self, line: int, octets: int) -> int:
        start = self._lines[line - 1]
        # Python counts columns in bytes.
        return start + len(self.text[start : self._lines[line]].encode()[:octets].decode(errors="ignore"))


def is_python(text: str) -> bool:
    """Whether a text calls what fits models in Python."""
    return bool(_BEGINS.search(text))


def script_of(text: str) -> Script:
    """The models of a text by name.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        If the text is no Python, or fits no model that is read.
    """
    script = Script(text)
    bound: dict[str, ast.expr] = {}
    frames: dict[str, Frame] = {}
    for statement in _parsed(text).body:
        done = changed(statement, frames, script.span)
        if done is not None:
            frames[done[0]] = done[1]
            continue
        if not isinstance(statement, ast.Assign | ast.Expr | ast.AnnAssign) or statement.value is None:
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        name = targets[0].id if targets and isinstance(targets[0], ast.Name) else ""
        found = _fitting(statement.value, script)
        if found is not None:
            function, call = found
            end = script.span(statement).end
            name = name or f"model{len(script.models) + 1}"
            script.models[name] = Written(function, FITTERS[function], call, dict(bound), dict(frames), end)
        elif name:
            bound[name] = statement.value
    if not script.models:
        message = 'nothing here fits a model that is read, as `bmb.Model("y ~ x + (1|g)", df)` does'
        raise FormulaSyntaxError(message, Span(text, 0, len(text.splitlines()[0]) if text.strip() else 0))
    return script


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        line = min(max(error.lineno or 1, 1), text.count("\n") + 1)
        start = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
        place = min(start + max((error.offset or 1) - 1, 0), len(text))
        message = f"this is no Python: {error.msg}"
        raise FormulaSyntaxError(message, Span(text, place, min(place + 1, len(text)))) from None
    except (RecursionError, MemoryError, ValueError):
        raise FormulaSyntaxError("this is no Python that can be read", Span(text, 0, 0)) from None


def _fitting(value: ast.expr, script: Script) -> tuple[str, ast.Call] | None:
    """The call in `Model(…)` or `Model(…).fit()` that says the model."""
    while isinstance(value, ast.Call):
        dotted = _dotted(value.func)
        last = dotted.rpartition(".")[2]
        two = ".".join(dotted.split(".")[-2:])
        if two in FITTERS or last in FITTERS:
            return (two if two in FITTERS else last), value
        if last in _OTHERS and "." in dotted:
            raise UnsupportedError(f"`{last}` {_OTHERS[last]}", script.span(value.func))
        if not isinstance(value.func, ast.Attribute):
            return None
        value = value.func.value
    return None


def _dotted(function: ast.expr) -> str:
    names: list[str] = []
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    return ".".join([*([function.id] if isinstance(function, ast.Name) else []), *reversed(names)])


def known(node: ast.expr, bound: Mapping[str, ast.expr]) -> ast.expr:
    """A name's value where the text binds it."""
    for _ in range(_DEEPEST):
        if not isinstance(node, ast.Name) or node.id not in bound:
            break
        node = bound[node.id]
    return node
