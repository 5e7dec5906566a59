"""Which nodes of a page a reader cannot see: by attribute, by style, by colour.

One walk over the tree decides for every node, and nothing is taken out of the tree: taking out
costs time in the number of siblings, which the page chooses.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from causemap.tools.style_rules import StyleRules, Trail, declared, read_rules

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import PageElement

_NEVER_TEXT: Final = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "head",
        "select",
        "option",
        "datalist",
        "input",
        "textarea",
        "button",
        "dialog",
    ]
)
_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
        "wbr",
    ]
)
_VOID: Final = frozenset(
    ["area", "base", "br", "col", "hr", "img", "link", "meta", "param", "source", "track", "wbr"]
)
# A value that hides is short; of a longer one so much is read, and the rest counts as hiding.
_MAX_VALUE: Final = 400
_NUMBER: Final = re.compile(r"([+-]?\d*+(?:\.\d*+)?)(?:e[+-]?\d+)?\s*([a-z%]*)")
_FAR: Final = re.compile(r"-\d{3,}")
_FONT: Final = re.compile(r"0++(?:\.0*+)?(?:px|pt|r?em|%)?[\s/]")
_SCALED: Final = re.compile(
    r"scale\w*\([^)]*?(?<![\d.])0(?:\.0\d*)?\s*[,)]|translate\w*\([^)]*-\d{3,}"
)
_CLIPPED: Final = re.compile(r"rect\(\s*[01](?![\d.])|inset\(\s*(?:50|100)%|circle\(\s*0(?![\d.])")
_CLEAR: Final = re.compile(r"opacity\(\s*0?(?:\.0\d*)?\s*%?\s*\)")


def _measured(value: str) -> tuple[float, str] | None:
    """The number and the unit that a value begins with."""
    found = _NUMBER.match(value)
    try:
        return (float(found[1]), found[2]) if found else None
    except ValueError:
        return None


def _faint(value: str) -> bool:
    number = _measured(value)
    return number is not None and number[0] < (10 if number[1] == "%" else 0.1)


def _tiny(value: str) -> bool:
    """A length of nothing, or of one pixel at most."""
    number = _measured(value)
    return number is not None and (number[0] == 0 or (number[1] in ("px", "") and number[0] <= 1))


def _tiny_font(value: str) -> bool:
    number = _measured(value)
    least = {"px": 1.0, "pt": 0.99, "em": 0.099, "rem": 0.099, "%": 9.9}
    return number is not None and number[0] <= least.get(number[1], 0.0)


def _away(value: str) -> bool:
    return _FAR.search(value) is not None


def _far_right(value: str) -> bool:
    number = _measured(value)
    return _away(value) or (number is not None and number[0] >= 3_000)


# How each property takes the text out of sight, whatever the rest of the page says.
_HIDING: Final[dict[str, Callable[[str], object]]] = {
    "display": lambda value: value.startswith("none"),
    "visibility": lambda value: value.startswith(("hidden", "collapse")),
    "content-visibility": lambda value: value.startswith("hidden"),
    "opacity": _faint,
    "filter": _CLEAR.search,
    "font-size": _tiny_font,
    "font": _FONT.match,
    "zoom": _faint,
    "scale": _faint,
    "transform": _SCALED.search,
    "clip": _CLIPPED.search,
    "clip-path": _CLIPPED.search,
    **dict.fromkeys(("width", "height", "max-width", "max-height"), _tiny),
    **dict.fromkeys(("block-size", "inline-size", "max-block-size", "max-inline-size"), _tiny),
    **dict.fromkeys(("left", "text-indent", "margin-left", "inset-inline-start"), _far_right),
    **dict.fromkeys(("top", "right", "bottom", "margin-top", "inset", "translate"), _away),
}
_LONG: Final = frozenset(("font", "filter"))
_WANTED: Final = frozenset((*_HIDING, "color", "background"))
_NAMED: Final[dict[str, tuple[int, int, int]]] = {
    "white": (255, 255, 255),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
}
# Per channel: closer than this the eye does not read it (a contrast of about 1.1 to 1).
_SAME: Final = 16

Rgb = tuple[int, int, int]


class _Colours(NamedTuple):
    """Text (``None``: transparent) and ground colour at a place of the page."""

    text: Rgb | None
    ground: Rgb


_SPACE: Final = re.compile(r"\s+")
_PAGE: Final = _Colours((0, 0, 0), (255, 255, 255))


class _Place(NamedTuple):
    """What the nodes around a node hand down to it."""

    trail: Trail
    colours: _Colours


@dataclass(frozen=True, slots=True)
class Visible:
    """A page's tree, and which of its nodes (by identity) its reader cannot see."""

    soup: BeautifulSoup
    hidden: frozenset[int]

    def text(self, node: Tag | None = None) -> str:
        """What is seen of a node, by default of the page: one line for each block of text."""
        return "".join(self._words(node or self.soup))

    def html(self) -> str:
        """The page without what is hidden, as markup."""
        return "".join(self._markup(self.soup))

    def tags(self, name: str, within: Tag | None = None) -> list[Tag]:
        """The elements of a name that are not hidden nor inside what is, in the page's order."""
        from bs4 import Tag

        out: list[Tag] = []

        def gather(above: Tag) -> None:
            for child in self._seen(above):
                if isinstance(child, Tag):
                    if child.name == name:
                        out.append(child)
                    gather(child)

        gather(within or self.soup)
        return out

    def without(self, names: tuple[str, ...]) -> Visible:
        """The same page with the elements of these names left out too."""
        return Visible(self.soup, self.hidden | {id(node) for node in self.soup.find_all(names)})

    def article(self) -> Tag | None:
        """The element the page marks as its article, if it is seen."""
        return next(iter(self.tags("article") or self.tags("main")), None)

    def _seen(self, above: Tag) -> Iterator[PageElement]:
        return (child for child in above.contents if id(child) not in self.hidden)

    def _words(self, node: Tag) -> list[str]:
        from bs4 import Tag

        out: list[str] = []

        def gather(above: Tag) -> None:
            for child in self._seen(above):
                if not isinstance(child, Tag):
                    out.append(_SPACE.sub(" ", str(child)))
                elif child.name in _INLINE:
                    gather(child)
                else:
                    out.append("\n")
                    gather(child)
                    out.append("\n")

        gather(node)
        return out

    def _markup(self, node: Tag) -> list[str]:
        from bs4 import Tag

        out: list[str] = []

        def gather(above: Tag) -> None:
            for child in self._seen(above):
                if not isinstance(child, Tag):
                    out.append(html.escape(str(child), quote=False))
                    continue
                out.append(_opening(child))
                if child.name not in _VOID:
                    gather(child)
                    out.append(f"</{child.name}>")

        gather(node)
        return out


def visible(soup: BeautifulSoup) -> Visible:
    """Look at every node once: comments, programs, what is hidden or has the ground's colour.

    Raises:
        SourceError: a style sheet larger than any real one.
    """
    sheet = "\n".join(style.get_text() for style in soup.find_all("style"))
    hidden: set[int] = set()
    _look(soup, _Place(Trail(), _PAGE), read_rules(sheet, _WANTED), hidden)
    return Visible(soup, frozenset(hidden))


def _look(node: Tag, place: _Place, rules: StyleRules, hidden: set[int]) -> None:
    """Note what is hidden below ``node``; the depth is bounded before (:func:`..markup.parsed`)."""
    from bs4 import Tag
    from bs4.element import PreformattedString

    unreadable = _same_colour(place.colours)
    elder = elders = 0
    for child in node.contents:
        if not isinstance(child, Tag):
            # Comments, declarations, processing instructions, CDATA: none is shown.
            if unreadable or isinstance(child, PreformattedString):
                hidden.add(id(child))
            continue
        trail = rules.met(child, place.trail, elder, elders)
        elder, elders = trail.here, elders | trail.here
        style = rules.style(trail.here, declared(str(child.get("style", ""))))
        if child.name in _NEVER_TEXT or _is_hidden(child, style):
            hidden.add(id(child))
        else:
            _look(child, _Place(trail, _colours(child, style, place.colours)), rules, hidden)


def _is_hidden(node: Tag, style: Mapping[str, str]) -> bool:
    if node.has_attr("hidden") or str(node.get("aria-hidden", "")).strip().casefold() == "true":
        return True
    if any(str(node.get(side, "")).strip() in {"0", "0px"} for side in ("width", "height")):
        return True
    if str(node.get("size", "")).strip() == "0":
        return True
    return any(_hides(name, value) for name, value in style.items())


def _hides(name: str, value: str) -> bool:
    reads = _HIDING.get(name)
    if reads is None:
        return False
    return bool(reads(value[:_MAX_VALUE])) or (len(value) > _MAX_VALUE and name not in _LONG)


def _opening(node: Tag) -> str:
    pairs = (
        (name, " ".join(value) if isinstance(value, list) else str(value))
        for name, value in node.attrs.items()
    )
    said = "".join(f' {name}="{html.escape(value)}"' for name, value in pairs)
    return f"<{node.name}{said}>"


def _same_colour(here: _Colours) -> bool:
    """Whether text has the colour of the ground it stands on, or none."""
    return here.text is None or _close(here.text, here.ground)


def _colours(node: Tag, style: Mapping[str, str], above: _Colours) -> _Colours:
    """The colours inside a node: its own where it has any, else those around it."""
    word = style.get("color") or str(node.get("color", ""))
    behind = style.get("background") or str(node.get("bgcolor", ""))
    return _Colours(
        None if _transparent(word) else _rgb(word) or above.text, _rgb(behind) or above.ground
    )


def _transparent(word: str) -> bool:
    plain = word.strip().casefold()[:_MAX_VALUE]
    return plain == "transparent" or bool(
        re.fullmatch(r"(?:rgb|hsl)a?\(.*[,/]\s*0?\.?0*%?\)", plain)
        and (plain.count(",") == 3 or "/" in plain)
    )


def _rgb(word: str) -> Rgb | None:
    plain = word.strip().casefold()[:_MAX_VALUE]
    if plain in _NAMED:
        return _NAMED[plain]
    if found := re.match(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", plain):
        digits = found.group(1)
        full = digits if len(digits) == 6 else "".join(2 * d for d in digits)
        return (int(full[:2], 16), int(full[2:4], 16), int(full[4:], 16))
    if found := re.match(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)", plain):
        red, green, blue = (min(int(part), 255) for part in found.groups())
        return (red, green, blue)
    return None


def _close(one: Rgb, two: Rgb) -> bool:
    return all(abs(a - b) <= _SAME for a, b in zip(one, two, strict=True))
