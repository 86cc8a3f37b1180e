import { Document, visit } from 'yaml';

const steering = /[\u007f-\u009f]/;

/** The same data as YAML; strings that could steer a terminal are double-quoted and escaped. */
export const renderYaml = (document: unknown): string => {
  const yaml = new Document(document, { aliasDuplicateObjects: false });
  visit(yaml, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && steering.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return yaml
    .toString({ lineWidth: 0 })
    .replace(/[\u007f-\u009f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
};
