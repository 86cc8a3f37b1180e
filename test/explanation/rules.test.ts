import { describe, expect, it } from 'vitest';

import { explainText } from '../../src/explanation/explain-text.ts';
import { neighbours } from '../../src/explanation/neighbours.ts';
import { read } from '../../src/explanation/reading.ts';
import { recordsOf } from '../../src/explanation/records.ts';
import { applies } from '../../src/explanation/rule.ts';
import { rules } from '../../src/explanation/rules/index.ts';
import { catalogue } from '../../src/model/catalogue.ts';

describe.each(rules)('rule $name', (rule) => {
  it.each(rule.examples)('%s', (example) => {
    expect(applies(rule, read(recordsOf(example)[0]?.text ?? ''))).not.toBeNull();
    expect(explainText(example).findings[0]?.code).toBe(rule.says[0]?.code);
  });

  it('says why in sentences, and where the wording is from', () => {
    expect(rule.source).not.toBe('');
    for (const { why } of rule.says) expect(why).toMatch(/^(?:[\u2026A-Z\u0060]|kube|k8s|metrics-server).*[.\u2026]$/);
  });
});

it('the rules have a name each', () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});

it('neighbours are others, each told apart in a sentence', () => {
  for (const [code, list] of Object.entries(neighbours)) {
    expect(Object.keys(catalogue)).toContain(code);
    expect(list.map((neighbour) => neighbour.code)).not.toContain(code);
    expect(new Set(list.map((neighbour) => neighbour.code)).size).toBe(list.length);
    for (const { unless } of list) expect(unless).toMatch(/\.$/);
  }
});
