import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/package/built/*.test.ts'],
    globalSetup: 'test/package/built/build-package.ts',
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
