import { readAnswer } from '../../aggregation/answer.ts';
import { groupVersionPath, groupVersionText } from '../../aggregation/group-version.ts';
import { hasPassingResources } from '../../aggregation/health.ts';
import { defineCheck } from '../define-check.ts';

const SHOWN = 5;

export default defineCheck({
  code: 'AA417',
  title: 'An entry of the discovery document cannot be used',
  source:
    'apimachinery pkg/apis/meta/v1/types.go, APIResource (name, kind and verbs are required); client-go discovery/aggregated_discovery.go (drops a resource without responseKind)',
  explanation:
    'A resource without kind is dropped by clients, one without verbs is never listed, watched or deleted by anybody, so that namespaces with such objects ' +
    'are not emptied, and of two entries with one name clients take either. The rest of the document works.',
  byHand: ['kubectl get --raw /apis/<group>/<version>'],
  remedy: 'Give every resource of the list a name of its own, a kind and verbs.',
  needs: ['answer'],
  run({ apiService, answer }) {
    const reading = readAnswer(answer, apiService);
    // Metrics have names of every kind, and adapters list some twice.
    if (reading.outcome !== 'works' || hasPassingResources(apiService)) return null;
    const { problems } = reading;
    const [first, ...more] = problems;
    if (!first) return null;
    const path = groupVersionPath(apiService);
    const { namespace, name } = apiService.service;
    return {
      message:
        `In the answer of APIService ${apiService.name} for ${path} ${first.problem}` +
        `${more.length > 0 ? `, and ${more.length} more entr${more.length === 1 ? 'y is' : 'ies are'} not as ${more.length === 1 ? 'it' : 'they'} should be` : ''}.`,
      evidence: problems
        .slice(0, SHOWN)
        .map(({ field, problem }) => ({ from: `GET ${path}, ${field}`, value: problem })),
      remedy: {
        text: `Let the server behind Service ${namespace}/${name} list every resource of ${groupVersionText(apiService)} once, with name, kind and verbs.`,
        commands: [`kubectl get --raw ${path}`],
      },
    };
  },
});
