import { readAnswer } from '../../aggregation/answer.ts';
import { groupVersionText } from '../../aggregation/group-version.ts';
import type { ApiService, Condition, TerminatingNamespace } from '../../model/facts.ts';
import { defineCheck } from '../define-check.ts';
import { isMetricsGroup } from '../metrics-groups.ts';
import { impactCauses } from '../outage-causes.ts';

const SHOWN = 5;

/** Conditions whose message names the group versions (namespaced_resources_deleter.go). */
const naming = ['NamespaceDeletionDiscoveryFailure', 'NamespaceDeletionGroupVersionParsingFailure'];

interface Blocked {
  readonly namespace: TerminatingNamespace;
  readonly condition: Condition;
}

const words = (message: string): readonly string[] => message.split(/[\s,:]+/);

const byName = (apiService: ApiService, namespaces: readonly TerminatingNamespace[]): readonly Blocked[] =>
  namespaces.flatMap((namespace) => {
    const condition = namespace.conditions.find(
      ({ type, message }) => naming.includes(type) && words(message).includes(groupVersionText(apiService)),
    );
    return condition ? [{ namespace, condition }] : [];
  });

/** Where discovery went well and a list failed, the message says how and not of which group. */
const byFailedList = (namespaces: readonly TerminatingNamespace[]): readonly Blocked[] =>
  namespaces.flatMap((namespace) => {
    if (namespace.conditions.some(({ type }) => naming.includes(type))) return [];
    const condition = namespace.conditions.find(
      ({ type, message }) =>
        type === 'NamespaceDeletionContentFailure' &&
        /the server is currently unable to handle the request|an error on the server/.test(message),
    );
    return condition ? [{ namespace, condition }] : [];
  });

export default defineCheck({
  code: 'AA701',
  title: 'Namespaces stay Terminating because the group cannot be listed',
  source: 'kubernetes pkg/controller/namespace/deletion/namespaced_resources_deleter.go (deleteAllContent)',
  explanation:
    'Before a namespace goes, the namespace controller asks every group version what is left in it. One that does not answer keeps every namespace from being ' +
    'deleted, also those that never held an object of it. The deletion is tried again and again, and goes on by itself once the group answers.',
  byHand: [
    'kubectl get namespaces --field-selector=status.phase=Terminating',
    'kubectl get namespace <namespace> -o jsonpath={.status.conditions}',
  ],
  remedy:
    'Mend the group version; the deletions then go on by themselves. Never empty the finalizers of a namespace: what it still holds stays behind in etcd.',
  explainedBy: impactCauses,
  needs: [],
  uses: ['terminatingNamespaces', 'answer', 'aggregated'],
  run({ apiService, current, used }) {
    const { terminatingNamespaces, answer, aggregated } = used;
    const answers = answer.state === 'known' && readAnswer(answer.value, apiService).outcome === 'works';
    const isStale =
      aggregated.state === 'known' && typeof aggregated.value !== 'string' && aggregated.value.freshness === 'Stale';
    // The condition is of the last try, and the next one, within a minute, will find the group: it has only just recovered.
    if (answers && aggregated.state === 'known' && !isStale) return null;
    if (terminatingNamespaces.state !== 'known') return { undeterminedFor: 'terminatingNamespaces' };
    const named = byName(apiService, terminatingNamespaces.value);
    // What metrics groups hold cannot be deleted, so nobody lists it.
    const isListed = current !== null && !isMetricsGroup(apiService);
    const blocked = named.length > 0 || !isListed ? named : byFailedList(terminatingNamespaces.value);
    const [first] = blocked;
    if (!first) return null;
    if (answers && !isStale) return { undeterminedFor: 'aggregated' };
    const since = blocked.flatMap(({ namespace }) => namespace.deletedAt ?? []).toSorted()[0];
    const who = blocked.length === 1 ? `Namespace ${first.namespace.name} stays` : `${blocked.length} namespaces stay`;
    return {
      message: `${who} Terminating${since === undefined ? '' : `, since ${since}`}${blocked.length === 1 ? '' : ' the longest'}: ${groupVersionText(apiService)} does not tell what is left in ${blocked.length === 1 ? 'it' : 'them'}.`,
      evidence: blocked.slice(0, SHOWN).map(({ namespace, condition: { type, reason, message } }) => ({
        from: `Namespace ${namespace.name} status.conditions[${type}]`,
        value: `True, ${reason}: ${message}`,
      })),
      confidence: named.length > 0 ? 'certain' : 'possible',
      remedy: {
        text:
          `Mend ${apiService.name}, and the deletion goes on by itself within minutes. Deleting the APIService helps only where its product is gone for good, ` +
          'and emptying the finalizers of a namespace leaves what it holds behind.',
        commands: [
          'kubectl get namespaces --field-selector=status.phase=Terminating',
          `kubectl aa doctor --before-delete ${apiService.name}`,
        ],
      },
      affects: blocked.map(({ namespace }) => ({ kind: 'Namespace', name: namespace.name })),
    };
  },
});
