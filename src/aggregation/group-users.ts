import type { AdmissionWebhook, Fact, GroupRole, Missing, RoleRule, WebhookRule } from '../model/facts.ts';
import { type Evidence, type Subject, subjectText } from '../model/finding.ts';
import { listed } from '../model/wording.ts';

/** Who names a group in its rules, and so uses it. */
export interface GroupUser {
  readonly subject: Subject;
  readonly evidence: Evidence;
}

interface Rule {
  readonly groups: readonly string[];
  readonly resources: readonly string[];
}

const ofGroup = <T extends Rule>(rules: readonly T[], group: string): readonly T[] =>
  rules.filter(({ groups }) => groups.includes(group));

const rulesText = <T extends Rule>(
  rules: readonly T[],
  group: string,
  verbsOf: (rule: T) => readonly string[],
): string =>
  rules
    .map((rule) => `${verbsOf(rule).join(', ')} of ${listed(rule.resources.map((name) => `${name}.${group}`))}`)
    .join('; ');

const verbs = ({ verbs: allowed }: RoleRule): readonly string[] => allowed;
const operations = ({ operations: seen }: WebhookRule): readonly string[] => seen;

/** The roles that `permissions` prints name every remote group: whoever has them only looks. */
const ownRole = /^kubectl-aa(?:-|$)/;

const usingRole = ({ kind, namespace, name, rules }: GroupRole, group: string): readonly GroupUser[] => {
  const naming = ownRole.test(name) ? [] : ofGroup(rules, group);
  const subject: Subject = namespace === null ? { kind, name } : { kind, namespace, name };
  return naming.length === 0
    ? []
    : [{ subject, evidence: { from: `${subjectText(subject)} rules`, value: rulesText(naming, group, verbs) } }];
};

const usingWebhook = ({ kind, configuration, name, rules }: AdmissionWebhook, group: string): readonly GroupUser[] => {
  const naming = ofGroup(rules, group);
  const subject: Subject = { kind, name: configuration };
  return naming.length === 0
    ? []
    : [
        {
          subject,
          evidence: { from: webhookText({ kind, configuration, name }), value: rulesText(naming, group, operations) },
        },
      ];
};

/** Where a webhook can be seen again. */
export const webhookText = ({
  kind,
  configuration,
  name,
}: Pick<AdmissionWebhook, 'kind' | 'configuration' | 'name'>): string => `${kind} ${configuration} webhooks[${name}]`;

interface Naming {
  readonly groupRoles: Fact<readonly GroupRole[]>;
  readonly admissionWebhooks: Fact<readonly AdmissionWebhook[]>;
}

/** The roles and webhooks that name the group, as far as they could be read; who says `*` names none. */
export const groupUsers = (group: string, { groupRoles, admissionWebhooks }: Naming): readonly GroupUser[] => [
  ...(groupRoles.state === 'known' ? groupRoles.value.flatMap((role) => usingRole(role, group)) : []),
  ...(admissionWebhooks.state === 'known'
    ? admissionWebhooks.value.flatMap((webhook) => usingWebhook(webhook, group))
    : []),
];

/** What of it could not be read. */
export const unreadUsers = ({ groupRoles, admissionWebhooks }: Naming): readonly Missing[] =>
  [groupRoles, admissionWebhooks].filter((fact) => fact.state !== 'known');
