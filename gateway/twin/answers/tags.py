"""Tags as teams put them on their jobs."""

from gateway.twin.answers.context import Pen
from gateway.twin.scenario.vocabulary import OWNERS, TEAMS


def tags_for(pen: Pen) -> dict[str, str]:
    """Up to six tags; what the story decided comes on top."""
    dice = pen.dice
    team = dice.choice("team", TEAMS)
    tags = {
        "team": team,
        "environment": dice.choice("environment", ("production", "staging", "development")),
        "cost-center": f"cc-{dice.between('cost', 4100, 4190)}",
        "owner": f"{dice.choice('owner', OWNERS)}@example.com",
        "project": pen.name.rsplit("-2", 1)[0],
        "sagemaker:created-by": "pipelines",
    }
    kept = dice.between("tags", 0, len(tags))
    decided: dict[str, str] = pen.fact("tags", {})
    return dict(list(tags.items())[:kept]) | decided
