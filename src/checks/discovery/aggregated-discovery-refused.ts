import { readDiscovery } from '../../aggregation/discovery-document.ts';
import { defineClusterCheck } from '../define-check.ts';

export default defineClusterCheck({
  code: 'AA420',
  title: 'The API server gives no aggregated discovery document',
  source:
    'apiserver pkg/endpoints/discovery/aggregated/wrapper.go; feature gate AggregatedDiscoveryEndpoint (on from 1.27)',
  explanation:
    'From 1.27 on kube-apiserver answers /apis with one document for all group versions to those who ask for it. Without it every client asks for each group version by itself, ' +
    'and every dead one costs it a request that fails. Up to 1.25 there is none; later it was switched off, or something between client and server answers.',
  byHand: [
    "kubectl proxy & curl -H 'Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' http://localhost:8001/apis",
  ],
  remedy: 'Update kube-apiserver, or leave the feature gate AggregatedDiscoveryEndpoint as it is by default.',
  needs: ['serverVersion'],
  needsDocuments: ['aggregated'],
  run({ serverVersion, discoveryDocuments }) {
    const fact = discoveryDocuments['aggregated'];
    if (fact?.state !== 'known' || serverVersion.state !== 'known') return [];
    const { httpStatus, contentType, path, accept } = fact.value;
    const reading = readDiscovery(fact.value);
    if (reading.valid ? reading.form !== 'legacy' : httpStatus !== 406) return [];
    return [
      {
        subject: { kind: 'APIServer', name: serverVersion.value.gitVersion },
        message: `The API server, ${serverVersion.value.gitVersion}, gives no aggregated discovery document, so that clients ask for each group version by itself.`,
        evidence: [
          {
            from: `GET ${path} with Accept ${accept}`,
            value: `${httpStatus} ${contentType ?? 'without content type'}`,
          },
        ],
        remedy: {
          text:
            serverVersion.value.minor < 27
              ? 'Update the control plane to 1.27 or later if discovery is slow for clients.'
              : 'Leave the feature gate AggregatedDiscoveryEndpoint of kube-apiserver as it is by default, and see what stands between client and server.',
          commands: [`kubectl get --raw ${path}`],
        },
      },
    ];
  },
});
