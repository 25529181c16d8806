"""Runs that do not sample: what is done again and why, faults, and what a folder then holds."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from batch_fakes import fake_fit
from tildemc.batches import batch, load_batch, worker
from tildemc.batches.formula_file import FormulaFileError
from tildemc.batches.outcome import Outcome
from tildemc.batches.results import Batch
from tildemc.batches.store import BatchError, Store, locked
from tildemc.errors import FitError

Run = Callable[..., Batch]
JOBS = ["pooled", "partial", "each.state=IA", "each.state=MN", "each.state=WI"]


def events(folder: Path, name: str) -> list[dict[str, Any]]:
    lines = (folder / "out" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == name]


def reasons(folder: Path) -> dict[str, str]:
    """Why each job of the last run was to be done."""
    lines = (folder / "out" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    last = max(i for i, event in enumerate(found) if event["event"] == "plan")
    return {event["job"]: event["reason"] for event in found[last:] if event["event"] == "todo"}


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((folder / "out" / "draws").iterdir())}


def test_what_a_folder_holds(fake: Run, folder: Path) -> None:
    found = fake()
    assert found.ok
    assert found.index["job"].tolist() == JOBS
    assert set(found.index["status"]) == {"done"}
    assert found.index["by.state"].tolist()[2:] == ["IA", "MN", "WI"]
    assert found.summary.groupby("job").size().to_dict() == dict.fromkeys(JOBS, 1)
    out = folder / "out"
    assert sorted(p.stem for p in (out / "models").iterdir()) == sorted(JOBS)
    assert {p.stem for p in (out / "draws").iterdir()} == set(found.index["key"])
    assert "pooled" in (out / "index.html").read_text(encoding="utf-8")
    assert not [p for p in out.rglob("*") if p.name.endswith(".part")]
    assert repr(load_batch(out)) == repr(found)


def test_what_is_done_is_left(fake: Run, folder: Path) -> None:
    fake()
    before = {p: p.stat().st_mtime_ns for p in (folder / "out" / "draws").iterdir()}
    assert fake().ok
    assert reasons(folder) == {}
    assert {p: p.stat().st_mtime_ns for p in (folder / "out" / "draws").iterdir()} == before


def test_what_changed_is_done_again_and_why(fake: Run, folder: Path) -> None:
    fake()
    assert reasons(folder) == dict.fromkeys(JOBS, "new")
    path = folder / "models.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("(1 | g)", "(x | g)"), encoding="utf-8")
    fake()
    assert reasons(folder) == {"partial": "the model changed"}
    data = pd.read_csv(folder / "data.csv")
    data.loc[0, "y"] = 9.0
    data.to_csv(folder / "data.csv", index=False)
    fake()
    assert reasons(folder) == dict.fromkeys(["pooled", "partial", "each.state=MN"], "the data changed")
    fake(draws=30)
    assert reasons(folder) == dict.fromkeys(JOBS, "the settings changed")


def test_renaming_a_model_costs_no_fit(fake: Run, folder: Path) -> None:
    fake()
    path = folder / "models.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("models.pooled", "models.simple"), encoding="utf-8")
    assert fake().ok
    assert reasons(folder) == {}
    assert (folder / "out" / "models" / "simple.py").is_file()


@pytest.mark.parametrize("damage", ["draws cut", "draws changed", "draws gone", "record cut", "record changed"])
def test_damaged_results_are_made_again(damage: str, fake: Run, folder: Path) -> None:
    key = fake().index.set_index("job").loc["partial", "key"]
    what, how = damage.split()
    path = folder / "out" / ("draws" if what == "draws" else "jobs") / f"{key}.{'nc' if what == 'draws' else 'json'}"
    whole = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] if how == "cut" else whole[:middle] + b"7" + whole[middle + 1 :])
    assert fake().ok
    assert list(reasons(folder)) == ["partial"]
    assert "damaged" in reasons(folder)["partial"] or "gone" in reasons(folder)["partial"]
    if what == "draws":
        assert path.read_bytes() == whole


def test_jobs_that_raise_do_not_stop_the_others(fake: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raised = {"partial": FitError("it cannot be done"), "each.state=MN": MemoryError("none left"), "pooled": None}

    def fit(task: worker.Task, _table: object = None) -> tuple[Outcome, bytes]:
        error = raised.get(task.job.name)
        if error is not None:
            raise error
        return fake_fit(task)

    monkeypatch.setattr(worker, "_fit", fit)
    found = fake()
    assert not found.ok
    assert found.failed["job"].tolist() == ["partial", "each.state=MN"]
    assert found.failed["error"].tolist()[0] == "it cannot be done"
    assert "MemoryError: none left" in found.failed["error"].tolist()[1]
    assert "it cannot be done" in (folder / "out" / "index.html").read_text(encoding="utf-8")
    raised.clear()
    assert fake().ok
    assert reasons(folder) == dict.fromkeys(["partial", "each.state=MN"], "it failed the last time")


def test_models_that_do_not_compile_do_not_stop_the_others(fake: Run, folder: Path) -> None:
    path = folder / "models.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"y ~ x"', '"y ~ z"', 1), encoding="utf-8")
    found = fake()
    assert found.failed["job"].tolist() == ["pooled"]
    assert "no column `z`" in found.failed["error"].iloc[0]
    assert (found.index["status"] == "done").sum() == 4


def test_fail_fast(fake: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(task: worker.Task, _table: object = None) -> tuple[Outcome, bytes]:
        raise FitError("no")

    monkeypatch.setattr(worker, "_fit", fit)
    found = fake(fail_fast=True, workers=1)
    assert "waiting" in set(found.index["status"])
    assert len(found.failed) < 5


def test_only(fake: Run, folder: Path) -> None:
    found = fake(only=["each", "pooled"])
    assert found.index.set_index("job")["status"].to_dict() == {**dict.fromkeys(JOBS, "done"), "partial": "waiting"}
    assert fake().ok
    assert reasons(folder) == {"partial": "new"}
    with pytest.raises(BatchError, match="did you mean `pooled`"):
        fake(only=["poled"])


def test_interrupting(fake: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(task: worker.Task, _table: object = None) -> tuple[Outcome, bytes]:
        if task.job.name == "partial":
            raise KeyboardInterrupt
        return fake_fit(task)

    monkeypatch.setattr(worker, "_fit", fit)
    found = fake(workers=1)
    assert found.interrupted and not found.ok
    assert "waiting" in set(found.index["status"])
    monkeypatch.setattr(worker, "_fit", fake_fit)
    assert fake().ok


def test_a_full_disk(fake: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = worker.write_atomically

    def write(path: Path, data: bytes | str) -> None:
        if len(content(folder)) >= 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(path, data)

    monkeypatch.setattr(worker, "write_atomically", write)
    found = fake()
    assert found.index["status"].value_counts().to_dict() == {"failed": 3, "done": 2}
    assert "No space left" in found.failed["error"].iloc[0]
    monkeypatch.setattr(worker, "write_atomically", whole)
    assert fake().ok


def test_a_folder_that_cannot_be_written(fake: Run, folder: Path) -> None:
    (folder / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(BatchError, match="results cannot be written to"):
        fake()
    with pytest.raises(BatchError, match="results cannot be written to"):
        fake(out=folder / "out" / "below")


def test_a_folder_that_is_read_only(fake: Run, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out").chmod(0o500)
    if os.access(folder / "out", os.W_OK):
        pytest.skip("permissions do not bind this user")
    with pytest.raises(BatchError, match="results cannot be written to"):
        fake()


def test_two_runs_on_one_folder(fake: Run, folder: Path) -> None:
    with locked(folder / "out"), pytest.raises(BatchError, match=f"another run is writing .*process {os.getpid()}"):
        fake()
    assert fake().ok


def test_what_was_left_unfinished_is_swept(fake: Run, folder: Path) -> None:
    fake()
    left = folder / "out" / "draws" / ".abc.nc.1.2.part"
    left.write_bytes(b"half")
    assert fake().ok
    assert not left.exists()


def test_pruning(fake: Run, folder: Path) -> None:
    fake()
    path = folder / "models.toml"
    path.write_text(path.read_text(encoding="utf-8").split("[models.each]")[0], encoding="utf-8")
    fake()
    assert len(content(folder)) == 5
    fake(prune=True)
    assert len(content(folder)) == 2
    assert sorted(p.stem for p in (folder / "out" / "models").iterdir()) == ["partial", "pooled"]


def test_two_models_that_are_one(fake: Run, folder: Path) -> None:
    path = folder / "models.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + '[models.again]\nformula = "y ~ 1 + x"\n', encoding="utf-8")
    found = fake().index.set_index("job")
    assert found.loc["again", "key"] == found.loc["pooled", "key"]
    assert found["status"].eq("done").all()
    assert len(content(folder)) == 5


def test_nothing_is_written_elsewhere(fake: Run, folder: Path) -> None:
    data = pd.read_csv(folder / "data.csv")
    data["state"] = np.where(data["state"] == "MN", "../../../evil", data["state"])
    data.to_csv(folder / "data.csv", index=False)
    before = {p for p in folder.parent.rglob("*") if not p.is_relative_to(folder / "out")}
    found = fake()
    assert found.ok
    assert "each.state=../../../evil" in found.index["job"].tolist()
    assert {p for p in folder.parent.rglob("*") if not p.is_relative_to(folder / "out")} == before


def test_reading_results(fake: Run, folder: Path) -> None:
    found = fake(only=["pooled"])
    with pytest.raises(BatchError, match="did you mean `pooled`"):
        found.draws("poled")
    with pytest.raises(BatchError, match="partial is waiting"):
        found.draws("partial")
    with pytest.raises(BatchError, match=r"holds no index\.parquet"):
        load_batch(folder)


def test_records_are_what_was_saved(folder: Path) -> None:
    outcome = Outcome("abc", "failed", "why — ünï", 1.5, min_ess=0.1 + 0.2, summary={"mean": [None, 1e-300]})
    with locked(folder / "out") as store:
        store.save(outcome, b"draws")
        assert store.record("abc") == outcome
        assert store.record("none") is None
    assert Store(folder / "out").path_of_draws("abc").read_bytes() == b"draws"


def test_the_log(fake: Run, folder: Path) -> None:
    fake()
    assert [event["job"] for event in events(folder, "began")] == JOBS
    assert [event["job"] for event in events(folder, "done")] == JOBS
    assert events(folder, "end")[0]["failed"] == 0


@pytest.mark.parametrize("wrong", ["gone", "damaged", "without its columns"])
def test_data_that_cannot_be_read_take_no_results_with_them(fake: Run, folder: Path, wrong: str) -> None:
    before = fake()
    data = folder / "data.csv"
    match wrong:
        case "gone":
            data.unlink()
        case "damaged":
            data.write_bytes(b"\0" * 100)
        case _:
            pd.DataFrame({"state": ["MN", "WI", "IA"], "other": 1.0}).to_csv(data, index=False)
    found = fake(prune=True)
    assert not found.ok
    assert set(found.index["status"]) == {"kept"}
    same = ["job", "by", "by.state", "rows", "max_r_hat", "finished", "key", "file"]
    pd.testing.assert_frame_equal(found.index[same], before.index[same])
    pd.testing.assert_frame_equal(found.summary, before.summary)
    assert found.index["error"].str.len().min() > 0
    page = (folder / "out" / "index.html").read_text(encoding="utf-8")
    assert "5 kept of an earlier run" in page and 'href="models/each.state%3DIA.py"' in page
    assert {path.stem for path in (folder / "out" / "draws").iterdir()} == set(before.index["key"])


def test_results_of_another_text_are_not_kept(fake: Run, folder: Path) -> None:
    fake()
    (folder / "data.csv").unlink()
    path = folder / "models.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("(1 | g)", "(x | g)"), encoding="utf-8")
    found = fake().index.set_index("job")["status"]
    assert found["partial"] == "failed"
    assert set(found.drop("partial")) == {"kept"}


def test_once_the_data_are_back_nothing_is_fitted_again(fake: Run, folder: Path) -> None:
    fake()
    away = (folder / "data.csv").rename(folder / "away")
    fake()
    away.rename(folder / "data.csv")
    assert fake().ok
    assert reasons(folder) == {}


def test_estimates_in_place_of_draws(folder: Path) -> None:
    text = (folder / "models.toml").read_text(encoding="utf-8")
    (folder / "models.toml").write_text(text.replace("[defaults]", '[defaults]\nengine = "optimize"'), encoding="utf-8")
    with ThreadPoolExecutor(1) as executor:
        found, again = (batch(folder / "models.toml", out=folder / "out", executor=executor) for _ in range(2))
    assert found.ok and again.ok
    assert set(found.index["draws"]) == {0}
    assert set(found.index["engine"]) == {"restricted maximum likelihood"}
    own = found.summary[found.summary["job"] == "partial"].set_index("parameter")
    estimate = tm.model("y ~ x + (1 | g)", folder / "data.csv").optimize()
    assert own.loc["x", ["mean", "sd"]].tolist() == pytest.approx([estimate.fixef["x"], estimate.se["x"]])
    assert not [*(folder / "out" / "draws").iterdir()]
    assert reasons(folder) == {}
    with pytest.raises(BatchError, match="is an estimate, of which there are no draws"):
        found.draws("partial")


def test_an_engine_that_there_is_not_is_told(folder: Path) -> None:
    text = (folder / "models.toml").read_text(encoding="utf-8")
    (folder / "models.toml").write_text(text.replace("[defaults]", '[defaults]\nengine = "optimise"'), encoding="utf-8")
    with pytest.raises(FormulaFileError, match="not 'optimise'; did you mean"):
        batch(folder / "models.toml", out=folder / "out")
