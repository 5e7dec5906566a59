"""Which nodes of a page a reader cannot see: by attribute, by style, by colour."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_NEVER_TEXT: Final = re.compile(
    "script|style|noscript|template|iframe|object|embed|applet|svg|math|canvas|audio|video|head|"
    "select|option|datalist|input|textarea|button|dialog"
)
_INLINE: Final = re.compile(
    "a|abbr|b|bdi|bdo|cite|code|data|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|"
    "time|u|var|wbr"
)
MAX_RULES: Final = 2_000
_RULE: Final = re.compile(r"([^{}@]+)\{([^{}]*)\}")
_CSS_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_ZERO: Final = r"[+-]?0*\.?0*(?:[01](?=px))?(?:px|em|rem|pt|%|vh|vw)?"
# A declaration that takes the text out of sight, whatever the rest of the page says.
_HIDING: Final = re.compile(
    rf"""(?:^|;)\s*(?:
        display\s*:\s*none
      | visibility\s*:\s*(?:hidden|collapse)
      | content-visibility\s*:\s*hidden
      | opacity\s*:\s*0*\.?0*%?(?=\s*(?:;|!|$))
      | opacity\s*:\s*0?\.0\d*
      | font-size\s*:\s*(?:{_ZERO}|0?\.\d+\s*(?:px|pt)|0?\.0\d*\s*r?em)(?=\s*(?:;|!|$))
      | font\s*:\s*0(?:px|pt|em)?[\s/]
      | (?:max-)?(?:width|height)\s*:\s*{_ZERO}(?=\s*(?:;|!|$))
      | (?:left|top|right|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{{3,}}
      | transform\s*:[^;]*scale\(\s*0
      | clip(?:-path)?\s*:\s*(?:rect\(\s*0|inset\(\s*(?:50|100)%|circle\(\s*0)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_COLOUR: Final = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND: Final = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
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


_PAGE: Final = _Colours((0, 0, 0), (255, 255, 255))


def drop_hidden(soup: BeautifulSoup) -> None:
    """Take comments, programs and every hidden node out of the tree, in place."""
    from bs4.element import PreformattedString

    _apply_style_rules(soup)
    for node in soup.find_all(lambda tag: bool(_NEVER_TEXT.fullmatch(tag.name))):
        node.decompose()
    # Comments, declarations, processing instructions, CDATA: none is shown.
    for text in soup.find_all(string=lambda s: isinstance(s, PreformattedString)):
        text.extract()
    for node in soup.find_all(lambda _: True):
        if not node.decomposed and _is_hidden(node):
            node.decompose()
    _drop_same_colour(soup)


def join_inline(soup: BeautifulSoup) -> None:
    """Unwrap inline elements, so that a sentence with a link in it stays on one line."""
    for node in soup.find_all(lambda tag: bool(_INLINE.fullmatch(tag.name))):
        node.unwrap()
    soup.smooth()
    for text in soup.find_all(string=True):
        text.replace_with(re.sub(r"\s+", " ", text))


def _apply_style_rules(soup: BeautifulSoup) -> None:
    """Write what the page's own style sheet hides or colours onto the nodes it names."""
    from soupsieve import SelectorSyntaxError

    sheet = "\n".join(style.get_text() for style in soup.find_all("style"))
    rules = _RULE.findall(_CSS_COMMENT.sub("", sheet))[:MAX_RULES]
    for selector, declarations in rules:
        if not (_HIDING.search(declarations) or _COLOUR.search(declarations)):
            continue
        try:
            nodes = soup.select(selector.strip())
        except (SelectorSyntaxError, NotImplementedError):
            # ``:hover`` and the like: a state of the reader's pointer, not of the page.
            continue
        for node in nodes:
            # The node's own style comes last, because it wins.
            node["style"] = f"{declarations};{_style(node)}"


def _is_hidden(node: Tag) -> bool:
    if node.has_attr("hidden") or str(node.get("aria-hidden", "")).strip().casefold() == "true":
        return True
    if any(str(node.get(side, "")).strip() in {"0", "0px"} for side in ("width", "height")):
        return True
    if str(node.get("size", "")).strip() == "0":
        return True
    return _HIDING.search(_last_word(_style(node))) is not None


def _last_word(style: str) -> str:
    """Later declarations of one property overrule earlier ones (``display:none;display:block``)."""
    last: dict[str, str] = {}
    for declaration in style.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            key = name.strip().casefold()
            if "!important" not in last.get(key, ""):
                last[key] = value.strip()
    return ";".join(f"{name}:{value}" for name, value in last.items())


def _style(node: Tag) -> str:
    return _CSS_COMMENT.sub("", str(node.get("style", "")))


def _drop_same_colour(soup: BeautifulSoup) -> None:
    """Drop texts that have the colour of the ground they stand on, or none."""
    seen: dict[int, _Colours] = {}
    for node in soup.find_all(lambda _: True):
        seen[id(node)] = _colours(node, seen.get(id(node.parent), _PAGE))
    for text in soup.find_all(string=True):
        here = seen.get(id(text.parent), _PAGE)
        if here.text is None or _close(here.text, here.ground):
            text.extract()


def _colours(node: Tag, above: _Colours) -> _Colours:
    """The colours inside a node: its own where it has any, else those around it."""
    style = _last_word(_style(node))
    text = _COLOUR.search(style)
    ground = _GROUND.search(style)
    word = text.group(1) if text else str(node.get("color", ""))
    behind = ground.group(1) if ground else str(node.get("bgcolor", ""))
    return _Colours(
        None if _transparent(word) else _rgb(word) or above.text, _rgb(behind) or above.ground
    )


def _transparent(word: str) -> bool:
    plain = word.strip().casefold()
    return plain == "transparent" or bool(
        re.fullmatch(r"(?:rgb|hsl)a?\(.*[,/]\s*0?\.?0*%?\)", plain)
        and (plain.count(",") == 3 or "/" in plain)
    )


def _rgb(word: str) -> Rgb | None:
    plain = word.strip().casefold()
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
