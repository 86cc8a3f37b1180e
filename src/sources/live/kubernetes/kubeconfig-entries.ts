import { isAbsolute, join } from 'node:path';

import * as v from 'valibot';

import { ClusterAccessError } from '../cluster-access-error.ts';
import type { ConnectionEnvironment, ConnectionFlags } from './kubeconfig.ts';
import { type Entry, type MergedKubeconfig, text, word } from './kubeconfig-files.ts';

// Which entries count and what flags change of them follows client-go tools/clientcmd/client_config.go (getContext, getCluster,
// getAuthInfo).

const flag = v.nullish(v.boolean());
const clusterSchema = v.object({
  server: text,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': flag,
  'tls-server-name': text,
  'proxy-url': text,
  'disable-compression': flag,
  extensions: v.nullish(v.array(v.object({ name: word, extension: v.optional(v.unknown()) }))),
});

const execSchema = v.object({
  apiVersion: text,
  command: text,
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

export type Cluster = v.InferOutput<typeof clusterSchema>;
export type ClusterUser = v.InferOutput<typeof userSchema>;
export type Exec = v.InferOutput<typeof execSchema>;

const checked = <T extends v.GenericSchema>(schema: T, value: unknown, what: string): v.InferOutput<T> => {
  const parsed = v.safeParse(schema, value ?? {});
  if (parsed.success) return parsed.output;
  throw new ClusterAccessError(
    `invalid configuration: ${what}: ${v.getDotPath(parsed.issues[0]) ?? 'the entry'} is not as a kubeconfig has it`,
  );
};

/** Paths of a file are meant from where the file is. */
const located = <T extends Readonly<Record<string, unknown>>>(
  entry: T,
  directory: string,
  fields: readonly string[],
): T => ({
  ...entry,
  ...Object.fromEntries(
    fields.flatMap((field) => {
      const path = entry[field];
      return typeof path === 'string' && path !== '' ? [[field, isAbsolute(path) ? path : join(directory, path)]] : [];
    }),
  ),
});

const clusterFiles = ['certificate-authority'];
const userFiles = ['client-certificate', 'client-key', 'tokenFile'];

/** A flag that is set to nothing is not set. */
const given = (value: string | undefined): string | null => value || null;

const overCluster = (cluster: Cluster, flags: ConnectionFlags): Cluster => {
  const server = given(flags.server);
  const authority = given(flags['certificate-authority']);
  const insecure = flags['insecure-skip-tls-verify'] ?? false;
  return {
    ...cluster,
    ...(server === null ? {} : { server }),
    // Another server has another name.
    ...(server === null && !flags['tls-server-name'] ? {} : { 'tls-server-name': given(flags['tls-server-name']) }),
    ...(authority === null && !insecure
      ? {}
      : {
          'certificate-authority': authority,
          'certificate-authority-data': null,
          'insecure-skip-tls-verify': insecure,
        }),
    // Like all flags that are merged, it can only be switched on.
    'disable-compression': (cluster['disable-compression'] ?? false) || (flags['disable-compression'] ?? false),
  };
};

/** `KEY=VALUE`; kubectl ignores what has no equals sign. */
const userExtra = (pairs: readonly string[]): Readonly<Record<string, string[]>> => {
  const extra: Record<string, string[]> = {};
  for (const pair of pairs) {
    const [, key, value] = /^([^=]*)=([\s\S]*)$/.exec(pair) ?? [];
    if (key !== undefined && value !== undefined) (extra[key] ??= []).push(value);
  }
  return extra;
};

const overUser = (user: ClusterUser, flags: ConnectionFlags): ClusterUser => {
  const certificate = given(flags['client-certificate']);
  const key = given(flags['client-key']);
  const groups = flags['as-group'] ?? [];
  return {
    ...user,
    ...(certificate === null ? {} : { 'client-certificate': certificate, 'client-certificate-data': null }),
    ...(key === null ? {} : { 'client-key': key, 'client-key-data': null }),
    ...(flags.token ? { token: flags.token, tokenFile: null } : {}),
    username: given(flags.username) ?? user.username,
    password: given(flags.password) ?? user.password,
    as: given(flags.as) ?? user.as,
    'as-uid': given(flags['as-uid']) ?? user['as-uid'],
    'as-groups': groups.length > 0 ? [...groups] : user['as-groups'],
    'as-user-extra': { ...user['as-user-extra'], ...userExtra(flags['as-user-extra'] ?? []) },
  };
};

/** What the flags and the chosen context lead to; whatever else stands in the files does not matter. */
export interface Chosen {
  /** Null where none is. */
  readonly contextName: string | null;
  /** How errors call them: `cluster "prod"`. */
  readonly clusterTitle: string;
  readonly userTitle: string;
  /** Without a server where there is none. */
  readonly cluster: Cluster;
  readonly user: ClusterUser;
  /** Where a plugin's relative path is meant from. */
  readonly userDirectory: string;
}

/**
 * The chosen entries, with the flags over them.
 * @throws ClusterAccessError
 */
export const chosenEntries = (
  merged: MergedKubeconfig,
  flags: ConnectionFlags,
  { workingDirectory }: ConnectionEnvironment,
): Chosen => {
  const entry = (
    entries: ReadonlyMap<string, Entry>,
    byFlag: string | undefined,
    name: string | null | undefined,
    what: string,
  ): Entry & { readonly name: string } => {
    const wanted = byFlag || name || '';
    const found = entries.get(wanted);
    if (!found && byFlag) throw new ClusterAccessError(`${what} "${byFlag}" does not exist`);
    return { value: {}, directory: workingDirectory, ...found, name: wanted };
  };
  const contextName = flags.context || merged.currentContext;
  if (contextName !== null && !flags.context && !merged.contexts.has(contextName))
    throw new ClusterAccessError(`context was not found for specified context: ${contextName}`);
  const contextEntry = entry(merged.contexts, flags.context, contextName, 'context');
  const context = checked(contextSchema, contextEntry.value, `context "${contextEntry.name}"`);
  const cluster = entry(merged.clusters, flags.cluster, context.cluster, 'cluster');
  const user = entry(merged.users, flags.user, context.user, 'auth info');
  const clusterTitle = `cluster "${cluster.name}"`;
  const userTitle = `user "${user.name}"`;
  const ofFlags = (files: readonly string[]): ConnectionFlags => located({ ...flags }, workingDirectory, files);
  return {
    contextName,
    clusterTitle,
    userTitle,
    cluster: overCluster(
      located(checked(clusterSchema, cluster.value, clusterTitle), cluster.directory, clusterFiles),
      ofFlags(clusterFiles),
    ),
    user: overUser(located(checked(userSchema, user.value, userTitle), user.directory, userFiles), ofFlags(userFiles)),
    userDirectory: user.directory,
  };
};
