import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../lab/control-plane.ts';
import { runInShell } from './remedies.ts';
import { runTool } from './run-tool.ts';

/** What came of a manifest that a kube-apiserver does not take, and what explain makes of its words. */
export interface Refused {
  readonly code: string;
  readonly exitStatus: number | null;
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

/** Has kubectl apply each manifest, and gives what it says to explain. */
export const explainRefused = async (controlPlane: ControlPlane): Promise<readonly Refused[]> => {
  await controlPlane.api.create(webhook);
  const refused: Refused[] = [];
  for (const [code, manifest] of Object.entries(manifests)) {
    const path = join(controlPlane.network.folder, `refused-${code}.json`);
    writeFileSync(path, JSON.stringify(manifest));
    const { exitStatus, stderr } = await runInShell(controlPlane, `kubectl apply -f ${path}`);
    const { document } = await runTool<ExplanationReport>(
      controlPlane,
      ['explain', stderr],
      controlPlane.kubeconfigPath,
    );
    refused.push({ code, exitStatus, words: stderr, explainedAs: document.findings[0]?.code });
  }
  return refused;
};
