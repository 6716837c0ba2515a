"""Passphrases: who has the right one reveals, and nobody else can even tell."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from skimage.metrics import peak_signal_noise_ratio
from support import photograph

import runtime
from runtime.carriers.density import Density, capacity
from runtime.carriers.residues import bits_of_group, group_of, residues_of
from runtime.crypto import keys as crypto_keys
from runtime.crypto import keystream
from runtime.images.grid import tiles_of
from runtime.payloads.choice import Chosen
from runtime.schemes.clear import hiding, revealing, tile

BITS = (1, 2, 3)
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
    stream = 0x01020304
    counters = b"".join(stream.to_bytes(8, "big") + n.to_bytes(8, "big") for n in range(4))
    keys = crypto_keys.FileKeys(b"n" * 12, b"s" * 16, key, key)
    assert keystream.masked(keys, stream, bytes(61)) == block.update(counters)[:61]
    content = bytes(range(61))
    assert keystream.masked(keys, stream, keystream.masked(keys, stream, content)) == content


def test_nist_counter_mode_vector():
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    counter = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    encryptor = Cipher(algorithms.AES256(key), modes.CTR(counter)).encryptor()
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    assert encryptor.update(plain).hex() == "601ec313775789a5b7a7f504bbf3d228"


def test_file_keys_are_hkdf_of_the_master_key():
    keys = crypto_keys.KeyRing().file_keys(None, b"n" * 12, b"s" * 16)
    master = hashlib.sha256(b"plainsight 2 public key").digest()
    # RFC 5869 by its two formulas.
    secret = hmac.digest(b"n" * 12 + b"s" * 16, master, "sha256")
    first = hmac.digest(secret, b"plainsight 2 file\x01", "sha256")
    second = hmac.digest(secret, first + b"plainsight 2 file\x02", "sha256")
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


@pytest.mark.usefixtures("fast")
def test_thousands_of_wrong_passphrases_never_reveal(hiders, pair):
    cover, secret = (picture[:32, :32] for picture in pair)
    container = hiders[2].hide(cover, secret, "the right one")
    ring = crypto_keys.KeyRing()
    assert revealing.find(container, crypto_keys.Keys(ring, b"the right one"))
    for number in range(3000):
        assert revealing.find(container, crypto_keys.Keys(ring, b"wrong %d" % number)) is None


@pytest.mark.parametrize("passphrase", ["word", "wrong", None])
@pytest.mark.parametrize("kind", ["container", "open", "photograph"])
def test_one_derivation_finds_a_container_or_nothing(hiders, pair, monkeypatch, passphrase, kind):
    made = {"container": hiders[1].hide(*pair, "word"), "open": hiders[1].hide(*pair)}
    derived = []

    def derive(word: bytes, salt: bytes, _: object) -> bytes:
        derived.append(salt)
        return hashlib.sha256(word + salt).digest()

    with monkeypatch.context() as patch, runtime.Revealer("clear", device="cpu") as revealer:
        if kind == "container":
            patch.setattr(crypto_keys, "_argon2id", derive)
            made["container"] = hiders[1].hide(*pair, "another")
            derived.clear()
        patch.setattr(crypto_keys, "_argon2id", derive)
        with (
            pytest.raises(runtime.NothingHiddenError)
            if (kind != "open" or passphrase is not None)
            else contextlib.nullcontext()
        ):
            revealer.reveal(made.get(kind, pair[0]), passphrase)
    assert len(derived) == (passphrase is not None)


@pytest.mark.usefixtures("fast")
def test_what_is_intact_of_an_altered_container_is_revealed(revealer):
    cover = np.tile(photograph("astronaut"), (2, 2, 1))[:700, :600]
    secret = np.tile(photograph("coffee"), (2, 1, 1))[:700, :600]
    with runtime.Hider("clear", exact="never", device="cpu") as hider:
        container = hider.hide(cover, secret, "word")
    container[600, 500] ^= 1
    with pytest.raises(runtime.AlteredError, match="1 of its 4 tiles") as caught:
        revealer.reveal(container, "word")
    assert (caught.value.damage.damaged, caught.value.damage.tiles) == (1, 4)
    revealed = revealer.recover(container, "word").picture
    assert peak_signal_noise_ratio(secret[:300, :250], revealed[:300, :250]) > 40
    assert (revealed[-200:, -200:] == 128).all()


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


def _residues(container: np.ndarray, bits: int) -> np.ndarray:
    """Residues of the groups of pixels that carry the payload, of a picture of one tile."""
    (only,) = tiles_of(*container.shape[:2])
    free = tile.free_of(tile.cut(container, only), only)
    whole = len(free) // group_of(bits) * group_of(bits)
    return residues_of(free[:whole].reshape(-1, 3 * group_of(bits)), bits)


@pytest.mark.parametrize("passphrase", [b"word", None])
@pytest.mark.parametrize("bits", [1, 2, 3, 6, 9])
@pytest.mark.usefixtures("fast")
def test_what_is_carried_is_uniform_and_does_not_follow_itself(bits, passphrase):
    # Zeros in a plain cover: nothing but the keystream can make them look random.
    cover = np.full((256, 256, 3), 200, np.uint8)
    keys = crypto_keys.Keys(crypto_keys.KeyRing(), passphrase).new()
    (only,) = tiles_of(256, 256)
    length = capacity(tile.free_pixels(only), Density(bits))
    container = hiding.embed(cover, Chosen("file", bytes(length)), Density(bits), keys, bytes(2), 1)
    residues = _residues(container, bits)[: 8 * length // bits_of_group(bits)].astype(int)
    low = residues & 7
    for found, kinds in (
        (residues, 1 << bits_of_group(bits)),
        (low[:-1] * 8 + low[1:], 64),  # serial
        (low[:-256] * 8 + low[256:], 64),  # further on
    ):
        assert stats.chisquare(np.bincount(found, minlength=kinds)).pvalue > SIGNIFICANCE


@pytest.mark.usefixtures("fast")
def test_descriptions_and_tags_are_uniform_at_every_position(hiders, pair):
    cover, secret = (picture[:40, :16] for picture in pair)
    many = np.stack(
        [
            container.reshape(-1, 3)
            for word, count in ((None, 150), ("word 0", 50), ("word 1", 50), ("word 2", 50))
            for container in hiders[1].hide_batch([cover] * count, [secret] * count, word)
        ]
    )
    tags = (many[:, -43:] & 1).reshape(len(many), -1)[:, :128]
    description = np.stack([residues_of(one[:142].reshape(-1, 6), 3) for one in many])
    # The last two bits of the description are no part of it.
    bits = (description[:, :, None] >> np.arange(5, -1, -1) & 1).reshape(len(many), -1)[:, :424]
    for found in (tags, bits):
        ones = found.sum(axis=0)
        chi = (ones - len(many) / 2) ** 2 / (len(many) / 4)
        assert stats.chi2(1).sf(chi).min() > SIGNIFICANCE / 10
        assert stats.chi2(chi.size).sf(chi.sum()) > SIGNIFICANCE


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.usefixtures("fast")
def test_two_hides_of_a_pair_share_no_more_than_chance(pair, shared):
    hider = runtime.Hider("clear", device="cpu", bits=1, exact="never", share_salt=shared)
    for passphrase in ("word", None):
        first, second = (_residues(hider.hide(*pair, passphrase), 3)[:14_000] for _ in range(2))
        same = int((first == second).sum())
        assert stats.binomtest(same, first.size, 1 / 64).pvalue > SIGNIFICANCE


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
