import { gzipSync } from 'node:zlib';

import { Header } from 'tar';

export interface TarEntry {
  readonly path: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link';
  readonly mode?: number;
  readonly linkpath?: string;
}

/** An archive of files without content: also one that no packer would make. */
export const tarGz = (entries: readonly TarEntry[]): Buffer => {
  const headers = entries.map(({ path, type = 'File', mode = 0o644, linkpath = '' }) => {
    const block = Buffer.alloc(512);
    new Header({ path, type, mode, linkpath, size: 0, mtime: new Date(0) }).encode(block);
    return block;
  });
  return gzipSync(Buffer.concat([...headers, Buffer.alloc(1024)]));
};
