"""The analyst's desk as a web application: ``streamlit run ui/app.py`` or ``causemap ui``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread

from starlette.middleware import Middleware
from streamlit.starlette import App

from causemap.ui.doorway import Doorway, plain_fault
from causemap.ui.warming import import_pages


@asynccontextmanager
async def _warmed(_app: App) -> AsyncIterator[None]:
    """Import what the first visitor would otherwise wait for, beside the server's own start."""
    Thread(target=import_pages, name="warm", daemon=True).start()
    yield


app = App(
    Path(__file__).resolve().with_name("desk.py"),
    lifespan=_warmed,
    middleware=[Middleware(Doorway)],
    on_script_error=plain_fault,
)
