import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../lab/control-plane.ts';
import { serverLog } from '../lab/extension-api-servers.ts';
import type { Situation } from '../lab/situation.ts';
import { until } from '../lab/until.ts';
import { runInShell } from './remedies.ts';
import { runTool } from './run-tool.ts';

/** Words that a server wrote in this run, and what explain makes of them. */
export interface Explained {
  /** Where the words are from: a situation, or what kubectl was told to apply. */
  readonly from: string;
  /** What they tell of. */
  readonly code: string;
  readonly words: string;
  /** Of the first finding. */
  readonly explainedAs: string | undefined;
}

interface ExplanationReport {
  readonly findings: readonly { readonly code: string }[];
}

const apiService = (spec: object, apiVersion = 'apiregistration.k8s.io/v1'): object => ({
  apiVersion,
  kind: 'APIService',
  metadata: { name: 'v1.refused.example.com' },
  spec: {
    group: 'refused.example.com',
    version: 'v1',
    service: { namespace: 'default', name: 'refused' },
    groupPriorityMinimum: 1000,
    versionPriority: 15,
    ...spec,
  },
});

/** By the code of which the API server's words tell. */
const manifests: Readonly<Record<string, object>> = {
  AA107: apiService({ version: 'v2' }),
  AA108: apiService({ groupPriorityMinimum: 20_001 }),
  AA109: apiService({ insecureSkipTLSVerify: true, caBundle: Buffer.from('any').toString('base64') }),
  AA110: apiService({}, 'apiregistration.k8s.io/v1beta1'),
  AA805: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'refused', namespace: 'default', labels: { webhook: 'refused' } },
  },
};

const webhook = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'refused' },
  webhooks: [
    {
      name: 'refused.example.com',
      clientConfig: { service: { namespace: 'default', name: 'nobody-answers' } },
      objectSelector: { matchLabels: { webhook: 'refused' } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
};

const explain = async (controlPlane: ControlPlane, from: string, code: string, words: string): Promise<Explained> => {
  const path = join(controlPlane.network.folder, `words-${from}-${code}`);
  writeFileSync(path, words);
  const { document } = await runTool<ExplanationReport>(
    controlPlane,
    ['explain', '-f', path],
    controlPlane.kubeconfigPath,
  );
  return { from, code, words, explainedAs: document.findings[0]?.code };
};

/**
 * Has kubectl apply each manifest, and gives what it says to explain.
 * @throws Error where one is taken
 */
export const explainRefused = async (controlPlane: ControlPlane): Promise<readonly Explained[]> => {
  await controlPlane.api.create(webhook);
  const refused: Explained[] = [];
  for (const [code, manifest] of Object.entries(manifests)) {
    const path = join(controlPlane.network.folder, `refused-${code}.json`);
    writeFileSync(path, JSON.stringify(manifest));
    const { exitStatus, stderr } = await runInShell(controlPlane, `kubectl apply -f ${path}`);
    if (exitStatus === 0) throw new Error(`kube-apiserver took the manifest of ${code}`);
    refused.push(await explain(controlPlane, 'refused manifest', code, stderr));
  }
  return refused;
};

/** Gives what the servers of these situations wrote to explain. */
export const explainSituations = async (
  controlPlane: ControlPlane,
  situations: readonly Situation[],
): Promise<readonly Explained[]> => {
  const explained: Explained[] = [];
  for (const situation of situations) {
    for (const { code, path, log, line = '' } of situation.expect.explained ?? []) {
      if (log !== undefined)
        await until(`"${line}" of ${log}`, 60_000, async () =>
          serverLog(controlPlane, situation, log).includes(line) ? undefined : 'not written yet',
        );
      const words =
        log === undefined
          ? (await controlPlane.api.ask('GET', path ?? '')).body
          : serverLog(controlPlane, situation, log);
      explained.push(await explain(controlPlane, situation.name, code, words));
    }
  }
  return explained;
};
