"""A run at work: a row per desk, what it costs, and the way to end it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from causemap.ui import markup, session

_TICK: Final = 0.4
_LEAVE: Final = "You may leave this page; the run goes on and this address leads back to it."
_STOPPING: Final = "Stopping: desks at work end what they are reading; what they found is kept."


@st.fragment(run_every=_TICK)
def watch(key: str) -> None:
    """Show how the run stands; the page is run again as soon as it is over."""
    runner = session.room().runner
    status = runner.status(key)
    if status is None or status.over:
        st.rerun()
    session.show(markup.progress(status.desks, session.DESK_NAMES))
    said = _STOPPING if status.stopping else f"{_cost()} {_LEAVE}"
    session.show(markup.notice(f"{status.seconds:.0f} s so far. {said}"))
    st.button(
        "Stop and keep what there is",
        key="stop",
        disabled=status.stopping,
        on_click=_stop,
        args=(key,),
    )


def _stop(key: str) -> None:
    session.room().runner.stop(key, session.owner())


def _cost() -> str:
    if session.choices().applied(session.room().settings).llm == "off":
        return "No model is called: this run costs nothing."
    return "A model may take part, within the budget under Settings."
