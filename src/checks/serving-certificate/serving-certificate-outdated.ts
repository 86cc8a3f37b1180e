import type { Pod, Workload } from '../../model/facts.ts';
import { timestamp } from '../../model/wording.ts';
import { type Certificate, parseCertificate } from '../../x509/index.ts';
import { defineCheck, type RemoteApiService } from '../define-check.ts';
import type { JudgedChain, MountedChain } from '../judged-chain.ts';
import { isPutBack } from '../remedy-for.ts';

/** The kubelet takes up to a minute or two until a changed Secret is in the volume, a server that reloads one more. */
const TIME_TO_LOAD_MS = 10 * 60_000;

const leafOf = ({ chain }: JudgedChain): Certificate | null => {
  const [der] = chain;
  const parsed = der && parseCertificate(der);
  return parsed?.ok ? parsed.certificate : null;
};

const dates = ({ sha256, notBefore, notAfter }: Certificate): string =>
  `SHA-256 ${sha256}, valid from ${timestamp(notBefore)} until ${timestamp(notAfter)}`;

interface Outdated {
  readonly endpoint: JudgedChain;
  readonly served: Certificate;
  readonly mounted: MountedChain;
  readonly newer: Certificate;
}

/** The Secret that an endpoint's Pod serves from, where it holds another and newer certificate for the same server. */
const outdated = (endpoint: JudgedChain, mounted: readonly MountedChain[]): Outdated | null => {
  const served = leafOf(endpoint);
  const own = mounted.filter(({ pods }) => endpoint.pod !== null && pods.includes(endpoint.pod));
  // Whoever serves what one of its Secrets holds has nothing to load.
  if (!served || own.some((each) => leafOf(each)?.sha256 === served.sha256)) return null;
  for (const each of own) {
    const newer = leafOf(each);
    if (newer && newer.notBefore > served.notBefore && (each.told || newer.subject === served.subject))
      return { endpoint, served, mounted: each, newer };
  }
  return null;
};

/**
 * What restarts the Pods: their workload; where that is of another kind, who owns them, since a Pod without owner would not
 * come back. A rollout changes the workload, which whoever keeps it may undo: then the Pods themselves are deleted.
 */
const restart = (
  { service: { namespace } }: RemoteApiService,
  names: readonly string[],
  pods: readonly Pod[],
  workloads: readonly Workload[],
): readonly string[] => [
  ...new Set(
    names.map((name) => {
      const made = pods.find((pod) => pod.name === name)?.workload;
      if (!made) return `kubectl -n ${namespace} get pod ${name} -o jsonpath='{.metadata.ownerReferences}'`;
      const workload = workloads.find((each) => each.kind === made.kind && each.name === made.name);
      return workload && isPutBack(workload)
        ? `kubectl -n ${namespace} delete pod ${name}`
        : `kubectl -n ${namespace} rollout restart ${made.kind.toLowerCase()}/${made.name}`;
    }),
  ),
];

export default defineCheck({
  code: 'AA310',
  title: 'The Secret holds a newer certificate than the one that is served',
  source:
    'Kubernetes, Concepts, Secrets (mounted Secrets are updated automatically); k8s.io/apiserver dynamiccertificates',
  explanation:
    'The certificate was renewed and its Secret updated, which the kubelet carries into the Pod within minutes; but the server still presents the one that it ' +
    'read at start. When that one ends, or the authority in the bundle is replaced, every request fails until somebody restarts the server.',
  byHand: [
    "kubectl -n <namespace> get secret <secret> -o jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -fingerprint -sha256 -dates",
    'kubectl -n <namespace> rollout restart deployment/<name>',
  ],
  remedy: 'Restart the Pods, and let the server reload its certificate when the file changes.',
  needs: ['judgedChains', 'mountedChains'],
  uses: ['pods', 'workloads'],
  run({ apiService, judgedChains, mountedChains, used }, capturedAt) {
    const all = judgedChains.flatMap((endpoint) =>
      endpoint.source === 'port-forward' ? (outdated(endpoint, mountedChains) ?? []) : [],
    );
    const late = all.filter(
      ({ newer, mounted, endpoint }) =>
        capturedAt.getTime() - newer.notBefore.getTime() > TIME_TO_LOAD_MS &&
        newer.notBefore <= capturedAt &&
        // Where both are refused a restart mends nothing.
        (mounted.verdict?.accepted !== false || endpoint.verdict?.accepted !== false),
    );
    const [first] = late;
    if (!first) return null;
    const { namespace, name } = apiService.service;
    const { mounted, served, newer } = first;
    const names = late.flatMap(({ endpoint }) => endpoint.pod ?? []);
    const isRefused = mounted.verdict?.accepted === false;
    const others = late.length > 1 ? ` and ${late.length - 1} more` : '';
    return {
      message:
        `Pod ${namespace}/${names[0] ?? ''}${others} behind Service ${namespace}/${name} still serve${others ? '' : 's'} a certificate that ends at ${timestamp(served.notAfter)}, while Secret ${mounted.secret} holds a newer one until ${timestamp(newer.notAfter)}` +
        (isRefused ? `, which would be refused: ${mounted.why}` : '.'),
      evidence: [
        { from: first.endpoint.from, value: dates(served) },
        { from: mounted.from, value: dates(newer) },
      ],
      confidence: mounted.told ? 'certain' : 'likely',
      sharedCause: { kind: 'Service', namespace, name },
      remedy: isRefused
        ? {
            text: `Before the Pods behind Service ${namespace}/${name} are restarted for whatever reason, issue the certificate in Secret ${mounted.secret} again: the CA bundle of APIService ${apiService.name} does not accept it.`,
            commands: [`kubectl -n ${namespace} describe secret ${mounted.secret.split('/')[1] ?? ''}`],
          }
        : {
            text: `Restart the Pods behind Service ${namespace}/${name}, one after the other, and let the server reload its certificate when the file changes.${used.workloads.state === 'known' ? '' : ' Where an operator or a GitOps tool keeps the workload, delete its Pods instead of restarting it by a rollout.'}`,
            commands: restart(
              apiService,
              names,
              used.pods.state === 'known' ? used.pods.value : [],
              used.workloads.state === 'known' ? used.workloads.value : [],
            ),
          },
    };
  },
});
