"""Svea's task queue: 202 now, InProgress for a while, then 303 to what came of it (svea.md 3.5)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Task:
    task_id: int
    merchant_id: str
    result_path: str
    """Path of the order or the credit, below the Payment Admin root."""
    polls_left: int

    def poll(self) -> bool:
        """True when the task is done."""
        if self.polls_left > 0:
            self.polls_left -= 1
            return False
        return True
