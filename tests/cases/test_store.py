"""Frozen cases: the index, loading, and freezing with only what can be cited."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from tests.facts import evidence_item

from causemap.cases.freeze import citable, freeze, write_case
from causemap.cases.store import case_named, has_case, list_cases, load_case, load_case_file
from causemap.errors import UsageError
from causemap.records import Dossier, Evidence, Gap, Marker, Note, Scope
from causemap.reporting.json_codec import dump_dossier

SCOPE = Scope(
    "2026-01-29",
    "2026-02-05",
    "2026-02-07T23:59Z",
    ("SPX", "BTC"),
    ("equity", "crypto"),
    "Why did both fall?",
)


def note(number: int, basis: str, url: str | None) -> Note:
    """A note of the given basis and address."""
    return Note(f"note_{number}", "2026-02-03", "date", "P", "k", "text", url, basis, 0.9)  # type: ignore[arg-type]  # a basis by name


def fact(key: str, family: str = "prices", url: str | None = None) -> Evidence:
    """An evidence item of the given family and address."""
    return evidence_item(
        id=f"macro.{key}",
        family=family,
        group="text" if family == "text" else "rates",
        metric="change",
        asset="UST10Y",
        value=-3.0,
        said="the 10-year yield",
        available_at="2026-02-05T23:30Z",
        source="FRED",
        url=url,
    )


FOUND = note(1, "found", "https://example.com/1")
DOSSIER = Dossier(
    scope=SCOPE,
    evidence=(fact("rates"), fact("text1", "text", "https://example.com/1")),
    gaps=(Gap("SOFR", "not_covered", "no such series", "macro"),),
    markers=(
        Marker("2026-02-03", "a note", "note", note="note_1"),
        Marker("2026-01-28", "FOMC", "FOMC"),
    ),
    notes=(FOUND,),
    versions=(("causemap", "0.1.0"),),
)


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder with two bundled cases in it."""
    data = tmp_path / "data"
    data.mkdir()
    write_case(DOSSIER, "2026-02-both", data)
    untitled = replace(DOSSIER, scope=replace(SCOPE, question=""))
    write_case(untitled, "2026-02-none", data)
    monkeypatch.setattr("causemap.cases.store.resources.files", lambda _: tmp_path)
    return data


@pytest.mark.usefixtures("bundled")
class TestStore:
    """Reading the bundled cases."""

    def test_the_index_comes_from_the_files(self) -> None:
        """Each entry carries the window, groups and title of its own file."""
        both, none = list_cases()
        assert (both.id, both.title) == ("2026-02-both", "Why did both fall?")
        assert (both.start, both.end, both.groups) == (
            "2026-01-29",
            "2026-02-05",
            ("equity", "crypto"),
        )
        assert none.title == "2026-01-29 to 2026-02-05"

    def test_a_case_loads_as_it_was_written(self) -> None:
        """Reading back gives the same record and the same bytes."""
        assert load_case("2026-02-both") == DOSSIER
        assert dump_dossier(load_case("2026-02-both")) == dump_dossier(DOSSIER)

    def test_an_unknown_case_brings_the_nearest(self) -> None:
        """A typing error is answered with the ids that are near."""
        with pytest.raises(UsageError, match=r"no case '2026-02-bth'.*2026-02-both"):
            load_case("2026-02-bth")

    @pytest.mark.parametrize(
        "name", ["../data/2026-02-both", "/etc/passwd", "2026-02-both.json", ""]
    )
    def test_a_case_is_a_name_and_not_a_path(self, name: str) -> None:
        """Nothing outside the folder can be reached through an id."""
        assert not has_case(name)
        with pytest.raises(UsageError, match="no case"):
            load_case(name)

    def test_a_damaged_case_is_named(self, bundled: Path) -> None:
        """The index says which file is broken."""
        (bundled / "bad.json").write_text('{"scope": {}}')
        with pytest.raises(UsageError, match=r"bad\.json is damaged"):
            list_cases()


def test_the_packaged_cases_all_load() -> None:
    """Whatever is bundled can be read and cites only what was found and has an address."""
    for entry in list_cases():
        dossier = load_case(entry.id)
        assert dossier.notes == citable(dossier.notes)
        assert entry.start < entry.end


def test_a_file_outside_the_package_is_read(tmp_path: Path) -> None:
    """A case file can be passed on and replayed; what is none is refused."""
    path = write_case(DOSSIER, "mine", tmp_path)
    assert path == tmp_path / "mine.json"
    assert load_case_file(path) == DOSSIER
    with pytest.raises(UsageError, match="cannot be read"):
        load_case_file(tmp_path / "none.json")
    (tmp_path / "b.json").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_case_file(tmp_path / "b.json")


class TestFreeze:
    """What may stand in a frozen case."""

    def test_only_found_notes_with_an_address_stay(self) -> None:
        """Recollected notes and those without an address go, with markers that rest on them."""
        known, bare = note(2, "knowledge", "https://example.com/2"), note(3, "found", None)
        more = replace(
            DOSSIER,
            notes=(FOUND, known, bare),
            markers=(*DOSSIER.markers, Marker("2026-02-04", "x", "note", note="note_2")),
        )
        frozen = freeze(more)
        assert frozen.dossier.notes == (FOUND,)
        assert frozen.notes_left_out == 2
        assert [m.note for m in frozen.dossier.markers] == ["note_1", None]

    def test_text_evidence_goes_with_its_note(self) -> None:
        """Text facts of a dropped note, and counts over the notes, do not survive it."""
        more = replace(
            DOSSIER,
            notes=(FOUND, note(2, "knowledge", "https://example.com/2")),
            evidence=(
                *DOSSIER.evidence,
                fact("text2", "text", "https://example.com/2"),
                fact("count", "text"),
            ),
        )
        frozen = freeze(more)
        assert [e.id for e in frozen.dossier.evidence] == ["macro.rates", "macro.text1"]
        assert frozen.evidence_left_out == 2

    def test_a_citable_dossier_is_kept_whole(self) -> None:
        """Nothing changes where nothing has to."""
        assert freeze(DOSSIER).dossier == DOSSIER

    def test_the_title_becomes_the_question(self) -> None:
        """A title wins over the question, cleaned of hidden characters."""
        frozen = freeze(DOSSIER, "Why\u202e did  it fall?\n")
        assert frozen.dossier.scope.question == "Why did it fall?"

    @pytest.mark.parametrize("name", ["", "../x", "Big", "a/b", "-x", "x" * 81])
    def test_an_id_that_is_no_file_name_is_refused(self, name: str, tmp_path: Path) -> None:
        """An id can never lead out of the folder."""
        with pytest.raises(UsageError, match="cannot name a case"):
            write_case(DOSSIER, name, tmp_path)
        assert not [*tmp_path.glob("*.json"), *tmp_path.parent.glob("x*.json")]


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("compare with ftx", "2022-11-crypto"),
        ("how does it compare to the Silicon Valley Bank collapse?", "2023-03-all"),
        ("like the yen-carry crash", "2024-08-all"),
        ("和硅谷银行那次比呢", "2023-03-all"),
        ("2022-11", "2022-11-crypto"),
        ("2026-02-seed", "2026-02-seed"),
        ("2018", None),
        ("which past window is most like this?", None),
        ("what if yields had risen 0.519 points", None),
        ("Celsius and Lehman", None),
        ("", None),
    ],
)
def test_a_case_is_found_by_the_words_its_days_go_by(text: str, case: str | None) -> None:
    """By id, by how the id begins, or by a name within any words, if it is the only one."""
    assert case_named(text) == case


def test_names_are_of_bundled_cases_and_enter_no_dossier() -> None:
    """Each name finds its own case alone; what a case is called is not in its scope."""
    names = json.loads((resources.files("causemap.cases") / "names.json").read_text("utf-8"))
    for case, called in names.items():
        assert [case_named(f"compare with {name}") for name in called] == [case] * len(called)
        assert not any(name.lower() in load_case(case).scope.question.lower() for name in called)


def test_an_unknown_case_is_told_which_one_goes_by_the_name() -> None:
    """The name of an event is no id; the fault says whose it is."""
    with pytest.raises(UsageError, match="2022-11-crypto is the one that goes by it"):
        load_case("ftx")
