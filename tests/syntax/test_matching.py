"""A call's arguments, matched with a signature as R matches them."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import PriorError, SemanticError
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Call, deparse

CUT = Signature("cut", ("x", "breaks", "labels"), ("x", "breaks"), error=SemanticError)
NORMAL = Signature("normal", ("mu", "sigma"), ("mu", "sigma"), error=PriorError)
FLAT = Signature("flat", (), error=PriorError)
FIT = Signature(
    "fit",
    ("formula", "data", "start", "stop", "...", "verbose"),
    passed_on=("verbose", "iter"),
    listed=("formula", "data"),
    shortened=True,
    error=SemanticError,
)


def matched(signature: Signature, text: str) -> dict[str, str]:
    call = parse_expression(text)
    assert isinstance(call, Call)
    return {name: deparse(argument.value) for name, argument in signature.match(call.arguments, call.span).items()}


@pytest.mark.parametrize(
    ("signature", "text", "expected"),
    [
        pytest.param(CUT, "cut(a, 3)", {"x": "a", "breaks": "3"}, id="in order"),
        pytest.param(CUT, "cut(3, x = a)", {"x": "a", "breaks": "3"}, id="names first, wherever they stand"),
        pytest.param(CUT, "cut(labels = b, a, 3)", {"labels": "b", "x": "a", "breaks": "3"}, id="the last by name"),
        pytest.param(FLAT, "flat()", {}, id="nothing"),
        pytest.param(FIT, "fit(a, dat = b)", {"formula": "a", "data": "b"}, id="the beginning of a name"),
        pytest.param(FIT, "fit(verbose = a, iter = b)", {"verbose": "a", "iter": "b"}, id="whole names after dots"),
    ],
)
def test_matched(signature: Signature, text: str, expected: dict[str, str]) -> None:
    assert matched(signature, text) == expected


@pytest.mark.parametrize(
    ("signature", "marked", "fragment"),
    [
        (CUT, "⟪cut(a)⟫", "`cut(x, breaks, labels)` needs `breaks`"),
        (CUT, "cut(a, 3, b, ⟪c⟫)", "`cut(x, breaks, labels)` takes at most 3 arguments"),
        (CUT, "cut(a, ⟪break = 3⟫)", "has no argument `break`; did you mean `breaks`?"),
        (CUT, "cut(x = a, ⟪x = b⟫)", "`x` is given twice"),
        (NORMAL, "normal(mu = 0, 1, ⟪mu = 2⟫)", "`mu` is given twice"),
        (NORMAL, "normal(0, 1, ⟪2⟫)", "`normal(mu, sigma)` takes 2 arguments"),
        (FLAT, "flat(⟪1⟫)", "`flat()` takes no arguments"),
        (FIT, "fit(a, ⟪st = 1⟫)", "`fit()` has no argument `st`; it may be `start`, `stop`"),
        (FIT, "fit(a, ⟪verb = 1⟫)", "it may be `verbose`"),
        (FIT, "fit(a, ⟪zzz = 1⟫)", "`fit()` has no argument `zzz`; it has formula, data"),
        (FIT, "fit(data = a, ⟪dat = b⟫)", "`data` is given twice"),
        (FIT, "fit(a, b, c, d, ⟪e⟫)", "`fit()` has fewer arguments"),
    ],
)
def test_mistakes(signature: Signature, marked: str, fragment: str) -> None:
    mistake(lambda text: matched(signature, text), marked, fragment, signature.error)
