"""The scenario: every story of the seed, told until there are enough jobs."""

from gateway.twin.account import Place
from gateway.twin.answers.describer import SeedTeller
from gateway.twin.scenario import automl, monitoring, training
from gateway.twin.scenario.builder import Stage
from gateway.twin.scenario.named_jobs import Cast
from gateway.twin.scenario.standalone import Newcomers, tell_plain
from gateway.twin.scenario.transform import add_standalone_transform
from gateway.twin.scenario.tuning import add_tuning_stories
from gateway.twin.store import World

# The share of jobs that stand alone, once every kind of linked story has been told.
PLAIN_SHARE = 0.15
# No story adds more processing jobs than this at once.
LARGEST_STORY = 3


# Transform and tuning jobs that stand alone, per processing job; no more than these, however many
# processing jobs there are, since nothing new would be shown.
TRANSFORMS_PER_JOB, MOST_TRANSFORMS = 1.2, 300
TUNINGS_PER_JOB, MOST_TUNINGS = 0.12, 48


class Scenario:
    """Fills a world with stories that begin at `started` (milliseconds since 1970)."""

    def __init__(self, world: World, started: int, seed: int) -> None:
        teller = SeedTeller(Place(world.account, world.region), seed)
        self._stage = Stage(world, teller, started, seed)
        self._cast = Cast(self._stage)

    def tell(self, jobs: int) -> None:
        """Add stories until the home region has `jobs` processing jobs; the cast always plays."""
        self._cast.tell()
        enough = jobs - LARGEST_STORY
        self._tell_round(enough)
        while self._stage.processing_jobs < jobs * (1 - PLAIN_SHARE) - LARGEST_STORY:
            self._tell_round(int(jobs * (1 - PLAIN_SHARE)))
        for number in range(jobs - self._stage.processing_jobs):
            tell_plain(self._stage, number)
        self._add_transforms_and_tunings(jobs)
        Newcomers(self._stage)

    def _add_transforms_and_tunings(self, jobs: int) -> None:
        for number in range(min(MOST_TRANSFORMS, int(jobs * TRANSFORMS_PER_JOB))):
            add_standalone_transform(self._stage, number)
        add_tuning_stories(self._stage, min(MOST_TUNINGS, int(jobs * TUNINGS_PER_JOB)))

    def _tell_round(self, enough: int) -> None:
        """One of each story, as long as there is room."""
        stage = self._stage
        for story in automl.STORIES:
            if stage.processing_jobs <= enough:
                automl.tell_automl_story(stage, story)
        for rows in monitoring.STORIES:
            if stage.processing_jobs <= enough:
                monitoring.tell_monitoring_story(stage, rows)
        for plot in training.STORIES:
            if stage.processing_jobs <= enough:
                training.tell_training_story(stage, plot)

    def examples(self) -> dict[str, str]:
        """Return names of good jobs for a demonstration."""
        return self._cast.examples()
