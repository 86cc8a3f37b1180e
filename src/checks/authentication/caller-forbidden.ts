import { missingFacts } from '../../aggregation/missing-facts.ts';
import { defineClusterCheck } from '../define-check.ts';

/** Names of namespaces or APIServices told for each permission. */
const SHOWN = 5;

export default defineClusterCheck({
  code: 'AA607',
  title: 'The person who runs the tool may not read all that it needs',
  source: 'Kubernetes RBAC; docs/rbac.yaml lists what the tool reads',
  explanation:
    'Some objects could not be read for lack of permission. That is not a fault of the aggregation layer, but findings that depend on those objects ' +
    'can be neither made nor excluded: they are listed as undetermined.',
  byHand: ['kubectl auth can-i --list'],
  remedy: 'Ask for the ClusterRole in docs/rbac.yaml, or have somebody with more rights run the tool.',
  needs: [],
  run(facts) {
    const forbidden = missingFacts(facts).filter(({ missing }) => missing.state === 'forbidden');
    const [first] = forbidden;
    if (!first) return [];
    const user =
      forbidden.map(({ missing }) => /User "([^"]*)"/.exec(missing.detail)?.[1]).find((name) => name !== undefined) ??
      'unknown';
    const kinds = [...new Set(forbidden.map(({ fact }) => fact))];
    return [
      {
        subject: { kind: 'User', name: user },
        message: `User ${user}, who runs this, lacks ${kinds.length === 1 ? 'a permission' : `${kinds.length} permissions`} that the diagnosis needs.`,
        evidence: kinds.map((kind) => {
          const hits = forbidden.filter(({ fact }) => fact === kind);
          const names = hits.flatMap(({ name }) => (name === null ? [] : [name]));
          const where =
            names.length === 0
              ? ''
              : ` (${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''})`;
          return { from: `${kind}${where}`, value: hits[0]?.missing.detail ?? '' };
        }),
        remedy: {
          text: 'Ask for the ClusterRole kubectl-aa of docs/rbac.yaml, or have somebody with more rights run the tool.',
          commands: ['kubectl auth can-i --list'],
        },
      },
    ];
  },
});
