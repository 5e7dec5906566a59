"""Text hygiene: what a reader of a page cannot see, or cannot tell apart, is not kept.

Order matters. A sanitiser that drops ``style`` attributes first would turn ``display:none`` text
into visible text, so hidden nodes are found while the page still says that they are hidden; text
is taken out afterwards, and only then are its characters cleaned.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from causemap.tools.hidden_nodes import Visible

MAX_HTML: Final = 4_000_000
MAX_TEXT: Final = 200_000
# Invisible though their Unicode category is a letter or a mark: joiner, fillers, blank, selectors.
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_DECLARED_WITHIN: Final = 8_192
# The encodings of the web (WHATWG Encoding), by Python's names for them.
_ENCODINGS: Final = re.compile(
    r"utf-8|utf-16(?:-[lb]e)?|gb18030|big5hkscs|euc_jp|shift_jis|cp932|iso2022_jp|euc_kr|cp949|"
    r"cp125\d|cp874|cp866|iso8859-\d+|koi8-[ru]|mac-(?:roman|cyrillic)"
)
_PLAIN: Final = re.compile(r"[\x20-\x7e\s]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_WORD: Final = re.compile(r"[^\W\d_][\w]*")

# Letters of other scripts drawn like a Latin one (Unicode TR 39 confusables, the part that can
# stand in a ticker). Small letters are few because a ticker is written in capitals.
_LOOKALIKES: Final = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "АВЕЅІЈКМНОРСТУХԚԜ" + "аеорсухіјѕһԁԛԝ" + "οναι",
    "ABEZHIKMNOPTYX" + "ABESIJKMHOPCTYXQW" + "aeopcyxijshdqw" + "ovai",
)


def clean_text(text: str, limit: int) -> str:
    """``text`` in NFKC on one line, without invisible or control characters, at most ``limit``.

    Removed are the Unicode categories C (control, format: zero width, bidirectional, tag; private;
    surrogate; unassigned) and invisible letters and marks; white space becomes one blank.
    """
    head = text[: 4 * limit]
    if _PLAIN.fullmatch(head):
        plain = _CONTROL.sub("", " ".join(head.split()))
        return _capped(" ".join(plain.split()), limit)
    spaced = " ".join(_compatible(head).split())
    seen = _INVISIBLE.sub("", _without_category_c(spaced))
    return _capped(" ".join(_compatible(seen).split()), limit)


def clean_block(text: str, limit: int = MAX_TEXT) -> str:
    """Like :func:`clean_text`, but paragraphs (lines) are kept apart by one line feed.

    Letters that only look Latin are folded as in :func:`fold_confusables`.
    """
    lines = (clean_text(line, limit) for line in text[: 4 * limit].splitlines())
    return _capped(fold_confusables("\n".join(line for line in lines if line)), limit)


def fold_confusables(text: str) -> str:
    """Greek and Cyrillic letters in the place of Latin ones, written as the Latin ones.

    A word is folded if it mixes scripts (``ΑAPL`` with a Greek alpha), or if all its letters have
    a Latin double and the text is otherwise mostly Latin. A Russian text stays as it is.
    """
    if text.isascii():
        return text
    letters = sum(c.isalpha() for c in text)
    latin = sum(c.isascii() and c.isalpha() for c in text)
    return _WORD.sub(lambda word: _folded(word.group(), 2 * latin > letters), text)


def clean_html(page: bytes | str) -> str:
    """The visible text of an HTML page, one paragraph a line, at most :data:`MAX_TEXT` characters.

    Left out before the text is taken: scripts, styles, comments, forms' hidden fields, and every
    node that is hidden by attribute, by its own style or by a rule of the page's style sheet.

    Raises:
        SourceError: markup too large or too deeply nested to be a page.
    """
    return clean_block(visible_page(page).text())


def visible_page(page: bytes | str) -> Visible:
    """The page's tree and what a reader sees of it (see :func:`clean_html`)."""
    from causemap.tools.hidden_nodes import visible
    from causemap.tools.markup import parsed

    return visible(parsed(decoded(page[:MAX_HTML])))


def decoded(page: bytes | str, said: str | None = None) -> str:
    """A page's bytes as text: by their byte order mark, as UTF-8, else by the declared encoding.

    ``said`` is the encoding the server declares, which stands in for a page that declares none.
    The parser's own guess is not used: for a page that declares gb2312 and holds a character of
    its superset gb18030 it gives an empty tree.
    """
    if isinstance(page, str):
        return page
    if page.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # As browsers do, and as Windows writes what it calls Unicode text.
        return page.decode("utf-16", errors="replace")
    from bs4.dammit import EncodingDetector

    # Browsers look for it in the first 1,024 bytes; the detector's time grows with their square.
    own = EncodingDetector.find_declared_encoding(
        page[:_DECLARED_WITHIN], is_html=True, search_entire_document=True
    )
    for encoding in ("utf-8-sig", _read_as(own or said)):
        try:
            return page.decode(encoding)
        except UnicodeDecodeError:
            continue
    return page.decode("utf-8", errors="replace")


def _read_as(declared: str | None) -> str:
    """The encoding browsers read a declared one as: a superset of it; UTF-8 for one no page has.

    Python knows codecs under such names that are none of text (zlib), or that read plain letters
    as others (utf-7).
    """
    superset = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "big5": "big5hkscs",
        "euc_kr": "cp949", "shift_jis": "cp932"}  # fmt: skip
    try:
        name = codecs.lookup(declared or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    name = superset.get(name, name)
    return name if _ENCODINGS.fullmatch(name) else "utf-8"


def _capped(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _compatible(text: str) -> str:
    """``text`` in NFKC but for the ellipsis, our own mark of a cut, which NFKC makes three dots."""
    return "…".join(unicodedata.normalize("NFKC", part) for part in text.split("…"))


def _without_category_c(text: str) -> str:
    """Looked up once per distinct character: an article has few of them."""
    gone = {ord(c): None for c in set(text) if _in_category_c(c)}
    return text.translate(gone) if gone else text


@lru_cache(maxsize=4096)
def _in_category_c(character: str) -> bool:
    return unicodedata.category(character).startswith("C")


def _folded(word: str, in_latin_text: bool) -> str:
    if word.isascii():
        return word
    folded = word.translate(_LOOKALIKES)
    mixed = any(c.isascii() and c.isalpha() for c in word)
    return folded if folded.isascii() and (mixed or in_latin_text) else word
