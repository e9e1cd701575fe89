"""`english_spoken`: what people write as they speak."""

from __future__ import annotations

from kerasseq.plugin import CLOSE, OPEN, MapWords, PreprocessorSpec, Rule, Rules, SequenceMap, spellings
from kerasseq_english.placeholders import bracketed

__all__ = ["EnglishSpoken"]

_FORMS = {
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "hafta": "have to",
    "hasta": "has to",
    "oughta": "ought to",
    "tryna": "trying to",
    "finna": "going to",
    "imma": "i am going to",
    "kinda": "kind of",
    "sorta": "sort of",
    "outta": "out of",
    "lotta": "lot of",
    "cuppa": "cup of",
    "coulda": "could have",
    "shoulda": "should have",
    "woulda": "would have",
    "mighta": "might have",
    "musta": "must have",
    "dunno": "do not know",
    "lemme": "let me",
    "gimme": "give me",
    "gotcha": "got you",
    "betcha": "bet you",
    "c'mon": "come on",
    "d'you": "do you",
    "innit": "is it not",
    "y'all're": "you all are",
    "y'all've": "you all have",
    "y'all'll": "you all will",
    "y'all'd": "you all would",
    "cuz": "because",
    "coz": "because",
}
_MODALS = "could should would might must".split()
_SUBJECTS = "i you he she it we they who that there".split()
_VERBS = "do does did is are was were has have had could should would must".split()
_BARE = {
    **{f"{verb}nt": f"{verb} not" for verb in _VERBS},
    "cant": "can not",
    "wont": "will not",
    "aint": "is not",
    "im": "i am",
    "ive": "i have",
    "youre": "you are",
    "youve": "you have",
    "youll": "you will",
    "theyre": "they are",
    "theyve": "they have",
    "theyll": "they will",
    "weve": "we have",
    "itll": "it will",
    "thats": "that is",
    "whats": "what is",
    "theres": "there is",
    "heres": "here is",
    "hes": "he is",
    "shes": "she is",
}
_BEGINNINGS = {
    "'em": "them",
    "'cause": "because",
    "'cuz": "because",
    "'til": "until",
    "'till": "until",
    "'bout": "about",
    "'tis": "it is",
    "'twas": "it was",
}
_DROPPED_G = (
    "go do be com get hav mak tak say talk walk work look feel think try play runn sitt stand eat liv lov "
    "know see tell ask call wait sleep drink driv noth someth anyth everyth morn even fuck freak damn"
).split()


class EnglishSpoken(PreprocessorSpec):
    """Write spoken forms out, in lower case, Capitalised or UPPER CASE, beyond what kerasseq's `contractions` knows:
    `gonna` to `going to`, `couldn't've` to `could not have`, `goin'` to `going`, `'em` to `them`, `dont` to `do not`.

    Before or behind `contractions`. Forms that are more often another word stay: `ill`, `id`, `were`, `lets`.
    """

    name: str = "english_spoken"
    bare: bool = True
    """Whether forms without their apostrophe are written out: `dont`, `im`, `thats`; rare words such as `cant` and
    `wont` are read as these."""

    def build(self) -> Rules:
        ends = spellings({f"{stem}in'": f"{stem}ing" for stem in _DROPPED_G} | _BEGINNINGS)
        quotes = "['’]"
        begin = "|".join(key[1:] for key in ends if key[0] == "'")
        end = "|".join(key[:-1] for key in ends if key[-1] == "'")
        brackets = {OPEN: "", CLOSE: ""}
        whole = {f"{OPEN}{key}{CLOSE}": value for key, value in ends.items()}
        rules: list[Rule] = [
            *bracketed(f"{quotes}(?:{begin})|(?:{end}){quotes}", only_with="'’"),
            SequenceMap(whole | brackets),
            MapWords(spellings(_forms(self.bare))),
        ]
        return Rules(rules)


def _forms(bare: bool) -> dict[str, str]:
    double = {f"{verb}n't've": f"{verb} not have" for verb in _MODALS}
    double |= {f"{verb}'ve": f"{verb} have" for verb in _MODALS}
    double |= {f"{subject}'d've": f"{subject} would have" for subject in _SUBJECTS}
    double |= {f"{subject}'ll've": f"{subject} will have" for subject in _SUBJECTS}
    return {**_FORMS, **double, **(_BARE if bare else {})}
