"""The Settings page: one's own questions, what this server works with, exports.

Keys are never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Final

import streamlit as st
from markupsafe import Markup

from causemap.errors import CausemapError
from causemap.reporting.tree import Line, Table
from causemap.settings import KNOWN, PREFIX, ModelSettings, Settings
from causemap.ui import markup, session
from causemap.ui.choices import Choices
from causemap.words import clean, instant

# Shown by name only: whether there is one, never what it is.
_SECRET = re.compile(r"(?:^|_)(?:key|token|secret|password|url)$")
_SAID = {
    "data_dir": "Market data",
    "home": "Kept by the program (runs, library, caches)",
    "llm": "Language model takes part",
    "model": "Model",
    "model_name": "Model",
    "model_records": "Model calls are kept in",
    "model_url": "Model server",
    "model_key": "Model key",
    "model_deadline": "Seconds per model call",
    "model_run_seconds": "Seconds of model calls per run",
    "model_run_tokens": "Model tokens per run",
    "model_day_tokens": "Model tokens per day",
    "model_run_usd": "Model dollars per run",
    "model_day_usd": "Model dollars per day",
    "model_language": "Language of the account",
    "user_agent": "Name told to data sources",
    "fred_key": "FRED key",
    "feeds_file": "List of news feeds",
    "chroma_url": "Vector server",
    "embeddings": "Vectors of the library",
    "desk_timeout": "Seconds per desk",
    "seed": "Seed",
    "draws": "Random rotations",
    "resamples": "Bootstrap resamples",
    "ledger_url": "Runs in another database",
}
_LANGUAGES = {"en": "English", "zh": "Chinese"}
_VARIABLES = {"model_name": "MODEL", "model_language": "LANGUAGE", "feeds_file": "FEEDS"}


def page() -> None:
    """The page."""
    st.title("Settings", anchor=False)
    _own()
    rows = tuple(_rows(session.room().settings))
    table = Table(("What", "Variable", "Value"), (False, False, False), rows)
    session.show(
        Markup("<section class='cm-panel'><h2>This server</h2>{}</section>").format(
            markup.table(table, "Settings of this server")
        )
        + markup.notice(
            "Read from the environment when the server starts; they hold for all visitors. Where "
            "the model is asked and with which key no page can change, for the key goes wherever "
            "the address points. Keys are never shown."
        )
    )
    _exports()
    session.foot()


def _own() -> None:
    """What holds for this visitor's own questions, until the page is reloaded."""
    heading = "Your questions, until this page is reloaded"
    session.show(Markup("<section class='cm-panel'><h2>{}</h2></section>").format(heading))
    settings, held = session.room().settings, session.choices()
    model = settings.model if settings.llm == "auto" else None
    library = (settings.home / "library" / "library.sqlite").is_file()
    if model is None:
        session.show(_NO_MODEL)
    if model is None and not library:
        return
    with st.form("choices", border=False):
        chosen = held if model is None else _of_model(held, model)
        if library:
            said = "Test what the articles of the library claim about the window"
            chosen = replace(chosen, library=st.checkbox(said, held.library))
        if st.form_submit_button("Use for my questions"):
            st.session_state[session.CHOICES] = chosen
            session.show(markup.notice("In use from the next question on."))


_NO_MODEL: Final = markup.notice(
    "No language model is set up on this server (CAUSEMAP_MODEL with CAUSEMAP_LLM=auto), so there "
    "is no budget and no language to choose: answers are computed, in English. The Briefing page "
    "has a language of its own, and Data chooses the sources of a pull."
)


def _of_model(held: Choices, model: ModelSettings) -> Choices:
    """The choices about the model; no amount goes beyond what the server allows."""
    own = held.applied(replace(session.room().settings, llm="auto")).model or model
    part = st.checkbox(f"A language model ({clean(model.name, 60)}) takes part", held.model)
    one, two, three, four = st.columns(4)
    tokens = one.number_input("Tokens per question", 0, model.run_tokens, own.run_tokens, 1000)
    usd = two.number_input("Dollars per question", 0.0, model.run_usd, own.run_usd)
    seconds = three.number_input("Seconds for its calls", 0.0, model.run_seconds, own.run_seconds)
    names = list(dict.fromkeys((own.language, *_LANGUAGES)))
    language = four.selectbox(
        "Language of the account", names, format_func=lambda n: _LANGUAGES.get(n, n)
    )
    return Choices(part, tokens, usd, seconds, language)


def _rows(settings: Settings) -> Iterator[tuple[Line, ...]]:
    for field in fields(settings):
        held = getattr(settings, field.name)
        named = [(field.name, held)]
        if is_dataclass(held):
            named = [(f"{field.name}_{f.name}", getattr(held, f.name)) for f in fields(held)]
        for name, value in named:
            variable = PREFIX + _VARIABLES.get(name, name.upper())
            said = Line(_SAID.get(name, name.replace("_", " ").capitalize()))
            yield said, Line(variable if variable in KNOWN else ""), Line(_value(name, value))


def _value(name: str, value: object) -> str:
    if _SECRET.search(name):
        return "set" if value else "not set"
    return clean(str(value), 200) if value not in (None, "") else "not set"


def _exports() -> None:
    ledger = session.room().ledger
    mine = {row.id for row in ledger.runs(session.owner())}
    rows = [row for row in ledger.feedback_rows() if row.run_id in mine]
    lines = tuple(
        (
            Line(clean(r.title, 80)),
            Line(clean(r.claim, 160)),
            Line(r.kind.replace("_", " ")),
            Line(clean(r.text, 160)),
            Line(instant(r.at[:16] + "Z")),
        )
        for r in rows
    )
    session.show(Markup("<section class='cm-panel'><h2>Your objections</h2></section>"))
    if lines:
        columns = ("Run", "Claim", "Kind", "Words", "When")
        table = Table(columns, (False,) * 5, lines)
        session.show(markup.table(table, "Your objections"))
        kept = [line for line, row in _exported() if row in mine]
        st.download_button(
            "Export as evaluation candidates (JSON Lines)",
            "".join(kept),
            "feedback.jsonl",
            "application/json",
            on_click="ignore",
        )
    else:
        session.show(
            Markup(
                "<p class='cm-quiet'>None yet: each evidence item and sentence has an "
                "'Object to this'.</p>"
            )
        )
    _import()


def _exported() -> list[tuple[str, str]]:
    """Lines of the export with the run each belongs to."""
    ledger = session.room().ledger
    lines = ledger.feedback_export().splitlines(keepends=True)
    return list(zip(lines, (row.run_id for row in ledger.feedback_rows()), strict=True))


def _import() -> None:
    session.show(Markup("<section class='cm-panel'><h2>Open a shared run file</h2></section>"))
    given = st.file_uploader("Run file or report JSON", type="json", max_upload_size=8)
    if given is None or not st.button("Open the file"):
        return
    try:
        content = given.getvalue().decode("utf-8")
        run_id = session.room().ledger.add_file(content, owner=session.owner())
    except (CausemapError, UnicodeDecodeError) as fault:
        said = clean(str(fault), 300) if isinstance(fault, CausemapError) else "It is not UTF-8."
        session.show(markup.notice(said, "bad", "The file cannot be read."))
        return
    st.switch_page("views/ask.py", query_params={"run": run_id})
