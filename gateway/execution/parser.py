"""Parse documents to syntax trees that take little memory, and no reference cycle keeps."""

import re
from array import array
from bisect import bisect_right
from typing import Final

from graphql import DocumentNode, GraphQLError, Location, Source, SourceLocation, Token, TokenKind
from graphql.language.parser import Parser, nested_too_deeply_error

from gateway.execution.errors import QueryTooComplex

_LINE_END: Final = re.compile(r"\r\n|[\n\r]")
_NO_TOKEN: Final = Token(TokenKind.SOF, 0, 0, 0, 0)
"""Stands in each location for the tokens, which only formatters of documents read."""


class _Source(Source):
    """Knows where its lines begin: graphql-core looks for that again for each error."""

    _starts: "array[int] | None" = None

    def get_location(self, position: int) -> SourceLocation:
        if self._starts is None:
            ends = (match.end() for match in _LINE_END.finditer(self.body))
            # A list would take ten times the memory.
            self._starts = array("I", (0, *ends))
        line = bisect_right(self._starts, position)
        return SourceLocation(line, position + 1 - self._starts[line - 1])


class _Parser(Parser):
    """Counts the nodes, and lets them refer to no token.

    graphql-core's tokens are a list that is linked both ways: with one token, a tree keeps all of
    them, and only the garbage collector frees them.
    """

    nodes = 0

    def loc(self, start_token: Token) -> Location:
        self.nodes += 1
        location = Location(start_token, self._lexer.last_token, self._lexer.source)
        location.start_token = location.end_token = _NO_TOKEN
        return location


def parse_document(text: str, max_tokens: int) -> tuple[DocumentNode, int]:
    """Return a document and how many nodes it has.

    Raises `QueryTooComplex` for more than `max_tokens`, and `GraphQLError` where the syntax is
    wrong.
    """
    parser = _Parser(_Source(text), max_tokens=max_tokens)
    first = parser._lexer.token  # noqa: SLF001  # the parser has no other way to its tokens
    try:
        return parser.parse_document(), parser.nodes
    except RecursionError:
        error: GraphQLError = nested_too_deeply_error(parser)
    except GraphQLError as raised:
        error = raised
    finally:
        _unlink(first)
    # Nothing but the message distinguishes graphql-core's limit from a syntax error.
    if "Document contains more than" in error.message:
        raise QueryTooComplex(f"The document has more than the {max_tokens} tokens allowed.")
    raise error.with_traceback(None)


def _unlink(token: Token | None) -> None:
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following
