// The build: a static folder that works under any path, with the models of ../models in it.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// With these two headers a page is cross-origin isolated, and so may use threads.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  resolve: {
    alias: { '@models': process.env.PLAINSIGHT_MODELS ?? here('../models') },
    // ONNX Runtime's own files are fetched as they are, which its threads need.
    conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'import', 'default'],
  },
  assetsInclude: ['**/*.onnx'],
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
  server: { headers, fs: { allow: [here('..'), process.env.PLAINSIGHT_MODELS ?? here('..')] } },
  preview: { headers },
  test: { include: ['test/**/*.test.ts'] },
});
