import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The Kubernetes minors of which the lab has an API server. */
export const kubeVersions = ['1.36', '1.35', '1.29'] as const;
export type KubeVersion = (typeof kubeVersions)[number];

interface Part {
  /** Folder below servers/ that holds go.mod. */
  readonly module: string;
  readonly package: string;
  readonly tags?: string;
  /** Told to the binary, which otherwise calls itself v0.0.0-master. */
  readonly gitVersion?: string;
}

const parts = {
  etcd: { module: 'etcd', package: '.' },
  'misbehaving-server': { module: 'misbehaving-server', package: '.' },
  'kube-apiserver-1.36': { module: 'kubernetes-1.36', package: './kube-apiserver', gitVersion: 'v1.36.3' },
  'kube-controller-manager': {
    module: 'kubernetes-1.36',
    package: './kube-controller-manager',
    gitVersion: 'v1.36.3',
  },
  kubectl: { module: 'kubernetes-1.36', package: 'k8s.io/kubernetes/cmd/kubectl', gitVersion: 'v1.36.3' },
  kwok: { module: 'extension-api-servers', package: 'sigs.k8s.io/kwok/cmd/kwok' },
  'sample-apiserver': { module: 'extension-api-servers', package: 'k8s.io/sample-apiserver' },
  'metrics-server': { module: 'extension-api-servers', package: 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
  'custom-metrics-adapter': {
    module: 'extension-api-servers',
    package: 'sigs.k8s.io/custom-metrics-apiserver/test-adapter',
  },
  'kube-apiserver-1.35': { module: 'kubernetes-1.35', package: './kube-apiserver', gitVersion: 'v1.35.4' },
  // Its k8s.io/legacy-cloud-providers is not to be had any more.
  'kube-apiserver-1.29': {
    module: 'kubernetes-1.29',
    package: './kube-apiserver',
    gitVersion: 'v1.29.6',
    tags: 'providerless',
  },
  toxiproxy: { module: 'toxiproxy', package: 'github.com/Shopify/toxiproxy/v2/cmd/server' },
} as const satisfies Record<string, Part>;

export type Binary = keyof typeof parts;

const serversFolder = join(import.meta.dirname, 'servers');
const cacheFolder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kubectl-aa-lab');

let goVersion: string | undefined;

const sourcesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(\.go|go\.mod|go\.sum)$/.test(path))
    .toSorted();

/** Where a built server is, or will be: a change of its sources or of the Go version gives another place. */
export const binaryPath = (name: Binary): string => {
  const part: Part = parts[name];
  const folder = join(serversFolder, part.module);
  goVersion ??= execFileSync('go', ['env', 'GOVERSION'], { cwd: folder, encoding: 'utf8' }).trim();
  const key = createHash('sha256').update(JSON.stringify([goVersion, part]));
  for (const path of sourcesBelow(folder)) key.update(path).update(readFileSync(join(folder, path)));
  return join(cacheFolder, key.digest('hex').slice(0, 16), name);
};

const linkerFlags = (gitVersion: string): string => {
  const [major, minor] = gitVersion.slice(1).split('.');
  const set = (name: string, value: string | undefined): string => `-X k8s.io/component-base/version.${name}=${value}`;
  return [
    '-s -w',
    set('gitVersion', gitVersion),
    set('gitMajor', major),
    set('gitMinor', minor),
    set('gitTreeState', 'clean'),
  ].join(' ');
};

const run = (command: string, args: readonly string[], cwd: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (status) =>
      status === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with status ${status}`)),
    );
  });

const build = async (name: Binary, target: string): Promise<void> => {
  const part: Part = parts[name];
  const folder = target.slice(0, -name.length);
  mkdirSync(folder, { recursive: true });
  const unfinished = `${target}.${process.pid}`;
  await run(
    'go',
    [
      'build',
      '-buildvcs=false',
      ...(part.tags === undefined ? [] : ['-tags', part.tags]),
      ...(part.gitVersion === undefined ? ['-ldflags', '-s -w'] : ['-ldflags', linkerFlags(part.gitVersion)]),
      '-o',
      unfinished,
      part.package,
    ],
    join(serversFolder, part.module),
  );
  // Whoever finds the file finds it whole.
  renameSync(unfinished, target);
};

const isOnPath = (command: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, command)));

const installNetworkTools = async (log: (line: string) => void): Promise<void> => {
  if (isOnPath('ip')) return;
  if (process.getuid?.() !== 0) throw new Error('the lab needs the command ip (Debian package iproute2)');
  log('installing iproute2');
  await run('apt-get', ['install', '--yes', '--no-install-recommends', 'iproute2'], '/');
};

/** Builds what is not in the cache yet; does nothing, quickly, when all is there. */
export const buildServers = async (log: (line: string) => void): Promise<void> => {
  await installNetworkTools(log);
  const missing = (Object.keys(parts) as Binary[]).filter((name) => !existsSync(binaryPath(name)));
  for (const [index, name] of missing.entries()) {
    log(`building ${name} (${index + 1} of ${missing.length})`);
    const startedAt = Date.now();
    await build(name, binaryPath(name));
    log(`built ${name} in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  }
};
