"""Families of times to a decision, of one kind or another."""

from __future__ import annotations

from tildemc.spec.chance import Draw, Step
from tildemc.spec.expr import Const, Var, substitute
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import NDT, mu, positive, y
from tildemc.spec.families.values import POSITIVES
from tildemc.spec.links import PROBABILITY_LINKS
from tildemc.spec.priors import default
from tildemc.spec.support import REAL, UNIT
from tildemc.spec.vocabulary import apply

__all__ = ["TIMES"]

bs, ndt, bias, dec = (Var(name) for name in ("bs", "ndt", "bias", "dec"))
# The walk, in widths of the interval, seen from the end where it ends.
_drift, _start = apply("where", dec, -mu, mu) * bs, apply("where", dec, 1 - bias, bias)
_time = (y - ndt) / bs**2
_walk = (_time, _drift, _start)
_cdf, _tail = apply("wiener_cdf", *_walk), apply("wiener_tail", *_walk)
_upper = Var("upper")
_steps = {"upper": Step("binomial", (Const(1), apply("wiener_upper", mu * bs, bias))), "share": Step("random", ())}
_drawn = ndt + bs**2 * apply("wiener_quantile", Var("share"), *(substitute(each, {dec: _upper}) for each in _walk[1:]))
_mean = ndt + bs**2 * apply("wiener_mean", mu * bs, bias)

TIMES = (
    Family(
        name="wiener", title="Wiener diffusion", values=POSITIVES, latex=r"\mathrm{Wiener}",
        use="Times to a choice of two: a walk of the drift mu leaves an interval of the width bs, after a time ndt.",
        law=(
            r"\begin{aligned} \log p(y \mid \mu, \mathrm{bs}, \mathrm{ndt}, \mathrm{bias}) &= \log \pi"
            r" \sum_k k \sin(k \pi w) \exp(-k^2 \pi^2 t / 2) - v w - v^2 t / 2 - 2 \log \mathrm{bs} \\"
            r" t &= (y - \mathrm{ndt}) / \mathrm{bs}^2, \quad (v, w) = (-\mu\,\mathrm{bs}, 1 - \mathrm{bias})"
            r" \text{ above, } (\mu\,\mathrm{bs}, \mathrm{bias}) \text{ below} \end{aligned}"
        ),
        modifiers=frozenset({"dec"}),
        parameters=(
            FamilyParameter("mu", REAL, ("identity", "log", "softplus")),
            positive("bs", default("gamma", 1.0, 1.0), default("normal", -0.6, 1.3)),
            NDT,
            FamilyParameter(
                "bias", UNIT, PROBABILITY_LINKS, default("beta", 1.0, 1.0), default("logistic", 0.0, 1.0), 0.5
            ),
        ),
        log_density=(
            apply("log_wiener", _time, _start) - _drift * _start - 0.5 * _drift**2 * _time - 2 * apply("log", bs)
        ),
        # A drift says little of times: it is of the size of 1 where a walk of one unit of time is one unit wide.
        rough=1 / (1 + y), location=Const(1.0), spread=Const(1.0),
        mean=_mean, middle=_mean, variance=bs**4 * apply("wiener_variance", mu * bs, bias),
        cdf=_cdf, tail=_tail,
        draw=Draw(_drawn, _steps), signed=Draw((2 * _upper - 1) * _drawn, _steps),
    ),
)  # fmt: skip
