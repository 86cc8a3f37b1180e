import { defineOutageImpact } from '../outage-impact.ts';

export default defineOutageImpact({
  code: 'AA704',
  title: 'Clients that need the whole of discovery report errors or stop',
  source: 'client-go discovery/discovery_client.go (ErrGroupDiscoveryFailed)',
  explanation:
    'kubectl goes on for other kinds and prints an error. Clients that take any discovery error for fatal stop, whatever they were asked to do: backup tools and ' +
    'operators first of all. Helm warns of an orphaned API service and proposes to delete it, which is right only after an uninstall.',
  byHand: ['kubectl api-resources --api-group=<group>', 'kubectl get --raw /apis/<group>/<version>'],
  remedy: 'Mend the group version; no client needs to be changed, and deleting the APIService only hides the outage.',
  message: (service) =>
    `Clients that need the whole of discovery report errors for what ${service} serves, or stop: kubectl api-resources, Helm, Argo CD, Velero.`,
  affects: [{ kind: 'Controller', name: 'namespace-controller' }],
});
