"""A saved file is read back as it was written, or refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import tildemc as tm
from tildemc.errors import DataError
from tildemc.results.stored import read_sealed, write_sealed


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(2)
    data = {"y": rng.normal(size=30), "x": rng.normal(size=30), "g": np.resize(["é", "b", "c"], 30)}
    path = tmp_path_factory.mktemp("saved") / "fit.nc"
    tm.model("y ~ x + (1 | g)", data).fit(draws=30, chains=2, seed=1, progress=False).save(path)
    return path


def test_what_was_saved_is_read(saved: Path) -> None:
    assert list(read_sealed(saved)["posterior"]["g"].to_numpy()) == ["b", "c", "é"]


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4", None])
def test_others_read_the_file_too(saved: Path, engine: str | None) -> None:
    if engine == "netcdf4":
        pytest.importorskip("netCDF4")
    with xr.open_datatree(saved, engine=engine) as tree:
        assert tree.load().identical(read_sealed(saved))


def flipped(seed: int) -> Callable[[bytes], bytes]:
    """A change of one bit of a file."""

    def change(content: bytes) -> bytes:
        position = np.random.default_rng(seed).integers(8 * len(content))
        changed = bytearray(content)
        changed[position // 8] ^= 1 << (position % 8)
        return bytes(changed)

    return change


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    **{f"a bit flipped, seed {seed}": flipped(seed) for seed in range(60)},
    "the last bit flipped": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "cut in half": lambda content: content[: len(content) // 2],
    "cut by a byte": lambda content: content[:-1],
    "longer by a byte": lambda content: content + b"\0",
    "without its checksum": lambda content: content[: content.rindex(b"\ntildemc")],
    "empty": lambda _: b"",
    "another format": lambda _: b"y,x\n1,2\n",
    "another file's checksum": lambda content: b"other" + content[-80:],
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_file_is_refused(saved: Path, tmp_path: Path, what: str) -> None:
    path = tmp_path / "damaged.nc"
    path.write_bytes(DAMAGE[what](saved.read_bytes()))
    with pytest.raises(DataError, match=r"damaged\.nc is damaged, or was not written by tildemc"):
        read_sealed(path)


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    for path in (tmp_path / "none.nc", tmp_path):
        with pytest.raises(DataError, match=r"cannot be read: (No such file|Is a directory)"):
            read_sealed(path)


@pytest.mark.parametrize("name", ["a\0.nc", "file/a.nc", "a" * 5_000 + ".nc", ".", ""])
def test_a_path_that_cannot_be_written_is_told_in_words(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(tm.TildeError, match="cannot be written") as caught:
        write_sealed(xr.DataTree.from_dict({"posterior": xr.Dataset({"b": ("draw", [1.0])})}), f"{tmp_path}/{name}")
    assert len(str(caught.value)) < 2_000


def test_folders_are_made_and_a_file_that_is_not_finished_does_not_replace_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.nc"
    write_sealed(xr.DataTree.from_dict({"posterior": xr.Dataset({"b": ("draw", [1.0])})}), path)
    before = path.read_bytes()
    with pytest.raises(DataError, match="cannot be written"):
        write_sealed(xr.DataTree.from_dict({"posterior": xr.Dataset({"b": ("draw", [{}])})}), path)
    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]
