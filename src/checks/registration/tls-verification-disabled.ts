import { expectedServerName } from '../../aggregation/group-version.ts';
import { defineCheck } from '../define-check.ts';

export default defineCheck({
  code: 'AA104',
  title: 'The serving certificate is not verified',
  source: 'kube-aggregator pkg/apis/apiregistration/v1/types.go, APIServiceSpec.insecureSkipTLSVerify',
  explanation:
    'With insecureSkipTLSVerify kube-aggregator accepts any certificate: whoever can answer on the path between the control plane and the Service ' +
    'can serve the group version and sees the identity headers of every caller. The field documentation strongly discourages it.',
  byHand: ['kubectl get apiservice <name> -o jsonpath={.spec.insecureSkipTLSVerify}'],
  remedy:
    'Give the server a certificate for <service>.<namespace>.svc, put its authority into spec.caBundle and remove insecureSkipTLSVerify.',
  needs: [],
  run({ apiService }) {
    if (!apiService.insecureSkipTlsVerify) return null;
    const { name, service, owner } = apiService;
    return {
      message: `APIService ${name} lets kube-aggregator accept any certificate from Service ${service.namespace}/${service.name}.`,
      evidence: [{ from: `APIService ${name} spec.insecureSkipTLSVerify`, value: 'true' }],
      remedy: {
        text:
          `Let Service ${service.namespace}/${service.name} serve a certificate for ${expectedServerName(service)}, and put the authority that signed it into ` +
          `spec.caBundle as you remove insecureSkipTLSVerify (ca.pem stands for that authority's certificate).` +
          (owner ? ` ${owner} keeps the APIService: change it there.` : ''),
        commands: [
          `kubectl patch apiservice ${name} --type=json -p "[{\\"op\\":\\"remove\\",\\"path\\":\\"/spec/insecureSkipTLSVerify\\"},{\\"op\\":\\"add\\",\\"path\\":\\"/spec/caBundle\\",\\"value\\":\\"$(base64 < ca.pem | tr -d '\\n')\\"}]"`,
        ],
      },
    };
  },
});
