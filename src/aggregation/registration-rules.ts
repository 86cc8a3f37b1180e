import type { FindingCode } from '../model/catalogue.ts';
import type { ApiService } from '../model/facts.ts';

/** Why the API server would refuse an APIService: the finding where there is one, and its own words. */
export interface RegistrationProblem {
  readonly code: FindingCode | null;
  readonly text: string;
}

const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1000;
const MAX_PORT = 65_535;

const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const LABEL_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

const invalid = (
  field: string,
  value: string | number | boolean,
  rule: string,
  code: FindingCode | null = null,
): RegistrationProblem => ({
  code,
  text: `${field}: Invalid value: ${JSON.stringify(value)}: ${rule}`,
});

const required = (field: string, rule = ''): RegistrationProblem => ({
  code: null,
  text: `${field}: Required value${rule === '' ? '' : `: ${rule}`}`,
});

const inRange = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;

const nameProblems = ({ name, group, version }: ApiService): readonly RegistrationProblem[] => [
  ...(name === `${version}.${group}`
    ? []
    : [
        invalid(
          'metadata.name',
          name,
          `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(`${version}.${group}`)}`,
          'AA107',
        ),
      ]),
  ...(group === '' && version !== 'v1'
    ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
    : []),
  ...(group !== '' && (group.length > 253 || !subdomain.test(group))
    ? [invalid('spec.group', group, SUBDOMAIN_RULE)]
    : []),
  ...(version.length > 63 ? [invalid('spec.version', version, 'must be no more than 63 characters')] : []),
  ...(label.test(version) ? [] : [invalid('spec.version', version, LABEL_RULE)]),
];

const priorityProblems = ({ groupPriorityMinimum, versionPriority }: ApiService): readonly RegistrationProblem[] => [
  ...(inRange(groupPriorityMinimum, MAX_GROUP_PRIORITY)
    ? []
    : [invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000', 'AA108')]),
  ...(inRange(versionPriority, MAX_VERSION_PRIORITY)
    ? []
    : [invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000', 'AA108')]),
];

const serviceProblems = ({ service, caBundle, insecureSkipTlsVerify }: ApiService): readonly RegistrationProblem[] => {
  if (service === null)
    return [
      ...(caBundle
        ? [
            invalid(
              'spec.caBundle',
              `${caBundle.text.length} bytes`,
              'local APIServices may not have a caBundle',
              'AA109',
            ),
          ]
        : []),
      ...(insecureSkipTlsVerify
        ? [invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify', 'AA109')]
        : []),
    ];
  return [
    ...(service.namespace === '' ? [required('spec.service.namespace')] : []),
    ...(service.name === '' ? [required('spec.service.name')] : []),
    ...(inRange(service.port, MAX_PORT)
      ? []
      : [invalid('spec.service.port', service.port, 'port is not valid: must be between 1 and 65535, inclusive')]),
    ...(insecureSkipTlsVerify && caBundle
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present', 'AA109')]
      : []),
  ];
};

/** What the API server's validation says of an APIService (kube-aggregator pkg/apis/apiregistration/validation/validation.go). */
export const registrationProblems = (apiService: ApiService): readonly RegistrationProblem[] => [
  ...nameProblems(apiService),
  ...priorityProblems(apiService),
  ...serviceProblems(apiService),
];
