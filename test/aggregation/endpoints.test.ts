import { describe, expect, it } from 'vitest';

import {
  readyAddressesInEndpoints,
  readyAddressesInSlices,
  selectedPods,
  servicePort,
} from '../../src/aggregation/endpoints.ts';
import { backendView } from '../../src/diagnosis/backend-view.ts';
import type { RemoteApiService } from '../../src/checks/define-check.ts';
import type { EndpointSlice, Endpoints, Pod, Service } from '../../src/model/facts.ts';
import { decode } from '../../src/snapshot/decode.ts';
import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { nothingCollected } from '../nothing-collected.ts';
import { type CaseFacts, snapshotOf } from '../case-snapshot.ts';

// The rules 5a to 5c of kube-aggregator's remote_available_controller.go (sync).

const backend: Service = {
  namespace: 'sem',
  name: 'backend',
  type: 'ClusterIP',
  clusterIP: '10.96.0.20',
  externalName: null,
  owner: null,
  selector: { app: 'backend' },
  ports: [
    { name: 'metrics', port: 8080, targetPort: 8080 },
    { name: 'https', port: 443, targetPort: 'https' },
  ],
};
const https = { name: 'https', port: 443, targetPort: 'https' };
const unnamed = { name: '', port: 443, targetPort: 8443 };

const slice = (given: Partial<EndpointSlice>): EndpointSlice => ({
  namespace: 'sem',
  name: 'backend-abcde',
  serviceName: 'backend',
  ports: [{ name: 'https', port: 8443 }],
  endpoints: [{ addresses: ['10.244.1.7'], ready: true }],
  ...given,
});

const endpoints = (subsets: Endpoints['subsets'], name = 'backend'): Endpoints => ({ namespace: 'sem', name, subsets });

describe('the port of the Service', () => {
  it('is found by number', () => {
    expect(servicePort(backend, { namespace: 'sem', name: 'backend', port: 443 })).toEqual(https);
  });

  it('is neither a targetPort nor a guess', () => {
    expect(servicePort(backend, { namespace: 'sem', name: 'backend', port: 8443 })).toBeNull();
    expect(servicePort({ ...backend, ports: [] }, { namespace: 'sem', name: 'backend', port: 443 })).toBeNull();
  });
});

describe('EndpointSlices, from 1.34 on', () => {
  const ready = (...slices: readonly EndpointSlice[]): readonly string[] =>
    readyAddressesInSlices(slices, backend, https);

  it('count a ready endpoint whose slice has the port', () => {
    expect(ready(slice({}))).toEqual(['10.244.1.7']);
  });

  it('count the endpoints of every slice that fits', () => {
    const second = slice({ name: 'backend-fghij', endpoints: [{ addresses: ['10.244.2.9'], ready: true }] });
    expect(ready(slice({}), second, slice({ name: 'backend-klmno', ports: [] }))).toEqual(['10.244.1.7', '10.244.2.9']);
  });

  it('do not count an endpoint that is not ready', () => {
    const both = [
      { addresses: ['10.244.1.7'], ready: false },
      { addresses: ['10.244.2.9'], ready: true },
    ];
    expect(ready(slice({ endpoints: both }))).toEqual(['10.244.2.9']);
  });

  it.each<[string, EndpointSlice]>([
    ['no endpoint', slice({ endpoints: [] })],
    ['no port', slice({ ports: [] })],
    ['a port of another name', slice({ ports: [{ name: 'metrics', port: 8443 }] })],
    ['a port without name, where the Service names it', slice({ ports: [{ name: '', port: 8443 }] })],
    ['a port without number', slice({ ports: [{ name: 'https', port: null }] })],
    ['no label', slice({ serviceName: null })],
    ['the label of another Service', slice({ serviceName: 'other', name: 'backend' })],
  ])('do not count a slice with %s', (_name, candidate) => {
    expect(ready(candidate)).toEqual([]);
  });

  it('do not join a ready endpoint and a port of two slices', () => {
    expect(ready(slice({ ports: [] }), slice({ name: 'backend-fghij', endpoints: [] }))).toEqual([]);
  });

  it('match the unnamed port of a Service with an unnamed port only', () => {
    const read = (name: string): readonly string[] =>
      readyAddressesInSlices([slice({ ports: [{ name, port: 8443 }] })], backend, unnamed);
    expect(read('')).toEqual(['10.244.1.7']);
    expect(read('https')).toEqual([]);
  });
});

describe('Endpoints, up to 1.33', () => {
  const ports = [{ name: 'https', port: 8443 }];
  const ready = (...objects: readonly Endpoints[]): readonly string[] =>
    readyAddressesInEndpoints(objects, backend, https);

  it('count the ready addresses of the object named like the Service', () => {
    expect(ready(endpoints([{ ready: ['10.244.1.7'], notReady: ['10.244.2.9'], ports }]))).toEqual(['10.244.1.7']);
  });

  it.each<[string, Endpoints]>([
    ['no subset', endpoints([])],
    ['addresses that are not ready', endpoints([{ ready: [], notReady: ['10.244.1.7'], ports }])],
    [
      'a port of another name',
      endpoints([{ ready: ['10.244.1.7'], notReady: [], ports: [{ name: 'metrics', port: 8443 }] }]),
    ],
    ['no port', endpoints([{ ready: ['10.244.1.7'], notReady: [], ports: [] }])],
    ['another name', endpoints([{ ready: ['10.244.1.7'], notReady: [], ports }], 'other')],
    [
      'address and port in different subsets',
      endpoints([
        { ready: ['10.244.1.7'], notReady: [], ports: [] },
        { ready: [], notReady: [], ports },
      ]),
    ],
  ])('do not count %s', (_name, object) => {
    expect(ready(object)).toEqual([]);
  });

  it('match the unnamed port of a Service with an unnamed port only', () => {
    const read = (name: string): readonly string[] =>
      readyAddressesInEndpoints(
        [endpoints([{ ready: ['10.244.1.7'], notReady: [], ports: [{ name, port: 8443 }] }])],
        backend,
        unnamed,
      );
    expect(read('')).toEqual(['10.244.1.7']);
    expect(read('https')).toEqual([]);
  });
});

describe('which of both is read', () => {
  const given = (serverVersion: string): CaseFacts => ({
    serverVersion,
    services: { sem: [{ name: 'backend', ports: [https] }] },
    endpointSlices: {
      sem: [
        {
          serviceName: 'backend',
          ports: [{ name: 'https', port: 8443 }],
          endpoints: [{ addresses: ['10.0.0.34'], ready: true }],
        },
      ],
    },
    endpoints: {
      sem: [
        { name: 'backend', subsets: [{ ready: ['10.0.0.33'], notReady: [], ports: [{ name: 'https', port: 8443 }] }] },
      ],
    },
  });
  const apiService = {
    name: 'v1.sem.example.com',
    service: { namespace: 'sem', name: 'backend', port: 443 },
    caBundle: null,
    caInjection: null,
  } as RemoteApiService;

  it.each([
    ['v1.19.16', '10.0.0.33'],
    ['v1.29.6', '10.0.0.33'],
    ['v1.33.8', '10.0.0.33'],
    ['v1.34.0', '10.0.0.34'],
    ['v1.36.3', '10.0.0.34'],
  ])('%s', (version, address) => {
    const { facts, capturedAt } = snapshotOf(given(version));
    expect(backendView(facts, apiService, new Date(capturedAt)).readyAddresses.fact).toEqual({
      state: 'known',
      value: [address],
    });
  });

  it('is EndpointSlices where the version is not known', () => {
    const { facts, capturedAt } = snapshotOf(given('v1.29.6'));
    const unknown = { ...facts, serverVersion: { state: 'forbidden', detail: 'get /version' } } as const;
    expect(backendView(unknown, apiService, new Date(capturedAt)).readyAddresses.fact).toEqual({
      state: 'known',
      value: ['10.0.0.34'],
    });
  });
});

describe('the Pods behind a Service', () => {
  const pod = (labels: Pod['labels']): Pod => ({
    namespace: 'sem',
    name: 'backend-0',
    labels,
    phase: 'Running',
    ready: true,
    createdAt: null,
    deletedAt: null,
    serviceAccount: 'default',
    hostNetwork: false,
    nodeName: null,
    containers: [],
    states: [],
    switchedOff: [],
    containerPorts: [],
    certificates: [],
    workload: null,
  });
  const fits = pod({ app: 'backend', tier: 'api' });

  it('carry every label of the selector', () => {
    expect(
      selectedPods({ ...backend, selector: { app: 'backend', tier: 'api' } }, [fits, pod({ app: 'backend' }), pod({})]),
    ).toEqual([fits]);
  });

  it('are none where the selector is empty, or the Service is an ExternalName, which ignores it', () => {
    expect(selectedPods({ ...backend, selector: {} }, [fits])).toEqual([]);
    expect(selectedPods({ ...backend, type: 'ExternalName' }, [fits])).toEqual([]);
  });
});

describe('objects as the API server writes them', () => {
  const known = <T>(value: T): { state: 'known'; value: T } => ({ state: 'known', value });
  const labels = { 'kubernetes.io/service-name': 'backend' };
  const raw: RawSnapshot = {
    apiVersion: 'kubectl-aa/v1',
    kind: 'Snapshot',
    capturedAt: '2026-11-21T10:00:00Z',
    cluster: { context: null, server: null },
    facts: {
      ...nothingCollected,
      serverVersion: known({ gitVersion: 'v1.36.3' }),
      apiServices: known([]),
      endpointSlices: {
        sem: known([
          {
            metadata: { name: 'backend-1', namespace: 'sem', labels },
            ports: [{ name: 'https', port: 8443 }],
            endpoints: [
              { addresses: ['10.244.1.1'] },
              { addresses: ['10.244.1.2'], conditions: {} },
              { addresses: ['10.244.1.3'], conditions: { ready: null } },
              { addresses: ['10.244.1.4'], conditions: { ready: true } },
              { addresses: ['10.244.1.5'], conditions: { ready: false } },
            ],
          },
          {
            metadata: { name: 'backend-2', namespace: 'sem', labels },
            ports: [{ name: 'https' }],
            endpoints: [{ addresses: ['10.244.1.6'] }],
          },
          { metadata: { name: 'backend-3', namespace: 'sem', labels }, ports: null, endpoints: null },
          {
            metadata: { name: 'backend', namespace: 'sem' },
            ports: [{ name: 'https', port: 8443 }],
            endpoints: [{ addresses: ['10.244.1.7'] }],
          },
        ]),
      },
      endpoints: {
        sem: known([
          {
            metadata: { name: 'backend', namespace: 'sem' },
            subsets: [
              {
                addresses: [{ ip: '10.244.1.1' }],
                notReadyAddresses: [{ ip: '10.244.1.2' }],
                ports: [{ name: 'https', port: 8443 }],
              },
              { addresses: null, ports: [{ name: 'https', port: 8443 }] },
              { addresses: [{ ip: '10.244.1.3' }], ports: [{ port: 8443 }] },
            ],
          },
          { metadata: { name: 'other', namespace: 'sem' } },
        ]),
      },
    },
  };
  const { facts } = decode(raw);

  it('count as ready where `ready` is absent, null or true', () => {
    const { sem } = facts.endpointSlices;
    expect(sem?.state === 'known' && readyAddressesInSlices(sem.value, backend, https)).toEqual([
      '10.244.1.1',
      '10.244.1.2',
      '10.244.1.3',
      '10.244.1.4',
    ]);
  });

  it('have subsets without addresses and ports without name', () => {
    const { sem } = facts.endpoints;
    expect(sem?.state === 'known' && readyAddressesInEndpoints(sem.value, backend, https)).toEqual(['10.244.1.1']);
    expect(sem?.state === 'known' && readyAddressesInEndpoints(sem.value, backend, unnamed)).toEqual(['10.244.1.3']);
  });
});
