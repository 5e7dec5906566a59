from __future__ import annotations

import json
from dataclasses import replace

import pytest

from causemap.errors import UsageError
from causemap.records import Report
from causemap.reporting.json_codec import (
    dump_dossier,
    dumps,
    load_dossier,
    load_report,
    report_to_dict,
)


def test_report_follows_the_command_line_contract(report: Report) -> None:
    """The JSON has the layout scripts rely on."""
    plain = json.loads(dumps(report))
    assert plain["scope"]["assets"] == ["SPX", "NDX", "BTC", "ETH", "GLD", "SLV"]
    assert set(plain["verdicts"]) == {"equity", "crypto"}
    assert plain["verdict"]["probabilities"]["ai_rerating"] == 0.52
    assert plain["verdict"]["residual"] == {"share": 0.36, "low": 0.2, "high": 0.52}
    assert plain["verdict"]["rejected"][0]["cause"] == "rates_shock"
    edge = plain["cause_map"]["edges"][0]
    assert (edge["from"], edge["to"]) == ("ai_rerating", "earnings_multiple")
    assert {"sign", "lag", "strength", "confidence", "evidence", "counter_evidence"} <= set(edge)
    assert plain["evidence"][0]["source"] == "market_daily"
    assert plain["versions"] == {"causemap": "0.1.0", "engine": "1"}
    assert plain["claims"][0]["verdict"] == "contradicted"


def test_report_survives_a_round_trip(report: Report) -> None:
    """A report read back is equal and gives the same bytes."""
    text = dumps(report)
    assert load_report(text) == report
    assert dumps(load_report(text)) == text
    assert text.endswith("}\n")


def test_dossier_is_read_from_its_dump_and_from_a_report(report: Report) -> None:
    """A frozen case may be a dossier or a whole report."""
    dossier = report.dossier()
    assert load_dossier(dump_dossier(dossier)) == dossier
    assert load_dossier(dumps(report)) == dossier


def test_expected_signs_are_an_object(report: Report) -> None:
    """Expected signs keep their causes through the JSON form."""
    item = replace(report.evidence[0], expected=(("rates_shock", 1), ("growth_scare", -1)))
    marked = replace(report, evidence=(item,))
    plain = json.loads(dumps(marked))
    assert plain["evidence"][0]["expected"] == {"rates_shock": 1, "growth_scare": -1}
    assert load_report(dumps(marked)) == marked


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused(report: Report, value: float) -> None:
    """NaN never reaches a file."""
    broken = replace(report, evidence=(replace(report.evidence[0], value=value),))
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps(broken)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"scope": NaN}', '{"scope": 1e999}', "[" * 100_000, '{"scope": {}}'),
        '{"scope": ' + "9" * 5_000 + "}",
    ],
)
def test_what_is_not_a_dossier_is_a_usage_error(text: str) -> None:
    """Bad input gives one clear line, never a stack trace of another library."""
    with pytest.raises(UsageError) as caught:
        load_dossier(text)
    assert "\n" not in str(caught.value)


def test_a_file_of_anybody_moves_no_terminal(report: Report) -> None:
    """Escapes, turned text and line ends in any string are gone before anything is made of it."""
    odd = "yield\x1b]0;x\x07\x9b31m\u202e\u200b\n# curve \U0001f600"
    hostile = replace(report, evidence=(replace(report.evidence[0], said=odd),))
    text = dumps(hostile)
    assert load_report(text).evidence[0].said == "yield]0;x31m # curve \U0001f600"
    assert load_dossier(text).evidence[0].said == "yield]0;x31m # curve \U0001f600"


def test_a_label_outside_the_taxonomy_is_refused(report: Report) -> None:
    """A file cannot smuggle in a cause that does not exist."""
    text = dumps(report).replace('"primary": "ai_rerating"', '"primary": "aliens"')
    with pytest.raises(UsageError, match="primary"):
        load_report(text)


def test_broken_unicode_is_written_as_utf8(report: Report) -> None:
    """A lone surrogate in outside text cannot break the file."""
    text = dumps(replace(report, scope=replace(report.scope, question="a\ud800b")))
    assert json.loads(text.encode("utf-8"))["scope"]["question"] == "a?b"


def test_dict_has_plain_values_only(report: Report) -> None:
    """The dictionary is what its JSON parses to."""
    assert report_to_dict(report) == json.loads(dumps(report))
