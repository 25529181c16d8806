"""One record per command, one line per option: names with their shortest abbreviation, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tildemc.errors import FormulaSyntaxError, nearest
from tildemc.syntax.stata.dropped import dropped_options
from tildemc.syntax.stata.word import Word, abbreviates

if TYPE_CHECKING:
    from tildemc.syntax.stata.written import Option

__all__ = [
    "BAYES_OPTIONS",
    "COMMANDS",
    "LEVEL_OPTIONS",
    "MENL",
    "MI_OPTIONS",
    "SHORT_COMMANDS",
    "Estimator",
    "find_command",
    "find_option",
    "options_of",
]

Kind = Literal["multilevel", "single", "panel"]
Says = Literal["command", "family", "canonical", "survival"]


@dataclass(frozen=True, slots=True)
class Estimator:
    """An estimation command.

    Attributes
    ----------
    name : str
    kind : {"multilevel", "single", "panel"}
        Whether levels follow after `||`, none can, or the declared panel is one.
    family, link : str
        The link is empty where it is the family's first.
    weights : tuple of str
        The kinds of weights it takes, first the one that `[weight=w]` means.
    refused : str
        Why it cannot be a model here, if it cannot.
    says : {"command", "family", "canonical", "survival"}
        What says the family: the command; `family()` with a usual link, or with its canonical one; `distribution()`.
    responses : int
        How many columns the response is: none for what `stset` declared, two for the ends of an interval.
    limits : {"cens", "trunc", "above", "zero", ""}
        What `ll()` and `ul()` are: of a response beyond them no more is known, or there is none, or a count is more
        than `ll()`, or `ll()` is 0 in any case.
    equations : mapping of str to str
        Options that hold a list of variables, and the parameter that they model.
    kinds : mapping of str to str
        The words that may stand before the response, and the family that each says.
    told : str
        What a reader should know of how it is read.
    conditional : str
        Why effects of panels, `fe`, cannot be population effects, if they cannot.
    absorbs : bool
        Whether it takes effects of the groups of `absorb()` out of the data.
    """

    name: str
    kind: Kind
    family: str
    link: str = ""
    weights: tuple[str, ...] = ("fweight", "pweight")
    refused: str = ""
    says: Says = "command"
    responses: int = 1
    limits: Literal["cens", "trunc", "above", "zero", ""] = ""
    equations: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    conditional: str = ""
    absorbs: bool = False


MENL = "menl"
"""The command whose predictor is an expression: it has a grammar of its own."""

_BY_SPLINES = (
    "`stcox` leaves the baseline hazard open, by a partial likelihood; here it is a curve of five splines, so that "
    "coefficients are about the same"
)
_GAMMA_EFFECTS = "has a gamma effect for each panel; with the option `normal` it has a normal one, which is built"
_BETA_EFFECTS = "has a beta effect for each panel, which is not built; `menbreg y x || panel:` has a normal one"
_CONDITIONAL = (
    "is a likelihood given each panel's total, which is not built; `i.panel` in a command without `xt` is another model"
)
_OVERDISPERSED = "lets the dispersion vary by panel, which is not built; `nbreg y x i.panel` has effects of panels"
_INFLATED = {"inflate": "zi"}
_SELECT = {"select": "hu"}
_HURDLES = {"exponential": "hurdle_lognormal", "linear": "hurdle_gaussian"}
_ME = ("fweight", "pweight", "iweight")
_ONE = ("fweight", "pweight", "iweight")

COMMANDS = {
    e.name: e
    for e in (
        Estimator("mixed", "multilevel", "gaussian"),
        Estimator("xtmixed", "multilevel", "gaussian"),
        Estimator("meglm", "multilevel", "gaussian", weights=_ME, says="family"),
        Estimator("melogit", "multilevel", "bernoulli", "logit", _ME),
        Estimator("meqrlogit", "multilevel", "bernoulli", "logit", _ME),
        Estimator("xtmelogit", "multilevel", "bernoulli", "logit", _ME),
        Estimator("meprobit", "multilevel", "bernoulli", "probit", _ME),
        Estimator("mecloglog", "multilevel", "bernoulli", "cloglog", _ME),
        Estimator("mepoisson", "multilevel", "poisson", weights=_ME),
        Estimator("meqrpoisson", "multilevel", "poisson", weights=_ME),
        Estimator("xtmepoisson", "multilevel", "poisson", weights=_ME),
        Estimator("menbreg", "multilevel", "negbinomial", weights=_ME),
        Estimator("meologit", "multilevel", "cumulative", "logit", _ME),
        Estimator("meoprobit", "multilevel", "cumulative", "probit", _ME),
        Estimator("metobit", "multilevel", "gaussian", weights=_ME, limits="cens"),
        Estimator("meintreg", "multilevel", "gaussian", weights=_ME, responses=2),
        Estimator("mestreg", "multilevel", "", weights=_ME, says="survival", responses=0),
        Estimator("regress", "single", "gaussian", weights=("aweight", "fweight", "pweight", "iweight")),
        Estimator("areg", "single", "gaussian", weights=("aweight", "fweight", "pweight"), absorbs=True),
        Estimator("reghdfe", "single", "gaussian", weights=("aweight", "fweight", "pweight"), absorbs=True),
        Estimator("logit", "single", "bernoulli", "logit", _ONE),
        Estimator("logistic", "single", "bernoulli", "logit", _ONE),
        Estimator("probit", "single", "bernoulli", "probit", _ONE),
        Estimator("cloglog", "single", "bernoulli", "cloglog", _ONE),
        Estimator("poisson", "single", "poisson", weights=_ONE),
        Estimator("nbreg", "single", "negbinomial", weights=_ONE),
        Estimator("ologit", "single", "cumulative", "logit", _ONE),
        Estimator("oprobit", "single", "cumulative", "probit", _ONE),
        Estimator("tobit", "single", "gaussian", weights=_ONE, limits="cens"),
        Estimator("intreg", "single", "gaussian", weights=_ONE, responses=2),
        Estimator("truncreg", "single", "gaussian", weights=_ONE, limits="trunc"),
        Estimator("stcox", "single", "cox", weights=_ONE, responses=0, told=_BY_SPLINES),
        Estimator("streg", "single", "", weights=_ONE, says="survival", responses=0),
        Estimator("glm", "single", "gaussian", weights=_ONE, says="canonical"),
        Estimator("mlogit", "single", "categorical", "logit", _ONE),
        Estimator("betareg", "single", "beta", weights=_ONE, equations={"scale": "phi"}),
        Estimator("zip", "single", "zero_inflated_poisson", weights=_ONE, equations=_INFLATED),
        Estimator("zinb", "single", "zero_inflated_negbinomial", weights=_ONE, equations=_INFLATED),
        Estimator("tpoisson", "single", "poisson", weights=_ONE, limits="above"),
        Estimator("tnbreg", "single", "negbinomial", weights=_ONE, limits="above"),
        Estimator("churdle", "single", "", weights=_ONE, limits="zero", equations=_SELECT, kinds=_HURDLES),
        Estimator("xtreg", "panel", "gaussian", weights=("iweight",)),
        Estimator("xtlogit", "panel", "bernoulli", "logit", ("iweight",), conditional=_CONDITIONAL),
        Estimator("xtprobit", "panel", "bernoulli", "probit", ("iweight",)),
        Estimator("xtcloglog", "panel", "bernoulli", "cloglog", ("iweight",)),
        Estimator("xtologit", "panel", "cumulative", "logit", ("iweight",), conditional=_CONDITIONAL),
        Estimator("xtoprobit", "panel", "cumulative", "probit", ("iweight",)),
        Estimator("xttobit", "panel", "gaussian", weights=("iweight",), limits="cens"),
        Estimator("xtintreg", "panel", "gaussian", weights=("iweight",), responses=2),
        Estimator("xtstreg", "panel", "", weights=("iweight",), says="survival", responses=0),
        Estimator("xtpoisson", "panel", "poisson", "", ("iweight",), _GAMMA_EFFECTS),
        Estimator("xtnbreg", "panel", "negbinomial", "", ("iweight",), _BETA_EFFECTS, conditional=_OVERDISPERSED),
    )
}

SHORT_COMMANDS = {"reg": "regress", "regr": "regress", "regre": "regress", "regres": "regress"}

_LEVEL = ("cov:ariance", "noc:onstant", "fw:eight", "pw:eight", "iw:eight", "col:linear")
_DISPLAYED = ("or", "ir:r", "irr", "ef:orm", "stddev:iations", "var:iance", "l:evel", "hr", "nohr", "tr:atio", "rr:r")
_GLM = ("off:set", "exp:osure", "const:raints")
_BY_COMMAND = {
    "mixed": ("res:iduals",),
    "xtmixed": ("res:iduals",),
    "meglm": ("f:amily", "l:ink"),
    "melogit": ("bin:omial",),
    "meqrlogit": ("bin:omial",),
    "xtmelogit": ("bin:omial",),
    "meprobit": ("bin:omial",),
    "mecloglog": ("bin:omial",),
    "menbreg": ("d:ispersion",),
    "nbreg": ("d:ispersion",),
    "metobit": ("ll", "ul"),
    "tobit": ("ll", "ul"),
    "xttobit": ("ll", "ul"),
    "truncreg": ("ll", "ul"),
    "tpoisson": ("ll",),
    "tnbreg": ("d:ispersion", "ll"),
    "mestreg": ("d:istribution", "time"),
    "streg": ("d:istribution", "time", "fr:ailty", "sh:ared", "anc:illary", "strata"),
    "xtstreg": ("d:istribution", "time"),
    "glm": ("f:amily", "l:ink", "lnoff:set"),
    "areg": ("a:bsorb",),
    "reghdfe": ("a:bsorb", "noa:bsorb"),
    "mlogit": ("b:aseoutcome",),
    "betareg": ("sc:ale", "li:nk", "slin:k"),
    "zip": ("inf:late", "probit"),
    "zinb": ("inf:late", "probit"),
    "churdle": ("sel:ect", "ll", "ul"),
}
_PANEL = ("re", "fe", "be", "pa", "normal", "i")

LEVEL_OPTIONS = frozenset({"covariance", "noconstant", "fweight", "pweight", "iweight"})

BAYES_OPTIONS = {
    "prior": "",
    "normalpr:ior": "",
    "igammapr:ior": "",
    "iwishartpr:ior": "",
    **dict.fromkeys(
        (
            "mcmcs:ize", "burn:in", "thin:ning", "rseed", "nchain:s", "init", "initial", "initr:andom", "init1",
            "init2", "init3", "init4", "initall", "block", "blocksize", "restubs", "clevel", "hpd", "saving",
            "mel:abel", "showre:ffects", "dryrun", "gibbs", "adaptation", "scale", "cov", "nomodelsumm:ary",
            "nomesumm:ary", "dots", "exclude", "noshow", "search", "corrlag", "corrtol", "batch", "notable", "title",
            "nomleinit:ial", "noeform",
        ),
        "it concerns Stata's sampler",
    ),
    **dict.fromkeys(("or", "irr", "eform"), "display"),
}  # fmt: skip


MI_OPTIONS = {
    "ni:mputations": "",
    "i:mputations": "",
    **dict.fromkeys(("or", "irr", "ef:orm", "l:evel", "hr", "tr", "rrr", "shr"), "display"),
    **dict.fromkeys(
        (
            "mcer:ror", "ufmi:test", "nosm:all", "vart:able", "dft:able", "dfonly", "cit:able", "notable", "nocoef",
            "nogr:oup", "notrcoef", "dots", "noi:sily", "tr:ace", "nograph", "cmdok", "cmdleg:end", "coefl:egend",
            "nocmdleg:end", "noup:date", "errorok", "esample", "esampvaryok", "saving", "post", "eclass", "nohead:er",
            "nolog", "allbase:levels", "base:levels", "noempty:cells", "nolstretch", "vsquish", "noomit:ted",
            "cformat", "pformat", "sformat", "nofvlab:el", "fvwrap", "fvwrapon", "mono:tone", "nopv:alues", "noci",
        ),
        "it concerns what Stata estimates, keeps or prints",
    ),
}  # fmt: skip


_ALIASES = {"noint": "noconstant", "nointer": "noconstant", "correlated": "covariance"}


def find_command(word: Word) -> Estimator:
    """The command of that name.

    Raises
    ------
    FormulaSyntaxError
        With the nearest command that is known.
    """
    name = SHORT_COMMANDS.get(word.text, word.text)
    if name in COMMANDS:
        return COMMANDS[name]
    hint = nearest(name, COMMANDS)
    listed = "; there are " + ", ".join(COMMANDS)
    raise FormulaSyntaxError(f"there is no command `{word.text}` here{hint or listed}", word.span)


def options_of(estimator: Estimator) -> dict[str, str]:
    """The options of a command as `abbrev:iated`, each with why it is dropped; empty for what has a meaning."""
    dropped = dropped_options(estimator.name)
    displayed = dict.fromkeys(_DISPLAYED, "display")
    own: list[str] = ["noc:onstant"]
    own += _LEVEL if estimator.kind == "multilevel" else ()
    own += _PANEL if estimator.kind == "panel" else ()
    own += _GLM if estimator.name not in ("mixed", "xtmixed", "regress", "xtreg") else ()
    own += _BY_COMMAND.get(estimator.name, ())
    # What the command has of its own goes first: `l()` is the link of `meglm`, and elsewhere the level.
    return {**dict.fromkeys(own, ""), **{o: use for o, use in (dropped | displayed).items() if o not in own}}


def find_option(option: Option, known: dict[str, str], owner: str) -> tuple[str, str]:
    """An option's full name, and what becomes of it: a reason to drop it, `display`, or empty.

    Raises
    ------
    FormulaSyntaxError
        With the nearest option that is known.
    """
    given = "noconstant" if option.name.text == "nointercept" else option.name.text
    for written, use in known.items():
        shortest, _, rest = written.partition(":")
        full = shortest + rest
        if abbreviates(given, full, shortest):
            return full, use
    names = [written.replace(":", "") for written in known]
    meant = [written.replace(":", "") for written, use in known.items() if not use] + list(_DISPLAYED)
    alias = _ALIASES.get(given.lower(), given)
    hint = nearest(alias, meant) or nearest(given, names) or _abbreviated(given, names)
    raise FormulaSyntaxError(f"{owner} has no option `{given}`{hint}", option.name.span)


def _abbreviated(given: str, names: list[str]) -> str:
    """A hint for what is shorter than an abbreviation may be."""
    alike = [name for name in names if name.startswith(given)]
    alike += [] if alike else [name for name in names if len(given) > 3 and name.startswith(given[:3])]
    return f"; did you mean `{alike[0]}`?" if alike else ""
