"""The blocks of an issue in reading order: what every format lays out, word for word the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from causemap.briefing.series_pages import page_of
from causemap.briefing.tree import Issue, Part, Picture, Said, Source, said_time
from causemap.words import clean, domain, sentence_case, true_minus

Kind = Literal[
    "mark", "headline", "standfirst", "dateline", "heading", "said", "picture", "source", "note"
]


class Link(NamedTuple):
    """A piece of a text, and where it leads to if anywhere."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its text, and beside it the link or the picture it stands for.

    ``after`` is text behind a link (its domain), which a reader sees beside the words linked.
    ``links`` are the pieces of ``text`` in their order, those of a series with its page.
    """

    kind: Kind
    text: str
    url: str | None = None
    picture: Picture | None = None
    after: str = ""
    links: tuple[Link, ...] = ()


def blocks(issue: Issue) -> Iterator[Block]:
    """All blocks of an issue."""
    if issue.review:
        yield Block("mark", issue.review)
    yield Block("headline", issue.headline)
    yield Block("standfirst", issue.preheader)
    byline = f"{issue.byline}. " if issue.byline else ""
    yield Block(
        "dateline", f"{byline}{issue.label('as_of')} {said_time(issue.as_of, issue.language)}"
    )
    yield from _corrections(issue)
    for part in issue.parts:
        yield from _part(part)
    if issue.pictures:
        yield Block("heading", issue.label("charts"))
    for picture in issue.pictures:
        end = "\u3002" if issue.language == "zh" else ". "
        yield Block("picture", f"{picture.title}{end}{picture.credit}", picture=picture)
    if issue.sources:
        yield Block("heading", issue.label("sources"))
    for source in issue.sources:
        yield _source(source, issue)
    yield Block("heading", issue.label("disclosures"))
    for line in issue.disclosures:
        yield Block("note", line)


def _corrections(issue: Issue) -> Iterator[Block]:
    if issue.corrections:
        yield Block("heading", issue.label("corrections"))
    for made in issue.corrections:
        when = said_time(made.at, issue.language)
        text = f"{when}: \u201c{made.was}\u201d \u2192 \u201c{made.now}\u201d"
        yield Block("note", true_minus(text))


def _part(part: Part) -> Iterator[Block]:
    yield Block("heading", part.title)
    if not part.said:
        yield Block("said", part.empty)
    for _, some in groupby(part.said, key=lambda said: said.topic):
        yield Block("said", " ".join(said_text(said) for said in some))


def said_text(said: Said) -> str:
    """The sentence with the numbers of its sources behind it."""
    text = true_minus(said.text)
    if not said.sources:
        return text
    return f"{text} [{', '.join(map(str, said.sources))}]"


def _source(source: Source, issue: Issue) -> Block:
    lead = f"{issue.label('summary')}: " if source.summary else ""
    bare = source.outlet == source.title  # no provider with series, no page: two sentences
    title = clean(source.title, 120)
    head = f"[{source.number}] {lead}{sentence_case(title) if bare else title}"
    told = [] if bare else [source.outlet]
    published = issue.label("published" if source.summary or source.announced else "known")
    told.append(f"{published} {said_time(source.published, issue.language)}")
    if source.retrieved:
        told.append(f"{issue.label('retrieved')} {said_time(source.retrieved, issue.language)}")
    host = domain(source.url) if source.url else ""
    shown = f" ({host})" if host not in ("", source.outlet) else ""
    after = sentence_case(", ".join(told)) if bare else ", ".join(told)
    return Block("source", head, source.url, after=f"{after}{shown}", links=_links(head, source))


def _links(head: str, source: Source) -> tuple[Link, ...]:
    """The head with each series leading to its page, where all of them stand in it in order."""
    found, rest = [], head
    for shown, series in source.series:
        before, at, rest = rest.partition(shown)
        if not at:
            return ()
        found += [Link(before, None), Link(shown, page_of(series))]
    return (*found, Link(rest, None)) if any(link.url for link in found) else ()
