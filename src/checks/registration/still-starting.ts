import { readAnswer } from '../../aggregation/answer.ts';
import { selectedPods } from '../../aggregation/endpoints.ts';
import type { Pod } from '../../model/facts.ts';
import { defineCheck } from '../define-check.ts';

/** Condition, routing and discovery agree after this (kube-aggregator: one pass over all OpenAPI documents lies between). */
const REGISTRATION_SECONDS = 120;
/** Image, start and first probes of an ordinary server. */
const POD_SECONDS = 60;

const ageSeconds = (createdAt: string | null, now: Date): number =>
  createdAt === null ? Infinity : (now.getTime() - Date.parse(createdAt)) / 1000;

const failed = ({ states }: Pod): boolean =>
  states.some(({ from, value }) => from.endsWith('.terminated') || /^(?:CrashLoop|ImagePull|ErrImage)/.test(value));

export default defineCheck({
  code: 'AA117',
  title: 'APIService or Pods are younger than the time they need',
  source: 'kube-aggregator pkg/controllers/status and pkg/apiserver/apiservice_controller.go; Pod lifecycle',
  explanation:
    'A new APIService gets its first condition within a second, but requests are routed to it, and discovery shows it, only after the controllers of kube-apiserver have been ' +
    'round, which can take two minutes. Pods need their image, their start and their first successful probe.',
  byHand: ['kubectl get apiservice <name> --watch', 'kubectl -n <namespace> get pods --watch'],
  remedy: 'Wait, and ask again.',
  needs: ['answer'],
  uses: ['service', 'pods'],
  run({ apiService, answer, used: { service, pods } }, capturedAt) {
    const { name, createdAt } = apiService;
    if (readAnswer(answer, apiService).outcome === 'works') return null;
    const wait = (seconds: number): string => `Wait another ${Math.max(1, Math.ceil(seconds))} seconds, and ask again.`;
    const age = ageSeconds(createdAt, capturedAt);
    const commands = [`kubectl aa doctor ${name}`];
    if (age < REGISTRATION_SECONDS && (apiService.availability === null || apiService.availability.status === 'True')) {
      return {
        message: `APIService ${name} is ${Math.max(0, Math.floor(age))} seconds old and may not be routed yet.`,
        evidence: [{ from: `APIService ${name} metadata.creationTimestamp`, value: createdAt ?? '' }],
        confidence: 'possible',
        remedy: { text: wait(REGISTRATION_SECONDS - age), commands },
      };
    }
    if (service.state !== 'known' || pods.state !== 'known' || service.value === null) return null;
    const selected = selectedPods(service.value, pods.value);
    const ages = selected.map((pod) => ageSeconds(pod.createdAt, capturedAt));
    const oldest = Math.max(...ages);
    if (selected.length === 0 || selected.some((pod) => pod.ready || failed(pod)) || oldest >= POD_SECONDS) return null;
    const [pod] = selected;
    return {
      message: `The Pods behind APIService ${name} are at most ${Math.max(0, Math.floor(oldest))} seconds old and not Ready yet.`,
      evidence: [
        { from: `Pod ${pod?.namespace}/${pod?.name} metadata.creationTimestamp`, value: pod?.createdAt ?? '' },
      ],
      confidence: 'likely',
      remedy: { text: wait(POD_SECONDS - oldest), commands },
    };
  },
});
