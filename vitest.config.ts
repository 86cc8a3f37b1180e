import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/live/**', 'test/package/built/**'],
    testTimeout: 120_000,
    maxWorkers: 3,
  },
});
