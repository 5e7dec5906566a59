"""A report as HTML fragments for the pages: every text is escaped here, nothing comes as markup.

Pure functions from records to :class:`markupsafe.Markup`; classes are those of ``style.css``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from markupsafe import Markup, escape

from causemap.causes import GROUP_WORDS
from causemap.records import Evidence, Note, Report, Verdict
from causemap.reporting import answer
from causemap.reporting.tree import Line, Section, Table
from causemap.ui.runner import DeskLine
from causemap.words import (
    amount,
    asset_name,
    cause_name,
    clean,
    domain,
    instant,
    number,
    percent,
    safe_url,
    sentence_case,
    true_minus,
    value_of,
    window,
)

_STATES: Final = {
    "queued": ("\u00b7", "queued"),
    "running": ("\u25b8", "running"),
    "ok": ("\u2713", "ok"),
    "empty": ("\u25cb", "nothing there"),
    "failed": ("\u2715", "failed"),
}
EMPTY: Final = Markup("")
# What a phone's width holds side by side: columns, characters of a cell, and of a word in it.
_NARROW: Final = 5
_LONG: Final = 34
_WORD: Final = 18


def join(parts: Iterable[Markup]) -> Markup:
    """Fragments one after another."""
    return EMPTY.join(parts)


def bar_of(report: Report, title: str) -> Markup:
    """The strip at the head of every page: question, window, assets, as-of with its zone."""
    scope = report.scope
    assets = ", ".join(asset_name(a) for a in scope.assets)
    partial = Markup(" <span class='cm-tag'>session still open</span>") if scope.running else EMPTY
    return Markup(
        "<div class='cm-bar'><span class='cm-asked'>{}</span><span class='cm-scope'>"
        "<span><b>Closes</b> {}</span><span><b>As of</b> {}</span><span class='cm-assets'>"
        "<b>Assets</b> {}</span>{}</span></div>"
    ).format(clean(title, 200), window(scope), instant(scope.as_of), assets, partial)


def verdict(report: Report) -> Markup:
    """Verdict with probability and runner-up, reason, each group's own, probabilities as bars."""
    said, groups = answer.answered(report), group_verdicts(report)
    held = EMPTY
    if said.probability is not None:
        held = Markup("<span class='cm-p'>{}</span><span class='cm-hedge'>{}</span>").format(
            percent(said.probability), said.hedge
        )
    # What the groups' table says is not said above it too.
    second = "" if groups and said.label != answer.headline(report.verdict).label else said.second
    next_ = Markup("<p class='cm-next'>{}</p>").format(second) if second else EMPTY
    why = Markup("<p class='cm-reason'>{}</p>").format(said.reason) if said.reason else EMPTY
    kind = "cm-abstains" if report.verdict.abstained else "cm-named"
    return Markup(
        "<section class='cm-verdict {}' aria-label='Verdict'><div><h2>{}{}</h2>{}"
        "{}{}</div>{}</section>"
    ).format(kind, said.label, held, next_, why, groups, probabilities(report.verdict))


def probabilities(verdict_: Verdict) -> Markup:
    """The probabilities as a table of bars, the figures beside them."""
    if verdict_.primary == "no_drawdown" or not verdict_.ranked:
        return EMPTY
    rows = join(
        Markup(
            "<tr><th scope='row'>{}</th><td class='cm-track'><span style='width:{}%'></span></td>"
            "<td class='cm-n'>{}</td></tr>"
        ).format(answer.cause_label(cause), round(p * 100), percent(p))
        for cause, p in verdict_.ranked
    )
    return Markup(
        "<table class='cm-probs'><caption>Probabilities, all assets together</caption>{}</table>"
    ).format(rows)


def group_verdicts(report: Report) -> Markup:
    """One short line per asset group, when there is more than one."""
    if len(report.verdicts) < 2:
        return EMPTY
    rows = []
    for group, held in report.verdicts:
        said = answer.headline(held)
        p = "" if said.probability is None else percent(said.probability)
        rows.append(
            Markup(
                "<tr><th scope='row'>{}</th><td>{}</td><td class='cm-n'>{}</td><td>{}</td></tr>"
            ).format(GROUP_WORDS[group].capitalize(), said.label, p, said.second)
        )
    return Markup(
        "<table class='cm-table cm-tight'><thead>{}</thead><tbody>{}</tbody></table>"
    ).format(_heads(("Group", "Verdict", "P", "Next"), (False, False, True, False)), join(rows))


def mechanism(report: Report, *, cited: bool = True) -> Markup:
    """The sentence that says how the cause reached the prices."""
    lines = [m for m in (answer.mechanism(report), answer.spread(report)) if m is not None]
    if not lines:
        return Markup("<p class='cm-quiet'>No mechanism could be written from the evidence.</p>")
    return join(
        Markup("<p class='cm-mech'>{}</p>").format(said(line, cited=cited)) for line in lines
    )


def panel(part: Section, limit: int | None = None, title: str | None = None) -> Markup:
    """A section under its heading; says so when it is empty, and how much it leaves out."""
    return Markup("<section class='cm-panel'><h2>{}</h2>{}</section>").format(
        title or part.title, section(part, limit)
    )


def section(part: Section, limit: int | None = None) -> Markup:
    """A section without its heading."""
    if not part.lines and part.table is None:
        return Markup("<p class='cm-quiet'>{}</p>").format(part.empty)
    shown = part.lines[:limit] if limit else part.lines
    rows = join(Markup("<li>{}</li>").format(said(line)) for line in shown)
    lines = Markup("<ul class='cm-lines'>{}</ul>").format(rows) if shown else EMPTY
    left = len(part.lines) - len(shown)
    more = Markup("<p class='cm-quiet'>and {} more</p>").format(left) if left else EMPTY
    return lines + more + (table(part.table, part.title) if part.table else EMPTY)


def said(line: Line, *, cited: bool = True) -> Markup:
    """A line with its lead, link and, where the page offers no items beside it, its numbers."""
    words = true_minus(line.text)
    text = link(line.url, words) if line.url else escape(words)
    lead = Markup("<b>{}</b> ").format(line.lead) if line.lead else EMPTY
    return lead + text + (chips(line.refs) if cited else EMPTY)


def chips(refs: Sequence[int]) -> Markup:
    """Numbers of evidence items, as cited; the pages offer the items themselves beside them."""
    return join(Markup(" <span class='cm-chip'>{}</span>").format(n) for n in refs)


def link(url: str, text: str) -> Markup:
    """A link to an address of the ledger, with its domain; the caller has checked the address."""
    return Markup(
        "<a href='{}' rel='noopener noreferrer nofollow'>{}</a> <span class='cm-dom'>({})</span>"
    ).format(url, text, domain(url))


def table(held: Table, caption: str) -> Markup:
    """A table in its own scroll area, figures to the right; on a phone one too wide is stacked.

    Stacked, each row is a block whose cells carry the name of their column.
    """
    head = _heads(held.columns, held.numeric)
    body = join(
        Markup("<tr>{}</tr>").format(
            join(
                Markup("<td class='{}' data-label='{}'>{}</td>").format(
                    "cm-n" if n else "", name, said(cell)
                )
                for cell, n, name in zip(row, held.numeric, held.columns, strict=True)
            )
        )
        for row in held.rows
    )
    kind = "cm-table cm-stacks" if _is_wide(held) else "cm-table"
    return Markup(
        "<div class='cm-scroll' role='region' tabindex='0' aria-label='{}'><table class='{}'>"
        "<thead>{}</thead><tbody>{}</tbody></table></div>"
    ).format(caption, kind, head, body)


def _is_wide(held: Table) -> bool:
    """Whether a phone is too narrow: many columns, or long texts or words beside the first."""
    beside = [cell.text for row in held.rows for cell in row[1:]]
    return (
        len(held.columns) > _NARROW
        or any(len(text) > _LONG for text in beside)
        or any(len(word) > _WORD for text in beside for word in text.split())
    )


def _heads(names: Sequence[str], numeric: Sequence[bool]) -> Markup:
    cells = join(
        Markup("<th scope='col' class='{}'>{}</th>").format("cm-n" if n else "", name)
        for name, n in zip(names, numeric, strict=True)
    )
    return Markup("<tr>{}</tr>").format(cells)


def evidence_card(report: Report, item: Evidence, place: int) -> Markup:
    """One item whole: figures, times, source, what it speaks for, the quoted span if it has one."""
    pairs = [
        ("Value", value_of(item)),
        ("Robust z", "not standardised" if item.z is None else amount(item.z, "z")),
        ("Pull", _pull(report, item)),
        ("Window", f"{clean(item.start, 16)} to {clean(item.end, 16)}"),
        ("Observed", instant(item.observed_at)),
        ("Available", instant(item.available_at)),
        ("Observations", "not stated" if item.n is None else str(item.n)),
        ("Quality", number(item.quality, 2)),
        ("Speaks for", _expected(item)),
        ("Id", clean(item.id, 120)),
    ]
    rows = join(Markup("<dt>{}</dt><dd>{}</dd>").format(k, v) for k, v in pairs if v)
    url = safe_url(item.url, report)
    source = link(url, clean(item.source, 200)) if url else escape(clean(item.source, 200))
    return Markup(
        "<article class='cm-card'><h3><span class='cm-chip'>{}</span> {}: {}</h3><dl>{}"
        "<dt>Source</dt><dd>{}</dd></dl>{}</article>"
    ).format(
        place,
        asset_name(item.asset),
        sentence_case(clean(item.said, 200)),
        rows,
        source,
        quotes(report, item),
    )


def _pull(report: Report, item: Evidence) -> str:
    """The item's log-odds on each cause it was weighed for, by asset group."""
    several = len(report.verdicts) > 1
    said = [
        f"{number(w.log_odds, 2, signed=True)} on {cause_name(w.cause)}"
        + (f" ({GROUP_WORDS[group]})" if several else "")
        for group, verdict in report.verdicts
        for w in verdict.weighed
        if w.evidence == item.id
    ]
    return "; ".join(said) or "not weighed"


def _expected(item: Evidence) -> str:
    signs = {1: "rises", -1: "falls"}
    said = [f"{cause_name(c)} if it {signs.get(s, 'moves')}" for c, s in item.expected]
    return "; ".join(said) or "no cause by its sign alone"


def quotes(report: Report, item: Evidence) -> Markup:
    """The notes an item was read from, each as a quoted span with its times and link."""
    notes = [n for n in report.notes if item.url and n.url == item.url and n.basis != "knowledge"]
    return join(note_card(report, note) for note in notes)


def note_card(report: Report, note: Note) -> Markup:
    """An outside item: the quoted words marked, publisher, time, link with its domain."""
    url = safe_url(note.url, report)
    where = link(url, "source") if url else Markup("no address")
    published = instant(note.published if note.precision == "minute" else note.published[:10])
    return Markup(
        "<figure class='cm-quote'><blockquote><mark>{}</mark></blockquote>"
        "<figcaption>{}, published {}. {}</figcaption></figure>"
    ).format(clean(note.text, 600), clean(note.publisher, 80), published, where)


def progress(lines: Sequence[DeskLine], names: Mapping[str, str]) -> Markup:
    """A row per desk: state in a sign and a word, seconds, what was found, cost."""
    rows = join(_progress_row(line, names) for line in lines)
    head = _heads(("Desk", "State", "Seconds", "Found"), (False, False, True, False))
    return Markup(
        "<table class='cm-table cm-progress' aria-live='polite'><thead>{}</thead>"
        "<tbody>{}</tbody></table>"
    ).format(head, rows)


def _progress_row(line: DeskLine, names: Mapping[str, str]) -> Markup:
    sign, word = _STATES[line.state]
    spent = "" if line.state == "queued" else number(line.seconds, 1)
    name = names.get(line.desk, sentence_case(line.desk.replace("_", " ")))
    return Markup(
        "<tr class='cm-{}'><th scope='row'>{}</th><td><span aria-hidden='true'>{}</span> {}</td>"
        "<td class='cm-n'>{}</td><td>{}</td></tr>"
    ).format(line.state, name, sign, word, spent, clean(line.said, 200))


def notice(text: str, kind: str = "", lead: str = "") -> Markup:
    """A calm box with a sentence in it; ``kind`` is ``bad``, ``warn`` or nothing."""
    head = Markup("<b>{}</b> ").format(lead) if lead else EMPTY
    return Markup("<div class='cm-notice cm-{}' role='status'>{}{}</div>").format(
        kind or "plain", head, text
    )
