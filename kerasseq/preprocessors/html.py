"""HTML: tags and entities."""

from __future__ import annotations

import html
from functools import cache
from html.entities import html5

from kerasseq.patterns.shapes import anycase
from kerasseq.preprocessors.rules import Replace, Rule, Rules, SequenceMap
from kerasseq.spec import PreprocessorSpec

__all__ = ["Html"]

_INLINE = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark q s samp small span strike strong "
    "sub sup tt u var wbr"
).split()
_BLOCK = (
    "address article aside audio blockquote body br button canvas caption center col colgroup dd details div dl dt "
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe img input "
    "legend li link main map menu meta nav noscript object ol optgroup option p param picture pre script section "
    "select source style summary svg table tbody td template textarea tfoot th thead title tr track ul video"
).split()
_FLAGS = (
    "allowfullscreen async autoplay checked compact controls default defer disabled hidden itemscope loop multiple "
    "muted noshade novalidate nowrap open readonly required reversed selected"
).split()

_VALUE = r"(?:\"[^\"]*\"|'[^']*'|[^{space}\"'<>=]+)"
_ATTRIBUTE = (
    rf"[{{space}}]+(?:[A-Za-z_:@][A-Za-z0-9_:.\-]*[{{space}}]*=[{{space}}]*{_VALUE}|{'|'.join(map(anycase, _FLAGS))})"
)

# Code points whose numeric references are read: Latin, Greek, Cyrillic, Hebrew, Arabic; punctuation and symbols; emoji
_NUMBERED = (range(0x20, 0x700), range(0x2000, 0x27C0), range(0x1F300, 0x1FB00))


class Html(PreprocessorSpec):
    """Strip HTML tags and comments, then read entities, once: `&lt;b&gt;` becomes the text `<b>`.

    Only tags that HTML knows, with well-formed attributes, are tags: `a < b`, `<3` and `<unk>` stay. An inline tag
    vanishes (`un<b>believ</b>able`), any other leaves a space (`one<br />two`). Scripts and styles go with what is
    in them. Entities need their semicolon; numeric ones (`x` in lower case) are read for the scripts around the
    Mediterranean, punctuation, symbols and emoji.
    """

    name: str = "html"
    tags: bool = True
    """Whether tags, comments, scripts and styles are stripped."""
    entities: bool = True
    """Whether entities (`&amp;`, `&#39;`, `&#x1F600;`) become their characters."""

    def build(self) -> Rules:
        rules: list[Rule] = []
        if self.tags:
            rules += _strip_tags()
        if self.entities:
            rules.append(SequenceMap(_entities()))
        return Rules(rules)


def _tag(names: list[str]) -> str:
    either = "|".join(map(anycase, names))
    return rf"<(?:/(?:{either})[{{space}}]*|(?:{either})(?:{_ATTRIBUTE})*[{{space}}]*/?)>"


def _strip_tags() -> list[Rule]:
    # what goes with its content may not hold its own beginning: else a text full of beginnings takes quadratic time
    comment = "<!--(?:[^<]|<[^!]|<![^\\-])*?-->"
    hidden = "|".join(
        rf"<{anycase(name)}(?:{_ATTRIBUTE})*[{{space}}]*>"
        rf"(?:[^<]|<[^{name[0]}{name[0].upper()}]|<{anycase(name[0])}[^{name[1]}{name[1].upper()}])*?"
        rf"</{anycase(name)}[{{space}}]*>"
        for name in ("script", "style")
    )
    return [
        Replace(rf"{comment}|<!{anycase('doctype')}[^<>]*>|{hidden}", " ", only_with="<"),
        Replace(_tag(_INLINE), "", only_with="<"),
        Replace(_tag(_BLOCK), " ", only_with="<"),
    ]


@cache
def _entities() -> dict[str, str]:
    known = {f"&{name}": value for name, value in html5.items() if name.endswith(";")}
    for point in (p for span in _NUMBERED for p in span):
        for digits in (
            f"{point}",
            f"{point:03}",
            f"{point:04}",
            *(f"x{point:{form}}" for form in ("x", "X", "04x", "04X")),
        ):
            reference = f"&#{digits};"
            known[reference] = html.unescape(reference)
    return {key: value for key, value in known.items() if value}
