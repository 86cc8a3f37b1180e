import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { expectRefusal } from './refusal.ts';
import { useScratch } from './scratch.ts';

const { folder, named } = useScratch();

const program = fileURLToPath(new URL('../../bin/kubectl-aa.js', import.meta.url));
const canUnshare = spawnSync('unshare', ['-rmn', 'ip', 'link', 'set', 'lo', 'up']).status === 0;

// A network of the test's own, whose name server takes questions and never answers.
const silentNameServer = `ip link set lo up && mount --bind "$1/resolv.conf" /etc/resolv.conf
"$2" -e "require('node:dgram').createSocket('udp4').bind(53, '127.0.0.1', () => console.error('listening'))" 2>"$1/log" &
while [ ! -s "$1/log" ]; do sleep 0.05; done
"$2" "$3" version --server https://api.example.com --timeout 500ms
status=$?
kill $!
exit $status`;

it.runIf(canUnshare)('a name lookup that hangs keeps no one beyond --timeout', () => {
  named('resolv.conf', 'nameserver 127.0.0.1\n');
  const started = performance.now();
  const { stderr, status } = spawnSync(
    'unshare',
    ['-rmn', 'sh', '-c', silentNameServer, 'sh', folder, process.execPath, program],
    { encoding: 'utf8' },
  );
  const ms = performance.now() - started;
  expectRefusal({ stdout: '', stderr, status, ms }, 'api.example.com did not answer GET /version in time');
  // The resolver itself gives up after 10 s.
  expect(ms).toBeLessThan(8000);
});
