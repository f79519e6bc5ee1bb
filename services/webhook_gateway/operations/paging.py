"""Lists come in pages: `cursor` from the page before, `limit` up to 500."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from services.webhook_gateway.problems import bad_cursor
from shared.ledger.records import Page

T = TypeVar("T")
R = TypeVar("R")

Cursor = Annotated[
    str | None,
    Query(max_length=500, description="`next_cursor` of the page before; left out for the first page."),
]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]


class Listed(BaseModel, Generic[T]):
    items: list[T] = Field(description="This page.")
    next_cursor: str | None = Field(
        description="Asks for the next page; null on the last one.", examples=[None]
    )


def listed(page: Page[R], show: Callable[[R], T]) -> Listed[T]:
    return Listed[T](items=[show(item) for item in page.items], next_cursor=page.next_cursor)


async def must_be_a_page(asked: Awaitable[R]) -> R:
    """The ledger says ValueError to a cursor that it did not make."""
    try:
        return await asked
    except (ValueError, OverflowError) as problem:
        raise bad_cursor() from problem
