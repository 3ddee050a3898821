"""The tasks of the platform's executor."""

from __future__ import annotations

import logging
import uuid
from typing import Final

from celery import shared_task
from django.db import DatabaseError
from redis import RedisError

from example_project.network.orders.claims import claim
from example_project.network.orders.executing import execute
from example_project.network.orders.order import Order
from example_project.network.orders.paying import pay
from example_project.network.orders.rounds import make_round as go_round
from example_project.network.switches import switches

logger = logging.getLogger(__name__)

EXPIRES_SECONDS: Final = 60


@shared_task(name="example.execute_order", expires=EXPIRES_SECONDS, ignore_result=True)
def execute_order(number: str, kind: str, price: float, placed_at: float) -> None:
    """Do what was ordered, and pay for it."""
    order = Order(number=number, kind=kind, price=price, placed_at=placed_at)
    is_broken = "tasks" in switches().broken()
    try:
        if claim(number) and execute(order, is_broken=is_broken):
            pay(order)
    except (DatabaseError, RedisError) as error:
        # One of them is away; the platform's is what the fault switch "platform" breaks.
        logger.warning("order_not_done", extra={"kind": type(error).__name__})


@shared_task(name="example.make_round", expires=EXPIRES_SECONDS, ignore_result=True)
def make_round() -> None:
    """What the executor does between orders."""
    try:
        go_round(str(uuid.uuid4()), broken=switches().broken())
    except DatabaseError as error:
        logger.warning("round_not_made", extra={"kind": type(error).__name__})
