"""Texts that rules and tokenizers must agree on, chains that read them, and the way that defines what comes out."""

from collections.abc import Sequence
from functools import cache

from hypothesis import strategies as st

from kerasseq.preprocessors.arabic import Arabic
from kerasseq.preprocessors.elongation import Elongation
from kerasseq.preprocessors.english import Contractions
from kerasseq.preprocessors.html import Html
from kerasseq.preprocessors.lectures import Lectures
from kerasseq.preprocessors.numbers import Digits, Numbers
from kerasseq.preprocessors.rules import Rule, Rules, chain
from kerasseq.preprocessors.social import Hashtags, Links, Mentions
from kerasseq.preprocessors.stopwords import Stopwords
from kerasseq.preprocessors.unicode import Casefold, Unicode, Whitespace

HOSTILE = [
    "",
    " ",
    "\n",
    "a\n",
    "\x00",
    "\ufdd0a\ufdd1the\ufdd0\ufdd1",
    "ٱلرَّحْمَٰنِ أَ ا\u064e\u0654 ﻻ ﷺ ک ی ـــ ۝",
    "👩‍👩‍👧‍👦 ❤️ 🇪🇬🇸🇦 1️⃣ 👍🏽 \u200d😂\u200d a\u200db می\u200cخواهم",
    "https://t.co/aBcمجلة (http://x.com/a_(b)) WWW.X.org! a.b@c.de @a@b #a_b_c_d_e_f_g_h_i_j_k_l C#",
    "<b>x</b> <br/> a<b and c>d &amp;&#39;&#x1F600;&lt; <!-- a --> <script>x</script><3",
    "Don't CAN’T he's do n't THE cat's of-the ولا ليس من هذا",
    "soooo!!!!!! جمييييل wwww IIII 1000000 ٣٫٥٪ ۱۲/۳ covid19 3D",
    "e\u0301 o\u0323\u0302 हिन्दी שָׁלוֹם ไทยนี้ x̂ ¨ ´ ½ ²",
    "\u202e\u2066a\u2069\u202c\ufeff\u00ad\U000e0041\U000e0001",
    "𝒜𝓁ℊ𝑒𝒷𝓇𝒶 𞸀 𐎀 𠀀 🏴\U000e0067\U000e007f",
    "\u2028\u2029\u0085\u00a0\u3000\x1c",
]

PIECES = st.one_of(
    st.sampled_from([piece for text in HOSTILE for piece in (text, *text.split(), *text)]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(list(" .,'#@_<>&;/:!؟\n\t[]")),
)
TEXT = st.lists(PIECES, max_size=12).map("".join)

CHAINS = {
    "Arabic": (Unicode(), Links(), Arabic()),
    "tweets": (Html(), Links(), Mentions(), Hashtags(), Unicode(), Arabic(), Elongation(), Whitespace()),
    "English": (Unicode(), Contractions(), Casefold(), Stopwords(), Numbers(), Whitespace(lines="keep")),
    "others": (Unicode(zwnj="space"), Digits(), Lectures()),
}


def one_by_one(rules: Sequence[Rule], texts: Sequence[str]) -> list[str]:
    """The documented way: every rule on every text, in order."""
    steps = [rule.step() for rule in rules]
    out = []
    for text in texts:
        for step in steps:
            text = step(text)
        out.append(text)
    return out


@cache
def built(name: str) -> Rules:
    made = chain(spec.build() for spec in CHAINS[name])
    assert isinstance(made, Rules)
    return made
