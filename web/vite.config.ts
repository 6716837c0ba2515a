// The build: a static folder that works under any path and includes the models in ../models.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// With these two headers a page is cross-origin isolated, which threads require.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  resolve: {
    alias: { '@models': process.env.PLAINSIGHT_MODELS ?? here('../models') },
    // ONNX Runtime's threads need its own files to stay separate.
    conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'import', 'default'],
  },
  assetsInclude: ['**/*.onnx'],
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
  server: { headers, fs: { allow: [here('..'), process.env.PLAINSIGHT_MODELS ?? here('..')] } },
  preview: { headers },
  test: { include: ['test/**/*.test.ts'] },
});
