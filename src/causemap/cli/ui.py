"""``causemap ui``: the analyst's desk in a browser, on this machine only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from causemap.cli.options import DataOption

PortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")]


def serve(port: PortOption = 8501, data_dir: DataOption = None) -> None:
    """Serve the analyst's desk without opening a browser. As `ui --no-browser`: 127.0.0.1 only."""
    ui(port, browser=False, data_dir=data_dir)


def ui(
    port: PortOption = 8501,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
    data_dir: DataOption = None,
) -> None:
    """Open the analyst's desk: ask, read, check, compare, brief. Serves 127.0.0.1 only."""
    from streamlit.web import cli as server

    from causemap.cli.asking import read_settings

    read_settings(data_dir)  # a wrong setting is told here, not on the page
    script = Path(__file__).resolve().parents[1] / "ui" / "app.py"
    flags = [f"--server.port={port}", f"--server.headless={str(not browser).lower()}"]
    typer.echo(f"The desk: http://127.0.0.1:{port} (Ctrl+C ends it; runs are kept)", err=True)
    passed = ["--", "--data-dir", str(data_dir.resolve())] if data_dir else []
    server.main(["run", str(script), *flags, *passed], standalone_mode=False)
