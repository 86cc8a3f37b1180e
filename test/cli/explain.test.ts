import { join } from 'node:path';
import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { run } from './captured-run.ts';

const snapshot = join(import.meta.dirname, '../clusters/ten-backends.aa.json');
const refused = 'dial tcp 10.96.0.20:443: connect: connection refused';

const stdinOf = (...chunks: readonly string[]): Readable => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

interface Answer {
  readonly id: unknown;
  readonly findings: readonly { readonly code: string }[];
  readonly subject: { readonly address: string | null };
  readonly error?: string;
}

const stream = async (...chunks: readonly string[]): Promise<readonly Answer[]> => {
  const { stdout, stderr, status } = await run(['explain', '--stream'], { stdin: stdinOf(...chunks) });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer);
};

describe('explain TEXT', () => {
  it.each([
    ['one argument', [refused]],
    ['words without quotes', refused.split(' ')],
  ])('%s', async (_what, words) => {
    const { stdout, status } = await run(['explain', ...words, '-o', 'json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'Explanation',
      findings: expect.arrayContaining([expect.objectContaining({ code: 'AA207' })]),
      subject: { address: '10.96.0.20:443', groupVersion: null },
    });
  });

  it.each(['', 'lunch', '\u0000'])('that is unknown, %j, is no failure', async (text) => {
    const { stdout, status } = await run(['explain', text, '-o', 'json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [] });
  });

  it('shows no credential that stands in it', async () => {
    const { stdout } = await run(['explain', `Authorization: Bearer abcdefghijklmnop ${refused}`, '-o', 'json']);
    expect(stdout).toContain('AA207');
    expect(stdout).not.toContain('abcdefghijklmnop');
  });
});

describe('explain --file', () => {
  it('reads standard input', async () => {
    const { stdout, status } = await run(['explain', '-f', '-'], {
      stdin: stdinOf(refused.slice(0, 9), refused.slice(9)),
    });
    expect(status).toBe(0);
    expect(stdout).toContain('AA207 connection-refused');
  });

  it('counts messages that differ in times and addresses only as one', async () => {
    const lines = Array.from(
      { length: 500 },
      (_, index) =>
        `E1121 10:${10 + (index % 50)}:00.000${index} 1 x.go:1] v1.a.example.com failed with: dial tcp 10.0.0.${index % 250}:443: connect: connection refused`,
    );
    const { stdout } = await run(['explain', '-f', '-', '-o', 'json'], { stdin: stdinOf(lines.join('\n')) });
    const document = JSON.parse(stdout) as { readonly findings: readonly unknown[]; readonly messages: unknown };
    expect(document.messages).toEqual({ read: 500, recognised: 500 });
    expect(document.findings[0]).toMatchObject({ code: 'AA207', messages: 500, groupVersions: ['a.example.com/v1'] });
  });

  it.each([
    [['-f', '/nowhere.log'], 'error: cannot read /nowhere.log: no such file or directory\n'],
    [['-f', '/'], 'error: cannot read /: EISDIR\n'],
    [['-f', 'x', 'y'], 'error: either TEXT or --file can be given\n'],
    [['--stream', 'y'], 'error: --stream reads standard input alone\n'],
    [['y', '--from', 'x'], 'error: --from is of use with --live only\n'],
    [['-f', '-', '--live', '--from', '-'], 'error: standard input can be read once only\n'],
  ])('%j is a mistake in one line', async (args, stderr) => {
    expect(await run(['explain', ...args])).toMatchObject({ status: 2, stdout: '', stderr });
  });

  it('ends at the deadline', async () => {
    const silent = new Readable({ read: () => {} });
    expect(await run(['explain', '-f', '-', '--timeout', '100ms'], { stdin: silent })).toMatchObject({
      status: 2,
      stderr: 'error: cannot read standard input: not read in time\n',
    });
  });

  it('is bounded', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1 << 20, 'a ');
      })(),
    );
    const { status, stderr } = await run(['explain', '-f', '-'], { stdin: endless });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'error: cannot read standard input: larger than 16777216 bytes\n',
    });
  });
});

describe('explain --stream', () => {
  it('answers each line, however it is cut', async () => {
    const answers = await stream('{"id":"a","te', `xt":"${refused}"}\r\n\n{"id":7,`, '"text":"lunch"}');
    expect(answers.map(({ id, findings }) => [id, findings[0]?.code])).toEqual([
      ['a', 'AA207'],
      [7, undefined],
    ]);
    expect(answers[0]?.subject.address).toBe('10.96.0.20:443');
  });

  it('answers a bad line with its error and goes on', async () => {
    const answers = await stream(
      'nonsense\n[1]\nnull\n{"id":"b"}\n{"id":{},"text":1}\n',
      `{"id":"long","text":"${'a'.repeat(2 << 20)}"}\n{"id":"last","text":"${refused}"}`,
    );
    expect(answers.map(({ id, error }) => [id, error])).toEqual([
      [null, 'the line is not a JSON object'],
      [null, 'the line has no "text"'],
      [null, 'the line is not a JSON object'],
      ['b', 'the line has no "text"'],
      [null, 'the line has no "text"'],
      [null, 'the line is too long'],
      ['last', undefined],
    ]);
    expect(answers.every(({ findings, subject }) => Array.isArray(findings) && 'address' in subject)).toBe(true);
  });

  it('ends at the deadline, with what was answered', async () => {
    const open = new Readable({ read: () => {} });
    open.push(`{"id":"a","text":"${refused}"}\n`);
    const { stdout, stderr, status } = await run(['explain', '--stream', '--timeout', '200ms'], { stdin: open });
    expect(JSON.parse(stdout)).toMatchObject({ id: 'a' });
    expect({ stderr, status }).toEqual({ stderr: 'error: cannot read standard input: not read in time\n', status: 2 });
  });
});

describe('explain --live', () => {
  const text = 'v1.plain-http.example.com failed with: EOF';

  it('says which of the causes the cluster shows, and exits as doctor does', async () => {
    const { stdout, status } = await run(['explain', text, '--live', '--from', snapshot, '-o', 'json']);
    expect(status).toBe(1);
    const { findings } = JSON.parse(stdout) as {
      readonly findings: readonly { readonly code: string; readonly now: string }[];
    };
    expect(Object.fromEntries(findings.map(({ code, now }) => [code, now]))).toMatchObject({
      AA219: 'notShown',
      AA218: 'shown',
      AA212: 'notShown',
    });
    expect((await run(['explain', text, '--live', '--from', snapshot, '--fail-on', 'never'])).status).toBe(0);
    expect((await run(['explain', text, '--fail-on', 'info'])).status).toBe(0);
  });

  it('looks at all APIServices where the text names none', async () => {
    const { stdout } = await run(['explain', 'EOF', '--live', '--from', snapshot, '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ live: { absent: [], report: { kind: 'DoctorReport' } } });
  });

  it('says that the APIService is not there', async () => {
    const { stdout, status } = await run([
      'explain',
      'v1.gone.example.com: EOF',
      '--live',
      '--from',
      snapshot,
      '-o',
      'json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ live: { absent: ['v1.gone.example.com'], report: null } });
  });
});
