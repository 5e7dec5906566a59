"""What language models contributed to a report, as a section of every view."""

from __future__ import annotations

from typing import Final

from causemap.model_records import Finding, ModelPart, Objection, Priced
from causemap.records import Report
from causemap.reporting.tree import Line, Section, refs
from causemap.words import cause_name, clean, number, sentence, sentence_case, value_of

_BOUND: Final = "Probabilities, figures and the verdict are computed, not the model's."


def model_part(report: Report) -> Section | None:
    """The section, or ``None`` for a run without a model."""
    part = report.model
    if part is None:
        return None
    lines = [Line(f"{_calls(part)} {_BOUND}", lead="Models:")]
    lines += [_finding(report, finding) for finding in part.findings]
    lines += [_objection(report, one) for one in part.objections]
    if part.alternative is not None:
        rival = part.alternative
        lines.append(
            Line(
                f"{sentence_case(cause_name(rival.cause))}; the items cited would decide.",
                refs(report, rival.evidence),
                "Strongest rival, by the sceptic:",
            )
        )
    lines += [Line(sentence(why, 200), lead="Without the model:") for why in part.failures]
    return Section("model", "What language models did", tuple(lines))


def _calls(part: ModelPart) -> str:
    calls = part.calls
    names = (
        ", ".join(dict.fromkeys(clean(c.model, 60) for c in calls if c.model)) or "none answered"
    )
    deep = len({call.stage for call in calls})
    tokens = sum(call.tokens_in + call.tokens_out for call in calls)
    said = f"{names}; {len(calls)} calls, {deep} deep, {number(tokens, 0)} tokens"
    return ", ".join(text for text in (said, cost_in_words(part)) if text) + "."


def cost_in_words(part: ModelPart) -> str:
    """What the calls cost, as the estimate it is; an unknown price is said, never counted as 0."""
    total = sum(call.cost_usd for call in part.calls if call.cost_usd is not None)
    origin = part.priced
    if origin is None or origin.kind in ("listed", "own"):
        known = any(call.cost_usd is not None for call in part.calls)
        table = "" if origin is None else f" (prices of {_table(origin)})"
        return f"about ${number(total, 4)}{table}" if known else ""
    if origin.kind == "local":
        return "no charge, as the server is on this machine"
    return "cost not known, as no price of this model is; the limits in money did not hold"


def _table(origin: Priced) -> str:
    return f"{clean(origin.as_of, 10)}, {clean(origin.source, 60)}"


def _finding(report: Report, finding: Finding) -> Line:
    """A finding by the items it rests on: their names and figures, in the engine's words."""
    items = [item for key in finding.evidence if (item := report.find(key)) is not None]
    said = ", ".join(f"{clean(item.said, 120)} {value_of(item)}" for item in items)
    lead = f"{sentence_case(clean(finding.agent, 40))} desk, {finding.kind}:"
    return Line(f"{sentence_case(said)}.", refs(report, finding.evidence), lead)


def _objection(report: Report, objection: Objection) -> Line:
    items = [item for key in objection.evidence if (item := report.find(key)) is not None]
    named = ", ".join(clean(item.said, 120) for item in items)
    lead = f"Objection by {clean(objection.agent, 40)}:"
    return Line(f"{named} should count for less.", refs(report, objection.evidence), lead)
