from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from causemap.explaining import explain
from causemap.records import (
    Contribution,
    Decomposition,
    Gap,
    Narrative,
    OnsetInterval,
    Report,
    Residual,
    Weighed,
)
from causemap.reporting import answer, content
from causemap.reporting.html import to_html
from causemap.reporting.markdown import escape, to_markdown
from causemap.reporting.terminal import print_report


class Page(HTMLParser):
    """Collects the tags, attributes and ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember one element."""
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def values(self, name: str) -> list[str]:
        """All values of one attribute."""
        return [value for key, value in self.attributes if key == name]


def terminal_text(report: Report, width: int = 100) -> str:
    """What the terminal view prints, without colours."""
    out = io.StringIO()
    print_report(report, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def test_a_page_keeps_the_names_of_columns_where_rows_are_stacked(report: Report) -> None:
    """On a phone a row stands as a block: each cell of a wide table carries its column's name."""
    page = to_html(report)
    groups = page.split('id="groups"')[1].split("</section>")[0]
    for name in ("Group", "Verdict", "Probability", "Next", "Why"):
        assert f'data-label="{name}"' in groups
    assert "content:attr(data-label)" in page


def test_page_is_self_contained(report: Report) -> None:
    """No script, no frame, no image or style from elsewhere; a policy forbids them too."""
    page = Page(to_html(report))
    assert not page.tags & {"script", "iframe", "img", "link", "object", "embed", "form", "base"}
    assert not page.values("src")
    assert any("default-src 'none'" in value for value in page.values("content"))
    links = [href for href in page.values("href") if not href.startswith("#")]
    assert set(links) == {"https://news.example/fed-chair"}


def test_page_has_one_minus_sign(report: Report) -> None:
    """Sentences have the sign that tables and charts have."""
    said = replace(report.narrative.sentences[0], text="Gold fell (-5.7 standard deviations).")
    page = to_html(replace(report, narrative=replace(report.narrative, sentences=(said,))))
    assert "Gold fell (\u22125.7 standard deviations)." in page


def test_drawings_keep_their_size_on_a_phone(report: Report) -> None:
    """Map and charts are not shrunk past reading: they scroll, and a keyboard reaches them."""
    page = to_html(report)
    assert ".mapwrap svg{min-width:820px}" in page
    assert re.search(r"\.plot svg\{[^}]*min-width:7\d\dpx", page)
    drawn = re.findall(r'<div class="plot" tabindex="0" role="region" aria-label="([^"]+)">', page)
    assert len(drawn) == page.count("<figure>") == page.count('class="plot"')


def test_page_has_unique_ids_and_working_anchors(report: Report) -> None:
    """Every citation leads to a row of the evidence table."""
    page = Page(to_html(report))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)


def test_page_says_the_answer_before_everything_else(report: Report) -> None:
    """Verdict with probability and runner-up, then what would change it and what is missing."""
    page = to_html(report)
    order = ["AI and tech re-rating</strong>", "52%</span>", "Runner-up: liquidation cascade"]
    order += ["What would change this", "What is missing", 'class="cm"', "The account"]
    order += ["Why not the alternatives", "How much each explains", "Unexplained", 'id="evidence"']
    places = [page.index(text) for text in order]
    assert places == sorted(places)
    assert page.count("As of 7 Feb 2026, 21:00 UTC") >= 2
    assert "not investment advice" in page


def test_page_is_stable(report: Report) -> None:
    """Same report, same bytes."""
    assert to_html(report) == to_html(report)


def test_each_chart_has_its_data_and_alternative(report: Report) -> None:
    """Seven figures, seven data tables."""
    page = to_html(report)
    assert page.count("<figure>") == page.count("Show data") == page.count('class="alt"') == 7


def test_hostile_text_adds_nothing_to_the_page(report: Report, hostile: Report) -> None:
    """Outside text adds no element, no event handler, no link and no hidden character."""
    text = to_html(hostile)
    page, plain = Page(text), Page(to_html(report))
    assert page.tags <= plain.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [h for h in page.values("href") if not h.startswith("#")]
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069\x1b\x07]", text)
    assert "49" not in re.findall(r"a b(\d+)", text)


def test_empty_report_still_makes_every_view(bare: Report) -> None:
    """An abstention with nothing behind it is a page that says so."""
    for text in (to_html(bare), to_markdown(bare), terminal_text(bare)):
        assert "No single cause named" in text
        assert "No prices for the window." in text
        assert "nan" not in text.lower().split()


def test_markdown_is_inert(hostile: Report) -> None:
    """Rendered Markdown of hostile text has no link, image or raw HTML."""
    tokens = MarkdownIt("commonmark").enable(["table"]).parse(to_markdown(hostile))
    kinds = {t.type for t in tokens} | {c.type for t in tokens for c in t.children or ()}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "code_inline", "fence"}
    headings = [t for t in tokens if t.type == "heading_open"]
    assert len(headings) == 2 + sum(part.key != "groups" for part in content.sections(hostile)) + 1


@pytest.mark.parametrize(
    "text",
    [
        "# x",
        "- x",
        "1. x",
        "+ x",
        "a | b",
        "*a*",
        "_a_",
        "[a](b)",
        "![a](b)",
        "<b>",
        "&lt;",
        "~~a~~",
    ],
)
def test_escaped_text_reads_as_written(text: str) -> None:
    """Markdown shows escaped text character for character."""
    tokens = MarkdownIt("commonmark").parse(escape(text))
    assert [t.type for t in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert "".join(c.content for c in children) == text
    assert {c.type for c in children} <= {"text", "text_special"}


def test_markdown_links_only_to_the_ledger(report: Report) -> None:
    """The one address of the ledger is the only link."""
    tokens = MarkdownIt("commonmark").enable(["table"]).parse(to_markdown(report))
    links = {c.attrs["href"] for t in tokens for c in t.children or () if c.type == "link_open"}
    assert links == {"https://news.example/fed-chair"}


def test_views_agree_on_the_figures(report: Report) -> None:
    """The same key figures stand in every view."""
    page, mark, screen = to_html(report), to_markdown(report), terminal_text(report, 200)
    for said in ("52%", "24%", "30% to 60%", "confidence 81%", "Contradicted by the data"):
        assert said in page
        assert said in mark
        assert said in screen


def test_terminal_never_reads_markup(hostile: Report) -> None:
    """Brackets from outside print as brackets; no control character gets through."""
    text = terminal_text(hostile, 400)
    assert "[bold red]rich[/]" in text
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text


def test_terminal_fits_narrow_screens(report: Report) -> None:
    """No line is wider than the screen."""
    assert max(len(line) for line in terminal_text(report, 60).splitlines()) <= 60


def test_no_drawdown_is_said(report: Report) -> None:
    """A calm window has no cause, no probability and no bar chart."""
    calm = replace(
        report.verdict,
        primary="no_drawdown",
        mission_label="none",
        probabilities=(("mixed_unclear", 1.0), ("rates_shock", 0.0)),
        reason="nothing to explain",
    )
    page = to_html(replace(report, verdict=calm))
    assert "No drawdown to explain" in page
    assert "leads at" not in page
    told = content.support(replace(report, verdict=calm, verdicts=()))
    assert told.lines
    assert not any("Mixed" in line.lead for line in told.lines)


def test_recollected_notes_are_not_shown(report: Report) -> None:
    """A note from knowledge is no source and stays out of every view."""
    note = replace(report.notes[0], basis="knowledge", text="remembered words")
    alone = to_markdown(replace(report, notes=(note,)))
    assert "read are recollections without a source" in alone
    assert "No dated notes were supplied" not in alone
    planted = replace(report, notes=(note,))
    assert "remembered words" not in to_html(planted) + to_markdown(planted)


def test_dropped_sentences_are_counted_not_shown(report: Report) -> None:
    """What failed verification is not printed, but its number is."""
    told = Narrative(report.narrative.sentences, ("a false sentence",))
    text = to_markdown(replace(report, narrative=told))
    assert "a false sentence" not in text
    assert "were dropped: 1." in text


def test_mechanism_is_the_marked_sentence(report: Report) -> None:
    """A sentence of the mechanism section stands under the verdict."""
    marked = replace(report.narrative.sentences[1], section="mechanism")
    told = replace(report, narrative=Narrative((report.narrative.sentences[0], marked)))
    line = answer.mechanism(told)
    assert line is not None
    assert line.text.startswith(f"{marked.text} No prices cover the window for ")
    assert line.refs == (2,)


def test_narrative_does_not_repeat_what_has_its_own_section(report: Report) -> None:
    """Sentences on rejected causes give way to the section that lists them."""
    said = [line.text for line in content.account(report).lines]
    assert said == [report.narrative.sentences[0].text]
    bare_verdict = replace(report.verdict, rejected=())
    assert len(content.account(replace(report, verdict=bare_verdict)).lines) == 2


def test_contributions_name_every_target(report: Report) -> None:
    """Text views split each target's move too, the residual last."""
    pooled, line = content.contributions(report).lines
    assert pooled.text.startswith("Mean of the parts of equities and crypto")
    held = content.contributions(report).table
    assert held is not None
    assert held.columns[1] == "Share of the falls of equities and crypto"
    assert line.lead == "S&P 500 \u22122.4%:"
    assert line.text.endswith("positioning unwind \u22120.5 pp; unexplained \u22120.8 pp.")


def test_arguments_say_for_what(report: Report) -> None:
    """Each item names the cause and the group it argues about; groups take turns."""
    equity = replace(report.verdict, support=("earnings_news.igv.residual",) * 2)
    metals = replace(
        report.verdict,
        support=("technicals.slv.change",),
        probabilities=(("liquidation_cascade", 0.7), ("ai_rerating", 0.3)),
        weighed=(Weighed("technicals.slv.change", "liquidation_cascade", 1.25),),
    )
    two = replace(report, verdicts=(("equity", equity), ("metals", metals)))
    lines = content.support(two).lines
    assert [line.lead for line in lines] == [
        "AI and tech re-rating, equities:",
        "Liquidation cascade, metals:",
        "AI and tech re-rating, equities:",
    ]
    assert "(pull +1.2)" in lines[1].text or "(pull +1.3)" in lines[1].text
    one = content.against(replace(report, verdicts=())).lines
    assert {line.lead for line in one} == {"AI and tech re-rating:"}


def test_series_that_lack_alike_share_a_line(report: Report) -> None:
    """One reason is said once, with each series behind what it is for; other reasons stay apart."""
    old = Gap("Software", "stale", "IGV: the last value is of 2026-05-01", "macro")
    given = (old, replace(old, what="chips", why=old.why.replace("IGV", "SMH")))
    other = replace(old, what="Other: a thing", why="Too little: history")
    first, second = content.gaps(replace(report, gaps=(*given, other))).lines
    assert first.lead == "Software (IGV) and chips (SMH):"
    assert first.text == "out of date. The last value is of 2026-05-01."
    assert second.text == "out of date. Too little: history."


def test_a_named_cause_without_a_part_of_the_fall_is_told_as_doubt(report: Report) -> None:
    """Where a fall was split up and the cause named has nothing of it, that argues against it."""
    named = replace(report.verdict, primary="ai_rerating", abstained=False, contributions=())
    split = Decomposition("NDX", -5.0, (), 1.0, 1.0, 1.0)
    told = replace(report, verdicts=(("equity", named),), decompositions=(split,))
    doubt = "No measured part of the fall in equities goes with AI and tech re-rating."
    assert doubt in [line.text for line in content.against(told).lines]
    event = replace(
        report.evidence[0], id="earnings_news.event_equity.ai_rerating", value=0.9, unit="ratio"
    )
    dated = replace(told, evidence=(*report.evidence, event))
    assert f"{doubt[:-1]}, though much of it followed at once on a dated event of it." in [
        line.text for line in content.against(dated).lines
    ]
    whole = replace(named, contributions=(Contribution("ai_rerating", 0.4, 0.3, 0.5),))
    for other in (
        replace(told, verdicts=(("equity", whole),)),
        replace(told, decompositions=()),
        replace(told, verdicts=(("equity", replace(named, abstained=True)),)),
    ):
        assert doubt not in [line.text for line in content.against(other).lines]


def test_a_gap_told_by_two_desks_is_named_once(report: Report) -> None:
    """The same thing missing for the same reason is one name, whatever its first letter."""
    twice = tuple(Gap(name, "empty", "no value", "macro") for name in ("Bitcoin", "bitcoin"))
    (line,) = content.gaps(replace(report, gaps=twice)).lines
    assert line.lead == "Bitcoin:"


def test_gaps_of_one_reason_share_a_line(report: Report) -> None:
    """What is missing for the same reason is named together; beyond seven the rest is counted."""
    one = Gap("bars of asset 9", "not_covered", "no such bars", "macro")
    bars = tuple(replace(one, what=f"bars of asset {k}") for k in range(9))
    own = replace(one, weakens=("rates_shock",))
    few, many, weakened = (
        content.gaps(replace(report, gaps=given)).lines for given in (bars[:7], bars, (*bars, own))
    )
    (line,) = few
    assert line.lead == f"B{', '.join(bar.what for bar in bars[:6])[1:]} and bars of asset 6:"
    assert [line.lead.partition(" asset 5 ")[2] for line in many] == ["and 3 more:"]
    assert [line.lead for line in weakened[1:]] == ["Bars of asset 9:"]


def test_a_turned_verdict_is_named_once(report: Report) -> None:
    """The new cause is added only where the sentence does not name it."""
    change = report.verdict.would_change[0]
    other = replace(change, primary="growth_scare")
    verdict = replace(report.verdict, would_change=(change, other))
    first, second = content.would_change(replace(report, verdict=verdict)).lines
    assert first.text == change.text
    assert second.text.endswith("Then: growth scare.")


def test_markets_that_fell_for_different_reasons_are_answered_apart() -> None:
    """Without one cause for all, the first lines of every view name each group's own."""
    report = explain("2026-02-seed")
    said = answer.answered(report)
    assert (said.label, said.probability, said.reason) == ("Different causes by market", None, "")
    held = dict(report.verdicts)
    shares = {group: dict(verdict.probabilities) for group, verdict in held.items()}
    assert said.second == (
        f"Equities: AI and tech re-rating, {shares['equity']['ai_rerating']:.0%}; "
        f"crypto: liquidation cascade, {shares['crypto']['liquidation_cascade']:.0%}; "
        f"metals: liquidation cascade, {shares['metals']['liquidation_cascade']:.0%}"
    )
    for view in (to_html(report), to_markdown(report), terminal_text(report, 400)):
        assert said.label in view
        assert said.second in view


def test_one_group_alone_is_not_told_apart() -> None:
    """Where some groups abstain and one names a cause, the answer says so; one group keeps its."""
    report = explain("2020-03-all")
    held = dict(report.verdicts)
    said = answer.answered(report)
    assert said.label == "No single cause for all markets"
    assert "equities: no single cause (closest: " in said.second.lower()
    alone = replace(report, verdicts=(("crypto", held["crypto"]),), verdict=held["crypto"])
    assert answer.answered(alone) == answer.headline(held["crypto"])


def test_a_change_is_told_over_the_days_that_it_was_measured(report: Report) -> None:
    """A value that was not out yet on the window's last day ends the change a day before."""
    early = replace(report.evidence[0], metric="change", observed_at="2026-02-04")
    text = to_markdown(replace(report, evidence=(early, *report.evidence[1:])))
    assert f"| {early.start} to 2026-02-04 |" in text
    level = replace(early, metric="maximum")
    text = to_markdown(replace(report, evidence=(level, *report.evidence[1:])))
    assert f"| {early.start} to {early.end} |" in text


def test_what_pulls_nowhere_argues_for_nothing(report: Report) -> None:
    """An item whose pull prints as 0.0 is in the ledger and not among the arguments."""
    item = report.evidence[0]
    lead = report.verdict.ranked[0][0]

    def told(pull: float) -> bool:
        weighed = (Weighed(item.id, lead, pull),)
        verdict = replace(report.verdict, support=(item.id,), weighed=weighed)
        return bool(content.support(replace(report, verdict=verdict, verdicts=())).lines)

    assert told(0.06)
    assert not told(0.04)


def test_an_order_of_onset_says_what_it_does_not_prove(report: Report) -> None:
    """Nodes of one step are told shocks first, and that nothing says which of them led."""
    dated = OnsetInterval("x", "2026-01-29T21:00Z", "2026-01-30T21:00Z")
    nodes = tuple(
        replace(node, onset=dated if node.kind in ("shock", "move") else None)
        for node in report.cause_map.nodes
    )
    held = replace(report, cause_map=replace(report.cause_map, nodes=nodes))
    (line,) = [x for x in content.cause_map(held).lines if x.lead == "Order of onset:"]
    assert line.text.endswith(", too close together to say which led.")
    shocks = [line.text.index(n.label) for n in nodes if n.kind == "shock"]
    moves = [line.text.index(n.label) for n in nodes if n.kind == "move"]
    assert max(shocks) < min(moves)


def test_a_share_of_which_no_part_was_measured_has_no_interval(report: Report) -> None:
    """100 % unexplained is no estimate between 100 % and 100 %."""
    bare = replace(report.verdict, contributions=(), residual=Residual(1.0, 1.0, 1.0))
    table = content.contributions(replace(report, verdict=bare, verdicts=())).table
    assert table is not None
    (row,) = table.rows
    assert [cell.text for cell in row][1:] == ["100%", "\u2013"]


def test_text_views_have_one_minus_sign(report: Report) -> None:
    """The account's figures carry the true minus of the tables in the terminal and Markdown."""
    told = replace(report.narrative.sentences[0], text="The S&P 500 lost 2.4% (z -1.9).")
    held = replace(report, narrative=Narrative((told,), ()))
    for text in (terminal_text(held), to_markdown(held)):
        assert "(z \u22121.9)" in text
        assert "(z -1.9)" not in text


def test_a_running_session_is_said_in_the_terminal(report: Report) -> None:
    """A window whose last close was not known yet is not told as if it were."""
    assert "session still running" not in terminal_text(report)
    scope = replace(report.scope, partial=True)
    assert "session still running" in terminal_text(replace(report, scope=scope))


def test_markdown_cuts_no_sentence_of_the_answer(report: Report) -> None:
    """What fell, told of many assets, is as long in Markdown as on the page."""
    first = report.narrative.sentences[0]
    long = replace(first, text=f"{'Many assets fell. ' * 50}The end.")
    told = replace(report, narrative=Narrative((long, *report.narrative.sentences[1:]), ()))
    assert "The end." in to_markdown(told).partition("## What")[0]
