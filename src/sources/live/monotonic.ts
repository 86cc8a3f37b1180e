// eslint-disable-next-line no-restricted-imports -- a clock; node:perf_hooks, which has it too, takes 3 ms to load
import { hrtime } from 'node:process';

/** Milliseconds on a clock that nobody sets. */
export const monotonicMs = (): number => Number(hrtime.bigint()) / 1e6;
