"""Files come under names that steer nothing, and only of kinds that are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tildemc.errors import DataError
from tildemc.play import shelf as shelves
from tildemc.play.examples import EXAMPLES
from tildemc.play.shelf import Shelf

NAMES = {
    "its own": ("school data.csv", "school_data.csv"),
    "no folder's": ("../../etc/a.csv", "a.csv"),
    "no folder's of Windows": (r"C:\data\a.csv", "a.csv"),
    "no pattern's": ("a[0-9]*.csv", "a_0-9_.csv"),
    "no hidden one's": (".a.csv", "a.csv"),
    "of other letters": ("größe.csv.gz", "größe.csv.gz"),
}


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    found = Shelf()
    yield found
    found.clear()
    assert not found.folder.exists()


@pytest.mark.parametrize("called, name", NAMES.values(), ids=NAMES)
def test_a_file_is_kept_in_the_folder_under_a_name_that_is(called: str, name: str, shelf: Shelf) -> None:
    place = shelf.room(called)
    assert place.name == name
    assert place.parent.parent == shelf.folder


@pytest.mark.parametrize("called", ["", "a", "a.exe", "..", "csv"])
def test_a_file_of_another_kind_is_refused(called: str, shelf: Shelf) -> None:
    with pytest.raises(DataError, match="data are read from files that end in"):
        shelf.room(called)


def test_two_files_of_one_name_are_two(shelf: Shelf) -> None:
    names = [shelf.keep(shelf.room("a.csv")) for _ in range(2)]
    assert names == ["a.csv", "a.csv (2)"]
    assert len({shelf.at(name) for name in names}) == 2


def test_there_is_an_end_to_what_is_kept(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "MOST", 3)
    shelf.room("a.csv").write_text("y,x\n", encoding="utf-8")
    with pytest.raises(DataError, match="holds 0 MB of files already"):
        shelf.room("b.csv")


def test_what_is_not_there_is_told(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there are no data `radn\.csv`; did you mean `radon\.csv`"):
        shelf.at("radn.csv")
    with pytest.raises(DataError, match="there is no file"):
        shelf.put(tmp_path / "a.csv")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_there_and_goes_into_the_wheel(example: shelves.Example, project: Path) -> None:
    assert example.path.is_file()
    shipped = f'"examples/{example.checkout}" = "tildemc/play/data/{example.name}"'
    assert shipped in (project / "pyproject.toml").read_text(encoding="utf-8")
