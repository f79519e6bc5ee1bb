"""How Magento says no: a text with placeholders as JSON, or a page that is no JSON at all."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

Parameters = Mapping[str, Any] | Sequence[Any]

NOT_AUTHORIZED = "The consumer isn't authorized to access %resources."


class Refused(Exception):
    """`message` goes out with its placeholders, `parameters` beside it as a list or an object."""

    def __init__(
        self,
        message: str,
        parameters: Parameters | None = None,
        *,
        status: int = 400,
        errors: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.parameters = parameters
        self.status = status
        self.errors = errors

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = list(self.errors)
        if self.parameters is not None:
            body["parameters"] = self.parameters
        return body


class BrokenPage(Exception):
    """An answer that is HTML or plain text instead of JSON."""

    def __init__(self, status: int, page: str, content_type: str = "text/html; charset=UTF-8") -> None:
        super().__init__(f"{status} {content_type}")
        self.status = status
        self.page = page
        self.content_type = content_type


def required(field: str) -> Refused:
    return Refused('"%fieldName" is required. Enter and try again.', {"fieldName": field})


def not_supported(field: str) -> Refused:
    """The field is named in upper camel case, whatever the request called it."""
    camel = re.sub(r"(?:^|_)([a-zA-Z])", lambda found: found.group(1).upper(), field)
    text = '"%fieldName" is not supported. Correct the field name and try again.'
    return Refused(text, {"fieldName": camel})


def wrong_type(value: object, wanted: str) -> Refused:
    return Refused(
        f'The "{value}" value\'s type is invalid. The "{wanted}" type was expected. Verify and try again.'
    )


def wrong_type_of(field: str, value: object, wanted: str) -> Refused:
    return Refused(f'Error occurred during "{field}" processing. {wrong_type(value, wanted).message}')


def no_such_entity() -> Refused:
    text = "The entity that was requested doesn't exist. Verify the entity and try again."
    return Refused(text, status=404)


def no_such_route() -> Refused:
    return Refused("Request does not match any route.", status=404)


def cannot_be_processed() -> Refused:
    return Refused("Specified request cannot be processed.")


def not_authorized(*resources: str) -> Refused:
    return Refused(NOT_AUTHORIZED, {"resources": ", ".join(resources)}, status=401)


def internal_error() -> Refused:
    """What is behind it stands in the shop's log only; the report id is all a client gets."""
    report = "webapi-" + secrets.token_hex(7)[:13]
    return Refused(
        f"Internal Error. Details are available in Magento log file. Report ID: {report}", status=500
    )


def validation_failed(document: str, *reasons: str) -> Refused:
    """`document`: "Invoice", "Shipment" or "Creditmemo"."""
    return Refused("\n".join((f"{document} Document Validation Error(s):", *reasons)))
