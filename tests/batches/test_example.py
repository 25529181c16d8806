"""The example of the README, whole, with few draws."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tildemc.batches import batch, plan_batch

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


def test_the_example_runs(project: Path, tmp_path: Path) -> None:
    path = project / "examples" / "batch" / "models.toml"
    with ThreadPoolExecutor(1) as executor:
        found = batch(path, out=tmp_path / "results", executor=executor, draws=20, tune=20, chains=2)
    assert found.ok, (found.problems, found.failed[["job", "error"]])
    assert found.summary.query("model == 'department' and parameter == 'b[service1]'").shape[0] == DEPARTMENTS
    assert found.compare is not None
    assert set(found.compare["model"]) == {"pooled", "unpooled", "partial"}
    assert found.compare["p_worse"].dtype.kind == "f"
    assert "department.dept=15" in str(found) and "19 done" in str(found)
    assert found.draws("trial")["posterior"].sizes["draw"] == 20
    assert found.draws("pooled")["log_likelihood"]["log_radon"].shape == (2, 20, 919)
    for program in (tmp_path / "results" / "models").glob("*.py"):
        ast.parse(program.read_text(encoding="utf-8"))
    levels = found.summary.query("job == 'partial' and part == 'group effect'")
    assert set(levels["group"]) == {"county"} and "AITKIN" in set(levels["level"])
    assert (tmp_path / "results" / "index.html").stat().st_size < 2_000_000
