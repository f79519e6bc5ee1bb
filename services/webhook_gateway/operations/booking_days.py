"""A chosen day as the operations API shows it."""

import datetime

from pydantic import BaseModel, Field

from shared.ledger.booking_days import BookingDay


class BookingDayAnswer(BaseModel):
    date: datetime.date = Field(description="Where documents are booked whose own day is closed.")
    reason: str = Field(description="Why, in the words of who chose it.")
    chosen_by: str = Field(description="Name of the API key.")
    chosen_at: datetime.datetime


def booking_day(it: BookingDay) -> BookingDayAnswer:
    return BookingDayAnswer(date=it.day, reason=it.reason, chosen_by=it.chosen_by, chosen_at=it.chosen_at)
