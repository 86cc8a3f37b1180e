import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { mountedCertificates } from '../../../snapshot/serving-files.ts';
import { RequestFailed } from '../cluster-reader.ts';
import { namesIn } from './ca-injection.ts';
import type { Found, NamedCollector } from './define-collector.ts';

/** Of one Service; a Pod that mounts more of them serves from one all the same. */
const MAX_SECRETS = 8;

/** The Secrets that the Pods behind the Services may serve from. */
const servingSecrets = ({ apiServices, facts }: Found): readonly string[] =>
  apiServices.flatMap(({ spec }) => {
    const { namespace = '', name } = spec.service ?? {};
    const services = facts.services?.[namespace];
    const pods = facts.pods?.[namespace];
    if (services?.state !== 'known' || pods?.state !== 'known') return [];
    const selector = Object.entries(services.value.find(({ metadata }) => metadata.name === name)?.spec.selector ?? {});
    const secrets = pods.value
      .filter(
        ({ metadata }) => selector.length > 0 && selector.every(([key, value]) => metadata.labels?.[key] === value),
      )
      .flatMap((pod) => mountedCertificates(pod).map(({ secret }) => `${namespace}/${secret}`));
    return [...new Set(secrets)].slice(0, MAX_SECRETS);
  });

/** The Secrets that CA bundles are filled from. */
const injectedSecrets = ({ apiServices, facts }: Found): readonly string[] => [
  ...namesIn(apiServices, 'cert-manager.io/inject-ca-from-secret'),
  ...Object.entries(facts.certificates ?? {}).flatMap(([name, fact]) =>
    fact.state === 'known' && fact.value?.spec.secretName
      ? [`${name.split('/')[0] ?? ''}/${fact.value.spec.secretName}`]
      : [],
  ),
];

/** Reads Secrets by their names only, and of each nothing but its certificates (snapshot/certificate-data.ts). */
export const secrets: NamedCollector<'secrets'> = {
  fact: 'secrets',
  wave: 3,
  requires: [{ verb: 'get', group: '', resource: 'secrets' }],
  names: (found) => [...new Set([...servingSecrets(found), ...injectedSecrets(found)])],
  collect: async (look, name) => {
    const [namespace = '', secret = ''] = name.split('/').map(encodeURIComponent);
    const what = `get secrets ${name}`;
    try {
      return await look.object(`/api/v1/namespaces/${namespace}/secrets/${secret}`, objectSchemas.secrets, what);
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.state !== 'unreadable') throw error;
      // The words would quote an answer that may be the Secret itself.
      const status = /HTTP status \d{3}/.exec(error.message.slice(what.length))?.[0];
      throw new RequestFailed('unreadable', `${what}: ${status ?? 'the answer is no Secret'}`);
    }
  },
};
