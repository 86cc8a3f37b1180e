import { checks } from '../checks/index.ts';
import type { CommandContext } from '../cli/define-command.ts';
import type { LiveFindings } from '../diagnosis/explanation-report.ts';
import { doctorReport } from '../diagnosis/report.ts';
import { decode } from '../snapshot/decode.ts';
import { absentNames } from './apiservice-names.ts';
import { doctorFacts, type LeftOut, readSnapshot, type SourceSelection } from './snapshot-source.ts';

/** What doctor says of the APIServices named, or of all where none is named. @throws as readSnapshot does */
export const liveFindings = async (
  context: CommandContext,
  names: readonly string[],
  options: SourceSelection & LeftOut & { readonly maxEndpoints: number },
): Promise<LiveFindings> => {
  const judged = names.length > 0 ? names : undefined;
  const snapshot = decode(
    await readSnapshot(context, options, {
      facts: doctorFacts(options),
      names: judged,
      maxEndpoints: options.maxEndpoints,
    }),
  );
  const absent = absentNames(snapshot, names);
  return {
    report:
      judged && absent.length === names.length ? null : doctorReport(checks, snapshot, judged ? { names: judged } : {}),
    absent,
    checked: new Set(checks.map(({ code }) => code)),
  };
};
