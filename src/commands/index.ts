import type { CommandEntry } from '../cli/define-command.ts';

/** Every command, in the order of the help; loaded only when it is the one that runs. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'status',
    group: 'Diagnosis',
    summary: 'List APIServices with the reason of their state that is true now, worst first.',
    load: () => import('./status.ts'),
  },
  {
    name: 'doctor',
    group: 'Diagnosis',
    summary: 'Find the root causes, prove them, say what follows from them and how to mend them.',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'wait',
    group: 'Diagnosis',
    summary: 'Wait until APIServices are available or healthy.',
    load: () => import('./wait.ts'),
  },
  {
    name: 'cert',
    group: 'Diagnosis',
    summary:
      "Show what each endpoint presents in TLS, the CA bundle, and the verdict in the words of the control plane's Go.",
    load: () => import('./cert.ts'),
  },
  {
    name: 'cert verify',
    group: 'Offline',
    summary:
      "Say whether a serving certificate will pass before it is deployed, in the words of the control plane's Go.",
    load: () => import('./cert-verify.ts'),
  },
  {
    name: 'discovery',
    group: 'Diagnosis',
    summary: "Compare legacy, aggregated and the backends' own discovery documents with what was registered.",
    load: () => import('./discovery.ts'),
  },
  {
    name: 'discovery diff',
    group: 'Offline',
    summary: 'Show what changed in discovery from one snapshot to another, as by an upgrade.',
    load: () => import('./discovery-diff.ts'),
  },
  {
    name: 'priority',
    group: 'Diagnosis',
    summary:
      'Rank groups and versions by their priorities, say what broke each tie and what clients take, or what a manifest would change.',
    load: () => import('./priority.ts'),
  },
  {
    name: 'resolve',
    group: 'Diagnosis',
    summary: 'Say what a resource, short name, singular or kind typed at kubectl means, and who else has that name.',
    load: () => import('./resolve.ts'),
  },
  {
    name: 'snapshot',
    group: 'Offline',
    summary: 'Write what doctor reads of the cluster to a file, without secrets, to be judged elsewhere with --from.',
    load: () => import('./snapshot.ts'),
  },
  {
    name: 'explain',
    group: 'Offline',
    summary: 'Explain a finding by its code, or say what an error message, a log or a table points to.',
    load: () => import('./explain.ts'),
  },
  {
    name: 'permissions',
    group: 'Other',
    summary: 'Print the ClusterRole that the tool needs, and what you lack of it now.',
    load: () => import('./permissions.ts'),
  },
  {
    name: 'completion',
    group: 'Other',
    summary: 'Print a completion script for a shell, or the one that kubectl asks for.',
    load: () => import('./completion.ts'),
  },
  {
    name: 'schema',
    group: 'Other',
    summary: 'Print the JSON Schema of a document that this tool prints or reads.',
    load: () => import('./schema.ts'),
  },
  {
    name: 'version',
    group: 'Other',
    summary: 'Show the version of this tool and of the API server.',
    load: () => import('./version.ts'),
  },
];
