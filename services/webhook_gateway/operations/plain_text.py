"""Text that every database holds: no NUL, no half of a character; refused with the path of the field."""

from typing import Annotated

from pydantic import AfterValidator


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("there is a character in the text that cannot be stored")
    return text


PlainText = Annotated[str, AfterValidator(_storable)]
