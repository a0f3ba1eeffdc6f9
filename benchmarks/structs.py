"""Wadjet's entry with models of msgspec: the same application but for the order and the records."""

from __future__ import annotations

from benchmarks import app as usual
from benchmarks.peers.structs import RECORDS, Order, Receipt, Record, receipt_of
from wadjet import Wadjet

__all__ = ["app"]

app = Wadjet()
app.add_routes(
    [usual.plaintext, usual.json, usual.account, usual.user, usual.static, usual.upload, usual.stream]
)


@app.post("/orders", status_code=201)
async def order(order: Order) -> Receipt:
    return receipt_of(order)


@app.get("/records")
async def records() -> list[Record]:
    return RECORDS
