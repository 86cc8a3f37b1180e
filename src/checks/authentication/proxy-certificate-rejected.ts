import { listText } from '../../aggregation/resource-probe.ts';
import { defineStatedFailure } from '../stated-failure.ts';

export default defineStatedFailure({
  code: 'AA601',
  kind: 'proxyCertificateRejected',
  title: 'The backend does not accept the proxy client certificate of kube-apiserver',
  source:
    'apiserver pkg/authentication/request/headerrequest; configmap kube-system/extension-apiserver-authentication',
  explanation:
    'The backend answers 401: the client certificate with which kube-apiserver vouches for its callers is not signed by the request-header authority that the backend knows (rotated, expired, not the same on every control plane node), or its name is not allowed.',
  byHand: ['kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml'],
  remedy:
    'Give every kube-apiserver a front-proxy certificate of one request-header authority, and restart backends that read the old one.',
  explainedBy: ['AA603', 'AA605'],
  confidence: () => 'likely',
  uses: ['authenticationConfiguration'],
  further: (draft, { used: { authenticationConfiguration }, capturedAt }) => ({
    ...draft,
    evidence: [
      ...draft.evidence,
      ...(authenticationConfiguration.state === 'known'
        ? (authenticationConfiguration.value?.requestHeaderAuthorities ?? []).map(
            ({ subject, notAfter, subjectKeyId }) => ({
              from: 'ConfigMap kube-system/extension-apiserver-authentication data.requestheader-client-ca-file',
              value: `${subject}${subjectKeyId === null ? '' : ` (key id ${subjectKeyId})`}, ${new Date(notAfter) < capturedAt ? 'expired at' : 'valid until'} ${notAfter}`,
            }),
          )
        : []),
    ],
  }),
  inList: (probe, { name }) => ({
    message: `The backend of APIService ${name} answers discovery, but ${listText(probe)} with HTTP status 401.`,
    failsDespiteAnswer: true,
  }),
  inLog: ({ name }) =>
    `The backend of APIService ${name} says in its log that it does not accept the client certificate with which kube-apiserver vouches for callers.`,
  message: (_, apiService) => `The backend of APIService ${apiService.name} answers 401 to kube-apiserver.`,
  mend: (_, apiService) => ({
    text: `Compare the request-header authority in configmap kube-system/extension-apiserver-authentication with the front-proxy certificate of every kube-apiserver, and restart the Pods behind Service ${apiService.service.namespace}/${apiService.service.name} if they read it before a rotation.`,
    commands: [`kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml`],
  }),
});
