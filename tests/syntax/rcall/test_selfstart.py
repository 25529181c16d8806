"""Self-starting models written out, against what R 4.2.2 computes for them."""

from __future__ import annotations

import numpy as np
import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError
from tildemc.resolve.reckoning import reckon
from tildemc.spec.expr import Expr, Var, evaluate
from tildemc.spec.vocabulary import NUMPY
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.rcall.selfstart import SELF_STARTING, written_out
from tildemc.syntax.tree import Expr as Tree
from tildemc.syntax.tree import Name

IN_R = [
    ("SSasymp(x, 3, 1, -0.5)", (1.69189997901, 2.56096646035)),
    ("SSasympOff(x, 3, -0.5, 0.2)", (0.784790550076, 2.25651614537)),
    ("SSasympOrig(x, 3, -0.5)", (1.03784996851, 2.34144969053)),
    ("SSbiexp(x, 3, 1, 2, -1)", (1.99339157781, 0.800634052056)),
    ("SSfol(4, x, -2.5, 0.5, -3)", (4.36428351724, 5.54025949072)),
    ("SSfpl(x, 1, 5, 2, 0.7)", (1.54014569169, 3.68538981393)),
    ("SSgompertz(x, 4, 2.2, 0.7)", (0.720630578527, 1.62315997723)),
    ("SSlogis(x, 4, 2, 0.7)", (0.540145691691, 2.68538981393)),
    ("SSlogis(log(x), Asym = 4, scal = 0.7, xmid = 2)", (0.133412924352, 0.701410978272)),
    ("SSmicmen(x, 4, 0.3)", (2.8, 3.57142857143)),
    ("SSweibull(x, 4, 3, -1, 1.5)", (1.58147156002, 3.2992183222)),
]


@pytest.mark.parametrize(("text", "expected"), IN_R)
def test_arithmetic_is_what_r_computes(text: str, expected: tuple[float, float]) -> None:
    def leaf(expr: Tree) -> Expr | None:
        return Var("x") if isinstance(expr, Name) else None

    found = reckon(written_out(parse_expression(text)), leaf)
    np.testing.assert_allclose(evaluate(found, lambda _: np.array([0.7, 2.5]), NUMPY), expected, rtol=1e-10)


def test_every_one_is_held_to_r() -> None:
    assert {text.partition("(")[0] for text, _ in IN_R} == set(SELF_STARTING)


def test_an_argument_that_is_missing_is_named() -> None:
    run = lambda text: written_out(parse_expression(text))  # noqa: E731
    mistake(run, "1 + ⟪SSlogis(x, a, b)⟫", "lacks `scal`", FormulaSyntaxError)
