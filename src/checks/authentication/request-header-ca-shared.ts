import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA610',
  title: 'The request-header authority signs ordinary client certificates as well, and every name is allowed',
  source:
    'Kubernetes, Configure the Aggregation Layer, "CA Reusage and Conflicts"; apiserver pkg/authentication/request/headerrequest',
  explanation:
    'Extension API servers believe the X-Remote-User header of whoever presents a certificate of the request-header authority with an allowed name. Where that authority ' +
    'is also the client authority and the list of allowed names is empty, everybody with a client certificate can claim to be any user.',
  byHand: ['kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml'],
  remedy:
    'Give kube-apiserver a request-header authority of its own, and name the proxy certificate in --requestheader-allowed-names.',
  needs: ['authenticationConfiguration'],
  run({ authenticationConfiguration: known }) {
    if (known?.allowedNames?.length) return null;
    const shared = known?.requestHeaderAuthorities?.find((authority) =>
      known.clientAuthorities?.some(
        ({ sha256, subject, subjectKeyId }) =>
          sha256 === authority.sha256 ||
          (subjectKeyId !== null && subjectKeyId === authority.subjectKeyId && subject === authority.subject),
      ),
    );
    if (!shared) return null;
    const from = 'ConfigMap kube-system/extension-apiserver-authentication';
    return {
      message: `Authority ${shared.subject} signs both client certificates and the front-proxy certificate, and no name is asked of the latter.`,
      evidence: [
        { from: `${from} data.client-ca-file`, value: `${shared.subject}, SHA-256 ${shared.sha256}` },
        { from: `${from} data.requestheader-client-ca-file`, value: `${shared.subject}, SHA-256 ${shared.sha256}` },
        { from: `${from} data.requestheader-allowed-names`, value: known?.allowedNames ? '[]' : 'absent' },
      ],
      sharedCause: { kind: 'ConfigMap', namespace: 'kube-system', name: 'extension-apiserver-authentication' },
      remedy: {
        text: 'Make a front-proxy authority that signs nothing else, and start every kube-apiserver with it and with --requestheader-allowed-names.',
        commands: ['kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml'],
      },
    };
  },
});
