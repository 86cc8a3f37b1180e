import { timestamp } from '../../model/wording.ts';
import pLimit from 'p-limit';

import type { RawApiService, RawFact, RawFactName, RawFacts, RawSnapshot } from '../../snapshot/raw-snapshot.ts';
import { redactParsed } from '../../snapshot/redact.ts';
import { serverMinor } from '../../snapshot/server-minor.ts';
import { type ClusterReader, RequestFailed } from './cluster-reader.ts';
import { collectors } from './collectors/index.ts';
import type { Collector, Found } from './collectors/define-collector.ts';
import { lookThrough } from './look.ts';

export interface CaptureOptions {
  /** The facts to read beside the version and the APIServices; the others are `notCollected`. */
  readonly facts: readonly RawFactName[];
  /** Reads backends of these APIServices only. */
  readonly names?: readonly string[] | undefined;
  /** Endpoints of one Service that are looked at. */
  readonly maxEndpoints?: number | undefined;
  /** Connections over which `samples` asks; default: 1. */
  readonly samples?: number | undefined;
  /** Reads what names the groups although they answer. */
  readonly dependents?: boolean | undefined;
  /** For one request; `signal` is the deadline of the whole. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onProgress?: (text: string) => void;
}

/** See `maxEndpoints`. */
const MAX_ENDPOINTS = 10;

const NOT_NEEDED = { state: 'notCollected', detail: 'nothing that was found asks for it' } as const;
const NOT_ASKED_FOR = { state: 'notCollected', detail: 'not asked for' } as const;

// The one catch around a collector: what cannot be read becomes a missing fact with its reason.
const attempt = async (collect: () => Promise<unknown>): Promise<RawFact<unknown>> => {
  try {
    return { state: 'known', value: await collect() };
  } catch (error) {
    if (error instanceof RequestFailed) return { state: error.state, detail: error.message };
    throw error;
  }
};

/**
 * Reads the cluster in three waves: version, APIServices and fixed documents; everything that the APIServices name; and what
 * that leads to. Whatever cannot be read is a missing fact; the rest goes on. What it returns is redacted.
 */
export const capture = async (reader: ClusterReader, options: CaptureOptions): Promise<RawSnapshot> => {
  const look = lookThrough(reader, options.timeoutMs, options.signal);
  const limit = pLimit(reader.concurrency());
  const always: readonly RawFactName[] = ['serverVersion', 'apiServices'];
  const wanted = (Object.values(collectors) as unknown as readonly Collector<RawFactName>[]).filter(
    ({ fact }) => always.includes(fact) || options.facts.includes(fact),
  );
  let done = 0;
  let total = 0;
  const read = (found: Found, collect: () => Promise<unknown>): Promise<RawFact<unknown>> => {
    total += 1;
    return limit(async () => {
      const fact = await attempt(collect);
      done += 1;
      options.onProgress?.(
        found.apiServices.length === 0
          ? 'reading APIServices'
          : `reading the backends of ${found.apiServices.length} APIServices (${done}/${total})`,
      );
      return fact;
    });
  };
  const readFact = async (collector: Collector<RawFactName>, found: Found): Promise<unknown> => {
    if (!('names' in collector))
      return collector.isNeeded?.(found) === false
        ? NOT_NEEDED
        : read(found, async () => collector.collect(look, found));
    const entries = collector
      .names(found)
      .map(async (name) => [name, await read(found, async () => collector.collect(look, name, found))] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  options.onProgress?.('reading APIServices');
  const facts: Partial<RawFacts> = {};
  for (const wave of [1, 2, 3]) {
    limit.concurrency = reader.concurrency();
    const { apiServices, serverVersion } = facts;
    const found: Found = {
      apiServices: apiServices?.state === 'known' ? remoteOnes(apiServices.value, options.names) : [],
      minor: serverVersion?.state === 'known' ? serverMinor(serverVersion.value) : null,
      facts: { ...facts },
      maxEndpoints: options.maxEndpoints ?? MAX_ENDPOINTS,
      samples: options.samples ?? 1,
      dependents: options.dependents ?? false,
    };
    const collected = wanted
      .filter((collector) => collector.wave === wave)
      .map(async (collector) => [collector.fact, await readFact(collector, found)] as const);
    Object.assign(facts, Object.fromEntries(await Promise.all(collected)));
  }
  const notAskedFor = Object.values(collectors).map((collector) => [
    collector.fact,
    'names' in collector ? {} : NOT_ASKED_FOR,
  ]);
  return redactParsed(
    {
      apiVersion: 'kubectl-aa/v1',
      kind: 'Snapshot',
      capturedAt: timestamp(options.now()),
      cluster: reader.identity,
      facts: { clientCache: NOT_ASKED_FOR, ...Object.fromEntries(notAskedFor), ...facts } as RawFacts,
    },
    reader.secrets(),
  );
};

const remoteOnes = (
  apiServices: readonly RawApiService[],
  names: readonly string[] | undefined,
): readonly RawApiService[] =>
  apiServices.filter(({ metadata, spec }) => spec.service && (names === undefined || names.includes(metadata.name)));
