// Setup of the end-to-end tests: builds the page, and writes the pictures that they use.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { PYTHON, ROOT } from './python';

declare module 'vitest' {
  export interface ProvidedContext {
    dist: string;
    pictures: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  try {
    execFileSync(PYTHON, ['-c', 'import cv2, onnxruntime'], { stdio: 'ignore' });
  } catch {
    throw new Error(
      `${PYTHON} cannot run Plainsight. Run pip install -e ".[cpu]" with it, or set PYTHON to another.`,
    );
  }
  const work = mkdtempSync(join(tmpdir(), 'plainsight-e2e-'));
  const dist = join(work, 'dist');
  const web = join(ROOT, 'web');
  await build({ root: web, logLevel: 'warn', build: { outDir: dist, emptyOutDir: true } });
  execFileSync(PYTHON, [join(web, 'e2e/fixtures.py'), join(web, 'public/samples'), work]);
  project.provide('dist', dist);
  project.provide('pictures', work);
  return () => rmSync(work, { recursive: true, force: true });
}
