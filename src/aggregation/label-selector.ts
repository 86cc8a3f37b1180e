/** Whether an object's labels match. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

const label = '[A-Za-z0-9][\\w./-]*';
const equality = new RegExp(`^(${label})\\s*(==|=|!=)\\s*([\\w.-]*)$`);
const membership = new RegExp(`^(${label})\\s+(in|notin)\\s*\\(([^)]*)\\)$`);
const existence = new RegExp(`^(!?)\\s*(${label})$`);

const requirement = (text: string): LabelSelector | null => {
  const equal = equality.exec(text);
  if (equal) {
    const [, key = '', operator, value] = equal;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const member = membership.exec(text);
  if (member) {
    const [, key = '', operator, list = ''] = member;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => (labels[key] !== undefined && values.includes(labels[key])) === (operator === 'in');
  }
  const [, not, key] = existence.exec(text) ?? [];
  return key === undefined ? null : (labels) => (labels[key] !== undefined) === (not === '');
};

/** Reads a selector in kubectl's syntax (apimachinery pkg/labels/selector.go); null where it is none. */
export const parseLabelSelector = (text: string): LabelSelector | null => {
  // Commas inside parentheses belong to a set.
  const requirements = text.split(/,(?![^(]*\))/).map((part) => requirement(part.trim()));
  return requirements.some((one) => one === null)
    ? null
    : (labels) => requirements.every((matches) => matches?.(labels));
};
