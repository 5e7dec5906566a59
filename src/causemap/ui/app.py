"""The analyst's desk as a web application: ``streamlit run ui/app.py`` or ``causemap ui``."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from causemap.ui.doorway import Doorway, plain_fault

app = App(
    Path(__file__).resolve().with_name("desk.py"),
    middleware=[Middleware(Doorway)],
    on_script_error=plain_fault,
)
