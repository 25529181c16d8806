"""Parts of kernels: numba functions that are typed and lowered once, and become machine code only within a kernel.

numba optimises and translates each function by itself, with all that it calls, and then again in each of its callers:
of functions that call functions most of the time of compiling goes there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypedDict

import numba
from numba.core import codegen, compiler, compiler_machinery, registry, typed_passes

__all__ = ["Options", "Part"]


class Options(TypedDict, total=False):
    """What numba is told of how to compile."""

    fastmath: set[str]
    error_model: Literal["python", "numpy"]
    nogil: bool
    forceinline: bool


class _Library(codegen.JITCodeLibrary):
    """The code of a part, with that of the parts it calls: to be linked, not to be run."""

    def finalize(self) -> None:
        self._raise_if_finalized()
        # As numba's own, but for the optimisation and the translation, which come once, in the kernel.
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalize_dynamic_globals()
        self._finalized = True


@compiler_machinery.register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(typed_passes.NativeLowering):
    """numba's lowering, into such a library."""

    _name = "lowering_of_a_part"

    def run_pass(self, state: compiler.StateDict) -> bool:
        state.library = library = _Library(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state["cr"]
        # Callers find a function by what is called from Python, which here is nothing.
        state.targetctx.insert_user_function(library, lowered.fndesc, [library])
        state["cr"] = lowered._replace(cfunc=library)
        return True


class _Compiler(compiler.CompilerBase):
    def define_pipelines(self) -> list[compiler_machinery.PassManager]:
        passes = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state, "part")
        own = compiler_machinery.PassManager("part")
        for step, words in passes.passes:
            own.add_pass(_Lowering if step is typed_passes.NativeLowering else step, words)
        own.finalize()
        return [own]


class Part(registry.CPUDispatcher):
    """A function that kernels call; called from Python it is compiled by itself.

    Parameters
    ----------
    function : callable
    options : dict
        numba's, for `njit`.
    """

    def __init__(self, function: Callable[..., object], options: Options) -> None:
        wanted = {
            "nopython": True,
            "boundscheck": None,
            "no_cpython_wrapper": True,
            "no_cfunc_wrapper": True,
            **options,
        }
        super().__init__(function, targetoptions=wanted, pipeline_class=_Compiler)
        # What there is from Python: the function with machine code of its own.
        self.alone = numba.njit(**options)(function)

    def add_overload(self, result: Any) -> None:
        """Know what was compiled, but not as something that Python can call."""
        self.overloads[tuple(result.signature.args)] = result

    def _compile_for_args(self, *args: object, **named: object) -> Callable[..., object]:
        assert not named
        return self.alone
