"""Where the commands take a passphrase from, and what of it can be seen."""

from __future__ import annotations

import hashlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import ROOT, photograph, read, run_module, save

from runtime.carriers import density
from runtime.schemes.clear import description

PROMPT, AGAIN = b"Passphrase: ", b"Repeat passphrase: "
# A terminal of one's own is the one that a program asks on only once it controls the session.
_ON_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])
"""


def test_commands_take_a_passphrase_from_a_file_or_the_environment(photographs, tmp_path):
    (tmp_path / "word").write_text("hunter2, twice\n")
    out, back = tmp_path / "containers", tmp_path / "revealed"
    made = run_module(
        *("runtime.hide", photographs / "covers", photographs / "secrets", "-o", out),
        *("--passphrase-file", tmp_path / "word"),
    )
    assert made.returncode == 0, made.stderr
    said = made.stdout + made.stderr
    for options, code in (
        ((), 1),
        (("--passphrase-env", "WORD"), 0),
        (("--passphrase-env", "WRONG", "--overwrite"), 1),
    ):
        result = run_module(
            *("runtime.reveal", out, "-o", back, *options),
            WORD="hunter2, twice",
            WRONG="hunter2",
        )
        assert result.returncode == code, result.stderr
        assert result.stderr.count("no hidden picture found") == (3 if code else 0)
        assert back.exists() == ("--passphrase-env" in options)
        said += result.stdout + result.stderr
    assert "hunter2" not in said


def test_commands_say_what_is_wrong_with_a_passphrase(photographs, tmp_path):
    (tmp_path / "empty").write_text("\n")
    for options, text in (
        (("--passphrase", "hunter2"), "not taken from the command line"),
        (("--passphrase=hunter2",), "not taken from the command line"),
        (("--ask-passphrase=hunter2",), "not taken from the command line"),
        (("--ask-passphrase",), "no terminal"),
        (("--passphrase-file", tmp_path / "empty"), "so there is no passphrase"),
        (("--passphrase-file", tmp_path / "none"), "cannot be read"),
        (("--passphrase-env", "UNSET_HERE"), "UNSET_HERE"),
        (("--passphrase-env", "WORD", "--model", "classic"), "cannot be protected"),
        (("--passphrase-env", "WORD", "--ask-passphrase"), "not allowed with"),
    ):
        result = run_module(
            *("runtime.hide", photographs / "covers", photographs / "secrets"),
            *("-o", tmp_path / "out", *options),
            WORD="hunter2",
        )
        assert result.returncode == 2, (options, result.stderr)
        assert text in result.stderr and "hunter2" not in result.stderr
        assert not (tmp_path / "out").exists()


def at_terminal(
    *arguments: str | Path, answers: list[tuple[bytes, bytes]], out: Path
) -> tuple[int, bytes]:
    """Runs a command at a pseudo-terminal and types an answer after each prompt.

    Returns:
        The exit code, and all that stood on the terminal, what was typed among it if it was echoed.
    """
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", _ON_TERMINAL, *map(str, arguments), "-o", str(out)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    waiting, said, seen = list(answers), b"", 0
    deadline = time.monotonic() + 60
    try:
        while select.select([ours], [], [], max(0.0, deadline - time.monotonic()))[0]:
            try:
                said += os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if waiting and waiting[0][0] in said[seen:]:
                seen = len(said)
                os.write(ours, waiting.pop(0)[1] + b"\n")
        code = process.wait(timeout=10)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert not waiting, said
    return code, said


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_prompt_asks_twice_to_hide_and_once_to_reveal_and_shows_nothing(tmp_path: Path):
    cover = save(tmp_path / "cover.png", photograph("coffee", 64, 64))
    secret = save(tmp_path / "secret.png", photograph("astronaut", 64, 64))
    container, back = tmp_path / "container.png", tmp_path / "back.png"
    word, other = "Grüße, hunter2".encode(), b"hunter3"
    hide = ("runtime.hide", cover, secret, "--ask-passphrase")

    code, slip = at_terminal(*hide, answers=[(PROMPT, word), (AGAIN, other)], out=container)
    assert code == 2 and b"the two passphrases differ; nothing was done" in slip
    assert not container.exists()

    code, made = at_terminal(*hide, answers=[(PROMPT, word), (AGAIN, word)], out=container)
    assert code == 0 and b"1 of 1 hidden" in made

    reveal = ("runtime.reveal", container, "--ask-passphrase")
    code, shown = at_terminal(*reveal, answers=[(PROMPT, word)], out=back)
    assert code == 0 and AGAIN not in shown
    assert peak_signal_noise_ratio(read(secret), read(back)) > 30

    for said in (slip, made, shown):
        assert said.count(PROMPT) == 1
        assert b"hunter" not in said and b"Traceback" not in said
    # It is that word's: typed text and text of a variable are one passphrase.
    assert run_module(
        *("runtime.reveal", container, "-o", tmp_path / "again.png", "--passphrase-env", "WORD"),
        WORD=word.decode(),
    ).returncode == 0  # fmt: skip


def nonce_and_salt(path: Path) -> tuple[bytes, bytes]:
    """What a container says to everyone; docs/clear-format.md has the layout."""
    picture = read(path)
    places = description.places(picture.shape[1])
    content = density.read(picture.reshape(-1, 3)[places], 28, density.Density(3))
    nonce, masked = content[:12], content[12:]
    mask = hashlib.sha256(b"plainsight 2 salt" + nonce).digest()
    return nonce, bytes(a ^ b for a, b in zip(masked, mask, strict=False))


def test_files_of_one_run_share_a_salt_unless_asked_for(tmp_path: Path):
    for name in ("coffee", "rocket"):
        save(tmp_path / "covers" / f"{name}.png", photograph(name, 64, 64))
    secret = save(tmp_path / "secret.png", photograph("astronaut", 64, 64))
    for options, kinds in (((), 1), (("--separate-salts",), 2)):
        out = tmp_path / f"{kinds}"
        made = run_module(
            *("runtime.hide", tmp_path / "covers", secret, "-o", out),
            *("--passphrase-env", "WORD", *options),
            WORD="hunter2",
        )
        assert made.returncode == 0, made.stderr
        opened = [nonce_and_salt(path) for path in out.iterdir()]
        assert len({nonce for nonce, _ in opened}) == 2
        assert len({salt for _, salt in opened}) == kinds
    back = run_module(
        *("runtime.reveal", tmp_path / "2", "-o", tmp_path / "back", "--passphrase-env", "WORD"),
        WORD="hunter2",
    )
    assert back.returncode == 0, back.stderr
    assert len(list((tmp_path / "back").iterdir())) == 2
