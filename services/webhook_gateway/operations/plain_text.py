"""Text that every database holds: PostgreSQL refuses a NUL, so we do, with the path of the field."""

from typing import Annotated

from pydantic import AfterValidator


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("there is a NUL in the text")
    return text


PlainText = Annotated[str, AfterValidator(_without_nul)]
