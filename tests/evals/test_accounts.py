"""Accounts are read again against what they cite, and verdicts judged again without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causemap.agents.conclude import conclude
from causemap.attribution.judge import judge
from causemap.cases.store import load_case
from causemap.causes import NAMED
from causemap.closed_sets import AssetGroup, Cause
from causemap.evals.accounts import Account, account, owes
from causemap.evals.answers import from_report
from causemap.evals.dropping import Verdicts, drop_cited
from causemap.evals.perturb import MARK
from causemap.records import Dossier, Narrative, Sentence, Verdict

REPORT = conclude(load_case("2018-02-week"))
SPX, NDX = (
    next(e for e in REPORT.evidence if e.asset == asset and e.metric == "change")
    for asset in ("SPX", "NDX")
)


def _read(*sentences: Sentence) -> Account:
    return account(replace(REPORT, narrative=Narrative(sentences)))


def _said(text: str, *cited: str, section: str = "mechanism", template: str = "{x}") -> Sentence:
    return Sentence(section, template, text, cited)


def _fell(asset: str, value: float) -> str:
    return f"The {asset} fell {abs(value):.1f}%."


TRUE = _fell("S&P 500", SPX.value)


def test_the_engine_s_own_account_passes_every_gate() -> None:
    """A real report: all that owes a citation is borne out, nothing advises or obeys."""
    found = account(REPORT)
    assert found.owed == found.borne > 20
    assert 0 < found.carrying <= found.cites
    assert (found.uncited, found.ungrounded, found.advice, found.planted) == (0, 0, 0, 0)


def test_a_true_sentence_with_its_own_item_is_recalled_and_precise() -> None:
    """One figure, one citation that bears it out."""
    found = _read(_said(TRUE, SPX.id))
    assert (found.owed, found.borne, found.cites, found.carrying) == (1, 1, 1, 1)


def test_citing_too_much_costs_precision_only() -> None:
    """An item that bears out nothing of the sentence is idle; the sentence still stands."""
    found = _read(_said(TRUE, SPX.id, NDX.id))
    assert (found.borne, found.cites, found.carrying) == (1, 2, 1)


def test_citations_of_a_name_alone_are_not_priced() -> None:
    """A sentence that names an asset and prints nothing measured says nothing of its citations."""
    found = _read(_said("Nothing more is told of the S&P 500.", SPX.id, NDX.id))
    assert (found.owed, found.borne, found.cites, found.carrying) == (1, 1, 0, 0)


def test_citing_the_wrong_item_is_ungrounded() -> None:
    """A figure of another asset's item: not borne out, and no citation carries."""
    found = _read(_said(TRUE, NDX.id))
    assert (found.owed, found.borne, found.ungrounded, found.carrying) == (1, 0, 1, 0)


def test_citing_too_little_is_ungrounded() -> None:
    """Two figures and one of their two items: the sentence as a whole is not supported."""
    both = f"{TRUE[:-1]} and the Nasdaq 100 fell {abs(NDX.value):.1f}%."
    assert _read(_said(both, SPX.id, NDX.id)).borne == 1
    found = _read(_said(both, SPX.id))
    assert (found.borne, found.ungrounded) == (0, 1)


def test_an_invented_id_and_a_missing_one_are_uncited() -> None:
    """Ids the run does not hold, and none where one is owed, count alike."""
    assert _read(_said(TRUE, SPX.id, "technicals.no.such")).uncited == 1
    found = _read(_said("Rates drove the fall.", template="Rates drove the fall."))
    assert (found.owed, found.borne, found.uncited) == (1, 0, 1)


@pytest.mark.parametrize(
    ("section", "template", "owed"),
    [
        ("gaps", "Not covered: {q:gap.0.what|text}.", False),
        ("analogues", "A near window in the past is {q:past.0.case|text}.", False),
        ("timing", "Dated event: {q:marker.0|text}, {t:marker.0|datetime}.", False),
        ("timing", "First sign on {t:spx.low|datetime}: {q:node.spx|text}.", True),
        ("verdict", "In equities, no single cause can be named: {q:equity.reason|text}.", False),
        ("verdict", "In equities, a rates shock is at {p:equity.rates_shock|pct0}.", True),
        ("unexplained", "The unexplained share in equities is {s:equity.residual|pct0}.", False),
        ("counter", "Counter-evidence: none found.", False),
        ("mechanism", "Selling fed on itself.", True),
        ("mechanism", "Nothing backs the link to {q:node.carry|text}.", False),
        ("mechanism", "Nothing backs the link at {p:equity.rates_shock|pct0}.", True),
    ],
)
def test_what_is_exempt_is_ruled_by_what_a_sentence_tells_of(
    section: str, template: str, owed: bool
) -> None:
    """Other records of the run and absences need no evidence; claims do."""
    assert owes(Sentence(section, template, template, ())) is owed
    assert owes(Sentence(section, template, template, ("any",)))


def test_a_condition_needs_evidence_once_it_is_said_to_be_met() -> None:
    """What to watch is no claim; that it has happened is one."""
    template = "{q:A.name|text} would show in: {q:A.0|text} (not known)."
    assert not owes(Sentence("watch", template, "", ()))
    assert owes(Sentence("watch", template.replace("not known", "met"), "", ()))


def test_advice_and_an_obeyed_order_are_seen() -> None:
    """Both lints on the final text, and the mark of a planted order wherever the engine speaks."""
    found = _read(
        _said("Investors should wait.", SPX.id),
        _said(f"{TRUE} {MARK.lower()}", SPX.id),
        _said("Now is a good time to buy.", SPX.id),
    )
    assert (found.advice, found.planted) == (2, 1)
    labelled = replace(REPORT.verdict, reason=f"as told: {MARK}")
    assert account(replace(REPORT, verdict=labelled)).planted == 1


def test_dead_links_and_bare_sentences_are_invalid_citations() -> None:
    """What the gate counts: sentences without what they owe and links to evidence not held."""
    edge = replace(REPORT.cause_map.edges[0], evidence=("gone",))
    broken = replace(REPORT, cause_map=replace(REPORT.cause_map, edges=(edge,)))
    bare = Narrative((_said("Rates drove the fall.", template="Rates drove the fall."),))
    trace = from_report(replace(broken, narrative=bare)).trace
    assert trace is not None
    assert (trace.uncited, trace.future) == (2, 0)


def test_evidence_of_after_the_as_of_is_counted() -> None:
    """E13: an item that became available a minute too late is seen, cited or not."""
    late = replace(SPX, id="late", available_at="2018-02-11T00:00Z")
    assert late.available_at > REPORT.scope.as_of
    trace = from_report(replace(REPORT, evidence=(*REPORT.evidence, late))).trace
    assert trace is not None
    assert trace.future == 1


def _judging(weights: dict[str, float]) -> tuple[Dossier, Verdicts]:
    """A dossier whose verdict is the sum of weights of the evidence that is left."""
    evidence = tuple(replace(SPX, id=key) for key in weights)
    dossier = replace(REPORT.dossier(), evidence=evidence)
    return dossier, (("equity", _verdict(dossier, weights)),)


def _verdict(dossier: Dossier, weights: dict[str, float]) -> Verdict:
    share = sum(weights[item.id] for item in dossier.evidence)
    named: Cause = "rates_shock" if share > 0.45 else "mixed_unclear"
    odds: tuple[tuple[Cause, float], ...] = (("rates_shock", share), ("mixed_unclear", 1 - share))
    left = tuple(item.id for item in dossier.evidence)
    return Verdict(named, "other", odds, named == "mixed_unclear", "", support=left)


def test_what_a_verdict_loses_without_its_citations_is_measured() -> None:
    """The first item carries 0.2: what stays keeps the cause, less likely."""
    weights = {"a": 0.2, "b": 0.1, "c": 0.1, "d": 0.3}
    dossier, verdicts = _judging(weights)

    def judging(left: Dossier) -> tuple[tuple[AssetGroup, Verdict], ...]:
        return (("equity", _verdict(left, weights)),)

    (found,) = drop_cited(dossier, verdicts, judging)
    assert found.stands == pytest.approx(0.7)
    assert found.without_first == pytest.approx(0.5)
    assert found.named_still
    assert not found.unmoved
    assert replace(found, without_first=found.stands).unmoved
    assert not replace(found, without_first=1.0, named_still=False).unmoved
    abstained = replace(verdicts[0][1], abstained=True)
    assert list(drop_cited(dossier, (("equity", abstained),), judging)) == []


def test_on_a_real_fall_the_verdict_follows_what_it_cites() -> None:
    """The first cited item of a named verdict carries probability."""
    found = list(drop_cited(REPORT.dossier(), REPORT.verdicts, judge))
    assert found
    for one in found:
        assert one.cause in NAMED
        assert one.without_first < one.stands


def test_the_item_dropped_is_the_first_that_the_sentence_cites() -> None:
    """The statement of a verdict cites the first items of its support, and no others."""
    for group, verdict in REPORT.verdicts:
        told = [s for s in REPORT.narrative.sentences if s.section == "verdict"]
        if verdict.primary in NAMED and not verdict.abstained:
            assert any(s.evidence[:1] == verdict.support[:1] for s in told), group
