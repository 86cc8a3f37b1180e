import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { type KubeApiServer, kubeconfigFor, startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { run, runApart } from './captured-run.ts';
import { unusedPort } from './hostile-server.ts';
import { useScratch } from './scratch.ts';

const { file, opened } = useScratch();

const captured = JSON.parse(
  readFileSync(join(import.meta.dirname, '../clusters/ten-backends.aa.json'), 'utf8'),
) as RawSnapshot;

const HEALTHY = 'v1.healthy.example.com';
const HTML = 'v1.document-html.example.com';

type Facts = RawSnapshot['facts'];

/** The cluster after someone has deleted an APIService. */
const without = (facts: Facts, name: string): Facts => ({
  ...facts,
  apiServices:
    facts.apiServices.state === 'known'
      ? { ...facts.apiServices, value: facts.apiServices.value.filter(({ metadata }) => metadata.name !== name) }
      : facts.apiServices,
});

const groupOf = (name: string): string => name.replace(/^[^.]*\./, '');

/** The cluster after the backend of one APIService has begun to answer as that of another does, for its own group. */
const answering = (facts: Facts, name: string, as: string): Facts => {
  const { [as]: answer } = facts.answers;
  if (answer === undefined) throw new Error(`no answer of ${as}`);
  const own = JSON.parse(JSON.stringify(answer).replaceAll(groupOf(as), groupOf(name))) as typeof answer;
  return { ...facts, answers: { ...facts.answers, [name]: own } };
};

interface Watched {
  readonly server: KubeApiServer;
  readonly kubeconfig: string;
  /** What is there from now on; the watches hear of these APIServices. */
  readonly change: (facts: Facts, names: readonly string[], type?: string) => void;
  /** The watches that were begun. */
  readonly watches: readonly ServerResponse[];
  /** Does something so long after a watch was begun, the first or a later one. */
  readonly afterWatch: (ms: number, act: () => void, count?: number) => void;
}

const watched = async (
  onRequest: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<Watched> => {
  let { facts } = captured;
  const watches: ServerResponse[] = [];
  const planned: { readonly count: number; readonly ms: number; readonly act: () => void }[] = [];
  const current: RawSnapshot = {
    ...captured,
    get facts() {
      return facts;
    },
  };
  const server = await opened(
    startKubeApiServer(current, {
      intercept: (request, response) => {
        if (onRequest(request, response)) return true;
        if (!request.url?.includes('watch=1')) return false;
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        watches.push(response);
        for (const { count, ms, act } of planned) if (count === watches.length) setTimeout(act, ms).unref();
        return true;
      },
    }),
  );
  return {
    server,
    kubeconfig: file(server.kubeconfigText()),
    watches,
    afterWatch: (ms, act, count = 1) => {
      planned.push({ count, ms, act });
    },
    change: (after, names, type = 'MODIFIED') => {
      facts = after;
      for (const name of names)
        for (const response of watches) response.write(`${JSON.stringify({ type, object: { metadata: { name } } })}\n`);
    },
  };
};

// Nearly all of the time is waited.
describe.concurrent('status --watch', () => {
  it('prints what status prints, then each change in the same words, and ends with its exit status', async () => {
    const { kubeconfig, change, afterWatch, server } = await watched();
    const plain = await run(['status', '--kubeconfig', kubeconfig]);
    afterWatch(1000, () => change(without(captured.facts, HEALTHY), [HEALTHY], 'DELETED'));
    afterWatch(3000, () => change(captured.facts, [HEALTHY], 'ADDED'));
    const ran = await run(['status', '-w', '--timeout', '9s', '--kubeconfig', kubeconfig]);
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(1);
    expect(ran.stdout.slice(0, plain.stdout.length)).toBe(plain.stdout);
    expect(ran.stdout.slice(plain.stdout.length).split('\n')).toEqual([
      expect.stringMatching(/^2026-11-21T10:00:00Z {3}v1\.healthy\.example\.com +\+ ok -> deleted$/),
      expect.stringMatching(/^2026-11-21T10:00:00Z {3}v1\.healthy\.example\.com +created -> \+ ok$/),
      '',
    ]);
    const [watch] = server.requests.filter(({ path }) => path.includes('watch=1'));
    expect(watch?.path).toContain('resourceVersion=1000');
    expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('asks only the backends that changed', async () => {
    const { kubeconfig, change, afterWatch, server } = await watched();
    let before = 0;
    afterWatch(1000, () => {
      before = server.requests.length;
      change(answering(captured.facts, HEALTHY, HTML), [HEALTHY]);
    });
    const ran = await run(['status', HEALTHY, HTML, '-w', '--timeout', '6s', '--kubeconfig', kubeconfig]);
    expect(ran.stdout).toMatch(/v1\.healthy\.example\.com +\+ ok -> x broken +the answer is an HTML page/);
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual([
      expect.stringMatching(/^\/version|apiservices\?limit=500$/),
      expect.stringMatching(/^\/version|apiservices\?limit=500$/),
      '/apis/healthy.example.com/v1',
    ]);
  });

  it('prints each change as a document of the same kind', async () => {
    const { kubeconfig, change, afterWatch } = await watched();
    afterWatch(1000, () => change(without(captured.facts, HEALTHY), [HEALTHY], 'DELETED'));
    const asked = (path: string, format: string): ReturnType<typeof run> =>
      run(['status', HEALTHY, HTML, '-w', '--timeout', '6s', '--kubeconfig', path, '-o', format]);
    const json = await asked(kubeconfig, 'json');
    const [first, second] = json.stdout.split(/(?<=^\}\n)/m).map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(first).toMatchObject({ kind: 'StatusList', items: [{ name: HTML }, { name: HEALTHY }] });
    expect(second).toMatchObject({
      kind: 'StatusList',
      items: [{ name: HEALTHY, verdict: 'unknown', reason: 'deleted', live: null, available: null }],
    });
    const columns = await watched();
    columns.afterWatch(1000, () => columns.change(without(captured.facts, HEALTHY), [HEALTHY], 'DELETED'));
    const table = await asked(columns.kubeconfig, 'custom-columns=NAME:.name,VERDICT:.verdict');
    expect(table.stdout).toBe(
      'NAME                           VERDICT\nv1.document-html.example.com   broken\nv1.healthy.example.com         ok\nv1.healthy.example.com   unknown\n',
    );
  });

  it('goes on when the server ends the watch, and when it is lost for a while', async () => {
    let refusing = false;
    const isBack = (): void => {
      refusing = false;
      change(without(captured.facts, HEALTHY), []);
    };
    const { kubeconfig, change, afterWatch, watches } = await watched((_request, response) => {
      // However late it is that somebody asks.
      if (refusing) {
        response.socket?.destroy();
        setTimeout(isBack, 500).unref();
      }
      return refusing;
    });
    // One that ends sooner is not begun again at once.
    afterWatch(5000, () => watches.at(-1)?.end());
    afterWatch(
      3000,
      () => {
        refusing = true;
        watches.at(-1)?.socket?.destroy();
      },
      2,
    );
    const ran = await run(['status', '-w', '--timeout', '25s', '--kubeconfig', kubeconfig]);
    expect(ran.stderr).toMatch(/^warning: lost the cluster, trying again: [^\n]* closed the connection\n$/);
    expect(ran.stdout).toMatch(/v1\.healthy\.example\.com +\+ ok -> deleted\n$/);
    expect(watches.length).toBeGreaterThanOrEqual(3);
  }, 40_000);

  it('says once that it cannot reach the cluster, where it never could', async () => {
    const port = await unusedPort();
    const kubeconfig = file(kubeconfigFor({ server: `https://127.0.0.1:${port}` }));
    const ran = await run(['status', '-w', '--kubeconfig', kubeconfig]);
    expect(ran).toMatchObject({ stdout: '', status: 2 });
    expect(ran.stderr).toMatch(/^error: the connection to the server [^\n]* was refused[^\n]*\n$/);
  });

  it('says that there was no time for a single look', async () => {
    const { kubeconfig } = await watched(() => true);
    for (const command of [
      ['status', '-w'],
      ['wait', '--for=healthy', HEALTHY],
    ]) {
      const ran = await run([...command, '--timeout', '500ms', '--kubeconfig', kubeconfig]);
      expect(ran).toMatchObject({ stdout: '', status: 2 });
      expect(ran.stderr).toMatch(/^error: [^\n]+ did not answer GET [^\n]+ in time\n$/);
    }
  });

  it('works without the permission to watch', async () => {
    const { kubeconfig } = await watched((request, response) => {
      if (!request.url?.includes('watch=1')) return false;
      response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
      return true;
    });
    const ran = await run(['status', HEALTHY, '-w', '--timeout', '2s', '--kubeconfig', kubeconfig]);
    expect(ran).toMatchObject({ stderr: '', status: 0 });
    expect(ran.stdout).toContain('1 of 31 APIServices: 1 ok.');
  });
});

describe.concurrent('wait', () => {
  it('ends when requests succeed', async () => {
    const { kubeconfig, change, afterWatch } = await watched();
    afterWatch(1000, () => change(answering(captured.facts, HTML, HEALTHY), [HTML]));
    const ran = await run(['wait', '--for=healthy', HEALTHY, HTML, '--timeout', '10s', '--kubeconfig', kubeconfig]);
    expect(ran).toMatchObject({
      stdout: [HEALTHY, HTML].map((name) => `apiservice.apiregistration.k8s.io/${name} condition met\n`).join(''),
      stderr: '',
      status: 0,
    });
    expect(ran.ms).toBeGreaterThan(1000);
  }, 20_000);

  it('asks again though no APIService changes', async () => {
    let asked = 0;
    const { kubeconfig } = await watched((request, response) => {
      if (request.url !== '/apis/healthy.example.com/v1') return false;
      asked += 1;
      if (asked > 1) return false;
      response.writeHead(500).end('not yet');
      return true;
    });
    const ran = await run(['wait', '--for=healthy', HEALTHY, '--timeout', '10s', '--kubeconfig', kubeconfig]);
    expect(ran).toMatchObject({
      stdout: 'apiservice.apiregistration.k8s.io/v1.healthy.example.com condition met\n',
      stderr: '',
      status: 0,
    });
  }, 20_000);

  it('prints what met the condition as -o says, and errors as ever', async () => {
    const { kubeconfig } = await watched();
    const asked = (...args: readonly string[]) =>
      run(['wait', '--for=healthy', HEALTHY, ...args, '--kubeconfig', kubeconfig]);
    const json = await asked(HTML, '--timeout', '4s', '-o', 'json');
    expect(json.status).toBe(1);
    expect(json.stderr).toContain(`error: timed out waiting for the condition on apiservices/${HTML}: `);
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'StatusList',
      items: [{ name: HEALTHY, verdict: 'ok' }],
    });
    expect((await asked('-o', 'name')).stdout).toBe(`apiservice.apiregistration.k8s.io/${HEALTHY}\n`);
    expect((await asked('-o', 'jsonpath={.items[*].name}')).stdout).toBe(HEALTHY);
  }, 20_000);

  it('tells the deadline that passed, what is not there, and what could not be asked, apart', async () => {
    const { kubeconfig } = await watched();
    const asked = (...args: readonly string[]) => run(['wait', ...args, '--timeout', '2s', '--kubeconfig', kubeconfig]);
    expect(await asked('--for=available', HTML)).toMatchObject({ stderr: '', status: 0 });
    expect(await asked('--for=healthy', HTML)).toMatchObject({
      stdout: '',
      stderr: `error: timed out waiting for the condition on apiservices/${HTML}: the answer is an HTML page (the condition does not see it: Available=True)\n`,
      status: 1,
    });
    expect(await asked('--for=healthy', 'v1.absent')).toMatchObject({
      stdout: '',
      stderr: 'error: apiservices.apiregistration.k8s.io "v1.absent" not found\n',
      status: 2,
    });
    const port = await unusedPort();
    const nowhere = file(kubeconfigFor({ server: `https://127.0.0.1:${port}` }));
    expect(await run(['wait', '--for=healthy', HTML, '--kubeconfig', nowhere])).toMatchObject({
      stdout: '',
      status: 2,
    });
  });

  it('keeps its exit status when it is to be quiet', async () => {
    const { kubeconfig } = await watched();
    expect(await run(['wait', '--for=healthy', HEALTHY, '--quiet', '--kubeconfig', kubeconfig])).toMatchObject({
      stdout: '',
      stderr: '',
      status: 0,
    });
  });
});

describe('a watch that is flooded', () => {
  it('keeps its memory against an endless event and endless events', async () => {
    const { kubeconfig } = await watched((request, response) => {
      if (!request.url?.includes('watch=1')) return false;
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = 'x'.repeat(1024 * 1024);
      let count = 0;
      const flood = (): void => {
        count += 1;
        const name = `v1.${String(count)}.${'y'.repeat(100)}`;
        const event = `${JSON.stringify({ type: 'ADDED', object: { metadata: { name } } })}\n`.repeat(2000);
        if (response.destroyed || count > 400) return;
        if (response.write(count % 100 === 99 ? chunk : event)) setImmediate(flood);
        else response.once('drain', flood);
      };
      flood();
      return true;
    });
    const ran = await runApart(['status', HEALTHY, '-w', '--timeout', '6s', '--kubeconfig', kubeconfig]);
    expect(ran).toMatchObject({ stderr: '', status: 0 });
    expect(ran.peakMebibytes).toBeLessThan(250);
  }, 20_000);
});
