import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { expect, it } from 'vitest';

import { commands } from '../../src/commands/index.ts';
import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { run } from './captured-run.ts';
import { useScratch } from './scratch.ts';

const { file, folder, opened } = useScratch();

// It has the metrics group that the examples are about.
const text = readFileSync(join(import.meta.dirname, '../clusters/priorities.aa.json'), 'utf8');

const apiService = `apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1beta1.metrics.k8s.io }
spec:
  group: metrics.k8s.io
  version: v1beta1
  service: { namespace: kube-system, name: metrics-server }
  groupPriorityMinimum: 100
  versionPriority: 100
`;

/** What stands in the folder where an example is run. */
const files: Readonly<Record<string, string | Buffer>> = {
  'before.aa.json.gz': gzipSync(text),
  'after.aa.json.gz': gzipSync(text),
  'c.aa.json': text,
  'apiservice.yaml': apiService,
  'kube-apiserver.log': 'E1121 10:00:00.000000 1 handler.go:1] v1beta1.metrics.k8s.io failed with: 503\n',
};

const examples = await Promise.all(
  commands.map(async ({ name, load }) => {
    const { examples: own } = (await load()).default;
    return own.map(({ args }) => ({ name, args }));
  }),
);

it.each(examples.flat())('the example `$args` of $name runs', async ({ name, args }) => {
  expect(args === name || args.startsWith(`${name} `)).toBe(true);
  const server = await opened(startKubeApiServer(JSON.parse(text) as RawSnapshot));
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content);
  // What the shell does with it is the shell's.
  const words = (args.split(/ [|>&]/)[0]?.split(' ') ?? []).map((word) =>
    Object.hasOwn(files, word) ? join(folder, word) : word,
  );
  const ends = words.includes('-w') ? ['--timeout', '2s'] : [];
  const ran = await run([...words, ...ends], {
    env: { KUBECONFIG: file(server.kubeconfigText()) },
    workingDirectory: folder,
  });
  if (name === 'cert verify') {
    // Its files are the reader's own.
    expect(ran).toMatchObject({
      stdout: '',
      stderr: 'error: cannot read ca.crt: no such file or directory\n',
      status: 2,
    });
    return;
  }
  expect(ran.stderr).toBe('');
  expect([0, 1]).toContain(ran.status);
});
