import { describe, expect, it } from 'vitest';

import { isInRange, overlap } from '../src/checks/address-range.ts';
import { bypassesProxy } from '../src/checks/http-proxy.ts';

describe('an address range', () => {
  it.each<[string, string, boolean]>([
    ['10.96.0.20', '10.96.0.0/12', true],
    ['10.112.0.0', '10.96.0.0/12', false],
    ['10.96.0.20', '10.96.0.20/32', true],
    ['10.96.0.21', '10.96.0.20/32', false],
    ['255.255.255.255', '0.0.0.0/0', true],
    ['fd00:10:96::14', 'fd00:10:96::/112', true],
    ['fd00:10:97::14', 'fd00:10:96::/112', false],
    ['::1', '::/0', true],
    ['10.96.0.20', 'fd00::/8', false],
    ['10.96.0.256', '10.96.0.0/12', false],
    ['10.96.0.20', '10.96.0.0', false],
    ['10.96.0.20', '10.96.0.0/33', false],
    ['1::2::3', '::/0', false],
    ['localhost', '10.0.0.0/8', false],
  ])('%s in %s: %j', (address, range, expected) => {
    expect(isInRange(address, range)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ['10.244.0.0/16', '10.244.1.0/24', true],
    ['10.244.1.0/24', '10.244.0.0/16', true],
    ['10.244.0.0/24', '10.244.1.0/24', false],
    ['10.244.0.0/24', 'fd00::/64', false],
  ])('%s overlaps %s: %j', (one, other, expected) => {
    expect(overlap(one, other)).toBe(expected);
  });
});

// As golang.org/x/net/http/httpproxy decides of https://<address>:<port>.
it.each<[string, boolean]>([
  ['', false],
  ['*', true],
  ['10.96.0.0/12', true],
  ['localhost, 10.96.0.20', true],
  ['10.96.0.20:443', true],
  ['10.96.0.20:8443', false],
  ['.svc,.cluster.local,10.0.0.0/24', false],
])('NO_PROXY %j keeps 10.96.0.20:443 from the proxy: %j', (list, expected) => {
  expect(bypassesProxy('10.96.0.20', 443, list)).toBe(expected);
});
