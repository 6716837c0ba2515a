"""From a passphrase to the keys of one file: Argon2id once per run, HKDF for each file.

Both are standard (RFC 9106, RFC 5869). SECURITY.md explains the design.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import unicodedata
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field

from runtime.errors import UsageError

SALT_BYTES = 16
NONCE_BYTES = 12

_PUBLIC_MASTER = hashlib.sha256(b"plainsight 2 public key").digest()
_FILE_INFO = b"plainsight 2 file"
_REMEMBERED = 64


@dataclass(frozen=True)
class Argon2Cost:
    """The cost of one derivation; these numbers are part of format version 2.

    Attributes:
        passes: Over the memory.
        kibibytes: Of memory.
        lanes: That can be computed in parallel.
    """

    passes: int = 3
    kibibytes: int = 65_536
    lanes: int = 4


COST = Argon2Cost()


@dataclass(frozen=True)
class FileKeys:
    """The keys of one file, and the nonce and salt that they are found again by.

    Attributes:
        nonce: 12 bytes, of this file alone.
        salt: 16 bytes, of the run that made the file.
        cipher: Key of AES-256, 32 bytes.
        tag: Key of HMAC-SHA256, 32 bytes.
    """

    nonce: bytes
    salt: bytes
    cipher: bytes = field(repr=False)
    tag: bytes = field(repr=False)


def passphrase_bytes(passphrase: str | bytes | None) -> bytes | None:
    """A passphrase as the derivation takes it: text in Unicode's form NFC, as UTF-8.

    Without a normal form, the same word typed on two systems could be two passphrases (RFC 8265).

    Raises:
        UsageError: It is empty.
        TypeError: It is neither text nor bytes.
    """
    if passphrase is None:
        return None
    if not isinstance(passphrase, str | bytes):
        raise TypeError(f"passphrase must be str, bytes or None, got {type(passphrase).__name__}")
    if not passphrase:
        raise UsageError("the passphrase is empty; give one, or none")
    if isinstance(passphrase, str):
        return unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return passphrase


class KeyRing:
    """Derives keys, and caches the costly part. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._masters: OrderedDict[tuple[bytes, bytes], Future[bytes]] = OrderedDict()
        self._salts: OrderedDict[bytes, bytes] = OrderedDict()

    def new_file(self, passphrase: bytes | None, *, share_salt: bool) -> FileKeys:
        """Keys for a new file.

        Args:
            passphrase: See `passphrase_bytes`; None for the public key.
            share_salt: Whether all files of this ring and passphrase share one salt, and so one
                derivation; otherwise each has its own.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        salt = secrets.token_bytes(SALT_BYTES)
        if passphrase is not None and share_salt:
            with self._lock:
                salt = self._salts.setdefault(passphrase, salt)
                self._salts.move_to_end(passphrase)
                if len(self._salts) > _REMEMBERED:
                    self._salts.popitem(last=False)
        return self.file_keys(passphrase, nonce, salt)

    def file_keys(self, passphrase: bytes | None, nonce: bytes, salt: bytes) -> FileKeys:
        """The keys of the file that has this nonce and salt."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        master = self._master(passphrase, salt)
        derived = HKDF(SHA256(), length=64, salt=nonce + salt, info=_FILE_INFO).derive(master)
        return FileKeys(nonce, salt, derived[:32], derived[32:])

    def knows(self, passphrase: bytes | None, salt: bytes) -> bool:
        """Whether keys for this salt need no derivation."""
        return passphrase is None or (passphrase, salt) in self._masters

    def _master(self, passphrase: bytes | None, salt: bytes) -> bytes:
        if passphrase is None:
            return _PUBLIC_MASTER
        # Threads that need a key that is being derived wait for it; others do not.
        with self._lock:
            future = self._masters.get((passphrase, salt))
            begun = future is not None
            if future is None:
                future = self._masters[passphrase, salt] = Future()
                if len(self._masters) > _REMEMBERED:
                    self._masters.popitem(last=False)
        if not begun:
            try:
                future.set_result(_argon2id(passphrase, salt, COST))
            except BaseException as error:
                future.set_exception(error)
                with self._lock:
                    self._masters.pop((passphrase, salt), None)
        return future.result()


@dataclass(frozen=True)
class Keys:
    """What a scheme gets its keys from: those of new files, and of files that it finds.

    Attributes:
        ring: Derives them.
        passphrase: See `passphrase_bytes`; None for the public key.
        share_salt: See `KeyRing.new_file`.
    """

    ring: KeyRing
    passphrase: bytes | None = field(repr=False)
    share_salt: bool = True

    def new(self) -> FileKeys:
        """Keys for a new file."""
        return self.ring.new_file(self.passphrase, share_salt=self.share_salt)

    def of(self, nonce: bytes, salt: bytes) -> FileKeys:
        """The keys of the file that has this nonce and salt."""
        return self.ring.file_keys(self.passphrase, nonce, salt)

    def knows(self, salt: bytes) -> bool:
        """Whether `of` needs no costly derivation for this salt."""
        return self.ring.knows(self.passphrase, salt)


# Two derivations of several lanes at a time deadlock: both need threads of the one pool that
# OpenSSL has (seen with cryptography 50.0.2).
_one_at_a_time = threading.Lock()


def _argon2id(passphrase: bytes, salt: bytes, cost: Argon2Cost) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    derive = Argon2id(
        salt=salt,
        length=32,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.kibibytes,
    )
    with _one_at_a_time:
        return derive.derive(passphrase)
