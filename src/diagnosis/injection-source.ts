import { factAt } from '../aggregation/fact-at.ts';
import type { InjectionSource, RemoteApiService } from '../checks/define-check.ts';
import type { CaInjection, Fact, Facts } from '../model/facts.ts';

/** The APIService that cert-manager's CustomResourceDefinitions register. */
const CERT_MANAGER = 'v1.cert-manager.io';

const found = (from: string, expected: readonly Uint8Array[] | undefined): Fact<InjectionSource> =>
  expected && expected.length > 0
    ? { state: 'known', value: { from, expected, obstacle: null } }
    : obstacle(from, `${from} holds no certificate`);

const obstacle = (from: string | null, text: string): Fact<InjectionSource> => ({
  state: 'known',
  value: { from, expected: null, obstacle: text },
});

/** cainjector takes ca.crt (cert-manager pkg/controller/cainjector/sources.go). */
const fromSecret = (facts: Facts, name: string, needsPermission: boolean): Fact<InjectionSource> => {
  const fact = factAt(facts.secrets, name);
  if (fact.state !== 'known') return fact;
  if (fact.value === null) return obstacle(null, `Secret ${name} does not exist`);
  if (needsPermission && !fact.value.allowsInjection)
    return obstacle(null, `Secret ${name} lacks the annotation cert-manager.io/allow-direct-injection: "true"`);
  return found(`Secret ${name} ca.crt`, fact.value.certificates['ca.crt']);
};

const fromCertificate = (facts: Facts, name: string): Fact<InjectionSource> => {
  const fact = factAt(facts.certificates, name);
  if (fact.state !== 'known') return fact;
  if (fact.value === null) return obstacle(null, `Certificate ${name} does not exist`);
  const { secretName, notReady } = fact.value;
  if (secretName === null) return obstacle(null, `Certificate ${name} names no Secret`);
  const source = fromSecret(facts, `${name.split('/')[0] ?? ''}/${secretName}`, false);
  return source.state === 'known' && source.value.obstacle !== null && notReady !== null
    ? obstacle(null, `${source.value.obstacle}, and Certificate ${name} is not Ready (${notReady})`)
    : source;
};

const fromCertManager = (facts: Facts, { mark, value }: CaInjection): Fact<InjectionSource> => {
  if (facts.apiServices.state === 'known' && facts.apiServices.value.every(({ name }) => name !== CERT_MANAGER))
    return obstacle(null, `cert-manager is not installed: there is no APIService ${CERT_MANAGER}`);
  if (mark === 'cert-manager.io/inject-apiserver-ca') {
    const fact = factAt(facts.authorities, 'kube-root-ca.crt');
    return fact.state === 'known'
      ? found('ConfigMap kube-system/kube-root-ca.crt ca.crt', fact.value?.['ca.crt'])
      : fact;
  }
  if (!/^[^/]+\/[^/]+$/.test(value)) return obstacle(null, `the annotation does not name a <namespace>/<name>`);
  return mark === 'cert-manager.io/inject-ca-from' ? fromCertificate(facts, value) : fromSecret(facts, value, true);
};

/** What an APIService's CA bundle is to be filled with, or what stands in the way. */
export const injectionSource = (facts: Facts, { caInjection }: RemoteApiService): Fact<InjectionSource> => {
  if (caInjection === null) return { state: 'known', value: { from: null, expected: null, obstacle: null } };
  if (caInjection.by === 'cert-manager') return fromCertManager(facts, caInjection);
  // Their sources lie with the operators themselves; only a bundle that is empty or refused tells.
  return { state: 'known', value: { from: null, expected: null, obstacle: null } };
};
