"""Parts of kernels: numba functions that are typed and lowered once, and become machine code only within a kernel.

numba optimises and translates each function by itself, with all that it calls, and then again in each of its callers:
of functions that call functions most of the time of compiling goes there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

import numba
from numba.core import codegen, compiler, compiler_machinery, registry, typed_passes

__all__ = ["Part"]

# numba's types say little of its insides.
_codegen, _compiler, _machinery, _passes = (
    cast(Any, module) for module in (codegen, compiler, compiler_machinery, typed_passes)
)
_Dispatcher: Any = cast(Any, registry).CPUDispatcher


class _Library(_codegen.JITCodeLibrary):  # type: ignore[misc]
    """The code of a part, with that of the parts it calls: to be linked, not to be run."""

    def finalize(self) -> None:
        self._raise_if_finalized()
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalize_dynamic_globals()
        self._finalized = True


@_machinery.register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(_passes.NativeLowering):  # type: ignore[misc]
    """numba's lowering, into such a library."""

    _name = "lowering_of_a_part"

    def run_pass(self, state: Any) -> bool:
        state.library = library = _Library(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state["cr"]
        # Callers find a function by what is called from Python, which here is nothing.
        state.targetctx.insert_user_function(library, lowered.fndesc, [library])
        state["cr"] = lowered._replace(cfunc=library)
        return True


class _Compiler(_compiler.CompilerBase):  # type: ignore[misc]
    def define_pipelines(self) -> list[Any]:
        passes = _compiler.DefaultPassBuilder.define_nopython_pipeline(self.state, "part")
        own = _machinery.PassManager("part")
        for step, words in passes.passes:
            own.add_pass(_Lowering if step is _passes.NativeLowering else step, words)
        own.finalize()
        return [own]


class Part(_Dispatcher):  # type: ignore[misc]
    """A function that kernels call; called from Python it is compiled by itself.

    Parameters
    ----------
    function : callable
    options : dict
        numba's, for `njit`.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        wanted = {
            "nopython": True,
            "boundscheck": None,
            "no_cpython_wrapper": True,
            "no_cfunc_wrapper": True,
            **options,
        }
        super().__init__(function, targetoptions=wanted, pipeline_class=_Compiler)
        self.options = options

    @cached_property
    def alone(self) -> Any:
        """The function with machine code of its own."""
        return numba.njit(**self.options)(self.py_func)

    def add_overload(self, result: Any) -> None:
        self.overloads[tuple(result.signature.args)] = result

    def _compile_for_args(self, *args: Any, **named: Any) -> Any:
        assert not named
        return self.alone(*args)
