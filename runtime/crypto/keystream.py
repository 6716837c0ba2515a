"""The keystreams that hide what a container carries."""

from __future__ import annotations

from runtime.crypto.keys import FileKeys


def masked(keys: FileKeys, stream: int, content: bytes) -> bytes:
    """Content XORed with a keystream, or back: AES-256 in counter mode (NIST SP 800-38A).

    Args:
        keys: Of the file.
        stream: Number of the keystream, below 2**64; each may be used once in a file.
        content: Fewer than 2**64 blocks of 16 bytes.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    counter = stream.to_bytes(8, "big") + bytes(8)
    encryptor = Cipher(algorithms.AES256(keys.cipher), modes.CTR(counter)).encryptor()
    return encryptor.update(content) + encryptor.finalize()
