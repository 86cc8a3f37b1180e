import pLimit from 'p-limit';

import type { RawApiService, RawFact, RawFactName, RawFacts, RawSnapshot } from '../../snapshot/raw-snapshot.ts';
import { redact } from '../../snapshot/redact.ts';
import { serverMinor } from '../../snapshot/server-minor.ts';
import { type ClusterReader, RequestFailed } from './cluster-reader.ts';
import { collectors } from './collectors/index.ts';
import type { NamedCollector, Targets } from './collectors/define-collector.ts';
import { lookThrough } from './look.ts';

export interface CaptureOptions {
  /** The facts to read beside the version and the APIServices; the others are `notCollected`. */
  readonly facts: readonly RawFactName[];
  /** Reads backends of these APIServices only. */
  readonly names?: readonly string[] | undefined;
  /** Endpoints of one Service that are looked at for `servedChains`. */
  readonly maxEndpoints?: number | undefined;
  /** For one request; `signal` is the deadline of the whole. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onProgress?: (text: string) => void;
}

/** As many requests at once as the reader keeps connections for: a request's time-out must not run while it queues. */
const CONCURRENCY = 16;

/** Endpoints of one Service that are looked at. */
const MAX_ENDPOINTS = 10;

const NOT_READ = { state: 'notCollected', detail: 'the Service was not read' } as const;

// The one catch around a collector: what cannot be read becomes a missing fact with its reason.
const attempt = async <T>(collect: () => Promise<T>): Promise<RawFact<T>> => {
  try {
    return { state: 'known', value: await collect() };
  } catch (error) {
    if (error instanceof RequestFailed) return { state: error.state, detail: error.message };
    throw error;
  }
};

/**
 * Reads the cluster in three waves: version and APIServices; everything that these name; and, where asked for, what their
 * endpoints present in TLS. Whatever cannot be read is a
 * missing fact; the rest goes on. What it returns is redacted.
 */
export const capture = async (reader: ClusterReader, options: CaptureOptions): Promise<RawSnapshot> => {
  const look = lookThrough(reader, options.timeoutMs, options.signal);
  const limit = pLimit(CONCURRENCY);
  options.onProgress?.('reading APIServices');
  const [serverVersion, apiServices] = await Promise.all([
    attempt(() => collectors.serverVersion.collect(look)),
    attempt(() => collectors.apiServices.collect(look)),
  ]);
  const targets: Targets = {
    apiServices: apiServices.state === 'known' ? remoteOnes(apiServices.value, options.names) : [],
    minor: serverVersion.state === 'known' ? serverMinor(serverVersion.value) : null,
  };
  let done = 0;
  let total = 0;
  const readEach = async <Name extends 'namespaces' | 'services' | 'endpointSlices' | 'endpoints' | 'pods' | 'answers'>(
    name: Name,
  ): Promise<RawFacts[Name]> => {
    if (!options.facts.includes(name)) return {};
    const collector = collectors[name] as unknown as NamedCollector<Name>;
    const names = collector.names(targets);
    total += names.length;
    const entries = await Promise.all(
      names.map((target) =>
        limit(async () => {
          const fact = await attempt(async () => collector.collect(look, target, targets));
          done += 1;
          options.onProgress?.(`reading the backends of ${targets.apiServices.length} APIServices (${done}/${total})`);
          return [target, fact] as const;
        }),
      ),
    );
    return Object.fromEntries(entries) as RawFacts[Name];
  };
  // Answers first: they take longest.
  const [answers, namespaces, services, endpointSlices, endpoints, pods] = await Promise.all([
    readEach('answers'),
    readEach('namespaces'),
    readEach('services'),
    readEach('endpointSlices'),
    readEach('endpoints'),
    readEach('pods'),
  ]);
  const readServedChains = async (): Promise<RawFacts['servedChains']> => {
    if (!options.facts.includes('servedChains')) return {};
    const entries = await Promise.all(
      targets.apiServices.map((apiService) =>
        limit(async () => {
          const namespace = apiService.spec.service?.namespace ?? '';
          const [service, slices] = [services[namespace], endpointSlices[namespace]];
          const fact =
            service?.state !== 'known'
              ? (service ?? NOT_READ)
              : slices?.state !== 'known'
                ? (slices ?? NOT_READ)
                : await attempt(() =>
                    collectors.servedChains.collectBackend(
                      look,
                      apiService,
                      { services: service.value, endpointSlices: slices.value },
                      options.maxEndpoints ?? MAX_ENDPOINTS,
                    ),
                  );
          return [apiService.metadata.name, fact] as const;
        }),
      ),
    );
    return Object.fromEntries(entries);
  };
  const servedChains = await readServedChains();
  return redact(
    {
      apiVersion: 'kubectl-aa/v1',
      kind: 'Snapshot',
      capturedAt: options
        .now()
        .toISOString()
        .replace(/\.\d{3}Z$/, 'Z'),
      cluster: reader.identity,
      facts: {
        serverVersion,
        apiServices,
        namespaces,
        services,
        endpointSlices,
        endpoints,
        pods,
        answers,
        servedChains,
      },
    },
    reader.secrets(),
  );
};

const remoteOnes = (
  apiServices: readonly RawApiService[],
  names: readonly string[] | undefined,
): readonly RawApiService[] =>
  apiServices.filter(({ metadata, spec }) => spec.service && (names === undefined || names.includes(metadata.name)));
