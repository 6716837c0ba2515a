// Runs the Python package's commands.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A Python with the package's dependencies. */
export const PYTHON = process.env.PYTHON ?? 'python';

function run(args: string[], passphrase: string): void {
  const flags = passphrase ? ['--passphrase-env', 'PASSPHRASE'] : [];
  execFileSync(PYTHON, ['-m', ...args, ...flags], {
    cwd: ROOT,
    env: { ...process.env, PASSPHRASE: passphrase },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function pythonHide(
  cover: string,
  secret: string,
  container: string,
  {
    bits,
    passphrase = '',
    model = 'clear',
  }: { bits?: number; passphrase?: string; model?: string },
): void {
  const flags = bits ? ['--bits', String(bits)] : [];
  run(['runtime.hide', cover, secret, '-o', container, '--model', model, ...flags], passphrase);
}

export function pythonReveal(
  container: string,
  revealed: string,
  { passphrase = '', model = 'clear' }: { passphrase?: string; model?: string } = {},
): void {
  run(['runtime.reveal', container, '-o', revealed, '--model', model], passphrase);
}

/** Writes a picture's pixels again, as OpenCV does when it is told no settings. */
export function openCvCopy(from: string, to: string): void {
  const code = 'import cv2, sys; assert cv2.imwrite(sys.argv[2], cv2.imread(sys.argv[1]))';
  execFileSync(PYTHON, ['-c', code, from, to]);
}
