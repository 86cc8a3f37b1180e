import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { commands } from '../../src/commands/index.ts';
import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { run } from './captured-run.ts';
import { useScratch } from './scratch.ts';

const { file, folder, opened } = useScratch();

// Under the name that the examples use.
const cluster = JSON.parse(
  readFileSync(join(import.meta.dirname, '../clusters/ten-backends.aa.json'), 'utf8').replaceAll(
    'v1beta1.custom.metrics.k8s.io',
    'v1beta1.metrics.k8s.io',
  ),
) as RawSnapshot;

const examples = await Promise.all(
  commands.map(async ({ name, load }) => {
    const { examples: own } = (await load()).default;
    return own.map(({ args }) => ({ name, args }));
  }),
);

it.each(examples.flat())('the example `$args` of $name runs', async ({ name, args }) => {
  expect(args === name || args.startsWith(`${name} `)).toBe(true);
  const server = await opened(startKubeApiServer(cluster));
  // What the shell does with it is the shell's.
  const words = args.split(/ [|>&]/)[0]?.split(' ') ?? [];
  const ends = words.includes('-w') ? ['--timeout', '2s'] : [];
  const ran = await run([...words, ...ends], {
    env: { KUBECONFIG: file(server.kubeconfigText()) },
    workingDirectory: folder,
  });
  if (name === 'cert verify') {
    // Its files are the reader's own.
    expect(ran).toMatchObject({ stdout: '', stderr: 'error: cannot read ca.crt: no such file\n', status: 2 });
    return;
  }
  expect(ran.stderr).toBe('');
  expect([0, 1]).toContain(ran.status);
});
