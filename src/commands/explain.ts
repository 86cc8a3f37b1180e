import { checks } from '../checks/index.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';
import { outputOptions } from '../cli/output-options.ts';
import { catalogue, type FindingCode, isFindingCode } from '../model/catalogue.ts';
import type { CatalogueEntryDocument, CatalogueEntryItem } from '../model/report.ts';

const entryOf = (code: FindingCode): CatalogueEntryItem => {
  const check = checks.find((candidate) => candidate.code === code);
  return {
    code,
    ...catalogue[code],
    check: check
      ? {
          title: check.title,
          explanation: check.explanation,
          byHand: check.byHand,
          remedy: check.remedy,
          source: check.source,
          explainedBy: check.explainedBy ?? [],
        }
      : null,
  };
};

export default defineCommand({
  positionals: '[CODE]',
  maxPositionals: 1,
  completes: 'findingCode',
  examples: [
    { args: 'explain', what: 'The whole catalogue' },
    { args: 'explain AA304', what: 'One finding' },
  ],
  options: {
    ...outputOptions(),
  },
  async run({ io, style, print }, _options, [word]) {
    const code = word?.toUpperCase();
    if (code !== undefined && !isFindingCode(code))
      throw new UsageError(`unknown code "${word ?? ''}"`, "'explain' without arguments lists the codes.");
    const capturedAt = io
      .now()
      .toISOString()
      .replace(/\.\d{3}Z$/, 'Z');
    const document: CatalogueEntryDocument =
      code === undefined
        ? {
            apiVersion: 'kubectl-aa/v1',
            kind: 'CatalogueEntryList',
            capturedAt,
            items: (Object.keys(catalogue) as FindingCode[]).map(entryOf),
          }
        : { apiVersion: 'kubectl-aa/v1', kind: 'CatalogueEntry', capturedAt, ...entryOf(code) };
    await print(document, {
      text: async (shown) => {
        const { catalogueEntryText, catalogueText } = await import('../render/text/catalogue-text.ts');
        return shown.kind === 'CatalogueEntry' ? catalogueEntryText(shown, style) : catalogueText(shown.items, style);
      },
    });
    return 0;
  },
});
