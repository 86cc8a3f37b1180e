import { answerEvidence } from '../../aggregation/evidence.ts';
import { ANONYMOUS, forbiddenUser } from '../../aggregation/forbidden-user.ts';
import { probeEvidence } from '../../aggregation/resource-probe.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA611',
  title: "The backend takes kube-apiserver's certificate for the caller",
  source: 'apiserver pkg/authentication/authenticatorfactory/delegating.go (request header, then client certificate)',
  explanation:
    'kube-apiserver vouches for its callers with a client certificate and names them in headers. A backend that does not know that certificate as the front proxy, but does ' +
    'know the authority that signed it, takes its Common Name for the caller. Discovery is open to everybody, so the condition is True and every list of resources looks right; ' +
    'each request for a resource is refused, to administrators too, in the name of a user who never asked. Where the backend knows neither, that user is system:anonymous.',
  byHand: ['kubectl get --raw /apis/<group>/<version>/<resource>?limit=1', 'kubectl auth whoami'],
  remedy:
    'Give kube-apiserver a front-proxy certificate that is signed by the request-header authority and bears an allowed name.',
  explainedBy: ['AA603', 'AA602'],
  needs: ['answer'],
  uses: ['resourceProbe', 'caller'],
  run({ apiService, answer, current, used }) {
    // Of a backend that does not answer at all there is nothing to ask.
    if (current !== null) return null;
    if (used.resourceProbe.state !== 'known') return { undeterminedFor: 'resourceProbe' };
    if (used.caller.state !== 'known') return { undeterminedFor: 'caller' };
    const { value: resourceProbe } = used.resourceProbe;
    const { value: caller } = used.caller;
    const user = forbiddenUser(resourceProbe, caller);
    if (user === null || resourceProbe === null) return null;
    const { name } = apiService;
    return {
      message:
        `The backend of APIService ${name} takes ${resourceProbe.as ?? caller.username}, who asks, for ${user}` +
        (user === ANONYMOUS
          ? ': it does not accept the certificate with which kube-apiserver vouches for callers.'
          : '.'),
      evidence: [
        probeEvidence(resourceProbe),
        { from: 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews', value: caller.username },
        answerEvidence(apiService, answer),
      ],
      failsDespiteAnswer: true,
      remedy: {
        text:
          `Compare the front-proxy certificate of kube-apiserver (--proxy-client-cert-file) with the request-header authority and the allowed names in ConfigMap ` +
          `kube-system/extension-apiserver-authentication. Do not give ${user} rights: every caller would then act as that user.`,
        commands: [
          'kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml',
          `kubectl get --raw '${resourceProbe.path}'`,
        ],
      },
    };
  },
});
