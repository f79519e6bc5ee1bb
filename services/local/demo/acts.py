"""What is played: the stand-in's stories, step by step, and the few notices that the samples leave out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.local.demo.stand_ins import StandIns, Step, Story

NEVER_CONFIRMED = Story(
    "N",
    "Checkout that the buyer never confirmed",
    "SE",
    9300190,
    (Step(("order-9300190-cancelled",), None),),
)
GIVEN_BACK = ("A", 7)
"""The step of which no webhook tells: everything of A is given back."""


@dataclass(frozen=True, slots=True)
class Act:
    """One step of a story. `notice` is told besides, because the samples have no webhook for it."""

    story: Story
    number: int
    notice: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        return f"{self.story.key}/{self.number}"

    @property
    def told_by(self) -> str:
        return self.notice["EventName"] if self.notice else (self.step.webhook or "nobody")

    @property
    def step(self) -> Step:
        return self.story.steps[self.number - 1]

    def perform(self, stand_ins: StandIns) -> None:
        """Safe to repeat until the next act is played."""
        if self.story is NEVER_CONFIRMED:
            stand_ins.install(self.step.install[0])
        else:
            stand_ins.play(self.story, self.number)
        if self.notice is not None:
            stand_ins.tell(self.story.market, self.notice)


def acts_of(stories: Sequence[Story]) -> list[Act]:
    """All but the one that nobody tells of."""
    played = [
        Act(story, number, _notice(story, number))
        for story in (*stories, NEVER_CONFIRMED)
        for number in range(1, len(story.steps) + 1)
    ]
    return [act for act in played if (act.story.key, act.number) != GIVEN_BACK]


def given_back(stories: Sequence[Story]) -> Act:
    key, number = GIVEN_BACK
    return Act(next(story for story in stories if story.key == key), number)


def _notice(story: Story, number: int) -> Mapping[str, Any] | None:
    """The first step of F, I and N has no webhook among the samples; Svea does tell of every order."""
    if (story.key, number) not in (("F", 1), ("I", 1), ("N", 1)):
        return None
    return {
        "EventName": "CheckoutOrder.Created",
        "CheckoutOrderId": story.checkout_id,
        "IsPending": False,
        "CorrelationId": f"5d0a6b0e-0000-4000-8000-{story.checkout_id:012d}",
        "TimestampUtc": "2026-02-02T09:00:00.0000000Z",
    }
