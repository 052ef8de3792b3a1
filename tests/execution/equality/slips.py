"""Slips of the pen: one token of a document is another, so that most become invalid."""

from typing import Final

from graphql import Lexer, Source, TokenKind

from .dice import Dice

_VALUES: Final = ('"x"', "7", "1.5", "true", "null", "ENUM", "[]", "{}", "$v0", "$none")
_NAMES: Final = (
    "query",
    "on",
    "id",
    "name",
    "ids",
    "region",
    "__typename",
    "__schema",
    "processingJob",
    "trainingJob",
    "ProcessingJob",
    "Query",
    "Node",
    "KeyValue",
    "String",
    "ID",
    "skip",
    "deprecated",
    "if",
    "F0",
    "A",
    "noSuchName",
)


def slip(dice: Dice, text: str) -> str:
    """Return a document with one token changed, doubled or left out."""
    tokens = _tokens(text)
    index = dice.below(len(tokens))
    token = tokens[index]
    kind = dice.below(10)
    if kind == 9:
        replacement = ""
    elif kind == 8:
        replacement = f"{token} {token}"
    elif token[0].isalpha() or token[0] == "_":
        own = sorted({each for each in tokens if each[0].isalpha()})
        replacement = dice.pick((*_NAMES, *own))
    else:
        replacement = dice.pick(_VALUES)
    return " ".join((*tokens[:index], replacement, *tokens[index + 1 :]))


def _tokens(text: str) -> list[str]:
    lexer = Lexer(Source(text))
    tokens = []
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens.append(text[token.start : token.end])
    return tokens
