"""AWS's regular expressions, which are Java's, as Python's."""

import re
from functools import cache

# The Unicode and POSIX classes that SageMaker's model uses, as they stand inside brackets.
CLASSES = {
    r"\p{Alnum}": "A-Za-z0-9",
    # Python cannot name all letters; "word" characters are letters, digits and "_".
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{P}": r"!-/:-@\[-`{-~",
}
# Java's surrogate ranges mean "any character beyond the basic plane".
SURROGATES = "\\uD800\\uDC00-\\uDBFF\\uDFFF"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the Python form of a pattern of the service model; match it with `fullmatch`.

    A few patterns are not even Java; what cannot be read allows everything.
    """
    text = pattern.replace(SURROGATES, "\\U00010000-\\U0010FFFF")
    for java, python in CLASSES.items():
        text = text.replace(java, python)
    try:
        return re.compile(text)
    except re.error:
        return re.compile(r"[\s\S]*")


def matches(pattern: str, value: str) -> bool:
    """Whether the whole value matches, as AWS demands."""
    return compiled(pattern).fullmatch(value) is not None
