import { isAbsolute, join } from 'node:path';

import * as v from 'valibot';

import { parseCaBundle } from '../../../x509/index.ts';
import { ClusterAccessError } from '../cluster-access-error.ts';
import { type Entry, type MergedKubeconfig, readKubeconfigs, readText, text, word } from './kubeconfig-files.ts';

// What a connection is made of follows client-go tools/clientcmd (client_config.go, validation.go).

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
  readonly impersonate: {
    readonly user: string;
    readonly groups: readonly string[];
    readonly uid: string | null;
    readonly extra: Readonly<Record<string, readonly string[]>>;
  } | null;
}

const flag = v.nullish(v.boolean());
const clusterSchema = v.object({
  server: text,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': flag,
  'tls-server-name': text,
  'proxy-url': text,
  extensions: v.nullish(v.array(v.object({ name: word, extension: v.optional(v.unknown()) }))),
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

const checked = <T extends v.GenericSchema>(schema: T, entry: Entry, what: string): v.InferOutput<T> => {
  const parsed = v.safeParse(schema, entry.value ?? {});
  if (parsed.success) return parsed.output;
  throw new ClusterAccessError(
    `invalid configuration: ${what}: ${v.getDotPath(parsed.issues[0]) ?? 'the entry'} is not as a kubeconfig has it`,
  );
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
  if (data && file)
    throw new ClusterAccessError(
      `invalid configuration: ${name}-data and ${name} are both specified for ${owner}; only one may be`,
    );
  if (data) {
    const compact = data.replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact))
      throw new ClusterAccessError(`invalid configuration: ${name}-data of ${owner} is not base64`);
    return Buffer.from(compact, 'base64').toString('utf8');
  }
  if (!file) return null;
  const path = absolute(file, directory);
  return readText(path, `unable to read ${name} ${path}`, signal);
};

const execPlugin = (
  raw: v.InferOutput<typeof execSchema>,
  cluster: v.InferOutput<typeof clusterSchema>,
  directory: string,
): ExecPlugin => {
  if (raw.command === '')
    throw new ClusterAccessError('invalid configuration: the exec plugin of the user names no command');
  // v1 has no default; v1beta1 has IfAvailable (client-go tools/clientcmd/validation.go).
  if (!raw.interactiveMode && raw.apiVersion === 'client.authentication.k8s.io/v1') {
    throw new ClusterAccessError(
      'invalid configuration: the exec plugin of the user must specify interactiveMode (Never, IfAvailable or Always)',
    );
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

const inCluster = async (
  { env }: ConnectionEnvironment,
  flags: ConnectionFlags,
  signal: AbortSignal,
): Promise<Connection | null> => {
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
  if (/^\w+:\/\//.test(server))
    throw new ClusterAccessError(
      'invalid configuration: the server of the cluster is neither an http:// nor an https:// URL',
    );
  return `http://${server}`;
};

/** The entries of the chosen context; whatever else stands in the files does not matter. */
const chosenEntries = (merged: MergedKubeconfig, contextName: string) => {
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
  return {
    cluster: { ...cluster, server: cluster.server },
    clusterEntry,
    clusterName,
    user: checked(userSchema, userEntry, userName),
    userEntry,
    userName,
  };
};

const impersonation = (flags: ConnectionFlags, user: v.InferOutput<typeof userSchema>): Connection['impersonate'] => {
  if (flags.as) return { user: flags.as, groups: flags.asGroup ?? [], uid: null, extra: {} };
  if (flags.asGroup !== undefined && flags.asGroup.length > 0 && !user.as) {
    throw new ClusterAccessError('requesting uid, groups or user-extra for u without impersonating a user');
  }
  return user.as
    ? {
        user: user.as,
        groups: flags.asGroup ?? user['as-groups'] ?? [],
        uid: user['as-uid'] ?? null,
        extra: user['as-user-extra'] ?? {},
      }
    : null;
};

/**
 * The connection that kubectl would use with the same flags and environment.
 * @throws ClusterAccessError in one line that holds no part of a credential
 */
export const loadConnection = async (
  flags: ConnectionFlags,
  environment: ConnectionEnvironment,
  signal: AbortSignal,
): Promise<Connection> => {
  const { paths, merged } = await readKubeconfigs(flags, environment, signal);
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
    throw new ClusterAccessError(
      `the ${user['auth-provider'].name ?? ''} auth provider is not supported: use an exec credential plugin (kubelogin and the like) instead`,
    );
  }
  const insecure = cluster['insecure-skip-tls-verify'] ?? false;
  const authority = await dataOrFile(cluster, 'certificate-authority', clusterEntry, clusterName, signal);
  if (insecure && authority !== null)
    throw new ClusterAccessError('specifying a root certificates file with the insecure flag is not allowed');
  const unusable = authority === null ? null : parseCaBundle(Buffer.from(authority).toString('latin1')).error;
  if (unusable !== null)
    throw new ClusterAccessError(`invalid configuration: the certificate authority of ${clusterName}: ${unusable}`);
  const certificate = await dataOrFile(user, 'client-certificate', userEntry, userName, signal);
  const key = await dataOrFile(user, 'client-key', userEntry, userName, signal);
  if ((certificate === null) !== (key === null)) {
    throw new ClusterAccessError(
      `invalid configuration: ${certificate === null ? 'client-certificate' : 'client-key'} must be specified for ${userName} as well`,
    );
  }
  const bearer = user.tokenFile
    ? { file: absolute(user.tokenFile, userEntry.directory) }
    : user.token
      ? { token: user.token }
      : null;
  const basic = user.username ? { username: user.username, password: user.password ?? '' } : null;
  if (basic && bearer)
    throw new ClusterAccessError(
      'more than one authentication method found for the user; found [token basicAuth], only one is allowed',
    );
  return {
    context: contextName,
    server: serverUrl(cluster.server),
    tls: { serverName: cluster['tls-server-name'] || null, insecure, authority },
    proxyUrl: cluster['proxy-url'] || null,
    clientCertificate: certificate !== null && key !== null ? { certificate, key } : null,
    bearer,
    basic,
    // A token, basic authentication or a client certificate suppresses the plugin, as in client-go.
    exec:
      user.exec && !bearer && !basic && certificate === null
        ? execPlugin(user.exec, cluster, userEntry.directory)
        : null,
    impersonate: impersonation(flags, user),
  };
};
