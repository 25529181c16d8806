"""`tildemc batch`: a thin layer over `batch`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tildemc.batches.api import batch as run_batch
from tildemc.batches.api import plan_batch
from tildemc.batches.outcome import DONE, FAILED, KEPT, WAITING
from tildemc.batches.strict import beyond
from tildemc.batches.strict import limits as strict_limits
from tildemc.errors import TildeError
from tildemc.limits import Limits
from tildemc.visible import visible

if TYPE_CHECKING:
    from tildemc.batches.plan import Plan, Planned
    from tildemc.batches.results import Batch

__all__ = ["INTERRUPTED", "batch", "stated", "tell"]

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells have it."""
_SHOWN = 20


def batch(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The models: one per line, or TOML.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Where the results go.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="By default one per core.", show_default=False)] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler: tcp://host:port.")] = None,
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A model or one fit; may be repeated.")] = None,
    strict: Annotated[
        str | None,
        typer.Option(metavar="LIMITS", help="Fits beyond these fail the command: 'rhat=1.01,divergences=0,ess=400'."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and all errors, fit nothing.")] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going/--fail-fast", help="After a fit has failed.")] = True,
    prune: Annotated[bool, typer.Option("--prune", help="Remove results that the file no longer asks for.")] = False,
    data: Annotated[Path | None, typer.Option("--data", "-d", metavar="FILE", help="For models without.")] = None,
    family: Annotated[str | None, typer.Option("--family", "-f", help="For models that name none.")] = None,
    na: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="What stands for no value in the data.")] = None,
    csv: Annotated[
        list[str] | None, typer.Option(metavar="MARK=C", help="Of text in columns: 'sep=;'; may be repeated.")
    ] = None,
    accept: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="May hold other things than in the last run.")
    ] = None,
    draws: Annotated[int | None, typer.Option(help="Instead of the file's.", show_default=False)] = None,
    tune: Annotated[int | None, typer.Option(help="Instead of the file's.", show_default=False)] = None,
    chains: Annotated[int | None, typer.Option(help="Instead of the file's.", show_default=False)] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the file's.", show_default=False)] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=N", help="Instead of the file's: 'sql_seconds=600'; may be repeated."),
    ] = None,
) -> None:
    """Fit every model of a file that is not fitted yet, into tables and a page."""
    given = {"draws": draws, "tune": tune, "chains": chains, "seed": seed}
    settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    given_data: dict[str, Any] = {"data": data, "family": family, "na": na or (), "csv": stated(csv)}
    try:
        asked = strict_limits(strict) if strict is not None else {}
        limits = Limits.of(limit) if limit else None
        if dry_run:
            _, plan = plan_batch(file, limits=limits, **given_data, **settings)
            _show(plan, out, accept or [], only or [], workers or os.cpu_count() or 1)
            return
        if out is None:
            raise TildeError("say where the results go: --out FOLDER")
        found = run_batch(
            file, out=out, workers=workers, scheduler=scheduler, only=only or (), fail_fast=not keep_going, prune=prune,
            accept=accept or (), limits=limits, progress=True, **given_data, **settings,
        )  # fmt: skip
    except TildeError as error:
        tell(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    _tell(found, asked)


def stated(options: list[str] | None) -> dict[str, str]:
    """What options such as `sep=;` say, by name."""
    return {name: value for name, _, value in (option.partition("=") for option in options or ())}


def tell(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a line; what people wrote does not steer the terminal."""
    typer.echo(visible(text), err=err, nl=nl)


def _tell(found: Batch, strict: Mapping[str, float]) -> None:
    index = found.index
    wrong = found.failed
    for status, job, error in zip(wrong["status"], wrong["job"], wrong["error"], strict=True):
        tell(f"{status}{' of an earlier run' * (status == KEPT)}: {job}\n{_indented(error)}", err=True)
    for problem in found.problems:
        tell(f"error: {problem}", err=True)
    counts = index["status"].value_counts()
    said = ", ".join(f"{counts[status]} {status}" for status in (DONE, FAILED, KEPT, WAITING) if status in counts)
    tell(f"{said}: {found.folder / 'index.html'}")
    if found.interrupted:
        raise typer.Exit(INTERRUPTED)
    lacking = [*beyond(index, strict)]
    for told in lacking:
        tell(f"strict: {told}", err=True)
    if len(wrong) or found.problems or lacking:
        raise typer.Exit(1)


def _show(plan: Plan, out: Path | None, accept: list[str], only: list[str], workers: int) -> None:
    """Print the plan and all that is wrong with it."""
    from tildemc.batches.columns import refuse_changed
    from tildemc.batches.run import choose
    from tildemc.batches.store import Store

    plan = plan if out is None else refuse_changed(Store(out), plan, accept)
    chosen = choose(plan, only)
    ready = [planned for planned in plan.ready if planned.job.name in chosen]
    problems = [problem for problem in plan.problems if problem.job.name in chosen]
    if ready:
        width = max(len(planned.job.name) for planned in ready)
        tell(f"{'fit':<{width}}  {'rows':>9}  {'parameters':>10}  {'engine':<7}  {'about':>8}")
        for planned in ready:
            tell(
                f"{planned.job.name:<{width}}  {planned.rows:>9,}  {planned.parameters:>10,}  {planned.engine:<7}  "
                f"{planned.seconds:>6.1f} s"
            )
        _show_priors(ready)
        total = sum(planned.seconds for planned in ready)
        tell(f"\n{len(ready)} fits, about {total / workers:.0f} s with {workers} workers")
    sys.stdout.flush()
    for problem in problems:
        tell(f"\nerror: {problem.job.name}\n{_indented(problem.error)}", err=True)
    if problems:
        tell(f"\n{len(problems)} of {len(problems) + len(ready)} fits cannot be made", err=True)
        raise typer.Exit(1)


def _show_priors(ready: list[Planned]) -> None:
    seen = set()
    for planned in ready:
        if planned.job.model in seen:
            continue
        seen.add(planned.job.model)
        where = "" if planned.job.name == planned.job.model else f" (of {planned.job.name}; each has its own scales)"
        tell(f"\n{planned.job.model}{where}: {' '.join(planned.job.formula.split())}")
        for line in planned.priors[:_SHOWN]:
            tell(f"  {line}")
        if len(planned.priors) > _SHOWN:
            tell(f"  … ({len(planned.priors)} in all)")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
