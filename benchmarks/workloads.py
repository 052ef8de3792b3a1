"""The workloads: documents, names of jobs and request bodies."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from benchmarks.load.closed_loop import NUMBER
from benchmarks.processes import compact_json

_DOCUMENTS: Final = Path(__file__).with_name("documents")
_ARN: Final = "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/"
PAGE: Final = 100


def names(many: int) -> tuple[str, ...]:
    """Return names of jobs, the same ones in each run."""
    return tuple(f"job-{number:05}" for number in range(many))


NAMES: Final = names(1_000)


def document(name: str) -> str:
    """Return a document's text, its layout taken out as clients that send much do."""
    return " ".join((_DOCUMENTS / f"{name}.graphql").read_text().split())


def by_name(text: str, name: str) -> str:
    """Return the body of a request for one job."""
    return compact_json({"query": text, "variables": {"name": name}})


def by_page(text: str, names: tuple[str, ...]) -> str:
    """Return the body of a request for a page of jobs."""
    return compact_json({"query": text, "variables": {"ids": [_ARN + name for name in names]}})


def by_connection(text: str) -> str:
    """Return the body of a request for the first page of a list."""
    return compact_json({"query": text, "variables": {"first": PAGE}})


def page_of_everything() -> str:
    """Return the text of W2 for a page of jobs."""
    _, _, selection = document("w2").partition("processingJob(name: $name)")
    return f"query Page($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on ProcessingJob {selection} }}"


def pages(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return names by the page."""
    return [names[start : start + PAGE] for start in range(0, len(names), PAGE)]


@dataclass(frozen=True)
class Workload:
    """Requests that are sent over and over."""

    key: str
    title: str
    text: str
    names: tuple[str, ...]
    many: bool = False
    """Whether all names go into one request."""

    @cached_property
    def bodies(self) -> list[str]:
        """The bodies, which take turns."""
        if self.is_list:
            return [by_connection(self.text)]
        if "$ids" in self.text:
            return [by_page(self.text, self.names)]
        return [by_name(self.text, name) for name in self.names]

    @property
    def is_list(self) -> bool:
        """Whether a list is asked for, which is remembered for two seconds only."""
        return "$first" in self.text

    @property
    def is_new(self) -> bool:
        """Whether each request's text is one that was never sent before."""
        return NUMBER in self.text


def _new(text: str) -> str:
    return text.replace("processingJob(", f"new{NUMBER}: processingJob(")


WARM: Final = (
    Workload("w1", "three fields of a job", document("w1"), NAMES[:1]),
    Workload("w2", "every field of a job", document("w2"), NAMES[:1]),
    Workload("w3", "three fields and three links", document("w3"), NAMES[:1]),
    Workload("w4", "every field, 1,000 jobs in turn", document("w2"), NAMES),
    Workload("w5", "page of 100 jobs", document("w5"), NAMES[:PAGE]),
    Workload("w6", "the same page as a connection", document("w6"), NAMES[:PAGE]),
    Workload("n1", "three fields, text never seen", _new(document("w1")), NAMES[:1]),
    Workload("n2", "every field, text never seen", _new(document("w2")), NAMES[:1]),
)
COLD: Final = {
    "c1": "200 identical, 50 ms away",
    "c2": "100 jobs and links, 50 ms away",
}
