"""The memory panel tells a system that reads its evidence from one that remembers dates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.llm.scripted_server import Reply, Request, obliging, serving

from causemap.agents.tables import rows
from causemap.cases.store import load_case
from causemap.causes import CAUSES
from causemap.closed_sets import Cause
from causemap.evals.answers import Prediction, SystemFault, from_shares
from causemap.evals.invented import invented
from causemap.evals.leak import Panel, run_panel, to_dict, to_lines
from causemap.evals.masks import laid_over, names_of, without_dates, without_names
from causemap.evals.modelled import FullRun, Single
from causemap.evals.systems import Rules
from causemap.records import Dossier
from causemap.settings import ModelSettings, Settings

CASES = invented()
BY_DATE = {case.dossier.scope.start: case.label for case in CASES}
# One row of the table that gives each cause away, and which way it must have moved.
SIGNS: tuple[tuple[str, Cause, float], ...] = (
    ("hy_oas.change", "funding_stress", 5.0),
    ("vix.change", "positioning_unwind", 7.0),
    ("worst_cohort.residual", "ai_rerating", -2.0),
    ("cyclicals.residual", "growth_scare", -2.0),
    ("ust10y.change", "rates_shock", 2.0),
    ("btc.oi_coins", "liquidation_cascade", -3.0),
    ("btc.residual", "crypto_idiosyncratic", -3.0),
    ("news_equity.policy_geopolitics", "policy_geopolitics", 0.0),
)


def _rate(panel: Panel, start: str) -> float | None:
    return next(rate.value for rate in panel.rates if rate.name.startswith(start))


def recalls(dossier: Dossier) -> Prediction:
    """Answers by the date alone."""
    return from_shares({BY_DATE.get(dossier.scope.start, "mixed_unclear"): 1.0})


def follows(dossier: Dossier) -> Prediction:
    """Answers by the evidence alone."""
    held = {item.id.partition(".")[2]: item for item in dossier.evidence}
    for key, cause, at in SIGNS:
        item = held.get(key)
        z = None if item is None else (item.z if item.z is not None else item.value)
        if z is not None and (z - at) * (1 if at >= 0 else -1) > 0:
            return from_shares({cause: 1.0})
    return from_shares({"mixed_unclear": 1.0})


def test_memory_and_reading_are_told_apart() -> None:
    """Both know every label; only one of them passes, and the lift says which remembers."""
    one = run_panel("recalls", recalls, CASES, remembers=True)
    two = run_panel("follows", follows, CASES, remembers=True)
    assert _rate(one, "right with all") == _rate(two, "right with all") == 1.0
    assert (_rate(one, "follows"), _rate(two, "follows")) == (0.0, 1.0)
    assert (_rate(one, "abstains"), _rate(two, "abstains")) == (0.0, 1.0)
    assert _rate(one, "the same, over") == 1.0 - 1 / len(CASES)
    assert _rate(two, "the same, over") == -1 / len(CASES)
    assert _rate(one, "same answer") == 0.0
    assert _rate(one, "same with names") is None
    assert _rate(two, "same answer") == 1.0
    assert not one.passed
    assert two.passed


def test_the_rules_read(tmp_path: Path) -> None:
    """The engine passes; closed book does not apply to what cannot remember."""
    rules = Rules(Settings(data_dir=tmp_path, home=tmp_path))
    panel = run_panel("rules", rules.decide, CASES, remembers=False)
    assert _rate(panel, "right from the dates") is None
    assert _rate(panel, "follows") == _rate(panel, "same answer") == 1.0
    assert _rate(panel, "abstains") == 1.0
    assert _rate(panel, "right on invented") == 1.0
    assert panel.passed
    names = next(rate for rate in panel.rates if "names" in rate.name)
    assert (names.value, names.n) == (None, 0)
    assert "does not apply: the engine decides by the keys" in "\n".join(to_lines(panel))
    plain = to_dict(panel)["rates"]
    assert isinstance(plain, list)
    assert [row["applies"] for row in plain].count(False) == 3


def test_a_probe_that_fails_is_an_error_and_never_a_pass() -> None:
    """A system that is down fails every gate and is counted."""

    def down(_: Dossier) -> Prediction:
        raise SystemFault("no answer")

    panel = run_panel("down", down, CASES[:2], remembers=True)
    # Full, closed book, alone and masked for each window, and every invented one; no pair to swap.
    assert panel.errors == 2 * 4 + len(CASES)
    assert not panel.passed
    plain = to_dict(panel)
    json.dumps(plain, allow_nan=False)
    lines = list(to_lines(panel))
    assert any("FAIL" in line and "follows" in line for line in lines)


def test_swapped_evidence_bears_no_date_of_its_own() -> None:
    """What is laid under another header, or masked, gives the old date nowhere."""
    seen: list[Dossier] = []

    def spy(dossier: Dossier) -> Prediction:
        seen.append(dossier)
        return follows(dossier)

    run_panel("spy", spy, CASES[:3], remembers=False)
    for dossier in seen:
        dates = set(re.findall(r"\d{4}-\d\d-\d\d", repr(dossier)))
        scope = dossier.scope
        assert dates <= {scope.start, scope.end, scope.as_of[:10]}


BUNDLED = ("2018-02-week", "2022-11-crypto", "2026-02-seed")


@pytest.mark.parametrize("case", BUNDLED)
def test_no_stamp_is_left_in_an_id(case: str) -> None:
    """The dates that ids carry are numbered in order of time, each id still its own."""
    items = load_case(case).evidence
    assert any(re.search(r"20\d{6}", item.id) for item in items)
    laid = laid_over(items, "2063-01-29", "2063-02-05")
    assert not any(re.search(r"(?:19|20)\d{6}", item.id + item.metric) for item in laid)
    assert len({item.id for item in laid}) == len({item.id for item in items})
    funding = [item.id for item in items if re.search(r"funding_20\d", item.id)]
    numbered = [
        int(new.id.rpartition("_")[2])
        for old, new in zip(items, laid, strict=True)
        if old.id in funding
    ]
    assert numbered == [n for _, n in sorted(zip(funding, numbered, strict=True))]


# What is traded by a name of its own; a tenor of the Treasury curve is in every table.
_NAME = re.compile(
    r"S&P|Nasdaq|(?<![A-Za-z])(?:SPX|NDX|SPY|QQQ|RSP|BTC|ETH|SOL|GLD|SLV|GDX|IGV|SMH|KRE|ARKK|IWM"
    r"|TLT|VIX|MOVE|WTI|USO|DXY|USDJPY|AAPL|MSFT|GOOGL|AMZN|META|NVDA|TSLA|AVGO)(?![A-Za-z])"
    r"|bitcoin|\bether\b|\bgold\b|silver|Apple|Microsoft|Alphabet|Amazon|Meta\b|Nvidia|Aave|London",
)


@pytest.mark.parametrize("case", BUNDLED)
def test_no_name_is_left_in_a_masked_table(case: str) -> None:
    """What a model is shown names nothing traded, in words or ids, and keeps its figures."""
    whole = load_case(case)
    masked = without_names(without_dates(whole))
    shown = "\n".join([*rows(masked.evidence), *masked.scope.assets])
    assert _NAME.findall(shown) == []
    ids = " ".join(item.id for item in masked.evidence)
    assert _NAME.findall(re.sub("[._]", " ", ids).upper()) == []
    kept = [item for item in whole.evidence if ".claim." not in item.id]
    assert [item.value for item in masked.evidence] == [item.value for item in kept]
    assert len({item.id for item in masked.evidence}) == len(kept)
    first = masked.scope.assets[0]
    assert any(item.asset == first and item.metric == "change" for item in masked.evidence)


def _model(url: str, tmp_path: Path, name: str) -> ModelSettings:
    return ModelSettings(
        name=name, records=tmp_path / name, url=url, key="sk-x", deadline=10.0, run_tokens=10**7
    )


def _said(cause: Cause) -> Reply:
    made = {"reasoning": "It is so.", "probabilities": {cause: 1.0}, "primary": cause}
    return Reply(json.dumps(made))


def _by_date(request: Request) -> Reply:
    if request.agent != "single":
        return obliging(request)
    found = re.search(r"closes of (\S+)", request.user)
    assert found is not None
    return _said(BY_DATE.get(found[1], "mixed_unclear"))


# The known families have the same letter in every dossier.
MASKED = names_of(CASES[0].dossier)


def _by_name(request: Request) -> Reply:
    """Reads a table only where it knows its assets by name."""
    known = request.agent != "single" or re.search(r"Assets: (?:SPX|BTC|GLD)", request.user)
    return _by_table(request) if known else _said("mixed_unclear")


def _by_table(request: Request) -> Reply:
    if request.agent != "single":
        return obliging(request)
    rows = {line.split(" | ")[0].partition(".")[2]: line for line in request.user.splitlines()}
    for named, cause, at in SIGNS:
        key = named if named in rows else MASKED.in_id(named)
        cells = rows[key].split(" | ") if key in rows else []
        last = cells[-1] if cells and cells[-1].strip() else (cells[2] if cells else "")
        number = re.search(r"[-+−]?\d+(?:\.\d+)?", last)
        if number is None:
            continue
        z = float(number[0].replace("−", "-"))
        if (z - at) * (1 if at >= 0 else -1) > 0:
            return _said(cause)
    return _said("mixed_unclear")


@pytest.mark.parametrize(
    ("script", "passes", "unnamed"),
    [(_by_date, False, 0.0), (_by_name, True, 0.0), (_by_table, True, 1.0)],
    ids=["recalls dates", "recalls names", "reads"],
)
def test_the_same_through_a_model(
    script: Callable[[Request], Reply], passes: bool, unnamed: float, tmp_path: Path
) -> None:
    """Single-call over real HTTP: the model that remembers fails, the one that reads passes."""
    settings = Settings(data_dir=tmp_path, home=tmp_path)
    with serving(script) as server:
        system = Single(settings, _model(server.url, tmp_path, "scripted"))
        panel = run_panel("single-call", system.decide, CASES, remembers=True, reads_names=True)
    assert panel.errors == 0
    assert _rate(panel, "same with names") == unnamed
    assert _rate(panel, "right with all") == 1.0
    assert panel.passed is passes
    assert (_rate(panel, "the same, over") or 0.0) > 0.5 or passes


def test_a_model_that_is_down_is_an_error_not_the_rules(tmp_path: Path) -> None:
    """Neither system falls back on the engine when every call fails."""
    settings = Settings(data_dir=tmp_path, home=tmp_path)
    with serving(lambda _: Reply(status=401)) as server:
        for number, kind in enumerate((Single, FullRun)):
            system = kind(settings, _model(server.url, tmp_path, f"m{number}"))
            with pytest.raises(SystemFault, match="model"):
                system.decide(CASES[0].dossier)


def test_the_full_run_keeps_the_verdict_with_the_engine(tmp_path: Path) -> None:
    """A model that argues may shake an answer, but the likeliest cause stays the engine's."""
    settings = Settings(data_dir=tmp_path, home=tmp_path)
    with serving(obliging) as server:
        system = FullRun(settings, _model(server.url, tmp_path, "scripted"))
        answer = system.decide(CASES[0].dossier)
    likeliest = CAUSES[answer.probabilities.index(max(answer.probabilities))]
    assert likeliest == CASES[0].label
    assert len(answer.probabilities) == len(CAUSES)


def test_every_named_cause_has_an_invented_window() -> None:
    """Eight signatures, each with its fall, under dates of their own."""
    assert {case.label for case in CASES} == set(CAUSES) - {"mixed_unclear"}
    assert len({case.dossier.scope.start for case in CASES}) == len(CASES)
    for case in CASES:
        assert min(e.value for e in case.dossier.evidence if e.metric == "change") < 0.0
