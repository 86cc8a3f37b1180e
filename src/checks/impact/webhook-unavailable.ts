import { failureEvidence } from '../../aggregation/evidence.ts';
import { groupVersionText } from '../../aggregation/group-version.ts';
import { webhookText } from '../../aggregation/group-users.ts';
import { callFails, isCalledThrough } from '../../aggregation/webhook-route.ts';
import type { AdmissionWebhook, CustomResourceConversion, WebhookRule, WebhookService } from '../../model/facts.ts';
import { type Confidence, type Evidence, type Subject } from '../../model/finding.ts';
import { listed } from '../../model/wording.ts';
import { defineCheck } from '../define-check.ts';
import { impactCauses } from '../outage-causes.ts';

const SHOWN = 5;

/** What is called where nobody answers. */
interface Called {
  readonly subject: Subject;
  readonly service: WebhookService;
  readonly confidence: Confidence;
  /** What becomes of requests, in half a sentence, and whether they fail. */
  readonly effect: string;
  readonly isFatal: boolean;
  readonly evidence: Evidence;
}

const resourceText = ({ groups, resources }: WebhookRule): readonly string[] =>
  groups.flatMap((group) => resources.map((name) => (group === '' ? name : `${name}.${group}`)));

const ruleText = (rule: WebhookRule): string =>
  `${rule.operations.includes('*') ? 'every operation' : rule.operations.join(', ')} on ${listed(resourceText(rule))}`;

const calledAt = ({ namespace, name, port, path }: WebhookService): string =>
  `Service ${namespace}/${name}:${port}${path}`;

const calledWebhook = (webhook: AdmissionWebhook, service: WebhookService, confidence: Confidence): Called => {
  const { kind, configuration, mustAnswer, rules } = webhook;
  const seen = rules.map(ruleText).join('; ');
  return {
    subject: { kind, name: configuration },
    service,
    confidence,
    effect: `what ${kind} ${configuration} should see ${mustAnswer ? 'is refused' : 'passes unseen'} (${seen})`,
    isFatal: mustAnswer,
    evidence: {
      from: webhookText(webhook),
      value: `failurePolicy ${mustAnswer ? 'Fail' : 'Ignore'}, ${seen}, called at ${calledAt(service)}`,
    },
  };
};

const calledConversion = ({ name, service }: CustomResourceConversion, confidence: Confidence): Called => ({
  subject: { kind: 'CustomResourceDefinition', name },
  service,
  confidence,
  effect: `${name} cannot be read or written but in the version in which each object is stored`,
  isFatal: true,
  evidence: {
    from: `CustomResourceDefinition ${name} spec.conversion.webhook`,
    value: `called at ${calledAt(service)}`,
  },
});

export default defineCheck({
  code: 'AA706',
  title: 'Webhooks are called through a backend that does not answer',
  source:
    'apiserver pkg/util/webhook (client.go, authentication.go), pkg/admission/plugin/webhook; kube-aggregator pkg/apiserver/resolvers.go; apiextensions-apiserver pkg/apiserver/conversion',
  explanation:
    'A webhook configuration that names Service default/kubernetes and a path below /apis/<group>/<version> is served by the extension API server, so that every outage of the group version ' +
    'is its outage. One that names the Service of the APIService shares its endpoints, port and certificate, but has a CA bundle of its own: a refused authority says nothing of it. With ' +
    'failurePolicy Fail all requests that its rules and selectors choose are refused, in every namespace that is not exempt, which can be those that would bring the backend back; with ' +
    'Ignore they pass unseen. Objects of a CustomResourceDefinition with a conversion webhook can be had only in the version in which they are stored.',
  byHand: [
    'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o yaml',
    'kubectl get crds -o custom-columns=NAME:.metadata.name,CONVERSION:.spec.conversion.webhook.clientConfig.service',
  ],
  remedy:
    'Mend the group version. Do not delete the webhook or set its failurePolicy to Ignore: what it should refuse or change is then stored as it comes, and nobody looks at it again. ' +
    'Where it refuses the Pods of its own backend, exempt their namespace by its namespaceSelector.',
  explainedBy: impactCauses,
  needs: [],
  uses: ['answer', 'admissionWebhooks', 'customResourceConversions'],
  run({ apiService, current, used: { answer, admissionWebhooks, customResourceConversions } }) {
    if (current === null) return answer.state === 'known' ? null : { undeterminedFor: 'answer' };
    const webhooks = admissionWebhooks.state === 'known' ? admissionWebhooks.value : [];
    const conversions = customResourceConversions.state === 'known' ? customResourceConversions.value : [];
    const called = [
      ...webhooks.flatMap((webhook) => {
        const confidence = webhook.service && callFails(webhook.service, apiService, current);
        return webhook.service && confidence ? [calledWebhook(webhook, webhook.service, confidence)] : [];
      }),
      ...conversions.flatMap((conversion) => {
        const confidence = callFails(conversion.service, apiService, current);
        return confidence ? [calledConversion(conversion, confidence)] : [];
      }),
    ].toSorted((a, b) => Number(b.isFatal) - Number(a.isFatal));
    if (called.length === 0) {
      if (admissionWebhooks.state !== 'known') return { undeterminedFor: 'admissionWebhooks' };
      return customResourceConversions.state === 'known' ? null : { undeterminedFor: 'customResourceConversions' };
    }
    const through = called.some(({ service }) => isCalledThrough(service, apiService))
      ? groupVersionText(apiService)
      : `Service ${apiService.service.namespace}/${apiService.service.name}`;
    const more = called.length - SHOWN;
    return {
      message: `Webhooks are called through ${through}, which does not answer: ${called
        .slice(0, SHOWN)
        .map(({ effect }) => effect)
        .join('; ')}${more > 0 ? `; and ${more} more` : ''}.`,
      evidence: [
        ...called.slice(0, SHOWN).map(({ evidence }) => evidence),
        ...failureEvidence(apiService, answer, current),
      ],
      confidence: called.every(({ confidence }) => confidence === 'certain') ? 'certain' : 'likely',
      severity: called.some(({ isFatal }) => isFatal) ? 'error' : 'warning',
      remedy: {
        text:
          `Mend ${apiService.name}. Until then do not delete the webhook or set its failurePolicy to Ignore: what it should refuse or change would be stored as it comes. ` +
          'Where it refuses the Pods of its own backend, exempt their namespace by its namespaceSelector.',
        commands: [...new Set(called.map(({ subject }) => subject.kind))].map(
          (kind) =>
            `kubectl get ${kind.toLowerCase()} ${[...new Set(called.flatMap(({ subject }) => (subject.kind === kind ? [subject.name] : [])))].slice(0, SHOWN).join(' ')} -o yaml`,
        ),
      },
      affects: called.map(({ subject }) => subject),
    };
  },
});
