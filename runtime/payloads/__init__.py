"""What is carried. A payload knows nothing of how it travels. One file each."""

from runtime.payloads.base import Payload

__all__ = ["Payload"]
