"""Follow-ups: a conversation over the frozen run, answered from its evidence alone."""

from __future__ import annotations

import json
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import streamlit as st
from markupsafe import Markup

from causemap.errors import CausemapError
from causemap.ui import markup, session
from causemap.ui.charting import draw_one
from causemap.ui.egress import allowed_links, to_html
from causemap.ui.room import has_part
from causemap.words import clean

if TYPE_CHECKING:
    from causemap.ledger import TurnRow
    from causemap.ui.room import Subject

_CHAT: Final = "causemap.agents.chat"
# The run this session is asking on.
_TALKING: Final = "talking"
# Seconds between two paragraphs of an answer, and for all of them.
_PAUSE: Final = 0.12
_REVEAL: Final = 0.6
_KNOWN: Final = ("intent", "text", "evidence", "chart", "action")


class Answered(NamedTuple):
    """A stored answer, as :class:`causemap.agents.turns.ChatAnswer` has it."""

    intent: str
    text: str
    evidence: tuple[str, ...]
    chart: str | None
    action: str | None


def conversation(found: Subject) -> None:
    """The follow-ups so far, and the line for the next one."""
    if not has_part(_CHAT):
        session.show(
            markup.notice("Follow-up questions are not available in this build of the program.")
        )
        return
    turns = _turns(found)
    for place, turn in enumerate(turns):
        _show_turn(found, turn, place)
    asked = _line(talking=st.session_state.get(_TALKING) == found.key)
    if asked:
        _answer(found, clean(asked, 600), turns)


def _line(*, talking: bool) -> str | None:
    """The line to ask on: at the page's foot, which scrolls there, only once one has asked here.

    Before that it floats within the page, which therefore opens at the verdict.
    """
    hint = "Ask on: why not rates? what if yields had risen?"
    if talking:
        return st.chat_input(hint, max_chars=600, key="ask-on")
    with st.container(key="ask-line"):
        return st.chat_input(hint, max_chars=600, key="ask-on")


def read_answer(stored: str) -> Answered | None:
    """An answer from its stored JSON, or ``None`` if it is not one."""
    try:
        raw = json.loads(stored)
        values = [raw[name] for name in _KNOWN]
    except (json.JSONDecodeError, KeyError, TypeError):
        return None
    intent, text, evidence, chart, action = values
    return Answered(str(intent), str(text), tuple(map(str, evidence)), chart, action)


def _turns(found: Subject) -> tuple[TurnRow, ...]:
    ids = [found.key] if found.row is not None else _adopted(found)
    return tuple(t for i in ids for t in session.room().ledger.turns(i, session.owner()))


def _adopted(found: Subject) -> list[str]:
    """The visitor's own run of a bundled case, if there is one."""
    rows = session.room().ledger.runs(session.owner())
    return [r.id for r in rows if r.kind == "case" and r.title == found.title][:1]


def _show_turn(found: Subject, turn: TurnRow, place: int) -> None:
    held = read_answer(turn.answer)
    if held is None:
        return
    said = Markup("<div class='cm-turn'><h3>You asked</h3><p>{}</p></div>")
    session.show(said.format(clean(turn.question)))
    with st.container(key=f"turn-{place}"):
        safe = to_html(held.text, allowed_links(found.report))
        # Made by the egress filter, which escapes all text and knows no other markup.
        safe_html = Markup(safe)  # noqa: S704
        session.show(Markup("<div class='cm-say'>{}</div>").format(safe_html))
        session.cited(found.report, held.evidence, f"turn-{place}")
        if held.chart:
            draw_one(found, held.chart, f"turn-{place}")
        if held.action == "refresh":
            _offer_refresh(found, place)


def _offer_refresh(found: Subject, place: int) -> None:
    """Measuring again happens only when the reader says so; the old run stays as it is."""
    from causemap.ui.questions import Question

    if not session.room().has_data or not st.button("Measure this window again", key=f"r-{place}"):
        return
    scope = found.report.scope
    question = Question("window", found.title, scope.start, scope.end, scope.assets)
    session.go_to(session.ask(question))
    st.rerun()


def _answer(found: Subject, asked: str, turns: tuple[TurnRow, ...]) -> None:
    # Not every build has the part, so it is found by name.
    chat: Any = import_module(_CHAT)
    try:
        given = _replied(chat, found, asked, _history(chat, turns))
        run_id = session.room().adopt(found, session.owner())
        kept = json.dumps({name: getattr(given, name) for name in _KNOWN}, ensure_ascii=False)
        session.room().ledger.add_turn(run_id, asked, kept, owner=session.owner())
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 400), "bad", "No answer."))
        return
    _reveal(found, asked, given.text)
    st.session_state[_TALKING] = run_id
    session.go_to(run_id)
    st.rerun()


def _replied(chat: Any, found: Subject, asked: str, history: tuple[Any, ...]) -> Any:
    """The deterministic answer, or with a model's reading of the question where one is set up."""
    other = session.room().other
    settings = session.choices().applied(session.room().settings)
    if settings.llm != "auto" or settings.model is None:
        return chat.reply(found.report, found.dossier, asked, history, other=other)
    from causemap.agents.chat_model import reply_with_model

    report, dossier, model = found.report, found.dossier, settings.model
    return reply_with_model(report, dossier, asked, model, history, other=other)


def _reveal(found: Subject, asked: str, text: str) -> None:
    """The answer paragraph by paragraph: each is checked and final before it is shown."""
    parts = [part for part in text.split("\n\n") if part.strip()]
    pause = min(_PAUSE, _REVEAL / max(1, len(parts)))
    place = st.empty()
    for shown in range(1, len(parts) + 1):
        safe = to_html("\n\n".join(parts[:shown]), allowed_links(found.report))
        said = Markup(safe)  # noqa: S704  made by the egress filter, which escapes all text
        with place.container():
            session.show(
                Markup(
                    "<div class='cm-turn'><h3>You asked</h3><p>{}</p></div>"
                    "<div class='cm-say' aria-live='polite'>{}</div>"
                ).format(asked, said)
            )
        time.sleep(pause)


def _history(chat: Any, turns: tuple[TurnRow, ...]) -> tuple[Any, ...]:
    held = ((turn.question, read_answer(turn.answer)) for turn in turns)
    return tuple(chat.Turn(q, a.intent, a.text) for q, a in held if a is not None)
