import { setTimeout as sleep } from 'node:timers/promises';

/** Why a wait goes on, or undefined when it is over. */
export type StillMissing = string | undefined;

/** Asks again and again until nothing is missing; past the deadline throws what was missing last. */
export const until = async (
  what: string,
  deadlineMs: number,
  ask: () => Promise<StillMissing>,
  intervalMs = 100,
): Promise<void> => {
  const endsAt = Date.now() + deadlineMs;
  for (;;) {
    const missing = await ask().catch((error: unknown) => String(error));
    if (missing === undefined) return;
    if (Date.now() > endsAt) throw new Error(`${what}: not within ${deadlineMs / 1000} s: ${missing}`);
    await sleep(intervalMs);
  }
};
