// The end-to-end tests, which are slow and therefore separate from the unit tests.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    globalSetup: ['e2e/setup.ts'],
  },
});
