import { failureEvidence } from '../../aggregation/evidence.ts';
import { awaitsInjection, failureCode } from '../../aggregation/health.ts';
import type { CaInjector, Fact, Pod } from '../../model/facts.ts';
import { fingerprintOf, parseCaBundle, parseCertificate } from '../../x509/index.ts';
import { defineCheck, type InjectionSource, type RemoteApiService } from '../define-check.ts';

const writers: Readonly<Record<CaInjector, { readonly name: string; readonly manager: RegExp; readonly log: string }>> =
  {
    'cert-manager': {
      name: 'cainjector of cert-manager',
      manager: /cainjector/,
      log: 'kubectl logs -n cert-manager -l app.kubernetes.io/component=cainjector --tail=50',
    },
    'OpenShift service-ca': {
      name: 'service-ca of OpenShift',
      manager: /service-ca/,
      log: 'kubectl logs -n openshift-service-ca -l app=service-ca --tail=50',
    },
    OLM: {
      name: 'the Operator Lifecycle Manager',
      manager: /^olm$|catalog|olm-operator/,
      log: 'kubectl get clusterserviceversions --all-namespaces',
    },
  };

/** Whether it runs, as far as its Pods show; null where they do not. */
const idle = (name: string, pods: Fact<readonly Pod[] | null>): string | null => {
  if (pods.state !== 'known' || pods.value === null) return null;
  if (pods.value.length === 0) return `no Pod of ${name} was found`;
  const [first] = pods.value;
  return pods.value.some(({ ready }) => ready) || !first
    ? null
    : `Pod ${first.namespace}/${first.name} of ${name} is not ready`;
};

/** Who else wrote the bundle, or wrote the object last where nobody owns a bundle. */
const otherWriter = ({ caBundle, caBundleWriter, fieldManager, caInjection }: RemoteApiService): string | null => {
  const own = caInjection && writers[caInjection.by].manager;
  if (caBundleWriter && !own?.test(caBundleWriter.manager))
    return `field manager "${caBundleWriter.manager}" wrote the bundle last${caBundleWriter.at ? `, at ${caBundleWriter.at}` : ''}`;
  return caBundle === null && fieldManager !== null && !own?.test(fieldManager)
    ? `${fieldManager} wrote the object last`
    : null;
};

const lacks = ({ caBundle }: RemoteApiService, { expected }: InjectionSource): boolean => {
  const held = new Set(parseCaBundle(caBundle?.text ?? '').certificates.map(({ sha256 }) => sha256));
  return expected !== null && expected.some((der) => !held.has(fingerprintOf(der)));
};

const isJustIssued = (der: Uint8Array, now: Date): boolean => {
  const parsed = parseCertificate(der);
  return parsed.ok && awaitsInjection(parsed.certificate.notBefore, now);
};

export default defineCheck({
  code: 'AA317',
  title: 'What should fill the CA bundle does not do so',
  source:
    'cert-manager pkg/controller/cainjector (sources.go, injectables.go); OpenShift service-ca-operator pkg/controller/cabundleinjector; OLM pkg/controller/install/apiservice.go',
  explanation:
    'An annotation or label asks cert-manager, the service CA of OpenShift or OLM to keep spec.caBundle. The bundle is empty or does not hold what it should: the ' +
    'injector does not run, what it takes the authority from is missing, or another writer (a chart, GitOps, kubectl apply) puts its own value back.',
  byHand: [
    'kubectl get apiservice <name> -o yaml --show-managed-fields',
    'kubectl get pods --all-namespaces -l app.kubernetes.io/component=cainjector',
  ],
  remedy: 'Let the injector run, give it what it takes the authority from, and let no other writer set spec.caBundle.',
  needs: [],
  uses: ['answer', 'injectionSource', 'injectorPods'],
  appliesTo: ({ caInjection, insecureSkipTlsVerify }) => caInjection !== null && !insecureSkipTlsVerify,
  run({ apiService, current, used }, capturedAt) {
    const { answer, injectionSource, injectorPods } = used;
    const { name, caBundle, caInjection, owner } = apiService;
    if (caInjection === null || awaitsInjection(new Date(apiService.createdAt ?? 0), capturedAt)) return null;
    const injector = writers[caInjection.by];
    const source = injectionSource.state === 'known' ? injectionSource.value : null;
    // Renewed a moment ago: what is served until the server loads it passes with the old bundle.
    if (current === null && source?.expected?.some((der) => isJustIssued(der, capturedAt))) return null;
    const isRefused = current !== null && failureCode(current.failure, apiService) === 'AA304';
    // Where its source cannot be seen, a bundle that the served certificate does not fit is what can be.
    const isOld =
      caBundle !== null && (source?.expected ? lacks(apiService, source) : source?.from === null && isRefused);
    if (caBundle !== null && !isOld) return source === null ? { undeterminedFor: 'injectionSource' } : null;
    const reasons = [source?.obstacle ?? null, idle(injector.name, injectorPods), otherWriter(apiService)].filter(
      (reason) => reason !== null,
    );
    const state =
      caBundle === null
        ? 'is empty'
        : source?.from
          ? `is not what ${source.from} holds`
          : 'does not hold the authority of what is served';
    return {
      message: `${injector.name.replace(/^the/, 'The')} should fill the caBundle of APIService ${name}, which ${state}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}.`,
      evidence: [
        {
          from: `APIService ${name} metadata.${caInjection.by === 'OLM' ? 'labels' : 'annotations'}[${caInjection.mark}]`,
          value: caInjection.value,
        },
        {
          from: `APIService ${name} spec.caBundle`,
          value:
            caBundle === null
              ? 'empty'
              : caBundle.certificates.map(({ subject }) => subject).join(', ') || 'no certificate',
        },
        ...(source?.expected
          ? [
              {
                from: source.from ?? '',
                value: source.expected.map((der) => `SHA-256 ${fingerprintOf(der)}`).join(', '),
              },
            ]
          : []),
        ...failureEvidence(apiService, answer, current),
      ],
      confidence: caBundle === null || source?.expected ? 'certain' : 'likely',
      remedy: {
        text:
          `Let ${injector.name} run and fill spec.caBundle of APIService ${name}${source?.obstacle ? `: now ${source.obstacle}` : ''}.` +
          (owner ? ` ${owner} keeps the APIService: it must not set spec.caBundle itself.` : ''),
        commands: [
          `kubectl get apiservice ${name} -o yaml --show-managed-fields`,
          ...(caInjection.mark === 'cert-manager.io/inject-ca-from' && /^[\w.-]+\/[\w.-]+$/.test(caInjection.value)
            ? [
                `kubectl -n ${caInjection.value.split('/')[0] ?? ''} describe certificates.cert-manager.io ${caInjection.value.split('/')[1] ?? ''}`,
              ]
            : []),
          injector.log,
        ],
      },
    };
  },
});
