"""Changes one token of a document, which makes most documents invalid."""

from typing import Final

from graphql import Lexer, Source, TokenKind

from .choices import Choices

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


def mutate_token(choices: Choices, text: str) -> str:
    """Return a document with one token changed, doubled or left out."""
    tokens = _tokens(text)
    index = choices.number_below(len(tokens))
    token = tokens[index]
    kind = choices.number_below(10)
    if kind == 9:
        replacement = ""
    elif kind == 8:
        replacement = f"{token} {token}"
    elif token[0].isalpha() or token[0] == "_":
        own = sorted({each for each in tokens if each[0].isalpha()})
        replacement = choices.pick((*_NAMES, *own))
    else:
        replacement = choices.pick(_VALUES)
    return " ".join((*tokens[:index], replacement, *tokens[index + 1 :]))


def _tokens(text: str) -> list[str]:
    lexer = Lexer(Source(text))
    tokens = []
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens.append(text[token.start : token.end])
    return tokens
