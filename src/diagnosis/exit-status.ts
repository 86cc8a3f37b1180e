import type { Severity } from '../model/catalogue.ts';
import type { DiscoveryReport, DoctorReport, StatusList } from '../model/report.ts';

/** docs/report-contract.md; 2, could not do the job, is cli's to return. */
export type ExitStatus = 0 | 1 | 2 | 3;

/** The least severity that makes the exit status 1; `never`: none does. */
export type FailOn = Severity | 'never';

const severities: readonly Severity[] = ['info', 'warning', 'error'];

const reaches = (severity: Severity, failOn: FailOn): boolean =>
  failOn !== 'never' && severities.indexOf(severity) >= severities.indexOf(failOn);

const exitStatus = (found: readonly Severity[], unchecked: boolean, failOn: FailOn, strict: boolean): ExitStatus => {
  if (found.some((severity) => reaches(severity, failOn))) return 1;
  return strict && unchecked ? 3 : 0;
};

export const doctorExitStatus = (
  { findings, undetermined }: DoctorReport,
  failOn: FailOn,
  strict: boolean,
): ExitStatus =>
  exitStatus(
    findings.map(({ severity }) => severity),
    undetermined.length > 0,
    failOn,
    strict,
  );

/** `broken` counts as error, `degraded` as warning. */
export const statusExitStatus = ({ items }: StatusList, failOn: FailOn, strict: boolean): ExitStatus =>
  exitStatus(
    items.flatMap(({ verdict }): readonly Severity[] =>
      verdict === 'broken' ? ['error'] : verdict === 'degraded' ? ['warning'] : [],
    ),
    items.some(({ verdict }) => verdict === 'unknown'),
    failOn,
    strict,
  );

export const discoveryExitStatus = (
  { differences, undetermined }: DiscoveryReport,
  failOn: FailOn,
  strict: boolean,
): ExitStatus =>
  exitStatus(
    differences.flatMap(({ severity }) => severity ?? []),
    undetermined.length > 0,
    failOn,
    strict,
  );
