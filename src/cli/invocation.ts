import { posix, win32 } from 'node:path';

import type { Io } from './io.ts';

/** The hidden command that completes, by cobra's name for it. */
export const COMPLETE = '__complete';

const PLUGIN = 'kubectl-aa';

const nameOf = (path: string): string => win32.basename(posix.basename(path)).replace(/\.(?:c?js|ts|exe|cmd)$/, '');

/**
 * As what the tool was started. kubectl replaces itself with a plugin and gives it the full path, so that nothing tells it
 * from a direct call but: KUBECTL_PATH, from kubectl 1.37 on; `_`, in which shells name the program that they start; and, of
 * an executable, a name without a path.
 */
export const invocationOf = (
  argv: readonly string[],
  argv0: string,
  env: Io['env'],
): Pick<Io, 'args' | 'programName'> => {
  const [, script = PLUGIN, ...args] = argv;
  const name = nameOf(script);
  // kubectl_complete-aa is what kubectl runs for completion: as often a link to the tool itself.
  if (name.startsWith('kubectl_complete-')) return { args: [COMPLETE, ...args], programName: 'kubectl aa' };
  const startedByShell = env['_'] === undefined ? '' : nameOf(env['_']);
  const isDirect = startedByShell === name || startedByShell === 'node' || argv0 === name;
  return {
    args,
    programName: env['KUBECTL_PATH'] === undefined && isDirect ? name : name.replace(/^kubectl-/, 'kubectl '),
  };
};
