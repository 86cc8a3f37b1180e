import type { GoRules } from './go-version.ts';

const LABEL_BYTES = /^[\x21-\x7e]*$/;

/**
 * The labels of a domain name from the last to the first, null if it is none (verify.go, domainToReverseLabels). Until
 * 1.22 a leading dot goes unnoticed.
 */
export const reverseLabels = (domain: string, rules: GoRules): readonly string[] | null => {
  if (domain === '') return [];
  const name = rules.domainNames === 'reversed-labels-lenient' && domain.startsWith('.') ? domain.slice(1) : domain;
  const labels = name.split('.').toReversed();
  const isWellFormed = labels.every((label) => label !== '' && LABEL_BYTES.test(label));
  return isWellFormed ? labels : null;
};

/** True for a name that may stand in a SAN (parser.go, domainNameValid; before, domainToReverseLabels). */
export const isDomainName = (name: string, rules: GoRules): boolean => reverseLabels(name, rules) !== null;

/** True for a name that may stand in a name constraint: one leading dot is allowed. */
export const isDomainConstraint = (constraint: string, rules: GoRules): boolean => {
  const name = constraint.startsWith('.') ? constraint.slice(1) : constraint;
  // domainNameValid finds an empty label in a lone dot, domainToReverseLabels none.
  if (name === '') return constraint === '' || rules.domainNames !== 'scanned';
  return reverseLabels(name, rules) !== null;
};
