import { hrtime } from 'node:process';

/** Milliseconds on a clock that nobody sets; not those of node:perf_hooks, which takes 3 ms to load. */
export const monotonicMs = (): number => Number(hrtime.bigint()) / 1e6;
