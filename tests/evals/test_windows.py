from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from causemap.causes import CAUSES
from causemap.errors import UsageError
from causemap.evals.scorecard import own_phrases
from causemap.evals.windows import question, read_windows, read_wording, soft_label, unread_fields

Write = Callable[..., Path]


def _one(tmp_path: Path, **changes: Any) -> Path:
    row: dict[str, Any] = {
        "id": "a",
        "window": {"start_close_utc": "2020-02-19", "trough_close_utc": "2020-03-06"},
        "scope": "equity",
        "primary": "growth_scare",
    }
    path = tmp_path / "one.yaml"
    path.write_text(yaml.safe_dump({"events": [row | changes]}), encoding="utf-8")
    return path


def test_the_training_catalogue_is_read_whole(shared_dir: Path) -> None:
    """Seventy windows and fifteen placebos, each with a question of its scope."""
    windows = read_windows(shared_dir / "events" / "train.yaml")
    calm = read_windows(shared_dir / "events" / "placebo.yaml")
    assert (len(windows), len(calm)) == (70, 15)
    assert {window.primary for window in calm} == {"no_drawdown"}
    assert question(windows[0]).assets == ("SPX", "NDX")
    cross = next(window for window in windows if window.scope == "cross")
    assert question(cross).assets == ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV")
    for window in windows:
        assert sum(soft_label(window).values()) == pytest.approx(1.0, abs=1e-12)


def test_every_phrase_of_the_catalogue_has_its_nodes(shared_dir: Path) -> None:
    """The hand-made map knows each phrase, and names only nodes a cause map can have."""
    from causemap.agents.asset_words import GROUP_OF
    from causemap.causes import CHANNELS

    windows = read_windows(shared_dir / "events" / "train.yaml")
    phrases = dict(own_phrases())
    assert {phrase for window in windows for phrase in window.order} <= set(phrases)
    named = {node for nodes in phrases.values() for node in nodes}
    assert named <= {*CAUSES, *CHANNELS, *GROUP_OF}


def test_the_question_holds_closes_as_of_and_assets_alone(tmp_path: Path) -> None:
    """Whatever a window says of itself, its question is the same record."""
    plain = question(read_windows(_one(tmp_path))[0])
    loaded = _one(tmp_path, title="x", role="y", primary="rates_shock", weights={"rates_shock": 1})
    assert question(read_windows(loaded)[0]) == plain
    told = asdict(plain)
    assert told.pop("as_of") == "2020-03-08T23:59Z"
    assert told == {
        "start": "2020-02-19",
        "end": "2020-03-06",
        "assets": ("SPX", "NDX"),
        "groups": ("equity",),
        "question": "",
        "partial": False,
        "left_out": (),
    }


def test_soft_labels_average_the_labellers_and_halve_the_mixed(tmp_path: Path) -> None:
    """Two labellers count alike; one whose primary is mixed gives half to mixed_unclear."""
    second = {"primary": "mixed_unclear", "weights": {"growth_scare": 0.6, "rates_shock": 0.4}}
    weights = {"growth_scare": 0.8, "mixed_unclear": 0.2}
    window = read_windows(_one(tmp_path, weights=weights, second_label=second))[0]
    soft = soft_label(window)
    assert soft["growth_scare"] == pytest.approx((0.8 + 0.3) / 2)
    assert soft["rates_shock"] == pytest.approx(0.1)
    assert soft["mixed_unclear"] == pytest.approx((0.2 + 0.5) / 2)


def test_a_label_without_weights_has_all_of_it(tmp_path: Path) -> None:
    """No weights: the label is certain; a calm window has no causes at all."""
    assert soft_label(read_windows(_one(tmp_path))[0])["growth_scare"] == 1.0
    assert soft_label(read_windows(_one(tmp_path, primary="no_drawdown"))[0]) == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"primary": "gremlins"}, "no label of the taxonomy"),
        ({"scope": "bonds"}, "none of equity, crypto, cross"),
        ({"window": {"start_close_utc": "2020-03-06"}}, "must be a date"),
        (
            {"window": {"start_close_utc": "2020-03-06", "trough_close_utc": "2020-03-06"}},
            "must start before it ends",
        ),
        ({"weights": {"growth_scare": 0.4}}, "sum to 1"),
        ({"weights": {"growth_scare": float("nan")}}, "not a number"),
        ({"primary_by_asset": {"bonds": "growth_scare"}}, "no asset group"),
        ({"id": ""}, "'id' is missing"),
        ({"assets": "SPX"}, "must be a list of names"),
        ({"assets": []}, "must be a list of names"),
        ({"assets": [" "]}, "must be a list of names"),
        ({"assets": ["SPY500"]}, "'SPY500' is not known"),
        ({"assets": ["SPX", "BTC"]}, "BTC is no asset of the scope equity"),
        ({"transmission_order": "a then b"}, "must be a list"),
        ({"second_label": {"weights": {"growth_scare": 1}}}, "second_label: None is no label"),
        ({"id": "a\x1b[31m"}, "one line"),
        ({"id": "a\nb"}, "one line"),
        ({"id": "x" * 201}, "one line"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    """A bad field is an error that names it, never a guess."""
    with pytest.raises(UsageError, match=said):
        read_windows(_one(tmp_path, **changes))


@pytest.mark.parametrize(
    "text", ["[1, 2]", "events: 3", "events: []", "a: [", "!!python/name:os.x"]
)
def test_what_is_no_events_file_is_refused(tmp_path: Path, text: str) -> None:
    """Neither a list, nor an empty file, nor YAML that would make objects is read."""
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        read_windows(path)


def test_a_field_given_twice_is_refused_by_its_line(tmp_path: Path) -> None:
    """YAML would take the last of two labels in silence; an alias told twice is no repetition."""
    path = _one(tmp_path)
    path.write_text(path.read_text("utf-8") + "  primary: rates_shock\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"'primary' is given twice \(line \d\)"):
        read_windows(path)
    path.write_text("a: &a {x: 1}\nb: *a\nc: *a\n" + _one(tmp_path).read_text("utf-8"), "utf-8")
    assert len(read_windows(path)) == 1


def test_what_is_no_yaml_is_named_by_its_line(tmp_path: Path) -> None:
    """A tab in the third line is found by whoever looks there."""
    path = tmp_path / "tabs.yaml"
    path.write_text("events:\n- id: a\n\tscope: equity\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"not YAML: .+ \(line 3\)"):
        read_windows(path)


def test_a_question_that_cannot_be_asked_names_its_window(tmp_path: Path) -> None:
    """Among seventy windows the one with the wrong as-of time must be found."""
    window = read_windows(_one(tmp_path, as_of="2019-01-01"))[0]
    with pytest.raises(UsageError, match=r"window 'a' cannot be asked about: .*as-of"):
        question(window)


def test_a_bare_date_is_an_as_of_time(tmp_path: Path) -> None:
    """YAML reads a date without quotes as a date; both forms mean the same."""
    bare, text = (
        read_windows(_one(tmp_path, as_of=given))[0] for given in (date(2020, 3, 20), "2020-03-20")
    )
    assert question(bare) == question(text)
    assert question(bare).as_of == "2020-03-20T23:59Z"


def test_fields_that_nothing_reads_are_found(tmp_path: Path, shared_dir: Path) -> None:
    """A misspelt field is told of; what the catalogue says beside is not."""
    assert unread_fields(_one(tmp_path, primry_by_asset={}, title="x")) == ("primry_by_asset",)
    assert unread_fields(shared_dir / "events" / "train.yaml") == ()


def test_an_id_given_twice_is_refused(write_events: Write) -> None:
    """Two windows of one id could not be told apart in a result."""
    with pytest.raises(UsageError, match="given twice"):
        read_windows(write_events(id="same"))


def test_evaluators_own_words_are_mapped(tmp_path: Path) -> None:
    """Labels, scopes and phrases of another file are read through a mapping file."""
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "labels: {fed: rates_shock, growth: growth_scare}\nscopes: {stocks: equity}\n"
        "phrases: {Fed speaks: [rates_shock]}\n",
        encoding="utf-8",
    )
    wording = read_wording(mapping)
    path = _one(tmp_path, primary="fed", scope="stocks", weights={"fed": 0.7, "growth": 0.3})
    window = read_windows(path, wording)[0]
    assert (window.primary, window.scope) == ("rates_shock", "equity")
    assert dict(window.weights) == {"rates_shock": 0.7, "growth_scare": 0.3}
    assert dict(wording.phrases) == {"Fed speaks": ("rates_shock",)}


def test_a_mapping_with_an_unknown_part_is_refused(tmp_path: Path) -> None:
    """A misspelt part would otherwise map nothing in silence."""
    mapping = tmp_path / "map.yaml"
    mapping.write_text("label: {a: rates_shock}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="none of labels"):
        read_wording(mapping)


def test_an_event_may_name_its_own_assets(tmp_path: Path) -> None:
    """Names or everyday words of its scope's groups, and only they are asked about."""
    (own,) = read_windows(_one(tmp_path, assets=["SPX", "small caps", "SPX"]))
    assert question(own).assets == own.asked == ("SPX", "IWM")
    (cross,) = read_windows(_one(tmp_path, scope="cross", assets=["silver", "BTC"]))
    assert question(cross).groups == ("crypto", "metals")


def test_labelled_links_are_read_with_their_signs(tmp_path: Path) -> None:
    """Source, target and sign of each; anything else is named as bad input."""
    good = {"source": "rates_shock", "target": "SPX", "sign": -1}
    (window,) = read_windows(_one(tmp_path, links=[good]))
    assert window.links == (("rates_shock", "SPX", -1),)
    for bad in ("a -> b", [good | {"sign": 0}], [good | {"sign": True}], [{"source": "a"}]):
        with pytest.raises(UsageError, match=r"one\.yaml"):
            read_windows(_one(tmp_path, links=bad))
