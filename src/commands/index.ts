import type { CommandEntry } from '../cli/define-command.ts';

/** Every command, in the order of the help; loaded only when it is the one that runs. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'status',
    summary: 'List APIServices with the reason of their state that is true now, worst first.',
    load: () => import('./status.ts'),
  },
  {
    name: 'doctor',
    summary: 'Find the root causes, prove them, say what follows from them and how to mend them.',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'cert',
    summary:
      "Show what each endpoint presents in TLS, the CA bundle, and the verdict in the words of the control plane's Go.",
    load: () => import('./cert.ts'),
  },
  {
    name: 'cert verify',
    summary:
      "Say whether a serving certificate will pass before it is deployed, in the words of the control plane's Go.",
    load: () => import('./cert-verify.ts'),
  },
  {
    name: 'discovery',
    summary: "Compare legacy, aggregated and the backends' own discovery documents with what was registered.",
    load: () => import('./discovery.ts'),
  },
  {
    name: 'discovery diff',
    summary: 'Show what changed in discovery from one snapshot to another, as by an upgrade.',
    load: () => import('./discovery-diff.ts'),
  },
  {
    name: 'priority',
    summary:
      'Rank groups and versions by their priorities, say what broke each tie and what clients take, or what a manifest would change.',
    load: () => import('./priority.ts'),
  },
  {
    name: 'resolve',
    summary: 'Say what a resource, short name, singular or kind typed at kubectl means, and who else has that name.',
    load: () => import('./resolve.ts'),
  },
  {
    name: 'snapshot',
    summary: 'Write what doctor reads of the cluster to a file, without secrets, to be judged elsewhere with --from.',
    load: () => import('./snapshot.ts'),
  },
  {
    name: 'explain',
    summary: 'Explain a finding: what it is, why it happens, how to see it by hand and how to mend it.',
    load: () => import('./explain.ts'),
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of a document that this tool prints or reads.',
    load: () => import('./schema.ts'),
  },
  {
    name: 'version',
    summary: 'Show the version of this tool and of the API server.',
    load: () => import('./version.ts'),
  },
];
