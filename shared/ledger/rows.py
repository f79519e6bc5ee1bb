"""Rows to records: the only place that knows both."""

from typing import Any

from sqlalchemy.engine import Row

from shared.ledger.records import Link, Problem, Subject


def to_subject(row: Row[Any]) -> Subject:
    values = dict(row._mapping)
    if values["problem"] is not None:
        values["problem"] = Problem(**values["problem"])
    return Subject(**values)


def to_link(row: Row[Any]) -> Link:
    values = dict(row._mapping)
    del values["intender_id"], values["intender_fence"]
    return Link(**values)
