import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import type { PermissionReport } from '../../src/model/report.ts';
import { type KubeApiServer, startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { nothingCollected } from '../nothing-collected.ts';
import { run } from './captured-run.ts';
import { useScratch } from './scratch.ts';

const remote = (name: string) => ({
  metadata: { name },
  spec: {
    group: name.slice(name.indexOf('.') + 1),
    version: name.slice(0, name.indexOf('.')),
    service: { namespace: 'kube-system', name: 'metrics-server', port: 443 },
    groupPriorityMinimum: 100,
    versionPriority: 100,
  },
});

const scratch = useScratch();
const posted: { readonly path: string; readonly body: any }[] = [];
let server: KubeApiServer;
let kubeconfig = '';

/** An API server that lets the caller do everything but list Pods, and does not answer of NetworkPolicies. */
beforeAll(async () => {
  server = await startKubeApiServer(
    {
      apiVersion: 'kubectl-aa/v1',
      kind: 'Snapshot',
      capturedAt: '2026-11-21T10:00:00Z',
      cluster: { context: null, server: null },
      facts: {
        ...nothingCollected,
        apiServices: {
          state: 'known',
          value: [
            remote('v1beta1.metrics.k8s.io'),
            remote('v1alpha1.metrics.k8s.io'),
            {
              ...remote('v1.batch'),
              spec: { group: 'batch', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
            },
          ],
        },
      },
    },
    {
      intercept: (request, response) => {
        if (request.method !== 'POST') return false;
        let text = '';
        request.on('data', (chunk: Buffer) => (text += chunk.toString()));
        request.on('end', () => {
          const body = JSON.parse(text);
          posted.push({ path: request.url ?? '', body });
          const { resource, subresource } = body.spec.resourceAttributes ?? {};
          response.writeHead(resource === 'networkpolicies' ? 500 : 201, { 'content-type': 'application/json' });
          response.end(
            JSON.stringify(
              resource === 'networkpolicies'
                ? { kind: 'Status', message: 'boom' }
                : { ...body, status: { allowed: resource !== 'pods' || subresource !== undefined, reason: '' } },
            ),
          );
        });
        return true;
      },
    },
  );
  kubeconfig = scratch.file(server.kubeconfigText());
});
afterAll(() => server.close());

const report = async (...args: readonly string[]): Promise<PermissionReport> => {
  const { stdout } = await run(['permissions', '-o', 'json', '--kubeconfig', kubeconfig, ...args]);
  return JSON.parse(stdout) as PermissionReport;
};

describe('permissions', () => {
  it('asks of each permission, posts nothing but self-reviews, and says what is lacking', async () => {
    const { permissions } = await report();
    expect(permissions.filter(({ allowed }) => allowed === false)).toEqual([
      { permission: 'list pods', optional: null, allowed: false, reason: '' },
    ]);
    expect(permissions.filter(({ allowed }) => allowed === null)).toEqual([
      {
        permission: 'list networkpolicies.networking.k8s.io',
        optional: null,
        allowed: null,
        reason: 'create selfsubjectaccessreviews.authorization.k8s.io: HTTP status 500: boom',
      },
    ]);
    expect(permissions.map(({ permission }) => permission)).toContain(
      'get configmaps extension-apiserver-authentication in namespace kube-system',
    );
    expect(new Set(posted.map(({ path }) => path))).toEqual(
      new Set(['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews']),
    );
    expect(posted.map(({ body }) => body.spec)).toContainEqual({
      resourceAttributes: { verb: 'create', group: '', resource: 'pods', subresource: 'portforward' },
    });
    expect(server.requests.filter(({ method }) => method !== 'POST').map(({ path }) => path)).toEqual([
      expect.stringMatching(/^\/apis\/apiregistration\.k8s\.io\/v1\/apiservices\?/),
    ]);
  });

  it('lets the probe of resources list in the remote groups of the cluster', async () => {
    const { role, permissions } = await report();
    expect(role.rules.at(-1)).toEqual({ apiGroups: ['metrics.k8s.io'], resources: ['*'], verbs: ['list'] });
    expect(permissions.at(-1)).toMatchObject({ permission: 'list *.metrics.k8s.io', allowed: true });
    expect(role.rules.flatMap(({ apiGroups = [] }) => apiGroups)).not.toContain('batch');
    expect((await report('--reduced')).role.rules.flatMap(({ apiGroups = [] }) => apiGroups)).not.toContain(
      'metrics.k8s.io',
    );
  });

  it('names what only a flag asks for, and leaves it out of the role', async () => {
    const { permissions, role } = await report();
    expect(permissions.filter(({ optional }) => optional !== null)).toEqual([
      { permission: 'get pods/log', optional: 'doctor --logs', allowed: true, reason: '' },
    ]);
    expect(JSON.stringify(role)).not.toContain('pods/log');
  });

  it('leaves port-forward out of the reduced role', async () => {
    const full = await report();
    const reduced = await report('--reduced');
    const resources = ({ role }: PermissionReport) => role.rules.flatMap((rule) => rule.resources ?? []);
    expect(resources(full)).toContain('pods/portforward');
    expect(resources(reduced)).not.toContain('pods/portforward');
    expect(reduced.role.metadata.name).toBe('kubectl-aa-reduced');
  });

  it('prints a manifest that kubectl takes, with what is lacking as comments', async () => {
    const { stdout, status } = await run(['permissions', '--kubeconfig', kubeconfig]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^# You lack 1 of \d+ permissions:\n# {3}list pods\n/);
    expect(parse(stdout)).toMatchObject({ kind: 'ClusterRole', metadata: { name: 'kubectl-aa' } });
  });
});
