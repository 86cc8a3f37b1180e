import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';

import * as v from 'valibot';
import { parseDocument } from 'yaml';

import { readBoundedFile, UnreadableFile } from '../../bounded-file.ts';
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
  /** The cluster's extension for exec plugins; undefined where it has none. */
  readonly config: unknown;
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

// A token of digits is a number to YAML, and a name such as `true` a boolean; kubectl takes them for the text they are.
const word = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
const text = v.nullish(word);
const flag = v.nullish(v.boolean());
const clusterSchema = v.object({
  server: text,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': flag,
  'tls-server-name': text,
  'proxy-url': text,
  extensions: v.nullish(v.array(v.object({ name: word, extension: v.unknown() }))),
});

const execSchema = v.object({
  apiVersion: word,
  command: word,
  args: v.nullish(v.array(word)),
  env: v.nullish(v.array(v.object({ name: word, value: word }))),
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
  'as-groups': v.nullish(v.array(word)),
  'as-user-extra': v.nullish(v.record(v.string(), v.array(word))),
  exec: v.nullish(execSchema),
  'auth-provider': v.nullish(v.object({ name: text })),
});

const contextSchema = v.object({ cluster: text, user: text, namespace: text });

// Only the chosen entries are judged: an odd one elsewhere must not matter.
const fileSchema = v.nullish(
  v.object({
    'current-context': text,
    clusters: v.nullish(v.array(v.object({ name: word, cluster: v.optional(v.unknown()) }))),
    contexts: v.nullish(v.array(v.object({ name: word, context: v.optional(v.unknown()) }))),
    users: v.nullish(v.array(v.object({ name: word, user: v.optional(v.unknown()) }))),
  }),
);

type Entry = { readonly value: unknown; readonly directory: string };

interface Merged {
  currentContext: string | null;
  readonly clusters: Map<string, Entry>;
  readonly contexts: Map<string, Entry>;
  readonly users: Map<string, Entry>;
}

/** More than any kubeconfig, certificate or key; what is larger is another file. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** @throws ClusterAccessError that begins with `what` */
const readText = async (path: string, what: string, signal: AbortSignal): Promise<string> => {
  try {
    return (await readBoundedFile(path, MAX_FILE_BYTES, signal)).toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof UnreadableFile) throw new ClusterAccessError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
};

// Neither the parser's message nor the file's text is repeated: both can hold credentials.
const parseFile = (path: string, content: string): v.InferOutput<typeof fileSchema> => {
  const refused = (reason: string): ClusterAccessError => new ClusterAccessError(`error loading config file "${path}": ${reason}`);
  let document: unknown;
  let line: number | undefined;
  try {
    // Unlike parse(), it prints no warning by itself.
    const yaml = parseDocument(content);
    line = yaml.errors[0]?.linePos?.[0].line;
    document = yaml.errors.length > 0 ? undefined : yaml.toJS();
    if (document === undefined) throw refused('');
  } catch {
    // Too nested, or an alias that grows without end.
    throw refused(`it is not valid YAML${line === undefined ? '' : ` (line ${line})`}`);
  }
  const parsed = v.safeParse(fileSchema, Array.isArray(document) ? 'a list' : document);
  if (!parsed.success) throw refused(`${v.getDotPath(parsed.issues[0]) ?? 'the document'} is not as a kubeconfig has it`);
  for (const list of ['clusters', 'contexts', 'users'] as const) {
    const names = (parsed.output?.[list] ?? []).map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw refused(`it has two ${list} named "${twice}"`);
  }
  return parsed.output;
};

/** In the order of the paths; a file that is not there is left out unless it must exist. */
const readFiles = async (paths: readonly string[], mustExist: boolean, signal: AbortSignal): Promise<readonly { readonly path: string; readonly content: string }[]> => {
  const read = await Promise.all(
    paths.map(async (path) => {
      try {
        return [{ path, content: await readText(path, `error loading config file "${path}"`, signal) }];
      } catch (error) {
        const { cause } = error as Error;
        const isMissing = cause instanceof UnreadableFile && (cause.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
        if (isMissing && !mustExist) return [];
        throw isMissing ? new ClusterAccessError(`stat ${path}: no such file or directory`, { cause: error }) : error;
      }
    }),
  );
  return read.flat();
};

const mergeFiles = (files: readonly { readonly path: string; readonly content: string }[]): Merged => {
  const merged: Merged = { currentContext: null, clusters: new Map(), contexts: new Map(), users: new Map() };
  for (const { path, content } of files) {
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
  const fromHere = (path: string): string => resolve(workingDirectory, path);
  if (kubeconfig) return { paths: [fromHere(kubeconfig)], mustExist: true };
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return { paths: [...new Set(listed.map(fromHere))], mustExist: false };
  const home = env['HOME'] ?? env['USERPROFILE'];
  return { paths: home ? [join(home, '.kube', 'config')] : [], mustExist: false };
};

const checked = <T extends v.GenericSchema>(schema: T, entry: Entry, what: string): v.InferOutput<T> => {
  const parsed = v.safeParse(schema, entry.value ?? {});
  if (parsed.success) return parsed.output;
  throw new ClusterAccessError(`invalid configuration: ${what}: ${v.getDotPath(parsed.issues[0]) ?? 'the entry'} is not as a kubeconfig has it`);
};

const absolute = (path: string, directory: string): string => (isAbsolute(path) ? path : join(directory, path));

type Credential = 'certificate-authority' | 'client-certificate' | 'client-key';

/** Text of a `…-data` field, or of the file named instead (client-go tools/clientcmd/validation.go). */
const dataOrFile = async (
  entry: { readonly [Name in Credential | `${Credential}-data`]?: string | null | undefined },
  name: Credential,
  { directory }: Entry,
  owner: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const data = entry[`${name}-data`];
  const file = entry[name];
  if (data && file) throw new ClusterAccessError(`invalid configuration: ${name}-data and ${name} are both specified for ${owner}; only one may be`);
  if (data) {
    const compact = data.replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) throw new ClusterAccessError(`invalid configuration: ${name}-data of ${owner} is not base64`);
    return Buffer.from(compact, 'base64').toString('utf8');
  }
  if (!file) return null;
  const path = absolute(file, directory);
  return readText(path, `unable to read ${name} ${path}`, signal);
};

const execPlugin = (raw: v.InferOutput<typeof execSchema>, cluster: v.InferOutput<typeof clusterSchema>, directory: string): ExecPlugin => {
  if (raw.command === '') throw new ClusterAccessError('invalid configuration: the exec plugin of the user names no command');
  // v1 has no default; v1beta1 has IfAvailable (client-go tools/clientcmd/validation.go).
  if (!raw.interactiveMode && raw.apiVersion === 'client.authentication.k8s.io/v1') {
    throw new ClusterAccessError('invalid configuration: the exec plugin of the user must specify interactiveMode (Never, IfAvailable or Always)');
  }
  return {
    apiVersion: raw.apiVersion,
    command: raw.command.includes('/') ? absolute(raw.command, directory) : raw.command,
    args: raw.args ?? [],
    env: Object.fromEntries((raw.env ?? []).map(({ name, value }) => [name, value])),
    installHint: raw.installHint ?? null,
    provideClusterInfo: raw.provideClusterInfo ?? false,
    interactiveMode: raw.interactiveMode ?? null,
    config: cluster.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension,
  };
};

const IN_CLUSTER = '/var/run/secrets/kubernetes.io/serviceaccount';

const inCluster = async ({ env }: ConnectionEnvironment, flags: ConnectionFlags, signal: AbortSignal): Promise<Connection | null> => {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port || flags.as) return null;
  let authority: string;
  try {
    authority = await readText(`${IN_CLUSTER}/ca.crt`, 'ca.crt', signal);
    await readText(`${IN_CLUSTER}/token`, 'token', signal);
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

/** As client-go completes it: without a scheme it is http. */
const serverUrl = (server: string): string => {
  if (/^https?:\/\//i.test(server)) return server;
  if (/^\w+:\/\//.test(server)) throw new ClusterAccessError('invalid configuration: the server of the cluster is neither an http:// nor an https:// URL');
  return `http://${server}`;
};

/** The entries of the chosen context; whatever else stands in the files does not matter. */
const chosenEntries = (merged: Merged, contextName: string) => {
  const contextEntry = merged.contexts.get(contextName);
  if (!contextEntry) throw new ClusterAccessError(`context was not found for specified context: ${contextName}`);
  const context = checked(contextSchema, contextEntry, `context "${contextName}"`);
  const clusterName = `cluster "${context.cluster ?? ''}"`;
  const clusterEntry = merged.clusters.get(context.cluster ?? '');
  if (!clusterEntry) throw new ClusterAccessError(`no server found for ${clusterName}`);
  const cluster = checked(clusterSchema, clusterEntry, clusterName);
  if (!cluster.server) throw new ClusterAccessError(`invalid configuration: no server found for ${clusterName}`);
  const userName = `user "${context.user ?? ''}"`;
  const userEntry = merged.users.get(context.user ?? '') ?? { value: {}, directory: '.' };
  return { cluster: { ...cluster, server: cluster.server }, clusterEntry, clusterName, user: checked(userSchema, userEntry, userName), userEntry, userName };
};

const impersonation = (flags: ConnectionFlags, user: v.InferOutput<typeof userSchema>): Connection['impersonate'] => {
  if (flags.as) return { user: flags.as, groups: flags.asGroup ?? [], uid: null, extra: {} };
  if (flags.asGroup !== undefined && flags.asGroup.length > 0 && !user.as) {
    throw new ClusterAccessError('requesting uid, groups or user-extra for u without impersonating a user');
  }
  return user.as ? { user: user.as, groups: flags.asGroup ?? user['as-groups'] ?? [], uid: user['as-uid'] ?? null, extra: user['as-user-extra'] ?? {} } : null;
};

/**
 * The connection that kubectl would use with the same flags and environment.
 * @throws ClusterAccessError in one line that holds no part of a credential
 */
export const loadConnection = async (flags: ConnectionFlags, environment: ConnectionEnvironment, signal: AbortSignal): Promise<Connection> => {
  const { paths, mustExist } = filesOf(flags, environment);
  const merged = mergeFiles(await readFiles(paths, mustExist, signal));
  const contextName = flags.context || merged.currentContext;
  if (contextName === null) {
    const pod = merged.clusters.size === 0 ? await inCluster(environment, flags, signal) : null;
    if (pod) return pod;
    throw new ClusterAccessError(
      merged.contexts.size === 0
        ? `no kubeconfig found (looked at ${paths.join(', ') || 'no file: neither --kubeconfig, KUBECONFIG nor HOME is set'}); name one with --kubeconfig`
        : 'the kubeconfig sets no current-context; choose one with --context',
    );
  }
  const { cluster, clusterEntry, clusterName, user, userEntry, userName } = chosenEntries(merged, contextName);
  if (user['auth-provider']) {
    throw new ClusterAccessError(`the ${user['auth-provider'].name ?? ''} auth provider is not supported: use an exec credential plugin (kubelogin and the like) instead`);
  }
  const insecure = cluster['insecure-skip-tls-verify'] ?? false;
  const authority = await dataOrFile(cluster, 'certificate-authority', clusterEntry, clusterName, signal);
  if (insecure && authority !== null) throw new ClusterAccessError('specifying a root certificates file with the insecure flag is not allowed');
  const certificate = await dataOrFile(user, 'client-certificate', userEntry, userName, signal);
  const key = await dataOrFile(user, 'client-key', userEntry, userName, signal);
  if ((certificate === null) !== (key === null)) {
    throw new ClusterAccessError(`invalid configuration: ${certificate === null ? 'client-certificate' : 'client-key'} must be specified for ${userName} as well`);
  }
  const bearer = user.tokenFile ? { file: absolute(user.tokenFile, userEntry.directory) } : user.token ? { token: user.token } : null;
  const basic = user.username ? { username: user.username, password: user.password ?? '' } : null;
  if (basic && bearer) throw new ClusterAccessError('more than one authentication method found for the user; found [token basicAuth], only one is allowed');
  return {
    context: contextName,
    server: serverUrl(cluster.server),
    tls: { serverName: cluster['tls-server-name'] || null, insecure, authority },
    proxyUrl: cluster['proxy-url'] || null,
    clientCertificate: certificate !== null && key !== null ? { certificate, key } : null,
    bearer,
    basic,
    // A token, basic authentication or a client certificate suppresses the plugin, as in client-go.
    exec: user.exec && !bearer && !basic && certificate === null ? execPlugin(user.exec, cluster, userEntry.directory) : null,
    impersonate: impersonation(flags, user),
  };
};
