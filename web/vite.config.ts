// The build: a static folder that works under any path and includes the models in ../models.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Those that a host sends with the built page.
const headers = Object.fromEntries(
  [...readFileSync(here('public/_headers'), 'utf8').matchAll(/^ {2}([\w-]+): (.+)$/gm)].map(
    ([, name, value]) => [name, value],
  ),
);
const { 'Content-Security-Policy': _, ...isolation } = headers;

// The development server puts scripts and styles into the page, which the policy forbids.
const withoutPolicy: Plugin = {
  name: 'without-policy',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace(/<meta http-equiv="Content-Security-Policy".*>/, ''),
};

export default defineConfig({
  base: './',
  plugins: [withoutPolicy],
  resolve: {
    alias: { '@models': process.env.PLAINSIGHT_MODELS ?? here('../models') },
    // ONNX Runtime's threads need its own files to stay separate.
    conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'import', 'default'],
  },
  assetsInclude: ['**/*.onnx'],
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
  server: {
    headers: isolation,
    fs: { allow: [here('..'), process.env.PLAINSIGHT_MODELS ?? here('..')] },
  },
  preview: { headers },
  // Deriving a key takes a second, and machines may be busy.
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000 },
});
