"""`arabert`: texts as the second generation of AraBERT was trained on."""

from __future__ import annotations

import string

from kerasseq.plugin import CharMap, PreprocessorSpec, Replace, Rule, Rules, Squeeze

__all__ = ["Arabert"]

_URL, _EMAIL, _USER = " [رابط] ", " [بريد] ", " [مستخدم] "
"""Tokens of the models' vocabulary."""

_MARK = "\ufdd0"
"""Stands before a run while it is looked at; Unicode keeps it out of all text."""
_SPACE = "{space}\x1c-\x1f"
_LETTERS = "\u0621-\u063a\u0641-\u064a"
_KEPT_MARKS = "!\"#$%'()*+,.:;-<=·>?@\\^_`{|}~—٪’،؟୍“؛”ۚ»«–…‘"
_HOST, _PATH = r"[\-a-zA-Z0-9@:%._+\~#=]", r"[\-a-zA-Z0-9@:%_+.\~#?\&/=]"
_LINKS = (
    # a host with a path that begins with a sign, or up to where no letter or digit follows
    rf"(?:https?://[^\n])?(?:www\.)?{_HOST}{{2,256}}\.[a-z]{{2,6}}"
    rf"(?:[\-@:%+.\~#?\&/=]{_PATH}*|({{end}}|[^{{alnum}}]))",
    r"https?://[a-zA-Z0-9_\-./\~?=%\&]+",
    r"www[a-zA-Z0-9_\-?=%\&/.\~]+",
    r"[a-zA-Z]{1,256}\.com",
    f"http[^{_SPACE}]*",
    f"www[^{_SPACE}]*",
    "://",
)


class Arabert(PreprocessorSpec):
    """Prepare texts as AraBERT v0.2 and its relatives (AraELECTRA, AraGPT2) were trained on them (Antoun, Baly & Hajj,
    2020), for embeddings and tokenizers that come from there; nothing speaks for it elsewhere.

    Harakat and tatweel go; links, e-mail addresses and mentions become `[رابط]`, `[بريد]`, `[مستخدم]`, as that recipe
    finds them (`hello.world` is a link, and so are most addresses); tags go; Arabic digits become ASCII ones; runs
    longer than two shrink to two; signs stand alone, letters and digits apart; `/` becomes `-`; every other character,
    emoji among them, becomes a space. Put `html` with `tags = false` before it for entities. AraBERT v1 and v2 need
    `farasa` too, with affixes marked their way, and are not covered.
    """

    name: str = "arabert"
    emoji: bool = False
    """Whether emoji stay, as in the models for tweets; more of them are known here than there."""

    def build(self) -> Rules:
        kept = "".join(f"\\{c}" if c in string.punctuation and c != "_" else c for c in _KEPT_MARKS)
        kept = f"0-9\u0621-\u063a\u0640-\u066c\u0671-\u0674a-zA-Z\\[\\]{kept}{_SPACE}{'{emoji}' if self.emoji else ''}"
        rules: list[Rule] = [
            CharMap({_MARK: " ", **dict.fromkeys([*map(chr, range(0x064B, 0x0653)), "\u0640"], "")}),
            Replace(_LINKS[0], rf"{_URL}\1", only_with="."),
            *(Replace(link, _URL, only_with="hw:.") for link in _LINKS[1:]),
            *_runs(r"[{alnum}\-]+", rf"@(?:{_MARK}[{{alnum}}\-]+\.)+{_MARK}[{{alnum}}\-]+", _EMAIL, "@"),
            *_runs(f"[^{_SPACE}]+", f"@[^{_SPACE}]+", _EMAIL, "@"),
            Replace("@[{alnum}]+", _USER, only_with="@"),
            # what no > closes is taken with it, once, and left as it is
            Replace("</?[^>]+>|(<[^>]*{end})", r" \1", only_with="<"),
            CharMap({chr(0x0660 + i): str(i) for i in range(10)}),
            Squeeze(_repeatable(), 2),
            Replace(rf"([^0-9{_LETTERS}a-zA-Z\[\]])", r" \1 "),
            *_runs("([0-9]+)", f"([{_LETTERS}]+)", r" \1 \2 ", "0123456789"),
            *_runs(f"([{_LETTERS}]+)", "([0-9]+)", r" \1 \2 ", "0123456789"),
            CharMap({"/": "-"}),
            Replace(f"[^{kept}]", " "),
            Replace(f"[{_SPACE}]+", " "),
            Replace("{start} | {end}", ""),
        ]
        return Rules(rules)


def _runs(run: str, rest: str, replacement: str, only_with: str) -> list[Rule]:
    """Replace a run with what stands behind it, in linear time: each run is marked, and is then looked at once and not
    from each of its characters."""
    group = run if run.startswith("(") else f"({run})"
    return [
        Replace(group, rf"{_MARK}\1", only_with=only_with),
        Replace(f"{_MARK}{run}{rest}", replacement, only_with=only_with),
        CharMap({_MARK: ""}),
    ]


def _repeatable() -> str:
    """The characters whose runs shrink, of those that the recipe keeps; white space shrinks further on."""
    arabic = [*range(0x0621, 0x063B), *range(0x0641, 0x064B), *range(0x0653, 0x0660), *range(0x066A, 0x066D)]
    return string.ascii_letters + "".join(map(chr, [*arabic, *range(0x0671, 0x0675)])) + _KEPT_MARKS + "[]/"
