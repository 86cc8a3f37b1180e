import { UsageError } from '../cli/cli-errors.ts';
import { defineCommand } from '../cli/define-command.ts';

export default defineCommand({
  positionals: 'KIND',
  maxPositionals: 1,
  examples: [{ args: 'schema DoctorReport', what: 'What doctor -o json prints' }],
  options: {},
  async run({ io }, _options, [kind]) {
    const [{ toJsonSchema }, { documentSchemas }, { rawSnapshotSchema }, { renderJson }] = await Promise.all([
      import('@valibot/to-json-schema'),
      import('../render/document-schemas.ts'),
      import('../snapshot/raw-snapshot.ts'),
      import('../render/json.ts'),
    ]);
    const schemas = { ...documentSchemas, Snapshot: rawSnapshotSchema };
    const kinds = Object.keys(schemas).toSorted();
    const wanted = kinds.find((candidate) => candidate.toLowerCase() === kind?.toLowerCase());
    if (wanted === undefined) {
      throw new UsageError(
        kind === undefined ? 'schema needs a KIND' : `unknown kind "${kind}"`,
        `Kinds: ${kinds.join(', ')}.`,
      );
    }
    // What a snapshot drops as it is read is not in it: its fields are described as they stand there.
    const schema = toJsonSchema(schemas[wanted as keyof typeof schemas], { ignoreActions: ['transform'] });
    io.stdout.write(renderJson({ title: wanted, ...schema }));
    return 0;
  },
});
