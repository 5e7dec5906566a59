"""Follow-ups: a conversation over the frozen run, answered from its evidence alone."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext, suppress
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
    from streamlit.delta_generator import DeltaGenerator

    from causemap.ledger import TurnRow
    from causemap.ui.room import Subject

_CHAT: Final = "causemap.agents.chat"
# The run this session is asking on, and the question it has just sent.
_TALKING: Final = "talking"
_ASKED: Final = "asked-on"
_LINE: Final = "ask-on"
# Seconds between two paragraphs of an answer, and for all of them.
_PAUSE: Final = 0.12
_REVEAL: Final = 0.6
_ASKING: Final = Markup(
    "<div class='cm-turn'><h2>You asked</h2><p>{}</p></div>"
    "<div class='cm-say' aria-live='polite'>{}</div>"
)
_READING: Final = Markup("<p>Reading the evidence of this run.</p>")
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
    run, asked = st.session_state.get(_ASKED, ("", ""))
    if asked and run == found.key:
        _answer(found, asked, turns)
    _line(found)


def _line(found: Subject) -> None:
    """The line to ask on: at the page's foot, which scrolls there, only once one has asked here.

    Before that it floats within the page, which therefore opens at the verdict.
    """
    talking = st.session_state.get(_TALKING) == found.key
    with nullcontext() if talking else st.container(key="ask-line"):
        st.chat_input(
            "Ask on: why not rates? what if yields had risen?",
            max_chars=600,
            key=_LINE,
            on_submit=_take,
            args=(found,),
        )


def _take(found: Subject) -> None:
    """Take a question before the page is laid, whose links then lead to the reader's own run.

    Were the page run again after the answer instead, it would overrule a link that the reader
    clicked meanwhile. A question that such a click leaves without answer waits for its run's page.
    """
    run_id = found.key
    with suppress(CausemapError):  # told where the answer is to be kept
        run_id = session.room().adopt(found, session.owner())
        st.session_state[_TALKING] = run_id
        session.go_to(run_id)
    st.session_state[_ASKED] = (run_id, clean(st.session_state[_LINE] or "", 600))


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
    said = Markup("<div class='cm-turn'><h2>You asked</h2><p>{}</p></div>")
    session.show(said.format(clean(turn.question)))
    with st.container(key=f"turn-{place}"):
        safe = to_html(held.text, allowed_links(found.report))
        said_html = Markup(safe)  # noqa: S704  made by the egress filter, which escapes all text
        session.show(Markup("<div class='cm-say'>{}</div>").format(said_html))
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
    place = st.empty()
    with place.container():
        session.show(_ASKING.format(asked, _READING))
    try:
        given = _replied(chat, found, asked, _history(chat, turns))
        run_id = session.room().adopt(found, session.owner())
        kept = json.dumps({name: getattr(given, name) for name in _KNOWN}, ensure_ascii=False)
        session.room().ledger.add_turn(run_id, asked, kept, owner=session.owner())
    except CausemapError as fault:
        st.session_state.pop(_ASKED)
        with place.container():
            session.show(markup.notice(clean(str(fault), 400), "bad", "No answer."))
        return
    st.session_state.pop(_ASKED)
    _reveal(place, found, asked, given.text)
    with place.container():
        _show_turn(found, _turns(found)[-1], len(turns))


def _replied(chat: Any, found: Subject, asked: str, history: tuple[Any, ...]) -> Any:
    """The deterministic answer, or with a model's reading of the question where one is set up."""
    other = session.room().other
    settings = session.choices().applied(session.room().settings)
    from causemap.briefing.headline import headlines

    report, dossier, model = found.report, found.dossier, settings.model
    if settings.llm != "auto" or model is None:
        return chat.reply(report, dossier, asked, history, other=other, headlines=headlines)
    from causemap.agents.chat_model import reply_with_model

    return reply_with_model(
        report, dossier, asked, model, history, other=other, headlines=headlines
    )


def _reveal(place: DeltaGenerator, found: Subject, asked: str, text: str) -> None:
    """The answer paragraph by paragraph: each is checked and final before it is shown."""
    parts = [part for part in text.split("\n\n") if part.strip()]
    pause = min(_PAUSE, _REVEAL / max(1, len(parts)))
    for shown in range(1, len(parts) + 1):
        safe = to_html("\n\n".join(parts[:shown]), allowed_links(found.report))
        said = Markup(safe)  # noqa: S704  made by the egress filter, which escapes all text
        with place.container():
            session.show(_ASKING.format(asked, said))
        time.sleep(pause)


def _history(chat: Any, turns: tuple[TurnRow, ...]) -> tuple[Any, ...]:
    held = ((turn.question, read_answer(turn.answer)) for turn in turns)
    return tuple(chat.Turn(q, a.intent, a.text) for q, a in held if a is not None)
