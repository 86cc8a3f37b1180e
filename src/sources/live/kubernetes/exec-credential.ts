import { spawn } from 'node:child_process';

import * as v from 'valibot';

import { ClusterAccessError } from '../cluster-access-error.ts';
import type { Connection, ExecPlugin } from './kubeconfig.ts';

export interface ExecCredential {
  readonly token: string | null;
  readonly clientCertificate: { readonly certificate: string; readonly key: string } | null;
}

const supportedVersions: readonly string[] = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

const answerSchema = v.object({
  apiVersion: v.string(),
  kind: v.literal('ExecCredential'),
  status: v.object({ token: v.nullish(v.string()), clientCertificateData: v.nullish(v.string()), clientKeyData: v.nullish(v.string()) }),
});

const execInfo = ({ apiVersion, provideClusterInfo }: ExecPlugin, { server, tls, proxyUrl }: Connection): string =>
  JSON.stringify({
    apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(provideClusterInfo
        ? {
            cluster: {
              server,
              ...(tls.serverName ? { 'tls-server-name': tls.serverName } : {}),
              ...(tls.insecure ? { 'insecure-skip-tls-verify': true } : {}),
              ...(tls.authority ? { 'certificate-authority-data': Buffer.from(tls.authority).toString('base64') } : {}),
              ...(proxyUrl ? { 'proxy-url': proxyUrl } : {}),
            },
          }
        : {}),
    },
  });

/**
 * Runs a credential plugin (client-go plugin/pkg/client/auth/exec/exec.go); its standard error is passed to `onStderr`.
 * @throws ClusterAccessError where it cannot be run or its answer is no credential
 */
export const runExecPlugin = async (
  plugin: ExecPlugin,
  connection: Connection,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  onStderr: (text: string) => void,
): Promise<ExecCredential> => {
  if (!supportedVersions.includes(plugin.apiVersion)) throw new ClusterAccessError(`exec plugin: invalid apiVersion "${plugin.apiVersion}"`);
  if (plugin.interactiveMode === 'Always') {
    throw new ClusterAccessError('getting credentials: exec plugin cannot support interactive mode: standard input is not a terminal');
  }
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      env: { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin, connection) },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => onStderr(chunk.toString('utf8')));
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.name === 'AbortError') reject(new ClusterAccessError(`getting credentials: exec: ${plugin.command} did not answer in time`));
      else {
        const missing = error.code === 'ENOENT';
        reject(
          new ClusterAccessError(`getting credentials: exec: executable ${plugin.command} ${missing ? 'not found' : `could not be run (${error.code ?? error.name})`}`, {
            cause: error,
            hint: missing ? plugin.installHint : null,
          }),
        );
      }
    });
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new ClusterAccessError(`getting credentials: exec: executable ${plugin.command} failed with exit code ${code ?? 'none'}`));
    });
  });
  // What the plugin printed may be a credential: errors do not repeat it.
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    throw new ClusterAccessError(`getting credentials: exec plugin ${plugin.command} did not answer with JSON`);
  }
  const parsed = v.safeParse(answerSchema, answer);
  if (!parsed.success || parsed.output.apiVersion !== plugin.apiVersion) {
    throw new ClusterAccessError(`getting credentials: exec plugin ${plugin.command} did not answer with an ExecCredential of ${plugin.apiVersion}`);
  }
  const { token, clientCertificateData, clientKeyData } = parsed.output.status;
  if (!token && !(clientCertificateData && clientKeyData)) {
    throw new ClusterAccessError('getting credentials: exec plugin didn\'t return a token or cert/key pair');
  }
  return { token: token ?? null, clientCertificate: clientCertificateData && clientKeyData ? { certificate: clientCertificateData, key: clientKeyData } : null };
};
