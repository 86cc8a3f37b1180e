import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/live/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 2_400_000, fileParallelism: false },
});
