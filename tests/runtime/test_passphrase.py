"""Passphrases: who has the right one reveals, and nobody else can even tell."""

from __future__ import annotations

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, read

import runtime
from runtime.carriers.residues import residues_of, with_residues
from runtime.crypto import keys as crypto_keys
from runtime.crypto import keystream
from runtime.engine.models import load_model
from runtime.schemes.clear import code_id, header

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_PASSPHRASE = "Grüße aus dem Wald"
BITS = (1, 2, 3)
CODE = code_id(load_model("clear"))
SIGNIFICANCE = 1e-6  # of each statistical test: together they fail once in thousands of runs


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derivations as cheap as Argon2 allows, so that thousands can be made."""
    monkeypatch.setattr(crypto_keys, "COST", crypto_keys.Argon2Cost(passes=1, kibibytes=8, lanes=1))


@pytest.fixture(scope="module")
def hiders() -> dict[int, runtime.Hider]:
    return {bits: runtime.Hider("clear", bits=bits, device="cpu") for bits in BITS}


@pytest.fixture(scope="module")
def revealer() -> runtime.Revealer:
    return runtime.Revealer("clear", device="cpu")


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    return photograph("coffee", 160, 200), photograph("astronaut", 160, 200)


# -- keys and pads are the published algorithms --


def test_argon2id_is_that_of_rfc_9106():
    # The RFC's own vector has a secret and associated data, which a passphrase has not; this one
    # is of the reference implementation's test suite (version 0x13, t=2, m=2^16, p=1).
    made = crypto_keys._argon2id(b"password", b"somesalt", crypto_keys.Argon2Cost(2, 65_536, 1))
    assert made.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"


def test_the_keystream_is_aes_256_in_counter_mode():
    # NIST SP 800-38A, F.5.5, has another first counter block; the cipher itself is FIPS 197's.
    key = bytes(range(32))
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    block = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
    assert block.update(bytes.fromhex("00112233445566778899aabbccddeeff")).hex() == (
        "8ea2b7ca516745bfeafc49904b496089"
    )
    tile = 0x01020304
    counters = b"".join(tile.to_bytes(8, "big") + n.to_bytes(8, "big") for n in range(4))
    assert keystream.keystream(key, tile, 61).tobytes() == block.update(counters)[:61]


def test_nist_counter_mode_vector():
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    counter = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    encryptor = Cipher(algorithms.AES256(key), modes.CTR(counter)).encryptor()
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    assert encryptor.update(plain).hex() == "601ec313775789a5b7a7f504bbf3d228"


def test_file_keys_are_hkdf_of_the_master_key():
    keys = crypto_keys.KeyRing().file_keys(None, b"n" * 12, b"s" * 16)
    master = hashlib.sha256(b"plainsight 1 public key").digest()
    # RFC 5869 by its two formulas.
    secret = hmac.digest(b"n" * 12 + b"s" * 16, master, "sha256")
    first = hmac.digest(secret, b"plainsight 1 file\x01", "sha256")
    second = hmac.digest(secret, first + b"plainsight 1 file\x02", "sha256")
    assert (keys.cipher, keys.tag) == (first, second)
    assert keys.cipher.hex() not in repr(keys) and str(keys.cipher) not in repr(keys)


@given(st.text(min_size=1))
def test_text_is_the_same_passphrase_in_every_normal_form(text: str):
    import unicodedata

    forms = {crypto_keys.passphrase_bytes(unicodedata.normalize(f, text)) for f in ("NFC", "NFD")}
    assert len(forms) == 1


# -- right, wrong and missing passphrases --


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.usefixtures("fast")
def test_the_right_passphrase_reveals_what_none_would(hiders, revealer, pair, bits):
    cover, secret = pair
    open_, kept = (hiders[bits].hide(cover, secret, word) for word in (None, "word"))
    without, with_ = revealer.reveal(open_), revealer.reveal(kept, b"word")
    psnr = [peak_signal_noise_ratio(secret, picture) for picture in (without, with_)]
    assert psnr[0] == pytest.approx(psnr[1], abs=0.01)
    covers = [peak_signal_noise_ratio(cover, picture) for picture in (open_, kept)]
    assert covers[0] == pytest.approx(covers[1], abs=0.1)


@pytest.mark.usefixtures("fast")
def test_wrong_missing_and_nothing_there_get_one_answer(hiders, revealer, pair):
    kept = hiders[2].hide(*pair, "word")
    open_ = hiders[2].hide(*pair)
    said = set()
    for picture, passphrase in (
        (kept, "Word"),
        (kept, None),
        (open_, "word"),
        (pair[0], None),
        (pair[0], "word"),
    ):
        with pytest.raises(runtime.NothingHiddenError) as caught:
            revealer.reveal(picture, passphrase)
        said.add(str(caught.value))
    assert len(said) == 1
    assert said.pop().startswith("no hidden picture found, or the passphrase is wrong")


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.usefixtures("fast")
def test_thousands_of_wrong_passphrases_never_reveal(hiders, pair, bits):
    cover, secret = (picture[:32, :32] for picture in pair)
    container = hiders[bits].hide(cover, secret, "the right one")
    nonce, salt = header.read_open(container, bits)
    ring = crypto_keys.KeyRing()
    right = ring.file_keys(b"the right one", nonce, salt)
    assert header.read_description(container, right, bits, CODE)
    pad = header.tile_pad(right, 0, 32, 32)
    assert header.is_intact(container, right, 0, pad, bits)
    for number in range(3000):
        keys = ring.file_keys(b"wrong %d" % number, nonce, salt)
        assert header.read_description(container, keys, bits, CODE) is None
        assert not header.is_intact(container, keys, 0, header.tile_pad(keys, 0, 32, 32), bits)


@pytest.mark.parametrize("passphrase", ["word", None])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.usefixtures("fast")
def test_any_one_symbol_flipped_is_noticed(hiders, revealer, pair, bits, passphrase):
    cover, secret = (picture[:20, :24] for picture in pair)
    container = hiders[bits].hide(cover, secret, passphrase)
    assert revealer.reveal(container, passphrase).shape == secret.shape
    residues = residues_of(container.reshape(-1, 3), bits)
    nonce, salt = header.read_open(container, bits)
    ring = crypto_keys.KeyRing()
    word = crypto_keys.passphrase_bytes(passphrase)
    for pixel in range(len(residues)):
        for bit in range(3 * bits):
            wanted = residues.copy()
            wanted[pixel] ^= 1 << bit
            changed = with_residues(container.reshape(-1, 3), wanted, bits)
            changed = changed.reshape(container.shape)
            nonce, salt = header.read_open(changed, bits)
            keys = ring.file_keys(word, nonce, salt)
            pad = header.tile_pad(keys, 0, *container.shape[:2])
            assert not header.is_intact(changed, keys, 0, pad, bits)
    # And through the front door, for some of them.
    for pixel in (0, 11, 30, 90, 130, 170, 300, 479):
        wanted = residues.copy()
        wanted[pixel] ^= 1
        changed = with_residues(container.reshape(-1, 3), wanted, bits)
        with pytest.raises((runtime.AlteredError, runtime.NothingHiddenError)):
            revealer.reveal(changed.reshape(container.shape), passphrase)


@pytest.mark.usefixtures("fast")
def test_what_is_intact_of_an_altered_container_is_revealed(hiders, revealer):
    cover = np.tile(photograph("astronaut"), (2, 2, 1))[:700, :600]
    secret = np.tile(photograph("coffee"), (2, 1, 1))[:700, :600]
    container = hiders[2].hide(cover, secret, "word")
    container[600, 500] ^= 1
    with pytest.raises(runtime.AlteredError, match="1 of its 4 tiles") as caught:
        revealer.reveal(container, "word")
    assert caught.value.damage == runtime.Damage(1, 4)
    revealed = revealer.recover(container, "word").picture
    assert peak_signal_noise_ratio(secret[:340], revealed[:340]) > 40
    assert (revealed[-200:, -200:] == 128).all()
    # The same file with the tiles' tiles exchanged is not another container.
    moved = hiders[2].hide(cover[:512], secret[:512], "word")
    moved[:, :304], moved[:, 296:] = moved[:, 296:].copy(), moved[:, :304].copy()
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(moved, "word")


def test_empty_passphrases_and_models_that_have_none(hiders, revealer, pair):
    for call in (lambda: hiders[2].hide(*pair, ""), lambda: revealer.reveal(pair[0], b"")):
        with pytest.raises(runtime.UsageError, match="empty"):
            call()
    for call in (
        lambda: runtime.Hider("classic").hide(*pair, "word"),
        lambda: runtime.Revealer("classic").reveal(pair[0], "word"),
    ):
        with pytest.raises(runtime.UsageError, match="cannot be protected"):
            call()


# -- what an onlooker sees --


def _symbols(container: np.ndarray, bits: int) -> np.ndarray:
    """What each sample carries, pad and all, uint8 (height, width, 3)."""
    residues = residues_of(container, bits).astype(int)
    planes = [(residues[..., None] >> 3 * p + np.arange(3) & 1) << p for p in range(bits)]
    return np.bitwise_or.reduce(planes)


@pytest.mark.parametrize("passphrase", ["word", None])
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.usefixtures("fast")
def test_symbols_are_uniform_and_do_not_follow_each_other(hiders, bits, passphrase):
    # Of a plain cover and a plain secret: nothing but the pad can make them look random.
    cover = np.full((256, 256, 3), 200, np.uint8)
    secret = np.full((256, 256, 3), 255, np.uint8)
    container = hiders[bits].hide(cover, secret, passphrase)
    level = 2**bits
    symbols = _symbols(container, bits)
    residues = residues_of(container, bits).ravel()
    flat = symbols.reshape(-1)
    for found, kinds in (
        (flat, level),
        (residues, 8**bits),
        (flat[:-1] * level + flat[1:], level**2),  # serial
        (flat[: -3 * 256] * level + flat[3 * 256 :], level**2),  # a row below
    ):
        assert stats.chisquare(np.bincount(found, minlength=kinds)).pvalue > SIGNIFICANCE
    assert stats.ttest_1samp(flat, (level - 1) / 2).pvalue > SIGNIFICANCE


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.usefixtures("fast")
def test_symbols_are_uniform_at_every_position(hiders, pair, bits):
    cover, secret = (picture[:16, :24] for picture in pair)
    many = [
        _symbols(container, bits)
        for word, count in ((None, 120), ("word 0", 40), ("word 1", 40), ("word 2", 40))
        for container in hiders[bits].hide_batch([cover] * count, [secret] * count, word)
    ]
    counts = np.stack([(np.stack(many) == value).sum(axis=0) for value in range(2**bits)])
    chi = ((counts - 240 / 2**bits) ** 2 / (240 / 2**bits)).sum(axis=0)
    expected = stats.chi2(2**bits - 1)
    # The header's place, at the front, is as random as the rest.
    assert expected.sf(chi).min() > SIGNIFICANCE / 10
    assert stats.chi2((2**bits - 1) * chi.size).sf(chi.sum()) > SIGNIFICANCE


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.usefixtures("fast")
def test_two_hides_of_a_pair_share_no_more_than_chance(pair, shared):
    hider = runtime.Hider("clear", device="cpu", share_salt=shared)
    for passphrase in ("word", None):
        first, second = (_symbols(hider.hide(*pair, passphrase), 2) for _ in range(2))
        same = int((first == second).sum())
        assert stats.binomtest(same, first.size, 0.25).pvalue > SIGNIFICANCE
        front = int((first.ravel()[:512] == second.ravel()[:512]).sum())
        assert stats.binomtest(front, 512, 0.25).pvalue > SIGNIFICANCE


@pytest.mark.usefixtures("fast")
def test_with_and_without_a_passphrase_look_alike(hiders, pair):
    kept, open_ = (_symbols(hiders[2].hide(*pair, word), 2) for word in ("word", None))
    table = [np.bincount(symbols.ravel(), minlength=4) for symbols in (kept, open_)]
    assert stats.chi2_contingency(table).pvalue > SIGNIFICANCE


def test_keys_of_many_salts_are_derived_from_threads():
    # At the cost of the format, where several derivations at a time once never ended.
    ring = crypto_keys.KeyRing()
    with ThreadPoolExecutor(4) as pool:
        salts = [bytes([n]) * 16 for n in range(4)] * 2
        made = list(pool.map(lambda salt: ring.file_keys(b"word", b"n" * 12, salt), salts))
    assert made[:4] == made[4:] and len({keys.cipher for keys in made}) == 4


def test_one_derivation_a_run_unless_asked_for(monkeypatch, pair):
    derived = []

    def derive(passphrase: bytes, salt: bytes, _: object) -> bytes:
        derived.append(salt)
        return hashlib.sha256(passphrase + salt).digest()

    monkeypatch.setattr(crypto_keys, "_argon2id", derive)
    small = [picture[:16, :16] for picture in pair]
    together = runtime.Hider("clear", device="cpu")
    made = [together.hide(*small, "word") for _ in range(5)]
    assert len(derived) == 1
    revealer = runtime.Revealer("clear", device="cpu")
    for container in made:
        revealer.reveal(container, "word")
    assert len(derived) == 2
    apart = runtime.Hider("clear", device="cpu", share_salt=False)
    for _ in range(5):
        apart.hide(*small, "word")
    assert len(set(derived)) == 6


# -- files that must reveal forever --


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("kind", ["", "-passphrase"])
def test_golden_containers_reveal_to_what_they_always_did(revealer, bits, kind):
    container = read(GOLDEN / f"container-{bits}{kind}.png")
    revealed = revealer.reveal(container, GOLDEN_PASSPHRASE if kind else None)
    expected = read(GOLDEN / f"revealed-{bits}.png")
    difference = np.abs(revealed.astype(int) - expected.astype(int))
    # The symbols are exact; the inverse transform is floating-point.
    assert difference.max() <= 1 and np.mean(difference > 0) < 1e-3
