"""One record per link: the function from a parameter to its linear predictor, and back."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.model.expr import Apply, Expr, Var

__all__ = ["LINKS", "Link"]

_mu, _eta = Var("mu"), Var("eta")


@dataclass(frozen=True, slots=True)
class Link:
    """`forward` maps the parameter `mu` to the predictor `eta`; `inverse` maps it back."""

    name: str
    forward: Expr
    inverse: Expr
    latex: str

    def __str__(self) -> str:
        return self.name


def _apply(function: str, *arguments: Expr) -> Expr:
    return Apply(function, arguments)


LINKS = {
    link.name: link
    for link in (
        Link("identity", _mu, _eta, r"{}"),
        Link("log", _apply("log", _mu), _apply("exp", _eta), r"\log {}"),
        Link("logit", _apply("logit", _mu), _apply("sigmoid", _eta), r"\operatorname{{logit}} {}"),
        Link("probit", _apply("probit", _mu), _apply("invprobit", _eta), r"\Phi^{{-1}} {}"),
        Link(
            "cloglog",
            _apply("log", -_apply("log1p", -_mu)),
            -_apply("expm1", -_apply("exp", _eta)),
            r"\operatorname{{cloglog}} {}",
        ),
        Link("inverse", 1 / _mu, 1 / _eta, r"{}^{{-1}}"),
        Link("sqrt", _apply("sqrt", _mu), _eta**2, r"\sqrt{{{}}}"),
        Link("logm1", _apply("log", _mu - 1), 1 + _apply("exp", _eta), r"\log({} - 1)"),
    )
}
