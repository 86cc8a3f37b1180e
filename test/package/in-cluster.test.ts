import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const docs = join(import.meta.dirname, '../../docs');

interface ClusterRole {
  readonly metadata: { readonly name: string };
  readonly rules: readonly { readonly resources?: readonly string[]; readonly verbs: readonly string[] }[];
}

const role = (path: string): ClusterRole => parse(readFileSync(join(docs, path), 'utf8')) as ClusterRole;

const resourcesOf = (path: string): readonly string[] => role(path).rules.flatMap(({ resources }) => resources ?? []);

it('reads, and reads no Secrets, in the whole cluster', () => {
  const verbs = role('in-cluster/reader.yaml').rules.flatMap((rule) => rule.verbs);
  expect(new Set(verbs)).toEqual(new Set(['get', 'list', 'watch']));
  const resources = resourcesOf('in-cluster/reader.yaml');
  expect(resources).toContain('apiservices');
  // A subresource, as pods/portforward or pods/exec, is a way in.
  expect(resources.filter((resource) => /secrets|[*/]/.test(resource))).toEqual([]);
});

it('has port-forward and Secrets in the full role only', () => {
  expect(new Set(resourcesOf('rbac.yaml'))).toEqual(
    new Set([...resourcesOf('in-cluster/reader.yaml'), 'pods/portforward', 'secrets']),
  );
});

it('binds the CronJob to the reduced role, and asks for no port-forward', () => {
  const objects = parseAllDocuments(readFileSync(join(docs, 'in-cluster/cronjob.yaml'), 'utf8')).map(
    (document) => document.toJS() as { readonly kind: string; readonly [field: string]: unknown },
  );
  const bindings = objects.filter(({ kind }) => kind.endsWith('Binding'));
  expect(bindings).toMatchObject([
    { kind: 'ClusterRoleBinding', roleRef: { name: role('in-cluster/reader.yaml').metadata.name } },
  ]);
  const job = objects.find(({ kind }) => kind === 'CronJob');
  expect(job).toMatchObject({
    spec: {
      jobTemplate: { spec: { template: { spec: { containers: [{ args: ['doctor', '--no-port-forward'] }] } } } },
    },
  });
});
