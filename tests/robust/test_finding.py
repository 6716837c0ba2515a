"""Revealing without being told the model: who is asked, and what that costs."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from support import photograph, run_main, save, saved_again

import runtime
from runtime.reveal import main as reveal
from runtime.schemes import recognizing_models

WORDS = "correct horse"


@pytest.fixture(scope="module")
def anything():
    return runtime.Revealer()


@pytest.fixture(scope="module")
def plain():
    return photograph("chelsea", 300, 400)


def test_models_that_can_tell_are_asked_the_fastest_first():
    names = recognizing_models()
    assert names[0] == "clear" and names[-1] == "robust" and "classic" not in names


def test_a_container_of_clear_costs_nothing_of_robust(cover, secret):
    container = runtime.Hider("clear").hide(cover, secret)
    revealer = runtime.Revealer()
    recovered = revealer.recover(container)
    assert recovered.model == "clear"
    np.testing.assert_array_equal(recovered.picture, runtime.Revealer("clear").reveal(container))
    # Graphs of robust are opened when it is asked first, and not before.
    assert list(revealer._finder._opened) == [0]


def test_both_kinds_are_revealed_together(anything, containers, cover, secret):
    clear = runtime.Hider("clear").hide(cover, secret, WORDS)
    both = anything.reveal_batch([containers["strong"], clear, containers["normal"]], WORDS)
    for picture, name in ((both[0], "strong"), (both[2], "normal")):
        np.testing.assert_array_equal(picture, anything.reveal(containers[name], WORDS))
    np.testing.assert_array_equal(both[1], secret)


def test_there_is_one_answer_to_all_that_holds_nothing(anything, containers, cover, secret, plain):
    clear = runtime.Hider("clear").hide(cover, secret, "another")
    answers = set()
    for picture in (plain, clear, containers["normal"]):
        with pytest.raises(runtime.NothingHiddenError) as caught:
            anything.recover(picture, "wrong")
        answers.add(str(caught.value))
    assert answers == {"no hidden picture found, or the passphrase is wrong"}


def test_without_a_search_only_its_own_size_is_looked_at(anything, containers, plain):
    near = runtime.Revealer(search=False)
    np.testing.assert_array_equal(
        near.reveal(containers["strong"], WORDS), anything.reveal(containers["strong"], WORDS)
    )
    with pytest.raises(runtime.NothingHiddenError):
        near.recover(saved_again(containers["strong"], 85, 0.75), WORDS)
    seconds = []
    for revealer in (near, anything):
        start = time.process_time()
        with pytest.raises(runtime.NothingHiddenError):
            revealer.recover(plain)
        seconds.append(time.process_time() - start)
    assert seconds[0] < seconds[1] / 3


def test_the_command_reveals_a_folder_of_both_kinds(containers, cover, secret, plain, tmp_path):
    words = tmp_path / "words"
    words.write_text(WORDS)
    folder = tmp_path / "containers"
    folder.mkdir()
    save(folder / "clear.png", runtime.Hider("clear").hide(cover, secret, WORDS))
    (folder / "robust.jpg").write_bytes(saved_again(containers["normal"], 85))
    save(folder / "plain.png", plain)
    done = run_main(reveal, folder, "-o", tmp_path / "out", "--json", "--passphrase-file", words)
    assert done.returncode == 1
    shown = map(json.loads, done.stdout.splitlines())
    rows = {row["container"].rpartition("/")[2]: row for row in shown}
    assert rows["clear.png"]["model"] == "clear" and rows["robust.jpg"]["model"] == "robust"
    assert rows["plain.png"]["error"]["code"] == "nothing-hidden"
    (note,) = rows["robust.jpg"]["notes"]
    assert "hidden with strength normal" in note
    refused = run_main(reveal, folder / "plain.png", "-o", tmp_path / "x", "--no-search", "-q")
    assert refused.returncode == 1 and "no hidden picture found" in refused.stderr


def test_a_closed_revealer_opens_nothing_more(plain):
    revealer = runtime.Revealer()
    revealer.close()
    with pytest.raises(runtime.ClosedError):
        revealer.recover(plain)
