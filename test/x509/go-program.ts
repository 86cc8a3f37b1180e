import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Question } from './differential-cases.ts';

const SOURCE = fileURLToPath(new URL('../lab/servers/go-x509/', import.meta.url));

/** What the Go program answers, see its main.go. */
export interface GoAnswer {
  readonly tls: string;
  readonly verify: string;
  readonly caCount: number;
  readonly caError?: string;
  readonly parse: string;
}

/** Which Go to build with, and whose GODEBUG defaults the program gets. */
export interface GoBuild {
  /** The go command. */
  readonly go: string;
  /** `1.26`; default: the toolchain's own. */
  readonly defaultsOf?: string;
}

/** The toolchain's version without `go`: 1.26.8. */
export const goVersionOf = (go: string): string =>
  execFileSync(go, ['env', 'GOVERSION'], { encoding: 'utf8' }).trim().replace(/^go/, '');

/** Builds the program into the temporary folder; the path of the executable. */
export const buildGoProgram = ({ go, defaultsOf }: GoBuild): string => {
  const version = goVersionOf(go);
  const defaults = defaultsOf ?? version.split('.').slice(0, 2).join('.');
  const folder = join(tmpdir(), 'kubectl-aa-go-x509', `${version}-${defaults}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(SOURCE, 'main.go'), join(folder, 'main.go'));
  // The go line decides the GODEBUG defaults.
  writeFileSync(join(folder, 'go.mod'), `module go-x509\n\ngo ${defaults}\n`);
  const program = join(folder, 'go-x509');
  execFileSync(go, ['build', '-o', program, '.'], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, GOFLAGS: '', GOTOOLCHAIN: 'local' },
  });
  return program;
};

const encode = (question: Question): string => {
  if (question.kind === 'parse') return JSON.stringify({ der: question.der.toString('base64') });
  const { caBundle, presented, serverName, time } = question;
  return JSON.stringify({ caBundle, presented: presented.map((der) => der.toString('base64')), serverName, time });
};

/** Asks the program; the answers in the order of the questions. */
export const askGo = (program: string, questions: readonly Question[]): Promise<GoAnswer[]> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers: GoAnswer[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line) as GoAnswer));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && answers.length === questions.length) resolve(answers);
      else reject(new Error(`go-x509 ended with ${code} after ${answers.length} of ${questions.length} answers`));
    });
    child.stdin.end(questions.map((question) => `${encode(question)}\n`).join(''));
  });
