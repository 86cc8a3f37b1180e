import { missingFacts } from '../../aggregation/missing-facts.ts';
import { defineClusterCheck } from '../define-check.ts';

const SHOWN = 10;

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
    if (forbidden.length === 0) return null;
    const user = forbidden.map(({ missing }) => /User "([^"]*)"/.exec(missing.detail)?.[1]).find((name) => name !== undefined);
    const details = [...new Set(forbidden.map(({ missing }) => missing.detail))];
    return {
      subject: { kind: 'User', name: user ?? 'unknown' },
      message: `User ${user ?? 'unknown'}, who runs this, lacks ${details.length === 1 ? 'a permission' : `${details.length} permissions`} that the diagnosis needs.`,
      evidence: [
        ...details.slice(0, SHOWN).map((detail) => ({ from: 'API server, 403 Forbidden', value: detail })),
        ...(details.length > SHOWN ? [{ from: 'API server, 403 Forbidden', value: `${details.length - SHOWN} more` }] : []),
      ],
      remedy: {
        text: 'Ask for the ClusterRole kubectl-aa of docs/rbac.yaml, or have somebody with more rights run the tool.',
        commands: ['kubectl auth can-i --list'],
      },
    };
  },
});
