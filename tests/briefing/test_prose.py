"""How verdicts, shares and calendar dates read: each cause once, shares as shares."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from causemap.briefing.compose import Order, brief
from causemap.briefing.gate import check
from causemap.briefing.ground import faults, ground_of
from causemap.briefing.phrased import phrase_of, renamed
from causemap.briefing.points import points
from causemap.briefing.tree import Issue, Language, Said
from causemap.briefing.voice import voice_of
from causemap.cases.store import list_cases
from causemap.closed_sets import AssetGroup
from causemap.records import Evidence, Gap, Report, Verdict
from causemap.reporting.answer import headline
from causemap.words import leaders

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]
EverythingOf = Callable[[str, str], list[tuple[str, str]]]
CASES = [entry.id for entry in list_cases()]


def with_verdict(report: Report, group: AssetGroup, verdict: Verdict) -> Report:
    """The report with another verdict for one group."""
    verdicts = tuple((g, verdict if g == group else v) for g, v in report.verdicts)
    return replace(report, verdicts=verdicts)


def why(issue: Issue) -> list[str]:
    """The sentences on causes."""
    return [said.text for said in issue.parts[1].said]


@pytest.mark.parametrize("entry", CASES)
def test_a_flash_names_each_groups_cause_once(
    entry: str, issue_of: IssueOf, report_of: ReportOf
) -> None:
    """Every group with a fall and prices is told, the named ones first, and none twice."""
    report, issue = report_of(entry), issue_of(entry, 120)
    told = [said for said in issue.parts[1].said if said.claim.startswith("verdict:")]
    groups = [g for s in told for g in s.claim.removeprefix("verdict:").split("+")]
    held = {e.asset for e in report.evidence if e.metric == "change"}
    measured = {"equity": {"SPX", "NDX"}, "crypto": {"BTC", "ETH"}, "metals": {"GLD", "SLV"}}
    for group, verdict in report.verdicts:
        if verdict.primary != "no_drawdown" and (
            held & measured[group] or len(report.verdicts) == 1
        ):
            assert groups.count(group) == 1
    assert " ".join(s.text for s in told).count("no single cause") <= 1


def test_the_likeliest_group_stands_first(issue_of: IssueOf) -> None:
    """Groups are ranked by the probability of their cause, the undecided ones last."""
    told = [s.claim for s in issue_of("2024-08-all", 120).said if s.claim.startswith("verdict:")]
    assert told == ["verdict:equity", "verdict:metals", "verdict:crypto"]
    assert "90%" in why(issue_of("2024-08-all", 120))[0]


def test_groups_of_one_finding_are_told_together(issue_of: IssueOf) -> None:
    """Two groups with one cause make one sentence with both probabilities."""
    text = next(t for t in why(issue_of("2022-06-all")) if "explanation at" in t)
    assert re.search(r"In equities, a rates shock .* at \d+%, and in crypto .* one at \d+%\.", text)


def test_a_group_without_prices_is_left_out(issue_of: IssueOf, report_of: ReportOf) -> None:
    """Bitcoin had no price in 2008: nothing is told of crypto, unless it is asked about alone."""
    for words in (120, 900):
        told = " ".join(said.text for said in issue_of("2008-09-autumn", words).said).lower()
        assert "in equities" in told
        assert "in crypto" not in told
    report = report_of("2008-09-autumn")
    crypto = dict(report.verdicts)["crypto"]
    alone = replace(
        report,
        verdict=crypto,
        verdicts=(("crypto", crypto),),
        scope=replace(report.scope, groups=("crypto",), assets=("BTC", "ETH")),
    )
    reasons = why(brief(alone, Order(words=350, charts=False)))
    assert any("no price of what was asked about covers the window" in text for text in reasons)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_abstention_keeps_its_reason(language: str, issue_of: IssueOf) -> None:
    """A daily issue says why no cause is named."""
    told = " ".join(why(issue_of("2021-02-stocks", 350, "wire", language)))
    assert ("below the 45% needed" if language == "en" else "低于认定原因所需的45%") in told


def test_a_mixed_picture_is_a_runner_up_in_every_view(report_of: ReportOf) -> None:
    """Briefing, terminal and chat name the same second."""
    from causemap.agents.chat_verdicts import verdict_words

    report = report_of("2026-02-seed")
    verdict = dict(report.verdicts)["equity"]
    first, second = leaders(verdict)
    assert (first[0], second[0]) == ("ai_rerating", "mixed_unclear")
    said = headline(verdict)
    assert said.second == f"Runner-up: mixed or unclear, {second[1]:.0%}"
    assert f"{second[1]:.0%}" in verdict_words(verdict, "en")
    issue = brief(report, Order(words=900, charts=False))
    briefed = next(text for text in why(issue) if text.startswith("In equities"))
    assert f"ahead of a mixed or unclear picture at {second[1]:.0%}" in briefed


def test_where_no_cause_is_named_the_nearest_lead(seed: Report) -> None:
    """A mixture is what is said then, so it does not lead itself."""
    assert [cause for cause, _ in leaders(seed.verdict)] == ["liquidation_cascade", "ai_rerating"]


@pytest.mark.parametrize("entry", CASES)
def test_shares_read_as_shares(entry: str, everything_of: EverythingOf) -> None:
    """No share of a whole 'stood at 0.70', in none of the sentences that could be told."""
    for _, text in everything_of(entry, "en"):
        assert not re.search(r"\b(?:share|part)\b[^.;]* (?:stood )?at \d\.\d\d", text)


def test_a_share_in_its_phrase_is_bound_to_its_item(seed: Report) -> None:
    """The words of the phrase carry the figure: another figure does not pass the gate."""
    ground = ground_of(seed, (), "2026-02-09")
    item = next(e for e in seed.evidence if e.metric == "retrace_24h")
    text = f"{item.value:.0%} of bitcoin's fall was won back within 24 hours of the low."
    assert phrase_of(item, "en") == (
        "<value> of bitcoin's fall was won back within 24 hours of the low"
    )
    assert faults(Said("x", text, "", (item.id,)), ground) == ()
    assert faults(Said("x", text.replace("50%", "60%"), "", (item.id,)), ground)
    other = next(e for e in seed.evidence if e.metric == "speed_share")
    assert faults(Said("x", text, "", (other.id,)), ground)


def test_a_part_that_ran_the_other_way_is_no_share(seed: Report) -> None:
    """Below nothing and above all of it there is no 'of the whole'."""
    item = next(e for e in seed.evidence if e.metric == "retrace_24h")
    assert phrase_of(replace(item, value=-0.2), "en") is None
    assert phrase_of(replace(item, value=1.3), "zh") is None
    assert renamed([replace(item, value=-0.2)]) == ()


def test_every_share_of_the_bundled_cases_has_its_phrase(report_of: ReportOf) -> None:
    """A share within its whole is told in both languages in words of its own."""
    shares = ("share of", "part of", "as a share")
    for entry in CASES:
        for item in report_of(entry).evidence:
            if (
                item.unit == "ratio"
                and 0 <= item.value <= 1
                and any(s in item.said for s in shares)
            ):
                assert phrase_of(item, "en"), item.said
                assert phrase_of(item, "zh"), item.said


def test_calendar_markers_are_three_at_most(issue_of: IssueOf) -> None:
    """A season of releases is told in one sentence of the three that moved prices most."""
    told = [s for s in issue_of("2023-autumn", 1500).said if s.claim == "calendar"]
    assert len(told) == 1
    assert len(re.findall(r"\(\d+ \w+ 2023\)", told[0].text)) == 3
    assert " came on " not in " ".join(s.text for s in issue_of("2023-autumn").said)


def test_shares_name_the_asset_that_is_split(seed: Report) -> None:
    """Whose fall is split up is said, and the floor of the unexplained share is a bound."""
    issue = brief(seed, Order(words=1500, charts=False))
    told = {s.claim: s.text for s in issue.said if s.claim.startswith("shares:")}
    split = {d.asset for d in seed.decompositions}
    names = {"SPX": "the S&P 500's", "NDX": "the Nasdaq 100's", "BTC": "Bitcoin's"}
    names |= {"GLD": "the GLD gold fund's", "SLV": "the SLV silver fund's"}
    assert told
    for text in told.values():
        assert any(names[asset] in text for asset in split)
    verdict = dict(seed.verdicts)["equity"]
    assert ("at least 10%" in told["shares:equity"]) == (verdict.residual.share <= 0.1005)


def test_a_largest_share_of_another_cause_is_admitted(seed: Report) -> None:
    """Where the largest share is not that of the cause named, one clause says so."""
    verdict = dict(seed.verdicts)["equity"]
    other = replace(verdict.contributions[0], cause="rates_shock", share=0.6)
    rest = replace(verdict.residual, share=0.4)
    bent = replace(verdict, contributions=(other,), residual=rest)
    report = with_verdict(seed, "equity", bent)
    issue = brief(report, Order(words=1500, charts=False))
    text = next(s.text for s in issue.said if s.claim == "shares:equity")
    assert text.endswith("is 40%; the largest measured share is not that of the cause named.")
    assert check(issue, report) == ()
    own = brief(seed, Order(words=1500, charts=False))
    assert "not that of the cause" not in next(
        s.text for s in own.said if s.claim == "shares:equity"
    )


def test_nothing_found_is_told_once_and_uncited(report_of: ReportOf) -> None:
    """Without counter-evidence the issue says so."""
    report = report_of("2025-01-tech")
    bare = tuple((g, replace(v, counter_evidence=())) for g, v in report.verdicts)
    issue = brief(replace(report, verdicts=bare), Order(charts=False))
    assert [s.text for s in issue.said if s.claim == "counter"] == [
        "No counter-evidence was found."
    ]
    abstained = tuple((g, replace(v, primary="mixed_unclear", abstained=True)) for g, v in bare)
    issue = brief(replace(report, verdicts=abstained), Order(charts=False))
    assert [s.text for s in issue.said if s.claim == "counter"] == [
        "No measured fact argues against the cause that comes nearest."
    ]


def _item(report: Report, key: str) -> Evidence:
    return next(item for item in report.evidence if item.id == key)


def test_a_fact_that_two_groups_rest_on_is_told_once(
    issue_of: IssueOf, report_of: ReportOf
) -> None:
    """The second group does not repeat what was told of the first."""
    report = report_of("2022-06-all")
    told = [s.claim for s in issue_of("2022-06-all", 1500).said if s.claim.startswith("support:")]
    ids = [claim.split(":", 2)[2] for claim in told]
    assert len(ids) == len(set(ids))
    assert all(_item(report, key) for key in ids)


@pytest.mark.parametrize("case", CASES[::4])
def test_no_sentence_opens_like_its_neighbour(case: str, issue_of: IssueOf) -> None:
    """Facts of one kind stand in one sentence: a paragraph is no list of the same opening."""
    for words in (350, 900):
        for language in ("en", "zh"):
            said = [s for s in issue_of(case, words, "wire", language).said if s.claim != "change"]
            kinds = ("support", "detail", "analogue", "gap")
            told = [s.text for s in said if s.claim.partition(":")[0] in kinds]
            opened = [re.split("[:\uff1a,\uff0c]", text)[0] for text in told]
            assert len(opened) == len(set(opened)), opened


def test_gaps_with_one_reason_are_told_in_one_sentence(report_of: ReportOf) -> None:
    """A reason stands once with everything it holds for; nothing missing is named twice in it."""
    gaps = tuple(
        Gap(what, "empty", f"{code}: no value was available at the as-of time.", "macro")
        for what, code in (("bitcoin", "BTC"), ("ether", "ETH"), ("bitcoin", "BTC"))
    )
    stale = (
        Gap("the rates score", "stale", "UST2Y: the last value is of July, 24 days old.", "macro"),
        Gap("the dollar index", "stale", "DXY: the last value is of July.", "macro"),
    )
    report = report_of("2025-01-tech")
    report = replace(report, gaps=(*gaps, *stale))
    ground = ground_of(report, (), "2026-02-09")
    told = [
        ground.tongue.fill(voice_of("wire", "en").forms(point, ground.as_of)[-1], ground.ledger)
        for point in points(report, ground.story, (), "2026-02-09", ground.tongue)
        if point.id.startswith("gap")
    ]
    assert told == [
        "Not available: bitcoin, ether, the rates score and the dollar index.",
        "On bitcoin and ether: no value was available at the as-of time.",
        "On the rates score: 2-year yield: the last value is of July, 24 days old.",
        "On the dollar index: the last value is of July.",
    ]


def test_a_mean_of_moves_is_told_with_its_direction(report_of: ReportOf) -> None:
    """Yields that fell on average are said to have fallen, in both languages."""
    report = report_of("2018-12-stocks")
    item = next(i for i in report.evidence if i.said.startswith("the mean z of the 2-year"))
    assert item.value < 0
    told: tuple[tuple[Language, str], ...] = (("en", "yields fell "), ("zh", "平均下降"))
    for language, words in told:
        ground = ground_of(report, (), "2026-02-09", language)
        assert words in ground.tongue.fill(ground.tongue.fact(item), ground.ledger)


def test_a_group_without_prices_is_named(report_of: ReportOf) -> None:
    """A group that was asked about and cannot be measured is not passed over in silence."""
    report = report_of("2026-02-seed")
    held = tuple(e for e in report.evidence if e.asset not in ("GLD", "SLV"))
    issue = brief(replace(report, evidence=held), Order(words=350, charts=False))
    (said,) = [s for s in issue.said if s.claim == "unpriced"]
    assert said.text.startswith("In metals, no prices of what was asked about")
    assert not [s for s in brief(report, Order(charts=False)).said if s.claim == "unpriced"]


def test_no_issue_leaves_a_term_unexplained(case: str, issue_of: IssueOf) -> None:
    """Standard deviations and beta stand explained where a text uses them, and only there."""
    for words in (120, 900):
        issue = issue_of(case, words)
        text = " ".join(said.text for said in issue.said)
        notes = " ".join(issue.disclosures)
        assert ("standard deviation" in text) == ("Standard deviations set" in notes)
        assert ("beta" in text) == ("Beta is how" in notes)
        assert not re.search(r"\bz\b|robust|Hawkes|beta-implied", text)


def test_the_same_thing_is_not_told_in_two_measures(case: str, everything_of: EverythingOf) -> None:
    """No further fact tells an asset's part beyond beta again beyond the real yield too."""
    told = [text for claim, text in everything_of(case, "en") if claim.startswith("detail:")]
    assert not [text for text in told if "beyond their beta and the real yield" in text]
    assert not [text for text in told if "the weakest of" in text]


def test_a_fall_turned_round_is_no_condition(case: str, issue_of: IssueOf) -> None:
    """That no cause would be named had the asset risen is not told."""
    told = [s.text for s in issue_of(case, 1500).said if s.claim.startswith("turn:")]
    own = ("S&P 500 moved", "Nasdaq 100 moved", "Bitcoin moved", "gold fund moved", "fund moved")
    assert not [text for text in told if text.startswith("Had ") and any(w in text for w in own)]


def test_the_shortest_issue_tells_the_least_usual_move_of_each_group(issue_of: IssueOf) -> None:
    """Of February 2026 silver is told rather than gold; from 350 words on every asset is."""
    moves = [
        next(s.text for s in issue_of("2026-02-seed", words).said if s.claim.startswith("move:"))
        for words in (120, 350)
    ]
    assert "the SLV silver fund lost 36.8%" in moves[0]
    assert "gold fund" not in moves[0]
    assert all(name in moves[1] for name in ("S&P 500", "Nasdaq 100", "Bitcoin", "Ether", "gold"))
