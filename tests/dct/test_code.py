"""The code corrects every error pattern within its power, and tells what is beyond it."""

import itertools

import numpy as np
import pytest

from dct import ldpc
from dct.base_matrix import CHECKS, COLUMNS, LIFTINGS, entries, shift_of
from dct.ldpc import Code

SIZES = [(96, 120), (97, 300), (224, 439), (320, 384), (321, 6000), (5000, 9000), (10240, 12288)]


def sent_bits(code: Code, blocks: int = 3):
    rng = np.random.default_rng(code.sent)
    information = rng.integers(0, 2, (blocks, code.information), dtype=np.uint8)
    return information, ldpc.encode(code, information)


@pytest.mark.parametrize(("information", "sent"), SIZES)
def test_what_was_sent_is_decoded(information, sent):
    code = Code(information, sent)
    bits, word = sent_bits(code)
    found, valid = ldpc.decode(code, np.float32(4.0) - np.float32(8.0) * word)
    assert valid.all()
    np.testing.assert_array_equal(found, bits)


def test_the_code_is_linear():
    code = Code(700, 1900)
    bits, word = sent_bits(code, 2)
    both = ldpc.encode(code, bits[:1] ^ bits[1:])
    np.testing.assert_array_equal(both, word[:1] ^ word[1:])


def test_every_pattern_of_one_and_two_errors_is_corrected():
    code = Code(96, 384)
    bits, word = sent_bits(code, 1)
    singles = [(place,) for place in range(code.sent)]
    pairs = list(itertools.combinations(range(0, code.sent, 7), 2))
    soft = np.repeat(np.float32(3.0) - np.float32(6.0) * word, len(singles) + len(pairs), axis=0)
    for row, places in enumerate(singles + pairs):
        soft[row, list(places)] *= -1
    found, valid = ldpc.decode(code, soft)
    assert valid.all()
    assert (found == bits).all()


@pytest.mark.parametrize(("sent", "share"), [(400, 0.02), (600, 0.07), (1200, 0.14), (6000, 0.25)])
def test_random_errors_within_its_power_are_corrected(sent, share):
    code = Code(224, sent)
    rng = np.random.default_rng(sent)
    bits, word = sent_bits(code, 40)
    wrong = np.argsort(rng.random(word.shape), axis=1) < int(share * sent)
    trust = np.float32(np.log((1 - share) / share))
    found, valid = ldpc.decode(code, trust * (np.float32(1.0) - np.float32(2.0) * (word ^ wrong)))
    assert valid.all()
    np.testing.assert_array_equal(found, bits)


def test_erasures_are_filled_in():
    code = Code(1000, 2600)
    rng = np.random.default_rng(1)
    bits, word = sent_bits(code, 10)
    soft = np.float32(5.0) - np.float32(10.0) * word
    soft[np.argsort(rng.random(word.shape), axis=1) < 1300] = 0.0
    found, valid = ldpc.decode(code, soft)
    assert valid.all()
    np.testing.assert_array_equal(found, bits)


def test_noise_is_not_taken_for_a_word():
    code = Code(224, 1207)
    noise = np.random.default_rng(2).standard_normal((300, code.sent)).astype(np.float32)
    _, valid = ldpc.decode(code, 2 * noise, iterations=20)
    assert not valid.any()


def test_no_lifting_has_a_cycle_of_four():
    by_check = [[e for e in entries() if e.check == check] for check in range(CHECKS)]
    for lifting in LIFTINGS:
        seen = set()
        for check in by_check:
            for one, other in itertools.combinations(check, 2):
                turn = (shift_of(one, lifting) - shift_of(other, lifting)) % lifting
                key = (one.column, other.column, turn)
                assert key not in seen
                seen.add(key)


def test_shifts_of_a_lifting_follow_from_those_of_its_double():
    assert len({e.column for e in entries()}) == COLUMNS
    for entry in entries():
        for lifting in LIFTINGS:
            if 2 * lifting in LIFTINGS:
                assert shift_of(entry, 2 * lifting) % lifting == shift_of(entry, lifting)


@pytest.mark.parametrize(("information", "sent"), [(95, 500), (10241, 20000), (1000, 1199)])
def test_impossible_codes_are_refused(information, sent):
    with pytest.raises(ValueError):
        Code(information, sent)
