"""What people write on social networks: links, mentions, hashtags."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kerasseq.patterns import shapes
from kerasseq.preprocessors.rules import Replace, Rule, Rules, verbatim
from kerasseq.spec import PreprocessorSpec

__all__ = ["Hashtags", "Links", "Mentions"]

_MOST_WORDS = 10  # words that one hashtag is split into


class Links(PreprocessorSpec):
    """Replace, remove or keep links and e-mail addresses.

    A link has a scheme, begins with `www.`, or is a host of a common ending with a path (`t.co/x`). Punctuation behind
    it stays in the text, and so does what stands in brackets, but for those of `a_(b)`.
    """

    name: str = "links"
    urls: Literal["replace", "remove", "keep"] = "replace"
    """What happens to links."""
    emails: Literal["replace", "remove", "keep"] = "replace"
    """What happens to e-mail addresses."""
    url_token: str = Field(default="[url]", min_length=1)
    """What replaces a link. The word tokenizer keeps lower-case ASCII letters in square brackets whole."""
    email_token: str = Field(default="[email]", min_length=1)
    """What replaces an e-mail address."""

    def build(self) -> Rules:
        rules: list[Rule] = []
        if self.urls != "keep":
            token = verbatim(self.url_token) if self.urls == "replace" else ""
            rules.append(Replace(shapes.LINK, token, only_with="./", sign=shapes.LINK_SIGN))
        if self.emails != "keep":
            token = verbatim(self.email_token) if self.emails == "replace" else ""
            rules.append(Replace(shapes.EMAIL, token, only_with="@"))
        return Rules(rules)


class Mentions(PreprocessorSpec):
    """Replace or remove `@name`. The `@` of an e-mail address is left alone; `@a@b` is one mention."""

    name: str = "mentions"
    action: Literal["replace", "remove"] = "replace"
    """What happens to a mention."""
    token: str = Field(default="[user]", min_length=1)
    """What replaces a mention."""

    def build(self) -> Rules:
        token = verbatim(self.token) if self.action == "replace" else ""
        handle = f"(?:[@＠](?:[A-Za-z0-9_]+|{shapes.RUN}))+"
        return Rules([Replace(rf"({{start}}|[^A-Za-z0-9._%+\-@＠]){handle}", rf"\1{token}", only_with="@＠")])


class Hashtags(PreprocessorSpec):
    """Keep the words of a hashtag, replace it, or remove it.

    `words` drops the sign and splits at underscores: `#very_good` becomes `very good` (up to ten words; underscores
    behind the tenth stay).
    """

    name: str = "hashtags"
    action: Literal["words", "replace", "remove"] = "words"
    """What happens to a hashtag."""
    token: str = Field(default="[hashtag]", min_length=1)
    """What replaces a hashtag where `action` is `replace`."""

    def build(self) -> Rules:
        if self.action != "words":
            token = verbatim(self.token) if self.action == "replace" else ""
            return Rules([Replace(f"[#＃]{shapes.RUN}", token, only_with="#＃")])
        split = Replace("[#＃]([{letter}{mark}{digit}]+)_+([{letter}{mark}{digit}])", r"\1 #\2", only_with="_")
        return Rules(
            [
                Replace("[#＃]_+", "#", only_with="#＃"),
                *[split] * (_MOST_WORDS - 1),
                Replace(f"[#＃]({shapes.RUN})", r"\1", only_with="#＃"),
            ]
        )
