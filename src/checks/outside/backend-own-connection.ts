import { defineLogFinding } from '../log-finding.ts';

export default defineLogFinding({
  code: 'AA806',
  title: 'The backend fails on a connection of its own',
  source: 'client-go and Go net in the log of the extension API server',
  explanation:
    'The server behind the APIService cannot reach what it depends on: the API server, Prometheus, a database, a gRPC peer, or the DNS name of one. ' +
    'That is not the way from kube-apiserver to it, but a server without its source may refuse, answer late or never become Ready.',
  byHand: ['kubectl -n <namespace> logs <pod> --tail=50', 'kubectl -n <namespace> get services,endpointslices'],
  remedy: 'Mend the connection that the log names.',
  message: ({ name, service }) =>
    `The server behind APIService ${name}, Service ${service.namespace}/${service.name}, fails on a connection that it makes itself.`,
  mend: ({ service }) => ({
    text: 'Mend the connection that the log names: the address or name in the configuration of the server, its DNS, or a NetworkPolicy for what it sends.',
    commands: [
      `kubectl -n ${service.namespace} logs service/${service.name} --all-containers --tail=50`,
      `kubectl -n ${service.namespace} get networkpolicies`,
    ],
  }),
});
