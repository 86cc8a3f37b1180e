import type { LabelRequirements } from '../model/facts.ts';

/** Whether labels meet a selector of an object (apimachinery pkg/apis/meta/v1 LabelSelector); an empty one selects everything. */
export const meets = (
  labels: Readonly<Record<string, string>>,
  { labels: wanted, expressions }: LabelRequirements,
): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value) &&
  expressions.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      default:
        return operator === 'DoesNotExist' && value === undefined;
    }
  });
