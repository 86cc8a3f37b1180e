import { answerEvidence, failureEvidence } from '../../aggregation/evidence.ts';
import { ANONYMOUS, forbiddenUser } from '../../aggregation/forbidden-user.ts';
import { probeEvidence } from '../../aggregation/resource-probe.ts';
import { defineCheck, type Draft, type Statements } from '../define-check.ts';

const CONFIGURATION = 'ConfigMap kube-system/extension-apiserver-authentication';

const draftOf = (commonName: string, evidence: Draft['evidence']): Draft => ({
  message: `The client certificate of kube-apiserver bears the name ${commonName}, which is not among the allowed ones.`,
  evidence,
  sharedCause: { kind: 'ConfigMap', namespace: 'kube-system', name: 'extension-apiserver-authentication' },
  remedy: {
    text: `Start every kube-apiserver with ${commonName} in --requestheader-allowed-names, or with a front-proxy certificate of an allowed name; it writes the ConfigMap by itself.`,
    commands: ['kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml'],
  },
});

const stated = ({ apiService, answer, current }: Statements): Draft | null => {
  if (current?.failure.kind !== 'proxyNameNotAllowed') return null;
  const commonName = /subject with cn=(\S+) is not in/.exec(current.failure.text)?.[1] ?? 'unknown';
  return draftOf(commonName, failureEvidence(apiService, answer, current));
};

export default defineCheck({
  code: 'AA602',
  title: 'The name in the client certificate of kube-apiserver is not an allowed one',
  source: 'apiserver pkg/authentication/request/x509/x509.go (NewDynamicCAVerifier with allowed common names)',
  explanation:
    'Extension API servers believe the identity headers only where the client certificate bears a Common Name of requestheader-allowed-names. Another name gives 401, or, where ' +
    'the client authority knows the certificate, makes kube-apiserver itself the caller.',
  byHand: [
    'kubectl -n kube-system get configmap extension-apiserver-authentication -o jsonpath={.data.requestheader-allowed-names}',
  ],
  remedy:
    'Make --requestheader-allowed-names and the Common Name of the front-proxy certificate agree on every kube-apiserver.',
  needs: ['answer'],
  uses: ['authenticationConfiguration', 'resourceProbe', 'caller'],
  stated,
  run({ apiService, answer, current, used: { authenticationConfiguration, resourceProbe, caller } }) {
    const said = stated({ apiService, answer: { state: 'known', value: answer }, current });
    if (said || current !== null) return said;
    if (authenticationConfiguration.state !== 'known') return { undeterminedFor: 'authenticationConfiguration' };
    if (resourceProbe.state !== 'known') return { undeterminedFor: 'resourceProbe' };
    if (caller.state !== 'known') return { undeterminedFor: 'caller' };
    const allowed = authenticationConfiguration.value?.allowedNames ?? [];
    const user = forbiddenUser(resourceProbe.value, caller.value);
    // Nobody is no name of a certificate.
    if (user === null || user === ANONYMOUS || resourceProbe.value === null) return null;
    if (allowed.length === 0 || allowed.includes(user)) return null;
    return draftOf(user, [
      probeEvidence(resourceProbe.value),
      { from: `${CONFIGURATION} data.requestheader-allowed-names`, value: JSON.stringify(allowed) },
      answerEvidence(apiService, answer),
    ]);
  },
});
