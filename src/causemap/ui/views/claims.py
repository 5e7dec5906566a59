"""Claims: what was said about the fall, against what was measured."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from causemap.records import Claim, Report
from causemap.reporting import content
from causemap.reporting.tree import Line, Table
from causemap.ui import markup, session
from causemap.words import clean, instant, sentence_case, true_minus, value_of

_WORDS = {
    "supported": ("\u2713", "supported by the data"),
    "contradicted": ("\u2715", "contradicted by the data"),
    "too_late": ("\u21a6", "too late to be a cause"),
    "single_source": ("\u25cb", "single source"),
    "not_checkable": ("?", "not checkable"),
}
_BY = " by the data"
_COLUMNS = ("No.", "Claim", "Source", "Against the tape", "Measured")
_NUMERIC = (True, False, False, False, False)


def page() -> None:
    """The page."""
    found = session.framed("Claims")
    report = found.report
    if report.claims:
        _tested(report)
    else:
        session.show(
            markup.notice(
                "No article was read into claims for this run. The account's own sentences stand "
                "below, each with its evidence.",
                lead="No outside claim.",
            )
        )
    _account(report)
    session.show(Markup("<div class='cm-two'>{}</div>").format(markup.panel(content.notes(report))))
    session.foot(report)


def _tested(report: Report) -> None:
    counts = {kind: sum(c.verdict == kind for c in report.claims) for kind in _WORDS}
    cells = markup.join(
        Markup("<div><b>{}</b><span>{} {}</span></div>").format(counts[kind], sign, word)
        for kind, (sign, word) in _WORDS.items()
    )
    session.show(Markup("<div class='cm-kpis'>{}</div>").format(cells))
    rows = tuple(_row(report, claim, k) for k, claim in enumerate(report.claims, 1))
    session.show(markup.table(Table(_COLUMNS, _NUMERIC, rows), "Claims against the tape"))
    chosen = st.pills(
        "Open a claim",
        range(len(report.claims)),
        format_func=lambda k: str(k + 1),
        key="outside-claim",
    )
    if chosen is not None:
        _opened(report, report.claims[chosen], chosen)


def _row(report: Report, claim: Claim, place: int) -> tuple[Line, ...]:
    sign, word = _WORDS[claim.verdict]
    items = [item for i in claim.evidence if (item := report.find(i)) is not None]
    measured = "; ".join(f"{clean(i.said, 80)} {value_of(i)}" for i in items[:2])
    more = f" and {len(items) - 2} more" if len(items) > 2 else ""
    return (
        Line(str(place)),
        Line(clean(claim.text, 300)),
        Line(clean(claim.source, 80)),
        Line(f"{sign} {sentence_case(word.removesuffix(_BY))}"),
        Line(f"{sentence_case(measured)}{more}"),
    )


def _opened(report: Report, claim: Claim, place: int) -> None:
    """A claim as it was said, the items it was tested on, and the place to object."""
    sign, word = _WORDS[claim.verdict]
    session.show(
        Markup(
            "<figure class='cm-quote'><blockquote><mark>{}</mark></blockquote>"
            "<figcaption>{}. <b>{} {}</b></figcaption></figure>"
        ).format(clean(claim.text, 400), clean(claim.source, 120), sign, sentence_case(word))
    )
    session.cited(report, claim.evidence, f"claim-{place}")
    session.objection(claim.text, f"claim-{place}")


def _account(report: Report) -> None:
    """Every sentence of the account as a claim of this program, with its evidence."""
    said = [s for s in report.narrative.sentences if s.evidence]
    session.show(
        Markup(
            "<section class='cm-panel'><h2>The account, claim by claim (as of {})</h2></section>"
        ).format(instant(report.scope.as_of))
    )
    chosen = st.selectbox(
        "Claim",
        range(len(said)),
        index=0 if said else None,
        format_func=lambda k: f"{k + 1}. {true_minus(clean(said[k].text, 140))}",
        key="account-claim",
    )
    if chosen is None or chosen >= len(said):
        return
    line = said[chosen]
    session.show(Markup("<p class='cm-mech'>{}</p>").format(true_minus(clean(line.text))))
    session.cited(report, line.evidence, f"account-{chosen}")
    session.objection(line.text, f"account-{chosen}")


page()
