import type { FindingCode } from '../model/catalogue.ts';
import type { NamedSubject } from './subject.ts';

/** The APIService that a group version is registered as. */
export const apiServiceNameOf = ({ apiService, groupVersion }: NamedSubject): string | null => {
  if (apiService !== null || groupVersion === null) return apiService;
  const [group = '', version = ''] = groupVersion.split('/');
  return `${version}.${group}`;
};

/** The command that tells whether it is this finding, with the names that the text holds. */
export const nextCommand = (code: FindingCode, subject: NamedSubject): string => {
  const name = apiServiceNameOf(subject);
  const named = name === null ? '' : ` ${name}`;
  switch (code) {
    case 'AA701':
    case 'AA703':
    case 'AA704':
    case 'AA705':
      return name === null ? 'kubectl aa status --failing' : `kubectl aa doctor${named}`;
    // What the text names is the webhook.
    case 'AA706':
      return 'kubectl aa status --failing';
    case 'AA805':
      return 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations';
    default:
      if (code.startsWith('AA3') || code === 'AA104' || code === 'AA218') return `kubectl aa cert${named}`;
      if (name === null && subject.group !== null) return `kubectl aa status --group ${subject.group}`;
      return `kubectl aa doctor${named}`;
  }
};
