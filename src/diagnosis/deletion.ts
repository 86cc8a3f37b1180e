import { factAt } from '../aggregation/fact-at.ts';
import { answerReading, currentFailure } from '../aggregation/health.ts';
import { groupUsers, unreadUsers } from '../aggregation/group-users.ts';
import { groupVersionText } from '../aggregation/group-version.ts';
import { isCalledThrough } from '../aggregation/webhook-route.ts';
import type { Answer, ApiService, ClusterSnapshot, Facts, WebhookService } from '../model/facts.ts';
import { type Finding, subjectText } from '../model/finding.ts';
import type { Deletion } from '../model/report.ts';
import { knownApiServices } from './cluster-summary.ts';
import { isMetricsGroup } from '../checks/metrics-groups.ts';
import { listed } from '../model/wording.ts';
import { quoteLine } from './received-text.ts';

const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';

type Judgement = Pick<Deletion, 'verdict' | 'why' | 'breaks' | 'steps'>;

const see = (text: string, ...commands: readonly string[]): Deletion['steps'][number] => ({ text, commands });

const resourceNames = ({ body }: Answer): readonly string[] => {
  const resources = body.form === 'json' ? (body.value as { readonly resources?: unknown } | null)?.resources : null;
  return (Array.isArray(resources) ? resources : [])
    .map((resource) => (resource as { readonly name?: unknown } | null)?.name)
    .filter((name): name is string => typeof name === 'string' && !name.includes('/'));
};

const askingAutoscalers = ({ autoscalers }: Facts, { group }: ApiService): readonly string[] => {
  if (!isMetricsGroup({ group })) return [];
  return autoscalers.state === 'known'
    ? autoscalers.value
        .filter(({ metrics }) => metrics.some((metric) => metric.group === group))
        .map(({ namespace, name }) => `HorizontalPodAutoscaler ${namespace}/${name} loses its metrics`)
    : [`autoscalers that ask ${group} could not be looked at: ${autoscalers.detail}`];
};

/** A registration that kube-apiserver keeps itself, or that leads nowhere. */
const judgeLocal = ({ name, labels }: ApiService): Judgement => {
  switch (labels[AUTOMANAGED]) {
    case 'true':
      return {
        verdict: 'pointless',
        why: `kube-apiserver keeps ${name} for a CustomResourceDefinition and makes it again within a second.`,
        breaks: [],
        steps: [see('To stop serving the version, change the CustomResourceDefinition.', 'kubectl get crds')],
      };
    case undefined:
      return {
        verdict: 'unknown',
        why: `${name} was made by hand and leads to no Service; whether kube-apiserver serves its group version by itself cannot be told from it.`,
        breaks: [],
        steps: [
          see(
            'See whether something answers there.',
            `kubectl get --raw /apis/${name.replace(/^([^.]*)\.(.*)$/, '$2/$1')}`,
          ),
        ],
      };
    default:
      return {
        verdict: 'harmful',
        why: `${name} belongs to kube-apiserver itself, which makes it again only when it starts.`,
        breaks: ['the group version is gone from /apis until then, for every client that reads it'],
        steps: [],
      };
  }
};

const deleteIt = (name: string): Deletion['steps'][number] =>
  see('Delete the APIService.', `kubectl delete apiservice ${name}`);

const judgeTerminating = (name: string, namespace: string): Judgement => ({
  verdict: 'safe',
  why: `Namespace ${namespace} is being deleted and waits for ${name}, whose Service went with it: each waits for the other.`,
  breaks: [],
  steps: [
    see('Make sure that the product is to go for good; if not, wait for the end and install it again.'),
    deleteIt(name),
    see(
      'Wait: the namespace finishes by itself within minutes.',
      `kubectl wait --for=delete namespace/${namespace} --timeout=10m`,
    ),
    see(
      'If it stays, its conditions name what is left. Never empty its finalizers: what it holds would stay behind in etcd.',
      `kubectl get namespace ${namespace} -o jsonpath={.status.conditions}`,
    ),
  ],
});

const judgeRemote = (apiService: ApiService, { facts }: ClusterSnapshot, findings: readonly Finding[]): Judgement => {
  const { name, service } = apiService;
  const answer = factAt(facts.answers, name);
  if (service === null) return judgeLocal(apiService);
  const reading = answerReading(apiService, answer);
  if (answer.state === 'known' && reading !== null && ['works', 'invalidDocument'].includes(reading.outcome)) {
    const resources = resourceNames(answer.value);
    return {
      verdict: 'harmful',
      why: `${groupVersionText(apiService)} answers: it is in use, not left behind.`,
      breaks: [
        resources.length > 0 ? `requests for ${listed(resources)} get 404` : 'requests for the group version get 404',
        ...askingAutoscalers(facts, apiService),
      ],
      steps: [see('To remove it, uninstall the product behind it; that takes the APIService with it.')],
    };
  }
  const namespace = factAt(facts.namespaces, service.namespace);
  const services = factAt(facts.services, service.namespace);
  const isServiceGone = services.state === 'known' && services.value.every((one) => one.name !== service.name);
  if (namespace.state === 'known' && namespace.value === null) {
    return {
      verdict: 'safe',
      why: `Namespace ${service.namespace}, in which its Service should be, does not exist: the APIService was left behind.`,
      breaks: [],
      steps: [deleteIt(name)],
    };
  }
  if (namespace.state === 'known' && namespace.value?.deletedAt && isServiceGone)
    return judgeTerminating(name, service.namespace);
  if (isServiceGone) {
    return {
      verdict: 'unknown',
      why: `Service ${service.namespace}/${service.name} does not exist and its namespace does: an uninstall left the APIService behind, or the Service was lost.`,
      breaks: [],
      steps: [
        see('See whether the product is still installed.', `kubectl -n ${service.namespace} get all`),
        see('If it was uninstalled for good, delete the APIService; if not, install it again.'),
      ],
    };
  }
  const root = findings.find(({ consequenceOf, severity }) => consequenceOf === null && severity === 'error');
  if (services.state === 'known' && currentFailure(apiService, answer) !== null) {
    return {
      verdict: 'harmful',
      why: `This is an outage and no orphan: Service ${service.namespace}/${service.name} is there.`,
      breaks: [
        'what needs the group stays broken, and no error names the cause any more',
        ...askingAutoscalers(facts, apiService),
      ],
      steps: [
        root
          ? {
              text: `Mend ${root.code} ${root.name} (${subjectText(root.subject)}): ${root.remedy.text}`,
              commands: root.remedy.commands,
            }
          : see('Find the cause.', `kubectl aa doctor ${name}`),
      ],
    };
  }
  const unseen = [namespace, services, answer].flatMap((fact) => (fact && fact.state !== 'known' ? fact.detail : []));
  return {
    verdict: 'unknown',
    why: `Whether it was left behind could not be seen${unseen.length > 0 ? `: ${unseen.join('; ')}` : ''}.`,
    breaks: [],
    steps: [see('Ask as somebody who may.', `kubectl get --raw /apis/${groupVersionText(apiService)}`)],
  };
};

/** What would bring it back after its deletion. */
const comesBack = ({ owner, labels, service }: ApiService): string | null => {
  if (labels[AUTOMANAGED] !== undefined && service === null) return 'kube-apiserver makes it again.';
  if (owner === null) return null;
  return owner.startsWith('Helm release')
    ? `The next upgrade of ${owner} makes it again; uninstall the release.`
    : `${owner} makes it again; remove it there first.`;
};

/** Who names the group in its rules, where nothing else registers it. */
const leftNaming = (facts: Facts, { name, group }: ApiService): readonly string[] => {
  if (knownApiServices(facts).some((other) => other.group === group && other.name !== name)) return [];
  const names = [...new Set(groupUsers(group, facts).map(({ subject }) => subjectText(subject)))];
  return names.length === 0 ? [] : [`rules that name ${group}, which nobody serves then: ${listed(names)}`];
};

/** What is called at a path of the group version. */
const leftCalling = (
  { admissionWebhooks, customResourceConversions }: Facts,
  apiService: ApiService,
): readonly string[] => {
  const isCalled = (service: WebhookService | null): boolean =>
    service !== null && isCalledThrough(service, apiService);
  const at = `called at ${groupVersionText(apiService)}, where nobody answers then`;
  const webhooks = admissionWebhooks.state === 'known' ? admissionWebhooks.value : [];
  const conversions = customResourceConversions.state === 'known' ? customResourceConversions.value : [];
  return [
    ...webhooks
      .filter(({ service }) => isCalled(service))
      .map(
        ({ kind, configuration, name, mustAnswer }) =>
          `${kind} ${configuration} (${name}), ${at}: what it should see ${mustAnswer ? 'is refused until it is removed' : 'passes unseen'}`,
      ),
    ...conversions
      .filter(({ service }) => isCalled(service))
      .map(({ name }) => `the conversion of CustomResourceDefinition ${name}, ${at}`),
  ];
};

/** What depends on the group version; nothing is read for a local one, whose group stays or goes with kube-apiserver or its definition. */
const leftBehind = (facts: Facts, apiService: ApiService): readonly string[] => {
  if (apiService.service === null) return [];
  const { customResourceConversions } = facts;
  const unread = [
    ...unreadUsers(facts),
    ...(customResourceConversions.state === 'known' ? [] : [customResourceConversions]),
  ].map(({ detail }) => detail);
  return [
    ...leftCalling(facts, apiService),
    ...leftNaming(facts, apiService),
    ...(unread.length > 0
      ? [`what could not be looked at among roles, webhooks and conversions: ${[...new Set(unread)].join('; ')}`]
      : []),
  ];
};

/** Whether an APIService may be deleted, what that breaks, and in which order it is done. */
export const deletionOf = (
  apiService: ApiService,
  snapshot: ClusterSnapshot,
  findings: readonly Finding[],
): Deletion => {
  const { verdict, why, breaks, steps } = judgeRemote(apiService, snapshot, findings);
  const returns = comesBack(apiService);
  const recovers =
    verdict === 'safe'
      ? findings
          .filter(({ code }) => code.startsWith('AA7'))
          .flatMap(({ code, affects }) => (code === 'AA701' ? affects.map(subjectText) : []))
      : [];
  return {
    apiService: apiService.name,
    verdict,
    why: quoteLine(why),
    breaks: breaks.map(quoteLine),
    leaves: leftBehind(snapshot.facts, apiService).map(quoteLine),
    recovers: [...new Set(recovers)],
    comesBack: returns === null ? null : quoteLine(returns),
    steps: steps.map(({ text, commands }) => ({ text: quoteLine(text), commands: commands.map(quoteLine) })),
  };
};
