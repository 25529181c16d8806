"""Families of successes: of one trial, or of several."""

from __future__ import annotations

from math import inf

from tildemc.spec.chance import Draw, Step, one
from tildemc.spec.expr import Const, Var
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import PHI, binomial, eta, hits, log_miss, log_mu, misses, mu, phi, trials, y
from tildemc.spec.families.values import BINARY, SUCCESSES
from tildemc.spec.links import PROBABILITY_LINKS
from tildemc.spec.support import UNIT
from tildemc.spec.vocabulary import apply

__all__ = ["TRIALS"]

_log_odds = log_mu - log_miss
_pairs, _one_less = trials * (trials - 1) * mu**2, apply("where", y, y - 1, Const(0.0))
_whole_trials = apply("integer", trials)

TRIALS = (
    Family(
        name="bernoulli", title="Bernoulli", values=BINARY, pymc="Bernoulli", latex=r"\mathrm{Bernoulli}",
        use="Yes or no.",
        adds="trials",
        parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS),),
        chances=Const(0.0),
        log_density=binomial(Const(1.0)), mean=mu, variance=mu * (1 - mu),
        cdf=apply("beta_cdf", 1 - y, y + 1, 1 - mu), tail=apply("beta_cdf", y + 1, 1 - y, mu),
        log_cdf=apply("where", y, Const(0.0), log_miss), log_tail=apply("where", y, Const(-inf), log_mu),
        draw=one("binomial", Const(1), mu),
        native={"p": mu}, native_by_link={"logit": {"logit_p": eta}},
    ),
    Family(
        name="binomial", title="Binomial", values=SUCCESSES, pymc="Binomial", latex=r"\mathrm{Binomial}",
        use="Successes of a known number of trials.",
        modifiers=frozenset({"trials"}), single="bernoulli", adds="trials",
        parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS),),
        chances=Const(0.0),
        log_density=apply("log_choose", trials, y) + binomial(trials),
        centre=y / trials, mean=trials * mu, variance=mu * (1 - mu) / trials,
        partial=trials * mu * apply("beta_cdf", trials - y, y, 1 - mu),
        square=_pairs + trials * mu,
        partial_square=(
            _pairs * apply("beta_cdf", trials - y, _one_less, 1 - mu)
            + trials * mu * apply("beta_cdf", trials - y, y, 1 - mu)
        ),
        cdf=apply("beta_cdf", trials - y, y + 1, 1 - mu), tail=apply("beta_cdf", y + 1, trials - y, mu),
        log_cdf=apply("log_beta_cdf", trials - y, y + 1, -_log_odds),
        log_tail=apply("log_beta_cdf", y + 1, trials - y, _log_odds),
        draw=one("binomial", _whole_trials, mu),
        native={"n": trials, "p": mu}, native_by_link={"logit": {"n": trials, "logit_p": eta}},
    ),
    Family(
        name="beta_binomial", title="Beta-binomial", values=SUCCESSES, pymc="BetaBinomial",
        use="Successes of trials whose chance differs from row to row.",
        latex=r"\mathrm{BetaBinomial}", aliases=("betabinomial",), modifiers=frozenset({"trials"}),
        notation=(trials, hits, misses),
        parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS), PHI),
        chances=mu * (1 - mu) / (1 + phi),
        # The binomial's, and what is left of it where phi is large.
        log_density=(
            apply("log_choose", trials, y) + binomial(trials) + apply("log_rising", mu * phi, y)
            + apply("log_rising", (1 - mu) * phi, trials - y) - apply("log_rising", phi, trials)
        ),
        centre=y / trials, mean=trials * mu,
        variance=mu * (1 - mu) * (1 + (trials - 1) / (1 + phi)) / trials,
        cdf=apply("beta_binomial_cdf", y, trials, hits, misses),
        tail=apply("beta_binomial_cdf", trials - y - 1, trials, misses, hits),
        draw=Draw(
            Var("count"),
            {"share": Step("beta", (hits, misses)), "count": Step("binomial", (_whole_trials, Var("share")))},
        ),
        native={"n": trials, "alpha": mu * phi, "beta": (1 - mu) * phi},
    ),
)  # fmt: skip
