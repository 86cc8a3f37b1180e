import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { setTimeout as pause } from 'node:timers/promises';

import { kubeconfigFor, loopbackAuthority } from '../fakes/kube-apiserver.ts';
import { type Ran, run, runApart } from '../cli/captured-run.ts';
import { writerInto } from '../cli/scratch.ts';
import {
  type Answer,
  type RecordingProxy,
  type RecordingServer,
  type SeenRequest,
  startRecordingProxy,
  startRecordingServer,
} from './recording-server.ts';

/** Google's kubectl asks the server by itself first, and hands on to one of those beside it: it is passed over. */
const kubectlProgram = (): string | null => {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
  if (status !== 0) return null;
  if (!stdout.includes('-dispatcher')) return 'kubectl';
  const path = (process.env['PATH'] ?? '').split(delimiter).find((folder) => existsSync(join(folder, 'kubectl')));
  const folder = dirname(realpathSync(join(path ?? '', 'kubectl')));
  const names = readdirSync(folder).filter((name) => /^kubectl\.1\.\d+$/.test(name));
  const newest = names.toSorted((a, b) => Number(a.slice(10)) - Number(b.slice(10))).at(-1);
  return newest === undefined ? null : join(folder, newest);
};

/** Null where there is none that can be compared with. */
export const kubectl = kubectlProgram();

type Entry = Readonly<Record<string, unknown>>;

/** What a case may build on: a server, a proxy, and a folder of its own. */
export interface Scene {
  readonly server: RecordingServer;
  readonly proxy: RecordingProxy;
  readonly folder: string;
  /** Writes a file into the folder, and gives its path. */
  readonly file: ReturnType<typeof writerInto>;
  /** A kubeconfig of one context, with the server's authority and a token unless told otherwise. */
  readonly config: (parts?: {
    readonly server?: string;
    readonly context?: string;
    readonly cluster?: Entry;
    readonly user?: Entry;
  }) => string;
  /** The path of a program that notes how it was started, and then runs the shell script. */
  readonly plugin: (script: string, name?: string) => string;
}

interface Call {
  /** Text of the file that KUBECONFIG names; none, where the environment says which. */
  readonly kubeconfig?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The words before the flags; default: `get --raw /version`, which makes one request. */
  readonly kubectl?: readonly string[];
}

export interface Case {
  readonly name: string;
  readonly server?: Parameters<typeof startRecordingServer>[0];
  readonly answer?: Answer;
  readonly call: (scene: Scene) => Call;
  /** Both fail, and both say these words, in whatever case. */
  readonly fails?: readonly string[];
  /** Both print these words on standard error, although they succeed. */
  readonly prints?: readonly string[];
  /** A topic of the comparison with @kubernetes/client-node: it does not behave so. */
  readonly topic?: string;
  /** An entry of docs/kubectl-differences.md: here we differ, on purpose, and so far. */
  readonly differs?: {
    readonly entry: string;
    readonly kubectl: 'fails' | 'works' | 'either';
    readonly ours: 'fails' | 'works';
  };
  /** The environment of the process itself matters. */
  readonly apart?: boolean;
}

/** What can be observed of one call. */
export interface Observed {
  readonly succeeded: boolean;
  readonly requests: readonly SeenRequest[];
  readonly proxied: readonly string[];
  /** How the plugin was started, call by call. */
  readonly plugin: readonly unknown[];
  readonly stderr: string;
}

const authority = Buffer.from(loopbackAuthority.pem).toString('base64');
export const authorityData = { 'certificate-authority-data': authority };

/** See `headers` in docs/kubectl-differences.md. */
const notCompared = ['user-agent', 'connection', 'accept', 'kubectl-command', 'kubectl-session'];

const compared = (seen: SeenRequest): SeenRequest => ({
  ...seen,
  headers: Object.fromEntries(
    Object.entries(seen.headers)
      .filter(([name]) => !notCompared.includes(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ),
});

export const openScene = async (folder: string, { server: options, answer }: Pick<Case, 'server' | 'answer'>) => {
  const [server, proxy] = await Promise.all([
    startRecordingServer({ ...options, ...(answer ? { answer } : {}) }),
    startRecordingProxy(),
  ]);
  const file = writerInto(folder);
  const secure = server.url.startsWith('https:');
  const scene: Scene = {
    server,
    proxy,
    folder,
    file,
    config: ({
      server: url = server.url,
      cluster = secure ? authorityData : {},
      user = { token: 'a-token' },
      context,
    } = {}) => kubeconfigFor({ server: url, cluster, user, ...(context === undefined ? {} : { context }) }),
    plugin: (script, name = 'plugin') =>
      file(
        name,
        `#!/bin/sh
if [ -t 0 ]; then stdin=terminal; elif [ "$(readlink /proc/$$/fd/0)" = /dev/null ]; then stdin=null; else stdin=open; fi
printf '%s\\n' "{\\"stdin\\":\\"$stdin\\",\\"args\\":\\"$*\\",\\"greeting\\":\\"$GREETING\\",\\"info\\":$(printf '%s' "\${KUBERNETES_EXEC_INFO:-null}" | tr -d '\\n')}" >> '${folder}/plugin.log'
${script}
`,
        0o700,
      ),
  };
  return { scene, close: () => Promise.all([server.close(), proxy.close()]) };
};

/** Runs a program with nothing to read. */
export const runProgram = async (
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Ran> => {
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { ...written, status, ms: 0 };
};

/** Runs one call, and says what could be seen of it. */
export const observe = async ({ server, proxy, folder }: Scene, ran: () => Promise<Ran>): Promise<Observed> => {
  const log = join(folder, 'plugin.log');
  rmSync(log, { force: true });
  server.take();
  proxy.take();
  const { status, stderr } = await ran();
  return {
    succeeded: status === 0,
    requests: server.take().requests.map(compared),
    proxied: proxy.take(),
    plugin: existsSync(log)
      ? readFileSync(log, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line): unknown => JSON.parse(line))
      : [],
    stderr,
  };
};

export const environmentOf = (scene: Scene, { kubeconfig, env = {} }: Call): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: join(scene.folder, 'home'),
  ...(kubeconfig === undefined ? {} : { KUBECONFIG: scene.file('config', kubeconfig) }),
  ...env,
});

/** The same files, flags and environment for kubectl and for us. */
export const compare = async (
  scene: Scene,
  { call, apart = false }: Pick<Case, 'call' | 'apart'>,
): Promise<{ readonly theirs: Observed; readonly ours: Observed; readonly status: number | null }> => {
  const given = call(scene);
  const env = environmentOf(scene, given);
  const { args = [], kubectl: words = ['get', '--raw', '/version'] } = given;
  const theirs = await observe(scene, () => runProgram([kubectl ?? '', ...words, ...args], env, scene.folder));
  let status: number | null = null;
  const ours = await observe(scene, async () => {
    const ran = await (apart ? runApart : run)(['version', ...args], { env, workingDirectory: scene.folder });
    ({ status } = ran);
    return ran;
  });
  return { theirs, ours, status };
};

/** What @kubernetes/client-node does with the same files and environment. It has no flags. */
export const observeClientNode = (scene: Scene, { call }: Pick<Case, 'call'>): Promise<Observed> => {
  const env = environmentOf(scene, call(scene));
  return observe(scene, async () => {
    const { KubeConfig, VersionApi } = await import('@kubernetes/client-node');
    const ran = (status: number, stderr = ''): Ran => ({ stdout: '', stderr, status, ms: 0 });
    try {
      const config = new KubeConfig();
      // It reads the environment of the process, and does so at once.
      const before = { ...process.env };
      Object.assign(process.env, env);
      try {
        config.loadFromDefault();
      } finally {
        for (const name of Object.keys(env)) delete process.env[name];
        Object.assign(process.env, before);
      }
      // It has no limit of its own.
      await Promise.race([
        config.makeApiClient(VersionApi).getCode(),
        pause(3000, undefined, { ref: false }).then(() => Promise.reject(new Error('it does not end'))),
      ]);
      return ran(0);
    } catch (error) {
      return ran(1, String(error));
    }
  });
};
