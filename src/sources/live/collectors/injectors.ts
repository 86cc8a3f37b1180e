import type { CaInjector } from '../../../model/facts.ts';
import { objectSchemas } from '../../../snapshot/raw-snapshot.ts';
import { injectionsOf } from './ca-injection.ts';
import type { NamedCollector } from './define-collector.ts';

/** The labels that the Pods of each have in its own manifests, whatever their namespace. */
const selectors: Readonly<Record<CaInjector, string>> = {
  'cert-manager': 'app.kubernetes.io/component=cainjector',
  'OpenShift service-ca': 'app=service-ca',
  OLM: 'app=olm-operator',
};

export const injectors: NamedCollector<'injectors'> = {
  fact: 'injectors',
  wave: 2,
  requires: [{ verb: 'list', group: '', resource: 'pods' }],
  names: ({ apiServices }) => [...new Set(injectionsOf(apiServices).map(({ by }) => by))],
  collect: (look, name) =>
    look.list(
      `/api/v1/pods?labelSelector=${encodeURIComponent(selectors[name as CaInjector])}`,
      objectSchemas.pods,
      `list pods in all namespaces`,
    ),
};
