"""Options of Stata's that say nothing of the model, each with why: those of all commands, then each command's own."""

from __future__ import annotations

__all__ = ["dropped_options"]

_ESTIMATED = "maximum likelihood or REML is a way to estimate; here the posterior is drawn"
_DEGREES = "a Bayesian posterior needs no degrees of freedom"
_ROBUST = "standard errors come from the posterior; robust and clustered ones have no Bayesian counterpart"
_INTEGRAL = "no integral is approximated: random effects are drawn with the rest"
_MAXIMISED = "it concerns Stata's maximisation"
_SCALED = "weights are used as they are given: scale them first, as Stata does within groups"
_SHOWN = "it concerns Stata's output"
_MADE = "it keeps a column of results; ask the fit for them"
_TIES = "it concerns the partial likelihood, which is not used here"
_TESTED = "it concerns a test or a model for comparison, which are asked for apart"

_OF_ALL: dict[str, tuple[str, ...]] = {
    _ESTIMATED: ("ml:e", "reml"),
    _DEGREES: ("dfm:ethod", "dftab:le", "small"),
    _ROBUST: ("vce", "r:obust", "cl:uster", "hc2", "hc3", "boot:strap", "jack:knife"),
    _INTEGRAL: ("intm:ethod", "intp:oints", "lap:lace", "adapt:opts", "quad", "noad:apt"),
    _MAXIMISED: (
        "emiter:ate", "emtol:erance", "emonly", "emlog", "emdot:s", "dif:ficult", "tech:nique", "iter:ate",
        "tol:erance", "ltol:erance", "nrtol:erance", "nonrtol:erance", "qtol:erance", "matsqrt", "matlog", "from",
        "startv:alues", "startg:rid", "noest:imate", "ref:ineopts", "retol:erance", "reit:erate", "grad:ient",
        "showstep", "hess:ian", "showtol:erance", "trace", "col:linear", "asis", "noasis", "evalt:ype", "dnum:erical",
        "doopts", "nodifficult", "repeat", "init",
    ),
    _SCALED: ("pwscale",),
    _SHOWN: (
        "noret:able", "nofet:able", "estm:etric", "nohead:er", "nogr:oup", "nostd:err", "coefl:egend", "nolog",
        "log", "nolr:test", "notab:le", "nocoef", "nodis:play", "b:eta", "noci", "nopv:alues", "noomit:ted", "vsquish",
        "noempty:cells", "base:levels", "allbase:levels", "nofvlab:el", "fvwrap", "fvwrapon", "cformat", "pformat",
        "sformat", "nolstretch", "nocnsr:eport", "dots", "nodots", "noskip", "lrmodel", "dep:name", "plus",
        "first", "title", "nowarn:ing", "noshow", "saving", "esample", "post", "verbose", "noi:sily",
    ),
}  # fmt: skip

_OF_COMMANDS: dict[str, dict[str, tuple[str, ...]]] = {
    "regress": {_SHOWN: ("h:ascons", "tsscons", "mse1")},
    "xtreg": {_SHOWN: ("sa", "the:ta", "wls"), _ROBUST: ("nonest",)},
    "areg": {_SHOWN: ("h:ascons", "tsscons")},
    "reghdfe": {
        _MADE: ("res:iduals", "savefe", "groupv:ar"),
        _MAXIMISED: ("accel:eration", "transf:orm", "maxiter:ations", "pool:size", "prune", "precond:itioner",
                     "parallel", "compact"),
        _DEGREES: ("dof:adjustments", "keepsin:gletons"),
        _SHOWN: ("timeit", "nosamp:le", "nofoot:note", "noconst:ant", "summ:arize", "version", "old", "v"),
    },
    "glm": {
        _MAXIMISED: ("irls", "fisher", "mu", "sea:rch"),
        _ROBUST: ("nwest", "unbias:ed", "opg", "oim", "eim", "vf:actor", "disp", "sca:le"),
    },
    "stcox": {
        _TIES: ("efr:on", "bre:slow", "exactm", "exactp"),
        _MADE: ("basec:hazard", "basehc", "bases:urv", "mgale", "esr", "sch:oenfeld", "scaledsch", "eff:ects"),
        _SHOWN: ("estimate",),
    },
    "logistic": {_SHOWN: ("coef",)},
    "zip": {_TESTED: ("vuong", "forcevuong")},
    "zinb": {_TESTED: ("vuong", "forcevuong", "zip")},
    "mlogit": {_SHOWN: ("rrr",)},
}  # fmt: skip


def dropped_options(command: str) -> dict[str, str]:
    """The options of a command that say nothing of the model as `abbrev:iated`, each with why."""
    own = _OF_COMMANDS.get(command, {})
    return {option: reason for table in (own, _OF_ALL) for reason, options in table.items() for option in options}
