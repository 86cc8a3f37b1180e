import type { RawApiService } from '../../../snapshot/raw-snapshot.ts';
import { caInjectionOf } from '../../../snapshot/owner.ts';
import type { Found } from './define-collector.ts';

/** The APIService that cert-manager's CustomResourceDefinitions register; without it there is nothing to ask for. */
const CERT_MANAGER = 'v1.cert-manager.io';

/** What the CA bundles of these APIServices are to be filled with. */
export const injectionsOf = (apiServices: readonly RawApiService[]) =>
  apiServices.flatMap((apiService) => caInjectionOf(apiService) ?? []);

const isName = (text: string): boolean => /^[^/]+\/[^/]+$/.test(text);

/** `<namespace>/<name>` of the objects that an annotation of cert-manager names. */
export const namesIn = (apiServices: readonly RawApiService[], annotation: string): readonly string[] => [
  ...new Set(
    injectionsOf(apiServices).flatMap(({ mark, value }) => (mark === annotation && isName(value) ? [value] : [])),
  ),
];

export const hasCertManager = ({ facts }: Found): boolean =>
  facts.apiServices?.state === 'known' &&
  facts.apiServices.value.some(({ metadata }) => metadata.name === CERT_MANAGER);
