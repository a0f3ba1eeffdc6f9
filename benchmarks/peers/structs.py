"""The same order, receipt and records for the frameworks whose own models are msgspec's."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from benchmarks import models

__all__ = ["EVENTS", "RECORDS", "Order", "Receipt", "Record", "receipt_of"]

EVENTS = models.EVENTS


class Address(msgspec.Struct):
    street: str
    city: str
    postcode: str
    country: Annotated[str, msgspec.Meta(min_length=2, max_length=2)]


class Item(msgspec.Struct):
    sku: str
    name: Annotated[str, msgspec.Meta(max_length=80)]
    quantity: Annotated[int, msgspec.Meta(gt=0)]
    price: Annotated[float, msgspec.Meta(ge=0)]
    tags: list[str] = []


class Order(msgspec.Struct):
    customer: int
    email: str
    placed: datetime
    shipping: Address
    items: list[Item]
    note: str | None = None


class Receipt(msgspec.Struct):
    id: int
    customer: int
    email: str
    placed: datetime
    items: list[Item]
    count: int
    total: float


class Record(msgspec.Struct):
    id: uuid.UUID
    name: str
    price: Decimal
    created: datetime
    active: bool
    tags: list[str]


def receipt_of(order: Order) -> Receipt:
    """Do what a handler would: count, and sum up."""
    return Receipt(
        id=1,
        customer=order.customer,
        email=order.email,
        placed=order.placed,
        items=order.items,
        count=len(order.items),
        total=sum(item.price * item.quantity for item in order.items),
    )


RECORDS = [Record(**record.model_dump()) for record in models.RECORDS]
