"""Short stop word lists, written by hand for this project (CC0), and the words of negation that are none."""

from __future__ import annotations

__all__ = ["NEGATION", "STOP"]

# particles that also come with a prefixed wa- or fa-
_ARABIC_PARTICLES = (
    "من إلى عن على في مع حتى منذ خلال بين عند قبل بعد تحت فوق حول "
    "هذا هذه ذلك تلك هؤلاء أولئك هنا هناك الذي التي الذين "
    "هو هي هم هن أنا نحن أنت أنتم "
    "أن إن كان كانت قد لقد ثم أو إذا كما عندما حيث لأن كل "
).split()
_ARABIC_WORDS = (
    "أم بل كي لكي اللذان اللتان اللاتي اللواتي ذا ذاك هذان هاتان ثمة هما أنتما أنتن إياه إياها "
    "منه منها منهم فيه فيها فيهم عنه عنها عنهم عليه عليها عليهم إليه إليها إليهم به بها بهم له لها لهم لنا لك لي "
    "معه معها معهم بأن بأنه بأنها أنه أنها أنهم إنه إنها إنهم كأن كأنه لأنه لأنها لذلك كذلك بذلك وهذا "
    "كانوا يكون تكون سوف إذ إذن أي أيضا بعض كلما بينما حين حينما مثل نفس نفسه نفسها ضمن عبر لدى لدي لديه لديها "
    "اللي هاي هاد هادا دي ده دا إحنا انتو هاذا يا ف ب ل و"
).split()
_ENGLISH = (
    "a an the i me my mine myself you your yours yourself he him his himself she her hers herself it its itself we us "
    "our ours ourselves they them their theirs themselves this that these those am is are was were be been being "
    "do does did doing have has had having will would shall should can could may might must "
    "of at by for with about between into through during before after to from in on onto upon over under "
    "and or if then than because as until while so there here when where which who whom whose what how "
    "each other some such own same also just s d ll m re ve"
).split()

_NO_ARABIC = (
    "لا لم لن لما ليس ليست ليسا ليسوا لست لسنا لستم لسن ما غير سوى إلا بلا بدون دون عدم كلا أبدا مطلقا قط "
    "ولا فلا ولم فلم ولن فلن وليس فليس وليست وما فما ألا ألم أليس وغير "
    "مو مب موب مش مهو ماهو ماهي ماني مانه مهي مافي مافيه ماكو مفيش مافيش ماله معنديش ولاشي بلاش مالي ماعاد"
).split()
_NO_ENGLISH = (
    "no not nor never none nobody nothing nowhere neither without cannot hardly barely scarcely n't "
    "ain't aren't can't couldn't daren't didn't doesn't don't hadn't hasn't haven't isn't mightn't mustn't needn't "
    "oughtn't shan't shouldn't wasn't weren't won't wouldn't "
    "aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt shouldnt wasnt werent wont wouldnt"
).split()

STOP: dict[str, tuple[str, ...]] = {
    "arabic": (*_ARABIC_PARTICLES, *_ARABIC_WORDS, *(w + p for w in "وف" for p in _ARABIC_PARTICLES)),
    "english": tuple(_ENGLISH),
}
"""Stop words by language, in full spelling and lower case."""

NEGATION: dict[str, tuple[str, ...]] = {
    "arabic": tuple(_NO_ARABIC),
    "english": (*_NO_ENGLISH, *(w.replace("'", "’") for w in _NO_ENGLISH if "'" in w)),
}
"""Words that turn a sentence round, by language; never stop words while negation is protected."""
