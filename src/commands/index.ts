import type { CommandDefinition } from '../cli/define-command.ts';
import doctor from './doctor.ts';
import explain from './explain.ts';
import schema from './schema.ts';
import snapshot from './snapshot.ts';
import status from './status.ts';
import version from './version.ts';

/** Every command, in the order of the help. */
export const commands: readonly CommandDefinition[] = [status, doctor, snapshot, explain, schema, version];
