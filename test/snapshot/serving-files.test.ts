import { describe, expect, it } from 'vitest';

import { parseWith } from '../../src/snapshot/parse-with.ts';
import { objectSchemas, type RawApiService, type RawPod } from '../../src/snapshot/raw-snapshot.ts';
import { caBundleWriterOf, caInjectionOf, specWritersOf, workloadOf } from '../../src/snapshot/owner.ts';
import { mountedCertificates } from '../../src/snapshot/serving-files.ts';

const podOf = (pod: object): RawPod => {
  const parsed = parseWith(objectSchemas.pods, pod);
  if (!parsed.ok) throw new Error(parsed.field);
  return parsed.value;
};

const withSpec = (spec: object): RawPod => podOf({ metadata: { name: 'api-0' }, spec });
const secretVolume = { name: 'tls', secret: { secretName: 'serving-tls' } };
const mounted = { volumeMounts: [{ name: 'tls', mountPath: '/tls' }] };

describe('the command line of a Pod', () => {
  const kept = (args: readonly string[], command: readonly string[] = []): unknown =>
    withSpec({ containers: [{ name: 'server', command, args }] }).spec.containers[0];

  it('keeps the paths of certificates and nothing else', () => {
    expect(
      kept(
        ['--tls-cert-file=/tls/tls.crt', '--cert-dir', '/certs', '--password=hunter2', '--token', 'abc', 'TLS_CERT=x'],
        ['/bin/server', '-tls-cert-file', '/other.crt'],
      ),
    ).toEqual({
      name: 'server',
      command: ['--tls-cert-file=/other.crt'],
      args: ['--tls-cert-file=/tls/tls.crt', '--cert-dir=/certs'],
    });
  });

  it.each([
    ['--tls-cert-file=$(echo hunter2)'],
    ['--tls-cert-file', '--password=hunter2'],
    ['--tls-cert-file=-----BEGIN PRIVATE KEY-----'],
    ['sh -c "server --tls-cert-file=/x --password=hunter2"'],
    ['--tls-private-key-file=/tls/tls.key'],
    [`--cert-dir=/${'a'.repeat(300)}`],
  ])('keeps nothing of %j', (...args) => {
    const held = kept(args) as { readonly args: readonly string[] };
    expect(held.args).toEqual([]);
  });

  it('is kept as it is the second time', () => {
    const once = withSpec({ containers: [{ name: 'server', args: ['--cert-dir', '/certs', '-tls-cert-file=/a'] }] });
    expect(podOf(once)).toEqual(once);
  });
});

describe('the Secret that a Pod serves from', () => {
  it.each<readonly [string, object, readonly object[]]>([
    [
      'is the one that the file named lies in',
      { volumes: [secretVolume], containers: [{ name: 's', args: ['--tls-cert-file=/tls/tls.crt'], ...mounted }] },
      [{ secret: 'serving-tls', key: 'tls.crt', told: true }],
    ],
    [
      'is found by the key that stands under the path',
      {
        volumes: [{ name: 'tls', secret: { secretName: 'serving-tls', items: [{ key: 'cert', path: 'tls.crt' }] } }],
        containers: [{ name: 's', args: ['--tls-cert-file=/tls/tls.crt'], ...mounted }],
      },
      [{ secret: 'serving-tls', key: 'cert', told: true }],
    ],
    [
      'is found in a projected volume, and under a subPath',
      {
        volumes: [
          { name: 'tls', projected: { sources: [{ serviceAccountToken: {} }, { secret: { name: 'serving-tls' } }] } },
        ],
        containers: [
          {
            name: 's',
            args: ['--tls-cert-file=/etc/server.crt'],
            volumeMounts: [{ name: 'tls', mountPath: '/etc/server.crt', subPath: 'tls.crt' }],
          },
        ],
      },
      [{ secret: 'serving-tls', key: 'tls.crt', told: true }],
    ],
    [
      'may hold either file of a directory',
      { volumes: [secretVolume], containers: [{ name: 's', args: ['--cert-dir=/tls/'], ...mounted }] },
      [
        { secret: 'serving-tls', key: 'apiserver.crt', told: true },
        { secret: 'serving-tls', key: 'tls.crt', told: true },
      ],
    ],
    [
      'is none where the server makes its own certificate',
      { volumes: [secretVolume], containers: [{ name: 's', args: ['--cert-dir=/tmp'], ...mounted }] },
      [],
    ],
    [
      'is none where a deeper mount covers the path',
      {
        volumes: [secretVolume],
        containers: [
          {
            name: 's',
            args: ['--tls-cert-file=/tls/run/tls.crt'],
            volumeMounts: [
              { name: 'tls', mountPath: '/tls' },
              { name: 'scratch', mountPath: '/tls/run' },
            ],
          },
        ],
      },
      [],
    ],
    [
      'may be any that is mounted, where no flag tells',
      {
        volumes: [secretVolume, { name: 'unused', secret: { secretName: 'other' } }, { name: 'scratch', emptyDir: {} }],
        containers: [{ name: 's', ...mounted }],
      },
      [{ secret: 'serving-tls', key: 'tls.crt', told: false }],
    ],
    ['is none without volumes', { containers: [{ name: 's' }] }, []],
  ])('%s', (_title, spec, expected) => {
    expect(mountedCertificates(withSpec(spec))).toEqual(expected);
  });
});

describe('what restarts a Pod', () => {
  const owned = (kind: string, name: string, labels = {}): RawPod =>
    podOf({ metadata: { name: 'api-0', labels, ownerReferences: [{ kind, name }] }, spec: { containers: [] } });

  it.each([
    [owned('ReplicaSet', 'api-5d4f8c7b9', { 'pod-template-hash': '5d4f8c7b9' }), { kind: 'Deployment', name: 'api' }],
    [owned('ReplicaSet', 'api-by-hand'), null],
    [owned('StatefulSet', 'api'), { kind: 'StatefulSet', name: 'api' }],
    [owned('DaemonSet', 'api'), { kind: 'DaemonSet', name: 'api' }],
    [owned('Job', 'api'), null],
    [podOf({ metadata: { name: 'api-0' }, spec: { containers: [] } }), null],
  ])('%#', (pod, expected) => {
    expect(workloadOf(pod)).toEqual(expected);
  });
});

const apiService = (metadata: object): RawApiService => {
  const parsed = parseWith(objectSchemas.apiServices, {
    metadata: { name: 'v1.team.example.com', ...metadata },
    spec: { groupPriorityMinimum: 1, versionPriority: 1 },
  });
  if (!parsed.ok) throw new Error(parsed.field);
  return parsed.value;
};

describe('who fills and who wrote a CA bundle', () => {
  it.each([
    [{ annotations: { 'cert-manager.io/inject-ca-from': 'team/serving' } }, 'cert-manager'],
    [{ annotations: { 'cert-manager.io/inject-ca-from-secret': 'team/serving' } }, 'cert-manager'],
    [{ annotations: { 'cert-manager.io/inject-apiserver-ca': 'true' } }, 'cert-manager'],
    [{ annotations: { 'cert-manager.io/inject-apiserver-ca': 'false' } }, undefined],
    [{ annotations: { 'service.beta.openshift.io/inject-cabundle': 'true' } }, 'OpenShift service-ca'],
    [{ labels: { 'olm.owner': 'packageserver', 'olm.owner.kind': 'ClusterServiceVersion' } }, 'OLM'],
    [{ labels: { 'olm.owner': 'global-operators', 'olm.owner.kind': 'OperatorGroup' } }, undefined],
    [{}, undefined],
  ])('%j', (metadata, by) => {
    expect(caInjectionOf(apiService(metadata))?.by).toBe(by);
  });

  it('is the manager that owns the field, and of its fields only that one is kept', () => {
    const one = apiService({
      managedFields: [
        { manager: 'helm', time: '2026-11-20T10:00:00Z', fieldsV1: { 'f:spec': { 'f:caBundle': {}, 'f:group': {} } } },
        { manager: 'kube-apiserver', subresource: 'status', fieldsV1: { 'f:status': {} } },
        { manager: 'odd', fieldsV1: 'text' },
      ],
    });
    expect(caBundleWriterOf(one)).toEqual({ manager: 'helm', at: '2026-11-20T10:00:00Z' });
    expect(one.metadata.managedFields?.map(({ fieldsV1 }) => fieldsV1)).toEqual([
      { 'f:spec': { 'f:caBundle': {}, 'f:group': {} } },
      undefined,
      undefined,
    ]);
    expect(specWritersOf(one)).toEqual([
      { manager: 'helm', operation: 'Update', at: '2026-11-20T10:00:00Z', fields: ['caBundle', 'group'] },
    ]);
    expect(caBundleWriterOf(apiService({}))).toBeNull();
  });
});
