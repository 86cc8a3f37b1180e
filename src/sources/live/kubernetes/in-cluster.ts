import { ClusterAccessError } from '../cluster-access-error.ts';
import type { Connection, ConnectionEnvironment, ConnectionFlags } from './kubeconfig.ts';
import { readText } from './kubeconfig-files.ts';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The connection of a Pod to its own cluster, or null outside of one (client-go rest/config.go, InClusterConfig;
 * tools/clientcmd/client_config.go, inClusterClientConfig). Impersonation leads elsewhere, as with kubectl.
 * @throws ClusterAccessError where --certificate-authority cannot be read
 */
export const inCluster = async (
  { env }: ConnectionEnvironment,
  flags: ConnectionFlags,
  authorityFile: string | null | undefined,
  signal: AbortSignal,
): Promise<Connection | null> => {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port || flags.as) return null;
  const own = async (name: string): Promise<string | null> => {
    try {
      return await readText(`${FOLDER}/${name}`, name, signal);
    } catch (error) {
      if (error instanceof ClusterAccessError) return null;
      throw error;
    }
  };
  if ((await own('token')) === null) return null;
  return {
    context: null,
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: {
      serverName: null,
      insecure: false,
      authority: authorityFile
        ? await readText(authorityFile, `unable to read certificate-authority ${authorityFile}`, signal)
        : await own('ca.crt'),
    },
    proxyUrl: null,
    disableCompression: false,
    clientCertificate: null,
    bearer: flags.token ? { token: flags.token } : { file: `${FOLDER}/token` },
    basic: null,
    exec: null,
    impersonate: null,
  };
};
