"""How far the demo has come, kept so that a demo that was killed goes on where it was."""

import json
from dataclasses import dataclass, field
from pathlib import Path

Webhook = tuple[str, str]


@dataclass(slots=True)
class Progress:
    """`done`: names of what was played; `told`: merchant and body of each webhook that Svea has sent."""

    file: Path
    done: list[str] = field(default_factory=list)
    told: list[Webhook] = field(default_factory=list)

    @classmethod
    def read(cls, file: Path) -> "Progress":
        if not file.exists():
            return cls(file)
        noted = json.loads(file.read_text())
        return cls(file, noted["done"], [(merchant, body) for merchant, body in noted["told"]])

    def note(self, name: str, told: list[Webhook]) -> None:
        """After it was played: a demo killed before this plays it again, which changes nothing."""
        self.done.append(name)
        self.told += [webhook for webhook in told if webhook not in self.told]
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps({"done": self.done, "told": self.told}))
        fresh.replace(self.file)
