import { once } from 'node:events';
import { Readable } from 'node:stream';

import { expect, it } from 'vitest';

import { LargeBodyTurn, readBody } from '../../src/sources/live/kubernetes/bounded-body.ts';

it('reads a body that has ended before anybody listens, as one without a byte may over HTTP/2', async () => {
  const body = Readable.from([]);
  body.resume();
  await once(body, 'end');
  expect(await readBody(body, { contentEncoding: undefined, turn: new LargeBodyTurn() })).toBe('');
}, 5000);
