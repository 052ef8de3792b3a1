"""Fills a store from a seed with linked jobs, until there are enough of them."""

from gateway.twin.account import Account
from gateway.twin.answers.describer import Describer
from gateway.twin.scenario import automl, monitoring, training
from gateway.twin.scenario.builder import ScenarioBuilder
from gateway.twin.scenario.named_jobs import NamedJobs
from gateway.twin.scenario.processing import ArrivingJobs, add_standalone
from gateway.twin.scenario.transform import add_standalone_transform
from gateway.twin.scenario.tuning import add_tuning_specs
from gateway.twin.store import Store

# The share of processing jobs without links, once one job of every spec has been added.
STANDALONE_SHARE = 0.15
# No spec adds more processing jobs than this at once.
LARGEST_SPEC = 3
# Transform and tuning jobs that stand alone, per processing job; no more than these, however many
# processing jobs there are, since nothing new would be shown.
TRANSFORMS_PER_JOB, MOST_TRANSFORMS = 1.2, 300
TUNINGS_PER_JOB, MOST_TUNINGS = 0.12, 48


def add_scenario(store: Store, started: int, seed: int, jobs: int) -> None:
    """Add jobs as they are at `started` (milliseconds since 1970), and those that come later.

    The home region then has `jobs` processing jobs, or a few more: those of fixed names are always
    there.
    """
    describer = Describer(Account(store.account_id, store.region), seed)
    builder = ScenarioBuilder(store, describer, started, seed)
    NamedJobs(builder).add()
    _add_linked_jobs(builder, jobs)
    for number in range(jobs - builder.processing_jobs):
        add_standalone(builder, number)
    for number in range(min(MOST_TRANSFORMS, int(jobs * TRANSFORMS_PER_JOB))):
        add_standalone_transform(builder, number)
    add_tuning_specs(builder, min(MOST_TUNINGS, int(jobs * TUNINGS_PER_JOB)))
    ArrivingJobs(builder)


def _add_linked_jobs(builder: ScenarioBuilder, jobs: int) -> None:
    """Add one job of every spec as far as there is room, and more of them up to their share."""
    _add_round(builder, jobs - LARGEST_SPEC)
    while builder.processing_jobs < jobs * (1 - STANDALONE_SHARE) - LARGEST_SPEC:
        _add_round(builder, int(jobs * (1 - STANDALONE_SHARE)))


def _add_round(builder: ScenarioBuilder, enough: int) -> None:
    for automl_spec in automl.SPECS:
        if builder.processing_jobs <= enough:
            automl.add_automl_spec(builder, automl_spec)
    for monitoring_spec in monitoring.SPECS:
        if builder.processing_jobs <= enough:
            monitoring.add_monitoring_spec(builder, monitoring_spec)
    for training_spec in training.SPECS:
        if builder.processing_jobs <= enough:
            training.add_training_spec(builder, training_spec)
