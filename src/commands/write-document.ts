import type { Io } from '../cli/io.ts';

/** Writes a document in the format asked for; text, and whatever else a command has, is made only when it is wanted. */
export const writeDocument = async (
  io: Io,
  format: string | undefined,
  document: unknown,
  otherwise: () => Promise<string>,
): Promise<void> => {
  if (format === 'json') io.stdout.write((await import('../render/json.ts')).renderJson(document));
  else if (format === 'yaml') io.stdout.write((await import('../render/yaml.ts')).renderYaml(document));
  else io.stdout.write(await otherwise());
};
