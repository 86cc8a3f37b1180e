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
    name: 'snapshot',
    group: 'Offline',
    summary: 'Write what doctor reads of the cluster to a file, without secrets, to be judged elsewhere with --from.',
    load: () => import('./snapshot.ts'),
  },
  {
    name: 'explain',
    group: 'Offline',
    summary: 'Explain a finding: what it is, why it happens, how to see it by hand and how to mend it.',
    load: () => import('./explain.ts'),
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
