import { readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';

import * as v from 'valibot';
import { parse } from 'yaml';

import { ClusterAccessError } from '../cluster-access-error.ts';

// Loading and precedence follow client-go tools/clientcmd (loader.go, client_config.go): the first file that names a thing wins.

export interface ConnectionFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
}

/** What of the environment decides a connection. */
export interface ConnectionEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
}

export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | null;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: string | null;
}

export interface Connection {
  /** Name of the context in use, or null where none is. */
  readonly context: string | null;
  readonly server: string;
  readonly tls: { readonly serverName: string | null; readonly insecure: boolean; readonly authority: string | null };
  readonly proxyUrl: string | null;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null;
  readonly bearer: { readonly token: string } | { readonly file: string } | null;
  readonly basic: { readonly username: string; readonly password: string } | null;
  readonly exec: ExecPlugin | null;
  readonly impersonate: { readonly user: string; readonly groups: readonly string[]; readonly uid: string | null; readonly extra: Readonly<Record<string, readonly string[]>> } | null;
}

const text = v.nullish(v.string());
const flag = v.nullish(v.boolean());
const clusterSchema = v.object({
  server: text,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': flag,
  'tls-server-name': text,
  'proxy-url': text,
});

const execSchema = v.object({
  apiVersion: v.string(),
  command: v.string(),
  args: v.nullish(v.array(v.string())),
  env: v.nullish(v.array(v.object({ name: v.string(), value: v.string() }))),
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text,
});

const userSchema = v.object({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  'as-uid': text,
  'as-groups': v.nullish(v.array(v.string())),
  'as-user-extra': v.nullish(v.record(v.string(), v.array(v.string()))),
  exec: v.nullish(execSchema),
  'auth-provider': v.nullish(v.object({ name: text })),
});

const contextSchema = v.object({ cluster: text, user: text, namespace: text });

// Only the chosen entries are judged: an odd one elsewhere must not matter.
const fileSchema = v.nullish(
  v.object({
    'current-context': text,
    clusters: v.nullish(v.array(v.object({ name: v.string(), cluster: v.unknown() }))),
    contexts: v.nullish(v.array(v.object({ name: v.string(), context: v.unknown() }))),
    users: v.nullish(v.array(v.object({ name: v.string(), user: v.unknown() }))),
  }),
);

type Entry = { readonly value: unknown; readonly directory: string };

interface Merged {
  currentContext: string | null;
  readonly clusters: Map<string, Entry>;
  readonly contexts: Map<string, Entry>;
  readonly users: Map<string, Entry>;
}

const errorCode = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

// Neither the parser's message nor the file's text is repeated: both can hold credentials.
const parseFile = (path: string, content: string): v.InferOutput<typeof fileSchema> => {
  let document: unknown;
  try {
    document = parse(content);
  } catch (error) {
    const [position] = (error as { linePos?: readonly { readonly line: number }[] }).linePos ?? [];
    throw new ClusterAccessError(`error loading config file "${path}": it is not valid YAML${position ? ` (line ${position.line})` : ''}`);
  }
  const parsed = v.safeParse(fileSchema, document);
  if (parsed.success) return parsed.output;
  throw new ClusterAccessError(`error loading config file "${path}": ${v.getDotPath(parsed.issues[0]) ?? 'the document'} is not as a kubeconfig has it`);
};

const mergeFiles = (paths: readonly string[], mustExist: boolean): Merged => {
  const merged: Merged = { currentContext: null, clusters: new Map(), contexts: new Map(), users: new Map() };
  for (const path of paths) {
    let content: string;
    try {
      content = readFileSync(path, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT' && !mustExist) continue;
      throw new ClusterAccessError(
        errorCode(error) === 'ENOENT' ? `stat ${path}: no such file or directory` : `error loading config file "${path}": ${errorCode(error)}`,
        { cause: error },
      );
    }
    const file = parseFile(path, content);
    const directory = dirname(path);
    merged.currentContext ??= file?.['current-context'] || null;
    for (const { name, cluster } of file?.clusters ?? []) if (!merged.clusters.has(name)) merged.clusters.set(name, { value: cluster, directory });
    for (const { name, context } of file?.contexts ?? []) if (!merged.contexts.has(name)) merged.contexts.set(name, { value: context, directory });
    for (const { name, user } of file?.users ?? []) if (!merged.users.has(name)) merged.users.set(name, { value: user, directory });
  }
  return merged;
};

const filesOf = ({ kubeconfig }: ConnectionFlags, { env, workingDirectory }: ConnectionEnvironment): { readonly paths: readonly string[]; readonly mustExist: boolean } => {
  const absolute = (path: string): string => resolve(workingDirectory, path);
  if (kubeconfig) return { paths: [absolute(kubeconfig)], mustExist: true };
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return { paths: [...new Set(listed.map(absolute))], mustExist: false };
  const home = env['HOME'] ?? env['USERPROFILE'];
  return { paths: home ? [join(home, '.kube', 'config')] : [], mustExist: false };
};

const checked = <T extends v.GenericSchema>(schema: T, entry: Entry, what: string): v.InferOutput<T> => {
  const parsed = v.safeParse(schema, entry.value ?? {});
  if (parsed.success) return parsed.output;
  throw new ClusterAccessError(`invalid configuration: ${what}: ${v.getDotPath(parsed.issues[0]) ?? 'the entry'} is not as a kubeconfig has it`);
};

/** Text of a `…-data` field, or of the file named beside it; data wins. */
const dataOrFile = (data: string | null | undefined, file: string | null | undefined, directory: string, what: string): string | null => {
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  if (!file) return null;
  const path = isAbsolute(file) ? file : join(directory, file);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ClusterAccessError(`unable to read ${what} ${path}: ${errorCode(error)}`, { cause: error });
  }
};

const execPlugin = (raw: v.InferOutput<typeof execSchema>, directory: string): ExecPlugin => ({
  apiVersion: raw.apiVersion,
  command: raw.command.includes('/') && !isAbsolute(raw.command) ? join(directory, raw.command) : raw.command,
  args: raw.args ?? [],
  env: Object.fromEntries((raw.env ?? []).map(({ name, value }) => [name, value])),
  installHint: raw.installHint ?? null,
  provideClusterInfo: raw.provideClusterInfo ?? false,
  interactiveMode: raw.interactiveMode ?? null,
});

const IN_CLUSTER = '/var/run/secrets/kubernetes.io/serviceaccount';

const inCluster = ({ env }: ConnectionEnvironment, flags: ConnectionFlags): Connection | null => {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port || flags.as) return null;
  let authority: string;
  try {
    authority = readFileSync(`${IN_CLUSTER}/ca.crt`, 'utf8');
    readFileSync(`${IN_CLUSTER}/token`);
  } catch {
    return null;
  }
  return {
    context: null,
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: { serverName: null, insecure: false, authority },
    proxyUrl: null,
    clientCertificate: null,
    bearer: { file: `${IN_CLUSTER}/token` },
    basic: null,
    exec: null,
    impersonate: null,
  };
};

/**
 * The connection that kubectl would use with the same flags and environment.
 * @throws ClusterAccessError in one line that holds no part of a credential
 */
export const loadConnection = (flags: ConnectionFlags, environment: ConnectionEnvironment): Connection => {
  const { paths, mustExist } = filesOf(flags, environment);
  const merged = mergeFiles(paths, mustExist);
  const contextName = flags.context || merged.currentContext;
  if (contextName === null) {
    const pod = merged.clusters.size === 0 ? inCluster(environment, flags) : null;
    if (pod) return pod;
    throw new ClusterAccessError(
      merged.contexts.size === 0
        ? `no kubeconfig found (looked at ${paths.join(', ') || 'no file: neither --kubeconfig, KUBECONFIG nor HOME is set'}); name one with --kubeconfig`
        : 'the kubeconfig sets no current-context; choose one with --context',
    );
  }
  const contextEntry = merged.contexts.get(contextName);
  if (!contextEntry) throw new ClusterAccessError(`context was not found for specified context: ${contextName}`);
  const context = checked(contextSchema, contextEntry, `context "${contextName}"`);
  const clusterEntry = merged.clusters.get(context.cluster ?? '');
  if (!clusterEntry) throw new ClusterAccessError(`no server found for cluster "${context.cluster ?? ''}"`);
  const cluster = checked(clusterSchema, clusterEntry, `cluster "${context.cluster ?? ''}"`);
  if (!cluster.server) throw new ClusterAccessError(`invalid configuration: no server found for cluster "${context.cluster ?? ''}"`);
  const userEntry = merged.users.get(context.user ?? '') ?? { value: {}, directory: '.' };
  const user = checked(userSchema, userEntry, `user "${context.user ?? ''}"`);
  if (user['auth-provider']) {
    throw new ClusterAccessError(`the ${user['auth-provider'].name ?? ''} auth provider is not supported: use an exec credential plugin (kubelogin and the like) instead`);
  }
  const insecure = cluster['insecure-skip-tls-verify'] ?? false;
  const authority = dataOrFile(cluster['certificate-authority-data'], cluster['certificate-authority'], clusterEntry.directory, 'certificate-authority');
  if (insecure && authority !== null) throw new ClusterAccessError('specifying a root certificates file with the insecure flag is not allowed');
  const certificate = dataOrFile(user['client-certificate-data'], user['client-certificate'], userEntry.directory, 'client-certificate');
  const key = dataOrFile(user['client-key-data'], user['client-key'], userEntry.directory, 'client-key');
  const bearer = user.tokenFile ? { file: isAbsolute(user.tokenFile) ? user.tokenFile : join(userEntry.directory, user.tokenFile) } : user.token ? { token: user.token } : null;
  const asUser = flags.as ?? user.as;
  const groups = flags.as === undefined ? (user['as-groups'] ?? []) : (flags.asGroup ?? []);
  if (!asUser && (flags.asGroup ?? []).length > 0) throw new ClusterAccessError('requesting uid, groups or user-extra for u without impersonating a user');
  const basic = user.username ? { username: user.username, password: user.password ?? '' } : null;
  if (basic && bearer) throw new ClusterAccessError('more than one authentication method found for the user; found [token basicAuth], only one is allowed');
  return {
    context: contextName,
    server: /^https?:\/\//.test(cluster.server) ? cluster.server : `http://${cluster.server}`,
    tls: { serverName: cluster['tls-server-name'] ?? null, insecure, authority },
    proxyUrl: cluster['proxy-url'] ?? null,
    clientCertificate: certificate !== null && key !== null ? { certificate, key } : null,
    bearer,
    basic,
    // A token, basic authentication or a client certificate suppresses the plugin, as in client-go.
    exec: user.exec && !bearer && !basic && certificate === null ? execPlugin(user.exec, userEntry.directory) : null,
    impersonate: asUser
      ? { user: asUser, groups, uid: flags.as === undefined ? (user['as-uid'] ?? null) : null, extra: flags.as === undefined ? (user['as-user-extra'] ?? {}) : {} }
      : null,
  };
};
