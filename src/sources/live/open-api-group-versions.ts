// A key of `paths`, in version 2 `/apis/<group>/<version>/…` and in the index of version 3 `apis/<group>/<version>`.
const pathKey = /"\/?apis\/([^"/\s]{1,253})\/([^"/\s]{1,63})(?:\/[^"]*)?"\s{0,64}:/g;

/** A server has some hundred. */
const MAX_GROUP_VERSIONS = 20_000;

/**
 * The group versions that an OpenAPI document has paths of; null where the text is none. Searched and not parsed: parsed, the
 * document of a large cluster takes hundreds of megabytes.
 */
export const openApiGroupVersions = (text: string): string[] | null => {
  if (!/^\s*\{/.test(text) || !/"paths"\s{0,64}:/.test(text)) return null;
  const found = new Set<string>();
  for (const [, group, version] of text.matchAll(pathKey)) {
    found.add(Buffer.from(`${group}/${version}`).toString('utf8'));
    if (found.size >= MAX_GROUP_VERSIONS) break;
  }
  return [...found];
};
