// Runs the Python package's commands.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Kind } from '../src/core/payloads/payload';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A Python with the package's dependencies. */
export const PYTHON = process.env.PYTHON ?? 'python';

/** What the commands report of a file, as far as tests need it. */
export interface Report {
  payload: {
    kind: string;
    bytes: number;
    capacity: number;
    coded: { height: number; width: number } | null;
    psnr: number | null;
  } | null;
  height: number;
  width: number;
  notes: string[];
}

function run(args: string[], passphrase: string): Report {
  const flags = passphrase ? ['--passphrase-env', 'PASSPHRASE'] : [];
  const output = execFileSync(PYTHON, ['-m', ...args, ...flags, '--json', '--overwrite'], {
    cwd: ROOT,
    env: { ...process.env, PASSPHRASE: passphrase },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

export function pythonHide(
  cover: string,
  secret: string,
  container: string,
  {
    passphrase = '',
    model = 'clear',
    ...options
  }: { bits?: number; exact?: string; passphrase?: string; model?: string } = {},
): Report {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const flags = given.flatMap(([name, value]) => [`--${name}`, String(value)]);
  const args = ['runtime.hide', cover, secret, '-o', container, '--model', model];
  return run([...args, ...flags], passphrase);
}

export function pythonReveal(
  container: string,
  revealed: string,
  { passphrase = '', model = 'clear' }: { passphrase?: string; model?: string } = {},
): Report {
  return run(['runtime.reveal', container, '-o', revealed, '--model', model], passphrase);
}

/** Hides any bytes as a payload, as whoever wants to do harm could. */
export function pythonHideBytes(
  cover: string,
  content: Uint8Array,
  container: string,
  kind: Kind = 'file',
): void {
  const code = `
import sys, cv2
from runtime.crypto.keys import KeyRing
from runtime.schemes.clear import hiding
from runtime.schemes.clear.choice import Chosen
cover, content = cv2.imread(sys.argv[1])[..., ::-1], sys.stdin.buffer.read()
density = hiding.density_for(cover.shape[:2], len(content), 3)
keys = KeyRing().new_file(None, share_salt=False)
made = hiding.embed(cover, Chosen(sys.argv[3], content), density, keys, bytes(2), 1)
assert cv2.imwrite(sys.argv[2], made[..., ::-1])
`;
  execFileSync(PYTHON, ['-c', code, cover, container, kind], { cwd: ROOT, input: content });
}

/** A compact picture of at most so many bytes. */
export function pythonCompact(secret: string, budget: number): Buffer {
  const code = `
import sys, cv2
from runtime.payloads.compact import encode
secret = cv2.imread(sys.argv[1])[..., ::-1]
sys.stdout.buffer.write(encode(secret, int(sys.argv[2])).content)
`;
  return execFileSync(PYTHON, ['-c', code, secret, String(budget)], { cwd: ROOT });
}

/** A file without its metadata. */
export function pythonStripped(file: string): Buffer {
  const code = `
import sys, pathlib
from runtime.images.metadata import strip_metadata
sys.stdout.buffer.write(strip_metadata(pathlib.Path(sys.argv[1]).read_bytes()))
`;
  return execFileSync(PYTHON, ['-c', code, file], { cwd: ROOT });
}

/** Writes a picture's pixels again, as OpenCV does when it is told no settings. */
export function openCvCopy(from: string, to: string): void {
  const code = 'import cv2, sys; assert cv2.imwrite(sys.argv[2], cv2.imread(sys.argv[1]))';
  execFileSync(PYTHON, ['-c', code, from, to]);
}
