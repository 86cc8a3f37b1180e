import fc from 'fast-check';

import type {
  RawAnswer,
  RawApiService,
  RawFact,
  RawFactName,
  RawMissing,
  RawSnapshot,
} from '../../src/snapshot/raw-snapshot.ts';
import { redact } from '../../src/snapshot/redact.ts';
import { loopbackAuthority } from '../fakes/kube-apiserver.ts';

/** Stands for the address of whichever server the snapshot is served from. */
export const ANY_HOST = '127.0.0.1:0';

export const states = ['known', 'forbidden', 'unreachable', 'timedOut', 'unreadable', 'notCollected'] as const;
export type State = (typeof states)[number];

/** `constructor` and `prototype` are names that Kubernetes takes and that JavaScript has its own ideas about. */
const namespaceNames = ['kube-system', 'monitoring', 'a-b', 'constructor', 'prototype', '0', 'team-1'] as const;

const words = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', 'a: b', '"\\', '✗\u202e', '__proto__'),
);

/** A field that may be absent, null or there, as Kubernetes leaves fields out. */
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.oneof(
    { weight: 3, arbitrary },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );

const labelKeys = fc.constantFrom(
  'app',
  'kubernetes.io/service-name',
  'constructor',
  'toString',
  'kube-aggregator.kubernetes.io/automanaged',
);
const labels = fc.dictionary(labelKeys, words, { maxKeys: 3 });
const annotations = fc.dictionary(
  fc.constantFrom('meta.helm.sh/release-name', 'cert-manager.io/inject-ca-from', 'argocd.argoproj.io/tracking-id'),
  words,
  { maxKeys: 2 },
);

const instant = fc
  .integer({ min: 1_600_000_000, max: 1_900_000_000 })
  .map((seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
const port = fc.integer({ min: 1, max: 65_535 });
const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const address = fc.ipV4();

const metadataOf = (nameOf: fc.Arbitrary<string>, namespace?: string) =>
  fc.record({
    name: nameOf,
    namespace: namespace === undefined ? fc.constant(undefined) : fc.constantFrom(namespace, undefined),
    creationTimestamp: optional(instant),
    deletionTimestamp: optional(instant),
    labels: optional(labels),
    annotations: optional(annotations),
    ownerReferences: optional(fc.array(fc.record({ kind: words, name: words }), { maxLength: 2 })),
  });

const condition = fc.record({
  type: fc.oneof(fc.constantFrom('Available', 'Ready', 'PodScheduled'), words),
  status: fc.constantFrom('True', 'False', 'Unknown'),
  reason: optional(words),
  message: optional(words),
  lastTransitionTime: optional(instant),
});
const conditions = optional(fc.array(condition, { maxLength: 3 }));

/** Up to 33 the availability check reads Endpoints. */
const minorVersion = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 19, max: 33 }) },
  { weight: 1, arbitrary: fc.integer({ min: 34, max: 38 }) },
);

const serverVersion = fc.record({
  gitVersion: minorVersion.map((minor) => `v1.${minor}.3`),
  goVersion: optional(fc.constantFrom('go1.26.8', 'go1.21.1')),
  major: optional(fc.constant('1')),
  minor: optional(minorVersion.chain((minor) => fc.constantFrom(String(minor), `${minor}+`))),
});

const caBundle = fc.constantFrom('', 'not base64!', 'bm8gcGVt', Buffer.from(loopbackAuthority.pem).toString('base64'));

const groupVersion = fc.record({
  group: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('metrics.k8s.io', 'a.example.com', 'b.example.com', 'c.example.com') },
    { weight: 1, arbitrary: name.map((first) => `${first}.io`) },
  ),
  version: fc.constantFrom('v1', 'v1beta1', 'v2alpha3'),
});

const apiService = fc
  .record({
    groupVersion,
    namespace: fc.oneof(
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 5, arbitrary: fc.constantFrom(...namespaceNames) },
    ),
    metadata: metadataOf(fc.constant('')),
    managedFields: optional(
      fc.array(
        fc.record({
          manager: optional(words),
          operation: optional(words),
          time: optional(instant),
          subresource: optional(words),
        }),
        { maxLength: 2 },
      ),
    ),
    serviceName: name,
    port: optional(port),
    insecureSkipTLSVerify: optional(fc.boolean()),
    caBundle: optional(caBundle),
    groupPriorityMinimum: fc.nat(20_000),
    versionPriority: fc.nat(1000),
    status: optional(fc.record({ conditions })),
  })
  .map(
    ({
      groupVersion: { group, version },
      namespace,
      metadata,
      managedFields,
      serviceName,
      port: servicePort,
      status,
      ...spec
    }) => ({
      metadata: { ...metadata, name: `${version}.${group}`, managedFields },
      spec: {
        ...spec,
        group,
        version: version,
        service: namespace === null ? null : { namespace, name: serviceName, port: servicePort },
      },
      status,
    }),
  );

const namespaceObject = (namespace: string) =>
  optional(
    fc.record({
      metadata: metadataOf(fc.constant(namespace)),
      status: optional(fc.record({ phase: optional(words), conditions })),
    }),
  ).map((value) => value ?? null);

const endpointPort = fc.record({ name: optional(words), port: optional(port) });

const objects = {
  services: (namespace: string) =>
    fc.record({
      metadata: metadataOf(name, namespace),
      spec: fc.record({
        type: optional(fc.constantFrom('ClusterIP', 'ExternalName', 'NodePort')),
        clusterIP: optional(fc.oneof(address, fc.constant('None'))),
        externalName: optional(words),
        selector: optional(labels),
        ports: optional(
          fc.array(
            fc.record({
              name: optional(words),
              port,
              protocol: optional(fc.constantFrom('TCP', 'UDP')),
              targetPort: optional(fc.oneof(port, words)),
            }),
            { maxLength: 3 },
          ),
        ),
        publishNotReadyAddresses: optional(fc.boolean()),
      }),
    }),
  endpointSlices: (namespace: string) =>
    fc.record({
      metadata: metadataOf(name, namespace),
      addressType: optional(fc.constantFrom('IPv4', 'IPv6', 'FQDN')),
      ports: optional(fc.array(endpointPort, { maxLength: 2 })),
      endpoints: optional(
        fc.array(
          fc.record({
            addresses: fc.array(address, { maxLength: 2 }),
            conditions: optional(fc.record({ ready: optional(fc.boolean()) })),
            targetRef: optional(fc.record({ kind: optional(fc.constant('Pod')), name: optional(name) })),
          }),
          { maxLength: 3 },
        ),
      ),
    }),
  endpoints: (namespace: string) =>
    fc.record({
      metadata: metadataOf(name, namespace),
      subsets: optional(
        fc.array(
          fc.record({
            addresses: optional(fc.array(fc.record({ ip: address }), { maxLength: 2 })),
            notReadyAddresses: optional(fc.array(fc.record({ ip: address }), { maxLength: 2 })),
            ports: optional(fc.array(endpointPort, { maxLength: 2 })),
          }),
          { maxLength: 2 },
        ),
      ),
    }),
  pods: (namespace: string) => {
    const containerState = fc.record({
      waiting: optional(fc.record({ reason: optional(words), message: optional(words) })),
      running: optional(fc.record({ startedAt: optional(instant) })),
      terminated: optional(
        fc.record({
          reason: optional(words),
          message: optional(words),
          exitCode: optional(fc.integer()),
          finishedAt: optional(instant),
        }),
      ),
    });
    return fc.record({
      metadata: metadataOf(name, namespace),
      spec: fc.record({
        nodeName: optional(name),
        hostNetwork: optional(fc.boolean()),
        containers: fc.array(
          fc.record({
            name,
            image: optional(words),
            ports: optional(
              fc.array(
                fc.record({ name: optional(name), containerPort: port, protocol: optional(fc.constant('TCP')) }),
                { maxLength: 2 },
              ),
            ),
          }),
          { maxLength: 2 },
        ),
      }),
      status: optional(
        fc.record({
          phase: optional(words),
          reason: optional(words),
          message: optional(words),
          podIP: optional(address),
          conditions,
          containerStatuses: optional(
            fc.array(
              fc.record({
                name,
                ready: optional(fc.boolean()),
                restartCount: optional(fc.nat(99)),
                state: optional(containerState),
                lastState: optional(containerState),
              }),
              { maxLength: 2 },
            ),
          ),
        }),
      ),
    });
  },
};

// An HTTP header holds no control characters and loses blanks at its ends.
const headerText = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
const bodiless: readonly number[] = [204, 304];
const httpStatus = fc.oneof(fc.constantFrom(200, 401, 403, 404, 500, 503), fc.integer({ min: 200, max: 599 }));

const body: fc.Arbitrary<RawAnswer['body']> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ form: 'empty' as const }) },
  {
    weight: 6,
    arbitrary: fc
      .jsonValue()
      .map((value) => ({ form: 'json' as const, value: JSON.parse(JSON.stringify(value)) as unknown })),
  },
  { weight: 4, arbitrary: words.map((text) => ({ form: 'text' as const, text: `x${text}`, leftOut: 0 })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(words, fc.nat(2000))
      .map(([text, leftOut]) => ({ form: 'text' as const, text: `x${text}`.padEnd(1024, '_'), leftOut })),
  },
  {
    weight: 2,
    arbitrary: fc.constant({ form: 'tooLarge' as const, why: 'more nested or numerous than the tool parses' }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ form: 'damaged' as const, why: 'Content-Encoding says gzip, and the body is none' }),
  },
);

const answer: fc.Arbitrary<RawAnswer> = fc
  .record({
    httpStatus,
    contentType: fc.option(
      fc.oneof(fc.constantFrom('application/json', 'text/html', 'text/plain; charset=utf-8'), headerText),
    ),
    location: fc.option(headerText),
    latencyMs: fc.double({ min: 0, max: 9999, noNaN: true }).map((latencyMs) => latencyMs + 0),
    body,
  })
  .map((given) => ({
    ...given,
    httpStatus: given.body.form !== 'empty' && bodiless.includes(given.httpStatus) ? 200 : given.httpStatus,
    contentType: given.body.form === 'json' ? 'application/json' : given.contentType,
  }));

/** How a reader of a server comes to say that it could not look. */
const missing = (
  what: string,
  path: string,
  kind: 'object' | 'list',
  state: Exclude<State, 'known'>,
): fc.Arbitrary<RawMissing> => {
  const detail: fc.Arbitrary<string> = {
    forbidden: words.map((message) => `${what}: ${message}`),
    unreachable: fc.constant(`unable to connect to the server: ${ANY_HOST} closed the connection`),
    timedOut: fc.constant(`${ANY_HOST} did not answer GET ${path}${kind === 'list' ? '?limit=500' : ''} in time`),
    unreadable: fc
      .oneof(
        words.map((message) => `HTTP status 500: ${message}`),
        words.map(
          (message) => `401 Unauthorized: ${message}; the credential is missing, expired or not meant for this server`,
        ),
        headerText.map((target) => `redirected to ${target.replaceAll(' ', '')}, which is not followed`),
        fc.constantFrom(
          'redirected to nowhere, which is not followed',
          'the answer is not JSON; is this a Kubernetes API server?',
          'the answer is more nested or numerous than the tool parses',
          kind === 'list' ? 'the answer is not a list' : 'the answer: expected Object, found null',
          ...(kind === 'list' ? ['item 0: the answer: expected Object, found null'] : []),
        ),
      )
      .map((words_) => `${what}: ${words_}`),
    notCollected: fc.constant('not part of this snapshot'),
  }[state];
  return detail.map((text) => ({ state, detail: text }));
};

const anyFact = <T>(
  weights: Weights,
  value: fc.Arbitrary<T>,
  what: string,
  path: string,
  kind: 'object' | 'list',
): fc.Arbitrary<RawFact<T>> =>
  fc.oneof(
    ...states.map((state): fc.WeightedArbitrary<RawFact<T>> => ({
      weight: weights[state],
      arbitrary: state === 'known' ? value.map((known) => ({ state, value: known })) : missing(what, path, kind, state),
    })),
  );

type Weights = Readonly<Record<State, number>>;

const listPaths = {
  services: ['/api/v1', 'services', 'services'],
  endpointSlices: ['/apis/discovery.k8s.io/v1', 'endpointslices', 'endpointslices.discovery.k8s.io'],
  endpoints: ['/api/v1', 'endpoints', 'endpoints'],
  pods: ['/api/v1', 'pods', 'pods'],
} as const;

const minorOf = (version: RawSnapshot['facts']['serverVersion']): number | null =>
  version.state === 'known'
    ? Number.parseInt(version.value.minor ?? version.value.gitVersion.split('.')[1] ?? '', 10)
    : null;

const byName = <T>(
  names: readonly string[],
  factOf: (name: string) => fc.Arbitrary<RawFact<T>>,
): fc.Arbitrary<Record<string, RawFact<T>>> =>
  fc
    .tuple(...names.map(factOf))
    .map((facts) => Object.fromEntries(facts.map((fact, index) => [names[index] ?? '', fact])));

const answerFact = ({ metadata, spec }: RawApiService, weights: Weights): fc.Arbitrary<RawFact<RawAnswer>> => {
  const path = `/apis/${spec.group}/${spec.version}`;
  return fc.oneof(
    { weight: weights.known, arbitrary: answer.map((value) => ({ state: 'known' as const, value })) },
    // Only the path's own 403, in kube-apiserver's words, is read as a refusal to look.
    {
      weight: weights.forbidden,
      arbitrary: words.map((text) => ({
        state: 'forbidden' as const,
        detail: `get the path itself: User "${text}" cannot get path "${path}"`,
      })),
    },
    { weight: weights.unreachable, arbitrary: missing('', path, 'object', 'unreachable') },
    { weight: weights.timedOut, arbitrary: missing('', path, 'object', 'timedOut') },
    // The APIService's own doing: see below, where its version is taken away.
    {
      weight: weights.unreadable,
      arbitrary: fc.constant({
        state: 'unreadable' as const,
        detail: `APIService ${metadata.name} names no version to ask for`,
      }),
    },
    { weight: weights.notCollected, arbitrary: missing('', path, 'object', 'notCollected') },
  );
};

/** Any snapshot that a capture can come to, with every fact known and in each state of missing. */
export const arbitrarySnapshot = ({ timedOut }: { readonly timedOut: boolean }): fc.Arbitrary<RawSnapshot> => {
  const weights: Weights = {
    known: 8,
    forbidden: 1,
    unreachable: 1,
    timedOut: timedOut ? 5 : 0,
    unreadable: 2,
    notCollected: 1,
  };
  return fc
    .record({
      context: words.filter((text) => text !== ''),
      serverVersion: anyFact(
        { ...weights, known: 10, timedOut: timedOut ? 2 : 0 },
        serverVersion,
        'get /version',
        '/version',
        'object',
      ),
      apiServices: anyFact(
        { ...weights, known: 8, timedOut: timedOut ? 2 : 0 },
        fc.uniqueArray(apiService, { maxLength: 6, selector: ({ metadata }) => metadata.name }) as fc.Arbitrary<
          RawApiService[]
        >,
        'list apiservices.apiregistration.k8s.io',
        '/apis/apiregistration.k8s.io/v1/apiservices',
        'list',
      ),
    })
    .chain(({ context, serverVersion: version, apiServices }) => {
      const remote = apiServices.state === 'known' ? apiServices.value.filter(({ spec }) => spec.service) : [];
      const namespaces = [...new Set(remote.flatMap(({ spec }) => spec.service?.namespace ?? []))];
      const minor = minorOf(version);
      const lists = <Name extends keyof typeof listPaths>(fact: Name) => {
        const [root, resource, resourceName] = listPaths[fact];
        return (namespace: string) =>
          anyFact(
            weights,
            fc.array(objects[fact](namespace) as fc.Arbitrary<never>, { maxLength: 4 }),
            `list ${resourceName} in namespace ${namespace}`,
            `${root}/namespaces/${namespace}/${resource}`,
            'list',
          );
      };
      return fc.record({
        context: fc.constant(context),
        serverVersion: fc.constant(version),
        apiServices: fc.constant(apiServices),
        namespaces: byName(namespaces, (namespace) =>
          anyFact(
            weights,
            namespaceObject(namespace),
            `get namespaces ${namespace}`,
            `/api/v1/namespaces/${namespace}`,
            'object',
          ),
        ),
        services: byName(namespaces, lists('services')),
        endpointSlices: byName(namespaces, lists('endpointSlices')),
        endpoints: byName(minor !== null && minor <= 33 ? namespaces : [], lists('endpoints')),
        pods: byName(namespaces, lists('pods')),
        answers: fc
          .tuple(...remote.map((one) => answerFact(one, weights)))
          .map((facts) => Object.fromEntries(facts.map((fact, index) => [remote[index]?.metadata.name ?? '', fact]))),
      });
    })
    .map(({ context, ...facts }) => {
      const { apiServices, answers } = facts;
      const withVersions =
        apiServices.state === 'known'
          ? {
              ...apiServices,
              value: apiServices.value.map((one) =>
                answers[one.metadata.name]?.state === 'unreadable'
                  ? { ...one, spec: { ...one.spec, version: null } }
                  : one,
              ),
            }
          : apiServices;
      // JSON knows no undefined; what redaction changes would not be in a snapshot.
      return redact(
        JSON.parse(
          JSON.stringify({
            apiVersion: 'kubectl-aa/v1',
            kind: 'Snapshot',
            capturedAt: '2026-11-21T10:00:00Z',
            cluster: { context, server: `https://${ANY_HOST}` },
            facts: { ...facts, apiServices: withVersions },
          }),
        ),
        [],
      );
    });
};

/** Each fact of a snapshot with its state; facts by name once for each name. */
export const statesOf = ({
  facts: { serverVersion: version, apiServices, ...byNames },
}: RawSnapshot): readonly (readonly [RawFactName, State])[] => [
  ['serverVersion', version.state],
  ['apiServices', apiServices.state],
  ...(Object.entries(byNames) as [RawFactName, Readonly<Record<string, { readonly state: State }>>][]).flatMap(
    ([fact, held]) => Object.values(held).map(({ state }) => [fact, state] as const),
  ),
];
