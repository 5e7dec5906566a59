"""How the desk is served: loopback, headers, cookie, configuration."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.ui.doorway import COOKIE, HEADERS, Doorway, policy, visitor

ROOT = Path(__file__).resolve().parents[2]
CONFIG = tomllib.loads((ROOT / "src/causemap/ui/.streamlit/config.toml").read_text("utf-8"))


def test_the_server_is_closed_by_default() -> None:
    """Loopback, known hosts, request forgery guard, no statistics, no details, small uploads."""
    server = CONFIG["server"]
    assert server["address"] == "127.0.0.1"
    assert server["allowedHosts"] == ["127.0.0.1", "localhost", "[::1]"]
    assert server["enableXsrfProtection"] is True
    assert server["maxUploadSize"] <= 10
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["allowedOrigins"] == []


def relative(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of ``#rrggbb``."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours."""
    light, dark = sorted((relative(one), relative(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_visitors_are_offered_no_tools_for_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's card for developers stays away even where it finds what it was made for."""
    from streamlit import config
    from streamlit.web import skills

    held = {
        "server.headless": CONFIG["server"]["headless"],
        **{f"logger.{name}": value for name, value in CONFIG["logger"].items()},
    }
    monkeypatch.setattr(config, "get_option", held.__getitem__)
    monkeypatch.setattr(skills, "agent_harness_present", lambda: True)
    assert skills.nudge_suppression_reason() == "welcome_hidden"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_links_stand_out(scheme: str) -> None:
    """Text and links have 4.5:1 on every ground of the theme, the accent 3:1."""
    theme = CONFIG["theme"][scheme]
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["textColor"], ground) >= 4.5
        assert contrast(theme["linkColor"], ground) >= 4.5
        assert contrast(theme["primaryColor"], ground) >= 3.0


def test_chart_tones_stand_out_on_dark() -> None:
    """Every tone of a chart on a dark page has at least 3:1 against it."""
    from causemap.ui.tones import CHART

    ground = CONFIG["theme"]["dark"]["backgroundColor"]
    weak = {tone for tone in CHART.values() if contrast(tone, ground) < 3.0}
    assert weak <= {"#2a333d", "#0f1419"}  # grid lines and the ground itself


def test_own_inline_scripts_are_named_by_digest() -> None:
    """The start page's own scripts run; no other inline script does."""
    made = policy("<script>let a = 1</script><script src='x'></script>")
    assert made.count("'sha256-") == 1
    assert "'unsafe-inline'" not in made.split("style-src")[0]
    assert policy("").count("sha256") == 0


def test_the_sample_proxy_sends_the_same_headers() -> None:
    """Who serves beyond this machine copies a file that is no weaker than the server's own."""
    sample = (ROOT / "docs/proxy/nginx.conf").read_text("utf-8")
    for name in HEADERS:
        assert name in sample
    held = re.search(r'Content-Security-Policy "([^"]+)"', sample)
    assert held is not None
    for rule in ("default-src 'none'", "img-src 'self' data:", "frame-ancestors 'none'"):
        assert rule in held[1]
    assert "auth_basic" in sample
    assert "client_max_body_size" in sample


async def start_of(headers: list[tuple[bytes, bytes]], method: str = "GET") -> dict[str, str]:
    """The answer's headers when a page is asked for with these."""
    sent = []

    async def app(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]  # the ASGI callable

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "headers": headers}
    await Doorway(app)(scope, None, send)  # type: ignore[arg-type]  # plain ASGI values
    return {k.decode(): v.decode() for k, v in sent[0]["headers"]}  # type: ignore[attr-defined]  # header pairs


def headers_of(headers: list[tuple[bytes, bytes]], method: str = "GET") -> dict[str, str]:
    """As :func:`start_of`, waited for."""
    import asyncio

    return asyncio.run(start_of(headers, method))


def test_a_page_sets_a_cookie_once() -> None:
    """A visitor without one gets a cookie that scripts cannot read; one with it keeps it."""
    page = (b"accept", b"text/html")
    given_ = headers_of([page])["set-cookie"]
    assert "HttpOnly" in given_
    assert "SameSite=Strict" in given_
    kept = given_.split(";")[0].encode()
    assert "set-cookie" not in headers_of([page, (b"cookie", kept)])
    assert "set-cookie" in headers_of([page, (b"cookie", f"{COOKIE}=short".encode())])
    assert "set-cookie" not in headers_of([(b"accept", b"*/*")])
    assert "set-cookie" not in headers_of([page], "POST")


def test_every_answer_carries_the_headers() -> None:
    """Files and pages alike."""
    sent = headers_of([(b"accept", b"*/*")])
    assert {name.lower() for name in HEADERS} <= set(sent)
    assert "content-security-policy" in sent


@given(st.text(max_size=80))
def test_any_cookie_value_is_somebody(value: str) -> None:
    """A made-up cookie is a digest or the local visitor, never a fault and never itself."""
    name = visitor(value)
    assert name == "local" or re.fullmatch(r"[0-9a-f]{32}", name)


def test_visitors_differ() -> None:
    """Two cookies are two visitors; none is the local one."""
    assert visitor("a" * 32) != visitor("b" * 32)
    assert visitor(None) == "local"


@pytest.mark.parametrize("command", [["ui", "--no-browser"], ["serve"]])
def test_the_command_serves_the_desk_with_its_data(
    command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Port, browser and data folder reach the server; nothing else is opened."""
    from causemap.cli import main

    given_: list[list[str]] = []
    monkeypatch.setattr("streamlit.web.cli.main", lambda args, **_: given_.append(args))
    with pytest.raises(SystemExit) as ended:
        main([*command, "--port", "8600", "--data-dir", str(tmp_path)])
    assert not ended.value.code
    (args,) = given_
    assert args[0] == "run"
    assert Path(args[1]).name == "app.py"
    assert args[2:] == [
        "--server.port=8600",
        "--server.headless=true",
        "--",
        "--data-dir",
        str(tmp_path.resolve()),
    ]
