"""The forms of an issue: the same words in all, nothing from outside, the rules of email."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from bs4 import BeautifulSoup
from tests.briefing.extract import disagreements, words_of_text

from causemap.briefing import codec
from causemap.briefing.mail import to_eml, to_text
from causemap.briefing.markdown import to_markdown
from causemap.briefing.page import MAX_BYTES, to_page, to_paste
from causemap.briefing.tree import Correction, Issue, Part, Said
from causemap.errors import UsageError
from causemap.words import MINUS

IssueOf = Callable[..., Issue]

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [link](javascript:alert(1)) "
    "![](https://evil.example/p.png) <https://evil.example> | `code` **bold** &amp;"
)


def test_all_forms_say_the_same_words(case: str, issue_of: IssueOf) -> None:
    """Markdown, paste and both halves of the email give one sequence of words and figures."""
    assert disagreements(issue_of(case, 900)) == ()


def test_every_figure_has_the_minus_of_the_headline(case: str, issue_of: IssueOf) -> None:
    """No hyphen stands for a minus, in any form; the words between hyphens keep theirs."""
    said = to_text(issue_of(case, 900))
    told = re.sub(r"<https?://\S+>", "", said)
    assert re.findall(r"(?<![\w.])-\d[\d.]*(?:%| standard)", told) == []
    assert MINUS in told


def test_a_source_without_an_outlet_is_a_sentence(issue_of: IssueOf) -> None:
    """Dated notes have no outlet: title and time begin with large letters."""
    assert re.search(r"\] Dated notes\. Data known \d", to_text(issue_of("2026-02-seed", 350)))


def test_the_pdf_says_the_same_words(pictured: Issue) -> None:
    """Words taken out of the PDF are those of the plain text."""
    pytest.importorskip("weasyprint")
    from pypdf import PdfReader

    from causemap.briefing.pdf import to_pdf

    reader = PdfReader(io.BytesIO(to_pdf(pictured)))
    pages = [re.sub(r"\n\d+\s*$", "", page.extract_text()) for page in reader.pages]
    squeezed = "".join(" ".join(pages).split())
    said = "".join(re.sub(r"<https?://\S+>|-{4,}", "", to_text(pictured)).split())
    assert squeezed.replace("-", "") == said.replace("-", "")


def test_the_same_issue_gives_the_same_bytes(pictured: Issue) -> None:
    """Nothing in an email comes from chance or the clock."""
    assert to_eml(pictured) == to_eml(pictured)
    assert codec.dumps(pictured) == codec.dumps(pictured)


def test_an_issue_survives_json(pictured: Issue) -> None:
    """Reading back what was written gives the issue itself, charts included."""
    assert codec.loads(codec.dumps(pictured)) == pictured


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1}', '{"schema": 9}', "no json"])
def test_what_is_no_briefing_is_refused_in_one_line(text: str) -> None:
    """A foreign or damaged file is an error of one line, not a traceback."""
    with pytest.raises(UsageError, match=r"^This file is no briefing"):
        codec.loads(text)


def html_of(issue: Issue) -> BeautifulSoup:
    """The HTML half of the email."""
    message = message_from_bytes(to_eml(issue), policy=default)
    body = message.get_body(("html",))
    assert body is not None
    return BeautifulSoup(body.get_content(), "lxml")


def test_email_keeps_the_rules_of_mail_programs(case: str, issue_of: IssueOf) -> None:
    """Tables, inline style, at most 600 pixels and 90 kB, no script, form, SVG or far picture."""
    issue = issue_of(case, 900)
    page = to_page(issue, "email", lambda picture: f"cid:{picture.key}")
    tree = BeautifulSoup(page, "lxml")
    assert len(page.encode()) <= MAX_BYTES
    assert not tree.find_all(["script", "form", "svg", "link", "iframe", "object", "video"])
    assert tree.html is not None
    assert tree.html["lang"] == "en"
    assert all(table["role"] == "presentation" for table in tree.find_all("table"))
    widths = [int(str(tag["width"])) for tag in tree.find_all(width=re.compile(r"^\d+$"))]
    assert max(widths) <= 600
    assert not re.search(r"@import|url\(|expression\(", page)
    assert tree.find("a", href="{{unsubscribe_url}}") is not None
    assert all(cell.get("style") for cell in tree.select("td.cell"))


def test_email_pictures_are_inside_and_described(pictured: Issue) -> None:
    """Every picture is a part of the message, has a text alternative, and is a small PNG."""
    tree = html_of(pictured)
    images = tree.find_all("img")
    assert len(images) == len(pictured.pictures) > 0
    message = message_from_bytes(to_eml(pictured), policy=default)
    inside = {part["Content-ID"].strip("<>") for part in message.walk() if part["Content-ID"]}
    assert {str(image["src"]).removeprefix("cid:") for image in images} == inside
    assert all(image["alt"] for image in images)
    assert all(p.png.startswith(b"\x89PNG") and len(p.png) < 200_000 for p in pictured.pictures)


def test_the_email_reads_whole_with_pictures_off(pictured: Issue) -> None:
    """Takeaway and source line of each chart stand as text beside it."""
    text = html_of(pictured).get_text(" ")
    assert all(p.title in text and p.credit in text for p in pictured.pictures)


def test_paste_has_no_table_and_no_far_picture(pictured: Issue) -> None:
    """Newsletter editors take headings, paragraphs and pictures that come along."""
    tree = BeautifulSoup(to_paste(pictured), "lxml")
    assert not tree.find_all(["table", "script", "style", "svg"])
    assert all(str(image["src"]).startswith("data:image/png") for image in tree.find_all("img"))


def hostile(issue: Issue) -> Issue:
    """An issue whose every text is an attack."""
    said = Said("x", HOSTILE, "", (), (1,))
    part = Part("happened", HOSTILE, (said,), HOSTILE)
    correction = Correction("2026-01-01T00:00Z", "x", HOSTILE, HOSTILE, "0")
    sources = tuple(replace(s, title=HOSTILE, outlet=HOSTILE, url=None) for s in issue.sources)
    return replace(
        issue,
        headline=HOSTILE,
        preheader=HOSTILE,
        parts=(part,),
        sources=sources,
        corrections=(correction,),
    )


def test_hostile_text_stays_text_in_html(issue_of: IssueOf) -> None:
    """No tag, handler or address of an outside text becomes one of the page."""
    issue = hostile(issue_of("2025-01-tech"))
    for page in (to_page(issue, "email", lambda _: "cid:x"), to_paste(issue)):
        tree = BeautifulSoup(page, "lxml")
        assert not tree.find_all(["script", "img"])
        targets = {str(link["href"]) for link in tree.find_all("a")}
        assert targets <= {"{{unsubscribe_url}}"}
        assert not [tag for tag in tree.find_all() if any(k.startswith("on") for k in tag.attrs)]


def test_hostile_text_stays_text_in_markdown(issue_of: IssueOf) -> None:
    """A Markdown reader finds no link, picture or HTML in it."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(to_markdown(hostile(issue_of("2025-01-tech"))))
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"link_open", "image", "html_inline", "code_inline"}
    assert "html_block" not in {token.type for token in tokens}


def test_a_header_cannot_be_smuggled_into_the_email(issue_of: IssueOf) -> None:
    """Line breaks in a headline do not end the subject."""
    issue = replace(issue_of("2025-01-tech"), headline="a\r\nBcc: x@example.org")
    with pytest.raises(ValueError, match=r"newline|linefeed|carriage"):
        to_eml(issue)


def test_the_pdf_renderer_opens_nothing() -> None:
    """An address elsewhere, or of a file, is refused; only what is inside is read."""
    pytest.importorskip("weasyprint")
    import weasyprint

    from causemap.briefing import pdf

    fetcher = pdf.closed_fetcher()
    for address in ("http://127.0.0.1:9/i.png", "file:///etc/hostname", "https://example.org/x"):
        with pytest.raises(ValueError, match="disallowed"):
            fetcher.fetch(address)
    assert fetcher.fetch("data:text/plain,ok").read() == b"ok"
    assert weasyprint.HTML(string="<p>x</p>", url_fetcher=fetcher).write_pdf()


def test_words_do_not_count_addresses() -> None:
    """An address beside its linked words is no word of its own."""
    assert words_of_text("a <https://x.example/y?z=1> b 2.4%") == ("a", "b", "2.4%")


def test_the_inliner_opens_nothing() -> None:
    """A far or local stylesheet named in the page is not loaded."""
    from causemap.briefing.page import inlined

    page = (
        '<html><head><link rel="stylesheet" href="http://127.0.0.1:9/x.css">'
        '<link rel="stylesheet" href="file:///etc/hostname"></head><body><p>x</p></body></html>'
    )
    assert "<p>x</p>" in inlined(page)
