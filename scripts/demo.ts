// The main job without a cluster: a snapshot captured from the real lab, served over loopback HTTPS as its kube-apiserver
// would, and the tool asking it as it would ask any cluster.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { DoctorReport, StatusList } from '../src/model/report.ts';
import type { RawSnapshot } from '../src/snapshot/raw-snapshot.ts';
import { startKubeApiServer } from '../test/fakes/kube-apiserver.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const snapshot = JSON.parse(readFileSync(join(root, 'test/clusters/ten-backends.aa.json'), 'utf8')) as RawSnapshot;
const folder = mkdtempSync(join(tmpdir(), 'kubectl-aa-demo-'));
const kubeconfig = join(folder, 'kubeconfig');

/** Runs the tool as a user would; what it prints goes to the terminal, or is returned. */
const kubectlAa = (
  args: readonly string[],
  show: boolean,
): Promise<{ readonly status: number | null; readonly output: string }> =>
  new Promise((resolve, reject) => {
    if (show) process.stdout.write(`\n$ kubectl aa ${args.join(' ')}\n`);
    const { HOME: _home, ...env } = process.env;
    const child = spawn(process.execPath, [join(root, 'bin/kubectl-aa.js'), ...args], {
      env: { ...env, KUBECONFIG: kubeconfig },
      stdio: ['ignore', show ? 'inherit' : 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output: Buffer.concat(chunks).toString('utf8') }));
  });

const server = await startKubeApiServer(snapshot);
try {
  writeFileSync(kubeconfig, server.kubeconfigText(), { mode: 0o600 });
  process.stdout.write(
    `A stand-in of kube-apiserver listens at ${server.url}. It serves a snapshot of a real control plane with ten extension API servers.\n`,
  );
  const shown = [await kubectlAa(['status'], true), await kubectlAa(['doctor'], true)];
  const report = JSON.parse((await kubectlAa(['doctor', '-o', 'json'], false)).output) as DoctorReport;
  const list = JSON.parse((await kubectlAa(['status', '-o', 'json'], false)).output) as StatusList;
  const errorCodes = new Set(report.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code));
  const healthy = list.items
    .filter(({ service, verdict }) => service !== null && verdict === 'ok')
    .map(({ name }) => name);
  // Status 1 says that something is broken: here that is as intended.
  const asIntended = shown.every(({ status }) => status === 1) && errorCodes.size >= 6 && healthy.length > 0;
  process.stdout.write(
    `\n${errorCodes.size} different error codes; healthy: ${healthy.join(', ') || 'none'}; exit status of both: ${shown.map(({ status }) => status).join(', ')} (1 = something is broken).\n` +
      (asIntended
        ? '\nYour own cluster, read only and with the kubeconfig that kubectl uses:\n\n    node bin/kubectl-aa.js status\n    node bin/kubectl-aa.js doctor\n    node bin/kubectl-aa.js doctor --kubeconfig FILE --context NAME\n\n'
        : '\nThe demo did not run as intended.\n'),
  );
  process.exitCode = asIntended ? 0 : 1;
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
