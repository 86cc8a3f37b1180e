import { parseArgs } from 'node:util';
import { parseCaBundle, parseCertificate, verifyServingChain } from '../../src/x509/index.ts';
import { type Question, type VerifyQuestion, questionOf } from './differential-cases.ts';
import { EXPECTED_TEXTS, kindsOfText } from './expected-texts.ts';
import { type GoAnswer, askGo, buildGoProgram, goVersionOf } from './go-program.ts';

// Compares this project with a real Go on generated chains and certificates:
//   node test/x509/differential.live.ts --cases 20000 --seed 1
// `--go` is the go command, `--defaults-of` the Go release whose GODEBUG defaults apply.

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    go: { type: 'string', default: 'go' },
    'defaults-of': { type: 'string' },
  },
});

const BATCH = 2000;
const FEWEST_OF_A_TEXT = 20;

interface Difference {
  readonly what: string;
  readonly ours: string;
  readonly gos: string;
}

const program = buildGoProgram({
  go: values.go,
  ...(values['defaults-of'] === undefined ? {} : { defaultsOf: values['defaults-of'] }),
});
const goVersion = goVersionOf(values.go);
const choice = { goVersion, ...(values['defaults-of'] === undefined ? {} : { defaultsOf: values['defaults-of'] }) };

const goText = (question: Question, answer: GoAnswer): string => {
  if (question.kind === 'parse') return answer.parse;
  return question.serverName === '' ? answer.verify : answer.tls;
};

const ourText = (question: Question): string => {
  if (question.kind === 'parse') {
    const result = parseCertificate(question.der, choice);
    return result.ok ? '' : result.error;
  }
  return verifyServingChain({ ...question, at: new Date(question.time), ...choice }).error;
};

const bundleDifferences = (question: VerifyQuestion, answer: GoAnswer): Difference[] => {
  const bundle = parseCaBundle(question.caBundle, choice);
  const ours = `${bundle.certificates.length} ${bundle.error ?? ''}`;
  const gos = `${answer.caCount} ${answer.caError ?? ''}`;
  return ours === gos ? [] : [{ what: 'bundle', ours, gos }];
};

const differencesOf = (question: Question, answer: GoAnswer): Difference[] => {
  const ours = ourText(question);
  const gos = goText(question, answer);
  return [
    ...(ours === gos ? [] : [{ what: question.kind, ours, gos }]),
    ...(question.kind === 'verify' ? bundleDifferences(question, answer) : []),
  ];
};

const without = <T>(items: readonly T[], index: number): T[] => items.filter((_, at) => at !== index);

/** Smaller questions of the same kind. */
const smallerOf = (question: Question): Question[] => {
  if (question.kind === 'parse') return [];
  const blocks = question.caBundle.split(/(?=-----BEGIN )/);
  return [
    ...question.presented
      .slice(1)
      .map((_, index) => ({ ...question, presented: without(question.presented, index + 1) })),
    ...(blocks.length > 1
      ? blocks.map((_, index) => ({ ...question, caBundle: without(blocks, index).join('') }))
      : []),
    ...(question.serverName === '' ? [] : [{ ...question, serverName: '' }]),
  ];
};

const shrink = async (question: Question): Promise<Question> => {
  const candidates = smallerOf(question);
  const answers = candidates.length === 0 ? [] : await askGo(program, candidates);
  const smaller = candidates.find((candidate, index) => {
    const answer = answers[index];
    return answer !== undefined && differencesOf(candidate, answer).length > 0;
  });
  return smaller === undefined ? question : shrink(smaller);
};

const report = async (number: number, question: Question): Promise<void> => {
  const small = await shrink(question);
  const [answer] = await askGo(program, [small]);
  if (answer === undefined) return;
  console.log(`\nDISAGREEMENT in case ${number} (${question.about}), shrunk:`);
  for (const { what, ours, gos } of differencesOf(small, answer))
    console.log(`  ${what}\n    ours: ${ours}\n    Go's: ${gos}`);
  if (small.kind === 'parse') {
    console.log(`  der: ${small.der.toString('base64').slice(0, 4000)}`);
    return;
  }
  console.log(`  serverName: ${JSON.stringify(small.serverName)} time: ${small.time}`);
  for (const der of small.presented) console.log(`  presented: ${der.toString('base64').slice(0, 4000)}`);
  console.log(`  caBundle: ${JSON.stringify(small.caBundle.slice(0, 4000))}`);
};

const counts = new Map<string, number>();
const count = (text: string): void => {
  for (const kind of kindsOfText(text)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
};

const total = Number(values.cases);
const seed = Number(values.seed);
let accepted = 0;
let disagreements = 0;
for (let from = 0; from < total; from += BATCH) {
  const questions = Array.from({ length: Math.min(BATCH, total - from) }, (_, index) => questionOf(seed, from + index));
  const answers = await askGo(program, questions);
  for (const [index, question] of questions.entries()) {
    const answer = answers[index] as GoAnswer;
    const gos = goText(question, answer);
    if (gos === '') accepted += 1;
    count(gos);
    if (answer.caError !== undefined) count(answer.caError);
    if (differencesOf(question, answer).length === 0) continue;
    disagreements += 1;
    if (disagreements <= 10) await report(from + index, question);
  }
}

const rare = EXPECTED_TEXTS.filter((text) => (counts.get(text) ?? 0) < FEWEST_OF_A_TEXT);
for (const [text, times] of [...counts].toSorted(([, one], [, other]) => other - one)) {
  console.log(`${String(times).padStart(7)} ${text}`);
}
for (const text of rare) console.log(`seen fewer than ${FEWEST_OF_A_TEXT} times (${counts.get(text) ?? 0}): ${text}`);
const share = ((100 * accepted) / total).toFixed(1);
console.log(
  `Go ${goVersion}, seed ${seed}: ${total} cases, ${disagreements} disagreements, ${share} % accepted, ` +
    `${counts.size} texts, ${EXPECTED_TEXTS.length - rare.length} of ${EXPECTED_TEXTS.length} expected ones seen often enough`,
);
process.exitCode = disagreements === 0 ? 0 : 1;
