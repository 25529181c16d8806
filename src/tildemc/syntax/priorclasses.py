"""brms's classes of parameters: what each is called here, and which of brms's arguments say what of it one means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CLASSES", "SPECIAL", "PriorClass", "class_of", "in_brms"]

_RENAMED = str.maketrans(
    {**dict.fromkeys(" ()[],\"'?", ""), "+": "P", "-": "M", "*": "MU", "/": "D", "^": "E", "=": "EQ"}
)


@dataclass(frozen=True, slots=True)
class PriorClass:
    """A class of parameters.

    Attributes
    ----------
    target : str
        The word that addresses it here.
    about : tuple of str
        brms's arguments that stand in the target's parentheses, in order.
    positive : bool
        Whether it is positive, or between ends of its own, as it is: `lb = 0` says nothing then.
    """

    target: str
    about: tuple[str, ...] = ()
    positive: bool = True


def _own(*names: str) -> dict[str, PriorClass]:
    """Parameters of the response, which are called as brms calls them."""
    return {name: PriorClass(name) for name in names}


CLASSES: Mapping[str, PriorClass] = {
    "b": PriorClass("b", ("coef",), positive=False),
    "Intercept": PriorClass("Intercept", ("group", "coef"), positive=False),
    "sd": PriorClass("sd", ("group", "coef")),
    "cor": PriorClass("cor", ("group",)),
    "L": PriorClass("cor", ("group",)),
    "sds": PriorClass("sds", ("coef",)),
    "sdgp": PriorClass("sdgp", ("coef",)),
    "lscale": PriorClass("lscale", ("coef",)),
    "simo": PriorClass("simo", ("coef",)),
    "delta": PriorClass("delta", ("group",), positive=False),
    "meanme": PriorClass("meanme", ("coef",), positive=False),
    "sdme": PriorClass("sdme", ("coef",)),
    "corme": PriorClass("corme", ("group",)),
    "Lme": PriorClass("corme", ("group",)),
    "df": PriorClass("df", ("group",)),
    "rescor": PriorClass("rescor"),
    "Lrescor": PriorClass("rescor"),
    "cortime": PriorClass("cortime"),
    "Lcortime": PriorClass("cortime"),
    **_own("ar", "ma", "cosy", "errorsar", "lagsar", "theta"),
    **_own("sdcar", "car", "rhocar"),
    **_own("sigma", "shape", "nu", "phi", "zi", "hu", "zoi", "coi", "disc", "alpha", "beta", "kappa", "ndt", "xi"),
    **_own("quantile", "power", "bs", "bias"),
}
"""By brms's name. Of a mixture's components the names have numbers, `sigma1`."""

SPECIAL: Mapping[str, tuple[str, ...]] = {
    "horseshoe": ("df", "scale_global", "df_global", "scale_slab", "df_slab", "par_ratio", "autoscale"),
    "R2D2": ("mean_R2", "prec_R2", "cons_D2", "autoscale"),
    "lasso": ("df", "scale"),
}
"""brms's priors of all coefficients together, and their arguments."""


def in_brms(label: str) -> str:
    """A coefficient's name as brms has it: `scale(x)` is `scalex`."""
    return label.translate(_RENAMED)


def class_of(name: str) -> PriorClass | None:
    """The class of that name, with the number of a mixture's component or without; None if brms has none."""
    found = CLASSES.get(name) or CLASSES.get(name.rstrip("0123456789"))
    if found is None or name in CLASSES:
        return found
    return PriorClass(name, found.about, found.positive)
