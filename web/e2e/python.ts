// Runs the Python package's commands.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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

/** Writes a picture's pixels again, as OpenCV does when it is told no settings. */
export function openCvCopy(from: string, to: string): void {
  const code = 'import cv2, sys; assert cv2.imwrite(sys.argv[2], cv2.imread(sys.argv[1]))';
  execFileSync(PYTHON, ['-c', code, from, to]);
}
