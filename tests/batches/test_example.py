"""The example of the README can be planned; tests/test_stories.py runs it."""

from __future__ import annotations

from pathlib import Path

from tildemc.batches import plan_batch

DEPARTMENTS = 14


def test_the_examples_can_be_planned(project: Path) -> None:
    folder = project / "examples" / "batch"
    found = plan_batch(folder / "models.toml")[1]
    assert not found.problems
    assert len(found.ready) == 5 + DEPARTMENTS
    data = project / "examples" / "radon" / "data" / "radon.csv"
    plain = {p.job.name: p for p in plan_batch(folder / "radon.txt", data=data)[1].ready}
    assert set(plain) == {"pooled", "unpooled", "partial"}
    rows = {p.job.name: (p.rows, p.parameters) for p in found.ready}
    assert all((p.rows, p.parameters) == rows[name] for name, p in plain.items())
