import { setTimeout as pause } from 'node:timers/promises';

import type { RawSnapshot } from '../../snapshot/raw-snapshot.ts';
import { redactText } from '../../snapshot/redact.ts';
import { capture, type CaptureOptions } from './capture.ts';
import { type ConnectionOptions, withReader } from './capture-cluster.ts';
import { watchChanges } from './changes.ts';
import { ClusterAccessError } from './cluster-access-error.ts';
import type { ClusterReader } from './cluster-reader.ts';

export interface WatchOptions extends ConnectionOptions, CaptureOptions {
  /** For one look at the cluster. */
  readonly timeoutMs: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** After this time everything is looked at again, whatever has changed. */
  readonly intervalMs: number;
  /** Takes what is seen; true ends the watch. */
  readonly onSnapshot: (snapshot: RawSnapshot) => Promise<boolean>;
  /** Takes one line when the cluster is lost, before it is looked for again. */
  readonly onLost: (why: string) => void;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

/** One look: all, or only the backends that changed; of the others the latest answers stay. */
const look = async (
  reader: ClusterReader,
  { signal, timeoutMs, names, ...options }: WatchOptions,
  latest: RawSnapshot | null,
  changed: ReadonlySet<string> | null,
): Promise<RawSnapshot> => {
  const some = changed === null ? names : [...changed].filter((name) => names?.includes(name) ?? true);
  const seen = await capture(reader, {
    ...options,
    timeoutMs,
    names: some,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const { apiServices, answers } = seen.facts;
  if (apiServices.state !== 'known') throw new ClusterAccessError(redactText(apiServices.detail, reader.secrets()));
  const there = new Set(apiServices.value.map(({ metadata }) => metadata.name));
  const kept = Object.entries({ ...latest?.facts.answers, ...answers }).filter(([name]) => there.has(name));
  return { ...seen, facts: { ...seen.facts, answers: Object.fromEntries(kept) } };
};

/** Through one connection, until `signal` or `onSnapshot` ends it. @throws ClusterAccessError where it is lost */
const watchThrough = async (reader: ClusterReader, options: WatchOptions): Promise<void> => {
  const { signal, timeoutMs, intervalMs, onSnapshot } = options;
  let latest: RawSnapshot | null = null;
  do {
    const changes = await watchChanges(reader, { timeoutMs, signal });
    try {
      let changed: ReadonlySet<string> | null = null;
      do {
        latest = await look(reader, options, latest, changed);
        if (await onSnapshot(latest)) return;
        changed = await changes.next(intervalMs, signal);
      } while (!signal.aborted && !changes.isOver());
    } finally {
      changes.close();
    }
  } while (!signal.aborted);
};

/**
 * Takes a snapshot now, at least this one, whenever an APIService changes, and after each interval. Connects again, with new credentials, when
 * the cluster is lost.
 * @throws ClusterAccessError where it cannot be reached to begin with
 */
export const watchCluster = async (options: WatchOptions): Promise<void> => {
  const { signal, timeoutMs, onLost, onSnapshot } = options;
  let retryMs = FIRST_RETRY_MS;
  let isFirst = true;
  const taken: WatchOptions['onSnapshot'] = async (snapshot) => {
    // What a look had no time for is no change.
    if (signal.aborted && !isFirst) return true;
    isFirst = false;
    retryMs = FIRST_RETRY_MS;
    return onSnapshot(snapshot);
  };
  do {
    try {
      const connecting = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      await withReader({ ...options, signal: connecting }, (reader) =>
        watchThrough(reader, { ...options, onSnapshot: taken }),
      );
      return;
    } catch (error) {
      if (isFirst || !(error instanceof ClusterAccessError)) throw error;
      if (signal.aborted) return;
      if (retryMs === FIRST_RETRY_MS) onLost(error.message);
    }
    await pause(retryMs, undefined, { signal }).catch(() => undefined);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  } while (!signal.aborted);
};
