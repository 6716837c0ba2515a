"""Connections that stall are closed: no head of a request arrives, or an answer is not taken."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientProtocol(H11Protocol):
    """Uvicorn's protocol, with limits of time where it has none."""

    _head: asyncio.TimerHandle | None = None
    _answer: asyncio.TimerHandle | None = None

    @property
    def _seconds(self) -> float:
        app: Any = self.app
        return float(app.state.settings.seconds_to_send)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._head = self.loop.call_later(self._seconds, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived."""
        super().data_received(data)
        begun = self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]
        if not begun:
            self._head = _cancel(self._head)
        elif self._head is None:
            self._head = self.loop.call_later(self._seconds, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._head = _cancel(self._head)
        super().connection_lost(exc)
        self._answer = _cancel(self._answer)

    def pause_writing(self) -> None:
        """The client takes an answer more slowly than it is written."""
        super().pause_writing()
        self._answer = self.loop.call_later(self._seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It has taken most of it."""
        super().resume_writing()
        self._answer = _cancel(self._answer)


def _cancel(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Cancels a timer; returns what there is then: none."""
    if timer is not None:
        timer.cancel()
    return None
