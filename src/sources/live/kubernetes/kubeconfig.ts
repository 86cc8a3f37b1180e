import { isAbsolute, join } from 'node:path';

import { parseCaBundle } from '../../../x509/ca-bundle.ts';
import { ClusterAccessError } from '../cluster-access-error.ts';
import { inCluster } from './in-cluster.ts';
import { type Chosen, chosenEntries, type Cluster, type ClusterUser, type Exec } from './kubeconfig-entries.ts';
import { readKubeconfigs, readText } from './kubeconfig-files.ts';
import { clusterProxy } from './proxy.ts';

// What a connection is made of follows client-go tools/clientcmd (client_config.go, validation.go).

/** kubectl's flags, by their own names; one that is empty is not given. */
export interface ConnectionFlags {
  readonly as?: string | undefined;
  readonly 'as-group'?: readonly string[] | undefined;
  readonly 'as-uid'?: string | undefined;
  /** `KEY=VALUE` */
  readonly 'as-user-extra'?: readonly string[] | undefined;
  readonly 'cache-dir'?: string | undefined;
  readonly 'certificate-authority'?: string | undefined;
  readonly 'client-certificate'?: string | undefined;
  readonly 'client-key'?: string | undefined;
  readonly cluster?: string | undefined;
  readonly context?: string | undefined;
  readonly 'disable-compression'?: boolean | undefined;
  readonly 'insecure-skip-tls-verify'?: boolean | undefined;
  readonly kubeconfig?: string | undefined;
  readonly 'match-server-version'?: boolean | undefined;
  readonly password?: string | undefined;
  readonly server?: string | undefined;
  readonly 'tls-server-name'?: string | undefined;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly username?: string | undefined;
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
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  /** The cluster's extension for exec plugins; undefined where it has none. */
  readonly config: unknown;
}

export interface Connection {
  /** Name of the context in use, or null where none is. */
  readonly context: string | null;
  readonly server: string;
  readonly tls: { readonly serverName: string | null; readonly insecure: boolean; readonly authority: string | null };
  readonly proxyUrl: string | null;
  readonly disableCompression: boolean;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null;
  /** The file counts while it can be read. */
  readonly bearer: { readonly token?: string; readonly file?: string } | null;
  readonly basic: { readonly username: string; readonly password: string } | null;
  readonly exec: ExecPlugin | null;
  readonly impersonate: {
    readonly user: string;
    readonly groups: readonly string[];
    readonly uid: string | null;
    readonly extra: Readonly<Record<string, readonly string[]>>;
  } | null;
}

const invalid = (message: string): ClusterAccessError => new ClusterAccessError(`invalid configuration: ${message}`);

/** Text of a `…-data` field, or of the file named instead; `called` is what client-go calls it in errors. */
const dataOrFile = async (
  [data, file]: readonly [string | null | undefined, string | null | undefined],
  called: string,
  owner: string,
  signal: AbortSignal,
): Promise<string | null> => {
  if (data && file) throw invalid(`${called}-data and ${called} are both specified for ${owner}; only one may be`);
  if (data) {
    const compact = data.replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) throw invalid(`${called}-data of ${owner} is not base64`);
    return Buffer.from(compact, 'base64').toString('utf8');
  }
  return file ? readText(file, `unable to read ${called} ${file} for ${owner}`, signal) : null;
};

const modes = ['Never', 'IfAvailable', 'Always'] as const;

const execPlugin = (exec: Exec, { extensions }: Cluster, { userTitle, userDirectory }: Chosen): ExecPlugin => {
  const { command, apiVersion, interactiveMode } = exec;
  const specified = (what: string): ClusterAccessError =>
    invalid(`${what} must be specified for ${userTitle} to use exec authentication plugin`);
  if (!command) throw specified('command');
  if (!apiVersion) throw specified('apiVersion');
  if (exec.env?.some(({ name }) => name === '')) throw specified('env variable name');
  // v1 has no default; v1beta1 has IfAvailable.
  if (!interactiveMode && apiVersion === 'client.authentication.k8s.io/v1') throw specified('interactiveMode');
  const mode = interactiveMode ? modes.find((known) => known === interactiveMode) : 'IfAvailable';
  if (mode === undefined) throw invalid(`invalid interactiveMode for ${userTitle}: "${interactiveMode ?? ''}"`);
  return {
    apiVersion,
    command: command.includes('/') && !isAbsolute(command) ? join(userDirectory, command) : command,
    args: exec.args ?? [],
    env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    installHint: exec.installHint ?? null,
    provideClusterInfo: exec.provideClusterInfo ?? false,
    interactiveMode: mode,
    config: extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension,
  };
};

/** As client-go completes it: without a scheme it is http. */
const serverUrl = (server: string): string => {
  const url = /^\w+:\/\//.test(server) ? server : `http://${server}`;
  // Not repeated: it may hold a password.
  if (!URL.canParse(url))
    throw invalid('the server of the cluster is not a URL: host must be a URL or a host:port pair');
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw invalid(`the server of the cluster is neither an http:// nor an https:// URL but ${protocol}//`);
  return url;
};

const removedProviders: Readonly<Record<string, string>> = {
  gcp: 'the gcp auth plugin has been removed: use the "gke-gcloud-auth-plugin" exec credential plugin instead (https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke)',
  azure:
    'the azure auth plugin has been removed: use the exec credential plugin of https://github.com/Azure/kubelogin instead',
  oidc: 'the oidc auth provider is not supported: use an exec credential plugin (https://github.com/int128/kubelogin and the like) instead',
};

const refuseAuthProvider = (name: string): never => {
  throw new ClusterAccessError(
    Object.hasOwn(removedProviders, name)
      ? (removedProviders[name] ?? '')
      : `no Auth Provider found for name "${name}": use an exec credential plugin instead`,
  );
};

const impersonation = (user: ClusterUser, userTitle: string): Connection['impersonate'] => {
  const groups = user['as-groups'] ?? [];
  const uid = user['as-uid'] || null;
  const extra = user['as-user-extra'] ?? {};
  if (user.as) return { user: user.as, groups, uid, extra };
  if (groups.length > 0 || uid !== null || Object.keys(extra).length > 0)
    throw new ClusterAccessError(`requesting uid, groups or user-extra for ${userTitle} without impersonating a user`);
  return null;
};

/** Where kubectl would try http://localhost:8080, there is nothing to diagnose. */
const nothingChosen = ({ contextName, clusterTitle }: Chosen, paths: readonly string[], isEmpty: boolean): never => {
  throw new ClusterAccessError(
    contextName !== null
      ? `invalid configuration: no server found for ${clusterTitle}`
      : isEmpty
        ? `no kubeconfig found (looked at ${paths.join(', ') || 'no file: neither --kubeconfig, KUBECONFIG nor HOME is set'}); name one with --kubeconfig`
        : 'the kubeconfig sets no current-context; choose one with --context',
  );
};

/** Who asks, by the user entry; over http nobody is asked for. */
const credentialsOf = async (
  chosen: Chosen,
  signal: AbortSignal,
): Promise<Pick<Connection, 'clientCertificate' | 'bearer' | 'basic' | 'exec'>> => {
  const { user, userTitle, cluster } = chosen;
  if (user.exec && user['auth-provider'])
    throw invalid(`authProvider cannot be provided in combination with an exec plugin for ${userTitle}`);
  const exec = user.exec ? execPlugin(user.exec, cluster, chosen) : null;
  const certificate = await dataOrFile(
    [user['client-certificate-data'], user['client-certificate']],
    'client-cert',
    userTitle,
    signal,
  );
  const key = await dataOrFile([user['client-key-data'], user['client-key']], 'client-key', userTitle, signal);
  if (certificate !== null && key === null)
    throw invalid(
      `client-key-data or client-key must be specified for ${userTitle} to use the clientCert authentication method`,
    );
  const bearer =
    user.token || user.tokenFile
      ? { ...(user.token ? { token: user.token } : {}), ...(user.tokenFile ? { file: user.tokenFile } : {}) }
      : null;
  const basic = user.username ? { username: user.username, password: user.password ?? '' } : null;
  if (basic && bearer)
    throw invalid(
      user.token
        ? `more than one authentication method found for ${userTitle}; found [token basicAuth], only one is allowed`
        : `username/password or bearer token may be set for ${userTitle}, but not both`,
    );
  return {
    // A key alone is no credential.
    clientCertificate: certificate !== null && key !== null ? { certificate, key } : null,
    bearer,
    basic,
    // A token, basic authentication or a client certificate suppresses the plugin.
    exec: bearer || basic || certificate !== null ? null : exec,
  };
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
  const chosen = chosenEntries(merged, flags, environment);
  const { cluster, clusterTitle, user, userTitle } = chosen;
  const server = cluster.server || environment.env['KUBERNETES_MASTER'];
  if (!server) {
    const pod = await inCluster(environment, flags, cluster['certificate-authority'], signal);
    return pod ?? nothingChosen(chosen, paths, merged.contexts.size === 0);
  }
  const impersonate = impersonation(user, userTitle);
  const url = serverUrl(server);
  const isSecure = /^https:/i.test(url);
  const insecure = cluster['insecure-skip-tls-verify'] ?? false;
  const authority = await dataOrFile(
    [cluster['certificate-authority-data'], cluster['certificate-authority']],
    'certificate-authority',
    clusterTitle,
    signal,
  );
  const credentials = await credentialsOf(chosen, signal);
  if (isSecure) {
    if (user['auth-provider']) refuseAuthProvider(user['auth-provider'].name ?? '');
    if (insecure && authority !== null)
      throw new ClusterAccessError('specifying a root certificates file with the insecure flag is not allowed');
    const unusable = authority === null ? null : parseCaBundle(Buffer.from(authority).toString('latin1')).error;
    if (unusable !== null) throw invalid(`the certificate authority of ${clusterTitle}: ${unusable}`);
  }
  return {
    context: chosen.contextName,
    server: url,
    tls: { serverName: cluster['tls-server-name'] || null, insecure, authority },
    proxyUrl: clusterProxy(cluster['proxy-url'], clusterTitle),
    disableCompression: cluster['disable-compression'] ?? false,
    ...credentials,
    impersonate,
  };
};
