"""What belongs to one visitor: who asks, which run the address names, and the page's frame."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NoReturn

import streamlit as st
from markupsafe import Markup

from causemap.errors import CausemapError
from causemap.ui import markup
from causemap.ui.choices import Choices
from causemap.ui.doorway import COOKIE, visitor
from causemap.ui.egress import label
from causemap.ui.markup import EMPTY
from causemap.ui.room import Room, Subject, open_room
from causemap.words import ADVICE, DESKS, clean, sentence_case

if TYPE_CHECKING:
    from causemap.ledger.store import FeedbackKind
    from causemap.records import Evidence, Report
    from causemap.ui.questions import Question

DESK_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {desk: sentence_case(name) for desk, name in DESKS.items()}
)
_KEY: Final = "run"
# Where a session keeps what its visitor set.
CHOICES: Final = "own-choices"
# The run that the address names when a new question is to be asked.
NEW: Final = "new"


@st.cache_resource(show_spinner=False)
def room() -> Room:
    """The room of this server, opened once."""
    return open_room()


def owner() -> str:
    """Whose session this is: a digest of the visitor's cookie."""
    return visitor(st.context.cookies.get(COOKIE))


def run_key() -> str | None:
    """The run or case that the address names; without one the page is empty.

    The address alone counts: so the browser's way back leads to what stood there before.
    """
    named = st.query_params.get(_KEY)
    return None if named is None or named == NEW else clean(named, 80) or None


def go_to(run_id: str) -> None:
    """Make the address name this run."""
    st.query_params[_KEY] = run_id


def choices() -> Choices:
    """What this visitor set under Settings, for this session."""
    held: Choices = st.session_state.get(CHOICES, Choices())
    return held


def ask(question: Question, kind: str = "run") -> str:
    """Begin a run of this visitor's, with this session's own settings; returns its id."""
    return room().ask(replace(question, choices=choices()), owner(), kind)


def leave() -> None:
    """Back to an empty page, for a new question."""
    if _KEY in st.query_params:
        del st.query_params[_KEY]


def address() -> dict[str, str]:
    """What a link to another page must carry to stay with the run."""
    key = run_key()
    return {_KEY: key} if key else {}


def show(fragment: Markup) -> None:
    """Show a fragment made by :mod:`causemap.ui.markup`; the one way text reaches a page."""
    if fragment:  # what has nothing to say takes no place
        st.html(str(fragment))


def subject() -> Subject:
    """The run this page is about; without one the page says so and ends here."""
    key = run_key()
    if key is None:
        show(markup.notice("Ask a question first, or open one of the examples.", lead="No run."))
        _end("Go to Ask", {})
    status = room().runner.status(key)
    if status is not None and not status.over:
        show(markup.notice("The desks are still at work on this run.", lead="Not yet."))
        _end("See the progress", address())
    try:
        found = room().subject(key)
    except CausemapError as fault:
        show(markup.notice(clean(str(fault), 400), "warn", "This run cannot be shown."))
        _end("Go to Ask", {})
    return found


def _end(said: str, carried: dict[str, str]) -> NoReturn:
    """End a page that has nothing to show, with the way to go on."""
    st.page_link("views/ask.py", label=said, query_params=carried)
    foot()
    st.stop()


def framed(title: str) -> Subject:
    """The page's title and the strip that says what run and which as-of it shows."""
    st.title(title, anchor=False)
    found = subject()
    show(markup.bar_of(found.report, found.title))
    if found.stopped:
        show(STOPPED)
    return found


STOPPED: Final = markup.notice(
    "It was stopped before all desks were done. What they had found is kept; the rest stands "
    "among the gaps.",
    "warn",
    "A partial run.",
)


def foot(report: Report | None = None) -> None:
    """The last line of every page that shows results."""
    made_with = () if report is None else report.versions
    versions = ", ".join(f"{clean(a, 40)} {clean(b, 40)}" for a, b in made_with)
    show(Markup("<p class='cm-foot'>{} All times are UTC. {}</p>").format(ADVICE, versions))


def cited(
    report: Report, ids: tuple[str, ...], key: str, *, opened: bool = False, said: Markup = EMPTY
) -> None:
    """Numbered chips for evidence items; a chosen one opens with its source and quoted span.

    With ``opened`` the first stands open from the start. Chips stand beside the words ``said``.
    """
    places = {item.id: k for k, item in enumerate(report.evidence, 1)}
    known = [i for i in dict.fromkeys(ids) if i in places]
    with st.container(key=f"line-{key}", horizontal=True) if said else nullcontext():
        show(said)
        if not known:
            return
        chosen = st.pills(
            "Evidence",
            known,
            default=known[0] if opened else None,
            format_func=lambda i: str(places[i]),
            key=f"pills-{key}",
            label_visibility="collapsed",
            width="content",
        )
    item = report.find(chosen) if chosen else None
    if item is not None:
        evidence_panel(report, item, key)


def evidence_panel(report: Report, item: Evidence, key: str) -> None:
    """An evidence item opened, and beneath it the place to object to it."""
    place = 1 + [e.id for e in report.evidence].index(item.id)
    show(markup.evidence_card(report, item, place))
    objection(f"{item.said} ({item.id})", f"{key}-{item.id}")


_OBJECTIONS: Final[dict[FeedbackKind, str]] = {
    "wrong_cause": "Wrong cause",
    "wrong_number": "Wrong number",
    "bad_source": "Bad source",
    "other": "Other",
}


def objection(claim: str, key: str) -> None:
    """A small form that keeps an objection to one claim for the evaluation."""
    with (
        st.popover("Object to this", type="tertiary"),
        st.form(f"objection-{key}", border=False, clear_on_submit=True),
    ):
        kind = st.selectbox("What is wrong", list(_OBJECTIONS), format_func=_OBJECTIONS.__getitem__)
        said = st.text_area("In your words", max_chars=1000, height=80)
        if st.form_submit_button("Keep the objection"):
            _keep(claim, kind, said)


def _keep(claim: str, kind: FeedbackKind, said: str) -> None:
    try:
        found = subject()
        run_id = room().adopt(found, owner())
        room().ledger.feedback(run_id, claim, kind, said)
    except CausemapError as fault:
        show(markup.notice(clean(str(fault), 300), "bad"))
        return
    show(markup.notice("Kept. It can be exported from Settings as a candidate for evaluation."))


def run_link(text: str, page: str, run_id: str) -> None:
    """A link to a page of another run, its text shown as it is."""
    st.page_link(page, label=label(text, 60), query_params={_KEY: run_id})
