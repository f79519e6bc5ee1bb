"""Where the project is, and the material beside it that is not ours to copy."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED_MATERIAL = REPOSITORY.parent / "shared"
