"""What every entry reads and writes: one order, one receipt, one hundred records."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel, Field

__all__ = ["EVENTS", "RECORDS", "Order", "Receipt", "Record", "receipt_of"]


class Address(BaseModel):
    street: str
    city: str
    postcode: str
    country: str = Field(min_length=2, max_length=2)


class Item(BaseModel):
    sku: str
    name: str = Field(max_length=80)
    quantity: int = Field(gt=0)
    price: float = Field(ge=0)
    tags: list[str] = []


class Order(BaseModel):
    customer: int
    email: str
    placed: datetime
    shipping: Address
    items: list[Item]
    note: str | None = None


class Receipt(BaseModel):
    id: int
    customer: int
    email: str
    placed: datetime
    items: list[Item]
    count: int
    total: float


class Record(BaseModel):
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


RECORDS = [
    Record(
        id=uuid.UUID(int=2**90 + 7919 * number),
        name=f"Record number {number}",
        price=Decimal(f"{number}.25"),
        created=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        active=bool(number % 2),
        tags=["alpha", "beta", f"t{number}"],
    )
    for number in range(100)
]

EVENTS = [b"data: %d\n\n" % number for number in range(100)]
