"""Evidence as rows of a prompt: the engine's own words and figures, never outside text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from causemap.agents.clauses import plain_label
from causemap.attribution.order import Step, proved_steps
from causemap.causes import NAMES
from causemap.model_records import Finding
from causemap.records import Claim, Dossier, Evidence, Node, Report, Verdict
from causemap.words import amount, band, percent, value_of

_MOST_CLAIMS: Final = 12


def row(item: Evidence) -> str:
    """``id | what | value | z``; what was read in outside texts is named by its metric only."""
    z = "" if item.z is None else amount(item.z, "z")
    return f"{item.id} | {_what(item)} | {value_of(item)} | {z}"


def _what(item: Evidence) -> str:
    """The engine's own name of a measure; what came from a page may be a stranger's words."""
    if item.family != "text" and item.url is None:
        return item.said
    metric = item.metric.replace("_", " ")
    causes = ", ".join(NAMES[cause] for cause, _ in item.expected)
    return f"text evidence ({metric}: {causes})" if causes else f"text evidence ({metric})"


def rows(items: Iterable[Evidence]) -> list[str]:
    """One row an item."""
    return [row(item) for item in items]


def short_row(item: Evidence) -> str:
    """``id | what``."""
    return f"{item.id} | {_what(item)}"


def weighty(report: Report, most: int) -> list[Evidence]:
    """The items the verdicts rest on, strongest pull first; ties by id."""
    pulls: dict[str, float] = {}
    for _, verdict in report.verdicts:
        for pull in verdict.weighed:
            pulls[pull.evidence] = max(pulls.get(pull.evidence, 0.0), abs(pull.log_odds))
    named = sorted(pulls, key=lambda key: (-pulls[key], key))
    return [item for key in named if (item := report.find(key)) is not None][:most]


def pull_row(item: Evidence, verdict: Verdict) -> str:
    """A row with the item's pull on the leading cause."""
    leading = verdict.ranked[0][0] if verdict.ranked else None
    pulls = [w.log_odds for w in verdict.weighed if w.evidence == item.id and w.cause == leading]
    return f"{row(item)} | {sum(pulls):+.1f}" if pulls else f"{row(item)} |"


def told(verdict: Verdict) -> str:
    """Causes by falling probability, with their hedge."""
    shown = [(cause, p) for cause, p in verdict.ranked if p >= 0.01]
    return ", ".join(f"{cause} {percent(p)} ({band(p)})" for cause, p in shown)


def steps(report: Report) -> list[str]:
    """The cause map's order as far as it is proved, each step with its nodes and their ids."""
    return [parts for step in proved_steps(report.cause_map) if (parts := _step(step))]


def _step(step: Step) -> str:
    told = _nodes(step.nodes)
    return told if not step.beside or not told else f"{told} (after {_nodes(step.after) or 'some'})"


def _nodes(nodes: Iterable[Node]) -> str:
    return "; ".join(
        f"{node.kind} {plain_label(node.label)} [{', '.join(node.evidence[:2])}]"
        for node in nodes
        if node.evidence
    )


def claim_rows(claims: Sequence[Claim], dossier: Dossier) -> list[str]:
    """Claims as closed records: what they point to and how they fared, not a word of theirs."""
    held = {item.id for item in dossier.evidence}
    made = []
    for n, claim in enumerate(claims[:_MOST_CLAIMS], 1):
        ids = ", ".join(key for key in claim.evidence if key in held)
        row = f"statement {n}: {claim.verdict}"
        made.append(f"{row} [{ids}]" if ids else row)
    return made


def finding_rows(findings: Iterable[Finding]) -> list[str]:
    """Findings and doubts with who holds them; their figures stay slots."""
    return [f"{f.agent} ({f.kind}): {f.template}" for f in findings]
