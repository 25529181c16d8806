"""Mistakes in Stata commands: the place that is marked, and what is said of it."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError, UnsupportedError
from tildemc.syntax.stata.read import read_stata

MISTAKES = [
    ("⟪mixd⟫ y x || g:", FormulaSyntaxError, "did you mean `mixed`?"),
    ("⟪mixed⟫", FormulaSyntaxError, "a response must follow"),
    ("mixed y x || g: x, ⟪noint⟫", FormulaSyntaxError, "did you mean `noconstant`?"),
    ("mixed y x || g: x, ⟪covarance⟫(un)", FormulaSyntaxError, "did you mean `covariance`?"),
    ("mixed y x || g: x, cov(⟪unstuctured⟫)", FormulaSyntaxError, "did you mean `unstructured`?"),
    ("mixed y x || g: x, cov(⟪fixed(M)⟫)", UnsupportedError, "not built"),
    ("mixed y x || g:, ⟪residuals(banded 1)⟫", FormulaSyntaxError, "needs times"),
    ("mixed y x || g:, ⟪residuals(exponential)⟫", FormulaSyntaxError, "needs times"),
    ("mixed y x || g:, residuals(exc ⟪2⟫)", FormulaSyntaxError, "takes no order"),
    ("mixed y x || g:, ⟪residuals(toeplitz, t(t) by(v))⟫", UnsupportedError, "without a number of bands"),
    ("mixed y x, ⟪residuals(ar 1, t(t))⟫", FormulaSyntaxError, "within a level"),
    ("mixed y x || g:, residuals(⟪indpendent⟫)", FormulaSyntaxError, "did you mean `independent`?"),
    ("mixed y x || g:, residuals(ind, ⟪over(v)⟫)", FormulaSyntaxError, "not `over(…)`"),
    ("mixed y x || school ⟪x⟫", FormulaSyntaxError, "colon"),
    ("mixed y x || schoo⟪l⟫", FormulaSyntaxError, "colon"),
    ("mixed y x ⟪||⟫", FormulaSyntaxError, "after `||`"),
    ("mixed y x || g: x ⟪if⟫ z > 1", FormulaSyntaxError, "before the first `||`"),
    ("mixed y x || g: x, cov⟪(⟫un", FormulaSyntaxError, "never closed"),
    ("mixed y x || g: x, cov(un)⟪)⟫", FormulaSyntaxError, "never opened"),
    ("mixed y x || g: x, reml⟪,⟫ mle", FormulaSyntaxError, "without commas"),
    ("mixed y x ⟪|⟫ g:", FormulaSyntaxError, "levels begin with `||`"),
    ("mixed y x (⟪1⟫ | g)", FormulaSyntaxError, "a variable is expected"),
    ("mixed y ⟪`x'⟫ || g:", FormulaSyntaxError, "macros"),
    ("mixed y ⟪$xs⟫ || g:", FormulaSyntaxError, "macros"),
    ("⟪foreach⟫ v of varlist x { ", UnsupportedError, "loops"),
    ("⟪svy⟫: mixed y x", UnsupportedError, "survey"),
    ("⟪bysort⟫ g: regress y x", UnsupportedError, "if"),
    ("⟪gllamm⟫ y x, i(g)", UnsupportedError, "`mixed`"),
    ("regress y x || ⟪g⟫:", FormulaSyntaxError, "has no levels"),
    ("mixed y x\n⟪mixed y z⟫", FormulaSyntaxError, "one command"),
    ("mixed y ⟪L.⟫x || g:", UnsupportedError, "lags"),
    ("mixed y ⟪D2.⟫x || g:", UnsupportedError, "differences"),
    ("mixed y ⟪q.⟫x || g:", FormulaSyntaxError, "no operator `q.`"),
    ("mixed y ⟪ib(freq).⟫x", UnsupportedError, "name it"),
    ("mixed y ⟪o2.⟫x", UnsupportedError, "name those that stay"),
    ("mixed y ⟪wk*⟫ || g:", SemanticError, "stands for columns"),
    ("mixed y ⟪R.⟫x || g:", FormulaSyntaxError, "stands alone"),
    ("⟪zip⟫ y x", FormulaSyntaxError, "needs `inflate()`"),
    ("zip y x, inflate(z, ⟪offset(o)⟫)", UnsupportedError, "`offset` of `inflate()` is not built"),
    ("zip y x, ⟪inflate()⟫", FormulaSyntaxError, "`_cons` for the constant alone"),
    ("churdle ⟪y⟫ x, select(z)", FormulaSyntaxError, "`exponential` or `linear` must follow `churdle`"),
    ("churdle exponential y x, select(z) ⟪ll(2)⟫", UnsupportedError, "other than `ll(0)`"),
    ("tobit y x, ⟪ul⟫", UnsupportedError, "`ul` alone is the largest response"),
    ("mlogit y x, ⟪baseoutcome(a)⟫", FormulaSyntaxError, "a category's number"),
    ("streg x, distribution(⟪ggamma⟫)", UnsupportedError, "generalised gamma"),
    ("streg x, distribution(weibull) ⟪frailty(gamma)⟫", UnsupportedError, "normal effects"),
    ("glm y x, ⟪family(nbinomial 2)⟫", UnsupportedError, "a fixed dispersion"),
    ("bayes, ⟪prior({_t:x}, normal(0, 1))⟫: streg x, distribution(weibull)", UnsupportedError, "option `time`"),
    ("mixed y || ⟪_all: x⟫", SemanticError, "one group"),
    ("mixed y x || g: x, cov(un) ⟪cov(ind)⟫", FormulaSyntaxError, "twice"),
    ("mixed y x, ⟪cov(un)⟫", FormulaSyntaxError, "belongs to a level"),
    ("mixed y x || g:, ⟪fweight(w)⟫", UnsupportedError, "weights of groups"),
    ("mixed y x [⟪aw⟫=w] || g:", FormulaSyntaxError, "it takes [fw=…]"),
    ("mixed y x in ⟪a/b⟫", FormulaSyntaxError, "row numbers"),
    ("mixed y x if x ⟪=⟫ 2", FormulaSyntaxError, "to compare write `==`"),
    ("mixed y x if ⟪_n⟫ < 5", UnsupportedError, "write `in 1/100`"),
    ("mixed y x if ⟪strpos(x, 1)⟫ > 2", UnsupportedError, "not read in `if`"),
    ("mixed y x if x + ⟪.⟫ > 2", SemanticError, "missing value"),
    ("⟪xtreg⟫ y x", SemanticError, "xtset"),
    ("xtreg y x, i(id) ⟪fe⟫", UnsupportedError, "fixed effects"),
    ("⟪xtpoisson⟫ y x, i(id)", UnsupportedError, "normal"),
    ("meglm y x || g:, family(⟪poison⟫)", FormulaSyntaxError, "did you mean `poisson`?"),
    ("meglm y x || g:, family(poisson) link(⟪logit⟫)", FormulaSyntaxError, "has the links log"),
    ("bayes, ⟪prior({y:x})⟫: regress y x", FormulaSyntaxError, "and a density"),
    ("bayes, prior({y:x}, ⟪norml(0, 1)⟫): regress y x", FormulaSyntaxError, "did you mean `normal`?"),
    ("bayes, prior({y:x}, ⟪normal(0)⟫): regress y x", FormulaSyntaxError, "`normal(mean, variance)`"),
    ("bayes, prior(⟪{z:x}⟫, normal(0, 1)): regress y x", SemanticError, "no parameter"),
    ("bayes, prior({y:⟪z⟫}, normal(0, 1)): regress y x", SemanticError, "no coefficient"),
    ("bayes, prior({y:⟪i.f⟫}, normal(0, 1)): regress y i.f", UnsupportedError, "name the level"),
    ("bayes, prior(⟪{U3:sigma2}⟫, igamma(1, 1)): mixed y x || g:", SemanticError, "`{U0:sigma2}`"),
    ("bayes, prior(⟪{U:Sigma,m}⟫, iwishart(2,3,V)): mixed y x || g:", UnsupportedError, "covariance matrix"),
    ("bayes, ⟪priors⟫({y:x}, normal(0, 1)): regress y x", FormulaSyntaxError, "did you mean `prior`?"),
]


@pytest.mark.parametrize(("marked", "kind", "fragment"), MISTAKES)
def test_mistakes(marked: str, kind: type[TildeError], fragment: str) -> None:
    mistake(read_stata, marked, fragment, kind)
