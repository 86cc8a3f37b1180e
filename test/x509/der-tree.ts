/** One DER element, taken apart as far as it is constructed; a test may put anything in any place. */
export interface DerNode {
  readonly tag: number;
  readonly children: readonly DerNode[] | null;
  /** Of a primitive element, or in place of the children. */
  readonly contents: Buffer;
}

const lengthOctets = (length: number): Buffer => {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const octets = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
};

/** An element with these contents. */
export const encodeElement = (tag: number, contents: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([tag]), lengthOctets(contents.length), contents]);

/** The DER of a tree. */
export const encodeTree = ({ tag, children, contents }: DerNode): Buffer =>
  encodeElement(tag, children === null ? contents : Buffer.concat(children.map(encodeTree)));

/** The elements in these bytes, null if the bytes do not end with one. */
const readAll = (bytes: Buffer): DerNode[] | null => {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0xff;
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + octets;
    if (octets > 4 || start > bytes.length) return null;
    const end = start + (octets === 0 ? first & 0x7f : bytes.readUIntBE(at + 2, octets));
    if (end > bytes.length) return null;
    const contents = bytes.subarray(start, end);
    nodes.push({ tag, contents, children: (tag & 0x20) === 0 ? null : readAll(contents) });
    at = end;
  }
  return nodes;
};

/** Takes DER apart; what is not well-formed stays in one piece. */
export const readTree = (der: Buffer): DerNode => readAll(der)?.[0] ?? { tag: 0x30, children: null, contents: der };

/** A primitive node. */
export const leafNode = (tag: number, contents: Uint8Array): DerNode => ({
  tag,
  children: null,
  contents: Buffer.from(contents),
});

/** A constructed node. */
export const branchNode = (tag: number, ...children: DerNode[]): DerNode => ({
  tag,
  children,
  contents: Buffer.alloc(0),
});

/** The node at a path of child indices. */
export const nodeAt = (root: DerNode, path: readonly number[]): DerNode | undefined =>
  path.reduce<DerNode | undefined>((node, index) => node?.children?.[index], root);

/** The tree with one node replaced; null removes it. */
export const replaceNode = (
  root: DerNode,
  path: readonly number[],
  change: (node: DerNode) => readonly DerNode[],
): DerNode => {
  const [index, ...rest] = path;
  if (index === undefined) return change(root)[0] ?? root;
  const children = (root.children ?? []).flatMap((child, at) => {
    if (at !== index) return [child];
    return rest.length === 0 ? change(child) : [replaceNode(child, rest, change)];
  });
  return { ...root, children };
};
