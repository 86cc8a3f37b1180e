import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { runApart } from './captured-run.ts';
import { startHostileServer } from './hostile-server.ts';
import { apiServices, expectRefusal } from './refusal.ts';
import { useScratch } from './scratch.ts';

const { file, opened } = useScratch();

const MEBIBYTE = 1024 * 1024;
const filled = (head: string, part: string, tail: string, bytes = 32 * MEBIBYTE - 64): Buffer =>
  Buffer.from(head + part.repeat(Math.floor((bytes - head.length - tail.length) / Buffer.byteLength(part))) + tail);

/** 400 are allowed, whatever is sent; with fewer, what adds up from answer to answer shows sooner. */
const MAX_MEBIBYTES = 320;

describe('memory stays bounded', () => {
  it('for a body without end', async () => {
    const chunk = Buffer.alloc(MEBIBYTE, '[');
    const server = await opened(
      startHostileServer((_request, response) => {
        Readable.from(
          (function* () {
            for (let sent = 0; sent < 2048; sent += 1) yield chunk;
          })(),
        ).pipe(response);
      }),
    );
    const ran = await runApart(['doctor', '--kubeconfig', file(server.kubeconfigText())]);
    expectRefusal(ran, 'the answer is larger than 33554432 bytes');
    expect(ran.peakMebibytes).toBeLessThan(MAX_MEBIBYTES);
  });

  const pod = (text: string): string =>
    JSON.stringify({ metadata: { name: 'pod', labels: { a: text } }, spec: { containers: [] } });
  const hostile: Readonly<Record<string, () => Buffer>> = {
    '[': () => Buffer.alloc(32 * MEBIBYTE - 1, '['),
    '{}': () => filled('{"items":[', '{},', '{}]}'),
    '"a":1,': () => filled('{', '"a":1,', '"b":1}'),
    // V8 makes a class of each object whose members are named as nobody's before.
    'different names': () => {
      const member = (index: number): string => `"${index.toString(36).padStart(28, 'k')}":1`;
      const object = (first: number): string =>
        `{${Array.from({ length: 100 }, (_, index) => member(first + index)).join(',')}}`;
      return Buffer.from(`[${Array.from({ length: 9000 }, (_, index) => object(index * 100)).join(',')}]`);
    },
    'one long text': () => filled('{"kind":"Status","message":"', 'ж', '"}'),
    'no JSON': () => Buffer.alloc(32 * MEBIBYTE - 1, 'x'),
    'many items': () => filled('{"items":[', `${pod('y'.repeat(60))},`, `${pod('')}]}`),
  };

  // Many where one is quick: what the tool, or a connection, keeps of each of them would add up.
  it.each<readonly [readonly string[], number]>([
    [['[', '{}', 'one long text'], 5],
    [['"a":1,', 'different names'], 1],
    [['no JSON', 'no JSON', 'many items'], 6],
  ])(
    'for 32 MiB of %j in every answer',
    async (kinds, count) => {
      const bodies = kinds.flatMap((kind) => hostile[kind]?.() ?? []);
      let answers = 0;
      const server = await opened(
        startKubeApiServer(apiServices(count, '', 1), {
          intercept: ({ url = '' }, response) => {
            if (url.startsWith('/version') || url.includes('apiservices')) return false;
            answers += 1;
            response.writeHead(200, { 'content-type': 'application/json' }).end(bodies[answers % bodies.length]);
            return true;
          },
        }),
      );
      const ran = await runApart(['snapshot', '--timeout', '100s', '--kubeconfig', file(server.kubeconfigText())]);
      expect(ran).toMatchObject({ stderr: '', status: 0 });
      // Of each group version; 7 of the one namespace; of the whole cluster 6 beside five discovery documents, the OpenAPI index,
      // the names of CustomResourceDefinitions and a ConfigMap; since the way to the backend seems broken, three kinds of workloads
      // of its namespace and of kube-system, nodes and Pods of kube-apiserver; since it fails, two kinds of roles and two of webhooks.
      expect(answers).toBe(count + 7 + 6 + 5 + 1 + 1 + 1 + (3 + 3 + 1 + 1) + 2 + 2);
      expect(ran.peakMebibytes).toBeLessThan(MAX_MEBIBYTES);
    },
    120_000,
  );

  it('for a snapshot that unpacks to a gigabyte', async () => {
    const gzip = createGzip({ level: 1 });
    const chunk = Buffer.alloc(MEBIBYTE, ' ');
    Readable.from(
      (function* () {
        for (let sent = 0; sent < 1024; sent += 1) yield chunk;
      })(),
    ).pipe(gzip);
    const parts: Buffer[] = [];
    for await (const part of gzip) parts.push(part as Buffer);
    const ran = await runApart(['doctor', '--from', file(Buffer.concat(parts))]);
    expectRefusal(ran, 'larger than 50331648 bytes');
    expect(ran.peakMebibytes).toBeLessThan(MAX_MEBIBYTES);
  });

  it('for an endless standard input', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536, 'x'));
      },
    });
    const ran = await runApart(['doctor', '--from', '-'], { stdin: endless });
    expectRefusal(ran, 'snapshot on standard input: larger than 50331648 bytes');
    expect(ran.peakMebibytes).toBeLessThan(MAX_MEBIBYTES);
  });
});
