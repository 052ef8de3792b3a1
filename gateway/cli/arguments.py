"""How arguments become settings, and how a wrong one is refused in one line."""

import argparse
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gateway.settings import GROUPS, Settings, explain, option, variable, written_default


class UsageError(Exception):
    """The command cannot run as it was called; the message says what to change."""


class ArgumentParser(argparse.ArgumentParser):
    """A parser that raises `UsageError`, takes no abbreviated option and no option twice.

    An abbreviation may mean something else when options are added, and of an option that is given
    twice one value would have no effect.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "add_help": False, **kwargs})
        self.add_argument("-h", "--help", action="help", help="Print this help.")

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        end = "" if message.endswith("?") else "."
        raise UsageError(f"{message}{end} Try {self.prog} --help.")

    def parse(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        """Return the options, `None` for those not given. Raises `UsageError`."""
        namespace, unknown = self.parse_known_args(arguments)
        if unknown:
            self.error(_unknown(unknown[0].partition("=")[0], namespace.names))
        return namespace


def _unknown(argument: str, known: Sequence[str]) -> str:
    if not argument.startswith("-"):
        return f"Unexpected argument {argument!r}"
    near = get_close_matches(argument, known, n=1)
    return f"There is no option {argument}" + (f"; did you mean {near[0]}?" if near else "")


class Once(argparse.Action):
    """Store a value. Refuses a second one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Store the value of an option."""
        if getattr(namespace, self.dest) is not None:
            raise argparse.ArgumentError(self, "give the option once")
        setattr(namespace, self.dest, values)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add an option for each setting."""
    for group in GROUPS:
        options = parser.add_argument_group(group.title)
        for name, field in group.own_fields().items():
            _add_setting(options, name, field)


def help_of(name: str) -> str:
    """Return the help of a setting, with its variable and its default."""
    field = Settings.model_fields[name]
    default = written_default(field.default)
    known = variable(name) if default is None else f"{variable(name)}, default {default}"
    return f"{field.description} [{known}]".replace("%", "%%")


def _add_setting(parser: argparse._ArgumentGroup, name: str, field: FieldInfo) -> None:
    help_ = help_of(name)
    if field.annotation is bool:
        action: Any = argparse.BooleanOptionalAction
        parser.add_argument(option(name), action=action, default=None, help=help_)
    else:
        parser.add_argument(option(name), action=Once, metavar="VALUE", help=help_)


def given_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings among the options that were given."""
    return {
        name: value
        for name in Settings.model_fields
        if (value := getattr(options, name, None)) is not None
    }


def read_settings(given: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings that were given as options, those of the environment, and `more`.

    Raises `UsageError`, which names all that are wrong.
    """
    try:
        return Settings(**{**given, **(more or {})})
    except ValidationError as error:
        raise UsageError(" ".join(explain(error, given))) from error
