import { toolchainOf } from '../../aggregation/go-toolchain.ts';
import { expectedServerName } from '../../aggregation/group-version.ts';
import { bundleFor } from '../bundle-for.ts';
import { bundleToCopy, comparable } from '../certificate-remedy.ts';
import { fingerprintOf } from '../../x509/index.ts';
import { defineCheck } from '../define-check.ts';
import { asObject, remedyFor } from '../remedy-for.ts';

const SHOWN = 3;

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
  uses: ['judgedChains', 'mountedChains', 'serverVersion'],
  run({ apiService, used }, capturedAt) {
    const { judgedChains, mountedChains, serverVersion } = used;
    if (!apiService.insecureSkipTlsVerify) return null;
    const { name, service } = apiService;
    const seen =
      judgedChains.state === 'known' ? judgedChains.value.filter(({ source }) => source === 'port-forward') : [];
    const offered = bundleFor(
      seen,
      mountedChains.state === 'known' ? mountedChains.value : [],
      expectedServerName(service),
      capturedAt,
      toolchainOf(serverVersion),
    );
    const draft = {
      message: `APIService ${name} lets kube-aggregator accept any certificate from Service ${service.namespace}/${service.name}.`,
      evidence: [
        { from: `APIService ${name} spec.insecureSkipTLSVerify`, value: 'true' },
        ...seen.slice(0, SHOWN).map(({ from, chain }) => ({
          from,
          value: chain.map((der) => `SHA-256 ${fingerprintOf(der)}`).join(', '),
        })),
      ],
    };
    if ('pem' in offered) {
      // The API refuses a bundle beside insecureSkipTLSVerify: both change in one patch.
      const patch = [
        { op: 'remove', path: '/spec/insecureSkipTLSVerify' },
        { op: 'add', path: '/spec/caBundle', value: Buffer.from(offered.pem).toString('base64') },
      ];
      return {
        ...draft,
        remedy: remedyFor(
          `What is served passes with this authority: ${comparable(offered)}. It trusts what was seen just now over a way that nobody verified: compare the fingerprint with the server's own file first.`,
          [
            {
              of: asObject(apiService),
              commands: [`kubectl patch apiservice ${name} --type=json -p '${JSON.stringify(patch)}'`],
            },
          ],
          bundleToCopy(apiService),
        ),
      };
    }
    return {
      ...draft,
      remedy: remedyFor(
        `Let Service ${service.namespace}/${service.name} serve a certificate for ${expectedServerName(service)}, and put the authority that signed it into ` +
          `spec.caBundle as you remove insecureSkipTLSVerify (ca.pem stands for that authority's certificate). No bundle can be offered: ${offered.refusal}.`,
        [
          {
            of: asObject(apiService),
            commands: [
              `kubectl patch apiservice ${name} --type=json -p "[{\\"op\\":\\"remove\\",\\"path\\":\\"/spec/insecureSkipTLSVerify\\"},{\\"op\\":\\"add\\",\\"path\\":\\"/spec/caBundle\\",\\"value\\":\\"$(base64 < ca.pem | tr -d '\\n')\\"}]"`,
            ],
          },
        ],
      ),
    };
  },
});
